package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/opencat"
	"sluss/internal/order"
	"sluss/internal/workorder"
)

// TestWholeWay takes an order from submission to purge with nothing but
// requests; the vault alone is played.
func TestWholeWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("the end")
	r := d.see("elin", id)
	if r.hash("phase") != "closed" || r.at("purge", "done") != true {
		t.Errorf("%s", r.raw)
	}
	if p := d.as("elin", "GET", "/api/v1/orders/"+id+"/parcel", nil); p.status != 404 || p.code() != "api.no_parcel" {
		t.Errorf("the parcel after the purge: %d %s", p.status, p.raw)
	}
	if d.logged.Len() > 0 {
		t.Errorf("logged: %s", d.logged)
	}
	d.do("bo", d.submit(), "dismiss", object{"ground": "g", "reason": "r"})
	d.do("elin", d.submit(), "withdraw", object{"reason": "r"})
}

// TestEveryCommandIsAnOperation: what people may do, programs may do for them.
func TestEveryCommandIsAnOperation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.ask("", "GET", "/api/openapi.json", nil)
	if r.status != 200 || r.at("openapi") != "3.1.0" {
		t.Fatalf("%d %.200s", r.status, r.raw)
	}
	paths, _ := r.at("paths").(map[string]any)
	for _, cmd := range order.Commands {
		class, _ := access.Class(cmd.Name())
		_, there := paths["/api/v1/orders/{id}/commands/"+cmd.Name()]
		if there != (class.Road == access.RoadCommand) {
			t.Errorf("%s (%s) is an operation: %v", cmd.Name(), class.Road, there)
		}
	}
	if strings.Contains(r.raw, "ErrorModel") {
		t.Error("the description holds somebody else's problems")
	}
	if _, ok := r.at("components", "schemas", "Problem").(map[string]any); !ok {
		t.Error("problems are not described")
	}
}

// bodies is a body for each command that its schema accepts.
func bodies(d *desk, id string) map[string]any {
	h := strings.Repeat("0", 64)
	return map[string]any{
		"acknowledge": object{}, "request_supplement": object{"parts": []string{"title"}, "text": "t", "due_days": 1},
		"answer_supplement": object{"application": application()}, "confirm_complete": object{}, "draft_quote": object{"terms": terms()},
		"return_draft": object{"text": "t"}, "agree_draft": object{"hash": h}, "record_review": findings(), "decide": d.decision(id),
		"dispatch_decision": object{}, "accept_quote": object{"hash": h}, "acknowledge_forbehall": object{"person": "E"},
		"settle_medium": object{"id": 1, "how": "returned"}, "order_extraction": object{"spec": object{}, "note": "n"},
		"release": object{"manifest": h, "note": "n"}, "confirm_receipt": object{"manifest": h}, "send_again": object{"reason": "r"},
		"close_enquiry": object{}, "ask_question": object{"text": "t"}, "withhold_entry": object{"parts": []string{"title"}, "provision": "24 kap. 8 § OSL", "why": "w"}, "answer_question": object{"id": 9, "text": "t"}, "write_note": object{"text": "t"}, "correct_address": object{"of": "orderer", "email": "e", "why": "w"}, "register_recipient_key": object{"key": "age1"}, "confirm_recipient_key": object{"fingerprint": "f", "channel": "phone", "with": "w"},
		"propose_data": object{"data": application().Data, "text": "t"}, "agree_data": object{"hash": h}, "remind_supplement": object{},
		"register_document": object{"document": object{"name": "n"}}, "request_documents": object{"text": "t"}, "decide_request": object{"id": 9, "outcome": "full"},
		"assign": object{"role": "handler", "to": "", "why": ""}, "unassign": object{"role": "handler", "why": ""}, "declare_conflict": object{"person": "", "ground": ""}, "mark_protected": object{"ground": ""},
		"log_hours": object{"kind": "x", "centihours": 1}, "propose_change": object{"hours": []object{}, "reason": ""}, "answer_change": object{"hash": h, "approve": true},
		"return_review": object{"text": ""}, "appeal": object{}, "forward_appeal": object{"id": 9}, "dismiss_appeal": object{"id": 9, "reason": object{"sv": "s"}},
		"settle_appeal": object{"id": 9, "outcome": "x", "reference": "r"}, "reopen": object{"kind": "x", "ground": "g"}, "redecide": d.decision(id),
		"promise_date": object{"from": "2020-01-01", "to": "2020-01-01", "reason": object{"sv": "s"}}, "notify_delay": object{"expected": "2020-01-01", "reason": object{"sv": "s"}},
		"request_ruling": object{}, "refuse_ruling": object{"reasons": object{}, "appeal": object{}}, "report_fault": object{"text": ""}, "settle_fault": object{"id": 9, "outcome": "x", "text": "t"},
		"grant_retention": object{"until": "2020-01-01", "reasons": object{}}, "refuse_retention": object{"reasons": object{}},
		"call_population": object{"supplier": "x", "reference": "r", "opens": "2027-01-01", "closes": "2027-01-02"},
		"issue_invoice":   object{}, "order_purge": object{}, "dismiss": object{"ground": "", "reason": ""}, "withdraw": object{"reason": "r"},
	}
}

