package plan

import (
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// TestCriteriaInWords reads what a decision says to whom it concerns.
func TestCriteriaInWords(t *testing.T) {
	t.Parallel()
	year := Window{From: date("2023-01-01"), To: date("2024-01-01"), Mode: ModeStartIn}
	c := Criteria{
		Ground: "114 kap. 12 § SFB",
		Any: []Criterion{
			{Table: "midas_sjp", Period: year, Where: []Filter{{Var: "diagnos", Stage: StageRow, CodeIn: []string{"F30-F48", "Z73"}, Null: "keep"}}, AtLeast: &AtLeast{Days: 14}},
			{Table: "tandvard", Period: Window{From: date("2023-01-01"), To: date("2024-01-01")}, AtLeast: &AtLeast{Rows: 2}},
		},
		And:    []Criterion{{Table: "person", Period: year, Where: []Filter{{Var: "fodelsear", Stage: StageRow, Between: []any{1955.0, 2005.0}}}}},
		Not:    []Criterion{{Table: "midas_sa", Period: Window{From: Bound{Anchor: "index", Offset: day.Offset{Months: -12}}, To: Bound{Anchor: "index"}}}},
		Anchor: &AnchorPick{"index", PickFirst}, Sample: &Sample{100, "s"},
		Controls: &Controls{PerCase: 3, Match: []string{MatchSex, MatchBirthYear, MatchCounty}, YearsApart: 2, Seed: "s"}, Relatives: &Relatives{Of: []string{RelationChildren, RelationParents}},
	}
	var sv, en []string
	for _, x := range c.Words(catalog.Builtin()) {
		sv, en = append(sv, x.SV), append(en, x.EN)
	}
	_, sjp := catalog.Builtin().Table("midas_sjp")
	_, dental := catalog.Builtin().Table("tandvard")
	_, person := catalog.Builtin().Table("person")
	_, sa := catalog.Builtin().Table("midas_sa")
	want := []string{
		"Has at least one spell of " + lower(sjp.Names.EN) + " that begin 2023-01-01–2023-12-31, " + lower(sjp.Variable("diagnos").Names.EN) + " F30-F48, Z73 or missing, at least 14 days in all,",
		"or has at least 2 rows of " + lower(dental.Names.EN) + " 2023-01-01–2023-12-31.",
		"In addition " + lower(person.Names.EN) + ", " + lower(person.Variable("fodelsear").Names.EN) + " 1955 to 2005.",
		"But not at least one spell of " + lower(sa.Names.EN) + " from -P1Y to (but not including) P0D counted from index.",
		"The index date (index) is the start of the first that meets the conditions, as the period shows it.",
		"Of them a sample of 100 persons is drawn.",
		"Each person gets at most 3 controls who do not meet the conditions, equal in sex, year of birth and county (at most 2 years between years of birth).",
		"Their children and parents are included.",
		"Ground for selecting by data concerning health: 114 kap. 12 § SFB",
	}
	if !slices.Equal(en, want) {
		t.Errorf("%q\nwant\n%q", en, want)
	}
	if len(sv) != len(want) || sv[7] != "Deras barn och föräldrar tas med." || slices.Contains(sv, "") {
		t.Errorf("%q", sv)
	}
}
