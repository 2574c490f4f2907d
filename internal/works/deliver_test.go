package works_test

import (
	"errors"
	"testing"

	"sluss/internal/order"
	"sluss/internal/workorder"
)

// TestPromise13SecondPerson: what lies ready leaves only for the releaser's
// signature under exactly it.
func TestPromise13SecondPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	r := o.extract(nil)
	w := o.base(workorder.Deliver)
	if r := h.step(w); r.Refused == nil || r.Refused.Code != "vault.release_signature" {
		t.Errorf("no release: %+v", r)
	}
	if r := o.deliver(hash("other")); r.Refused == nil || r.Refused.Code != "vault.other_manifest" {
		t.Errorf("another manifest: %+v", r)
	}
	other := h.order("FK-2026-00001", func(d *order.Decision) { d.RetentionMonths = 1 })
	if r := other.deliver(r.Extracted.Manifest); r.Refused == nil || r.Refused.Code != "vault.decision_other" {
		t.Errorf("another decision: %+v", r)
	}
	if h.counter.parcel != nil {
		t.Error("a parcel left")
	}
	h.counter.refuses = errors.New("the counter is down")
	if r := o.deliver(r.Extracted.Manifest); r.Retry == "" {
		t.Errorf("a counter that is down: %+v", r)
	}
	if p, err := h.ledger.Parcel(t.Context(), o.id); err != nil || p.Delivered {
		t.Errorf("delivered on record: %+v, %v", p, err)
	}
	h.counter.refuses = nil
	o.again(func(d *order.Decision) { d.RetentionMonths = 1 })
	if r := o.deliver(r.Extracted.Manifest); r.Refused == nil || r.Refused.Code != "vault.other_decision" {
		t.Errorf("a later decision: %+v", r)
	}
}
