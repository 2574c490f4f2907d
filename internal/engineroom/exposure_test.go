package engineroom_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/exposure"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/rig"
	"sluss/internal/workorder"
)

// takenIn brings the synthetic population in, with a change to its text.
func (h *house) takenIn(change func(string) string) {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.dir, "src", "population", rig.PopulationIndexed))
	if err != nil {
		h.t.Fatal(err)
	}
	if _, _, err := engineroom.NewMailroom(filepath.Join(h.dir, "vault")).Put(h.t.Context(), id, "RR123456789SE", h.vault.Public().Recipient, bytes.NewReader([]byte(change(string(b))))); err != nil {
		h.t.Fatal(err)
	}
	p := h.medium().Population
	if p == nil || !p.Accepted {
		h.t.Fatalf("population: %+v", p)
	}
	h.intake = p.Intake
}

// extraction orders one extract and returns what the vault says.
func (h *house) extraction(e plan.Extract, groups ...string) workorder.Report {
	h.t.Helper()
	ref, err := h.d.Ref()
	if err != nil {
		h.t.Fatal(err)
	}
	spec := plan.Spec{
		Spec: plan.Version, Order: id, Decision: ref, Catalogue: h.d.Scope.Catalogue, AsOf: plan.AsOf{Snapshot: "s1"}, Identity: plan.Identity{Kind: plan.IdentitySerial},
		Population: plan.Population{File: &plan.FilePopulation{ID: "personnummer", Intake: h.intake, Groups: groups}}, Extracts: []plan.Extract{e},
	}
	return h.step(workorder.Extract, func(w *workorder.WorkOrder) {
		w.Acceptance = &workorder.Acceptance{Quote: h.q, By: "r", On: h.now}
		w.Spec = h.sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: string(order.RoleStatistician), Spec: spec})
	})
}

func asIs(s string) string { return s }

func spells(format string) plan.Extract {
	return plan.Extract{
		Name: "fall", Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}},
		Window:  plan.Window{From: plan.Bound{Date: day.Of(2019, 1, 1)}, To: plan.Bound{Date: day.Of(2026, 1, 1)}},
		Columns: []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}, {Name: "tom_datum"}}, Output: plan.Output{File: "fall", Format: format},
	}
}

// TestPromise14EveryExtractionIsMeasured takes extractions through the real
// vault: dates alone give a path, and traits of a small population a red light;
// no figure in the report is smaller than five.
func TestPromise14EveryExtractionIsMeasured(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.takenIn(asIs)
	r := h.extraction(spells("parquet"))
	if r.Extracted == nil || r.Extracted.Exposure == nil {
		t.Fatalf("%+v %+v", r, r.Failed)
	}
	x := r.Extracted.Exposure
	if x.Light != exposure.Amber || len(x.Parts) != 1 || x.Parts[0].K.Light != exposure.Green || x.Parts[0].Path == nil || x.Parts[0].Path.Whole.Light != exposure.Amber {
		t.Errorf("%+v", x)
	}
	if len(x.Order) != 3 || x.Policy != exposure.DefaultPolicy() {
		t.Errorf("%+v", x)
	}
	for _, o := range x.Order {
		if o.Light != exposure.Green {
			t.Errorf("%+v", o)
		}
	}

	h = newHouse(t)
	h.d.Scope.Rows = []plan.Row{{
		Register: "person", Table: "person", Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: day.Of(2019, 1, 1), To: day.Of(2026, 1, 1)},
		Shape: catalog.ShapePayment, Variables: []plan.VariableBound{{ID: "fodelsear"}, {ID: "kon"}, {ID: "lan"}},
	}}
	h.bind()
	h.takenIn(asIs)
	r = h.extraction(plan.Extract{
		Name: "person", Table: "person", Shape: plan.Shape{Simple: string(catalog.ShapePayment)},
		Window:  plan.Window{From: plan.Bound{Date: day.Of(2019, 1, 1)}, To: plan.Bound{Date: day.Of(2026, 1, 1)}},
		Columns: []plan.Column{{Name: "lopnr"}, {Name: "fodelsear"}, {Name: "kon"}, {Name: "lan"}}, Output: plan.Output{File: "person", Format: "csv"},
	})
	if r.Extracted == nil {
		t.Fatalf("%+v %+v", r, r.Failed)
	}
	x = r.Extracted.Exposure
	if p := x.Parts[0]; x.Light != exposure.Red || !p.K.Count.Few || p.K.Light != exposure.Red || p.Uniques.Count.N < 10 || len(p.Traits) != 3 || len(p.WhatIf) != 3 || p.WhatIf[0].Column != "fodelsear" || x.Scanned == 0 {
		t.Errorf("%+v", x)
	}
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 4 { // "n" is the number of persons in every protected figure
		if strings.Contains(string(b), fmt.Sprintf(`"n":%d,`, n+1)) || strings.Contains(string(b), fmt.Sprintf(`"n":%d}`, n+1)) {
			t.Errorf("%d persons are told", n+1)
		}
	}
}

