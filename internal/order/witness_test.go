package order

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// witness reads a log as an outsider would, event by event, with no help from
// the fold, and says which promise is broken.
type witness struct {
	t  tester
	on day.Day
	// latest is the latest day that an entry has: a clock that is set back makes
	// nothing incomplete that was complete.
	latest day.Day

	app                                intake.Application
	decision                           *Decision
	quote                              *quote.Quote
	dispatched, accepted, counted      bool
	agreed, drafted, reviewed, changed int // place of the event, from 1
	reopenedAt                         int
	reopened                           string
	population                         *PopulationChecked
	ordered                            *ExtractionOrdered
	orderedBy, ended                   string
	extracted                          *Extracted
	released                           *Released
	delivered                          *Delivered
	purgeOn                            day.Day
	replacing, purging, purged         bool
	recalled, unbilled                 bool
	exposed                            bool // the last recall was for a key that somebody else may have
	resealing                          *ResealOrdered
	route                              string
	stick                              *StickDispatched // on its way
	lostStick                          canon.Hash       // parcel of the stick that the last recall was about
	letters                            map[string]bool  // numbers of registered letters
	keyBy                              string           // who compared the recipient's key last
	bound, barred                      map[string]bool
	answered                           map[int]bool // supplements
	change                             *ChangeProposed
	added                              int64 // öre that approved changes add
	asOf                               plan.AsOf
	children                           map[string]bool
}

// keeps reads the whole log.
func keeps(t tester, w *world) {
	t.Helper()
	x := &witness{t: t, letters: map[string]bool{}, bound: map[string]bool{}, barred: map[string]bool{}, answered: map[int]bool{}, children: map[string]bool{}}
	for i, e := range w.log {
		if e.Version != i+1 {
			t.Errorf("version %d at place %d", e.Version, i+1)
		}
		x.on = swede.CivilDay(e.At)
		x.latest = max(x.latest, x.on)
		if x.barred[e.By.ID] {
			t.Errorf("%s by somebody disqualified", e.Event.Type())
		}
		x.afterTheEnd(e.Event)
		x.prepare(i+1, e)
		x.decide(i+1, e)
		x.vault(e)
		x.leave(e)
	}
}

func (x *witness) broken(promise int, what string) {
	x.t.Errorf("promise %d is broken: %s", promise, what)
}

// papers are the events that touch only the papers of a case.
var papers = []string{
	"question_asked", "question_answered", "note_written", "address_corrected", "entry_withheld", "document_registered", "documents_requested", "request_decided", "file_sealed_away",
	"assigned", "unassigned", "conflict_declared", "protection_marked", "hours_logged", "appealed", "appeal_forwarded", "appeal_dismissed", "appeal_settled",
	"clock_warned", "key_reminded", "child_opened", "sealed_destroyed", "medium_early", "medium_settled", "invoiced", "credited", "purge_ordered", "purged",
	"delivery_recalled", "recall_answered", "incident_settled",
}

func (x *witness) afterTheEnd(ev Event) {
	if x.ended == "" && !x.purged || slices.Contains(papers, ev.Type()) {
		return
	}
	switch ev.(type) {
	case *Reopened:
		if x.ended == "refused" && !x.purged {
			return
		}
	case *Redecided, *DecisionDispatched: // the correction of a refusal
		if x.ended == "refused" && !x.purged && x.decision.Kind == KindCorrection || x.reopened == KindCorrection {
			return
		}
	}
	x.t.Errorf("%s after the end (%s)", ev.Type(), x.ended)
}

// prepare sees what leads to a decision.
func (x *witness) prepare(place int, e Entry) {
	switch ev := e.Event.(type) {
	case *Submitted:
		x.app = ev.Application
	case *Supplemented:
		if x.answered[ev.ID] {
			x.t.Errorf("supplement %d answered twice", ev.ID)
		}
		x.answered[ev.ID] = true
		if ev.Application.Data[0].To != x.app.Data[0].To {
			x.changed = place
		}
		x.app = ev.Application
	case *SupplementTimedOut:
		if x.answered[ev.ID] {
			x.t.Errorf("supplement %d ran out after its answer", ev.ID)
		}
	case *DataAgreed:
		x.app, x.changed = ev.Application, place
	case *QuoteDrafted:
		x.drafted = place
	case *DraftAgreed:
		x.agreed = place
		if slices.ContainsFunc(x.app.Data, func(w intake.Wish) bool { return w.Table == "" }) {
			x.t.Errorf("a draft was agreed with data in words only")
		}
	case *Reviewed:
		x.reviewed = place
	case *ReviewReturned:
		x.reviewed = 0
	case *ConflictDeclared:
		x.barred[ev.Person] = true
	case *Assigned:
		if x.barred[ev.To] {
			x.t.Errorf("given to somebody disqualified")
		}
		if ev.Role == RoleReleaser && ev.To == x.orderedBy && x.ordered != nil {
			x.broken(13, "the release given to who extracted")
		}
	case *RetentionGranted, *RetentionRefused, *EnquiryClosed:
		x.ended = "answered"
	case *Dismissed:
		x.ended = "dismissed"
	case *Withdrawn:
		x.ended = "withdrawn"
		if x.released != nil {
			x.t.Errorf("withdrawn after the release")
		}
	}
}

