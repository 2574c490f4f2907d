package orderrun

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"sluss/internal/api"
	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/blob"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/orderfile"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/store"
)

// simulated is a clock that stands at nine in the morning of the act's day and
// goes on by a minute each time it is asked.
type simulated struct {
	mu  sync.Mutex
	now time.Time
}

func (c *simulated) set(d day.Day) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if nine := time.Unix(int64(d)*86400+8*3600, 0).UTC(); nine.After(c.now) {
		c.now = nine
	}
}

func (c *simulated) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *simulated) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// person is somebody of the file with a signing key for each role that signs.
type person struct {
	orderfile.Person
	private map[order.Role]string
}

// vaultKeys are the public keys that `sluss-engine vault init` prints.
type vaultKeys struct {
	Recipient string `json:"recipient"`
	Signer    string `json:"signer"`
}

// signing roles need a key of their own.
var signing = []order.Role{order.RoleDecider, order.RoleStatistician, order.RoleReleaser}

// prepare builds the house: keys, registers, counter and vault.
func (r *run) prepare(ctx context.Context) error {
	if err := os.MkdirAll(r.staging, 0o755); err != nil {
		return err
	}
	if r.Engine == "" {
		found, err := FindEngine()
		if err != nil {
			return err
		}
		r.Engine = found
	}
	if err := r.findRegisters(ctx); err != nil {
		return err
	}
	signers, counterKey, err := r.makeKeys()
	if err != nil {
		return err
	}
	if err := r.engineJSON(ctx, &r.vault, "vault", "init", "--json", filepath.Join(r.work, "vault")); err != nil {
		return err
	}
	state := r.State
	if state == "" {
		state = filepath.Join(r.work, "counter")
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	db, err := store.OpenSQLite(ctx, filepath.Join(state, "sluss.db"))
	if err != nil {
		return err
	}
	r.house = &house{db: db, sequencer: &audit.Sequencer{Tree: db, Key: counterKey, Holder: counterName, Clock: time.Now}, logKey: signers[len(signers)-1].Key}
	if r.State != "" { // whoever serves the cases afterwards goes on with the same log
		if err := os.WriteFile(filepath.Join(state, CounterKeyFile), []byte(counterKey+"\n"), 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(state, LogKeyFile), []byte(r.house.logKey+"\n"), 0o644); err != nil {
		return err
	}
	blobs, err := blob.NewDir(filepath.Join(state, "documents"))
	if err != nil {
		return err
	}
	authority := config.Authority()
	if a := r.File.Authority; a.PurgeRule != nil {
		authority.PurgeRule = *a.PurgeRule
	}
	authority.Deciders = r.File.Authority.Deciders
	r.app = &app.App{
		Log: db, Queue: db, Tree: db, Blobs: blobs, Clock: r.clock.Now, Authority: authority, Catalogue: console.Catalogue(),
		Open: signers.Open, VaultKey: r.vault.Recipient, Seal: sealed.Seal, Name: counterName,
		Sign:   func(doc any) (string, error) { return signed.Sign(doc, counterKey) },
		Beside: app.Beside{Board: db},
	}
	return r.house.start(ctx, r, signers)
}

// counterName is the counter as a signer, and the origin of its log.
const counterName = "sluss"

// LogKeyFile lies beside the counter's database and holds the public key of
// its log.
const LogKeyFile = "log.pub"

// CounterKeyFile lies beside the counter's database and holds its private key;
// [Options.State] keeps it there.
const CounterKeyFile = "counter.key"

// makeKeys gives everybody who signs a key; the vault gets the list.
func (r *run) makeKeys() (signed.Signers, string, error) {
	var signers signed.Signers
	r.people = map[string]*person{}
	for _, p := range r.File.People {
		pp := &person{Person: p, private: map[order.Role]string{}}
		r.people[p.ID] = pp
		for _, role := range signing {
			if !hasRole(p, role) {
				continue
			}
			private, public, err := signed.Generate(rand.Reader, p.ID)
			if err != nil {
				return nil, "", err
			}
			pp.private[role] = private
			signers = append(signers, signed.Signer{Name: p.ID, Role: role, Key: public})
		}
	}
	private, public, err := signed.Generate(rand.Reader, counterName)
	return append(signers, signed.Signer{Name: counterName, Role: order.RoleRegistrar, Key: public}), private, err
}

// FindEngine looks for the vault's program beside this one and on the path.
func FindEngine() (string, error) {
	if self, err := os.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(self), "sluss-engine"); runnable(beside) {
			return beside, nil
		}
	}
	found, err := exec.LookPath("sluss-engine")
	if err != nil {
		return "", fault.New("orderrun.engine", "Programmet sluss-engine finns inte.", "The program sluss-engine cannot be found.").
			Do("Bygg båda programmen med make build.", "Build both programs with make build.")
	}
	return found, nil
}

func runnable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// findRegisters takes Data as a store of snapshots, or loads the source files
// in it into one of our own.
func (r *run) findRegisters(ctx context.Context) error {
	for _, dir := range []string{r.Data, filepath.Join(r.Data, "store")} {
		var list []snapshotInfo
		if err := r.engineJSON(ctx, &list, "snapshots", "list", "--store", dir, "--json"); err == nil && len(list) > 0 {
			r.store = dir
			return nil
		}
	}
	if _, err := os.Stat(filepath.Join(r.Data, "identity.parquet")); err != nil {
		return fault.New("orderrun.data", "Datamappen har varken ögonblicksbilder eller källfiler.", "The data folder holds neither snapshots nor source files.").
			At(fault.Where{File: filepath.Base(r.Data)}).
			Do("Skapa register med sluss-engine synth, eller läs in med sluss-engine load.", "Make registers with sluss-engine synth, or load them with sluss-engine load.")
	}
	r.store = filepath.Join(r.work, "store")
	_, err := r.engine(ctx, "load", "--from", r.Data, "--store", r.store)
	return err
}

