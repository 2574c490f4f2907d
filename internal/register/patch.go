package register

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sort"
)

// patch is what a change file does to a table of the snapshot before.
type patch struct {
	recs    []byte   // new row versions, in the layout of the table
	inserts []insert // in the order in which they stand in the new table
	perHead []uint32 // inserts of each person
	closes  []int    // row versions of the table before that end here, ascending
	counts  Counts   // what became of the rows that were read
}

// insert puts a record before a row version of the table before.
type insert struct {
	before int
	rec    uint32
}

// rowID is what a row is known by.
type rowID struct {
	person uint32
	key    int64
}

func (a rowID) compare(b rowID) int {
	return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.key, b.key))
}

// patch works out what the changed records and the deleted rows, in order, do to the
// table before: the same comparison as a load of everything makes, for the rows that
// are named only. Stretches of persons with about most rows each are compared at once.
func (m *merger) patch(ctx context.Context, workers int, most int64, recs []byte, gone []rowID) (*patch, error) {
	persons := m.ids.Len()
	p := &patch{recs: recs, perHead: make([]uint32, persons), counts: Counts{Quarantined: map[string]int64{}}}
	first, order := groupByPerson(recs, m.l.size, 0, uint32(persons))
	parts := make([]comparison, min(1+m.parent.table.man.Rows/int(most), persons))
	err := inParallel(ctx, workers, len(parts), func(ctx context.Context, i int) error {
		c := &parts[i]
		*c = comparison{m: m, recs: recs, perHead: p.perHead, counts: Counts{Quarantined: map[string]int64{}}, scratch: make([]byte, m.l.size)}
		lo, hi := uint32(i*persons/len(parts)), uint32((i+1)*persons/len(parts))
		c.end = m.parent.end(lo)
		k, _ := slices.BinarySearchFunc(gone, rowID{person: lo}, func(a, b rowID) int { return cmp.Compare(a.person, b.person) })
		for person := lo; person < hi; person++ {
			from := k
			for k < len(gone) && gone[k].person == person {
				k++
			}
			c.person(person, order[first[person]:first[person+1]], gone[from:k])
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	for i := range parts {
		p.inserts = append(p.inserts, parts[i].inserts...)
		p.closes = append(p.closes, parts[i].closes...)
		p.counts.add(&parts[i].counts)
	}
	slices.Sort(p.closes)
	return p, nil
}

// comparison is that of a stretch of persons with the table before.
type comparison struct {
	m       *merger
	recs    []byte
	inserts []insert
	perHead []uint32 // of all persons
	closes  []int
	counts  Counts
	end     int // of the last person so far whom the table before has, too

	near       []int64 // row numbers of the person's versions
	scratch    []byte
	now, fresh []version
	out        merged
}

// person compares the records of a person, of the given numbers, and the rows of the
// person that are gone, with the versions of the table before.
func (c *comparison) person(person uint32, records []uint32, gone []rowID) {
	lo, hi := c.end, c.end
	if old := c.m.parent.persons[person]; old != NoPerson {
		lo, hi = c.m.parent.table.Rows(old)
		c.end = hi
	}
	if len(records) == 0 && len(gone) == 0 {
		return
	}
	c.near = slices.Grow(c.near[:0], hi-lo)[:hi-lo]
	c.m.parent.rowKeys(c.near, lo)
	c.records(person, lo, hi, records, &gone)
	for _, id := range gone {
		i := c.open(lo, id.key)
		if i < 0 {
			c.counts.Quarantined[ReasonUnknownRow]++
			continue
		}
		c.counts.Removed++
		c.closes = append(c.closes, i)
	}
}

// records compares the records of a person with the versions [lo, hi), and takes out of
// gone what is also changed.
func (c *comparison) records(person uint32, lo, hi int, records []uint32, gone *[]rowID) {
	m := c.m
	c.now, c.fresh = c.now[:0], c.fresh[:0]
	for _, k := range records {
		c.now = append(c.now, m.version(c.recs, k))
	}
	c.out.counts, c.out.conflicts = Counts{}, 0
	for _, v := range m.unique(c.recs, c.now, &c.out) {
		if k, there := slices.BinarySearchFunc(*gone, rowID{person, v.key}, rowID.compare); there { // both gone and changed: neither is believed
			c.counts.Quarantined[ReasonRowConflict] += 2
			*gone = slices.Concat((*gone)[:k], (*gone)[k+1:])
			continue
		}
		i := c.open(lo, v.key)
		switch {
		case i < 0:
			c.counts.Added++
			if v.from != NoDay && v.from < m.parent.at {
				c.counts.Late++
			}
		case c.holds(v, i):
			c.counts.Unchanged++
			continue
		default:
			c.counts.Changed++
			c.closes = append(c.closes, i)
		}
		c.fresh = append(c.fresh, v)
	}
	slices.SortFunc(c.fresh, func(a, b version) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.key, b.key)) })
	for _, v := range c.fresh {
		c.inserts = append(c.inserts, insert{m.parent.place(lo, hi, v), v.at})
	}
	c.perHead[person] = uint32(len(c.fresh))
	c.counts.Duplicates += c.out.counts.Duplicates
	if c.out.conflicts > 0 {
		c.counts.Quarantined[ReasonRowConflict] += c.out.conflicts
	}
}

// open returns the person's version of a row, from version lo on, that has not been
// closed, -1 without one.
func (c *comparison) open(lo int, key int64) int {
	to := c.m.parent.table.knownTo
	for k, v := range c.near {
		if v == key && (to == nil || to.At(lo+k) == stillKnown) {
			return lo + k
		}
	}
	return -1
}

// holds reports whether version i of the table before has the content of v.
func (c *comparison) holds(v version, i int) bool {
	c.m.parent.fill(c.scratch, c.m, i)
	at := int(v.at) * c.m.l.size
	return bytes.Equal(c.scratch[recordHeader:], c.recs[at+recordHeader:at+c.m.l.size])
}

// end is where the versions end of those before a person.
func (t *parentTable) end(person uint32) int {
	for person > 0 {
		person--
		if old := t.persons[person]; old != NoPerson {
			_, hi := t.table.Rows(old)
			return hi
		}
	}
	return 0
}

// rowKeys sets dst to the row numbers of the versions from lo on; 0 in a table with one
// row per person.
func (t *parentTable) rowKeys(dst []int64, lo int) {
	if t.keys == nil {
		clear(dst)
		return
	}
	t.keys.Int64s().Read(dst, lo)
}

// key is the row number of version i; 0 in a table with one row per person.
func (t *parentTable) key(i int) int64 {
	if t.keys == nil {
		return 0
	}
	return t.keys.Int64s().At(i)
}

// place returns the version in [lo, hi) that a new version stands before: in
// the order of first day, row number and load.
func (t *parentTable) place(lo, hi int, v version) int {
	return lo + sort.Search(hi-lo, func(k int) bool {
		i := lo + k
		from := NoDay
		if t.from != nil {
			from = t.from.Days().At(i)
		}
		return cmp.Or(cmp.Compare(from, v.from), cmp.Compare(t.key(i), v.key)) > 0 // an older version of the row stands before
	})
}
