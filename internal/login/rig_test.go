//go:build unix

package login_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/login"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/store/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// letters is a Mailer that remembers.
type letters struct {
	mu   sync.Mutex
	all  []login.Letter
	fail error
}

func (m *letters) Send(_ context.Context, to, subject, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, login.Letter{To: to, Subject: subject, Text: text})
	return m.fail
}

func (m *letters) last() login.Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.all) == 0 {
		return login.Letter{}
	}
	return m.all[len(m.all)-1]
}

// world is a counter's login with a clock that the test sets.
type world struct {
	*login.Login
	t     testing.TB
	mu    sync.Mutex
	now   time.Time
	db    *store.Store
	raw   *sql.DB
	mail  *letters
	log   *strings.Builder
	admin order.Actor
}

var t0 = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) options() login.Options {
	return login.Options{
		Accounts: w.db, Staff: w.db, Authority: &order.Authority{Suppliers: []order.Supplier{{ID: "scb", Name: "SCB", Email: "Mikrodata@scb.example"}}},
		Origin: testOrigin, Mode: login.Production, Clock: w.clock, Key: []byte(strings.Repeat("k", 32)), Mailer: w.mail, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	}
}

// newWorld makes a world on SQLite.
func newWorld(t testing.TB, change ...func(*login.Options)) *world {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sluss.db")
	db, err := store.OpenSQLite(t.Context(), file)
	return worldOn(t, db, err, "sqlite", "file:"+file+"?_pragma=busy_timeout(10000)", change...)
}

func worldOn(t testing.TB, db *store.Store, err error, driver, name string, change ...func(*login.Options)) *world {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(raw.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, now: t0, db: db, raw: raw, mail: &letters{}, log: &strings.Builder{}, admin: order.Actor{ID: "adm", Role: "administrator"}}
	o := w.options()
	for _, f := range change {
		f(&o)
	}
	if w.Login, err = login.New(o); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused checks the code of a refusal.
func (w *world) refused(err error, code string) {
	w.t.Helper()
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Code != "login."+code {
		w.t.Errorf("%v, want login.%s", err, code)
	}
}

func (w *world) gone(secret string) {
	w.t.Helper()
	if v, err := w.Visitor(w.t.Context(), secret); !errors.Is(err, app.ErrNotFound) {
		w.t.Errorf("a visit that has ended: %+v, %v", v, err)
	}
}

func (w *world) visitor(secret string) app.Visitor {
	w.t.Helper()
	v, err := w.Visitor(w.t.Context(), secret)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

var (
	linkKey  = regexp.MustCompile(`[?&]k=([A-Za-z0-9_-]{43})`)
	linkCode = regexp.MustCompile(`\b(\d{6})\b`)
)

// ask asks for a link and returns what the letter holds.
func (w *world) ask(email string) (browser, secret, code string) {
	w.t.Helper()
	browser, err := w.AskLink(w.t.Context(), login.LinkRequest{Email: email, Network: "n", Lang: "sv"})
	w.ok(err)
	text := w.mail.last().Text
	k, c := linkKey.FindStringSubmatch(text), linkCode.FindStringSubmatch(strings.ReplaceAll(text, "15 minuter", ""))
	if k == nil || c == nil {
		w.t.Fatalf("letter: %s", text)
	}
	return browser, k[1], c[1]
}

// byLink logs somebody in by link.
func (w *world) byLink(email, old string) string {
	w.t.Helper()
	browser, secret, _ := w.ask(email)
	in, err := w.UseLink(w.t.Context(), login.LinkUse{Secret: secret, Browser: browser, Old: old, Network: "n"})
	w.ok(err)
	return in.Secret
}

// staff makes a member of staff with an account, and lets it in by invitation.
func (w *world) staff(id string, roles ...order.Role) (app.Account, string) {
	w.t.Helper()
	w.ok(w.db.PutMember(w.t.Context(), app.Member{ID: id, Roles: roles}, w.admin, w.clock()))
	a, err := w.AddStaff(w.t.Context(), id, "Bo "+id, id+"@fk.example")
	w.ok(err)
	return a, w.invited(a)
}

func (w *world) invited(a app.Account) string {
	w.t.Helper()
	i, err := w.Invite(w.t.Context(), a.ID)
	w.ok(err)
	in, err := w.UseLink(w.t.Context(), login.LinkUse{Secret: linkKey.FindStringSubmatch(i.Link)[1], Code: i.Code, Network: "n"})
	w.ok(err)
	return in.Secret
}

// addKey adds a passkey to a visit's account.
func (w *world) addKey(secret string, a *authenticator) error {
	w.t.Helper()
	sent, ceremony, err := w.BeginAdd(w.t.Context(), secret)
	w.ok(err)
	return w.FinishAdd(w.t.Context(), login.PasskeyAdd{Secret: secret, Ceremony: ceremony, Name: " Min\tdator ", Lang: "sv", Answer: a.make(sent)})
}

// byKey logs in with a passkey.
func (w *world) byKey(a *authenticator, old string) (login.Entered, error) {
	w.t.Helper()
	sent, ceremony, err := w.BeginPasskey(w.t.Context(), "n")
	w.ok(err)
	return w.FinishPasskey(w.t.Context(), login.PasskeyUse{Ceremony: ceremony, Old: old, Network: "n", Answer: a.sign(sent)})
}

// logged returns the acts of the log, in order.
func (w *world) logged() (out []string) {
	w.t.Helper()
	rows, err := w.raw.Query(`SELECT actor, role, assurance, data FROM events WHERE stream = 'login/log' ORDER BY version`)
	w.ok(err)
	defer rows.Close()
	for rows.Next() {
		var actor, role, assurance, data string
		w.ok(rows.Scan(&actor, &role, &assurance, &data))
		out = append(out, actor+" "+role+" "+assurance+" "+data)
	}
	w.ok(rows.Err())
	return out
}
