package embedded

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/engine"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// What is held stays as it was, whatever is held after it.
func TestShelf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s shelf[int32]
		var given, held [][]int32
		for i := range rapid.IntRange(1, 40).Draw(t, "columns") {
			cells := make([]int32, rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(0, 2*leastPiece)).Draw(t, "cells"))
			for k := range cells {
				cells[k] = int32(i + 1)
			}
			given, held = append(given, cells), append(held, s.hold(cells))
		}
		for i := range given {
			if !slices.Equal(given[i], held[i]) || cap(held[i]) != len(held[i]) {
				t.Fatalf("column %d of %d has changed, or can grow into the next", i, len(given))
			}
		}
	})
}

func TestWidenKeepsWhatIsMissing(t *testing.T) {
	dst := make([]int64, 3)
	widen(&format.Vector{I32: []int32{7, format.Null32, -1}}, dst)
	if want := []int64{7, null, -1}; !slices.Equal(dst, want) {
		t.Errorf("32 bits: got %v, want %v", dst, want)
	}
	widen(&format.Vector{I64: []int64{format.Null64, 8, 9}}, dst)
	if want := []int64{null, 8, 9}; !slices.Equal(dst, want) {
		t.Errorf("64 bits: got %v, want %v", dst, want)
	}
}

// A period that the decision counts from an anchor cuts a window of fixed days.
func TestWindowOfFixedDaysIsCutAroundAnAnchor(t *testing.T) {
	bound := func(from, to day.Day) plan.Window {
		return plan.Window{From: plan.Bound{Date: from}, To: plan.Bound{Date: to}}
	}
	around := plan.Window{From: plan.Bound{Anchor: "a"}, To: plan.Bound{Anchor: "a", Offset: day.Offset{Days: 10}}}
	w := window{bound: bound(0, 1000), anchor: -1, period: day.Span{From: 0, To: 1000}, around: &around, at: 0}
	w.days = w.span(0, 0)
	p := engine.Person{Anchors: []engine.Anchor{{Day: 500, Set: true}}}
	if got, how := w.of(&p); how != placed || got.From != 500 || got.To != 510 {
		t.Errorf("got %v to %v, %v; want 500 to 510", got.From, got.To, how)
	}
	p.Anchors[0].Set = false
	if _, how := w.of(&p); how != noAnchor {
		t.Errorf("without anchor: got %v", how)
	}
}
