// Package webtest lets tests of pages be visitors: a whole counter full of the
// showcase's cases, and a browser without script for each persona.
//
//	c := webtest.New(t, web.Rooms)
//	b := c.As(showcase.Handler)
//	p := b.Get("/cases/" + c.Case("late"))
//	p = b.Send(p, "supplement", webtest.Values{"text": "…"})
//
// Every page that is fetched is looked at: it has a title, a language and one
// heading, nothing of it is written twice under one id, every field has a
// label, and no identity number stands in it.
package webtest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/blob"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/day"
	"sluss/internal/document"
	"sluss/internal/ethicsdoc"
	"sluss/internal/intake"
	"sluss/internal/letter"
	"sluss/internal/letterpress"
	"sluss/internal/lix"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/showcase"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/web/page"
	"sluss/internal/wording"
)

// Today is the day in every test, a Wednesday.
var Today = day.MustParse("2026-11-04")

// Counter is a counter of a test's own.
type Counter struct {
	t     testing.TB
	App   *app.App
	DB    *store.Store
	Mux   *http.ServeMux
	Shown showcase.Shown
	// Now is what its clock shows.
	Now time.Time
}

// filled is the showcase, played once for all tests of a program.
type filled struct {
	dir              string
	shown            showcase.Shown
	key, public      string // the counter's own
	identity, vaults string // the vault's key pair
	err              error
}

var fill = sync.OnceValue(func() filled {
	var f filled
	if f.dir, f.err = os.MkdirTemp("", "sluss-webtest-"); f.err != nil {
		return f
	}
	if f.key, f.public, f.err = signed.Generate(rand.NewChaCha8([32]byte{1}), "sluss"); f.err != nil {
		return f
	}
	if f.identity, f.vaults, f.err = sealed.GenerateIdentity(); f.err != nil {
		return f
	}
	a, db, err := f.open(f.dir)
	if err != nil {
		f.err = err
		return f
	}
	f.shown, f.err = showcase.Fill(context.Background(), showcase.Options{App: a, Now: Today, Rand: rand.NewChaCha8([32]byte{2})})
	if f.err == nil {
		_, f.err = (&audit.Sequencer{Tree: db, Key: f.key, Holder: "webtest", Clock: time.Now}).Once(context.Background())
	}
	if err := db.Close(); f.err == nil {
		f.err = err
	}
	return f
})

