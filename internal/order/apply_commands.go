package order

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/quote"
)

// Submit hands in an application. From the orderer it must be complete by the
// rules of intake; what comes by mail or post (OnBehalf) is taken as it is.
type Submit struct {
	Application intake.Application
	OnBehalf    bool
	Arrival     *Arrival // how it came, when on behalf
	Parent      *Parent  // the case that it continues
	// Aside are answers of an older form that today's does not ask for.
	Aside []intake.Moved
}

// Name returns submit.
func (Submit) Name() string { return "submit" }

// Roles that may submit.
func (Submit) Roles() []Role { return []Role{RoleOrderer, RoleRegistrar} }

// Decide refuses a second submission, a form that is no longer taken in, and an
// application with problems.
func (c Submit) Decide(s State, ctx Context) ([]Event, error) {
	if s.Submitted || s.Version > 0 {
		return nil, wrongState("submitted_twice", "Beställningen är redan inkommen.", "The order has been submitted already.")
	}
	if c.OnBehalf != (ctx.By.Role == RoleRegistrar) {
		return nil, input("on_behalf", "Endast registrator registrerar åt någon annan.", "Only the registrar registers on somebody's behalf.")
	}
	if err := c.Arrival.check(ctx); err != nil {
		return nil, err
	}
	parent, err := parentOf(c)
	if err != nil {
		return nil, err
	}
	if err := first(intake.HandInProblems(c.Application, ctx.Day())); err != nil {
		return nil, err
	}
	if !c.OnBehalf {
		if err := first(ctx.Measured.Problems(c.Application, ctx.Day(), ctx.Catalogue)); err != nil {
			return nil, err
		}
	}
	h, err := canon.Of(c.Application)
	if err != nil {
		return nil, err
	}
	return []Event{&Submitted{Application: c.Application, Hash: h, OnBehalf: c.OnBehalf, Arrival: c.Arrival, Parent: parent, Aside: c.Aside}}, nil
}

// first turns the first problem into a refusal that counts the others.
func first(ps []intake.Problem) error {
	if len(ps) == 0 {
		return nil
	}
	p := ps[0]
	f := &fault.Fault{
		Code: p.Rule, Class: fault.Gate, SV: p.SV, EN: p.EN, DoSV: p.DoSV, DoEN: p.DoEN, Rule: p.Rule, Promise: p.Promise, Law: p.Law,
		Where: fault.Where{Column: p.Field},
	}
	if n := len(ps) - 1; n > 0 {
		f.DoSV, f.DoEN = strings.TrimSpace(fmt.Sprintf("%s Ytterligare %d saknas.", p.DoSV, n)), strings.TrimSpace(fmt.Sprintf("%s %d more are missing.", p.DoEN, n))
	}
	return f
}

// Acknowledge tells the orderer that the order has arrived.
type Acknowledge struct{}

// Name returns acknowledge.
func (Acknowledge) Name() string { return "acknowledge" }

// Roles that may acknowledge.
func (Acknowledge) Roles() []Role { return []Role{RoleHandler, RoleRegistrar, RoleClock} }

// Decide refuses a second acknowledgement.
func (Acknowledge) Decide(s State, _ Context) ([]Event, error) {
	if s.Acknowledged {
		return nil, wrongState("acknowledged_twice", "Mottagandet är redan bekräftat.", "Receipt has been acknowledged already.")
	}
	return []Event{&Acknowledged{}}, nil
}

// RequestSupplement unlocks named parts of the application and asks for them.
type RequestSupplement struct {
	Parts   []string
	Text    string
	DueDays int // working days
}

// Name returns request_supplement.
func (RequestSupplement) Name() string { return "request_supplement" }

// Roles that may ask.
func (RequestSupplement) Roles() []Role { return []Role{RoleHandler} }

// Decide refuses a request without parts, text or time, a second one while
// the first waits, and one after the decision.
func (c RequestSupplement) Decide(s State, ctx Context) ([]Event, error) {
	switch {
	case s.Decision != nil:
		return nil, wrongState("supplement_after_decision", "Ärendet är redan beslutat.", "The case has been decided already.")
	case s.OpenSupplement() != nil:
		return nil, wrongState("supplement_open", "En begäran om komplettering väntar redan på svar.", "A request for supplements is waiting already.")
	case len(c.Parts) == 0 || c.Text == "" || c.DueDays < 1:
		return nil, input("supplement_empty", "Ange vilka delar som ska kompletteras, en text och hur många arbetsdagar det får ta.", "Name the parts, write a text and give the number of working days.")
	}
	return []Event{&SupplementRequested{
		ID: len(s.Supplements) + 1, Parts: c.Parts, Text: c.Text,
		Due: ctx.Authority.Calendar.AddWorkingDays(ctx.Day(), c.DueDays), Days: c.DueDays, Form: intake.CurrentForm,
	}}, nil
}

