package order

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// ReviewQuestions are what the confidentiality review must answer; OSL 24:8
// and data protection, reference domain §3.2–3.4.
var ReviewQuestions = []string{"recipient_and_purpose", "coverage", "minimisation", "disclosure_risk", "safeguards", "assessment"}

// RecordReview stores the confidentiality review: the worksheet's answers for
// the scope that is proposed, or findings on the six questions.
type RecordReview struct {
	Findings []ReviewFinding
	Answers  []review.Answer
	// Scope is what the answers lead to; nil = as it was asked for.
	Scope *plan.Scope
}

// Name returns record_review.
func (RecordReview) Name() string { return "record_review" }

// Roles that may review.
func (RecordReview) Roles() []Role { return []Role{RoleReviewer, RoleHandler} }

// Decide refuses a review of an incomplete order, before the draft is agreed,
// with a question unanswered, or that contradicts what it proposes.
func (c RecordReview) Decide(s State, ctx Context) ([]Event, error) {
	if s.Decision != nil && (s.Reopened == "" || s.Reopened == KindCorrection) {
		return nil, wrongState("review_after_decision", "Ärendet är redan beslutat.", "The case has been decided already.")
	}
	if err := need(s, GateComplete, GateDraft); err != nil {
		return nil, err
	}
	if len(c.Answers) == 0 {
		if err := answered(c.Findings); err != nil {
			return nil, err
		}
		return []Event{&Reviewed{Findings: c.Findings}}, nil
	}
	sc := s.Wished()
	if c.Scope != nil {
		sc = *c.Scope
	}
	if err := worksheet(s, sc, c.Answers, ctx); err != nil {
		return nil, err
	}
	return []Event{&Reviewed{Findings: c.Findings, Answers: c.Answers, Scope: &sc}}, nil
}

// RecordDecision takes the signed decision, with its quote when something is
// disclosed. Note is the decision maker's signature over the decision; the
// caller has checked that it is his.
type RecordDecision struct {
	Decision Decision
	Note     string
	Quote    *quote.Quote
}

// Name returns decide.
func (RecordDecision) Name() string { return "decide" }

// Roles that may decide.
func (RecordDecision) Roles() []Role { return []Role{RoleDecider} }

// Decide refuses a second decision, one while a supplement is awaited, one
// that does not hang together or lacks what a decision must state, and a
// disclosing one that is not complete, agreed, reviewed, bounded in every
// element, covered by the ethics documents and quoted.
func (c RecordDecision) Decide(s State, ctx Context) ([]Event, error) {
	if s.Decision != nil {
		return nil, refuse("decided_twice", 8, "förvaltningslagen (2017:900) 36–39 §§", "Ärendet är redan beslutat; en ändring är ett nytt beslut i ett nytt ärende, eller i det här när det har tagits upp igen.", "The case has been decided; a change is a new decision in a new case, or in this one once it has been reopened.")
	}
	if c.Decision.Kind != "" || c.Decision.Replaces != "" {
		return nil, refuse("redecision_identity", 8, lawReconsider, "Ett första beslut ersätter inget annat.", "A first decision replaces no other.")
	}
	if s.Parent != nil && s.Parent.Kind == KinRetention {
		return nil, wrongState("retention_disclosure", "Ärendet gäller längre bevarande: inget lämnas ut i det.", "The case is about keeping files longer: nothing is disclosed in it.")
	}
	h, err := made(c, s, ctx)
	if err != nil {
		return nil, err
	}
	ev := &Decided{Decision: c.Decision, Hash: h, Note: c.Note}
	if c.Quote != nil {
		ev.Quote = *c.Quote
	}
	return []Event{ev}, nil
}

// made checks everything that a decision needs, the first or a later one, and
// returns its hash.
func made(c RecordDecision, s State, ctx Context) (canon.Hash, error) {
	h, err := ruling(c.Decision, s, ctx)
	if err != nil {
		return "", err
	}
	if !c.Decision.Scope.Discloses() {
		if c.Decision.Quote != "" || c.Quote != nil {
			return "", refuse("refusal_quote", 16, "avgiftsförordningen (1992:191) 4 §", "Ett avslag har ingen offert.", "A refusal has no quote.")
		}
		return h, nil
	}
	if err := need(s, GateComplete, GateDraft, GateReview); err != nil {
		return "", err
	}
	if err := disclosing(c.Decision, s, ctx); err != nil {
		return "", err
	}
	return h, priced(c, s, ctx)
}

