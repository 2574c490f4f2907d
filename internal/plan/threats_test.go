package plan

import (
	"encoding/json"
	"strings"
	"testing"

	"sluss/internal/catalog"
)

// hostile are names that mean something to a database, a shell or a file
// system.
var hostile = []string{
	`midas_sjp"; ATTACH 'x.db' AS x; --`, `midas_sjp'; DROP TABLE cases; --`, "midas_sjp\x00", "midas_sjp ", "MIDAS_SJP", "midas_sjp“", "mіdas_sjp", // with a Cyrillic і
	"../../etc/passwd", "read_csv('/etc/passwd')", "$(id)", "`id`", "midas_sjp;SELECT 1", "*", "1=1", "",
}

// TestThreat12NamesAreOfTheCatalogue: tables, variables and files of a
// specification are ids that the catalogue has, letter for letter; nothing else
// ever becomes part of a query or a path.
func TestThreat12NamesAreOfTheCatalogue(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	for _, name := range hostile {
		for where, change := range map[string]func(*Spec){
			"table":    func(s *Spec) { s.Extracts[0].Table = name },
			"column":   func(s *Spec) { s.Extracts[0].Columns[1].Name = name },
			"filter":   func(s *Spec) { s.Extracts[0].Where = []Filter{{Var: name, Stage: "row", In: []any{"a"}}} },
			"file":     func(s *Spec) { s.Extracts[0].Output.File = name },
			"format":   func(s *Spec) { s.Extracts[0].Output.Format = name },
			"snapshot": func(s *Spec) { s.AsOf.Snapshot = name },
		} {
			if (where == "snapshot" || where == "file") && name != "../../etc/passwd" && name != "midas_sjp\x00" { // free words, as far as they can name a file
				continue
			}
			s := example()
			change(&s)
			if len(s.Problems(cat)) == 0 {
				t.Errorf("%s %q is taken", where, name)
			}
		}
	}
}

// TestThreat13FiltersAreNoLanguage: a filter is a variable and a list of
// values; what looks like an expression is no member of it, or a value that
// means itself.
func TestThreat13FiltersAreNoLanguage(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(example())
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{`"expr":"read_csv('/etc/passwd')"`, `"sql":"1=1"`, `"copy":"x"`} {
		text := strings.Replace(string(raw), `"table":`, `"where":[{"var":"diagnos","stage":"row",`+member+`}],"table":`, 1)
		dec := json.NewDecoder(strings.NewReader(text)) // as the vault reads what is signed
		dec.DisallowUnknownFields()
		if err := dec.Decode(new(Spec)); err == nil || text == string(raw) {
			t.Errorf("%s is taken", member)
		}
	}
	cat := catalog.Builtin()
	for _, value := range []any{"F32' OR 1=1 --", "read_csv('/etc/passwd')", "F3*", "F32-", map[string]any{"x": 1}, []any{"F32"}} {
		s := example()
		s.Extracts[0].Where = []Filter{{Var: "diagnos", Stage: "row", In: []any{value}}}
		code := Filter{Var: "diagnos", Stage: "row"}
		if v, ok := value.(string); ok {
			code.CodeIn = []string{v}
		}
		if len(s.Problems(cat)) == 0 {
			t.Logf("%v means itself", value)
		}
		s.Extracts[0].Where = []Filter{code}
		if len(s.Problems(cat)) == 0 {
			t.Errorf("%v is taken for codes", value)
		}
	}
}
