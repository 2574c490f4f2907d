// Package orderrun carries a whole order out from a file, headless, through
// the system itself: the rules, the store, the wall with the vault as a child
// process behind loopback HTTP, sealing and the recipient's own tools. Only
// the clock is simulated, so that months of waiting pass at once.
//
// Begin with [Run]. Nothing is written where the caller wants the results
// until the order has come to its end; when a gate refuses, nothing at all.
package orderrun

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/orderfile"
)

// Options say what to run, on which data, and where the results go.
type Options struct {
	File   *orderfile.File
	Name   string // of the order file, for messages
	Base   string // directory that the file's paths start from
	Data   string // registers: a store of snapshots, or source files
	Out    string // results; must not exist or be empty
	Engine string // path of sluss-engine; "" = beside this program, else on PATH
	Lang   string // sv or en
	Print  io.Writer
	// State keeps the counter's database and documents in this directory, for
	// a server to show; "" = they go with the run.
	State string
}

// Run carries the order out and returns its number. Errors are those of the
// rules (*fault.Fault of class Gate), of the file (class Input), or of the
// machine.
func Run(ctx context.Context, o Options) (string, error) {
	if err := emptyOrAbsent(o.Out); err != nil {
		return "", err
	}
	work, err := workshop()
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	outside := ctx
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r := &run{Options: o, work: work, staging: filepath.Join(work, "out"), clock: &simulated{}}
	if err := r.prepare(ctx); err != nil {
		return "", errors.Join(err, r.close())
	}
	err = r.acts(ctx)
	if e := r.close(); err == nil {
		err = e
	}
	if outside.Err() != nil {
		return r.id, fault.New("orderrun.interrupted", "Avbrutet; inget är skrivet.", "Interrupted; nothing was written.").Of(fault.Internal).Because(err)
	}
	if err != nil {
		return r.id, err
	}
	return r.id, r.keep()
}

// run is one order on its way.
type run struct {
	Options
	work    string
	staging string // becomes Out
	clock   *simulated
	app     *app.App
	house   *house
	people  map[string]*person
	vault   vaultKeys
	store   string // of snapshots

	id        string
	state     order.State
	told      int    // entries printed so far
	recipient string // age recipient
}

// acts carries the acts out, one after the other, and lets the vault work
// after each.
func (r *run) acts(ctx context.Context) error {
	for _, a := range r.File.Acts {
		r.clock.set(a.On)
		do, ok := doers[a.Do]
		if !ok {
			return r.bad(a, "do", "Okänd handling.", "Unknown act.")
		}
		if r.id == "" && a.Do != "submit" {
			return r.bad(a, "do", "Den första handlingen är submit.", "The first act is submit.")
		}
		if err := do(ctx, r, a); err != nil {
			return r.stopped(ctx, located(err, r.Name, a))
		}
		if err := r.settle(ctx); err != nil {
			return r.stopped(ctx, located(err, r.Name, a))
		}
		if err := r.tell(ctx); err != nil {
			return err
		}
	}
	return nil
}

// stopped prints what was logged before an act was refused and returns err.
func (r *run) stopped(ctx context.Context, err error) error {
	if r.id != "" {
		if e := r.tell(ctx); e != nil {
			return errors.Join(err, e)
		}
	}
	return err
}

// located adds the line of the act to a fault that has none.
func located(err error, name string, a orderfile.Act) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Where.Line == 0 {
		f.Where.File, f.Where.Line = name, a.Line
	}
	return err
}

func (r *run) bad(a orderfile.Act, field, sv, en string) error {
	return fault.New("orderrun.act", sv, en).At(fault.Where{File: r.Name, Line: a.Line, Column: field}).
		Do("Rätta filen; docs/orderfile.md beskriver den.", "Mend the file; docs/orderfile.md describes it.")
}

// actor returns who carries an act out.
func (r *run) actor(a orderfile.Act) order.Actor { return order.Actor{ID: a.By, Role: a.As} }

// emptyOrAbsent refuses a directory that holds something.
func emptyOrAbsent(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	return fault.New("orderrun.out", "Resultatmappen är inte tom.", "The folder for the results is not empty.").
		At(fault.Where{File: filepath.Base(dir)}).Do("Ange en ny mapp.", "Name a new folder.").Because(err)
}

// keep moves the results to where the caller wants them.
func (r *run) keep() error {
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(r.Out)), 0o755); err != nil {
		return err
	}
	if err := os.Remove(r.Out); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(r.staging, r.Out); err == nil {
		return nil
	}
	return os.CopyFS(r.Out, os.DirFS(r.staging)) // another file system
}

// path resolves a path of the order file: @data/… starts from the data
// directory, everything else from the file's own.
func (r *run) path(p string) string {
	if rest, ok := cutAny(p, "@data/"); ok {
		return filepath.Join(r.Data, rest)
	}
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(r.Base, p)
}

func cutAny(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return s, false
}

// hasRole reports whether the person may sign in the role.
func hasRole(p orderfile.Person, role order.Role) bool { return slices.Contains(p.Roles, role) }
