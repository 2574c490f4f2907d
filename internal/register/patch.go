package register

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"sluss/internal/day"
	"sluss/internal/register/cells"
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
// without one. It is not for several at once.
func (t *parentTable) open(lo, hi int, key int64) int {
	t.near = slices.Grow(t.near[:0], hi-lo)[:hi-lo]
	if clear(t.near); t.keys != nil {
		t.keys.Int64s().Read(t.near, lo)
	}
	for k, v := range t.near {
		if v == key && (t.table.knownTo == nil || t.table.knownTo.At(lo+k) == stillKnown) {
			return lo + k
		}
	}
	return -1
}

// key is the row number of version i; 0 in a table with one row per person.
func (t *parentTable) key(i int) int64 {
	if t.keys == nil {
		return 0
	}
	return t.keys.Int64s().At(i)
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
	return lo + sort.Search(hi-lo, func(k int) bool {
		i := lo + k
		from := NoDay
		if t.from != nil {
			from = t.from.Days().At(i)
		}
		return cmp.Or(cmp.Compare(from, v.from), cmp.Compare(t.key(i), v.key)) > 0 // an older version of the row stands before
	})
}

// patchTable writes the files of a table: those in which nothing changes are
// shared with the table before, the others are copied with the new rows put in.
func (b *builder) patchTable(ctx context.Context, m *merger, p *patch, man *TableManifest) error {
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
	f, c := &w.m.l.fields[i], w.m.parent.columns[i]
	name := w.dir + f.v.ID + ".seg"
	switch f.typ {
	case TypeDay:
		return patchColumn(w, name, c.Days(), inserted[day.Day](w, f), nil)
	case TypeInt32:
		return patchColumn(w, name, c.Int32s(), inserted[int32](w, f), nil)
	case TypeExtent:
		return patchColumn(w, name, c.Extents(), inserted[uint16](w, f), nil)
	case TypeCode:
		var translate func(uint16) uint16
		if way := w.m.parent.fromParent[i]; !isIdentity(way) {
			translate = func(v uint16) uint16 { return way[v] }
		}
		return patchColumn(w, name, c.Codes(), inserted[uint16](w, f), translate)
	case TypePerson:
		var translate func(uint32) uint32
		if !w.samePeople {
			translate = func(v uint32) uint32 { return w.m.parent.translatePerson(w.m, v) }
		}
		return patchColumn(w, name, c.Persons(), inserted[uint32](w, f), translate)
	}
	return patchColumn(w, name, c.Int64s(), inserted[int64](w, f), nil)
}

// inserted are the numbers of a field that are put in.
func inserted[T cells.Cell](w *patcher, f *field) []T {
	out := make([]T, len(w.p.inserts))
	for k, x := range w.p.inserts {
		out[k] = T(f.get(w.p.recs[int(x.rec)*w.m.l.size:]))
	}
	return out
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
	case old == nil:
		old = cells.Packed(slices.Repeat([]uint16{1}, w.m.parent.table.man.Rows))
	}
	return patchColumn(w, w.dir+knownFromFile, old, slices.Repeat([]uint16{w.m.load}, len(w.p.inserts)), nil)
}

// knownTo writes the loads from which versions are not known any more.
func (w *patcher) knownTo() error {
	old := w.m.parent.table.knownTo
	if old == nil && len(w.p.closes) == 0 {
		return nil
	}
	fresh := slices.Repeat([]uint16{stillKnown}, len(w.p.inserts))
	if len(w.p.closes) == 0 {
		return patchColumn(w, w.dir+knownToFile, old, fresh, nil)
	}
	to := slices.Repeat([]uint16{stillKnown}, w.m.parent.table.man.Rows)
	if old != nil {
		old.Read(to, 0)
	}
	for _, i := range w.p.closes {
		to[i] = w.m.load
	}
	return writeColumn(w, w.dir+knownToFile, cells.Packed(to), fresh, nil)
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
	if _, err := f.Write(cells.Bytes(out)); err != nil {
		f.abandon()
		return err
	}
	return w.b.finish(w.dir+"offset.seg", f)
}

