// Package queue says who takes which case next, and why.
//
// A [Desk] is everything the answer depends on: the open tasks, the people with
// their roles, teams and absences, the conflicts of interest (jäv), the rules
// of four eyes, and the day. [Desk.Next] picks the next task for a person and
// explains it, also why not the ones before; [Desk.List] is what a person may
// see; [Desk.Assign] and [Desk.TakeOver] say whether a person may have a task;
// [Desk.Order] shows the whole queue under any [Ordering] without changing
// anything; [Desk.Load] shows how the work is spread.
//
// What keeps a person from a task is checked at every one of them, in one
// place ([Desk.Against]):
//
//   - the task needs a role the person has, in a team the person belongs to;
//   - nobody who is absent gets anything; the substitute does, if the substitute
//     may have the task in their own right;
//   - a conflict of interest blocks the person from the case for good;
//     förvaltningslagen (2017:900) 16–18 §§;
//   - who did one of the things that need four eyes does not do the other
//     (promise 13);
//   - a case with persons whose identity is protected (skyddade
//     personuppgifter), or whose status is not known, is neither shown nor given
//     to anybody without clearance: it fails closed.
//
// The room holds no person's data: cases are numbers, people are the ids of
// staff. It is pure and changes nothing that it is given.
//
// Sources: reference workflow §3 (the task queue of Försäkringskassan's own
// platform) and §5, scenarios 22 and 29.
package queue

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// State of a task. The names beside are those of the authority's task service.
type State string

// States.
const (
	New       State = "new"       // NY
	Assigned  State = "assigned"  // TILLDELAD
	Closed    State = "closed"    // AVSLUTAD
	Cancelled State = "cancelled" // AVBRUTEN
)

// moves lists what may follow each state; closed and cancelled are final.
var moves = map[State][]State{
	New:      {Assigned, Cancelled},
	Assigned: {New, Assigned, Closed, Cancelled},
}

// MayBecome reports whether a task in state s may get state to. Assigned to
// Assigned is a take-over, Assigned to New is putting back.
func (s State) MayBecome(to State) bool { return slices.Contains(moves[s], to) }

// Protection says whether a case has persons whose identity is protected.
type Protection string

// Protections. Anything else than Unprotected needs clearance, an unknown word
// included.
const (
	Unprotected Protection = "none"
	Protected   Protection = "protected"
	Unknown     Protection = "" // not checked yet
)

// Task is what is to be done next in a case.
type Task struct {
	Case      string // number, as 2026/10
	Kind      string // what is to be done: check, review, decide, extract, release …
	State     State
	Role      string // role that it needs
	Team      string // "" = any team
	Assignee  string // id of a person, "" = nobody
	Principal string // organisation, for a fair share between principals
	Protected Protection

	Arrived  day.Day // day 0 of the case
	Waiting  day.Day // since when the task waits for us
	Due      day.Day // of the clock that runs out first, when HasDue
	HasDue   bool
	Priority int // 0 is ordinary, greater goes first
	// Did tells who has done which kinds of tasks in the case.
	Did []Act
}

// Act is a kind of task that a person has done in a case.
type Act struct{ Kind, Person string }

// Person is somebody who takes tasks.
type Person struct {
	ID        string
	Roles     []string
	Teams     []string
	Clearance bool // may handle protected identities
	Absences  []Absence
}

// Absence is a stretch of days away, both days included.
type Absence struct {
	First, Last day.Day
	Substitute  string // id, "" = nobody
}

// AwayOn reports whether the person is absent on d, and who stands in.
func (p Person) AwayOn(d day.Day) (substitute string, away bool) {
	for _, a := range p.Absences {
		if a.First <= d && d <= a.Last {
			return a.Substitute, true
		}
	}
	return "", false
}

// Conflicts are the conflicts of interest (jäv) that have been declared or
// found, person by case. They can be added and merged, never taken away.
type Conflicts struct{ in map[Conflict]bool }

// Conflict keeps a person from a case.
type Conflict struct{ Person, Case string }

// With returns the conflicts with more added; c itself is unchanged.
func (c Conflicts) With(more ...Conflict) Conflicts {
	out := Conflicts{make(map[Conflict]bool, len(c.in)+len(more))}
	for k := range c.in {
		out.in[k] = true
	}
	for _, k := range more {
		out.in[k] = true
	}
	return out
}

