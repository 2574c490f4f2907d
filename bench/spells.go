package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// Part a: spells, sub-spells, and panels by month and year, from a snapshot and
// from raw files, beside the same job in other programs. Who computes something
// else is no peer: the totals must be equal, and DuckDB's rows cell by cell.

//go:embed peers
var peerFiles embed.FS

func init() {
	children["engine-streamed"] = engineStreamed
	children["engine-raw"] = engineRaw
}

func kept(ks []embedded.Kept) map[string]totals {
	out := map[string]totals{}
	for _, k := range ks {
		out[k.Extract] = total(k.Totals)
	}
	return out
}

func total(t engine.Totals) totals {
	return totals{Rows: t.Rows, Persons: t.Persons, Days: t.Days, Net: t.Net, Ore: t.Ore}
}

// engineStreamed makes every row and lets it go.
func engineStreamed(ctx context.Context, dir string, _ int) (figures, error) {
	return fromSnapshot(dir, func(src *embedded.Source, j engine.Job) ([]embedded.Kept, error) {
		return embedded.New(src).Stream(ctx, j)
	})
}

// engineRaw loads the source files into a snapshot, with everything that a load
// checks, writes and flushes, and keeps the outcomes of that.
func engineRaw(ctx context.Context, dir string, _ int) (f figures, err error) {
	store := filepath.Join(dir, "raw-store")
	defer func() { err = errors.Join(err, os.RemoveAll(store)) }()
	if err := os.RemoveAll(store); err != nil {
		return f, err
	}
	catalogue := catalog.Builtin() // as a peer's libraries, read before the clock starts
	catalogue.Hash()
	stop := watch()
	if _, err := register.Load(ctx, register.Options{From: filepath.Join(dir, "source"), Store: store, ID: snapshotID, Catalogue: catalogue, Tables: []string{spellTable}}); err != nil {
		return f, err
	}
	load := stop()
	s, err := register.Open(store, snapshotID)
	if err != nil {
		return f, err
	}
	defer s.Close()
	src := embedded.Of(s)
	ks, err := embedded.New(src).Collect(ctx, job(src, 1, everything("parquet")...))
	if err != nil {
		return f, err
	}
	f = stop()
	f.Totals, f.Load = kept(ks), load.Seconds
	return f, nil
}

func fromSnapshot(dir string, work func(*embedded.Source, engine.Job) ([]embedded.Kept, error)) (figures, error) {
	s, err := register.Open(filepath.Join(dir, "store"), snapshotID)
	if err != nil {
		return figures{}, err
	}
	defer s.Close()
	src := embedded.Of(s)
	j := job(src, 1, everything("parquet")...)
	stop := watch()
	ks, err := work(src, j)
	if err != nil {
		return figures{}, err
	}
	f := stop()
	f.Totals, f.Rows = kept(ks), map[string]int64{spellTable: int64(s.Table(spellTable).Len())}
	return f, nil
}

// spellTable is the table of part a.
const spellTable = "midas_sjp"

// sizeOf is one size of part a as measured.
type sizeOf struct {
	rows          int64
	snapshot, raw []*entrant // ours first: kept, streamed, files, then peers, last the scan; kept, then peers
}

func (b *bench) partA(ctx context.Context, sizes []int) error {
	var done []sizeOf
	for _, rows := range sizes {
		var before *sizeOf
		if len(done) > 0 {
			before = &done[len(done)-1]
		}
		s, err := b.spells(ctx, rows, before)
		if err != nil {
			return err
		}
		done = append(done, s)
		s.print()
	}
	ratios(done)
	return nil
}

