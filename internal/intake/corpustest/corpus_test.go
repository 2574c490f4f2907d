package corpustest

import (
	"fmt"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/intake"
)

func found(ps []intake.Problem, f Seeded) bool {
	for _, p := range ps {
		if p.Rule == f.Rule && p.Field == f.Field {
			return true
		}
	}
	return false
}

// TestCorpus: of 200 orders, at least 95 % of the faulty ones are caught with
// the right rule and field for every fault, and at most 3 % of the clean ones
// are faulted.
func TestCorpus(t *testing.T) {
	t.Parallel()
	if n := len(Kinds()); n < 40 {
		t.Errorf("%d kinds of faults", n)
	}
	measure(t, 20261102, 200, true)
}

// TestCorpusAtLength measures the same on more orders, so that the figures do
// not rest on one draw, and sees every kind of fault.
func TestCorpusAtLength(t *testing.T) {
	t.Parallel()
	seen := measure(t, 4711, 3000, false)
	for _, k := range Kinds() {
		if seen[k] == 0 {
			t.Errorf("%q was never seeded", k)
		}
	}
}

func measure(t *testing.T, seed uint64, n int, show bool) map[string]int {
	cat := catalog.Builtin()
	faulty, caught, clean, alarms := 0, 0, 0, 0
	seen := map[string]int{}
	missed := map[string]int{}
	for i, o := range Generate(seed, n) {
		ps := intake.Problems(o.Application, Today, cat)
		if len(o.Faults) == 0 {
			clean++
			if len(ps) > 0 {
				alarms++
				missed[fmt.Sprintf("false alarm %s %s", ps[0].Rule, ps[0].Field)]++
			}
			continue
		}
		faulty++
		all := true
		for _, f := range o.Faults {
			seen[f.Kind]++
			if !found(ps, f) {
				all = false
				missed[fmt.Sprintf("%s: %s %s", f.Kind, f.Rule, f.Field)]++
				if show {
					t.Logf("order %d: %q not found", i, f.Kind)
				}
			}
		}
		if all {
			caught++
		}
	}
	t.Logf("%d orders, %d kinds seen: %d of %d faulty caught (%.1f %%), %d of %d clean faulted (%.1f %%)", n, len(seen), caught, faulty, 100*float64(caught)/float64(faulty), alarms, clean, 100*float64(alarms)/float64(clean))
	if caught*100 < faulty*95 || alarms*100 > clean*3 {
		t.Errorf("too few caught or too many alarms: %v", missed)
	} else if len(missed) > 0 {
		t.Logf("missed: %v", missed)
	}
	if clean < n*4/10 || faulty < n*4/10 {
		t.Errorf("%d clean and %d faulty: not about half", clean, faulty)
	}
	return seen
}

func TestSameSeedSameOrders(t *testing.T) {
	t.Parallel()
	a, b := Generate(7, 40), Generate(7, 40)
	for i := range a {
		if d, err := intake.Changed(a[i].Application, b[i].Application); err != nil || len(d) > 0 {
			t.Errorf("order %d differs: %v %v", i, d, err)
		}
	}
}
