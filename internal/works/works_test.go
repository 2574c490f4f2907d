package works_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
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
	if got := h.safe.of("FK-2026-00001"); !slices.Equal(got, []string{works.ObjectDomain, works.ObjectIntake, works.ObjectParcel, works.ObjectPopulation}) {
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
	if p, err := h.ledger.Parcel(t.Context(), o.id); err != nil || p.PurgeOn != start.AddMonths(6) {
		t.Errorf("purge date %s, %v", p.PurgeOn, err)
	}
	if r := o.extract(nil); r.Failed == nil || r.Failed.Code != "vault.delivered" {
		t.Errorf("extracted after the delivery: %+v", r)
	}
}

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

// TestPromise03NothingKeptWhenTheCheckFails: an extraction that is stopped, or
// breaks, leaves no file, no parcel and no key.
func TestPromise03NothingKeptWhenTheCheckFails(t *testing.T) {
	t.Parallel()
	before := []string{works.ObjectIntake, works.ObjectPopulation}
	for name, tt := range map[string]struct {
		do   func(*house)
		code string // of the report that it failed; "" = tried again later
	}{
		"a check fails": {func(h *house) {
			h.checker.results = []order.CheckResult{{Check: "headers", OK: true}, {Check: "dates", SV: "s", EN: "e"}}
		}, "vault.egress.dates"},
		"no check":       {func(h *house) { h.checker.results = nil }, ""},
		"engine breaks":  {func(h *house) { h.reg.extractErr = errors.New("disk") }, ""},
		"engine refuses": {func(h *house) { h.reg.extractErr = fault.New("engine.shape", "s", "e") }, "engine.shape"},
		"no parcel":      {func(h *house) { h.packer.err = errors.New("disk") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			o := h.order("FK-2026-00001", func(d *order.Decision) {
				d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2030-01-01", EthicsRef: "1"}
			})
			o.population(people(30))
			tt.do(h)
			r := o.extract(nil)
			if tt.code == "" && r.Retry == "" || tt.code != "" && (r.Failed == nil || r.Failed.Code != tt.code || r.Failed.Spec == "" || r.Failed.SV == "") {
				t.Errorf("%+v %+v", r, r.Failed)
			}
			if got := h.safe.of("FK-2026-00001"); !slices.Equal(got, before) || len(h.safe.of("project/FK-2026-00001")) != 0 {
				if name != "no parcel" || slices.Contains(got, works.ObjectDomain) {
					t.Errorf("kept: %v and %v", got, h.safe.of("project/FK-2026-00001"))
				}
			}
			if left, err := os.ReadDir(h.safe.scratch); err != nil || len(left) != 0 {
				t.Errorf("scratch: %v, %v", left, err)
			}
			if _, err := h.ledger.Parcel(t.Context(), o.id); !errors.Is(err, works.ErrNotFound) {
				t.Errorf("a parcel is on record: %v", err)
			}
			if r := o.deliver(hash("manifest")); r.Refused == nil || h.counter.parcel != nil {
				t.Errorf("delivered all the same: %+v", r)
			}
			h.checker.results, h.reg.extractErr, h.packer.err = []order.CheckResult{{Check: "headers", OK: true}}, nil, nil
			if r := o.extract(nil); r.Extracted == nil {
				t.Errorf("mended, but %+v", r)
			}
		})
	}
}

func TestExtractionRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	for name, tt := range map[string]struct {
		do   func(*plan.Spec)
		code string
	}{
		"unknown snapshot": {func(s *plan.Spec) { s.AsOf.Snapshot = "s2" }, "works.snapshot"},
		"outside":          {func(s *plan.Spec) { s.Extracts[0].Columns[1].Name = "tom_datum" }, "vault.outside_decision"},
		"other persons":    {func(s *plan.Spec) { s.Population.File.Intake.SHA256 = hash("x") }, "vault.outside_decision"},
	} {
		if r := o.extract(tt.do); r.Failed == nil || r.Failed.Code != tt.code {
			t.Errorf("%s: %+v %+v", name, r, r.Failed)
		}
	}
	criteria := &plan.Criteria{Any: []plan.Criterion{{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Date: 9}, To: plan.Bound{Date: 99}}}}}
	o = h.order("FK-2026-00002", func(d *order.Decision) {
		d.Scope.Persons = plan.Persons{Source: plan.SourceCriteria, Max: 50, Criteria: criteria}
	})
	if r := o.extract(func(s *plan.Spec) { s.Population = plan.Population{Criteria: criteria} }); r.Failed == nil || r.Failed.Code != "vault.criteria" {
		t.Errorf("drawn by the vault: %+v", r)
	}
	if h.reg.extracted != nil {
		t.Error("something was extracted")
	}
}

// TestPromise04NumbersOnlyWhenDecided: the engine gets no way to name a person
// by number unless the decision says so.
func TestPromise04NumbersOnlyWhenDecided(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order("FK-2026-00001", nil).delivered(30)
	if h.reg.extracted[0].Number != nil {
		t.Error("numbers without a decision")
	}
	o := h.order("FK-2026-00002", func(d *order.Decision) { d.Scope.Identity.Kind = plan.IdentityPersonalNumber })
	o.delivered(30)
	if h.reg.extracted[1].Number == nil {
		t.Error("no numbers though decided")
	}
}

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

// TestPromise10Purge: not before the date, then everything, once, with a
// protocol that names rule, objects, keys and backups; and nothing comes back.
func TestPromise10Purge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.delivered(30)
	other := h.order("FK-2026-00002", nil)
	other.delivered(30)
	due := start.AddMonths(6)
	h.now = due - 1
	for _, reason := range []string{"due", "withdrawn", "refused"} { // a taken-over counter gives any reason
		if r := o.purge(reason); r.Refused == nil || r.Refused.Code != "vault.purge_early" {
			t.Errorf("%s a day early: %+v", reason, r)
		}
	}
	if len(h.safe.of(o.id)) != 4 {
		t.Fatalf("something is gone already: %v", h.safe.of(o.id))
	}
	h.now = due
	h.safe.signErr = errors.New("power cut") // the first run destroys and gets no further
	if r := o.purge("due"); r.Retry == "" {
		t.Errorf("no protocol and yet %+v", r)
	}
	h.safe.signErr = nil
	r := o.purge("due")
	if r.Purged == nil || r.Purged.Objects != 4 || len(h.safe.of(o.id)) != 0 {
		t.Fatalf("%+v; left %v", r, h.safe.of(o.id))
	}
	var p works.PurgeProtocol
	if err := json.Unmarshal([]byte(r.Purged.Protocol), &p); err != nil {
		t.Fatal(err)
	}
	if p.Rule != "gallringsbeslut 1" || p.Reason != "due" || p.By != "sluss" || p.On != due || len(p.Objects) != 4 || p.Objects[0].Key == "" || p.Objects[0].SHA256 == "" || p.Backups == "" {
		t.Errorf("protocol %+v", p)
	}
	if h, err := canon.Of(p); err != nil || h != r.Purged.Hash {
		t.Errorf("protocol has hash %s, reported %s", h, r.Purged.Hash)
	}
	if again := o.purge("due"); again.Purged == nil || *again.Purged != *r.Purged {
		t.Errorf("the second run: %+v", again)
	}
	if len(h.safe.of(other.id)) != 4 {
		t.Errorf("another order lost something: %v", h.safe.of(other.id))
	}
	asked := h.counter.asked
	for name, r := range map[string]workorder.Report{"population": o.population(people(30)), "extraction": o.extract(nil), "delivery": o.deliver(hash("manifest"))} {
		if r.Refused == nil && r.Failed == nil || r.Refused != nil && r.Refused.Code != "vault.purged" || r.Failed != nil && r.Failed.Code != "vault.purged" {
			t.Errorf("%s after the purge: %+v", name, r)
		}
	}
	if h.counter.asked != asked || len(h.safe.of(o.id)) != 0 {
		t.Error("something came back after the purge")
	}
	if _, err := h.ledger.Parcel(t.Context(), o.id); !errors.Is(err, works.ErrNotFound) {
		t.Errorf("the parcel is still on record: %v", err)
	}
}

