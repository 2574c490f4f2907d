package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/sealed"
)

// Part extract: the rows of every hundredth, every tenth and every person to
// Parquet. The engine sorts by löpnummer and seals; DuckDB, on Parquet sorted by
// person, does neither.

// shares is how many persons there are for each that is asked for.
var shares = []int{100, 10, 1}

// An errand is what is asked for of everybody's rows.
type errand struct {
	name    string
	window  plan.Window
	columns []string
	peer    string // the peer's columns and condition, of a table rows
}

// researchYears of the registers' twenty-two, as an order of research has them: rows are
// cut to the period, and with them days, net days and money.
var researchYears = plan.Window{From: plan.Bound{Date: day.Of(2015, 1, 1)}, To: plan.Bound{Date: day.Of(2020, 1, 1)}}

// rowColumns are the columns of an extract of whole rows.
var rowColumns = []string{"lopnr", "delforman", "from_datum", "tom_datum", "omfattning", "niva", "forsakradtyp", "diagnos", "belopp", "utbetalningsdatum"}

var errands = []errand{
	{"period", researchYears, append(rowColumns[:len(rowColumns):len(rowColumns)], "dagar", "nettodagar"), peerPeriod},
	{"whole", window, rowColumns, peerWhole},
}

// peerWhole is every row as it is, peerPeriod those of five years, cut to them. A date
// of payment outside the period is hidden, as the engine does.
const (
	peerWhole  = `SELECT * EXCLUDE (p) FROM rows`
	peerPeriod = `SELECT delforman, greatest(fran, W0) AS fran, least(till, W1) AS till, omfattning, niva, forsakradtyp, diagnos,
  CASE WHEN fran >= W0 AND till <= W1 THEN belopp ELSE
    sign(belopp)::BIGINT * (abs(belopp) * (least(till, W1) + 1 - fran) // (till + 1 - fran) - abs(belopp) * (greatest(fran, W0) - fran) // (till + 1 - fran)) END AS belopp,
  CASE WHEN utbetald BETWEEN W0 AND W1 THEN utbetald END AS utbetald,
  least(till, W1) + 1 - greatest(fran, W0) AS dagar, (least(till, W1) + 1 - greatest(fran, W0)) * omfattning AS netto, lopnr
FROM rows WHERE fran <= W1 AND till >= W0`
)

func init() {
	for _, n := range shares {
		for _, e := range errands {
			children[fmt.Sprintf("extract-%s-%d", e.name, n)] = func(ctx context.Context, dir string, _ int) (figures, error) { return extractRows(ctx, dir, n, e) }
		}
	}
	children["extract-people"] = extractPeople
}

func extractRows(ctx context.Context, dir string, share int, what errand) (f figures, err error) {
	_, recipient, err := sealed.GenerateIdentity()
	if err != nil {
		return f, err
	}
	s, err := register.Open(filepath.Join(dir, "store"), snapshotID)
	if err != nil {
		return f, err
	}
	defer s.Close()
	src := embedded.Of(s)
	rows := extract("rader", spellTable, plan.Shape{Simple: "payment"}, "parquet", what.columns...)
	rows.Window = what.window
	j := job(src, share, rows)
	stop := watch()
	res, err := embedded.New(src).Run(ctx, j, func(string) (io.WriteCloser, error) {
		return sealedFile(filepath.Join(dir, "extract.sealed"), recipient)
	}, nil)
	if err != nil {
		return f, err
	}
	f = stop()
	f.Totals = map[string]totals{"rader": rowsAndOre(res)}
	for _, x := range res.Files {
		f.Written += x.Bytes
	}
	return f, os.Remove(filepath.Join(dir, "extract.sealed"))
}

// rowsAndOre are the totals that can be told from rows alone.
func rowsAndOre(r engine.Result) (t totals) {
	for _, f := range r.Files {
		t.Rows, t.Persons, t.Ore, t.Days, t.Net = t.Rows+f.Totals.Rows, t.Persons+f.Totals.Persons, t.Ore+f.Totals.Ore, t.Days+f.Totals.Days, t.Net+f.Totals.Net
	}
	return t
}

