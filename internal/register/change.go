package register

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/fault"
)

// A change file says what has become of a table since the last load instead of
// saying everything again. A folder of changes has
//
//	TABLE.parquet           rows that are new, and rows with another content, whole
//	TABLE.deleted.parquet   rows that are gone: person, row number, and the days that
//	                        tell whose a reused identity number was
//	person, identity, …     the identity register, all of it, where it has changed
//
// What is not named stays as it was. The snapshot that comes out holds the same
// bytes as one that is loaded from all rows: only the way there is shorter. Files
// in which nothing changes are shared with the snapshot before (hard links).

// deletedMark stands in the names of files of deleted rows.
const deletedMark = ".deleted"

// ReasonUnknownRow is counted for a deleted row that is not known.
const ReasonUnknownRow = "unknown_row"

// chooseChanged decides which tables there are: those of the snapshot before.
func (b *builder) chooseChanged() error {
	if b.parent == nil {
		return fault.New("register.no_parent", "Lagret har ingen ögonblicksbild som ändringarna kan läggas till.", "The store has no snapshot that the changes could be added to.").
			Do("Läs först in allt, utan --changes.", "Load everything first, without --changes.")
	}
	b.tables = nil
	for i := range b.o.Catalogue.Registers {
		for k := range b.o.Catalogue.Registers[i].Tables {
			t := &b.o.Catalogue.Registers[i].Tables[k]
			old := b.parent.Table(t.ID)
			switch {
			case old == nil && (b.there(t.ID) || b.there(t.ID+deletedMark)):
				return unknownFile(t.ID)
			case old == nil:
				continue
			case !sameColumns(newLayout(t), old):
				return changedTable(t.ID, "")
			}
			b.tables = append(b.tables, t)
		}
	}
	if len(b.tables) != len(b.parent.manifest.Tables) {
		return changedTable("", "")
	}
	return nil
}

// sameColumns reports whether a table is stored as the catalogue has it now.
func sameColumns(l *layout, t *Table) bool {
	if len(l.fields) != len(t.columns) {
		return false
	}
	for i, f := range l.fields {
		c := t.columns[i].man
		if c.Variable != f.v.ID || c.Kind != f.v.Kind || c.Role != f.v.Role || c.Type != f.typ {
			return false
		}
	}
	return true
}

// buildChanges is build for a folder of changes.
func (b *builder) buildChanges(ctx context.Context) error {
	srcs, err := b.openChanges()
	defer func() {
		for _, s := range srcs {
			s.close()
		}
	}()
	if err != nil {
		return err
	}
	return b.whileHashing(ctx, srcs, func() error { return b.loadChanges(ctx, srcs) })
}

