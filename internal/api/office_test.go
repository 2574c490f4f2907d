package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
)

// hire gives somebody a token and a row of the staff table.
func (d *desk) hire(id string, role order.Role, cleared bool, teams ...string) {
	d.t.Helper()
	d.tokens[id] = d.token(access.Person{ID: id, Role: role}, 24000*time.Hour, Scopes...)
	d.want(d.as("adam", "POST", "/api/v1/staff", object{"id": id, "roles": []string{string(role)}, "teams": teams, "clearance": cleared}), 200, "")
}

func (r reply) list(path ...string) []any {
	l, _ := r.at(path...).([]any)
	return l
}

func cases(l []any) (out []string) {
	for _, x := range l {
		out = append(out, fmt.Sprint(x.(object)["case"]))
	}
	return out
}

// TestPull: the next case is the first that the asker may have, with the reason
// in both languages and in the log; an empty queue is no error.
func TestPull(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if r := d.as("karin", "POST", "/api/v1/queue/next", object{}); r.status != 204 || r.raw != "" {
		t.Fatalf("empty queue: %d %s", r.status, r.raw)
	}
	first := d.submit()
	d.wait(7)
	second := d.submit()
	r := d.want(d.as("karin", "POST", "/api/v1/queue/next", object{}), 200, "")
	if r.at("case") != first || r.at("kind") != "check" || r.at("place") != float64(1) || !strings.Contains(r.raw, "arrived 2026-11-02") {
		t.Errorf("%s", r.raw)
	}
	sv := d.as("karin", "POST", "/api/v1/queue/next", object{}, "Accept-Language", "sv")
	if sv.at("case") != second || !strings.Contains(sv.raw, "2 arbetsdagar kvar till 2026-11-11") {
		t.Errorf("%s", sv.raw)
	}
	if r := d.as("karin", "POST", "/api/v1/queue/next", object{}); r.status != 204 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	entries, err := d.db.Load(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	ev, ok := entries[len(entries)-1].Event.(*order.Assigned)
	if !ok || ev.To != "karin" || !strings.HasPrefix(ev.Why, "pulled, default: ") || !strings.Contains(ev.Why, "poäng (") {
		t.Errorf("%+v", entries[len(entries)-1].Event)
	}
	q := d.want(d.as("karin", "GET", "/api/v1/queue?view=mine", nil), 200, "")
	if got := cases(q.list("tasks")); !slices.Equal(got, []string{first, second}) {
		t.Errorf("mine: %v", got)
	}
	for _, who := range []string{"elin", "ragnar", "scb", "adam", "ada", "engine"} {
		if r := d.as(who, "POST", "/api/v1/queue/next", object{}); r.status != 403 {
			t.Errorf("%s pulls: %d %s", who, r.status, r.raw)
		}
	}
}

// TestScenario22TwoPullAtOnce: ten who pull at once get ten different cases.
func TestScenario22TwoPullAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const n = 6
	want := map[string]bool{}
	for i := range n {
		want[d.submit()] = true
		d.tokens[fmt.Sprint("h", i)] = d.token(access.Person{ID: fmt.Sprint("h", i), Role: order.RoleHandler}, time.Hour, Scopes...)
	}
	var mu sync.Mutex
	got := map[string]int{}
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			r := d.as(fmt.Sprint("h", i), "POST", "/api/v1/queue/next", object{})
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprint(r.status, r.at("case"))]++
		})
	}
	all.Wait()
	for id := range want {
		if got[fmt.Sprint(200, id)] != 1 {
			t.Errorf("%s: %v", id, got)
		}
	}
}

