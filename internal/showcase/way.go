package showcase

import (
	"context"
	"slices"
	"strings"

	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// step is a part of the way: its acts, begun a number of working days after the
// step before.
type step struct {
	name string
	days int // usually
	add  func(t *tale, days int)
}

// way is the way that most tales go.
var way = []step{
	{"submitted", 0, func(t *tale, w int) { t.then(w, (*tale).handIn) }},
	{"acknowledged", 1, func(t *tale, w int) {
		t.asks(w, order.Acknowledge{}).asks(0, order.Assign{Role: order.RoleHandler, To: t.handler, Why: "pulled"})
	}},
	{"complete", 2, func(t *tale, w int) { t.asks(w, order.ConfirmComplete{}) }},
	{"draft", 2, func(t *tale, w int) { t.give(w, t.handler, order.RoleHandler, (*tale).draftQuote) }},
	{"agreed", 3, func(t *tale, w int) {
		t.give(w, t.orderer, order.RoleOrderer, func(t *tale) (order.Command, error) { return order.AgreeDraft{Hash: t.state.DraftHash}, nil })
		if key := t.recipients[t.orderer]; key != "" { // the recipient's own, compared by telephone
			t.simply(0, t.orderer, order.RoleOrderer, order.RegisterKey{Key: key})
			t.simply(0, t.handler, order.RoleHandler, order.ConfirmKey{Fingerprint: order.KeyFingerprint(key), Channel: "phone", With: persona(t.orderer).Name})
		}
	}},
	{"reviewed", 4, func(t *tale, w int) {
		t.give(w, Reviewer, order.RoleReviewer, (*tale).worksheet)
		t.simply(0, Reviewer, order.RoleReviewer, order.LogHours{Kind: quote.Review, Centis: 425, Text: "Genomgång av ansökan och arbetsblad"})
	}},
	{"decided", 2, func(t *tale, w int) {
		t.give(w, Decider, order.RoleDecider, func(t *tale) (order.Command, error) {
			d, note, q, err := t.decision()
			return order.RecordDecision{Decision: d, Note: note, Quote: q}, err
		})
	}},
	{"dispatched", 0, func(t *tale, w int) { t.asks(w, order.DispatchDecision{}) }},
	{"accepted", 4, func(t *tale, w int) {
		if t.terms.NoFee != nil {
			return
		}
		t.give(w, t.representative, order.RoleRepresentative, func(t *tale) (order.Command, error) { return order.AcceptQuote{Hash: t.state.QuoteHash}, nil })
	}},
	{"called", 1, func(t *tale, w int) { t.call(w) }},
	{"population", 5, func(t *tale, w int) { t.sends(w) }},
	{"ordered", 3, func(t *tale, w int) {
		t.give(w, Statistician, order.RoleStatistician, (*tale).spec).works()
		t.simply(0, Statistician, order.RoleStatistician, order.LogHours{Kind: quote.Extraction, Centis: 925, Text: "Plan, provkörning och uttag"})
	}},
	{"released", 2, func(t *tale, w int) { t.give(w, Releaser, order.RoleReleaser, (*tale).release).works() }},
	{"received", 2, func(t *tale, w int) {
		t.give(w, t.orderer, order.RoleOrderer, func(t *tale) (order.Command, error) {
			return order.ConfirmReceipt{Manifest: t.state.Delivery.Manifest}, nil
		})
	}},
	{"invoiced", 23, func(t *tale, w int) {
		if t.terms.NoFee != nil {
			return
		}
		t.simply(w, Finance, order.RoleFinance, order.IssueInvoice{})
	}},
}

// to goes the way up to and including a step.
func (t *tale) to(name string) *tale {
	end := slices.IndexFunc(way, func(x step) bool { return x.name == name })
	if end < t.way {
		panic("showcase: " + name + " is no step ahead")
	}
	for ; t.way <= end; t.way++ {
		days := way[t.way].days
		if w, ok := t.wait[way[t.way].name]; ok {
			days = w
		}
		way[t.way].add(t, days)
	}
	return t
}

// skip leaves the next step of the way out.
func (t *tale) skip() *tale {
	t.way++
	return t
}

// slow lets a step come later than usual, in working days.
func (t *tale) slow(name string, days int) *tale {
	t.wait[name] = days
	return t
}

// draftQuote is a draft of the terms, valid for two months.
func (t *tale) draftQuote() (order.Command, error) {
	terms := t.terms
	terms.ValidTo = today(t.stage) + 60
	return order.DraftQuote{Terms: terms}, nil
}

// findings are what the reviewer writes, by section of the worksheet.
var findings = map[string]string{
	review.Recipient:    "Mottagaren och ändamålet framgår av ansökan; samma sekretess gäller hos mottagaren.",
	review.Coverage:     "Population, förmåner, diagnoser och period täcks, se matrisen.",
	review.Minimisation: "Behövs för frågeställningarna.",
	review.Risk:         "Löpnummer dras för projektet, inga geografiska uppgifter lämnas och diagnos lämnas på tre tecken.",
	review.Safeguards:   "Förseglad leverans till mottagarens nyckel; endast namngivna personer arbetar med uppgifterna.",
	review.Assessment:   "Det står klart att uppgifterna kan lämnas ut utan att den enskilde lider skada eller men.",
}

// worksheet answers every question of the review; diagnoses are coarsened to
// three characters.
func (t *tale) worksheet() (order.Command, error) {
	s := t.state
	sc := s.Wished()
	for i := range sc.Rows {
		for j := range sc.Rows[i].Variables {
			if v := &sc.Rows[i].Variables[j]; v.ID == "diagnos" {
				v.Level = "icd_3"
			}
		}
	}
	cat := t.app.Catalogue
	var answers []review.Answer
	for _, q := range review.Questions(s.Subject(cat, nil), sc, cat) {
		a := review.Answer{Question: q.ID, Finding: findings[q.Section], Holds: true}
		if q.Section == review.Minimisation {
			a.Treat = review.Keep
			if strings.HasSuffix(q.ID, ".diagnos") {
				a.Treat, a.Level = review.Coarsen, "icd_3"
			}
		}
		if t.answers != nil {
			t.answers(&a)
		}
		answers = append(answers, a)
	}
	reduce(&sc, answers)
	return order.RecordReview{Answers: answers, Scope: &sc}, nil
}

// reduce takes out of the rows what the answers drop, and refuses every row when
// the assessment does not hold.
func reduce(sc *plan.Scope, answers []review.Answer) {
	ground := "24 kap. 8 § offentlighets- och sekretesslagen (2009:400)"
	by := map[string]review.Answer{}
	for _, a := range answers {
		by[a.Question] = a
	}
	for i := range sc.Rows {
		r := &sc.Rows[i]
		if a := by["assessment"]; !a.Holds {
			r.Outcome, r.Ground, r.Reason.SV, r.Reason.EN = plan.OutcomeRefuse, ground, a.Finding, "It is not clear that disclosure does no harm."
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(r.Variables), func(v plan.VariableBound) bool {
			return by[review.VariableQuestion(r.Table, v.ID)].Treat == review.Drop
		})
		if len(kept) < len(r.Variables) {
			r.Variables, r.Outcome, r.Ground = kept, plan.OutcomePartly, ground
			r.Reason.SV, r.Reason.EN = "Alla begärda variabler behövs inte för frågeställningarna.", "Not every variable asked for is needed for the questions."
		}
	}
}

// call asks the agreed supplier for the file; others send it by registered post
// without being asked.
func (t *tale) call(wait int) {
	if t.application.Population.Holder != scb {
		return
	}
	t.then(wait, func(t *tale, ctx context.Context) (err error) {
		on := today(t.stage)
		t.state, err = t.app.CallPopulation(ctx, as(t.handler, order.RoleHandler).Actor(), t.id, "scb", "SCB-"+t.id[len(t.id)-5:], 0, on, on+45)
		return err
	})
}

// sends lets the file come: uploaded by the supplier when it was called, else by
// registered post, to be read at the vault.
func (t *tale) sends(wait int) {
	if t.application.Population.Holder != scb {
		t.give(wait, Registrar, order.RoleRegistrar, func(t *tale) (order.Command, error) {
			return order.TakeMedium{Road: "post", Tracking: "RR" + t.id + "SE"}, nil
		}).works()
		return
	}
	t.then(wait, func(t *tale, ctx context.Context) (err error) {
		// The heading alone: nobody reads it, and no number shall be anywhere.
		t.state, err = t.app.TakePopulation(ctx, as(SupplierContact, order.RoleSupplier).Actor(), t.id, "upload", strings.NewReader("personnummer\r\n"))
		return err
	}).works()
}