// sealedFile is a new file that is sealed to a key.
func sealedFile(name, recipient string) (io.WriteCloser, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	w, err := sealed.Seal(f, recipient)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return both{w, f}, nil
}

type both struct {
	io.WriteCloser
	file *os.File
}

func (b both) Close() error { return errors.Join(b.WriteCloser.Close(), b.file.Close()) }

// extractPeople tells the peer who has which place and löpnummer.
func extractPeople(_ context.Context, dir string, _ int) (figures, error) {
	s, err := register.Open(filepath.Join(dir, "store"), snapshotID)
	if err != nil {
		return figures{}, err
	}
	defer s.Close()
	text := []byte("entity,place,lopnr\n")
	for p := range s.Persons() {
		text = fmt.Appendf(text, "%d,%d,%d\n", s.Identity().Entity(uint32(p)), p, serial(p, s.Persons()))
	}
	return figures{}, os.WriteFile(filepath.Join(dir, "people.csv"), text, 0o600)
}

func (b *bench) partExtract(ctx context.Context, rows int) (err error) {
	if children["peer-extract-ready"] == nil {
		return errors.New("the peer is DuckDB: build with -tags duckdb")
	}
	c := rig.Config{Persons: max(rows/100, 1), Seed: 1, SickRows: 120, Tables: []string{spellTable}}
	dir, err := b.data(ctx, fmt.Sprintf("dense-%d", rows), c, []string{spellTable}, true)
	if err != nil {
		return err
	}
	if !b.keep {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	child := func(name string) []string { return []string{os.Args[0], "-child", name, "-dir", dir} }
	for _, name := range []string{"extract-people", "peer-extract-ready"} {
		if _, err := start(ctx, limits{time: b.limit}, child(name)...); err != nil {
			return err
		}
	}
	for _, e := range errands {
		if err := b.compareExtracts(ctx, dir, e, c.Persons, child); err != nil {
			return err
		}
	}
	return nil
}

// compareExtracts measures one errand for each share of the persons.
func (b *bench) compareExtracts(ctx context.Context, dir string, e errand, persons int, child func(string) []string) error {
	targets := []string{"≥ 12", "≥ 3", "≥ 1.5"}
	fmt.Printf("\n### Extract to Parquet: %d columns, %s–%s, %d persons in the register\n\n", len(e.columns), e.window.From.Date, e.window.To.Date, persons)
	fmt.Println("| of the persons | rows out | engine, sealed: s, MB | DuckDB on sorted Parquet: s, MB | files, MB | ratio | target at 100 million |\n|---|---|---|---|---|---|---|")
	for i, n := range shares {
		ours := &entrant{name: "engine", argv: child(fmt.Sprintf("extract-%s-%d", e.name, n)), data: filepath.Join(dir, "store")}
		peer := &entrant{name: "DuckDB", argv: child(fmt.Sprintf("peer-extract-%s-%d", e.name, n)), data: filepath.Join(dir, "wide.parquet")}
		if err := byTurns(ctx, limits{time: b.limit, memory: free() * 0.9}, b.rounds, []*entrant{ours, peer}); err != nil {
			return err
		}
		if peer.why == "" {
			if err := agree(ours.best, peer.best); err != nil {
				return fmt.Errorf("DuckDB extracts something else: %w", err)
			}
		}
		fmt.Printf("| one in %d | %d | %.2f, %.0f | %.2f, %.0f %s | %.0f and %.0f | %.1f | %s |\n", n, ours.best.Totals["rader"].Rows, ours.best.Seconds, ours.best.Anon,
			peer.best.Seconds, peer.best.Anon, peer.why, float64(ours.best.Written)/1e6, float64(peer.best.Written)/1e6, peer.best.Seconds/ours.best.Seconds, targets[i])
	}
	return nil
}
