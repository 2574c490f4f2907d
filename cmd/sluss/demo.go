package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"sluss/examples"
	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/orderfile"
	"sluss/internal/orderrun"
	"sluss/internal/sealed"
	"sluss/internal/showcase"
	"sluss/internal/swede"
)

// demoCmd runs one research order from application to purge on synthetic
// registers and then shows it.
type demoCmd struct {
	Dir     string `default:"demo" placeholder:"DIR" help:"Folder for registers, results and database; an earlier demo in it is removed."`
	Persons int    `default:"5000" help:"Synthetic persons."`
	Once    bool   `help:"Do not serve the pages afterwards."`
	Again   bool   `help:"Go on with the demo that lies in the folder, as it was left."`
	Addr    string `default:"localhost:8080" help:"Address of the pages."`
}

// mark shows that a folder is a demo of ours and may be removed.
const mark = ".sluss-demo"

// Run makes registers, carries the order out, prints each step, and serves.
func (c *demoCmd) Run(ctx context.Context) error {
	if c.Again {
		return c.again(ctx)
	}
	if err := c.clear(); err != nil {
		return err
	}
	lang := console.Language()
	say := func(sv, en string) {
		if lang == "sv" {
			fmt.Println(sv)
		} else {
			fmt.Println(en)
		}
	}
	engine, err := orderrun.FindEngine()
	if err != nil {
		return err
	}
	registers, store, work := filepath.Join(c.Dir, "registers"), filepath.Join(c.Dir, "registers", "store"), filepath.Join(c.Dir, "order")
	say("1. Syntetiska register", "1. Synthetic registers")
	if err := c.engine(ctx, engine, "synth", "--persons", fmt.Sprint(c.Persons), "--seed", "1", "--out", registers); err != nil {
		return err
	}
	say("\n2. Registren läses in som en ögonblicksbild", "\n2. The registers are loaded as a snapshot")
	if err := c.engine(ctx, engine, "load", "--from", registers, "--store", store); err != nil {
		return err
	}
	if err := os.CopyFS(work, examples.Files); err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(work, "research.yaml"))
	if err != nil {
		return err
	}
	file, err := orderfile.Read(f, "research.yaml")
	f.Close()
	if err != nil {
		return err
	}
	say("\n3. En forskningsbeställning, från ansökan till gallring (tiden är simulerad)\n", "\n3. A research order, from application to purge (time is simulated)\n")
	state := filepath.Join(c.Dir, "counter")
	if err := markDemo(ctx, place{State: state}); err != nil {
		return err
	}
	result := filepath.Join(c.Dir, "result")
	id, err := orderrun.Run(ctx, orderrun.Options{
		File: file, Name: "research.yaml", Base: work, Data: registers, Out: result, Engine: engine, Lang: lang, Print: os.Stdout, State: state,
	})
	if err != nil {
		return err
	}
	say(fmt.Sprintf("\n%s är levererad och gallrad. Mottagarens paket och de öppnade filerna: %s", id, filepath.Join(result, "recipient")),
		fmt.Sprintf("\n%s is delivered and purged. The recipient's parcel and the opened files: %s", id, filepath.Join(result, "recipient")))
	say("\n4. Disken fylls med påhittade ärenden", "\n4. The counter is filled with made-up cases")
	addr, err := freeAddress(ctx, c.Addr)
	if err != nil {
		return err
	}
	serve := &serveCmd{place: place{State: state}, Addr: addr, Origin: "http://" + named(addr)}
	if serve.cast, serve.VaultKey, err = c.fill(ctx, serve); err != nil {
		return err
	}
	if c.Once {
		return nil
	}
	say("\nLogga in som vem du vill av de påhittade personerna.", "\nLog in as any of the made-up people.")
	return serve.Run(ctx)
}

// kept is the file in which a demo keeps its made-up people, with the keys that
// they sign with, to go on with them.
const kept = "people.json"

// people is what that file holds.
type people struct {
	Shown    showcase.Shown
	VaultKey string
}

