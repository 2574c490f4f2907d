package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "private": private},
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
