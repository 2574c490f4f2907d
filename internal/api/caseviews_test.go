package api

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
)

func (d *desk) get(person, id, path string) reply {
	d.t.Helper()
	return d.want(d.as(person, "GET", "/api/v1/orders/"+id+path, nil), 200, "")
}

func clockOf(r reply, id string) object {
	for _, c := range r.list("clocks") {
		if c.(object)["id"] == id {
			return c.(object)
		}
	}
	return nil
}

// TestClocksOverHTTP: dates with their explanation, on today and on other days,
// in both languages.
func TestClocksOverHTTP(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("acknowledge")
	c := clockOf(d.get("elin", id, "/clocks"), "acknowledge")
	if c == nil || c["due"] != "2026-11-04" || c["status"] != "running" || c["working_days_left"] != float64(2) || !strings.Contains(fmt.Sprint(c["steps"]), "day 0") {
		t.Fatalf("%v", c)
	}
	if c := clockOf(d.get("elin", id, "/clocks?on=2026-11-05"), "acknowledge"); c["status"] != "late" {
		t.Errorf("%v", c)
	}
	if r := d.get("elin", id, "/clocks?on=2026-11-01&clock=acknowledge"); len(r.list("clocks")) != 1 || r.list("clocks")[0].(object)["status"] != "not_started" {
		t.Errorf("%s", r.raw)
	}
	if r := d.as("elin", "GET", "/api/v1/orders/"+id+"/clocks", nil, "Accept-Language", "sv"); !strings.Contains(r.raw, "Det är dag 0") {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("elin", "GET", "/api/v1/orders/"+id+"/clocks?on=tomorrow", nil), 422, "api.day")
}

// TestViewsKeepTheDecision: until the dispatch, nothing that those outside can
// ask for differs by whether there is a decision.
func TestViewsKeepTheDecision(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("record_review")
	views := []string{"/clocks", "/clocks?on=2027-06-01", "/forecast", "/documents", "/differences", "/differences?of=draft_quote"}
	before := map[string]string{}
	for _, v := range views {
		before[v] = d.get("elin", id, v).raw
	}
	d.do("petra", id, "record_review", findings())
	d.do("bo", id, "decide", d.decision(id))
	for _, v := range views {
		if now := d.get("elin", id, v).raw; now != before[v] {
			t.Errorf("%s tells of the decision:\n%s\n%s", v, before[v], now)
		}
	}
	d.do("karin", id, "dispatch_decision", object{})
	if r := d.get("elin", id, "/documents"); !strings.Contains(r.raw, `"decision"`) || r.raw == before["/documents"] {
		t.Errorf("%s", r.raw)
	}
}

// TestDifferences compares versions of the application and of the draft quote.
func TestDifferences(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("agree_draft")
	r := d.get("elin", id, "/differences")
	rows := r.list("rows")
	if len(rows) != 1 || rows[0].(object)["field"] != "title" || rows[0].(object)["old"] != "Sjukfrånvaro" || rows[0].(object)["new"] != "Sjukfrånvaro efter ledighet" || len(r.list("versions")) != 2 {
		t.Errorf("%s", r.raw)
	}
	if r := d.get("elin", id, "/differences?from=1&to=1"); len(r.list("rows")) != 0 {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("elin", "GET", "/api/v1/orders/"+id+"/differences?from=9", nil), 422, "differences.version")
	more := terms()
	more["hours"] = []object{{"kind": "review", "centihours": 800}}
	d.do("elin", id, "return_draft", object{"text": "mer"})
	d.do("karin", id, "draft_quote", object{"terms": more})
	if r := d.get("elin", id, "/differences?of=draft_quote"); len(r.list("versions")) != 3 || !strings.Contains(r.raw, "hours.extraction") {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("elin", "GET", "/api/v1/orders/"+id+"/differences?of=parent", nil), 422, "differences.no_parent")
}

