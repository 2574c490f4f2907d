package order

import (
	"slices"
	"testing"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/plan"
)

// TestWholeWay takes orders from application to purge and reads the phases.
func TestWholeWay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		app    intake.Application
		phases map[string]Phase // after the step
		to     []string
	}{
		"research": {research(), map[string]Phase{
			"submit": PhaseReceived, "confirm_complete": PhaseComplete, "draft_quote": PhaseDraft, "agree_draft": PhaseReview, "record_review": PhaseDecision,
			"decide": PhaseDecided, "dispatch_decision": PhaseDecided, "accept_quote": PhasePopulation, "take_medium": PhasePopulation,
			"record_population_check": PhaseExtraction, "order_extraction": PhaseExtraction, "record_extraction": PhaseRelease, "release": PhaseRelease,
			"record_delivery": PhaseDelivered, "confirm_receipt": PhaseDelivered, "issue_invoice": PhaseDelivered, "order_purge": PhasePurge, "record_purge": PhaseClosed,
		}, []string{"representative", "orderer"}},
		"statistics without fee": {statistics(), map[string]Phase{
			"dispatch_decision": PhasePopulation, "record_purge": PhaseClosed,
		}, []string{"registry", "contact"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.app)
			if w.s.Phase() != PhaseNone {
				t.Errorf("phase %s before anything", w.s.Phase())
			}
			for i, st := range way {
				next := "the end"
				if i+1 < len(way) {
					next = way[i+1].name
				}
				w := newWorld(t, tt.app).until(next)
				if want := tt.phases[st.name]; want != "" && w.s.Phase() != want {
					t.Errorf("after %s: phase %s, want %s", st.name, w.s.Phase(), want)
				}
			}
			w.until("the end")
			for _, e := range w.log {
				if d, ok := e.Event.(*DecisionDispatched); ok && !slices.Equal(d.To, tt.to) {
					t.Errorf("dispatched to %v, want %v", d.To, tt.to)
				}
				if l := Tell(e); l.What.SV == "" || l.What.EN == "" || l.Law == "" {
					t.Errorf("%s has no story", e.Event.Type())
				}
			}
			if w.s.Holds() {
				t.Error("files are held after the purge")
			}
		})
	}
}

// TestScenario32EndsEarly: refusal, dismissal and withdrawal end the case; what was
// received is purged at once, and nothing else can happen.
func TestScenario32EndsEarly(t *testing.T) {
	t.Parallel()
	ended := func(w *world, phase Phase, reason string) {
		w.t.Helper()
		if w.s.Phase() != phase {
			w.t.Errorf("phase %s, want %s", w.s.Phase(), phase)
		}
		for _, st := range way {
			if !slices.Contains([]string{"order_purge", "record_purge", "take_medium"}, st.name) {
				cmd := st.cmd(w)
				if cmd.Name() == "issue_invoice" && phase == PhaseWithdrawn && w.s.Accepted {
					continue // what was worked can be charged; see money_test.go
				}
				w.refused(st.role, cmd, "order.ended", 0)
			}
		}
		w.do(RoleClock, OrderPurge{})
		if e, ok := w.log[len(w.log)-1].Event.(*PurgeOrdered); !ok || e.Reason != reason {
			w.t.Errorf("purge ordered as %+v", w.log[len(w.log)-1].Event)
		}
		w.do(RoleEngine, RecordPurge{Purged{Hash: hash("p")}})
		if w.s.Holds() || w.s.Phase() != phase {
			w.t.Errorf("after the purge: holds %v, phase %s", w.s.Holds(), w.s.Phase())
		}
	}
	for _, st := range way[1:14] { // until release
		w := at(t, research(), st.name)
		w.do(RoleOrderer, Withdraw{Reason: "inte längre"})
		ended(w, PhaseWithdrawn, "withdrawn")
	}
	for _, st := range way[14:] { // the parcel is on its way
		code := "order.withdraw_delivered"
		if st.name == "record_purge" {
			break
		}
		at(t, research(), st.name).refused(RoleOrderer, Withdraw{}, code, 0)
	}
	for _, st := range way[1:7] { // until the decision
		w := at(t, statistics(), st.name)
		w.refused(RoleDecider, Dismiss{Ground: "20 §"}, "order.reasons", 0)
		w.do(RoleDecider, Dismiss{Ground: "förvaltningslagen 20 §", Reason: "kan inte tas upp"})
		ended(w, PhaseDismissed, "dismissed")
	}
	at(t, research(), "dispatch_decision").refused(RoleDecider, Dismiss{Ground: "x", Reason: "y"}, "order.dismiss_after_decision", 0)

	refuse := func(d *Decision) {
		d.Scope.Rows = []plan.Row{{Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeRefuse, Ground: "OSL 24:8", Reason: catalog.Text{SV: "men"}}}
		d.Appeal = catalog.Text{SV: "kammarrätten inom tre veckor"}
	}
	for _, st := range way[1:7] { // a refusal needs neither completeness nor quote
		w := at(t, research(), st.name)
		w.do(RoleDecider, w.decide(refuse))
		if w.s.Quote != nil || w.s.Ended != "" {
			t.Errorf("refused, with quote %v and end %q", w.s.Quote, w.s.Ended)
		}
		// Until it is dispatched the party can withdraw, as from every state: a
		// refusal of that would tell what was decided.
		taken := at(t, research(), st.name)
		taken.do(RoleDecider, taken.decide(refuse))
		taken.do(RoleOrderer, Withdraw{Reason: "inte längre"})
		ended(taken, PhaseWithdrawn, "withdrawn")
		w.refused(RoleRepresentative, AcceptQuote{}, "gate.disclosing_decision", 1)
		w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "gate.disclosing_decision", 2)
		w.do(RoleHandler, DispatchDecision{})
		ended(w, PhaseRefused, "refused")
	}
}

