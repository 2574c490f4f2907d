package order

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// What can happen around a decision: the decision maker sends the review back,
// somebody appeals, and the case is opened again for a new decision. Nothing is
// ever undone: the earlier decision stands in the log, and the new one names it.

const (
	lawCorrect    = "förvaltningslagen (2017:900) 36 §"
	lawReconsider = "förvaltningslagen (2017:900) 37–39 §§"
	lawAppeal     = "offentlighets- och sekretesslagen (2009:400) 6 kap. 7–8 §§; förvaltningslagen (2017:900) 43–46 §§"
)

// Kinds of decision after the first.
const (
	KindCorrection      = "correction"      // rättelse: an obvious slip of the pen
	KindReconsideration = "reconsideration" // ändring of a decision
	KindAfterAppeal     = "after_appeal"    // the court sent it back or decided otherwise
)

// The rulings' events.
type (
	// ReviewReturned: the decision maker sends the review back with questions.
	ReviewReturned struct {
		Text string `json:"text"`
	}
	// Appealed: the decision, or the dismissal, has been appealed.
	Appealed struct {
		ID      int          `json:"id"`
		Against canon.Hash   `json:"against,omitempty"` // the decision, "" for a dismissal
		On      day.Day      `json:"on"`                // arrived
		LastDay day.Day      `json:"last_day"`
		InTime  bool         `json:"in_time"`
		Forum   catalog.Text `json:"forum"`
		Mail    int          `json:"mail,omitempty"`
	}
	// AppealForwarded: appeal and file have been handed to the forum.
	AppealForwarded struct {
		ID int `json:"id"`
	}
	// AppealDismissed: it came too late (förvaltningslagen 45 §).
	AppealDismissed struct {
		ID     int          `json:"id"`
		Reason catalog.Text `json:"reason"`
	}
	// AppealSettled: the forum has decided.
	AppealSettled struct {
		ID        int    `json:"id"`
		Outcome   string `json:"outcome"` // upheld, changed or returned
		Reference string `json:"reference"`
	}
	// Reopened: the case is taken up for a new decision.
	Reopened struct {
		Kind   string `json:"kind"`
		Ground string `json:"ground"`
	}
	// Redecided: the new decision, which names the one it replaces.
	Redecided struct {
		Decision Decision    `json:"decision"`
		Hash     canon.Hash  `json:"hash"`
		Note     string      `json:"note"`
		Quote    quote.Quote `json:"quote,omitzero"`
	}
)

var rulingEvents = map[string]func() Event{
	"review_returned":  func() Event { return &ReviewReturned{} },
	"appealed":         func() Event { return &Appealed{} },
	"appeal_forwarded": func() Event { return &AppealForwarded{} },
	"appeal_dismissed": func() Event { return &AppealDismissed{} },
	"appeal_settled":   func() Event { return &AppealSettled{} },
	"reopened":         func() Event { return &Reopened{} },
	"redecided":        func() Event { return &Redecided{} },
}

func (*ReviewReturned) Type() string  { return "review_returned" }
func (*Appealed) Type() string        { return "appealed" }
func (*AppealForwarded) Type() string { return "appeal_forwarded" }
func (*AppealDismissed) Type() string { return "appeal_dismissed" }
func (*AppealSettled) Type() string   { return "appeal_settled" }
func (*Reopened) Type() string        { return "reopened" }
func (*Redecided) Type() string       { return "redecided" }

// Appeal is an appeal on its way.
type Appeal struct {
	ID        int
	InTime    bool
	Forwarded bool
	Settled   bool // by the forum, or dismissed
	Outcome   string
}

func (*ReviewReturned) apply(s State, _ Entry) State {
	s.Reviewed = false
	return s
}

func (ev *Appealed) apply(s State, _ Entry) State {
	s.Appeals = with(s.Appeals, Appeal{ID: ev.ID, InTime: ev.InTime})
	return s
}

func (s State) appeal(id int, change func(*Appeal)) State {
	s.Appeals = changed(s.Appeals, func(a Appeal) bool { return a.ID == id }, change)
	return s
}

func (ev *AppealForwarded) apply(s State, _ Entry) State {
	return s.appeal(ev.ID, func(a *Appeal) { a.Forwarded = true })
}

