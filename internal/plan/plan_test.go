package plan

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
)

func hash(c string) canon.Hash { return canon.Hash(strings.Repeat(c, 64)) }

// example is a specification that can be run and lies within exampleScope.
func example() Spec {
	rel := func(offset string) Bound {
		o, err := day.ParseOffset(offset)
		if err != nil {
			panic(err)
		}
		return Bound{Anchor: "indexdatum", Offset: o}
	}
	return Spec{
		Spec: Version, Order: "FK-2026-00417", Decision: Ref{"B1", 1, hash("1")}, Catalogue: CatalogueRef(catalog.Builtin()),
		AsOf: AsOf{Snapshot: "midas-2026-11-01"}, Identity: Identity{Kind: IdentitySerial},
		Population: Population{File: &FilePopulation{
			Intake: Ref{ID: "pop-3", SHA256: hash("3")}, ID: "personnummer", Serial: "lopnr", Anchors: []string{"indexdatum"}, Groups: []string{"grupp"},
		}},
		Extracts: []Extract{
			{
				Name: "sjukfall", Table: "midas_sjp", Shape: Shape{Spell: &SpellShape{MaxGapDays: 4}}, Overlap: "latest", History: "mask",
				Window: Window{rel("-P4Y"), rel("P1Y"), ModeClip},
				Where: []Filter{
					{Var: "delforman", Stage: StageRow, In: []any{"SJP", "RHP"}},
					{Var: "diagnos", Stage: StageSpell, CodeIn: []string{"F32", "F40-F45"}},
				},
				Columns: []Column{
					{Name: "lopnr"},
					{Name: "from_datum", As: "fall_from", Coarsen: &Coarsen{"quarter"}},
					{Name: "tom_datum"},
					{Name: "nettodagar", Derive: &Derive{Fn: "net_days"}},
					{Name: "diagnos", As: "diagnos3", Coarsen: &Coarsen{"icd_3"}},
				},
				Output: Output{File: "sjukfall", Format: "csv", Delimiter: ";", Sort: []string{"lopnr", "fall_from"}},
			},
			{
				Name: "sa_manad", Table: "midas_sa", Shape: Shape{Panel: &PanelShape{Unit: "month"}},
				Window:  Window{From: Bound{Date: day.MustParse("2018-01-01")}, To: Bound{Date: day.MustParse("2026-01-01")}},
				Where:   []Filter{{Var: "omfattning", Stage: StageRow, Between: []any{50.0, 100.0}}},
				Columns: []Column{{Name: "lopnr"}, {Name: "manad"}, {Name: "dagar"}, {Name: "omfattning", As: "max_omf", Derive: &Derive{Fn: "max"}}, {Name: "belopp", Derive: &Derive{Fn: "amount_sum"}}},
				Output:  Output{File: "sa_manad", Format: "parquet"},
			},
		},
	}
}

// exampleScope is a decision that example just fits into.
func exampleScope() Scope {
	rel := example().Extracts[0].Window
	wide := rel.From
	wide.Offset = day.Offset{Months: -60}
	widest := rel.To
	widest.Offset = day.Offset{Months: 24}
	period := &Period{day.MustParse("2018-01-01"), day.MustParse("2026-07-01")}
	return Scope{
		Scope: ScopeVersion, Order: "FK-2026-00417", Catalogue: CatalogueRef(catalog.Builtin()),
		Recipient: Recipient{Name: "Universitetet", Key: "age1…", Signer: "…"},
		Persons: Persons{
			Source: SourceFile, Max: 1000, ID: "personnummer", Serial: "lopnr", Protected: "exclude",
			Columns: []PopulationExtra{{"indexdatum", "date", "steer"}, {"grupp", "code", "pass"}, {"kommun", "code", "drop"}},
		},
		Identity: IdentityBound{Kind: IdentitySerial, KeyPolicy: KeyDeleted},
		Rows: []Row{
			{
				Register: "midas_sjuk", Table: "midas_sjp", Outcome: OutcomeDisclose, Benefits: []string{"SJP", "RHP"}, Period: period,
				Around: &Window{From: wide, To: widest}, Shape: catalog.ShapeSpell,
				Variables: []VariableBound{{"from_datum", "month"}, {"tom_datum", ""}, {"nettodagar", ""}, {"diagnos", "icd_3"}},
				Where:     []Filter{{Var: "diagnos", Stage: StageSpell, CodeIn: []string{"F30-F48"}}},
			},
			{
				Register: "midas_sers", Table: "midas_sa", Outcome: OutcomePartly, Period: period, Shape: catalog.ShapePanelMonth, Ground: "g",
				Variables: []VariableBound{{"manad", ""}, {"dagar", ""}, {"omfattning", ""}, {"belopp", ""}},
				Where:     []Filter{{Var: "omfattning", Stage: StageRow, Between: []any{25.0, 100.0}}},
			},
			{Register: "tandvard", Table: "tandvard", Outcome: OutcomeRefuse, Ground: "g"},
		},
		Formats: []string{"csv", "parquet"}, Deliveries: 1, Expires: day.MustParse("2027-01-01"),
	}
}