// TestSupplements follows the dialogue.
func TestSupplements(t *testing.T) {
	t.Parallel()
	app := research()
	app.Title = ""
	w := newWorld(t, app)
	w.refused(RoleOrderer, Submit{Application: app}, "intake.parties", 0)
	w.refused(RoleOrderer, Submit{Application: app, OnBehalf: true}, "order.on_behalf", 0)
	w.refused(RoleRegistrar, Submit{Application: app}, "order.on_behalf", 0)
	w.do(RoleRegistrar, Submit{Application: app, OnBehalf: true, Arrival: letter(start)})
	w.refused(RoleRegistrar, Submit{Application: app, OnBehalf: true, Arrival: letter(start)}, "order.submitted_twice", 0)
	w.refused(RoleHandler, ConfirmComplete{}, "intake.parties", 0)
	w.refused(RoleOrderer, AnswerSupplement{Application: app}, "order.no_supplement", 0)
	w.refused(RoleHandler, RequestSupplement{Parts: []string{"title"}, DueDays: 5}, "order.supplement_empty", 0)
	w.refused(RoleHandler, RequestSupplement{Parts: []string{"title"}, Text: "x"}, "order.supplement_empty", 0)
	w.refused(RoleHandler, RequestSupplement{Text: "x", DueDays: 5}, "order.supplement_empty", 0)
	w.today += 2 // Wednesday 4 November
	w.do(RoleHandler, RequestSupplement{Parts: []string{"title", "ethics.approvals"}, Text: "Titel saknas", DueDays: 5})
	if got, want := w.s.OpenSupplement().Due.String(), "2026-11-11"; got != want || w.s.Phase() != PhaseSupplement {
		t.Errorf("due %s, want %s; phase %s", got, want, w.s.Phase())
	}
	w.refused(RoleHandler, RequestSupplement{Parts: []string{"data"}, Text: "x", DueDays: 5}, "order.supplement_open", 0)
	w.refused(RoleHandler, ConfirmComplete{}, "order.supplement_open", 0)
	w.refused(RoleDecider, w.decide(nil), "order.supplement_open", 0)
	locked := app
	locked.Title, locked.Project.Questions = "Titel", "Annat"
	w.refused(RoleOrderer, AnswerSupplement{Application: locked}, "order.supplement_locked", 0)
	answered := app
	answered.Title = "Titel"
	w.today += 8 // 12 November: a day late
	w.do(RoleOrderer, AnswerSupplement{Application: answered})
	if e := w.log[len(w.log)-1].Event.(*Supplemented); !e.Late {
		t.Error("a day late is not late")
	}
	w.refused(RoleOrderer, AnswerSupplement{Application: answered}, "order.no_supplement", 0)
	w.today += 3
	w.do(RoleHandler, ConfirmComplete{})
	if got, want := w.s.CompleteOn, start+10; got != want || w.s.ReceivedOn != start {
		t.Errorf("complete on %s, want the day the last item came, %s; received %s", got, want, w.s.ReceivedOn)
	}
	w.refused(RoleHandler, ConfirmComplete{}, "order.complete_twice", 0)
}

