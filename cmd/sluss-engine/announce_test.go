package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluss/internal/api"
	"sluss/internal/coverage"
	"sluss/internal/pull"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// board is the counter's side: it hears what the registers are like. Nothing
// else of the counter is asked.
type board struct {
	api.Counter
	told []coverage.Published
	err  error
}

func (b *board) PublishCoverage(_ context.Context, p coverage.Published) error {
	if b.err == nil {
		b.told = append(b.told, p)
	}
	return b.err
}

// TestTheCounterIsToldOnce: a vault tells of each snapshot once, also when it is
// started again; of a new one it tells; and a counter that cannot hear it is not
// asked again at once, and hinders nothing.
func TestTheCounterIsToldOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := filepath.Join(dir, "store")
	load := func(wave int) {
		t.Helper()
		c := rig.Config{Persons: 300, Seed: 2, Wave: wave, Tables: []string{"midas_sjp", "barnbidrag"}}
		src := filepath.Join(t.TempDir(), "src")
		if _, err := rig.New(c).Write(t.Context(), src, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := register.Load(t.Context(), register.Options{From: src, Store: store, At: c.At(), Tables: c.Tables}); err != nil {
			t.Fatal(err)
		}
	}
	counter := &board{}
	mux := http.NewServeMux()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	api.Vault(mux, counter, "credential", log)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	to, err := pull.New(srv.URL, "credential")
	if err != nil {
		t.Fatal(err)
	}
	begin := func() *announcer {
		return &announcer{to: to, store: store, note: filepath.Join(dir, "coverage.json"), log: log}
	}
	a := begin()
	a.tell(t.Context()) // of nothing
	load(1)
	for range 3 {
		a.tell(t.Context())
	}
	begin().tell(t.Context())
	if len(counter.told) != 1 {
		t.Fatalf("told %d times", len(counter.told))
	}
	load(2)
	counter.err = errors.New("out of order")
	a.tell(t.Context())
	counter.err = nil
	a.tell(t.Context())
	if len(counter.told) != 1 || a.after.Before(time.Now()) {
		t.Errorf("a counter that could not hear is asked again at once: %d", len(counter.told))
	}
	begin().tell(t.Context())
	if len(counter.told) != 2 {
		t.Fatalf("told %d times", len(counter.told))
	}
	p := counter.told[1]
	var ids []string
	for _, r := range p.Registers {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	if strings.Join(ids, " ") != "barnbidrag midas_sjuk" || !p.Synthetic || p.Seen.String() != "2026-12-01" || p.Register("barnbidrag").PaymentsTo == nil || p.Check() != nil {
		t.Errorf("%v, %+v", ids, p)
	}
}
