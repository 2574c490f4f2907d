package order

import (
	"slices"
	"strings"

	"sluss/internal/day"
)

// A delivery that went wrong, to somebody else than meant, with something else
// than decided, or on a medium that is lost, is recalled: nothing of it can be
// fetched any more, recipient and principal are told at once what to do, and the
// case keeps the incident with its cause, its effects and what was done about
// it. Within 72 hours the authority reports it to the supervisory authority, or
// writes why it need not.

const lawIncident = "dataskyddsförordningen (EU) 2016/679 artikel 33"

// IncidentKinds are why a delivery is recalled.
var IncidentKinds = []string{"wrong_recipient", "wrong_content", "lost", KeyExposed}

// KeyExposed: somebody else may have seen the recipient's secret key. The
// delivery opens again when it has been sealed to another.
const KeyExposed = "key_exposed"

// IncidentOutcomes are what an incident came to.
var IncidentOutcomes = []string{"destroyed", "returned", "unopened", "not_recovered", "no_incident"}

// What happens to the delivery when an incident has been settled.
const (
	ThenResume  = "resume"  // it can be fetched again, or another stick is posted
	ThenReplace = "replace" // it is made again, as the same disclosure
	ThenNothing = "nothing" // it stays shut until it is purged
)

// Thens are what can happen to the delivery afterwards.
var Thens = []string{ThenResume, ThenReplace, ThenNothing}

type (
	// DeliveryRecalled: the delivery must not be used.
	DeliveryRecalled struct {
		ID   int     `json:"id"`
		Kind string  `json:"kind"`
		Text string  `json:"text"` // what has happened, without personal data
		On   day.Day `json:"on"`
		// ReportBy is the last day on which 72 hours can have passed.
		ReportBy day.Day `json:"report_by"`
	}
	// RecallAnswered: the recipient tells what became of their copies.
	RecallAnswered struct {
		ID        int    `json:"id"`
		Opened    bool   `json:"opened"`
		Destroyed bool   `json:"destroyed"` // every copy
		Text      string `json:"text,omitempty"`
		Mail      int    `json:"mail,omitempty"`
	}
	// IncidentSettled: what it came to, and whether it was reported.
	IncidentSettled struct {
		ID        int    `json:"id"`
		Outcome   string `json:"outcome"`
		Reported  bool   `json:"reported"`            // to the supervisory authority
		Reference string `json:"reference,omitempty"` // its number there
		Text      string `json:"text"`                // effects, what was done, and why it was not reported
		Then      string `json:"then"`
	}
)

var recallEvents = map[string]func() Event{
	"delivery_recalled": func() Event { return &DeliveryRecalled{} },
	"recall_answered":   func() Event { return &RecallAnswered{} },
	"incident_settled":  func() Event { return &IncidentSettled{} },
}

func (*DeliveryRecalled) Type() string { return "delivery_recalled" }
func (*RecallAnswered) Type() string   { return "recall_answered" }
func (*IncidentSettled) Type() string  { return "incident_settled" }

// Incident is a delivery that went wrong.
type Incident struct {
	ID       int
	Kind     string
	On       day.Day
	ReportBy day.Day
	Answered bool
	Settled  bool
}

func (ev *DeliveryRecalled) apply(s State, _ Entry) State {
	s.Incidents = with(s.Incidents, Incident{ID: ev.ID, Kind: ev.Kind, On: ev.On, ReportBy: ev.ReportBy})
	s.Recalled, s.Receipt = true, false
	if ev.Kind == StickLost {
		return s.stickFate(StickLost)
	}
	return s.stickFate(StickRecalled)
}

func (ev *RecallAnswered) apply(s State, _ Entry) State {
	s.Incidents = changed(s.Incidents, func(i Incident) bool { return i.ID == ev.ID }, func(i *Incident) { i.Answered = true })
	return s
}

func (ev *IncidentSettled) apply(s State, _ Entry) State {
	s.Incidents = changed(s.Incidents, func(i Incident) bool { return i.ID == ev.ID }, func(i *Incident) { i.Settled = true })
	switch ev.Then {
	case ThenResume:
		s.Recalled = false
	case ThenReplace:
		s.Replacing = true
	}
	return s
}

// OpenIncident is the incident that is looked into, nil when there is none.
func (s State) OpenIncident() *Incident {
	for i := range s.Incidents {
		if !s.Incidents[i].Settled {
			return &s.Incidents[i]
		}
	}
	return nil
}

// recalledNow refuses what a recalled delivery is not for.
func (s State) recalledNow() error {
	if !s.Recalled {
		return nil
	}
	return refuse("recalled", 3, lawIncident, "Leveransen är återkallad: den får varken hämtas eller användas.", "The delivery has been recalled: it may neither be fetched nor used.")
}

// Fetchable refuses where there is no parcel for the recipient to fetch, or none
// any more. The purge date is looked at by whoever hands the parcel out.
func (s State) Fetchable() error {
	if s.Delivery == nil {
		return wrongState("not_delivered", "Inget är levererat.", "Nothing has been delivered.")
	}
	return s.recalledNow()
}

// Recall takes a delivery back.
type Recall struct {
	Kind string
	Text string
}

// Name returns recall.
func (Recall) Name() string { return "recall" }

// Roles that may: whoever finds out first.
func (Recall) Roles() []Role {
	return []Role{RoleHandler, RoleRegistrar, RoleReleaser, RoleStatistician}
}