// Has reports whether the person has a conflict of interest in the case.
func (c Conflicts) Has(person, number string) bool { return c.in[Conflict{person, number}] }

// FourEyes is a rule: who did First in a case may not do Then, nor the other way
// round.
type FourEyes struct{ First, Then string }

// Promised are the rules of four eyes of docs/promises.md 13.
func Promised() []FourEyes { return []FourEyes{{"extract", "release"}} }

// Desk is all that the queue depends on.
type Desk struct {
	Tasks     []Task
	People    []Person
	Conflicts Conflicts
	FourEyes  []FourEyes
	Ordering  Ordering
	Calendar  swede.Calendar
	Today     day.Day
}

// Reason is why a person may not have a task.
type Reason struct {
	Code string
	Text catalog.Text
}

func (d Desk) person(id string) (Person, bool) {
	i := slices.IndexFunc(d.People, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return d.People[i], true
}

// cleared reports whether the person may know of the task at all.
func cleared(p Person, t Task) bool { return t.Protected == Unprotected || p.Clearance }

// Against returns everything that keeps the person from the task; nothing means
// that the person may have it. It does not look at who has it now.
func (d Desk) Against(person string, t Task) []Reason {
	p, known := d.person(person)
	if !known {
		return []Reason{{"queue.unknown_person", catalog.Text{SV: "Personen finns inte bland dem som tar uppgifter.", EN: "The person is not among those who take tasks."}}}
	}
	if !cleared(p, t) {
		return []Reason{{"queue.protected", catalog.Text{SV: "Uppgiften kräver behörighet för skyddade personuppgifter.", EN: "The task needs clearance for protected identities."}}}
	}
	var out []Reason
	add := func(code, sv, en string) { out = append(out, Reason{code, catalog.Text{SV: sv, EN: en}}) }
	if t.State != New && t.State != Assigned {
		add("queue.over", "Uppgiften är avslutad.", "The task is over.")
	}
	if _, away := p.AwayOn(d.Today); away {
		add("queue.absent", "Personen är frånvarande.", "The person is absent.")
	}
	if !slices.Contains(p.Roles, t.Role) {
		add("queue.role", "Uppgiften kräver en annan roll.", "The task needs another role.")
	}
	if t.Team != "" && !slices.Contains(p.Teams, t.Team) {
		add("queue.team", "Uppgiften hör till ett annat team.", "The task belongs to another team.")
	}
	if d.Conflicts.Has(person, t.Case) {
		add("queue.conflict", "Personen är jävig i ärendet.", "The person has a conflict of interest in the case.")
	}
	for _, f := range d.FourEyes {
		if t.Kind == f.Then && slices.Contains(t.Did, Act{f.First, person}) || t.Kind == f.First && slices.Contains(t.Did, Act{f.Then, person}) {
			add("queue.four_eyes", "Någon annan än den som gjorde det förra momentet ska göra det här.", "Somebody else than who did the other step must do this one.")
		}
	}
	return out
}

// StandIn follows the chain of substitutes from an absent person to somebody
// who is there. It returns the person who is not absent themself, and "" when
// the chain ends or goes round.
func (d Desk) StandIn(person string) string {
	seen := map[string]bool{}
	for !seen[person] {
		seen[person] = true
		p, known := d.person(person)
		if !known {
			return ""
		}
		next, away := p.AwayOn(d.Today)
		if !away {
			return person
		}
		person = next
	}
	return ""
}

// Natural compares case numbers so that runs of digits count as numbers: 2026/9
// before 2026/10. Numbers that differ in leading zeros only are told apart last.
func Natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		n, m := digits(x), digits(y)
		if n == 0 || m == 0 {
			if x[0] != y[0] {
				return compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := trim(x[:n]), trim(y[:m])
		if c := compare(len(p), len(q)); c != 0 {
			return c
		}
		if c := compare(p, q); c != 0 {
			return c
		}
		x, y = x[n:], y[m:]
	}
	if c := compare(len(x), len(y)); c != 0 {
		return c
	}
	return compare(a, b)
}
