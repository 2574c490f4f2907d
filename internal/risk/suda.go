package risk

import (
	"math"
	"slices"
)

// Bounds of SUDA.
const (
	// SUDAColumns is the largest number of quasi-identifiers it is done for: with one
	// more a score can be greater than an int64.
	SUDAColumns = 20
	// SUDALimit bounds its effort, in classes looked at over all sets of
	// columns: a minute or so. It is a count and no time, so that the same
	// file always gets the same answer.
	SUDALimit int64 = 4_000_000_000
	// sudaSets bounds the minimal sample uniques that are held, eight bytes each, and
	// sudaCompared how often one is compared with a set of columns: some minutes.
	sudaSets           = 1 << 27
	sudaCompared int64 = 300_000_000_000
)

// SUDA says which sets of columns make records unique. A minimal sample
// unique (MSU) of a record is a set of columns that makes it unique in the
// file while no smaller part of the set does.
type SUDA struct {
	// Columns holds for each quasi-identifier the sum of the scores of the
	// MSUs that it is part of.
	Columns []float64
	Total   float64 // sum of all records' scores
	Max     int64   // the greatest score
	Sizes   []int   // Sizes[s]: number of MSUs with s columns

	scores []int64 // by class
	least  []uint8 // by class: columns of its smallest MSU, 0 = not unique
}

// search is one hunt for minimal sample uniques.
//
// It goes through the sets of columns depth first and always splits groups of
// classes that agree so far by one more column. Children are taken from the
// last column to the first, which visits every part of a set before the set
// itself: a class that becomes alone is then minimal exactly if no set found
// for it earlier is a part of this one. A group in which nobody can become
// unique any more is left out, and with it all sets that contain this one.
type search struct {
	codes   [][]uint32 // column × class
	unique  []bool     // class: has one record
	split   splitter
	levels  []groups
	found   []uint32 // class: last of its MSUs in sets, 0 = none
	sets    []msu
	answer  *SUDA
	weights []int64 // weights[s]: score of an MSU with s columns
	left    int64   // classes to be looked at
	unseen  int64   // comparisons to be made
	pace    *pace
}

// msu is a set of columns as bits, and the place of the same class's next one.
type msu struct {
	columns uint32
	next    uint32
}

// suda returns nil when there are more than [SUDAColumns] columns, more than limit
// classes to look at, or more sets than can be held and compared.
func suda(c *classes, qi []*Column, limit int64, p *pace) (*SUDA, error) {
	m := len(qi)
	if m > SUDAColumns {
		return nil, nil
	}
	if err := p.begin("suda", 1<<m-1); err != nil {
		return nil, err
	}
	s := &search{
		answer: &SUDA{Columns: make([]float64, m), Sizes: make([]int, m+1), scores: make([]int64, len(c.size)), least: make([]uint8, len(c.size))},
		unique: make([]bool, len(c.size)), found: make([]uint32, len(c.size)), sets: make([]msu, 1),
		levels: make([]groups, m+1), weights: make([]int64, m+1), left: limit, unseen: sudaCompared, pace: p,
	}
	any := false
	for k, f := range c.size {
		s.unique[k] = f == 1
		any = any || f == 1
	}
	if !any {
		return s.answer, nil
	}
	s.weights[m] = 1
	for size := m - 1; size >= 0; size-- {
		s.weights[size] = s.weights[size+1] * int64(m-size)
	}
	for _, col := range qi {
		s.split.reserve(len(col.dict.values))
		codes := make([]uint32, len(c.size))
		for k := range codes {
			codes[k] = col.codes[c.records(k)[0]]
			if err := p.effort(1); err != nil {
				return nil, err
			}
		}
		s.codes = append(s.codes, codes)
	}
	s.levels[0] = everything(len(c.size))
	if done, err := s.below(0, 0, 0); err != nil || !done {
		return nil, err
	}
	for _, score := range s.answer.scores {
		s.answer.Total += float64(score)
		s.answer.Max = max(s.answer.Max, score)
	}
	return s.answer, nil
}

// below visits the sets that add columns, the first of them first, to set,
// whose groups stand at depth. done is false when the effort was too great.
func (s *search) below(set uint32, depth, first int) (done bool, err error) {
	for col := len(s.codes) - 1; col >= first; col-- {
		if s.left -= int64(len(s.levels[depth].items)); s.left < 0 {
			return false, nil
		}
		if err := s.narrow(set|1<<col, depth, col); err != nil {
			return false, err
		}
		if s.unseen < 0 || len(s.sets) > sudaSets {
			return false, nil
		}
		s.pace.now.Done++
		if len(s.levels[depth+1].items) == 0 {
			s.pace.now.Done += 1<<(len(s.codes)-1-col) - 1 // nor need the sets be visited that add to this one
			continue
		}
		if done, err := s.below(set|1<<col, depth+1, col+1); err != nil || !done {
			return done, err
		}
	}
	return true, nil
}