// AnswerSupplement hands in the application with the named parts changed.
type AnswerSupplement struct {
	Application intake.Application
	Behalf
}

// Name returns answer_supplement.
func (AnswerSupplement) Name() string { return "answer_supplement" }

// Roles that may answer.
func (AnswerSupplement) Roles() []Role { return []Role{RoleOrderer, RoleRegistrar} }

// Decide refuses changes outside the parts that were asked for, and an answer
// after the decision.
func (c AnswerSupplement) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	open := s.answerable()
	if s.Decision != nil {
		return nil, wrongState("supplement_after_decision", "Ärendet är redan beslutat.", "The case has been decided already.")
	}
	if open == nil {
		return nil, wrongState("no_supplement", "Ingen komplettering är begärd.", "No supplement has been asked for.")
	}
	changed, err := intake.Changed(s.Application, c.Application)
	if err != nil {
		return nil, err
	}
	for _, field := range changed {
		if !slices.ContainsFunc(open.Parts, func(p string) bool { return intake.Below(field, p) }) {
			return nil, refuse("supplement_locked", 0, "förvaltningslagen (2017:900) 20 §",
				"Delen är inte upplåst för komplettering.", "The part is not unlocked for a supplement.").At(fault.Where{Column: field})
		}
	}
	h, err := canon.Of(c.Application)
	if err != nil {
		return nil, err
	}
	ev := &Supplemented{ID: open.ID, Application: c.Application, Hash: h, Mail: c.Mail}
	on := ctx.Day()
	if c.Mail > 0 {
		ev.Arrived = s.Documents[c.Mail-1].On
		on = ev.Arrived
	}
	ev.Late = on > open.Due
	return []Event{ev}, nil
}

// answerable returns the request that an answer now would be to: the open one,
// or the last one when its time ran out.
func (s State) answerable() *Supplement {
	if open := s.OpenSupplement(); open != nil {
		return open
	}
	if n := len(s.Supplements); n > 0 && s.Supplements[n-1].TimedOut && !s.Supplements[n-1].Answered {
		return &s.Supplements[n-1]
	}
	return nil
}

// askedAnew are the parts that have been asked for and answered on a newer form
// than the application's: the new form's questions hold for them.
func (s State) askedAnew() []string {
	var parts []string
	for _, x := range s.Supplements {
		if x.Answered && x.Form > s.Application.FormVersion() {
			parts = append(parts, x.Parts...)
		}
	}
	return parts
}

// Problems is what keeps the order from being confirmed as complete on the day.
func (s State) Problems(on day.Day, cat *catalog.Catalogue, measured intake.Measured) []intake.Problem {
	return measured.ProblemsAsked(s.Application, s.askedAnew(), on, cat)
}

// ConfirmComplete says that nothing is missing; the order is complete on the
// day the last item came.
type ConfirmComplete struct{}

// Name returns confirm_complete.
func (ConfirmComplete) Name() string { return "confirm_complete" }

// Roles that may confirm.
func (ConfirmComplete) Roles() []Role { return []Role{RoleHandler} }

// Decide refuses while a supplement waits or a rule of intake is not met.
func (ConfirmComplete) Decide(s State, ctx Context) ([]Event, error) {
	if s.Complete {
		return nil, wrongState("complete_twice", "Beställningen är redan fullständig.", "The order is complete already.")
	}
	if s.OpenSupplement() != nil {
		return nil, wrongState("supplement_open", "En begäran om komplettering väntar på svar.", "A request for supplements is waiting.")
	}
	if err := first(s.Problems(ctx.Day(), ctx.Catalogue, ctx.Measured)); err != nil {
		return nil, err
	}
	return []Event{&Completed{On: s.LastItemOn}}, nil
}

// DraftQuote sends a draft quote. In research it may go out while the order is
// being completed, in statistics only afterwards.
type DraftQuote struct{ Terms quote.Terms }

// Name returns draft_quote.
func (DraftQuote) Name() string { return "draft_quote" }

// Roles that may draft.
func (DraftQuote) Roles() []Role { return []Role{RoleHandler} }

// Decide refuses a draft after the decision and, for statistics, before the
// order is complete.
func (c DraftQuote) Decide(s State, ctx Context) ([]Event, error) {
	if s.Decision != nil {
		return nil, wrongState("draft_after_decision", "Ärendet är redan beslutat.", "The case has been decided already.")
	}
	if s.Application.Purpose == intake.Statistics {
		if err := need(s, GateComplete); err != nil {
			return nil, err
		}
	}
	if err := noFee(c.Terms.NoFee, s.Application); err != nil {
		return nil, err
	}
	version := 1
	if s.Draft != nil {
		version = s.Draft.Version + 1
	}
	q, err := quote.Make(s.ID, version, ctx.Day(), ctx.Authority.Prices, c.Terms)
	if err != nil {
		return nil, input("quote", "Offerten går inte att räkna ut: kontrollera timmar, form och moms.", "The quote cannot be worked out: check hours, form and VAT.").Because(err)
	}
	h, err := q.Hash()
	if err != nil {
		return nil, err
	}
	return []Event{&QuoteDrafted{Quote: q, Hash: h}}, nil
}

