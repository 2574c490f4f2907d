//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/blob"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/document"
	"sluss/internal/ethicsdoc"
	"sluss/internal/intake"
	"sluss/internal/letterpress"
	"sluss/internal/login"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/showcase"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/swede"
	"sluss/internal/web"
	"sluss/internal/web/page"
)

// kept is what is written down of a filled counter, to open it again. Its keys
// sign made-up cases only.
type kept struct {
	Shown              showcase.Shown
	Key, Public, Vault string
	Mass, Open         int // cases besides the showcase's, and how many of them are open
}

// place is the folder of the counter under measurement.
type place struct {
	dir string
	kept
}

// counter is an open one.
type counter struct {
	*place
	app   *app.App
	db    *store.Store
	shelf *store.Shelf
	login *login.Login
	mux   *http.ServeMux
	stop  func()
}

// assemble is the counter without pages.
func (p *place) assemble(ctx context.Context) (*counter, error) {
	db, err := store.OpenSQLite(ctx, filepath.Join(p.dir, "sluss.db"))
	if err != nil {
		return nil, err
	}
	blobs, err := blob.NewDir(filepath.Join(p.dir, "documents"))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	signers := append(signed.Signers{{Name: "sluss", Role: order.RoleRegistrar, Key: p.Public}}, p.Shown.Signers...)
	text := func(data []byte) (string, error) {
		pages, err := ethicsdoc.Pages(ctx, data)
		return strings.Join(pages, "\n"), err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	book, err := web.Book()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a := &app.App{
		Log: db, Queue: db, Tree: db, Blobs: blobs, Clock: time.Now, Authority: sellerKnown(), Catalogue: catalog.Builtin(), Open: signers.Open, VaultKey: p.Vault, Seal: sealed.Seal,
		Sign: func(doc any) (string, error) { return signed.Sign(doc, p.Key) }, Name: "sluss",
		Beside: app.Beside{
			Kept: db, Board: db, Settings: db, Book: book, Press: letterpress.New("", nil, 1), Outbox: db,
			Drafts: db, Upgrade: app.UpgradeAnswers, Form: intake.CurrentForm, Unsent: db, UnsentKey: make([]byte, 32), Attachments: db, Inspect: document.Inspector{PDFText: text}.Inspect,
			Reads: app.NewReadLog(db, log), Hooks: db, HookSecret: func(string) []byte { return make([]byte, 32) },
			Office: app.Office{Digests: db, Staff: db, Incoming: db, Pages: ethicsdoc.Pages},
		},
	}
	if err := a.ReadSettings(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &counter{place: p, app: a, db: db, shelf: store.NewShelf(db), stop: func() {}}, nil
}

// sequence puts all that waits into the signed tree.
func (c *counter) sequence(ctx context.Context) error {
	_, err := (&audit.Sequencer{Tree: c.db, Key: c.Key, Holder: "bench", Clock: time.Now}).Once(ctx)
	return err
}

func (c *counter) close() error {
	c.stop()
	return c.db.Close()
}

// open opens the filled counter with its pages and what runs beside them.
func (p *place) open(ctx context.Context) (*counter, error) {
	c, err := p.assemble(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.pages(); err != nil {
		return nil, errors.Join(err, c.close())
	}
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { c.app.Reads.Run(ctx) })
	sequencer := &audit.Sequencer{Tree: c.db, Key: c.Key, Holder: "bench", Clock: time.Now}
	beside.Go(func() { sequencer.Run(ctx, 200*time.Millisecond, slog.New(slog.DiscardHandler)) })
	c.stop = func() { cancel(); beside.Wait() }
	return c, nil
}

// pages puts the pages together as `sluss demo` does, with the showcase's cast
// to log in as.
func (c *counter) pages() error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	verifier, err := audit.NewVerifier(c.Public)
	if err != nil {
		return err
	}
	o := login.Options{
		Accounts: c.db, Staff: c.db, Authority: c.app.Authority, Origin: origin, Mode: login.Demo, Addr: "localhost:8080", Clock: time.Now, Key: []byte(strings.Repeat("k", 32)), Log: log,
	}
	for _, x := range showcase.Cast() {
		o.Personas = append(o.Personas, login.Persona{ID: x.ID, Name: x.Name, Email: x.Email, Staff: x.Staff, Roles: x.Roles})
	}
	if c.login, err = login.New(o); err != nil {
		return err
	}
	c.mux = http.NewServeMux()
	return web.Pages(c.mux, page.Site{
		Cases: c.shelf, Catalogue: c.app.Catalogue, Authority: c.app.Authority, Clock: time.Now, Log: log, Orders: c.app,
		Login: c.login, Visits: c.login.Visits(), Cookie: c.login.CookieName(), Demo: true,
		SignAs:      func(person string, doc any) (string, error) { return signed.Sign(doc, c.Shown.Keys[person]) },
		VaultSigner: signed.Fingerprint(c.Shown.VaultSigner), Proof: audit.Book{Log: c.db, Key: verifier},
	})
}

// origin is how browsers would reach the counter.
const origin = "http://localhost:8080"

// fill makes the counter: the showcase, and the mass after it.
func (p *place) fill(ctx context.Context, z size) (err error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	if p.Key, p.Public, err = signed.Generate(rand.Reader, "sluss"); err != nil {
		return err
	}
	if _, p.Vault, err = sealed.GenerateIdentity(); err != nil {
		return err
	}
	c, err := p.assemble(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.db.MarkDemo(ctx); err != nil {
		return err
	}
	p.Shown, err = showcase.Fill(ctx, showcase.Options{App: c.app, Now: swede.CivilDay(time.Now()), Rand: rand.Reader, Sequence: c.sequence})
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := c.mass(ctx, z); err != nil {
		return err
	}
	if err := c.sequence(ctx); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "stored %d cases in %s\n", p.Mass, time.Since(begin).Round(time.Second))
	raw, err := json.Marshal(p.kept)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.dir, "place.json"), raw, 0o600)
}

// sellerKnown is the built-in authority with what invoices say of it.
func sellerKnown() *order.Authority {
	a := config.Authority()
	a.Seller = showcase.Seller()
	return a
}
