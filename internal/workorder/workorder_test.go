package workorder_test

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/signed"
	"sluss/internal/workorder"
)

const today day.Day = 20500

// house is the vault's list of signers and their keys, and honest documents of
// one order. A taken-over counter has all of it but the private keys.
type house struct {
	t       *testing.T
	signers signed.Signers
	private map[string]string // name and role
	d       order.Decision
	q       quote.Quote
	spec    plan.Spec
	known   workorder.Known
}

func hash(s string) canon.Hash { return canon.Sum([]byte(s)) }

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, private: map[string]string{}}
	for _, s := range []struct {
		name string
		role order.Role
	}{
		{"bo", order.RoleDecider}, {"sten", order.RoleStatistician}, {"ylva", order.RoleReleaser}, {"sten", order.RoleReleaser}, {"sluss", order.RoleRegistrar},
	} {
		private, public, err := signed.Generate(rand.Reader, s.name)
		if err != nil {
			t.Fatal(err)
		}
		h.private[s.name+string(s.role)] = private
		h.signers = append(h.signers, signed.Signer{Name: s.name, Role: s.role, Key: public})
	}
	cat := catalog.Builtin()
	h.d = order.Decision{
		Type: order.DecisionVersion, Order: "FK-2026-00001", ID: "B1", Version: 1, Decider: "bo", RetentionMonths: 6,
		Scope: plan.Scope{
			Scope: plan.ScopeVersion, Order: "FK-2026-00001", Catalogue: plan.CatalogueRef(cat),
			Persons:  plan.Persons{Source: plan.SourceFile, Max: 100, ID: "pnr"},
			Identity: plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyDeleted},
			Rows: []plan.Row{{
				Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: 18000, To: 19000},
				Shape: catalog.ShapeSpell, Variables: []plan.VariableBound{{ID: "from_datum"}},
			}},
			Formats: []string{"csv"}, Deliveries: 1, Expires: today + 10,
		},
	}
	h.q = quote.Quote{Quote: quote.Version, Order: "FK-2026-00001", Final: true}
	h.spec = plan.Spec{
		Spec: plan.Version, Order: "FK-2026-00001", Catalogue: plan.CatalogueRef(cat), AsOf: plan.AsOf{Snapshot: "s"}, Identity: plan.Identity{Kind: plan.IdentitySerial},
		Population: plan.Population{File: &plan.FilePopulation{ID: "pnr", Intake: plan.Ref{ID: "pop-1", SHA256: hash("pop")}}},
		Extracts: []plan.Extract{{
			Name: "fall", Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}},
			Window:  plan.Window{From: plan.Bound{Date: 18000}, To: plan.Bound{Date: 19000}},
			Columns: []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}}, Output: plan.Output{File: "fall", Format: "csv"},
		}},
	}
	h.bind()
	h.known = workorder.Known{Today: today, Intake: plan.Ref{ID: "pop-1", SHA256: hash("pop")}, Persons: 90}
	return h
}

// bind works the hashes out anew.
func (h *house) bind() {
	var err error
	if h.d.ScopeHash, err = h.d.Scope.Hash(); err != nil {
		h.t.Fatal(err)
	}
	h.q.Scope = h.d.ScopeHash
	if h.d.Quote, err = h.q.Hash(); err != nil {
		h.t.Fatal(err)
	}
	if h.spec.Decision, err = h.d.Ref(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) sign(name string, role order.Role, doc any) string {
	h.t.Helper()
	note, err := signed.Sign(doc, h.private[name+string(role)])
	if err != nil {
		h.t.Fatal(err)
	}
	return note
}

func (h *house) extract() workorder.WorkOrder {
	return workorder.WorkOrder{
		ID: "j1", Kind: workorder.Extract, Order: "FK-2026-00001", Decision: h.sign("bo", order.RoleDecider, h.d),
		Acceptance: &workorder.Acceptance{Quote: h.q, By: "ragnar", On: today},
		Spec:       h.sign("sten", order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: "sten", Spec: h.spec}),
	}
}