// patchBytes is how much of a file is put together at a time.
const patchBytes = 256 << 10

// patchColumn writes a column of the table before with fresh numbers put in where the
// inserts stand; translate, if set, is what becomes of the old ones. A file in which
// nothing changes is shared.
func patchColumn[T cells.Cell](w *patcher, path string, old *cells.Column[T], fresh []T, translate func(T) T) error {
	if len(fresh) == 0 && translate == nil {
		return w.b.share(path)
	}
	return writeColumn(w, path, old, fresh, translate)
}

// writeColumn is patchColumn for a file that is not shared. The numbers take as many
// bytes as the greatest of them needs, as in a load of everything.
func writeColumn[T cells.Cell](w *patcher, path string, old *cells.Column[T], fresh []T, translate func(T) T) error {
	c := &patchedColumn[T]{old: old, translate: translate, buf: make([]byte, 0, patchBytes+8)}
	c.width = max(c.widthOfOld(), cells.Width(fresh))
	f, err := w.b.create(path, c.width)
	if err != nil {
		return err
	}
	if c.f = f; c.width == 0 {
		f.none = old.Len() + len(fresh)
	}
	if err := c.write(w.p.inserts, fresh); err != nil {
		f.abandon()
		return err
	}
	return w.b.finish(path, f)
}

// patchedColumn is a column on its way to its file.
type patchedColumn[T cells.Cell] struct {
	f         *writer
	width     int
	old       *cells.Column[T]
	translate func(T) T
	buf       []byte
	part      [512]T
}

// widthOfOld is how many bytes the cells of the column before need.
func (c *patchedColumn[T]) widthOfOld() int {
	if c.translate == nil {
		return c.old.Width()
	}
	width := 0
	for lo := 0; lo < c.old.Len(); lo += len(c.part) {
		width = max(width, cells.Width(c.read(lo, c.old.Len())))
	}
	return width
}

// read returns some of the cells [from, to) of the column before, translated.
func (c *patchedColumn[T]) read(from, to int) []T {
	part := c.part[:min(to-from, len(c.part))]
	c.old.Read(part, from)
	if c.translate != nil {
		for i, v := range part {
			part[i] = c.translate(v)
		}
	}
	return part
}

func (c *patchedColumn[T]) write(inserts []insert, fresh []T) error {
	at := 0
	for k, x := range inserts {
		if err := c.copy(at, x.before); err != nil {
			return err
		}
		at = x.before
		c.buf = cells.Append(c.buf, fresh[k:k+1], c.width)
		if err := c.flush(patchBytes); err != nil {
			return err
		}
	}
	if err := c.copy(at, c.old.Len()); err != nil {
		return err
	}
	return c.flush(0)
}

// copy adds the cells [from, to) of the column before.
func (c *patchedColumn[T]) copy(from, to int) error {
	if c.width == 0 {
		return nil
	}
	asIs := c.translate == nil && c.width == c.old.Width()
	for n := 0; from < to; from += n {
		if asIs {
			n = min(to-from, (patchBytes-len(c.buf))/c.width)
			c.buf = append(c.buf, c.old.Data()[from*c.width:(from+n)*c.width]...)
		} else {
			part := c.read(from, to)
			n = len(part)
			c.buf = cells.Append(c.buf, part, c.width)
		}
		if err := c.flush(patchBytes); err != nil {
			return err
		}
	}
	return nil
}

// flush writes what has gathered, when it is so much.
func (c *patchedColumn[T]) flush(from int) error {
	if len(c.buf) < from || len(c.buf) == 0 {
		return nil
	}
	_, err := c.f.Write(c.buf)
	c.buf = c.buf[:0]
	return err
}

// share is inherit for several at once.
func (b *builder) share(path string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.inherit(path)
}