// TestSupplementUndoesWhatRestedOnIt: the review and, where it concerns the
// work, the agreed draft are of what was asked for then.
func TestSupplementUndoesWhatRestedOnIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		parts            string
		do               func(*intake.Application)
		reviewed, agreed bool
	}{
		{"nothing", "data", func(*intake.Application) {}, true, true},
		{"a document", "invoice", func(a *intake.Application) { a.Invoice.Reference = "SU-2" }, false, true},
		{"data", "data", func(a *intake.Application) { a.Data[0].To++ }, false, false},
		{"population", "population", func(a *intake.Application) { a.Population.Size++ }, false, false},
		{"withdrawals", "project", func(a *intake.Application) { a.Project.Thesis, a.Project.Questions = new(bool), "Nytt" }, false, true},
	} {
		w := at(t, research(), "decide")
		w.do(RoleHandler, RequestSupplement{Parts: []string{tt.parts}, Text: "x", DueDays: 5})
		w.refused(RoleReviewer, fullReview(), "gate.complete", 5)
		changed := research()
		tt.do(&changed)
		w.do(RoleOrderer, AnswerSupplement{Application: changed})
		w.refused(RoleDecider, w.decide(nil), "gate.complete", 5)
		w.do(RoleHandler, ConfirmComplete{})
		if w.s.Reviewed != tt.reviewed || GateByID(GateDraft).Open(w.s) != tt.agreed {
			t.Errorf("%s: reviewed %v, agreed %v", tt.name, w.s.Reviewed, w.s.AgreedDraft != "")
		}
		switch {
		case !tt.agreed:
			w.refused(RoleDecider, w.decide(nil), "gate.draft_agreed", 16)
			w.refused(RoleOrderer, AgreeDraft{Hash: w.s.DraftHash}, "order.no_draft", 0)
		case !tt.reviewed:
			w.refused(RoleDecider, w.decide(nil), "gate.reviewed", 8)
		default:
			w.do(RoleDecider, w.decide(nil))
		}
	}
	// After a refusal that did not wait for an answer, nothing is answered.
	w := at(t, research(), "confirm_complete")
	w.do(RoleHandler, RequestSupplement{Parts: []string{"data"}, Text: "x", DueDays: 1})
	w.today += 7
	w.do(RoleDecider, w.decide(func(d *Decision) {
		d.Scope.Rows = []plan.Row{{Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeRefuse, Ground: "g", Reason: catalog.Text{SV: "r"}}}
		d.Appeal.SV = "så här"
	}))
	w.refused(RoleOrderer, AnswerSupplement{Application: research()}, "order.supplement_after_decision", 0)
}

// TestDrafts: agreement is to the latest draft, in time.
func TestDrafts(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "draft_quote")
	w.refused(RoleOrderer, AgreeDraft{}, "order.no_draft", 0)
	w.refused(RoleOrderer, ReturnDraft{}, "order.no_draft", 0)
	bad := w.terms()
	bad.Form = "gratis"
	w.refused(RoleHandler, DraftQuote{bad}, "order.quote", 0)
	w.do(RoleHandler, DraftQuote{w.terms()})
	first := w.s.DraftHash
	w.do(RoleOrderer, ReturnDraft{Text: "för dyrt"})
	w.refused(RoleOrderer, AgreeDraft{Hash: first}, "order.no_draft", 0)
	cheaper := w.terms()
	cheaper.Hours = cheaper.Hours[:1]
	w.do(RoleHandler, DraftQuote{cheaper})
	if w.s.Draft.Version != 2 {
		t.Errorf("second draft has version %d", w.s.Draft.Version)
	}
	w.refused(RoleRepresentative, AgreeDraft{Hash: first}, "order.other_draft", 16)
	w.today = start + 201
	w.refused(RoleOrderer, AgreeDraft{Hash: w.s.DraftHash}, "order.draft_expired", 0)
	w.today = start + 200
	w.do(RoleOrderer, AgreeDraft{Hash: w.s.DraftHash})
	w.do(RoleReviewer, fullReview())
	w.do(RoleHandler, DraftQuote{w.terms()}) // a new draft must be agreed anew
	w.refused(RoleDecider, w.decide(nil), "gate.draft_agreed", 16)

	w = at(t, statistics(), "confirm_complete")
	w.refused(RoleHandler, DraftQuote{w.terms()}, "gate.complete", 5)
	w = at(t, research(), "confirm_complete")
	w.do(RoleHandler, DraftQuote{w.terms()}) // research: in parallel
	at(t, research(), "dispatch_decision").refused(RoleHandler, DraftQuote{w.terms()}, "order.draft_after_decision", 0)
}

