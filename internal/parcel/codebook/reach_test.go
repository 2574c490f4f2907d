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
// names has a text that a codebook can print, and each is told
// with its version and the values that it was used with.
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
	r := rests{}
	reg := catalog.Builtin().Register("midas_foraldraledighet")
	e := &plan.Extract{Name: "ledig", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 2}}}
	for range 2 { // two files of one extract tell the same once
		r.file(&File{Shape: string(catalog.ShapeSpell)}, e, reg)
	}
	var got []string
	for _, a := range r.list() {
		for _, p := range a.Parameters {
			got = append(got, a.ID+" "+p.String())
		}
		if a.Version < 1 {
			t.Errorf("%s has no version", a.ID)
		}
	}
	want := "A1 spell.max_free_days (ledig) = 2|A4 subspell.split_on (ledig) = extent, benefit, skattad|A7 overlap.policy (ledig) = latest|" +
		"A10 coverage.percent (midas_foraldraledighet) = 95|A10 coverage.months (midas_foraldraledighet) = 3|A12 leave.rule = A12/1|A12 leave.max_free_days = 28|A12 leave.child_months = 24"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}
