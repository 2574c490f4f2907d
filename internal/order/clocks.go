package order

import (
	"strconv"

	"sluss/internal/clock"
	"sluss/internal/day"
)

// Clocks returns every clock of the case as it stands on the day, worked out
// from the log alone: the same log always gives the same dates.
func Clocks(s State, a *Authority, today day.Day) []clock.Reading {
	return a.Book().All(ClockCase(s, a, today))
}

// ClockCase is what the clocks of the case are read in.
func ClockCase(s State, a *Authority, today day.Day) clock.Case {
	return clock.Case{
		Purpose: string(s.Application.Purpose), Party: s.Application.Principal.Kind,
		Marks: s.Marks, Calendar: a.Calendar, Today: today,
	}
}

// marks tells what an entry means to the clocks; s is the case before it.
func marks(s State, e Entry) []clock.Mark {
	on := civil(e)
	at := func(event string, attrs ...string) clock.Mark {
		m := clock.Mark{Day: on, Event: event}
		for i := 0; i+1 < len(attrs); i += 2 {
			if m.Attrs == nil {
				m.Attrs = map[string]string{}
			}
			m.Attrs[attrs[i]] = attrs[i+1]
		}
		return m
	}
	one := func(event string, attrs ...string) []clock.Mark { return []clock.Mark{at(event, attrs...)} }
	switch ev := e.Event.(type) {
	case *Submitted:
		return one(clock.Arrived, "on", arrived(ev.Arrival, e).String())
	case *Acknowledged:
		return one(clock.Acknowledged)
	case *SupplementRequested:
		return []clock.Mark{at(clock.CompletenessChecked), at(clock.SupplementRequested, "id", strconv.Itoa(ev.ID), "days", strconv.Itoa(max(ev.Days, 1)))}
	case *Supplemented:
		return one(clock.SupplementAnswered, "id", strconv.Itoa(ev.ID), "on", s.arrivedOn(ev, on).String())
	case *SupplementTimedOut:
		return one(clock.SupplementAnswered, "id", strconv.Itoa(ev.ID))
	case *Completed:
		return []clock.Mark{at(clock.CompletenessChecked), at(clock.Completed, "on", ev.On.String())}
	case *QuoteDrafted:
		return one(clock.DraftSent, "id", strconv.Itoa(ev.Quote.Version))
	case *QuoteReturned:
		return one(clock.DraftAnswered, "id", s.draftVersion())
	case *DraftAgreed:
		return []clock.Mark{at(clock.DraftAnswered, "id", s.draftVersion()), at(clock.DraftAgreed)}
	case *Withdrawn:
		return one(clock.Withdrawn)
	case *Dismissed:
		return one(clock.Dismissed)
	case *DatePromised:
		return one(clock.Promised, "until", ev.To.String())
	case *DelayNotified:
		return one(clock.DelayNotified)
	case *RulingRequested:
		return one(clock.RulingRequested, "on", ev.On.String())
	case *RulingRefused:
		return one(clock.RulingRefused)
	case *Appealed:
		return one(clock.Appealed)
	case *KeyReminded:
		return one(clock.KeyReminded)
	}
	return lateMarks(s, e, at)
}

// lateMarks are those of the decision and what follows.
func lateMarks(s State, e Entry, at func(string, ...string) clock.Mark) []clock.Mark {
	switch ev := e.Event.(type) {
	case *Decided:
		return []clock.Mark{at(clock.Decided, "population", populationOf(&ev.Decision), "gives", yesNo(ev.Decision.Scope.Discloses()))}
	case *Redecided:
		return []clock.Mark{at(clock.Decided, "population", populationOf(&ev.Decision), "gives", yesNo(ev.Decision.Scope.Discloses()))}
	case *DecisionDispatched:
		return dispatched(s, at)
	case *QuoteAccepted:
		return []clock.Mark{at(clock.QuoteAccepted)}
	case *PopulationChecked:
		if ev.Accepted && s.Population != nil {
			return []clock.Mark{at(clock.FileAccepted, "id", strconv.Itoa(ev.ID), "on", s.Population.On.String())}
		}
	case *Released:
		return []clock.Mark{at("released")}
	case *Delivered:
		if ev.Replaces {
			return nil
		}
		out := []clock.Mark{at(clock.Delivered, "months", strconv.Itoa(s.retention()), "until", ev.PurgeOn.String())}
		if s.Decision != nil && s.Decision.Scope.Identity.KeyPolicy == KeyKeptUntil {
			out = append(out, at(clock.KeyKept, "until", s.Decision.Scope.Identity.KeepUntil))
		}
		return out
	case *Invoiced:
		return []clock.Mark{at(clock.Invoiced)}
	case *Purged:
		return []clock.Mark{at(clock.Purged)}
	}
	return nil
}

func dispatched(s State, at func(string, ...string) clock.Mark) []clock.Mark {
	out := []clock.Mark{at(clock.DecisionServed, "appealable", yesNo(s.Decision != nil && (s.Decision.Outcome() != "disclose" || s.Decision.Forbehall != nil)))}
	switch {
	case !s.Discloses():
		out = append(out, at(clock.Refused))
	case s.Quote != nil && s.Quote.NoFee == nil:
		out = append(out, at(clock.DecisionSent, "until", s.Quote.ValidTo.String()))
	default: // no fee: nothing to accept
		out = append(out, at(clock.QuoteAccepted))
	}
	if s.PopulationDue() && !s.Announced { // the file may come from now on, and is waited for
		out = append(out, at(clock.FileCalled))
	}
	return out
}

