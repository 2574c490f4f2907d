package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
)

// TestMediumByPost: a medium never passes the counter. Its job waits for as
// long as nobody has put it into the vault, and no attempt is counted.
func TestMediumByPost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.accepted()
	h.do(id, order.RoleRegistrar, order.TakeMedium{Road: "post", Tracking: "RR123456789SE"})
	now := h.now()
	h.app.Clock = func() time.Time { return now }
	for range 30 { // more than a job has attempts
		w := h.next(workorder.Population)
		if p := w.Population; p == nil || p.ID != 1 || p.Tracking != "RR123456789SE" || p.Blob != "" || p.SHA256 != "" {
			t.Fatalf("work order %+v", p)
		}
		if _, err := h.app.OpenPopulation(ctx, w.ID); !errors.Is(err, app.ErrNotFound) {
			t.Fatalf("the counter has a file: %v", err)
		}
		if err := h.app.Take(ctx, w.ID, workorder.Report{Waiting: "godot"}); code(err) != "app.report" {
			t.Fatalf("waits for something else: %v", err)
		}
		h.report(w, workorder.Report{Waiting: workorder.WaitingMedium})
		now = now.Add(10*time.Minute - time.Millisecond)
		if _, err := h.app.NextWork(ctx, "test"); !errors.Is(err, app.ErrNotFound) {
			t.Fatalf("asked again too early: %v", err)
		}
		now = now.Add(time.Millisecond)
	}
	w := h.next(workorder.Population)
	if j, err := h.db.Job(ctx, w.ID); err != nil || j.Attempts != 1 || j.Fault != "" {
		t.Errorf("waiting counted: %+v, %v", j, err)
	}
	h.report(w, workorder.Report{Population: &order.PopulationChecked{ID: 1, Code: "works.medium_taken", SV: "x", EN: "x"}})
	// Another letter takes its place.
	h.do(id, order.RoleRegistrar, order.TakeMedium{Road: "post", Tracking: "RR123456789SE-2"})
	w = h.next(workorder.Population)
	if w.Population.Tracking != "RR123456789SE-2" || w.Population.ID != 2 {
		t.Errorf("the second medium: %+v", w.Population)
	}
	h.report(w, workorder.Report{Population: &order.PopulationChecked{ID: 2, Accepted: true, Persons: 9, SHA256: hash("sealed"), Intake: plan.Ref{ID: "pop-2", SHA256: hash("pop")}}})
	if p := h.state(id).Population; !p.Accepted || len(documents(t, h)) != 0 {
		t.Errorf("%+v; documents %v", p, documents(t, h))
	}

	// Nothing else waits for a medium.
	h.do(id, order.RoleStatistician, h.spec(id))
	w = h.next(workorder.Extract)
	if err := h.app.Take(ctx, w.ID, workorder.Report{Waiting: workorder.WaitingMedium}); code(err) != "app.report" {
		t.Errorf("an extraction: %v", err)
	}

	// Of a case that has ended the medium is not asked for any more.
	id = h.accepted()
	h.do(id, order.RoleRegistrar, order.TakeMedium{Road: "post", Tracking: "RR2"})
	h.do(id, order.RoleOrderer, order.Withdraw{})
	if w, err := h.app.NextWork(ctx, "test"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("the medium of a withdrawn order: %v, %v", w, err)
	}
}

