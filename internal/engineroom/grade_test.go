package engineroom_test

import (
	"path/filepath"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// Sums of all rows and of the kernel's panels agree to the öre for every table
// beyond MiDAS, and what is awkward in a register shows in its grade.
func TestGrades(t *testing.T) {
	t.Parallel()
	c := rig.Config{Persons: 3000, Seed: 2}
	dir, store := filepath.Join(t.TempDir(), "src"), filepath.Join(t.TempDir(), "store")
	if _, err := rig.New(c).Write(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Load(t.Context(), register.Options{From: dir, Store: store, ID: "s", At: c.At()}); err != nil {
		t.Fatal(err)
	}
	s, err := register.Open(store, "s")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	grades, err := engineroom.MeasureGrades(t.Context(), s, catalog.Builtin(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]engineroom.Grade{}
	for _, g := range grades {
		got[g.Table] = g
		if g.Difference != 0 || g.Rows == 0 || g.Paid == 0 || g.Assumption != "modellantagande" {
			t.Errorf("%+v", g)
		}
	}
	if _, ok := got["midas_sjp"]; ok || len(grades) < 14 {
		t.Errorf("%d tables, MiDAS among them: %v", len(grades), ok)
	}
	if g := got["barnbidrag"]; g.Grade != "A" {
		t.Errorf("child allowance, one month after the other: %+v", g)
	}
	if g := got["bostadsbidrag"]; g.Grade != "C" || g.NoPeriod < 1000 {
		t.Errorf("final amounts have no days, which does not show: %+v", g)
	}
	if g := got["tfp"]; g.Overlap == 0 {
		t.Errorf("days that are paid twice do not show: %+v", g)
	}
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	d := func(n int) day.Day { return day.Of(2024, 1, n) }
	for _, tt := range []struct {
		name         string
		spans        [][4]int // group, child, from, to (exclusive)
		days, double int64
	}{
		{"apart", [][4]int{{0, 1, 1, 5}, {0, 1, 5, 9}}, 8, 0},
		{"two days twice", [][4]int{{0, 1, 1, 5}, {0, 1, 3, 9}}, 10, 2},
		{"one within another", [][4]int{{0, 1, 1, 9}, {0, 1, 3, 5}, {0, 1, 8, 10}}, 12, 3},
		{"two children", [][4]int{{0, 1, 1, 5}, {0, 2, 1, 5}}, 8, 0},
		{"two groups", [][4]int{{0, 1, 1, 5}, {1, 1, 1, 5}}, 8, 0},
		{"order does not matter", [][4]int{{0, 1, 3, 9}, {0, 1, 1, 5}}, 10, 2},
		{"none", nil, 0, 0},
	} {
		var list []engineroom.Stretch
		for _, x := range tt.spans {
			list = append(list, engineroom.NewStretch(x[0], uint32(x[1]), d(x[2]), d(x[3])))
		}
		if days, double := engineroom.Overlap(list); days != tt.days || double != tt.double {
			t.Errorf("%s: %d days, %d twice, want %d, %d", tt.name, days, double, tt.days, tt.double)
		}
	}
}