// TestWorksheetOverHTTP: the questions with what is known, problems of answers
// that are only tried, rows that they lead to, and earlier decisions like it,
// but none that the reader must not know of.
func TestWorksheetOverHTTP(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	past := d.until("accept_quote")
	id := d.until("record_review")
	r := d.get("petra", id, "/worksheet")
	if len(r.list("questions")) < 6 || len(r.list("problems")) == 0 {
		t.Fatalf("%s", r.raw)
	}
	if s := r.list("similar"); len(s) != 1 || s[0].(object)["case"] != past || s[0].(object)["outcome"] != "disclose" || s[0].(object)["reasons"] != "reasons" {
		t.Errorf("%v", s)
	}
	var answers []object
	for _, q := range r.list("questions") {
		a := object{"question": q.(object)["id"], "finding": "prövat", "holds": true}
		if strings.HasPrefix(fmt.Sprint(a["question"]), "minimise:") {
			a["treat"] = "keep"
		}
		answers = append(answers, a)
	}
	tried := d.want(d.as("petra", "POST", "/api/v1/orders/"+id+"/worksheet", object{"answers": answers}), 200, "")
	if len(tried.list("problems")) >= len(r.list("problems")) || len(tried.list("rows")) != 1 {
		t.Errorf("%s", tried.raw)
	}
	if again := d.get("petra", id, "/worksheet"); again.raw != r.raw {
		t.Error("trying answers changed the worksheet")
	}
	d.do("karin", past, "declare_conflict", object{"person": "petra", "ground": "syster"})
	if r := d.get("petra", id, "/worksheet"); len(r.list("similar")) != 0 {
		t.Errorf("a case that petra is disqualified in: %s", r.raw)
	}
	d.hire("ulla", order.RoleHandler, true)
	d.do("ulla", past, "mark_protected", object{"ground": "skydd"})
	if r := d.get("bo", id, "/worksheet"); len(r.list("similar")) != 0 {
		t.Errorf("a protected case: %s", r.raw)
	}
}

// TestForecastAndHours: to those outside a range of days with reasons, to staff
// the hours as well.
func TestForecastAndHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("order_extraction")
	if r := d.get("elin", id, "/forecast"); r.at("delivery", "known") != true || r.at("hours") != nil || len(r.list("delivery", "reasons")) == 0 {
		t.Errorf("%s", r.raw)
	}
	if r := d.get("karin", id, "/forecast"); r.at("hours", "low_centihours") != float64(1600) || r.at("hours", "basis") != "published" {
		t.Errorf("%s", r.raw)
	}
	d.do("petra", id, "log_hours", object{"kind": "review", "centihours": 250})
	r := d.get("frida", id, "/hours")
	if !strings.Contains(r.raw, `"quoted_centihours":400,"worked_centihours":250`) || len(r.list("log")) != 1 {
		t.Errorf("%s", r.raw)
	}
}

// TestDocumentList: the list is derived from the log, numbers never change, and
// those outside see what was exchanged with them.
func TestDocumentList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit()
	var last []any
	for _, st := range way {
		st.do(d, id)
		now := d.get("rut", id, "/documents").list("documents")
		for i, x := range last {
			if fmt.Sprint(now[i]) != fmt.Sprint(x) {
				t.Fatalf("after %s line %d is %v and was %v", st.name, i+1, now[i], x)
			}
		}
		last = now
	}
	var kinds []string
	for i, x := range last {
		kinds = append(kinds, fmt.Sprint(x.(object)["kind"]))
		if x.(object)["no"] != float64(i+1) {
			t.Errorf("%v", x)
		}
	}
	want := []string{"application", "receipt", "supplement_request", "supplement", "draft_quote", "draft_quote", "draft_agreed", "decision", "quote", "terms", "acceptance", "call", "delivery_note", "invoice", "purge_protocol"}
	if !slices.Equal(kinds, want) {
		t.Errorf("%v", kinds)
	}
	if r := d.as("rut", "GET", "/api/v1/orders/"+id+"/documents/1", nil); r.status != 200 || r.at("application", "orderer", "email") != "elin@u.example" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	outside := d.get("elin", id, "/documents")
	if len(outside.list("documents")) != 14 || strings.Contains(outside.raw, `"call"`) {
		t.Errorf("%s", outside.raw)
	}
	d.want(d.as("elin", "GET", "/api/v1/orders/"+id+"/documents/12", nil), 404, "documents.not_found")
	d.letters(id)
	d.want(d.as("rut", "GET", "/api/v1/orders/"+id+"/documents/99", nil), 404, "documents.not_found")
	d.want(d.as("rut", "GET", "/api/v1/orders/"+id+"/documents/x", nil), 404, "documents.not_found")
}

