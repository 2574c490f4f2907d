package disclose

import (
	"encoding/json"
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
)

// wide is an order in other forms: two spell groups with a key, decimal comma,
// dates without dashes, coarse values, filters on dates and extents.
func wide(t *testing.T) Input {
	t.Helper()
	period := &plan.Period{From: day.MustParse("2020-01-01"), To: day.MustParse("2026-01-01")}
	coarse := func(to string) *plan.Coarsen { return &plan.Coarsen{To: to} }
	in := Input{
		Catalogue: catalog.Builtin(), Horizon: day.MustParse("2026-01-01"),
		Scope: plan.Scope{
			Identity: plan.IdentityBound{Kind: plan.IdentitySerial}, Formats: []string{"csv"}, Persons: plan.Persons{Max: 5},
			Rows: []plan.Row{
				{
					Table: "tfp", Outcome: plan.OutcomeDisclose, Period: period, Shape: catalog.ShapePayment,
					Variables: []plan.VariableBound{{ID: "delforman"}, {ID: "barn_lopnr"}, {ID: "from_datum"}, {ID: "tom_datum"}, {ID: "nettodagar"}, {ID: "omfattning"}, {ID: "belopp"}},
				},
				{
					Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Period: period, Shape: catalog.ShapePayment,
					Variables: []plan.VariableBound{{ID: "from_datum"}, {ID: "omfattning"}, {ID: "niva"}, {ID: "diagnos"}, {ID: "belopp"}, {ID: "vanstercensur"}},
					Where: []plan.Filter{
						{Var: "from_datum", Stage: plan.StageRow, Between: []any{"2024-01-01", "2024-06-30"}},
						{Var: "omfattning", Stage: plan.StageRow, In: []any{float64(25), float64(12.5), float64(100)}},
						{Var: "niva", Stage: plan.StageRow, In: []any{"N", "F"}, Null: "keep"},
					},
				},
				{Table: "person", Outcome: plan.OutcomeDisclose, Period: period, Shape: catalog.ShapePayment, Variables: []plan.VariableBound{{ID: "fodelsear"}, {ID: "dodsmanad", Level: "quarter"}, {ID: "kon"}, {ID: "alder", Level: "age_5y"}}},
			},
		},
		Spec: plan.Spec{
			Identity: plan.Identity{Kind: plan.IdentitySerial}, Population: plan.Population{File: &plan.FilePopulation{}},
			Extracts: []plan.Extract{
				{
					Name: "tfp", Table: "tfp", Shape: plan.Shape{Spell: &plan.SpellShape{}}, Window: window("2020-01-01", "2026-01-01"),
					Columns: cols(plan.Column{Name: "delforman"}, plan.Column{Name: "barn_lopnr"}, plan.Column{Name: "from_datum"}, plan.Column{Name: "tom_datum"}, plan.Column{Name: "nettodagar"}),
					Output:  plan.Output{File: "tfp", Format: "csv", Decimal: ",", Date: "yyyymmdd"},
				},
				{
					Name: "rader", Table: "midas_sjp", Shape: plan.Shape{Simple: "payment"}, Window: window("2020-01-01", "2026-01-01"),
					Columns: cols(plan.Column{Name: "from_datum"}, plan.Column{Name: "omfattning"}, plan.Column{Name: "niva"}, plan.Column{Name: "diagnos", As: "avsnitt", Coarsen: coarse("icd_block")}, plan.Column{Name: "belopp", Coarsen: coarse("amount_1000")}),
					Output:  plan.Output{File: "rader", Format: "csv"},
				},
				{
					Name: "person", Table: "person", Shape: plan.Shape{Simple: "payment"}, Window: window("2020-01-01", "2026-01-01"),
					Columns: cols(plan.Column{Name: "fodelsear"}, plan.Column{Name: "dodsmanad", Coarsen: coarse("quarter")}, plan.Column{Name: "kon"}, plan.Column{Name: "alder", Coarsen: coarse("age_5y")}),
					Output:  plan.Output{File: "person", Format: "csv"},
				},
			},
		},
		People: []Person{{ID: 1}, {ID: 2}, {ID: 3}},
		Others: []uint64{10, 11},
	}
	fill(&in, "tfp", tfp...).Totals = Totals{Rows: 4, Persons: 2, Net: 41_250}
	fill(&in, "rader", rader...).Totals = Totals{Rows: 3, Persons: 2, Ore: 77}
	fill(&in, "person", persons...).Totals = Totals{Rows: 2, Persons: 2}
	return in
}

