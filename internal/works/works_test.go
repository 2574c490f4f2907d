package works_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

func TestWholeOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if err := h.s.Step(t.Context()); !errors.Is(err, works.ErrNothing) {
		t.Errorf("no work: %v", err)
	}
	o := h.order("FK-2026-00001", nil)
	r := o.population(people(30))
	p := r.Population
	if p == nil || !p.Accepted || p.Rows != 30 || p.Persons != 30 || p.Intake.SHA256 != hash(people(30)) || p.Intake.ID != "pop-1" {
		t.Fatalf("population: %+v", p)
	}
	r = o.extract(func(s *plan.Spec) {
		s.Population.File.Anchors, s.Population.File.Groups = []string{"index"}, []string{"antal", "grupp"}
	})
	x := r.Extracted
	if x == nil || x.Manifest == "" || len(x.Egress) != 1 || x.Counts[0].Count != 30 {
		t.Fatalf("extracted: %+v, %+v", x, r.Failed)
	}
	job := h.reg.extracted[0]
	if !slices.IsSortedFunc(job.People, func(a, b works.Delivered) int { return int(a.Serial) - int(b.Serial) }) || job.Number != nil {
		t.Error("people do not come in order of their löpnummer, or with their numbers")
	}
	for _, d := range job.People { // the columns that the specification names, in its order
		if len(d.Anchors) != 1 || !d.Anchors[0].Set || d.Anchors[0].Day.Year() != 2019 || len(d.Passed) != 2 || !strings.HasPrefix(d.Passed[1].Text, "g") {
			t.Fatalf("columns: %+v", d)
		}
	}
	if got := h.safe.of("FK-2026-00001"); !slices.Equal(got, []string{works.ObjectDomain, works.ObjectIntake, works.ObjectParcel, works.ObjectParcel, works.ObjectPopulation}) {
		t.Errorf("kept: %v", got)
	}
	if again := o.extract(func(s *plan.Spec) {
		s.Population.File.Anchors, s.Population.File.Groups = []string{"index"}, []string{"antal", "grupp"}
	}); again.Extracted == nil || again.Extracted.Manifest != x.Manifest || len(h.reg.extracted) != 1 {
		t.Error("a report that was lost is not told again as it was")
	}
	r = o.deliver(x.Manifest)
	if r.Delivered == nil || r.Delivered.SHA256 != canon.Sum(h.counter.parcel) || !strings.HasPrefix(string(h.counter.parcel), "parcel ") {
		t.Fatalf("delivered: %+v", r)
	}
	h.now += 10 // the report was lost; the clock runs from the first time
	if again := o.deliver(x.Manifest); again.Delivered == nil || *again.Delivered != *r.Delivered {
		t.Errorf("delivered again: %+v", again)
	}
	if d, err := h.ledger.Delivery(t.Context(), o.id); err != nil || d.On != start || d.PurgeOn != start.AddMonths(6) || d.Parcels != 1 {
		t.Errorf("on record %+v, %v", d, err)
	}
}

// TestPromise14NoNumberLeavesTheVault: neither reports nor log lines hold an
// identity number, whatever goes wrong.
func TestPromise14NoNumberLeavesTheVault(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(strings.Replace(people(40), ";2019-01-03;", ";"+number(7)+";", 1) + number(50) + "\n")
	o.extract(nil)
	h.order("FK-2026-00002", func(d *order.Decision) { d.Scope.Persons.Serial = "lopnr" }).population("pnr;lopnr\n" + number(1) + ";" + number(1) + "\n")
	h.order("FK-2026-00003", nil).population(number(1) + ";" + number(2) + "\n")
	raw, err := json.Marshal(h.counter.reports)
	if err != nil {
		t.Fatal(err)
	}
	digits := regexp.MustCompile(`(^|[^0-9a-f])(19)?[0-9]{6}[-+]?[0-9]{4}([^0-9a-f]|$)`)
	for _, text := range []string{string(raw), h.logged.String()} {
		if m := digits.FindString(text); m != "" {
			t.Errorf("something like an identity number: %d characters in %d", len(m), len(text))
		}
		for i := range 60 {
			if strings.Contains(text, number(i)) || strings.Contains(text, number(i)[2:]) {
				t.Errorf("number %d stands in a report or a log line", i)
			}
		}
	}
}

// TestSimulatedTime: the counter's word for today counts only for synthetic
// registers.
func TestSimulatedTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.s.SimulatedTime = true
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	o.h.now = start.AddMonths(6)
	w := o.base(workorder.Purge)
	w.Purge = h.sign(order.RoleRegistrar, workorder.PurgeOrder{Type: workorder.TypePurge, By: "sluss", Order: o.id, Reason: "due", Rule: "x"})
	h.now = start // the vault's own clock stands still
	if r := h.step(w); r.Purged == nil {
		t.Errorf("simulated: %+v", r)
	}
	real := newHouse(t)
	real.s.SimulatedTime, real.reg.real = true, true
	if r := real.order("FK-2026-00001", nil).population(people(30)); r.Refused == nil || r.Refused.Code != "works.simulated_time" || real.counter.asked != 0 {
		t.Errorf("real registers: %+v", r)
	}
}