// TestOnce: what is done once cannot be done again, and what has no place yet
// is refused.
func TestOnce(t *testing.T) {
	t.Parallel()
	at(t, research(), "confirm_complete").refused(RoleHandler, Acknowledge{}, "order.acknowledged_twice", 0)
	at(t, research(), "dispatch_decision").refused(RoleReviewer, fullReview(), "order.review_after_decision", 0)
	at(t, research(), "dispatch_decision").refused(RoleHandler, RequestSupplement{Parts: []string{"data"}, Text: "x", DueDays: 1}, "order.supplement_after_decision", 0)
	at(t, research(), "agree_draft").refused(RoleReviewer, fullReview(), "gate.draft_agreed", 16)
	at(t, research(), "decide").refused(RoleHandler, DispatchDecision{}, "order.not_decided", 0)
	at(t, research(), "accept_quote").refused(RoleHandler, DispatchDecision{}, "order.dispatched_twice", 0)
	w := at(t, research(), "dispatch_decision")
	w.refused(RoleRepresentative, AcceptQuote{Hash: w.s.QuoteHash}, "order.not_dispatched", 0)
	w = at(t, research(), "take_medium")
	w.refused(RoleRepresentative, AcceptQuote{Hash: w.s.QuoteHash}, "order.accepted_twice", 0)
	w = at(t, research(), "accept_quote")
	w.refused(RoleRepresentative, AcceptQuote{Hash: w.s.DraftHash}, "order.other_quote", 16)
	w.today = start + 201
	w.refused(RoleRepresentative, AcceptQuote{Hash: w.s.QuoteHash}, "order.quote_expired", 0)

	w = at(t, research(), "record_population_check")
	w.refused(RoleSupplier, TakeMedium{Blob: "b/2", SHA256: hash("x"), Road: "post"}, "order.population_waiting", 0)
	w.refused(RoleEngine, RecordPopulationCheck{PopulationChecked{ID: 7, Accepted: true}}, "order.no_population", 0)
	w = at(t, research(), "order_extraction")
	w.refused(RoleSupplier, TakeMedium{Blob: "b/2", SHA256: hash("x"), Road: "post"}, "order.population_twice", 0)
	w.refused(RoleEngine, RecordPopulationCheck{PopulationChecked{ID: 1, Accepted: true}}, "order.no_population", 0)
	w.refused(RoleEngine, RecordExtraction{Extracted{Spec: "", Manifest: hash("m")}}, "order.no_extraction", 0)
	w = at(t, research(), "take_medium")
	w.refused(RoleSupplier, TakeMedium{Blob: "b/2", SHA256: hash("x"), Road: "mail"}, "order.road", 0)
	w.refused(RoleSupplier, TakeMedium{Road: "post"}, "order.medium_empty", 0)
	w = at(t, research(), "record_extraction")
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "order.extraction_running", 0)
	w.refused(RoleEngine, RecordExtraction{Extracted{Spec: hash("other"), Manifest: hash("m")}}, "order.no_extraction", 0)
	w.refused(RoleEngine, RecordExtraction{Extracted{Spec: w.s.SpecHash}}, "order.no_extraction", 0)
	w.refused(RoleEngine, RecordFailure{ExtractionFailed{Spec: hash("other")}}, "order.no_extraction", 0)
	w = at(t, research(), "record_delivery")
	w.refused(RoleReleaser, Release{Manifest: hash("manifest")}, "order.released_twice", 0)
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "order.extraction_released", 0)
	w.refused(RoleEngine, RecordDelivery{Manifest: hash("other")}, "order.delivered_twice", 0)
	w.refused(RoleOrderer, ConfirmReceipt{Manifest: hash("manifest")}, "order.not_delivered", 0)
	w.refused(RoleOrderer, SendAgain{}, "order.not_delivered", 0)
	w.refused(RoleFinance, IssueInvoice{}, "order.not_delivered", 0)
	w.refused(RoleClock, OrderPurge{}, "order.nothing_to_purge", 0)
	w = at(t, research(), "confirm_receipt")
	w.refused(RoleEngine, RecordDelivery{Manifest: hash("manifest")}, "order.delivered_twice", 0)
	w.refused(RoleOrderer, ConfirmReceipt{Manifest: hash("other")}, "order.other_manifest", 13)
	w.refused(RoleFinance, IssueInvoice{}, "order.invoice_early", 0)
	w.refused(RoleEngine, RecordPurge{}, "order.no_purge", 0)
	at(t, research(), "order_purge").refused(RoleFinance, IssueInvoice{}, "order.invoiced_twice", 0)
	w = at(t, statistics(), "order_purge")
	w.refused(RoleFinance, IssueInvoice{}, "order.no_fee", 0)
	newWorld(t, research()).refused(RoleHandler, Acknowledge{}, "order.not_submitted", 0)
}

