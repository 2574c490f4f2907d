package ledger_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/ledger"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/pseudonym"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

const (
	one = "FK-2026-00001"
	two = "FK-2026-00002"
)

func hash(s string) canon.Hash { return canon.Sum([]byte(s)) }

func open(t testing.TB, file string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "ledger.db") }

// full is one of everything.
var (
	persons  = plan.Persons{Source: plan.SourceFile, Max: 9, ID: "pnr", Columns: []plan.PopulationExtra{{Name: "index", Type: "date", Use: "steer"}}}
	intake   = works.Intake{Ref: plan.Ref{ID: "pop-1", SHA256: hash("p")}, Persons: 7, Under: &persons}
	made     = workorder.Delivery{Scope: hash("scope"), AsOf: plan.AsOf{Snapshot: "s1"}}
	parcel   = works.Parcel{Manifest: hash("m"), SHA256: hash("c"), RanBy: "sten", Decision: plan.Ref{ID: "B1", Version: 1, SHA256: hash("d")}, Report: order.Extracted{Manifest: hash("m")}, Number: 2, From: made, Snapshot: hash("s")}
	delivery = works.Delivery{From: made, Snapshot: hash("s"), On: 20000, PurgeOn: 20180, Parcels: 2}
	ruling   = workorder.Ruling{Version: 2, Hash: hash("d2")}
	protocol = works.Protocol{Note: "signed", Hash: hash("x"), Objects: 4}
)

func domain(id, project string, keep pseudonym.Keep, until day.Day) pseudonym.Domain {
	return pseudonym.Domain{ID: id, Project: project, Type: pseudonym.Person, Scope: pseudonym.ScopeProject, Origin: pseudonym.Own, State: pseudonym.Open, Policy: pseudonym.Policy{Keep: keep, Until: until, EthicsRef: "Dnr 1"}}
}

