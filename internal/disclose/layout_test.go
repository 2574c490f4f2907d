package disclose

import (
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
)

// layouts is a delivery in the layout of 42 columns and one by week and quarter.
func layouts() Input {
	period := &plan.Period{From: day.MustParse("2020-01-01"), To: day.MustParse("2026-01-01")}
	row := plan.Row{
		Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Period: period, Shape: catalog.ShapePayment,
		Variables: []plan.VariableBound{{ID: "from_datum"}, {ID: "tom_datum"}, {ID: "omfattning"}, {ID: "bruttodagar"}, {ID: "dagar"}, {ID: "belopp"}, {ID: "fall_from"}, {ID: "fall_dagar"}},
	}
	weeks := plan.Row{Table: "midas_sa", Outcome: plan.OutcomeDisclose, Period: period, Shape: catalog.ShapePanelWeek, Variables: []plan.VariableBound{{ID: "vecka"}, {ID: "dagar"}}}
	quarters := plan.Row{Table: "tfp", Outcome: plan.OutcomeDisclose, Period: period, Shape: catalog.ShapePanelMonth, Variables: []plan.VariableBound{{ID: "kvartal"}, {ID: "dagar"}}}
	in := Input{
		Catalogue: catalog.Builtin(), Horizon: day.MustParse("2026-01-01"), People: []Person{{ID: 1}, {ID: 2}},
		Scope: plan.Scope{Identity: plan.IdentityBound{Kind: plan.IdentitySerial}, Formats: []string{"csv"}, Persons: plan.Persons{Max: 5}, Rows: []plan.Row{row, weeks, quarters}},
		Spec: plan.Spec{
			Identity: plan.Identity{Kind: plan.IdentitySerial}, Population: plan.Population{File: &plan.FilePopulation{}},
			Extracts: []plan.Extract{
				{
					Name: "wide", Table: "midas_sjp", Shape: plan.Shape{Simple: "subspell_42"}, Window: window("2024-01-01", "2025-01-01"), Output: plan.Output{File: "wide", Format: "csv"},
					Columns: cols(plan.Column{Name: "omfattning", As: "OMFATTNING"}, plan.Column{Name: "from_datum", As: "DEL_FROM_DATUM"}, plan.Column{Name: "tom_datum", As: "DEL_TOM_DATUM"},
						plan.Column{Name: "bruttodagar", As: "DEL_DAGAR_TOT"}, plan.Column{Name: "dagar", As: "DEL_DAGAR_BRUTTO"}, plan.Column{Name: "belopp", As: "DEL_BELOPP_BRUTTO"},
						plan.Column{Name: "fall_from", As: "FALL_FROM_DATUM"}, plan.Column{Name: "fall_dagar", As: "FALL_DAGAR_TOT"},
						plan.Column{Name: "diagnos", As: "DIAGNOS_KOD", Derive: &plan.Derive{Fn: "absent"}}, plan.Column{Name: "pgi", As: "PGI"}),
				},
				{Name: "veckor", Table: "midas_sa", Shape: plan.Shape{Panel: &plan.PanelShape{Unit: "week"}}, Window: window("2024-01-01", "2025-01-01"), Output: plan.Output{File: "veckor", Format: "csv"}, Columns: cols(plan.Column{Name: "vecka"}, plan.Column{Name: "dagar"})},
				{Name: "kvartal", Table: "tfp", Shape: plan.Shape{Panel: &plan.PanelShape{Unit: "quarter"}}, Window: window("2024-01-01", "2025-01-01"), Output: plan.Output{File: "kvartal", Format: "csv"}, Columns: cols(plan.Column{Name: "kvartal"}, plan.Column{Name: "dagar"})},
			},
		},
	}
	fill(&in, "wide", wideLines...).Totals = Totals{Rows: 4, Persons: 2, Days: 18, Ore: 500}
	fill(&in, "veckor", weekLines...).Totals = Totals{Rows: 2, Persons: 1, Days: 8}
	fill(&in, "kvartal", quarterLines...).Totals = Totals{Rows: 2, Persons: 1, Days: 4}
	return in
}

