package register

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/register/cells"
)

// LoadOf returns the ordinal and day of a load, also of one whose snapshot has
// been dropped. A name that the store has never had is a fault of class Input.
func LoadOf(store, id string) (load int, at day.Day, err error) {
	m, err := find(store, id)
	if err == nil {
		return m.Load, m.LoadedAt, nil
	}
	gone, e := DroppedFrom(store)
	if e != nil {
		return 0, 0, e
	}
	if d, ok := gone[id]; ok {
		return d.Load, d.LoadedAt, nil
	}
	return 0, 0, err
}

// Since tells what has become of the rows of one person between an earlier load
// of the same line and this table's own.
type Since struct {
	table     *Table
	then, now View
	keys      *cells.Column[int64]
	from, tom *cells.Column[day.Day]
}

// Since compares with the load then; ok is false for a table whose rows have
// no number of their own.
func (t *Table) Since(then, now int) (s Since, ok bool) {
	number := t.ByRole(catalog.RoleRowID)
	if number == nil {
		return s, false
	}
	s = Since{table: t, then: t.Visible(then), now: t.Visible(now), keys: number.Int64s()}
	if c := t.ByRole(catalog.RoleFrom); c != nil {
		s.from = c.Days()
	}
	if c := t.ByRole(catalog.RoleTom); c != nil {
		s.tom = c.Days()
	}
	return s, true
}

// Count counts a person's rows that touch [from, to): new ones, ones with
// another content, and ones that are gone. A row that has come into the period,
// or gone out of it, is new or gone.
func (s Since) Count(person uint32, from, to day.Day) (added, corrected, deleted int64) {
	lo, hi := s.table.Rows(person)
	before := map[int64]bool{}
	for i := lo; i < hi; i++ {
		if s.then.Row(i) && s.touches(i, from, to) && !s.now.Row(i) {
			before[s.keys.At(i)] = true
		}
	}
	for i := lo; i < hi; i++ {
		if !s.now.Row(i) || s.then.Row(i) || !s.touches(i, from, to) {
			continue
		}
		if before[s.keys.At(i)] {
			corrected++
			delete(before, s.keys.At(i))
		} else {
			added++
		}
	}
	return added, corrected, int64(len(before))
}

// touches reports whether row i has a day in [from, to); rows without days do.
func (s Since) touches(i int, from, to day.Day) bool {
	if s.from == nil {
		return true
	}
	first := s.from.At(i)
	if first == NoDay {
		return true
	}
	last := first
	if s.tom != nil {
		last = day.Open
		if d := s.tom.At(i); d != NoDay {
			last = d
		}
	}
	return first < to && from <= last
}
