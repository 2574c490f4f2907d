package works_test

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// TestPromise01UnreadBeforeTheDecision: without a disclosing decision that the
// vault itself can check, it does not even fetch the file, let alone open it.
func TestPromise01UnreadBeforeTheDecision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	w := o.base(workorder.Population)
	w.Population = &workorder.PopulationFile{ID: 1, SHA256: hash("x")}
	forged := w
	forged.Decision = strings.Replace(w.Decision, "FK-2026-00001", "FK-2026-00009", 1)
	none := w
	none.Decision = ""
	refusal := h.order("FK-2026-00001", func(d *order.Decision) { d.Scope.Rows[0].Outcome = plan.OutcomeRefuse }).base(workorder.Population)
	refusal.Population = w.Population
	late := h.order("FK-2026-00001", func(d *order.Decision) { d.Scope.Expires = start }).base(workorder.Population)
	late.Population = w.Population
	for name, w := range map[string]workorder.WorkOrder{"forged": forged, "none": none, "refusal": refusal, "late": late} {
		if r := h.step(w); r.Refused == nil || r.Refused.Code == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	o.post("RR1", people(12)) // it lies in the mailroom already
	for name, w := range map[string]workorder.WorkOrder{"forged": forged, "none": none, "refusal": refusal, "late": late} {
		w.Population = &workorder.PopulationFile{ID: 1, Tracking: "RR1"}
		if r := h.step(w); r.Refused == nil || r.Waiting != "" {
			t.Errorf("%s, by post: %+v", name, r)
		}
	}
	if h.mail.asked != 0 || h.mail.media[[2]string{o.id, "RR1"}] == nil {
		t.Errorf("media asked for %d times", h.mail.asked)
	}
	if h.counter.asked != 0 || h.safe.unsealed != 0 || len(h.safe.objects) != 0 {
		t.Errorf("asked %d, opened %d, kept %d", h.counter.asked, h.safe.unsealed, len(h.safe.objects))
	}
}

func TestPopulation(t *testing.T) {
	t.Parallel()
	lines := strings.Split(people(12), "\n")
	t.Run("counts", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.reg.protected[h.reg.people[number(1)]] = true
		h.reg.ambiguous[number(2)] = true
		delete(h.reg.people, number(3))
		h.reg.people[number(4)] = h.reg.people[number(5)] // a number was changed: one person, two numbers
		file := strings.Join(lines[:13], "\n") + "\n" + lines[7] + "\ng1;123;2019-01-01;x;1\n"
		r := h.order("FK-2026-00001", nil).population(file).Population
		if r == nil || !r.Accepted || r.Rows != 14 || r.Persons != 8 {
			t.Fatalf("%+v", r)
		}
		for code, want := range map[string]int{"protected_excluded": 1, "ambiguous": 1, "not_found": 1, "same_person": 1, "duplicates": 1, "format": 1} {
			if r.Counts[code] != want {
				t.Errorf("%s: %d, want %d (%v)", code, r.Counts[code], want, r.Counts)
			}
		}
	})
	t.Run("protected persons by decision", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.reg.protected[h.reg.people[number(1)]] = true
		o := h.order("FK-2026-00001", func(d *order.Decision) { d.Scope.Persons.Protected = "include" })
		if r := o.population(people(12)).Population; r == nil || r.Persons != 12 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("at most as decided", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		o := h.order("FK-2026-00001", func(d *order.Decision) { d.Scope.Persons.Max = 11 })
		r := o.population(people(12)).Population
		if r == nil || r.Accepted || r.Counts["over_decided_maximum"] != 1 || slices.Contains(h.safe.of("FK-2026-00001"), works.ObjectIntake) {
			t.Errorf("%+v, kept %v", r, h.safe.of("FK-2026-00001"))
		}
		if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "vault.no_population" {
			t.Errorf("extracted all the same: %+v", r)
		}
		if r := o.population(people(11)).Population; r == nil || !r.Accepted {
			t.Errorf("a smaller file: %+v", r)
		}
	})
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.reg.people = map[string]uint64{}
		if r := h.order("FK-2026-00001", nil).population(people(12)).Population; r == nil || r.Accepted || r.Counts["not_found"] != 12 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("columns that were not decided", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		o := h.order("FK-2026-00001", nil)
		r := o.population("pnr;grupp;index;skräp;antal;diagnos\n" + number(1) + ";g;2019-01-01;x;1;F32\n").Population
		if r == nil || r.Accepted || r.Code == "" || r.SV == "" || r.EN == "" {
			t.Errorf("%+v", r)
		}
		if r := o.population(people(12)).Population; r == nil || !r.Accepted {
			t.Errorf("the next file: %+v", r)
		}
	})
	t.Run("another file than the counter took in", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.counter.file = []byte(sealed + people(12))
		w := h.order("FK-2026-00001", nil).base(workorder.Population)
		w.Population = &workorder.PopulationFile{ID: 1, SHA256: hash("something else")}
		if r := h.step(w); r.Retry == "" || h.safe.unsealed != 0 {
			t.Errorf("%+v; opened %d", r, h.safe.unsealed)
		}
	})
	t.Run("no registers", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.reg.id = ""
		o := h.order("FK-2026-00001", nil)
		if r := o.population(people(12)); r.Retry == "" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("real numbers in real registers only", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		h.reg.real = true
		if r := h.order("FK-2026-00001", nil).population(people(12)).Population; r == nil || r.Accepted || r.Counts["check_digit"] != 12 {
			t.Errorf("%+v", r)
		}
	})
}

