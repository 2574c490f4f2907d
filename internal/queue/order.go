package queue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
)

func compare[T cmp.Ordered](a, b T) int { return cmp.Compare(a, b) }

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func trim(s string) string { return strings.TrimLeft(s, "0") }

// Ordering is a way to order the queue, as data: points for each thing that
// counts. The task with most points goes first; equal points go by case number.
type Ordering struct {
	ID   string       `json:"id"`
	Name catalog.Text `json:"name"`
	// Breach is points for each working day that the nearest clock is closer
	// than Horizon, beyond the due day too.
	Breach  int `json:"breach"`
	Horizon int `json:"horizon"`
	Age     int `json:"age"`      // for each working day since the case arrived
	Waiting int `json:"waiting"`  // for each working day that the task has waited for us
	Urgent  int `json:"priority"` // for each step of priority
	// Share is points taken off for each task that is assigned already for the
	// same principal, so that one principal does not fill the desk.
	Share int `json:"share"`
}

// Default is the ordering of an authority that has set none.
func Default() Ordering {
	return Ordering{
		ID: "default", Name: catalog.Text{SV: "Närmast att gå över tiden först", EN: "Nearest to running out of time first"},
		Breach: 10, Horizon: 20, Age: 1, Waiting: 2, Urgent: 50, Share: 5,
	}
}

// Orderings are an authority's orderings; the first is the default and cannot
// be taken away.
type Orderings []Ordering

// ErrDefault is returned for taking the default ordering away.
var ErrDefault = errors.New("the default ordering cannot be deleted")

// Without returns the orderings without the one called id; unknown ids change
// nothing. It returns [ErrDefault] for the first.
func (o Orderings) Without(id string) (Orderings, error) {
	if len(o) > 0 && o[0].ID == id {
		return o, ErrDefault
	}
	return slices.DeleteFunc(slices.Clone(o), func(x Ordering) bool { return x.ID == id }), nil
}

// Term is one part of a task's points.
type Term struct {
	Points int
	Text   catalog.Text
}

// Ranked is a task with its points and what they are for.
type Ranked struct {
	Task   Task
	Points int
	Terms  []Term // only what gives or takes points
	marks  marks
}

// Order ranks the open tasks under o, first to last. Nothing is changed, so it
// serves as preview of an ordering that is not in use. person is who looks: what
// needs a clearance they lack is left out.
func (d Desk) Order(person string, o Ordering) []Ranked {
	out := d.rank(person, o)
	for i := range out {
		out[i].Terms = out[i].marks.terms(out[i].Task)
	}
	return out
}

// rank orders without explaining.
func (d Desk) rank(person string, o Ordering) []Ranked {
	p, known := d.person(person)
	if !known {
		return nil
	}
	held := map[string]int{}
	for _, t := range d.Tasks {
		if t.State == Assigned {
			held[t.Principal]++
		}
	}
	days := distances{d, map[day.Day]int{}}
	var out []Ranked
	for _, t := range d.Tasks {
		if (t.State == New || t.State == Assigned) && cleared(p, t) {
			m := o.weigh(t, days, held[t.Principal])
			out = append(out, Ranked{Task: t, Points: m.breach + m.age + m.waiting + m.urgent + m.share, marks: m})
		}
	}
	slices.SortStableFunc(out, func(a, b Ranked) int {
		return cmp.Or(compare(b.Points, a.Points), Natural(a.Task.Case, b.Task.Case), compare(a.Task.Kind, b.Task.Kind))
	})
	return out
}

// distances counts working days from today, each day once.
type distances struct {
	desk Desk
	seen map[day.Day]int
}

// to returns the working days after today until on; before today, how many have
// passed since, negative.
func (s distances) to(on day.Day) int {
	n, ok := s.seen[on]
	if !ok {
		if cal, now := s.desk.Calendar, s.desk.Today; on >= now {
			n = cal.WorkingDays(day.Span{From: now + 1, To: on + 1})
		} else {
			n = -cal.WorkingDays(day.Span{From: on + 1, To: now + 1})
		}
		s.seen[on] = n
	}
	return n
}

// marks are a task's points, and the counts they come from.
type marks struct {
	breach, age, waiting, urgent, share int
	left, held                          int
	late                                bool
}

