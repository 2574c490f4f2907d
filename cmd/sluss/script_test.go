package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sluss/internal/canon"
	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/parcel"
	"sluss/internal/plan"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/swede"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sluss": func() {
		var c cli
		os.Exit(console.Run("sluss", "The counter of Sluss.", &c, os.Args[1:]))
	}})
}

// TestScripts runs the stories in testdata/script: commands as they are typed
// and what they answer.
func TestScripts(t *testing.T) {
	t.Parallel()
	p := stories(t)
	p.Dir = "testdata/script"
	testscript.Run(t, p)
}

// TestThreat22LogTamperingIsFound: a byte changed, a tail dropped, another log
// in the place of ours.
func TestThreat22LogTamperingIsFound(t *testing.T) {
	t.Parallel()
	p := stories(t)
	p.Files = []string{"testdata/script/audit.txt"}
	testscript.Run(t, p)
}

// stories is what the scripts have beside the program.
func stories(t *testing.T) testscript.Params {
	t.Helper()
	private, public, err := signed.Generate(rand.Reader, "valvet")
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, err := signed.Generate(rand.Reader, "valvet")
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Setup: func(e *testscript.Env) error {
			e.Setenv("SLUSS_LANG", "en")
			e.Setenv("TOMORROW", (swede.CivilDay(time.Now()) + 1).String())
			e.Setenv("YEAR", strconv.Itoa(swede.CivilDay(time.Now()).Year()))
			e.Setenv("SIGNER", signed.Fingerprint(public))
			e.Setenv("STRANGER", signed.Fingerprint(stranger))
			return os.WriteFile(e.WorkDir+"/signer.pub", []byte(public+"\n"), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"parcel":     func(ts *testscript.TestScript, _ bool, args []string) { makeParcel(ts, private, public, args) },
			"flip":       flip,
			"cut":        cut,
			"graft":      graft,
			"counterlog": makeLog,
			"sql":        runSQL,
			"recipient": func(ts *testscript.TestScript, _ bool, args []string) {
				identity, err := sealed.ReadIdentity(ts.MkAbs(args[0]))
				ts.Check(err)
				key, err := sealed.RecipientOf(identity)
				ts.Check(err)
				ts.Setenv("KEY", key)
			},
		},
	}
}

// exits runs a command and checks its exit code: exits 2 sluss open …
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	code := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("%s exits %s, want %s", args[1], code, args[0])
	}
}

// makeParcel writes a delivery: parcel ORDER IDENTITY OUT.
func makeParcel(ts *testscript.TestScript, private, public string, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: parcel ORDER IDENTITY OUT")
	}
	identity, err := sealed.ReadIdentity(ts.MkAbs(args[1]))
	ts.Check(err)
	recipient, err := sealed.RecipientOf(identity)
	ts.Check(err)
	dir, err := os.MkdirTemp(ts.Getenv("WORK"), "files")
	ts.Check(err)
	rows := []byte("lopnr;fall_from\n1;2024-01-01\n2;2024-02-01\n")
	ts.Check(os.WriteFile(dir+"/sjukfall.csv", rows, 0o600))
	m := parcel.Manifest{
		Type: parcel.TypeManifest, Order: args[0], Project: args[0], Decision: plan.Ref{ID: args[0] + "-B1", Version: 1, SHA256: canon.Sum([]byte(args[0]))},
		Synthetic: true, Recipient: sealed.Fingerprint(recipient), Signer: public, Created: day.Of(2026, 11, 21),
		Files: []parcel.File{{
			Name: "sjukfall.csv", Role: parcel.RoleData, Format: "csv", CSV: &parcel.CSV{Delimiter: ";", Encoding: "utf-8", Date: "iso", Decimal: "."},
			Rows: 2, Columns: []parcel.Column{{Name: "lopnr"}, {Name: "fall_from"}}, Bytes: int64(len(rows)), SHA256: canon.Sum(rows),
		}},
	}
	var out bytes.Buffer
	_, err = parcel.Write(context.Background(), &out, parcel.Sealing{
		Manifest: m, Dir: dir, Scratch: dir, Recipient: recipient,
		Sign: func(doc any) (string, error) { return signed.Sign(doc, private) },
	})
	ts.Check(err)
	ts.Check(os.RemoveAll(dir))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), out.Bytes(), 0o600))
}

// flip changes one byte: flip FILE PER_MILLE, counted from the beginning.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	b := []byte(ts.ReadFile(args[0]))
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	b[(len(b)-1)*n/1000] ^= 0x20
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}

// cut removes bytes from a file's end: cut FILE N.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	b := []byte(ts.ReadFile(args[0]))
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b[:len(b)-n], 0o600))
}

// graft puts the sealed part of one parcel into another: graft FROM INTO.
func graft(ts *testscript.TestScript, _ bool, args []string) {
	from, into := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	const mark = "age-encryption.org/v1\n"
	// The README mentions age-encryption.org without a version; the mark is the sealed part's.
	i, j := strings.Index(from, mark), strings.Index(into, mark)
	if i < 0 || j != i || len(from) != len(into) {
		ts.Fatalf("the parcels are not of one size")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(into[:j]+from[i:]), 0o600))
}
