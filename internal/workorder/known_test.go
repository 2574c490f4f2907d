package workorder_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
)

func code(err error) string {
	if f, ok := err.(*fault.Fault); ok {
		return f.Code
	}
	return ""
}

// later makes the house's decision the one that replaces it.
func (h *house) later(change func(*order.Decision)) canon.Hash {
	h.t.Helper()
	before, err := h.d.Hash()
	if err != nil {
		h.t.Fatal(err)
	}
	h.d.Version, h.d.Kind, h.d.Replaces = h.d.Version+1, order.KindReconsideration, before
	if change != nil {
		change(&h.d)
	}
	h.bind()
	return before
}

// TestPromise08EarlierDecisionDoesNotComeBack: the vault follows the chain of
// decisions as far as it has heard of it, and never backwards.
func TestPromise08EarlierDecisionDoesNotComeBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		known func(h *house, before canon.Hash) workorder.Ruling // what the vault has heard of
		do    func(h *house)                                     // to the second version
		code  string
		heard bool
	}{
		{name: "the vault has heard of none", heard: true},
		{name: "it replaces what the vault knows", known: func(_ *house, b canon.Hash) workorder.Ruling { return workorder.Ruling{Version: 1, Hash: b} }, heard: true},
		{name: "it is what the vault knows", known: func(h *house, _ canon.Hash) workorder.Ruling {
			return workorder.Ruling{Version: 2, Hash: h.spec.Decision.SHA256}
		}, heard: true},
		{name: "the vault missed one", known: func(*house, canon.Hash) workorder.Ruling { return workorder.Ruling{Version: 1, Hash: hash("b1")} }, do: func(h *house) { h.later(nil) }, heard: true},
		{name: "it replaces another", known: func(*house, canon.Hash) workorder.Ruling {
			return workorder.Ruling{Version: 1, Hash: hash("another first")}
		}, code: "vault.decision_chain"},
		{name: "it replaces nothing", do: func(h *house) { h.d.Replaces = "" }, code: "vault.decision_chain"},
		{name: "a first one that replaces something", do: func(h *house) { h.d.Version = 1 }, code: "vault.decision_chain"},
		{name: "without a version", do: func(h *house) { h.d.Version, h.d.Replaces = 0, "" }, code: "vault.decision_chain"},
		{name: "another of the same version", known: func(*house, canon.Hash) workorder.Ruling {
			return workorder.Ruling{Version: 2, Hash: hash("another second")}
		}, code: "vault.decision_other"},
		{name: "a later one is known", known: func(*house, canon.Hash) workorder.Ruling { return workorder.Ruling{Version: 3, Hash: hash("third")} }, code: "vault.decision_replaced"},
		{name: "it lets nothing out, and is remembered all the same", known: func(_ *house, b canon.Hash) workorder.Ruling { return workorder.Ruling{Version: 1, Hash: b} }, do: func(h *house) {
			h.d.Scope.Rows[0].Outcome = plan.OutcomeRefuse
		}, code: "vault.no_disclosure", heard: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			under := h.d.Scope.Persons
			before := h.later(nil)
			if tt.do != nil {
				tt.do(h)
				h.bind()
			}
			h.known.Under = &under
			if tt.known != nil {
				h.known.Ruling = tt.known(h, before)
			}
			for _, w := range []workorder.WorkOrder{h.population(), h.extract(), h.deliver()} {
				m, err := h.check(w)
				if code(err) != tt.code || (err != nil) != (tt.code != "") || m.Heard != tt.heard {
					t.Errorf("%s: %v, heard %v; want %q, %v", w.Kind, err, m.Heard, tt.code, tt.heard)
				}
				if f, ok := err.(*fault.Fault); ok && m.Heard == false && f.Promise != 8 {
					t.Errorf("%s: promise %d", w.Kind, f.Promise)
				}
				if m.Heard && (m.Ref.Version != h.d.Version || m.Ref.SHA256 != h.spec.Decision.SHA256) {
					t.Errorf("%s: ref %+v", w.Kind, m.Ref)
				}
			}
		})
	}
	// What nobody signed is not heard of.
	h := newHouse(t)
	h.later(nil)
	w := h.extract()
	w.Decision = h.sign("sten", order.RoleStatistician, h.d)
	if m, err := h.check(w); m.Heard || code(err) != "vault.decision_signature" {
		t.Errorf("unsigned: heard %v, %v", m.Heard, err)
	}
}

