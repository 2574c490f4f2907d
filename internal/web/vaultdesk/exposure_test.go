package vaultdesk_test

import (
	"testing"

	"sluss/internal/day"
	"sluss/internal/exposure"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
	"sluss/internal/workorder"
)

// TestRedNeedsAReason: the releaser sees the disclosure report, and a red one
// is let out only with a reason, which then stands in the case.
func TestRedNeedsAReason(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_release")
	st := c.As(showcase.Statistician)
	st.Send(st.Get("/cases/"+id+"/plan"), "/plan/order", webtest.Values{}).Is(t, 200)
	x := files(c.State(id))
	part := exposure.Part{
		Extract: "person", Persons: exposure.Protect(300), Traits: []string{"fodelsear", "kon"}, Classes: exposure.Protect(40),
		K: exposure.Graded{Count: exposure.Protect(1), Light: exposure.Red}, Uniques: exposure.Graded{Count: exposure.Protect(12), Share: 400, Light: exposure.Red},
		WhatIf:  []exposure.Coarser{{Column: "fodelsear", K: exposure.Protect(25)}},
		Special: &exposure.Special{Alone: []exposure.Count{{}, exposure.Protect(12)}, Columns: []exposure.Telling{{Column: "fodelsear", Share: 8300}, {Column: "kon", Share: 1700}}, Register: new(exposure.Protect(3))},
	}
	x.Exposure = &exposure.Report{
		Type: exposure.Version, Policy: exposure.DefaultPolicy(), Parts: []exposure.Part{part}, Together: part,
		Register: &exposure.Register{
			Traits: []string{"fodelsear", "kon"}, Left: []string{"alder"}, Persons: exposure.Protect(10_000), Uniques: exposure.Graded{Count: exposure.Protect(7), Share: 230, Light: exposure.Amber}, AtRisk: exposure.Graded{Count: exposure.Protect(3), Light: exposure.Green},
		},
		Order:   []exposure.Order{{Against: "birth_date", Score: 1234, Light: exposure.Green}},
		Earlier: []exposure.Match{{Order: "FK-2025-00009", Extract: "person", Unique: exposure.Graded{Count: exposure.Protect(20), Share: 650, Light: exposure.Red}}},
	}
	x.Exposure.Judge()
	x.Reach = []order.Reach{{Register: "midas_sjuk", Until: day.Of(2026, 7, 31), PaymentsTo: day.Of(2026, 10, 30)}}
	report(t, c, id, workorder.Report{Extracted: x})
	r := c.As(showcase.Releaser)
	p := r.Get("/cases/"+id+"/release").Is(t, 200).Has(t, "Rött.", "kan beställas till och med 2026-07-31; utbetalningar till och med 2026-10-30", "personer kan pekas ut", "fodelsear, kon", "färre än fem", "10 (4,0\u00a0%)", "Unika genom högst två egenskaper: 10", "Mest utpekande: fodelsear 83\u00a0%, kon 17\u00a0%", "i hela registret: färre än fem", "utelämnas", "Födelsedatum: 1,2", "10\u00a0000 personer, räknade efter fodelsear, kon. Med det som inte räknades är klasserna mindre: alder.", "Unika: 5 (2,3\u00a0%) Gult", "FK-2025-00009, person: 20 (6,5\u00a0%)")
	p = r.Send(p, "/release", webtest.Values{}).Is(t, 422).Has(t, "Skriv varför filerna ändå kan lämnas ut.")
	if c.State(id).Released {
		t.Fatal("released without a reason")
	}
	r.Send(p, "/release", webtest.Values{"red": "Sekretess gäller hos mottagaren."}).Is(t, 200).Has(t, "Leveransen är godkänd")
	if why := c.State(id).ReleasedWhy; why != "Sekretess gäller hos mottagaren." {
		t.Errorf("the reason in the case: %q", why)
	}
	r.Get("/cases/"+id+"/run").Has(t, "Sekretess gäller hos mottagaren.")
}
