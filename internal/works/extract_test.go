package works_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

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

func TestThreat02MoreThanTheDecision(t *testing.T) {
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
	if h.reg.extracted != nil {
		t.Error("something was extracted")
	}
}

// TestPromise03DrawnPopulation: a population that the vault draws is that of
// the decided criteria, no larger than decided, and nobody is drawn for others.
func TestPromise03DrawnPopulation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	criteria := func() *plan.Criteria {
		return &plan.Criteria{
			Ground: "114 kap. 12 §", Any: []plan.Criterion{{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Date: 9}, To: plan.Bound{Date: 99}}}},
			Anchor: &plan.AnchorPick{Name: "index", Pick: plan.PickFirst}, Relatives: &plan.Relatives{Of: []string{plan.RelationChildren}},
		}
	}
	o := h.order("FK-2026-00002", func(d *order.Decision) {
		d.Scope.Persons = plan.Persons{Source: plan.SourceCriteria, Max: 40, Criteria: criteria()}
	})
	drawn := func(change func(*plan.Criteria)) workorder.Report {
		return o.extract(func(s *plan.Spec) {
			c := criteria()
			if change != nil {
				change(c)
			}
			s.Population = plan.Population{Criteria: c}
			s.Extracts[0].Window = plan.Window{From: plan.Bound{Anchor: "index"}, To: plan.Bound{Anchor: "index", Offset: day.Offset{Days: 9}}}
		})
	}
	for name, change := range map[string]func(*plan.Criteria){
		"other criteria": func(c *plan.Criteria) { c.Any[0].Period.To.Date++ },
		"no relatives":   func(c *plan.Criteria) { c.Relatives = nil },
		"another ground": func(c *plan.Criteria) { c.Ground = "?" },
	} {
		if r := drawn(change); r.Failed == nil || r.Failed.Code != "vault.outside_decision" || h.reg.asked != nil {
			t.Errorf("%s: %+v", name, r.Failed)
		}
	}
	if r := drawn(nil); r.Failed == nil || r.Failed.Code != "vault.nobody" {
		t.Errorf("nobody: %+v", r.Failed)
	}
	for i := range 41 {
		h.reg.drawn = append(h.reg.drawn, works.Person{
			Entity: uint64(1000 + i*37%61), Number: number(i), Anchors: []works.AnchorDay{{Set: i != 3, Day: day.Day(18100 + i)}}, Passed: []works.PassedValue{{Set: true, Text: "case"}, {Set: true, Text: strconv.Itoa(i)}},
		})
	}
	if r := drawn(nil); r.Failed == nil || r.Failed.Code != "vault.persons_max" || h.reg.extracted != nil {
		t.Errorf("too many: %+v", r.Failed)
	}
	h.reg.drawn = h.reg.drawn[:40]
	r := drawn(nil)
	if r.Extracted == nil {
		t.Fatalf("extraction: %+v", r.Failed)
	}
	if got := h.reg.extracted[0].People; len(got) != 40 || h.reg.open || h.reg.asked[0].Anchor.Name != "index" {
		t.Errorf("%d people, protected %v", len(got), h.reg.open)
	}
	for _, p := range h.reg.extracted[0].People {
		i := slices.IndexFunc(h.reg.drawn, func(x works.Person) bool { return x.Entity == p.Entity })
		if p.Serial == 0 || p.Anchors[0] != h.reg.drawn[i].Anchors[0] || p.Passed[1] != h.reg.drawn[i].Passed[1] {
			t.Errorf("person %d: %+v", i, p)
		}
	}
	if c := r.Extracted.Counts; len(c) != 2 || c[0] != (order.CountLine{Code: "population.total", Count: 40}) {
		t.Errorf("counts %v", c)
	}
	if h.counter.asked != 0 || h.safe.unsealed != 0 {
		t.Error("a population file was asked for")
	}
}

// TestPromise12SelectionIsCovered: months that the snapshot does not know well
// enough do not select anybody, unless the decision makes an exception.
func TestPromise12SelectionIsCovered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.reg.until = map[string]day.Day{"midas_sjuk": 19_100}
	for i := range 30 {
		h.reg.drawn = append(h.reg.drawn, works.Person{Entity: uint64(1000 + i*37%61), Number: number(i), Anchors: []works.AnchorDay{{Set: true, Day: 18_500}}})
	}
	orders := 0
	for name, tt := range map[string]struct {
		to    day.Day    // of the condition
		after day.Offset // where a further condition ends, from the index date
		leave bool
		ok    bool
	}{
		"known": {19_101, day.Offset{}, false, true}, "a day more": {19_102, day.Offset{}, false, false}, "by exception": {19_102, day.Offset{}, true, true},
		"known after the last index date": {19_000, day.Offset{Days: 102}, false, true}, "not known after it": {19_000, day.Offset{Days: 103}, false, false},
	} {
		criteria := &plan.Criteria{
			Ground: "114 kap. 12 §", Anchor: &plan.AnchorPick{Name: "index", Pick: plan.PickFirst},
			Any: []plan.Criterion{{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Date: 18_000}, To: plan.Bound{Date: tt.to}}}},
		}
		if tt.after.Days > 0 {
			criteria.Not = []plan.Criterion{{Table: "midas_sjp", Period: plan.Window{From: plan.Bound{Anchor: "index"}, To: plan.Bound{Anchor: "index", Offset: tt.after}}}}
		}
		orders++
		o := h.order("FK-2026-0001"+strconv.Itoa(orders), func(d *order.Decision) {
			d.Scope.Persons = plan.Persons{Source: plan.SourceCriteria, Max: 40, Criteria: criteria}
			if tt.leave {
				d.Scope.Exceptions = []plan.CoverageLeave{{Table: "midas_sjp", Reason: "metodstudie"}}
			}
		})
		r := o.extract(func(s *plan.Spec) { s.Population = plan.Population{Criteria: criteria} })
		if (r.Extracted != nil) != tt.ok || !tt.ok && r.Failed.Code != "vault.coverage" {
			t.Errorf("%s: %+v", name, r.Failed)
		}
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
	o.again(nil)
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
