package order

import (
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/review"
)

// again is the next decision in a reopened case.
func (w *world) again(kind string, change func(*Decision)) Redecide {
	w.t.Helper()
	r := w.decide(func(d *Decision) {
		if kind == KindCorrection { // everything as it was
			*d = *w.s.Decision
			d.Scope.Rows = slices.Clone(d.Scope.Rows)
			d.Date, d.Decider = w.today, actor(RoleDecider).ID
		}
		d.ID, d.Version, d.Kind, d.Replaces = w.s.Decision.ID, w.s.Decision.Version+1, kind, w.s.DecisionHash
		if change != nil {
			change(d)
		}
	})
	if kind == KindCorrection {
		r.Decision.Quote, r.Quote = w.s.Decision.Quote, nil
	}
	return Redecide(r)
}

func refuseAll(d *Decision) {
	d.Scope.Rows = []plan.Row{{Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeRefuse, Ground: "OSL 24:8", Reason: catalog.Text{SV: "men"}}}
	d.Appeal = catalog.Text{SV: "kammarrätten inom tre veckor"}
}

// TestReviewGoesBack: the decision maker asks, the review is made again.
func TestReviewGoesBack(t *testing.T) {
	t.Parallel()
	at(t, research(), "record_review").refused(RoleDecider, ReturnReview{Text: "?"}, "order.no_review", 0)
	w := at(t, research(), "decide")
	w.refused(RoleDecider, ReturnReview{}, "order.return_review", 0)
	w.do(RoleDecider, ReturnReview{Text: "Räcker kvartal?"})
	if w.s.Phase() != PhaseReview {
		t.Errorf("phase %s", w.s.Phase())
	}
	w.refused(RoleDecider, w.decide(nil), "gate.reviewed", 8)
	w.do(RoleReviewer, fullReview())
	w.do(RoleDecider, w.decide(nil))
	w.refused(RoleDecider, ReturnReview{Text: "?"}, "order.no_review", 0)
}

// TestCorrection mends the wording and nothing else; what was accepted,
// received and extracted stays.
func TestCorrection(t *testing.T) {
	t.Parallel()
	at(t, research(), "dispatch_decision").refused(RoleDecider, Reopen{Kind: KindCorrection, Ground: "FL 36"}, "order.not_decided", 0)
	w := at(t, research(), "issue_invoice") // even after delivery
	w.refused(RoleDecider, w.again(KindCorrection, nil), "order.not_reopened", 0)
	w.refused(RoleDecider, Reopen{Kind: KindCorrection}, "order.reopen_ground", 0)
	w.refused(RoleDecider, Reopen{Kind: "undo", Ground: "x"}, "order.reopen_kind", 0)
	w.do(RoleDecider, Reopen{Kind: KindCorrection, Ground: "förvaltningslagen 36 §: fel diarienummer"})
	w.refused(RoleDecider, Reopen{Kind: KindCorrection, Ground: "x"}, "order.reopened_twice", 0)
	for _, change := range []func(*Decision){
		func(d *Decision) { d.Scope.Persons.Max++ },
		func(d *Decision) { d.RetentionMonths++ },
		func(d *Decision) {
			d.Forbehall = &Forbehall{Text: catalog.Text{SV: "x"}, Names: []string{"E"}}
			d.Appeal = catalog.Text{SV: "x"}
		},
	} {
		w.refused(RoleDecider, w.again(KindCorrection, change), "order.correction_changes", 8)
	}
	w.refused(RoleDecider, w.again(KindCorrection, func(d *Decision) { d.Version++ }), "order.redecision_identity", 8)
	w.refused(RoleDecider, w.again(KindCorrection, func(d *Decision) { d.Replaces = hash("other") }), "order.redecision_identity", 8)
	first := w.s.DecisionHash
	w.do(RoleDecider, w.again(KindCorrection, func(d *Decision) { d.Reasons.SV = "rättade skäl" }))
	if w.s.Decision.Reasons.SV != "rättade skäl" || w.s.Earlier[0] != first || !w.s.Accepted || w.s.Spec == nil || w.s.Phase() != PhaseDelivered {
		t.Errorf("%+v", w.s)
	}
	w.do(RoleHandler, DispatchDecision{})
	w.today += 20
	w.do(RoleFinance, IssueInvoice{})
}

