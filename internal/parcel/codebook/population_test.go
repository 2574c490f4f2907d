package codebook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/parcel"
	"sluss/internal/plan"
)

func tell(list []Stage) []string {
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprintf("%s %d", s.Text.EN, s.Count))
	}
	return out
}

// TestFlow: who has no rows, and why, without pointing anybody out.
func TestFlow(t *testing.T) {
	t.Parallel()
	counts := []order.CountLine{
		{Code: "fall.persons", Count: 264},
		{Code: "fall.persons_without_anchor", Count: 1},
		{Code: "fall.persons_without_rows", Count: 187},
		{Code: "fall.rows_rejected.from_after_tom", Count: 3},
		{Code: "fall_2.persons", Count: 10},
		{Code: "population.any", Count: 55},
		{Code: "population.and_2", Count: 50},
		{Code: "population.later", Count: 5},
	}
	if got, want := tell(flow(counts, "fall", false)), []string{"Persons of the population 265", "Without an index date 0", "Without rows in the period 185"}; !slices.Equal(got, want) {
		t.Errorf("flow %q, want %q", got, want)
	}
	if got := flow(counts, "fall_2", false); got != nil {
		t.Errorf("everybody has rows, but %q", tell(got))
	}
	if got, want := tell(stages(counts)), []string{"Meet one of the first conditions 55", "Left after further condition 2 50", "later 5"}; !slices.Equal(got, want) {
		t.Errorf("stages %q, want %q", got, want)
	}
}

// TestBookOfADrawnPopulation: the book says in words whom the vault drew, how
// many after each step, and what the columns mean that a drawing brings.
func TestBookOfADrawnPopulation(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	spec := plan.Spec{
		Population: plan.Population{Criteria: &plan.Criteria{
			Ground: "114 kap. 12 §", Any: []plan.Criterion{{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Date: day.Of(2023, 1, 1)}, To: plan.Bound{Date: day.Of(2024, 1, 1)}}}},
			Controls: &plan.Controls{PerCase: 2, Match: []string{plan.MatchSex}, Seed: "s"},
		}},
		Extracts: []plan.Extract{{
			Name: "fall", Table: "midas_sjp", Shape: plan.ShapeOf(catalog.ShapeSpell, 4), Output: plan.Output{File: "fall", Format: "parquet"},
			Columns: []plan.Column{{Name: "lopnr"}, {Name: "diagnos", As: "psykisk", Derive: &plan.Derive{Fn: "flag_any", Args: map[string]any{"code_in": []any{"F00-F99"}}}}},
			Window:  plan.Window{From: plan.Bound{Date: day.Of(2023, 1, 1)}, To: plan.Bound{Date: day.Of(2024, 1, 1)}},
		}},
	}
	m := parcel.Manifest{
		Order: "FK-1", Counts: []order.CountLine{{Code: "population.any", Count: 55}},
		Files: []parcel.File{{
			Name: "fall.parquet", Role: parcel.RoleData, Extract: "fall", Format: "parquet", Table: "midas_sjp", Shape: "spell", SHA256: canon.Sum(nil),
			Columns: []parcel.Column{
				{Name: "lopnr", Variable: "lopnr", Type: parcel.ColumnID},
				{Name: "psykisk", Variable: "diagnos", Type: parcel.ColumnInt, Derive: "flag_any"},
				{Name: plan.GroupRole, Type: parcel.ColumnText},
				{Name: plan.GroupSet, Type: parcel.ColumnText},
			},
		}},
	}
	b, err := Make(m, spec, cat)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Selected) != 3 || len(b.Population) != 1 || len(b.Files[0].Columns[2].Codes) != 4 {
		t.Errorf("selected %v, stages %v, columns %+v", b.Selected, b.Population, b.Files[0].Columns[2:])
	}
	page, err := b.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Only the codes F00-F99 count.", "at most 2 controls", "Uppfyller något av de första villkoren", "kontroll"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
