package order

import (
	"slices"
	"time"

	"sluss/internal/canon"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
	"sluss/internal/swede"
)

// Phase is where an order is, in the words of its canal.
type Phase string

// Phases in the order they are passed, and after them those that end a case
// early or are not on the way.
const (
	PhaseNone       Phase = "none"
	PhaseReceived   Phase = "received"
	PhaseSupplement Phase = "supplement"
	PhaseComplete   Phase = "complete"
	PhaseDraft      Phase = "draft_quote"
	PhaseReview     Phase = "review"
	PhaseDecision   Phase = "decision"   // reviewed, waits for the decision
	PhaseDecided    Phase = "decided"    // waits for dispatch and acceptance
	PhasePopulation Phase = "population" // waits for the file or its check
	PhaseExtraction Phase = "extraction"
	PhaseRelease    Phase = "release"
	PhaseDelivered  Phase = "delivered"
	PhasePurge      Phase = "purge"
	PhaseClosed     Phase = "closed"
	PhaseRefused    Phase = "refused"
	PhaseDismissed  Phase = "dismissed"
	PhaseWithdrawn  Phase = "withdrawn"
	PhaseEnquiry    Phase = "enquiry"  // a question before there is an order
	PhaseAnswered   Phase = "answered" // and its end
	PhaseExpired    Phase = "expired"  // the decision ran out before a release
)

// Phases is every phase.
var Phases = []Phase{
	PhaseNone, PhaseReceived, PhaseSupplement, PhaseComplete, PhaseDraft, PhaseReview, PhaseDecision, PhaseDecided, PhasePopulation, PhaseExtraction,
	PhaseRelease, PhaseDelivered, PhasePurge, PhaseClosed, PhaseRefused, PhaseDismissed, PhaseWithdrawn, PhaseEnquiry, PhaseAnswered, PhaseExpired,
}

// State is what the rules need to know about an order. It is never stored;
// [Fold] makes it from the log.
type State struct {
	ID      string
	Version int // of the last entry

	Application intake.Application
	AppHash     canon.Hash
	Aside       []intake.Moved // answers of an older form that today's does not ask for
	ReceivedOn  day.Day
	LastItemOn  day.Day // when the latest version of the application came
	Submitted   bool

	Acknowledged bool
	Supplements  []Supplement
	CompleteOn   day.Day
	Complete     bool

	Draft       *quote.Quote // latest draft
	DraftHash   canon.Hash
	DraftOpen   bool // sent and not answered
	AgreedDraft canon.Hash

	Reviewed   bool
	ReviewedBy string
	Worksheet  []review.Answer // nil for a short review
	Proposed   *plan.Scope     // what the review leads to

	Decision     *Decision
	DecisionHash canon.Hash
	DecisionNote string
	DecidedBy    string
	Quote        *quote.Quote
	QuoteHash    canon.Hash
	Dispatched   bool
	Accepted     bool
	AcceptedAt   time.Time
	AcceptedBy   string
	Bound        map[string]bool // researchers who have acknowledged the förbehåll

	Early      []Early
	Population *PopulationState
	Arrivals   int  // media so far, early ones too
	TookIn     bool // a population file has been received

	Spec        *plan.Spec
	SpecHash    canon.Hash
	SpecNote    string
	ExtractedBy string
	Running     bool
	RunFailed   bool // the last extraction did, and none has been ordered since
	Extracted   *Extracted
	Released    bool
	ReleaseNote string
	ReleasedBy  string
	ReleasedWhy string // where the disclosure report was red

	Delivery  *Delivered
	Receipt   bool
	Invoice   *Invoiced // the last one; nil where it has been taken back and another follows
	Credits   []Credit
	PurgeOpen bool
	Purged    bool
	Protocol  string
	// RecipientKey is the key that the recipient has registered, nil before.
	RecipientKey *RecipientKey
	// Resealing is the new sealing that the vault has been asked for, SealedTo
	// the key that took the place of the decision's ("": none has).
	Resealing  *ResealOrdered
	ResealNote string
	ResealedBy string
	SealedTo   string
	// RouteChosen is how the parcel shall travel ("": nobody has said), to which
	// Environment where one fetches it, and RouteSettled that the house has chosen;
	// see [State.Route].
	RouteChosen  string
	Environment  string
	RouteSettled bool
	Sticks       []Stick
	PostAgain    bool // another stick has been asked for
	StickDue     int  // version since which a stick is to be posted, 0 = none is
	// Incidents are deliveries that went wrong; Recalled: this one may neither be
	// fetched nor used.
	Incidents []Incident
	Recalled  bool
	Ended     Phase // refused, dismissed, withdrawn, answered, expired or ""

	// Dialogue.
	Enquiry   bool
	Questions []Question
	Proposal  *Proposal
	// Withheld is what the public register leaves out of the case.
	Withheld Withheld
	// Addresses are where mail goes instead of where the application says.
	Addresses []MailAddress
	// Documents.
	Documents []Document
	Requests  []DocumentRequest
	// SealedAway are attachments that held too many identity numbers.
	SealedAway []SealedFile
	// Desk.
	Assignments []Assignment
	Conflicts   []string
	Protected   bool
	// Money.
	Hours   []quote.Hours
	Changes []Change
	// Rulings.
	DispatchedOn day.Day
	Announced    bool         // a decision has been dispatched, this one or an earlier
	Earlier      []canon.Hash // decisions that have been replaced
	Appeals      []Appeal
	DismissedOn  day.Day
	Reopened     string
	// Time.
	Promised      *DatePromised
	DelayToldOn   day.Day
	RulingAsked   bool
	RulingDue     day.Day
	Warned        []Warning
	KeyRemindedOn day.Day
	// Kin.
	Parent    *Parent
	Children  []Parent
	Faults    []FaultReport
	Replacing bool
	Granted   day.Day
	// The call for a population.
	Call *Call
	// Marks are what the clocks go by, oldest first.
	Marks []clock.Mark
}

