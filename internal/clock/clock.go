// Package clock says when something must be done, and why on that very day.
//
// A [Definition] is a clock as data: what it is called, the law or page it
// rests on, how long it is, what starts, pauses, stops and restarts it. A
// [Book] is the authority's definitions. [Book.Read] lays a definition over the
// marks of a case (what happened on which civil day) and gives a [Reading]: the
// day it is due, the pauses with their reasons, how it stands today, and the
// steps by which a person can reach the same day with a pen and an almanac.
// [Book.All] reads every clock of a case. [Promise] adds measured lead times
// and answers the orderer's question: when do I get my data?
//
// # How days are counted
//
// Day 0 is the day of the mark that starts the clock; it is not counted. What
// came by post or mail starts its clocks on the day it arrived, not on the day
// it was registered: the mark carries the arrival day as an attribute and the
// definition says to count from it ([Trigger.DayFrom]).
//
// A pause lasts from the day after it began to the day it ended, both included:
// the day on which we ask still counts as ours, and the day of the answer is,
// like day 0, not counted. Overlapping pauses count once. Then
//
//   - a clock of n working days is due on the n-th working day after day 0 that
//     lies in no pause, so that a pause holding k working days moves it by k;
//   - a clock of n days is due on the n-th day after day 0 that lies in no
//     pause;
//   - a clock of n months is due n calendar months after day 0 (in a month that
//     is too short, its last day), moved by as many days as lie in pauses
//     between day 0 and the day it is due, the moved day included.
//
// While a pause has no end, it is taken to end today: the due day is the
// earliest possible and moves on every day. Where the law on time limits
// applies, a due day that is a Saturday, Sunday or holiday moves to the next
// working day; the authority's own closing days do not count for that.
//
// Only the days of marks matter, never the order in which marks of the same day
// are given, and marks later than today are not seen: reading with another
// today explains how the clock stood then.
//
// The package is pure: it never asks what day it is.
//
// Sources: lag (1930:173) om beräkning av lagstadgad tid; förvaltningslagen
// (2017:900) 11, 12 and 44 §§; Försäkringskassan, Beställning av individdata,
// 2025-06-27; reference domain §3.3, §4 and §6.
package clock

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// Unit is what a clock is counted in.
type Unit string

// Units.
const (
	WorkingDays Unit = "working_days"
	Days        Unit = "days"
	Months      Unit = "months"
)

// Kind says what happens when the time is out.
type Kind string

// Kinds of clocks.
const (
	Duty     Kind = "duty"     // something must be done by the due day
	Right    Kind = "right"    // from the day after the due day somebody may do something
	Reminder Kind = "reminder" // on the due day we remind
)

// How a due day that is no working day is treated.
const (
	RollNone = ""    // it stands
	RollLaw  = "law" // to the next day that is no Saturday, Sunday or holiday; lag (1930:173) 2 §
)

// Trigger names marks: an event and, unless empty, what one of its attributes
// must be.
type Trigger struct {
	Event string `json:"event"`
	Attr  string `json:"attr,omitempty"`
	Is    string `json:"is,omitempty"`
	// DayFrom names an attribute that holds the day to count from (YYYY-MM-DD);
	// without it, or when the attribute is missing, the mark's own day counts.
	DayFrom string       `json:"day_from,omitempty"`
	Name    catalog.Text `json:"name,omitzero"` // as a reader is told: "the order arrived"
}

// Start is one way to start a clock: all its triggers have happened, and the
// last of them gives day 0.
type Start struct {
	All []Trigger `json:"all"`
}

// Pause stops the counting while something is waited for.
type Pause struct {
	Reason catalog.Text `json:"reason"` // as in "waiting for …"
	Begin  []Trigger    `json:"begin"`
	End    []Trigger    `json:"end"`
	// Key names the attribute that ties an end to its beginning, as the number
	// of a supplement; "" pairs them in order of day.
	Key string `json:"key,omitempty"`
}