// decide sees decisions and what is answered to them.
func (x *witness) decide(place int, e Entry) {
	switch ev := e.Event.(type) {
	case *Decided:
		if x.decision != nil || ev.Decision.Kind != "" {
			x.broken(8, "two first decisions")
		}
		x.ruled(&ev.Decision, &ev.Quote)
	case *Reopened:
		x.reopened, x.reopenedAt = ev.Kind, place
		if ev.Kind != KindCorrection {
			x.ended = ""
			if x.released != nil || x.delivered != nil {
				x.broken(8, "reopened after the release")
			}
		}
		if x.ordered != nil && x.extracted == nil || x.released != nil && x.delivered == nil {
			x.broken(8, "reopened while data are on their way")
		}
	case *Redecided:
		x.redecided(ev)
	case *DecisionDispatched:
		x.dispatched = true
		if !x.discloses() {
			x.ended = "refused"
		}
	case *QuoteAccepted:
		x.accepted = true
		if h, _ := x.quote.Hash(); h != ev.Hash || !x.dispatched {
			x.broken(16, "another quote was accepted")
		}
	case *ForbehallAcknowledged:
		x.bound[ev.Name] = true
	case *ChangeProposed:
		x.change = ev
	case *ChangeAnswered:
		if x.change == nil || ev.Hash != x.change.Hash {
			x.t.Errorf("another change was answered")
		} else if ev.Approved {
			x.added += x.change.NetOre
		}
		x.change = nil
	case *Expired:
		if !x.discloses() || x.on < x.decision.Scope.Expires || x.released != nil {
			x.t.Errorf("expired too early")
		}
		x.ended = "expired"
	}
}

func (x *witness) discloses() bool { return x.decision != nil && x.decision.Scope.Discloses() }

func (x *witness) redecided(ev *Redecided) {
	before := x.decision
	h, _ := before.Hash()
	if x.reopened == "" || ev.Decision.Kind != x.reopened || ev.Decision.Replaces != h || ev.Decision.Version != before.Version+1 {
		x.broken(8, "a later decision that replaces nothing")
	}
	if x.reopened == KindCorrection {
		if ev.Decision.ScopeHash != before.ScopeHash || ev.Decision.Quote != before.Quote {
			x.broken(8, "a correction that changes what is disclosed")
		}
		x.decision, x.dispatched, x.reopened = &ev.Decision, false, ""
		x.forget(before)
		return
	}
	if ev.Decision.Scope.Discloses() && x.reviewed < x.reopenedAt {
		x.broken(8, "a new decision without its own review")
	}
	x.ruled(&ev.Decision, &ev.Quote)
	if ev.Decision.Quote != before.Quote {
		x.accepted, x.added = false, 0
	}
	x.dispatched, x.reopened = false, ""
	x.forget(before)
}

// forget drops what rested on the decision before.
func (x *witness) forget(before *Decision) {
	if !sameForbehall(before.Forbehall, x.decision.Forbehall) {
		x.bound = map[string]bool{}
	}
	if x.released == nil {
		x.ordered, x.extracted = nil, nil
	}
}

// ruled checks a decision that is no correction.
func (x *witness) ruled(d *Decision, q *quote.Quote) {
	x.decision, x.quote = d, q
	if !d.Scope.Discloses() {
		return
	}
	if x.agreed == 0 || x.agreed < x.drafted || x.agreed < x.changed {
		x.broken(16, "a disclosing decision without an agreed draft")
	}
	if h, _ := q.Hash(); h != d.Quote || q.Scope != d.ScopeHash {
		x.broken(16, "a disclosing decision without its quote")
	}
	if x.reviewed == 0 || x.reviewed < x.changed {
		x.broken(8, "a disclosing decision without its own review")
	}
	if ps := intake.Problems(x.app, x.latest, catalog.Builtin()); len(ps) > 0 {
		x.broken(5, "a disclosing decision on an incomplete order: "+ps[0].Rule)
	}
	if d.Scope.Identity.Kind == plan.IdentityPersonalNumber && x.app.Purpose == intake.Research && !x.app.Covered(intake.CoverIdentified) {
		x.broken(4, "numbers without the approval")
	}
	if x.app.Principal.Kind == intake.PrincipalPrivate && d.Forbehall == nil && d.NoForbehall == "" {
		x.broken(7, "no restriction")
	}
	if d.Scope.Identity.KeyPolicy == KeyKeptUntil && !x.app.Covered(intake.CoverKeptKey) {
		x.broken(9, "a kept key without approval")
	}
}