// TestMedium: a medium by registered post is waited for, taken over from the
// mailroom, and read once; a report that was lost is told again.
func TestMedium(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	for range 2 {
		if r := o.medium("rr 1"); r.Waiting != workorder.WaitingMedium || r.Population != nil {
			t.Fatalf("nobody has put it in: %+v", r)
		}
	}
	h.order("FK-2026-00002", nil).post("RR1", people(20)) // the same number in another case
	o.post("RR1", people(12))
	first := o.medium("RR1").Population
	if first == nil || !first.Accepted || first.ID != 1 || first.Persons != 12 || first.SHA256 != hash(sealed+people(12)) || first.Intake.SHA256 != hash(people(12)) {
		t.Fatalf("%+v", first)
	}
	if h.counter.asked != 0 {
		t.Error("the counter was asked for a file")
	}
	if h.mail.media[[2]string{o.id, "RR1"}] != nil || h.mail.media[[2]string{"FK-2026-00002", "RR1"}] == nil {
		t.Error("the medium still lies in the mailroom, or another one does not")
	}
	again := o.medium("RR1").Population
	if again == nil || again.SHA256 != first.SHA256 || again.Persons != 12 || again.Intake != first.Intake {
		t.Errorf("told again: %+v", again)
	}
	if r := o.extract(nil); r.Extracted == nil {
		t.Errorf("%+v", r.Failed)
	}

	// A medium that cannot be read leaves the mailroom as well, and so does one
	// that somebody took away: the case hears of it, and another may come.
	o = h.order("FK-2026-00003", nil)
	o.post("RR2", "no such columns\n")
	if r := o.medium("RR2").Population; r == nil || r.Accepted || r.Code == "" || r.SHA256 == "" || h.mail.media[[2]string{o.id, "RR2"}] != nil {
		t.Errorf("unreadable: %+v", r)
	}
	o.post("RR3", people(12))
	_ = h.mail.Done(t.Context(), o.id, "RR3")
	if r := o.medium("RR3").Population; r == nil || r.Accepted || r.Code != "works.medium_taken" || r.SV == "" || r.EN == "" {
		t.Errorf("taken away: %+v", r)
	}
	// The registers are not there yet: the medium stays until they are.
	o.post("RR4", people(12))
	h.reg.id = ""
	if r := o.medium("RR4"); r.Retry == "" || h.mail.media[[2]string{o.id, "RR4"}] == nil {
		t.Errorf("no registers: %+v", r)
	}
	h.reg.id = "s1"
	if r := o.medium("RR4").Population; r == nil || !r.Accepted {
		t.Errorf("then: %+v", r)
	}
}