// letters reads documents of the list as letters: those who see the document
// do, in their language, and nobody else; what is no letter is none, and PDF
// needs a press.
func (d *desk) letters(id string) {
	d.t.Helper()
	address := func(no, format string) string {
		return "/api/v1/orders/" + id + "/documents/" + no + "/letter" + format
	}
	if r := d.as("elin", "GET", address("8", ""), nil); r.status != 200 || !strings.Contains(r.raw, "<h1>") || !strings.Contains(r.raw, id+":8") {
		d.t.Errorf("%d %s", r.status, r.raw)
	}
	d.want(d.as("elin", "GET", address("12", ""), nil), 404, "documents.not_found") // the call is the supplier's
	d.want(d.as("rut", "GET", address("1", ""), nil), 404, "documents.not_found")   // an application is no letter
	d.want(d.as("rut", "GET", address("8", "?format=exe"), nil), 404, "documents.not_found")
	d.want(d.as("rut", "GET", address("8", "?format=pdf"), nil), 409, "letter.no_press")
	// What has been read once stays as it was, whoever reads it.
	first := d.as("elin", "GET", address("8", ""), nil).raw
	d.app.Authority.Letterhead.Phone = "010-999"
	if again := d.as("rut", "GET", address("8", ""), nil); again.raw != first || strings.Contains(first, "010-999") {
		d.t.Error("a kept letter changed")
	}
	kept := d.get("rut", id, "/letters")
	if l := kept.list("letters"); len(l) != 1 || l[0].(object)["sha256"] != string(canon.Sum([]byte(first))) || l[0].(object)["number"] != id+":8" {
		d.t.Errorf("%s", kept.raw)
	}
	d.want(d.as("elin", "GET", "/api/v1/orders/"+id+"/letters", nil), 403, "access.denied")
	d.want(d.as("elin", "GET", "/api/v1/orders/"+id+"/mail", nil), 403, "access.denied")
	if r := d.get("rut", id, "/mail"); r.status != 200 || len(r.list("mail")) != 0 {
		d.t.Errorf("%d %s", r.status, r.raw)
	}
}

