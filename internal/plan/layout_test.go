package plan

import (
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// TestLayoutProposed: a row that gives the layout begins a plan with all of its
// columns, in order and under their names; what it does not give is empty and
// lies within the decision, and with a value would not.
func TestLayoutProposed(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	_, table := cat.Table("midas_sjp")
	row := Row{
		Table: "midas_sjp", Outcome: OutcomeDisclose, Shape: catalog.ShapeLayout, Period: &Period{From: day.MustParse("2020-01-01"), To: day.MustParse("2022-01-01")},
		Variables: []VariableBound{{ID: "from_datum"}, {ID: "tom_datum", Level: "month"}, {ID: "fall_from"}, {ID: "omfattning"}},
	}
	e, ok := Proposed(row, []string{"dta"}, cat)
	if !ok || len(e.Columns) != 42 || e.Shape.Of() != catalog.ShapeLayout {
		t.Fatalf("proposed %+v", e)
	}
	for i, c := range e.Columns {
		if c.Out() != table.Layout[i].Name {
			t.Errorf("column %d is %s, want %s", i, c.Out(), table.Layout[i].Name)
		}
		given := c.Name == "lopnr" || slices.ContainsFunc(row.Variables, func(b VariableBound) bool { return b.ID == c.Name })
		if empty := table.Variable(c.Name).Derive == FnAbsent || c.Derive != nil && c.Derive.Fn == FnAbsent; empty == given {
			t.Errorf("column %s is empty: %v, given: %v", c.Out(), empty, given)
		}
	}
	if c := e.Columns[6]; c.Name != "tom_datum" || c.Coarsen == nil || c.Coarsen.To != "month" {
		t.Errorf("the decided level is lost: %+v", c)
	}
	within := func(c Column) int {
		var fs findings
		columnWithin(&fs, "", c, row, table, cat)
		return len(fs)
	}
	if within(Column{Name: "diagnos", Derive: &Derive{Fn: FnAbsent}}) != 0 || within(Column{Name: "diagnos"}) == 0 || within(Column{Name: "diagnos", Derive: &Derive{Fn: "count"}}) == 0 {
		t.Error("only an empty column needs no leave")
	}
	for _, c := range e.Columns {
		if within(c) != 0 {
			t.Errorf("the proposed column %s is not within the decision", c.Out())
		}
	}
	for i := range table.Variables {
		if v := &table.Variables[i]; v.Derive == FnAbsent && v.Deliverable() {
			t.Errorf("%s, which the register does not hold, can be ordered", v.ID)
		}
	}
	var fs findings
	Spec{}.columnProblems(&fs, "", e, table, catalog.ShapeLayout)
	if len(fs) > 0 {
		t.Error(fs)
	}
	if Spec.columnProblems(Spec{}, &fs, "", Extract{Columns: []Column{{Name: "lopnr"}, {Name: "diagnos", Derive: &Derive{Fn: FnAbsent}}}}, table, catalog.ShapeSubspell); len(fs) == 0 {
		t.Error("other shapes have no empty columns")
	}
}
