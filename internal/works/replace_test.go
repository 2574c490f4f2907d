package works_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// TestPromise08Replacement: a delivery is made again from the same scope and
// snapshot, with a release of its own; the clock of the purge goes on, and the
// faulty parcel goes once the new one has been handed over.
func TestPromise08Replacement(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	first, parcel := h.counter.parcel, works.Object{Owner: o.id, Kind: works.ObjectParcel, Name: "parcel.sluss"}
	h.now += 30
	for name, change := range map[string]func(*plan.Spec){
		"another snapshot": func(s *plan.Spec) { s.AsOf.Snapshot = "s2" },
		"another moment":   func(s *plan.Spec) { s.AsOf.Instant = "2026-01-01" },
	} {
		if r := o.extract(change); r.Failed == nil || r.Failed.Code != "vault.delivered" || !strings.Contains(r.Failed.EN, "promise 8") {
			t.Errorf("%s: %+v", name, r.Failed)
		}
	}
	fewer := func(s *plan.Spec) { s.Extracts[0].Columns = s.Extracts[0].Columns[:1] }
	r := o.extract(fewer)
	if r.Extracted == nil {
		t.Fatalf("%+v", r.Failed)
	}
	if again := o.extract(fewer); again.Extracted == nil || again.Extracted.Manifest != r.Extracted.Manifest || len(h.reg.extracted) != 2 {
		t.Error("a report that was lost is not told again as it was")
	}
	if _, ok := h.safe.objects[parcel]; !ok || len(h.safe.of(o.id)) != 7 {
		t.Errorf("the delivered parcel is gone before it has been replaced: %v", h.safe.of(o.id))
	}
	if r := o.deliver(hash("manifest of the first")); r.Refused == nil || r.Refused.Code != "vault.other_manifest" {
		t.Errorf("by a release of something else: %+v", r)
	}
	h.counter.refuses = errors.New("the counter is down")
	if r := o.deliver(r.Extracted.Manifest); r.Retry == "" {
		t.Errorf("a counter that is down: %+v", r)
	}
	if d, err := h.ledger.Delivery(t.Context(), o.id); err != nil || d.Parcels != 1 || h.safe.objects[parcel] == nil {
		t.Errorf("replaced though nothing was handed over: %+v, %v", d, err)
	}
	h.counter.refuses = nil
	for range 2 {
		if r := o.deliver(r.Extracted.Manifest); r.Delivered == nil || r.Delivered.Manifest == "" || string(h.counter.parcel) == string(first) {
			t.Errorf("%+v", r)
		}
	}
	if d, err := h.ledger.Delivery(t.Context(), o.id); err != nil || d.Parcels != 2 || d.On != start || d.PurgeOn != start.AddMonths(6) {
		t.Errorf("on record %+v, %v", d, err)
	}
	if _, ok := h.safe.objects[parcel]; ok || !slices.Equal(h.safe.of(o.id), []string{works.ObjectDomain, works.ObjectIntake, works.ObjectParcel, works.ObjectParcel, works.ObjectPopulation}) {
		t.Errorf("kept: %v", h.safe.of(o.id))
	}
	h.now = start.AddMonths(6) - 1 // the replacement's own six months would end later
	if r := o.purge("withdrawn"); r.Refused == nil || r.Refused.Code != "vault.purge_early" {
		t.Errorf("a day early: %+v", r)
	}
	h.now++
	if r := o.purge("due"); r.Purged == nil {
		t.Errorf("on the day: %+v", r)
	}
}

// TestPromise08NotWhileReplacing: an extraction that is to replace a delivery
// does not make the delivery go away; it is still purged on its date only.
func TestPromise08NotWhileReplacing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	if r := o.extract(nil); r.Extracted == nil {
		t.Fatalf("%+v", r.Failed)
	}
	if r := o.purge("withdrawn"); r.Refused == nil || r.Refused.Code != "vault.purge_early" {
		t.Errorf("purged: %+v", r)
	}
	if r := o.extract(func(s *plan.Spec) { s.AsOf.Snapshot = "s2" }); r.Failed == nil || r.Failed.Code != "vault.delivered" {
		t.Errorf("the replacement made way for another disclosure: %+v", r)
	}
	h.checker.results = []order.CheckResult{{Check: "headers"}}
	if r := o.extract(func(s *plan.Spec) { s.Extracts[0].Columns = s.Extracts[0].Columns[:1] }); r.Failed == nil || h.safe.objects[works.Object{Owner: o.id, Kind: works.ObjectParcel, Name: "parcel.sluss"}] == nil {
		t.Errorf("stopped at the check: %+v", r)
	}
}

