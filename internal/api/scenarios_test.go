package api

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
)

// TestScenario01OneListOfErrors: handing in is refused with every problem, each
// with its field; saving the same answers works, and tells the same.
func TestScenario01OneListOfErrors(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	a := application()
	a.Title, a.Invoice.Reference, a.Project.End = "", "", a.Project.Start
	path := "/api/v1/drafts/" + d.draft(a)
	want := []string{"title intake.parties", "project.end intake.project", "invoice.reference intake.invoice"}
	saved := d.want(d.as("elin", "PUT", path, object{"version": 1, "answers": a}), 200, "")
	refused := d.want(d.as("elin", "POST", path+"/submit", object{"version": 2}), 422, "intake.parties")
	var listed []string
	for _, e := range refused.at("fields").([]any) {
		e := e.(object)
		listed = append(listed, e["field"].(string)+" "+e["code"].(string))
	}
	for _, w := range want {
		if !slices.Contains(codes(saved), w) || !slices.Contains(listed, w) {
			t.Errorf("no %s among %q and %q", w, codes(saved), listed)
		}
	}
}

// TestScenario02Tables: an answer that is a table has its columns, a row when
// one is needed, and no empty cell; a table that nobody needs may be empty.
func TestScenario02Tables(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	a := application()
	a.CoOrderers, a.Population.Columns = []intake.Person{}, []intake.PopulationItem{}
	path := "/api/v1/drafts/" + d.draft(a)
	if r := d.as("elin", "GET", path, nil); len(codes(r)) > 0 {
		t.Errorf("empty tables that nobody needs: %q", codes(r))
	}
	a.Data = []intake.Wish{}
	r := d.want(d.as("elin", "PUT", path, object{"version": 1, "answers": a}), 200, "")
	if !slices.ContainsFunc(codes(r), func(c string) bool { return strings.HasPrefix(c, "data ") }) {
		t.Errorf("no row: %q", codes(r))
	}
	a = application()
	a.Data[0].Register = ""
	r = d.want(d.as("elin", "PUT", path, object{"version": 2, "answers": a}), 200, "")
	if !slices.ContainsFunc(codes(r), func(c string) bool { return strings.HasPrefix(c, "data[0].register ") }) {
		t.Errorf("an empty cell: %q", codes(r))
	}
	r = d.want(d.as("elin", "PUT", path, `{"version": 3, "answers": {"data": [{"registry": "midas_sjuk"}]}}`), 200, "")
	if !slices.Contains(codes(r), "data[0].registry draft.unknown_field") {
		t.Errorf("a wrong column: %q", codes(r))
	}
	d.want(d.as("elin", "POST", path+"/submit", object{"version": 4}), 422, "draft.unknown_field")
}

// TestScenario03UnknownOption: a code that is no option is kept and told, and
// cannot be handed in.
func TestScenario03UnknownOption(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	a := application()
	a.Principal.Kind = "företag"
	path := "/api/v1/drafts/" + d.draft(a)
	if r := d.as("elin", "GET", path, nil); !slices.Contains(codes(r), "principal.kind draft.unknown_option") || r.at("answers", "principal", "kind") != "företag" {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("elin", "POST", path+"/submit", object{"version": 1}), 422, "draft.unknown_option")
}

// TestScenario04FilesThatAreNotTaken: too large, of another kind than it says,
// infected: each with a text; one name twice is two files; a file of another
// case cannot be named.
func TestScenario04FilesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	d, dir := full(t)
	path := "/api/v1/drafts/" + d.draft(object{})
	d.app.Malware = func(_ context.Context, data []byte) error {
		if strings.Contains(string(data), "smitta") {
			return fault.New("attachment.malware", "Filen innehåller skadlig kod.", "The file holds malicious code.").Do("Skicka en annan.", "Send another.")
		}
		return nil
	}
	for _, tt := range []struct{ name, text, code string }{
		{"a.txt", strings.Repeat("a", app.MaxAttachment+1), "attachment.too_large"},
		{"a.pdf", "ett brev", "attachment.type"},
		{"a.txt", "smitta", "attachment.malware"},
		{"a.txt", "", "attachment.empty"},
	} {
		if r := d.want(d.attach("elin", path, tt.name, tt.text), 422, tt.code); r.hash("detail") == "" || r.hash("do") == "" {
			t.Errorf("%s says too little: %s", tt.code, r.raw)
		}
	}
	if n := files(t, dir, "smitta"); n != 0 {
		t.Errorf("what was refused lies in %d files", n)
	}
	one, two := d.want(d.attach("elin", path, "a.txt", "ett"), 201, ""), d.want(d.attach("elin", path, "a.txt", "två"), 201, "")
	if one.hash("id") == two.hash("id") || len(d.as("elin", "GET", path+"/attachments", nil).at("documents").([]any)) != 2 {
		t.Error("one name twice is not two files")
	}
	other := "/api/v1/drafts/" + d.draft(named(application(), one))
	d.want(d.as("elin", "POST", other+"/submit", object{"version": 1}), 422, "attachment.unknown")
}

