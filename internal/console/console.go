// Package console is what the command lines of both programs share: how a
// command tree is run, how errors are told, and in which language.
//
// Exit codes, the same for every command: 0 done, 1 something failed inside or was interrupted,
// 2 the input cannot be used (nothing was written), 3 a rule refused (nothing
// was written).
//
// Results go to standard output; progress, notes and errors to standard error.
package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"sluss/internal/fault"
)

// Run parses args into the command tree and runs the command that was chosen.
// A command's Run method can take a context.Context; it ends with the first
// interrupt. The result is the exit code.
func Run(name, description string, tree any, args []string) int {
	p, err := newParser(name, description, tree)
	if err != nil {
		panic(err) // the command tree itself is wrong
	}
	if err := withSettings(p, args); err != nil {
		return Tell(os.Stderr, name, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k, err := p.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return int(fault.Input)
	}
	if g, ok := tree.(interface{ catalogDir() string }); ok {
		if err := useCatalogue(g.catalogDir()); err != nil {
			return Tell(os.Stderr, name, err)
		}
	}
	k.BindTo(ctx, (*context.Context)(nil))
	return Tell(os.Stderr, name, outcome(ctx, k.Run()))
}

// outcome is what a command's error means to its user: one that comes of the interrupt
// that ended ctx is no failure inside, and a full disk is nobody's riddle.
func outcome(ctx context.Context, err error) error {
	if _, told := errors.AsType[*fault.Fault](err); !told && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)) {
		return fault.New("disk.full", "Det finns inte plats på disken för det som skulle skrivas.", "There is no room on the disk for what was to be written.").
			Do("Ge plats där det ska skrivas, eller i den tillfälliga mappen (TMPDIR), och kör igen.", "Make room where it is to be written, or in the temporary folder (TMPDIR), and run it again.").Of(fault.Internal).Because(err)
	}
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New("interrupted", "Kommandot avbröts innan det var klart.", "The command was interrupted before it had finished.").
		Do("Kör det igen när det passar.", "Run it again when it suits.").Of(fault.Internal).Because(err)
}

func newParser(name, description string, tree any) (*kong.Kong, error) {
	return kong.New(tree, kong.Name(name), kong.Description(description), kong.UsageOnError())
}

// Tell prints err for the user and returns the exit code. Several faults that
// came together are all told; the code is the first one's.
func Tell(w io.Writer, name string, err error) int {
	if err == nil {
		return 0
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
		all := many.Unwrap()
		code := Tell(w, name, all[0])
		for _, e := range all[1:] {
			Tell(w, name, e)
		}
		return code
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		fmt.Fprintln(w, f.Text(Language()))
		return int(f.Class)
	}
	fmt.Fprintf(w, "%s: %v\n", name, err)
	return int(fault.Internal)
}

// Language is the language of messages, "sv" or "en": SLUSS_LANG, else the
// locale, else English.
func Language() string {
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
