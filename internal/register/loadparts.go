package register

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// loadIdentity reads the identity register and writes the identity folder.
func (b *builder) loadIdentity(ctx context.Context, srcs []*source) error {
	b.o.Progress(Progress{"identity", 0, srcs[0].rows()})
	d := &Identity{}
	if err := b.loadPersons(ctx, srcs[0], d); err != nil {
		return err
	}
	if err := b.loadNumbers(ctx, srcs[1], d); err != nil {
		return err
	}
	if err := b.loadRelations(ctx, srcs[2], d); err != nil {
		return err
	}
	b.ids = d
	b.m.Persons, b.m.Numbers, b.m.Relations = d.Len(), len(d.number), len(d.children.who)
	for _, f := range identityFiles() {
		w, err := b.create("identity/"+f.name+".seg", f.width)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.bytes(d)); err != nil {
			w.abandon()
			return err
		}
		if err := b.finish("identity/"+f.name+".seg", w); err != nil {
			return err
		}
	}
	return nil
}

// wholeFile reads a whole identity file, column by column: whole numbers and dates
// as numbers, texts through text, which returns the number to keep.
func wholeFile(ctx context.Context, s *source, columns []catalog.Variable, text func(col int, c *cursor, dst []int64) error) ([][]int64, error) {
	out := make([][]int64, len(columns))
	for i := range out {
		out[i] = make([]int64, s.rows())
	}
	at := 0
	for g := range s.pq.RowGroups() {
		err := s.scan(ctx, g, func(cols []*cursor, n int) error {
			for i, c := range cols {
				dst := out[i][at : at+n]
				if sourceForm(&columns[i]) == formText {
					if err := text(i, c, dst); err != nil {
						return err
					}
				} else if err := c.ints(dst); err != nil {
					return err
				}
			}
			at += n
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// codeReader reads the texts of an identity file through one code book per
// column.
type codeReader struct {
	books map[int]*codeBook
	buf   []uint16
}

func (r *codeReader) read(col int, c *cursor, dst []int64) error {
	if r.books[col] == nil {
		r.books[col] = newCodeBook(nil)
	}
	r.buf = slices.Grow(r.buf[:0], len(dst))[:len(dst)]
	if err := c.codes(r.buf, newCodeCache(r.books[col])); err != nil {
		return err
	}
	for i, v := range r.buf {
		dst[i] = int64(v)
	}
	return nil
}

func (r *codeReader) text(col int, v int64) string {
	if b := r.books[col]; b != nil && v < int64(len(b.texts)) {
		return b.texts[v]
	}
	return ""
}

// loadPersons reads the persons and adds those of the parent who are gone:
// closed row versions still speak of them.
func (b *builder) loadPersons(ctx context.Context, s *source, d *Identity) error {
	columns := b.o.Catalogue.Files["person"].Columns
	texts := &codeReader{books: map[int]*codeBook{}}
	cols, err := wholeFile(ctx, s, columns, texts.read)
	if err != nil {
		return err
	}
	const entity, birth, death, sex, protected, county = 0, 1, 2, 3, 4, 5
	rows := make([]int, s.rows())
	for i := range rows {
		rows[i] = i
	}
	rows = slices.DeleteFunc(rows, func(i int) bool {
		bad := cols[entity][i] == NoInt64 || cols[birth][i] == NoInt64
		if bad {
			b.m.Rejected[ReasonMissingValue]++
		}
		return bad
	})
	slices.SortStableFunc(rows, func(x, y int) int { return cmp.Compare(cols[entity][x], cols[entity][y]) })
	rows = slices.CompactFunc(rows, func(x, y int) bool {
		same := cols[entity][x] == cols[entity][y]
		if same {
			b.m.Rejected[ReasonRowConflict]++
		}
		return same
	})
	for _, i := range rows {
		to := NoDay
		if cols[death][i] != NoInt64 {
			to = day.Day(cols[death][i])
		}
		flag := uint8(0)
		if cols[protected][i] == 1 {
			flag = 1
		}
		d.addPerson(cols[entity][i], day.Day(cols[birth][i]), to, sexCode(texts.text(sex, cols[sex][i])), flag, countyCode(texts.text(county, cols[county][i])))
	}
	if b.parent != nil {
		d.keep(b.parent.identity)
	}
	return nil
}

func (d *Identity) addPerson(key int64, birth, death day.Day, sex, protected, county uint8) {
	d.entity, d.birth, d.death = append(d.entity, key), append(d.birth, birth), append(d.death, death)
	d.sex, d.protected, d.county = append(d.sex, sex), append(d.protected, protected), append(d.county, county)
}

// keep adds the persons of old that d lacks.
func (d *Identity) keep(old *Identity) {
	out := &Identity{}
	i := 0
	put := func(from *Identity, k int) {
		out.addPerson(from.entity[k], from.birth[k], from.death[k], from.sex[k], from.protected[k], from.county[k])
	}
	for k, key := range old.entity {
		for ; i < len(d.entity) && d.entity[i] < key; i++ {
			put(d, i)
		}
		if i == len(d.entity) || d.entity[i] != key {
			put(old, k)
		}
	}
	for ; i < len(d.entity); i++ {
		put(d, i)
	}
	d.entity, d.birth, d.death, d.sex, d.protected, d.county = out.entity, out.birth, out.death, out.sex, out.protected, out.county
}

// loadNumbers reads the identity numbers. Real data must have right check
// digits and synthetic data wrong ones; a number of the other kind is not
// loaded, so nobody can be reached by it.
func (b *builder) loadNumbers(ctx context.Context, s *source, d *Identity) error {
	columns := b.o.Catalogue.Files["identity"].Columns
	texts := &codeReader{books: map[int]*codeBook{}}
	buf := make([]uint64, batchRows)
	cols, err := wholeFile(ctx, s, columns, func(col int, c *cursor, dst []int64) error {
		if columns[col].Kind != catalog.KindPerson {
			return texts.read(col, c, dst)
		}
		if err := c.numbers(buf[:len(dst)]); err != nil {
			return err
		}
		for i := range dst {
			dst[i] = int64(buf[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	const entity, number, from, to = 0, 1, 3, 4
	mode := swede.Real
	if b.m.Synthetic {
		mode = swede.Synthetic
	}
	var list []alias
	for i := range cols[entity] {
		holder, ok := d.ByEntity(cols[entity][i])
		if !ok {
			b.m.Rejected[ReasonUnknownEntity]++
			continue
		}
		n := uint64(cols[number][i])
		if !validNumber(n, mode) {
			b.m.Rejected[ReasonBadNumber]++
			continue
		}
		a := alias{n, holder, day.Min, day.Open}
		if cols[from][i] != NoInt64 {
			a.from = day.Day(cols[from][i])
		}
		if cols[to][i] != NoInt64 {
			a.to = day.Day(cols[to][i])
		}
		list = append(list, a)
	}
	d.setAliases(list)
	return nil
}

// validNumber reports whether n is an identity number with the check digit of
// mode.
func validNumber(n uint64, mode swede.Mode) bool {
	if n == numberMissing || n == numberBad || dayIndex(n) < 0 {
		return false
	}
	var text [12]byte
	for i := range text {
		text[11-i] = '0' + byte(n%10)
		n /= 10
	}
	_, err := swede.Parse(text[:], day.Max, mode)
	return err == nil
}

func (b *builder) loadRelations(ctx context.Context, s *source, d *Identity) error {
	cols, err := wholeFile(ctx, s, b.o.Catalogue.Files["relation"].Columns, nil)
	if err != nil {
		return err
	}
	var pairs [][2]uint32
	for i := range cols[0] {
		parent, ok1 := d.ByEntity(cols[0][i])
		child, ok2 := d.ByEntity(cols[1][i])
		if !ok1 || !ok2 {
			b.m.Rejected[ReasonUnknownEntity]++
			continue
		}
		pairs = append(pairs, [2]uint32{parent, child})
	}
	d.setRelations(pairs)
	return nil
}

func sexCode(s string) uint8 {
	return uint8(max(slices.Index(sexes[:], s), 0))
}

// countyCode returns the number of a county code of two digits, 0 for others.
func countyCode(s string) uint8 {
	if len(s) != 2 || s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0
	}
	return (s[0]-'0')*10 + s[1] - '0'
}

// loadTable reads one table and writes its folder.
func (b *builder) loadTable(ctx context.Context, t *catalog.Table, s *source) error {
	l := newLayout(t)
	reg, _ := b.o.Catalogue.Table(t.ID)
	books := make([]*codeBook, len(l.fields))
	for i, f := range l.fields {
		if f.typ == TypeCode {
			books[i] = newCodeBook(closedSet(b.o.Catalogue, reg, &f.v))
		}
	}
	bk := newBuckets(b.ids.Len(), s.rows(), l.size, b.o.Memory, filepath.Join(b.dir, "spill"), b.o.check)
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
			c.Codes, m.fromBook[i], fromParent = books[i].final(old)
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

// finish completes a file and remembers what is meant to be in it.
func (b *builder) finish(path string, w *writer) error {
	if err := w.finish(); err != nil {
		return err
	}
	b.written = append(b.written, written{path, w.bytes, w.crc.Sum32()})
	return nil
}

// tableFiles are the open files of one table.
type tableFiles struct {
	b        *builder
	dir      string
	columns  []*writer
	from, to *writer
	offset   uint64
	offsets  *writer
	plainNow bool // every version so far is known since load 1
	plainEnd bool // no version so far is closed
}

// writeTable merges bucket after bucket, several at a time, and writes them in
// the order of persons.
func (b *builder) writeTable(ctx context.Context, m *merger, bk *buckets, man *TableManifest) (err error) {
	w := &tableFiles{b: b, dir: "tables/" + man.ID + "/", plainNow: true, plainEnd: true}
	if err := os.Mkdir(filepath.Join(b.dir, "tables", man.ID), 0o700); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.abandon()
		}
	}()
	if err := w.create(m.l); err != nil {
		return err
	}
	err = inOrder(ctx, b.o.Workers, len(bk.list), func(k int) (*merged, error) {
		recs, err := bk.take(k)
		if err != nil {
			return nil, err
		}
		lo, hi := bk.persons(k, b.ids.Len())
		return m.run(recs, lo, hi), nil
	}, func(out *merged) error {
		c := &man.Counts
		c.Added += out.counts.Added
		c.Late += out.counts.Late
		c.Changed += out.counts.Changed
		c.Removed += out.counts.Removed
		c.Unchanged += out.counts.Unchanged
		c.Duplicates += out.counts.Duplicates
		if out.conflicts > 0 {
			c.Quarantined[ReasonRowConflict] += out.conflicts
		}
		man.Rows += len(out.knownTo)
		for _, to := range out.knownTo {
			if to == stillKnown {
				man.Live++
			}
		}
		return w.write(out)
	})
	if err != nil {
		return err
	}
	return w.finish(m.l)
}

func (w *tableFiles) create(l *layout) (err error) {
	open := func(name string, width int) (f *writer) {
		if err == nil {
			f, err = w.b.create(w.dir+name, width)
		}
		return f
	}
	for _, f := range l.fields {
		w.columns = append(w.columns, open(f.v.ID+".seg", f.width))
	}
	w.from, w.to, w.offsets = open(knownFromFile, 2), open(knownToFile, 2), open("offset.seg", 8)
	if err != nil {
		return err
	}
	_, err = w.offsets.Write(bytesOf([]uint64{0}))
	return err
}

func (w *tableFiles) write(m *merged) error {
	for i, c := range m.columns {
		if _, err := w.columns[i].Write(c); err != nil {
			return err
		}
	}
	for i := range m.rows {
		w.offset += m.rows[i]
		m.rows[i] = w.offset
	}
	w.plainNow = w.plainNow && !slices.ContainsFunc(m.knownFrom, func(v uint16) bool { return v != 1 })
	w.plainEnd = w.plainEnd && !slices.ContainsFunc(m.knownTo, func(v uint16) bool { return v != stillKnown })
	for _, p := range []struct {
		f *writer
		b []byte
	}{{w.offsets, bytesOf(m.rows)}, {w.from, bytesOf(m.knownFrom)}, {w.to, bytesOf(m.knownTo)}} {
		if _, err := p.f.Write(p.b); err != nil {
			return err
		}
	}
	return nil
}

// finish completes the files. Version columns that say the same of every row
// are left out.
func (w *tableFiles) finish(l *layout) error {
	for i, f := range l.fields {
		if err := w.b.finish(w.dir+f.v.ID+".seg", w.columns[i]); err != nil {
			return err
		}
	}
	if err := w.b.finish(w.dir+"offset.seg", w.offsets); err != nil {
		return err
	}
	for _, k := range []struct {
		f     *writer
		name  string
		plain bool
	}{{w.from, knownFromFile, w.plainNow}, {w.to, knownToFile, w.plainEnd}} {
		if !k.plain {
			if err := w.b.finish(w.dir+k.name, k.f); err != nil {
				return err
			}
			continue
		}
		k.f.abandon()
		if err := os.Remove(k.f.f.Name()); err != nil {
			return err
		}
	}
	return nil
}

func (w *tableFiles) abandon() {
	for _, f := range append(slices.Clone(w.columns), w.from, w.to, w.offsets) {
		if f != nil {
			f.abandon()
		}
	}
}

// rereadSegment reads a file from disk and returns the hash and size of the
// whole, and the sum of the values after the header.
func rereadSegment(ctx context.Context, path string) (sum canon.Hash, n int64, crc uint32, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, 0, err
	}
	defer f.Close()
	h, c := sha256.New(), crc32.New(castagnoli)
	head := make([]byte, segmentHeader)
	if _, err := io.ReadFull(f, head); err != nil {
		return "", 0, 0, err
	}
	h.Write(head)
	n = segmentHeader
	buf := make([]byte, 128<<10)
	for {
		if err := ctx.Err(); err != nil {
			return "", n, 0, err
		}
		k, err := f.Read(buf)
		h.Write(buf[:k])
		c.Write(buf[:k])
		n += int64(k)
		if err == io.EOF {
			return canon.Hash(hex.EncodeToString(h.Sum(nil))), n, c.Sum32(), nil
		}
		if err != nil {
			return "", n, 0, err
		}
	}
}

// inParallel calls f for 0 … n−1, at most workers at a time, until one fails.
func inParallel(ctx context.Context, workers, n int, f func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for i := range n {
		g.Go(func() error { return f(ctx, i) })
	}
	return g.Wait()
}

// inOrder makes 0 … n−1 with up to workers at a time and uses the results in
// order. At most workers + 1 results wait.
func inOrder[T any](ctx context.Context, workers, n int, make1 func(i int) (T, error), use func(T) error) error {
	type result struct {
		v   T
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan result, workers)
	var made errgroup.Group
	made.Go(func() error {
		defer close(queue)
		for i := range n {
			ch := make(chan result, 1)
			select {
			case queue <- ch:
			case <-ctx.Done():
				return nil
			}
			made.Go(func() error {
				v, err := make1(i)
				ch <- result{v, err}
				return nil
			})
		}
		return nil
	})
	defer made.Wait()
	for ch := range queue {
		r := <-ch
		if r.err == nil {
			r.err = ctx.Err()
		}
		if r.err == nil {
			r.err = use(r.v)
		}
		if r.err != nil {
			cancel()
			return r.err
		}
	}
	return ctx.Err()
}

func addAtomic(p *int64, n int64) int64 { return atomic.AddInt64(p, n) }