// TestPublicCopies: nothing before the request is decided, nothing that was not
// asked for or was refused, and of a masked document only the masked copy.
func TestPublicCopies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("accept_quote")
	for name, text := range map[string]string{"brev.txt": "Hej, ring Anna på 070.", "brev.pdf": "%PDF"} {
		_, sum, err := d.app.Blobs.Put(t.Context(), "b/"+name, strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		d.do("rut", id, "register_document", object{"document": object{"kind": "letter", "name": name, "on": "2026-11-02", "party": "E", "channel": "mail", "secrecy": "OSL 24:8", "blob": "b/" + name, "sha256": sum}})
	}
	no := map[string]string{}
	for _, x := range d.get("rut", id, "/documents").list("documents") {
		no[fmt.Sprint(x.(object)["name"])] = fmt.Sprint(x.(object)["no"])
	}
	txt, pdf := no["brev.txt"], no["brev.pdf"]
	ask := func(text string) { d.do("rut", id, "request_documents", object{"text": text}) }
	copyOf := func(request int, no string) reply {
		return d.as("rut", "GET", fmt.Sprintf("/api/v1/orders/%s/requests/%d/documents/%s", id, request, no), nil)
	}
	decide := func(request int, masked ...object) {
		d.do("bo", id, "decide_request", object{"id": request, "outcome": "masked", "masked": masked, "reasons": object{"sv": "skäl"}, "appeal": object{"sv": "så"}})
	}
	mask := func(no, what string) object { return object{"document": no, "what": what, "law": "OSL 24:8"} }
	ask("Handling 1, " + txt + " och " + pdf + ".")
	r := d.get("rut", id, "/requests")
	if reqs := r.list("requests"); len(reqs) != 1 || len(reqs[0].(object)["documents"].([]any)) != 3 || strings.Count(r.raw, `"secrecy":"OSL 24:8"`) != 2 {
		t.Fatalf("%s", r.raw)
	}
	d.want(copyOf(1, "1"), 409, "documents.undecided")
	decide(1, mask("1", "application.orderer.email"), mask("1", "application.data[0].benefits[0]"), mask(txt, "Anna"), mask(pdf, "x"))
	got := copyOf(1, "1")
	if got.status != 200 || got.at("application", "orderer", "email") != "[maskerat, OSL 24:8]" || strings.Contains(got.raw, "elin@u.example") || !strings.Contains(got.raw, `"benefits":["[maskerat, OSL 24:8]"]`) {
		t.Errorf("%d %s", got.status, got.raw)
	}
	if raw, err := canon.Normalise([]byte(got.raw)); err != nil || string(raw) != got.raw {
		t.Errorf("not canonical: %v", err)
	}
	if got := copyOf(1, txt); got.raw != "Hej, ring [maskerat, OSL 24:8] på 070." {
		t.Errorf("%d %s", got.status, got.raw)
	}
	d.want(copyOf(1, pdf), 409, "documents.mask_by_hand")
	d.want(copyOf(1, "2"), 404, "documents.not_found")
	d.want(copyOf(7, "1"), 404, "documents.not_found")

	ask("Handling 1")
	decide(2, mask("1", "application.orderer.phone"))
	d.want(copyOf(2, "1"), 409, "documents.mask_missing")
	ask("Handling 1")
	decide(3, mask("ansökan", "application.orderer.email"))
	d.want(copyOf(3, "1"), 409, "documents.mask_unknown")
	ask("Allt")
	d.do("bo", id, "decide_request", object{"id": 4, "outcome": "refused", "reasons": object{"sv": "skäl"}, "appeal": object{"sv": "så"}})
	d.want(copyOf(4, "1"), 409, "documents.refused")
	ask("Handling 3")
	d.do("rut", id, "decide_request", object{"id": 5, "outcome": "full"})
	if got := copyOf(5, "3"); got.status != 200 || got.at("text") != "Förtydliga" {
		t.Errorf("%d %s", got.status, got.raw)
	}
	d.want(d.as("elin", "GET", "/api/v1/orders/"+id+"/requests", nil), 403, "access.denied")
	if raw := d.logged.String(); raw != "" {
		t.Errorf("logged %s", raw)
	}
}

// TestMaskJSONFailsClosed: a path that is not there masks nothing and gives
// nothing.
func TestMaskJSONFailsClosed(t *testing.T) {
	t.Parallel()
	doc := []byte(`{"a":{"b":[{"c":"x"},"y"]},"n":1}`)
	for what, want := range map[string]string{
		"a.b[0].c": `{"a":{"b":[{"c":"[maskerat, L]"},"y"]},"n":1}`, "a.b[1]": `{"a":{"b":[{"c":"x"},"[maskerat, L]"]},"n":1}`, "a": `{"a":"[maskerat, L]","n":1}`, "n": `{"a":{"b":[{"c":"x"},"y"]},"n":"[maskerat, L]"}`,
		"": "", "x": "", "a.x": "", "a.b[2]": "", "a.b[-1]": "", "a.b[0]c": "", "a..b": "", "a.b.c": "", "n.a": "", "a.b[": "", "a.b[0": "",
	} {
		got, err := app.MaskJSON(doc, []order.Masking{{What: what, Law: "L"}})
		if string(got) != want || (err != nil) != (want == "") {
			t.Errorf("%q: %s, %v", what, got, err)
		}
	}
}

