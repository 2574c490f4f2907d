package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
)

// TestThreat11WorkIsOfNow: a work order is built from the order as it is when it is
// handed out, not as it was when the job was queued.
func TestThreat11WorkIsOfNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nothing := func(name string) {
		t.Helper()
		if w, err := h.app.NextWork(t.Context(), "test"); !errors.Is(err, app.ErrNotFound) {
			t.Errorf("%s: %v, %v", name, w, err)
		}
		if idle, err := h.app.Idle(t.Context()); err != nil || !idle {
			t.Errorf("%s: not idle, %v", name, err)
		}
	}
	nothing("nothing has happened")
	id := h.accepted()
	nothing("nothing to do for the vault")
	if _, err := h.send(id, "pnr\n"); err != nil {
		t.Fatal(err)
	}
	h.do(id, order.RoleOrderer, order.Withdraw{})
	nothing("the population of a withdrawn order")

	id = h.checked()
	h.do(id, order.RoleStatistician, h.spec(id))
	w := h.next(workorder.Extract)
	s := h.state(id)
	if w.Decision != s.DecisionNote || w.Spec != s.SpecNote || w.Acceptance == nil || w.Acceptance.By != "representative.1" || w.Acceptance.On != start || w.Acceptance.NoFee || w.Today != start {
		t.Errorf("work order %+v", w)
	}
	if raw, err := json.Marshal(w); err != nil || strings.Contains(string(raw), "FK-2025-00007") {
		t.Errorf("the orderer's word for an earlier case goes to the vault: %v", err)
	}
	h.do(id, order.RoleOrderer, order.Withdraw{}) // while the vault works
	late := workorder.Report{Extracted: &order.Extracted{Spec: s.SpecHash, Manifest: hash("m")}}
	h.report(w, late)
	if h.state(id).Extracted != nil {
		t.Error("a withdrawn order has files")
	}
	nothing("the extraction of a withdrawn order")

	id = h.extracted()
	h.release(id)
	w = h.next(workorder.Deliver)
	if w.Release != h.state(id).ReleaseNote || w.Release == "" {
		t.Error("the release does not go along")
	}
}

// TestReports: the same report twice changes nothing, one that does not belong
// is refused, and what may pass is tried again later and later.
func TestReports(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.accepted()
	if _, err := h.send(id, "pnr\n"); err != nil {
		t.Fatal(err)
	}
	w := h.next(workorder.Population)
	good := workorder.Report{Population: &order.PopulationChecked{ID: 1, Accepted: true, Persons: 9, Intake: plan.Ref{ID: "pop-1", SHA256: hash("pop")}}}
	for name, r := range map[string]workorder.Report{
		"empty":        {},
		"another kind": {Extracted: &order.Extracted{}},
		"a purge":      {Purged: &order.Purged{}},
		"a delivery":   {Delivered: &workorder.ParcelReport{}},
	} {
		if err := h.app.Take(t.Context(), w.ID, r); code(err) != "app.report" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.app.Take(t.Context(), "nothing", good); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("unknown job: %v", err)
	}
	many := good
	many.Population = &order.PopulationChecked{ID: 1, Accepted: true, Persons: 5000, Intake: plan.Ref{SHA256: hash("x")}}
	if err := h.app.Take(t.Context(), w.ID, many); code(err) != "order.population_bounds" {
		t.Errorf("too many persons: %v", err)
	}
	for range 3 {
		h.report(w, good)
	}
	if n := strings.Count(strings.Join(h.entries(id), " "), "population_checked"); n != 1 {
		t.Errorf("%d checks are logged", n)
	}

	h.do(id, order.RoleStatistician, h.spec(id))
	now := h.now()
	h.app.Clock = func() time.Time { return now }
	for attempt, wait := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
		w = h.next(workorder.Extract)
		h.report(w, workorder.Report{Retry: "works.failed"})
		now = now.Add(wait - time.Millisecond)
		if _, err := h.app.NextWork(t.Context(), "test"); !errors.Is(err, app.ErrNotFound) {
			t.Errorf("attempt %d: tried again before %s: %v", attempt+1, wait, err)
		}
		now = now.Add(time.Millisecond)
	}
	w = h.next(workorder.Extract)
	h.report(w, workorder.Report{Refused: &workorder.RefusedReport{Code: "vault.spec_signature"}})
	dead, err := h.db.Dead(t.Context())
	if err != nil || len(dead) != 1 || dead[0].Fault != "vault.spec_signature" {
		t.Errorf("refused for good: %+v, %v", dead, err)
	}
}