// TestJavAndProtectionInTheQueue: a case that somebody is disqualified in or not
// cleared for is in none of their lists, is never given to them, and nothing
// that they are answered tells that it is there.
func TestJavAndProtectionInTheQueue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.hire("karin", order.RoleHandler, true, "a")
	d.hire("ove", order.RoleHandler, false, "a")
	jav, protected, plain := d.submit(), d.submit(), d.submit()
	d.do("karin", jav, "declare_conflict", object{"person": "ove", "ground": "bror"})
	d.do("karin", protected, "mark_protected", object{"ground": "skydd"})
	for _, path := range []string{"/api/v1/orders", "/api/v1/worklist", "/api/v1/worklist?order=due", "/api/v1/worklist?number=0000", "/api/v1/queue?view=all", "/api/v1/queue?view=team", "/api/v1/queue/load?team=a"} {
		r := d.want(d.as("ove", "GET", path, nil), 200, "")
		if strings.Contains(r.raw, jav) || strings.Contains(r.raw, protected) || strings.Contains(r.raw, "protected") {
			t.Errorf("%s tells ove: %s", path, r.raw)
		}
		if all := d.want(d.as("karin", "GET", path, nil), 200, ""); !strings.Contains(path, "load") && (!strings.Contains(all.raw, jav) || !strings.Contains(all.raw, protected)) {
			t.Errorf("%s hides from karin: %s", path, all.raw)
		}
	}
	r := d.want(d.as("ove", "POST", "/api/v1/queue/next", object{}), 200, "")
	if r.at("case") != plain || r.at("place") != float64(1) || len(r.list("passed")) != 0 {
		t.Errorf("%s", r.raw)
	}
	if r := d.as("ove", "POST", "/api/v1/queue/next", object{}); r.status != 204 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	none := d.as("ove", "POST", "/api/v1/orders/FK-2026-99999/take-over", object{})
	for _, id := range []string{jav, protected} {
		if r := d.as("ove", "POST", "/api/v1/orders/"+id+"/take-over", object{}); r.status != 404 || r.raw != none.raw {
			t.Errorf("take over %s: %d %s", id, r.status, r.raw)
		}
	}
	if r := d.want(d.as("karin", "POST", "/api/v1/queue/next", object{}), 200, ""); r.at("case") != jav {
		t.Errorf("%s", r.raw)
	}
}

// TestClearanceComesFromTheTable: a token carries none, the table gives it to
// lists, cases and the rules of the case alike, and taking it away works at
// once.
func TestClearanceComesFromTheTable(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.app.Authority.Clearance = []string{"ove"} // counts for nothing where there is a table
	d.hire("karin", order.RoleHandler, true)
	d.hire("ove", order.RoleHandler, false)
	id := d.submit()
	d.do("karin", id, "assign", object{"role": "handler", "to": "ove", "why": "hand"})
	d.do("karin", id, "mark_protected", object{"ground": "skydd"})
	if s, err := d.app.State(t.Context(), id); err != nil || s.Has(order.RoleHandler) != "" {
		t.Errorf("ove keeps the case: %v, %v", s.Assignments, err)
	}
	d.want(d.as("ove", "GET", "/api/v1/orders/"+id, nil), 404, "api.not_found")
	d.do("karin", id, "acknowledge", object{})
	if r := d.as("karin", "POST", "/api/v1/orders/"+id+"/commands/assign", object{"role": "handler", "to": "ove", "why": "hand"}); r.status != 409 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	d.hire("karin", order.RoleHandler, false)
	d.want(d.as("karin", "GET", "/api/v1/orders/"+id, nil), 404, "api.not_found")
	d.want(d.as("karin", "POST", "/api/v1/orders/"+id+"/commands/write_note", object{"text": "t"}), 404, "api.not_found")
}

