package disclose

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
)

// A column of employers names employers of the delivery and nobody else: not a
// person of the population, and not a number that is somebody's as a person.
func TestEmployers(t *testing.T) {
	t.Parallel()
	in := Input{
		Catalogue: catalog.Builtin(), Horizon: day.MustParse("2026-11-01"),
		Scope: plan.Scope{Identity: plan.IdentityBound{Kind: plan.IdentitySerial}, Persons: plan.Persons{Max: 5}, Formats: []string{"csv"}, Rows: []plan.Row{{
			Register: "graviditet", Table: "graviditet", Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: day.MustParse("2020-01-01"), To: day.MustParse("2026-01-01")},
			Shape: catalog.ShapePayment, Variables: []plan.VariableBound{{ID: "arbetsgivare_lopnr"}, {ID: "from_datum"}},
		}}},
		Spec: plan.Spec{
			Identity: plan.Identity{Kind: plan.IdentitySerial}, Population: plan.Population{File: &plan.FilePopulation{}},
			Extracts: []plan.Extract{{
				Name: "gp", Table: "graviditet", Shape: plan.Shape{Simple: "payment"}, Window: window("2020-01-01", "2026-01-01"),
				Columns: cols(plan.Column{Name: "arbetsgivare_lopnr"}, plan.Column{Name: "from_datum"}), Output: plan.Output{File: "gp", Format: "csv"},
			}},
		},
		People: []Person{{ID: 1}, {ID: 2}}, Others: []uint64{10}, Employers: []uint64{40, 41},
	}
	for line, want := range map[string]bool{"1;40;2024-01-01": true, "2;;2024-01-01": true, "1;1;2024-01-01": false, "1;10;2024-01-01": false, "1;42;2024-01-01": false, "1;-40;2024-01-01": false} {
		in.Files = nil
		fill(&in, "gp", "lopnr;arbetsgivare_lopnr;from_datum", line).Totals = Totals{Rows: 1, Persons: 1}
		if got := failed(Check(in)); (got == nil) != want {
			t.Errorf("%s: %v", line, got)
		}
	}
	in.Employers = []uint64{41, 40}
	if failed(Check(in)) == nil {
		t.Error("employers out of order went unnoticed")
	}
}