// TestPromise08Replacement: a faulty delivery is replaced once, by a new
// release; until the new parcel is there whole, the old one is.
func TestPromise08Replacement(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.delivered()
	first := h.state(id)
	put := func(w workorder.WorkOrder, text string) error {
		return h.app.PutParcel(ctx, w.ID, bytes.NewBufferString(text))
	}
	again := h.spec(id)
	again.Spec.Extracts[0].Columns = again.Spec.Extracts[0].Columns[:1]
	again.Note = h.sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: "statistician.1", Spec: again.Spec})
	if _, err := h.app.Do(ctx, actor(order.RoleStatistician), id, again); err == nil {
		t.Error("extracted again without a fault")
	}
	h.on(start + 30)
	h.do(id, order.RoleOrderer, order.ReportFault{Text: "en kolumn saknas"})
	h.do(id, order.RoleHandler, order.SettleFault{ID: 1, Outcome: "replace", Text: "stämmer"})
	h.do(id, order.RoleStatistician, again)
	w := h.next(workorder.Extract)
	if err := put(w, "early"); code(err) != "gate.released_by_second_person" {
		t.Errorf("handed over before the release: %v", err)
	}
	h.report(w, workorder.Report{Extracted: &order.Extracted{Spec: h.state(id).SpecHash, Manifest: hash("m2"), Egress: []order.CheckResult{{Check: "headers", OK: true}}}})
	o := workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "releaser.1", Order: id, Manifest: hash("m2")}
	h.do(id, order.RoleReleaser, order.Release{Manifest: o.Manifest, Note: h.sign(order.RoleReleaser, o)})
	w = h.next(workorder.Deliver)
	if w.Release != h.state(id).ReleaseNote || w.Release == first.ReleaseNote {
		t.Error("the work order has the first release")
	}
	report := workorder.Report{Delivered: &workorder.ParcelReport{Manifest: hash("m2"), SHA256: hash("mended")}}
	if err := put(w, "mend"); err != nil { // cut short on the way
		t.Fatal(err)
	}
	if err := h.app.Take(ctx, w.ID, report); code(err) != "app.parcel_hash" {
		t.Errorf("cut short: %v", err)
	}
	if got := read2(t, h, id); got != "parcel" || h.state(id).Delivery.SHA256 != hash("parcel") {
		t.Errorf("while the replacement comes in the recipient gets %q", got)
	}
	if err := put(w, "mended"); err != nil {
		t.Fatal(err)
	}
	if got := read2(t, h, id); got != "parcel" {
		t.Errorf("before the delivery is registered the recipient gets %q", got)
	}
	for range 2 {
		h.report(w, report)
	}
	d := h.state(id).Delivery
	if got := read2(t, h, id); got != "mended" || d.SHA256 != hash("mended") || !d.Replaces {
		t.Errorf("delivered %q, %+v", got, d)
	}
	if d.PurgeOn != first.Delivery.PurgeOn || d.BillFrom != first.Delivery.BillFrom {
		t.Errorf("the clocks began anew: %+v", d)
	}
	if err := put(w, "third"); err == nil {
		t.Error("a delivered replacement was replaced")
	}
	var parcels int
	for _, p := range documents(t, h) {
		if strings.Contains(p, id+"/parcel/") {
			parcels++
		}
	}
	if parcels != 1 {
		t.Errorf("%d parcels lie at the counter: %v", parcels, documents(t, h))
	}
	if n := strings.Count(strings.Join(h.entries(id), " "), "delivered"); n != 2 {
		t.Errorf("%d deliveries are logged", n)
	}
}

// TestThreat09PurgeComesByItself: a case whose decision ran out is purged under that
// reason, which the vault knows.
func TestThreat09PurgeComesByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.checked()
	h.on(h.state(id).Decision.Scope.Expires)
	for range 2 {
		if _, err := h.app.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s := h.state(id); s.Ended != order.PhaseExpired {
		t.Fatalf("ended %q", s.Ended)
	}
	w := h.next(workorder.Purge)
	var o workorder.PurgeOrder
	if _, err := h.app.Open(w.Purge, workorder.TypePurge, order.RoleRegistrar, &o); err != nil || o.Reason != "expired" {
		t.Errorf("purge order %+v, %v", o, err)
	}
	if _, err := workorder.Check(w, h.app.Open, workorder.Known{Today: h.day}, catalog.Builtin()); err != nil {
		t.Errorf("the vault: %v", err)
	}
}

// TestRequeue: what the vault refused stands still until an operator calls it
// back; then it is handed out as the order is then.
func TestRequeue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.extracted()
	h.release(id)
	w := h.next(workorder.Deliver)
	if err := h.app.Requeue(ctx, "olle", w.ID); code(err) != "app.job_alive" {
		t.Errorf("a job that runs: %v", err)
	}
	if err := h.app.Requeue(ctx, "olle", fmt.Sprintf("%s.999", id)); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	h.report(w, workorder.Report{Refused: &workorder.RefusedReport{Code: "vault.release_signature"}})
	if _, err := h.app.NextWork(ctx, "test"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("a dead job is handed out: %v", err)
	}
	if err := h.app.Requeue(ctx, "olle", w.ID); err != nil {
		t.Fatal(err)
	}
	if again := h.next(workorder.Deliver); again.ID != w.ID {
		t.Errorf("another job: %s", again)
	}
	if err := h.app.PutParcel(ctx, w.ID, bytes.NewBufferString("parcel")); err != nil {
		t.Fatal(err)
	}
	h.report(w, workorder.Report{Delivered: &workorder.ParcelReport{Manifest: hash("m"), SHA256: hash("parcel")}})
	if h.state(id).Delivery == nil {
		t.Error("not delivered")
	}
	if err := h.app.Requeue(ctx, "olle", w.ID); code(err) != "app.job_alive" {
		t.Errorf("a job that is done: %v", err)
	}
}
