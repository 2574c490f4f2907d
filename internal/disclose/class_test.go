package disclose

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/plan"
)

// TestCountsOfClasses: a count or a flag may be of whole classes of the decided
// level, and of nothing finer.
func TestCountsOfClasses(t *testing.T) {
	t.Parallel()
	s := &sheet{checker: &checker{in: &Input{Catalogue: catalog.Builtin()}}}
	for _, tt := range []struct {
		fn, level string
		codes     any
		want      bool
	}{
		{"flag_any", "icd_block", []any{"F30-F39", "F00-F99"}, true},
		{"count", "icd_chapter", []any{"F00-F99"}, true},
		{"count", "icd_3", []any{"F32", "F40-F48"}, true},
		{"flag_any", "icd_block", []any{"F30-F39", "F32"}, false},
		{"flag_any", "icd_chapter", []any{"F30-F39"}, false},
		{"flag_any", "icd_3", []any{"F321"}, false},
		{"flag_any", "icd_3", []any{"F30-F321"}, false},
		{"flag_any", "icd_3", []any{7}, false},
		{"flag_any", "icd_3", []any{}, false},
		{"flag_any", "icd_3", nil, false},
		{"first", "icd_3", []any{"F32"}, false},
		{"flag_any", "year", []any{"F32"}, false},
	} {
		c := &plan.Column{Name: "diagnos", Derive: &plan.Derive{Fn: tt.fn, Args: map[string]any{"code_in": tt.codes}}}
		if got := s.countsCoarse(c, tt.level); got != tt.want {
			t.Errorf("%s of %v at %s: %v", tt.fn, tt.codes, tt.level, got)
		}
	}
}
