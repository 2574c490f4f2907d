package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/engine/cluster"
	"sluss/internal/engineroom"
	"sluss/internal/fault"
	"sluss/internal/ledger"
	"sluss/internal/pull"
	"sluss/internal/signed"
	"sluss/internal/vault"
	"sluss/internal/vitals"
	"sluss/internal/works"
)

// pullCmd asks the counter for work and carries it out.
type pullCmd struct {
	Dir        string        `env:"SLUSS_VAULT" required:"" placeholder:"DIR" help:"Folder of the vault, made by sluss-engine vault init."`
	Store      string        `env:"SLUSS_STORE" required:"" placeholder:"DIR" help:"Folder of snapshots."`
	Counter    string        `env:"SLUSS_COUNTER" required:"" placeholder:"URL" help:"Address of the counter: https, or http on this machine."`
	Credential string        `env:"SLUSS_CREDENTIAL" required:"" placeholder:"FILE" help:"File with the vault's credential at the counter."`
	Signers    string        `env:"SLUSS_SIGNERS" required:"" placeholder:"FILE" help:"The vault's own list of people who may sign, JSON."`
	Authority  string        `env:"SLUSS_AUTHORITY" placeholder:"FILE" help:"The authority's file: its limits of disclosure risk (docs/exposure.md)."`
	Every      time.Duration `default:"5s" help:"How often to ask when there is no work."`
	Once       bool          `help:"Stop when there is no work."`
	Tied       bool          `help:"Stop when standard input ends, as it does when the program that started this one is gone."`
	Tables     string        `placeholder:"DIR" help:"Folder with a layout per snapshot, for extractions in a cluster (docs/scale.md)."`
	Cluster    []string      `placeholder:"COMMAND" sep:"none" help:"Command that takes work to the cluster, then its arguments; goes with --tables."`
	Partitions int           `default:"64" help:"Parts that the people are divided into in the cluster."`
	Log        string        `env:"SLUSS_LOG" enum:"json,text" default:"json" help:"The log on standard error: json, or text for a person at a terminal."`
	JobTime    time.Duration `env:"SLUSS_JOB_TIME" default:"24h" help:"Longest time that one population or extraction may take; 0: no bound."`
	JobDisk    console.Size  `env:"SLUSS_JOB_DISK" default:"200G" help:"Largest size of its files while it is made: bytes, or as 700M, 200G; 0: no bound."`
	JobMemory  console.Size  `env:"SLUSS_JOB_MEMORY" default:"16G" help:"Most memory that the program may hold meanwhile, mapped files not counted; 0: no bound."`
	Simulated  bool          `name:"simulated-time" help:"Take the day of each work order for today; synthetic registers only."`
}

// Run works until it is interrupted.
func (c *pullCmd) Run(ctx context.Context) error {
	if c.Tied {
		var stop context.CancelFunc
		ctx, stop = context.WithCancel(ctx)
		defer stop()
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // its end is all that counts
			stop()
		}()
	}
	credential, err := os.ReadFile(c.Credential)
	if err != nil {
		return notReadable("credential", err)
	}
	raw, err := os.ReadFile(c.Signers)
	if err != nil {
		return notReadable("signers", err)
	}
	signers, err := signed.ReadSigners(raw)
	if err != nil {
		return notReadable("signers", err)
	}
	limits, err := config.Exposure(c.Authority)
	if err != nil {
		return err
	}
	counter, err := pull.New(c.Counter, string(credential))
	if err != nil {
		return counterAddress(err)
	}
	v, err := vault.Open(c.Dir)
	if err != nil {
		return err
	}
	defer v.Close()
	records, err := ledger.Open(ctx, filepath.Join(c.Dir, engineroom.LedgerFile))
	if err != nil {
		return err
	}
	defer records.Close()
	if !c.Simulated { // vaults of simulated runs come and go
		if err := noteUser(c.Store, c.Dir, v.Public().Signer); err != nil {
			return err
		}
	}
	away, done, err := c.away()
	if err != nil {
		return err
	}
	defer done()
	log := vitals.NewLog(os.Stderr, c.Log == "text")
	service := engineroom.New(engineroom.Parts{
		Counter: counter, Mailroom: engineroom.NewMailroom(c.Dir), Vault: v, Store: c.Store, Cluster: away, Records: records, Catalogue: console.Catalogue(), Signers: signers, Random: rand.Reader,
		Clock: time.Now, SimulatedTime: c.Simulated, Policy: &limits, Log: log,
		Bounds: engineroom.Bounds{Time: c.JobTime, Disk: int64(c.JobDisk), Memory: int64(c.JobMemory), Dir: filepath.Join(c.Dir, vault.ScratchDir)},
	})
	if most := int64(c.JobMemory) * 9 / 10; most > 0 && most < debug.SetMemoryLimit(-1) { // what is garbage is given back before work is ended for it
		debug.SetMemoryLimit(most)
	}
	if err := c.settle(ctx, counter, v, records, log); err != nil {
		return err
	}
	return c.loop(ctx, service, &announcer{to: counter, store: c.Store, note: filepath.Join(c.Dir, "coverage.json"), log: log}, log)
}