// ruling checks what every decision needs, also one that lets nothing out.
func ruling(d Decision, s State, ctx Context) (canon.Hash, error) {
	if a := ctx.Authority.Deciders; len(a) > 0 && !slices.Contains(a, ctx.By.ID) {
		return "", refuse("delegation", 0, "offentlighets- och sekretesslagen (2009:400) 6 kap. 3 §", "Delegationsordningen ger inte personen rätt att besluta.", "The delegation order does not let this person decide.")
	}
	if open := s.OpenSupplement(); open != nil && ctx.Day() <= open.Due {
		return "", wrongState("supplement_open", "En begäran om komplettering väntar på svar.", "A request for supplements is waiting.")
	}
	if err := facts(d, s, ctx); err != nil {
		return "", err
	}
	return d.Hash()
}

// facts checks what every decision must state; förvaltningslagen 31–33 §§.
func facts(d Decision, s State, ctx Context) error {
	const law = "förvaltningslagen (2017:900) 31–33 §§"
	bad := func(rule, sv, en string) error { return refuse(rule, 0, law, sv, en) }
	hash, err := d.Scope.Hash()
	if err != nil {
		return err
	}
	switch {
	case d.Purpose != string(s.Application.Purpose) || d.Principal != s.Application.Principal.Name:
		return bad("decision_parties", "Beslutet gäller en annan huvudman eller ett annat ändamål än beställningen.", "The decision is for another principal or purpose than the order.")
	case d.Type != DecisionVersion || d.Order != s.ID || d.Scope.Order != s.ID || d.ID == "" || d.Version < 1:
		return bad("decision_identity", "Beslutet gäller inte den här beställningen eller saknar beteckning.", "The decision is not for this order, or has no identity.")
	case d.Decider != ctx.By.ID || d.Rapporteur == "" || d.Date != ctx.Day():
		return bad("decision_facts", "Beslutet ska ange dag, vem som har fattat det och vem som har föredragit det.", "The decision must state day, decision maker and rapporteur.")
	case d.Reasons.SV == "" || len(d.Provisions) == 0:
		return bad("decision_reasons", "Beslutet ska ange skäl och tillämpade bestämmelser.", "The decision must state reasons and the provisions applied.")
	case len(d.Scope.Rows) == 0 || d.ScopeHash != hash:
		return bad("decision_scope", "Beslutet saknar rader, eller omfattningen är en annan än den som anges.", "The decision has no rows, or its scope is another than the one stated.")
	case d.RetentionMonths < 1 || d.RetentionMonths > 120:
		return bad("decision_retention", "Beslutet ska ange hur många månader filerna sparas, 1–120.", "The decision must state for how many months the files are kept, 1–120.")
	}
	refused := false
	for _, r := range d.Scope.Rows {
		less := r.Outcome == plan.OutcomePartly || r.Outcome == plan.OutcomeRefuse
		if r.Outcome == plan.OutcomeWithdrawn {
			if r.Reason.SV == "" {
				return bad("row_withdrawn", "En återtagen rad ska säga vem som tog tillbaka den och när.", "A withdrawn row must say who took it back, and when.")
			}
			continue
		}
		refused = refused || less
		if less && (r.Ground == "" || r.Reason.SV == "") {
			return bad("row_reasons", "En rad som avslås helt eller delvis ska ange grund och skäl.", "A row that is refused in whole or in part must state ground and reasons.")
		}
		if !slices.Contains([]string{plan.OutcomeDisclose, plan.OutcomePartly, plan.OutcomeRefuse}, r.Outcome) {
			return bad("row_outcome", "En rad ska lämnas ut, lämnas ut delvis eller avslås.", "A row is disclosed, disclosed in part or refused.")
		}
	}
	if (refused || d.Forbehall != nil) && d.Appeal.SV == "" {
		return bad("appeal", "Beslutet ska innehålla en överklagandehänvisning.", "The decision must say how to appeal.")
	}
	return nil
}

