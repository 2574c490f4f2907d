package register

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"sluss/internal/catalog"
	"sluss/internal/register/cells"
)

// loadTable reads one table and writes its folder.
func (b *builder) loadTable(ctx context.Context, t *catalog.Table, s *source) error {
	l := newLayout(t)
	if err := b.nothingGone(l, s); err != nil {
		return err
	}
	reg, _ := b.o.Catalogue.Table(t.ID)
	books := make([]*codeBook, len(l.fields))
	for i, f := range l.fields {
		if f.typ == TypeCode {
			books[i] = newCodeBook(closedSet(b.o.Catalogue, reg, &f.v))
		}
	}
	bk := newBuckets(b.ids.Len(), s.rows(), b.o.bucketRows, l, b.o.Memory, filepath.Join(b.dir, "spill"), b.o.check)
	defer bk.discard()
	var done int64
	sum, err := scatter(ctx, s, l, b.ids, books, bk, uint16(b.m.Load), b.o.Workers, func(n int) {
		b.o.Progress(Progress{t.ID, addAtomic(&done, int64(n)), s.rows()})
	})
	if err != nil {
		return err
	}
	m := &merger{l: l, ids: b.ids, load: uint16(b.m.Load), fromBook: make([][]uint16, len(l.fields))}
	man := TableManifest{ID: t.ID, Counts: Counts{Source: s.rows(), Quarantined: map[string]int64{}}}
	if b.parent != nil {
		if pt := b.parent.Table(t.ID); pt != nil {
			if m.parent, err = newParent(pt, b.parent, l, b.ids); err != nil {
				return err
			}
		}
	}
	for i, f := range l.fields {
		c := ColumnManifest{Variable: f.v.ID, Kind: f.v.Kind, Role: f.v.Role, Type: f.typ}
		if f.typ == TypeCode {
			var old []string
			if m.parent != nil && m.parent.columns[i] != nil {
				old = m.parent.columns[i].Dict()
			}
			var fromParent []uint16
			var ok bool
			if c.Codes, m.fromBook[i], fromParent, ok = books[i].final(old); !ok {
				return tooManyCodes(s.name, f.v.Source)
			}
			if m.parent != nil {
				m.parent.fromParent[i] = fromParent
			}
		}
		man.Columns = append(man.Columns, c)
	}
	for i, n := range sum {
		if i != int(good) && n > 0 {
			man.Counts.Quarantined[reasons[i]] = n
		}
	}
	if err := b.writeTable(ctx, m, bk, &man); err != nil {
		return err
	}
	if err := man.Counts.reconcile(); err != nil {
		return err
	}
	b.m.Tables = append(b.m.Tables, man)
	return nil
}

// closedSet returns the codes that a column may hold, nil when any may stand.
func closedSet(c *catalog.Catalogue, r *catalog.Register, v *catalog.Variable) map[string]bool {
	set, ok := c.Values(r, v)
	if !ok || set.Open {
		return nil
	}
	out := map[string]bool{"": true}
	for _, code := range set.Codes {
		out[code.Code] = true
	}
	return out
}

// reconcile checks that every source row is accounted for.
func (c *Counts) reconcile() error {
	n := c.Added + c.Changed + c.Unchanged + c.Duplicates
	for _, q := range c.Quarantined {
		n += q
	}
	if n != c.Source {
		return errors.New("register: rows read and rows accounted for differ")
	}
	return nil
}

// create starts a file of the snapshot.
func (b *builder) create(path string, width int) (*writer, error) {
	w, err := createSegment(filepath.Join(b.dir, filepath.FromSlash(path)), width, b.o.check)
	if err == nil {
		w.sync = !b.o.noSync
	}
	return w, err
}

// finish completes a file and hands it over to be read back. Several may at once.
func (b *builder) finish(path string, w *writer) error {
	if err := w.finish(); err != nil {
		w.abandon()
		return err
	}
	return b.back.add(path, w)
}

// tableFiles are the open files of one table.
type tableFiles struct {
	columns  []*columnFile
	from, to *versionFile
	offset   uint64
	offsets  *writer
}

// writeTable merges bucket after bucket, several at a time, and writes them in
// the order of persons.
func (b *builder) writeTable(ctx context.Context, m *merger, bk *buckets, man *TableManifest) (err error) {
	dir := "tables/" + man.ID + "/"
	if err := os.Mkdir(filepath.Join(b.dir, "tables", man.ID), 0o700); err != nil {
		return err
	}
	w := b.tableFiles(dir, m.l)
	defer func() {
		if err != nil {
			w.abandon()
		}
	}()
	if w.offsets, err = b.create(dir+"offset.seg", 8); err != nil {
		return err
	}
	if _, err := w.offsets.Write(cells.Bytes([]uint64{0})); err != nil {
		return err
	}
	sorted := int64(0)
	err = inOrder(ctx, b.o.Workers, len(bk.list), func(k int) (*merged, error) {
		recs, err := bk.take(k)
		if err != nil {
			return nil, err
		}
		defer bk.give(recs)
		lo, hi := bk.persons(k, b.ids.Len())
		return m.run(recs, lo, hi), nil
	}, func(out *merged) error {
		sorted += int64(out.fresh)
		b.o.Progress(Progress{"sort " + man.ID, sorted, man.Counts.Source})
		c := &man.Counts
		c.add(&out.counts)
		if out.conflicts > 0 {
			c.Quarantined[ReasonRowConflict] += out.conflicts
		}
		man.Rows += len(out.knownTo)
		for _, to := range out.knownTo {
			if to == stillKnown {
				man.Live++
			}
		}
		defer m.done(out)
		return w.write(out)
	})
	if err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return err
	}
	return b.finish(dir+"offset.seg", w.offsets)
}

func (b *builder) tableFiles(dir string, l *layout) *tableFiles {
	w := &tableFiles{from: b.versionFile(dir+knownFromFile, 1), to: b.versionFile(dir+knownToFile, stillKnown)}
	for _, f := range l.fields {
		w.columns = append(w.columns, &columnFile{b: b, path: dir + f.v.ID + ".seg", n: f.typ.numbers()})
	}
	return w
}

func (b *builder) versionFile(path string, usual uint16) *versionFile {
	return &versionFile{columnFile: columnFile{b: b, path: path, n: loads{}}, usual: usual}
}

func (w *tableFiles) write(m *merged) error {
	for i, c := range m.columns {
		if err := w.columns[i].write(c, len(m.knownTo), m.widths[i]); err != nil {
			return err
		}
	}
	for i := range m.rows {
		w.offset += m.rows[i]
		m.rows[i] = w.offset
	}
	if _, err := w.offsets.Write(cells.Bytes(m.rows)); err != nil {
		return err
	}
	if err := w.from.write(m.knownFrom); err != nil {
		return err
	}
	return w.to.write(m.knownTo)
}

func (w *tableFiles) finish() error {
	for _, c := range w.columns {
		if err := c.finish(); err != nil {
			return err
		}
	}
	if err := w.from.finish(); err != nil {
		return err
	}
	return w.to.finish()
}

func (w *tableFiles) abandon() {
	for _, c := range w.columns {
		c.abandon()
	}
	w.from.abandon()
	w.to.abandon()
	if w.offsets != nil {
		w.offsets.abandon()
	}
}
