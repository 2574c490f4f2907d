package measure

import (
	"maps"
	"slices"
	"strings"
)

// kind is what a case is to the tables. Cases of one kind are counted in the
// same places.
type kind struct {
	month, quarter, purpose, outcome string
	complete                         bool
	causes                           string // sorted, one on each line
}

func kindOf(f Fact) kind {
	causes := slices.Clone(f.Causes)
	slices.Sort(causes)
	on := f.On[Arrived]
	return kind{on.String()[:7], quarter(on), f.Purpose, f.Outcome, f.CompleteFirst, strings.Join(slices.Compact(causes), "\n")}
}

// places lists the counts that a case of the kind is counted in.
func (k kind) places() []Count {
	complete := "no"
	if k.complete {
		complete = "yes"
	}
	rows := []Count{
		{Table: "cases"},
		{Table: "cases", Row: k.quarter},
		{Table: "cases", Row: k.month},
		{Table: "complete", Row: complete},
		{Table: "outcome", Row: k.outcome},
	}
	if k.causes != "" {
		for c := range strings.SplitSeq(k.causes, "\n") {
			rows = append(rows, Count{Table: "cause", Row: c})
		}
	}
	out := make([]Count, 0, 2*len(rows))
	for _, r := range rows {
		of := r
		of.Purpose = k.purpose
		out = append(out, r, of)
	}
	return out
}

// tables are the counts of a set of cases, and which of them are hidden. Counts
// are numbered in the order of compareCounts.
type tables struct {
	of     map[kind]int
	kinds  []kind // in an order of their own, so that the choice is the same every time
	places []Count
	n      []int
	hidden []bool
	number map[Count]int
	at     map[kind][]int // the counts of a kind; −1 where a count is nought
	diff   []int          // scratch of try
}

func tabulate(facts []Fact) *tables {
	t := &tables{of: map[kind]int{}, number: map[Count]int{}, at: map[kind][]int{}}
	sums := map[Count]int{}
	for _, f := range facts {
		t.of[kindOf(f)]++
	}
	t.kinds = slices.SortedFunc(maps.Keys(t.of), func(a, b kind) int { return strings.Compare(a.text(), b.text()) })
	for k, n := range t.of {
		for _, p := range k.places() {
			sums[p] += n
		}
	}
	t.places = slices.SortedFunc(maps.Keys(sums), compareCounts)
	for i, c := range t.places {
		t.number[c] = i
		t.n = append(t.n, sums[c])
	}
	t.hidden, t.diff = make([]bool, len(t.n)), make([]int, len(t.n))
	return t
}

func (t *tables) placesOf(k kind) []int {
	if t.at[k] == nil {
		for _, c := range k.places() {
			i, ok := t.number[c]
			if !ok {
				i = -1
			}
			t.at[k] = append(t.at[k], i)
		}
	}
	return t.at[k]
}

func (k kind) text() string {
	return strings.Join([]string{k.month, k.purpose, k.outcome, map[bool]string{true: "1", false: "0"}[k.complete], k.causes}, "\x00")
}

// move is another set of cases that might have been: some kinds have one case
// more, some one less.
type move struct{ more, less []kind }

// effect is what a move does to the counts.
type effect struct{ changed []int }

// protect hides every count from 1 to below the threshold. For each of them it
// looks for the move that changes it and costs least, and hides whatever else
// the move changes. A move stays possible when more is hidden, and every count
// that was hidden for it is changed by it: so each hidden count has one.
func (t *tables) protect(threshold int) {
	var small []int
	for i, n := range t.n {
		if n < threshold { // what is nought has no number
			small = append(small, i)
			t.hidden[i] = true
		}
	}
	if len(small) == 0 {
		return
	}
	touching := make([][]effect, len(t.n)) // the moves that change a count
	for _, m := range t.moves() {
		if e, ok := t.effect(m); ok {
			for _, i := range e.changed {
				touching[i] = append(touching[i], e)
			}
		}
	}
	for _, i := range small {
		var best effect
		least := -1
		for _, e := range touching[i] {
			if cost := t.cost(e); least < 0 || cost < least {
				best, least = e, cost
			}
		}
		for _, c := range best.changed {
			t.hidden[c] = true
		}
	}
}

// cost is how much that is shown would have to be hidden for e, in cases.
func (t *tables) cost(e effect) int {
	sum := 0
	for _, c := range e.changed {
		if !t.hidden[c] {
			sum += t.n[c] + 1
		}
	}
	return sum
}

// effect returns what m changes. ok is false when m changes nothing, makes
// nought of what is not, or a case where there is nought.
func (t *tables) effect(m move) (e effect, ok bool) {
	ok = true
	var touched []int
	add := func(ks []kind, by int) {
		for _, k := range ks {
			for _, c := range t.placesOf(k) {
				if c < 0 {
					ok = false
					continue
				}
				t.diff[c] += by
				touched = append(touched, c)
			}
		}
	}
	add(m.more, 1)
	add(m.less, -1)
	for _, c := range touched {
		if by := t.diff[c]; by != 0 {
			ok = ok && t.n[c]+by >= 1
			e.changed = append(e.changed, c)
			t.diff[c] = 0
		}
	}
	return e, ok && len(e.changed) > 0
}

// moves lists the sets of cases that are tried: one case fewer or more, one case
// of another kind, two cases that change one property with each other. One case
// more is always possible, so every count finds a move.
func (t *tables) moves() []move {
	var out []move
	for _, a := range t.kinds {
		out = append(out, move{more: []kind{a}}, move{less: []kind{a}})
		for _, b := range t.kinds {
			if a != b {
				out = append(out, move{more: []kind{a}, less: []kind{b}})
			}
		}
	}
	for i, a := range t.kinds {
		for _, b := range t.kinds[i+1:] {
			for _, swap := range swaps {
				x, y := swap(a, b)
				if x != a && x != b {
					out = append(out, move{more: []kind{x, y}, less: []kind{a, b}}, move{more: []kind{a, b}, less: []kind{x, y}})
				}
			}
		}
	}
	return slices.DeleteFunc(out, func(m move) bool {
		return slices.ContainsFunc(m.less, func(k kind) bool { return t.of[k] < 1 })
	})
}

// swaps exchange one property of two cases.
var swaps = []func(a, b kind) (kind, kind){
	func(a, b kind) (kind, kind) { a.purpose, b.purpose = b.purpose, a.purpose; return a, b },
	func(a, b kind) (kind, kind) { a.complete, b.complete = b.complete, a.complete; return a, b },
	func(a, b kind) (kind, kind) { a.outcome, b.outcome = b.outcome, a.outcome; return a, b },
	func(a, b kind) (kind, kind) { a.causes, b.causes = b.causes, a.causes; return a, b },
	func(a, b kind) (kind, kind) {
		a.month, a.quarter, b.month, b.quarter = b.month, b.quarter, a.month, a.quarter
		return a, b
	},
}

// counts makes the tables, hidden numbers written as 0. Rows that occur are
// shown for every purpose, noughts included.
func counts(facts []Fact, threshold int) []Count {
	t := tabulate(facts)
	t.protect(threshold)
	rows := map[Count]bool{}
	for _, c := range t.places {
		c.Purpose = ""
		rows[c] = true
	}
	var out []Count
	for row := range rows {
		for _, p := range append(purposesOf(facts), "") {
			c := row
			c.Purpose = p
			if i, ok := t.number[c]; ok {
				if c.Hidden = t.hidden[i]; !c.Hidden {
					c.N = t.n[i]
				}
			}
			out = append(out, c)
		}
	}
	slices.SortFunc(out, compareCounts)
	return out
}