func (s State) draftVersion() string {
	if s.Draft == nil {
		return ""
	}
	return strconv.Itoa(s.Draft.Version)
}

func (s State) retention() int {
	if s.Decision == nil {
		return 0
	}
	return s.Decision.RetentionMonths
}

func (s State) arrivedOn(ev *Supplemented, on day.Day) day.Day {
	if ev.Arrived != 0 {
		return ev.Arrived
	}
	return on
}

func populationOf(d *Decision) string {
	if d.Scope.Persons.Source == "file" {
		return "file"
	}
	return "none"
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// DueActs returns what the day brings about in the case, in the order in which
// it happens. Carrying them out again changes nothing.
func DueActs(s State, a *Authority, today day.Day) []Command {
	var out []Command
	if open := s.OpenSupplement(); open != nil && s.Ended == "" && s.Decision == nil {
		switch {
		case today > open.Due:
			out = append(out, TimeOutSupplement{})
		case !open.Reminded && today >= a.Calendar.AddWorkingDays(open.Due, -RemindWorkingDays):
			out = append(out, RemindSupplement{})
		}
	}
	for _, as := range s.Assignments {
		if as.Until != 0 && today > as.Until {
			out = append(out, Unassign{Role: as.Role, Why: "substitute_ended"})
		}
	}
	for _, f := range s.SealedAway {
		if !f.Gone && (today >= f.On+day.Day(a.SealedFor()) || s.Ended != "" || s.Purged) {
			out = append(out, DestroySealed{f.Blob})
		}
	}
	if s.Expires(today) {
		out = append(out, Expire{})
	}
	if due := s.KeyReminderDue(); due != 0 && today >= due {
		out = append(out, RemindKey{})
	}
	if d := s.Delivery; !s.Purged && !s.PurgeOpen && (d != nil && today >= d.PurgeOn || (s.Ended != "" || s.Expires(today)) && s.Holds()) {
		return append(out, OrderPurge{})
	}
	if !s.Purged && !s.PurgeOpen && s.Ended == "" && s.Submitted {
		for _, r := range Clocks(s, a, today) {
			if r.Def.Kind == clock.Duty && r.Warned(today) && !s.warned(r.ID, r.Due) {
				out = append(out, WarnClock{Clock: r.ID, Due: r.Due})
			}
		}
	}
	return out
}

// NextAct is a day before which nothing comes due in the case by itself: for
// every day d from today on, [DueActs] is empty when d is before it. ok is false
// when no date acts in the case as it stands.
func NextAct(s State, a *Authority, today day.Day) (next day.Day, ok bool) {
	on := func(d day.Day) {
		d = max(d, today)
		if !ok || d < next {
			next, ok = d, true
		}
	}
	if open := s.OpenSupplement(); open != nil && s.Ended == "" && s.Decision == nil {
		on(open.Due + 1)
		if !open.Reminded {
			on(a.Calendar.AddWorkingDays(open.Due, -RemindWorkingDays))
		}
	}
	for _, as := range s.Assignments {
		if as.Until != 0 {
			on(as.Until + 1)
		}
	}
	for _, f := range s.SealedAway {
		switch {
		case f.Gone:
		case s.Ended != "" || s.Purged:
			on(today)
		default:
			on(f.On + day.Day(a.SealedFor()))
		}
	}
	if s.Discloses() && s.Ended == "" && !s.Released && s.Delivery == nil {
		on(s.Decision.Scope.Expires)
	}
	if due := s.KeyReminderDue(); due != 0 {
		on(due)
	}
	if s.Purged || s.PurgeOpen {
		return next, ok
	}
	if s.Delivery != nil {
		on(s.Delivery.PurgeOn)
	}
	if s.Ended != "" && s.Holds() {
		on(today)
	}
	if s.Ended == "" && s.Submitted {
		for _, r := range Clocks(s, a, today) {
			running := r.Status == clock.Running || r.Status == clock.Late && !r.HasDone
			if r.Def.Kind == clock.Duty && running && !s.warned(r.ID, r.Due) {
				on(r.Warn)
			}
			// Another clock may begin when this one has run out, or be read anew.
			if r.HasStarted() && !r.HasDone && r.Status != clock.Ended {
				on(r.Due)
			}
		}
	}
	return next, ok
}

func (s State) warned(id string, due day.Day) bool {
	for _, w := range s.Warned {
		if w.Clock == id && w.Due == due {
			return true
		}
	}
	return false
}

// NextDue is the first day on which a duty of the case runs out, 0 when none
// runs: what a work list is sorted by.
func NextDue(s State, a *Authority, today day.Day) day.Day {
	next := day.Day(0)
	for _, r := range Clocks(s, a, today) {
		running := r.Status == clock.Running || r.Status == clock.Late && !r.HasDone
		if r.Def.Kind == clock.Duty && running && (next == 0 || r.Due < next) {
			next = r.Due
		}
	}
	return next
}

// Continues refuses a child case that the earlier one has no ground for.
func Continues(parent State, kind string) error {
	ok := map[string]bool{
		KinEnquiry:   parent.Enquiry,
		KinAmendment: parent.Announced,
		KinExtension: parent.Announced,
		KinRenewal:   parent.Delivery != nil,
		KinRetention: parent.Delivery != nil && !parent.Purged && !parent.PurgeOpen,
	}[kind]
	if ok {
		return nil
	}
	return wrongState("parent_state", "Det tidigare ärendet har inte kommit så långt att det kan fortsättas så.", "The earlier case has not come so far that it can be continued like that.")
}
