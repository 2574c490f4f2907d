package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sluss/internal/api"
	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/console"
	"sluss/internal/ethicsdoc"
	"sluss/internal/fault"
	"sluss/internal/hook"
	"sluss/internal/opencat"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/vitals"
)

// place is where the counter keeps its orders.
type place struct {
	State    string `env:"SLUSS_STATE" required:"" placeholder:"DIR" help:"Folder of the counter: database, documents, its own key."`
	Database string `env:"SLUSS_DATABASE" placeholder:"URL" help:"A PostgreSQL database instead of the file in the folder."`
}

func (p place) open(ctx context.Context) (*store.Store, error) {
	if p.Database != "" {
		return store.OpenPostgres(ctx, p.Database)
	}
	if err := os.MkdirAll(p.State, 0o700); err != nil {
		return nil, fault.New("state.folder", "Mappen går inte att använda.", "The folder cannot be used.").
			At(fault.Where{File: filepath.Base(p.State)}).Do("Ange en annan med --state.", "Name another with --state.").Because(err)
	}
	return store.OpenSQLite(ctx, filepath.Join(p.State, "sluss.db"))
}

// serveCmd is the counter: pages, interface for programs, the vault's side,
// and the dates that act by themselves.
type serveCmd struct {
	place
	Addr        string `env:"SLUSS_ADDR" default:"localhost:8080" help:"Address to listen on."`
	Credential  string `env:"SLUSS_CREDENTIAL" placeholder:"FILE" help:"The vault's credential; without it there is no side for the vault."`
	VaultKey    string `env:"SLUSS_VAULT_KEY" placeholder:"KEY" help:"The vault's public key (age1…), that population files are sealed to."`
	VaultSigner string `env:"SLUSS_VAULT_SIGNER" placeholder:"FINGERPRINT" help:"The fingerprint of the key that the vault signs with; decisions name it."`
	Authority   string `env:"SLUSS_AUTHORITY" placeholder:"FILE" help:"The authority whose counter it is (docs/authority.md); the built-in one by default."`
	Origin      string `env:"SLUSS_ORIGIN" placeholder:"URL" help:"How browsers reach the counter, as https://sluss.example.se; without it there are only the pages for everybody (docs/login.md)."`
	Provider    string `env:"SLUSS_PROVIDER" placeholder:"FILE" help:"The identity provider that people log in at (docs/login.md)."`
	SMTP        string `name:"smtp" env:"SLUSS_SMTP" placeholder:"URL" help:"Mail server for one-time links: smtp://user@host:587 (STARTTLS), smtps://user@host:465; the password in SLUSS_SMTP_PASSWORD."`
	MailFrom    string `env:"SLUSS_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of mail."`
	printing
	watching
	scanning
	fetching
	handing
	Signers string `env:"SLUSS_SIGNERS" placeholder:"FILE" help:"Who may sign decisions, specifications and releases, JSON: name, role, key."`

	cast *demoCast // the people of a demo; nil in production
}

// counterName is the counter as a signer.
const counterName = "sluss"

// Run serves until it is interrupted.
func (c *serveCmd) Run(ctx context.Context) error {
	vitals.MakeRoom()
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	log := c.log()
	mux := http.NewServeMux()
	metrics, health := vitalsOf(db, c.State)
	mux.HandleFunc("GET /healthz", health.Live)
	mux.HandleFunc("GET /readyz", health.Ready)
	stop, err := c.counter(ctx, mux, db, log)
	if err != nil {
		return err
	}
	defer stop()
	watched, endWatch := context.WithCancel(context.WithoutCancel(ctx)) // also while requests under way are answered
	defer endWatch()
	if err := c.serveVitals(watched, metrics, health, log); err != nil {
		return err
	}
	context.AfterFunc(ctx, health.Stop)
	return c.listen(ctx, metrics.Watch(mux, log))
}