// TestParcel: nothing is handed over before the release or for another job,
// and what does not arrive whole is not delivered.
func TestParcel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	put := func(job, text string) error { return h.app.PutParcel(ctx, job, bytes.NewBufferString(text)) }
	id := h.checked()
	h.do(id, order.RoleStatistician, h.spec(id))
	w := h.next(workorder.Extract)
	if err := put(w.ID, "x"); code(err) != "gate.released_by_second_person" {
		t.Errorf("for an extraction: %v", err)
	}
	if _, err := h.app.OpenPopulation(ctx, w.ID); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("the population for an extraction: %v", err)
	}
	if _, err := h.app.FetchParcel(ctx, id, order.RoleOrderer); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("fetched before there is one: %v", err)
	}
	h.report(w, workorder.Report{Extracted: &order.Extracted{Spec: h.state(id).SpecHash, Manifest: hash("m"), Egress: []order.CheckResult{{Check: "a", OK: true}}}})
	h.release(id)
	if err := put(fmt.Sprintf("%s.%d", id, h.state(id).Version), "x"); code(err) != "gate.released_by_second_person" {
		t.Errorf("for a job that is not leased: %v", err)
	}
	w = h.next(workorder.Deliver)
	report := workorder.Report{Delivered: &workorder.ParcelReport{Manifest: hash("m"), SHA256: hash("parcel")}}
	if err := h.app.Take(ctx, w.ID, report); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("delivered without a parcel: %v", err)
	}
	if err := put(w.ID, "parc"); err != nil {
		t.Fatal(err)
	}
	if err := h.app.Take(ctx, w.ID, report); code(err) != "app.parcel_hash" || h.state(id).Delivery != nil {
		t.Errorf("cut short: %v", err)
	}
	if err := put(w.ID, "parcel"); err != nil {
		t.Fatal(err)
	}
	h.report(w, report)
	if err := put(w.ID, "another"); err == nil {
		t.Error("a delivered parcel was replaced")
	}
	if got := read2(t, h, id); got != "parcel" {
		t.Errorf("fetched %q", got)
	}
}