func exampleFacts() Facts {
	return Facts{Decision: Ref{"B1", 1, hash("1")}, Intake: Ref{ID: "pop-3", SHA256: hash("3")}, Persons: 1000, Today: day.MustParse("2026-12-31")}
}

// copyOf returns v with nothing shared, as a reader would get it.
func copyOf[T any](t testing.TB, v T) T {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out T
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return out
}

func codes(fs []Finding) []string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Path+" "+f.Code)
	}
	slices.Sort(out)
	return out
}

func TestExampleHolds(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	s := example()
	if fs := s.Problems(cat); len(fs) != 0 {
		t.Errorf("problems: %v", fs)
	}
	if fs := exampleScope().Problems(cat); len(fs) != 0 {
		t.Errorf("bounds: %v", fs)
	}
	if fs := Within(s, exampleScope(), exampleFacts(), cat); len(fs) != 0 {
		t.Errorf("within: %v", fs)
	}
	again := copyOf(t, s)
	if a, _ := s.Hash(); a == "" {
		t.Error("no hash")
	} else if b, _ := again.Hash(); a != b {
		t.Errorf("hash changes when it is read again: %s, %s", a, b)
	}
	scope := copyOf(t, exampleScope())
	if a, b := canonical(t, scope), canonical(t, exampleScope()); a != b {
		t.Errorf("scope changes when it is read again:\n%s\n%s", a, b)
	}
}

func canonical(t testing.TB, v any) string {
	t.Helper()
	b, err := canon.JSON(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// readExample reads testdata/example.yaml, the worked example of reference
// extraction §2.1.
func readExample(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := yaml.YAMLToJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReferenceExample(t *testing.T) {
	t.Parallel()
	var s Spec
	if err := strict(readExample(t), &s); err != nil {
		t.Fatal(err)
	}
	if fs := s.Problems(catalog.Builtin()); len(fs) != 0 {
		t.Errorf("problems: %v", fs)
	}
	e := s.Extracts[0]
	if e.Shape.Of() != catalog.ShapeSpell || e.Shape.Spell.MaxGapDays != 4 || e.Window.From.Offset != (day.Offset{Months: -60}) || e.Window.To.Anchor != "indexdatum" {
		t.Errorf("first extract: %+v", e)
	}
	if e = s.Extracts[1]; e.Shape.Of() != catalog.ShapePanelMonth || e.Window.To.Date != day.MustParse("2026-07-01") || e.Columns[3].Derive.Fn != "max" {
		t.Errorf("second extract: %+v", e)
	}
	var tree, again any
	if err := json.Unmarshal(readExample(t), &tree); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(canonical(t, s)), &again); err != nil {
		t.Fatal(err)
	}
	if a, b := canonical(t, tree), canonical(t, again); a != b {
		t.Errorf("read and written:\n%s\n%s", a, b)
	}
}

// TestStrict: an unknown member is never passed over, also inside the types
// that read themselves, and nothing that is left out gets a value of its own.
func TestStrict(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		into any
		text string
	}{
		{new(Shape), `{"spell":{"max_gap_days":4,"more":1}}`},
		{new(Shape), `{"spell":{"max_gap_days":4},"more":1}`},
		{new(Shape), `{"spell":{}}`},
		{new(Shape), `{"spell":{"max_gap_days":4},"panel":{"unit":"day"}}`},
		{new(Shape), `{}`},
		{new(Shape), `{"panel":{"unit":"day","more":1}}`},
		{new(Shape), `7`},
		{new(Bound), `{"anchor":"a","offset":"P1Y","more":1}`},
		{new(Bound), `{"anchor":"","offset":"P1Y"}`},
		{new(Bound), `{"anchor":"a"}`},
		{new(Bound), `{"anchor":"a","offset":"1Y"}`},
		{new(Bound), `null`},
		{new(Bound), `"2024-02-30"`},
		{new(Window), `{"from":"2024-01-01"}`},
		{new(Window), `{"to":"2024-01-01"}`},
		{new(Window), `{"from":"2024-01-01","to":"2024-02-01","more":1}`},
	} {
		if err := strict([]byte(tt.text), tt.into); err == nil {
			t.Errorf("%T reads %s as %+v", tt.into, tt.text, tt.into)
		}
	}
	for _, s := range []Shape{{Simple: "payment"}, {Simple: "subspell"}, {Spell: &SpellShape{MaxGapDays: 0}}, {Spell: &SpellShape{MaxGapDays: 9, Key: []string{"a"}}}, {Panel: &PanelShape{"year", "zero"}}} {
		if got := copyOf(t, s); canonical(t, got) != canonical(t, s) {
			t.Errorf("shape %+v becomes %+v", s, got)
		}
	}
	for _, s := range []string{"P0D", "-P5Y", "P1Y2M3D", "P13M", "-P40D"} {
		o, err := day.ParseOffset(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := copyOf(t, Bound{Anchor: "a", Offset: o}); got != (Bound{Anchor: "a", Offset: o}) {
			t.Errorf("bound %s becomes %+v", s, got)
		}
	}
	if got := (Shape{Panel: &PanelShape{Unit: "hour"}}).Of(); got != "" {
		t.Errorf("an hourly panel is %q", got)
	}
}
