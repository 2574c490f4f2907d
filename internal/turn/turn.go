// Package turn answers, of every case at every moment: where is it, whose turn
// is it, by when, and what do I do now.
//
// The answer follows from the state of the order and its clocks alone, so that
// page, interface and mail say the same. To those outside the authority
// nothing is told before it is announced: review, decision and what is decided
// but not dispatched are all "with us".
//
// The package is pure.
package turn

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/order"
)

// Whose turn it is.
type Whose string

// Whose it can be.
const (
	You    Whose = "you"    // the reader, in the role in which they read
	Us     Whose = "us"     // the authority
	Party  Whose = "party"  // orderer or representative, when the reader is somebody else
	Other  Whose = "other"  // the population's supplier, a court
	Nobody Whose = "nobody" // only time is waited for
	Over   Whose = "over"   // nothing is: the case is over
)

// Turn is the answer.
type Turn struct {
	Where catalog.Text
	Whose Whose
	// Role is who acts next; "" when only time is waited for.
	Role order.Role
	// By is the last day, when HasBy; Late when it has passed.
	By    day.Day
	HasBy bool
	Late  bool
	Do    catalog.Text // what the reader does now, or that nothing is needed
}

// step is what a phase waits for.
type step struct {
	where catalog.Text
	role  order.Role // who acts; "" = nobody
	clock string     // whose due day is told; "" = none
	do    catalog.Text
	over  bool
}

func text(sv, en string) catalog.Text { return catalog.Text{SV: sv, EN: en} }

var nothing = text("Du behöver inte göra något nu.", "You need not do anything now.")

// Of returns the turn as somebody in the role reads it on the day.
func Of(s order.State, a *order.Authority, today day.Day, reader order.Role) Turn {
	st := next(s, order.Outside(reader))
	t := Turn{Where: st.where, Role: st.role, Do: nothing}
	switch {
	case st.over:
		t.Whose = Over
	case st.role == "":
		t.Whose = Nobody
	case acts(reader, st.role):
		t.Whose, t.Do = You, st.do
	case order.Outside(st.role):
		t.Whose = Party
		if st.role == order.RoleSupplier {
			t.Whose = Other
		}
	default:
		t.Whose = Us
	}
	if st.clock == "" {
		return t
	}
	for _, r := range order.Clocks(s, a, today) {
		open := r.Status == clock.Running || r.Status == clock.Paused || r.Status == clock.Late && !r.HasDone
		if r.ID == st.clock && open {
			t.By, t.HasBy, t.Late = r.Due, true, today > r.Due
		}
	}
	return t
}

// acts reports whether somebody in the role is who is waited for: orderer and
// representative answer for each other where both may, and staff see what
// their own role is to do.
func acts(reader, wanted order.Role) bool {
	if wanted == order.RoleOrderer {
		return slices.Contains([]order.Role{order.RoleOrderer, order.RoleRepresentative}, reader)
	}
	return reader == wanted
}

// next is what the case waits for. outside hides what has not been announced.
func next(s order.State, outside bool) step {
	if s.Ended == "" {
		if st, ok := ahead(s, outside); ok {
			return st
		}
	}
	return over(s)
}

// ahead is the step of a case that goes on.
func ahead(s order.State, outside bool) (step, bool) {
	phase := s.Phase()
	if outside && !s.Announced && slices.Contains(hidden, phase) {
		phase = order.PhaseReview
	}
	switch phase {
	case order.PhaseDecided:
		return decided(s, outside), true
	case order.PhasePopulation:
		return population(s), true
	case order.PhaseExtraction:
		if s.Running {
			return step{text("Hos oss: uttaget görs.", "With us: the extraction is being made."), order.RoleEngine, "delivery", text("", ""), false}, true
		}
	case order.PhaseRelease:
		if s.Released {
			return step{text("Hos oss: leveransen är på väg.", "With us: the delivery is on its way."), order.RoleEngine, "delivery", text("", ""), false}, true
		}
	case order.PhaseDelivered:
		return delivered(s), true
	case order.PhasePurge:
		if s.Purged {
			return step{text("Gallrad; fakturan återstår.", "Purged; the invoice remains."), order.RoleFinance, "invoice", text("Skicka fakturan.", "Send the invoice."), false}, true
		}
	case order.PhaseReceived:
		if s.Proposal != nil {
			return proposal, true
		}
		if s.Acknowledged {
			return step{text("Hos oss: vi går igenom beställningen.", "With us: we go through the order."), order.RoleHandler, "completeness", text("Kontrollera att allt finns: bekräfta eller begär komplettering.", "Check that everything is there: confirm or ask for supplements."), false}, true
		}
	case order.PhaseComplete:
		if s.Proposal != nil {
			return proposal, true
		}
	}
	st, ok := steps[phase]
	return st, ok
}

