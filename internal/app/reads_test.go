package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
)

// readsStore is a store of reads that can be broken.
type readsStore struct {
	mu      sync.Mutex
	batches [][]app.Read
	broken  error
}

func (s *readsStore) PutReads(_ context.Context, batch []app.Read) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.batches = append(s.batches, slices.Clone(batch))
	}
	return s.broken
}

func (s *readsStore) breaks(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

func (s *readsStore) ReadsOfCase(context.Context, string, app.ReadsPlace, int) ([]app.Read, app.ReadsPlace, error) {
	return nil, 0, nil
}

func (s *readsStore) ReadsBy(context.Context, string, app.ReadsPlace, int) ([]app.Read, app.ReadsPlace, error) {
	return nil, 0, nil
}

func (s *readsStore) cases() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.batches {
		for _, r := range b {
			out = append(out, r.Case)
		}
	}
	return out
}

var handler = access.Person{ID: "karin", Role: order.RoleHandler}

func reader(s *readsStore) *app.App {
	return &app.App{Clock: time.Now, Beside: app.Beside{Reads: app.NewReadLog(s, slog.New(slog.DiscardHandler))}}
}

// TestReadsAreBatched: many reads are few writes, all of them in order, and
// none is lost when the counter stops.
func TestReadsAreBatched(t *testing.T) {
	t.Parallel()
	s := &readsStore{}
	a := reader(s)
	ctx, stop := context.WithCancel(t.Context())
	var g sync.WaitGroup
	g.Go(func() { a.Reads.Run(ctx) })
	var want []string
	for i := range 3*app.ReadsBatch + 7 {
		id := fmt.Sprint(i)
		want = append(want, id)
		if err := a.LogRead(ctx, handler, id, access.ViewCase); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(time.Minute); len(s.cases()) < len(want); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not written in time")
		}
	}
	if err := a.LogRead(ctx, handler, "last", access.ViewCase); err != nil {
		t.Fatal(err)
	}
	stop()
	g.Wait()
	if got := s.cases(); !slices.Equal(got, append(want, "last")) {
		t.Errorf("%d reads, want %d", len(got), len(want)+1)
	}
	for _, b := range s.batches {
		if len(b) > app.ReadsBatch {
			t.Errorf("a batch of %d", len(b))
		}
	}
}

// TestReadsFailClosed: when a batch cannot be written, nothing is shown until
// it has been, and it is not lost.
func TestReadsFailClosed(t *testing.T) {
	t.Parallel()
	s := &readsStore{}
	a := reader(s)
	read := func(id string) error { return a.LogRead(t.Context(), handler, id, access.ViewCase) }
	if err := read("1"); err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	s.breaks(full)
	if err := a.Reads.Flush(t.Context()); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if err := read("2"); code(err) != "reads.not_logged" || !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	s.breaks(nil)
	if err := a.Reads.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := read("3"); err != nil {
		t.Errorf("%v", err)
	}
	if err := a.Reads.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.cases(); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("%v", got)
	}
	// nobody writes: memory is bounded
	var err error
	for n := 0; err == nil && n < 100*app.ReadsBatch; n++ {
		err = read("x")
	}
	if code(err) != "reads.not_logged" {
		t.Errorf("%v", err)
	}
}

// TestOwnReadsAreNotLogged: those outside read their own cases.
func TestOwnReadsAreNotLogged(t *testing.T) {
	t.Parallel()
	s := &readsStore{}
	a := reader(s)
	for _, r := range access.Roles {
		if err := a.LogRead(t.Context(), access.Person{ID: "x", Role: r}, string(r), access.ViewCase); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Reads.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range access.Roles {
		if slices.Contains(s.cases(), string(r)) != access.Works(r) {
			t.Errorf("%s", r)
		}
	}
}