// spells measures one size. What a peer needed for the size before tells
// whether it is worth trying.
func (b *bench) spells(ctx context.Context, rows int, before *sizeOf) (s sizeOf, err error) {
	// Made-up people have about as many rows as are asked for, less the tenth that has none.
	c := rig.Config{Persons: max(rows/100, 1), Seed: 1, SickRows: 120, Tables: []string{spellTable}}
	dir, err := b.data(ctx, fmt.Sprintf("dense-%d", rows), c, []string{spellTable}, true)
	if err != nil {
		return s, err
	}
	if !b.keep {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	chunks := b.chunks
	if chunks == 0 {
		chunks = max(1, rows/1_000_000)
	}
	child := func(name string) []string {
		return []string{os.Args[0], "-child", name, "-dir", dir, "-chunks", fmt.Sprint(chunks)}
	}
	l := limits{time: b.limit, memory: free() * 0.9}
	store, source, sorted := filepath.Join(dir, "store"), filepath.Join(dir, "source"), filepath.Join(dir, "sorted.parquet")
	s.snapshot = []*entrant{
		{name: "engine, outputs kept in memory", argv: child("engine-memory"), data: store},
		{name: "engine, streamed", argv: child("engine-streamed"), data: store},
		{name: "engine, outputs in Parquet files", argv: child("engine-files"), data: store},
	}
	s.raw = []*entrant{{name: "engine: load, then outputs kept", argv: child("engine-raw"), data: source}}
	scripts, err := b.scripts(ctx)
	if err != nil {
		return s, err
	}
	if children["peer-sql"] == nil {
		return s, errors.New("the peers need DuckDB: build with -tags duckdb")
	}
	if _, err := os.Stat(sorted); err != nil {
		if _, err := start(ctx, limits{time: time.Hour}, child("peer-export")...); err != nil {
			return s, err
		}
	}
	s.snapshot = append(s.snapshot, &entrant{name: fmt.Sprintf("DuckDB SQL on sorted Parquet, %d stretches of persons", chunks), argv: child("peer-sql"), data: sorted})
	s.raw = append(s.raw, &entrant{name: "DuckDB SQL", argv: child("peer-raw"), data: source})
	csv := false
	for i, p := range scripts {
		for _, kind := range []string{"sorted", "raw"} {
			e := &entrant{name: p.name, why: p.why, argv: append(append([]string{}, p.argv...), kind, dir)}
			list, at := &s.snapshot, 4+i
			if kind == "raw" {
				list, at, e.data = &s.raw, 2+i, source // the others read their rows before the clock starts
			}
			e.hopeless(before, kind, at, rows, l)
			*list = append(*list, e)
			csv = csv || e.why == "" && p.name == dataTable
		}
	}
	if csv {
		if _, err := start(ctx, limits{time: time.Hour}, child("peer-csv")...); err != nil {
			return s, err
		}
	}
	s.snapshot = append(s.snapshot, &entrant{name: "DuckDB, sum of the eleven touched columns", argv: child("peer-scan"), data: sorted})
	fmt.Fprintf(os.Stderr, "%d rows, from a snapshot\n", rows)
	if err := byTurns(ctx, l, b.rounds, s.snapshot); err != nil {
		return s, err
	}
	fmt.Fprintf(os.Stderr, "%d rows, from raw files\n", rows)
	if err := byTurns(ctx, l, b.rounds, s.raw); err != nil {
		return s, err
	}
	s.rows = s.snapshot[0].best.Rows[spellTable]
	if err := s.check(); err != nil {
		return s, err
	}
	if rows > 20_000_000 {
		return s, nil // comparing every cell of 130 million rows would need more memory than they
	}
	same, err := start(ctx, limits{time: time.Hour}, child("peer-compare")...)
	fmt.Println(same.Notes["compared"])
	return s, err
}

// hopeless does not let an entrant begin whose memory of the size before, grown
// as the rows, does not fit.
func (e *entrant) hopeless(before *sizeOf, kind string, at, rows int, l limits) {
	if before == nil || e.why != "" {
		return
	}
	b := before.snapshot[min(at, len(before.snapshot)-1)]
	if kind == "raw" {
		b = before.raw[min(at, len(before.raw)-1)]
	}
	need := b.best.Anon * float64(rows) / float64(before.rows)
	switch {
	case b.why != "":
		e.why = b.why
	case need > l.memory:
		e.why = fmt.Sprintf("did not fit: would need about %.0f GB of memory, by what %d rows took", need/1024, before.rows)
	}
}

// check sees that everybody has computed the same.
func (s *sizeOf) check() error {
	ours := s.snapshot[0].best
	for _, e := range append(append([]*entrant{}, s.snapshot[:len(s.snapshot)-1]...), s.raw...) {
		if e.why != "" || e == s.snapshot[2] { // files are compared cell by cell
			continue
		}
		if err := agree(ours, e.best); err != nil {
			return fmt.Errorf("%s computes something else: %w", e.name, err)
		}
	}
	return nil
}

// peers of ours: those that computed the job themselves.
func (s *sizeOf) peers() (snapshot, raw []*entrant) {
	return s.snapshot[3 : len(s.snapshot)-1], s.raw[1:]
}

func fastest(es []*entrant) *entrant {
	var best *entrant
	for _, e := range es {
		if e.why == "" && (best == nil || e.best.Seconds < best.best.Seconds) {
			best = e
		}
	}
	return best
}

func (s *sizeOf) print() {
	fmt.Printf("\n### %d payment rows\n", s.rows)
	for i, es := range [][]*entrant{s.snapshot, s.raw} {
		fmt.Printf("\n| %s | wall s | CPU-s | peak anonymous MB | ÷ engine, kept |\n|---|---|---|---|---|\n", []string{"from a snapshot, or rows in memory", "from raw files"}[i])
		for _, e := range es {
			if e.why != "" {
				fmt.Printf("| %s | %s | | | |\n", e.name, e.why)
				continue
			}
			name := e.name
			if v := e.best.Notes["version"]; v != "" {
				name += " " + v
			}
			fmt.Printf("| %s | %.2f | %.2f | %.0f | %.1f |\n", name, e.best.Seconds, e.best.CPU, e.best.Anon, e.best.Seconds/es[0].best.Seconds)
		}
	}
	fmt.Println("\nEvery line but the sum gave the same numbers of rows, persons, days, net days and öre.")
}

// ratios prints what is promised, one column for each size.
func ratios(all []sizeOf) {
	line := func(name, target string, cell func(i int) string) {
		cells := []string{name}
		for i := range all {
			cells = append(cells, cell(i))
		}
		fmt.Printf("| %s | %s |\n", strings.Join(cells, " | "), target)
	}
	fmt.Println("\n### Ratios")
	fmt.Println()
	line("rows", "target", func(i int) string { return fmt.Sprint(all[i].rows) })
	fmt.Println(strings.Repeat("|---", len(all)+2) + "|")
	line("fastest peer ÷ engine, from a snapshot, outputs kept", "≥ 25", func(i int) string {
		p, _ := all[i].peers()
		return over(fastest(p), all[i].snapshot[0])
	})
	line("fastest peer ÷ engine, from raw files", "≥ 10", func(i int) string {
		_, p := all[i].peers()
		return over(fastest(p), all[i].raw[0])
	})
	line("engine streamed ÷ DuckDB's sum of the columns", "≤ 2", func(i int) string {
		return fmt.Sprintf("%.1f", all[i].snapshot[1].best.Seconds/all[i].snapshot[len(all[i].snapshot)-1].best.Seconds)
	})
	line("peak anonymous memory, streamed, MB", "≤ 512", func(i int) string { return fmt.Sprintf("%.0f", all[i].snapshot[1].best.Anon) })
	line("load of the raw rows, s", "≤ 60 at 100 million", func(i int) string { return fmt.Sprintf("%.2f", all[i].raw[0].best.Load) })
	line("peak anonymous memory, load and outputs kept, MB", "", func(i int) string { return fmt.Sprintf("%.0f", all[i].raw[0].best.Anon) })
	grow := func(of func(*sizeOf) float64) func(i int) string {
		return func(i int) string {
			if i == 0 {
				return ""
			}
			return fmt.Sprintf("%.2f", exponent(float64(all[i-1].rows), of(&all[i-1]), float64(all[i].rows), of(&all[i])))
		}
	}
	line("growth from the size before, outputs kept: exponent", "≤ 1.05", grow(func(s *sizeOf) float64 { return s.snapshot[0].best.Seconds }))
	line("growth, streamed: exponent", "≤ 1.05", grow(func(s *sizeOf) float64 { return s.snapshot[1].best.Seconds }))
	line("growth of the load: exponent", "≤ 1.05", grow(func(s *sizeOf) float64 { return s.raw[0].best.Load }))
}

func over(peer, ours *entrant) string {
	if peer == nil {
		return "no peer"
	}
	who, _, _ := strings.Cut(peer.name, " ")
	return fmt.Sprintf("%.1f (%s)", peer.best.Seconds/ours.best.Seconds, who)
}

// engineFiles writes the outcomes to Parquet files.
func engineFiles(ctx context.Context, dir string, _ int) (figures, error) {
	out := filepath.Join(dir, "out")
	if err := os.MkdirAll(out, 0o700); err != nil {
		return figures{}, err
	}
	return fromSnapshot(dir, func(src *embedded.Source, j engine.Job) ([]embedded.Kept, error) {
		_, err := embedded.New(src).Run(ctx, j, func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(out, name)) }, nil)
		return nil, err
	})
}