// TestPromise04IdentifiersStopAnExtraction seeds a telephone number among the
// groups of the population file: nothing is sealed, and the fault tells where
// and how many, not what.
func TestPromise04IdentifiersStopAnExtraction(t *testing.T) {
	t.Parallel()
	const seeded = "0701234567"
	for _, format := range []string{"csv", "parquet"} {
		h := newHouse(t)
		h.takenIn(func(s string) string {
			lines := strings.Split(s, "\n")
			n := 0
			for i := 1; i < len(lines) && n < 20; i++ {
				if at := strings.LastIndexByte(lines[i], ';'); at > 0 {
					lines[i], n = lines[i][:at+1]+seeded, n+1
				}
			}
			return strings.Join(lines, "\n")
		})
		r := h.extraction(spells(format), "grupp")
		if r.Failed == nil || r.Failed.Code != "exposure.identifier" {
			t.Fatalf("%s: %+v %+v", format, r, r.Failed)
		}
		if !strings.Contains(r.Failed.EN, "column grupp") || !strings.Contains(r.Failed.EN, "telephone") || strings.Contains(r.Failed.SV+r.Failed.EN, seeded) {
			t.Errorf("%s: %s", format, r.Failed.EN)
		}
		if left, err := os.ReadDir(filepath.Join(h.dir, "vault", "scratch")); err != nil || len(left) != 0 {
			t.Errorf("%s: %v, %v", format, left, err)
		}
		if r := h.step(workorder.Deliver, func(w *workorder.WorkOrder) {
			w.Release = h.sign(order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: string(order.RoleReleaser), Order: id, Manifest: "sha256:0"})
		}); r.Delivered != nil {
			t.Errorf("%s: something lies ready", format)
		}
	}
}

// TestPromise12MeasuredOnTheSnapshot: the real vault says how far the register
// reaches, and refuses a plan that goes past the rule's three months.
func TestPromise12MeasuredOnTheSnapshot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.d.Scope.Rows[0].Period.To = day.Of(2027, 1, 1)
	h.bind()
	h.takenIn(asIs)
	e := spells("csv")
	r := h.extraction(e)
	if r.Extracted == nil {
		t.Fatalf("%+v %+v", r, r.Failed)
	}
	rule, _ := intake.OrderableUntil(catalog.Builtin().Register("midas_sjuk"), h.now-1)
	reach := r.Extracted.Reach
	if len(reach) != 1 || reach[0].Until == 0 || reach[0].Until > rule || reach[0].PaymentsTo <= reach[0].Until || reach[0].PaymentsTo >= h.now {
		t.Fatalf("%+v, by the rule %s", reach, rule)
	}
	e.Window.To.Date = reach[0].Until + 1
	for share, ok := range map[float64]bool{0.5: true, 0.95: true, 0.99999: false} { // what the specification itself asks for
		e.MinCoverage = share
		if r := h.extraction(e); (r.Extracted != nil) != ok || !ok && r.Failed.Code != "vault.min_coverage" {
			t.Errorf("a share of %v: %+v %+v", share, r, r.Failed)
		}
	}
	e.MinCoverage = 0
	e.Window.To.Date = reach[0].Until + 2
	if r := h.extraction(e); r.Failed == nil || r.Failed.Code != "vault.coverage" || !strings.Contains(r.Failed.EN, reach[0].Until.String()) {
		t.Errorf("%+v %+v", r, r.Failed)
	}
}
