package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/blob"
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/store"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

var start = day.MustParse("2026-11-02")

func hash(s string) canon.Hash { return canon.Sum([]byte(s)) }

// house is a counter with its database, documents and people.
type house struct {
	t        *testing.T
	app      *app.App
	db       *store.Store
	blobs    *blob.Dir
	dir      string
	private  map[order.Role]string
	identity string // of the vault

	mu  sync.Mutex
	day day.Day
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), private: map[order.Role]string{}, day: start}
	db, err := store.OpenSQLite(t.Context(), filepath.Join(h.dir, "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h.db = db
	if h.blobs, err = blob.NewDir(filepath.Join(h.dir, "documents")); err != nil {
		t.Fatal(err)
	}
	var signers signed.Signers
	for _, role := range []order.Role{order.RoleDecider, order.RoleStatistician, order.RoleReleaser, order.RoleRegistrar} {
		private, public, err := signed.Generate(rand.Reader, string(role)+".1")
		if err != nil {
			t.Fatal(err)
		}
		h.private[role] = private
		signers = append(signers, signed.Signer{Name: string(role) + ".1", Role: role, Key: public})
	}
	identity, recipient, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	h.identity = identity
	h.app = &app.App{
		Log: db, Queue: db, Blobs: h.blobs, Clock: h.now, Catalogue: catalog.Builtin(), Open: signers.Open, VaultKey: recipient, Seal: sealed.Seal, Name: "registrar.1",
		Sign: func(doc any) (string, error) { return signed.Sign(doc, h.private[order.RoleRegistrar]) },
		Authority: &order.Authority{
			CasePrefix: "FK",
			Prices:     quote.PriceList{{HourOre: 85_000, Basis: "avgiftsförordningen 4 §"}}, PurgeRule: "gallringsbeslut 1", Calendar: swede.NewCalendar(), RetentionMonths: 6,
		},
	}
	h.app.Digests = db
	return h
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Unix(int64(h.day)*86400+9*3600, 0).UTC()
}

func (h *house) on(d day.Day) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.day = d
}

func actor(r order.Role) order.Actor { return order.Actor{ID: string(r) + ".1", Role: r} }

func application() intake.Application {
	yes := true
	return intake.Application{
		Purpose: intake.Research, Title: "Sjukfrånvaro", Sensitive: &yes,
		Principal: intake.Principal{Name: "Sjölunda universitet", OrgNo: "202100-5489", Kind: intake.PrincipalAuthority, Representative: intake.Person{Name: "R", Email: "r@x.example"}},
		Orderer:   intake.Person{Name: "E", Email: "e@x.example"},
		Project:   intake.Project{Questions: "Varför?", Start: start, End: start + 900, Deliveries: 1, Earlier: "FK-2025-00007"},
		Ethics: intake.Ethics{
			Approvals: []intake.Approval{{Kind: intake.ApprovalFirst, Number: "1", Decided: start - 90, Application: "a", Decision: "b", Signed: true}},
			Coverage:  []intake.Coverage{{Item: intake.CoverPopulation, Met: true}, {Item: "benefit:SJP", Met: true}, {Item: intake.CoverDiagnosis, Met: true}},
		},
		Population:  intake.Population{Source: "file", Holder: "SCB", Definition: "Alla", Size: 1000, Ready: &intake.Attestation{On: start - 9, By: "SCB"}},
		Data:        []intake.Wish{{Register: "midas_sjuk", Benefits: []string{"SJP"}, From: start - 2000, To: start - 400, Need: "Fall", Table: "midas_sjp", Variables: []string{"from_datum", "diagnos"}}},
		Delivery:    intake.Delivery{Formats: []string{"csv"}},
		Invoice:     intake.InvoiceTo{Reference: "SU-1"},
		Attachments: []intake.Attachment{{ID: "a", Kind: intake.AttachEthicsApplication, Name: "Ansökan"}, {ID: "b", Kind: intake.AttachEthicsDecision, Name: "Beslut"}},
	}
}

