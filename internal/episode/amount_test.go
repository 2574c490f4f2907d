package episode

import (
	"math/rand/v2"
	"slices"
	"testing"

	"sluss/internal/day"
)

// TestAmountsAreSumsOfDays: amounts of stretches are the sums of the cells of a
// day panel, for every key, window and mode; days without cells have none.
func TestAmountsAreSumsOfDays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 3))
		var rows []Row
		for i := range 1 + r.IntN(9) {
			from := day.Day(r.IntN(40))
			x := Row{From: from, To: from + day.Day(1+r.IntN(12)), RowID: int64(i), Tx: int64(r.IntN(3)), Key: uint32(r.IntN(2)), Track: uint32(r.IntN(2)), Extent: Full, Amount: int64(r.IntN(2000)), Kind: Kind(r.IntN(3) / 2)}
			if r.IntN(8) == 0 {
				x.To, x.Amount, x.Kind = day.Open, 0, Pay
			}
			if r.IntN(6) == 0 && len(rows) > 0 { // the same row again
				x = rows[0]
				x.RowID = int64(i)
			}
			rows = append(rows, x)
		}
		o := Defaults()
		o.Horizon = 60
		k := New(o)
		if err := k.Build(rows); err != nil {
			t.Fatal(err)
		}
		from := day.Day(r.IntN(30) - 5)
		w := []Window{{From: from, To: from + 20}, {From: from, To: from + 20, Mode: Overlapped, History: Reveal}, Always()}[r.IntN(3)]
		if _, _, err := k.Deliver(w); err != nil {
			t.Fatal(err)
		}
		cells := k.Panel(ByDay, nil)
		for key := range uint32(3) {
			var stretches []day.Span
			var want []int64
			for at := day.Day(-5 + r.IntN(10)); at < 60; {
				d := day.Span{From: at, To: at + day.Day(1+r.IntN(9))}
				sum := int64(0)
				for _, c := range cells {
					if c.Key == key && day.Day(c.Period) >= d.From && day.Day(c.Period) < d.To {
						sum += c.Amount
					}
				}
				stretches, want = append(stretches, d), append(want, sum)
				at = d.To + day.Day(r.IntN(3))
			}
			if got := k.Amounts(key, stretches, nil); !slices.Equal(got, want) {
				t.Fatalf("seed %d key %d: %v, want %v", seed, key, got, want)
			}
		}
	}
}
