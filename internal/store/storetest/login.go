package storetest

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/order"
)

func secret(s string) canon.Hash { return canon.Sum([]byte(s)) }

func act(what, account string) app.LoginAct {
	return app.LoginAct{At: T0, Account: account, Role: order.RoleOrderer, Assurance: app.AssuranceMail, What: what, Method: "link"}
}

func account(t testing.TB, s Store, id, email, staff string) app.Account {
	t.Helper()
	a := app.Account{ID: id, Kind: app.AccountOutside, Name: "Å", Email: email, Staff: staff, Created: T0}
	if err := s.PutAccount(t.Context(), a, act("account", id)); err != nil {
		t.Fatal(err)
	}
	return a
}

func visit(account, id string) app.StoredVisit {
	return app.StoredVisit{ID: id, Account: account, Role: order.RoleOrderer, Method: "link", Assurance: app.AssuranceMail, Proved: T0, Seen: T0, Expires: T0.Add(time.Hour)}
}

// accounts: they are found by id, address and member of staff, each of which
// is one account's, and removing one takes all that is its.
func accounts(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	elin := account(t, s, "a1", "elin@u.example", "")
	account(t, s, "a2", "", "bo")
	account(t, s, "a3", "", "")
	account(t, s, "a4", "", "")
	wantErr(t, "same address", s.PutAccount(ctx, app.Account{ID: "a5", Email: "elin@u.example", Created: T0}, act("account", "a5")), app.ErrConflict)
	wantErr(t, "same member", s.PutAccount(ctx, app.Account{ID: "a5", Staff: "bo", Created: T0}, act("account", "a5")), app.ErrConflict)
	if got, err := s.AccountByEmail(ctx, "elin@u.example"); err != nil || got != elin {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.AccountByStaff(ctx, "bo"); err != nil || got.ID != "a2" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, f := range []func() error{
		func() error { _, err := s.Account(ctx, "a5"); return err },
		func() error { _, err := s.AccountByEmail(ctx, ""); return err },
		func() error { _, err := s.AccountByStaff(ctx, ""); return err },
	} {
		wantErr(t, "nobody's", f(), app.ErrNotFound)
	}
	if all, err := s.ListAccounts(ctx); err != nil || len(all) != 4 || all[0].ID != "a1" {
		t.Errorf("%v, %v", all, err)
	}
	key := app.Passkey{ID: "k1", Account: "a1", Data: "{}", Created: T0}
	for what, err := range map[string]error{
		"visit": s.Enter(ctx, "", secret("v"), visit("a1", "v1"), act("login", "a1")), "key": s.PutPasskey(ctx, key, act("passkey", "a1")),
		"link":     s.PutLink(ctx, secret("l"), app.LoginLink{Email: "elin@u.example", Expires: T0.Add(time.Hour)}),
		"ceremony": s.PutCeremony(ctx, secret("c"), app.Ceremony{Kind: "add", Account: "a1", Expires: T0.Add(time.Hour)}),
	} {
		if err != nil {
			t.Error(what, err)
		}
	}
	if err := s.RemoveAccount(ctx, "a1", act("account_removed", "a1")); err != nil {
		t.Fatal(err)
	}
	_, _, visitErr := s.Visit(ctx, secret("v"))
	_, keyErr := s.Passkey(ctx, "k1")
	_, linkErr := s.TakeLink(ctx, secret("l"), T0)
	_, ceremonyErr := s.TakeCeremony(ctx, secret("c"), "add", T0)
	for what, err := range map[string]error{
		"visit": visitErr, "key": keyErr, "link": linkErr, "ceremony": ceremonyErr, "again": s.RemoveAccount(ctx, "a1", act("account_removed", "a1")),
		"entering": s.Enter(ctx, "", secret("w"), visit("a1", "v2"), act("login", "a1")),
	} {
		wantErr(t, what, err, app.ErrNotFound)
	}
}

// visits: what has ended never comes back, whatever is asked of it.
func visits(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	a := account(t, s, "a1", "elin@u.example", "")
	v := visit("a1", "v1")
	if err := s.Enter(ctx, "", secret("1"), v, act("login", "a1")); err != nil {
		t.Fatal(err)
	}
	if got, who, err := s.Visit(ctx, secret("1")); err != nil || got != v || who != a {
		t.Errorf("%+v %+v, %v", got, who, err)
	}
	if err := s.Saw(ctx, secret("1"), T0.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if err := s.Saw(ctx, secret("1"), T0.Add(time.Second)); err != nil { // a slower request
		t.Error(err)
	}
	if got, _, err := s.Visit(ctx, secret("1")); err != nil || !got.Seen.Equal(T0.Add(time.Minute)) {
		t.Errorf("%+v, %v", got, err)
	}
	v.ID, v.Role = "v2", order.RoleCoApplicant
	if err := s.Enter(ctx, secret("1"), secret("2"), v, act("role", "a1")); err != nil {
		t.Error(err)
	}
	v.ID = "v3"
	wantErr(t, "replacing what was replaced", s.Enter(ctx, secret("1"), secret("3"), v, act("role", "a1")), app.ErrNotFound)
	if err := s.Saw(ctx, secret("1"), T0.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	for _, gone := range []string{"1", "3"} {
		_, _, err := s.Visit(ctx, secret(gone))
		wantErr(t, gone, err, app.ErrNotFound)
	}
	if err := s.Enter(ctx, "", secret("4"), visit("a1", "v4"), act("login", "a1")); err != nil {
		t.Error(err)
	}
	if n, err := s.LeaveAll(ctx, "a1", secret("4"), act("ended", "a1")); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if err := s.Leave(ctx, secret("4"), act("logout", "a1")); err != nil {
		t.Error(err)
	}
	wantErr(t, "leaving twice", s.Leave(ctx, secret("4"), act("logout", "a1")), app.ErrNotFound)
	if err := s.Enter(ctx, "", secret("5"), visit("a1", "v5"), act("login", "a1")); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		after time.Duration
		want  error
	}{{59 * time.Minute, nil}, {time.Hour, app.ErrNotFound}} {
		if err := s.SweepLogin(ctx, T0.Add(tt.after), T0); err != nil {
			t.Error(err)
		}
		_, _, err := s.Visit(ctx, secret("5"))
		wantErr(t, "swept after "+tt.after.String(), err, tt.want)
	}
}

// visitRace: of many who renew one visit at once, one gets it.
func visitRace(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	account(t, s, "a1", "", "")
	if err := s.Enter(ctx, "", secret("old"), visit("a1", "v0"), act("login", "a1")); err != nil {
		t.Fatal(err)
	}
	if err := s.PutLink(ctx, secret("l"), app.LoginLink{Email: "x", Expires: T0.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutCeremony(ctx, secret("c"), app.Ceremony{Kind: "in", Expires: T0.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	won := map[string]int{}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			mine := string(rune('a' + i))
			_, linkErr := s.TakeLink(ctx, secret("l"), T0)
			_, ceremonyErr := s.TakeCeremony(ctx, secret("c"), "in", T0)
			for what, err := range map[string]error{"visit": s.Enter(ctx, secret("old"), secret(mine), visit("a1", mine), act("role", "a1")), "link": linkErr, "ceremony": ceremonyErr} {
				mu.Lock()
				if err == nil {
					won[what]++
				} else if !errors.Is(err, app.ErrNotFound) {
					t.Errorf("%s: %v", what, err)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if want := map[string]int{"visit": 1, "link": 1, "ceremony": 1}; !reflect.DeepEqual(won, want) {
		t.Errorf("won %v", won)
	}
}

// links: they count tries, run out and are taken once.
func links(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	l := app.LoginLink{Email: "elin@u.example", Account: "a", Browser: secret("b"), Code: secret("c"), Expires: T0.Add(time.Minute)}
	if err := s.PutLink(ctx, secret("l"), l); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Link(ctx, secret("l"), T0); err != nil || got != l {
		t.Errorf("%+v, %v", got, err)
	}
	for n := 1; n <= 2; n++ {
		if got, err := s.TryLink(ctx, secret("l"), T0); err != nil || got.Tries != n {
			t.Errorf("%+v, %v", got, err)
		}
	}
	late := T0.Add(time.Minute)
	_, lookErr := s.Link(ctx, secret("l"), late)
	_, tryErr := s.TryLink(ctx, secret("l"), late)
	_, takeErr := s.TakeLink(ctx, secret("l"), late)
	for what, err := range map[string]error{"look": lookErr, "try": tryErr, "take": takeErr} {
		wantErr(t, what+" late", err, app.ErrNotFound)
	}
	if got, err := s.TakeLink(ctx, secret("l"), T0); err != nil || got.Email != l.Email || got.Tries != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	_, err := s.TakeLink(ctx, secret("l"), T0)
	wantErr(t, "twice", err, app.ErrNotFound)
	if err := errors.Join(s.PutLink(ctx, secret("m"), l), s.SweepLogin(ctx, late, T0)); err != nil {
		t.Error(err)
	}
	_, err = s.Link(ctx, secret("m"), T0)
	wantErr(t, "swept", err, app.ErrNotFound)
}

// passkeys: a login changes one only when no other came first.
func passkeys(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	account(t, s, "a1", "", "")
	account(t, s, "a2", "", "bo")
	k := app.Passkey{ID: "k1", Account: "a1", Name: "Min dator", Data: `{"n":1}`, Assurance: app.AssuranceLow, Created: T0}
	if err := s.PutPasskey(ctx, k, act("passkey", "a1")); err != nil {
		t.Fatal(err)
	}
	again := k
	again.Account = "a2"
	wantErr(t, "somebody else's", s.PutPasskey(ctx, again, act("passkey", "a2")), app.ErrConflict)
	if got, err := s.Passkey(ctx, "k1"); err != nil || got != k {
		t.Errorf("%+v, %v", got, err)
	}
	next := k
	next.Data, next.Used, next.Blocked = `{"n":2}`, T0.Add(time.Second), true
	if err := s.UsedPasskey(ctx, next, k.Data); err != nil {
		t.Error(err)
	}
	wantErr(t, "overtaken", s.UsedPasskey(ctx, next, k.Data), app.ErrConflict)
	if all, err := s.Passkeys(ctx, "a1"); err != nil || !reflect.DeepEqual(all, []app.Passkey{next}) {
		t.Errorf("%+v, %v", all, err)
	}
	wantErr(t, "another's", s.RemovePasskey(ctx, "a2", "k1", act("passkey_removed", "a2")), app.ErrNotFound)
	if err := s.RemovePasskey(ctx, "a1", "k1", act("passkey_removed", "a1")); err != nil {
		t.Error(err)
	}
	_, err := s.Passkey(ctx, "k1")
	wantErr(t, "removed", err, app.ErrNotFound)
}

// ceremonies: each is taken once, by its kind, in its time.
func ceremonies(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	c := app.Ceremony{Kind: "login", Account: "a", Data: "{}", Expires: T0.Add(time.Minute)}
	if err := s.PutCeremony(ctx, secret("c"), c); err != nil {
		t.Fatal(err)
	}
	_, kindErr := s.TakeCeremony(ctx, secret("c"), "register", T0)
	_, lateErr := s.TakeCeremony(ctx, secret("c"), "login", T0.Add(time.Minute))
	wantErr(t, "another kind", kindErr, app.ErrNotFound)
	wantErr(t, "late", lateErr, app.ErrNotFound)
	if got, err := s.TakeCeremony(ctx, secret("c"), "login", T0); err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	_, err := s.TakeCeremony(ctx, secret("c"), "login", T0)
	wantErr(t, "twice", err, app.ErrNotFound)
}

// counts: all who share a database share them.
func counts(t *testing.T, p Place) {
	s, other, ctx := p.Open(t), p.Open(t), t.Context()
	for want := 1; want <= 4; want++ {
		one := s
		if want%2 == 0 {
			one = other
		}
		if n, err := one.Count(ctx, "w", T0); err != nil || n != want {
			t.Errorf("%d, %v, want %d", n, err, want)
		}
	}
	if n, err := s.Count(ctx, "w", T0.Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("next window: %d, %v", n, err)
	}
	if err := s.SweepLogin(ctx, T0, T0.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if n, err := s.Count(ctx, "w", T0); err != nil || n != 1 {
		t.Errorf("swept: %d, %v", n, err)
	}
}

// loginLogged: every act stands in the log, which is whole, and holds no
// address.
func loginLogged(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	q, v := key(t, s)
	account(t, s, "a1", "elin@u.example", "")
	if err := errors.Join(s.Enter(ctx, "", secret("1"), visit("a1", "v1"), act("login", "a1")), s.Leave(ctx, secret("1"), act("logout", "a1")),
		s.NoteLogin(ctx, app.LoginAct{At: T0, What: "failed", Code: "login.link", Who: "h"})); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "leaving twice", s.Leave(ctx, secret("1"), act("logout", "a1")), app.ErrNotFound)
	sequence(t, q, 4)
	clean(t, verify(t, s, v))
	rows, err := p.Raw(t).QueryContext(ctx, `SELECT actor, assurance, data FROM events WHERE stream = 'login/log' ORDER BY version`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var actor, assurance, data string
		if err := rows.Scan(&actor, &assurance, &data); err != nil {
			t.Fatal(err)
		}
		got = append(got, actor+" "+assurance+" "+data)
	}
	want := []string{
		`a1 1 {"method":"link","what":"account"}`, `a1 1 {"method":"link","what":"login"}`, `a1 1 {"method":"link","what":"logout"}`,
		` 0 {"code":"login.link","what":"failed","who":"h"}`,
	}
	if err := rows.Err(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%s", err, strings.Join(got, "\n"))
	}
}

// assuranceKept: how sure the counter was of who acted is stored with the act,
// is part of what the log vouches for, and is left out where nobody logged in.
func assuranceKept(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	q, v := key(t, s)
	sure := entry(1, "anna", "x")
	sure.By.Assurance = 3
	for _, e := range []order.Entry{sure, entry(2, "anna", "y")} {
		if err := s.Append(ctx, caseID(1), []order.Entry{e}, summary(caseID(1), e.Version), nil); err != nil {
			t.Fatal(err)
		}
	}
	sequence(t, q, 2)
	got, err := s.Load(ctx, caseID(1))
	if err != nil || len(got) != 2 || got[0].By.Assurance != 3 || got[1].By.Assurance != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	clean(t, verify(t, s, v))
	for _, set := range []string{"assurance = 4 WHERE version = 1", "assurance = 3 WHERE version = 2"} {
		exec(t, p.Raw(t), `UPDATE events SET `+set)
		if r := verify(t, s, v); r.Found == 0 {
			t.Errorf("SET %s: not found", set)
		}
		exec(t, p.Raw(t), `UPDATE events SET assurance = CASE version WHEN 1 THEN 3 ELSE 0 END`)
	}
	clean(t, verify(t, s, v))
}

// demoMark: only an empty database becomes one of a demo.
func demoMark(t *testing.T, p Place) {
	s, ctx := p.Open(t), t.Context()
	if is, err := s.IsDemo(ctx); err != nil || is {
		t.Errorf("new: %v, %v", is, err)
	}
	if err := s.MarkDemo(ctx); err != nil {
		t.Fatal(err)
	}
	if is, err := s.IsDemo(ctx); err != nil || !is {
		t.Errorf("marked: %v, %v", is, err)
	}
	wantErr(t, "twice", s.MarkDemo(ctx), app.ErrConflict)
}

func demoMarkRefused(t *testing.T, p Place) {
	s := p.Open(t)
	appendEntry(t, s, caseID(1), 1, "x")
	wantErr(t, "with a case in it", s.MarkDemo(t.Context()), app.ErrConflict)
	if is, err := s.IsDemo(t.Context()); err != nil || is {
		t.Errorf("%v, %v", is, err)
	}
}
