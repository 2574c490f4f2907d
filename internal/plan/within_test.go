package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
)

// wider is one element in which a specification asks for more than the
// decision, by element of the table in reference extraction §2.3.
type wider struct {
	name string
	do   func(*Spec, *Scope, *Facts)
	want string
}

func months(n int) day.Offset { return day.Offset{Months: n} }

var widerThanDecided = []wider{
	// persons
	{"another intake", func(s *Spec, _ *Scope, _ *Facts) { s.Population.File.Intake.SHA256 = hash("4") }, "population.file.intake scope.intake"},
	{"no intake accepted", func(s *Spec, _ *Scope, f *Facts) { s.Population.File.Intake, f.Intake = Ref{}, Ref{} }, "population.file.intake scope.intake"},
	{"more persons", func(_ *Spec, _ *Scope, f *Facts) { f.Persons = 1001 }, "population scope.persons_max"},
	{"identity column", func(s *Spec, _ *Scope, _ *Facts) { s.Population.File.ID = "namn" }, "population.file scope.population_columns"},
	{"löpnummer column", func(s *Spec, _ *Scope, _ *Facts) { s.Population.File.Serial = "" }, "population.file scope.population_columns"},
	{"anchor not decided", func(s *Spec, _ *Scope, _ *Facts) { s.Population.File.Anchors = []string{"indexdatum", "grupp"} }, "population.file.anchors[1] scope.anchor"},
	{"dropped column passed", func(s *Spec, _ *Scope, _ *Facts) { s.Population.File.Groups = []string{"kommun"} }, "population.file.groups[0] scope.group"},
	{"steering column passed", func(s *Spec, _ *Scope, _ *Facts) { s.Population.File.Groups = []string{"indexdatum"} }, "population.file.groups[0] scope.group"},
	{"file where criteria were decided", func(_ *Spec, c *Scope, _ *Facts) {
		c.Persons = Persons{Source: SourceCriteria, Max: 1000, Criteria: &Criteria{}}
	}, "population scope.population"},
	{"criteria where a file was decided", func(s *Spec, _ *Scope, _ *Facts) { s.Population = Population{Criteria: &Criteria{}} }, "population.criteria scope.criteria"},
	{"other criteria", func(s *Spec, c *Scope, _ *Facts) {
		s.Population = Population{Criteria: &Criteria{Sample: &Sample{10, "a"}}}
		c.Persons = Persons{Source: SourceCriteria, Max: 1000, Criteria: &Criteria{Sample: &Sample{9, "a"}}}
	}, "population.criteria scope.criteria"},
	// variables
	{"variable not decided", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Columns[3] = Column{Name: "dagar"} }, "extracts[0].columns[3] scope.variable"},
	{"unknown variable", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Columns[3] = Column{Name: "x"} }, "extracts[0].columns[3] scope.variable"},
	{"amount in the person's column", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[1].Columns[0].Derive = &Derive{Fn: "amount_sum"} }, "extracts[1].columns[0].derive scope.derivation"},
	{"amount under an approved name", func(s *Spec, c *Scope, _ *Facts) {
		s.Extracts[1].Columns[4] = Column{Name: "manad", As: "m", Derive: &Derive{Fn: "amount_sum"}}
		c.Rows[1].Variables = c.Rows[1].Variables[:3]
	}, "extracts[1].columns[4].derive scope.derivation"},
	{"rows of persons where organisations were decided", func(s *Spec, c *Scope, _ *Facts) {
		c.Persons.Kind, c.Persons.Traders = KindOrganisations, "include"
		s.Extracts = s.Extracts[1:]
	}, "extracts[0].table scope.organisations"},
	{"other table", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[1].Table = "tandvard" }, "extracts[1].table scope.table"},
	{"table not in the catalogue", func(s *Spec, c *Scope, _ *Facts) { s.Extracts[1].Table, c.Rows[1].Table = "x", "x" }, "extracts[1].table scope.table"},
	{"table let out twice", func(_ *Spec, c *Scope, _ *Facts) { c.Rows = append(c.Rows, c.Rows[1]) }, "extracts[1].table scope.table"},
	{"spells apart by what was not decided", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Shape.Spell.Key = []string{"niva"} }, "extracts[0].shape.spell.key[0] scope.spell_key"},
	{"spells apart by what is let out coarser", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Shape.Spell.Key = []string{"diagnos"} }, "extracts[0].shape.spell.key[0] scope.spell_key"},
	// resolution
	{"exact where coarse was decided", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Columns[1].Coarsen = nil }, "extracts[0].columns[1].coarsen scope.resolution"},
	{"whole diagnosis", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Columns[4].Coarsen = nil }, "extracts[0].columns[4].coarsen scope.resolution"},
	{"finer level", func(s *Spec, c *Scope, _ *Facts) { c.Rows[0].Variables[3].Level = "icd_chapter" }, "extracts[0].columns[4].coarsen scope.resolution, extracts[0].where[1] scope.filter_resolution"},
	{"distance tells the day", func(s *Spec, _ *Scope, _ *Facts) {
		s.Extracts[0].Columns[1] = Column{Name: "from_datum", Coarsen: &Coarsen{"month"}, Derive: &Derive{Fn: "days_from_anchor", Args: map[string]any{"anchor": "indexdatum"}}}
	}, "extracts[0].columns[1].coarsen scope.resolution"},
	{"filter finer than the variable", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[1].CodeIn = []string{"F321"} }, "extracts[0].where[1] scope.filter_resolution"},
	// period
	{"longer at the start", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[1].Window.From.Date = day.MustParse("2017-12-31") }, "extracts[1].window scope.period"},
	{"longer at the end", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[1].Window.To.Date = day.MustParse("2026-07-02") }, "extracts[1].window scope.period"},
	{"no period decided", func(_ *Spec, c *Scope, _ *Facts) { c.Rows[1].Period = nil }, "extracts[1].window scope.period"},
	{"absolute where relative was decided", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Window = s.Extracts[1].Window }, "extracts[0].window scope.period"},
	{"further back", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Window.From.Offset = months(-61) }, "extracts[0].window scope.period"},
	{"a day further back", func(s *Spec, _ *Scope, _ *Facts) {
		s.Extracts[0].Window.From.Offset = day.Offset{Months: -60, Days: -1}
	}, "extracts[0].window scope.period"},
	{"further on", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Window.To.Offset = months(25) }, "extracts[0].window scope.period"},
	{"days that may be more than the months", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Window.To.Offset = day.Offset{Days: 731} }, "extracts[0].window scope.period"},
	{"another anchor", func(s *Spec, c *Scope, _ *Facts) {
		c.Rows[0].Around.From.Anchor, c.Rows[0].Around.To.Anchor = "annat", "annat"
	}, "extracts[0].window scope.period"},
	// rows
	{"filter gone", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[1].Where = nil }, "extracts[1].where scope.rows"},
	{"wider codes", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[1].CodeIn = []string{"F30-F49"} }, "extracts[0].where scope.rows"},
	{"codes before", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[1].CodeIn = []string{"F29-F32"} }, "extracts[0].where scope.rows"},
	{"a whole chapter", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[1].CodeIn = []string{"F"} }, "extracts[0].where scope.rows"},
	{"wider range", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[1].Where[0].Between = []any{12.5, 100.0} }, "extracts[1].where scope.rows"},
	{"higher than the range", func(s *Spec, c *Scope, _ *Facts) { c.Rows[1].Where[0].Between = []any{25.0, 75.0} }, "extracts[1].where scope.rows"},
	{"value outside the range", func(s *Spec, _ *Scope, _ *Facts) {
		s.Extracts[1].Where[0] = Filter{Var: "omfattning", Stage: StageRow, In: []any{50.0, 12.5}}
	}, "extracts[1].where scope.rows"},
	{"missing values kept", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[1].Null = "keep" }, "extracts[0].where scope.rows"},
	{"another stage", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[1].Stage = StageRow }, "extracts[0].where scope.rows"},
	{"no benefits named", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where = s.Extracts[0].Where[1:] }, "extracts[0].where scope.benefits"},
	{"another benefit", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[0].In = []any{"SJP", "FSP"} }, "extracts[0].where scope.benefits, extracts[0].where[0] scope.filter_variable"},
	{"benefits of whole spells", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[0].Stage = StageSpell }, "extracts[0].where scope.benefits, extracts[0].where[0] scope.filter_variable"},
	{"one benefit of two tells which", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Where[0].In = []any{"SJP"} }, "extracts[0].where[0] scope.filter_variable"},
	{"filter on what may not leave", func(s *Spec, _ *Scope, _ *Facts) {
		s.Extracts[0].Where = append(s.Extracts[0].Where, Filter{Var: "niva", Stage: StageRow, In: []any{"A"}})
	}, "extracts[0].where[2] scope.filter_variable"},
	{"tighter filter on what may not leave", func(s *Spec, c *Scope, _ *Facts) {
		s.Extracts[0].Columns, c.Rows[0].Variables = s.Extracts[0].Columns[:4], c.Rows[0].Variables[:3]
	}, "extracts[0].where[1] scope.filter_variable"},
	// looking outside the period
	{"history", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].History = "reveal" }, "extracts[0].history scope.history"},
	{"true end", func(s *Spec, c *Scope, _ *Facts) {
		c.Rows[0].Variables = append(c.Rows[0].Variables, VariableBound{"helt_tom_datum", ""})
		s.Extracts[0].Columns[2] = Column{Name: "helt_tom_datum"}
	}, "extracts[0].columns[2] scope.history"},
	// shape
	{"finer shape", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[0].Shape = Shape{Simple: "subspell"} }, "extracts[0].shape scope.shape"},
	{"panel of days", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[1].Shape.Panel.Unit = "day" }, "extracts[1].shape scope.shape"},
	{"unknown shape", func(s *Spec, _ *Scope, _ *Facts) { s.Extracts[1].Shape.Panel.Unit = "decade" }, "extracts[1].shape scope.shape"},
	{"no shape decided", func(_ *Spec, c *Scope, _ *Facts) { c.Rows[1].Shape = "" }, "extracts[1].shape scope.shape"},
	// identity, order, format, number and date
	{"personnummer", func(s *Spec, _ *Scope, _ *Facts) { s.Identity.Kind = IdentityPersonalNumber }, "identity.kind scope.identity"},
	{"löpnummer where personnummer were decided", func(_ *Spec, c *Scope, _ *Facts) { c.Identity.Kind = IdentityPersonalNumber }, "identity.kind scope.identity"},
	{"another order", func(s *Spec, _ *Scope, _ *Facts) { s.Order = "FK-2026-00418" }, "order scope.order"},
	{"another decision", func(s *Spec, _ *Scope, _ *Facts) { s.Decision.SHA256 = hash("5") }, "decision scope.decision"},
	{"another version of the decision", func(s *Spec, _ *Scope, _ *Facts) { s.Decision.Version = 2 }, "decision scope.decision"},
	{"another catalogue", func(s *Spec, _ *Scope, _ *Facts) { s.Catalogue.Version++ }, "catalogue scope.catalogue"},
	{"catalogue that is not loaded", func(s *Spec, c *Scope, _ *Facts) { s.Catalogue.SHA256, c.Catalogue.SHA256 = hash("6"), hash("6") }, "catalogue scope.catalogue_loaded"},
	{"format of scope", func(_ *Spec, c *Scope, _ *Facts) { c.Scope = "sluss/scope/v2" }, "decision scope.version"},
	{"file format", func(_ *Spec, c *Scope, _ *Facts) { c.Formats = []string{"csv"} }, "extracts[1].output.format scope.format"},
	{"expired", func(_ *Spec, _ *Scope, f *Facts) { f.Today++ }, "decision scope.expired"},
	{"no last day", func(_ *Spec, c *Scope, _ *Facts) { c.Expires = 0 }, "decision scope.expired"},
	{"one delivery too many", func(_ *Spec, _ *Scope, f *Facts) { f.Earlier = 1 }, "decision scope.deliveries"},
}