var (
	tfp = []string{
		"lopnr;delforman;barn_lopnr;from_datum;tom_datum;nettodagar",
		"1;VAB;10;20240101;20240110;10",
		"1;VAB;11;20240105;20240110;6,25", // another child on the same days
		"1;TIO;10;20240105;20240114;10",   // another group
		"2;VAB;;20251220;;15",
	}
	rader = []string{
		"lopnr;from_datum;omfattning;niva;avsnitt;belopp",
		"1;2024-01-01;100;N;F40-F48;1200000",
		"1;2024-06-30;12.5;;F30-F39;0",
		"3;2024-02-01;25;F;;100000",
	}
	persons = []string{"lopnr;fodelsear;dodsmanad;kon;alder", "1;1980;;K;40-44", "3;1931;2024-Q4;M;90"}
)

func TestOtherForms(t *testing.T) {
	t.Parallel()
	in := wide(t)
	codes := func(name string) []catalog.Code { return in.Catalogue.ValueSets[name].Codes }
	if codes("niva_sjuk") == nil || codes("kon") == nil {
		t.Fatal("the catalogue has other value sets than the test thinks")
	}
	if rs := Check(in); failed(rs) != nil {
		t.Fatalf("%+v", rs)
	}
	edit := func(extract string, lines []string, old, to string) func(*Input) {
		return func(in *Input) { fill(in, extract, with(lines, old, to)...) }
	}
	for _, tt := range []seeded{
		{"a child twice on a day", edit("tfp", tfp, "VAB;11", "VAB;10"), []string{Disjoint}},
		{"a group twice on a day", edit("tfp", tfp, "TIO;10", "VAB;10"), []string{Disjoint}},
		{"a dash in a date", edit("tfp", tfp, "20240101", "2024-01-01"), []string{Resolution}},
		{"a date too long", edit("tfp", tfp, "20240101", "202401011"), []string{Resolution}},
		{"no such last day", edit("tfp", tfp, "20240110", "20240132"), []string{Resolution}},
		{"a decimal point", edit("tfp", tfp, "6,25", "6.25"), []string{Resolution, Sums}},
		{"an unknown benefit", edit("tfp", tfp, "TIO", "XYZ"), []string{Codes}},
		{"a number where a code stands", edit("tfp", tfp, "TIO", "#1"), []string{Codes}},
		{"too late a row", edit("rader", rader, "2024-06-30", "2024-07-01"), []string{Codes}},
		{"too early a row", edit("rader", rader, "2024-01-01", "2023-12-31"), []string{Codes}},
		{"an extent outside the filter", edit("rader", rader, ";100;", ";75;"), []string{Codes}},
		{"more than a whole day", edit("rader", rader, ";100;", ";101;"), []string{Resolution}},
		{"an unknown level of benefit", edit("rader", rader, ";N;", ";X;"), []string{Codes}},
		{"no extent where the filter drops it", edit("rader", rader, ";12.5;", ";;"), []string{Codes}},
		{"a category where a block stands", edit("rader", rader, "F40-F48", "F41"), []string{Resolution}},
		{"kronor to the krona", edit("rader", rader, "1200000", "1200100"), []string{Resolution}},
		{"a month where a quarter is due", edit("person", persons, "2024-Q4", "2024-12"), []string{Resolution}},
		{"an age to the year", edit("person", persons, "40-44", "41"), []string{Resolution}},
		{"a date of birth", edit("person", persons, "1980", "1980-01-02"), []string{Resolution}},
		{"an unknown sex", edit("person", persons, ";K;", ";X;"), []string{Codes}},
		{"a level that nobody knows", func(in *Input) {
			in.Catalogue = copied(t, in.Catalogue)
			v := in.Catalogue.Register("midas_sjuk").Table("midas_sjp").Variable("diagnos")
			v.Coarsen = append(v.Coarsen, "icd_4")
			in.Spec.Extracts[1].Columns[4].Coarsen.To = "icd_4"
		}, []string{Resolution}},
		{"a filter that cannot be read", func(in *Input) { in.Scope.Rows[1].Where[0].Between = []any{"2024-01-01", 3.5} }, []string{Codes}},
		{"a filter without values", func(in *Input) { in.Scope.Rows[1].Where[2] = plan.Filter{Var: "niva", Stage: plan.StageRow} }, []string{Codes}},
		{"a single day decided", func(in *Input) {
			in.Scope.Rows[1].Where[0] = plan.Filter{Var: "from_datum", Stage: plan.StageRow, In: []any{"2024-01-01"}}
		}, []string{Codes}},
		{"a column left out", func(in *Input) {
			fill(in, "person", "lopnr;fodelsear;kon;alder", "1;1980;K;40-44", "3;1931;M;90")
		}, []string{Headers}},
		{"no column of persons", func(in *Input) {
			in.Spec.Extracts[2].Columns = in.Spec.Extracts[2].Columns[1:]
			fill(in, "person", "fodelsear;dodsmanad;kon;alder", "1980;;K;40-44", "1931;2024-Q4;M;90")
			in.Files[2].Totals.Persons = 0
		}, []string{IDs}},
		{"the column of persons twice", func(in *Input) {
			in.Spec.Extracts[2].Columns = append(in.Spec.Extracts[2].Columns, plan.Column{Name: "lopnr", As: "igen"})
			fill(in, "person", "lopnr;fodelsear;dodsmanad;kon;alder;igen", "1;1980;;K;40-44;1", "3;1931;2024-Q4;M;90;3")
		}, []string{Headers}},
		{"a variable of another shape", func(in *Input) {
			in.Spec.Extracts[1].Columns[1] = plan.Column{Name: "vanstercensur", As: "from_datum"}
			fill(in, "rader", "lopnr;from_datum;omfattning;niva;avsnitt;belopp", "1;0;100;N;F40-F48;1200000")
			in.Files[1].Totals.Rows, in.Files[1].Totals.Persons = 1, 1
		}, []string{Headers}},
		{"people twice", func(in *Input) { in.People[1].ID = 1; in.Files = nil; in.Spec.Extracts = nil }, []string{IDs}},
		{"people with an anchor that nobody named", func(in *Input) { in.People[0].Anchors = []Anchor{{}}; in.Files = nil; in.Spec.Extracts = nil }, []string{IDs}},
		{"others out of order", func(in *Input) { slices.Reverse(in.Others); in.Files = nil; in.Spec.Extracts = nil }, []string{IDs}},
		{"a specification that names persons by number", func(in *Input) { in.Spec.Identity.Kind = plan.IdentityPersonalNumber }, []string{Numbers}},
		{"a table with two decisions", func(in *Input) { in.Scope.Rows = append(in.Scope.Rows, in.Scope.Rows[2]) }, []string{Headers, Shape}},
	} {
		in := wide(t)
		tt.do(&in)
		if got := failed(Check(in)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v: %+v", tt.name, got, tt.want, Check(in))
		}
	}
}