// TestPromise10EndedEarly: an order that ended before its delivery goes at
// once; a due date it has none.
func TestPromise10EndedEarly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", func(d *order.Decision) {
		d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2028-01-01", EthicsRef: "Dnr 1"}
	})
	o.population(people(30))
	if r := o.extract(nil); r.Extracted == nil {
		t.Fatalf("%+v", r)
	}
	if r := o.purge("due"); r.Refused == nil || r.Refused.Code != "vault.purge_early" {
		t.Errorf("due without a delivery: %+v", r)
	}
	r := o.purge("withdrawn")
	if r.Purged == nil || r.Purged.Objects != 3 || len(h.safe.of(o.id)) != 0 {
		t.Errorf("%+v, left %v", r, h.safe.of(o.id))
	}
	if !strings.Contains(r.Purged.Protocol, "FK-2026-00001-person until 2027-12-31") || len(h.safe.of("project/FK-2026-00001")) != 1 {
		t.Errorf("a kept key is not told of: %s", r.Purged.Protocol)
	}
	never := h.order("FK-2026-00002", nil)
	if r := never.purge("refused"); r.Purged == nil || r.Purged.Objects != 0 {
		t.Errorf("an order without files: %+v", r)
	}
}

// TestPromise13SecondPerson: what lies ready leaves only for the releaser's
// signature under exactly it.
func TestPromise13SecondPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	r := o.extract(nil)
	w := o.base(workorder.Deliver)
	if r := h.step(w); r.Refused == nil || r.Refused.Code != "vault.release_signature" {
		t.Errorf("no release: %+v", r)
	}
	if r := o.deliver(hash("other")); r.Refused == nil || r.Refused.Code != "vault.other_manifest" {
		t.Errorf("another manifest: %+v", r)
	}
	later := h.order("FK-2026-00001", func(d *order.Decision) { d.RetentionMonths = 1 })
	if r := later.deliver(r.Extracted.Manifest); r.Refused == nil || r.Refused.Code != "vault.other_decision" {
		t.Errorf("another decision: %+v", r)
	}
	if h.counter.parcel != nil {
		t.Error("a parcel left")
	}
	h.counter.refuses = errors.New("the counter is down")
	if r := o.deliver(r.Extracted.Manifest); r.Retry == "" {
		t.Errorf("a counter that is down: %+v", r)
	}
	if p, err := h.ledger.Parcel(t.Context(), o.id); err != nil || p.Delivered {
		t.Errorf("delivered on record: %+v, %v", p, err)
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

// TestNoFeeByDecision: a decided ground for no fee takes the place of the
// acceptance.
func TestNoFeeByDecision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.order("FK-2026-00001", nil)
	o.population(people(30))
	w := o.spec(nil)
	w.Acceptance.NoFee, w.Acceptance.By = true, ""
	if r := h.step(w); r.Failed == nil || r.Failed.Code != "vault.not_accepted" {
		t.Errorf("free by the counter's word: %+v", r)
	}
	o.q.NoFee = &quote.NoFee{Ground: "förordning"}
	o.d.Quote, _ = o.q.Hash()
	w = o.spec(nil)
	w.Acceptance.NoFee, w.Acceptance.By = true, ""
	if r := h.step(w); r.Extracted == nil {
		t.Errorf("free by decision: %+v", r.Failed)
	}
}

func TestScratchHoldsTheFilesOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stale := filepath.Join(h.safe.scratch, "FK-2026-00001")
	if err := os.MkdirAll(stale, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(stale, "left.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h.order("FK-2026-00001", nil).delivered(30)
	if !slices.Equal(h.packer.entries, []string{"fall.csv"}) {
		t.Errorf("packed from %v", h.packer.entries)
	}
}
