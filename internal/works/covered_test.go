package works_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/exposure"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// TestMinCoverage: what the specification itself asks for is measured, too. It
// holds whatever exception the decision makes, and cannot loosen the rule.
func TestMinCoverage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", func(d *order.Decision) {
		d.Scope.Exceptions = []plan.CoverageLeave{{Table: "midas_sjp", Reason: "metodstudie"}}
	})
	o.population(people(30))
	asks := func(last day.Day, share float64) func(*plan.Spec) {
		return func(s *plan.Spec) {
			for i := range s.Extracts {
				s.Extracts[i].Window.To, s.Extracts[i].MinCoverage = plan.Bound{Date: last + 1}, share
			}
		}
	}
	if r := o.extract(asks(18_300, 0.9)); r.Failed == nil || r.Failed.Code != "vault.min_coverage" || !strings.Contains(r.Failed.EN, "too little") {
		t.Errorf("a register that cannot be measured: %+v %+v", r, r.Failed)
	}
	h.reg.until = map[string]day.Day{"midas_sjuk": 18_500}
	for name, tt := range map[string]struct {
		last  day.Day
		share float64
		ok    bool
	}{
		"at the rule's limit": {18_500, 0.95, true}, "past it, without asking for more": {18_501, 0, true}, "the exception lifts the rule only": {18_501, 0.95, false},
		"a higher share": {18_401, 0.99, false}, "up to where it is known": {18_400, 0.99, true}, "a lower share": {18_500, 0.5, true},
	} {
		r := o.extract(asks(tt.last, tt.share))
		if (r.Extracted != nil) != tt.ok || !tt.ok && (r.Failed == nil || r.Failed.Code != "vault.min_coverage" || !strings.Contains(r.Failed.EN, "promise 12")) {
			t.Errorf("%s: %+v %+v", name, r, r.Failed)
		}
	}
	if r := o.extract(func(s *plan.Spec) { s.AsOf = plan.AsOf{Instant: "2026-01-01T00:00:00Z"} }); r.Extracted != nil {
		t.Errorf("from a point in time: %+v", r)
	}
}

// TestPromise12TheVaultMeasuresCoverage: a plan that goes past what is complete
// in the snapshot is refused with the date, whatever the counter has let by,
// unless the decision makes an exception for the table.
func TestPromise12TheVaultMeasuresCoverage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	ends := func(last day.Day) func(*plan.Spec) {
		return func(s *plan.Spec) {
			for i := range s.Extracts {
				s.Extracts[i].Window.To = plan.Bound{Date: last + 1}
			}
		}
	}
	if r := o.extract(ends(18_502)); r.Extracted == nil {
		t.Fatalf("a register without a measure: %+v %+v", r, r.Failed)
	}
	h.reg.until = map[string]day.Day{"midas_sjuk": 18_500}
	if r := o.extract(ends(18_501)); r.Failed == nil || r.Failed.Code != "vault.coverage" || !strings.Contains(r.Failed.EN, day.Day(18_500).String()) {
		t.Fatalf("past the limit: %+v %+v", r, r.Failed)
	}
	if r := o.extract(ends(18_500)); r.Extracted == nil {
		t.Fatalf("at the limit: %+v %+v", r, r.Failed)
	} else if got := r.Extracted.Reach; !slices.Equal(got, []order.Reach{{Register: "midas_sjuk", Until: 18_500, PaymentsTo: 19_990}}) {
		t.Errorf("the report says %+v", got)
	}
	relative := func(s *plan.Spec) {
		s.Population.File.Anchors = []string{"index"}
		for i := range s.Extracts {
			s.Extracts[i].Window.From, s.Extracts[i].Window.To = plan.Bound{Anchor: "index"}, plan.Bound{Anchor: "index", Offset: day.Offset{Months: 12}}
		}
	}
	if r := o.extract(relative); r.Failed == nil || r.Failed.Code != "vault.coverage" {
		t.Errorf("a window that the person's own date ends: %+v %+v", r, r.Failed)
	}
	for id, table := range map[string]string{"FK-2026-00002": "midas_sjp", "FK-2026-00003": "midas_sa"} {
		o := h.order(id, func(d *order.Decision) {
			d.Scope.Exceptions = []plan.CoverageLeave{{Table: table, Reason: "metodstudie"}}
		})
		o.population(people(30))
		if r := o.extract(ends(18_501)); (r.Extracted != nil) != (table == "midas_sjp") {
			t.Errorf("exception for %s: %+v %+v", table, r, r.Failed)
		}
	}
}

// TestComparedWithTheFirstDelivery: a renewed extraction tells what has changed
// since the first delivery, in protected numbers, in the report; an order that
// renews nothing tells nothing, and an unknown snapshot no numbers.
func TestComparedWithTheFirstDelivery(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	for since, want := range map[string]*order.Compared{
		"": nil, "s1": {Since: "s1"}, "s9": {Since: "s9"},
		"s0": {Since: "s0", Lines: []order.ChangeLine{{Extract: "fall", Added: exposure.Count{N: 10}, Deleted: exposure.Count{Few: true}}}},
	} {
		w := o.spec(nil)
		w.Since = since
		r := h.step(w)
		if r.Extracted == nil || !reflect.DeepEqual(r.Extracted.Compared, want) {
			t.Errorf("%q: %+v %+v", since, r.Extracted, r.Failed)
		}
		h.now++
		o.again(nil) // or the report would be told again as it was
	}
}