// TestThreat21EveryRouteForEveryRole asks for everything as everybody, of a case of
// one's own, of somebody else's and of one that does not exist. The last two
// must be answered alike, byte for byte, and nobody gets further than the
// access table says.
func TestThreat21EveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	id := d.until("order_extraction")
	const absent = "FK-2026-99999"
	all := bodies(d, id)
	delete(all, "withdraw") // would end the case for the others
	for _, p := range append(append([]access.Person(nil), people...), strangers...) {
		rel := access.None
		if !slices.Contains(strangers, p) {
			entries, err := d.db.Load(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			rel = access.Relate(p, entries)
		}
		sees := rel != access.None && access.MaySee(p.Role, access.ViewCase, rel, order.State{})
		check := func(what, method, path string, body any, may bool) {
			t.Helper()
			own, none := d.as(p.ID, method, "/api/v1/orders/"+id+path, body), d.as(p.ID, method, "/api/v1/orders/"+absent+path, body)
			if none.status != 404 || none.code() != "api.not_found" {
				t.Errorf("%s %s of a case that does not exist: %d %s", p.ID, what, none.status, none.code())
			}
			switch {
			case !sees && (own.status != none.status || own.raw != none.raw || !sameHeaders(own.header, none.header)):
				t.Errorf("%s can tell that the case exists by %s: %d %s", p.ID, what, own.status, own.raw)
			case sees && !may && own.status != 403:
				t.Errorf("%s may not %s: %d %s", p.ID, what, own.status, own.raw)
			case sees && may && (own.status == 403 || own.status == 404 || own.status >= 500):
				t.Errorf("%s may %s: %d %s", p.ID, what, own.status, own.raw)
			}
		}
		check("see", "GET", "", nil, true)
		check("read events", "GET", "/events", nil, true)
		if rel != access.Own {
			check("fetch the parcel", "GET", "/parcel", nil, false)
			check("read the hand-over", "GET", "/handover", nil, false)
			check("confirm the hand-over", "POST", "/handover/receipt", object{"manifest": "x"}, false)
		}
		check("read attachments", "GET", "/attachments", nil, access.MaySee(p.Role, access.ViewApplication, rel, order.State{}))
		check("read all attachments", "GET", "/attachments.zip", nil, access.MaySee(p.Role, access.ViewApplication, rel, order.State{}))
		check("read the feed", "GET", "/feed.atom", nil, true)
		check("read who has read", "GET", "/reads", nil, p.Role == access.RoleAuditor || p.Role == order.RoleHandler)
		for view, path := range map[access.View]string{
			access.ViewClocks: "/clocks", access.ViewDocuments: "/documents", access.ViewApplication: "/differences", access.ViewReview: "/worksheet", access.ViewDesk: "/hours",
		} {
			check("see "+path, "GET", path, nil, access.MaySee(p.Role, view, rel, order.State{}))
		}
		check("see a forecast", "GET", "/forecast", nil, access.MaySee(p.Role, access.ViewClocks, rel, order.State{}))
		check("see documents asked for", "GET", "/requests", nil, slices.Contains([]order.Role{order.RoleRegistrar, order.RoleHandler, order.RoleDecider, access.RoleAuditor}, p.Role))
		check("open a document", "GET", "/documents/1", nil, access.MaySee(p.Role, access.ViewDocuments, rel, order.State{}))
		if !slices.Contains([]order.Role{order.RoleRegistrar, order.RoleHandler, order.RoleDecider, access.RoleAuditor}, p.Role) {
			check("open a public copy", "GET", "/requests/1/documents/1", nil, false)
		}
		check("try a worksheet", "POST", "/worksheet", object{"answers": []object{}}, access.MaySee(p.Role, access.ViewReview, rel, order.State{}))
		check("take the case over", "POST", "/take-over", object{}, access.May(p.Role, order.Assign{}, rel))
		check("register a letter", "POST", "/population/letter", object{"tracking": "RR1"}, p.Role == order.RoleRegistrar)
		check("send a population", "PUT", "/population", "x", access.May(p.Role, order.TakeMedium{}, rel))
		for _, cmd := range order.Commands {
			if body, ok := all[cmd.Name()]; ok {
				check(cmd.Name(), "POST", "/commands/"+cmd.Name(), body, access.May(p.Role, cmd, rel))
			}
		}
		list := d.as(p.ID, "GET", "/api/v1/orders", nil)
		if listed := strings.Contains(list.raw, id); listed != sees {
			t.Errorf("%s has the case in the list: %v, %d", p.ID, listed, list.status)
		}
	}
}