// A person whose anchor is missing gives no rows, also where no date shows it.
func TestNoAnchorNoRows(t *testing.T) {
	t.Parallel()
	in := wide(t)
	in.Spec.Population.File.Anchors = []string{"index"}
	in.Spec.Extracts[2].Window = around("-P1Y", "P1Y")
	for i := range in.People {
		in.People[i].Anchors = []Anchor{{Set: true, Day: day.MustParse("2024-01-01")}}
	}
	if got := failed(Check(in)); got != nil {
		t.Fatalf("%v", got)
	}
	in.People[2].Anchors[0].Set = false
	if got := failed(Check(in)); !slices.Equal(got, []string{Dates, Rows}) {
		t.Errorf("%v", got)
	}
}

// Where the file does not say which group or child a spell is of, overlaps
// cannot be told; that is noted and stops nothing.
func TestDisjointNeedsGroupAndKey(t *testing.T) {
	t.Parallel()
	in := wide(t)
	in.Spec.Extracts[0].Columns = slices.Delete(slices.Clone(in.Spec.Extracts[0].Columns), 1, 2)
	fill(&in, "tfp", "lopnr;barn_lopnr;from_datum;tom_datum;nettodagar", "1;10;20240101;20240110;10", "1;10;20240105;20240110;6,25", "1;10;20240105;20240114;10", "2;;20251220;;15")
	rs := Check(in)
	if failed(rs) != nil {
		t.Errorf("%+v", rs)
	}
	i := slices.IndexFunc(checks, func(c struct{ name, sv, en string }) bool { return c.name == Disjoint })
	if rs[i].EN == "" || rs[i].SV == "" {
		t.Error("not noted")
	}
}