// TestStaff: the administrator sets staff; absences are also the person's own;
// nobody sees who else has clearance; a token for a role that the person does
// not have is refused.
func TestStaff(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.hire("karin", order.RoleHandler, true, "a", "b")
	d.hire("ove", order.RoleHandler, false, "b")
	d.hire("pia", order.RoleReviewer, true, "c")
	if r := d.as("adam", "GET", "/api/v1/staff", nil); len(r.list("staff")) != 3 || strings.Count(r.raw, `"clearance":true`) != 2 {
		t.Errorf("%s", r.raw)
	}
	if r := d.as("ove", "GET", "/api/v1/staff", nil); len(r.list("staff")) != 2 || strings.Contains(r.raw, "clearance") || strings.Contains(r.raw, "pia") {
		t.Errorf("%s", r.raw)
	}
	day := object{"first": "2026-11-02", "last": "2026-11-20"}
	with := func(more ...string) object {
		o := object{"first": day["first"], "last": day["last"]}
		for i := 0; i < len(more); i += 2 {
			o[more[i]] = more[i+1]
		}
		return o
	}
	a := d.want(d.as("karin", "POST", "/api/v1/staff/absences", with("substitute", "ove")), 200, "")
	if a.at("person") != "karin" {
		t.Errorf("%s", a.raw)
	}
	for what, c := range map[string]struct {
		by     string
		body   object
		status int
		code   string
	}{
		"somebody else's":      {"ove", with("person", "karin"), 403, "access.denied"},
		"own substitute":       {"ove", with("substitute", "ove"), 422, "absence.substitute"},
		"unknown substitute":   {"ove", with("substitute", "zz"), 422, "absence.substitute"},
		"backwards":            {"ove", with("last", "2026-11-01"), 422, "absence.last"},
		"outside":              {"elin", day, 403, "access.denied"},
		"by the administrator": {"adam", with("person", "ove"), 200, ""},
	} {
		if r := d.as(c.by, "POST", "/api/v1/staff/absences", c.body); r.status != c.status || r.code() != c.code {
			t.Errorf("%s: %d %s", what, r.status, r.raw)
		}
	}
	path := fmt.Sprintf("/api/v1/staff/absences/%v", a.at("id"))
	d.want(d.as("ove", "DELETE", path, nil), 404, "api.not_found")
	if r := d.as("karin", "DELETE", path, nil); r.status != 204 && r.status != 200 {
		t.Errorf("%d %s", r.status, r.raw)
	}
	for _, who := range []string{"karin", "elin", "ada", "rut"} {
		d.want(d.as(who, "POST", "/api/v1/staff", object{"id": who, "roles": []string{"handler"}, "clearance": true}), 403, "access.denied")
		d.want(d.as(who, "POST", "/api/v1/staff/remove", object{"id": "ove"}), 403, "access.denied")
	}
	// Nobody gives roles or clearance to themselves, or takes themselves away.
	d.want(d.as("adam", "POST", "/api/v1/staff", object{"id": "adam", "roles": []string{"administrator", "decider"}, "clearance": true}), 403, "staff.self")
	d.want(d.as("adam", "POST", "/api/v1/staff", object{"id": " adam ", "roles": []string{"decider"}}), 403, "staff.self")
	d.want(d.as("adam", "POST", "/api/v1/staff/remove", object{"id": "adam"}), 403, "staff.self")
	d.want(d.as("adam", "POST", "/api/v1/staff", object{"id": "eva", "roles": []string{"administrator"}}), 200, "")
	// An administrator who has become something else is none at the interface.
	d.tokens["eva as administrator"] = d.token(access.Person{ID: "eva", Role: access.RoleAdministrator}, time.Hour, Scopes...)
	d.want(d.as("eva as administrator", "GET", "/api/v1/staff", nil), 200, "")
	d.hire("eva", order.RoleHandler, false)
	d.want(d.as("eva as administrator", "GET", "/api/v1/staff", nil), 403, "staff.role")
	d.want(d.as("adam", "POST", "/api/v1/staff/remove", object{"id": "eva"}), 200, "")
	d.tokens["karin as decider"] = d.token(access.Person{ID: "karin", Role: order.RoleDecider}, time.Hour, Scopes...)
	d.want(d.as("karin as decider", "GET", "/api/v1/orders", nil), 403, "staff.role")
	d.want(d.as("adam", "POST", "/api/v1/staff", object{"id": "x", "roles": []string{"orderer"}}), 422, "staff.roles")
	d.want(d.as("adam", "POST", "/api/v1/staff/remove", object{"id": "karin"}), 200, "")
	d.want(d.as("adam", "POST", "/api/v1/staff/remove", object{"id": "karin"}), 404, "api.not_found")
}

