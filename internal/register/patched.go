package register

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"

	"sluss/internal/day"
	"sluss/internal/register/cells"
)

// patchTable writes the files of a table: those in which nothing changes are
// shared with the table before, the others are copied with the new rows put in.
func (b *builder) patchTable(ctx context.Context, m *merger, p *patch, man *TableManifest) error {
	if err := os.Mkdir(filepath.Join(b.dir, "tables", man.ID), 0o700); err != nil {
		return err
	}
	w := &patcher{b: b, m: m, p: p, dir: "tables/" + man.ID + "/", samePeople: b.ids == b.parent.identity}
	jobs := make([]func() error, 0, 3+len(m.l.fields))
	for _, i := range w.widestFirst() {
		jobs = append(jobs, func() error { return w.column(i) })
	}
	jobs = append(jobs, w.knownFrom, w.knownTo, w.offsets)
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

// widestFirst are the places of the fields, of the greatest files first: nobody is to
// wait for one of them alone in the end.
func (w *patcher) widestFirst() []int {
	at := make([]int, len(w.m.l.fields))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(w.m.parent.columns[b].width(), w.m.parent.columns[a].width()) })
	return at
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
	fresh := slices.Repeat([]uint16{w.m.load}, len(w.p.inserts))
	if old := w.m.parent.table.knownFrom; old != nil {
		return patchColumn(w, w.dir+knownFromFile, old, fresh, nil)
	}
	if len(fresh) == 0 {
		return nil
	}
	first := []uint16{1}
	return writeColumn(w, w.dir+knownFromFile, earlier[uint16]{
		n: w.m.parent.table.man.Rows, needs: cells.Width(first),
		read: func(dst []uint16, _ int) { fill(dst, first[0]) },
	}, fresh)
}

// knownTo writes the loads from which versions are not known any more.
func (w *patcher) knownTo() error {
	old, closes := w.m.parent.table.knownTo, w.p.closes
	fresh := slices.Repeat([]uint16{stillKnown}, len(w.p.inserts))
	if len(closes) == 0 {
		if old == nil {
			return nil
		}
		return patchColumn(w, w.dir+knownToFile, old, fresh, nil)
	}
	e := earlier[uint16]{n: w.m.parent.table.man.Rows, needs: cells.Width([]uint16{w.m.load})}
	all := func(dst []uint16, _ int) { fill(dst, stillKnown) }
	if old != nil { // of earlier loads, whose numbers are less
		all = old.Read
	}
	e.read = func(dst []uint16, lo int) {
		all(dst, lo)
		k, _ := slices.BinarySearch(closes, lo)
		for ; k < len(closes) && closes[k] < lo+len(dst); k++ {
			dst[closes[k]-lo] = w.m.load
		}
	}
	return writeColumn(w, w.dir+knownToFile, e, fresh)
}

func fill[T any](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
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

// earlier is a column of the table before, as the new one has its cells.
type earlier[T cells.Cell] struct {
	n     int                   // cells
	needs int                   // bytes for each of them
	read  func(dst []T, lo int) // sets dst to the cells from lo on
	whole *cells.Column[T]      // where they lie; nil where the new one has others
}

// patchColumn writes a column of the table before with fresh numbers put in where the
// inserts stand; translate, if set, is what becomes of the old ones. A file in which
// nothing changes is shared.
func patchColumn[T cells.Cell](w *patcher, path string, old *cells.Column[T], fresh []T, translate func(T) T) error {
	if len(fresh) == 0 && translate == nil {
		return w.b.share(path)
	}
	e := earlier[T]{n: old.Len(), needs: old.Width(), read: old.Read, whole: old}
	if translate != nil {
		e.whole, e.read = nil, func(dst []T, lo int) {
			old.Read(dst, lo)
			for i, v := range dst {
				dst[i] = translate(v)
			}
		}
		e.needs = e.widest()
	}
	return writeColumn(w, path, e, fresh)
}

// cellsAtOnce is how many cells are read and written at a time.
const cellsAtOnce = 512

// widest is how many bytes the cells need that need most.
func (e *earlier[T]) widest() (width int) {
	var some [cellsAtOnce]T
	for lo := 0; lo < e.n; lo += len(some) {
		part := some[:min(len(some), e.n-lo)]
		e.read(part, lo)
		width = max(width, cells.Width(part))
	}
	return width
}

// writeColumn writes a file that is not shared. The numbers take as many bytes as the
// greatest of them needs, as in a load of everything.
func writeColumn[T cells.Cell](w *patcher, path string, e earlier[T], fresh []T) error {
	c := &patchedColumn[T]{earlier: e, buf: make([]byte, 0, patchBytes+8)}
	c.width = max(e.needs, cells.Width(fresh))
	c.asIs = e.whole != nil && e.whole.Width() == c.width
	f, err := w.b.create(path, c.width)
	if err != nil {
		return err
	}
	if c.f = f; c.width == 0 {
		f.none = e.n + len(fresh)
	}
	if err := c.write(w.p.inserts, fresh); err != nil {
		f.abandon()
		return err
	}
	return w.b.finish(path, f)
}

// patchedColumn is a column on its way to its file.
type patchedColumn[T cells.Cell] struct {
	earlier[T]
	f     *writer
	width int
	asIs  bool // the cells of the column before are copied as they lie
	buf   []byte
	part  [cellsAtOnce]T
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
	if err := c.copy(at, c.n); err != nil {
		return err
	}
	return c.flush(0)
}

// copy adds the cells [from, to) of the column before.
func (c *patchedColumn[T]) copy(from, to int) error {
	if c.width == 0 {
		return nil
	}
	for n := 0; from < to; from += n {
		if c.asIs {
			n = min(to-from, (patchBytes-len(c.buf))/c.width)
			c.buf = append(c.buf, c.whole.Data()[from*c.width:(from+n)*c.width]...)
		} else {
			part := c.part[:min(to-from, len(c.part))]
			c.read(part, from)
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
