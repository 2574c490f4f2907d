package pseudonym

import "testing"

// TestThreat07DeliveriesCannotBeLinked: who holds the deliveries of two
// projects about the same persons finds no more of them by their numbers than
// by guessing; and the same number in both is the same person as seldom as
// chance has it.
func TestThreat07DeliveriesCannotBeLinked(t *testing.T) {
	t.Parallel()
	e := entities(10_000)
	a, b := drawn(t, domain("p"), 11, e).Index(), drawn(t, domain("q"), 12, e).Index()
	x, y := make([]uint64, len(e)), make([]uint64, len(e))
	at := map[uint64]int{}
	for i, id := range e {
		x[i], _ = a.Lopnr(id)
		y[i], _ = b.Lopnr(id)
		at[y[i]] = i
	}
	shared, right := 0, 0
	for i, n := range x {
		if j, ok := at[n]; ok {
			shared++
			if i == j {
				right++
			}
		}
	}
	if right > 10 { // one in expectation
		t.Errorf("%d of %d shared numbers are the same person", right, shared)
	}
	if l := OrderLeak(x, Ordering{"the other project", y}); l[0].Leaks {
		t.Errorf("the order tells: %+v", l[0])
	}
}
