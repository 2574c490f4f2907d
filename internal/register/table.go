package register

import (
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"sluss/internal/catalog"
	"sluss/internal/register/cells"
)

// Table is one table of a snapshot: columns of equal length, sorted by person
// and within a person by first day and row number.
type Table struct {
	man       *TableManifest
	persons   int
	offsets   []uint64
	columns   []*Column
	knownFrom *cells.Column[uint16] // nil: every version since load 1
	knownTo   *cells.Column[uint16] // nil: no version is closed
}

func openTable(s *Snapshot, m *TableManifest) (*Table, error) {
	t := &Table{man: m, persons: s.manifest.Persons}
	dir := "tables/" + m.ID + "/"
	g, err := s.segment(dir+"offset.seg", 8, t.persons+1)
	if err != nil {
		return nil, err
	}
	t.offsets = view[uint64](g)
	for i := range m.Columns {
		c := &m.Columns[i]
		g, err := s.narrow(dir+c.Variable+".seg", c.Type.numbers(), m.Rows)
		if err != nil {
			return nil, err
		}
		t.columns = append(t.columns, openColumn(c, g))
	}
	for _, k := range []struct {
		name string
		into **cells.Column[uint16]
	}{{knownFromFile, &t.knownFrom}, {knownToFile, &t.knownTo}} {
		if !slices.ContainsFunc(s.manifest.Files, func(f FileEntry) bool { return f.Path == dir+k.name }) {
			continue
		}
		g, err := s.narrow(dir+k.name, loads{}, m.Rows)
		if err != nil {
			return nil, err
		}
		*k.into = cells.In[uint16](g.data, g.width, g.count)
	}
	return t, nil
}

// Files of the version columns. They are left out where every row has the
// same value; the leading underscore keeps them apart from variables.
const (
	knownFromFile = "_known_from.seg"
	knownToFile   = "_known_to.seg"
)

// ID returns the table's id in the catalogue.
func (t *Table) ID() string { return t.man.ID }

// Len returns the number of row versions.
func (t *Table) Len() int { return t.man.Rows }

// Rows returns the row versions [lo, hi) of a person.
func (t *Table) Rows(person uint32) (lo, hi int) {
	return int(t.offsets[person]), int(t.offsets[person+1])
}

// Columns returns the stored columns in the order of the catalogue. The person
// is no column: it is the index that [Table.Rows] takes.
func (t *Table) Columns() []*Column { return t.columns }

// Column returns the column of the variable called id, nil when there is none.
func (t *Table) Column(id string) *Column {
	for _, c := range t.columns {
		if c.man.Variable == id {
			return c
		}
	}
	return nil
}

// ByRole returns the first column with role r, nil when there is none.
func (t *Table) ByRole(r catalog.Role) *Column {
	for _, c := range t.columns {
		if c.man.Role == r {
			return c
		}
	}
	return nil
}

// View chooses the row versions that were known at one load.
type View struct {
	load     uint16
	from, to *cells.Column[uint16]
}

// Visible returns the view of the table as it was known at a load, from 1 to
// the snapshot's own.
func (t *Table) Visible(load int) View {
	return View{uint16(load), t.knownFrom, t.knownTo}
}

// All reports whether the view holds every row version, so that [View.Row]
// need not be asked.
func (v View) All() bool { return v.from == nil && v.to == nil }

// Row reports whether version i was known.
func (v View) Row(i int) bool {
	return (v.from == nil || v.from.At(i) <= v.load) && (v.to == nil || v.load < v.to.At(i))
}

// reconcile checks what hashes cannot: that offsets divide the rows, that
// codes and persons exist, and that the live versions are as many as stated.
func (t *Table) reconcile() error {
	if !slices.IsSorted(t.offsets) || t.offsets[0] != 0 || t.offsets[t.persons] != uint64(t.man.Rows) {
		return fmt.Errorf("offsets do not divide %d rows", t.man.Rows)
	}
	var g errgroup.Group
	g.SetLimit(2)
	for _, c := range t.columns {
		g.Go(func() error { return t.reconcileColumn(c) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	live := t.man.Rows
	if t.knownTo != nil {
		for part := range t.knownTo.Parts() {
			for _, to := range part {
				if to != stillKnown {
					live--
				}
			}
		}
	}
	if live != t.man.Live {
		return fmt.Errorf("%d live rows, the manifest says %d", live, t.man.Live)
	}
	return nil
}

// reconcileColumn checks that codes and persons exist.
func (t *Table) reconcileColumn(c *Column) error {
	switch c.Type() {
	case TypeCode:
		most, there, missing := cells.Greatest(c.Codes())
		if missing || there && int(most) >= len(c.man.Codes) {
			return fmt.Errorf("column %s holds a code outside its dictionary", c.Variable())
		}
	case TypePerson:
		if most, there, _ := cells.Greatest(c.Persons()); there && int(most) >= t.persons {
			return fmt.Errorf("column %s holds a person outside the snapshot", c.Variable())
		}
	}
	return nil
}