// Definition is a clock as data. Several definitions with the same ID are
// versions; the one in force on day 0 applies.
type Definition struct {
	ID     string       `json:"id"`
	Kind   Kind         `json:"kind"`
	Name   catalog.Text `json:"name"`
	Source string       `json:"source"` // law or page
	From   day.Day      `json:"from"`   // first day it is in force

	Unit   Unit `json:"unit"`
	Length int  `json:"length"`
	// Least is the start of the span in which the thing is expected: 1 of 1–4
	// months. 0 = no such start.
	Least int `json:"least,omitempty"`
	// LengthFrom names an attribute of the starting mark that overrides Length;
	// UntilFrom one that gives the due day itself.
	LengthFrom string `json:"length_from,omitempty"`
	UntilFrom  string `json:"until_from,omitempty"`
	Roll       string `json:"roll,omitempty"`
	Warn       int    `json:"warn"` // working days before the due day on which to escalate

	Start   []Start   `json:"start,omitempty"`
	Restart []Trigger `json:"restart,omitempty"` // day 0 moves here
	Reset   []Trigger `json:"reset,omitempty"`   // as if what started it had not happened
	Pauses  []Pause   `json:"pauses,omitempty"`
	Stop    []Trigger `json:"stop,omitempty"`   // done
	Cancel  []Trigger `json:"cancel,omitempty"` // neither kept nor broken: withdrawn, dismissed
	// AfterLate names another clock: this one starts on the due day of that one
	// when it has been passed without being done.
	AfterLate string `json:"after_late,omitempty"`
	// Key names an attribute that tells several clocks of this definition in one
	// case apart, as the number of a supplement.
	Key string `json:"key,omitempty"`

	Purposes []string `json:"purposes,omitempty"` // empty = all
	Parties  []string `json:"parties,omitempty"`  // kinds of principal; empty = all
}

// Mark is something that happened in the case.
type Mark struct {
	Day   day.Day
	Event string
	Attrs map[string]string
}

// Case is what a clock is read in.
type Case struct {
	Purpose  string // research or statistics
	Party    string // kind of principal: authority, equated or private
	Marks    []Mark // in any order
	Calendar swede.Calendar
	Today    day.Day
}

// Status is how a clock stands.
type Status string

// Statuses.
const (
	NotStarted Status = "not_started"
	Running    Status = "running"
	Paused     Status = "paused"
	Met        Status = "met"   // done in time
	Late       Status = "late"  // done too late, or the time is out and it is not done
	Open       Status = "open"  // of a right: it can be used; of a reminder: it is due
	Ended      Status = "ended" // the case ended before it mattered
)

// Waiting is one pause of a clock.
type Waiting struct {
	Reason catalog.Text
	First  day.Day // first day not counted
	Last   day.Day // last day not counted; today when Open
	Open   bool    // not ended yet
	Days   int     // calendar days
	Work   int     // working days among them
}

// Reading is a clock in a case on a day.
type Reading struct {
	ID      string
	Key     string // which of several, "" for the only one
	Def     Definition
	Status  Status
	Started day.Day // day 0; meaningless when Status is NotStarted
	Due     day.Day // last day in time; meaningless when Status is NotStarted
	// Least is the first day of the expected span, Due's companion for clocks
	// with [Definition.Least]; otherwise day 0.
	Least   day.Day
	Done    day.Day // meaningful when HasDone
	HasDone bool
	Pauses  []Waiting
	// Warn is the first day on which to escalate; never before day 0.
	Warn  day.Day
	Steps []Step
}

// HasStarted reports whether the reading has days.
func (r Reading) HasStarted() bool { return r.Status != NotStarted }

// Warned reports whether it is time to escalate on the day: the clock runs and
// its warning day has come.
func (r Reading) Warned(on day.Day) bool {
	return (r.Status == Running || r.Status == Late && !r.HasDone) && r.Def.Kind == Duty && on >= r.Warn
}

// LeftWorkingDays returns the working days after today until the due day,
// negative when it has passed: on the due day 0, one working day later −1.
func (r Reading) LeftWorkingDays(cal swede.Calendar, today day.Day) int {
	if r.Due >= today {
		return cal.WorkingDays(day.Span{From: today + 1, To: r.Due + 1})
	}
	return -cal.WorkingDays(day.Span{From: r.Due + 1, To: today + 1})
}
