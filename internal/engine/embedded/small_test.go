package embedded

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/engine"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// Cells come out of a packed column as they went in, whatever is packed after it.
func TestPack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s shelf
		var given [][]int64
		var narrow [][]int32
		var wide, short []packed
		for range rapid.IntRange(1, 20).Draw(t, "columns") {
			bits := rapid.SampledFrom([]int{0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 62, 63}).Draw(t, "bits")
			base := rapid.SampledFrom([]int64{0, -1, 1, 1 << 40, math.MinInt64 + 1, math.MaxInt64 - 1<<17}).Draw(t, "base")
			far := rapid.Int64Range(0, 1<<bits-1)
			cell := rapid.Custom(func(t *rapid.T) int64 { return base + far.Draw(t, "far") }) // may run over
			if rapid.Bool().Draw(t, "missing") {
				cell = rapid.OneOf(cell, rapid.Just(format.Null64))
			}
			cells := rapid.SliceOfN(cell, 0, 300).Draw(t, "cells")
			given, wide = append(given, cells), append(wide, pack(&s, cells, format.Null64))
			less := make([]int32, len(cells))
			for i, c := range cells {
				if less[i] = int32(c); c == format.Null64 {
					less[i] = format.Null32
				}
			}
			narrow, short = append(narrow, less), append(short, pack(&s, less, format.Null32))
		}
		for i := range given {
			if got := unpack(&wide[i], nil, format.Null64); !slices.Equal(got, given[i]) {
				t.Fatalf("column %d of %d: %v, was %v", i, len(given), got, given[i])
			}
			if got := unpack(&short[i], nil, format.Null32); !slices.Equal(got, narrow[i]) {
				t.Fatalf("narrow column %d of %d: %v, was %v", i, len(given), got, narrow[i])
			}
			if n := len(wide[i].cells); n > 8*len(given[i]) || cap(wide[i].cells) != n {
				t.Fatalf("column %d: %d bytes for %d cells, room for %d", i, n, len(given[i]), cap(wide[i].cells))
			}
		}
	})
}

// A column takes no more bytes than its greatest distance needs.
func TestPackedWidth(t *testing.T) {
	const missing = format.Null64
	for _, tt := range []struct {
		cells []int64
		want  uint8
	}{
		{[]int64{7, 7, 7}, 0},
		{[]int64{missing, missing}, 0},
		{[]int64{-3, 252}, 1},
		{[]int64{-3, 253}, 2},
		{[]int64{0, 254, missing}, 1},
		{[]int64{0, 255, missing}, 2},
		{[]int64{5, missing}, 1},
		{[]int64{0, 65535}, 2},
		{[]int64{0, 65536}, 4},
		{[]int64{1, 1 << 32}, 4},
		{[]int64{0, 1 << 32}, 8},
		{[]int64{math.MinInt64 + 1, math.MaxInt64, missing}, 8},
	} {
		var s shelf
		p := pack(&s, tt.cells, missing)
		if p.width != tt.want || !slices.Equal(unpack(&p, nil, missing), tt.cells) {
			t.Errorf("%v: %d bytes a cell, want %d; out comes %v", tt.cells, p.width, tt.want, unpack(&p, nil, missing))
		}
	}
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