func fill(t testing.TB, l *ledger.Ledger, id string) {
	t.Helper()
	delivered := parcel
	delivered.Delivered = true
	for _, err := range []error{
		l.SaveIntake(t.Context(), id, intake), l.SaveParcel(t.Context(), id, parcel), l.SaveDelivery(t.Context(), id, delivery, delivered), l.SaveRuling(t.Context(), id, ruling),
		l.SaveDomain(t.Context(), id, domain(id+"-person", id, pseudonym.DeleteAfterDelivery, 0)), l.SaveDomain(t.Context(), id, domain(id+"-kept", id, pseudonym.KeepUntil, 22000)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// check compares what the ledger says of an order; has is whether it should
// hold anything.
func check(t testing.TB, l *ledger.Ledger, id string, has bool) {
	t.Helper()
	delivered := parcel
	delivered.Delivered = true
	compare := func(what string, got, want any, err error) {
		t.Helper()
		switch {
		case !has && !errors.Is(err, works.ErrNotFound):
			t.Errorf("%s of %s is there: %v", what, id, err)
		case has && (err != nil || !reflect.DeepEqual(got, want)):
			t.Errorf("%s of %s: %+v, %v, want %+v", what, id, got, err, want)
		}
	}
	i, err := l.Intake(t.Context(), id)
	compare("intake", i, intake, err)
	p, err := l.Parcel(t.Context(), id)
	compare("parcel", p, delivered, err)
	d, err := l.Delivery(t.Context(), id)
	compare("delivery", d, delivery, err)
	r, err := l.Ruling(t.Context(), id)
	compare("ruling", r, ruling, err)
}

func ids(all []pseudonym.Domain) string {
	var out []string
	for _, d := range all {
		out = append(out, d.ID)
	}
	return strings.Join(out, " ")
}

// TestReopened: what was stored is there when the file is opened again, and
// one order's records are not another's.
func TestReopened(t *testing.T) {
	t.Parallel()
	path := file(t)
	l := open(t, path)
	check(t, l, one, false)
	fill(t, l, one)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, path)
	check(t, l, one, true)
	check(t, l, two, false)
	if _, err := l.Protocol(t.Context(), one); !errors.Is(err, works.ErrNotFound) {
		t.Errorf("protocol: %v", err)
	}
	all, err := l.Domains(t.Context(), one)
	if err != nil || ids(all) != one+"-kept "+one+"-person" || !reflect.DeepEqual(all[1], domain(one+"-person", one, pseudonym.DeleteAfterDelivery, 0)) {
		t.Errorf("domains %+v, %v", all, err)
	}
}

// TestPurge: everything about the order goes but its protocol and the keys
// that are kept; other orders keep theirs.
func TestPurge(t *testing.T) {
	t.Parallel()
	l := open(t, file(t))
	fill(t, l, one)
	fill(t, l, two)
	for range 2 {
		if err := l.Purge(t.Context(), one, protocol); err != nil {
			t.Fatal(err)
		}
	}
	check(t, l, one, false)
	check(t, l, two, true)
	if p, err := l.Protocol(t.Context(), one); err != nil || p != protocol {
		t.Errorf("protocol %+v, %v", p, err)
	}
	if all, err := l.Domains(t.Context(), one); err != nil || ids(all) != one+"-kept" {
		t.Errorf("domains left: %s, %v", ids(all), err)
	}
	if all, err := l.Domains(t.Context(), two); err != nil || len(all) != 2 {
		t.Errorf("another order's domains: %s, %v", ids(all), err)
	}
	if all, err := l.Kept(t.Context()); err != nil || ids(all) != one+"-kept "+two+"-kept" {
		t.Errorf("kept: %s, %v", ids(all), err)
	}
	gone := domain(one+"-kept", one, pseudonym.KeepUntil, 22000)
	gone.State = pseudonym.Shredded
	if err := l.SaveDomain(t.Context(), "", gone); err != nil {
		t.Fatal(err)
	}
	if all, err := l.Kept(t.Context()); err != nil || ids(all) != two+"-kept" {
		t.Errorf("kept after one was destroyed: %s, %v", ids(all), err)
	}
}

// TestPromise14NothingLeftInTheFile: what was purged cannot be read out of the
// file's free pages.
func TestPromise14NothingLeftInTheFile(t *testing.T) {
	t.Parallel()
	path := file(t)
	l := open(t, path)
	marked := parcel
	marked.RanBy = "somebody-who-is-to-be-forgotten"
	if err := l.SaveParcel(t.Context(), one, marked); err != nil {
		t.Fatal(err)
	}
	if err := l.Purge(t.Context(), one, protocol); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal"} {
		if b, err := os.ReadFile(name); err == nil && strings.Contains(string(b), marked.RanBy) {
			t.Errorf("%s still holds it", filepath.Base(name))
		}
	}
}

// earlier is the file as the first program left it: no version, and the purge
// date in the parcel.
func earlier(t testing.TB, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ref := `{"id":"B1","version":1,"sha256":"` + string(hash("d")) + `"}`
	for _, stmt := range []string{
		`CREATE TABLE records (owner TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (owner, kind))`,
		`CREATE TABLE domains (id TEXT PRIMARY KEY, project TEXT NOT NULL, owner TEXT NOT NULL, kept INTEGER NOT NULL, data TEXT NOT NULL)`,
		`CREATE INDEX domains_project ON domains(project)`,
		`INSERT INTO records VALUES ('` + one + `', 'intake', '{"Ref":{"id":"pop-1","version":0,"sha256":"` + string(hash("p")) + `"},"Persons":7}')`,
		`INSERT INTO records VALUES ('` + one + `', 'parcel', '{"Manifest":"` + string(hash("m")) + `","SHA256":"` + string(hash("c")) + `","RanBy":"sten","Decision":` + ref + `,"Delivered":true,"PurgeOn":"` + day.Day(20180).String() + `","Report":{}}')`,
		`INSERT INTO records VALUES ('` + two + `', 'parcel', '{"Manifest":"` + string(hash("m")) + `","SHA256":"` + string(hash("c")) + `","RanBy":"sten","Decision":` + ref + `,"Delivered":false,"PurgeOn":"` + day.Day(0).String() + `","Report":{}}')`,
		`INSERT INTO records VALUES ('FK-2026-00003', 'protocol', '{"Note":"signed","Hash":"` + string(hash("x")) + `","Objects":4}')`,
	} {
		if _, err := db.ExecContext(t.Context(), stmt); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFileOfTheFirstProgram: the file is brought up to date; what was not
// written down then is not made up.
func TestFileOfTheFirstProgram(t *testing.T) {
	t.Parallel()
	path := file(t)
	earlier(t, path)
	for range 2 { // the second time there is nothing to do
		l := open(t, path)
		if d, err := l.Delivery(t.Context(), one); err != nil || d != (works.Delivery{PurgeOn: 20180, Parcels: 1}) {
			t.Errorf("delivered: %+v, %v", d, err)
		}
		if _, err := l.Delivery(t.Context(), two); !errors.Is(err, works.ErrNotFound) {
			t.Errorf("what lies ready was not delivered: %v", err)
		}
		for _, id := range []string{one, two} {
			if r, err := l.Ruling(t.Context(), id); err != nil || r != (workorder.Ruling{Version: 1, Hash: hash("d")}) {
				t.Errorf("decision of %s: %+v, %v", id, r, err)
			}
			if p, err := l.Parcel(t.Context(), id); err != nil || p.Manifest != hash("m") || p.RanBy != "sten" || p.Delivered != (id == one) {
				t.Errorf("parcel of %s: %+v, %v", id, p, err)
			}
		}
		if i, err := l.Intake(t.Context(), one); err != nil || i.Persons != 7 || i.Under != nil {
			t.Errorf("intake %+v, %v", i, err)
		}
		if p, err := l.Protocol(t.Context(), "FK-2026-00003"); err != nil || p.Objects != 4 {
			t.Errorf("protocol %+v, %v", p, err)
		}
		if _, err := l.Ruling(t.Context(), "FK-2026-00003"); !errors.Is(err, works.ErrNotFound) {
			t.Errorf("decision of a purged order: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamagedOrLaterFile: neither is opened, and neither is changed.
func TestDamagedOrLaterFile(t *testing.T) {
	t.Parallel()
	later, broken, rubbish := file(t), file(t), file(t)
	if err := open(t, later).Close(); err != nil {
		t.Fatal(err)
	}
	earlier(t, broken)
	for path, stmt := range map[string]string{later: `PRAGMA user_version = 99`, broken: `UPDATE records SET data = '{' WHERE kind = 'parcel'`} {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), stmt); err != nil {
			t.Fatal(err)
		}
		_ = db.Close()
	}
	if err := os.WriteFile(rubbish, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"later": later, "broken": broken, "rubbish": rubbish} {
		if _, err := ledger.Open(t.Context(), path); err == nil {
			t.Errorf("%s: opened", name)
		} else if f, ok := errors.AsType[*fault.Fault](err); name == "later" && (!ok || f.Code != "ledger.later" || f.SV == "" || f.EN == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
	db, err := sql.Open("sqlite", broken)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var version, deliveries int
	if err := db.QueryRowContext(t.Context(), `SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM records WHERE kind IN ('delivery', 'ruling'))`).Scan(&version, &deliveries); err != nil || version != 0 || deliveries != 0 {
		t.Errorf("a migration that failed left version %d and %d records, %v", version, deliveries, err)
	}
}

// TestReadersBesideWriters: reads see whole records while others write, also
// from another process's connection.
func TestReadersBesideWriters(t *testing.T) {
	t.Parallel()
	path := file(t)
	a, b := open(t, path), open(t, path)
	g, ctx := errgroup.WithContext(t.Context())
	const n = 100
	for w, l := range []*ledger.Ledger{a, b} {
		g.Go(func() error {
			id := fmt.Sprint("FK-2026-1000", w)
			for i := 1; i <= n; i++ {
				if err := l.SaveDelivery(ctx, id, works.Delivery{Parcels: i}, works.Parcel{Number: i}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for r := range 6 {
		l := []*ledger.Ledger{a, b}[r%2]
		g.Go(func() error {
			id, last := fmt.Sprint("FK-2026-1000", r/3), 0
			for last < n {
				d, err := l.Delivery(ctx, id)
				if errors.Is(err, works.ErrNotFound) {
					continue
				}
				if err != nil {
					return err
				}
				p, err := l.Parcel(ctx, id)
				if err != nil || d.Parcels < last || p.Number < d.Parcels {
					return fmt.Errorf("parcel %d, delivery %d after %d: %w", p.Number, d.Parcels, last, err)
				}
				last = d.Parcels
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// writer is the environment variable that makes this program write to the file
// it names until it is killed.
const writer = "SLUSS_TEST_LEDGER"

func TestMain(m *testing.M) {
	path := os.Getenv(writer)
	if path == "" {
		os.Exit(m.Run())
	}
	l, err := ledger.Open(context.Background(), path)
	if err != nil {
		panic(err)
	}
	for i := 1; ; i++ {
		if err := l.SaveDelivery(context.Background(), one, works.Delivery{Parcels: i}, works.Parcel{Number: i, RanBy: strings.Repeat("x", i%5000)}); err != nil {
			panic(err)
		}
		fmt.Println(i) // told only now
	}
}

// TestKilled: a program that is killed while it writes loses nothing that it
// has told, and leaves nothing half done.
func TestKilled(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		path := file(t)
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), writer+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		told, lines := 0, bufio.NewScanner(out)
		for lines.Scan() {
			if told, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
			if told == 20+13*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
		l := open(t, path)
		d, err := l.Delivery(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Parcel(t.Context(), one)
		if err != nil || d.Parcels < told || d.Parcels > told+1 || p.Number != d.Parcels || len(p.RanBy) != p.Number {
			t.Errorf("told %d; delivery %d, parcel %d, %v", told, d.Parcels, p.Number, err)
		}
	}
}
