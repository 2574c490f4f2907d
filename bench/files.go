package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"sluss/internal/rig"
)

// Parts population and risk: files of others, checked by the program itself.

// program measures a command of the engine's program, which prints what it likes.
func (b *bench) program(ctx context.Context, args ...string) (figures, error) {
	var best figures
	for i := range b.rounds {
		f, _, err := watched(ctx, limits{time: b.limit}, append([]string{b.engine}, args...)...)
		if err != nil {
			return f, fmt.Errorf("%s: %w", args[0], err)
		}
		if i == 0 || f.Seconds < best.Seconds {
			best = f
		}
		if f.Seconds > slow {
			break
		}
	}
	return best, nil
}

// made writes a file of n lines if it is not there.
func made(name, head string, n int, line func(b []byte, i int) []byte) (err error) {
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	b := append([]byte(head), '\n')
	for i := range n {
		if _, err := w.Write(b); err != nil {
			return err
		}
		b = append(line(b[:0], i), '\n')
	}
	_, err = w.Write(b)
	return errors.Join(err, w.Flush())
}

// partPopulation checks a file of so many persons.
func (b *bench) partPopulation(ctx context.Context, lines int) error {
	name := filepath.Join(b.dir, fmt.Sprintf("population-%d.csv", lines))
	if _, err := os.Stat(name); err != nil {
		w := rig.New(rig.Config{Persons: lines, Seed: 2})
		if err := made(name, "personnummer;lopnr", w.Len(), func(t []byte, i int) []byte {
			return fmt.Appendf(t, "%012d;%d", w.Numbers(rig.Person(i))[0].Value.Reveal(), i+1)
		}); err != nil {
			return err
		}
	}
	f, err := b.program(ctx, "population", "check", "--synthetic", name)
	if err != nil {
		return err
	}
	fmt.Printf("\n### Population file of %d lines, checked\n\n| | | target for a million |\n|---|---|---|\n| wall s, start of the program included | %.2f | ≤ 1 |\n| CPU-s | %.2f | |\n| peak anonymous MB | %.0f | |\n", lines, f.Seconds, f.CPU, f.Anon)
	return b.drop(name)
}

// partRisk measures the disclosure risk of a file with five quasi-identifiers.
func (b *bench) partRisk(ctx context.Context, lines int) error {
	name := filepath.Join(b.dir, fmt.Sprintf("risk-%d.csv", lines))
	r := rand.New(rand.NewPCG(1, 2)) // the same file every time
	if err := made(name, "kon,fodelsear,kommun,utbildning,yrke,diagnos", lines, func(t []byte, _ int) []byte {
		return fmt.Appendf(t, "%d,%d,%04d,%d,%03d,%c%02d", 1+r.IntN(2), 1940+r.IntN(66), 100+int(290*r.Float64()*r.Float64()), 1+r.IntN(7), 100+int(110*r.Float64()*r.Float64()), 'A'+r.IntN(20), r.IntN(60))
	}); err != nil {
		return err
	}
	f, err := b.program(ctx, "risk", "--qi", "kon,fodelsear,kommun,utbildning,yrke", "--sensitive", "diagnos", "--json", name)
	if err != nil {
		return err
	}
	fmt.Printf("\n### Disclosure report of %d rows, 5 quasi-identifiers\n\n| | | target for ten million |\n|---|---|---|\n| wall s | %.1f | ≤ 60 |\n| CPU-s | %.1f | |\n| peak anonymous MB | %.0f | ≤ 4 096 |\n", lines, f.Seconds, f.CPU, f.Anon)
	return b.drop(name)
}

// drop removes a file that was made for a part.
func (b *bench) drop(name string) error {
	if b.keep {
		return nil
	}
	return os.Remove(name)
}