// TestPromise15ReplacementHasTheSameBytes: the same specification once more
// gives the same löpnummer and the same bytes of the data files, whoever drew
// the numbers and however long the key is kept.
func TestPromise15ReplacementHasTheSameBytes(t *testing.T) {
	t.Parallel()
	serials := "pnr;lopnr\n"
	for i := range 30 {
		n := (i*17 + 5) % 31 * 13 % 31
		serials += number(i) + ";" + string(rune('1'+n/10)) + string(rune('0'+n%10)) + "7\n"
	}
	kept := plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2027-02-01", EthicsRef: "Dnr 1"}
	for name, tt := range map[string]struct {
		change func(*order.Decision)
		file   string
	}{
		"our own":  {nil, people(30)},
		"kept":     {func(d *order.Decision) { d.Scope.Identity = kept }, people(30)},
		"foreign":  {func(d *order.Decision) { d.Scope.Persons.Serial, d.Scope.Persons.Columns = "lopnr", nil }, serials},
		"personal": {func(d *order.Decision) { d.Scope.Identity.Kind = plan.IdentityPersonalNumber }, people(30)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			for e := uint64(5000); e < 5015; e++ { // others whom the files name
				h.reg.mentioned = append(h.reg.mentioned, e)
			}
			o := h.order("FK-2026-00001", tt.change)
			if r := o.population(tt.file).Population; r == nil || !r.Accepted {
				t.Fatalf("%+v", r)
			}
			r := o.extract(nil)
			o.deliver(r.Extracted.Manifest)
			numbers, others := h.serials(), map[uint64]uint64{}
			for e := uint64(5000); e < 5015; e++ {
				others[e], _ = h.reg.extracted[0].Other(e)
			}
			for i := range 2 { // the replacement may be faulty, too
				h.now += 20
				if r = o.extract(nil); r.Extracted == nil {
					t.Fatalf("%+v", r.Failed)
				}
				if !maps.Equal(numbers, h.serials()) || h.packer.files[i+1] != h.packer.files[0] || len(h.packer.files[0]) < 100 {
					t.Errorf("replacement %d has other löpnummer or bytes", i+1)
				}
				for e, n := range others {
					if got, ok := h.reg.extracted[i+1].Other(e); !ok || got != n {
						t.Errorf("replacement %d: somebody who is named has %d instead of %d", i+1, got, n)
					}
				}
				if r := o.deliver(r.Extracted.Manifest); r.Delivered == nil {
					t.Fatalf("%+v", r.Refused)
				}
			}
			if name != "kept" {
				return
			}
			// Once the kept key is gone nothing has those numbers again.
			h.now = start.AddMonths(3)
			if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "vault.no_kept_key" {
				t.Errorf("after the key's last day: %+v", r)
			}
		})
	}
}

// TestPromise08SnapshotOfTheSameName: what counts is the snapshot, not what it
// is called.
func TestPromise08SnapshotOfTheSameName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	h.reg.content = "another"
	if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "vault.delivered" || len(h.reg.extracted) != 1 {
		t.Errorf("%+v", r)
	}
}

// TestPromise03EarlierWiderDecisionIsNotReplayed: a counter that has been taken
// over has the earlier, wider decision still, and everything signed under it.
func TestPromise03EarlierWiderDecisionIsNotReplayed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", func(d *order.Decision) {
		d.Scope.Rows[0].Variables = append(d.Scope.Rows[0].Variables, plan.VariableBound{ID: "tom_datum"})
	})
	if r := o.population(people(30)).Population; r == nil || !r.Accepted {
		t.Fatalf("%+v", r)
	}
	wide := o.spec(func(s *plan.Spec) {
		s.Extracts[0].Columns = append(s.Extracts[0].Columns, plan.Column{Name: "tom_datum"})
	})
	file := o.base(workorder.Population)
	file.Population = &workorder.PopulationFile{ID: 2, SHA256: hash(sealed + people(30))}
	// The second decision lets less out. The vault hears of it in a work order
	// that it refuses.
	o.again(func(d *order.Decision) { d.Scope.Rows[0].Variables = d.Scope.Rows[0].Variables[:1] })
	if r := o.extract(func(s *plan.Spec) {
		s.Extracts[0].Columns = append(s.Extracts[0].Columns, plan.Column{Name: "tom_datum"})
	}); r.Failed == nil || r.Failed.Code != "vault.outside_decision" {
		t.Fatalf("%+v", r.Failed)
	}
	asked := h.counter.asked
	for _, w := range []workorder.WorkOrder{wide, file} {
		r := h.step(w)
		if w.Kind == workorder.Extract && (r.Failed == nil || r.Failed.Code != "vault.decision_replaced") ||
			w.Kind == workorder.Population && (r.Refused == nil || r.Refused.Code != "vault.decision_replaced") {
			t.Errorf("%s by the earlier decision: %+v", w.Kind, r)
		}
	}
	if len(h.reg.extracted) != 0 || h.counter.asked != asked {
		t.Error("something was done by the earlier decision")
	}
	// Population and löpnummer of the first stay usable under the second.
	if r := o.extract(nil); r.Extracted == nil {
		t.Fatalf("%+v", r.Failed)
	}
	// A second version that replaces some other first one is none.
	o.d.Version, o.d.Replaces = 3, hash("x")
	o.bind()
	if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "vault.decision_chain" {
		t.Errorf("another chain: %+v", r)
	}
	if r, err := h.ledger.Ruling(t.Context(), o.id); err != nil || r.Version != 2 {
		t.Errorf("on record %+v, %v", r, err)
	}
}

// TestPopulationOfAnEarlierDecision: the persons' values stay with their
// columns when a later decision names the columns in another order.
func TestPopulationOfAnEarlierDecision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	o.again(func(d *order.Decision) {
		d.Scope.Persons.Columns = slices.Clone(d.Scope.Persons.Columns)
		slices.Reverse(d.Scope.Persons.Columns)
		d.Scope.Persons.Max = 30
	})
	if r := o.extract(func(s *plan.Spec) { s.Population.File.Groups = []string{"grupp"} }); r.Extracted == nil {
		t.Fatalf("%+v", r.Failed)
	}
	for _, p := range h.reg.extracted[0].People {
		if len(p.Passed) != 1 || !strings.HasPrefix(p.Passed[0].Text, "g") {
			t.Fatalf("the column of groups holds %v", p.Passed)
		}
	}
	o.again(func(d *order.Decision) { d.Scope.Persons.Max = 29 })
	if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "vault.outside_decision" {
		t.Errorf("fewer persons decided than there are: %+v", r)
	}
}
