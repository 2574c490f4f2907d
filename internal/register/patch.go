package register

import (
	"cmp"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"sort"
)

// patch works out what the changed records and the deleted rows do to the table
// before: the same comparison as a load of everything makes, for the rows that
// are named only.
func (m *merger) patch(recs []byte, gone map[rowID]bool, c *Counts) *patch {
	p := &patch{recs: recs, perHead: make([]uint32, m.ids.Len())}
	first, order := groupByPerson(recs, m.l.size, 0, uint32(m.ids.Len()))
	var now, fresh []version
	scratch := make([]byte, m.l.size)
	out := &merged{}
	end := 0 // of the last person that the table before has, too
	for person := range uint32(m.ids.Len()) {
		lo, hi := end, end
		if old := m.parent.persons[person]; old != NoPerson {
			lo, hi = m.parent.table.Rows(old)
			end = hi
		}
		if first[person] == first[person+1] {
			continue
		}
		now, fresh = now[:0], fresh[:0]
		for _, k := range order[first[person]:first[person+1]] {
			now = append(now, m.version(recs, k))
		}
		for _, v := range m.unique(recs, now, out) {
			id := rowID{person, v.key}
			if gone[id] { // both gone and changed: neither is believed
				c.Quarantined[ReasonRowConflict] += 2
				delete(gone, id)
				continue
			}
			i := m.parent.open(lo, hi, v.key)
			switch {
			case i < 0:
				c.Added++
				if v.from != NoDay && v.from < m.parent.at {
					c.Late++
				}
			case m.parent.holds(scratch, m, recs, v, i):
				c.Unchanged++
				continue
			default:
				c.Changed++
				p.closes = append(p.closes, i)
			}
			fresh = append(fresh, v)
		}
		slices.SortFunc(fresh, func(a, b version) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.key, b.key)) })
		for _, v := range fresh {
			p.inserts = append(p.inserts, insert{m.parent.place(lo, hi, v), v.at})
		}
		p.perHead[person] = uint32(len(fresh))
	}
	c.Duplicates += out.counts.Duplicates
	if out.conflicts > 0 {
		c.Quarantined[ReasonRowConflict] += out.conflicts
	}
	for id := range gone {
		i := -1
		if old := m.parent.persons[id.person]; old != NoPerson {
			lo, hi := m.parent.table.Rows(old)
			i = m.parent.open(lo, hi, id.key)
		}
		if i < 0 {
			c.Quarantined[ReasonUnknownRow]++
			continue
		}
		c.Removed++
		p.closes = append(p.closes, i)
	}
	slices.Sort(p.closes)
	return p
}

// open returns the version of a row in [lo, hi) that has not been closed, -1
// without one.
func (t *parentTable) open(lo, hi int, key int64) int {
	numbers := t.numbers()
	for i := lo; i < hi; i++ {
		if (numbers == nil || numbers[i] == key) && (t.table.knownTo == nil || t.table.knownTo[i] == stillKnown) {
			return i
		}
	}
	return -1
}

// numbers are the row numbers, nil in a table with one row per person.
func (t *parentTable) numbers() []int64 {
	if t.keys == nil {
		return nil
	}
	return t.keys.Int64s()
}

// holds reports whether version i of the table before has the content of v.
func (t *parentTable) holds(scratch []byte, m *merger, recs []byte, v version, i int) bool {
	t.fill(scratch, m, i)
	at := int(v.at) * m.l.size
	return string(scratch[recordHeader:]) == string(recs[at+recordHeader:at+m.l.size])
}

// place returns the version in [lo, hi) that a new version stands before: in
// the order of first day, row number and load.
func (t *parentTable) place(lo, hi int, v version) int {
	numbers := t.numbers()
	return lo + sort.Search(hi-lo, func(k int) bool {
		i := lo + k
		from, key := NoDay, int64(0)
		if t.from != nil {
			from = t.from.Days()[i]
		}
		if numbers != nil {
			key = numbers[i]
		}
		return cmp.Or(cmp.Compare(from, v.from), cmp.Compare(key, v.key)) > 0 // an older version of the row stands before
	})
}

// writePatched writes the files of a table: those in which nothing changes are
// shared with the table before, the others are copied with the new rows put in.
func (b *builder) writePatched(ctx context.Context, m *merger, p *patch, man *TableManifest) error {
	if err := os.Mkdir(filepath.Join(b.dir, "tables", man.ID), 0o700); err != nil {
		return err
	}
	w := &patcher{b: b, m: m, p: p, dir: "tables/" + man.ID + "/", samePeople: b.ids == b.parent.identity}
	jobs := []func() error{w.offsets, w.knownFrom, w.knownTo}
	for i := range m.l.fields {
		jobs = append(jobs, func() error { return w.column(i) })
	}
	return inParallel(ctx, b.o.Workers, len(jobs), func(_ context.Context, i int) error { return jobs[i]() })
}

// patcher writes the files of one patched table. Its methods may run at once.
type patcher struct {
	b          *builder
	m          *merger
	p          *patch
	dir        string
	samePeople bool // persons have the numbers that they had
}

