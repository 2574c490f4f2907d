package works_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"sluss/internal/exposure"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/risk"
	"sluss/internal/works"
)

// gathers measures made-up people instead of the files.
type gathers struct {
	alone int // of thirty people, so many are alone; the others are alike
	found []works.Identifier
	err   error
	jobs  []works.Extraction
}

func (g *gathers) Measure(_ context.Context, _ string, _ works.Extracted, j works.Extraction, p exposure.Policy) (works.Measured, error) {
	g.jobs = append(g.jobs, j)
	x := risk.NewGather("fall", "t", "spell", []risk.Field{{Name: "trait", Trait: true}}, 30)
	for i := range 30 {
		x.Row(i, []string{strconv.Itoa(min(i, g.alone))})
	}
	part, err := x.Part(risk.Setting{Policy: p})
	out := works.Measured{Report: exposure.Report{Type: exposure.Version, Policy: p, Parts: []exposure.Part{part}, Together: part}, Identifiers: g.found}
	out.Prints = func(key []byte) []risk.Prints {
		prints, _ := x.Prints(key)
		return []risk.Prints{prints}
	}
	return out, errors.Join(err, g.err)
}

func keptIn(project string) func(*order.Decision) {
	return func(d *order.Decision) {
		d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2028-01-01", EthicsRef: "Dnr 1", Project: project}
	}
}

// TestEarlierDeliveries: a delivery is compared with what was handed over in
// the same project, never with what was not, with itself, with other projects,
// or with what has been purged.
func TestEarlierDeliveries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	g := &gathers{alone: 20}
	h.s.Measurer = g
	extract := func(o *one) *exposure.Report {
		t.Helper()
		o.population(people(30))
		r := o.extract(nil)
		if r.Extracted == nil {
			t.Fatalf("%+v %+v", r, r.Failed)
		}
		return r.Extracted.Exposure
	}
	first := h.order("FK-2026-00001", keptIn(""))
	if x := extract(first); len(x.Earlier) != 0 || x.Light != exposure.Red {
		t.Errorf("the first: %+v", x)
	}
	if x := extract(h.order("FK-2026-00002", keptIn("FK-2026-00001"))); len(x.Earlier) != 0 {
		t.Errorf("compared with what was not handed over: %+v", x.Earlier)
	}
	again := h.order("FK-2026-00003", keptIn(""))
	if r := again.delivered(30); r.Delivered == nil {
		t.Fatalf("%+v", r)
	}
	x := extract(h.order("FK-2026-00004", keptIn("FK-2026-00003")))
	if len(x.Earlier) != 1 || x.Earlier[0].Order != "FK-2026-00003" || x.Earlier[0].Unique.Count.N != 20 || x.Earlier[0].Unique.Light != exposure.Red || x.Earlier[0].Changed.N != 0 {
		t.Errorf("%+v", x.Earlier)
	}
	g.alone = 15 // four classes of one are gone
	x = extract(h.order("FK-2026-00005", keptIn("FK-2026-00003")))
	if len(x.Earlier) != 1 || x.Earlier[0].Unique.Count.N != 15 || !x.Earlier[0].Changed.Few {
		t.Errorf("%+v", x.Earlier)
	}
	if x := extract(h.order("FK-2026-00006", keptIn(""))); len(x.Earlier) != 0 {
		t.Errorf("compared with another project: %+v", x.Earlier)
	}
	h.now += 250
	if r := again.purge("due"); r.Purged == nil {
		t.Fatalf("%+v", r)
	}
	if x := extract(h.order("FK-2026-00007", keptIn("FK-2026-00003"))); len(x.Earlier) != 0 {
		t.Errorf("compared with what has been purged: %+v", x.Earlier)
	}
}

// TestPointedOutStops: no parcel, no prints, and no text of a cell, when a
// column points people out; and a red policy is the vault's own.
func TestPointedOutStops(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Measurer = &gathers{found: []works.Identifier{{Extract: "fall", Hit: risk.Hit{Column: "k191212121212", Kind: risk.EMail, Cells: 3}}}}
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	r := o.extract(nil)
	if r.Failed == nil || r.Failed.Code != "exposure.identifier" || !strings.Contains(r.Failed.EN, "3 cells") || strings.Contains(r.Failed.SV+r.Failed.EN, "1912") {
		t.Fatalf("%+v %+v", r, r.Failed)
	}
	if left, err := h.s.Records.Prints(t.Context(), "FK-2026-00001"); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
	if r := o.deliver("sha256:x"); r.Delivered != nil {
		t.Error("something was delivered")
	}
	h.s.Measurer = &gathers{err: errors.New("unreadable")}
	if r := o.extract(nil); r.Retry == "" || r.Extracted != nil {
		t.Errorf("without a report: %+v", r)
	}
	h.s.Measurer = &gathers{}
	h.s.Policy.K = exposure.Limits{Green: 100, Amber: 50}
	if r := o.extract(nil); r.Extracted == nil || r.Extracted.Exposure.Light != exposure.Red || r.Extracted.Exposure.Policy.K.Green != 100 {
		t.Errorf("%+v", r.Extracted)
	}
}

// TestRowsInAnOrder: löpnummer of another holder that follow nothing are green;
// the test is made for every delivery that has löpnummer.
func TestRowsInAnOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.Measurer = &gathers{}
	o := h.order("FK-2026-00001", nil)
	o.population(people(50))
	r := o.extract(nil)
	if r.Extracted == nil {
		t.Fatalf("%+v", r)
	}
	got := r.Extracted.Exposure.Order
	if len(got) != 3 || got[0].Against != "personal_number" || got[1].Against != "birth_date" || got[2].Against != "register_order" {
		t.Fatalf("%+v", got)
	}
	for _, g := range got {
		if g.Light != exposure.Green {
			t.Errorf("%+v", g)
		}
	}
}
