package app_test

import (
	"slices"
	"testing"

	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/order"
)

// TestDueByDigest: dates act in the cases whose digests name the day and in no
// other; what the authority's rules say since is seen when all are looked
// through.
func TestDueByDigest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, other := h.submit(), h.submit()
	for _, x := range []string{id, other} {
		h.do(x, order.RoleHandler, order.RequestSupplement{Parts: []string{"title"}, Text: "Förtydliga titeln.", DueDays: 20})
	}
	h.do(other, order.RoleOrderer, order.AnswerSupplement{Application: h.state(other).Application})
	due := h.state(id).OpenSupplement().Due
	next, ok := order.NextAct(h.state(id), h.app.Authority, start)
	if !ok || next <= start || next > due {
		t.Fatalf("acts on %s, %t", next, ok)
	}
	reminded := func(id string) bool { return slices.Contains(h.entries(id), "supplement_reminded") }
	first := day.Day(0)
	for d := start; d <= due && first == 0; d++ {
		h.on(d)
		if _, err := h.app.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
		if reminded(id) {
			first = d
		}
	}
	if want := h.app.Authority.Calendar.AddWorkingDays(due, -order.RemindWorkingDays); first != want || reminded(other) {
		t.Errorf("reminded on %s, want %s; the other %t", first, want, reminded(other))
	}

	// Looking through all cases minds no digest.
	h = newHouse(t)
	id = h.submit()
	h.do(id, order.RoleHandler, order.RequestSupplement{Parts: []string{"title"}, Text: "Förtydliga titeln.", DueDays: 20})
	h.on(h.app.Authority.Calendar.AddWorkingDays(h.state(id).OpenSupplement().Due, -order.RemindWorkingDays))
	if err := h.db.PutDigest(t.Context(), id, h.state(id).Version, app.Digest{}); err != nil {
		t.Fatal(err)
	}
	if acted, err := h.app.Due(t.Context()); err != nil || len(acted) > 0 {
		t.Errorf("by the list: %v, %v", acted, err)
	}
	if acted, err := h.app.DueInAll(t.Context()); err != nil || !reminded(id) || !slices.Equal(acted, []string{id}) {
		t.Errorf("all: %v, %v", acted, err)
	}
}
