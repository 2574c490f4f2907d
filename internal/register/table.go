package register

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Table is one table of a snapshot: columns of equal length, sorted by person
// and within a person by first day and row number.
type Table struct {
	man       *TableManifest
	persons   int
	offsets   []uint64
	columns   []*Column
	knownFrom []uint16 // nil: every version since load 1
	knownTo   []uint16 // nil: no version is closed
}

// Column is one stored variable. Exactly one of its slice methods may be
// called, the one of its [Type]; another panics.
type Column struct {
	man *ColumnManifest
	seg *segment
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
		c := &Column{man: &m.Columns[i]}
		if c.seg, err = s.segment(dir+c.man.Variable+".seg", c.man.Type.width(), m.Rows); err != nil {
			return nil, err
		}
		t.columns = append(t.columns, c)
	}
	for _, k := range []struct {
		name string
		into *[]uint16
	}{{knownFromFile, &t.knownFrom}, {knownToFile, &t.knownTo}} {
		if !slices.ContainsFunc(s.manifest.Files, func(f FileEntry) bool { return f.Path == dir+k.name }) {
			continue
		}
		g, err := s.segment(dir+k.name, 2, m.Rows)
		if err != nil {
			return nil, err
		}
		*k.into = view[uint16](g)
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
	from, to []uint16
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
	return (v.from == nil || v.from[i] <= v.load) && (v.to == nil || v.load < v.to[i])
}

// Variable returns the variable's id.
func (c *Column) Variable() string { return c.man.Variable }

// Kind returns the variable's kind.
func (c *Column) Kind() catalog.Kind { return c.man.Kind }

// Role returns the variable's role, empty for an attribute.
func (c *Column) Role() catalog.Role { return c.man.Role }

// Type returns how values lie in the column and which slice method fits.
func (c *Column) Type() Type { return c.man.Type }

// Days returns a column of type day. Missing is [NoDay].
func (c *Column) Days() []day.Day { return typed[day.Day](c, TypeDay) }

// Int32s returns a column of type int32. Missing is [NoInt32].
func (c *Column) Int32s() []int32 { return typed[int32](c, TypeInt32) }

// Int64s returns a column of type int64. Missing is [NoInt64].
func (c *Column) Int64s() []int64 { return typed[int64](c, TypeInt64) }

// Codes returns a column of codes as indexes into [Column.Dict]. Missing is 0.
func (c *Column) Codes() []uint16 { return typed[uint16](c, TypeCode) }

// Extents returns a column of extents per mille. Missing is [NoExtent].
func (c *Column) Extents() []uint16 { return typed[uint16](c, TypeExtent) }

// Persons returns a column of other persons. Missing is [NoPerson].
func (c *Column) Persons() []uint32 { return typed[uint32](c, TypePerson) }

// Dict returns the texts of a column of codes: Dict()[0] is the empty text of
// a missing value, the rest are in bytewise order.
func (c *Column) Dict() []string { return c.man.Codes }

// Code returns the index of a text in the dictionary.
func (c *Column) Code(text string) (code uint16, ok bool) {
	i, ok := slices.BinarySearch(c.man.Codes, text)
	return uint16(i), ok
}

func typed[T fixed](c *Column, want Type) []T {
	if c.man.Type != want {
		panic(fmt.Sprintf("register: column %s is %s, not %s", c.man.Variable, c.man.Type, want))
	}
	return view[T](c.seg)
}

// reconcile checks what hashes cannot: that offsets divide the rows, that
// codes and persons exist, and that the live versions are as many as stated.
func (t *Table) reconcile() error {
	if !slices.IsSorted(t.offsets) || t.offsets[0] != 0 || t.offsets[t.persons] != uint64(t.man.Rows) {
		return fmt.Errorf("offsets do not divide %d rows", t.man.Rows)
	}
	for _, c := range t.columns {
		switch c.Type() {
		case TypeCode:
			for _, v := range c.Codes() {
				if int(v) >= len(c.man.Codes) {
					return fmt.Errorf("column %s holds a code outside its dictionary", c.Variable())
				}
			}
		case TypePerson:
			for _, v := range c.Persons() {
				if v != NoPerson && int(v) >= t.persons {
					return fmt.Errorf("column %s holds a person outside the snapshot", c.Variable())
				}
			}
		}
	}
	live := t.man.Rows
	for _, to := range t.knownTo {
		if to != stillKnown {
			live--
		}
	}
	if live != t.man.Live {
		return fmt.Errorf("%d live rows, the manifest says %d", live, t.man.Live)
	}
	return nil
}