func sameHeaders(a, b http.Header) bool {
	a, b = a.Clone(), b.Clone()
	a.Del("Date")
	b.Del("Date")
	return fmt.Sprint(a) == fmt.Sprint(b)
}

// TestScenario11InternalStaysInside: what is internal is invisible to those outside, at every
// stage of the way, in the case and in its events (workflow scenarios 7, 11,
// 12 and 19).
func TestScenario11InternalStaysInside(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit()
	decided, dispatched := false, false
	for _, st := range way {
		st.do(d, id)
		decided, dispatched = decided || st.name == "decide", dispatched || st.name == "dispatch_decision"
		for _, who := range []string{"elin", "ragnar", "scb"} {
			for _, path := range []string{"", "/events"} {
				raw := d.as(who, "GET", "/api/v1/orders/"+id+path, nil).raw
				for _, secret := range []string{"bedömning-", `"reviewed"`, `"extracted"`, "egress", "karin", ".age", "parcel.sluss", `"petra"}`} {
					if strings.Contains(raw, secret) {
						t.Errorf("after %s, %s reads %s in %s", st.name, who, secret, path)
					}
				}
				if decided && !dispatched && (strings.Contains(raw, id+"-B1") || strings.Contains(raw, `"type":"decided"`) || strings.Contains(raw, `"phase":"decided"`)) {
					t.Errorf("%s reads the decision before it is dispatched in %q", who, path)
				}
			}
			if r := d.see(who, id); who != "scb" && dispatched && r.at("decision", "dispatched") != true {
				t.Errorf("%s does not see the decision", who)
			}
		}
		if raw := d.as("karin", "GET", "/api/v1/orders/"+id+"/events", nil).raw; decided && !strings.Contains(raw, "bedömning-") {
			t.Error("the handler does not see the review")
		}
	}
}

