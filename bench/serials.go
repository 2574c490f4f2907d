package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	weak "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluss/internal/pseudonym"
	"sluss/internal/vault"
	"sluss/internal/works"
)

// Part lopnr: löpnummer for as many persons as a population can have, with the
// vault's own parts: drawn, tested for order, sealed into a vault, read back and
// given to the persons in the order of a register.

// The keys of the register's persons: one after another, three apart, as the
// synthetic registers have them; or as far apart as those of any other register
// may be.
var keyGaps = map[string]int{"lopnr": 3, "lopnr-apart": 1000}

func init() {
	for name, gap := range keyGaps {
		children[name] = func(ctx context.Context, dir string, n int) (figures, error) { return numbered(ctx, dir, n, gap) }
	}
}

// numbered draws, seals and applies n löpnummer to persons whose keys are gap
// apart in the mean.
func numbered(ctx context.Context, dir string, n, gap int) (f figures, err error) {
	home, err := os.MkdirTemp(dir, "vault-")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	if _, err := vault.Create(filepath.Join(home, "vault"), "bench"); err != nil {
		return f, err
	}
	v, err := vault.Open(filepath.Join(home, "vault"))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	r := weak.New(weak.NewPCG(1, 2))
	entities, birth, place := make([]uint64, n), make([]uint64, n), make([]uint64, n)
	for i := range entities {
		entities[i], birth[i], place[i] = uint64(i*gap+r.IntN(gap)), uint64(r.IntN(36_500)), uint64(i)
	}
	r.Shuffle(n, func(i, j int) { entities[i], entities[j] = entities[j], entities[i] })

	var steps []string
	stop, last := watch(), time.Now()
	step := func(name string) {
		now := time.Now()
		steps = append(steps, fmt.Sprintf("%s %.1f s", name, now.Sub(last).Seconds()))
		last = now
	}
	seed, err := pseudonym.Seed(rand.Reader)
	if err != nil {
		return f, err
	}
	table := &pseudonym.Table{Domain: pseudonym.Domain{ID: "bench", Origin: pseudonym.Own, State: pseudonym.Open, Type: pseudonym.Person}}
	if _, err := table.Draw(entities, seed, ""); err != nil {
		return f, err
	}
	step("drawn")
	serials, index := make([]uint64, n), table.Index()
	for i, e := range entities {
		serials[i], _ = index.Lopnr(e)
	}
	for _, leak := range pseudonym.OrderLeak(serials,
		pseudonym.Ordering{Name: "number", Keys: entities}, pseudonym.Ordering{Name: "birth_date", Keys: birth}, pseudonym.Ordering{Name: "file_order", Keys: place}) {
		if leak.Leaks {
			return f, fmt.Errorf("löpnummer follow %s", leak.Ordering)
		}
	}
	step("tested for order")
	b, err := pseudonym.EncodeTable(table)
	if err != nil {
		return f, err
	}
	o := works.Object{Owner: "bench", Kind: works.ObjectDomain, Name: "bench"}
	if _, _, err := v.Put(ctx, o, bytes.NewReader(b)); err != nil {
		return f, err
	}
	step("sealed")
	sealed, err := v.Get(ctx, o)
	if err != nil {
		return f, err
	}
	defer sealed.Close()
	if b, err = io.ReadAll(sealed); err != nil {
		return f, err
	}
	if table, err = pseudonym.DecodeTable(b); err != nil {
		return f, err
	}
	step("read back")
	index = table.Index()
	for i, e := range entities {
		if got, ok := index.Lopnr(e); !ok || got != serials[i] {
			return f, errors.New("another löpnummer than was drawn")
		}
	}
	step("applied")
	f = stop()
	f.Notes = map[string]string{"steps": strings.Join(steps, ", ")}
	return f, nil
}

// partSerials measures it for so many persons.
func (b *bench) partSerials(ctx context.Context, persons int) error {
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	fmt.Printf("\n### Löpnummer for %d persons\n\n| keys of the persons | wall s (target for ten million: ≤ 10) | CPU-s | peak anonymous MB | of which |\n|---|---|---|---|---|\n", persons)
	for _, name := range []string{"lopnr", "lopnr-apart"} {
		f, err := start(ctx, limits{time: b.limit}, os.Args[0], "-child", name, "-dir", b.dir, "-chunks", fmt.Sprint(persons))
		if err != nil {
			return err
		}
		fmt.Printf("| %d apart | %.1f | %.1f | %.0f | %s |\n", keyGaps[name], f.Seconds, f.CPU, f.Anon, f.Notes["steps"])
	}
	return nil
}
