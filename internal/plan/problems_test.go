package plan

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// broken is one fault put into an otherwise good specification.
type broken struct {
	name string
	do   func(*Spec)
	want string // path and code of the finding, which must be the only one
}

func date(s string) Bound { return Bound{Date: day.MustParse(s)} }

var brokenSpecs = []broken{
	{"format", func(s *Spec) { s.Spec = "sluss/extraction/v2" }, "spec plan.version"},
	{"order", func(s *Spec) { s.Order = "fk 1" }, "order plan.order"},
	{"no instant", func(s *Spec) { s.AsOf = AsOf{Instant: "yesterday"} }, "as_of plan.as_of"},
	{"identity", func(s *Spec) { s.Identity.Kind = "name" }, "identity.kind plan.identity"},
	{"decision without hash", func(s *Spec) { s.Decision.SHA256 = "" }, "decision plan.ref"},
	{"catalogue without id", func(s *Spec) { s.Catalogue.ID = "" }, "catalogue plan.ref"},
	{"no time", func(s *Spec) { s.AsOf = AsOf{} }, "as_of plan.as_of"},
	{"two times", func(s *Spec) { s.AsOf.Instant = "2026-01-01T00:00:00Z" }, "as_of plan.as_of"},
	{"snapshot outside its folder", func(s *Spec) { s.AsOf.Snapshot = "../x" }, "as_of plan.as_of"},
	{"no population", func(s *Spec) { s.Population = Population{} }, ""},
	{"two populations", func(s *Spec) { s.Population.Criteria = &Criteria{} }, "population plan.population"},
	{"intake without hash", func(s *Spec) { s.Population.File.Intake.SHA256 = "x" }, "population.file.intake plan.ref"},
	{"no identity column", func(s *Spec) { s.Population.File.ID = "" }, "population.file.id plan.population"},
	{"anchor twice", func(s *Spec) { s.Population.File.Anchors = []string{"indexdatum", "indexdatum"} }, "population.file.anchors[1] plan.population_column"},
	{"group without name", func(s *Spec) { s.Population.File.Groups = []string{""} }, "population.file.groups[0] plan.population_column"},
	{"no extract", func(s *Spec) { s.Extracts = nil }, "extracts plan.empty"},
	{"name twice", func(s *Spec) { s.Extracts[1].Name = "sjukfall" }, "extracts[1].name plan.name_twice"},
	{"file twice", func(s *Spec) { s.Extracts[1].Output.File = "sjukfall" }, "extracts[1].output.file plan.file_twice"},
	{"name", func(s *Spec) { s.Extracts[0].Name = "Sjukfall 1" }, "extracts[0].name plan.name"},
	{"table", func(s *Spec) { s.Extracts[0].Table = "midas_x" }, "extracts[0].table plan.table"},
	{"shape of table", func(s *Spec) {
		e := &s.Extracts[1]
		e.Table, e.Columns, e.Where = "tandvard", []Column{{Name: "lopnr"}}, nil
	}, "extracts[1].columns[0].name plan.variable_shape, extracts[1].shape plan.shape"},
	{"unknown shape", func(s *Spec) {
		s.Extracts[1].Shape = Shape{Panel: &PanelShape{Unit: "hour"}}
		s.Extracts[1].Columns = []Column{{Name: "lopnr"}}
	}, "extracts[1].columns[0].name plan.variable_shape, extracts[1].shape plan.shape"},
	{"spell key of a diagnosis", func(s *Spec) { s.Extracts[0].Shape.Spell.Key = []string{"niva", "diagnos"} }, "extracts[0].shape.spell.key[1] plan.spell_key"},
	{"spell key of nothing", func(s *Spec) { s.Extracts[0].Shape.Spell.Key = []string{"x"} }, "extracts[0].shape.spell.key[0] plan.spell_key"},
	{"spell key twice", func(s *Spec) { s.Extracts[0].Shape.Spell.Key = []string{"niva", "niva"} }, "extracts[0].shape.spell.key[1] plan.spell_key_twice"},
	{"gap below", func(s *Spec) { s.Extracts[0].Shape.Spell.MaxGapDays = -1 }, "extracts[0].shape.spell.max_gap_days plan.gap"},
	{"gap above", func(s *Spec) { s.Extracts[0].Shape.Spell.MaxGapDays = 367 }, "extracts[0].shape.spell.max_gap_days plan.gap"},
	{"empty cells", func(s *Spec) { s.Extracts[1].Shape.Panel.EmptyCells = "null" }, "extracts[1].shape.panel.empty_cells plan.value"},
	{"overlap", func(s *Spec) { s.Extracts[0].Overlap = "sum" }, "extracts[0].overlap plan.value"},
	{"history", func(s *Spec) { s.Extracts[0].History = "all" }, "extracts[0].history plan.value"},
	{"mode", func(s *Spec) { s.Extracts[0].Window.Mode = "touch" }, "extracts[0].window.mode plan.value"},
	{"coverage below", func(s *Spec) { s.Extracts[0].MinCoverage = -0.1 }, "extracts[0].min_coverage plan.min_coverage"},
	{"coverage of a payment register", func(s *Spec) {
		s.Extracts[1].Table, s.Extracts[1].MinCoverage = "barnbidrag", 0.9
		s.Extracts[1].Where, s.Extracts[1].Columns = nil, []Column{{Name: "lopnr"}, {Name: "manad"}}
	}, "extracts[1].min_coverage plan.min_coverage"},
	{"coverage above", func(s *Spec) { s.Extracts[0].MinCoverage = 95 }, "extracts[0].min_coverage plan.min_coverage"},
	{"whole spells under mask", func(s *Spec) { s.Extracts[0].Window.Mode = ModeOverlap }, "extracts[0].window.mode plan.overlap_masked"},
	{"one bound relative", func(s *Spec) { s.Extracts[0].Window.To = date("2024-01-01") }, "extracts[0].window plan.window_mixed"},
	{"two anchors", func(s *Spec) {
		s.Population.File.Anchors = []string{"indexdatum", "annat"}
		s.Extracts[0].Window.To.Anchor = "annat"
	}, "extracts[0].window plan.window_mixed"},
	{"anchor of the window", func(s *Spec) { s.Population.File.Anchors = nil }, "extracts[0].window plan.anchor"},
	{"empty relative window", func(s *Spec) { s.Extracts[0].Window.To = s.Extracts[0].Window.From }, "extracts[0].window plan.window_empty"},
	{"window that may be empty", func(s *Spec) {
		s.Extracts[0].Window.From.Offset, s.Extracts[0].Window.To.Offset = day.Offset{Days: 30}, day.Offset{Months: 1}
	}, "extracts[0].window plan.window_empty"},
	{"empty window", func(s *Spec) { s.Extracts[1].Window.To = s.Extracts[1].Window.From }, "extracts[1].window plan.window_empty"},
	{"filter variable", func(s *Spec) { s.Extracts[1].Where[0].Var = "x" }, "extracts[1].where[0].var plan.variable"},
	{"filter on persons", func(s *Spec) { s.Extracts[1].Where[0] = Filter{Var: "lopnr", Stage: StageRow, In: []any{1.0}} }, "extracts[1].where[0].in[0] plan.filter_type, extracts[1].where[0].var plan.filter_person"},
	{"filter stage", func(s *Spec) { s.Extracts[1].Where[0].Stage = "panel" }, "extracts[1].where[0].stage plan.value"},
	{"filter stage of payments", func(s *Spec) {
		s.Extracts[1].Shape, s.Extracts[1].Columns = Shape{Simple: "payment"}, []Column{{Name: "lopnr"}}
		s.Extracts[1].Where[0].Stage = StageSpell
	}, "extracts[1].where[0].stage plan.filter_stage"},
	{"row filter on a derived variable", func(s *Spec) {
		s.Extracts[1].Where[0] = Filter{Var: "nettodagar", Stage: StageRow, Between: []any{1.0, 9.0}}
	}, "extracts[1].where[0].stage plan.filter_stage"},
	{"filter without values", func(s *Spec) { s.Extracts[1].Where[0].Between = nil }, "extracts[1].where[0] plan.filter_kind"},
	{"filter with an empty list", func(s *Spec) {
		s.Extracts[1].Where[0] = Filter{Var: "omfattning", Stage: StageRow, In: []any{}}
	}, "extracts[1].where[0] plan.filter_kind"},
	{"filter of two kinds", func(s *Spec) { s.Extracts[1].Where[0].In = []any{50.0} }, "extracts[1].where[0] plan.filter_kind"},
	{"filter null", func(s *Spec) { s.Extracts[1].Where[0].Null = "maybe" }, "extracts[1].where[0].null plan.value"},
	{"code_in on a number", func(s *Spec) {
		s.Extracts[1].Where[0] = Filter{Var: "omfattning", Stage: StageRow, CodeIn: []string{"F3"}}
	}, "extracts[1].where[0].code_in plan.filter_type"},
	{"range of codes backwards", func(s *Spec) { s.Extracts[0].Where[1].CodeIn = []string{"F48-F30"} }, "extracts[0].where[1].code_in plan.code_range"},
	{"range of codes open", func(s *Spec) { s.Extracts[0].Where[1].CodeIn = []string{"F48-"} }, "extracts[0].where[1].code_in plan.code_range"},
	{"code in small letters", func(s *Spec) { s.Extracts[0].Where[1].CodeIn = []string{"f48"} }, "extracts[0].where[1].code_in plan.code_range"},
	{"between backwards", func(s *Spec) { s.Extracts[1].Where[0].Between = []any{100.0, 50.0} }, "extracts[1].where[0].between plan.filter_type"},
	{"between on codes", func(s *Spec) {
		s.Extracts[0].Where[1] = Filter{Var: "diagnos", Stage: StageSpell, Between: []any{"F30", "F48"}}
	}, "extracts[0].where[1].between plan.filter_type"},
	{"between with three limits", func(s *Spec) { s.Extracts[1].Where[0].Between = []any{1.0, 2.0, 3.0} }, "extracts[1].where[0].between plan.filter_type"},
	{"text for a number", func(s *Spec) {
		s.Extracts[1].Where[0] = Filter{Var: "omfattning", Stage: StageRow, In: []any{50.0, "halv"}}
	}, "extracts[1].where[0].in[1] plan.filter_type"},
	{"half a per mille", func(s *Spec) {
		s.Extracts[1].Where[0] = Filter{Var: "omfattning", Stage: StageRow, In: []any{12.55}}
	}, "extracts[1].where[0].in[0] plan.filter_type"},
	{"no columns", func(s *Spec) { s.Extracts[1].Columns = nil }, "extracts[1].columns plan.no_columns"},
	{"column twice", func(s *Spec) { s.Extracts[1].Columns[2].As = "manad" }, "extracts[1].columns[2] plan.column_twice"},
	{"column called as a group", func(s *Spec) { s.Extracts[1].Columns[2].As = "grupp" }, "extracts[1].columns[2] plan.column_twice"},
	{"column name", func(s *Spec) { s.Extracts[1].Columns[2].As = "antal dagar" }, "extracts[1].columns[2].as plan.name"},
	{"variable", func(s *Spec) { s.Extracts[1].Columns[2].Name = "dag_x" }, "extracts[1].columns[2].name plan.variable"},
	{"variable that never leaves", func(s *Spec) { s.Extracts[1].Columns[2].Name = "row_id" }, "extracts[1].columns[2].name plan.variable_shape"},
	{"variable of another shape", func(s *Spec) { s.Extracts[1].Columns[2].Name = "from_datum" }, "extracts[1].columns[2].name plan.variable_shape"},
	{"true start under mask", func(s *Spec) { s.Extracts[0].Columns[2] = Column{Name: "helt_from_datum"} }, "extracts[0].columns[2].name plan.reveal"},
	{"true end under mask", func(s *Spec) { s.Extracts[0].Columns[2] = Column{Name: "helt_tom_datum"} }, "extracts[0].columns[2].name plan.reveal"},
	{"coarsening of another kind", func(s *Spec) { s.Extracts[0].Columns[1].Coarsen.To = "icd_3" }, "extracts[0].columns[1].coarsen plan.coarsen"},
	{"unknown coarsening", func(s *Spec) { s.Extracts[0].Columns[1].Coarsen.To = "decade" }, "extracts[0].columns[1].coarsen plan.coarsen"},
	{"unknown function", func(s *Spec) { s.Extracts[1].Columns[3].Derive.Fn = "median" }, "extracts[1].columns[3].derive.fn plan.function"},
	{"amount in the person's column", func(s *Spec) { s.Extracts[1].Columns[0].Derive = &Derive{Fn: "amount_sum"} }, "extracts[1].columns[0].derive.fn plan.function_variable"},
	{"amount under another name", func(s *Spec) { s.Extracts[1].Columns[1].Derive = &Derive{Fn: "amount_sum"} }, "extracts[1].columns[1].derive.fn plan.function_variable"},
	{"sum of extents", func(s *Spec) { s.Extracts[1].Columns[3].Derive.Fn = "amount_sum" }, "extracts[1].columns[3].derive.fn plan.function_variable"},
	{"another derivation", func(s *Spec) { s.Extracts[1].Columns[2].Derive = &Derive{Fn: "net_days"} }, "extracts[1].columns[2].derive.fn plan.function_variable"},
	{"greatest code", func(s *Spec) {
		s.Extracts[0].Columns[4].Derive, s.Extracts[0].Columns[4].Coarsen = &Derive{Fn: "max"}, nil
	}, "extracts[0].columns[4].derive.fn plan.function_variable"},
	{"function of panels", func(s *Spec) {
		s.Extracts[1].Shape, s.Extracts[1].Columns = Shape{Simple: "payment"}, []Column{{Name: "lopnr"}, {Name: "belopp", Derive: &Derive{Fn: "amount_sum"}}}
	}, "extracts[1].columns[1].derive.fn plan.function_shape"},
	{"function of aggregates", func(s *Spec) {
		s.Extracts[1].Shape, s.Extracts[1].Columns = Shape{Simple: "payment"}, []Column{{Name: "lopnr"}, {Name: "dagar", Derive: &Derive{Fn: "days"}}}
	}, "extracts[1].columns[1].derive.fn plan.function_shape"},
	{"coarser than a distance", func(s *Spec) {
		s.Extracts[0].Columns[1].Derive = &Derive{Fn: "days_from_anchor", Args: map[string]any{"anchor": "indexdatum"}}
	}, "extracts[0].columns[1].coarsen plan.function_coarsen"},
	{"codes that are no list", func(s *Spec) {
		s.Extracts[0].Columns[4] = Column{Name: "diagnos", Derive: &Derive{Fn: "flag_any", Args: map[string]any{"code_in": "F32"}}}
	}, "extracts[0].columns[4].derive.args plan.argument_codes"},
	{"no codes", func(s *Spec) {
		s.Extracts[0].Columns[4] = Column{Name: "diagnos", Derive: &Derive{Fn: "count", Args: map[string]any{"code_in": []any{}}}}
	}, "extracts[0].columns[4].derive.args plan.argument_codes"},
	{"codes of a number", func(s *Spec) {
		s.Extracts[1].Columns[3].Derive = &Derive{Fn: "count", Args: map[string]any{"code_in": []any{"F32"}}}
	}, "extracts[1].columns[3].derive.args plan.argument_codes"},
	{"codes that are none", func(s *Spec) {
		s.Extracts[0].Columns[4] = Column{Name: "diagnos", Derive: &Derive{Fn: "flag_any", Args: map[string]any{"code_in": []any{"f32*"}}}}
	}, "extracts[0].columns[4].derive.args plan.code_range"},
	{"codes of the first", func(s *Spec) {
		s.Extracts[0].Columns[4] = Column{Name: "diagnos", Derive: &Derive{Fn: "first", Args: map[string]any{"code_in": []any{"F32"}}}}
	}, "extracts[0].columns[4].derive.args plan.argument"},
	{"distance from nothing", func(s *Spec) { s.Extracts[0].Columns[2].Derive = &Derive{Fn: "days_from_anchor"} }, "extracts[0].columns[2].derive.args plan.anchor"},
	{"distance from another anchor", func(s *Spec) {
		s.Extracts[0].Columns[2].Derive = &Derive{Fn: "days_from_anchor", Args: map[string]any{"anchor": "annat"}}
	}, "extracts[0].columns[2].derive.args plan.anchor"},
	{"argument", func(s *Spec) { s.Extracts[1].Columns[3].Derive.Args = map[string]any{"of": 1.0} }, "extracts[1].columns[3].derive.args plan.argument"},
	{"no column of the person", func(s *Spec) { s.Extracts[1].Columns, s.Extracts[1].Output.Sort = s.Extracts[1].Columns[1:], nil }, "extracts[1].columns plan.no_person"},
	{"another order first", func(s *Spec) {
		e := &s.Extracts[0]
		e.Output.Sort = []string{e.Columns[1].Out(), "lopnr"}
	}, "extracts[0].output.sort[0] plan.sort_person"},
	{"filter of spells on a date that they lack", func(s *Spec) {
		s.Extracts[0].Where = append(s.Extracts[0].Where, Filter{Var: "utbetalningsdatum", Stage: StageSpell, Between: []any{"2020-01-01", "2020-02-01"}})
	}, "extracts[0].where[2].var plan.filter_variable"},
	{"sort column", func(s *Spec) { s.Extracts[0].Output.Sort = []string{"lopnr", "from_datum"} }, "extracts[0].output.sort[1] plan.sort"},
	{"file outside its folder", func(s *Spec) { s.Extracts[1].Output.File = "../sa" }, "extracts[1].output.file plan.file_name"},
	{"a name longer than Stata's", func(s *Spec) {
		s.Extracts[0].Columns[0].As, s.Extracts[0].Output = "ett_namn_som_ar_langre_an_statas_trettiotva", Output{File: "x", Format: "dta"}
	}, "extracts[0].output.format plan.format_name"},
	{"a name that ends as none does in SPSS", func(s *Spec) {
		s.Extracts[0].Columns[0].As, s.Extracts[0].Output = "lopnr_", Output{File: "x", Format: "sav"}
	}, "extracts[0].output.format plan.format_name"},
	{"file without name", func(s *Spec) { s.Extracts[1].Output.File = "" }, "extracts[1].output.file plan.file_name"},
	{"file format", func(s *Spec) { s.Extracts[1].Output.Format = "xlsx" }, "extracts[1].output.format plan.value"},
	{"missing value as the separator", func(s *Spec) { s.Extracts[0].Output = Output{File: "x", Format: "csv", Null: ";"} }, "extracts[0].output.null plan.null_delimiter"},
	{"missing value with the separator", func(s *Spec) {
		s.Extracts[0].Output = Output{File: "x", Format: "csv", Delimiter: ",", Null: "a,b"}
	}, "extracts[0].output.null plan.null_delimiter"},
	{"delimiter", func(s *Spec) { s.Extracts[0].Output.Delimiter = "|" }, "extracts[0].output.delimiter plan.value"},
	{"encoding", func(s *Spec) { s.Extracts[0].Output.Encoding = "utf-16" }, "extracts[0].output.encoding plan.value"},
	{"date", func(s *Spec) { s.Extracts[0].Output.Date = "us" }, "extracts[0].output.date plan.value"},
	{"decimal", func(s *Spec) { s.Extracts[0].Output.Decimal = "'" }, "extracts[0].output.decimal plan.value"},
	{"two commas", func(s *Spec) { s.Extracts[0].Output.Delimiter, s.Extracts[0].Output.Decimal = ",", "," }, "extracts[0].output.decimal plan.decimal"},
	{"text of null", func(s *Spec) { s.Extracts[0].Output.Null = "N\nA" }, "extracts[0].output.null plan.null_text"},
	{"small parts", func(s *Spec) { s.Extracts[0].Output.SplitRows = 999 }, "extracts[0].output.split_rows plan.split"},
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range brokenSpecs {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := copyOf(t, example())
			tt.do(&s)
			got := codes(s.Problems(catalog.Builtin()))
			if tt.want == "" { // several
				if len(got) == 0 {
					t.Error("nothing found")
				}
				return
			}
			want := regexp.MustCompile(", ").Split(tt.want, -1)
			if !slices.Equal(got, want) {
				t.Errorf("findings %v, want %v", got, want)
			}
		})
	}
}

