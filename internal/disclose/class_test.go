package disclose

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
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

// TestLimitsOfPeriods: filters on years and months hold for whole periods.
func TestLimitsOfPeriods(t *testing.T) {
	t.Parallel()
	year := func(y int) day.Span { return day.Span{From: day.Of(y, 1, 1), To: day.Of(y+1, 1, 1)} }
	month := func(y, m int) day.Span { return day.Span{From: day.Of(y, m, 1), To: day.Of(y, m, 1).AddMonths(1)} }
	for _, tt := range []struct {
		f    plan.Filter
		s    day.Span
		want bool
	}{
		{plan.Filter{Between: []any{1950.0, 1960.0}}, year(1949), false},
		{plan.Filter{Between: []any{1950.0, 1960.0}}, year(1950), true},
		{plan.Filter{Between: []any{1950.0, 1960.0}}, year(1960), true},
		{plan.Filter{Between: []any{1950.0, 1960.0}}, year(1961), false},
		{plan.Filter{Between: []any{1950.0, 1960.0}}, month(1960, 12), true},
		{plan.Filter{Between: []any{"2024-02", "2024-03"}}, month(2024, 1), false},
		{plan.Filter{Between: []any{"2024-02", "2024-03"}}, month(2024, 3), true},
		{plan.Filter{Between: []any{"2024-02", "2024-03"}}, month(2024, 4), false},
		{plan.Filter{Between: []any{"2024-02", "2024-03"}}, year(2024), true}, // made coarser
		{plan.Filter{In: []any{1950.0}}, year(1950), true},
		{plan.Filter{In: []any{1950.0}}, year(1951), false},
		{plan.Filter{In: []any{"1950"}}, year(1950), false},
	} {
		l := readLimit(tt.f, catalog.KindPeriod)
		if got := l.passesSpan(tt.s); got != tt.want {
			t.Errorf("%v on %v: %v", tt.f, tt.s, got)
		}
	}
}