// narrow splits the groups at depth by a column, notes the classes that become
// alone, and keeps the groups in which somebody still can.
func (s *search) narrow(set uint32, depth, col int) error {
	from, into, codes := s.levels[depth], &s.levels[depth+1], s.codes[col]
	into.items, into.ends = into.items[:0], into.ends[:0]
	start := uint32(0)
	for _, end := range from.ends {
		s.narrowOne(set, depth, into, from.items[start:end], codes)
		if err := s.pace.effort(int64(end - start)); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func (s *search) narrowOne(set uint32, depth int, into *groups, items, codes []uint32) {
	s.split.tally(items, codes)
	first, firstGroup := len(into.items), len(into.ends)
	at := first
	for _, c := range s.split.seen {
		n := s.split.count[c]
		if n == 1 {
			s.split.count[c] = alone
			continue
		}
		s.split.count[c] = uint32(at)
		at += int(n)
		into.ends = append(into.ends, uint32(at))
	}
	into.items = grow(into.items, at)
	for _, item := range items {
		c := codes[item]
		if place := s.split.count[c]; place != alone {
			into.items[place] = item
			s.split.count[c]++
		} else if s.open(item, set) {
			s.note(item, set, depth+1)
		}
	}
	s.split.clear()
	s.keepOpen(into, set, first, firstGroup)
}

// alone marks a code that only one item has.
const alone = math.MaxUint32

// keepOpen drops, of the groups from firstGroup on, whose items begin at first,
// those in which no class can be made unique by set and further columns.
func (s *search) keepOpen(g *groups, set uint32, first, firstGroup int) {
	kept, read, ends := first, first, g.ends[:firstGroup]
	for _, end := range g.ends[firstGroup:] {
		group := g.items[read:end]
		read = int(end)
		if slices.ContainsFunc(group, func(k uint32) bool { return s.open(k, set) }) {
			kept += copy(g.items[kept:], group)
			ends = append(ends, uint32(kept))
		}
	}
	g.items, g.ends = g.items[:kept], ends
}

func grow(b []uint32, n int) []uint32 {
	if n <= cap(b) {
		return b[:n]
	}
	return append(b[:cap(b)], make([]uint32, n-cap(b))...)
}

// open reports whether no set found for class k is part of set; false for all
// when the work is to end.
func (s *search) open(k uint32, set uint32) bool {
	if !s.unique[k] {
		return false
	}
	within, looked := false, int64(0)
	for i := s.found[k]; i != 0 && !within; i = s.sets[i].next {
		within = s.sets[i].columns&set == s.sets[i].columns
		looked++
	}
	s.unseen -= looked
	return s.pace.effort(looked) == nil && !within
}

// note adds a minimal sample unique of class k.
func (s *search) note(k uint32, set uint32, size int) {
	s.sets = append(s.sets, msu{set, s.found[k]})
	s.found[k] = uint32(len(s.sets) - 1)
	w := s.weights[size]
	s.answer.scores[k] += w
	s.answer.Sizes[size]++
	if s.answer.least[k] == 0 || size < int(s.answer.least[k]) {
		s.answer.least[k] = uint8(size)
	}
	for col := range s.codes {
		if set>>col&1 == 1 {
			s.answer.Columns[col] += float64(w)
		}
	}
}

// dis fills in the DIS-SUDA scores: how likely a match on a unique record is a
// match on the right person.
//
// With U uniques, P records in classes of two and the sampling fraction π, the
// share of right matches is DIS = Uπ/(Uπ + P(1−π)); it is handed out by score:
// d = 1/(1 + (U/DIS − U)/(score^Q·A)), Q = 1 + (8−m)/20, A = Σ score^−Q.
// Without pairs DIS would be 1 and every unique record certain: that is not an
// estimate, and the scores stay nil.
//
// Source: reference pseudonym §4.1; sdcMicro's suda2.
func (r *Report) dis(fraction float64, p *pace) error {
	pairs := 0
	for _, f := range r.classes.size {
		if f == 2 {
			pairs += 2
		}
	}
	if fraction == 0 || pairs == 0 || r.SUDA == nil {
		return nil
	}
	q := 1 + (8-float64(len(r.SUDA.Columns)))/20
	a := 0.0
	for _, score := range r.SUDA.scores {
		if score > 0 {
			a += math.Pow(float64(score), -q)
		}
		if err := p.effort(1); err != nil {
			return err
		}
	}
	odds := float64(pairs) * (1 - fraction) / fraction // U/DIS − U
	r.disScores = make([]float64, len(r.SUDA.scores))
	for k, score := range r.SUDA.scores {
		if score > 0 {
			r.disScores[k] = 1 / (1 + odds/(math.Pow(float64(score), q)*a))
		}
		if err := p.effort(1); err != nil {
			return err
		}
	}
	return nil
}
