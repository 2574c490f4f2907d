package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/vault"
	"sluss/internal/works"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sluss-engine": func() { os.Exit(run(os.Args[1:])) }})
}

// TestScripts runs the stories in testdata/script: commands as they are typed
// and what they answer. Standard output, standard error and exit code are told
// apart there.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SLUSS_LANG", "en")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "private": private, "agekey": ageKey, "keeps": keeps, "holds": holds, "destroys": destroys, "signer": signerOf},
	})
}

// exits runs a command and checks its exit code: exits 2 sluss-engine spells.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = err.Error()[len("exit status "):]
	}
	if code != args[0] {
		ts.Fatalf("%s exits %s, want %s", args[1], code, args[0])
	}
}

// private checks that only the owner can read a file, and its folder.
func private(ts *testscript.TestScript, _ bool, args []string) {
	for path, want := range map[string]os.FileMode{ts.MkAbs(args[0]): 0o600, filepath.Dir(ts.MkAbs(args[0])): os.ModeDir | 0o700} {
		info, err := os.Stat(path)
		ts.Check(err)
		if info.Mode() != want {
			ts.Fatalf("%s has mode %s, want %s", filepath.Base(path), info.Mode(), want)
		}
	}
}

// ageKey makes a key pair: agekey FILE. The public half is $KEY.
func ageKey(ts *testscript.TestScript, _ bool, args []string) {
	identity, recipient, err := sealed.GenerateIdentity()
	ts.Check(err)
	ts.Check(sealed.WriteIdentity(ts.MkAbs(args[0]), identity))
	ts.Setenv("KEY", recipient)
}

func opened(ts *testscript.TestScript, dir string) *vault.Vault {
	v, err := vault.Open(ts.MkAbs(dir))
	ts.Check(err)
	return v
}

func populationOf(order string) works.Object {
	return works.Object{Owner: order, Kind: works.ObjectPopulation, Name: "population-1"}
}

// keeps puts a population into a vault: keeps VAULT ORDER TEXT.
func keeps(ts *testscript.TestScript, _ bool, args []string) {
	v := opened(ts, args[0])
	_, _, err := v.Put(context.Background(), populationOf(args[1]), strings.NewReader(args[2]))
	ts.Check(errors.Join(err, v.Close()))
}

// holds checks a population in a vault, or the code of the fault that keeps it
// from being read: holds VAULT ORDER TEXT.
func holds(ts *testscript.TestScript, _ bool, args []string) {
	v := opened(ts, args[0])
	got := ""
	r, err := v.Get(context.Background(), populationOf(args[1]))
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		got = f.Code
	} else if errors.Is(err, works.ErrNotFound) {
		got = "nothing"
	} else {
		ts.Check(err)
		b, err := io.ReadAll(r)
		ts.Check(errors.Join(err, r.Close()))
		got = string(b)
	}
	ts.Check(v.Close())
	if got != args[2] {
		ts.Fatalf("%s holds %q of %s, want %q", args[0], got, args[1], args[2])
	}
}

// destroys purges an order: destroys VAULT ORDER.
func destroys(ts *testscript.TestScript, _ bool, args []string) {
	v := opened(ts, args[0])
	_, err := v.Destroy(context.Background(), args[1])
	ts.Check(errors.Join(err, v.Close()))
}

// signerOf sets $SIGNER to the fingerprint that sluss-engine vault init printed.
func signerOf(ts *testscript.TestScript, _ bool, args []string) {
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if f, ok := strings.CutPrefix(line, "signer-fingerprint "); ok {
			ts.Setenv("SIGNER", strings.TrimSpace(f))
		}
	}
}