func (o Ordering) weigh(t Task, days distances, held int) marks {
	m := marks{
		age: o.Age * max(0, -days.to(t.Arrived)), waiting: o.Waiting * max(0, -days.to(t.Waiting)), urgent: o.Urgent * t.Priority,
		held: held, late: t.Due < days.desk.Today,
	}
	if t.HasDue {
		m.left = days.to(t.Due)
		m.breach = o.Breach * max(0, o.Horizon-m.left)
	}
	if t.State == New {
		m.share = -o.Share * held
	}
	return m
}

func (m marks) terms(t Task) []Term {
	var out []Term
	add := func(points int, sv, en string) {
		if points != 0 {
			out = append(out, Term{points, catalog.Text{SV: fmt.Sprintf("%s: %+d", sv, points), EN: fmt.Sprintf("%s: %+d", en, points)}})
		}
	}
	if m.late {
		add(m.breach, fmt.Sprintf("tiden gick ut %s, %d arbetsdagar sedan", t.Due, -m.left), fmt.Sprintf("the time ran out on %s, %d working days ago", t.Due, -m.left))
	} else {
		add(m.breach, fmt.Sprintf("%d arbetsdagar kvar till %s", m.left, t.Due), fmt.Sprintf("%d working days left to %s", m.left, t.Due))
	}
	add(m.age, fmt.Sprintf("kom in %s", t.Arrived), fmt.Sprintf("arrived %s", t.Arrived))
	add(m.waiting, fmt.Sprintf("har väntat på oss sedan %s", t.Waiting), fmt.Sprintf("has waited for us since %s", t.Waiting))
	add(m.urgent, fmt.Sprintf("prioritet %d", t.Priority), fmt.Sprintf("priority %d", t.Priority))
	add(m.share, fmt.Sprintf("huvudmannens uppgifter i arbete är redan %d", m.held), fmt.Sprintf("the principal's tasks in work are already %d", m.held))
	return out
}

// Pick is the next task for a person.
type Pick struct {
	Ranked
	Place  int // 1 = first among the tasks nobody has that the person may know of
	Passed []Passed
	Text   catalog.Text
}

// Passed is a task that ranks before the one picked, and why it was not picked.
type Passed struct {
	Case    string
	Kind    string
	Reasons []Reason
}

// Next picks the first task under the desk's ordering that nobody has and that
// the person may have. ok is false when there is none, which is no error.
// Passed tells the tasks before it; those that the person may not know of are
// neither told nor counted.
func (d Desk) Next(person string) (pick Pick, ok bool) {
	place := 0
	for _, r := range d.rank(person, d.Ordering) {
		if r.Task.State != New {
			continue
		}
		place++
		if against := d.Against(person, r.Task); len(against) > 0 {
			pick.Passed = append(pick.Passed, Passed{r.Task.Case, r.Task.Kind, against})
			continue
		}
		pick.Ranked, pick.Place = r, place
		pick.Terms = r.marks.terms(r.Task)
		pick.Text = pick.tell()
		return pick, true
	}
	return Pick{Passed: pick.Passed}, false
}

func (p Pick) tell() catalog.Text {
	sv, en := make([]string, 0, len(p.Terms)), make([]string, 0, len(p.Terms))
	for _, t := range p.Terms {
		sv, en = append(sv, t.Text.SV), append(en, t.Text.EN)
	}
	text := catalog.Text{
		SV: fmt.Sprintf("%s har %d poäng (%s).", p.Task.Case, p.Points, strings.Join(sv, "; ")),
		EN: fmt.Sprintf("%s has %d points (%s).", p.Task.Case, p.Points, strings.Join(en, "; ")),
	}
	for _, x := range p.Passed {
		text.SV += fmt.Sprintf(" Inte %s: %s", x.Case, x.Reasons[0].Text.SV)
		text.EN += fmt.Sprintf(" Not %s: %s", x.Case, x.Reasons[0].Text.EN)
	}
	return text
}