func (h *house) deliver() workorder.WorkOrder {
	h.known.Manifest, h.known.RanBy = hash("manifest"), "sten"
	h.known.Decision, _ = h.d.Ref()
	return workorder.WorkOrder{
		ID: "j2", Kind: workorder.Deliver, Order: "FK-2026-00001", Decision: h.sign("bo", order.RoleDecider, h.d),
		Release: h.sign("ylva", order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "ylva", Order: "FK-2026-00001", Manifest: hash("manifest")}),
	}
}

// delivered says that what the house would extract now has been handed over.
func (h *house) delivered() {
	h.known.Delivered = &workorder.Delivery{Scope: h.d.ScopeHash, AsOf: h.spec.AsOf}
}

func (h *house) population() workorder.WorkOrder {
	return workorder.WorkOrder{
		ID: "j3", Kind: workorder.Population, Order: "FK-2026-00001", Decision: h.sign("bo", order.RoleDecider, h.d),
		Population: &workorder.PopulationFile{ID: 1, Blob: "b", SHA256: hash("sealed")},
	}
}

func (h *house) purge(change func(*workorder.PurgeOrder)) workorder.WorkOrder {
	p := workorder.PurgeOrder{Type: workorder.TypePurge, By: "sluss", Order: "FK-2026-00001", Reason: "due", Rule: "gallringsbeslut 1", On: today}
	if change != nil {
		change(&p)
	}
	return workorder.WorkOrder{ID: "j4", Kind: workorder.Purge, Order: "FK-2026-00001", Purge: h.sign("sluss", order.RoleRegistrar, p)}
}

func (h *house) check(w workorder.WorkOrder) (workorder.Mandate, error) {
	h.t.Helper()
	raw, err := json.Marshal(w) // as it comes over the wall
	if err != nil {
		h.t.Fatal(err)
	}
	var got workorder.WorkOrder
	if err := json.Unmarshal(raw, &got); err != nil {
		h.t.Fatal(err)
	}
	return workorder.Check(got, h.signers.Open, h.known, catalog.Builtin())
}

func TestHonestCounter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, w := range []workorder.WorkOrder{h.population(), h.extract(), h.deliver(), h.purge(nil)} {
		m, err := h.check(w)
		if err != nil {
			t.Errorf("%s: %v", w, err)
		}
		if m.Project != w.Order {
			t.Errorf("%s: project %s", w, m.Project)
		}
		if s := w.String(); !strings.Contains(s, w.ID) || strings.Contains(s, "sha") {
			t.Errorf("in a log: %s", s)
		}
	}
	m, err := h.check(h.extract())
	if err != nil || m.ExtractBy != "sten" || m.PlanHash == "" || m.Ref.ID != "B1" || len(m.Plan.Extracts) != 1 {
		t.Errorf("mandate %+v, %v", m, err)
	}
	// What was extracted in time is delivered, though the time is out now.
	w := h.deliver()
	h.known.Today = today + 10
	if _, err := h.check(w); err != nil {
		t.Errorf("delivered late: %v", err)
	}
	// A decided ground for no fee takes the place of the acceptance.
	h = newHouse(t)
	h.q.NoFee = &quote.NoFee{Ground: "förordning"}
	h.bind()
	w = h.extract()
	w.Acceptance.By, w.Acceptance.NoFee = "", true
	if _, err := h.check(w); err != nil {
		t.Errorf("no fee: %v", err)
	}
	// The decision may name an earlier order whose key goes on.
	h = newHouse(t)
	h.d.Scope.Identity = plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyKeptUntil, KeepUntil: "2030-01-01", Project: "FK-2025-00009"}
	h.bind()
	if m, err := h.check(h.extract()); err != nil || m.Project != "FK-2025-00009" {
		t.Errorf("project %s, %v", m.Project, err)
	}
}

