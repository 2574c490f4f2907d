package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluss/internal/console"
	"sluss/internal/engineroom"
	"sluss/internal/fault"
	"sluss/internal/ledger"
	"sluss/internal/pull"
	"sluss/internal/signed"
	"sluss/internal/vault"
	"sluss/internal/works"
)

// pullCmd asks the counter for work and carries it out.
type pullCmd struct {
	Dir        string        `required:"" placeholder:"DIR" help:"Folder of the vault, made by sluss-engine vault init."`
	Store      string        `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	Counter    string        `required:"" placeholder:"URL" help:"Address of the counter: https, or http on this machine."`
	Credential string        `required:"" placeholder:"FILE" help:"File with the vault's credential at the counter."`
	Signers    string        `required:"" placeholder:"FILE" help:"The vault's own list of people who may sign, JSON."`
	Every      time.Duration `default:"5s" help:"How often to ask when there is no work."`
	Once       bool          `help:"Stop when there is no work."`
	Tied       bool          `help:"Stop when standard input ends, as it does when the program that started this one is gone."`
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
	var signers signed.Signers
	if err := json.Unmarshal(raw, &signers); err != nil {
		return notReadable("signers", err)
	}
	counter, err := pull.New(c.Counter, string(credential))
	if err != nil {
		return fault.New("pull.counter", "Diskens adress går inte att använda.", "The counter's address cannot be used.").
			Do("Ange en https-adress, eller http på den här datorn.", "Give an https address, or http on this machine.").Because(err)
	}
	v, err := vault.Open(c.Dir)
	if err != nil {
		return err
	}
	defer v.Close()
	records, err := ledger.Open(ctx, filepath.Join(c.Dir, "ledger.db"))
	if err != nil {
		return err
	}
	defer records.Close()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	service := engineroom.New(engineroom.Parts{
		Counter: counter, Mailroom: engineroom.NewMailroom(c.Dir), Vault: v, Store: c.Store, Records: records, Catalogue: console.Catalogue(), Signers: signers, Random: rand.Reader,
		Clock: time.Now, SimulatedTime: c.Simulated, Log: log,
	})
	return c.loop(ctx, service, log)
}

// loop asks for work; a counter that cannot be reached is asked again, with
// growing pauses.
func (c *pullCmd) loop(ctx context.Context, s *works.Service, log *slog.Logger) error {
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