// TestBadInput: every bad request gets its status and code, in both languages,
// says what to do, repeats nothing of what was sent, and changes nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("draft_quote")
	scoped := d.token(people[3], time.Hour, ScopeRead)
	expired := d.token(people[3], -time.Second, Scopes...)
	const secret = "19121212-1212"
	base := "/api/v1/orders/" + id
	for _, tt := range []struct {
		name, token, method, path string
		body                      any
		header                    []string
		status                    int
		code                      string
	}{
		{"unknown field", "karin", "POST", base + "/commands/acknowledge", object{secret: secret}, nil, 422, "api.invalid"},
		{"unknown field deep inside", "elin", "POST", "/api/v1/orders", object{"application": object{"project": object{"x" + secret: 1}}}, nil, 422, "api.invalid"},
		{"unknown field in a shape", "sten", "POST", base + "/commands/order_extraction", object{"note": "n", "spec": object{"extracts": []object{{"shape": object{"spell": object{"max_gap_days": 1, "x": 1}}}}}}, nil, 422, "api.invalid"},
		{"wrong type", "karin", "POST", base + "/commands/request_supplement", object{"parts": secret, "text": "t", "due_days": secret}, nil, 422, "api.invalid"},
		{"missing field", "elin", "POST", base + "/commands/agree_draft", object{}, nil, 422, "api.invalid"},
		{"not a day", "karin", "POST", base + "/commands/draft_quote", object{"terms": object{"form": "fixed", "hours": []object{}, "vat": "standard_25", "valid_to": "2026-02-30"}}, nil, 422, "api.invalid"},
		{"no object", "karin", "POST", base + "/commands/acknowledge", `[]`, nil, 422, "api.invalid"},
		{"null", "karin", "POST", base + "/commands/acknowledge", `null`, nil, 422, "api.invalid"},
		{"no JSON", "karin", "POST", base + "/commands/acknowledge", `{"` + secret, nil, 400, "api.malformed"},
		{"empty", "karin", "POST", base + "/commands/acknowledge", ``, nil, 400, "api.malformed"},
		{"a name twice", "karin", "POST", base + "/commands/acknowledge", `{"expected_version":1,"expected_version":2}`, nil, 400, "api.malformed"},
		{"two values", "karin", "POST", base + "/commands/acknowledge", `{}{}`, nil, 400, "api.malformed"},
		{"a number too large", "elin", "POST", "/api/v1/orders", `{"application":{"population":{"size":99999999999999999999}}}`, nil, 400, "api.malformed"},
		{"oversize", "elin", "POST", "/api/v1/orders", `{"application":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413, "api.too_large"},
		{"other content", "karin", "POST", base + "/commands/acknowledge", `{}`, []string{"Content-Type", "text/plain"}, 415, "api.media_type"},
		{"wrong state", "karin", "POST", base + "/commands/dispatch_decision", object{}, nil, 409, "order.not_decided"},
		{"twice", "karin", "POST", base + "/commands/acknowledge", object{}, nil, 409, "order.acknowledged_twice"},
		{"another draft", "elin", "POST", base + "/commands/agree_draft", object{"hash": "0"}, nil, 409, "order.no_draft"},
		{"unsigned decision", "bo", "POST", base + "/commands/decide", func() any { b := d.decision(id); b["note"] = secret; return b }(), nil, 409, "app.signature"},
		{"wrong hours", "karin", "POST", base + "/commands/draft_quote", object{"terms": object{"form": "fixed", "hours": []object{{"kind": "x", "centihours": 1}}, "vat": "standard_25", "valid_to": "2027-01-01"}}, nil, 422, "order.quote"},
		{"incomplete", "elin", "POST", "/api/v1/orders", object{"application": object{"purpose": "research"}}, nil, 422, "intake.parties"},
		{"no purpose", "elin", "POST", "/api/v1/orders", object{"application": object{}}, nil, 422, "intake.purpose"},
		{"submit as handler", "karin", "POST", "/api/v1/orders", object{"application": application()}, nil, 403, "access.denied"},
		{"stale in the body", "karin", "POST", base + "/commands/draft_quote", object{"terms": terms(), "expected_version": 2}, nil, 409, "api.stale_version"},
		{"stale in the header", "karin", "POST", base + "/commands/draft_quote", object{"terms": terms()}, []string{"If-Match", `"2"`}, 412, "api.stale_version"},
		{"broken If-Match", "karin", "POST", base + "/commands/draft_quote", object{"terms": terms()}, []string{"If-Match", secret}, 400, "api.if_match"},
		{"no token", "", "GET", base, nil, nil, 401, "api.no_token"},
		{"basic", "", "GET", base, nil, []string{"Authorization", "Basic a2FyaW4="}, 401, "api.no_token"},
		{"a cookie", "", "GET", base, nil, []string{"Cookie", "session=" + d.tokens["karin"]}, 401, "api.no_token"},
		{"unknown token", "?" + secret, "GET", base, nil, nil, 401, "api.unknown_token"},
		{"expired token", "?" + expired, "GET", base, nil, nil, 401, "api.expired_token"},
		{"scope missing", "?" + scoped, "POST", base + "/commands/draft_quote", object{"terms": terms()}, nil, 403, "api.scope"},
		{"scope before content", "?" + scoped, "POST", base + "/commands/draft_quote", object{"x": 1}, nil, 403, "api.scope"},
		{"scope for files", "?" + scoped, "PUT", base + "/population", "x", nil, 403, "api.scope"},
		{"scope for parcels", "?" + scoped, "GET", base + "/parcel", nil, nil, 403, "api.scope"},
		{"no such command", "karin", "POST", base + "/commands/drop", object{}, nil, 404, "api.no_route"},
		{"a command of the vault", "karin", "POST", base + "/commands/record_delivery", object{}, nil, 404, "api.no_route"},
		{"a file as a command", "scb", "POST", base + "/commands/take_medium", object{}, nil, 404, "api.no_route"},
		{"no such method", "karin", "DELETE", base, nil, nil, 404, "api.no_route"},
		{"another road", "scb", "PUT", base + "/population?road=post", "x", nil, 422, "api.road"},
		{"wrong cursor", "karin", "GET", "/api/v1/orders?after=x", nil, nil, 422, "api.cursor"},
		{"too many", "karin", "GET", "/api/v1/orders?limit=1000", nil, nil, 422, "api.invalid"},
	} {
		before := d.see("karin", id).raw + d.as("karin", "GET", "/api/v1/orders", nil).raw
		token, given := strings.CutPrefix(tt.token, "?")
		if !given {
			token = d.tokens[tt.token]
		}
		for _, lang := range []string{"en", "sv"} {
			r := d.ask(token, tt.method, tt.path, tt.body, append([]string{"Accept-Language", lang + ";q=0.9, de"}, tt.header...)...)
			if r.status != tt.status || r.code() != tt.code {
				t.Errorf("%s: %d %s, want %d %s: %.400s", tt.name, r.status, r.code(), tt.status, tt.code, r.raw)
				continue
			}
			if r.header.Get("Content-Type") != "application/problem+json" || r.header.Get("Content-Language") != lang || r.hash("title") == "" || r.hash("detail") == "" {
				t.Errorf("%s: %v %s", tt.name, r.header, r.raw)
			}
			if strings.HasPrefix(tt.code, "api.") && r.hash("do") == "" {
				t.Errorf("%s: does not say what to do", tt.name)
			}
			if strings.Contains(r.raw, secret) || strings.Contains(r.raw, "191212121212") {
				t.Errorf("%s: repeats what was sent: %s", tt.name, r.raw)
			}
		}
		if after := d.see("karin", id).raw + d.as("karin", "GET", "/api/v1/orders", nil).raw; after != before {
			t.Errorf("%s: something changed", tt.name)
		}
	}
	if d.logged.Len() > 0 {
		t.Errorf("logged: %s", d.logged)
	}
}

// TestPreconditionLetsTheFreshThrough: with the version that was read, the
// command is carried out, for staff and for those outside, whose numbers
// differ.
func TestPreconditionLetsTheFreshThrough(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("agree_draft")
	tag := d.see("elin", id).header.Get("ETag")
	r := d.as("elin", "POST", "/api/v1/orders/"+id+"/commands/agree_draft", object{"hash": d.see("elin", id).hash("draft", "hash")}, "If-Match", tag)
	if r.status != 200 || r.header.Get("ETag") == tag {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	d.do("petra", id, "record_review", findings())
	if after := d.see("elin", id).header.Get("ETag"); after != r.header.Get("ETag") {
		t.Errorf("the review shows in the ETag: %s, %s", r.header.Get("ETag"), after)
	}
	version := d.see("bo", id).at("version").(float64)
	body := d.decision(id)
	body["expected_version"] = version - 1
	if r := d.as("bo", "POST", "/api/v1/orders/"+id+"/commands/decide", body); r.status != 409 || r.code() != "api.stale_version" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	body["expected_version"] = version
	d.do("bo", id, "decide", body)
}

// TestSentTwiceDoneOnce: requests with a key.
func TestSentTwiceDoneOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	body := object{"application": application()}
	send := func(who string, body any, key string) reply {
		return d.as(who, "POST", "/api/v1/orders", body, "Idempotency-Key", key)
	}
	first, again := send("elin", body, "k1"), send("elin", body, "k1")
	if first.status != 201 || again.status != 201 || first.raw != again.raw || again.header.Get("Location") != first.header.Get("Location") || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %d %s %v", first.status, again.status, again.raw, again.header)
	}
	other := application()
	other.Title = "Something else"
	if r := send("elin", object{"application": other}, "k1"); r.status != 422 || r.code() != "api.key_reused" {
		t.Errorf("another body: %d %s", r.status, r.raw)
	}
	if r := send("ester", body, "k1"); r.status != 201 || r.hash("id") == first.hash("id") {
		t.Errorf("somebody else's key: %d %s", r.status, r.raw)
	}
	if r := send("elin", object{"application": intake.Application{}}, "k2"); r.status != 422 {
		t.Errorf("refused: %d", r.status)
	}
	if r := send("elin", body, "k2"); r.status != 201 {
		t.Errorf("the key of a refused request: %d %s", r.status, r.raw)
	}
	if r := send("elin", body, strings.Repeat("k", 201)); r.status != 400 || r.code() != "api.key" {
		t.Errorf("a long key: %d %s", r.status, r.raw)
	}
	d.wait(1)
	if r := send("elin", body, "k1"); r.status != 201 || r.hash("id") == first.hash("id") {
		t.Errorf("after a day: %d %s", r.status, r.raw)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := map[string]int{}
	for range 8 {
		wg.Go(func() {
			r := send("elin", body, "k3")
			mu.Lock()
			defer mu.Unlock()
			switch r.status {
			case 201:
				made[r.hash("id")]++
			case 409:
				if r.code() != "api.key_in_use" {
					t.Errorf("%s", r.raw)
				}
			default:
				t.Errorf("%d %s", r.status, r.raw)
			}
		})
	}
	wg.Wait()
	if len(made) != 1 {
		t.Errorf("at once: %v", made)
	}
}

// TestDecideClickedTwice: of two decisions at once one stands, and the other
// is told so.
func TestDecideClickedTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("decide")
	body := d.decision(id)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for range 6 {
		wg.Go(func() {
			r := d.as("bo", "POST", "/api/v1/orders/"+id+"/commands/decide", body)
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprint(r.status, " ", r.code())]++
		})
	}
	wg.Wait()
	if got["200 "] != 1 || got["409 order.decided_twice"] != 5 {
		t.Errorf("%v", got)
	}
}

// TestPromise01EarlyFileOverHTTP: a population file that comes before the
// decision is logged, refused and not read, also when it is endless.
func TestPromise01EarlyFileOverHTTP(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("acknowledge")
	read := &endless{}
	req, err := http.NewRequestWithContext(t.Context(), "PUT", d.url+"/api/v1/orders/"+id+"/population", read)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+d.tokens["scb"])
	req.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 409 || read.n > 0 {
		t.Errorf("status %d, %d bytes were taken", res.StatusCode, read.n)
	}
	if r := d.see("scb", id); len(r.at("population", "early").([]any)) != 2 {
		t.Errorf("%s", r.raw)
	}
}

type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	e.n += len(p)
	return len(p), nil
}

// TestByPost: an application that the registrar registers belongs to the
// person it names.
func TestByPost(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := application()
	a.Title, a.Orderer.Email = "", "Ester@V.example"
	arrival := object{"on": d.today.String(), "channel": "post", "sender": "Ester", "name": "ansokan.pdf", "blob": "inbox/1", "sha256": strings.Repeat("0", 64)}
	r := d.as("rut", "POST", "/api/v1/orders", object{"application": a, "arrival": arrival})
	if r.status != 201 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	d.see("ester", r.hash("id"))
	if r := d.as("elin", "GET", "/api/v1/orders/"+r.hash("id"), nil); r.status != 404 {
		t.Errorf("somebody else: %d", r.status)
	}
}

// TestScenario22Pages: a list in pages holds every case once, for staff and for those
// outside.
func TestScenario22Pages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 5 {
		d.submit()
	}
	for _, who := range []string{"karin", "elin", "scb"} {
		seen, after := map[string]int{}, ""
		for range 10 {
			r := d.as(who, "GET", "/api/v1/orders?limit=2&after="+after, nil)
			for _, o := range r.at("orders").([]any) {
				seen[o.(object)["id"].(string)]++
			}
			if after = r.hash("next"); after == "" {
				break
			}
		}
		if len(seen) != 5 || slices.Max(values(seen)) != 1 {
			t.Errorf("%s: %v", who, seen)
		}
	}
}

func values(m map[string]int) (out []int) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.ask("", "GET", "/api/v1/catalog", nil)
	if r.status != 200 || r.at("id") != d.app.Catalogue.ID {
		t.Errorf("%d %.200s", r.status, r.raw)
	}
	if r := d.ask("", "GET", "/api/v1/catalog", nil, "If-None-Match", r.header.Get("ETag")); r.status != 304 {
		t.Errorf("%d", r.status)
	}
}

// TestInvoiceFile: an issued invoice as Peppol BIS and as the finance system's
// lines; before it is issued, and where the authority has not said who it is,
// the answer says what is missing.
func TestInvoiceFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("the end")
	path := "/api/v1/orders/" + id + "/invoice/"
	if r := d.as("frida", "GET", path+"xml", nil); r.code() != "peppol.no_seller" {
		t.Errorf("without a seller: %d %s", r.status, r.raw)
	}
	d.app.Authority.Seller = order.Seller{Name: "Myndigheten", OrgNo: "202100-5521", Street: "Gatan 1", Zip: "103 51", City: "Stockholm", Bankgiro: "991-2346", Contact: "Ekonomi", Email: "ekonomi@example.se"}
	for format, want := range map[string]string{"xml": "<cbc:ID>" + id + "-F1</cbc:ID>", "csv": id + "-F1;faktura;"} {
		if r := d.as("frida", "GET", path+format, nil); r.status != 200 || !strings.Contains(r.raw, want) {
			t.Errorf("%s: %d %.300s", format, r.status, r.raw)
		}
	}
	if r := d.as("frida", "GET", path+"pdf", nil); r.code() != "peppol.format" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if r := d.as("frida", "GET", "/api/v1/orders/"+d.submit()+"/invoice/xml", nil); r.code() != "peppol.not_issued" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if r := d.as("ester", "GET", path+"xml", nil); r.status != 404 {
		t.Errorf("somebody else's: %d", r.status)
	}
}

// TestOpenData: the catalogue as open data, to everybody, in both formats; none
// of the health data when no access body is named, and none at all without an
// address.
func TestOpenData(t *testing.T) {
	t.Parallel()
	body := order.AccessBody{Name: catalog.Text{SV: "Organet", EN: "The Body"}, Email: "body@example.se"}
	p := opencat.Publisher{Base: "https://order.example.se", Names: catalog.Text{SV: "M", EN: "A"}, Email: "data@example.se"}
	with := p
	with.Access = body
	for _, x := range []struct {
		p      opencat.Publisher
		served []string
	}{
		{opencat.Publisher{Names: p.Names, Email: p.Email}, nil},
		{p, []string{"catalog.jsonld", "catalog.ttl"}},
		{with, []string{"catalog.jsonld", "catalog.ttl", "health.jsonld", "health.ttl"}},
	} {
		mux := http.NewServeMux()
		d := newDesk(t)
		if err := Programs(mux, Backend{Orders: d.app, Tokens: d.db, Answers: d.db, Lists: d.db, Catalogue: d.app.Catalogue, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Publisher: x.p}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"catalog.jsonld", "catalog.ttl", "health.jsonld", "health.ttl"} {
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/"+name, nil))
			if (w.Code == 200) != slices.Contains(x.served, name) {
				t.Errorf("%s: %d, served are %v", name, w.Code, x.served)
			}
			if w.Code == 200 && !strings.Contains(w.Body.String(), "midas_sjuk#dataset") {
				t.Errorf("%s: %.200s", name, w.Body)
			}
		}
	}
}

// TestReleaseBySameHash: a signature under another manifest is refused, over
// HTTP as everywhere (promise 13).
func TestReleaseBySameHash(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.until("release")
	o := workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "ylva", Order: id, Manifest: "other"}
	r := d.as("ylva", "POST", "/api/v1/orders/"+id+"/commands/release", object{"manifest": theManifest, "note": d.sign(order.RoleReleaser, o)})
	if r.status != 409 || r.code() != "app.signed_other" || r.at("promise") != 13.0 {
		t.Errorf("%d %s", r.status, r.raw)
	}
}