func (ev *AppealDismissed) apply(s State, _ Entry) State {
	return s.appeal(ev.ID, func(a *Appeal) { a.Settled, a.Outcome = true, "dismissed" })
}

func (ev *AppealSettled) apply(s State, _ Entry) State {
	return s.appeal(ev.ID, func(a *Appeal) { a.Settled, a.Outcome = true, ev.Outcome })
}

func (ev *Reopened) apply(s State, _ Entry) State {
	s.Reopened = ev.Kind
	if ev.Kind != KindCorrection {
		s.Reviewed = false
		if s.Ended == PhaseRefused {
			s.Ended = ""
		}
	}
	return s
}

// apply lets the new decision take the old one's place. What was accepted,
// acknowledged or specified under the old one holds only if it is the same.
func (ev *Redecided) apply(s State, e Entry) State {
	before := s.Decision
	s.Earlier = with(s.Earlier, s.DecisionHash)
	s.Decision, s.DecisionHash, s.DecisionNote, s.DecidedBy = &ev.Decision, ev.Hash, ev.Note, e.By.ID
	s.Reopened, s.Dispatched, s.DispatchedOn = "", false, 0
	if ev.Decision.Quote != s.QuoteHash {
		s.Accepted, s.AcceptedBy, s.Changes = false, "", nil
		s.Quote, s.QuoteHash = nil, ""
		if ev.Decision.Quote != "" {
			s.Quote, s.QuoteHash = &ev.Quote, ev.Decision.Quote
		}
	}
	if before == nil || !sameForbehall(before.Forbehall, ev.Decision.Forbehall) {
		s.Bound = nil
	}
	if before != nil && s.Population != nil && !sameFile(before.Scope.Persons, ev.Decision.Scope.Persons, s.Population.Persons) {
		s.Population = nil // another file is due; the first is held until the purge
	}
	if !s.Released {
		s.Spec, s.SpecHash, s.SpecNote, s.ExtractedBy, s.Extracted = nil, "", "", "", nil
	}
	return s
}

// sameFile reports whether a population file that was taken in for a is what b
// expects: the same kind and columns, no more persons, and nobody protected or
// trading alone whom b leaves out.
func sameFile(a, b plan.Persons, persons int) bool {
	if a.Organisations() != b.Organisations() || a.Traders != b.Traders && b.Traders != "include" {
		return false
	}
	return a.Source == b.Source && a.Holder == b.Holder && a.ID == b.ID && a.Serial == b.Serial && slices.Equal(a.Columns, b.Columns) && persons <= b.Max &&
		(a.Protected == b.Protected || b.Protected == "include")
}

func sameForbehall(a, b *Forbehall) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Text == b.Text && slices.Equal(a.Names, b.Names)
}

var rulingCommands = []Command{
	ReturnReview{},
	RegisterAppeal{},
	ForwardAppeal{},
	DismissAppeal{},
	SettleAppeal{},
	Reopen{},
	Redecide{},
}

// ReturnReview sends the review back to the rapporteur with questions.
type ReturnReview struct{ Text string }

// Name returns return_review.
func (ReturnReview) Name() string { return "return_review" }

// Roles that may send it back.
func (ReturnReview) Roles() []Role { return []Role{RoleDecider} }

// Decide refuses when no review waits for a decision, and without questions.
func (c ReturnReview) Decide(s State, _ Context) ([]Event, error) {
	switch {
	case !s.Reviewed || s.Decision != nil && s.Reopened == "":
		return nil, wrongState("no_review", "Ingen prövning väntar på beslut.", "No review waits for a decision.")
	case c.Text == "":
		return nil, input("return_review", "Skriv vad som behöver utredas.", "Write what needs to be looked into.")
	}
	return []Event{&ReviewReturned{c.Text}}, nil
}

