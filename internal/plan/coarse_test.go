package plan

import (
	"testing"

	"sluss/internal/catalog"
)

// TestPromise03CodesNoFinerThanDecided: ranges of codes in a filter, a count or
// a flag tell no more than the level at which the variable may leave.
func TestPromise03CodesNoFinerThanDecided(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		level string
		codes []any
		ok    bool
	}{
		{"", []any{"F32.1"}, true},
		{"icd_3", []any{"F32", "M50-M54"}, true},
		{"icd_3", []any{"F32", "F321"}, false},
		{"icd_block", []any{"F30-F39"}, true},
		{"icd_block", []any{"F00-F99", "F40-F48"}, true},
		{"icd_block", []any{"F30-F38"}, false},
		{"icd_block", []any{"F32"}, false},
		{"icd_chapter", []any{"F00-F99", "M00-M99"}, true},
		{"icd_chapter", []any{"F30-F39"}, false},
		{"icd_chapter", []any{"F"}, false},
	} {
		s, scope := copyOf(t, example()), copyOf(t, exampleScope())
		scope.Rows[0].Where, scope.Rows[0].Variables[3].Level = nil, tt.level
		e := &s.Extracts[0]
		e.Where = e.Where[:1]
		e.Columns[4] = Column{Name: "diagnos", As: "x", Derive: &Derive{Fn: "flag_any", Args: map[string]any{"code_in": tt.codes}}}
		if fs := Within(s, scope, exampleFacts(), catalog.Builtin()); (len(fs) == 0) != tt.ok {
			t.Errorf("a flag of %v where %q is decided: %v", tt.codes, tt.level, fs)
		}
		var texts []string
		for _, c := range tt.codes {
			texts = append(texts, c.(string))
		}
		e.Columns = e.Columns[:4]
		e.Where = append(e.Where, Filter{Var: "diagnos", Stage: StageSpell, CodeIn: texts})
		if fs := Within(s, scope, exampleFacts(), catalog.Builtin()); (len(fs) == 0) != tt.ok {
			t.Errorf("a filter of %v where %q is decided: %v", tt.codes, tt.level, fs)
		}
	}
}
