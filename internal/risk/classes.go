package risk

// groups is a partition of items: the items of group g are
// items[ends[g-1]:ends[g]], in the order in which they were put in.
type groups struct {
	items []uint32
	ends  []uint32
}

// everything returns the partition of 0…n−1 with one group.
func everything(n int) groups {
	g := groups{items: make([]uint32, n), ends: []uint32{uint32(n)}}
	for i := range g.items {
		g.items[i] = uint32(i)
	}
	return g
}

// splitter splits groups by a column. It counts codes in an array as long as
// the dictionary and touches only the codes that a group has, so that a split
// costs time in proportion to the items whatever their number of values.
type splitter struct {
	count []uint32
	seen  []uint32
}

// reserve makes room for dictionaries of n values.
func (s *splitter) reserve(n int) {
	if len(s.count) < n {
		s.count = make([]uint32, n)
	}
}

// split divides every group of from by codes and writes the result to into,
// whose memory it reuses. Order within a group is kept.
func (s *splitter) split(into *groups, from groups, codes []uint32, p *pace) error {
	if cap(into.items) < len(from.items) {
		into.items = make([]uint32, len(from.items))
	}
	into.items, into.ends = into.items[:len(from.items)], into.ends[:0]
	start := uint32(0)
	for _, end := range from.ends {
		if end-start == 1 {
			into.items[start] = from.items[start]
			into.ends = append(into.ends, end)
		} else {
			s.splitOne(into, from.items[start:end], start, codes)
		}
		if err := p.did(int(end - start)); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func (s *splitter) splitOne(into *groups, items []uint32, start uint32, codes []uint32) {
	s.tally(items, codes)
	at := start
	for _, c := range s.seen {
		n := s.count[c]
		s.count[c] = at
		at += n
		into.ends = append(into.ends, at)
	}
	for _, item := range items {
		c := codes[item]
		into.items[s.count[c]] = item
		s.count[c]++
	}
	s.clear()
}

// tally counts the codes of items.
func (s *splitter) tally(items, codes []uint32) {
	for _, item := range items {
		c := codes[item]
		if s.count[c] == 0 {
			s.seen = append(s.seen, c)
		}
		s.count[c]++
	}
}

// clear forgets the last tally.
func (s *splitter) clear() {
	for _, c := range s.seen {
		s.count[c] = 0
	}
	s.seen = s.seen[:0]
}

// partition groups the rows 0…n−1 by all columns, each row once for each column.
func partition(n int, cols []*Column, p *pace) (groups, error) {
	var s splitter
	now, next := everything(n), groups{}
	for _, c := range cols {
		s.reserve(len(c.dict.values))
		if err := s.split(&next, now, c.codes, p); err != nil {
			return groups{}, err
		}
		now, next = next, now
	}
	return now, nil
}

// classes are the records of a table by quasi-identifiers.
type classes struct {
	groups
	of   []uint32 // class of each record
	size []uint32 // f of each class
}

func classify(n int, qi []*Column, p *pace) (*classes, error) {
	g, err := partition(n, qi, p)
	if err != nil {
		return nil, err
	}
	c := &classes{groups: g, of: make([]uint32, n), size: make([]uint32, len(g.ends))}
	start := uint32(0)
	for k, end := range g.ends {
		c.size[k] = end - start
		for _, row := range g.items[start:end] {
			c.of[row] = uint32(k)
		}
		start = end
	}
	return c, nil
}

// records returns the records of class k in the order of the file.
func (c *classes) records(k int) []uint32 {
	if k == 0 {
		return c.items[:c.ends[0]]
	}
	return c.items[c.ends[k-1]:c.ends[k]]
}

// sum adds up a number per record by class, in the order of the file; nil of
// nil.
func (c *classes) sum(per []float64) []float64 {
	if per == nil {
		return nil
	}
	out := make([]float64, len(c.size))
	for row, k := range c.of {
		out[k] += per[row]
	}
	return out
}

// pair is a class in two tables.
type pair struct {
	row         uint32 // its first record in the first table, if here > 0
	here, there uint32 // records in the first and in the second
}

// together classifies two tables that share dictionaries, as a stage of its own.
func together(a, b *Table, names []string, stage string, p *pace) ([]pair, error) {
	left, err := a.pick(names)
	if err != nil {
		return nil, err
	}
	right, err := b.pick(names)
	if err != nil {
		return nil, err
	}
	cols := make([]*Column, len(left))
	for i := range left {
		codes := make([]uint32, 0, a.rows+b.rows)
		cols[i] = &Column{dict: left[i].dict, codes: append(append(codes, left[i].codes...), right[i].codes...)}
	}
	if err := p.begin(stage, int64(a.rows+b.rows)*int64(len(cols))); err != nil {
		return nil, err
	}
	g, err := partition(a.rows+b.rows, cols, p)
	if err != nil {
		return nil, err
	}
	out, start := make([]pair, len(g.ends)), uint32(0)
	for k, end := range g.ends {
		p := pair{row: g.items[start]} // order is kept: records of a come first
		for _, row := range g.items[start:end] {
			if int(row) < a.rows {
				p.here++
			} else {
				p.there++
			}
		}
		out[k], start = p, end
	}
	return out, nil
}