// again serves the pages of a demo that was made earlier.
func (c *demoCmd) again(ctx context.Context) error {
	raw, err := os.ReadFile(filepath.Join(c.Dir, kept))
	if err != nil {
		return fault.New("demo.again", "I mappen finns ingen demo att fortsätta med.", "There is no demo to go on with in the folder.").
			At(fault.Where{File: filepath.Base(c.Dir)}).Do("Börja en ny, utan --again.", "Begin a new one, without --again.").Because(err)
	}
	var p people
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	addr, err := freeAddress(ctx, c.Addr)
	if err != nil {
		return err
	}
	serve := &serveCmd{place: place{State: filepath.Join(c.Dir, "counter")}, Addr: addr, Origin: "http://" + named(addr), VaultKey: p.VaultKey, cast: &demoCast{p.Shown}}
	return serve.Run(ctx)
}

// freeAddress is addr, with a port that is free where addr has 0: browsers must
// know it before the counter listens.
func freeAddress(ctx context.Context, addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port != "0" {
		return addr, nil // what is wrong with it is told when it is listened on
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", err
	}
	defer ln.Close()
	_, port, err = net.SplitHostPort(ln.Addr().String())
	return net.JoinHostPort(host, port), err
}

// named is an address of this machine by its name: passkeys belong to names.
func named(addr string) string {
	if host, port, err := net.SplitHostPort(addr); err == nil && (host == "127.0.0.1" || host == "::1") {
		return "localhost:" + port
	}
	return addr
}

// fill fills the counter with the showcase's cases, and writes down which case
// shows what.
func (c *demoCmd) fill(ctx context.Context, serve *serveCmd) (*demoCast, string, error) {
	db, err := serve.open(ctx)
	if err != nil {
		return nil, "", err
	}
	defer db.Close()
	_, vault, err := sealed.GenerateIdentity()
	if err != nil {
		return nil, "", err
	}
	serve.VaultKey = vault
	p, err := serve.assemble(ctx, db, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, "", err
	}
	p.app.Outbox = db // sends nothing; the pages show how mail goes
	p.app.Authority.Officer = showcase.Officer
	p.sequencer.Holder = counterName // takes over from the order that was run before
	shown, err := showcase.Fill(ctx, showcase.Options{
		App: p.app, Now: swede.CivilDay(time.Now()), Rand: rand.Reader,
		Sequence: func(ctx context.Context) error { _, err := p.sequencer.Once(ctx); return err },
	})
	if err != nil {
		return nil, "", err
	}
	type persona struct {
		ID    string       `json:"id"`
		Name  string       `json:"name"`
		Roles []order.Role `json:"roles"`
	}
	var cast []persona
	for _, p := range showcase.Cast() {
		cast = append(cast, persona{p.ID, p.Name, p.Roles})
	}
	list, err := json.MarshalIndent(map[string]any{"cases": shown.Cases, "personas": cast}, "", " ")
	if err != nil {
		return nil, "", err
	}
	keys, err := json.Marshal(people{shown, vault})
	if err != nil {
		return nil, "", err
	}
	if err := os.WriteFile(filepath.Join(c.Dir, kept), keys, 0o600); err != nil {
		return nil, "", err
	}
	return &demoCast{shown}, vault, os.WriteFile(filepath.Join(c.Dir, "cases.json"), append(list, '\n'), 0o644)
}

// clear removes an earlier demo, and nothing else.
func (c *demoCmd) clear() error {
	entries, err := os.ReadDir(c.Dir)
	if err == nil && len(entries) > 0 {
		if _, err := fs.Stat(os.DirFS(c.Dir), mark); err != nil {
			return fault.New("demo.folder", "Mappen finns och är inte en tidigare demo.", "The folder exists and is no earlier demo.").
				At(fault.Where{File: filepath.Base(c.Dir)}).Do("Ange en annan med --dir.", "Name another with --dir.")
		}
		if err := os.RemoveAll(c.Dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.Dir, mark), nil, 0o644)
}

func (c *demoCmd) engine(ctx context.Context, engine string, args ...string) error {
	cmd := exec.CommandContext(ctx, engine, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