// TestAdvice: what is answered before there is an order, to anybody with a
// token; nothing is kept of it.
func TestAdvice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	u := d.want(d.as("ester", "POST", "/api/v1/advice/etikunderlag", object{"application": application()}), 200, "")
	if !strings.Contains(u.raw, "från Försäkringskassan") || !strings.Contains(u.raw, "benefit:SJP") {
		t.Errorf("%s", u.raw)
	}
	if r := d.want(d.as("adam", "POST", "/api/v1/advice/etikunderlag", object{"application": object{"purpose": 7}}), 200, ""); len(r.list("problems")) == 0 {
		t.Errorf("%s", r.raw)
	}
	if r := d.want(d.as("ester", "POST", "/api/v1/advice/variables", object{"need": "sjukpenning och diagnos"}), 200, ""); len(r.list("proposals")) == 0 || !strings.Contains(r.raw, "diagnos") {
		t.Errorf("%.400s", r.raw)
	}
	if r := d.want(d.as("ester", "POST", "/api/v1/advice/orderable", object{"register": "midas_sjuk", "year": 2025}), 200, ""); r.at("coverage_limit") != true || !strings.HasPrefix(fmt.Sprint(r.at("answer")), "Yes") {
		t.Errorf("%s", r.raw)
	}
	if r := d.want(d.as("ester", "POST", "/api/v1/advice/orderable", object{"register": "midas_sjuk", "year": 2026}), 200, ""); strings.HasPrefix(fmt.Sprint(r.at("answer")), "Yes") || fmt.Sprint(r.at("from")) <= "2027" {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("ester", "POST", "/api/v1/advice/orderable", object{"register": "x", "year": 2026}), 422, "advice.register")
	d.want(d.ask("", "POST", "/api/v1/advice/variables", object{"need": "x"}), 401, "api.no_token")
	if l := d.as("karin", "GET", "/api/v1/orders", nil); len(l.list("orders")) != 0 {
		t.Errorf("%s", l.raw)
	}
}