// Supplement is one request for more.
type Supplement struct {
	ID       int
	Parts    []string
	Text     string
	Due      day.Day
	Form     int // whose questions the parts have; 0 = the application's own
	Answered bool
	Reminded bool
	TimedOut bool
}

// Early is a medium that came too early.
type Early struct {
	ID  int
	How string // returned, destroyed or "" while it waits
}

// PopulationState is the population file that counts.
type PopulationState struct {
	ID       int
	On       day.Day // arrived
	Blob     string
	SHA256   canon.Hash
	Checked  bool
	Accepted bool
	Intake   plan.Ref
	Persons  int
}

// Fold returns the state after all entries.
func Fold(id string, entries []Entry) State {
	s := State{ID: id}
	for _, e := range entries {
		s = Apply(s, e)
	}
	return s
}

// Apply returns s after e. It never fails: an event that is stored is true.
func Apply(s State, e Entry) State {
	before := s
	if m := marks(s, e); len(m) > 0 {
		s.Marks = append(s.Marks[:len(s.Marks):len(s.Marks)], m...)
	}
	s = applied(s, e).duePosting(e)
	if m := postMarks(before, s, e); len(m) > 0 {
		s.Marks = append(s.Marks[:len(s.Marks):len(s.Marks)], m...)
	}
	return s
}