// vault sees what is done with data.
func (x *witness) vault(e Entry) {
	switch ev := e.Event.(type) {
	case *PopulationReceived:
		if !x.discloses() || !x.dispatched || x.reopened != "" && x.reopened != KindCorrection {
			x.broken(1, "a population was taken in before a disclosing decision")
		}
		x.population = nil
	case *PopulationChecked:
		if ev.Accepted {
			x.population = ev
			if ev.Persons > x.decision.Scope.Persons.Max {
				x.broken(3, "more persons than decided")
			}
		}
	case *FaultSettled:
		x.replacing = ev.Outcome == "replace"
		if x.replacing && (x.delivered == nil || x.on >= x.purgeOn) {
			x.broken(8, "replaced without a delivery, or too late")
		}
	case *ExtractionOrdered:
		x.order(ev)
		x.orderedBy = e.By.ID
	case *Extracted:
		if x.ordered == nil || ev.Spec != x.ordered.Hash {
			x.broken(3, "something else was extracted")
		}
		x.extracted = ev
	case *ExtractionFailed:
		x.ordered, x.extracted = nil, nil
	}
}

func (x *witness) order(ev *ExtractionOrdered) {
	due := x.discloses() && x.decision.Scope.Persons.Source == "file"
	if !x.discloses() || !x.dispatched || !x.accepted && x.app.Statistics.Duty == "" || due && x.population == nil || x.reopened != "" {
		x.broken(2, "an extraction before decision, quote and population")
	}
	facts := plan.Facts{Today: x.on}
	facts.Decision, _ = x.decision.Ref()
	if x.population != nil {
		facts.Intake, facts.Persons = x.population.Intake, x.population.Persons
	}
	if vs := plan.Within(ev.Spec, x.decision.Scope, facts, catalog.Builtin()); len(vs) > 0 {
		x.broken(3, "an extraction outside the decision: "+vs[0].Code)
	}
	if x.delivered != nil && (!x.replacing || ev.Spec.AsOf != x.asOf) {
		x.broken(8, "another extraction of a delivered order")
	}
	x.ordered, x.extracted, x.released = ev, nil, nil
}

// leave sees what leaves, and what is destroyed.
func (x *witness) leave(e Entry) {
	switch ev := e.Event.(type) {
	case *Released:
		x.release(ev, e.By.ID)
	case *Delivered:
		if x.released == nil || ev.Manifest != x.released.Manifest || x.delivered != nil && !x.replacing || ev.Replaces != (x.delivered != nil) {
			x.broken(13, "delivered what was not released")
		}
		if x.delivered != nil && ev.PurgeOn != x.purgeOn {
			x.broken(10, "a replacement moves the purge")
		}
		x.stick = nil
		x.delivered, x.purgeOn, x.replacing, x.recalled, x.asOf = ev, ev.PurgeOn, false, false, x.ordered.Spec.AsOf
	case *SentAgain:
		if x.delivered == nil || x.on >= x.purgeOn || x.purging {
			x.broken(10, "sent again too late")
		}
		x.shut("sent again")
	case *ReceiptConfirmed:
		x.shut("taken in")
		x.stick = nil
	case *ChildOpened:
		x.children[ev.Case] = ev.Kind == KinRetention || x.children[ev.Case]
	case *RetentionExtended:
		if !x.children[ev.Child] || ev.PurgeOn < x.purgeOn {
			x.broken(10, "kept longer without a case about it")
		}
		x.purgeOn = ev.PurgeOn
	case *PurgeOrdered:
		if ev.Rule == "" || x.ended == "" && (x.delivered == nil || x.on < x.purgeOn) || x.purging {
			x.broken(10, "a purge too early, without a rule, or twice")
		}
		x.purging, x.replacing = true, false
		if x.extracted == nil {
			x.ordered = nil // nothing is on its way any more, and nothing may come of it
		}
	case *Purged:
		if !x.purging || x.purged {
			x.broken(10, "purged without an order, or twice")
		}
		x.purged = true
	case *Invoiced:
		x.shut("invoiced")
		x.invoice(ev)
	case *Credited:
		if !x.counted || x.unbilled {
			x.t.Errorf("credited without an invoice")
		}
		x.counted, x.unbilled = false, ev.Final
	}
	x.again(e)
}