// TestPromise03PlanWithinDecision: each element of the specification that is
// widened is refused, and by its own name.
func TestPromise03PlanWithinDecision(t *testing.T) {
	t.Parallel()
	for _, tt := range widerThanDecided {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, c, f := copyOf(t, example()), copyOf(t, exampleScope()), exampleFacts()
			tt.do(&s, &c, &f)
			got := codes(Within(s, c, f, catalog.Builtin()))
			if want := strings.Split(tt.want, ", "); !slices.Equal(got, want) {
				t.Errorf("findings %v, want %v", got, want)
			}
		})
	}
}

// TestPromise04NumbersNeedTheDecision: personnummer leave only where the
// decision says so.
func TestPromise04NumbersNeedTheDecision(t *testing.T) {
	t.Parallel()
	s, c := example(), exampleScope()
	s.Identity.Kind = IdentityPersonalNumber
	if got := codes(Within(s, c, exampleFacts(), catalog.Builtin())); !slices.Equal(got, []string{"identity.kind scope.identity"}) {
		t.Errorf("findings %v", got)
	}
	c.Identity.Kind = IdentityPersonalNumber
	if got := Within(s, c, exampleFacts(), catalog.Builtin()); len(got) != 0 {
		t.Errorf("decided, but %v", got)
	}
}