func applied(s State, e Entry) State {
	s.Version = e.Version
	on := swede.CivilDay(e.At)
	switch ev := e.Event.(type) {
	case applier:
		return ev.apply(s, e)
	case *Submitted:
		on = arrived(ev.Arrival, e)
		s.Submitted, s.ReceivedOn, s.LastItemOn = true, on, on
		s.Application, s.AppHash, s.Parent, s.Aside = ev.Application, ev.Hash, ev.Parent, ev.Aside
		if ev.Arrival != nil {
			s.Documents = with(s.Documents, ev.Arrival.document(len(s.Documents)+1, "application"))
		}
	case *Acknowledged:
		s.Acknowledged = true
	case *SupplementRequested:
		s.Supplements = append(s.Supplements[:len(s.Supplements):len(s.Supplements)], Supplement{ID: ev.ID, Parts: ev.Parts, Text: ev.Text, Due: ev.Due, Form: ev.Form})
		s.Complete = false
	case *Supplemented:
		s.Supplements = append([]Supplement(nil), s.Supplements...)
		for i := range s.Supplements {
			if s.Supplements[i].ID == ev.ID {
				s.Supplements[i].Answered = true
			}
		}
		if ev.Hash != s.AppHash {
			s.Reviewed = false // what was reviewed is not what is asked for now
		}
		if redraft(s.Application, ev.Application) {
			s.DraftOpen, s.AgreedDraft = false, ""
		}
		if ev.Arrived != 0 {
			on = ev.Arrived
		}
		s.Application, s.AppHash, s.LastItemOn = ev.Application, ev.Hash, on
	case *Completed:
		s.Complete, s.CompleteOn = true, ev.On
	case *QuoteDrafted:
		s.Draft, s.DraftHash, s.DraftOpen, s.AgreedDraft = &ev.Quote, ev.Hash, true, ""
	case *QuoteReturned:
		s.DraftOpen = false
	case *DraftAgreed:
		s.DraftOpen, s.AgreedDraft = false, ev.Hash
	case *Reviewed:
		s.Reviewed, s.ReviewedBy, s.Worksheet, s.Proposed = true, e.By.ID, ev.Answers, ev.Scope
	case *Decided:
		s.Decision, s.DecisionHash, s.DecisionNote, s.DecidedBy = &ev.Decision, ev.Hash, ev.Note, e.By.ID
		if ev.Decision.Quote != "" {
			s.Quote, s.QuoteHash = &ev.Quote, ev.Decision.Quote
		}
	case *DecisionDispatched:
		s.Dispatched, s.DispatchedOn, s.Announced = true, on, true
		if !s.Discloses() {
			s.Ended = PhaseRefused
		}
	case *QuoteAccepted:
		s.Accepted, s.AcceptedAt, s.AcceptedBy = true, e.At, e.By.ID
	case *ForbehallAcknowledged:
		bound := map[string]bool{ev.Name: true}
		for n := range s.Bound {
			bound[n] = true
		}
		s.Bound = bound
	case *Dismissed:
		s.Ended, s.DismissedOn = PhaseDismissed, on
	case *Withdrawn:
		s.Ended = PhaseWithdrawn
	default:
		s = applyVault(s, e)
	}
	return s
}

// quoted are the parts of an application that a draft quote rests on: when one
// changes, the draft was for something else.
var quoted = []string{"purpose", "data", "population", "identified", "delivery", "project.deliveries"}

func redraft(old, changed intake.Application) bool {
	fields, err := intake.Changed(old, changed)
	return err != nil || slices.ContainsFunc(fields, func(f string) bool {
		return slices.ContainsFunc(quoted, func(p string) bool { return intake.Below(f, p) })
	})
}