// hidden are the phases that those outside learn of with the dispatch.
var hidden = []order.Phase{order.PhaseDecision, order.PhaseDecided, order.PhasePopulation, order.PhaseExtraction}

var proposal = step{text("Hos beställaren: förslag på tabeller och variabler.", "With the orderer: proposed tables and variables."), order.RoleOrderer, "total", text("Läs förslaget och godta det, eller ställ en fråga.", "Read the proposal and accept it, or ask a question."), false}

var steps = map[order.Phase]step{
	order.PhaseNone:       {text("Utkast.", "Draft."), order.RoleOrderer, "", text("Fyll i och skicka beställningen.", "Fill in and send the order."), false},
	order.PhaseEnquiry:    {text("Hos oss: din fråga.", "With us: the question."), order.RoleHandler, "", text("Besvara frågan.", "Answer the question."), false},
	order.PhaseReceived:   {text("Hos oss: beställningen har kommit in.", "With us: the order has arrived."), order.RoleHandler, "acknowledge", text("Bekräfta att beställningen har kommit in.", "Confirm that the order has arrived."), false},
	order.PhaseSupplement: {text("Hos beställaren: komplettering.", "With the orderer: supplement."), order.RoleOrderer, "supplement", text("Komplettera de delar som är upplåsta.", "Supplement the parts that are unlocked."), false},
	order.PhaseComplete:   {text("Hos oss: vi skriver ett utkast till offert.", "With us: we write a draft quote."), order.RoleHandler, "total", text("Skriv ett utkast till offert.", "Write a draft quote."), false},
	order.PhaseDraft:      {text("Hos beställaren: utkast till offert.", "With the orderer: draft quote."), order.RoleOrderer, "draft_answer", text("Läs utkastet: godkänn det eller be om ett nytt.", "Read the draft: agree to it or ask for another."), false},
	order.PhaseReview:     {text("Hos oss: sekretessprövning.", "With us: confidentiality review."), order.RoleReviewer, "total", text("Gör sekretessprövningen.", "Make the confidentiality review."), false},
	order.PhaseDecision:   {text("Hos oss: inför beslut.", "With us: before the decision."), order.RoleDecider, "total", text("Besluta, eller lämna tillbaka prövningen.", "Decide, or send the review back."), false},
	order.PhaseExtraction: {text("Hos oss: uttaget förbereds.", "With us: the extraction is being prepared."), order.RoleStatistician, "delivery", text("Skriv specifikationen och beställ uttaget.", "Write the specification and order the extraction."), false},
	order.PhaseRelease:    {text("Hos oss: leveransen granskas av en andra person.", "With us: the delivery is reviewed by a second person."), order.RoleReleaser, "delivery", text("Granska och släpp leveransen.", "Review and release the delivery."), false},
	order.PhasePurge:      {text("Hos oss: gallring pågår.", "With us: the purge is under way."), order.RoleEngine, "purge", text("", ""), false},
}

func decided(s order.State, outside bool) step {
	switch {
	case !s.Dispatched && outside: // a later decision that has not been announced
		return steps[order.PhaseReview]
	case !s.Dispatched:
		return step{text("Hos oss: beslutet ska skickas.", "With us: the decision is to be sent."), order.RoleHandler, "total", text("Skicka beslut och offert.", "Send decision and quote."), false}
	}
	return step{text("Hos huvudmannens företrädare: beslut och offert.", "With the principal's representative: decision and quote."), order.RoleRepresentative, "acceptance", text("Läs beslutet och acceptera offerten.", "Read the decision and accept the quote."), false}
}

func population(s order.State) step {
	if s.Population != nil && !s.Population.Checked {
		return step{text("Hos oss: populationsfilen kontrolleras.", "With us: the population file is being checked."), order.RoleEngine, "delivery", text("", ""), false}
	}
	return step{text("Hos den som har populationsfilen.", "With whoever holds the population file."), order.RoleSupplier, "", text("Lämna populationsfilen.", "Hand the population file in."), false}
}