// narrower are changes that keep a specification inside the decision.
var narrower = []struct {
	name string
	do   func(*Spec)
}{
	{"shorter", func(s *Spec) { s.Extracts[1].Window.From.Date += 40 }},
	{"the whole period", func(s *Spec) { s.Extracts[1].Window.To.Date = day.MustParse("2026-07-01") }},
	{"the whole time around", func(s *Spec) {
		s.Extracts[0].Window.From.Offset, s.Extracts[0].Window.To.Offset = months(-60), months(24)
	}},
	{"days within the months", func(s *Spec) { s.Extracts[0].Window.To.Offset = day.Offset{Days: 600} }},
	{"coarser", func(s *Spec) { s.Extracts[0].Columns[4].Coarsen.To = "icd_chapter" }},
	{"month", func(s *Spec) { s.Extracts[0].Columns[1].Coarsen.To = "month" }},
	{"fewer columns", func(s *Spec) { s.Extracts[0].Columns = s.Extracts[0].Columns[:1] }},
	{"the decision's own filter", func(s *Spec) { s.Extracts[0].Where[1].CodeIn = []string{"F30-F48"} }},
	{"one code", func(s *Spec) { s.Extracts[0].Where[1].CodeIn = []string{"F48"} }},
	{"fewer extents", func(s *Spec) {
		s.Extracts[1].Where[0] = Filter{Var: "omfattning", Stage: StageRow, In: []any{25.0, 100.0}}
	}},
	{"two filters", func(s *Spec) {
		s.Extracts[1].Where = append(s.Extracts[1].Where, Filter{Var: "omfattning", Stage: StageRow, In: []any{75.0}})
	}},
	{"year panel of the same", func(s *Spec) {
		s.Extracts[1].Shape.Panel.Unit = "year"
		s.Extracts[1].Columns = []Column{{Name: "lopnr"}, {Name: "dagar"}}
	}},
	{"panel instead of spells", func(s *Spec) {
		s.Extracts[0].Shape = Shape{Panel: &PanelShape{Unit: "day"}}
		s.Extracts[0].Columns = []Column{{Name: "lopnr"}, {Name: "nettodagar"}}
	}},
	{"fewer files", func(s *Spec) { s.Extracts = s.Extracts[1:] }},
	{"no groups", func(s *Spec) { s.Population.File.Groups = nil }},
	{"how it is written", func(s *Spec) { s.Extracts[0].Output = Output{File: "x", Format: "parquet", SplitRows: 1000} }},
	{"how spells are made", func(s *Spec) { s.Extracts[0].Shape.Spell.MaxGapDays, s.Extracts[0].Overlap = 0, "sum_tracks" }},
	{"spells that start within", func(s *Spec) { s.Extracts[0].Window.Mode = ModeStartIn }},
	{"the last rather than", func(s *Spec) {
		s.Extracts[0].Columns[4] = Column{Name: "diagnos", Derive: &Derive{Fn: "last"}, Coarsen: &Coarsen{"icd_chapter"}}
	}},
}

