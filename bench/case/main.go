//go:build unix

// Command case measures the counter as its users meet it: commands, work lists
// and opened cases over HTTP, on sluss serve in a process of its own, with
// tokens, access and validation as in service.
//
//	go run ./bench/case [--cases 3000] [--seconds 30] [--keep DIR | --postgres]
//
// It stores cases of 24 events each, which the rules of room order have made,
// starts the counter, and then asks at fixed moments whether or not the answer
// before has come (open loop): 50 commands, 20 work lists and 20 opened cases a
// second, by 100 handlers. A latency counts from the moment at which the
// request was to be sent. After that it sends as many commands as it can
// (saturated), and last it reads the whole log again, folds every case and
// verifies the tree. It prints one table with the targets beside.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// size is what is measured.
type size struct {
	cases    int
	seconds  int
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
	flag.IntVar(&z.cases, "cases", 3000, "cases of 24 events")
	flag.IntVar(&z.seconds, "seconds", 30, "length of the open loop")
	flag.BoolVar(&z.postgres, "postgres", false, "on a PostgreSQL that is started for this, instead of SQLite")
	flag.StringVar(&z.keep, "keep", "", "folder to keep the stored cases in, and to take them from the next time (SQLite)")
	flag.Parse()
	if err := run(context.Background(), z); err != nil {
		fmt.Fprintln(os.Stderr, "bench/case:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, z size) (err error) {
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
	p := place{binary: binary, state: filepath.Join(dir, "state")}
	switch {
	case z.keep != "" && z.postgres:
		return errors.New("--keep is for SQLite: leave out --postgres")
	case z.keep != "":
		p.state, p.kept = filepath.Join(z.keep, "state"), filepath.Join(z.keep, "seeded.json")
	case z.postgres:
		stop, err := p.postgres()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	made, err := seedOnce(ctx, p, z.cases)
	if err != nil {
		return err
	}
	if p.kept != "" { // the measurement changes the cases: those that are kept stay as they are
		copied := filepath.Join(dir, "state")
		if err := os.CopyFS(copied, os.DirFS(p.state)); err != nil {
			return err
		}
		if err := os.Chmod(filepath.Join(copied, "counter.key"), 0o600); err != nil {
			return err
		}
		p.state = copied
	}
	unix.Sync() // what seeding left for the disk to do is not measured
	c, cold, err := p.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	d := &driver{url: c.url, tokens: made.Tokens, ids: made.IDs}
	d.prepare()
	if err := d.warm(ctx); err != nil {
		return err
	}
	figures := d.openLoop(ctx, time.Duration(z.seconds)*time.Second)
	rate := d.saturated(ctx, 10*time.Second)
	memory, err := c.peak()
	if err != nil {
		return err
	}
	if err := c.stop(); err != nil {
		return err
	}
	replay, entries, err := p.replay(ctx)
	if err != nil {
		return err
	}
	print(z, figures, rate, memory, cold, replay, entries, d)
	if n := d.failures(); n > 0 {
		return fmt.Errorf("%d requests were not answered as they should: %s", n, d.firstFailure())
	}
	return nil
}

func print(z size, f map[string][]time.Duration, rate float64, memory int, cold, replay time.Duration, entries int64, d *driver) {
	where := "SQLite"
	if z.postgres {
		where = "PostgreSQL"
	}
	fmt.Printf("%d cases, %d entries, %s, open loop %d s\n\n", z.cases, entries, where, z.seconds)
	fmt.Println("| | n | p50 ms | p99 ms | max ms | target p99 |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, line := range []struct {
		name, what string
		target     int
	}{{"command", "durable command, 50 a second", 25}, {"list", "work list, 20 a second", 50}, {"open", "open case, 20 a second", 100}} {
		l := f[line.name]
		fmt.Printf("| %s | %d | %s | %s | %s | ≤ %d |\n", line.what, len(l), ms(at(l, 0.5)), ms(at(l, 0.99)), ms(at(l, 1)), line.target)
	}
	fmt.Println("\n| | | target |\n|---|---|---|")
	fmt.Printf("| saturated, commands a second | %.0f | |\n", rate)
	fmt.Printf("| peak memory of the counter, MB | %d | ≤ 128 |\n", memory)
	fmt.Printf("| cold start until it answers, s | %.2f | ≤ 2 |\n", cold.Seconds())
	fmt.Printf("| replay and verify everything, s | %.1f | ≤ 15 |\n", replay.Seconds())
	fmt.Printf("\nAnswers: %s\n", strings.Join(d.tally(), ", "))
}
