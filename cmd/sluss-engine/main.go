// Command sluss-engine is the vault: it holds registers, snapshots, population
// and key files and everything else about single persons. It opens no port; it
// pulls work from the counter (sluss) over HTTP.
//
// Exit codes, the same for every command: 0 done, 1 something failed inside,
// 2 the input cannot be used (nothing was written), 3 a rule refused (nothing
// was written).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"sluss/internal/fault"
)

type cli struct {
	Load       loadCmd       `cmd:"" help:"Turn source files into a snapshot."`
	Population populationCmd `cmd:"" help:"Population and key files."`
	Snapshots  snapshotsCmd  `cmd:"" help:"List and verify snapshots."`
	Spells     spellsCmd     `cmd:"" help:"Turn rows into spells, sub-spells or panels (docs/spells.md)."`
	Synth      synthCmd      `cmd:"" help:"Make synthetic source files."`
	Vault      vaultCmd      `cmd:"" help:"Make a vault and show its public keys."`
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var c cli
	p, err := kong.New(&c, kong.Name("sluss-engine"),
		kong.Description("The vault of Sluss: registers, extraction and purge. It opens no port."),
		kong.UsageOnError())
	if err != nil {
		panic(err) // the command tree itself is wrong
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k, err := p.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "sluss-engine: %v\n", err)
		return int(fault.Input)
	}
	k.BindTo(ctx, (*context.Context)(nil))
	return report(k.Run())
}

// report prints err for the user and returns the exit code.
func report(err error) int {
	if err == nil {
		return 0
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		fmt.Fprintln(os.Stderr, f.Text(language()))
		return int(f.Class)
	}
	fmt.Fprintf(os.Stderr, "sluss-engine: %v\n", err)
	return int(fault.Internal)
}

// language is the language of messages: SLUSS_LANG, else the locale, else English.
func language() string {
	for _, name := range []string{"SLUSS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "sv") {
				return "sv"
			}
			return "en"
		}
	}
	return "en"
}
