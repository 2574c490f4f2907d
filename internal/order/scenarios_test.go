package order

import (
	"slices"
	"testing"
	"time"

	"sluss/internal/intake"
)

// TestScenario08SubmittedOnceByWhoMay: a second time, by somebody else, or to a
// closed case, nothing is handed in.
func TestScenario08SubmittedOnceByWhoMay(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "acknowledge")
	w.refused(RoleOrderer, Submit{Application: research()}, "order.submitted_twice", 0)
	for _, r := range []Role{RoleCoApplicant, RoleSupplier, RoleHandler, RoleDecider, RoleClock} {
		w.refused(r, Submit{Application: research()}, "access.denied", 0)
	}
	w.do(RoleHandler, RequestSupplement{Parts: []string{"title"}, Text: "x", DueDays: 5})
	w.refused(RoleCoApplicant, AnswerSupplement{Application: research()}, "access.denied", 0)
	w.do(RoleOrderer, Withdraw{Reason: "r"})
	w.refused(RoleOrderer, AnswerSupplement{Application: research()}, "order.ended", 0)
	w.refused(RoleOrderer, Submit{Application: research()}, "order.ended", 0)
}

// TestScenario09ReturnedChangedHandedIn: what a supplement changed is told
// against the version before, and the decision is on exactly the last one.
func TestScenario09ReturnedChangedHandedIn(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "confirm_complete")
	before := w.s.Application
	w.do(RoleHandler, RequestSupplement{Parts: []string{"title", "population.size"}, Text: "x", DueDays: 5})
	changed := research()
	changed.Title, changed.Population.Size = "En annan titel", 900
	w.do(RoleOrderer, AnswerSupplement{Application: changed})
	rows, err := intake.Difference(before, w.s.Application)
	if err != nil || len(rows) != 2 || rows[0].Field != "population.size" || rows[0].Old.EN != "1000" || rows[0].New.EN != "900" || rows[1].Field != "title" {
		t.Errorf("%+v, %v", rows, err)
	}
	if w.s.AppHash != w.log[len(w.log)-1].Event.(*Supplemented).Hash {
		t.Error("the case stands at another version than the last")
	}
	w.refused(RoleReviewer, fullReview(), "gate.complete", 5) // what was confirmed was the version before
}

// TestScenario10NoDecisionWhileOutForSupplement.
func TestScenario10NoDecisionWhileOutForSupplement(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "decide")
	w.do(RoleHandler, RequestSupplement{Parts: []string{"title"}, Text: "x", DueDays: 5})
	w.refused(RoleDecider, w.decide(nil), "order.supplement_open", 0)
}

// TestScenario14ValidThroughItsLastDay: a quote that is valid to a day can be
// accepted until that day ends in Sweden; a decision whose end lies in the past
// is refused.
func TestScenario14ValidThroughItsLastDay(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "accept_quote")
	end := time.Unix(int64(w.s.Quote.ValidTo+1)*86400, 0)
	for utc := 2 * time.Hour; ; utc -= time.Hour { // midnight in Sweden is one or two hours before UTC's
		if (Context{At: end.Add(-utc)}).Day() > w.s.Quote.ValidTo {
			end = end.Add(-utc)
			break
		}
	}
	c := w.context(actor(RoleRepresentative))
	c.At = end.Add(-time.Millisecond)
	if _, err := Decide(w.s, AcceptQuote{Hash: w.s.QuoteHash}, c); err != nil {
		t.Errorf("the last moment: %v", err)
	}
	c.At = end
	if _, err := Decide(w.s, AcceptQuote{Hash: w.s.QuoteHash}, c); err == nil {
		t.Error("accepted a moment too late")
	}
	w = at(t, research(), "decide")
	cmd := w.decide(func(d *Decision) { d.Scope.Expires = w.today - 1 })
	if err := w.try(actor(RoleDecider), cmd); err == nil {
		t.Error("a decision that has ended before it is made")
	}
}

// TestScenario15EndedOnce: when a decision ends, every right that it gave ends,
// and the vault is told once.
func TestScenario15EndedOnce(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "order_extraction")
	w.today = w.s.Decision.Scope.Expires
	for range 3 {
		for _, c := range DueActs(w.s, w.authority, w.today) {
			w.do(RoleClock, c)
		}
	}
	told := 0
	for _, e := range w.log {
		if _, ok := e.Event.(*PurgeOrdered); ok {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the vault is told %d times", told)
	}
	for _, st := range way {
		if slices.Contains([]string{"order_extraction", "release", "accept_quote", "issue_invoice"}, st.name) {
			w.refused(st.role, st.cmd(w), "order.ended", 0)
		}
	}
}

// TestScenario30CompletenessIsAskedAgain: while something is missing, saying
// that nothing is refused with what it is; then the case goes on, and says so.
func TestScenario30CompletenessIsAskedAgain(t *testing.T) {
	t.Parallel()
	app := research()
	app.Title, app.Invoice.Reference = "", ""
	w := newWorld(t, app)
	w.do(RoleRegistrar, Submit{Application: app, OnBehalf: true, Arrival: letter(start)})
	w.refused(RoleHandler, ConfirmComplete{}, "intake.parties", 0)
	w.do(RoleHandler, RequestSupplement{Parts: []string{"title"}, Text: "x", DueDays: 5})
	app.Title = "Titel"
	w.do(RoleOrderer, AnswerSupplement{Application: app})
	w.refused(RoleHandler, ConfirmComplete{}, "intake.invoice", 0)
	w.do(RoleHandler, RequestSupplement{Parts: []string{"invoice"}, Text: "x", DueDays: 5})
	app.Invoice.Reference = "SU-1"
	w.do(RoleOrderer, AnswerSupplement{Application: app})
	w.do(RoleHandler, ConfirmComplete{})
	if w.s.Phase() != PhaseComplete {
		t.Errorf("phase %s", w.s.Phase())
	}
}
