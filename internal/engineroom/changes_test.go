package engineroom_test

import (
	"path/filepath"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/exposure"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/works"
)

// TestChangesSinceTheFirstDelivery: on two real snapshots the counts of a
// population of everybody in all time are those of the whole difference,
// protected; in a period of one person's dates they are of that period only; a
// dropped snapshot can still be compared with, an unknown one cannot.
func TestChangesSinceTheFirstDelivery(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "store")
	for wave, id := range []string{"w1", "w2"} {
		c := rig.Config{Persons: 4000, Seed: 3, Wave: wave + 1, Tables: []string{"midas_sjp"}}
		src := filepath.Join(t.TempDir(), "src")
		if _, err := rig.New(c).Write(t.Context(), src, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := register.Load(t.Context(), register.Options{From: src, Store: store, ID: id, At: c.At(), Tables: c.Tables}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := register.Open(store, "w2")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ask := func(since string, from, to plan.Bound) exposure.Count {
		t.Helper()
		open, err := engineroom.Registers{Store: store, Catalogue: catalog.Builtin()}.Open(t.Context(), "w2")
		if err != nil {
			t.Fatal(err)
		}
		defer open.Close()
		j := works.Extraction{Plan: plan.Spec{Extracts: []plan.Extract{{Name: "fall", Table: "midas_sjp", Window: plan.Window{From: from, To: to}}}}}
		j.Plan.Population.File = &plan.FilePopulation{Anchors: []string{"index"}}
		for p := range uint32(s.Persons()) {
			j.People = append(j.People, works.Delivered{Entity: uint64(s.Identity().Entity(p)), Anchors: []works.AnchorDay{{Set: true, Day: day.Of(2026, 10, 1)}}})
		}
		lines, err := open.Changes(t.Context(), j, since)
		if err != nil {
			t.Fatal(err)
		}
		if lines == nil {
			return exposure.Count{N: -1}
		}
		return lines[0].Added
	}
	want := s.Manifest().Tables[0].Counts.Added
	all := ask("w1", plan.Bound{Date: day.Min}, plan.Bound{Date: day.Max})
	if all != exposure.Protect(want) || want < 20 {
		t.Errorf("%+v new rows, the load counted %d", all, want)
	}
	around := ask("w1", plan.Bound{Anchor: "index"}, plan.Bound{Anchor: "index", Offset: day.Offset{Months: 1}})
	if around.N == 0 || around.N >= all.N {
		t.Errorf("around their dates %+v of %+v", around, all)
	}
	if got := ask("w0", plan.Bound{Date: day.Min}, plan.Bound{Date: day.Max}); got.N != -1 {
		t.Errorf("with a snapshot that has never been there: %+v", got)
	}
	if err := register.Drop(store, "w1", day.Of(2027, 1, 1), func() (map[string][]string, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	if got := ask("w1", plan.Bound{Date: day.Min}, plan.Bound{Date: day.Max}); got != all {
		t.Errorf("with a dropped snapshot %+v, before %+v", got, all)
	}
}