// TestScenario29Substitute: who stands in for somebody absent sees and takes
// their cases, until the absence is over; a colleague of the team can take a
// case over, somebody of another team cannot.
func TestScenario29Substitute(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.hire("karin", order.RoleHandler, false, "a")
	d.hire("ove", order.RoleHandler, false, "b")
	d.hire("tor", order.RoleHandler, false, "a")
	id := d.submit()
	d.want(d.as("karin", "POST", "/api/v1/queue/next", object{}), 200, "")
	d.want(d.as("ove", "POST", "/api/v1/orders/"+id+"/take-over", object{}), 409, "queue.other_team")
	d.want(d.as("karin", "POST", "/api/v1/staff/absences", object{"first": "2026-11-02", "last": "2026-11-06", "substitute": "ove"}), 200, "")
	if got := cases(d.as("ove", "GET", "/api/v1/queue", nil).list("tasks")); !slices.Equal(got, []string{id}) {
		t.Errorf("stands in: %v", got)
	}
	if r := d.as("tor", "GET", "/api/v1/queue/load?team=a", nil); len(r.list("people")) != 2 || r.list("people")[0].(object)["assigned"] != float64(1) || r.list("people")[0].(object)["away"] != true {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("tor", "GET", "/api/v1/queue/load?team=b", nil), 403, "access.denied")
	d.want(d.as("ove", "POST", "/api/v1/orders/"+id+"/take-over", object{}), 200, "")
	s, err := d.app.State(t.Context(), id)
	if err != nil || len(s.Assignments) != 1 || s.Assignments[0].To != "ove" || s.Assignments[0].For != "karin" || s.Assignments[0].Until.String() != "2026-11-06" {
		t.Fatalf("%+v, %v", s.Assignments, err)
	}
	d.wait(5)
	if _, err := d.app.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, err = d.app.State(t.Context(), id); err != nil || s.Has(order.RoleHandler) != "" {
		t.Errorf("after the absence: %+v, %v", s.Assignments, err)
	}
	d.want(d.as("karin", "POST", "/api/v1/queue/next", object{}), 200, "")
	d.want(d.as("tor", "POST", "/api/v1/orders/"+id+"/take-over", object{}), 200, "")
}

// TestOrderingPreview: another ordering shows another first task and changes
// nothing.
func TestOrderingPreview(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.submit()
	r := d.want(d.as("karin", "GET", "/api/v1/queue?view=all&ordering=oldest", nil), 200, "")
	if r.at("ordering") != "oldest" || len(r.list("orderings")) != len(app.BuiltinOrderings()) || len(r.list("tasks")) != 1 {
		t.Errorf("%s", r.raw)
	}
	if r := d.as("karin", "GET", "/api/v1/queue?view=all", nil); r.at("ordering") != "default" {
		t.Errorf("%s", r.raw)
	}
	d.want(d.as("karin", "GET", "/api/v1/queue?ordering=x", nil), 422, "queue.ordering")
}

// TestDigestIsTheLog: at every stage of the way the digests are what the log
// gives, and the right role has something to do.
func TestDigestIsTheLog(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.submit()
	want := map[string]string{
		"acknowledge": "handler", "answer_supplement": "", "confirm_complete": "handler", "draft_quote": "handler", "agree_draft": "", "record_review": "reviewer", "decide": "decider",
		"dispatch_decision": "handler", "accept_quote": "", "order_extraction": "statistician", "release": "releaser", "issue_invoice": "finance", "order_purge": "",
	}
	for _, st := range way {
		if role, checked := want[st.name]; checked {
			var got []string
			for _, who := range []string{"karin", "petra", "bo", "sten", "ylva", "frida", "rut"} {
				if r := d.as(who, "GET", "/api/v1/queue?view=all", nil); len(r.list("tasks")) > 0 {
					got = append(got, fmt.Sprint(r.list("tasks")[0].(object)["role"]))
				}
			}
			if strings.Join(got, ",") != role {
				t.Errorf("before %s: %v has something to do, want %s", st.name, got, role)
			}
		}
		st.do(d, id)
		stale, err := d.app.Stale(t.Context())
		if err != nil || len(stale) > 0 {
			t.Fatalf("after %s: %v, %v", st.name, stale, err)
		}
	}
	// a digest that says something else is found
	if err := d.db.PutDigest(t.Context(), id, d.version(id), app.Digest{Fact: `{}`}); err != nil {
		t.Fatal(err)
	}
	if stale, err := d.app.Stale(t.Context()); err != nil || !slices.Equal(stale, []string{id}) {
		t.Errorf("%v, %v", stale, err)
	}
}

func (d *desk) version(id string) int {
	d.t.Helper()
	s, err := d.app.State(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return s.Version
}

// form is a multipart request of two parts.
func (d *desk) form(person, path, name string, v any, file, filename string, content []byte) reply {
	d.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	raw, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := w.WriteField(name, string(raw)); err != nil {
		d.t.Fatal(err)
	}
	f, err := w.CreateFormFile(file, filename)
	if err == nil {
		_, err = f.Write(content)
	}
	if err != nil || w.Close() != nil {
		d.t.Fatal(err)
	}
	return d.as(person, http.MethodPost, path, b.String(), "Content-Type", w.FormDataContentType())
}