// TestScenario12AddressesOverHTTP: no address reaches a reader who has no use
// for it, by any road.
func TestScenario12AddressesOverHTTP(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.submit()
	d.do("karin", id, "request_supplement", object{"parts": []string{"title", "orderer.email"}, "text": "x", "due_days": 5})
	a := application()
	a.Orderer.Email = "elin.ny@u.example"
	d.do("elin", id, "answer_supplement", object{"application": a})
	reads := []string{"", "/events", "/feed.atom", "/documents", "/differences"}
	for n := 1; n < 6; n++ {
		reads = append(reads, "/documents/"+string(rune('0'+n)))
	}
	letter, sum, err := d.app.Blobs.Put(t.Context(), "incoming/1", strings.NewReader("ett brev"))
	if err != nil || letter == 0 {
		t.Fatal(err)
	}
	r := d.want(d.as("rut", "POST", "/api/v1/enquiries", object{"topic": "other", "text": "x", "email": "elin@u.example", "arrival": object{
		"on": d.today.String(), "channel": "mail", "sender": "elin@u.example", "name": "brev.txt", "blob": "incoming/1", "sha256": sum,
	}}), 201, "")
	for who, sees := range map[string]bool{"rut": true, "petra": false, "ada": false} {
		for _, part := range []string{"/events", "/documents", "/documents/1"} {
			if raw := d.as(who, "GET", "/api/v1/orders/"+r.hash("id")+part, nil).raw; strings.Contains(raw, "@u.example") && !sees {
				t.Errorf("%s meets an address at %s: %s", who, part, raw)
			}
		}
	}
	for who, sees := range map[string]bool{"elin": true, "ragnar": true, "karin": true, "rut": true, "petra": false, "bo": false, "sten": false, "ylva": false, "frida": false, "ada": false} {
		found := 0
		for _, part := range reads {
			found += strings.Count(d.as(who, "GET", "/api/v1/orders/"+id+part, nil).raw, "@u.example")
		}
		if sees != (found > 0) {
			t.Errorf("%s meets %d addresses", who, found)
		}
	}
}

// TestScenario13Members: who is taken off an application loses it at once; who
// began it cannot be taken off.
func TestScenario13Members(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	path := "/api/v1/drafts/" + d.draft(object{"title": "T"})
	maj(d)
	d.want(d.as("elin", "POST", path+"/invite", object{"email": "ingen adress"}), 422, "draft.address")
	d.want(d.as("maj", "GET", path, nil), 404, "api.not_found")
	d.want(d.as("elin", "POST", path+"/invite", object{"email": "maj@u.example"}), 200, "")
	d.want(d.as("maj", "GET", path, nil), 200, "")
	d.want(d.as("maj", "POST", path+"/uninvite", object{"email": "elin@u.example"}), 403, "draft.owner_only")
	d.want(d.as("elin", "POST", path+"/uninvite", object{"email": "elin@u.example"}), 422, "draft.owner_stays")
	d.want(d.as("elin", "POST", path+"/uninvite", object{"email": "maj@u.example"}), 200, "")
	d.want(d.as("maj", "GET", path, nil), 404, "api.not_found")
	d.want(d.as("maj", "PUT", path, object{"version": 1, "answers": object{}}), 404, "api.not_found")
}

// TestScenario18SwitchedOffOverHTTP: the command leaves the list of that role in
// that phase, and comes back after it.
func TestScenario18SwitchedOffOverHTTP(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit()
	d.app.Authority.Disabled = []order.Disabled{{Command: "write_note", Role: order.RoleHandler, Phase: order.PhaseReceived}}
	has := func(who string) bool {
		return slices.Contains(d.see(who, id).at("commands").([]any), any("write_note"))
	}
	if has("karin") || !has("petra") {
		t.Error("switched off for the wrong role")
	}
	d.want(d.as("karin", "POST", "/api/v1/orders/"+id+"/commands/write_note", object{"text": "x"}), 409, "order.disabled")
	d.do("karin", id, "confirm_complete", object{})
	if !has("karin") {
		t.Error("switched off in another phase")
	}
	d.do("karin", id, "write_note", object{"text": "x"})
}