// open is a counter on a folder.
func (f *filled) open(dir string) (*app.App, *store.Store, error) {
	db, err := store.OpenSQLite(context.Background(), filepath.Join(dir, "sluss.db"))
	if err != nil {
		return nil, nil, err
	}
	blobs, err := blob.NewDir(filepath.Join(dir, "documents"))
	if err != nil {
		return nil, nil, err
	}
	authority, err := config.Load("")
	if err != nil {
		return nil, nil, err
	}
	authority.Seller, authority.Officer = showcase.Seller(), showcase.Officer
	signers := append(signed.Signers{{Name: "sluss", Role: order.RoleRegistrar, Key: f.public}}, f.shown.Signers...)
	text := func(data []byte) (string, error) {
		pages, err := ethicsdoc.Pages(context.Background(), data)
		return strings.Join(pages, "\n"), err
	}
	return &app.App{
		Log: db, Queue: db, Blobs: blobs, Clock: time.Now, Authority: authority, Catalogue: catalog.Builtin(), Open: signers.Open, VaultKey: f.vaults, Seal: sealed.Seal,
		Sign: func(doc any) (string, error) { return signed.Sign(doc, f.key) }, Name: "sluss",
		Beside: app.Beside{
			Press: letterpress.New("", nil, 1), Settings: db, Outbox: db,
			Drafts: db, Upgrade: app.UpgradeAnswers, Form: intake.CurrentForm, Unsent: db, UnsentKey: bytes.Repeat([]byte{7}, 32), Attachments: db, Inspect: document.Inspector{PDFText: text}.Inspect,
			Reads: app.NewReadLog(db, quiet), Office: app.Office{Digests: db, Staff: db, Incoming: db, Pages: ethicsdoc.Pages},
		},
	}, db, nil
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// book is every text of rooms, and of letters.
func book(rooms []page.Room) (*wording.Book, error) {
	var all []wording.Original
	for _, r := range append([]page.Room{{Files: page.Own}}, rooms...) {
		sv, en := page.ReadTexts(r.Files, "sv"), page.ReadTexts(r.Files, "en")
		for key := range sv {
			all = append(all, wording.Original{Key: key, Text: catalog.Text{SV: sv[key], EN: en[key]}, Bound: lix.Orderer})
		}
	}
	return wording.NewBook(all, letter.Originals())
}

// Fill makes the cases that every counter is copied from, unless a test has
// already: a test that moves the temporary folder does so first, since its own
// folder goes when it ends.
func Fill(t testing.TB) {
	t.Helper()
	if f := fill(); f.err != nil {
		t.Fatal(f.err)
	}
}

// New is a counter with the showcase's cases and these rooms, which change may
// make different from a demo.
func New(t testing.TB, rooms []page.Room, change ...func(*app.App, *page.Site)) *Counter {
	t.Helper()
	f := fill()
	if f.err != nil {
		t.Fatal(f.err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(f.dir)); err != nil {
		t.Fatal(err)
	}
	a, db, err := f.open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if a.Book, err = book(rooms); err != nil {
		t.Fatal(err)
	}
	shelf := store.NewShelf(db)
	t.Cleanup(func() {
		spoilt, err := shelf.Spoilt(context.Background())
		if err != nil || len(spoilt) > 0 {
			t.Errorf("a page has changed what it was only to read: %v %v", spoilt, err)
		}
		_ = db.Close()
	})
	c := &Counter{t: t, App: a, DB: db, Mux: http.NewServeMux(), Shown: f.shown, Now: time.Unix(int64(Today)*86400+10*3600, 0).UTC()}
	verifier, err := audit.NewVerifier(f.public)
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { c.Now = c.Now.Add(time.Millisecond); return c.Now }
	a.Clock = clock
	site := page.Site{
		Cases: shelf, Catalogue: a.Catalogue, Authority: a.Authority, Clock: clock, Log: slog.New(slog.NewTextHandler(&shout{t}, nil)), Orders: a, Visits: visits{c}, Cookie: "sluss", Demo: true,
		SignAs:      func(person string, doc any) (string, error) { return signed.Sign(doc, f.shown.Keys[person]) },
		VaultSigner: signed.Fingerprint(f.shown.VaultSigner), Proof: audit.Book{Log: db, Key: verifier},
	}
	for _, f := range change {
		f(a, &site)
	}
	if err := page.Mount(c.Mux, site, rooms); err != nil {
		t.Fatal(err)
	}
	return c
}

// shout makes what the pages log a failure of the test: they log only what
// failed inside.
type shout struct{ t testing.TB }

func (s *shout) Write(b []byte) (int, error) {
	s.t.Errorf("logged: %s", b)
	return len(b), nil
}

// Case is the number of the showcase's case in a situation.
func (c *Counter) Case(situation showcase.Situation) string {
	c.t.Helper()
	id, ok := c.Shown.Cases[situation]
	if !ok {
		c.t.Fatalf("the showcase has no %q", situation)
	}
	return id
}

// State is a case as it is now.
func (c *Counter) State(id string) order.State {
	c.t.Helper()
	s, err := c.App.State(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// visits lets everybody of the cast in: the secret is persona|role.
type visits struct{ c *Counter }

func (v visits) Visitor(_ context.Context, secret string) (app.Visitor, error) {
	id, role, _ := strings.Cut(secret, "|")
	role, old := strings.CutSuffix(role, "|old")
	since := v.c.Now
	if old {
		since = since.Add(-2 * time.Hour)
	}
	for _, p := range showcase.Cast() {
		if p.ID != id {
			continue
		}
		return app.Visitor{
			Session: "test", Name: p.Name, Roles: p.Roles, Method: "persona", Assurance: app.AssuranceHigh, Since: since, Expires: v.c.Now.Add(time.Hour),
			Person: access.Person{ID: p.ID, Role: order.Role(role), Email: p.Email, Organisation: p.Organisation, Assurance: int(app.AssuranceHigh)},
		}, nil
	}
	return app.Visitor{}, app.ErrNotFound
}

func (visits) TakeRole(context.Context, string, order.Role) (string, error) { return "", nil }

func (visits) Leave(context.Context, string) error { return nil }