// TestCriteriaProblems looks at populations that the vault would draw.
func TestCriteriaProblems(t *testing.T) {
	t.Parallel()
	good := func() Criteria {
		return Criteria{
			Any: []Criterion{{
				Table: "midas_sjp", Period: Window{From: date("2020-01-01"), To: date("2021-01-01")}, AtLeast: &AtLeast{Days: 14},
				Where: []Filter{{Var: "diagnos", Stage: StageRow, CodeIn: []string{"F32"}}},
			}},
			And:    []Criterion{{Table: "person", Period: Window{From: date("2020-01-01"), To: date("2021-01-01")}, Where: []Filter{{Var: "fodelsear", Stage: StageRow, Between: []any{1960.0, 1970.0}}}}},
			Not:    []Criterion{{Table: "midas_sjp", Period: Window{From: Bound{Anchor: "start", Offset: day.Offset{Months: -12}}, To: Bound{Anchor: "start"}}}},
			Anchor: &AnchorPick{"start", "first_start"}, Sample: &Sample{1000, "seed"}, Ground: "114 kap. 12 §",
			Controls: &Controls{PerCase: 3, Match: []string{"sex", "birth_year"}, YearsApart: 1, Seed: "seed"}, Relatives: &Relatives{Of: []string{"children"}},
		}
	}
	for _, tt := range []struct {
		name string
		do   func(*Criteria)
		want []string
	}{
		{"good", func(*Criteria) {}, nil},
		{"no condition", func(c *Criteria) { c.Any = nil }, []string{"p.any plan.criteria"}},
		{"table", func(c *Criteria) { c.Any[0].Table = "x" }, []string{"p.any[0].table plan.table"}},
		{"period", func(c *Criteria) { c.Any[0].Period.To = date("2020-01-01") }, []string{"p.any[0].period plan.criteria"}},
		{"relative period", func(c *Criteria) { c.Any[0].Period.From = Bound{Anchor: "start"} }, []string{"p.any[0].period plan.criteria"}},
		{"at least nothing", func(c *Criteria) { c.Any[0].AtLeast = &AtLeast{} }, []string{"p.any[0].at_least plan.criteria"}},
		{"filter", func(c *Criteria) { c.Any[0].Where[0].Var = "x" }, []string{"p.any[0].where[0].var plan.variable"}},
		{"anchor", func(c *Criteria) { c.Anchor.Pick = "median" }, []string{"p.anchor plan.criteria"}},
		{"sample", func(c *Criteria) { c.Sample.Seed = "" }, []string{"p.sample plan.criteria"}},
		{"no ground for health data", func(c *Criteria) { c.Ground = "" }, []string{"p.ground plan.ground"}},
		{"no ground for what shuts out", func(c *Criteria) { c.Ground, c.Any[0] = "", Criterion{Table: "barnbidrag", Period: c.Any[0].Period} }, []string{"p.ground plan.ground"}},
		{"no ground needed", func(c *Criteria) {
			c.Ground, c.Not, c.Any[0] = "", nil, Criterion{Table: "barnbidrag", Period: c.Any[0].Period}
		}, nil},
		{"period around another date", func(c *Criteria) { c.Not[0].Period.From.Anchor, c.Not[0].Period.To.Anchor = "x", "x" }, []string{"p.not[0].period plan.criteria"}},
		{"period around nothing", func(c *Criteria) { c.Anchor = nil }, []string{"p.not[0].period plan.criteria"}},
		{"empty period around a date", func(c *Criteria) { c.Not[0].Period.From.Offset = day.Offset{} }, []string{"p.not[0].period plan.criteria"}},
		{"whole spells", func(c *Criteria) { c.Any[0].Period.Mode = "overlap" }, []string{"p.any[0].period.mode plan.criteria_mode"}},
		{"mode", func(c *Criteria) { c.Any[0].Period.Mode = "touch" }, []string{"p.any[0].period.mode plan.value"}},
		{"days of a table without days", func(c *Criteria) { c.And[0].AtLeast = &AtLeast{Days: 1} }, []string{"p.and[0].at_least.days plan.criteria_days"}},
		{"a date of a table without dates", func(c *Criteria) { c.Any[0] = c.And[0] }, []string{"p.anchor plan.criteria_dated"}},
		{"a month for a year", func(c *Criteria) { c.And[0].Where[0].Between = []any{"1960-01", "1970-01"} }, []string{"p.and[0].where[0].between plan.filter_level"}},
		{"days for years", func(c *Criteria) { c.And[0].Where[0].Between = []any{1960.5, 1970.0} }, []string{"p.and[0].where[0].between plan.filter_type"}},
		{"no controls", func(c *Criteria) { c.Controls.PerCase = 0 }, []string{"p.controls.per_case plan.criteria_controls"}},
		{"too many controls", func(c *Criteria) { c.Controls.PerCase = 21 }, []string{"p.controls.per_case plan.criteria_controls"}},
		{"matched on nothing", func(c *Criteria) { c.Controls.Match, c.Controls.YearsApart = nil, 0 }, []string{"p.controls.match plan.criteria_controls"}},
		{"matched twice", func(c *Criteria) { c.Controls.Match = []string{"birth_year", "birth_year"} }, []string{"p.controls.match plan.criteria_controls"}},
		{"years apart without years", func(c *Criteria) { c.Controls.Match = []string{"sex"} }, []string{"p.controls.years_apart plan.criteria_controls"}},
		{"no seed of controls", func(c *Criteria) { c.Controls.Seed = "" }, []string{"p.controls.seed plan.criteria_controls"}},
		{"no relatives", func(c *Criteria) { c.Relatives.Of = nil }, []string{"p.relatives.of plan.criteria_relatives"}},
		{"unknown relatives", func(c *Criteria) { c.Relatives.Of = []string{"cousins"} }, []string{"p.relatives.of plan.criteria_relatives"}},
	} {
		c := good()
		tt.do(&c)
		var fs findings
		c.problems(&fs, "p", catalog.Builtin())
		if got := codes(fs); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	s := example()
	c := good()
	s.Population = Population{Criteria: &c}
	s.Extracts[0].Window.From.Anchor, s.Extracts[0].Window.To.Anchor = "start", "start"
	if fs := s.Problems(catalog.Builtin()); len(fs) != 0 {
		t.Errorf("a window around the criteria's own anchor: %v", fs)
	}
}

// TestEveryCodeIsTested: each finding code in the source is wanted by a test.
func TestEveryCodeIsTested(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`"((?:plan|scope|bounds)\.[a-z_]+)"`)
	var source, tests []byte
	for _, f := range []string{"problems.go", "criteria.go", "within.go", "bounds.go"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, b...)
	}
	for _, f := range []string{"problems_test.go", "within_test.go", "bounds_test.go"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, b...)
	}
	found := code.FindAllSubmatch(source, -1)
	if len(found) < 50 {
		t.Fatalf("only %d codes found", len(found))
	}
	for _, m := range found {
		if !regexp.MustCompile(` ` + regexp.QuoteMeta(string(m[1])) + `["\],]`).Match(tests) {
			t.Errorf("no test wants %s", m[1])
		}
	}
}

// TestSpellKeys: spells may be kept apart by what tells sub-spells apart, where that
// may leave as it is.
func TestSpellKeys(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	for table, want := range map[string][]string{"midas_sjp": {"delforman", "niva"}, "midas_sa": {"delforman"}} {
		reg, of := cat.Table(table)
		if got := SpellKeys(reg, of); !slices.Equal(got, want) {
			t.Errorf("%s may be kept apart by %v, want %v", table, got, want)
		}
	}
	s, scope := copyOf(t, example()), copyOf(t, exampleScope())
	s.Extracts[0].Shape.Spell.Key = []string{"niva", "delforman"}
	scope.Rows[0].Variables = append(scope.Rows[0].Variables, VariableBound{"niva", ""}, VariableBound{"delforman", ""})
	if got := codes(s.Problems(cat)); len(got) > 0 {
		t.Errorf("findings %v", got)
	}
	if got := codes(Within(s, scope, exampleFacts(), cat)); len(got) > 0 {
		t.Errorf("not within a decision on the variables: %v", got)
	}
}
