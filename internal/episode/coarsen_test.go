package episode

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
)

// Cells of a coarser unit are the sums, period by period; what cancels out is
// no cell.
func TestCoarsenAddsUpEveryPeriod(t *testing.T) {
	pairs := [][2]Unit{{ByMonth, ByYear}, {ByMonth, ByQuarter}, {ByQuarter, ByYear}, {ByDay, ByWeek}, {ByDay, ByMonth}, {ByDay, ByYear}}
	rapid.Check(t, func(t *rapid.T) {
		pair := rapid.SampledFrom(pairs).Draw(t, "units")
		var cells []Cell
		for key := range uint32(rapid.IntRange(1, 3).Draw(t, "keys")) {
			period := pair[0].Of(20_000) + rapid.Int32Range(-40, 40).Draw(t, "first")
			for range rapid.IntRange(1, 40).Draw(t, "cells") {
				c := Cell{Key: key, Period: period, Days: rapid.Int32Range(0, 1).Draw(t, "days"), Amount: rapid.Int64Range(-1, 1).Draw(t, "amount")}
				if c.Net = int64(c.Days) * 500; c.Days != 0 || c.Amount != 0 {
					cells = append(cells, c)
				}
				period += rapid.SampledFrom([]int32{1, 1, 1, 2, 9}).Draw(t, "step")
			}
		}
		var want []Cell
		for _, c := range cells {
			period := pair[1].Of(pair[0].Start(c.Period))
			at := slices.IndexFunc(want, func(w Cell) bool { return w.Key == c.Key && w.Period == period })
			if at < 0 {
				at = len(want)
				want = append(want, Cell{Key: c.Key, Period: period})
			}
			want[at].Days += c.Days
			want[at].Net += c.Net
			want[at].Amount += c.Amount
		}
		want = slices.DeleteFunc(want, func(c Cell) bool { return c.Days == 0 && c.Amount == 0 })
		if got := Coarsen(cells, pair[0], pair[1], nil); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