// TestPromise03AnyNarrowingAnyWidening: however a specification is narrowed,
// it lies within the decision; one widened element is always found.
func TestPromise03AnyNarrowingAnyWidening(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	rapid.Check(t, func(rt *rapid.T) {
		s, c, f := copyOf(t, example()), copyOf(t, exampleScope()), exampleFacts()
		n := narrower[rapid.IntRange(0, len(narrower)-1).Draw(rt, "narrowing")]
		n.do(&s)
		if fs := Within(s, c, f, cat); len(fs) != 0 {
			rt.Fatalf("%s: %v", n.name, fs)
		}
		s = copyOf(t, example())
		w := widerThanDecided[rapid.IntRange(0, len(widerThanDecided)-1).Draw(rt, "widening")]
		w.do(&s, &c, &f)
		if rapid.Bool().Draw(rt, "narrowed elsewhere") { // narrowing one extract does not hide another
			s.Extracts = append(s.Extracts, example().Extracts[1])
			s.Extracts[len(s.Extracts)-1].Window.From.Date += 3
		}
		if fs := Within(s, c, f, cat); len(fs) == 0 {
			rt.Fatalf("%s is not found", w.name)
		}
	})
}

// TestNotAfter proves by trial over every day of six years, leap years among
// them, that what notAfter says holds for each anchor, and that it says so
// whenever months do not cross.
func TestNotAfter(t *testing.T) {
	t.Parallel()
	first, last := day.MustParse("1999-01-01"), day.MustParse("2004-12-31")
	always := func(a, b day.Offset) bool {
		for d := first; d <= last; d++ {
			if d.Add(a) > d.Add(b) {
				return false
			}
		}
		return true
	}
	said, held := 0, 0
	check := func(a, b day.Offset) {
		holds := always(a, b)
		if holds {
			held++
		}
		if notAfter(a, b) {
			said++
			if !holds {
				t.Errorf("notAfter(%v, %v), but not for every day", a, b)
			}
		} else if a.Months == b.Months && holds {
			t.Errorf("notAfter(%v, %v) is false though the months are the same", a, b)
		}
		if before(a, b) {
			for d := first; d <= last; d++ {
				if d.Add(a) >= d.Add(b) {
					t.Fatalf("before(%v, %v), but not for %v", a, b, d)
				}
			}
		}
	}
	offsets := []day.Offset{}
	for _, m := range []int{0, 1, 2, 3, 11, 12, 13, 24} {
		for _, d := range []int{0, 1, 2, 3, 27, 28, 29, 30, 31, 32, 59, 62, 336, 365, 366, 372, 373} {
			offsets = append(offsets, day.Offset{Months: m, Days: d}, day.Offset{Months: -m, Days: -d})
		}
	}
	for i, a := range offsets {
		for j, b := range offsets {
			if (i+j)%31 == 0 || a.Days == b.Days || a.Months == b.Months { // a fair part of all pairs
				check(a, b)
			}
		}
	}
	if said*10 < held*8 {
		t.Errorf("notAfter says yes to %d of %d pairs that hold", said, held)
	}
}