// applyVault applies what concerns files, extraction, delivery and purge.
func applyVault(s State, e Entry) State {
	switch ev := e.Event.(type) {
	case *MediumEarly:
		s.Arrivals = ev.ID
		s.Early = append(s.Early[:len(s.Early):len(s.Early)], Early{ev.ID, ""})
	case *MediumSettled:
		s.Early = append([]Early(nil), s.Early...)
		for i := range s.Early {
			if s.Early[i].ID == ev.ID {
				s.Early[i].How = ev.How
			}
		}
	case *PopulationReceived:
		s.Arrivals, s.TookIn = ev.ID, true
		s.Population = &PopulationState{ID: ev.ID, On: civil(e), Blob: ev.Blob, SHA256: ev.SHA256}
	case *PopulationChecked:
		var p PopulationState
		if s.Population != nil {
			p = *s.Population
		}
		p.Checked, p.Accepted, p.Intake, p.Persons = true, ev.Accepted, ev.Intake, ev.Persons
		s.Population = &p
	case *ExtractionOrdered:
		s.Spec, s.SpecHash, s.SpecNote, s.ExtractedBy = &ev.Spec, ev.Hash, ev.Note, e.By.ID
		s.Running, s.RunFailed, s.Extracted = true, false, nil
		s.Released, s.ReleaseNote, s.ReleasedBy, s.ReleasedWhy = false, "", "", "" // a replacement is released anew
	case *Extracted:
		s.Running, s.Extracted = false, ev
	case *ExtractionFailed:
		s.Running, s.RunFailed, s.Extracted = false, true, nil
	case *Released:
		s.Released, s.ReleaseNote, s.ReleasedBy, s.ReleasedWhy = true, ev.Note, e.By.ID, ev.Why
	case *Delivered:
		s.Delivery, s.Replacing, s.Recalled = ev, false, false
		if s = s.stickFate(StickOld); ev.Replaces && s.ByPost() {
			s.Receipt = false // of the stick that is to come
		}
	case *ReceiptConfirmed:
		s.Receipt = true
		s = s.stickFate(StickArrived)
	case *SentAgain:
		s.PostAgain = s.ByPost()
	case *Invoiced:
		s.Invoice = ev
	case *PurgeOrdered:
		s.PurgeOpen, s.Running, s.Replacing, s.Resealing = true, false, false, nil
	case *Purged:
		s.Purged, s.PurgeOpen, s.Protocol = true, false, ev.Protocol
	}
	return s
}

// Phase sums the state up in one word.
func (s State) Phase() Phase {
	switch {
	case s.Enquiry && s.Ended == "":
		return PhaseEnquiry
	case !s.Submitted && !s.Enquiry:
		return PhaseNone
	case s.Ended != "":
		return s.Ended
	case s.PurgeOpen:
		return PhasePurge
	case s.Purged:
		if s.Invoice != nil || s.Quote == nil || s.Quote.NetOre == 0 {
			return PhaseClosed
		}
		return PhasePurge
	case s.Delivery != nil:
		return PhaseDelivered
	case s.Reopened != "" && s.Reviewed:
		return PhaseDecision
	case s.Reopened != "":
		return PhaseReview
	case s.Extracted != nil:
		return PhaseRelease
	case s.Decision != nil:
		return s.decidedPhase()
	case s.OpenSupplement() != nil:
		return PhaseSupplement
	case s.Reviewed:
		return PhaseDecision
	case s.Complete && s.AgreedDraft != "":
		return PhaseReview
	case s.DraftOpen:
		return PhaseDraft
	case s.Complete:
		return PhaseComplete
	}
	return PhaseReceived
}

func (s State) decidedPhase() Phase {
	switch {
	case !s.Dispatched || !s.Accepted && s.Quote != nil && s.Quote.NoFee == nil:
		return PhaseDecided
	case s.PopulationDue() && (s.Population == nil || !s.Population.Accepted):
		return PhasePopulation
	}
	return PhaseExtraction
}

// OpenSupplement returns the request that waits for an answer, or nil.
func (s State) OpenSupplement() *Supplement {
	for i := range s.Supplements {
		if x := &s.Supplements[i]; !x.Answered && !x.TimedOut {
			return x
		}
	}
	return nil
}

// Discloses reports whether there is a decision that lets something out.
func (s State) Discloses() bool { return s.Decision != nil && s.Decision.Scope.Discloses() }

// PopulationDue reports whether the decision waits for a population file.
func (s State) PopulationDue() bool {
	return s.Discloses() && s.Decision.Scope.Persons.Source == "file"
}

// Holds reports whether files of the order may still lie with the authority.
func (s State) Holds() bool {
	return !s.Purged && (s.TookIn || s.Spec != nil || s.Delivery != nil)
}
