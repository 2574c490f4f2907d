package works_test

import (
	"errors"
	"testing"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/works"
)

// TestPromise09SameWithinAProjectNeverAcross: löpnummer go on from one order
// to another only where both decisions say that the key is kept, and the later
// one names the earlier order.
func TestPromise09SameWithinAProjectNeverAcross(t *testing.T) {
	t.Parallel()
	kept := func(project string) func(*order.Decision) {
		return func(d *order.Decision) {
			d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2028-01-01", EthicsRef: "Dnr 1", Project: project}
		}
	}
	h := newHouse(t)
	h.order("FK-2026-00001", kept("")).delivered(30)
	first := h.serials()
	h.order("FK-2026-00002", kept("FK-2026-00001")).delivered(50) // the same and 20 more
	second := h.serials()
	for e, n := range first {
		if second[e] != n {
			t.Fatalf("person %d has another number within the project", e)
		}
	}
	if len(second) != 50 {
		t.Errorf("%d persons", len(second))
	}
	same := func(a, b map[uint64]uint64) int {
		n := 0
		for e := range a {
			if a[e] == b[e] {
				n++
			}
		}
		return n
	}
	h.order("FK-2026-00003", kept("")).delivered(30) // its own project
	if n := same(first, h.serials()); n > 12 {
		t.Errorf("%d of 30 numbers are the same in another project", n)
	}
	h.order("FK-2026-00004", nil).delivered(30)
	if n := same(first, h.serials()); n > 12 {
		t.Errorf("%d of 30 numbers are the same in another order", n)
	}
	// A decision that destroys the key starts anew, whatever others keep.
	o := h.order("FK-2026-00005", func(d *order.Decision) { d.Scope.Identity.Project = "FK-2026-00001" })
	o.population(people(30))
	if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "vault.no_kept_key" {
		t.Errorf("used again without approval: %+v", r)
	}
	h.now = day.MustParse("2027-12-31")
	if err := h.s.Step(t.Context()); !errors.Is(err, works.ErrNothing) || len(h.safe.of("project/FK-2026-00001")) != 1 {
		t.Errorf("on its last day: %v, kept %v", err, h.safe.of("project/FK-2026-00001"))
	}
	// Once its date has come the key is gone, and with it the numbers.
	h.now = day.MustParse("2028-01-01")
	late := func(d *order.Decision) {
		kept("FK-2026-00001")(d)
		d.Scope.Expires, d.Scope.Identity.KeepUntil = h.now+99, "2029-01-01"
	}
	o = h.order("FK-2028-00001", late)
	o.population(people(30))
	if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "vault.no_kept_key" {
		t.Errorf("used after its time: %+v", r)
	}
	if len(h.safe.of("project/FK-2026-00001")) != 0 || len(h.safe.of("project/FK-2026-00003")) != 0 {
		t.Error("kept keys outlive their date")
	}
	// A small addition would point persons out.
	h = newHouse(t)
	h.order("FK-2026-00001", kept("")).delivered(30)
	o = h.order("FK-2026-00002", kept("FK-2026-00001"))
	o.population(people(33))
	if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "pseudonym.small_batch" {
		t.Errorf("three more persons: %+v", r)
	}
}

// TestEmployers: an employer has a number of the employers' own domain, also
// where it is a person of the population who trades under their own number.
func TestEmployers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	trader := h.reg.people[number(3)]
	h.reg.employers = []uint64{trader}
	for e := uint64(1 << 40); e < 1<<40+40; e++ {
		h.reg.employers = append(h.reg.employers, e)
	}
	h.order("FK-2026-00001", nil).delivered(30)
	job := h.reg.extracted[0]
	seen := map[uint64]bool{}
	for _, e := range h.reg.employers {
		n, ok := job.Employer(e)
		if !ok || n <= plan.OrganisationBase || n > plan.OrganisationBase+41 || seen[n] {
			t.Fatalf("an employer has the number %d, %v", n, ok)
		}
		seen[n] = true
	}
	if _, ok := job.Other(1 << 40); ok {
		t.Error("an organisation has a number among persons")
	}
	if _, ok := job.Employer(h.reg.people[number(4)]); ok {
		t.Error("a person who is no employer has a number among employers")
	}
	if got := h.packer.packed[0].Domains; len(got) != 2 || got[1] != "FK-2026-00001-employer" {
		t.Errorf("domains %v", got)
	}
}

// TestMentioned: others whom the files name get numbers too: one person, one
// number.
func TestMentioned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	child, member := uint64(5000), h.reg.people[number(3)]
	for e := child; e < child+15; e++ {
		h.reg.mentioned = append(h.reg.mentioned, e)
	}
	h.reg.mentioned = append(h.reg.mentioned, member)
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	job := h.reg.extracted[0]
	if n, ok := job.Other(child); !ok || n == 0 {
		t.Error("a child has no number")
	}
	if n, ok := job.Other(member); !ok || n != h.serials()[member] {
		t.Error("a member of the population has another number as somebody's child")
	}
	if _, ok := job.Other(99999); ok {
		t.Error("somebody who was not mentioned has a number")
	}
	// Foreign löpnummer are taken over; ours stand beside them.
	serial := "pnr;lopnr\n"
	want := map[uint64]uint64{}
	for i := range 30 {
		n := (i*17 + 5) % 31 * 13 % 31
		serial += number(i) + ";" + string(rune('1'+n/10)) + string(rune('0'+n%10)) + "7\n"
		want[h.reg.people[number(i)]] = uint64(100+n/10*100+n%10*10) + 7
	}
	o = h.order("FK-2026-00002", func(d *order.Decision) { d.Scope.Persons.Serial, d.Scope.Persons.Columns = "lopnr", nil })
	if r := o.population(serial).Population; r == nil || !r.Accepted {
		t.Fatalf("%+v", r)
	}
	if r := o.extract(nil); r.Extracted == nil {
		t.Fatalf("%+v", r.Failed)
	}
	for e, n := range h.serials() {
		if want[e] != n {
			t.Errorf("person %d has %d, the supplier says %d", e, n, want[e])
		}
	}
	if n, ok := h.reg.extracted[1].Other(member); !ok || n != want[member] {
		t.Errorf("a member as somebody's child has %d, in the population %d", n, want[member])
	}
	n, ok := h.reg.extracted[1].Other(child)
	if !ok || n < 1000 {
		t.Errorf("a child beside foreign numbers has %d", n)
	}
	if len(h.packer.packed[1].Domains) != 2 {
		t.Errorf("domains %v", h.packer.packed[1].Domains)
	}
}
