package codebook

import (
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// TestReachIsTold: the codebook says until when each register was complete, or
// to which payment date it reaches, in both languages; of a register that
// nothing is known of it says nothing.
func TestReachIsTold(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	until, paid := day.Of(2026, 7, 31), day.Of(2026, 10, 30)
	all := []order.Reach{{Register: "midas_sjuk", Until: until, PaymentsTo: paid}, {Register: "barnbidrag", PaymentsTo: paid}}
	for id, tt := range map[string]struct {
		share float64
		want  []string
	}{
		"midas_sjuk": {0, []string{"minst 95 % av registret känt till och med 2026-07-31", "Betalningar till och med 2026-10-30"}},
		"barnbidrag": {0, []string{"Betalningar till och med 2026-10-30"}},
		"tfp":        {0, nil},
	} {
		got := reached(all, &plan.Extract{MinCoverage: tt.share}, cat.Register(id))
		if len(got) != len(tt.want) {
			t.Fatalf("%s: %v", id, got)
		}
		for i, w := range tt.want {
			if !strings.Contains(got[i].SV, w) || got[i].EN == "" {
				t.Errorf("%s: %v", id, got[i])
			}
		}
	}
	if got := reached(all, &plan.Extract{MinCoverage: 0.975}, cat.Register("midas_sjuk")); len(got) != 3 || !strings.Contains(got[2].EN, "a share of 0.975") {
		t.Errorf("%v", got)
	}
}