// counter adds pages and interfaces to mux and starts what runs beside them;
// stop ends that and waits for it.
func (c *serveCmd) counter(ctx context.Context, mux *http.ServeMux, db *store.Store, log *slog.Logger) (stop func(), err error) {
	p, err := c.assemble(ctx, db, log)
	if err != nil {
		return nil, err
	}
	a := p.app
	if err := c.pages(mux, db, p, log); err != nil {
		return nil, err
	}
	err = api.Programs(mux, api.Backend{Orders: a, Tokens: db, Answers: db, Lists: db, Catalogue: a.Catalogue, Clock: time.Now, Log: log, Authority: a.Authority, Publisher: opencat.Of(a.Authority, c.Origin)})
	if err != nil {
		return nil, err
	}
	if c.Credential != "" {
		credential, err := os.ReadFile(c.Credential)
		if err != nil || strings.TrimSpace(string(credential)) == "" {
			return nil, notReadable("credential", c.Credential, err)
		}
		api.Vault(mux, a, strings.TrimSpace(string(credential)), log)
	}
	if p.postman != nil {
		if err := db.UseMail(ctx, time.Now()); err != nil {
			return nil, err
		}
	}
	// Requests that are under way when ctx ends are still answered, and what
	// they read is still noted.
	reading, endReading := context.WithCancel(context.WithoutCancel(ctx))
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { p.sequencer.Run(ctx, 200*time.Millisecond, log) })
	beside.Go(func() { dates(ctx, a, log) })
	beside.Go(func() { a.WatchSettings(ctx, time.Second, log) })
	beside.Go(func() {
		if _, err := a.FillDigests(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "digests", "err", err)
		}
		if _, err := a.DueInAll(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "dates in all cases", "err", err)
		}
	})
	beside.Go(func() {
		if n, err := p.blobs.Sweep(ctx); n > 0 || err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "documents that a killed program was writing are removed", "files", n, "err", err)
		}
	})
	beside.Go(func() { a.Reads.Run(reading) })
	if p.login != nil {
		beside.Go(func() { p.login.Run(ctx) })
	}
	sender := &hook.Sender{Source: a, Secret: a.HookSecret, Clock: time.Now, Holder: p.sequencer.Holder, Log: log}
	beside.Go(func() { sender.Run(ctx) })
	if p.postman != nil {
		beside.Go(func() { p.postman.Run(ctx) })
	}
	if p.fetcher != nil {
		beside.Go(func() { p.fetcher.Run(ctx) })
	}
	if p.sftp != nil {
		beside.Go(func() { p.sftp.run(ctx, a, db, log) })
	}
	return func() { cancel(); endReading(); beside.Wait() }, nil
}

// ours refuses a database whose log is signed with another key than ours: it
// would never grow again.
func ours(ctx context.Context, db *store.Store, key string) error {
	last, err := db.Checkpoint(ctx)
	if err != nil || last == "" {
		return err
	}
	public, err := signed.Public(key)
	if err != nil {
		return err
	}
	verifier, err := audit.NewVerifier(public)
	if err != nil {
		return err
	}
	if _, err := audit.OpenCheckpoint(last, verifier); err != nil {
		return fault.New("serve.other_log", "Loggen i databasen är undertecknad med en annan nyckel än diskens.", "The log in the database is signed with another key than the counter's.").
			Do("Lägg tillbaka counter.key i mappen.", "Put counter.key back into the folder.").Because(err)
	}
	return nil
}

// pdfWait bounds how long one PDF file is looked into.
const pdfWait = 20 * time.Second

// pdfText is the text of a PDF file, to be looked through for personnummer. A
// scanned document has none.
func pdfText(data []byte) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pdfWait)
	defer cancel()
	pages, err := ethicsdoc.Pages(ctx, data)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == "ethicsdoc.no_text" {
		return "", nil
	}
	return strings.Join(pages, "\n\n"), err
}

// seal seals to the vault's key, which whoever runs the counter has to name.
func seal(w io.Writer, recipient string) (io.WriteCloser, error) {
	if recipient == "" {
		return nil, fault.New("serve.no_vault_key", "Disken har ingen nyckel till valvet och kan bara ta emot redan förseglade filer.", "The counter has no key of the vault and can only take files that are sealed already.").
			Do("Försegla filen med sluss seal.", "Seal the file with sluss seal.")
	}
	return sealed.Seal(w, recipient)
}

