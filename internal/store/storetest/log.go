package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/workorder"
)

func entries(t *testing.T, p Place) {
	s := p.Open(t)
	_, err := s.Load(t.Context(), "FK-2026-00001")
	wantErr(t, "load what is not there", err, app.ErrNotFound)
	want := []order.Entry{entry(1, "anna", `åäö "quoted" \ <b> `+"\u2028"), entry(2, "bo", "")}
	if err := s.Append(t.Context(), "FK-2026-00001", want[:1], summary("FK-2026-00001", 1), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), "FK-2026-00001", want[1:], summary("FK-2026-00001", 2), nil); err != nil {
		t.Fatal(err)
	}
	got, err := p.Open(t).Load(t.Context(), "FK-2026-00001")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

func conflict(t *testing.T, p Place) {
	s := p.Open(t)
	appendEntry(t, s, "FK-2026-00001", 1, "a")
	for what, version := range map[string]int{"taken": 1, "leaving a gap": 3, "before the first": 0} {
		err := s.Append(t.Context(), "FK-2026-00001", []order.Entry{entry(version, "bo", "b")}, summary("FK-2026-00001", version), nil)
		wantErr(t, "version "+what, err, app.ErrConflict)
	}
	// 20 writers at once: one gets version 2, the others are told plainly.
	var won, lost int
	var mu sync.Mutex
	var g errgroup.Group
	for range 20 {
		g.Go(func() error {
			err := s.Append(t.Context(), "FK-2026-00001", []order.Entry{entry(2, "bo", "c")}, summary("FK-2026-00001", 2), nil)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, app.ErrConflict):
				lost++
			default:
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil || won != 1 || lost != 19 {
		t.Errorf("%d won, %d lost, %v", won, lost, err)
	}
}

func allOrNothing(t *testing.T, p Place) {
	s := p.Open(t)
	appendEntry(t, s, "FK-2026-00001", 1, "a", app.Job{ID: "FK-2026-00001.1", Order: "FK-2026-00001", Kind: workorder.Purge})
	// the second entry's version is taken by the first
	err := s.Append(t.Context(), "FK-2026-00001", []order.Entry{entry(2, "bo", "b"), entry(2, "bo", "c")}, summary("FK-2026-00001", 2), nil)
	wantErr(t, "two of one version", err, app.ErrConflict)
	// the job's id is taken
	err = s.Append(t.Context(), "FK-2026-00001", []order.Entry{entry(2, "bo", "b")}, summary("FK-2026-00001", 2), []app.Job{{ID: "FK-2026-00001.1", Order: "FK-2026-00001", Kind: workorder.Purge}})
	if err == nil {
		t.Error("a job's id was used twice")
	}
	got, err := s.Load(t.Context(), "FK-2026-00001")
	if err != nil || len(got) != 1 {
		t.Errorf("%d entries, %v, want 1", len(got), err)
	}
	list, err := s.List(t.Context())
	if err != nil || len(list) != 1 || list[0].Version != 1 {
		t.Errorf("summaries %+v, %v, want version 1", list, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Append(ctx, "FK-2026-00002", []order.Entry{entry(1, "bo", "b")}, summary("FK-2026-00002", 1), nil); err == nil {
		t.Error("appended after the caller had gone")
	}
	_, err = s.Load(t.Context(), "FK-2026-00002")
	wantErr(t, "after a cancelled append", err, app.ErrNotFound)
}

func list(t *testing.T, p Place) {
	s := p.Open(t)
	if got, err := s.List(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("empty list: %v, %v", got, err)
	}
	appendEntry(t, s, "FK-2026-00001", 1, "a")
	appendEntry(t, s, "FK-2026-00002", 1, "a")
	appendEntry(t, s, "FK-2026-00001", 2, "a")
	third := summary("FK-2026-00003", 1)
	third.Title, third.PurgeOn = "noll\x00byte och \xff", "2026-09-01"
	if err := s.Append(t.Context(), "FK-2026-00003", []order.Entry{entry(1, "bo", "\x00\xff")}, third, nil); err != nil {
		t.Fatal(err)
	}
	got, err := s.List(t.Context())
	third.Title = "noll\ufffdbyte och \ufffd"
	want := []app.Summary{summary("FK-2026-00001", 2), third, summary("FK-2026-00002", 1)}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}

func numbers(t *testing.T, p Place) {
	var mu sync.Mutex
	var got []int
	var g errgroup.Group
	for range 4 {
		s := p.Open(t)
		g.Go(func() error {
			for range 25 {
				n, err := s.NextNumber(t.Context(), 2026)
				if err != nil {
					return err
				}
				mu.Lock()
				got = append(got, n)
				mu.Unlock()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	for i, n := range got {
		if n != i+1 {
			t.Fatalf("numbers %v", got)
		}
	}
	if n, err := p.Open(t).NextNumber(t.Context(), 2027); err != nil || n != 1 {
		t.Errorf("first of another year %d, %v", n, err)
	}
}

// openedTwiceAtOnce: programs that start together do not trip over the schema.
func openedTwiceAtOnce(t *testing.T, p Place) {
	var g errgroup.Group
	for range 6 {
		g.Go(func() error { _, err := p.Open(t).List(t.Context()); return err })
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