// AppealGuide is where and until when the case's decision, or its dismissal,
// is appealed; ok is false when it cannot be. served is the day the party got
// it: with nothing better known the day of the dispatch. Service can only be
// later, so that an appeal within the time is never taken for late; whether
// one that looks late really is, the decision maker says.
func (s State) AppealGuide(a *Authority, served day.Day) (guide review.Guide, ok bool) {
	kind, decided := review.Refusal, served
	if s.Decision != nil && s.Ended != PhaseDismissed {
		decided = s.Decision.Date
		switch s.Decision.Outcome() {
		case plan.OutcomePartly:
			kind = review.Partial
		case plan.OutcomeDisclose:
			kind = review.Forbehall
		}
	}
	return review.AppealGuide(a.appeals(), kind, s.Application.Principal.Kind, decided, &served)
}

// appealable reports whether the case has something that can be appealed.
func (s State) appealable() bool {
	if s.Ended == PhaseDismissed {
		return true
	}
	return s.Dispatched && s.Decision != nil && (s.Decision.Outcome() != plan.OutcomeDisclose || s.Decision.Forbehall != nil)
}

// RegisterAppeal takes an appeal in.
type RegisterAppeal struct {
	On day.Day // arrived; 0 = today
	Behalf
}

// Name returns appeal.
func (RegisterAppeal) Name() string { return "appeal" }

// Roles that may appeal, or register that it came.
func (RegisterAppeal) Roles() []Role {
	return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar}
}

// Decide refuses when nothing can be appealed or an appeal waits already.
func (c RegisterAppeal) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	on := ctx.Day()
	if c.On != 0 && ctx.By.Role == RoleRegistrar {
		on = c.On
	}
	switch {
	case !s.appealable():
		return nil, refuse("not_appealable", 0, lawAppeal, "Det finns inget att överklaga: inget är avslaget och inget förbehåll är satt.", "There is nothing to appeal: nothing has been refused and no restriction set.")
	case slices.ContainsFunc(s.Appeals, func(a Appeal) bool { return !a.Settled }):
		return nil, wrongState("appeal_open", "Ett överklagande är redan under behandling.", "An appeal is being dealt with already.")
	case on > ctx.Day():
		return nil, input("arrival_day", "Ankomstdagen ligger i framtiden.", "The day of arrival lies in the future.")
	}
	served := s.DispatchedOn
	if s.Ended == PhaseDismissed {
		served = s.DismissedOn
	}
	guide, ok := s.AppealGuide(ctx.Authority, served)
	if !ok {
		return nil, refuse("no_forum", 0, lawAppeal, "Det finns ingen regel för var den här parten överklagar det här beslutet.", "There is no rule for where this party appeals this decision.")
	}
	return []Event{&Appealed{
		ID: len(s.Appeals) + 1, Against: s.DecisionHash, On: on, LastDay: guide.Last, InTime: on <= guide.Last, Forum: guide.Forum, Mail: c.Mail,
	}}, nil
}

func (RegisterAppeal) endures() bool { return true }

// ForwardAppeal hands appeal and file to the forum.
type ForwardAppeal struct{ ID int }

// Name returns forward_appeal.
func (ForwardAppeal) Name() string { return "forward_appeal" }

// Roles that may forward.
func (ForwardAppeal) Roles() []Role { return []Role{RoleHandler, RoleRegistrar} }

// Decide refuses when no such appeal waits here, or it came too late.
func (c ForwardAppeal) Decide(s State, _ Context) ([]Event, error) {
	for _, a := range s.Appeals {
		if a.ID == c.ID && !a.Forwarded && !a.Settled {
			if !a.InTime {
				return nil, refuse("appeal_late", 0, lawAppeal, "Överklagandet kom för sent: pröva om det ska avvisas.", "The appeal came too late: consider dismissing it.")
			}
			return []Event{&AppealForwarded{c.ID}}, nil
		}
	}
	return nil, wrongState("no_appeal", "Inget sådant överklagande finns här.", "No such appeal is here.")
}

func (ForwardAppeal) endures() bool { return true }

// DismissAppeal dismisses an appeal that came too late.
type DismissAppeal struct {
	ID     int
	Reason catalog.Text
}

// Name returns dismiss_appeal.
func (DismissAppeal) Name() string { return "dismiss_appeal" }

// Roles that may dismiss it.
func (DismissAppeal) Roles() []Role { return []Role{RoleDecider} }