// ReturnDraft asks for another draft quote.
type ReturnDraft struct {
	Text string
	Behalf
}

// Name returns return_draft.
func (ReturnDraft) Name() string { return "return_draft" }

// Roles that may return a draft.
func (ReturnDraft) Roles() []Role { return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar} }

// Decide refuses when no draft waits for an answer.
func (c ReturnDraft) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	if !s.DraftOpen {
		return nil, wrongState("no_draft", "Det finns inget utkast att svara på.", "There is no draft to answer.")
	}
	return []Event{&QuoteReturned{Hash: s.DraftHash, Text: c.Text, Mail: c.Mail}}, nil
}

// AgreeDraft agrees to the draft quote with this hash.
type AgreeDraft struct {
	Hash canon.Hash
	Behalf
}

// Name returns agree_draft.
func (AgreeDraft) Name() string { return "agree_draft" }

// Roles that may agree.
func (AgreeDraft) Roles() []Role { return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar} }

// Decide refuses another draft than the latest, one that is too old, and any
// while a need in words has not become tables and variables.
func (c AgreeDraft) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	switch {
	case !s.DraftOpen:
		return nil, wrongState("no_draft", "Det finns inget utkast att svara på.", "There is no draft to answer.")
	case c.Hash != s.DraftHash:
		return nil, refuse("other_draft", 16, "avgiftsförordningen (1992:191) 4 §", "Svaret gäller ett annat utkast än det senaste.", "The answer is to another draft than the latest.")
	case late(ctx.Day(), s.Draft.ValidTo):
		return nil, wrongState("draft_expired", "Utkastets giltighetstid har gått ut.", "The draft is no longer valid.")
	}
	if err := fixedData(s.Application, ctx); err != nil {
		return nil, err
	}
	return []Event{&DraftAgreed{Hash: c.Hash, Mail: c.Mail}}, nil
}

// fixedData refuses an application in which something is still only words.
func fixedData(a intake.Application, ctx Context) error {
	for i, w := range a.Data {
		if _, table := ctx.Catalogue.Table(w.Table); table == nil && w.Table != "" {
			return refuse("data_open", 0, lawService, "Tabellen finns inte i katalogen.", "The table is not in the catalogue.").At(fault.Where{Column: fmt.Sprintf("data[%d].table", i)})
		}
	}
	ps := intake.Fixed(a)
	if len(ps) == 0 {
		return nil
	}
	p := ps[0]
	f := refuse("data_open", 0, p.Law, p.SV, p.EN).At(fault.Where{Column: p.Field})
	return f.Do(p.DoSV, p.DoEN)
}

// late reports whether d lies after a last day; zero means no last day.
func late(d, last day.Day) bool { return last != 0 && d > last }

// Dismiss ends a case that the authority does not take up (avvisning).
type Dismiss struct{ Ground, Reason string }

// Name returns dismiss.
func (Dismiss) Name() string { return "dismiss" }

// Roles that may dismiss.
func (Dismiss) Roles() []Role { return []Role{RoleDecider} }

// Decide refuses without ground and reason, and after a decision.
func (c Dismiss) Decide(s State, _ Context) ([]Event, error) {
	if s.Decision != nil {
		return nil, wrongState("dismiss_after_decision", "Ärendet är redan beslutat.", "The case has been decided already.")
	}
	if c.Ground == "" || c.Reason == "" {
		return nil, refuse("reasons", 0, "förvaltningslagen (2017:900) 32 §", "Ett avvisande kräver grund och skäl.", "A dismissal needs ground and reasons.")
	}
	return []Event{&Dismissed{Ground: c.Ground, Reason: c.Reason}}, nil
}

// Withdraw takes the order, or the enquiry, back.
type Withdraw struct {
	Reason string
	Behalf
}

// Name returns withdraw.
func (Withdraw) Name() string { return "withdraw" }

// Roles that may withdraw.
func (Withdraw) Roles() []Role { return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar} }

// Decide refuses once the data have been released, as the parcel is on its way
// then, and after a refusal, which has already ended the matter.
func (c Withdraw) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	switch {
	case s.Delivery != nil || s.Released:
		return nil, wrongState("withdraw_delivered", "Uppgifterna är redan levererade eller på väg.", "The data have been delivered already or are on their way.")
	case s.Announced && !s.Discloses(): // until then the answer must not tell what was decided
		return nil, wrongState("withdraw_refused", "Beställningen är redan avslagen.", "The order has been refused already.")
	}
	return []Event{&Withdrawn{Reason: c.Reason, Mail: c.Mail}}, nil
}