// TestTakenOverCounter plays a counter that somebody else has taken over: it
// has every document of this and other orders and can leave out, swap and
// change them, but has nobody's key. Nothing it tries makes the vault act.
func TestTakenOverCounter(t *testing.T) {
	t.Parallel()
	type attempt struct {
		name string
		do   func(*house) workorder.WorkOrder
		code string
	}
	forged := func(note string, from, to string) string { return strings.Replace(note, from, to, 1) }
	for _, tt := range []attempt{
		{"no decision", func(h *house) workorder.WorkOrder { w := h.extract(); w.Decision = ""; return w }, "decision_signature"},
		{"decision changed", func(h *house) workorder.WorkOrder {
			w := h.extract()
			w.Decision = forged(w.Decision, `"max":100`, `"max":900`)
			return w
		}, "decision_signature"},
		{"decision by the statistician", func(h *house) workorder.WorkOrder {
			w := h.extract()
			w.Decision = h.sign("sten", order.RoleStatistician, h.d)
			return w
		}, "decision_signature"},
		{"decision by the counter", func(h *house) workorder.WorkOrder {
			w := h.extract()
			w.Decision = h.sign("sluss", order.RoleRegistrar, h.d)
			return w
		}, "decision_signature"},
		{"another document as decision", func(h *house) workorder.WorkOrder { w := h.extract(); w.Decision = w.Spec; return w }, "decision_signature"},
		{"decision of another decider", func(h *house) workorder.WorkOrder { h.d.Decider = "eva"; h.bind(); return h.extract() }, "decision_content"},
		{"decision of another order", func(h *house) workorder.WorkOrder {
			h.d.Order, h.d.Scope.Order = "FK-2026-00002", "FK-2026-00002"
			h.bind()
			return h.extract()
		}, "decision_content"},
		{"scope of another order", func(h *house) workorder.WorkOrder { h.d.Scope.Order = "FK-2026-00002"; h.bind(); return h.extract() }, "decision_content"},
		{"scope swapped under the hash", func(h *house) workorder.WorkOrder { h.d.Scope.Persons.Max = 900; return h.extract() }, "decision_content"},
		{"scope of a later format", func(h *house) workorder.WorkOrder { h.d.Scope.Scope = "sluss/scope/v2"; h.bind(); return h.extract() }, "decision_content"},
		{"a refusal", func(h *house) workorder.WorkOrder {
			h.d.Scope.Rows[0].Outcome = plan.OutcomeRefuse
			h.bind()
			return h.extract()
		}, "no_disclosure"},
		{"a refusal, for the population", func(h *house) workorder.WorkOrder {
			h.d.Scope.Rows[0].Outcome = plan.OutcomeRefuse
			h.bind()
			return h.population()
		}, "no_disclosure"},
		{"population without a decision", func(h *house) workorder.WorkOrder { w := h.population(); w.Decision = ""; return w }, "decision_signature"},
		{"no file", func(h *house) workorder.WorkOrder { w := h.population(); w.Population = nil; return w }, "population_not_due"},
		{"no file due", func(h *house) workorder.WorkOrder {
			h.d.Scope.Persons = plan.Persons{Source: plan.SourceCriteria, Max: 9, Criteria: &plan.Criteria{}}
			h.bind()
			return h.population()
		}, "population_not_due"},
		{"too late", func(h *house) workorder.WorkOrder { h.known.Today = today + 10; return h.extract() }, "expired"},
		{"population too late", func(h *house) workorder.WorkOrder { h.known.Today = today + 10; return h.population() }, "expired"},
		{"nothing accepted", func(h *house) workorder.WorkOrder { w := h.extract(); w.Acceptance = nil; return w }, "not_accepted"},
		{"accepted by nobody", func(h *house) workorder.WorkOrder { w := h.extract(); w.Acceptance.By = ""; return w }, "not_accepted"},
		{"free by the counter's word", func(h *house) workorder.WorkOrder {
			w := h.extract()
			w.Acceptance.By, w.Acceptance.NoFee = "", true
			return w
		}, "not_accepted"},
		{"another quote", func(h *house) workorder.WorkOrder { w := h.extract(); w.Acceptance.Quote.NetOre = 1; return w }, "other_quote"},
		{"quote of another scope", func(h *house) workorder.WorkOrder {
			h.q.Scope = hash("x")
			h.d.Quote, _ = h.q.Hash()
			return h.extract()
		}, "other_quote"},
		{"no specification", func(h *house) workorder.WorkOrder { w := h.extract(); w.Spec = ""; return w }, "spec_signature"},
		{"specification by the releaser", func(h *house) workorder.WorkOrder {
			w := h.extract()
			w.Spec = h.sign("ylva", order.RoleReleaser, workorder.SpecOrder{Type: workorder.TypeSpec, By: "ylva", Spec: h.spec})
			return w
		}, "spec_signature"},
		{"specification in another's name", func(h *house) workorder.WorkOrder {
			w := h.extract()
			w.Spec = h.sign("sten", order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: "ylva", Spec: h.spec})
			return w
		}, "spec_signature"},
		{"specification changed", func(h *house) workorder.WorkOrder {
			w := h.extract()
			w.Spec = forged(w.Spec, `"max_gap_days":4`, `"max_gap_days":9`)
			return w
		}, "spec_signature"},
		{"wider specification", func(h *house) workorder.WorkOrder {
			h.spec.Extracts[0].Columns[1].Name = "tom_datum"
			return h.extract()
		}, "outside_decision"},
		{"specification of another decision", func(h *house) workorder.WorkOrder { h.spec.Decision.SHA256 = hash("b2"); return h.extract() }, "outside_decision"},
		{"specification of another order", func(h *house) workorder.WorkOrder { h.spec.Order = "FK-2026-00002"; return h.extract() }, "outside_decision"},
		{"specification that cannot be run", func(h *house) workorder.WorkOrder { h.spec.Extracts[0].Output.File = "../x"; return h.extract() }, "spec_invalid"},
		{"other persons", func(h *house) workorder.WorkOrder {
			h.spec.Population.File.Intake.SHA256 = hash("others")
			return h.extract()
		}, "outside_decision"},
		{"no population accepted here", func(h *house) workorder.WorkOrder { h.known.Intake = plan.Ref{}; return h.extract() }, "no_population"},
		{"more persons than decided", func(h *house) workorder.WorkOrder { h.known.Persons = 101; return h.extract() }, "outside_decision"},
		{"a second delivery from another snapshot", func(h *house) workorder.WorkOrder {
			h.delivered()
			h.spec.AsOf.Snapshot = "s2"
			return h.extract()
		}, "delivered"},
		{"a second delivery as of another moment", func(h *house) workorder.WorkOrder {
			h.delivered()
			h.spec.AsOf.Instant = "2026-01-01"
			return h.extract()
		}, "delivered"},
		{"a second delivery of another scope", func(h *house) workorder.WorkOrder {
			h.delivered()
			h.d.Scope.Persons.Max++
			h.bind()
			return h.extract()
		}, "delivered"},
		{"a second delivery after one that nobody knows what it was made from", func(h *house) workorder.WorkOrder {
			h.known.Delivered = &workorder.Delivery{Scope: h.d.ScopeHash}
			h.spec.AsOf = plan.AsOf{}
			return h.extract()
		}, "delivered"},
		{"a wider replacement", func(h *house) workorder.WorkOrder {
			h.delivered()
			h.spec.Extracts[0].Columns[1].Name = "tom_datum"
			return h.extract()
		}, "outside_decision"},
		{"a replacement after the decision's time", func(h *house) workorder.WorkOrder {
			h.delivered()
			h.known.Today = today + 10
			return h.extract()
		}, "expired"},
		{"another population after the delivery", func(h *house) workorder.WorkOrder { h.delivered(); return h.population() }, "delivered"},
		{"a medium whose number is a path", func(h *house) workorder.WorkOrder {
			w := h.population()
			w.Population = &workorder.PopulationFile{ID: 1, Tracking: "../FK-2026-00002/RR1"}
			return w
		}, "tracking"},
		{"a medium that lies at the counter as well", func(h *house) workorder.WorkOrder {
			w := h.population()
			w.Population.Tracking = "RR1"
			return w
		}, "tracking"},
		{"after the purge", func(h *house) workorder.WorkOrder { h.known.Purged = true; return h.extract() }, "purged"},
		{"population after the purge", func(h *house) workorder.WorkOrder { h.known.Purged = true; return h.population() }, "purged"},
		{"delivery after the purge", func(h *house) workorder.WorkOrder { w := h.deliver(); h.known.Purged = true; return w }, "purged"},
		{"no release", func(h *house) workorder.WorkOrder { w := h.deliver(); w.Release = ""; return w }, "release_signature"},
		{"release by the statistician's key", func(h *house) workorder.WorkOrder {
			w := h.deliver()
			w.Release = h.sign("sten", order.RoleStatistician, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "sten", Order: w.Order, Manifest: hash("manifest")})
			return w
		}, "release_signature"},
		{"release by who ran it", func(h *house) workorder.WorkOrder {
			w := h.deliver()
			w.Release = h.sign("sten", order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "sten", Order: w.Order, Manifest: hash("manifest")})
			return w
		}, "four_eyes"},
		{"release in another's name", func(h *house) workorder.WorkOrder {
			w := h.deliver()
			w.Release = h.sign("sten", order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "ylva", Order: w.Order, Manifest: hash("manifest")})
			return w
		}, "release_signature"},
		{"release of other content", func(h *house) workorder.WorkOrder { w := h.deliver(); h.known.Manifest = hash("other"); return w }, "other_manifest"},
		{"release with nothing ready", func(h *house) workorder.WorkOrder { w := h.deliver(); h.known.Manifest = ""; return w }, "other_manifest"},
		{"release of nothing", func(h *house) workorder.WorkOrder {
			w := h.deliver()
			h.known.Manifest = ""
			w.Release = h.sign("ylva", order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "ylva", Order: w.Order})
			return w
		}, "other_manifest"},
		{"release for another order", func(h *house) workorder.WorkOrder {
			w := h.deliver()
			w.Release = h.sign("ylva", order.RoleReleaser, workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "ylva", Order: "FK-2026-00002", Manifest: hash("manifest")})
			return w
		}, "other_manifest"},
		{"another decision with a shorter retention", func(h *house) workorder.WorkOrder {
			w := h.deliver()
			h.d.RetentionMonths = 1
			w.Decision = h.sign("bo", order.RoleDecider, h.d)
			return w
		}, "other_decision"},
		{"purge by the decider", func(h *house) workorder.WorkOrder {
			w := h.purge(nil)
			w.Purge = h.sign("bo", order.RoleDecider, workorder.PurgeOrder{Type: workorder.TypePurge, By: "bo", Order: w.Order, Reason: "due", Rule: "x"})
			return w
		}, "purge_signature"},
		{"purge in another's name", func(h *house) workorder.WorkOrder {
			return h.purge(func(p *workorder.PurgeOrder) { p.By = "karin" })
		}, "purge_signature"},
		{"purge of another order", func(h *house) workorder.WorkOrder {
			return h.purge(func(p *workorder.PurgeOrder) { p.Order = "FK-2026-00002" })
		}, "purge_order"},
		{"purge without a rule", func(h *house) workorder.WorkOrder { return h.purge(func(p *workorder.PurgeOrder) { p.Rule = "" }) }, "no_purge_rule"},
		{"purge of an answered question", func(h *house) workorder.WorkOrder {
			return h.purge(func(p *workorder.PurgeOrder) { p.Reason = "answered" })
		}, "purge_reason"},
		{"purge for no known reason", func(h *house) workorder.WorkOrder {
			return h.purge(func(p *workorder.PurgeOrder) { p.Reason = "space" })
		}, "purge_reason"},
		{"unknown kind of work", func(h *house) workorder.WorkOrder { w := h.extract(); w.Kind = "dump"; return w }, "kind"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			_, err := h.check(tt.do(h))
			f, ok := err.(*fault.Fault)
			if !ok || f.Code != "vault."+tt.code || f.Class != fault.Gate || f.Promise == 0 || f.Law == "" || f.SV == "" || f.EN == "" {
				t.Errorf("%+v, want vault.%s", err, tt.code)
			}
		})
	}
}

func TestPeek(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var so workorder.SpecOrder
	if err := workorder.Peek(h.extract().Spec, &so); err != nil || so.By != "sten" {
		t.Errorf("%+v, %v", so, err)
	}
	if err := workorder.Peek("", &so); err == nil {
		t.Error("nothing is read as a document")
	}
}
