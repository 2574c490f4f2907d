package register_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// TestDiff: over all months the counts between two loads that follow on each
// other are those that the load itself made, and over three loads a row that
// came and went in between is not told of.
func TestDiff(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "store")
	for wave := 1; wave <= 3; wave++ {
		c := rig.Config{Persons: 1500, Seed: 8, Wave: wave, Tables: []string{"midas_sjp", "tfp"}}
		if _, err := register.Load(context.Background(), register.Options{From: synthetic(t, c), Store: store, ID: fmt.Sprintf("w%d", wave), At: c.At(), Tables: c.Tables}); err != nil {
			t.Fatal(err)
		}
	}
	first, second, third := mustOpen(t, store, "w1"), mustOpen(t, store, "w2"), mustOpen(t, store, "w3")
	total := func(a, b *register.Snapshot) map[string]register.Change {
		t.Helper()
		list, err := b.Diff(t.Context(), a.Manifest(), func(register.Progress) {})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]register.Change{}
		for _, c := range list {
			x := out[c.Table]
			out[c.Table] = register.Change{Added: x.Added + c.Added, Late: x.Late + c.Late, Corrected: x.Corrected + c.Corrected, Deleted: x.Deleted + c.Deleted}
		}
		return out
	}
	got, late := total(first, second), int64(0)
	for _, m := range second.Manifest().Tables {
		want := register.Change{Added: m.Counts.Added, Late: m.Counts.Late, Corrected: m.Counts.Changed, Deleted: m.Counts.Removed}
		if got[m.ID] != want {
			t.Errorf("%s: %+v, the load counted %+v", m.ID, got[m.ID], want)
		}
		late += want.Late
	}
	if late == 0 || got["midas_sjp"].Corrected == 0 || got["midas_sjp"].Deleted == 0 {
		t.Errorf("nothing to find: %+v", got)
	}
	one, two, both := got["midas_sjp"], total(second, third)["midas_sjp"], total(first, third)["midas_sjp"]
	if both.Added-both.Deleted != one.Added-one.Deleted+two.Added-two.Deleted || both.Deleted > one.Deleted+two.Deleted {
		t.Errorf("first to third %+v, by way of the second %+v and %+v", both, one, two)
	}
	compareSince(t, store, first, third, both)
	_, err := first.Diff(t.Context(), second.Manifest(), func(register.Progress) {})
	if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != "register.diff_order" {
		t.Errorf("backwards: %v", err)
	}
	list, _ := second.Diff(t.Context(), first.Manifest(), func(register.Progress) {})
	if !slices.IsSortedFunc(list, func(a, b register.Change) int {
		if a.Table+a.Month < b.Table+b.Month {
			return -1
		}
		return 1
	}) {
		t.Error("not in the order of tables and months")
	}
}

// compareSince counts person by person: over all days it is what the whole
// difference says, also when the older snapshot has been dropped; over two
// halves of time a row is found where its days are.
func compareSince(t *testing.T, store string, a, b *register.Snapshot, want register.Change) {
	t.Helper()
	load, at, err := register.LoadOf(store, a.ID())
	if err != nil || load != a.Load() || at != a.LoadedAt() {
		t.Fatalf("%d, %s, %v", load, at, err)
	}
	if _, _, err := register.LoadOf(store, "never"); err == nil {
		t.Error("a snapshot that has never been there")
	}
	s, ok := b.Table("midas_sjp").Since(load, b.Load())
	if !ok {
		t.Fatal("rows without numbers")
	}
	var got register.Change
	var early, late int64
	cut := day.Of(2024, 1, 1)
	for p := range uint32(b.Persons()) {
		x, y, z := s.Count(p, day.Min, day.Open)
		got.Added, got.Corrected, got.Deleted = got.Added+x, got.Corrected+y, got.Deleted+z
		x, _, _ = s.Count(p, day.Min, cut)
		early += x
		x, _, _ = s.Count(p, cut, day.Open)
		late += x
	}
	want.Late = 0
	if got != want {
		t.Errorf("person by person %+v, in all %+v", got, want)
	}
	if late == 0 || early+late < got.Added {
		t.Errorf("%d new before the cut and %d after it, %d in all", early, late, got.Added)
	}
}