func TestCodeRanges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rng, code string
		want      bool
	}{
		{"F32", "F32", true},
		{"F32", "F321", true},
		{"F32", "F32.1", true},
		{"F32", "F31", false},
		{"F32", "F3", false},
		{"F30-F48", "F30", true},
		{"F30-F48", "F489", true},
		{"F30-F48", "F49", false},
		{"F30-F48", "G30", false},
		{"F", "F999", true},
		{"F30-F3", "F39", true},
		{"F30-F3", "F29", false},
	} {
		r, err := parseRanges([]string{tt.rng})
		if err != nil {
			t.Fatal(err)
		}
		if got := r[0].Holds(tt.code); got != tt.want {
			t.Errorf("%s holds %s: %v", tt.rng, tt.code, got)
		}
	}
}

// TestInsideMeansInside: a range that is inside others holds no code that none
// of them holds.
func TestInsideMeansInside(t *testing.T) {
	t.Parallel()
	limit := rapid.StringMatching(`[FG]([0-9]([0-9]([0-9])?)?)?`)
	rapid.Check(t, func(rt *rapid.T) {
		text := func(label string) string {
			low, high := limit.Draw(rt, label), limit.Draw(rt, label)
			if low > high && !strings.HasPrefix(low, high) {
				low, high = high, low
			}
			return low + "-" + high
		}
		rs, err := parseRanges([]string{text("range")})
		if err != nil {
			rt.Skip("not a range")
		}
		bounds, err := parseRanges([]string{text("bound"), text("bound")})
		if err != nil {
			rt.Skip("not a range")
		}
		if !rs[0].inside(bounds) {
			return
		}
		for i := range 2000 { // F000 … G999
			code := fmt.Sprintf("%c%03d", 'F'+i/1000, i%1000)
			if rs[0].Holds(code) && !slices.ContainsFunc(bounds, func(b CodeRange) bool { return b.Holds(code) }) {
				rt.Fatalf("%v is said to be inside %v, but not with %s", rs, bounds, code)
			}
		}
	})
}