func delivered(s order.State) step {
	switch {
	case s.OpenIncident() != nil:
		return step{text("Hos oss: leveransen är återkallad.", "With us: the delivery has been recalled."), order.RoleHandler, "", text("Utred incidenten: följder, åtgärder och anmälan.", "Look into the incident: effects, what is done, and the report."), false}
	case s.Replacing || slices.ContainsFunc(s.Faults, func(f order.FaultReport) bool { return f.Outcome == "" }):
		return step{text("Hos oss: ett fel i leveransen utreds.", "With us: a fault in the delivery is looked into."), order.RoleStatistician, "", text("Utred felet, och gör om uttaget om leveransen ska ersättas.", "Look into the fault, and extract again if the delivery is to be replaced."), false}
	case s.Resealing != nil:
		return step{text("Hos oss: leveransen förseglas till den nya nyckeln.", "With us: the delivery is being sealed to the new key."), order.RoleEngine, "purge", text("", ""), false}
	case s.AwaitsReseal():
		return step{text("Hos oss: leveransen ska förseglas till den nya nyckeln.", "With us: the delivery is to be sealed to the new key."), order.RoleReleaser, "purge", text("Granska och försegla leveransen till den nya nyckeln.", "Check, and seal the delivery to the new key."), false}
	case s.KeyToConfirm():
		return step{text("Hos oss: mottagarens nya nyckel ska bekräftas.", "With us: the recipient's new key is to be confirmed."), order.RoleHandler, "purge", text("Ring mottagaren och jämför nyckelns fingeravtryck.", "Call the recipient and compare the key's fingerprint."), false}
	case s.Recalled:
		return step{text("Leveransen är återkallad.", "The delivery has been recalled."), "", "purge", text("", ""), false}
	case s.AwaitsPosting():
		return step{text("Hos oss: leveransen ska postas på ett minne.", "With us: the delivery is to be posted on a stick."), order.RoleRegistrar, "post", text("Skriv minnet, läs tillbaka det, och posta det rekommenderat.", "Write the stick, read it back, and post it as a registered letter."), false}
	case s.StickUnderway() != nil:
		return step{text("På väg: leveransen kommer med rekommenderad post.", "On its way: the delivery comes by registered post."), order.RoleOrderer, "stick", text("Hämta ut brevet, kontrollera paketet på minnet och bekräfta att du har tagit emot det.", "Collect the letter, check the parcel on the stick and confirm that you have received it."), false}
	case !s.Receipt:
		return step{text("Levererad: paketet kan hämtas.", "Delivered: the parcel can be fetched."), order.RoleOrderer, "purge", text("Hämta paketet, kontrollera det och bekräfta att du har tagit emot det.", "Fetch the parcel, check it and confirm that you have received it."), false}
	case s.Invoice == nil && s.Quote != nil && s.Quote.NoFee == nil && s.Quote.NetOre > 0:
		return step{text("Levererad och mottagen; fakturan återstår.", "Delivered and received; the invoice remains."), order.RoleFinance, "invoice", text("Skicka fakturan.", "Send the invoice."), false}
	}
	return step{text("Levererad och mottagen.", "Delivered and received."), "", "purge", text("", ""), false}
}

// over is the step of a case that has ended.
func over(s order.State) step {
	if slices.ContainsFunc(s.Appeals, func(a order.Appeal) bool { return !a.Settled && a.Forwarded }) {
		return step{text("Överklagandet ligger hos överinstansen.", "The appeal is with the higher instance."), "", "", text("", ""), false}
	}
	if slices.ContainsFunc(s.Appeals, func(a order.Appeal) bool { return !a.Settled }) {
		return step{text("Hos oss: ett överklagande.", "With us: an appeal."), order.RoleHandler, "", text("Pröva om överklagandet kom i rätt tid och lämna det vidare.", "Test whether the appeal came in time, and hand it over."), false}
	}
	where := map[order.Phase]catalog.Text{
		order.PhaseRefused:   text("Avslagen.", "Refused."),
		order.PhaseDismissed: text("Avvisad.", "Dismissed."),
		order.PhaseWithdrawn: text("Återkallad.", "Withdrawn."),
		order.PhaseAnswered:  text("Besvarad.", "Answered."),
		order.PhaseExpired:   text("Beslutets tid gick ut.", "The decision ran out."),
		order.PhaseClosed:    text("Avslutad och gallrad.", "Closed and purged."),
		order.PhasePurge:     text("Avslutad; filerna gallras.", "Ended; the files are being purged."),
	}
	w, ok := where[s.Phase()]
	if !ok {
		w = where[order.PhaseClosed]
	}
	return step{w, "", "", text("", ""), true}
}