// TestPromise08ReplacementIsTheSameDisclosure: after a delivery only the same
// scope from the same snapshot is extracted again; what is refused otherwise
// stands in TestTakenOverCounter.
func TestPromise08ReplacementIsTheSameDisclosure(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if m, err := h.check(h.extract()); err != nil || m.Replaces {
		t.Fatalf("the first: replaces %v, %v", m.Replaces, err)
	}
	h.delivered()
	if m, err := h.check(h.extract()); err != nil || !m.Replaces {
		t.Errorf("as it was: replaces %v, %v", m.Replaces, err)
	}
	h.spec.Extracts[0].Columns = h.spec.Extracts[0].Columns[:1] // another specification of the same disclosure
	if m, err := h.check(h.extract()); err != nil || !m.Replaces {
		t.Errorf("with fewer columns: %v, %v", m.Replaces, err)
	}
	// The wording of the decision was corrected in between.
	under := h.d.Scope.Persons
	h.known.Ruling = workorder.Ruling{Version: 1, Hash: h.spec.Decision.SHA256}
	h.known.Under = &under
	h.later(func(d *order.Decision) { d.Kind, d.Principal = order.KindCorrection, "Uppsala universitet" })
	if m, err := h.check(h.extract()); err != nil || !m.Replaces {
		t.Errorf("after a correction: %v, %v", m.Replaces, err)
	}
	// The replacement is released by somebody else, as the first was.
	w := h.deliver()
	w.Release = h.sign("sten", order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "sten", Order: w.Order, Manifest: hash("manifest")})
	if _, err := h.check(w); code(err) != "vault.four_eyes" {
		t.Errorf("released by who ran it: %v", err)
	}
}

// TestPopulationUnderALaterDecision: a population stays when the new decision
// takes nobody and nothing of it away, and asks for nothing that it lacks.
func TestPopulationUnderALaterDecision(t *testing.T) {
	t.Parallel()
	taken := plan.Persons{
		Source: plan.SourceFile, Max: 100, ID: "pnr", Protected: "exclude",
		Columns: []plan.PopulationExtra{{Name: "index", Type: "date", Use: "steer"}, {Name: "grupp", Type: "code", Use: "pass"}, {Name: "namn", Type: "code", Use: "drop"}},
	}
	for name, tt := range map[string]struct {
		do   func(now, then *plan.Persons)
		code string
	}{
		"the same":            {func(_, _ *plan.Persons) {}, ""},
		"in another order":    {func(now, _ *plan.Persons) { slices.Reverse(now.Columns) }, ""},
		"a column less":       {func(now, _ *plan.Persons) { now.Columns = now.Columns[:1] }, ""},
		"a column is dropped": {func(now, _ *plan.Persons) { now.Columns[1].Use = "drop" }, ""},
		"a new column that is dropped": {func(now, _ *plan.Persons) {
			now.Columns = append(now.Columns, plan.PopulationExtra{Name: "x", Use: "drop"})
		}, ""},
		"a new column": {func(now, _ *plan.Persons) {
			now.Columns = append(now.Columns, plan.PopulationExtra{Name: "x", Type: "int", Use: "pass"})
		}, "vault.population_scope"},
		"a column that was not kept":        {func(now, _ *plan.Persons) { now.Columns[2].Use = "pass" }, "vault.population_scope"},
		"a column of another type":          {func(now, _ *plan.Persons) { now.Columns[1].Type = "int" }, "vault.population_scope"},
		"a column of another use":           {func(now, _ *plan.Persons) { now.Columns[0].Use = "pass" }, "vault.population_scope"},
		"another identity column":           {func(_, then *plan.Persons) { then.ID = "personnummer" }, "vault.population_scope"},
		"another column of löpnummer":       {func(_, then *plan.Persons) { then.Serial = "lopnr" }, "vault.population_scope"},
		"protected persons are in it":       {func(_, then *plan.Persons) { then.Protected = "include" }, "vault.population_scope"},
		"protected persons may be in it":    {func(now, then *plan.Persons) { now.Protected, then.Protected = "include", "include" }, ""},
		"protected persons are now let in":  {func(now, _ *plan.Persons) { now.Protected = "include" }, ""},
		"fewer persons than are in it":      {func(now, _ *plan.Persons) { now.Max = 89 }, "vault.outside_decision"},
		"exactly as many as are in it":      {func(now, _ *plan.Persons) { now.Max = 90 }, ""},
		"nobody knows what it was taken as": {nil, "vault.population_scope"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			now, then := taken, taken
			now.Columns, then.Columns = slices.Clone(taken.Columns), slices.Clone(taken.Columns)
			h.known.Under = &then
			if tt.do == nil {
				h.known.Under = nil
			} else {
				tt.do(&now, &then)
			}
			h.later(func(d *order.Decision) { d.Scope.Persons = now })
			if _, err := h.check(h.extract()); code(err) != tt.code {
				t.Errorf("%v, want %q", err, tt.code)
			}
		})
	}
}

func TestTrackingNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"RR123456789SE": "RR123456789SE", "rr 123 456 789 se": "RR123456789SE", "RR1-2": "RR1-2", "1": "1",
		"": "", " ": "", "../x": "", "RR/1": "", "RR.1": "", "RR\x00": "", "-1": "", "RR\t1": "", "RÄ1": "", "ſ": "", "0123456789012345678901234567890123456789": "0123456789012345678901234567890123456789", "01234567890123456789012345678901234567890": "",
	} {
		if got, ok := workorder.TrackingNumber(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", text, got, ok, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		number, ok := workorder.TrackingNumber(rapid.String().Draw(t, "text"))
		if !ok {
			return
		}
		if again, ok := workorder.TrackingNumber(number); !ok || again != number {
			t.Fatalf("%q is written %q the second time", number, again)
		}
	})
}
