package embedded

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	_ "sluss/internal/drawtest"
	"sluss/internal/engine"
	"sluss/internal/engine/enginetest"
	"sluss/internal/plan"
)

// hollow is a source with every table of the catalogue and no rows.
func hollow(t testing.TB) *Source {
	w := enginetest.World{Day: enginetest.D("2026-11-01"), Tables: map[string][]enginetest.Row{}}
	for _, reg := range catalog.Builtin().Registers {
		for _, table := range reg.Tables {
			w.Tables[table.ID] = []enginetest.Row{}
		}
	}
	return handmade(t, w)
}

// words of the vocabulary, and one that is not in it.
var (
	drawnFunctions = []string{"", "days", "net_days", "gross_days", "count", "amount_sum", "rank_start", "days_from_anchor", "age_at", "first", "last", "max", "flag_any"}
	drawnLevels    = []string{"", "year", "quarter", "month", "icd_chapter", "icd_block", "icd_3", "age_5y", "age_10y", "county", "amount_1000"}
	drawnShapes    = []catalog.Shape{catalog.ShapePayment, catalog.ShapeSubspell, catalog.ShapeSpell, catalog.ShapePanelDay, catalog.ShapePanelMonth, catalog.ShapePanelYear}
)

// whole returns a job of these extracts on everything, with an anchor called
// index.
func whole(extracts ...plan.Extract) engine.Job {
	j := enginetest.Job(enginetest.World{})
	j.Spec.Population.File.Anchors = []string{"index"}
	for _, e := range extracts {
		j.Spec.Extracts = append(j.Spec.Extracts, e)
		if _, there := j.Scope.RowFor(e.Table); !there {
			j.Scope.Rows = append(j.Scope.Rows, plan.Row{
				Table: e.Table, Outcome: plan.OutcomeDisclose, Shape: catalog.ShapePayment, Reveal: true, Period: &plan.Period{From: enginetest.D("1900-01-01"), To: enginetest.D("2100-01-01")},
			})
		}
	}
	return j
}

// TestPlanAndEngineAgreeOnEveryColumn tries every variable of the catalogue in
// every shape, with every derivation and level: what plan.Spec.Problems lets
// through, the engine builds.
func TestPlanAndEngineAgreeOnEveryColumn(t *testing.T) {
	t.Parallel()
	src := hollow(t)
	built := map[string]int{}
	for _, reg := range catalog.Builtin().Registers {
		for _, table := range reg.Tables {
			for _, shape := range table.Shapes {
				for _, v := range table.Variables {
					for _, fn := range drawnFunctions {
						for _, to := range drawnLevels {
							if to != "" && to != "year" && to != "icd_3" && !slices.Contains(v.Coarsen, to) {
								continue // two levels that do not fit are enough
							}
							if tryColumn(t, src, &table, shape, v, fn, to) {
								built["fn "+fn]++
								built["level "+to]++
								built[string(shape)]++
							}
						}
					}
				}
			}
		}
	}
	for _, fn := range drawnFunctions {
		if built["fn "+fn] == 0 {
			t.Errorf("no column was built with %q", fn)
		}
	}
	for _, to := range drawnLevels {
		if built["level "+to] == 0 && to != "county" { // no variable of the catalogue has a municipality
			t.Errorf("no column was built at level %q", to)
		}
	}
}

func tryColumn(t *testing.T, src *Source, table *catalog.Table, shape catalog.Shape, v catalog.Variable, fn, to string) bool {
	person := table.ByRole(catalog.RolePerson).ID
	c := plan.ColumnAt(v.ID, to)
	if c.As = "x"; fn != "" {
		c.Derive = &plan.Derive{Fn: fn}
	}
	if fn == "days_from_anchor" {
		c.Derive.Args = map[string]any{"anchor": "index"}
	}
	j := whole(plan.Extract{
		Name: "x", Table: table.ID, Shape: plan.ShapeOf(shape, 4), History: plan.HistoryReveal, Columns: []plan.Column{{Name: person}, c}, Output: plan.Output{File: "x", Format: "csv"},
		Window: plan.Window{From: plan.Bound{Date: enginetest.D("2020-01-01")}, To: plan.Bound{Date: enginetest.D("2021-01-01")}},
	})
	problems := j.Spec.Problems(j.Catalogue)
	_, err := compile(src, &j, false)
	if (err == nil) != (len(problems) == 0) {
		t.Errorf("%s as %s, %s(%s) at %q: plan finds %v, the engine %v", table.ID, shape, fn, v.ID, to, problems, err)
	}
	return err == nil
}

