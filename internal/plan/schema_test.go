package plan

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluss/internal/catalog"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("spec.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("spec.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func accepts(t testing.TB, s *jsonschema.Schema, raw []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestSchemaAcceptsExamples(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	if err := accepts(t, schema, readExample(t)); err != nil {
		t.Errorf("reference example: %v", err)
	}
	if err := accepts(t, schema, []byte(canonical(t, example()))); err != nil {
		t.Errorf("example of these tests: %v", err)
	}
}

// TestSchemaRefusesFaults seeds faults into the reference example.
func TestSchemaRefusesFaults(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	at := func(tree map[string]any, path ...any) map[string]any {
		var v any = tree
		for _, p := range path {
			switch p := p.(type) {
			case string:
				v = v.(map[string]any)[p]
			case int:
				v = v.([]any)[p]
			}
		}
		return v.(map[string]any)
	}
	for name, do := range map[string]func(map[string]any){
		"unknown member":        func(d map[string]any) { d["sql"] = "select 1" },
		"unknown member inside": func(d map[string]any) { at(d, "extracts", 0, "output")["path"] = "/etc" },
		"no decision":           func(d map[string]any) { delete(d, "decision") },
		"short hash":            func(d map[string]any) { at(d, "decision")["sha256"] = "11" },
		"two times":             func(d map[string]any) { at(d, "as_of")["instant"] = "2026-11-01T00:00:00Z" },
		"two populations":       func(d map[string]any) { at(d, "population")["criteria"] = map[string]any{"any": []any{}} },
		"no extract":            func(d map[string]any) { d["extracts"] = []any{} },
		"shape":                 func(d map[string]any) { at(d, "extracts", 1)["shape"] = "week" },
		"two shapes":            func(d map[string]any) { at(d, "extracts", 0, "shape")["panel"] = map[string]any{"unit": "day"} },
		"gap":                   func(d map[string]any) { at(d, "extracts", 0, "shape", "spell")["max_gap_days"] = 400 },
		"half a window":         func(d map[string]any) { delete(at(d, "extracts", 0, "window"), "to") },
		"offset":                func(d map[string]any) { at(d, "extracts", 0, "window", "to")["offset"] = "2 years" },
		"filter of two kinds":   func(d map[string]any) { at(d, "extracts", 0, "where", 0)["in"] = []any{"F32"} },
		"filter of none":        func(d map[string]any) { delete(at(d, "extracts", 0, "where", 0), "code_in") },
		"expression":            func(d map[string]any) { at(d, "extracts", 0, "where", 0)["code_in"] = []any{"F3[0-9]"} },
		"function":              func(d map[string]any) { at(d, "extracts", 0, "columns", 3, "derive")["fn"] = "eval" },
		"coarsening":            func(d map[string]any) { at(d, "extracts", 0, "columns", 4, "coarsen")["to"] = "none" },
		"file name":             func(d map[string]any) { at(d, "extracts", 0, "output")["file"] = "../x" },
		"format":                func(d map[string]any) { at(d, "extracts", 1, "output")["format"] = "fixed" },
		"column name":           func(d map[string]any) { at(d, "extracts", 0, "columns", 1)["as"] = "Från" },
	} {
		var tree map[string]any
		if err := json.Unmarshal(readExample(t), &tree); err != nil {
			t.Fatal(err)
		}
		do(tree)
		raw, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		if accepts(t, schema, raw) == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
		var s Spec
		if err := strict(raw, &s); err == nil && len(s.Problems(catalog.Builtin())) == 0 {
			t.Errorf("%s: the second pass accepts it", name)
		}
	}
}

// TestSchemaSaysTheSame: whatever the first pass refuses, the second does, so
// that a specification that never met the schema is no less checked; and the
// lists of words agree.
func TestSchemaSaysTheSame(t *testing.T) {
	t.Parallel()
	var doc map[string]any
	if err := json.Unmarshal(Schema, &doc); err != nil {
		t.Fatal(err)
	}
	var enums [][]string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if list, ok := v["enum"].([]any); ok {
				var words []string
				for _, w := range list {
					words = append(words, w.(string))
				}
				slices.Sort(words)
				enums = append(enums, words)
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(doc)
	lists := [][]string{
		identityKinds, overlaps, histories, modes, stages, nulls, emptyCells, picks, matches, relations, formats, delimiters, encodings, dates, decimals, levels,
		slices.Collect(maps.Keys(functions)),
		units,
	}
	for i := range lists {
		lists[i] = slices.Sorted(slices.Values(lists[i]))
	}
	equal := func(a []string) func([]string) bool {
		return func(b []string) bool { return slices.Equal(a, b) }
	}
	for _, e := range enums {
		if !slices.ContainsFunc(lists, equal(e)) {
			t.Errorf("only the schema has the list %q", e)
		}
	}
	for _, l := range lists {
		if !slices.ContainsFunc(enums, equal(l)) {
			t.Errorf("the schema does not have the list %q", l)
		}
	}
	for _, v := range catalogLevels() {
		if !slices.Contains(levels, v) {
			t.Errorf("level %s of the catalogue is no word of specifications", v)
		}
	}
	schema := compileSchema(t)
	for _, tt := range brokenSpecs {
		s := copyOf(t, example())
		tt.do(&s)
		if accepts(t, schema, []byte(canonical(t, s))) != nil && len(s.Problems(catalog.Builtin())) == 0 {
			t.Errorf("%s: only the schema refuses", tt.name)
		}
	}
}

func catalogLevels() []string {
	var out []string
	for _, r := range catalog.Builtin().Registers {
		for _, tb := range r.Tables {
			for _, v := range tb.Variables {
				out = append(out, v.Coarsen...)
			}
		}
	}
	return out
}
