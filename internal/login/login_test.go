//go:build unix

package login_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluss/internal/app"
	_ "sluss/internal/drawtest"
	"sluss/internal/login"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/store/pgtest"
)

// TestThreat20SessionTheftFixationReplay is row 20 of the threat table: what
// the cookies are, that a secret cannot be planted, that every login and change
// of role renews it, and that what was ended stays ended.
func TestThreat20SessionTheftFixationReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for _, c := range []*http.Cookie{w.VisitCookie("s"), w.BrowserCookie("s"), w.CeremonyCookie("s"), w.VisitCookie("")} {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("%+v", c)
		}
	}
	if w.CookieName() != "__Host-sluss" || w.VisitCookie("").MaxAge >= 0 || w.VisitCookie("s").MaxAge != 0 {
		t.Error("name or age of the cookie")
	}
	planted := strings.Repeat("A", 43)
	w.gone(planted)
	first := w.byLink("elin@u.example", planted) // the thief's secret is in the browser
	w.gone(planted)
	if len(first) != 43 || first == planted {
		t.Errorf("secret %q", first)
	}
	v := w.visitor(first)
	renewed, err := w.TakeRole(ctx, first, order.RoleCoApplicant)
	w.ok(err)
	w.gone(first)
	if got := w.visitor(renewed); got.Person.Role != order.RoleCoApplicant || got.Session == v.Session || !got.Since.Equal(v.Since) {
		t.Errorf("%+v", got)
	}
	again := w.byLink("elin@u.example", renewed) // once more in the same browser
	w.gone(renewed)
	if got := w.visitor(again); got.Person.Role != order.RoleCoApplicant {
		t.Errorf("the role was lost: %+v", got)
	}
	w.ok(w.Leave(ctx, again))
	w.ok(w.Leave(ctx, again))
	w.gone(again)
	if _, err := w.TakeRole(ctx, again, order.RoleOrderer); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("a role in a visit that has ended: %v", err)
	}
	for _, where := range []string{"visits", "login_links", "login_ceremonies"} { // no secret is stored
		for _, s := range []string{first, renewed, again} {
			var n int
			w.ok(w.raw.QueryRow(`SELECT count(*) FROM `+where+` WHERE hash = $1`, s).Scan(&n))
			if n != 0 {
				t.Errorf("%s holds a secret", where)
			}
		}
	}
}

// TestVisitsRunOut: idle staff are out after half an hour, others after twelve;
// nobody is in longer than twelve hours, whatever they do.
func TestVisitsRunOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *login.Options) { o.IdleOutside = 2 * time.Hour })
	_, staff := w.staff("bo", order.RoleHandler)
	outside := w.byLink("elin@u.example", "")
	w.wait(30*time.Minute - time.Millisecond)
	if v := w.visitor(staff); !v.Expires.Equal(w.clock().Add(30 * time.Minute)) {
		t.Errorf("expires %v at %v", v.Expires, w.clock())
	}
	w.wait(30 * time.Minute)
	w.gone(staff)
	w.visitor(outside)
	for range 6 {
		w.wait(110 * time.Minute)
		w.visitor(outside)
	}
	w.wait(time.Hour)
	w.gone(outside)
	w.wait(-6 * time.Hour) // a clock that is set back brings nothing back
	w.gone(outside)
	w.gone(staff)
	third := w.byLink("elin@u.example", "")
	w.wait(12 * time.Hour)
	w.ok(w.Sweep(t.Context()))
	w.wait(-11 * time.Hour)
	w.gone(third)
}