func (h *house) submit() string {
	h.t.Helper()
	id, _, err := h.app.Submit(h.t.Context(), actor(order.RoleOrderer), order.Submit{Application: application()})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) state(id string) order.State {
	h.t.Helper()
	s, err := h.app.State(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) do(id string, r order.Role, cmd order.Command) order.State {
	h.t.Helper()
	s, err := h.app.Do(h.t.Context(), actor(r), id, cmd)
	if err != nil {
		h.t.Fatalf("%s: %v", cmd.Name(), err)
	}
	return s
}

func (h *house) sign(r order.Role, doc any) string {
	h.t.Helper()
	note, err := signed.Sign(doc, h.private[r])
	if err != nil {
		h.t.Fatal(err)
	}
	return note
}

// decision is a signed decision that discloses.
func (h *house) decision(id string) order.RecordDecision {
	h.t.Helper()
	terms := quote.Terms{Form: quote.FormFixed, Hours: []quote.Hours{{Kind: quote.Review, Centis: 400}}, VAT: quote.VATStandard, ValidTo: start + 300}
	d := order.Decision{
		Type: order.DecisionVersion, Order: id, ID: id + "-B1", Version: 1, Date: h.day, Decider: "decider.1", Rapporteur: "r", Principal: "Sjölunda universitet",
		Purpose: "research", Reasons: catalog.Text{SV: "skäl"}, Provisions: []string{"OSL 24:8"}, RetentionMonths: 6,
		Scope: plan.Scope{
			Scope: plan.ScopeVersion, Order: id, Catalogue: plan.CatalogueRef(catalog.Builtin()), Recipient: plan.Recipient{OrgNo: "202100-5489", Key: "age1x"},
			Persons: plan.Persons{Source: plan.SourceFile, Max: 1000, ID: "pnr"}, Identity: plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: plan.KeyDeleted},
			Rows: []plan.Row{{
				Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeDisclose, Benefits: []string{"SJP"}, Period: &plan.Period{From: start - 2000, To: start - 400},
				Shape: catalog.ShapeSpell, Variables: []plan.VariableBound{{ID: "from_datum"}},
			}},
			Formats: []string{"csv"}, Deliveries: 1, Expires: start + 400,
		},
	}
	var err error
	if d.ScopeHash, err = d.Scope.Hash(); err != nil {
		h.t.Fatal(err)
	}
	q, err := quote.Make(id, 2, h.day, h.app.Authority.Prices, terms)
	if err != nil {
		h.t.Fatal(err)
	}
	q.Final, q.Scope = true, d.ScopeHash
	if d.Quote, err = q.Hash(); err != nil {
		h.t.Fatal(err)
	}
	return order.RecordDecision{Decision: d, Note: h.sign(order.RoleDecider, d), Quote: &q}
}

func (h *house) spec(id string) order.OrderExtraction {
	h.t.Helper()
	s := h.state(id)
	ref, err := s.Decision.Ref()
	if err != nil {
		h.t.Fatal(err)
	}
	spec := plan.Spec{
		Spec: plan.Version, Order: id, Decision: ref, Catalogue: s.Decision.Scope.Catalogue, AsOf: plan.AsOf{Snapshot: "s1"}, Identity: plan.Identity{Kind: plan.IdentitySerial},
		Population: plan.Population{File: &plan.FilePopulation{ID: "pnr", Intake: s.Population.Intake}},
		Extracts: []plan.Extract{{
			Name: "fall", Table: "midas_sjp", Shape: plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}},
			Window:  plan.Window{From: plan.Bound{Date: start - 2000}, To: plan.Bound{Date: start - 400}},
			Where:   []plan.Filter{{Var: "delforman", Stage: plan.StageRow, In: []any{"SJP"}}},
			Columns: []plan.Column{{Name: "lopnr"}, {Name: "from_datum"}}, Output: plan.Output{File: "fall", Format: "csv"},
		}},
	}
	return order.OrderExtraction{Spec: spec, Note: h.sign(order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: "statistician.1", Spec: spec})}
}