// TestReconsideration: a new review, decision, quote and acceptance before
// anything else; never once an appeal has been handed over, during a run or
// after the release.
func TestReconsideration(t *testing.T) {
	t.Parallel()
	at(t, research(), "record_extraction").refused(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "x"}, "order.extraction_running", 0)
	at(t, research(), "record_delivery").refused(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "x"}, "order.reopen_on_its_way", 0)
	at(t, research(), "record_delivery").refused(RoleDecider, Reopen{Kind: KindCorrection, Ground: "x"}, "order.reopen_on_its_way", 0)
	at(t, research(), "record_extraction").refused(RoleDecider, Reopen{Kind: KindCorrection, Ground: "x"}, "order.extraction_running", 0)
	at(t, research(), "issue_invoice").refused(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "x"}, "order.reopen_released", 0)
	w := at(t, research(), "release")
	w.do(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "förvaltningslagen 37 §: oriktig uppgift"})
	if w.s.Phase() != PhaseReview {
		t.Errorf("phase %s", w.s.Phase())
	}
	w.refused(RoleReleaser, Release{Manifest: hash("manifest")}, "order.reopened", 0)
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "order.reopened", 0)
	w.refused(RoleDecider, w.again(KindReconsideration, nil), "gate.reviewed", 8)
	w.do(RoleReviewer, fullReview())
	narrow := func(d *Decision) { d.Scope.Persons.Max = 950 }
	w.refused(RoleDecider, w.again(KindAfterAppeal, narrow), "order.redecision_identity", 8)
	w.do(RoleDecider, w.again(KindReconsideration, narrow))
	if w.s.Accepted || w.s.Extracted != nil || w.s.Spec != nil || w.s.Dispatched || w.s.Population == nil {
		t.Errorf("left from the first decision: %+v", w.s)
	}
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "gate.quote_accepted", 2)
	w.do(RoleHandler, DispatchDecision{})
	w.do(RoleRepresentative, AcceptQuote{Hash: w.s.QuoteHash})
	w.do(RoleStatistician, OrderExtraction{Spec: w.specification(), Note: "signed"})
	w.do(RoleEngine, RecordExtraction{w.extracted()})
	w.do(RoleReleaser, Release{Manifest: hash("manifest")})
}

// TestAnotherFileAfterReconsideration: when the new decision expects another
// file, the first no longer counts, is held until the purge, and a new one may
// come; a file that still fits is used again.
func TestAnotherFileAfterReconsideration(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*Decision)
		kept   bool
	}{
		"the same file": {func(d *Decision) { d.Scope.Persons.Max = 950 }, true},
		"fewer persons": {func(d *Decision) { d.Scope.Persons.Max = 800 }, false},
		"another column": {func(d *Decision) {
			d.Scope.Persons.Columns = []plan.PopulationExtra{{Name: "grupp", Type: "code", Use: "pass"}}
		}, false},
		"foreign löpnummer": {func(d *Decision) { d.Scope.Persons.Serial = "lopnr" }, false},
	} {
		w := at(t, research(), "order_extraction")
		w.do(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "ny uppgift"})
		w.do(RoleReviewer, fullReview())
		w.do(RoleDecider, w.again(KindReconsideration, tt.change))
		w.do(RoleHandler, DispatchDecision{})
		if (w.s.Population != nil) != tt.kept || !w.s.Holds() {
			t.Errorf("%s: population %v, holds %v", name, w.s.Population, w.s.Holds())
		}
		if !tt.kept {
			w.do(RoleSupplier, TakeMedium{Blob: "b/2", SHA256: hash("2"), Road: "upload"})
		}
	}
}

// TestPromise01WhileReopened: no population file is read while the decision is
// being made anew, nor after it became a refusal.
func TestPromise01WhileReopened(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "take_medium")
	w.do(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "ny uppgift"})
	w.do(RoleSupplier, TakeMedium{Blob: "b", SHA256: hash("x"), Road: "upload"})
	if w.s.Population != nil || len(w.s.Early) != 1 {
		t.Error("taken in while reopened")
	}
	w.do(RoleDecider, w.again(KindReconsideration, refuseAll)) // a refusal needs no review
	w.do(RoleHandler, DispatchDecision{})
	w.do(RoleSupplier, TakeMedium{Blob: "b", SHA256: hash("x"), Road: "upload"})
	if w.s.Phase() != PhaseRefused || w.s.Population != nil || w.s.Accepted {
		t.Errorf("phase %s", w.s.Phase())
	}
}

