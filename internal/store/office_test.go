//go:build unix

package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/store/storetest"
)

// office is what staff ask the counter.
type office interface {
	app.Log
	app.Lists
	app.Digests
	app.Staff
	app.Incoming
}

var _ office = (*store.Store)(nil)

// TestOffice runs what staff ask the counter on both databases.
func TestOffice(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(testing.TB) storetest.Place{"SQLite": sqlite, "Postgres": postgres} {
		for what, f := range map[string]func(*testing.T, storetest.Place){
			"Digests": digests, "DigestWithItsEntries": digestWithItsEntries, "Viewers": viewers, "Marks": marks, "Undigested": undigested, "Staff": staff, "StaffIsLogged": staffIsLogged, "Absences": absences, "Letters": letters, "Stands": stands,
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				f(t, place(t))
			})
		}
	}
}

func numbered(n int) string { return fmt.Sprintf("FK-2026-%05d", n) }

// put stores the next entry of a case with a digest.
func put(t *testing.T, s office, id string, version int, protected bool, d app.Digest) {
	t.Helper()
	e := order.Entry{Version: version, At: noon, By: order.Actor{ID: "a", Role: order.RoleHandler}, Event: &order.Acknowledged{}}
	ok(t, s.Append(t.Context(), id, []order.Entry{e}, app.Summary{ID: id, Phase: order.PhaseReceived, Version: version, Changed: noon, Protected: protected, Digest: d, HasDigest: d != (app.Digest{})}, nil))
}

