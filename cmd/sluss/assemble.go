package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/blob"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/document"
	"sluss/internal/ethicsdoc"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/login"
	"sluss/internal/mail"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/showcase"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/web"
	"sluss/internal/web/page"
)

// counterParts are what a counter is put together from.
type counterParts struct {
	blobs     *blob.Dir
	app       *app.App
	sequencer *audit.Sequencer
	login     *login.Login // nil: nobody can log in
	book      audit.Book
	signers   signed.Signers
	secret    []byte        // for keyed hashes of login
	postman   *mail.Postman // nil: no mail is sent
	fetcher   *mail.Fetcher // nil: none is fetched
	sftp      *sftpDesk     // nil: nothing is handed out that way
}

// assemble puts the counter together on its database and folder.
func (c *serveCmd) assemble(ctx context.Context, db *store.Store, log *slog.Logger) (*counterParts, error) {
	signers, err := readSigners(c.Signers)
	if err != nil {
		return nil, err
	}
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	// What the counter signs itself (calls for a population, purges on their
	// date) it must also be able to check.
	public, err := signed.Public(key)
	if err != nil {
		return nil, err
	}
	signers = append(signers, signed.Signer{Name: counterName, Role: order.RoleRegistrar, Key: public})
	blobs, err := blob.NewDir(filepath.Join(c.State, "documents"))
	if err != nil {
		return nil, err
	}
	if c.VaultKey != "" {
		if _, err := sealed.ParseRecipient(c.VaultKey); err != nil {
			return nil, err
		}
	}
	authority, err := config.Load(c.Authority)
	if err != nil {
		return nil, err
	}
	if c.cast != nil {
		authority.Seller, authority.Officer = showcase.Seller(), showcase.Officer
	}
	if len(authority.Clearance) > 0 { // it comes from one place
		return nil, fault.New("serve.clearance", "Behörighet för skyddade personuppgifter sätts i personalregistret, inte i myndighetens fil.", "Clearance for protected personal data is set in the staff table, not in the authority's file.").
			Do("Ta bort clearance ur filen och låt administratören sätta den.", "Remove clearance from the file and let the administrator set it.")
	}
	if err := ours(ctx, db, key); err != nil {
		return nil, err
	}
	book, err := web.Book()
	if err != nil {
		return nil, err
	}
	a := &app.App{
		Log: db, Queue: db, Tree: db, Blobs: blobs, Clock: time.Now, Authority: authority, Catalogue: console.Catalogue(),
		Open: append(signers, c.cast.signers()...).Open, VaultKey: c.VaultKey, Seal: seal, Name: counterName,
		Sign: func(doc any) (string, error) { return signed.Sign(doc, key) },
		Beside: app.Beside{
			Kept:     db,
			Board:    db,
			Settings: db, Book: book,
			Drafts: db, Upgrade: app.UpgradeAnswers, Form: intake.CurrentForm, Unsent: db, UnsentKey: derived(key, "unsent"), Attachments: db, Inspect: document.Inspector{PDFText: pdfText}.Inspect,
			Reads: app.NewReadLog(db, log), Hooks: db, HookSecret: hookSecret(key),
			Office: app.Office{Digests: db, Staff: db, Incoming: db, Pages: ethicsdoc.Pages},
		},
	}
	if a.Malware, err = c.guard(log); err != nil {
		return nil, err
	}
	if c.cast != nil { // it sends no mail, and shows how mail goes
		a.Outbox = db
	}
	if err := a.ReadSettings(ctx); err != nil {
		return nil, err
	}
	if a.Press, err = c.press(); err != nil {
		return nil, err
	}
	verifier, err := audit.NewVerifier(public)
	if err != nil {
		return nil, err
	}
	in, err := c.fetcher(a, log)
	if err != nil {
		return nil, err
	}
	out, err := c.handing.listen(ctx, c.State, c.Origin)
	if err != nil {
		return nil, err
	}
	return &counterParts{
		sftp: out, fetcher: in, app: a, blobs: blobs, signers: signers, book: audit.Book{Log: db, Key: verifier}, sequencer: &audit.Sequencer{Tree: db, Key: key, Holder: counterName + "-" + rand.Text()[:8], Clock: time.Now}, secret: derived(key, "login"),
	}, nil
}

// hasAccount tells whether somebody with an address can log in.
func hasAccount(db *store.Store) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, email string) (bool, error) {
		_, err := db.AccountByEmail(ctx, email)
		if app.IsNotFound(err) {
			return false, nil
		}
		return err == nil, err
	}
}

// derived is a secret of its own, made from the counter's key.
func derived(key, what string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(what))
	return h.Sum(nil)
}

// pages adds the pages to mux, and the ways in when browsers can reach the
// counter in a safe way.
func (c *serveCmd) pages(mux *http.ServeMux, db *store.Store, p *counterParts, log *slog.Logger) error {
	a := p.app
	site := page.Site{Cases: store.NewShelf(db), Catalogue: a.Catalogue, Authority: a.Authority, Clock: time.Now, Log: log, Orders: a, VaultSigner: c.VaultSigner, Proof: p.book, Passkeys: p.signers.PasskeysOf, SFTP: p.sftp.shown()}
	if c.Origin != "" || c.cast != nil {
		o := login.Options{
			Accounts: db, Staff: db, Authority: a.Authority, Origin: c.Origin, Mode: login.Production, Addr: c.Addr, Clock: time.Now, Key: p.secret, Log: log,
		}
		if c.SMTP != "" {
			m, err := mail.New(c.SMTP, c.MailFrom, os.Getenv("SLUSS_SMTP_PASSWORD"), nil)
			if err != nil {
				return err
			}
			o.Mailer = m
			a.Outbox, a.Origin, a.HasAccount = db, c.Origin, hasAccount(db)
			p.postman = &mail.Postman{Outbox: a, Sender: m, Log: log}
		}
		if c.cast != nil {
			o.Mode, o.Personas = login.Demo, c.cast.personas()
			site.Demo, site.SignAs = true, c.cast.signAs
			if site.VaultSigner == "" {
				site.VaultSigner = signed.Fingerprint(c.cast.shown.VaultSigner)
			}
		}
		var err error
		if c.Provider != "" {
			if o.Provider, err = login.ReadProvider(c.Provider); err != nil {
				return err
			}
		}
		if p.login, err = login.New(o); err != nil {
			return err
		}
		site.Login, site.Visits, site.Cookie = p.login, p.login.Visits(), p.login.CookieName()
	}
	return web.Pages(mux, site)
}