// TestFailedExtraction: a stopped extraction leaves the way open for another.
func TestFailedExtraction(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "record_extraction")
	w.do(RoleEngine, RecordFailure{ExtractionFailed{Spec: w.s.SpecHash, Code: "vault.egress.dates", SV: "stopp", EN: "stop"}})
	if w.s.Running || w.s.Extracted != nil || w.s.Phase() != PhaseExtraction {
		t.Errorf("running %v, extracted %v, phase %s", w.s.Running, w.s.Extracted, w.s.Phase())
	}
	w.refused(RoleReleaser, Release{Manifest: hash("manifest")}, "gate.egress_checked", 3)
	w.do(RoleStatistician, OrderExtraction{Spec: w.specification(), Note: "again"})
	w.do(RoleEngine, RecordExtraction{w.extracted()})
	w.do(RoleStatistician, OrderExtraction{Spec: w.specification(), Note: "better"}) // before the release: the old one is void
	w.refused(RoleReleaser, Release{Manifest: hash("manifest")}, "gate.egress_checked", 3)
}

// TestFaultyPopulation: a file that fails its check makes room for the next.
func TestFaultyPopulation(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "record_population_check")
	w.do(RoleEngine, RecordPopulationCheck{PopulationChecked{ID: 1, Code: "population.unknown_column", SV: "okänd kolumn", EN: "unknown column"}})
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "gate.population_checked", 2)
	w.do(RoleSupplier, TakeMedium{Blob: "b/2", SHA256: hash("second"), Road: "post"})
	if w.s.Population.ID != 2 || w.s.Population.Checked {
		t.Errorf("second file: %+v", w.s.Population)
	}
	w.refused(RoleEngine, RecordPopulationCheck{PopulationChecked{ID: 1, Accepted: true, Persons: 9, Intake: plan.Ref{SHA256: hash("x")}}}, "order.no_population", 0)
}

// TestInvoice: hours must be hours.
func TestInvoice(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "dispatch_decision")
	w.s.Quote.Form = "actual" // as an actual quote would stand
	if err := worked("actual", nil); err == nil {
		t.Error("no hours at all")
	}
	for _, h := range []struct {
		kind   string
		centis int64
		ok     bool
	}{{"review", 100, true}, {"review", 0, false}, {"review", -100, false}, {"lunch", 100, false}, {"extraction", 1_000_001, false}} {
		if err := worked("ceiling", hoursOf(h.kind, h.centis)); (err == nil) != h.ok {
			t.Errorf("%s %d: %v", h.kind, h.centis, err)
		}
	}
}

// TestActsHappenOnSwedishDays: the day of an act is the civil day in Sweden,
// in winter and summer time and on the nights between.
func TestActsHappenOnSwedishDays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at, want string
	}{
		{"2026-11-01T22:59:59Z", "2026-11-01"},
		{"2026-11-01T23:00:00Z", "2026-11-02"},
		{"2026-07-01T21:59:59Z", "2026-07-01"},
		{"2026-07-01T22:00:00Z", "2026-07-02"},
		{"2026-03-28T22:59:59Z", "2026-03-28"}, // the night to summer time: still an hour ahead
		{"2026-03-28T23:00:00Z", "2026-03-29"},
		{"2026-03-29T22:00:00Z", "2026-03-30"}, // now two
		{"2026-10-24T22:00:00Z", "2026-10-25"}, // the night to winter time
		{"2026-10-25T22:00:00Z", "2026-10-25"},
		{"2026-10-25T23:00:00Z", "2026-10-26"},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		s := Apply(State{}, Entry{Version: 1, At: at, Event: &Submitted{}})
		if got := (Context{At: at}).Day().String(); got != tt.want || s.ReceivedOn.String() != tt.want {
			t.Errorf("%s: %s, received %s, want %s", tt.at, got, s.ReceivedOn, tt.want)
		}
	}
	// The last moment to send again, and the first to purge.
	w := at(t, research(), "confirm_receipt")
	midnight := time.Unix(int64(w.s.Delivery.PurgeOn)*86400, 0).Add(-2 * time.Hour) // in summer
	if w.s.Delivery.PurgeOn.Month()%12 != 4 {
		t.Fatalf("purge date %s is not in May", w.s.Delivery.PurgeOn)
	}
	c := w.context(actor(RoleOrderer))
	c.At = midnight.Add(-time.Millisecond)
	if _, err := Decide(w.s, SendAgain{}, c); err != nil {
		t.Errorf("a moment before: %v", err)
	}
	c.At = midnight
	if _, err := Decide(w.s, SendAgain{}, c); promiseOf(err) != 10 {
		t.Errorf("on the stroke: %v", err)
	}
}