// shut says that something was done with a delivery that had been recalled.
func (x *witness) shut(what string) {
	if x.recalled && x.ended == "" {
		x.broken(3, what+" though it had been recalled")
	}
}

// again sees recalls, and deliveries that are sealed to another key.
func (x *witness) again(e Entry) {
	switch ev := e.Event.(type) {
	case *DeliveryRecalled:
		if x.delivered == nil || x.recalled {
			x.broken(3, "recalled before a delivery, or twice")
		}
		x.recalled, x.exposed, x.lostStick = true, ev.Kind == KeyExposed, ""
		if ev.Kind == StickLost && x.stick != nil {
			x.lostStick = x.delivered.SHA256
		}
		x.stick = nil
	case *RouteChosen:
		if x.stick != nil || x.purging {
			x.broken(3, "another route while a stick is on its way, or after the purge")
		}
		x.route = ev.Route
	case *StickDispatched:
		x.shut("posted")
		if x.delivered == nil || x.route != RouteUSB || x.stick != nil || x.on >= x.purgeOn || x.purging || x.replacing || x.resealing != nil {
			x.broken(10, "posted what is not to be posted, or too late")
		} else if ev.Fingerprint != ParcelPrint(x.delivered.SHA256) || x.letters[ev.Tracking] {
			x.broken(3, "another parcel was posted, or the same letter twice")
		}
		x.stick, x.letters[ev.Tracking] = ev, true
	case *IncidentSettled:
		if ev.Then == ThenResume && ev.Outcome != "no_incident" && (x.lostStick == "" || x.lostStick != x.delivered.SHA256) {
			x.broken(3, "a delivery goes on though something was wrong with it")
		}
		if ev.Then == ThenReplace && (x.on >= x.purgeOn || x.purging) {
			x.broken(10, "made again after the purge")
		}
		x.recalled, x.replacing = x.recalled && ev.Then != ThenResume, x.replacing || ev.Then == ThenReplace
	case *KeyConfirmed:
		x.keyBy = e.By.ID
	case *ResealOrdered:
		if x.delivered == nil || ev.Manifest != x.delivered.Manifest || x.on >= x.purgeOn || x.purging || x.replacing || x.resealing != nil {
			x.broken(10, "sealed again too late, or something else")
		}
		if e.By.ID == x.keyBy || e.By.ID == x.orderedBy {
			x.broken(13, "sealed again by who compared the key or extracted")
		}
		x.resealing = ev
	case *Resealed:
		if x.resealing == nil || ev.Was != x.resealing.Manifest || ev.Fingerprint != x.resealing.Fingerprint {
			x.broken(13, "sealed again without a release")
		} else {
			d := *x.delivered
			d.Manifest, d.SHA256 = ev.Manifest, ev.SHA256
			x.stick = nil
			x.delivered, x.resealing, x.recalled = &d, nil, x.recalled && !x.exposed
		}
	}
}

func (x *witness) release(ev *Released, by string) {
	switch {
	case x.extracted == nil || ev.Manifest != x.extracted.Manifest || x.released != nil:
		x.broken(13, "something else was released")
	case by == x.orderedBy:
		x.broken(13, "released by who ran it")
	case slices.ContainsFunc(x.extracted.Egress, func(c CheckResult) bool { return !c.OK }) || len(x.extracted.Egress) == 0:
		x.broken(3, "released without its check")
	case x.reopened != "":
		x.broken(2, "released while the decision is made anew")
	}
	if x.decision.Forbehall != nil {
		for _, n := range x.decision.Forbehall.Names {
			if !x.bound[n] {
				x.broken(7, "released before the restriction was acknowledged")
			}
		}
	}
	x.released = ev
}

func (x *witness) invoice(ev *Invoiced) {
	if x.counted || x.unbilled {
		x.t.Errorf("invoiced twice, or after it was taken back for good")
	}
	x.counted = true
	if x.ended == "withdrawn" {
		return // by the authority's policy
	}
	if x.delivered == nil || x.on < x.delivered.BillFrom {
		x.t.Errorf("invoiced too early")
	}
	if want := x.quote.NetOre + x.added; ev.Invoice.NetOre != want {
		x.t.Errorf("invoiced %d öre, agreed %d", ev.Invoice.NetOre, want)
	}
}
