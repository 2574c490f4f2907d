package plan

import (
	"slices"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
)

// TestBounds: a scope that bounds something in no way, or in two, is found.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(*Scope)
		want string
	}{
		{"format", func(s *Scope) { s.Scope = "" }, "scope bounds.version"},
		{"catalogue", func(s *Scope) { s.Catalogue.Version++ }, "catalogue bounds.catalogue"},
		{"no source", func(s *Scope) { s.Persons.Source = "" }, "persons.source bounds.population"},
		{"file without identity", func(s *Scope) { s.Persons.ID = "" }, "persons bounds.population"},
		{"file with criteria", func(s *Scope) { s.Persons.Criteria = &Criteria{} }, "persons bounds.population"},
		{"criteria without any", func(s *Scope) { s.Persons = Persons{Source: SourceCriteria}; s.Rows = s.Rows[1:] }, "persons bounds.population"},
		{"empty criteria", func(s *Scope) {
			s.Persons = Persons{Source: SourceCriteria, Criteria: &Criteria{}}
			s.Rows = s.Rows[1:]
		}, "persons.criteria.any plan.criteria"},
		{"kind", func(s *Scope) { s.Persons.Kind = "firms" }, "persons.kind bounds.kind"},
		{"traders among persons", func(s *Scope) { s.Persons.Traders = "include" }, "persons.traders bounds.traders"},
		{"organisations without a word on traders", func(s *Scope) { organised(s); s.Persons.Traders = "" }, "persons.traders bounds.traders"},
		{"others' numbers of organisations", func(s *Scope) { organised(s); s.Persons.Serial = "nr" }, "persons.serial bounds.organisation_serial"},
		{"organisations by number", func(s *Scope) { organised(s); s.Identity.Kind = IdentityPersonalNumber }, "identity.kind bounds.organisation_identity"},
		{"organisations in a table of persons", func(s *Scope) {
			s.Persons.Kind, s.Persons.Traders, s.Persons.Serial = KindOrganisations, "exclude", ""
			s.Rows = s.Rows[:1]
		}, "rows[0].table bounds.organisation_table"},
		{"organisations with controls", func(s *Scope) {
			organised(s)
			s.Persons = drawn("sjuklonekostnad")
			s.Persons.Criteria.Controls = &Controls{PerCase: 1, Match: []string{MatchSex}, Seed: "a"}
		}, "persons.criteria bounds.organisation_kin"},
		{"organisations by what persons have", func(s *Scope) { organised(s); s.Persons = drawn("barnbidrag") }, "persons.criteria bounds.organisation_criteria"},
		{"protected", func(s *Scope) { s.Persons.Protected = "yes" }, "persons.protected bounds.protected"},
		{"column type", func(s *Scope) { s.Persons.Columns[1].Type = "text" }, "persons.columns[1] bounds.population_column"},
		{"column use", func(s *Scope) { s.Persons.Columns[1].Use = "keep" }, "persons.columns[1] bounds.population_column"},
		{"column twice", func(s *Scope) { s.Persons.Columns[1].Name = "lopnr" }, "persons.columns[1] bounds.population_column"},
		{"code that steers", func(s *Scope) { s.Persons.Columns[1].Use = "steer" }, "persons.columns[1] bounds.population_column"},
		{"kept key without end", func(s *Scope) { s.Identity.KeyPolicy = KeyKeptUntil }, "identity.keep_until bounds.keep_until"},
		{"another project without a kept key", func(s *Scope) { s.Identity.Project = "FK-2025-00001" }, "identity.project bounds.project"},
		{"no format", func(s *Scope) { s.Formats = nil }, "formats bounds.format"},
		{"format of files", func(s *Scope) { s.Formats = []string{"csv", "xlsx"} }, "formats bounds.format"},
		{"two rows for one table", func(s *Scope) { s.Rows = append(s.Rows, s.Rows[0]) }, "rows[3].table bounds.table_twice"},
		{"table of another register", func(s *Scope) { s.Rows[1].Register = "tfp" }, "rows[1].table bounds.table"},
		{"unknown table", func(s *Scope) { s.Rows[1].Table = "x" }, "rows[1].table bounds.table"},
		{"shape", func(s *Scope) { s.Rows[1].Shape = "" }, "rows[1].shape bounds.shape"},
		{"no period", func(s *Scope) { s.Rows[1].Period = nil }, "rows[1].period bounds.period"},
		{"empty period", func(s *Scope) { s.Rows[1].Period = &Period{5, 5} }, "rows[1].period bounds.period"},
		{"around what does not steer", func(s *Scope) { s.Persons.Columns[0].Use = "pass" }, "rows[0].around bounds.around"},
		{"around a date", func(s *Scope) { s.Rows[0].Around.From = date("2024-01-01") }, "rows[0].around bounds.around"},
		{"around backwards", func(s *Scope) {
			s.Rows[0].Around.From, s.Rows[0].Around.To = s.Rows[0].Around.To, s.Rows[0].Around.From
		}, "rows[0].around bounds.around"},
		{"unknown benefit", func(s *Scope) { s.Rows[0].Benefits[1] = "ZZZ" }, "rows[0].benefits[1] bounds.benefit"},
		{"benefit twice", func(s *Scope) { s.Rows[0].Benefits[1] = "SJP" }, "rows[0].benefits[1] bounds.benefit"},
		{"unknown variable", func(s *Scope) { s.Rows[0].Variables[0].ID = "x" }, "rows[0].variables[0] bounds.variable"},
		{"variable that never leaves", func(s *Scope) { s.Rows[1].Variables[0].ID = "row_id" }, "rows[1].variables[0] bounds.variable"},
		{"variable twice", func(s *Scope) { s.Rows[0].Variables[1].ID = "from_datum" }, "rows[0].variables[1] bounds.variable"},
		{"unknown level", func(s *Scope) { s.Rows[0].Variables[0].Level = "icd_3" }, "rows[0].variables[0] bounds.variable"},
		{"filter", func(s *Scope) { s.Rows[0].Where[0].CodeIn = []string{"F48-F30"} }, "rows[0].where[0].code_in plan.code_range"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := copyOf(t, exampleScope())
			tt.do(&s)
			if got := codes(s.Problems(catalog.Builtin())); !slices.Equal(got, []string{tt.want}) {
				t.Errorf("findings %v, want %s", got, tt.want)
			}
		})
	}
	good := exampleScope()
	for _, p := range []*Persons{nil, new(drawn("sjuklonekostnad"))} {
		if organised(&good); p != nil {
			good.Persons = *p
		}
		if fs := good.Problems(catalog.Builtin()); len(fs) != 0 {
			t.Errorf("organisations: %v", fs)
		}
	}
	s := exampleScope()
	s.Rows[2].Table, s.Rows[2].Register = "midas_sjp", "midas_sjuk" // some of the table's benefits refused
	if fs := s.Problems(catalog.Builtin()); len(fs) != 0 {
		t.Errorf("a refusal beside: %v", fs)
	}
	s.Persons = Persons{Source: SourceCriteria, Criteria: &Criteria{
		Ground: "114 kap. 12 §",
		Any:    []Criterion{{Table: "midas_sjp", Period: Window{From: date("2020-01-01"), To: date("2021-01-01")}}},
		Anchor: &AnchorPick{"indexdatum", "first_start"},
	}}
	if fs := s.Problems(catalog.Builtin()); len(fs) != 0 {
		t.Errorf("drawn by criteria: %v", fs)
	}
}

