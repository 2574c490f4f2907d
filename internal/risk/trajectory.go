package risk

import "slices"

// Trajectory says how many persons of a panel are given away by the order of
// what happened to them.
//
// A sequence of spells is unique to almost everybody even where every row
// belongs to a large class: ages and municipalities repeat, histories do not.
type Trajectory struct {
	Persons int         `json:"persons"`
	Unique  int         `json:"unique"` // persons whose whole sequence nobody else has
	Share   float64     `json:"share"`
	First   []Beginning `json:"first"` // what the first one, two and three periods give away
}

// Beginning is the uniqueness of the first so many periods in which a person
// has rows. Who has fewer is compared by what there is.
type Beginning struct {
	Periods int     `json:"periods"`
	Unique  int     `json:"unique"`
	Share   float64 `json:"share"`
}

// firstPeriods is how many periods an intruder may know.
const firstPeriods = 3

// Trajectories compares the sequences of the persons in t. A person's rows are
// put in the order of period (numbers by size, else bytewise; NULL first).
// What happened in a period is all its rows together, however often each, so
// that their order in the file does not matter. Rows without a person belong
// to one person, NULL.
func Trajectories(t *Table, person, period string, values []string, tell Teller) (Trajectory, error) {
	cols, err := t.pick(append([]string{person, period}, values...))
	if err != nil {
		return Trajectory{}, err
	}
	p := newPace(tell)
	if err := p.begin("sequences", int64(t.rows)*int64(len(cols)+1)); err != nil {
		return Trajectory{}, err
	}
	events, err := classify(t.rows, cols[1:], p)
	if err != nil {
		return Trajectory{}, err
	}
	persons, err := partition(t.rows, cols[:1], p)
	if err != nil {
		return Trajectory{}, err
	}
	rank, _, err := cols[1].order(p)
	if err != nil {
		return Trajectory{}, err
	}
	tree := tree{child: map[uint64]uint32{}, ends: []int{0}}
	var seq []uint64
	firsts := [firstPeriods]map[uint32]int{}
	for i := range firsts {
		firsts[i] = map[uint32]int{}
	}
	start := uint32(0)
	if t.rows == 0 {
		persons.ends = nil
	}
	for _, end := range persons.ends {
		seq = seq[:0]
		for _, row := range persons.items[start:end] {
			seq = append(seq, uint64(rank[cols[1].codes[row]])<<32|uint64(events.of[row]))
		}
		start = end
		slices.Sort(seq)
		node, periods := uint32(0), 0
		for i, e := range seq {
			node = tree.follow(node, uint32(e))
			if last := i+1 == len(seq) || seq[i+1]>>32 != e>>32; last && periods < firstPeriods {
				firsts[periods][node]++
				periods++
			}
		}
		for ; periods < firstPeriods; periods++ {
			firsts[periods][node]++
		}
		tree.ends[node]++
		if err := p.did(len(seq)); err != nil {
			return Trajectory{}, err
		}
	}
	return tree.answer(len(persons.ends), firsts), nil
}

// tree holds all sequences: a node is a beginning that some persons share.
type tree struct {
	child map[uint64]uint32 // node and event → node
	ends  []int             // persons whose whole sequence ends at a node
}

func (t *tree) follow(node, event uint32) uint32 {
	key := uint64(node)<<32 | uint64(event)
	next, ok := t.child[key]
	if !ok {
		next = uint32(len(t.ends))
		t.child[key] = next
		t.ends = append(t.ends, 0)
	}
	return next
}

func (t *tree) answer(persons int, firsts [firstPeriods]map[uint32]int) Trajectory {
	out := Trajectory{Persons: persons}
	for _, n := range t.ends {
		if n == 1 {
			out.Unique++
		}
	}
	share := func(n int) float64 { return float64(n) / float64(max(persons, 1)) }
	out.Share = share(out.Unique)
	for i, nodes := range firsts {
		f := Beginning{Periods: i + 1}
		for _, n := range nodes {
			if n == 1 {
				f.Unique++
			}
		}
		f.Share = share(f.Unique)
		out.First = append(out.First, f)
	}
	return out
}
