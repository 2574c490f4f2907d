package plan

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
)

// Proposed is the extract that takes all that a decided row gives, as fine as
// it gives it: where a plan begins, and what a synthetic twin has before there
// is a plan. The file is in the first of the formats. ok is false where the row
// names no table or no period yet.
func Proposed(r Row, formats []string, cat *catalog.Catalogue) (e Extract, ok bool) {
	reg, table := cat.Table(r.Table)
	if table == nil || r.Period == nil {
		return e, false
	}
	shape := r.Shape
	if shape == "" {
		shape = table.Shapes[0]
	}
	e = Extract{
		Name: r.Table, Table: r.Table, Shape: ShapeOf(shape, GapOf(r, reg)), Where: KeepBenefits(slices.Clone(r.Where), table, r.Benefits),
		Window: Window{From: Bound{Date: r.Period.From}, To: Bound{Date: r.Period.To}}, Output: Output{File: r.Table, Format: "csv"},
	}
	if len(formats) > 0 {
		e.Output.Format = formats[0]
	}
	if r.Around != nil {
		e.Window = *r.Around
	}
	if shape == catalog.ShapeLayout {
		e.Columns = LayoutColumns(table, r)
		return e, true
	}
	if person := table.ByRole(catalog.RolePerson); person != nil {
		e.Columns = append(e.Columns, Column{Name: person.ID})
	}
	for _, b := range r.Variables {
		v := table.Variable(b.ID)
		if v == nil || v.Role == catalog.RolePerson || !v.Allows(shape) {
			continue
		}
		if tellsWholeSpell(v) {
			e.History = HistoryReveal
		}
		e.Columns = append(e.Columns, ColumnAt(b.ID, b.Level))
	}
	return e, true
}

// LayoutColumns are the columns of the table's own layout, all of them, in its
// order and under its names. A column whose variable the row does not give is
// there without values.
func LayoutColumns(table *catalog.Table, r Row) []Column {
	var out []Column
	for _, l := range table.Layout {
		v := table.Variable(l.Variable)
		c := Column{Name: l.Variable}
		i := slices.IndexFunc(r.Variables, func(b VariableBound) bool { return b.ID == l.Variable })
		switch {
		case i >= 0:
			c = ColumnAt(l.Variable, r.Variables[i].Level)
		case v.Role != catalog.RolePerson && v.Derive != FnAbsent:
			c.Derive = &Derive{Fn: FnAbsent}
		}
		if l.Name != c.Name {
			c.As = l.Name
		}
		out = append(out, c)
	}
	return out
}

// ColumnAt is the column of a variable at a level, "" = as the catalogue has it.
func ColumnAt(id, level string) Column {
	c := Column{Name: id}
	if level != "" {
		c.Coarsen = &Coarsen{To: level}
	}
	return c
}

// ShapeOf is a shape of the catalogue as a specification has it, with the gap
// that joins where it is spells.
func ShapeOf(s catalog.Shape, gap int) Shape {
	switch s {
	case catalog.ShapeSpell:
		return Shape{Spell: &SpellShape{MaxGapDays: gap}}
	case catalog.ShapePanelDay, catalog.ShapePanelWeek, catalog.ShapePanelMonth, catalog.ShapePanelQuarter, catalog.ShapePanelYear:
		return Shape{Panel: &PanelShape{Unit: strings.TrimPrefix(string(s), "panel_")}}
	}
	return Shape{Simple: string(s)}
}

// GapOf is the gap that joins spells of the row's benefits, by the catalogue.
func GapOf(r Row, reg *catalog.Register) int {
	for _, b := range reg.Benefits {
		if len(r.Benefits) == 0 || slices.Contains(r.Benefits, b.ID) {
			if g := reg.Group(b.Group); g != nil {
				return g.MaxGapDays
			}
		}
	}
	return 0
}

// KeepBenefits adds the filter that keeps rows of these benefits; none are
// given where a table has no benefits or all are wanted.
func KeepBenefits(where []Filter, table *catalog.Table, benefits []string) []Filter {
	v := table.ByRole(catalog.RoleBenefit)
	if v == nil || len(benefits) == 0 {
		return where
	}
	f := Filter{Var: v.ID, Stage: StageRow}
	for _, b := range benefits {
		f.In = append(f.In, b)
	}
	return append(where, f)
}
