package works_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
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
