package showcase_test

import (
	"testing"

	"sluss/internal/order"
)

// phases are all that a case can be in.
var phases = []order.Phase{
	order.PhaseReceived, order.PhaseSupplement, order.PhaseComplete, order.PhaseDraft, order.PhaseReview, order.PhaseDecision, order.PhaseDecided, order.PhasePopulation,
	order.PhaseExtraction, order.PhaseRelease, order.PhaseDelivered, order.PhasePurge, order.PhaseClosed, order.PhaseRefused, order.PhaseDismissed, order.PhaseWithdrawn,
	order.PhaseEnquiry, order.PhaseAnswered, order.PhaseExpired,
}

func TestFill(t *testing.T) {
	t.Parallel()
	c := newCounter(t, today)
	shown := c.fill(t, today)
	c.isTrue(t, shown, today)
	in := map[order.Phase]int{}
	for _, id := range shown.All {
		in[c.look(t, id, today).Phase()]++
	}
	for _, p := range phases {
		if in[p] < 2 {
			t.Errorf("%d cases in phase %s", in[p], p)
		}
	}
}
