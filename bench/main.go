// Command bench measures what Sluss promises about speed and prints one table.
//
//	go run -tags duckdb ./bench [--sizes 1,10,100] [--rows 10000000] [--persons 1000000] [--dir DIR] [--keep] [--only a,b,c,extract,population,lopnr,risk]
//
// It makes synthetic registers of the asked size once and keeps them in DIR.
// Every figure comes from a process of its own, started by this one, so that
// peak memory is that process's; times do not count starting it or opening the
// data. Figures are the best of three, of what takes over ten seconds of one run.
//
//	a  spells, sub-spells, month and year panels of 1, 10 or 100 million payment
//	   rows, from a snapshot and from raw files: the engine and the same in
//	   DuckDB SQL, Polars, pandas and R's data.table by turns, outcomes compared,
//	   and DuckDB only adding up the columns that are touched
//	b  an order of 10 000 persons out of 1 million, from checked population to
//	   sealed parcel
//	c  a second load upon a snapshot: of everything, and of a change file that
//	   names every hundredth row
//	extract     rows of every hundredth, tenth and every person to sealed
//	            Parquet, against DuckDB on sorted Parquet
//	population  a population file, checked
//	lopnr       löpnummer drawn, sealed into a vault, read back and applied
//	risk        a disclosure report of a file with five quasi-identifiers
//
// Part a needs the build tag duckdb (and so cgo).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
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
	Totals  map[string]totals `json:"totals,omitempty"`
	Load    float64           `json:"load,omitempty"`    // seconds of them that were a load
	Written int64             `json:"written,omitempty"` // bytes of the files
	Peak    float64           `json:"peak"`              // MB, of this process, mapped pages included
	Anon    float64           `json:"-"`                 // MB, anonymous, as seen from outside
}

// children are the measurements, by name; duckdb.go adds the peer's.
var children = map[string]func(ctx context.Context, dir string, chunks int) (figures, error){
	"engine-memory": engineMemory,
	"engine-files":  engineFiles,
	"order":         orderOf10k,
}

func main() {
	rows := flag.Int("rows", 10_000_000, "payment rows of parts c and extract, lines of part risk, persons of part lopnr, about")
	sizes := flag.String("sizes", "1,10", "payment rows of part a, about, in millions; 100 needs 20 GB of disk and a quiet hour")
	persons := flag.Int("persons", 1_000_000, "persons in the registers of part b, lines of part population")
	dir := flag.String("dir", filepath.Join(os.TempDir(), "sluss-bench"), "where data, and programs of peers, are put")
	keep := flag.Bool("keep", false, "leave the data of part a for the next run")
	rounds := flag.Int("rounds", 3, "how often everybody runs in part a; who takes more than ten seconds runs once")
	limit := flag.Duration("limit", 20*time.Minute, "what takes longer in part a did not fit")
	only := flag.String("only", "", "parts, separated by commas: a, b, c, extract, population, lopnr, risk; default a,b,c")
	engine := flag.String("engine", filepath.Join("bin", "sluss-engine"), "the engine's program, for the parts population and risk")
	chunks := flag.Int("chunks", 0, "stretches of persons that DuckDB works on in turn; 0: one for a million rows; how many persons --child lopnr is for")
	child := flag.String("child", "", "run one measurement in this process")
	profile := flag.String("profile", "", "where the measurement of --child writes what its processor time went to")
	flag.Parse()
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // data are taken away then, too
	defer end()
	if *child != "" {
		exit(childOf(ctx, *child, *dir, *chunks, *profile))
		return
	}
	b := &bench{dir: *dir, chunks: *chunks, keep: *keep, rounds: *rounds, limit: *limit}
	fmt.Printf("%s, %s\n`go run ./bench %s`\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), machine(), strings.Join(os.Args[1:], " "))
	b.engine = *engine
	parts := []string{"a", "b", "c"}
	if *only != "" {
		parts = strings.Split(*only, ",")
	}
	for _, p := range parts {
		switch p {
		case "a":
			list, err := millions(*sizes)
			exit(err)
			exit(b.partA(ctx, list))
		case "b":
			exit(b.partB(ctx, *persons))
		case "c":
			exit(b.partC(ctx, *rows))
		case "extract":
			exit(b.partExtract(ctx, *rows))
		case "population":
			exit(b.partPopulation(ctx, *persons))
		case "lopnr":
			exit(b.partSerials(ctx, *rows))
		case "risk":
			exit(b.partRisk(ctx, *rows))
		default:
			exit(fmt.Errorf("--only: there is no part %q", p))
		}
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
	keep   bool
	rounds int
	limit  time.Duration
	peers  []peer
	engine string
}

// machine says what is measured on, and how busy it is.
func machine() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, _ := strings.Cut(string(info), "model name\t: ")
	model, _, _ := strings.Cut(rest, "\n")
	load, _ := os.ReadFile("/proc/loadavg")
	now, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%d cores (%s), %.0f GB free, load %s before, %s", runtime.GOMAXPROCS(0), strings.TrimSpace(model), free()/1024, now, runtime.Version())
}

// millions reads sizes, smallest first.
func millions(list string) (rows []int, err error) {
	for _, text := range strings.Split(list, ",") {
		var n float64
		if _, err := fmt.Sscan(text, &n); err != nil || n <= 0 {
			return nil, fmt.Errorf("--sizes: %q is no number of millions", text)
		}
		rows = append(rows, int(n*1e6))
	}
	slices.Sort(rows)
	return rows, nil
}

// data makes the registers of c once and loads them; it returns their folder.
// The source files are taken away unless they are asked for.
func (b *bench) data(ctx context.Context, name string, c rig.Config, tables []string, source bool) (dir string, err error) {
	dir = filepath.Join(b.dir, name)
	store := filepath.Join(dir, "store")
	if s, err := register.Open(store, snapshotID); err == nil {
		_, err := os.Stat(filepath.Join(dir, "source", register.NoteName))
		if !source || err == nil {
			return dir, s.Close()
		}
		if err := s.Close(); err != nil {
			return "", err
		}
	}
	fmt.Fprintf(os.Stderr, "making %s: %d persons …\n", name, c.Persons)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	defer func() {
		if err != nil { // half-made data are of no use
			err = errors.Join(err, os.RemoveAll(filepath.Join(b.dir, name)))
		}
	}()
	src := filepath.Join(dir, "source")
	if _, err := rig.New(c).Write(ctx, src, nil); err != nil {
		return "", err
	}
	if _, err := register.Load(ctx, register.Options{From: src, Store: store, ID: snapshotID, At: c.At(), Tables: tables}); err != nil {
		return "", err
	}
	if source {
		return dir, nil
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
	return status(os.Getpid(), "VmHWM:")
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

func (b *bench) partB(ctx context.Context, persons int) error {
	dir, err := b.data(ctx, fmt.Sprintf("real-%d", persons), rig.Config{Persons: persons, Seed: 2}, nil, false)
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