// pdf is a document of one page with a line of text.
func pdf(line string) []byte {
	stream := "BT /F1 12 Tf 72 700 Td (" + line + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	out := "%PDF-1.4\n"
	var at []int
	for i, o := range objects {
		at = append(at, len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(out)
	out += fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		out += fmt.Sprintf("%010d 00000 n \n", n)
	}
	return []byte(out + fmt.Sprintf("trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start))
}

// TestCoverageOfADocument: an uploaded ethics document fills the matrix in,
// with page and quote; what is no document is refused, and nobody's number is
// repeated.
func TestCoverageOfADocument(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const path = "/api/v1/advice/coverage"
	r := d.want(d.form("ester", path, "application", application(), "document", "beslut.pdf", pdf("Uppgifter om sjukpenning 191212121212 hamtas fran Forsakringskassan.")), 200, "")
	i := slices.IndexFunc(r.list("findings"), func(x any) bool { return x.(object)["item"] == "benefit:SJP" })
	if i < 0 || r.list("findings")[i].(object)["page"] != float64(1) || !strings.Contains(r.raw, "sjukpenning") || len(r.list("coverage")) != len(r.list("findings")) {
		t.Fatalf("%s", r.raw)
	}
	if strings.Contains(r.raw, "191212121212") {
		t.Error("the quote holds a number")
	}
	d.want(d.form("ester", path, "application", application(), "document", "x.pdf", []byte("text")), 422, "ethicsdoc.not_pdf")
	d.want(d.form("ester", path, "other", application(), "document", "x.pdf", pdf("x")), 422, "api.parts")
	d.want(d.as("ester", "POST", path, object{}), 415, "api.media_type")
	d.want(d.ask("", "POST", path, "x"), 401, "api.no_token")
}

var formula = regexp.MustCompile(`(?m)(^|;)[=+@-]`)

// TestScenario26Statistics: open to all for whole quarters that have ended,
// never of drafts and enquiries, with small numbers hidden; internal figures
// only to staff.
func TestScenario26Statistics(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	for range 6 {
		d.submit()
	}
	d.draft(object{})
	d.want(d.as("elin", "POST", "/api/v1/enquiries", object{"topic": "other", "text": "?"}), 201, "")
	d.wait(60)
	one := d.submit()
	d.do("elin", one, "withdraw", object{"reason": "r"})
	get := func(q string) reply { return d.ask("", "GET", "/api/v1/statistics"+q, nil) }
	r := d.want(get(""), 200, "")
	if r.at("from") != "2026-10-01" || r.at("to") != "2027-01-01" || r.at("threshold") != float64(5) {
		t.Fatalf("%s", r.raw)
	}
	all := 0.0
	for _, c := range r.list("counts") {
		if x := c.(object); x["Table"] == "cases" && x["Row"] == "" && x["Purpose"] == "" {
			all = x["N"].(float64)
		}
	}
	if all != 6 && all != 0 { // 0: hidden
		t.Errorf("%v cases: %s", all, r.raw)
	}
	for _, q := range []string{"?from=2026-10-01&to=2026-12-31", "?from=2026-07-01&to=2027-01-01", "?from=2027-01-01&to=2027-04-01", "?from=2026-10-02&to=2027-01-01", "?from=x&to=y", "?from=2026-10-01"} {
		d.want(get(q), 422, "statistics.period")
	}
	c := get("?format=csv&separator=comma")
	if c.status != 200 || !strings.HasPrefix(c.raw, "table,row,purpose,measure,value,hidden\r\n") || formula.MatchString(c.raw) {
		t.Errorf("%s", c.raw)
	}
	d.want(get("?format=csv&separator=x"), 422, "statistics.separator")
	d.want(d.as("elin", "GET", "/api/v1/statistics/internal", nil), 403, "access.denied")
	in := d.want(d.as("ada", "GET", "/api/v1/statistics/internal?from=2026-11-01&to=2027-02-01", nil), 200, "")
	if in.at("measured") == nil {
		t.Errorf("%s", in.raw)
	}
}

// TestThreat14TableIsNoFormula: text that a spreadsheet would carry out is text, and a
// separator within a field divides nothing.
func TestThreat14TableIsNoFormula(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	rows := []app.Row{{Table: "cause", Row: "=1+1", Purpose: "a;b", Measure: "+x", Value: -3}, {Table: "@x", Row: "\"q\"", Hidden: true, Value: 2}}
	if err := WriteTable(&b, rows, ';'); err != nil {
		t.Fatal(err)
	}
	want := "table;row;purpose;measure;value;hidden\r\ncause;'=1+1;\"a;b\";'+x;-3;false\r\n'@x;\"\"\"q\"\"\";;;;true\r\n"
	if b.String() != want {
		t.Errorf("%q", b.String())
	}
}

// TestQuarter finds the last quarter that has ended.
func TestQuarter(t *testing.T) {
	t.Parallel()
	for on, want := range map[string]string{"2026-11-02": "2026-07-01 2026-10-01", "2026-10-01": "2026-07-01 2026-10-01", "2026-09-30": "2026-04-01 2026-07-01", "2026-01-01": "2025-10-01 2026-01-01"} {
		if q := app.Quarter(day.MustParse(on)); q.From.String()+" "+q.To.String() != want {
			t.Errorf("%s: %v, want %s", on, q, want)
		}
	}
}