// TestScenario23LanguageOfAnswers: the reader's language, and Swedish to who
// asks for none that there is.
func TestScenario23LanguageOfAnswers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for want, says := range map[string]string{"en": "en-GB,sv;q=0.5", "sv": "sv-SE, en;q=0.8"} {
		r := d.as("elin", "GET", "/api/v1/orders/FK-2026-99999", nil, "Accept-Language", says)
		if r.header.Get("Content-Language") != want || r.hash("detail") == "" {
			t.Errorf("%s: %s", says, r.raw)
		}
	}
	if r := d.as("elin", "GET", "/api/v1/orders/FK-2026-99999", nil, "Accept-Language", "fi"); r.header.Get("Content-Language") == "fi" || r.hash("detail") == "" {
		t.Errorf("a language that there is not: %s", r.raw)
	}
}

// TestScenario25Tokens: an unknown token, one for less, one for somebody who is
// nobody here, and no token but a cookie: refused, and nothing has happened.
func TestScenario25Tokens(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit()
	path := "/api/v1/orders/" + id + "/commands/acknowledge"
	d.want(d.ask("okänd", "POST", path, object{}), 401, "api.unknown_token")
	d.want(d.ask("", "POST", path, object{}, "Cookie", "session="+d.tokens["karin"]), 401, "api.no_token")
	d.want(d.ask(d.token(people[3], 1e12, ScopeRead), "POST", path, object{}), 403, "api.scope")
	d.want(d.as("ester", "POST", path, object{}), 404, "api.not_found")
	if d.see("karin", id).at("acknowledged") != false {
		t.Error("something happened")
	}
}

// TestScenario26Reports: figures of cases are for staff; drafts are in none; and
// as CSV they can be read by any program that reads CSV, and start no formula.
func TestScenario26Reports(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	d.draft(object{"title": "=1+1;\"x\""})
	for _, who := range []string{"elin", "ragnar", "scb"} {
		d.want(d.as(who, "GET", "/api/v1/statistics/internal", nil), 403, "access.denied")
	}
	d.want(d.as("karin", "GET", "/api/v1/statistics/internal", nil), 200, "")
	r := d.ask("", "GET", "/api/v1/statistics?format=csv&separator=semicolon", nil)
	if r.status != 200 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	for line := range strings.Lines(strings.TrimPrefix(r.raw, "\ufeff")) {
		for cell := range strings.SplitSeq(strings.TrimSpace(line), ";") {
			if cell = strings.Trim(cell, `"`); cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Errorf("a cell begins a formula: %q", line)
			}
		}
	}
	if strings.Contains(r.raw, "1+1") {
		t.Error("a draft is in the figures")
	}
	var b strings.Builder
	if err := WriteTable(&b, []app.Row{{Table: "=1+1", Row: `a;"b"`, Purpose: "@x", Measure: "m"}}, ';'); err != nil {
		t.Fatal(err)
	}
	if want := "'=1+1;\"a;\"\"b\"\"\";'@x;m;0;false"; !strings.Contains(b.String(), want) {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

// TestListsAreLogged: that staff read a list, which, and by which filters; not
// what was on it, nor what they looked for.
func TestListsAreLogged(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	d.submit()
	d.as("karin", "GET", "/api/v1/orders", nil)
	d.as("elin", "GET", "/api/v1/orders", nil)
	d.as("karin", "GET", "/api/v1/worklist?assigned=me&phase=received&phase=19121212-1212&order=due", nil)
	d.as("karin", "GET", "/api/v1/worklist?number=191212121212", nil)
	r := d.want(d.as("ada", "POST", "/api/v1/reads/by", object{"who": "karin"}), 200, "")
	var got []string
	for _, x := range r.at("reads").([]any) {
		got = append(got, x.(object)["view"].(string)+x.(object)["case"].(string))
	}
	if want := []string{"list:work_list?number", "list:work_list?assigned=me&phase=received&order=due", "list:orders"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if r := d.as("ada", "POST", "/api/v1/reads/by", object{"who": "elin"}); strings.Contains(r.raw, "list:") {
		t.Errorf("an orderer's own list is noted: %s", r.raw)
	}
	for range 3000 {
		_ = d.app.LogList(t.Context(), people[3], "orders")
	}
	d.want(d.as("karin", "GET", "/api/v1/orders", nil), 503, "reads.not_logged")
	d.want(d.as("karin", "GET", "/api/v1/worklist", nil), 503, "reads.not_logged")
}
