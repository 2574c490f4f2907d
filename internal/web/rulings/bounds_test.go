package rulings

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/web/page"
)

// TestCriteriaOfTheForm: what the form's fields make, and what they must say.
func TestCriteriaOfTheForm(t *testing.T) {
	t.Parallel()
	own := `{"any":[{"table":"tandvard","period":{"from":"2023-01-01","to":"2024-01-01"}}],"relatives":{"of":["children"]}}`
	for _, tt := range []struct {
		name   string
		fields map[string]string
		want   string
		wrong  []string // fields
	}{
		{
			"everybody with a spell",
			map[string]string{"table": "midas_sjp", "from": "2023-01-01", "to": "2023-12-31", "ground": "114:12"},
			`{"ground":"114:12","any":[{"table":"midas_sjp","period":{"from":"2023-01-01","to":"2024-01-01"},"at_least":{"rows":1}}]}`, nil,
		},
		{
			"days and a sample",
			map[string]string{"table": "barnbidrag", "from": "2023-01-01", "to": "2023-12-31", "days": "14", "sample": "1 000"},
			`{"any":[{"table":"barnbidrag","period":{"from":"2023-01-01","to":"2024-01-01"},"at_least":{"days":14}}],"sample":{"size":1000,"seed":"FK-1"}}`, nil,
		},
		{"health without a ground", map[string]string{"table": "midas_sjp", "from": "2023-01-01", "to": "2023-12-31"}, "", []string{"criteria_ground"}},
		{"no numbers", map[string]string{"table": "barnbidrag", "from": "x", "to": "2023-12-31", "days": "0", "sample": "some"}, "", []string{"criteria_from", "criteria_days", "criteria_sample"}},
		{
			"several conditions",
			map[string]string{
				"table": "barnbidrag", "from": "2023-01-01", "to": "2023-12-31",
				"2 how": "any", "2 table": "foraldrapenning", "2 from": "2022-01-01", "2 to": "2022-12-31", "2 days": "30",
				"3 how": "not", "3 table": "barnbidrag", "3 from": "2020-01-01", "3 to": "2020-12-31",
				"4 how": "and", "4 table": "foraldrapenning", "4 from": "2021-01-01", "4 to": "2021-01-31",
			},
			`{"any":[{"table":"barnbidrag","period":{"from":"2023-01-01","to":"2024-01-01"},"at_least":{"rows":1}},{"table":"foraldrapenning","period":{"from":"2022-01-01","to":"2023-01-01"},"at_least":{"days":30}}],"and":[{"table":"foraldrapenning","period":{"from":"2021-01-01","to":"2021-02-01"},"at_least":{"rows":1}}],"not":[{"table":"barnbidrag","period":{"from":"2020-01-01","to":"2021-01-01"},"at_least":{"rows":1}}]}`, nil,
		},
		{
			"what nobody has joined is no condition",
			map[string]string{"table": "barnbidrag", "from": "2023-01-01", "to": "2023-12-31", "2 table": "midas_sjp", "2 from": "2022-01-01"},
			`{"any":[{"table":"barnbidrag","period":{"from":"2023-01-01","to":"2024-01-01"},"at_least":{"rows":1}}]}`, nil,
		},
		{"health in the second condition", map[string]string{"table": "barnbidrag", "from": "2023-01-01", "to": "2023-12-31", "2 how": "not", "2 table": "midas_sjp", "2 from": "2022-01-01", "2 to": "2022-12-31"}, "", []string{"criteria_ground"}},
		{"a condition without days", map[string]string{"table": "barnbidrag", "from": "2023-01-01", "to": "2023-12-31", "3 how": "and", "3 table": "barnbidrag", "3 days": "x"}, "", []string{"criteria3_from", "criteria3_to", "criteria3_days"}},
		{"a period that ends before it begins", map[string]string{"table": "barnbidrag", "from": "2023-12-31", "to": "2023-01-01"}, "", []string{"criteria_to"}},
		{"joined in no way", map[string]string{"table": "barnbidrag", "from": "2023-01-01", "to": "2023-12-31", "2 how": "xor", "2 table": "barnbidrag", "2 from": "2022-01-01", "2 to": "2022-12-31"}, "", []string{"criteria2_how"}},
		{"criteria of one's own", map[string]string{"own": own, "ground": "114:12"}, `{"ground":"114:12",` + own[1:], nil},
		{"health of one's own without a ground", map[string]string{"own": own}, "", []string{"criteria_ground"}},
		{"words that there are not", map[string]string{"own": `{"any":[],"sql":"select"}`}, "", []string{"criteria_own"}},
	} {
		f := &page.Form{}
		for _, id := range []string{"table", "from", "to", "days", "sample", "ground", "own"} {
			f.Fields = append(f.Fields, &page.Field{ID: "criteria_" + id, Value: tt.fields[id]})
		}
		for n := 2; n <= mostConditions; n++ {
			for _, what := range []string{"how", "table", "from", "to", "days"} {
				f.Fields = append(f.Fields, &page.Field{ID: conditionID(n, what), Value: tt.fields[strconv.Itoa(n)+" "+what]})
			}
		}
		c := criteriaOf(f, "FK-1", catalog.Builtin(), func(key string) string { return key })
		var wrong []string
		for _, p := range f.Problems {
			wrong = append(wrong, p.ID)
		}
		if !slices.Equal(wrong, tt.wrong) {
			t.Errorf("%s: wrong %v, want %v", tt.name, wrong, tt.wrong)
		}
		if got, err := json.Marshal(c); tt.want != "" && (err != nil || string(got) != tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

// TestAround: a date and two offsets, or nothing.
func TestAround(t *testing.T) {
	t.Parallel()
	w, ok := aroundOf(" indexdatum  -P2Y P1Y6M ")
	if !ok || w.From.Anchor != "indexdatum" || w.To.Anchor != "indexdatum" || w.From.Offset.String() != "-P2Y" || w.To.Offset.Months != 18 {
		t.Errorf("%+v, %v", w, ok)
	}
	for _, text := range []string{"indexdatum", "indexdatum -P2Y", "indexdatum två år", "indexdatum -P2Y P1Y P2Y", "indexdatum P P"} {
		if w, ok := aroundOf(text); ok {
			t.Errorf("%q: %+v", text, w)
		}
	}
}
