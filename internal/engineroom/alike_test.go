package engineroom_test

import (
	"context"
	"path/filepath"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/engineroom"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/works"
)

// TestAlike counts persons of a synthetic register by year of birth, sex and county, and
// by year of death, and compares with the world that the register was made from.
func TestAlike(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := rig.Config{Persons: 3000, Seed: 8, Tables: []string{"person"}}
	world := rig.New(c)
	src, store := filepath.Join(dir, "src"), filepath.Join(dir, "store")
	if _, err := world.Write(context.Background(), src, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Load(context.Background(), register.Options{From: src, Store: store, ID: "s1", At: c.At(), Tables: []string{"person"}}); err != nil {
		t.Fatal(err)
	}
	s, err := engineroom.Registers{Store: store, Catalogue: catalog.Builtin()}.Open(context.Background(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	type traits struct {
		year   int
		woman  bool
		county uint8
		died   int
	}
	for name, x := range map[string]struct {
		by []works.Lasting
		of func(p rig.Person) traits
	}{
		"year, sex and county": {
			[]works.Lasting{{Variable: "fodelsear"}, {Variable: "kon"}, {Variable: "lan"}},
			func(p rig.Person) traits {
				return traits{year: world.Birth[p].Year(), woman: world.Woman[p], county: world.County[p]}
			},
		},
		"year of death": {
			[]works.Lasting{{Variable: "dodsmanad", Level: "year"}},
			func(p rig.Person) traits {
				if world.Death[p] >= c.At() {
					return traits{}
				}
				return traits{died: world.Death[p].Year()}
			},
		},
	} {
		want, persons := map[traits]int{}, 0
		for p := range rig.Person(world.Len()) {
			if world.Arrived[p] < c.At() {
				want[x.of(p)]++
				persons++
			}
		}
		of, n, ok := s.Alike("person", x.by)
		if !ok || n != persons {
			t.Fatalf("%s: %d persons, want %d", name, n, persons)
		}
		alone := 0
		for p := range rig.Person(world.Len()) {
			if world.Arrived[p] >= c.At() {
				continue
			}
			if got := of(uint64(world.Entity(p))); got != want[x.of(p)] {
				t.Fatalf("%s: %d are alike with person %d, want %d", name, got, p, want[x.of(p)])
			}
			if want[x.of(p)] == 1 {
				alone++
			}
		}
		if name == "year, sex and county" && (alone == 0 || alone == persons) {
			t.Errorf("%d of %d are alone: nothing is tried", alone, persons)
		}
		if got := of(1); got != 0 {
			t.Errorf("%s: nobody is alike with %d", name, got)
		}
	}
	for name, by := range map[string][]works.Lasting{"no such column": {{Variable: "x"}}, "a level that is none of months": {{Variable: "kon", Level: "year"}}} {
		if _, _, ok := s.Alike("person", by); ok {
			t.Errorf("%s: counted", name)
		}
	}
	if _, _, ok := s.Alike("midas_sjp", nil); ok {
		t.Error("a table that is not there was counted")
	}
}
