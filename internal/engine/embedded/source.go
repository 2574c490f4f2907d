package embedded

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/register"
	"sluss/internal/register/cells"
)

// Source is a snapshot as the engine reads it: columns in memory, sorted by
// person. [Of] makes one of a stored snapshot; tests make their own.
type Source struct {
	ID      string
	Day     day.Day // open rows are observed up to, not including, this day
	Persons int
	Birth   func(person uint32) (d day.Day, ok bool)
	Table   func(id string) *Table // nil when there is none
}

// Table is one table of a source. The rows of a person are [lo, hi) of every
// column, by first day and row number.
type Table struct {
	Rows func(person uint32) (lo, hi int)
	// Known reports whether a row version was known at the snapshot; nil when
	// all of them were.
	Known   func(i int) bool
	Columns map[string]*Column
}

// Column is one variable. The one column of cells that is not nil holds it; what
// stands for a missing value is as in package register.
type Column struct {
	Days    *cells.Column[day.Day]
	Int32s  *cells.Column[int32]
	Int64s  *cells.Column[int64]
	Extents *cells.Column[uint16] // per mille
	Persons *cells.Column[uint32]
	Codes   *cells.Column[uint16]
	Dict    []string // of Codes, in bytewise order; Dict[0] is ""
}

// Plain is a column as it is put together in memory; the one slice that is not nil
// holds it.
type Plain struct {
	Days    []day.Day
	Int32s  []int32
	Int64s  []int64
	Extents []uint16
	Persons []uint32
	Codes   []uint16
	Dict    []string
}

// Column returns the column where it stands.
func (p *Plain) Column() *Column {
	return &Column{
		Days: cellsOf(p.Days), Int32s: cellsOf(p.Int32s), Int64s: cellsOf(p.Int64s), Extents: cellsOf(p.Extents), Persons: cellsOf(p.Persons),
		Codes: cellsOf(p.Codes), Dict: p.Dict,
	}
}

func cellsOf[T cells.Cell](vals []T) *cells.Column[T] {
	if vals == nil {
		return nil
	}
	return cells.Of(vals)
}

// Missing values.
const (
	noDay    = register.NoDay
	noInt32  = register.NoInt32
	noInt64  = register.NoInt64
	noExtent = register.NoExtent
	noPerson = register.NoPerson
)

// Of returns the source that s is, as it was known at its own load.
func Of(s *register.Snapshot) *Source {
	ids := s.Identity()
	tables := map[string]*Table{}
	for _, t := range s.Tables() {
		tables[t.ID()] = tableOf(t, s.Load())
	}
	return &Source{
		ID: s.ID(), Day: s.LoadedAt(), Persons: s.Persons(),
		Birth: func(p uint32) (day.Day, bool) { d := ids.Birth(p); return d, d != noDay },
		Table: func(id string) *Table { return tables[id] },
	}
}

func tableOf(t *register.Table, load int) *Table {
	out := &Table{Rows: t.Rows, Columns: map[string]*Column{}}
	if v := t.Visible(load); !v.All() {
		out.Known = v.Row
	}
	for _, c := range t.Columns() {
		n := &Column{}
		switch c.Type() {
		case register.TypeDay:
			n.Days = c.Days()
		case register.TypeInt32:
			n.Int32s = c.Int32s()
		case register.TypeInt64:
			n.Int64s = c.Int64s()
		case register.TypeCode:
			n.Codes, n.Dict = c.Codes(), c.Dict()
		case register.TypeExtent:
			n.Extents = c.Extents()
		case register.TypePerson:
			n.Persons = c.Persons()
		}
		out.Columns[c.Variable()] = n
	}
	return out
}

// null is the missing value of int64 cells.
const null = noInt64

// value returns cell i as a number: days since 1970, per mille, öre, an index
// in Dict, a person's index.
func (c *Column) value(i int) int64 {
	switch {
	case c.Codes != nil:
		if v := c.Codes.At(i); v != 0 {
			return int64(v)
		}
	case c.Days != nil:
		if v := c.Days.At(i); v != noDay {
			return int64(v)
		}
	case c.Int32s != nil:
		if v := c.Int32s.At(i); v != noInt32 {
			return int64(v)
		}
	case c.Extents != nil:
		if v := c.Extents.At(i); v != noExtent {
			return int64(v)
		}
	case c.Persons != nil:
		if v := c.Persons.At(i); v != noPerson {
			return int64(v)
		}
	default:
		return c.Int64s.At(i)
	}
	return null
}

// same reports whether rows i and j hold the same in every column of cols.
func same(cols []*Column, i, j int) bool {
	for _, c := range cols {
		if c.value(i) != c.value(j) {
			return false
		}
	}
	return true
}

// byRole returns the variable and column with a role, nil where there is none.
func (t *Table) byRole(c *catalog.Table, r catalog.Role) *Column {
	if v := c.ByRole(r); v != nil {
		return t.Columns[v.ID]
	}
	return nil
}
