//go:build unix

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// subject is a counter with a number of cases, and what was measured of it.
type subject struct {
	cases   int
	place   place
	driver  *driver
	counter *counter
	close   func() error

	figures      map[string][][]time.Duration // kind → round → latencies, sorted
	rate         float64
	memory       int // MB
	cold, replay time.Duration
	entries      int64
}

// prepare stores the cases in a folder, or takes those that are kept.
func (s *subject) prepare(ctx context.Context, z size, dir string) error {
	p := &s.place
	p.state = filepath.Join(dir, "state")
	if z.keep != "" {
		keep := filepath.Join(z.keep, strconv.Itoa(s.cases))
		p.state, p.kept = filepath.Join(keep, "state"), filepath.Join(keep, "seeded.json")
	}
	if z.postgres {
		var err error
		if s.close, err = p.postgres(); err != nil {
			return err
		}
	}
	made, err := seedOnce(ctx, *p, s.cases)
	if err != nil {
		return err
	}
	s.driver = &driver{tokens: made.Tokens, ids: made.IDs}
	if p.kept == "" {
		return nil
	}
	// The measurement changes the cases: those that are kept stay as they are.
	copied := filepath.Join(dir, "state")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.CopyFS(copied, os.DirFS(p.state)); err != nil {
		return err
	}
	p.state = copied
	return os.Chmod(filepath.Join(copied, "counter.key"), 0o600)
}

func (s *subject) start(ctx context.Context) (err error) {
	if s.counter, s.cold, err = s.place.start(ctx); err != nil {
		return err
	}
	s.driver.url = s.counter.url
	s.driver.prepare()
	return s.driver.warm(ctx)
}

// finish measures what is measured once, and ends the counter.
func (s *subject) finish(ctx context.Context, z size) (err error) {
	s.rate = s.driver.saturated(ctx, 10*time.Second)
	if s.memory, err = s.counter.peak(); err != nil {
		return err
	}
	if err = s.counter.stop(); err != nil {
		return err
	}
	if n := s.driver.failures(); n > 0 {
		return fmt.Errorf("%d requests were not answered as they should: %s", n, s.driver.firstFailure())
	}
	s.replay, s.entries, err = s.place.replay(ctx)
	return err
}

// end stops what still runs; ending again does nothing.
func (s *subject) end() (err error) {
	if s.counter != nil {
		err = s.counter.stop()
	}
	if s.close != nil {
		err = errors.Join(err, s.close())
		s.close = nil
	}
	return err
}

// kinds are what is asked for in the open loop, with the p99 that it may take.
var kinds = []struct {
	name, what string
	target     int // ms
}{{"command", "durable command, 50 a second", 25}, {"list", "work list, 20 a second", 50}, {"open", "open case, 20 a second", 100}}

// of is every latency of a kind, sorted.
func (s *subject) of(kind string) []time.Duration {
	return slices.Sorted(slices.Values(slices.Concat(s.figures[kind]...)))
}

func (s *subject) print(z size) {
	where := "SQLite"
	if z.postgres {
		where = "PostgreSQL"
	}
	fmt.Printf("%d cases, %d entries, %s, open loop %d × %d s\n\n", s.cases, s.entries, where, z.rounds, z.seconds)
	fmt.Println("| | n | p50 ms | p99 ms | max ms | target p99 |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, k := range kinds {
		l := s.of(k.name)
		fmt.Printf("| %s | %d | %s | %s | %s | ≤ %d |\n", k.what, len(l), ms(at(l, 0.5)), ms(at(l, 0.99)), ms(at(l, 1)), k.target)
	}
	fmt.Println("\n| | | target |\n|---|---|---|")
	fmt.Printf("| saturated, commands a second | %.0f | |\n", s.rate)
	fmt.Printf("| peak memory of the counter, MB | %d | ≤ 128 |\n", s.memory)
	fmt.Printf("| cold start until it answers, s | %.2f | ≤ 2 |\n", s.cold.Seconds())
	fmt.Printf("| replay and verify everything, s | %.1f | ≤ 15 for 72 000 |\n", s.replay.Seconds())
	fmt.Printf("\nAnswers: %s\n\n", strings.Join(s.driver.tally(), ", "))
}

// compare prints how much longer the answers of more cases take: all rounds
// together, and the middle one of the rounds' own ratios, which one bad second
// of the disk does not move.
func compare(few, many *subject) {
	fmt.Printf("%d cases beside %d\n\n| | p50, ratio | p99, ratio | p99, ratio of the middle round | target |\n|---|---|---|---|---|\n", many.cases, few.cases)
	for _, k := range kinds {
		var rounds []float64
		for i, l := range many.figures[k.name] {
			rounds = append(rounds, ratio(l, few.figures[k.name][i], 0.99))
		}
		slices.SortFunc(rounds, cmp.Compare[float64])
		a, b := few.of(k.name), many.of(k.name)
		fmt.Printf("| %s | %.2f | %.2f | %.2f | ≤ 2 |\n", k.what, ratio(b, a, 0.5), ratio(b, a, 0.99), rounds[len(rounds)/2])
	}
	fmt.Println()
}

func ratio(b, a []time.Duration, q float64) float64 {
	return float64(at(b, q)) / max(1, float64(at(a, q)))
}