// List returns the open tasks that the person may know of, by case number.
// mine keeps those the person has or stands in for.
func (d Desk) List(person string, mine bool) []Task {
	p, known := d.person(person)
	if !known {
		return nil
	}
	var out []Task
	for _, t := range d.Tasks {
		if (t.State != New && t.State != Assigned) || !cleared(p, t) {
			continue
		}
		own := t.Assignee == person || t.Assignee != "" && d.StandIn(t.Assignee) == person && len(d.Against(person, t)) == 0
		if !mine || own {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Task) int { return cmp.Or(Natural(a.Case, b.Case), compare(a.Kind, b.Kind)) })
	return out
}

// Assign says whether the task may be given to the person: nil, or a fault of
// class Gate with the first reason against. A task that somebody else has is
// refused: two who pull at once get one winner. Giving it to who has it already
// changes nothing and is allowed.
func (d Desk) Assign(person string, t Task) error {
	if err := d.refuse(person, t); err != nil {
		return err
	}
	if t.State == Assigned && t.Assignee != person {
		return gate("queue.taken", "Uppgiften har redan tagits av någon annan.", "The task has been taken by somebody else.", "Hämta nästa.", "Take the next one.")
	}
	return nil
}

// TakeOver says whether the person may take the task from whoever has it: a
// colleague of the task's team, or the substitute of somebody absent.
func (d Desk) TakeOver(person string, t Task) error {
	if err := d.refuse(person, t); err != nil {
		return err
	}
	if t.State != Assigned {
		return gate("queue.nobody_has_it", "Ingen har uppgiften.", "Nobody has the task.", "Hämta eller tilldela den i stället.", "Pull or assign it instead.")
	}
	p, _ := d.person(person)
	holder, known := d.person(t.Assignee)
	shared := known && slices.ContainsFunc(p.Teams, func(team string) bool { return slices.Contains(holder.Teams, team) && (t.Team == "" || t.Team == team) })
	if !shared && d.StandIn(t.Assignee) != person {
		return gate("queue.other_team", "Bara någon i samma team eller en ersättare kan ta över uppgiften.", "Only somebody of the same team or a substitute can take the task over.", "Be teamet fördela om.", "Ask the team to reassign it.")
	}
	return nil
}

func (d Desk) refuse(person string, t Task) error {
	if against := d.Against(person, t); len(against) > 0 {
		r := against[0]
		return gate(r.Code, r.Text.SV, r.Text.EN, "Låt någon annan ta uppgiften.", "Let somebody else take the task.")
	}
	return nil
}

func gate(code, sv, en, doSV, doEN string) error {
	return fault.New(code, sv, en).Do(doSV, doEN).Of(fault.Gate)
}

// Share is how much of the open work a person has.
type Share struct {
	Person   string
	Assigned int // open tasks the person has
	StandsIn int // open tasks of absent people that fall to the person
	Late     int // of both, past their due day
	Away     bool
	// Fair is the tasks each who is there would have if the team's open tasks
	// that somebody has were spread evenly, in hundredths.
	Fair int
}

// Load shows how the work of a team is spread over its people, by id. Cases that
// viewer may not know of are not counted.
func (d Desk) Load(team, viewer string) []Share {
	v, known := d.person(viewer)
	if !known {
		return nil
	}
	var out []Share
	at, there, total := map[string]int{}, 0, 0
	for _, p := range d.People {
		if slices.Contains(p.Teams, team) {
			_, away := p.AwayOn(d.Today)
			if !away {
				there++
			}
			at[p.ID] = len(out)
			out = append(out, Share{Person: p.ID, Away: away})
		}
	}
	for _, t := range d.Tasks {
		i, in := at[t.Assignee]
		if t.State != Assigned || !in || !cleared(v, t) {
			continue
		}
		total++
		late := t.HasDue && t.Due < d.Today
		if stand, ok := at[d.StandIn(t.Assignee)]; ok && out[i].Away {
			out[stand].StandsIn++
			if late {
				out[stand].Late++
			}
		} else if late {
			out[i].Late++
		}
		out[i].Assigned++
	}
	for i := range out {
		if !out[i].Away {
			out[i].Fair = total * 100 / max(1, there)
		}
	}
	slices.SortFunc(out, func(a, b Share) int { return compare(a.Person, b.Person) })
	return out
}
