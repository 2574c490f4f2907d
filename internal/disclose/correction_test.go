package disclose

import (
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
)

// TestCorrections: unresolved corrections lie within payments and within
// nothing else, and their days and öre are looked at as everybody's are.
func TestCorrections(t *testing.T) {
	t.Parallel()
	lines := []string{
		"lopnr;from_datum;tom_datum;delforman;dagar;belopp",
		"1;2024-01-01;2024-01-02;SJP;2;-300",
		"1;2024-01-02;2024-01-04;RHP;3;-200", // two reversals may leave the same day
		"2;2024-12-31;;SJP;1;0",
	}
	delivery := func() Input {
		in := Input{
			Catalogue: catalog.Builtin(), Horizon: day.MustParse("2025-01-01"), People: []Person{{ID: 1}, {ID: 2}},
			Scope: plan.Scope{Identity: plan.IdentityBound{Kind: plan.IdentitySerial}, Formats: []string{"csv"}, Persons: plan.Persons{Max: 5}, Rows: []plan.Row{{
				Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: day.MustParse("2020-01-01"), To: day.MustParse("2025-01-01")}, Shape: catalog.ShapePayment,
				Variables: []plan.VariableBound{{ID: "from_datum"}, {ID: "tom_datum"}, {ID: "delforman"}, {ID: "dagar"}, {ID: "belopp"}}, Benefits: []string{"SJP", "RHP"},
			}}},
			Spec: plan.Spec{
				Identity: plan.Identity{Kind: plan.IdentitySerial}, Population: plan.Population{File: &plan.FilePopulation{}},
				Extracts: []plan.Extract{{
					Name: "olosta", Table: "midas_sjp", Shape: plan.Shape{Simple: "correction"}, Window: window("2024-01-01", "2025-01-01"), Output: plan.Output{File: "olosta", Format: "csv"},
					Columns: cols(plan.Column{Name: "from_datum"}, plan.Column{Name: "tom_datum"}, plan.Column{Name: "delforman"}, plan.Column{Name: "dagar"}, plan.Column{Name: "belopp"}),
				}},
			},
		}
		fill(&in, "olosta", lines...).Totals = Totals{Rows: 3, Persons: 2, Days: 6, Ore: -500}
		return in
	}
	if rs := Check(delivery()); failed(rs) != nil {
		t.Fatalf("%+v", rs)
	}
	edit := func(old, to string) func(*Input) {
		return func(in *Input) { fill(in, "olosta", with(lines, old, to)...) }
	}
	within := func(s catalog.Shape) func(*Input) {
		return func(in *Input) { in.Scope.Rows[0].Shape = s }
	}
	for _, tt := range []seeded{
		{"an amount", edit(";-300", ";-301"), []string{Sums}},
		{"a day outside", edit("1;2024-01-01", "1;2023-12-31"), []string{Dates}},
		{"another benefit", edit("RHP", "ASP"), []string{Codes}},
		{"within corrections", within(catalog.ShapeCorrection), nil},
		{"within the layout", within(catalog.ShapeLayout), []string{Shape}},
		{"within sub-spells", within(catalog.ShapeSubspell), []string{Shape}},
		{"within days", within(catalog.ShapePanelDay), []string{Shape}},
		{"payments within corrections", func(in *Input) {
			in.Scope.Rows[0].Shape, in.Spec.Extracts[0].Shape.Simple = catalog.ShapeCorrection, "payment"
		}, []string{Shape}},
		{"sub-spells within corrections", func(in *Input) {
			in.Scope.Rows[0].Shape, in.Spec.Extracts[0].Shape.Simple = catalog.ShapeCorrection, "subspell"
		}, []string{Shape}},
		{"spells within corrections", func(in *Input) {
			in.Scope.Rows[0].Shape, in.Spec.Extracts[0].Shape = catalog.ShapeCorrection, plan.Shape{Spell: &plan.SpellShape{}}
		}, []string{Shape}},
	} {
		in := delivery()
		tt.do(&in)
		got := failed(Check(in))
		if tt.name == "sub-spells within corrections" || tt.name == "spells within corrections" { // what else they lack does not matter here
			got = slices.DeleteFunc(got, func(c string) bool { return c != Shape })
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
