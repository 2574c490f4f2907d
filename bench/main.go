// Command bench measures what Sluss promises about speed and prints one table.
//
//	go run -tags duckdb ./bench [--rows 10000000] [--persons 1000000] [--dir DIR] [--only a|b|c]
//
// It makes synthetic registers of the asked size once and keeps them in DIR.
// Every figure comes from a process of its own, started by this one, so that
// peak memory is that process's; times do not count starting it or opening the
// data. Figures are the best of three, of the peer's SQL of one run.
//
//	a  spells, sub-spells, month and year panels of 10 million payment rows:
//	   the engine against the same in DuckDB SQL, outputs compared row by row,
//	   and against DuckDB only adding up the columns that are touched
//	b  an order of 10 000 persons out of 1 million, from checked population to
//	   sealed parcel
//	c  a second load upon a snapshot: of everything, and of a change file that
//	   names every hundredth row
//
// Without the build tag duckdb (which needs cgo) the peer's lines are missing.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"sluss/internal/register"
	"sluss/internal/rig"
)

// figures is what a child process reports.
type figures struct {
	Seconds float64           `json:"seconds"`
	CPU     float64           `json:"cpu"` // of this process while the clock ran
	Rows    map[string]int64  `json:"rows,omitempty"`
	Notes   map[string]string `json:"notes,omitempty"`
	Peak    float64           `json:"peak"` // MB, of this process
}

// children are the measurements, by name; duckdb.go adds the peer's.
var children = map[string]func(ctx context.Context, dir string, chunks int) (figures, error){
	"engine-memory": engineMemory,
	"engine-files":  engineFiles,
	"order":         orderOf10k,
}

func main() {
	rows := flag.Int("rows", 10_000_000, "payment rows of part a, about")
	persons := flag.Int("persons", 1_000_000, "persons in the registers of part b")
	dir := flag.String("dir", filepath.Join(os.TempDir(), "sluss-bench"), "where data are kept between runs")
	only := flag.String("only", "", "a, b or c")
	chunks := flag.Int("chunks", 10, "stretches of persons that the peer works on in turn")
	child := flag.String("child", "", "run one measurement in this process")
	flag.Parse()
	ctx := context.Background()
	if *child != "" {
		f, err := children[*child](ctx, *dir, *chunks)
		if err == nil {
			f.Peak = peak()
			err = json.NewEncoder(os.Stdout).Encode(f)
		}
		exit(err)
		return
	}
	b := &bench{dir: *dir, chunks: *chunks}
	fmt.Printf("%s, %d cores for Go\n", runtime.Version(), runtime.GOMAXPROCS(0))
	if *only == "" || *only == "a" {
		exit(b.partA(ctx, *rows))
	}
	if *only == "" || *only == "b" {
		exit(b.partB(ctx, *persons))
	}
	if *only == "" || *only == "c" {
		exit(b.partC(ctx, *rows))
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	dir    string
	chunks int
}

// data makes the registers of c once and loads them; it returns their folder.
func (b *bench) data(ctx context.Context, name string, c rig.Config, tables []string) (string, error) {
	dir := filepath.Join(b.dir, name)
	store := filepath.Join(dir, "store")
	if s, err := register.Open(store, snapshotID); err == nil {
		return dir, s.Close()
	}
	fmt.Printf("making %s: %d persons …\n", name, c.Persons)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	src := filepath.Join(dir, "source")
	if err := rig.New(c).Write(ctx, src, nil); err != nil {
		return "", err
	}
	if _, err := register.Load(ctx, register.Options{From: src, Store: store, ID: snapshotID, At: c.At(), Tables: tables}); err != nil {
		return "", err
	}
	return dir, os.RemoveAll(src)
}

const snapshotID = "bench"

// run measures a child n times, each in a process of its own, and returns the
// fastest.
func (b *bench) run(name, dir string, n int) (best figures, err error) {
	for i := range n {
		cmd := exec.Command(os.Args[0], "-child", name, "-dir", dir, "-chunks", fmt.Sprint(b.chunks))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return best, fmt.Errorf("%s: %w", name, err)
		}
		var f figures
		if err := json.Unmarshal(out, &f); err != nil {
			return best, fmt.Errorf("%s: %w", name, err)
		}
		if i == 0 || f.Seconds < best.Seconds {
			best = f
		}
	}
	return best, nil
}