// Decide refuses before a delivery, after the purge, twice, and without saying
// what has happened.
func (c Recall) Decide(s State, ctx Context) ([]Event, error) {
	switch {
	case s.Delivery == nil:
		return nil, wrongState("not_delivered", "Inget är levererat.", "Nothing has been delivered.")
	case s.Recalled:
		return nil, wrongState("recalled_twice", "Leveransen är redan återkallad.", "The delivery has been recalled already.")
	case !slices.Contains(IncidentKinds, c.Kind) || strings.TrimSpace(c.Text) == "":
		return nil, input("recall", "Ange vad som har gått fel och beskriv det utan personuppgifter.", "Say what has gone wrong, and describe it without personal data.")
	}
	return []Event{&DeliveryRecalled{ID: len(s.Incidents) + 1, Kind: c.Kind, Text: strings.TrimSpace(c.Text), On: ctx.Day(), ReportBy: ctx.Day() + 3}}, nil
}

func (Recall) endures() bool { return true } // what has been purged here may still lie with somebody

// AnswerRecall tells what became of the copies of a recalled delivery.
type AnswerRecall struct {
	Opened    bool
	Destroyed bool
	Text      string
	Behalf
}

// Name returns answer_recall.
func (AnswerRecall) Name() string { return "answer_recall" }

// Roles that may.
func (AnswerRecall) Roles() []Role { return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar} }

// Decide refuses when nothing is asked, and copies that are kept without a word.
func (c AnswerRecall) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	i := s.OpenIncident()
	if i == nil {
		return nil, wrongState("no_incident", "Ingen återkallelse väntar på svar.", "No recall waits for an answer.")
	}
	if !c.Destroyed && strings.TrimSpace(c.Text) == "" {
		return nil, input("recall_answer", "Skriv var kopiorna finns, om de inte är förstörda.", "Write where the copies are, if they have not been destroyed.")
	}
	return []Event{&RecallAnswered{ID: i.ID, Opened: c.Opened, Destroyed: c.Destroyed, Text: c.Text, Mail: c.Mail}}, nil
}

func (AnswerRecall) endures() bool { return true }

// SettleIncident says what an incident came to.
type SettleIncident struct {
	Outcome   string
	Reported  bool
	Reference string
	Text      string
	Then      string
}

// Name returns settle_incident.
func (SettleIncident) Name() string { return "settle_incident" }

// Roles that may.
func (SettleIncident) Roles() []Role { return []Role{RoleHandler, RoleRegistrar} }

// Decide refuses without an open incident, without what article 33 wants to be
// kept, and a delivery that goes on though something was wrong with it.
func (c SettleIncident) Decide(s State, ctx Context) ([]Event, error) {
	i := s.OpenIncident()
	switch {
	case i == nil:
		return nil, wrongState("no_incident", "Ingen återkallelse utreds.", "No recall is being looked into.")
	case !slices.Contains(IncidentOutcomes, c.Outcome) || !slices.Contains(Thens, c.Then):
		return nil, input("incident_outcome", "Ange vad det blev av leveransen och vad som händer nu.", "Say what became of the delivery, and what happens now.")
	case strings.TrimSpace(c.Text) == "":
		return nil, refuse("incident_text", 0, lawIncident+".5", "Skriv följder, åtgärder och, om incidenten inte är anmäld, varför.", "Write effects, what was done and, if the incident has not been reported, why.")
	case c.Reported && strings.TrimSpace(c.Reference) == "":
		return nil, input("incident_reference", "Ange anmälans nummer hos tillsynsmyndigheten.", "Give the number of the report at the supervisory authority.")
	case c.Then == ThenResume && c.Outcome != "no_incident" && !s.another():
		return nil, refuse("incident_resume", 3, lawIncident, "Leveransen kan hämtas igen bara om inget var fel.", "The delivery can be fetched again only if nothing was wrong.")
	case c.Then == ThenReplace && (s.PurgeOpen || s.Purged || ctx.Day() >= s.Delivery.PurgeOn):
		return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case c.Then == ThenReplace && (s.Replacing || s.Resealing != nil || s.AwaitsReseal()):
		return nil, wrongState("replacing", "Leveransen görs redan om eller förseglas på nytt.", "The delivery is being made again or sealed again already.")
	}
	return []Event{&IncidentSettled{ID: i.ID, Outcome: c.Outcome, Reported: c.Reported, Reference: strings.TrimSpace(c.Reference), Text: strings.TrimSpace(c.Text), Then: c.Then}}, nil
}

func (SettleIncident) endures() bool { return true }

var recallCommands = []Command{Recall{}, AnswerRecall{}, SettleIncident{}}

var recallStory = map[string]Line{
	"delivery_recalled": told("Leveransen återkallades", "The delivery was recalled", "den får varken hämtas eller användas", "it may neither be fetched nor used", "dataskyddsförordningen art. 33"),
	"recall_answered":   told("Mottagaren svarade på återkallelsen", "The recipient answered the recall", "", "", "dataskyddsförordningen art. 33"),
	"incident_settled":  told("Incidenten utreddes", "The incident was looked into", "följder, åtgärder, och anmälan eller varför ingen görs", "effects, what was done, and the report or why there is none", "dataskyddsförordningen art. 33"),
}