// DispatchDecision sends decision and quote to those who shall have them.
type DispatchDecision struct{}

// Name returns dispatch_decision.
func (DispatchDecision) Name() string { return "dispatch_decision" }

// Roles that may dispatch.
func (DispatchDecision) Roles() []Role { return []Role{RoleHandler, RoleRegistrar} }

// Decide refuses before the decision and twice. Recipients: research, the
// principal's representative with a copy to the orderer; statistics, the
// authority's registry and the contact.
func (DispatchDecision) Decide(s State, _ Context) ([]Event, error) {
	switch {
	case s.Decision == nil:
		return nil, wrongState("not_decided", "Ärendet är inte beslutat.", "The case has not been decided.")
	case s.Dispatched:
		return nil, wrongState("dispatched_twice", "Beslutet är redan expedierat.", "The decision has been dispatched already.")
	case s.Discloses() && s.Quote == nil:
		return nil, refuse("decision_without_quote", 16, "avgiftsförordningen (1992:191) 4 §", "Ett beslut om utlämnande går ut tillsammans med sin offert.", "A decision to disclose goes out together with its quote.")
	}
	to := []string{"representative", "orderer"}
	if s.Application.Purpose == intake.Statistics {
		to = []string{"registry", "contact"}
	}
	return []Event{&DecisionDispatched{To: to}}, nil
}

// AcceptQuote accepts the quote with this hash.
type AcceptQuote struct {
	Hash canon.Hash
	Behalf
}

// Name returns accept_quote.
func (AcceptQuote) Name() string { return "accept_quote" }

// Roles that may accept.
func (AcceptQuote) Roles() []Role { return []Role{RoleRepresentative, RoleRegistrar} }

// Decide refuses before dispatch, another quote, and one that is too old.
func (c AcceptQuote) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	if err := need(s, GateDecision); err != nil {
		return nil, err
	}
	switch {
	case !s.Dispatched:
		return nil, wrongState("not_dispatched", "Beslut och offert är inte expedierade.", "Decision and quote have not been dispatched.")
	case s.Accepted:
		return nil, wrongState("accepted_twice", "Offerten är redan accepterad.", "The quote has been accepted already.")
	case c.Hash != s.QuoteHash:
		return nil, refuse("other_quote", 16, "avgiftsförordningen (1992:191) 4 §", "Svaret gäller en annan offert än beslutets.", "The answer is to another quote than the decision's.")
	case late(ctx.Day(), s.Quote.ValidTo):
		return nil, wrongState("quote_expired", "Offertens giltighetstid har gått ut.", "The quote is no longer valid.")
	}
	return []Event{&QuoteAccepted{Hash: c.Hash, Mail: c.Mail}}, nil
}

// AcknowledgeForbehall binds a named researcher to the förbehåll.
type AcknowledgeForbehall struct {
	Person string
	Behalf
}

// Name returns acknowledge_forbehall.
func (AcknowledgeForbehall) Name() string { return "acknowledge_forbehall" }

// Roles that may acknowledge.
func (AcknowledgeForbehall) Roles() []Role {
	return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar}
}

// Decide refuses persons whom the förbehåll does not name, those who have
// acknowledged it, and everybody before the decision has been dispatched.
func (c AcknowledgeForbehall) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	if s.Bound[c.Person] {
		return nil, wrongState("bound_twice", "Personen har redan bekräftat förbehållet.", "The person has acknowledged the restriction already.")
	}
	if !s.Dispatched || s.Decision == nil || s.Decision.Forbehall == nil || !slices.Contains(s.Decision.Forbehall.Names, c.Person) {
		return nil, wrongState("not_bound", "Beslutet har inget förbehåll för personen.", "The decision has no restriction for this person.")
	}
	return []Event{&ForbehallAcknowledged{Name: c.Person, Mail: c.Mail}}, nil
}