type snapshotInfo struct {
	ID       string  `json:"id"`
	LoadedAt day.Day `json:"loaded_at"`
}

// engine runs a command of the vault and returns its standard output.
func (r *run) engine(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, r.Engine, args...)
	var out, msg bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &msg
	err := cmd.Run()
	if err != nil && ctx.Err() != nil { // the engine was ended with us
		return nil, ctx.Err()
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fault.New("orderrun.engine", "Valvet svarade: "+firstLine(msg.Bytes()), "The vault answered: "+firstLine(msg.Bytes())).Of(class(exit.ExitCode()))
	}
	return out.Bytes(), err
}

func class(code int) fault.Class {
	if code == int(fault.Input) || code == int(fault.Gate) {
		return fault.Class(code)
	}
	return fault.Internal
}

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(b), []byte("\n"))
	return string(line)
}

func (r *run) engineJSON(ctx context.Context, v any, args ...string) error {
	out, err := r.engine(ctx, args...)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, v)
}

// house is what runs beside the acts: the counter's server and the vault.
type house struct {
	db        *store.Store
	sequencer *audit.Sequencer
	logKey    string // public
	server    *http.Server
	served    chan error
	child     *exec.Cmd
	childE    bytes.Buffer
	ended     chan error
}

// start serves the vault's interface on a loopback port and starts the vault.
func (h *house) start(ctx context.Context, r *run, signers signed.Signers) error {
	credential, err := token()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	api.Vault(mux, r.app, credential, slog.New(slog.NewTextHandler(io.Discard, nil)))
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	h.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	h.served = make(chan error, 1)
	go func() { h.served <- h.server.Serve(ln) }()
	credentialFile, signersFile := filepath.Join(r.work, "credential"), filepath.Join(r.work, "signers.json")
	list, err := json.Marshal(signers)
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(credentialFile, []byte(credential), 0o600), os.WriteFile(signersFile, list, 0o600)); err != nil {
		return err
	}
	h.child = exec.CommandContext(ctx, r.Engine, "pull",
		"--dir", filepath.Join(r.work, "vault"), "--store", r.store, "--counter", "http://"+ln.Addr().String(),
		"--credential", credentialFile, "--signers", signersFile, "--simulated-time", "--every", "20ms", "--tied")
	if _, err := h.child.StdinPipe(); err != nil { // held open until we are gone, however we go
		return err
	}
	h.child.Stderr = &h.childE
	h.child.Cancel = func() error { return h.child.Process.Signal(syscall.SIGTERM) }
	h.child.WaitDelay = 10 * time.Second
	if err := h.child.Start(); err != nil {
		return fmt.Errorf("start the vault: %w", err)
	}
	h.ended = make(chan error, 1)
	go func() { h.ended <- h.child.Wait() }()
	return nil
}

func token() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b), nil
}

// close stops the vault and the counter.
func (r *run) close() error {
	h := r.house
	if h == nil {
		return nil
	}
	var errs []error
	if h.ended != nil {
		if err := h.child.Process.Signal(syscall.SIGTERM); err == nil {
			<-h.ended
		}
	}
	if h.server != nil {
		errs = append(errs, h.server.Close())
		<-h.served
	}
	_, err := h.sequencer.Once(context.Background()) // the vault's last reports
	errs = append(errs, err)
	return errors.Join(append(errs, h.db.Close())...)
}

// patience is how many failed attempts of the vault end the run.
const patience = 3

// settle waits until the vault has done what the last act brought about.
func (r *run) settle(ctx context.Context) error {
	for {
		idle, err := r.app.Idle(ctx)
		if err != nil {
			return err
		}
		if _, err := r.house.sequencer.Once(ctx); err != nil {
			return err
		}
		if idle {
			return r.refusals(ctx)
		}
		failing, err := r.app.Queue.Failing(ctx)
		if err != nil {
			return err
		}
		if len(failing) > 0 {
			if failing[0].Attempts >= patience {
				return fault.New(failing[0].Fault, "Valvet kunde inte utföra uppdraget: "+firstLine(r.house.childE.Bytes()), "The vault could not carry the work out: "+firstLine(r.house.childE.Bytes())).Of(fault.Internal)
			}
			r.clock.wait(time.Minute) // let simulated time pass until it is tried again
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-r.house.ended:
			r.house.ended <- err
			return fault.New("orderrun.vault_stopped", "Valvet stannade: "+firstLine(r.house.childE.Bytes()), "The vault stopped: "+firstLine(r.house.childE.Bytes())).Of(fault.Internal)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// refusals turns what the vault would not do into the run's end.
func (r *run) refusals(ctx context.Context) error {
	dead, err := r.app.Queue.Dead(ctx)
	if err != nil {
		return err
	}
	if len(dead) > 0 {
		return &fault.Fault{
			Code: dead[0].Fault, Class: fault.Gate, Rule: dead[0].Fault, Law: "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §",
			SV: "Valvet vägrade: " + firstLine(r.house.childE.Bytes()), EN: "The vault refused: " + firstLine(r.house.childE.Bytes()),
		}
	}
	entries, err := r.app.Log.Load(ctx, r.id)
	if err != nil {
		return err
	}
	if failed, ok := entries[len(entries)-1].Event.(*order.ExtractionFailed); ok {
		return &fault.Fault{Code: failed.Code, Class: fault.Gate, SV: failed.SV, EN: failed.EN, Rule: failed.Code, Promise: 3, Law: "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §"}
	}
	return nil
}