// engineMemory keeps the outcomes in memory.
func engineMemory(ctx context.Context, dir string, _ int) (figures, error) {
	return fromSnapshot(dir, func(src *embedded.Source, j engine.Job) ([]embedded.Kept, error) {
		return embedded.New(src).Collect(ctx, j)
	})
}

const dataTable = "R data.table"

// peer is a program in another language: how it is started, or why it cannot be.
type peer struct {
	name string
	argv []string
	why  string
}

// scripts writes the peers' programs and installs what they need: Polars and
// pandas in an environment of their own, data.table by apt where that is allowed.
func (b *bench) scripts(ctx context.Context) ([]peer, error) {
	if b.peers != nil {
		return b.peers, nil
	}
	dir := filepath.Join(b.dir, "peers")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	files, err := peerFiles.ReadDir("peers")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := peerFiles.ReadFile("peers/" + f.Name())
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), text, 0o644); err != nil {
			return nil, err
		}
	}
	python := filepath.Join(b.dir, "venv", "bin", "python")
	why := ""
	if exec.CommandContext(ctx, python, "-c", "import polars, pandas, pyarrow").Run() != nil {
		why = install(ctx,
			[]string{"python3", "-m", "venv", filepath.Join(b.dir, "venv")},
			[]string{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "polars", "pandas", "pyarrow"})
	}
	b.peers = []peer{
		{"Polars", []string{python, filepath.Join(dir, "spells_polars.py")}, why},
		{"pandas", []string{python, filepath.Join(dir, "spells_pandas.py")}, why},
	}
	why = ""
	if exec.CommandContext(ctx, "Rscript", "-e", "library(data.table)").Run() != nil {
		why = install(ctx, []string{"apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "r-cran-data.table"})
	}
	b.peers = append(b.peers, peer{dataTable, []string{"Rscript", filepath.Join(dir, "spells_datatable.R")}, why})
	return b.peers, nil
}

// install carries out commands; it returns why that failed.
func install(ctx context.Context, commands ...[]string) string {
	for _, c := range commands {
		if out, err := exec.CommandContext(ctx, c[0], c[1:]...).CombinedOutput(); err != nil {
			return "not run: " + strings.Join(c[:2], " ") + ": " + lastLine(string(out)+"\n"+err.Error())
		}
	}
	return ""
}

// child carries out one measurement in this process and prints its figures.
func childOf(ctx context.Context, name, dir string, chunks int, profile string) (err error) {
	if profile != "" {
		out, failed := os.Create(profile)
		if failed != nil {
			return failed
		}
		if err := pprof.StartCPUProfile(out); err != nil {
			return err
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, out.Close())
		}()
	}
	f, err := children[name](ctx, dir, chunks)
	if err != nil {
		return err
	}
	f.Peak = peak()
	return json.NewEncoder(os.Stdout).Encode(f)
}
