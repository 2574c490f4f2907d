//go:build unix

// Command case measures the counter as its users meet it: commands, work lists
// and opened cases over HTTP, on sluss serve in a process of its own, with
// tokens, access and validation as in service.
//
//	go run ./bench/case [--cases 3000[,30000]] [--seconds 30] [--rounds 1] [--keep DIR | --postgres]
//
// It stores cases of 24 events each, which the rules of room order have made,
// starts the counter, and then asks at fixed moments whether or not the answer
// before has come (open loop): 50 commands, 20 work lists and 20 opened cases a
// second, by 100 handlers. A latency counts from the moment at which the
// request was to be sent. After that it sends as many commands as it can
// (saturated), and last it reads the whole log again, folds every case and
// verifies the tree. It prints a table with the targets beside.
//
// With several numbers of cases there is a counter for each, and they are asked
// by turns, round after round: what the disk and the processor do otherwise
// meets them alike, and what the numbers differ by is told as a ratio.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// size is what is measured.
type size struct {
	cases    []int
	seconds  int // of each round
	rounds   int
	postgres bool
	keep     string
}

// handlers is how many members of staff share the cases.
const handlers = 100

// Requests a second of each kind.
const (
	commandRate = 50
	listRate    = 20
	openRate    = 20
)

func main() {
	var z size
	cases := flag.String("cases", "3000", "cases of 24 events; several numbers, with commas between, are measured beside each other")
	flag.IntVar(&z.seconds, "seconds", 30, "length of the open loop")
	flag.IntVar(&z.rounds, "rounds", 1, "how many times it is run")
	flag.BoolVar(&z.postgres, "postgres", false, "on a PostgreSQL that is started for this, instead of SQLite")
	flag.StringVar(&z.keep, "keep", "", "folder to keep the stored cases in, and to take them from the next time (SQLite)")
	flag.Parse()
	for text := range strings.SplitSeq(*cases, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			fmt.Fprintln(os.Stderr, "bench/case: --cases is a number, or several with commas between")
			os.Exit(2)
		}
		z.cases = append(z.cases, n)
	}
	if err := run(context.Background(), z); err != nil {
		fmt.Fprintln(os.Stderr, "bench/case:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, z size) (err error) {
	if z.keep != "" && z.postgres {
		return errors.New("--keep is for SQLite: leave out --postgres")
	}
	dir, err := os.MkdirTemp("", "sluss-bench-case-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary := filepath.Join(dir, "sluss")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "./cmd/sluss")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	var all []*subject
	defer func() {
		for _, s := range all {
			err = errors.Join(err, s.end())
		}
	}()
	for _, n := range z.cases {
		s := &subject{cases: n, place: place{binary: binary}, figures: map[string][][]time.Duration{}}
		all = append(all, s)
		if err := s.prepare(ctx, z, filepath.Join(dir, strconv.Itoa(n))); err != nil {
			return err
		}
	}
	unix.Sync() // what seeding left for the disk to do is not measured
	for _, s := range all {
		if err := s.start(ctx); err != nil {
			return err
		}
	}
	for round := range z.rounds {
		for i := range all { // each is first as often
			s := all[(i+round)%len(all)]
			for kind, l := range s.driver.openLoop(ctx, time.Duration(z.seconds)*time.Second) {
				s.figures[kind] = append(s.figures[kind], l)
			}
		}
	}
	for _, s := range all {
		if err := s.finish(ctx, z); err != nil {
			return err
		}
	}
	for _, s := range all {
		s.print(z)
	}
	for _, s := range all[1:] {
		compare(all[0], s)
	}
	return nil
}
