//go:build unix

// Command pages measures every page of the counter as every role that may see
// it, with many cases in the database.
//
//	go run ./bench/pages [--cases 30000] [--open 10] [--keep DIR] [--only REGEXP] [--json FILE]
//
// The showcase's cases come first, so that every page has one to show. After
// them comes the mass: copies of the same cases with numbers and people of
// their own, of which a share is open, in every phase, and the rest is ended.
// So nothing of the mass is simpler than what a reader meets.
//
// Every GET route of web.Routes is then asked for through the router, in
// process, as the first persona of each role that can open it: three times to
// warm up, then a hundred times. Files that are made on demand are told apart. What is measured is the handler, that is code and
// queries, with compression as browsers ask for it, and without network. Who asks is looked up
// in the database as in service, and the log of reads is written beside.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	"sluss/internal/vitals"
)

// target is the time that a page's p99 keeps to.
const target = 20 * time.Millisecond

// size is what is measured.
type size struct {
	cases, open int // how many in the mass, and the share of them that is open, in per cent
	keep        string
	only        *regexp.Regexp
	json        string
	worst       int // lines of the table
	times       int
	profile     string
}

func main() {
	var z size
	only := ""
	flag.IntVar(&z.cases, "cases", 30_000, "cases besides the showcase's")
	flag.IntVar(&z.open, "open", 10, "of these, per cent that are open")
	flag.StringVar(&z.keep, "keep", "", "folder to keep the counter in, and to take it from the next time")
	flag.StringVar(&only, "only", "", "only the patterns that match")
	flag.StringVar(&z.json, "json", "", "file for all lines as JSON")
	flag.IntVar(&z.worst, "worst", 25, "lines of the table")
	flag.IntVar(&z.times, "times", 100, "measured requests for each page and role")
	flag.StringVar(&z.profile, "profile", "", "file for a processor profile of the measured requests")
	flag.Parse()
	var err error
	if z.only, err = regexp.Compile(only); err == nil {
		err = run(context.Background(), z)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/pages:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, z size) (err error) {
	dir := z.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "sluss-bench-pages-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	vitals.MakeRoom() // as in service
	p, err := prepared(ctx, dir, z)
	if err != nil {
		return err
	}
	c, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	before := load()
	if z.profile != "" {
		f, err := os.Create(z.profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	lines, streams, err := measure(ctx, c, z)
	if err != nil {
		return err
	}
	after := load()
	print(lines, streams, p, z.worst)
	fmt.Printf("\nLoad average %s before and %s after, on %d cores; the measurement itself keeps one busy.\n", before, after, runtime.NumCPU())
	if z.json == "" {
		return nil
	}
	out, err := json.MarshalIndent(lines, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(z.json, append(out, '\n'), 0o644)
}

// prepared is the counter of the folder, which is filled if it is empty.
func prepared(ctx context.Context, dir string, z size) (*place, error) {
	p := &place{dir: dir}
	raw, err := os.ReadFile(filepath.Join(dir, "place.json"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return p, p.fill(ctx, z)
	case err != nil:
		return nil, err
	}
	return p, json.Unmarshal(raw, &p.kept)
}

// load is how busy the machine is, as the system tells it.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(b))[0]
}

func print(lines []line, streams []string, p *place, worst int) {
	var pages, files []line
	for _, l := range lines {
		if l.File {
			files = append(files, l)
		} else {
			pages = append(pages, l)
		}
	}
	over, work, taken, asked := 0, 0, 0, 0
	for _, l := range pages {
		taken, asked = taken+l.Stolen, asked+l.Stolen+l.times
		if l.CPUSlow > ms(target) {
			work++
		}
		if l.P99 > ms(target) {
			over++
		}
	}
	fmt.Printf("%d cases besides the showcase's %d, %d of them open; %d pages and roles, %d over %d ms at p99, %d by processor time at p90\n",
		p.Mass, len(p.Shown.All), p.Open, len(pages), over, target.Milliseconds(), work)
	fmt.Printf("%d of %d requests came while a processor was taken away from this machine, and were asked again\n\n", taken, asked)
	table("page", pages[:min(worst, len(pages))])
	if len(files) > 0 {
		fmt.Printf("\nFiles, which are made when they are asked for:\n\n")
		table("file", files[:min(worst, len(files))])
	}
	if len(streams) > 0 {
		fmt.Printf("\nNot measured, as they stay open: %s\n", strings.Join(streams, ", "))
	}
}

func table(what string, lines []line) {
	fmt.Printf("| %s | as | p50 ms | p99 ms | max ms | cpu p50 | cpu p90 | asked again | kB |\n", what)
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, l := range lines {
		as := string(l.Role)
		if as == "" {
			as = "everybody"
		}
		fmt.Printf("| %s | %s | %.1f | %.1f | %.1f | %.1f | %.1f | %d | %.1f |\n", l.Pattern, as, l.P50, l.P99, l.Max, l.CPU, l.CPUSlow, l.Stolen, float64(l.Bytes)/1000)
	}
}