// Decide refuses for an appeal in time, and without reasons.
func (c DismissAppeal) Decide(s State, _ Context) ([]Event, error) {
	for _, a := range s.Appeals {
		if a.ID != c.ID || a.Forwarded || a.Settled {
			continue
		}
		if a.InTime {
			return nil, refuse("appeal_in_time", 0, "förvaltningslagen (2017:900) 45–46 §§", "Överklagandet kom i rätt tid och ska överlämnas.", "The appeal came in time and must be handed over.")
		}
		if c.Reason.SV == "" {
			return nil, refuse("reasons", 0, "förvaltningslagen (2017:900) 32 §", "Ett avvisande kräver skäl.", "A dismissal needs reasons.")
		}
		return []Event{&AppealDismissed{c.ID, c.Reason}}, nil
	}
	return nil, wrongState("no_appeal", "Inget sådant överklagande finns här.", "No such appeal is here.")
}

func (DismissAppeal) endures() bool { return true }

// SettleAppeal notes what the forum decided.
type SettleAppeal struct {
	ID        int
	Outcome   string
	Reference string
}

// Name returns settle_appeal.
func (SettleAppeal) Name() string { return "settle_appeal" }

// Roles that may note it.
func (SettleAppeal) Roles() []Role { return []Role{RoleRegistrar, RoleHandler} }

// Decide refuses for an appeal that is not with the forum.
func (c SettleAppeal) Decide(s State, _ Context) ([]Event, error) {
	if !slices.Contains([]string{"upheld", "changed", "returned"}, c.Outcome) || c.Reference == "" {
		return nil, input("appeal_outcome", "Ange utgången (upheld, changed eller returned) och målets nummer.", "Give the outcome (upheld, changed or returned) and the number of the ruling.")
	}
	if !slices.ContainsFunc(s.Appeals, func(a Appeal) bool { return a.ID == c.ID && a.Forwarded && !a.Settled }) {
		return nil, wrongState("no_appeal", "Inget sådant överklagande är överlämnat.", "No such appeal has been handed over.")
	}
	return []Event{&AppealSettled{c.ID, c.Outcome, c.Reference}}, nil
}

func (SettleAppeal) endures() bool { return true }

// Reopen takes a decided case up for a new decision.
type Reopen struct{ Kind, Ground string }

// Name returns reopen.
func (Reopen) Name() string { return "reopen" }

// Roles that may reopen.
func (Reopen) Roles() []Role { return []Role{RoleDecider} }

// Decide refuses before a decision has been dispatched, while the vault
// extracts and while a delivery is on its way; a change of what is disclosed
// after the release, and once an appeal has been handed over (FL 39 §); and a
// case after an appeal that the forum has not sent back.
func (c Reopen) Decide(s State, _ Context) ([]Event, error) {
	if s.Decision == nil || !s.Dispatched {
		return nil, wrongState("not_decided", "Inget beslut är expedierat.", "No decision has been dispatched.")
	}
	if s.Reopened != "" {
		return nil, wrongState("reopened_twice", "Ärendet är redan upptaget till nytt beslut.", "The case is open for a new decision already.")
	}
	if c.Ground == "" {
		return nil, refuse("reopen_ground", 0, lawReconsider, "Ange grunden för att ta upp ärendet igen.", "State the ground for taking the case up again.")
	}
	if s.Running {
		return nil, wrongState("extraction_running", "Ett uttag pågår redan.", "An extraction is running already.")
	}
	if s.Replacing || s.Resealing != nil || s.Released && s.Delivery == nil {
		return nil, wrongState("reopen_on_its_way", "Leveransen är på väg: invänta den.", "The delivery is on its way: wait for it.")
	}
	open := slices.ContainsFunc(s.Appeals, func(a Appeal) bool { return a.Forwarded && !a.Settled })
	switch c.Kind {
	case KindCorrection:
		return []Event{&Reopened{c.Kind, c.Ground}}, nil
	case KindAfterAppeal:
		if !slices.ContainsFunc(s.Appeals, func(a Appeal) bool { return a.Outcome == "changed" || a.Outcome == "returned" }) {
			return nil, refuse("no_outcome", 0, lawAppeal, "Överinstansen har inte ändrat eller återförvisat beslutet.", "The forum has not changed the decision or sent it back.")
		}
	case KindReconsideration:
		if open {
			return nil, refuse("appeal_forwarded", 0, "förvaltningslagen (2017:900) 39 §", "Beslutet är överklagat och överlämnat: det får inte ändras här.", "The decision has been appealed and handed over: it may not be changed here.")
		}
	default:
		return nil, input("reopen_kind", "Ange correction, reconsideration eller after_appeal.", "Give correction, reconsideration or after_appeal.")
	}
	if s.Released || s.Delivery != nil {
		return nil, wrongState("reopen_released", "Uppgifterna är frisläppta: en ändring är en ny beställning.", "The data have been released: a change is another order.")
	}
	return []Event{&Reopened{c.Kind, c.Ground}}, nil
}