func (b *builder) loadChanges(ctx context.Context, srcs []*source) (err error) {
	by := map[string]*source{}
	for _, s := range srcs {
		by[strings.TrimSuffix(s.name, ".parquet")] = s
	}
	if by[identitySources[0]] != nil {
		err = b.loadIdentity(ctx, srcs)
	} else {
		err = b.inheritIdentity()
	}
	if err != nil {
		return err
	}
	for _, t := range b.tables {
		if by[t.ID] != nil && slices.Contains(identitySources[:], t.ID) {
			err = b.loadTable(ctx, t, by[t.ID]) // the identity register comes whole
		} else {
			err = b.changeTable(ctx, t, by[t.ID], by[t.ID+deletedMark])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// openChanges opens what the folder has: the identity register first, the
// organisations last.
func (b *builder) openChanges() (list []*source, err error) {
	open := func(name string, want []catalog.Variable) {
		if err == nil {
			var s *source
			if s, err = openSource(b.o.From, name+".parquet", want); s != nil {
				list = append(list, s)
			}
		}
	}
	whole := slices.ContainsFunc(identitySources[:], b.there) || b.there(organisationSource)
	if whole {
		for _, name := range identitySources {
			open(name, b.o.Catalogue.Files[name].Columns)
		}
	}
	for _, t := range b.tables {
		if slices.Contains(identitySources[:], t.ID) {
			if whole {
				open(t.ID, newLayout(t).wanted())
			}
			continue
		}
		if b.there(t.ID) {
			open(t.ID, newLayout(t).wanted())
		}
		if b.there(t.ID + deletedMark) {
			open(t.ID+deletedMark, newLayout(keysOf(t)).wanted())
		}
	}
	if whole && (b.there(organisationSource) || b.parent.manifest.Organisations > 0) {
		open(organisationSource, b.o.Catalogue.Files[organisationSource].Columns)
		b.organisations = true
	}
	return list, err
}

// keysOf is a table with what a deleted row is known by.
func keysOf(t *catalog.Table) *catalog.Table {
	out := *t
	out.Variables = nil
	for _, v := range t.Variables {
		switch v.Role {
		case catalog.RolePerson, catalog.RoleRowID, catalog.RoleFrom, catalog.RolePaid, catalog.RoleTx:
			v.Nullable = v.Role != catalog.RoleRowID
			out.Variables = append(out.Variables, v)
		}
	}
	return &out
}

// inheritIdentity takes the identity register of the snapshot before.
func (b *builder) inheritIdentity() error {
	p := &b.parent.manifest
	b.ids = b.parent.identity
	b.m.Persons, b.m.Organisations, b.m.Numbers, b.m.Relations, b.m.Rejected = p.Persons, p.Organisations, p.Numbers, p.Relations, p.Rejected
	for _, f := range identityFiles() {
		if err := b.inherit("identity/" + f.name + ".seg"); err != nil {
			return err
		}
	}
	return nil
}

// inherit shares a file with the snapshot before, or copies it where the two
// cannot share.
func (b *builder) inherit(path string) error {
	at := slices.IndexFunc(b.parent.manifest.Files, func(f FileEntry) bool { return f.Path == path })
	if at < 0 {
		return damaged(b.parent.ID(), path, errors.New("it is not in the manifest"))
	}
	entry := b.parent.manifest.Files[at]
	from, to := filepath.Join(b.parent.dir, filepath.FromSlash(path)), filepath.Join(b.dir, filepath.FromSlash(path))
	if err := b.o.check("inherit"); err != nil {
		return err
	}
	if err := os.Link(from, to); err != nil {
		if err := copyFile(from, to); err != nil {
			return err
		}
		if sum, n, err := hashFile(context.Background(), to, func(int) {}); err != nil || sum != entry.SHA256 || n != entry.Bytes {
			return damaged(b.parent.ID(), path, err)
		}
	}
	b.inherited = append(b.inherited, entry)
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// changeTable writes a table as the changes make it of the one before.
func (b *builder) changeTable(ctx context.Context, t *catalog.Table, rows, gone *source) error {
	l := newLayout(t)
	if rows != nil {
		if err := b.nothingGone(l, rows); err != nil {
			return err
		}
	}
	reg, _ := b.o.Catalogue.Table(t.ID)
	m := &merger{l: l, ids: b.ids, load: uint16(b.m.Load), fromBook: make([][]uint16, len(l.fields))}
	man := TableManifest{ID: t.ID, Counts: Counts{Quarantined: map[string]int64{}}}
	var err error
	if m.parent, err = newParent(b.parent.Table(t.ID), b.parent, l, b.ids); err != nil {
		return err
	}
	recs, err := b.changedRows(ctx, m, reg, rows, &man)
	if err != nil {
		return err
	}
	keys, err := b.deletedRows(ctx, t, gone, &man)
	if err != nil {
		return err
	}
	p, err := m.patch(ctx, b.o.Workers, b.o.bucketRows, recs, keys)
	if err != nil {
		return err
	}
	man.Counts.add(&p.counts)
	if err := man.Counts.reconcileChange(); err != nil {
		return err
	}
	old := m.parent.table
	man.Rows, man.Live = old.man.Rows+len(p.inserts), old.man.Live+len(p.inserts)-len(p.closes)
	if err := b.patchTable(ctx, m, p, &man); err != nil {
		return err
	}
	b.m.Tables = append(b.m.Tables, man)
	return nil
}

// changedRows reads new and changed rows, sorted by person, and gives the
// columns their codes.
func (b *builder) changedRows(ctx context.Context, m *merger, reg *catalog.Register, s *source, man *TableManifest) ([]byte, error) {
	books := make([]*codeBook, len(m.l.fields))
	for i, f := range m.l.fields {
		if f.typ == TypeCode {
			books[i] = newCodeBook(closedSet(b.o.Catalogue, reg, &f.v))
		}
	}
	recs, err := b.readAll(ctx, s, m.l, books, man)
	if err != nil {
		return nil, err
	}
	for i, f := range m.l.fields {
		c := ColumnManifest{Variable: f.v.ID, Kind: f.v.Kind, Role: f.v.Role, Type: f.typ}
		if f.typ == TypeCode {
			var ok bool
			if c.Codes, m.fromBook[i], m.parent.fromParent[i], ok = books[i].final(m.parent.columns[i].Dict()); !ok {
				return nil, tooManyCodes(s.name, f.v.Source)
			}
		}
		man.Columns = append(man.Columns, c)
	}
	m.translate(recs)
	return recs, nil
}

// deletedRows reads what is gone, in order and once each.
func (b *builder) deletedRows(ctx context.Context, t *catalog.Table, s *source, man *TableManifest) ([]rowID, error) {
	l := newLayout(keysOf(t))
	recs, err := b.readAll(ctx, s, l, make([]*codeBook, len(l.fields)), man)
	if err != nil {
		return nil, err
	}
	out := make([]rowID, 0, len(recs)/l.size)
	for at := 0; at < len(recs); at += l.size {
		r := record(recs[at : at+l.size])
		out = append(out, rowID{r.person(), l.rowKey(r)})
	}
	slices.SortFunc(out, rowID.compare)
	named := len(out)
	out = slices.Compact(out)
	man.Counts.Duplicates += int64(named - len(out))
	return out, nil
}

// readAll reads a source into memory, sorted by person; nil without one.
func (b *builder) readAll(ctx context.Context, s *source, l *layout, books []*codeBook, man *TableManifest) ([]byte, error) {
	if s == nil {
		return nil, nil
	}
	man.Counts.Source += s.rows()
	bk := newBuckets(b.ids.Len(), s.rows(), b.o.bucketRows, l, b.o.Memory, filepath.Join(b.dir, "spill"), b.o.check)
	defer bk.discard()
	var done int64
	sum, err := scatter(ctx, s, l, b.ids, books, bk, uint16(b.m.Load), b.o.Workers, func(n int) {
		b.o.Progress(Progress{man.ID, addAtomic(&done, int64(n)), s.rows()})
	})
	if err != nil {
		return nil, err
	}
	for i, n := range sum {
		if i != int(good) && n > 0 {
			man.Counts.Quarantined[reasons[i]] += n
		}
	}
	var out []byte
	for k := range bk.list {
		recs, err := bk.take(k)
		if err != nil {
			return nil, err
		}
		out = append(out, recs...)
	}
	return out, nil
}

// reconcileChange checks that every row of the change files is accounted for.
func (c *Counts) reconcileChange() error {
	n := c.Added + c.Changed + c.Unchanged + c.Duplicates + c.Removed
	for _, q := range c.Quarantined {
		n += q
	}
	if n != c.Source {
		return errors.New("register: rows of changes read and rows accounted for differ")
	}
	return nil
}