// watch measures time and processor time from now on.
func watch() func() figures {
	began, used := time.Now(), cpu()
	return func() figures { return figures{Seconds: time.Since(began).Seconds(), CPU: cpu() - used} }
}

// peak is the process's greatest resident memory in MB so far. (ru_maxrss would
// begin with what the parent held when it started this process.)
func peak() float64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	var kb float64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		return 0
	}
	return kb / 1024
}

func cpu() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

func (f figures) line(what string) {
	fmt.Printf("%-58s %8.2f s  %8.2f CPU-s  %6.0f MB\n", what, f.Seconds, f.CPU, f.Peak)
}

func (b *bench) partA(ctx context.Context, rows int) error {
	// Made-up people have about 0.9 rows for every one asked for.
	c := rig.Config{Persons: max(rows/100, 1), Seed: 1, SickRows: 120}
	dir, err := b.data(ctx, fmt.Sprintf("dense-%d", rows), c, []string{"midas_sjp"})
	if err != nil {
		return err
	}
	memory, err := b.run("engine-memory", dir, 3)
	if err != nil {
		return err
	}
	fmt.Printf("\nSpells + sub-spells + month and year panels of %d rows, %s\n", memory.Rows["midas_sjp"], memory.Notes["out"])
	memory.line("engine, from the snapshot, outputs kept in memory")
	files, err := b.run("engine-files", dir, 3)
	if err != nil {
		return err
	}
	files.line("engine, from the snapshot, outputs in Parquet files")
	if children["peer-sql"] == nil {
		fmt.Println("DuckDB: not run (build with -tags duckdb)")
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, "sorted.parquet")); err != nil {
		if _, err := b.run("peer-export", dir, 1); err != nil {
			return err
		}
	}
	scan, err := b.run("peer-scan", dir, 3)
	if err != nil {
		return err
	}
	sql, err := b.run("peer-sql", dir, 1)
	if err != nil {
		return err
	}
	sql.line(fmt.Sprintf("DuckDB SQL on sorted Parquet, %d chunks, kept in memory", b.chunks))
	scan.line("DuckDB, sum of the touched columns of the same file")
	same, err := b.run("peer-compare", dir, 1)
	if err != nil {
		return err
	}
	fmt.Printf("results: %s\n", same.Notes["compared"])
	fmt.Printf("engine in memory: %.1f times as fast as DuckDB SQL (target 15), %.1f times the scan (target at most 4), %.0f MB (target below 1000)\n",
		sql.Seconds/memory.Seconds, memory.Seconds/scan.Seconds, memory.Peak)
	fmt.Printf("engine to files:  %.1f times as fast as DuckDB SQL, %.1f times the scan\n", sql.Seconds/files.Seconds, files.Seconds/scan.Seconds)
	fmt.Printf("by processor time: in memory %.1f times and %.1f times, to files %.1f times and %.1f times\n",
		sql.CPU/memory.CPU, memory.CPU/scan.CPU, sql.CPU/files.CPU, files.CPU/scan.CPU)
	return nil
}

func (b *bench) partB(ctx context.Context, persons int) error {
	dir, err := b.data(ctx, fmt.Sprintf("real-%d", persons), rig.Config{Persons: persons, Seed: 2}, nil)
	if err != nil {
		return err
	}
	f, err := b.run("order", dir, 3)
	if err != nil {
		return err
	}
	fmt.Printf("\nOrder of %d persons out of %d: %s\n", f.Rows["people"], f.Rows["persons"], f.Notes["out"])
	f.line("from checked population to sealed parcel (target 1 s)")
	fmt.Printf("of which %s\n", f.Notes["steps"])
	return nil
}

// rowList writes counts of rows as text.
func rowList(names []string, rows map[string]int64) string {
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprintf("%s %d", n, rows[n]))
	}
	return "rows out: " + strings.Join(out, ", ")
}