// Redecide takes the signed new decision, which names the one it replaces.
type Redecide struct {
	Decision Decision
	Note     string
	Quote    *quote.Quote
}

// Name returns redecide.
func (Redecide) Name() string { return "redecide" }

// Roles that may decide.
func (Redecide) Roles() []Role { return []Role{RoleDecider} }

// Decide makes the same demands as on the first decision, and refuses a
// correction that changes what is let out, to whom, for how much or under
// which restriction.
func (c Redecide) Decide(s State, ctx Context) ([]Event, error) {
	d := c.Decision
	switch {
	case s.Reopened == "":
		return nil, wrongState("not_reopened", "Ärendet är inte upptaget till nytt beslut.", "The case is not open for a new decision.")
	case d.Kind != s.Reopened || d.Replaces != s.DecisionHash || d.Version != s.Decision.Version+1:
		return nil, refuse("redecision_identity", 8, lawReconsider, "Det nya beslutet ska ange slag, vilket beslut det ersätter och nästa versionsnummer.", "The new decision must state its kind, the decision it replaces and the next version number.")
	}
	if s.Reopened == KindCorrection {
		if d.ScopeHash != s.Decision.ScopeHash || d.Quote != s.Decision.Quote || !sameForbehall(d.Forbehall, s.Decision.Forbehall) ||
			d.RetentionMonths != s.Decision.RetentionMonths || c.Quote != nil {
			return nil, refuse("correction_changes", 8, lawCorrect, "En rättelse ändrar bara uppenbara skrivfel, inte vad som lämnas ut.", "A correction only mends obvious slips, not what is disclosed.")
		}
		h, err := ruling(d, s, ctx)
		if err != nil {
			return nil, err
		}
		return []Event{&Redecided{Decision: d, Hash: h, Note: c.Note}}, nil
	}
	h, err := made(RecordDecision{d, c.Note, c.Quote}, s, ctx)
	if err != nil {
		return nil, err
	}
	ev := &Redecided{Decision: d, Hash: h, Note: c.Note}
	if c.Quote != nil {
		ev.Quote = *c.Quote
	}
	return []Event{ev}, nil
}

var rulingStory = map[string]Line{
	"review_returned":  told("Prövningen gick tillbaka till föredraganden", "The review went back to the rapporteur", "", "", "förvaltningslagen 23 §"),
	"appealed":         told("Beslutet överklagades", "The decision was appealed", "tre veckor från expedieringen", "three weeks from the dispatch", "OSL 6 kap. 7–8 §§; förvaltningslagen 43–44 §§"),
	"appeal_forwarded": told("Överklagandet överlämnades", "The appeal was handed over", "det kom i rätt tid", "it came in time", "förvaltningslagen 46 §"),
	"appeal_dismissed": told("Överklagandet avvisades", "The appeal was dismissed", "det kom för sent", "it came too late", "förvaltningslagen 45 §"),
	"appeal_settled":   told("Överinstansen avgjorde överklagandet", "The forum settled the appeal", "", "", "OSL 6 kap. 7–8 §§"),
	"reopened":         told("Ärendet togs upp till nytt beslut", "The case was taken up for a new decision", "inget är frisläppt, och inget överklagande är överlämnat", "nothing has been released, and no appeal handed over", "förvaltningslagen 36–39 §§"),
	"redecided":        told("Ett nytt beslut fattades", "A new decision was made", "det anger vilket beslut det ersätter; samma krav som på det första", "it names the decision it replaces; the same demands as on the first", "förvaltningslagen 31–33, 36–39 §§; OSL 24 kap. 8 §"),
}
