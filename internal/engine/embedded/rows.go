package embedded

import (
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/plan"
	"sluss/internal/register/cells"
)

// rowReader knows which row versions of a table count: known at the snapshot,
// usable, and let through by the row filters.
type rowReader struct {
	id      canon.Hash // of the pass
	src     *Table
	tests   []rowTest
	from    *cells.Column[day.Day]
	tom     *cells.Column[day.Day]
	oneDay  bool // rows have a first day only and cover that day
	extent  *cells.Column[uint16]
	amount  *cells.Column[int64]
	benefit *cells.Column[uint16]
	known   []benefit // by code of benefit
	kind    *cells.Column[uint16]
	reverse []bool    // by code of kind
	content []*Column // every column but the row number, those that are read of every row first
	near    nearby    // those that are read of every row
}

// benefit is what a code of the benefit column means.
type benefit struct {
	listed bool
	group  int // place among the register's spell groups, −1 for none
	rank   uint8
	topUp  episode.TopUp
}

// rowTest is a row filter on one column.
type rowTest struct {
	col   *Column
	codes []bool // by code; nil for other columns
	test  *plan.Test
}

func (t *rowTest) keep(i int) bool {
	if t.codes != nil {
		return t.codes[t.col.Codes.At(i)]
	}
	if v := t.col.value(i); v != null {
		return t.test.Number(v)
	}
	return t.test.Null()
}

func (p *program) compileRows(e *plan.Extract, reg *catalog.Register, table *catalog.Table, where []plan.Filter) (*rowReader, error) {
	src := p.src.Table(e.Table)
	r := &rowReader{src: src}
	for _, f := range where {
		if f.Stage != plan.StageRow {
			continue
		}
		v := table.Variable(f.Var)
		if v == nil || !v.Stored() || src.Columns[v.ID] == nil || v.Kind == catalog.KindPerson {
			return nil, refuse(e, "row_filter", "Variabeln finns inte på raderna.", "The variable is not on the rows.")
		}
		test, err := f.Compile(v.Kind)
		if err != nil {
			return nil, refuse(e, "row_filter", "Filtret går inte att läsa.", "The filter cannot be read.").Because(err)
		}
		r.tests = append(r.tests, newRowTest(src.Columns[v.ID], v, test))
	}
	var rest []*Column // told apart by what is at hand anyway, few rows need them
	for i := range table.Variables {
		v := &table.Variables[i]
		c := src.Columns[v.ID]
		if !v.Stored() || v.Role == catalog.RolePerson {
			continue
		}
		if c == nil {
			if v.Optional {
				continue // of a load before the catalogue had it
			}
			return nil, refuse(e, "no_column", "Ögonblicksbilden saknar en kolumn.", "The snapshot lacks a column.")
		}
		switch v.Role {
		case catalog.RoleRowID:
		case catalog.RoleTom, catalog.RoleKind, catalog.RoleAmount, catalog.RoleExtent, catalog.RoleBenefit:
			r.content = append(r.content, c)
		default:
			rest = append(rest, c)
		}
		r.useRole(v.Role, c)
	}
	r.content = append(r.content, rest...)
	near(&r.near, r.from)
	near(&r.near, r.tom)
	near(&r.near, r.extent)
	near(&r.near, r.amount)
	near(&r.near, r.benefit)
	near(&r.near, r.kind)
	r.oneDay = r.from != nil && table.ByRole(catalog.RoleTom) == nil
	if c := src.byRole(table, catalog.RoleKind); c != nil {
		r.reverse = make([]bool, len(c.Dict))
		for i, t := range c.Dict {
			r.reverse[i] = t == "rev"
		}
	}
	if c := src.byRole(table, catalog.RoleBenefit); c != nil {
		r.known = make([]benefit, len(c.Dict))
		for i, t := range c.Dict {
			r.known[i].group = -1
			if b := reg.Benefit(t); b != nil {
				r.known[i] = benefit{true, groupPlace(reg, b.Group), uint8(min(b.Rank, 255)), episode.TopUp{MaxPerNetDay: int32(b.TopUpMaxSEK)}}
			}
		}
	}
	return r, nil
}

func (r *rowReader) useRole(role catalog.Role, c *Column) {
	switch role {
	case catalog.RoleFrom:
		r.from = c.Days
	case catalog.RoleTom:
		r.tom = c.Days
	case catalog.RoleExtent:
		r.extent = c.Extents
	case catalog.RoleAmount:
		r.amount = c.Int64s
	case catalog.RoleBenefit:
		r.benefit = c.Codes
	case catalog.RoleKind:
		r.kind = c.Codes
	}
}

func groupPlace(reg *catalog.Register, id string) int {
	for i := range reg.SpellGroups {
		if reg.SpellGroups[i].ID == id {
			return i
		}
	}
	return -1
}

func newRowTest(c *Column, v *catalog.Variable, test *plan.Test) rowTest {
	t := rowTest{col: c, test: test}
	if v.Kind == catalog.KindCode {
		t.codes = make([]bool, len(c.Dict))
		for i, text := range c.Dict {
			if i == 0 {
				t.codes[i] = test.Null()
			} else {
				t.codes[i] = test.Code(text)
			}
		}
	}
	return t
}

// extents marks the six extents of the law per mille, and is what makes an
// extent known.
var extents = func() (ok [episode.Full + 1]bool) {
	for _, e := range []uint16{0, 125, 250, 500, 750, 1000} {
		ok[e] = true
	}
	return ok
}()

func known(extent uint16) bool { return extent <= episode.Full && extents[extent] }

// counts reports whether row i was known and passes the filters.
func (r *rowReader) counts(i int) bool {
	if r.src.Known != nil && !r.src.Known(i) {
		return false
	}
	for k := range r.tests {
		if !r.tests[k].keep(i) {
			return false
		}
	}
	return true
}