var (
	wideLines = []string{
		"lopnr;OMFATTNING;DEL_FROM_DATUM;DEL_TOM_DATUM;DEL_DAGAR_TOT;DEL_DAGAR_BRUTTO;DEL_BELOPP_BRUTTO;FALL_FROM_DATUM;FALL_DAGAR_TOT;DIAGNOS_KOD;PGI",
		"1;1;2024-01-01;2024-01-10;10;10;300;2024-01-01;20;;",
		"1;0;2024-01-11;2024-01-13;3;0;0;2024-01-01;20;;",
		"1;0.125;2024-01-14;2024-01-20;7;7;100;2024-01-01;20;;",
		"2;0.5;2024-02-01;2024-02-01;1;1;100;2024-02-01;1;;",
	}
	weekLines    = []string{"lopnr;vecka;dagar", "1;2024-W01;7", "1;2024-W52;1"}
	quarterLines = []string{"lopnr;kvartal;dagar", "1;2024-Q1;3", "1;2024-Q4;1"}
)

// TestLayoutAndWeeks: empty columns are empty, days of lines add up to those of
// their spell, weeks are weeks, and nothing but weeks lies within weeks.
func TestLayoutAndWeeks(t *testing.T) {
	t.Parallel()
	if rs := Check(layouts()); failed(rs) != nil {
		t.Fatalf("%+v", rs)
	}
	edit := func(extract string, lines []string, old, to string) func(*Input) {
		return func(in *Input) { fill(in, extract, with(lines, old, to)...) }
	}
	for _, tt := range []seeded{
		{"a diagnosis in the empty column", edit("wide", wideLines, ";20;;", ";20;F32;"), []string{Headers}},
		{"an income that the register does not have", edit("wide", wideLines, ";1;;", ";1;;100"), []string{Headers}},
		{"a gap too short", edit("wide", wideLines, "2024-01-13;3;", "2024-01-13;2;"), []string{Sums}},
		{"a spell too long", edit("wide", wideLines, "100;2024-02-01;1;", "100;2024-02-01;2;"), []string{Sums}},
		{"per cent", edit("wide", wideLines, ";0.5;", ";50;"), []string{Resolution}},
		{"money", edit("wide", wideLines, ";300;", ";301;"), []string{Sums}},
		{"a spell that begins outside", edit("wide", wideLines, "100;2024-02-01;1;", "100;2023-02-01;1;"), []string{Dates}},
		{"lines that share a day", edit("wide", wideLines, "2024-01-14;2024-01-20", "2024-01-13;2024-01-20"), []string{Disjoint}},
		{"a week that the year does not have", edit("veckor", weekLines, "2024-W52", "2024-W53"), []string{Resolution}},
		{"a week without nought", edit("veckor", weekLines, "2024-W01", "2024-W1"), []string{Resolution}},
		{"a month where a week is due", edit("veckor", weekLines, "2024-W01", "2024-01"), []string{Resolution}},
		{"a week outside", edit("veckor", weekLines, "2024-W52", "2025-W02"), []string{Dates}},
		{"a month within weeks", func(in *Input) { in.Spec.Extracts[1].Shape.Panel.Unit = "month" }, []string{Headers, Shape}},
		{"quarters within weeks", func(in *Input) { in.Scope.Rows[2].Shape = catalog.ShapePanelWeek }, []string{Shape}},
		{"a layout within sub-spells", func(in *Input) { in.Scope.Rows[0].Shape = catalog.ShapeSubspell }, []string{Shape}},
		{"a fifth quarter", edit("kvartal", quarterLines, "2024-Q4", "2024-Q5"), []string{Resolution}},
	} {
		in := layouts()
		tt.do(&in)
		got := failed(Check(in))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestWeeks: weeks of ISO 8601 around the turn of years.
func TestWeeks(t *testing.T) {
	t.Parallel()
	for text, monday := range map[string]string{
		"2024-W01": "2024-01-01", "2023-W52": "2023-12-25", "2020-W53": "2020-12-28", "2021-W01": "2021-01-04", "2026-W01": "2025-12-29", "1970-W01": "1969-12-29", "1960-W52": "1960-12-26", "1961-W01": "1961-01-02",
	} {
		s, ok := span(Cell{Kind: Text, Text: text}, "week", false)
		if !ok || s.From != day.MustParse(monday) || s.To != s.From+7 {
			t.Errorf("%s is %s, %v", text, s.From, ok)
		}
	}
	for _, bad := range []string{"2021-W53", "2024-W00", "2024-w01", "2024-W01 ", "24-W01", ""} {
		if _, ok := span(Cell{Kind: Text, Text: bad}, "week", false); ok {
			t.Errorf("%q is a week", bad)
		}
	}
}
