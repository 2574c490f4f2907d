package codebook

import (
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/exposure"
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

// TestChangesAreTold: the codebook of a renewed extraction says what has changed
// since the first delivery, and never a number under five.
func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	c := &order.Compared{Since: "s0", Lines: []order.ChangeLine{{Extract: "fall", Added: exposure.Protect(1203), Corrected: exposure.Protect(3)}}}
	got := compared(c, &plan.Extract{Name: "fall"})
	if len(got) != 1 || !strings.Contains(got[0].SV, "nya 1205, rättade 1–4, borttagna 0.") || !strings.Contains(got[0].EN, "(snapshot s0)") {
		t.Errorf("%v", got)
	}
	if compared(c, &plan.Extract{Name: "other"}) != nil || compared(nil, &plan.Extract{Name: "fall"}) != nil {
		t.Error("something is told of nothing")
	}
}

// TestEveryAssumptionOfTheCatalogueIsTold: an assumption that the catalogue
// names has a text that a codebook can print, and that of estimated leave says
// its rule and parameters.
func TestEveryAssumptionOfTheCatalogueIsTold(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, a := range assumptions {
		texts[a.ID] = a.Text.SV
	}
	for _, r := range catalog.Builtin().Registers {
		for _, g := range r.SpellGroups {
			if g.Assumption != "" && texts[g.Assumption] == "" {
				t.Errorf("%s: %s has no text", r.ID, g.Assumption)
			}
		}
		for _, table := range r.Tables {
			for _, v := range table.Variables {
				if v.Assumption != "" && texts[v.Assumption] == "" {
					t.Errorf("%s.%s: %s has no text", table.ID, v.ID, v.Assumption)
				}
			}
		}
	}
	if !strings.Contains(texts["A12"], "A12/1") || !strings.Contains(texts["A12"], "högst 28 dagar") || !strings.Contains(texts["A12"], "24 månader") {
		t.Errorf("A12 is told as %q", texts["A12"])
	}
}