// hookSecret gives each subscription a secret of its own, made from the
// counter's key: so the database holds none.
func hookSecret(key string) func(string) []byte {
	return func(subscription string) []byte {
		return derived(key, "webhook "+subscription)
	}
}

// dates lets dates act: at the start and then every hour.
func dates(ctx context.Context, a *app.App, log *slog.Logger) {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		if _, err := a.Due(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "dates", "err", err)
		}
		if _, err := a.PurgeDrafts(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "old drafts", "err", err)
		}
		if _, err := a.PurgeUnsent(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "old unsent texts", "err", err)
		}
		if n, err := a.PurgeSealed(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "files sealed away", "err", err)
		} else if n > 0 {
			log.InfoContext(ctx, "files sealed away are destroyed", "count", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// key returns the counter's own signing key, which signs the log and the
// purges that a date brings about. It is made at the first start; the public
// half lies beside it, for the vault's list of signers and whoever verifies
// the log.
func (c *serveCmd) key() (string, error) {
	if err := os.MkdirAll(c.State, 0o700); err != nil {
		return "", err
	}
	file := filepath.Join(c.State, "counter.key")
	b, err := os.ReadFile(file)
	if err == nil {
		if _, err := signed.Public(string(b)); err != nil {
			return "", notReadable("state", file, err)
		}
		return strings.TrimSpace(string(b)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", notReadable("state", file, err)
	}
	private, public, err := signed.Generate(rand.Reader, counterName)
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(private + "\n")
	return private, errors.Join(err, f.Sync(), f.Close(), os.WriteFile(filepath.Join(c.State, "counter.pub"), []byte(public+"\n"), 0o644))
}

func readSigners(file string) (signed.Signers, error) {
	if file == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, notReadable("signers", file, err)
	}
	signers, err := signed.ReadSigners(raw)
	if err != nil {
		return nil, notReadable("signers", file, err)
	}
	return signers, nil
}

func notReadable(flag, file string, err error) error {
	return fault.New("serve."+flag, "Filen går inte att läsa.", "The file cannot be read.").
		At(fault.Where{File: filepath.Base(file), Column: "--" + flag}).Do("Kontrollera sökväg och innehåll.", "Check path and content.").Because(err)
}

// How long a request may take: an ordinary one, and one that carries a file.
const (
	ordinary = time.Minute
	withFile = 6 * time.Hour
)

// patient bounds the time of a request by what it carries.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := ordinary
		if p := r.URL.Path; strings.HasSuffix(p, "/population") || strings.HasSuffix(p, "/parcel") || strings.Contains(p, "/attachments") || strings.Contains(p, "/originals") {
			limit = withFile
		}
		control, ends := http.NewResponseController(w), time.Now().Add(limit)
		if err := errors.Join(control.SetReadDeadline(ends), control.SetWriteDeadline(ends)); err != nil {
			http.Error(w, "", http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// farewell is how long requests under way may take when the counter stops.
const farewell = 20 * time.Second

// listen serves until ctx ends, and lets requests that are under way finish.
func (c *serveCmd) listen(ctx context.Context, handler http.Handler) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fault.New("serve.address", "Adressen går inte att lyssna på.", "The address cannot be listened on.").
			Do("Är den upptagen? Ange en annan med --addr.", "Is it taken? Name another with --addr.").Because(err)
	}
	server := &http.Server{
		Handler: patient(http.NewCrossOriginProtection().Handler(handler)), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 16,
	}
	at := cmp.Or(c.Origin, "http://"+ln.Addr().String())
	if console.Language() == "sv" {
		fmt.Printf("Disken finns på %s\n", at)
	} else {
		fmt.Printf("The counter is at %s\n", at)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	select {
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		return server.Shutdown(stop)
	case err := <-done:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	}
}
