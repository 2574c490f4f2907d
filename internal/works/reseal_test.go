package works_test

import (
	"errors"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/order"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// newKey is a public key; no secret half belongs to it.
func newKey(last string) string { return "age1" + strings.Repeat("q", 57) + last }

// reseal asks for the delivery of a manifest to be sealed to a key.
func (o *one) reseal(manifest canon.Hash, key string) workorder.Report {
	o.h.t.Helper()
	w := o.base(workorder.Reseal)
	w.Reseal = o.h.sign(order.RoleReleaser, workorder.ResealOrder{
		Type: workorder.TypeReseal, By: "ylva", Order: o.id, Manifest: manifest, Key: key, Fingerprint: order.KeyFingerprint(key),
	})
	return o.h.step(w)
}

// TestResealed: what was delivered is sealed to a new key out of the parcel
// itself, once, whatever is lost on the way; the clocks go on, the parcel of the
// lost key is destroyed with its own key, and a replacement is sealed to the new
// one.
func TestResealed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	first, err := h.ledger.Parcel(t.Context(), o.id)
	if err != nil {
		t.Fatal(err)
	}
	if r := o.reseal(hash("other"), newKey("p")); r.Refused == nil || r.Refused.Code != "vault.other_manifest" {
		t.Errorf("another delivery: %+v", r)
	}
	h.packer.err = errors.New("disk full")
	if r := o.reseal(first.Manifest, newKey("p")); r.Retry == "" {
		t.Errorf("disk full: %+v", r)
	}
	h.packer.err, h.counter.refuses = nil, errors.New("the counter is down")
	if r := o.reseal(first.Manifest, newKey("p")); r.Retry == "" {
		t.Errorf("a counter that is down: %+v", r)
	}
	h.counter.refuses = nil
	var report workorder.Report
	for range 2 { // the report may be lost, too
		report = o.reseal(first.Manifest, newKey("p"))
		if r := report.Resealed; r == nil || r.Was != first.Manifest || r.Manifest != hash("manifest for "+newKey("p")) || r.SHA256 != canon.Sum(h.counter.parcel) {
			t.Fatalf("%+v", report)
		}
	}
	if len(h.packer.again) != 1 || string(h.packer.again[0].FileKey) != "first key" || len(h.reg.extracted) != 1 {
		t.Errorf("sealed again %d times, extracted %d times", len(h.packer.again), len(h.reg.extracted))
	}
	if !strings.HasSuffix(string(h.counter.parcel), "for "+newKey("p")+" by first key") {
		t.Errorf("handed over: %s", h.counter.parcel)
	}
	for _, name := range []string{"parcel.sluss", "parcel.key"} {
		if h.safe.objects[works.Object{Owner: o.id, Kind: works.ObjectParcel, Name: name}] != nil {
			t.Errorf("%s of the lost key is kept", name)
		}
	}
	if d, err := h.ledger.Delivery(t.Context(), o.id); err != nil || d.Parcels != 2 || d.On != start || d.PurgeOn != start.AddMonths(6) {
		t.Errorf("on record %+v, %v", d, err)
	}
	if r := o.reseal(first.Manifest, newKey("z")); r.Refused == nil || r.Refused.Code != "vault.other_manifest" {
		t.Errorf("a third key by the first manifest: %+v", r)
	}
	if r := o.reseal(report.Resealed.Manifest, newKey("z")); r.Resealed == nil { // lost once more
		t.Errorf("a third key: %+v", r)
	}
	h.now += 20
	r := o.extract(nil)
	if r.Extracted == nil {
		t.Fatalf("%+v", r.Failed)
	}
	if got := h.packer.packed[len(h.packer.packed)-1].Recipient; got != newKey("z") {
		t.Errorf("a replacement is sealed to %q", got)
	}
	if r := o.reseal(hash("manifest for "+newKey("z")), newKey("p")); r.Refused == nil {
		t.Errorf("sealed again while a replacement lies ready: %+v", r)
	}
	h.now = start.AddMonths(6)
	if r := o.purge("due"); r.Purged == nil || len(h.safe.of(o.id)) != 0 {
		t.Errorf("purged: %+v; left %v", r, h.safe.of(o.id))
	}
	if r := o.reseal(hash("manifest for "+newKey("z")), newKey("p")); r.Refused == nil || r.Refused.Code != "vault.purged" {
		t.Errorf("after the purge: %+v", r)
	}
}

// TestResealOfAnOldParcel: where no key was kept the vault says what to do.
func TestResealOfAnOldParcel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	p, err := h.ledger.Parcel(t.Context(), o.id)
	if err != nil {
		t.Fatal(err)
	}
	delete(h.safe.objects, works.Object{Owner: o.id, Kind: works.ObjectParcel, Name: "parcel.key"})
	if r := o.reseal(p.Manifest, newKey("p")); r.Refused == nil || r.Refused.Code != "vault.key_not_kept" {
		t.Errorf("%+v", r)
	}
}