func TestCompile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		f         Filter
		k         catalog.Kind
		yes, no   []int64
		has, hasn []string
		null      bool
	}{
		{f: Filter{In: []any{50.0, 12.5}}, k: catalog.KindExtent, yes: []int64{500, 125}, no: []int64{0, 50, 1000}},
		{f: Filter{Between: []any{"2024-01-01", "2024-01-31"}, Null: "keep"}, k: catalog.KindDate, yes: []int64{int64(day.MustParse("2024-01-01")), int64(day.MustParse("2024-01-31"))}, no: []int64{int64(day.MustParse("2024-02-01"))}, null: true},
		{f: Filter{In: []any{"A", "B"}}, k: catalog.KindCode, has: []string{"A"}, hasn: []string{"C", ""}},
		{f: Filter{CodeIn: []string{"F3", "G40-G47"}}, k: catalog.KindCode, has: []string{"F39", "G471"}, hasn: []string{"F4", "G48", "G"}},
		{f: Filter{Between: []any{-5.0, 5.0}}, k: catalog.KindInt, yes: []int64{-5, 0, 5}, no: []int64{6, -6}},
	} {
		got, err := tt.f.Compile(tt.k)
		if err != nil {
			t.Fatalf("%+v: %v", tt.f, err)
		}
		for _, n := range tt.yes {
			if !got.Number(n) {
				t.Errorf("%+v stops %d", tt.f, n)
			}
		}
		for _, n := range tt.no {
			if got.Number(n) {
				t.Errorf("%+v passes %d", tt.f, n)
			}
		}
		for _, c := range tt.has {
			if !got.Code(c) {
				t.Errorf("%+v stops %s", tt.f, c)
			}
		}
		for _, c := range tt.hasn {
			if got.Code(c) {
				t.Errorf("%+v passes %s", tt.f, c)
			}
		}
		if got.Null() != tt.null {
			t.Errorf("%+v: null %v", tt.f, got.Null())
		}
	}
	for _, f := range []Filter{{}, {In: []any{}}, {CodeIn: []string{"F3"}}, {Between: []any{1.0}}, {In: []any{true}}, {In: []any{1.5}}} {
		if _, err := f.Compile(catalog.KindInt); err == nil {
			t.Errorf("%+v compiles", f)
		}
	}
}
