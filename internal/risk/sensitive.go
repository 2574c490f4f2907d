package risk

import (
	"math"
	"slices"
	"sort"
)

// sensitive measures l-diversity and t-closeness of column s.
func (r *Report) sensitive(s *Column, ordered bool, p *pace) (err error) {
	if err := p.begin("sensitive", int64(r.Records)); err != nil {
		return err
	}
	n := len(s.dict.values)
	all := make([]int64, n)
	for _, code := range s.codes {
		all[code]++
	}
	var line *scale
	if ordered {
		if line, err = newScale(s, all, int64(r.Records), p); err != nil {
			return err
		}
	}
	var sp splitter
	sp.reserve(n)
	l := &Diversity{Distinct: r.Records + 1, Entropy: math.Inf(1)}
	t := 0.0
	for k, size := range r.classes.size {
		sp.tally(r.classes.records(k), s.codes)
		l.Distinct = min(l.Distinct, len(sp.seen))
		l.Entropy = min(l.Entropy, effective(&sp, float64(size)))
		if ordered {
			t = max(t, line.distance(&sp, int64(size)))
		} else {
			t = max(t, nominal(&sp, all, int64(size), int64(r.Records)))
		}
		sp.clear()
		if err := p.did(int(size)); err != nil {
			return err
		}
	}
	r.L, r.TCloseness = l, &t
	return nil
}

// effective returns exp(H) of a tally of f records: the number of equally
// common values with the same entropy.
func effective(sp *splitter, f float64) float64 {
	if len(sp.seen) == 1 {
		return 1
	}
	h := 0.0
	for _, c := range sp.seen {
		p := float64(sp.count[c]) / f
		h -= p * math.Log(p)
	}
	return math.Exp(h)
}

// nominal returns half the sum of |p−q|, where p is the distribution in a
// tally of f records and q that in all n. Numerators are whole numbers.
func nominal(sp *splitter, all []int64, f, n int64) float64 {
	var sum, seen int64
	for _, c := range sp.seen {
		d := int64(sp.count[c])*n - all[c]*f
		sum += max(d, -d)
		seen += all[c]
	}
	sum += (n - seen) * f // values that the class does not have
	return float64(sum) / float64(2*f) / float64(n)
}

// scale holds the cumulated distribution of all records over the values in
// order, so that a class costs time by its own values, not by all.
type scale struct {
	rank  []uint32
	upTo  []int64 // upTo[i]: records with one of the values 0…i in order
	sums  []int64 // sums[i]: upTo[0] + … + upTo[i−1]
	total int64
	place []uint64 // scratch: rank and count of a class's values
}

func newScale(c *Column, all []int64, total int64, p *pace) (*scale, error) {
	rank, n, err := c.order(p)
	if err != nil {
		return nil, err
	}
	s := &scale{rank: rank, upTo: make([]int64, n), sums: make([]int64, n+1), total: total}
	for code, records := range all {
		if records > 0 {
			s.upTo[rank[code]] = records
		}
	}
	for i := range s.upTo {
		if i > 0 {
			s.upTo[i] += s.upTo[i-1]
		}
		s.sums[i+1] = s.sums[i] + s.upTo[i]
	}
	return s, nil
}

// distance returns the ordered earth mover's distance between a tally of f
// records and all: the sum of |cumulated p − cumulated q| over the m values,
// divided by m−1.
func (s *scale) distance(sp *splitter, f int64) float64 {
	m := len(s.upTo)
	if m == 1 {
		return 0
	}
	s.place = s.place[:0]
	for _, c := range sp.seen {
		s.place = append(s.place, uint64(s.rank[c])<<32|uint64(sp.count[c]))
	}
	slices.Sort(s.place)
	sum, have, from := 0.0, int64(0), 0
	for _, p := range s.place {
		to := int(p >> 32)
		sum += s.between(from, to, have, f)
		have += int64(p & (1<<32 - 1))
		from = to
	}
	sum += s.between(from, m, have, f)
	return sum / float64(f) / float64(s.total) / float64(m-1)
}

// between returns the sum over the places [from, to) of |have·n − upTo·f|,
// where have records of the class's f have been passed.
func (s *scale) between(from, to int, have, f int64) float64 {
	level := have * s.total
	cross := from + sort.Search(to-from, func(i int) bool { return s.upTo[from+i]*f > level })
	below := float64(level)*float64(cross-from) - float64(s.sums[cross]-s.sums[from])*float64(f)
	above := float64(s.sums[to]-s.sums[cross])*float64(f) - float64(level)*float64(to-cross)
	return below + above
}
