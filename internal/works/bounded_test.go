package works_test

import (
	"context"
	"os"
	"testing"

	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/works"
)

// slow is a check on finished files during which the bound is passed.
type slow struct {
	works.Checker
	pass func()
}

func (c slow) Check(ctx context.Context, dir string, e works.Extracted, j works.Extraction, s works.Snapshot) ([]order.CheckResult, error) {
	c.pass()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.Checker.Check(ctx, dir, e, j, s)
}

// TestThreat27OverTheBound: what passes a bound in the middle is refused with
// the bound's own reason; deliveries and purges have no bound.
func TestThreat27OverTheBound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	asked, pass := 0, func() {}
	over := fault.New("works.too_long", "För länge.", "Too long.")
	h.s.Bound = func(ctx context.Context) (context.Context, func()) {
		asked++
		ctx, end := context.WithCancelCause(ctx)
		pass = func() { end(over) }
		return ctx, func() { end(nil) }
	}
	h.s.Checker = slow{h.checker, func() { pass() }}
	if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "works.too_long" || r.Retry != "" || asked != 1 {
		t.Errorf("%+v %+v, asked %d times", r, r.Failed, asked)
	}
	if left, err := os.ReadDir(h.safe.scratch); err != nil || len(left) != 0 {
		t.Errorf("scratch: %v, %v", left, err)
	}
	h.s.Checker = h.checker
	r := o.extract(nil)
	if r.Extracted == nil || asked != 2 {
		t.Fatalf("%+v %+v, asked %d times", r, r.Failed, asked)
	}
	if r := o.deliver(r.Extracted.Manifest); r.Delivered == nil || asked != 2 {
		t.Errorf("%+v %+v, asked %d times", r, r.Refused, asked)
	}
	o.population(people(30))
	if asked != 3 {
		t.Errorf("a population: asked %d times", asked)
	}
}