// TestRolesAreTheStaffTables: roles come from the staff table at every request,
// clearance never from a login, and who is removed is out at once.
func TestRolesAreTheStaffTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.ok(w.db.PutMember(ctx, app.Member{ID: "bo", Roles: []order.Role{order.RoleDecider, order.RoleHandler}, Cleared: true}, w.admin, t0))
	a, err := w.AddStaff(ctx, "bo", "Bo", "bo@fk.example")
	w.ok(err)
	in := w.invited(a)
	v := w.visitor(in)
	if v.Person.ID != "bo" || v.Person.Role != order.RoleHandler || v.Person.Cleared || v.Method != "invite" || v.Assurance != app.AssuranceMail || v.Person.Assurance != 1 ||
		!reflect.DeepEqual(v.Roles, []order.Role{order.RoleHandler, order.RoleDecider}) {
		t.Errorf("%+v", v)
	}
	_, err = w.TakeRole(ctx, in, order.RoleReleaser)
	w.refused(err, "role")
	w.visitor(in)
	in, err = w.TakeRole(ctx, in, order.RoleDecider)
	w.ok(err)
	w.ok(w.db.PutMember(ctx, app.Member{ID: "bo", Roles: []order.Role{order.RoleHandler}}, w.admin, t0))
	w.gone(in)
	w.ok(w.db.PutMember(ctx, app.Member{ID: "bo", Roles: []order.Role{order.RoleDecider}}, w.admin, t0))
	w.gone(in) // and stays out
	in = w.invited(a)
	w.ok(w.db.RemoveMember(ctx, "bo", w.admin, t0))
	w.gone(in)
	i, err := w.Invite(ctx, a.ID)
	w.ok(err)
	_, err = w.UseLink(ctx, login.LinkUse{Secret: linkKey.FindStringSubmatch(i.Link)[1], Code: i.Code, Network: "n"})
	w.refused(err, "no_role")
	w.ok(w.RemoveAccount(ctx, a.ID))
	if _, err := w.Invite(ctx, a.ID); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("a removed account: %v", err)
	}
}

// TestOutsiders: whoever reads the mail of an address is the person that
// applications name by it; the contact of a supplier can deliver for it.
func TestOutsiders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visitor(w.byLink(" Elin@U.example ", ""))
	if v.Person.Email != "elin@u.example" || v.Person.Role != order.RoleOrderer || v.Person.Organisation != "" || v.Name != "elin@u.example" || v.Method != "link" ||
		!reflect.DeepEqual(v.Roles, []order.Role{order.RoleOrderer, order.RoleCoApplicant, order.RoleRepresentative}) {
		t.Errorf("%+v", v)
	}
	if again := w.visitor(w.byLink("elin@u.example", "")); again.Person.ID != v.Person.ID {
		t.Error("the same address became another person")
	}
	scb := w.byLink("mikrodata@scb.example", "")
	s := w.visitor(scb)
	if s.Person.Role != order.RoleSupplier || s.Person.Organisation != "SCB" || !slices.Contains(s.Roles, order.RoleOrderer) {
		t.Errorf("%+v", s)
	}
	scb, err := w.TakeRole(t.Context(), scb, order.RoleOrderer)
	w.ok(err)
	if s := w.visitor(scb); s.Person.Organisation != "" {
		t.Error("an orderer holds a population")
	}
	if !v.Fresh(t0.Add(10*time.Minute)) || v.Fresh(t0.Add(10*time.Minute+1)) || v.Fresh(t0.Add(-1)) {
		t.Error("fresh for another time than ten minutes")
	}
}

// TestLinks: a link counts once, for a quarter of an hour, in the browser that
// asked; elsewhere the code of the letter is asked for, five times at most.
func TestLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	use := func(secret, browser, code string) error {
		_, err := w.UseLink(ctx, login.LinkUse{Secret: secret, Browser: browser, Code: code, Network: "n"})
		return err
	}
	browser, secret, code := w.ask("elin@u.example")
	for range 20 { // what opens links in letters burns nothing
		if needs, err := w.LookLink(ctx, secret, ""); err != nil || !needs {
			t.Fatalf("%v, %v", needs, err)
		}
	}
	if needs, err := w.LookLink(ctx, secret, browser); err != nil || needs {
		t.Errorf("in the browser that asked: %v, %v", needs, err)
	}
	w.refused(use(secret, "", ""), "code")
	w.refused(use(secret, secret, "000000"), "code")
	w.ok(use(secret, browser, ""))
	w.refused(use(secret, browser, ""), "link")
	w.refused(use(secret, "", code), "link")
	_, err := w.LookLink(ctx, secret, browser)
	w.refused(err, "link")

	_, secret, code = w.ask("elin@u.example")
	w.ok(use(secret, "", " "+code[:3]+" "+code[3:]))

	browser, secret, code = w.ask("elin@u.example")
	wrong := "111111"
	if code == wrong {
		wrong = "222222"
	}
	for range 5 {
		w.refused(use(secret, "", wrong), "code")
	}
	w.refused(use(secret, "", code), "link") // the sixth try is too late, right or not
	w.refused(use(secret, browser, ""), "link")

	browser, secret, _ = w.ask("elin@u.example")
	w.wait(15 * time.Minute)
	w.refused(use(secret, browser, ""), "link")
	w.refused(use("", "", ""), "link")
}

