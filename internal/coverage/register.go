package coverage

import (
	"cmp"
	"maps"
	"slices"
)

// Stratum tells months apart by where in a case they lie. The first month of a
// case is often decided long after it; a mean over both would hide that.
//
// Source: reference extraction §3.4; assumption A10 of reference domain.
type Stratum string

// Strata. All is both together.
const (
	All        Stratum = "all"
	NewGrant   Stratum = "new"
	Continuing Stratum = "continuing"
)

// Measure is what is counted.
type Measure int

// Measures: thousandths of net days, payments, öre.
const (
	NetDays Measure = iota
	Cases
	Ore
	measures
)

// Names are the names of the measures, by measure.
var Names = [measures]string{"net_days", "cases", "ore"}

// Key is what a triangle is made for.
type Key struct {
	Benefit string // "" = the whole register
	Stratum Stratum
}

// Compare orders keys: the whole register first, then by benefit; all before
// the strata.
func (k Key) Compare(o Key) int {
	place := map[Stratum]int{All: 0, NewGrant: 1, Continuing: 2}
	return cmp.Or(cmp.Compare(k.Benefit, o.Benefit), cmp.Compare(place[k.Stratum], place[o.Stratum]))
}

// parts returns the keys whose triangles hold what is counted under k.
func (k Key) parts() [4]Key {
	return [...]Key{k, {k.Benefit, All}, {"", k.Stratum}, {"", All}}
}

// Register counts what was registered when. Counts are kept per event month
// and month of registration; the number of rows does not matter for memory.
type Register struct {
	first, last int            // months, both included
	cells       map[Key][]cell // by benefit and stratum; sums are made when asked for

	lastKey   Key
	lastCells []cell
}

type cell [measures]int64

// NewRegister counts events of the months first to last, registered up to and
// including last: months since January of year 0.
func NewRegister(first, last int) *Register {
	return &Register{first: first, last: last, cells: map[Key][]cell{}}
}

// Add counts something of a benefit, of a new grant or a continuing one, that
// happened in month event and was registered in month known. What is outside the counter's months is left out; what was
// registered before it happened counts as of its own month. values may be
// negative: a reversal.
func (r *Register) Add(benefit string, stratum Stratum, event, known int, values [3]int64) {
	if event < r.first || event > r.last || known > r.last {
		return
	}
	n := r.last - r.first + 1
	at := (event-r.first)*n + max(known-event, 0)
	k := Key{benefit, stratum}
	if k != r.lastKey || r.lastCells == nil {
		if r.cells[k] == nil {
			r.cells[k] = make([]cell, n*n)
		}
		r.lastKey, r.lastCells = k, r.cells[k]
	}
	for m, v := range values {
		r.lastCells[at][m] += v
	}
}

// Keys returns what triangles there are, in order.
func (r *Register) Keys() []Key {
	all := map[Key]bool{}
	for k := range r.cells {
		for _, sum := range k.parts() {
			all[sum] = true
		}
	}
	return slices.SortedFunc(maps.Keys(all), Key.Compare)
}

// MaxDelay is the largest delay that a triangle follows: three years.
const MaxDelay = 36

// Triangle returns the triangle of a key and a measure, nil without counts.
// Its largest delay is at most [MaxDelay], and leaves every factor at least a
// year of months where the register is long enough for that.
func (r *Register) Triangle(k Key, m Measure) *Triangle {
	n := r.last - r.first + 1
	sums := make([]int64, n*n)
	found := false
	for leaf, cells := range r.cells {
		if parts := leaf.parts(); !slices.Contains(parts[:], k) {
			continue
		}
		found = true
		for i := range cells {
			sums[i] += cells[i][m]
		}
	}
	if !found {
		return nil
	}
	largest := min(MaxDelay, max(n-13, 0))
	t := &Triangle{First: r.first, Rows: make([][]int64, n), Late: make([]int64, n)}
	for i := range n {
		for d := range n - i {
			v := sums[i*n+d]
			if d <= largest {
				t.Rows[i] = append(t.Rows[i], v)
			} else {
				t.Late[i] += v
			}
		}
	}
	return t
}