// TestAppeal: three weeks from the dispatch, forwarded in time, dismissed when
// late, and a new decision when the forum sends it back.
func TestAppeal(t *testing.T) {
	t.Parallel()
	at(t, research(), "accept_quote").refused(RoleRepresentative, RegisterAppeal{}, "order.not_appealable", 0)
	refused := func() *world {
		app := research()
		app.Principal.Kind = intake.PrincipalPrivate
		w := at(t, app, "decide")
		w.do(RoleDecider, w.decide(refuseAll))
		w.do(RoleHandler, DispatchDecision{})
		return w
	}
	w := refused()
	sent := w.today
	w.refused(RoleRegistrar, RegisterAppeal{}, "order.no_document", 0)
	w.today = sent + 21 // three weeks: still in time
	w.do(RoleRepresentative, RegisterAppeal{})
	ev := w.log[len(w.log)-1].Event.(*Appealed)
	if !ev.InTime || ev.Forum.SV != "kammarrätten" || ev.LastDay < sent+21 {
		t.Errorf("%+v", ev)
	}
	w.refused(RoleOrderer, RegisterAppeal{}, "order.appeal_open", 0)
	w.refused(RoleDecider, DismissAppeal{ID: 1, Reason: catalog.Text{SV: "sent"}}, "order.appeal_in_time", 0)
	w.refused(RoleRegistrar, SettleAppeal{ID: 1, Outcome: "returned", Reference: "mål 1-26"}, "order.no_appeal", 0)
	w.do(RoleHandler, ForwardAppeal{ID: 1})
	w.refused(RoleHandler, ForwardAppeal{ID: 1}, "order.no_appeal", 0)
	w.refused(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "x"}, "order.appeal_forwarded", 0)
	w.refused(RoleDecider, Reopen{Kind: KindAfterAppeal, Ground: "x"}, "order.no_outcome", 0)
	w.refused(RoleRegistrar, SettleAppeal{ID: 1, Outcome: "maybe", Reference: "x"}, "order.appeal_outcome", 0)
	w.do(RoleRegistrar, SettleAppeal{ID: 1, Outcome: "returned", Reference: "kammarrätten mål 77-26"})
	w.do(RoleDecider, Reopen{Kind: KindAfterAppeal, Ground: "kammarrätten mål 77-26"})
	w.do(RoleReviewer, fullReview())
	w.do(RoleDecider, w.again(KindAfterAppeal, func(d *Decision) { d.NoForbehall = "inga hemliga uppgifter kvar" }))
	w.do(RoleHandler, DispatchDecision{})
	if w.s.Phase() != PhaseDecided || !w.s.Discloses() {
		t.Errorf("phase %s", w.s.Phase())
	}

	w = refused()
	guide, ok := w.s.AppealGuide(w.authority, w.s.DispatchedOn)
	if !ok {
		t.Fatal("no guide")
	}
	w.today = guide.Last + 1
	w.do(RoleOrderer, RegisterAppeal{})
	w.refused(RoleHandler, ForwardAppeal{ID: 1}, "order.appeal_late", 0)
	w.refused(RoleDecider, DismissAppeal{ID: 1}, "order.reasons", 0)
	w.do(RoleDecider, DismissAppeal{ID: 1, Reason: catalog.Text{SV: "för sent"}})
	w.refused(RoleDecider, Reopen{Kind: KindAfterAppeal, Ground: "x"}, "order.no_outcome", 0)

	state := at(t, research(), "decide") // an authority of the state appeals elsewhere
	state.do(RoleDecider, state.decide(refuseAll))
	state.do(RoleHandler, DispatchDecision{})
	state.do(RoleRepresentative, RegisterAppeal{})
	if ev := state.log[len(state.log)-1].Event.(*Appealed); ev.Forum.SV != "regeringen" {
		t.Errorf("%+v", ev)
	}
	other := at(t, research(), "decide")
	other.authority.Appeals = []review.AppealRule{}
	other.do(RoleDecider, other.decide(refuseAll))
	other.do(RoleHandler, DispatchDecision{})
	other.refused(RoleRepresentative, RegisterAppeal{}, "order.no_forum", 0)
	// A dismissal can be appealed; what was purged is not decided again.
	w = at(t, statistics(), "draft_quote")
	w.do(RoleDecider, Dismiss{Ground: "20 §", Reason: "ofullständig"})
	w.do(RoleOrderer, RegisterAppeal{})
	w = refused()
	w.do(RoleClock, OrderPurge{})
	w.do(RoleEngine, RecordPurge{Purged{Hash: hash("p")}})
	w.refused(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "x"}, "order.purged", 10)
}

// TestPromise08FirstDecisionReplacesNone: later kinds only in a reopened case.
func TestPromise08FirstDecisionReplacesNone(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "decide")
	w.refused(RoleDecider, w.decide(func(d *Decision) { d.Kind = KindCorrection }), "order.redecision_identity", 8)
	w.refused(RoleDecider, w.decide(func(d *Decision) { d.Replaces = hash("x") }), "order.redecision_identity", 8)
	w.do(RoleDecider, w.decide(nil))
	w.refused(RoleDecider, w.decide(nil), "order.decided_twice", 8)
}

// TestWithdrawnRows: a wish taken back stands in the decision as that.
func TestWithdrawnRows(t *testing.T) {
	t.Parallel()
	row := plan.Row{Register: "tandvard", Table: "tandvard", Outcome: plan.OutcomeWithdrawn}
	w := at(t, research(), "decide")
	w.refused(RoleDecider, w.decide(func(d *Decision) { d.Scope.Rows = append(d.Scope.Rows, row) }), "order.row_withdrawn", 0)
	row.Reason = catalog.Text{SV: "återtagen av beställaren 2026-11-09"}
	w.do(RoleDecider, w.decide(func(d *Decision) { d.Scope.Rows = append(d.Scope.Rows, row) }))
	if w.s.Decision.Appeal.SV != "" || !w.s.Discloses() {
		t.Error("a withdrawn row is no refusal")
	}
}