// TestPlanAndEngineAgreeOnPlans draws whole plans: no problem is found exactly
// where the engine builds and runs them.
func TestPlanAndEngineAgreeOnPlans(t *testing.T) {
	t.Parallel()
	e := New(hollow(t))
	cat := catalog.Builtin()
	dir := t.TempDir()
	create := func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(dir, name)) }
	var good, bad int
	rapid.Check(t, func(rt *rapid.T) {
		plans := rapid.IntRange(1, 20).Draw(rt, "plans")
		for range plans {
			var extracts []plan.Extract
			for i := range rapid.IntRange(1, 3).Draw(rt, "extracts") {
				extracts = append(extracts, drawExtract(rt, cat, fmt.Sprintf("x%d", i)))
			}
			j := whole(extracts...)
			problems := j.Spec.Problems(cat)
			_, err := e.Run(context.Background(), j, create, nil)
			if (err == nil) != (len(problems) == 0) {
				rt.Fatalf("plan finds %v, the engine %v\n%+v", problems, err, j.Spec.Extracts)
			}
			if err == nil {
				good++
			} else {
				bad++
			}
		}
	})
	if good == 0 || bad == 0 {
		t.Errorf("%d good plans and %d bad ones", good, bad)
	}
}

func drawExtract(rt *rapid.T, cat *catalog.Catalogue, name string) plan.Extract {
	of := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(rt, label) }
	reg := &cat.Registers[rapid.IntRange(0, len(cat.Registers)-1).Draw(rt, "register")]
	table := &reg.Tables[rapid.IntRange(0, len(reg.Tables)-1).Draw(rt, "table")]
	shape := rapid.SampledFrom(table.Shapes).Draw(rt, "shape")
	if rapid.IntRange(0, 19).Draw(rt, "any shape") == 0 {
		shape = rapid.SampledFrom(drawnShapes).Draw(rt, "other shape")
	}
	e := plan.Extract{
		Name: name, Table: table.ID, Shape: plan.ShapeOf(shape, rapid.IntRange(0, 30).Draw(rt, "gap")), Overlap: of("overlap", "", "", "latest", "sum_tracks", "error"),
		History: of("history", "", "mask", "reveal"), Output: plan.Output{File: name, Format: of("format", "csv", "csv", "parquet", "dta", "sav", "zsav", "xpt")},
		Window: plan.Window{From: plan.Bound{Date: enginetest.D("2020-01-01")}, To: plan.Bound{Date: enginetest.D("2021-01-01")}, Mode: of("mode", "", "", "clip", "start_in", "end_in", "overlap")},
	}
	if rapid.IntRange(0, 9).Draw(rt, "person") > 0 {
		e.Columns = append(e.Columns, plan.Column{Name: table.ByRole(catalog.RolePerson).ID})
	}
	fitting := slices.DeleteFunc(slices.Clone(table.Variables), func(v catalog.Variable) bool { return !v.Allows(shape) })
	for i := range rapid.IntRange(0, 4).Draw(rt, "columns") {
		from := fitting
		if len(from) == 0 || rapid.IntRange(0, 19).Draw(rt, "any variable") == 0 {
			from = table.Variables
		}
		v := rapid.SampledFrom(from).Draw(rt, "variable")
		c := plan.Column{Name: v.ID, As: fmt.Sprintf("k%d", i)}
		if fn := of("fn", drawnFunctions...); fn != "" && rapid.IntRange(0, 2).Draw(rt, "derive") == 0 {
			c.Derive = &plan.Derive{Fn: fn}
			if fn == "days_from_anchor" || fn == "age_at" && rapid.Bool().Draw(rt, "at") {
				c.Derive.Args = map[string]any{"anchor": of("anchor", "index", "index", "other")}
			}
		}
		if len(v.Coarsen) > 0 && rapid.Bool().Draw(rt, "coarsen") {
			c.Coarsen = &plan.Coarsen{To: of("level", v.Coarsen...)}
		}
		e.Columns = append(e.Columns, c)
	}
	for range rapid.IntRange(0, 2).Draw(rt, "filters") {
		e.Where = append(e.Where, drawFilter(rt, rapid.SampledFrom(table.Variables).Draw(rt, "filtered")))
	}
	if len(e.Columns) > 0 && rapid.IntRange(0, 3).Draw(rt, "sort") == 0 {
		for range rapid.IntRange(1, 2).Draw(rt, "keys") {
			e.Output.Sort = append(e.Output.Sort, rapid.SampledFrom(e.Columns).Draw(rt, "key").Out())
		}
	}
	return e
}

func drawFilter(rt *rapid.T, v catalog.Variable) plan.Filter {
	f := plan.Filter{Var: v.ID, Stage: rapid.SampledFrom([]string{plan.StageRow, plan.StageRow, plan.StageSubspell, plan.StageSpell}).Draw(rt, "stage")}
	switch v.Kind {
	case catalog.KindCode:
		if f.In = []any{"X1"}; rapid.Bool().Draw(rt, "range") {
			f.In, f.CodeIn = nil, []string{"F30-F48"}
		}
	case catalog.KindDate:
		f.Between = []any{"2020-01-01", "2020-02-01"}
	case catalog.KindPeriod:
		if f.Between = []any{float64(1950), float64(1960)}; rapid.Bool().Draw(rt, "month") {
			f.Between = []any{"1950-01", "1960-12"}
		}
	default:
		f.Between = []any{float64(0), float64(50)}
	}
	return f
}