func parts(t *testing.T, s office, part app.Part, role order.Role, v app.Viewer) (out []string) {
	t.Helper()
	ok(t, s.EachDigest(t.Context(), part, role, v, func(id, text string) error {
		out = append(out, id[8:]+" "+text)
		return nil
	}))
	slices.Sort(out)
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func digests(t *testing.T, p storetest.Place) {
	s := p.Open(t).(office)
	d := app.Digest{Roles: ",handler,registrar,", Tasks: `["t"]`, Fact: `{"f":1}`, Decided: `{"d":1}`, Past: `{"p":1}`, Marks: `["dnr:1"]`, Conflicts: `["ove"]`}
	put(t, s, numbered(1), 1, false, d)
	put(t, s, numbered(2), 1, false, app.Digest{Fact: `{}`})
	whole := map[string]app.Digest{}
	ok(t, s.EachWhole(t.Context(), func(id string, d app.Digest) error { whole[id] = d; return nil }))
	same(t, "whole", whole, map[string]app.Digest{numbered(1): d, numbered(2): {Fact: `{}`}})
	all := app.Everything
	same(t, "facts", parts(t, s, app.PartFact, "", all), []string{`00001 {"f":1}`, `00002 {}`})
	same(t, "decided", parts(t, s, app.PartDecided, "", all), []string{`00001 {"d":1}`})
	same(t, "past", parts(t, s, app.PartPast, "", all), []string{`00001 {"p":1}`})
	same(t, "tasks", parts(t, s, app.PartTasks, "", all), []string{`00001 ["t"]`})
	for role, n := range map[order.Role]int{"handler": 1, "registrar": 1, "hand": 0, "reviewer": 0, "%": 0} {
		if got := parts(t, s, app.PartTasks, role, all); len(got) != n {
			t.Errorf("tasks of %s: %v", role, got)
		}
	}
	if err := s.EachDigest(t.Context(), "cellar", "", all, nil); err == nil {
		t.Error("an unknown part is read")
	}
	stop := errors.New("stop")
	is(t, "a reader that stops", s.EachDigest(t.Context(), app.PartFact, "", all, func(string, string) error { return stop }), stop)
	// the next version replaces it, and a case with nothing to do leaves the desk
	put(t, s, numbered(1), 2, false, app.Digest{Fact: `{"f":2}`})
	same(t, "facts", parts(t, s, app.PartFact, "", all), []string{`00001 {"f":2}`, `00002 {}`})
	if got := parts(t, s, app.PartTasks, "", all); got != nil {
		t.Errorf("tasks: %v", got)
	}
	// digests are not listed with the summaries
	sums, err := s.List(t.Context())
	ok(t, err)
	for _, c := range sums {
		if c.Digest != (app.Digest{}) {
			t.Errorf("%+v", c)
		}
	}
}

// digestWithItsEntries: entries that are refused leave no digest behind.
func digestWithItsEntries(t *testing.T, p storetest.Place) {
	s := p.Open(t).(office)
	put(t, s, numbered(1), 1, false, app.Digest{Fact: `{"f":1}`})
	e := order.Entry{Version: 1, At: noon, By: order.Actor{ID: "a", Role: order.RoleHandler}, Event: &order.Acknowledged{}}
	is(t, "a version that is taken", s.Append(t.Context(), numbered(1), []order.Entry{e}, app.Summary{ID: numbered(1), Version: 1, Changed: noon, Digest: app.Digest{Fact: `{"f":9}`}, HasDigest: true}, nil), app.ErrConflict)
	same(t, "facts", parts(t, s, app.PartFact, "", app.Everything), []string{`00001 {"f":1}`})
}

// viewers: every list leaves out protected cases and those of a conflict, for
// those whom they do not exist to.
func viewers(t *testing.T, p storetest.Place) {
	s, ctx := p.Open(t).(office), t.Context()
	tasks := func(conflicts string) app.Digest {
		return app.Digest{Roles: ",handler,", Tasks: `[]`, Fact: `{}`, Conflicts: conflicts}
	}
	put(t, s, numbered(1), 1, false, tasks(""))
	put(t, s, numbered(2), 1, true, tasks(""))
	put(t, s, numbered(3), 1, false, tasks(`["ove","pia"]`))
	put(t, s, numbered(4), 1, true, tasks(`["ove"]`))
	for v, want := range map[app.Viewer][]string{
		{Person: "ove"}: {"1"}, {Person: "ove", Cleared: true}: {"1", "2"}, {Person: "pia", Cleared: true}: {"1", "2", "4"}, {Person: "kai"}: {"1", "3"}, app.Everything: {"1", "2", "3", "4"}, {}: {"1", "3"},
	} {
		for what, list := range map[string]func() ([]app.Summary, error){
			"page":      func() ([]app.Summary, error) { return s.Page(ctx, v, app.Cursor{}, 9) },
			"work list": func() ([]app.Summary, error) { return s.WorkList(ctx, app.WorkFilter{Viewer: v}, app.WorkCursor{}, 9) },
			"by due": func() ([]app.Summary, error) {
				return s.WorkList(ctx, app.WorkFilter{Viewer: v, ByDue: true}, app.WorkCursor{}, 9)
			},
			"number": func() ([]app.Summary, error) {
				return s.WorkList(ctx, app.WorkFilter{Viewer: v, Number: "0000"}, app.WorkCursor{}, 9)
			},
		} {
			sums, err := list()
			ok(t, err)
			var got []string
			for _, c := range sums {
				got = append(got, c.ID[12:])
			}
			slices.Sort(got)
			same(t, fmt.Sprint(what, " of ", v), got, want)
		}
		for _, part := range []app.Part{app.PartTasks, app.PartFact} {
			var got []string
			for _, x := range parts(t, s, part, "", v) {
				got = append(got, x[4:5])
			}
			same(t, fmt.Sprint(part, " of ", v), got, want)
		}
	}
}

func marks(t *testing.T, p storetest.Place) {
	s, ctx := p.Open(t).(office), t.Context()
	put(t, s, numbered(1), 1, false, app.Digest{Fact: `{}`, Marks: `["dnr:1","title:en två"]`})
	put(t, s, numbered(2), 1, false, app.Digest{Fact: `{}`, Marks: `["dnr:1"]`})
	marked := func(m ...string) []string {
		ids, err := s.Marked(ctx, m)
		ok(t, err)
		slices.Sort(ids)
		return ids
	}
	same(t, "both", marked("dnr:1"), []string{numbered(1), numbered(2)})
	same(t, "title", marked("title:en två", "dnr:9"), []string{numbered(1)})
	same(t, "none", marked(), []string(nil))
	many := []string{"title:en två"}
	for i := range 500 {
		many = append(many, fmt.Sprint("title:", i))
	}
	same(t, "many", marked(many...), []string{numbered(1)})
	put(t, s, numbered(1), 2, false, app.Digest{Fact: `{}`, Marks: `["dnr:2"]`})
	same(t, "changed", marked("dnr:1", "title:en två"), []string{numbered(2)})
}

// undigested: cases from before there were digests get one, unless a command
// was faster.
func undigested(t *testing.T, p storetest.Place) {
	s, ctx := p.Open(t).(office), t.Context()
	put(t, s, numbered(1), 1, false, app.Digest{})
	put(t, s, numbered(2), 1, false, app.Digest{Fact: `{}`})
	ids, err := s.Undigested(ctx, 9)
	ok(t, err)
	same(t, "without", ids, []string{numbered(1)})
	ok(t, s.PutDigest(ctx, numbered(1), 7, app.Digest{Fact: `{"stale":1}`}))
	if got := parts(t, s, app.PartFact, "", app.Everything); len(got) != 1 {
		t.Errorf("a digest of another version is stored: %v", got)
	}
	ok(t, s.PutDigest(ctx, numbered(1), 1, app.Digest{Fact: `{"f":1}`, Conflicts: `["ove"]`}))
	ids, err = s.Undigested(ctx, 9)
	ok(t, err)
	same(t, "none", ids, []string(nil))
	sums, err := s.Page(ctx, app.Viewer{Person: "ove"}, app.Cursor{}, 9)
	ok(t, err)
	if len(sums) != 1 {
		t.Errorf("%v", sums)
	}
}

var admin = order.Actor{ID: "adam", Role: access.RoleAdministrator}

func staff(t *testing.T, p storetest.Place) {
	s, ctx := p.Open(t).(office), t.Context()
	m := app.Member{ID: "karin", Roles: []order.Role{"handler", "registrar"}, Teams: []string{"barn", "sjuk"}, Cleared: true}
	ok(t, s.PutMember(ctx, m, admin, noon))
	ok(t, s.PutMember(ctx, app.Member{ID: "bo", Name: "Bo Ek", Roles: []order.Role{"decider"}}, admin, noon))
	got, err := s.Member(ctx, "karin")
	ok(t, err)
	same(t, "member", got, m)
	all, err := s.Members(ctx)
	ok(t, err)
	same(t, "members", all, []app.Member{{ID: "bo", Name: "Bo Ek", Roles: []order.Role{"decider"}}, m})
	m.Cleared, m.Teams = false, nil
	ok(t, s.PutMember(ctx, m, admin, noon))
	got, err = s.Member(ctx, "karin")
	ok(t, err)
	same(t, "changed", got, m)
	ok(t, s.RemoveMember(ctx, "karin", admin, noon))
	_, err = s.Member(ctx, "karin")
	is(t, "removed", err, app.ErrNotFound)
	is(t, "removed twice", s.RemoveMember(ctx, "karin", admin, noon), app.ErrNotFound)
}

// staffIsLogged: each change is an entry with a commitment, and none is a case.
func staffIsLogged(t *testing.T, p storetest.Place) {
	s, ctx := p.Open(t).(office), t.Context()
	ok(t, s.PutMember(ctx, app.Member{ID: "karin", Roles: []order.Role{"handler"}, Cleared: true}, admin, noon))
	ok(t, s.RemoveMember(ctx, "karin", admin, noon))
	_, err := s.Load(ctx, "staff/log")
	is(t, "as a case", err, app.ErrNotFound)
	var data []string
	rows, err := p.Raw(t).QueryContext(ctx, `SELECT e.actor, e.data FROM events e JOIN leaves l ON l.stream = e.stream AND l.version = e.version WHERE e.stream = 'staff/log' ORDER BY e.version`)
	ok(t, err)
	defer rows.Close()
	for rows.Next() {
		var actor, d string
		ok(t, rows.Scan(&actor, &d))
		data = append(data, actor+" "+d)
	}
	ok(t, rows.Err())
	same(t, "log", data, []string{`adam {"cleared":true,"id":"karin","roles":["handler"]}`, `adam {"id":"karin","removed":true}`})
}

func absences(t *testing.T, p storetest.Place) {
	s, ctx := p.Open(t).(office), t.Context()
	d := day.MustParse("2026-11-02")
	x := app.Absence{Person: "karin", First: d, Last: d + 3, Substitute: "ove"}
	id, err := s.PutAbsence(ctx, x)
	ok(t, err)
	x.ID = id
	y := app.Absence{Person: "bo", First: d - 9, Last: d - 1}
	y.ID, err = s.PutAbsence(ctx, y)
	ok(t, err)
	for from, want := range map[day.Day][]app.Absence{d - 1: {y, x}, d: {x}, d + 3: {x}, d + 4: nil} {
		got, err := s.Absences(ctx, from)
		ok(t, err)
		same(t, from.String(), got, want)
	}
	ok(t, s.RemoveAbsence(ctx, id))
	got, err := s.Absences(ctx, 0)
	ok(t, err)
	same(t, "removed", got, []app.Absence{y})
}

func letters(t *testing.T, p storetest.Place) {
	s, ctx := p.Open(t).(office), t.Context()
	l := app.Letter{
		ID: "P-1", At: noon, By: "rut", Arrived: day.MustParse("2026-11-01"), Channel: "mail", Sender: "å@x.example", Subject: "Ämne", Name: "b.txt", Type: "text/plain", Bytes: 3, SHA256: canon.Sum([]byte("b")), Blob: "incoming/P-1", State: app.LetterWaiting,
	}
	ok(t, s.PutLetter(ctx, l))
	got, err := s.Letter(ctx, "P-1")
	ok(t, err)
	same(t, "letter", got, l)
	_, err = s.Letter(ctx, "P-2")
	is(t, "none", err, app.ErrNotFound)
	done := l
	done.State, done.Case, done.SettledBy, done.SettledAt = app.LetterRegistered, numbered(1), "rut", noon
	is(t, "from another state", s.SettleLetter(ctx, done, app.LetterTaken), app.ErrConflict)
	ok(t, s.SettleLetter(ctx, done, app.LetterWaiting))
	is(t, "twice", s.SettleLetter(ctx, done, app.LetterWaiting), app.ErrConflict)
	for state, want := range map[string][]app.Letter{app.LetterWaiting: nil, app.LetterRegistered: {done}} {
		all, err := s.Letters(ctx, state, 9)
		ok(t, err)
		same(t, state, all, want)
	}
}