// agreed takes a new order to its agreed draft and review.
func (h *house) agreed() string {
	h.t.Helper()
	id := h.submit()
	h.do(id, order.RoleHandler, order.ConfirmComplete{})
	s := h.do(id, order.RoleHandler, order.DraftQuote{Terms: quote.Terms{Form: quote.FormFixed, Hours: []quote.Hours{{Kind: quote.Review, Centis: 400}}, VAT: quote.VATStandard}})
	h.do(id, order.RoleOrderer, order.AgreeDraft{Hash: s.DraftHash})
	var r order.RecordReview
	for _, q := range order.ReviewQuestions {
		r.Findings = append(r.Findings, order.ReviewFinding{Question: q, Assessment: "ja"})
	}
	h.do(id, order.RoleReviewer, r)
	return id
}

// accepted takes a new order to its accepted quote.
func (h *house) accepted() string {
	h.t.Helper()
	id := h.agreed()
	h.do(id, order.RoleDecider, h.decision(id))
	h.do(id, order.RoleHandler, order.DispatchDecision{})
	s := h.state(id)
	h.do(id, order.RoleRepresentative, order.AcceptQuote{Hash: s.QuoteHash})
	return id
}

// send is a population file on its way in.
func (h *house) send(id, text string) (order.State, error) {
	return h.app.TakePopulation(h.t.Context(), actor(order.RoleSupplier), id, "upload", bytes.NewBufferString(text))
}

// next takes the next work order, which must be of the kind.
func (h *house) next(kind workorder.Kind) workorder.WorkOrder {
	h.t.Helper()
	w, err := h.app.NextWork(h.t.Context(), "test")
	if err != nil || w.Kind != kind {
		h.t.Fatalf("work %v, %v, want %s", w, err, kind)
	}
	return w
}

func (h *house) report(w workorder.WorkOrder, r workorder.Report) {
	h.t.Helper()
	if err := h.app.Take(h.t.Context(), w.ID, r); err != nil {
		h.t.Fatalf("report on %s: %v", w, err)
	}
}

// checked takes a new order to its checked population.
func (h *house) checked() string {
	h.t.Helper()
	id := h.accepted()
	if _, err := h.send(id, "pnr\n"); err != nil {
		h.t.Fatal(err)
	}
	h.report(h.next(workorder.Population), workorder.Report{Population: &order.PopulationChecked{ID: 1, Accepted: true, Persons: 9, Intake: plan.Ref{ID: "pop-1", SHA256: hash("pop")}}})
	return id
}

// extracted takes a new order to its finished files.
func (h *house) extracted() string {
	h.t.Helper()
	id := h.checked()
	h.do(id, order.RoleStatistician, h.spec(id))
	w := h.next(workorder.Extract)
	h.report(w, workorder.Report{Extracted: &order.Extracted{Spec: h.state(id).SpecHash, Manifest: hash("m"), Egress: []order.CheckResult{{Check: "headers", OK: true}}}})
	return id
}

func (h *house) release(id string) {
	h.t.Helper()
	o := workorder.ReleaseOrder{Type: workorder.TypeRelease, By: "releaser.1", Order: id, Manifest: hash("m")}
	h.do(id, order.RoleReleaser, order.Release{Manifest: o.Manifest, Note: h.sign(order.RoleReleaser, o)})
}

// delivered takes a new order to its delivery.
func (h *house) delivered() string {
	h.t.Helper()
	id := h.extracted()
	h.release(id)
	w := h.next(workorder.Deliver)
	if err := h.app.PutParcel(h.t.Context(), w.ID, bytes.NewBufferString("parcel")); err != nil {
		h.t.Fatal(err)
	}
	h.report(w, workorder.Report{Delivered: &workorder.ParcelReport{Manifest: hash("m"), SHA256: hash("parcel")}})
	return id
}

func read(t *testing.T, r io.ReadCloser, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// entries are the order's events by name.
func (h *house) entries(id string) []string {
	h.t.Helper()
	log, err := h.db.Load(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, e := range log {
		out = append(out, e.Event.Type())
	}
	return out
}