// TestLinksAnswerAlike: who asks learns nothing of whether the address is known
// or belongs to staff, and no address is logged.
func TestLinksAnswerAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.staff("bo", order.RoleHandler)
	w.byLink("elin@u.example", "")
	for _, email := range []string{"elin@u.example", "ingen@u.example", "bo@fk.example"} {
		browser, err := w.AskLink(ctx, login.LinkRequest{Email: email, Network: "n", Lang: "en"})
		if err != nil || len(browser) != 43 || w.mail.last().To != email {
			t.Errorf("%v, %q", err, browser)
		}
	}
	if text := w.mail.last().Text; linkKey.MatchString(text) {
		t.Errorf("staff got a link: %s", text)
	}
	for _, bad := range []string{"", "elin", "elin@", "@u.example", "elin@u", "a b@u.example", "Elin <elin@u.example>", "e@u.example\r\nBcc: x@u.example", "e@u.example,x@u.example", strings.Repeat("e", 250) + "@u.example", "e@u.example\x00"} {
		_, err := w.AskLink(ctx, login.LinkRequest{Email: bad, Network: "n"})
		w.refused(err, "email")
	}
	w.mail.fail = errors.New("550 <ny@u.example> unknown")
	if _, err := w.AskLink(ctx, login.LinkRequest{Email: "ny@u.example", Network: "n"}); err == nil || strings.Contains(err.Error(), "ny@u") {
		t.Errorf("an error that names the address: %v", err)
	}
	for _, line := range append(w.logged(), w.log.String()) {
		if strings.Contains(line, "@") || strings.Contains(line, "elin") {
			t.Errorf("an address in a log: %s", line)
		}
	}
	for _, table := range []string{"login_counts"} {
		var n int
		w.ok(w.raw.QueryRow(`SELECT count(*) FROM ` + table + ` WHERE who LIKE '%@%'`).Scan(&n))
		if n > 0 {
			t.Errorf("%s holds addresses", table)
		}
	}
	staffByMail := newWorld(t, func(o *login.Options) { o.StaffLinks = true })
	staffByMail.staff("bo", order.RoleHandler)
	if v := staffByMail.visitor(staffByMail.byLink("bo@fk.example", "")); v.Person.ID != "bo" || v.Assurance != app.AssuranceMail {
		t.Errorf("%+v", v)
	}
}

// TestLimits: five links an hour to an address, counted where all programs see
// it; so many from a network.
func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	other, err := login.New(w.options()) // another program on the same database
	w.ok(err)
	for i := range 5 {
		l := w.Login
		if i%2 == 1 {
			l = other
		}
		_, err := l.AskLink(ctx, login.LinkRequest{Email: "elin@u.example", Network: fmt.Sprint(i)})
		w.ok(err)
	}
	_, err = w.AskLink(ctx, login.LinkRequest{Email: "ELIN@u.example", Network: "x"})
	w.refused(err, "too_many")
	for i := range 60 {
		_, err := w.AskLink(ctx, login.LinkRequest{Email: fmt.Sprintf("e%d@u.example", i), Network: "net"})
		w.ok(err)
	}
	_, err = w.AskLink(ctx, login.LinkRequest{Email: "ny@u.example", Network: "net"})
	w.refused(err, "too_many")
	w.wait(time.Hour)
	_, err = w.AskLink(ctx, login.LinkRequest{Email: "elin@u.example", Network: "net"})
	w.ok(err)
	for range 300 {
		_, err = w.UseLink(ctx, login.LinkUse{Secret: "x", Network: "net2"})
		w.refused(err, "link")
	}
	_, err = w.UseLink(ctx, login.LinkUse{Secret: "x", Network: "net2"})
	w.refused(err, "too_many")
}

