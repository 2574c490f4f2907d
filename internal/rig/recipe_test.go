package rig

import (
	"strings"
	"testing"
	"testing/fstest"

	"sluss/internal/catalog"
)

// Every table of the catalogue can be made up.
func TestEveryTableIsMade(t *testing.T) {
	t.Parallel()
	w := New(Config{Persons: 10, Seed: 1})
	for _, r := range catalog.Builtin().Registers {
		for _, tab := range r.Tables {
			if tab.ID != "person" && w.maker(tab.ID) == nil {
				t.Errorf("%s cannot be made", tab.ID)
			}
		}
	}
}

// A recipe that does not fit its table is refused, and the message says where.
func TestRecipesAreChecked(t *testing.T) {
	t.Parallel()
	const good = `{"table": "graviditet", "who": "mother", "share": 0.2, "every": "spell", "benefits": [{"code": "GP", "weight": 1}],
  "columns": [{"source": "skal", "codes": [{"code": "A", "weight": 1}]}, {"source": "arbetsgivare_orgnr", "employer": {"own": 0.1}, "empty": 0.1}]}`
	for name, tt := range map[string]struct{ from, to, says string }{
		"good":           {"", "", ""},
		"no such table":  {"graviditet", "graviditeten", "graviditeten"},
		"who":            {"mother", "mummy", "mummy"},
		"every":          {`"spell"`, `"week"`, "week"},
		"share":          {"0.2", "2", "share"},
		"benefit":        {`"GP"`, `"XX"`, "XX"},
		"no such column": {`"skal"`, `"skala"`, "skala"},
		"code":           {`"A"`, `"Q"`, "column skal"},
		"not nullable":   {`"skal",`, `"skal", "empty": 0.5,`, "column skal"},
		"nothing said":   {`{"source": "skal", "codes": [{"code": "A", "weight": 1}]}, `, "", "nothing says what stands in column skal"},
		"misspelt":       {`"share"`, `"shares"`, "shares"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(good, tt.from, tt.to, 1)
			_, err := ReadRecipes(fstest.MapFS{"g.json": {Data: []byte(text)}}, catalog.Builtin())
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