// column writes the column of a field.
func (w *patcher) column(i int) error {
	f := &w.m.l.fields[i]
	name := w.dir + f.v.ID + ".seg"
	c := w.m.parent.columns[i]
	var translate func(b []byte)
	switch {
	case f.typ == TypeCode && !isIdentity(w.m.parent.fromParent[i]):
		way := w.m.parent.fromParent[i]
		translate = func(b []byte) {
			for at := 0; at < len(b); at += 2 {
				binary.LittleEndian.PutUint16(b[at:], way[binary.LittleEndian.Uint16(b[at:])])
			}
		}
	case f.typ == TypePerson && !w.samePeople:
		translate = func(b []byte) {
			for at := 0; at < len(b); at += 4 {
				binary.LittleEndian.PutUint32(b[at:], w.m.parent.translatePerson(w.m, binary.LittleEndian.Uint32(b[at:])))
			}
		}
	}
	if len(w.p.inserts) == 0 && translate == nil {
		return w.b.share(name)
	}
	return w.write(name, f.width, c.seg.data, translate, func(x insert) []byte {
		at := int(x.rec)*w.m.l.size + f.at
		return w.p.recs[at : at+f.width]
	})
}

func isIdentity(way []uint16) bool {
	for i, v := range way {
		if int(v) != i {
			return false
		}
	}
	return true
}

// knownFrom writes the loads from which versions are known.
func (w *patcher) knownFrom() error {
	old := w.m.parent.table.knownFrom
	switch {
	case len(w.p.inserts) == 0 && old == nil:
		return nil
	case len(w.p.inserts) == 0:
		return w.b.share(w.dir + knownFromFile)
	case old == nil:
		old = slices.Repeat([]uint16{1}, w.m.parent.table.man.Rows)
	}
	load := bytesOf([]uint16{w.m.load})
	return w.write(w.dir+knownFromFile, 2, bytesOf(old), nil, func(insert) []byte { return load })
}

// knownTo writes the loads from which versions are not known any more.
func (w *patcher) knownTo() error {
	old := w.m.parent.table.knownTo
	switch {
	case old == nil && len(w.p.closes) == 0:
		return nil
	case len(w.p.inserts) == 0 && len(w.p.closes) == 0:
		return w.b.share(w.dir + knownToFile)
	case old == nil:
		old = slices.Repeat([]uint16{stillKnown}, w.m.parent.table.man.Rows)
	default:
		old = slices.Clone(old)
	}
	for _, i := range w.p.closes {
		old[i] = w.m.load
	}
	open := bytesOf([]uint16{stillKnown})
	return w.write(w.dir+knownToFile, 2, bytesOf(old), nil, func(insert) []byte { return open })
}

// offsets writes where each person's versions begin.
func (w *patcher) offsets() error {
	if len(w.p.inserts) == 0 && w.samePeople {
		return w.b.share(w.dir + "offset.seg")
	}
	out := make([]uint64, 1, w.m.ids.Len()+1)
	at := uint64(0)
	for person := range uint32(w.m.ids.Len()) {
		if old := w.m.parent.persons[person]; old != NoPerson {
			lo, hi := w.m.parent.table.Rows(old)
			at += uint64(hi - lo)
		}
		at += uint64(w.p.perHead[person])
		out = append(out, at)
	}
	f, err := w.b.create(w.dir+"offset.seg", 8)
	if err != nil {
		return err
	}
	if _, err := f.Write(bytesOf(out)); err != nil {
		f.abandon()
		return err
	}
	return w.b.finish(w.dir+"offset.seg", f)
}

// patchBytes is how much of a file is put together at a time.
const patchBytes = 256 << 10

// write copies old with the inserts put in. translate, if set, changes copied
// values in place.
func (w *patcher) write(name string, width int, old []byte, translate func([]byte), value func(insert) []byte) error {
	f, err := w.b.create(name, width)
	if err != nil {
		return err
	}
	buf := make([]byte, 0, patchBytes+8)
	flush := func() error {
		_, err := f.Write(buf)
		buf = buf[:0]
		return err
	}
	copyTo := func(from, to int) error {
		for from < to {
			n := min(to-from, patchBytes-len(buf)) / width * width
			if n == 0 {
				if err := flush(); err != nil {
					return err
				}
				continue
			}
			at := len(buf)
			buf = append(buf, old[from:from+n]...)
			if translate != nil {
				translate(buf[at:])
			}
			from += n
		}
		return nil
	}
	at := 0
	for _, x := range w.p.inserts {
		if err = copyTo(at, x.before*width); err != nil {
			break
		}
		at = x.before * width
		if buf = append(buf, value(x)...); len(buf) >= patchBytes {
			if err = flush(); err != nil {
				break
			}
		}
	}
	if err == nil {
		err = copyTo(at, len(old))
	}
	if err == nil {
		err = flush()
	}
	if err != nil {
		f.abandon()
		return err
	}
	return w.b.finish(name, f)
}

// share is inherit for several at once.
func (b *builder) share(path string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.inherit(path)
}