// TestNetwork: what a browser says of where it is counts for nothing unless a
// known proxy has written it.
func TestNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *login.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	for _, tt := range []struct{ remote, forwarded, want string }{
		{"192.0.2.7:5", "", "192.0.2.7"},
		{"192.0.2.7:5", "198.51.100.1", "192.0.2.7"},
		{"10.0.0.1:5", "203.0.113.9, 198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:5", "203.0.113.9, 10.0.0.2", "203.0.113.9"},
		{"10.0.0.1:5", "rubbish", "10.0.0.1"},
		{"[2001:db8:1:2:3:4:5:6]:5", "", "2001:db8:1:2::/64"},
		{"[::ffff:192.0.2.7]:5", "", "192.0.2.7"},
		{"", "", "unknown"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := w.Network(r); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// TestLocalPath: nobody is sent to another site after a login.
func TestLocalPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/cases/FK-2026-00001?x=1": "/cases/FK-2026-00001?x=1", "": "/", "cases": "/", "//evil.example": "/", "///evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/",
		"/\tx": "/", "javascript:alert(1)": "/", "/" + strings.Repeat("a", 500): "/", "/%zz": "/",
	} {
		if got := login.LocalPath(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// TestLogged: every login, logout, change and failure is a row of the log.
func TestLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	in := w.byLink("elin@u.example", "")
	in, err := w.TakeRole(ctx, in, order.RoleRepresentative)
	w.ok(err)
	_, err = w.TakeRole(ctx, in, order.RoleDecider)
	w.refused(err, "role")
	w.byLink("elin@u.example", "")
	if n, err := w.LeaveOthers(ctx, in); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	w.ok(w.Leave(ctx, in))
	_, err = w.UseLink(ctx, login.LinkUse{Secret: "x", Network: "n"})
	w.refused(err, "link")
	a, err := w.db.AccountByEmail(ctx, "elin@u.example")
	w.ok(err)
	want := []string{
		a.ID + `  0 {"method":"link","what":"account"}`,
		a.ID + ` orderer 1 {"method":"link","what":"login"}`,
		a.ID + ` representative 1 {"method":"link","what":"role"}`,
		a.ID + ` representative 1 {"code":"login.role","method":"link","what":"failed"}`,
		a.ID + ` orderer 1 {"method":"link","what":"login"}`,
		a.ID + ` representative 1 {"what":"ended"}`,
		a.ID + ` representative 1 {"method":"link","what":"logout"}`,
		`  0 {"code":"login.link","method":"link","what":"failed"}`,
	}
	if got := w.logged(); !reflect.DeepEqual(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRaces: of many who use one link or renew one visit at once, one is in;
// a visit that is left while it is renewed leaves at most one behind. On both
// databases.
func TestRaces(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) *world{
		"SQLite": func(t *testing.T) *world { return newWorld(t) },
		"Postgres": func(t *testing.T) *world {
			dsn := pgtest.Database(t)
			db, err := store.OpenPostgres(t.Context(), dsn)
			return worldOn(t, db, err, "pgx", dsn)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			ctx := t.Context()
			browser, secret, _ := w.ask("elin@u.example")
			var mu sync.Mutex
			var in []string
			run := func(f func() (string, error)) {
				var all sync.WaitGroup
				for range 8 {
					all.Go(func() {
						s, err := f()
						mu.Lock()
						defer mu.Unlock()
						if err == nil && s != "" {
							in = append(in, s)
						}
					})
				}
				all.Wait()
			}
			run(func() (string, error) {
				e, err := w.UseLink(ctx, login.LinkUse{Secret: secret, Browser: browser, Network: "n"})
				return e.Secret, err
			})
			if len(in) != 1 {
				t.Fatalf("%d used one link", len(in))
			}
			first := in[0]
			in = nil
			run(func() (string, error) { return w.TakeRole(ctx, first, order.RoleRepresentative) })
			if len(in) != 1 {
				t.Fatalf("%d renewed one visit", len(in))
			}
			w.gone(first)
			second := in[0]
			in = nil
			run(func() (string, error) {
				return "", errors.Join(w.Leave(ctx, second), func() error { _, err := w.Visitor(ctx, second); return err }())
			})
			w.gone(second)
		})
	}
}

// TestNobodyWithoutProof: whatever is done in whatever order, a secret is good
// exactly when a proof gave it and nothing has ended it since, and nobody is
// surer than the proof.
func TestNobodyWithoutProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *login.Options) { o.IdleOutside = 3 * time.Hour })
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		type visit struct {
			who         string
			seen, until time.Time
		}
		live, dead := map[string]visit{}, []string{"", strings.Repeat("x", 43)}
		one := func() string {
			var keys []string
			for k := range live {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			return rapid.SampledFrom(append(slices.Clone(dead), keys...)).Draw(t, "secret")
		}
		kill := func(s string) {
			delete(live, s)
			dead = append(dead, s)
		}
		expire := func() {
			for s, v := range live {
				if now := w.clock(); !now.Before(v.until) || now.Sub(v.seen) >= 3*time.Hour {
					kill(s)
				}
			}
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			expire()
			s := one()
			_, was := live[s]
			switch rapid.SampledFrom([]string{"enter", "enter", "role", "leave", "others", "wait", "wrong"}).Draw(t, "act") {
			case "enter":
				who := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "who")
				w.wait(time.Hour) // the limit of links
				expire()
				in := w.byLink(who+"@u.example", s)
				if _, still := live[s]; still {
					kill(s)
				}
				live[in] = visit{who, w.clock(), w.clock().Add(12 * time.Hour)}
			case "role":
				in, err := w.TakeRole(ctx, s, order.RoleCoApplicant)
				if (err == nil) != was {
					t.Fatalf("role: %v, was in: %v", err, was)
				}
				if was {
					v := live[s]
					v.seen = w.clock()
					kill(s)
					live[in] = v
				}
			case "leave":
				if err := w.Leave(ctx, s); err != nil {
					t.Fatal(err)
				}
				if was {
					kill(s)
				}
			case "others":
				_, err := w.LeaveOthers(ctx, s)
				if (err == nil) != was {
					t.Fatalf("others: %v, was in: %v", err, was)
				}
				for k, v := range live {
					if was && k != s && v.who == live[s].who {
						kill(k)
					}
				}
			case "wait":
				w.wait(time.Duration(rapid.IntRange(1, 240).Draw(t, "minutes")) * time.Minute)
			case "wrong":
				if _, err := w.UseLink(ctx, login.LinkUse{Secret: s, Browser: s, Network: fmt.Sprint(w.clock())}); err == nil {
					t.Fatal("a visit's secret opened a link")
				}
			}
			expire()
			for k, v := range live {
				got, err := w.Visitor(ctx, k)
				if err != nil || got.Person.Email != v.who+"@u.example" || got.Assurance != app.AssuranceMail {
					t.Fatalf("%+v, %v, want %s", got, err, v.who)
				}
				v.seen = w.clock()
				live[k] = v
			}
			for _, k := range dead {
				if got, err := w.Visitor(ctx, k); !errors.Is(err, app.ErrNotFound) {
					t.Fatalf("%+v, %v", got, err)
				}
			}
		}
		for k := range live {
			if err := w.Leave(ctx, k); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestUnsafeSettings are refused at the start.
func TestUnsafeSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for what, change := range map[string]func(*login.Options){
		"no https":              func(o *login.Options) { o.Origin = "http://sluss.example" },
		"no https, production":  func(o *login.Options) { o.Origin = "http://localhost:8080" },
		"no https, demo abroad": func(o *login.Options) { o.Mode, o.Origin = login.Demo, "http://sluss.example" },
		"a number":              func(o *login.Options) { o.Mode, o.Origin = login.Demo, "http://127.0.0.1:8080" },
		"a path":                func(o *login.Options) { o.Origin += "/x" },
		"no origin":             func(o *login.Options) { o.Origin = "" },
		"a short key":           func(o *login.Options) { o.Key = o.Key[:31] },
		"no clock":              func(o *login.Options) { o.Clock = nil },
		"no levels": func(o *login.Options) {
			o.Provider = &login.Provider{Issuer: "https://i", ClientID: "c", StaffClaim: "s"}
		},
		"an impossible level": func(o *login.Options) {
			o.Provider = &login.Provider{Issuer: "https://i", ClientID: "c", StaffClaim: "s", Levels: map[string]app.Assurance{"x": 5}}
		},
		"nobody named": func(o *login.Options) {
			o.Provider = &login.Provider{Issuer: "https://i", ClientID: "c", Levels: map[string]app.Assurance{"x": 3}}
		},
	} {
		o := w.options()
		change(&o)
		if _, err := login.New(o); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
	o := w.options()
	o.Mode, o.Origin, o.Mailer = login.Demo, "http://localhost:8080", nil
	l, err := login.New(o)
	w.ok(err)
	if c := l.VisitCookie("s"); c.Name != "sluss" || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("%+v", c)
	}
	if _, err := l.AskLink(t.Context(), login.LinkRequest{Email: "e@u.example", Network: "n"}); err != nil {
		t.Error(err)
	}
	if all, demo := l.Letters(); !demo || len(all) != 1 {
		t.Errorf("%v, %v", all, demo)
	}
	o = w.options()
	o.Mailer = nil
	l, err = login.New(o)
	w.ok(err)
	if _, demo := l.Letters(); demo || l.HasLinks() {
		t.Error("production shows letters")
	}
	if _, err := l.AskLink(t.Context(), login.LinkRequest{Email: "e@u.example"}); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("a link without a mailer: %v", err)
	}
}
