package works_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// TestPromise10Purge: not before the date, then everything, once, with a
// protocol that names rule, objects, keys and backups; and nothing comes back.
func TestPromise10Purge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	other := h.order("FK-2026-00002", nil)
	other.delivered(30)
	due := start.AddMonths(6)
	h.now = due - 1
	for _, reason := range []string{"due", "withdrawn", "refused"} { // a taken-over counter gives any reason
		if r := o.purge(reason); r.Refused == nil || r.Refused.Code != "vault.purge_early" {
			t.Errorf("%s a day early: %+v", reason, r)
		}
	}
	if len(h.safe.of(o.id)) != 5 {
		t.Fatalf("something is gone already: %v", h.safe.of(o.id))
	}
	h.now = due
	h.safe.signErr = errors.New("power cut") // the first run destroys and gets no further
	if r := o.purge("due"); r.Retry == "" {
		t.Errorf("no protocol and yet %+v", r)
	}
	h.safe.signErr = nil
	r := o.purge("due")
	if r.Purged == nil || r.Purged.Objects != 5 || len(h.safe.of(o.id)) != 0 {
		t.Fatalf("%+v; left %v", r, h.safe.of(o.id))
	}
	var p works.PurgeProtocol
	if err := json.Unmarshal([]byte(r.Purged.Protocol), &p); err != nil {
		t.Fatal(err)
	}
	if p.Rule != "gallringsbeslut 1" || p.Reason != "due" || p.By != "sluss" || p.On != due || len(p.Objects) != 5 || p.Objects[0].Key == "" || p.Objects[0].SHA256 == "" || p.Backups == "" {
		t.Errorf("protocol %+v", p)
	}
	if h, err := canon.Of(p); err != nil || h != r.Purged.Hash {
		t.Errorf("protocol has hash %s, reported %s", h, r.Purged.Hash)
	}
	if again := o.purge("due"); again.Purged == nil || *again.Purged != *r.Purged {
		t.Errorf("the second run: %+v", again)
	}
	if len(h.safe.of(other.id)) != 5 {
		t.Errorf("another order lost something: %v", h.safe.of(other.id))
	}
	asked := h.counter.asked
	for name, r := range map[string]workorder.Report{"population": o.population(people(30)), "extraction": o.extract(nil), "delivery": o.deliver(hash("manifest"))} {
		if r.Refused == nil && r.Failed == nil || r.Refused != nil && r.Refused.Code != "vault.purged" || r.Failed != nil && r.Failed.Code != "vault.purged" {
			t.Errorf("%s after the purge: %+v", name, r)
		}
	}
	if h.counter.asked != asked || len(h.safe.of(o.id)) != 0 {
		t.Error("something came back after the purge")
	}
	if _, err := h.ledger.Parcel(t.Context(), o.id); !errors.Is(err, works.ErrNotFound) {
		t.Errorf("the parcel is still on record: %v", err)
	}
}

// TestPromise10EndedEarly: an order that ended before its delivery goes at
// once; a due date it has none.
func TestPromise10EndedEarly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", func(d *order.Decision) {
		d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2028-01-01", EthicsRef: "Dnr 1"}
	})
	o.population(people(30))
	if r := o.extract(nil); r.Extracted == nil {
		t.Fatalf("%+v", r)
	}
	if r := o.purge("due"); r.Refused == nil || r.Refused.Code != "vault.purge_early" {
		t.Errorf("due without a delivery: %+v", r)
	}
	r := o.purge("withdrawn")
	if r.Purged == nil || r.Purged.Objects != 4 || len(h.safe.of(o.id)) != 0 {
		t.Errorf("%+v, left %v", r, h.safe.of(o.id))
	}
	if !strings.Contains(r.Purged.Protocol, "FK-2026-00001-person until 2027-12-31") || len(h.safe.of("project/FK-2026-00001")) != 1 {
		t.Errorf("a kept key is not told of: %s", r.Purged.Protocol)
	}
	never := h.order("FK-2026-00002", nil)
	if r := never.purge("refused"); r.Purged == nil || r.Purged.Objects != 0 {
		t.Errorf("an order without files: %+v", r)
	}
}

// TestPromise10PurgeListsEverything: media and replaced parcels stand in the
// protocol with all else, also when the first run was cut short.
func TestPromise10PurgeListsEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.post("RR1", people(30))
	if r := o.medium("RR1"); r.Population == nil || !r.Population.Accepted {
		t.Fatalf("%+v", r)
	}
	h.mail.media[[2]string{o.id, "RR2"}] = []byte("sealed") // put in by mistake and never asked for
	r := o.extract(nil)
	o.deliver(r.Extracted.Manifest)
	h.now += 20
	if r = o.extract(nil); r.Extracted == nil {
		t.Fatalf("%+v", r.Failed)
	}
	o.deliver(r.Extracted.Manifest)
	h.now = start.AddMonths(6)
	h.safe.signErr = errors.New("power cut")
	if r := o.purge("due"); r.Retry == "" {
		t.Errorf("%+v", r)
	}
	h.safe.signErr = nil
	r = o.purge("due")
	if r.Purged == nil || len(h.safe.of(o.id)) != 0 || h.mail.media[[2]string{o.id, "RR2"}] != nil || !h.mail.closed[o.id] {
		t.Fatalf("%+v, left %v", r, h.safe.of(o.id))
	}
	var p works.PurgeProtocol
	if err := json.Unmarshal([]byte(r.Purged.Protocol), &p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"population/medium-RR1.age", "intake/people", "parcel/parcel.sluss", "parcel/parcel-2.sluss", "domain/FK-2026-00001-person"} {
		if !slices.ContainsFunc(p.Objects, func(d works.Destroyed) bool { return d.Object == want }) {
			t.Errorf("%s is not in the protocol: %v", want, p.Objects)
		}
	}
	if len(p.Media) != 2 || r.Purged.Objects != len(p.Objects)+2 {
		t.Errorf("media %v, %d objects of %d", p.Media, r.Purged.Objects, len(p.Objects))
	}
}

// TestPromise10Expired: an order whose decision ran out before its delivery is
// purged; one that was answered holds nothing, and nobody purges it.
func TestPromise10Expired(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	h.now = o.d.Scope.Expires
	if r := o.purge("answered"); r.Refused == nil || r.Refused.Code != "vault.purge_reason" {
		t.Errorf("answered: %+v", r)
	}
	if r := o.purge("expired"); r.Purged == nil || r.Purged.Objects != 2 || len(h.safe.of(o.id)) != 0 {
		t.Errorf("expired: %+v", r)
	}
}
