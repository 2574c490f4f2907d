package order

import (
	"slices"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/plan"
	"sluss/internal/review"
)

// sheet answers every question of the worksheet for the scope in favour of
// disclosure; change may answer some otherwise.
func (w *world) sheet(sc plan.Scope, change func(*review.Answer)) RecordReview {
	cat := catalog.Builtin()
	c := RecordReview{Scope: &sc}
	for _, q := range review.Questions(w.s.Subject(cat, nil), sc, cat) {
		a := review.Answer{Question: q.ID, Finding: "bedömt", Holds: true}
		if q.Section == review.Minimisation {
			a.Treat = review.Keep
		}
		if change != nil {
			change(&a)
		}
		c.Answers = append(c.Answers, a)
	}
	return c
}

// TestPromise03TheReviewBindsTheDecision: what the review dropped, coarsened
// or did not find clear is not let out, whatever the decision says.
func TestPromise03TheReviewBindsTheDecision(t *testing.T) {
	t.Parallel()
	fresh := func() *world { return at(t, research(), "record_review") }
	w := fresh()
	incomplete := w.sheet(w.scope(), nil)
	incomplete.Answers = incomplete.Answers[1:]
	w.refused(RoleReviewer, incomplete, "review.unanswered", w.promise(incomplete))
	w.do(RoleReviewer, w.sheet(w.scope(), nil))
	w.do(RoleDecider, w.decide(nil))

	dropped := func(id string) func(*review.Answer) {
		return func(a *review.Answer) {
			if a.Question == review.VariableQuestion("midas_sjp", id) {
				a.Treat = review.Drop
			}
		}
	}
	w = fresh()
	less := w.scope()
	less.Rows = slices.Clone(less.Rows)
	less.Rows[0].Variables = less.Rows[0].Variables[:2] // without the diagnosis
	w.refused(RoleReviewer, w.sheet(w.scope(), dropped("diagnos")), "review.dropped_in_scope", 3)
	w.do(RoleReviewer, w.sheet(less, dropped("diagnos")))
	w.refused(RoleDecider, w.decide(nil), "review.dropped_in_scope", 3)
	w.do(RoleDecider, w.decide(func(d *Decision) { d.Scope.Rows = less.Rows }))

	w = fresh() // coarser
	coarse := w.scope()
	coarse.Rows = slices.Clone(coarse.Rows)
	coarse.Rows[0].Variables = []plan.VariableBound{{ID: "from_datum"}, {ID: "tom_datum"}, {ID: "diagnos", Level: "icd_chapter"}}
	w.do(RoleReviewer, w.sheet(coarse, func(a *review.Answer) {
		if a.Question == review.VariableQuestion("midas_sjp", "diagnos") {
			a.Treat, a.Level = review.Coarsen, "icd_chapter"
		}
	}))
	w.refused(RoleDecider, w.decide(nil), "review.finer_in_scope", 3)

	w = fresh() // not clear: nothing can be disclosed, a refusal can be decided
	unclear := func(a *review.Answer) { a.Holds = a.Holds && a.Question != "assessment" }
	w.refused(RoleReviewer, w.sheet(w.scope(), unclear), "review.harm", 0)
	none := w.scope()
	none.Rows = []plan.Row{{Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeRefuse, Ground: "OSL 24:8", Reason: catalog.Text{SV: "men"}}}
	w.do(RoleReviewer, w.sheet(none, unclear))
	w.refused(RoleDecider, w.decide(nil), "review.harm", 0)
	w.do(RoleDecider, w.decide(refuseAll))
}

// promise is that of the refusal that the command meets.
func (w *world) promise(cmd Command) int {
	_, err := Decide(w.s, cmd, w.context(actor(cmd.Roles()[0])))
	return promiseOf(err)
}

// TestWished is the scope that was asked for, and is what a worksheet without
// a scope of its own is about.
func TestWished(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "record_review")
	sc := w.s.Wished()
	if len(sc.Rows) != 1 || sc.Rows[0].Period.To != start-399 || len(sc.Rows[0].Variables) != 3 || sc.Identity.Kind != plan.IdentitySerial {
		t.Errorf("%+v", sc)
	}
	c := w.sheet(sc, nil)
	c.Scope = nil
	w.do(RoleReviewer, c)
	if len(w.s.Worksheet) == 0 || w.s.Proposed == nil {
		t.Error("the worksheet is not kept")
	}
}
