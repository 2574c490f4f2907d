package app

import (
	"context"
	"testing"

	"sluss/internal/order"
	"sluss/internal/plan"
)

// cases is a log that can only be read.
type cases struct {
	Log
	of map[string][]order.Entry
}

func (c cases) Load(_ context.Context, id string) ([]order.Entry, error) {
	if c.of[id] == nil {
		return nil, ErrNotFound
	}
	return c.of[id], nil
}

// TestFirstSnapshot: a renewed order is compared with the first delivery of its
// line, past orders that were never delivered; a new order with nothing.
func TestFirstSnapshot(t *testing.T) {
	t.Parallel()
	all := cases{of: map[string][]order.Entry{}}
	tell := func(id, parent, snapshot string, delivered bool) order.State {
		sub := &order.Submitted{}
		if parent != "" {
			sub.Parent = &order.Parent{Case: parent, Kind: order.KinRenewal}
		}
		events := []order.Event{sub, &order.ExtractionOrdered{Spec: plan.Spec{AsOf: plan.AsOf{Snapshot: snapshot}}}}
		if delivered {
			events = append(events, &order.Delivered{Blob: "b"})
		}
		for i, ev := range events {
			all.of[id] = append(all.of[id], order.Entry{Version: i + 1, Event: ev})
		}
		return order.Fold(id, all.of[id])
	}
	a := &App{Log: all}
	first := tell("A", "", "s1", true)
	tell("B", "A", "s2", false)
	tell("C", "B", "s3", true)
	last := tell("D", "C", "s4", false)
	never := tell("E", "B2", "s9", false)
	for want, s := range map[string]order.State{"": first, "s1": last} {
		if got, err := a.firstSnapshot(t.Context(), s); err != nil || got != want {
			t.Errorf("%s: %q, want %q, %v", s.ID, got, want, err)
		}
	}
	if _, err := a.firstSnapshot(t.Context(), never); err == nil {
		t.Error("a line that leads nowhere")
	}
	tell("F", "G", "s5", false)
	if got, err := a.firstSnapshot(t.Context(), tell("G", "F", "s6", false)); err != nil || got != "" {
		t.Errorf("a line that goes round: %q, %v", got, err)
	}
}