// TestCriteriaAsBefore: what criteria have got since the first version is left
// out where it is not used, so that decisions made before keep their hashes.
func TestCriteriaAsBefore(t *testing.T) {
	t.Parallel()
	c := Criteria{
		Any:    []Criterion{{Table: "midas_sjp", Period: Window{From: date("2020-01-01"), To: date("2021-01-01")}, AtLeast: &AtLeast{Rows: 1}}},
		Anchor: &AnchorPick{"indexdatum", "first_start"}, Sample: &Sample{10, "a"},
	}
	want := `{"anchor":{"name":"indexdatum","pick":"first_start"},"any":[{"at_least":{"rows":1},"period":{"from":"2020-01-01","to":"2021-01-01"},"table":"midas_sjp"}],"sample":{"seed":"a","size":10}}`
	if got := canonical(t, c); got != want {
		t.Errorf("canonical form\n%s\nwant\n%s", got, want)
	}
}

// organised makes a scope of organisations of a good one.
func organised(s *Scope) {
	s.Persons = Persons{Kind: KindOrganisations, Traders: "exclude", Source: SourceFile, ID: "orgnr", Max: 10, Protected: "exclude"}
	s.Rows = []Row{{
		Register: "sjuklonekostnad", Table: "sjuklonekostnad", Outcome: OutcomeDisclose, Shape: catalog.ShapePayment,
		Period: &Period{day.MustParse("2020-01-01"), day.MustParse("2024-01-01")}, Variables: []VariableBound{{ID: "belopp", Level: "amount_1000"}},
	}}
}

func drawn(table string) Persons {
	year := Window{From: Bound{Date: day.MustParse("2020-01-01")}, To: Bound{Date: day.MustParse("2021-01-01")}}
	return Persons{Kind: KindOrganisations, Traders: "exclude", Source: SourceCriteria, Max: 10, Criteria: &Criteria{Any: []Criterion{{Table: table, Period: year}}}}
}

// TestScopesOfPersonsAreAsBefore: the kind of population stands only where it
// is organisations, so that the hash of no earlier decision is another one.
func TestScopesOfPersonsAreAsBefore(t *testing.T) {
	t.Parallel()
	b, err := canon.JSON(Persons{Source: SourceFile, Max: 3, ID: "pnr", Protected: "exclude"})
	if err != nil || string(b) != `{"id":"pnr","max":3,"protected":"exclude","source":"file"}` {
		t.Errorf("%s, %v", b, err)
	}
	if (Persons{Kind: KindPersons}).Organisations() || (Persons{}).Words() != nil || len((Persons{Kind: KindOrganisations, Traders: "include"}).Words()) != 1 {
		t.Error("persons are taken for organisations")
	}
}