func counterAddress(err error) error {
	return fault.New("pull.counter", "Diskens adress går inte att använda.", "The counter's address cannot be used.").
		Do("Ange en https-adress, eller http på den här datorn.", "Give an https address, or http on this machine.").Because(err)
}

// settle has a vault that was restored destroy what was purged since; a counter
// that cannot be reached is asked again. Until it answers, nothing is opened.
func (c *pullCmd) settle(ctx context.Context, counter *pull.Client, v *vault.Vault, records *ledger.Ledger, log *slog.Logger) error {
	pause := max(c.Every, time.Second)
	for v.Unsettled() {
		n, err := engineroom.Settle(ctx, counter, v, engineroom.NewMailroom(c.Dir), records)
		if err == nil {
			log.InfoContext(ctx, "restored: what was purged since is destroyed again", "orders", n)
			return nil
		}
		if _, refused := errors.AsType[*fault.Fault](err); refused || c.Once || ctx.Err() != nil {
			return err
		}
		log.ErrorContext(ctx, "restored: the counter cannot be asked what was purged", "err", strings.ReplaceAll(err.Error(), "\n", " "))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Minute)
	}
	return nil
}

// away is the cluster, nil where extractions run on this machine; done ends what
// was started there.
func (c *pullCmd) away() (away *engineroom.Cluster, done func(), err error) {
	if (c.Tables == "") != (len(c.Cluster) == 0) {
		return nil, nil, fault.New("pull.cluster", "--tables och --cluster hör ihop.", "--tables and --cluster go together.")
	}
	if c.Tables == "" {
		return nil, func() {}, nil
	}
	scratch := filepath.Join(c.Dir, "cluster")
	if err := errors.Join(os.RemoveAll(scratch), os.MkdirAll(scratch, 0o700)); err != nil { // works of a vault that was killed
		return nil, nil, err
	}
	spark := &cluster.Spark{Command: c.Cluster, Scratch: scratch, Log: os.Stderr}
	return &engineroom.Cluster{Tables: c.Tables, Partitions: c.Partitions, Runner: func(tables string) cluster.Runner {
		spark.Tables = tables // the vault carries one extraction out at a time
		return spark
	}}, func() { _ = spark.Close() }, nil
}

// loop asks for work; a counter that cannot be reached is asked again, with
// growing pauses. When there is no work, the counter is told how complete the
// registers are, once for each new snapshot.
func (c *pullCmd) loop(ctx context.Context, s *works.Service, a *announcer, log *slog.Logger) error {
	pause := c.Every
	for {
		err := s.Step(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			pause = c.Every
			continue
		case errors.Is(err, works.ErrNothing):
			a.tell(ctx)
			if c.Once {
				return nil
			}
			pause = c.Every
		default:
			if c.Once {
				return err
			}
			log.ErrorContext(ctx, "the counter cannot be reached", "err", strings.ReplaceAll(err.Error(), "\n", " "))
			pause = min(2*max(pause, time.Second), time.Minute)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

func notReadable(what string, err error) error {
	return fault.New("pull."+what, "Filen till --"+what+" går inte att läsa.", fmt.Sprintf("The file of --%s cannot be read.", what)).
		Do("Kontrollera sökväg och innehåll.", "Check path and content.").Because(err)
}