// copied returns a catalogue that a test may change.
func copied(t *testing.T, c *catalog.Catalogue) *catalog.Catalogue {
	t.Helper()
	b, err := json.Marshal(c)
	out := &catalog.Catalogue{}
	if err == nil {
		err = json.Unmarshal(b, out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is no breach passes: filters say nothing about values that they do not
// decide over, and only spells must be disjoint.
func TestNoFalseAlarm(t *testing.T) {
	t.Parallel()
	for _, tt := range []seeded{
		{"payments that overlap", func(in *Input) {
			e := &in.Spec.Extracts[0]
			e.Shape, e.Columns = plan.Shape{Simple: "payment"}, cols(plan.Column{Name: "delforman"}, plan.Column{Name: "barn_lopnr"}, plan.Column{Name: "from_datum"}, plan.Column{Name: "tom_datum"}, plan.Column{Name: "omfattning"})
			fill(in, "tfp", "lopnr;delforman;barn_lopnr;from_datum;tom_datum;omfattning", "1;VAB;10;20240101;20240110;12,5", "1;VAB;10;20240101;20240110;100")
			in.Files[0].Totals = Totals{Rows: 2, Persons: 1}
		}, nil},
		{"a spell's filter in a file of sub-spells", func(in *Input) {
			in.Scope.Rows[1].Where = []plan.Filter{{Var: "diagnos", Stage: plan.StageSpell, CodeIn: []string{"F32"}}}
			in.Spec.Extracts[1].Shape = plan.Shape{Simple: "subspell"}
			in.Spec.Extracts[1].Columns = in.Spec.Extracts[1].Columns[:5]
			fill(in, "rader", "lopnr;from_datum;omfattning;niva;avsnitt", "1;2024-01-01;100;N;F40-F48")
			in.Files[1].Totals = Totals{Rows: 1, Persons: 1}
		}, nil},
		{"a filter on rows in a panel's greatest extent", func(in *Input) {
			e := &in.Spec.Extracts[1]
			in.Scope.Rows[1].Variables = append(in.Scope.Rows[1].Variables, plan.VariableBound{ID: "ar"})
			e.Shape = plan.Shape{Panel: &plan.PanelShape{Unit: "year"}}
			e.Columns = cols(plan.Column{Name: "ar"}, plan.Column{Name: "omfattning", Derive: derive("max")})
			fill(in, "rader", "lopnr;ar;omfattning", "1;2024;75", "1;#2025;#50")
			in.Files[1].Totals = Totals{Rows: 2, Persons: 1}
		}, nil},
	} {
		in := wide(t)
		tt.do(&in)
		if got := failed(Check(in)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v: %+v", tt.name, got, Check(in))
		}
	}
	in := input(t)
	fill(&in, "manad", "lopnr;manad;dagar;belopp", "#3;2024-01;#70;#5600050")
	in.Files[1].Totals.Rows, in.Files[1].Totals.Persons = 1, 1
	if got := failed(Check(in)); !slices.Equal(got, []string{Headers}) {
		t.Errorf("a group left out: %v", got)
	}
}