// TestPromise10FetchAndPurge: until the purge date the same parcel can be
// fetched, from then on not; when the vault has reported, the counter's sealed
// copies are gone too, also those of uploads that were cut short.
func TestPromise10FetchAndPurge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id, other := h.delivered(), h.delivered()
	if _, _, err := h.blobs.Put(ctx, id+"/population/ORPHAN.age", strings.NewReader("left by a crash")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.blobs.Put(ctx, id+"/decision.note", strings.NewReader("is kept")); err != nil {
		t.Fatal(err)
	}
	due := h.state(id).Delivery.PurgeOn
	h.on(due - 1)
	if got := read2(t, h, id); got != "parcel" {
		t.Errorf("the day before: %q", got)
	}
	if _, err := h.app.Due(ctx); err != nil || h.state(id).PurgeOpen {
		t.Errorf("the day before: purge %v, %v", h.state(id).PurgeOpen, err)
	}
	h.on(due)
	if _, err := h.app.FetchParcel(ctx, id, order.RoleOrderer); code(err) != "order.purge_due" {
		t.Errorf("on the day: %v", err)
	}
	acted, err := h.app.Due(ctx)
	slices.Sort(acted)
	if want := []string{id, other}; err != nil || !slices.Equal(acted, want) {
		t.Errorf("acted on %v, %v", acted, err)
	}
	if again, err := h.app.Due(ctx); err != nil || len(again) != 0 {
		t.Errorf("again: %v, %v", again, err)
	}
	w := h.next(workorder.Purge)
	var o workorder.PurgeOrder
	if _, err := h.app.Open(w.Purge, workorder.TypePurge, order.RoleRegistrar, &o); err != nil || o.Order != id || o.Reason != workorder.ReasonDue || o.Rule != "gallringsbeslut 1" || o.On != due || o.By != "registrar.1" {
		t.Errorf("purge order %+v, %v", o, err)
	}
	if len(documents(t, h)) != 6 {
		t.Errorf("gone before the vault has reported: %v", documents(t, h))
	}
	h.report(w, workorder.Report{Purged: &order.Purged{Protocol: "signed", Hash: hash("p"), Objects: 4}})
	if _, err := h.app.FetchParcel(ctx, id, order.RoleOrderer); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("after the purge: %v", err)
	}
	for _, path := range documents(t, h) {
		if strings.Contains(path, id) && !strings.HasSuffix(path, "decision.note") {
			t.Errorf("left: %s", path)
		}
	}
	if len(documents(t, h)) != 3 {
		t.Errorf("left: %v", documents(t, h))
	}
	h.report(w, workorder.Report{Purged: &order.Purged{Protocol: "signed", Hash: hash("p"), Objects: 4}})
	if n := strings.Count(strings.Join(h.entries(id), " "), "purged"); n != 1 {
		t.Errorf("%d purges are logged", n)
	}
}

// TestDueGoesOn: an order that cannot be purged does not keep the others, and
// one that ended early is purged at once.
func TestDueGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.checked()
	h.do(id, order.RoleOrderer, order.Withdraw{})
	never := h.submit()
	h.do(never, order.RoleOrderer, order.Withdraw{}) // holds nothing
	acted, err := h.app.Due(t.Context())
	if err != nil || !slices.Equal(acted, []string{id}) {
		t.Errorf("acted on %v, %v", acted, err)
	}
	w := h.next(workorder.Purge)
	var o workorder.PurgeOrder
	if _, err := h.app.Open(w.Purge, workorder.TypePurge, order.RoleRegistrar, &o); err != nil || o.Reason != "withdrawn" {
		t.Errorf("purge order %+v, %v", o, err)
	}
	h.report(w, workorder.Report{Purged: &order.Purged{}})

	h = newHouse(t)
	one, two := h.delivered(), h.delivered()
	h.on(h.state(one).Delivery.PurgeOn)
	rule := h.app.Authority.PurgeRule
	h.app.Authority.PurgeRule = ""
	if _, err := h.app.Due(t.Context()); h.state(one).PurgeOpen || h.state(two).PurgeOpen || code(err) != "order.no_purge_rule" || strings.Count(err.Error(), "no_purge_rule") < 2 {
		t.Errorf("without a rule: %v", err)
	}
	h.app.Authority.PurgeRule = rule
	if acted, err := h.app.Due(t.Context()); err != nil || len(acted) != 2 {
		t.Errorf("%s, %s: %v, %v", one, two, acted, err)
	}
}

// TestAbandoned: a vault that was killed over a job, or never heard what it was
// given, is handed the same job when it asks again; another's is left alone.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.send(h.accepted(), "pnr\n"); err != nil {
		t.Fatal(err)
	}
	first := h.next(workorder.Population)
	if err := h.app.Abandoned(t.Context(), "another"); err != nil {
		t.Fatal(err)
	}
	if w, err := h.app.NextWork(t.Context(), "test"); !errors.Is(err, app.ErrNotFound) {
		t.Fatalf("a job that somebody works on was handed out: %v, %v", w, err)
	}
	if err := h.app.Abandoned(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	if again := h.next(workorder.Population); again.ID != first.ID {
		t.Errorf("got %s, want %s", again.ID, first.ID)
	}
}
