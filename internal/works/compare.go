package works

import (
	"context"
	"fmt"

	"sluss/internal/order"
	"sluss/internal/workorder"
)

// compared counts what has become of the rows of a renewed extraction since the
// first delivery, in protected numbers; nil for an order that renews nothing.
//
// Which snapshot the first delivery was made from comes from the counter, and is
// believed: nothing but these numbers depends on it.
func (s *Service) compared(ctx context.Context, m workorder.Mandate, job Extraction, snapshot Snapshot) (*order.Compared, error) {
	if m.Since == "" {
		return nil, nil
	}
	out := &order.Compared{Since: m.Since}
	if m.Since == snapshot.ID() {
		return out, nil
	}
	var err error
	if out.Lines, err = snapshot.Changes(ctx, job, m.Since); err != nil {
		return nil, fmt.Errorf("compare with %s: %w", m.Since, err)
	}
	return out, nil
}
