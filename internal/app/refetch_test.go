package app_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/workorder"
)

// TestRefetch: a counter that was restored has no parcels; it asks the vault
// for those that it should have, and takes no other.
func TestRefetch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.delivered()
	h.delivered() // another one, which is not lost
	if again, err := h.app.Refetch(ctx, "drift"); err != nil || len(again) != 0 {
		t.Errorf("nothing is lost: %v, %v", again, err)
	}
	before := h.state(id)
	if err := h.blobs.Delete(ctx, before.Delivery.Blob); err != nil {
		t.Fatal(err)
	}
	if _, err := h.app.FetchParcel(ctx, id, order.RoleOrderer); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("a parcel that is lost: %v", err)
	}
	for range 2 { // twice changes nothing
		if again, err := h.app.Refetch(ctx, "drift"); err != nil || !slices.Equal(again, []string{id}) {
			t.Fatalf("asked again for %v, %v", again, err)
		}
	}
	w := h.next(workorder.Deliver)
	if w.Order != id || w.Release == "" {
		t.Fatalf("work order for %s", w.Order)
	}
	if err := h.app.PutParcel(ctx, w.ID, strings.NewReader("parcel")); err != nil {
		t.Fatal(err)
	}
	if err := h.app.PutParcel(ctx, w.ID, strings.NewReader("another")); code(err) == "" {
		t.Errorf("a parcel that is not lost is taken: %v", err)
	}
	if got := read2(t, h, id); got != "parcel" {
		t.Errorf("fetched %q", got)
	}
	h.report(w, workorder.Report{Delivered: &workorder.ParcelReport{Manifest: before.Delivery.Manifest, SHA256: before.Delivery.SHA256}})
	if after := h.state(id); after.Version != before.Version || after.Delivery.PurgeOn != before.Delivery.PurgeOn {
		t.Errorf("the case has changed: %d, was %d", after.Version, before.Version)
	}
	if idle, err := h.app.Idle(ctx); err != nil || !idle {
		t.Errorf("work is left, %v", err)
	}
	// Past the purge date, and after the purge, nothing is fetched again.
	h.on(before.Delivery.PurgeOn)
	if _, err := h.app.Due(ctx); err != nil {
		t.Fatal(err)
	}
	purge := h.next(workorder.Purge)
	h.report(purge, workorder.Report{Purged: &order.Purged{Protocol: "signed", Hash: hash("p"), Objects: 4}})
	if again, err := h.app.Refetch(ctx, "drift"); err != nil || len(again) != 0 {
		t.Errorf("of purged orders: %v, %v", again, err)
	}
	if all, err := h.app.Purges(ctx); err != nil || !slices.Equal(all, []string{"signed"}) {
		t.Errorf("purges: %v, %v", all, err)
	}
}

// TestBackupsHoldNoSealedFiles: what a backup of the counter leaves out.
func TestBackupsHoldNoSealedFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.delivered()
	for blob, want := range map[string]bool{
		id + "/population/X.age": true, id + "/parcel/j.sluss": true, "sealed-away/x.age": true,
		id + "/decision.note": false, "letters/population": false, "attachments/X": false,
	} {
		if got := app.Sealed(blob); got != want {
			t.Errorf("%s: %v", blob, got)
		}
	}
	if s := h.state(id); s.Population != nil && s.Population.Blob != "" {
		if waits, err := h.app.WaitingPopulation(t.Context(), s.Population.Blob); err != nil || waits {
			t.Errorf("a population that was read waits: %v", err)
		}
	}
	for _, blob := range []string{"FK-1999-00001/population/x.age", "x", id + "/parcel/x.sluss"} {
		if waits, err := h.app.WaitingPopulation(t.Context(), blob); err != nil || waits {
			t.Errorf("%s waits: %v", blob, err)
		}
	}
}
