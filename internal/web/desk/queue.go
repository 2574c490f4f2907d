package desk

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/queue"
	"sluss/internal/web/page"
)

// deskBody is what waits.
type deskBody struct {
	Next    *nextCase
	Cover   []line // of somebody absent whom the visitor stands in for
	Lines   []line
	Count   int
	More    bool
	Filter  *page.Form
	Query   string
	Month   *month // the calendar instead of the list
	AsList  string // addresses of the other way to look at it
	AsMonth string
}

// nextCase is what a pull gives, and why.
type nextCase struct {
	line
	Points int
	Why    []string
	Passed []string
}

// line is a case in the list.
type line struct {
	ID, Title, Principal, Phase string
	Task, Who                   string
	Due                         string
	Late, Soon, Mine            bool
	due                         day.Day
}

// Bounds of what is shown at once.
const (
	listShows  = 100
	monthShows = 1000
	coverShows = 20
	soon       = 7
)

// filters of the list, as the address has them.
type filters struct {
	whose, phase, due string
	month             string
}

// read takes only values that the form offers.
func (f *filters) read(a *page.Ask) {
	f.whose, f.phase, f.due, f.month = cmp.Or(a.Value("whose"), "mine"), a.Value("phase"), a.Value("due"), a.Value("month")
	if !slices.Contains([]string{"mine", "nobody", "all"}, f.whose) {
		f.whose = "mine"
	}
	if !slices.Contains(order.Phases, order.Phase(f.phase)) {
		f.phase = ""
	}
	if !slices.Contains([]string{"late", "week"}, f.due) {
		f.due = ""
	}
}

func (f *filters) address(month string) string {
	q := url.Values{"whose": {f.whose}}
	if f.phase != "" {
		q.Set("phase", f.phase)
	}
	if f.due != "" {
		q.Set("due", f.due)
	}
	if month != "" {
		q.Set("month", month)
	}
	return "/desk?" + q.Encode()
}

// desk is the page of what waits for the visitor's role.
func desk(a *page.Ask) error {
	var f filters
	f.read(a)
	p, ctx := a.Visitor.Person, a.R.Context()
	said := []string{"whose=" + f.whose}
	if f.phase != "" {
		said = append(said, "phase="+f.phase)
	}
	if err := a.Orders.LogList(ctx, p, "desk", said...); err != nil {
		return err
	}
	d, err := a.Orders.Desk(ctx, p, p.Role)
	if err != nil {
		return err
	}
	b := deskBody{Filter: f.form(a), AsList: f.address(""), AsMonth: f.address(a.Today.String()[:7])}
	tasks := map[string]queue.Task{}
	for _, t := range d.Tasks {
		tasks[t.Case] = t
	}
	if b.Next, err = next(ctx, a, d, tasks); err != nil {
		return err
	}
	if b.Cover, err = cover(ctx, a, d, tasks); err != nil {
		return err
	}
	limit := listShows
	if f.month != "" {
		limit = monthShows
	}
	if b.Lines, b.More, err = f.lines(ctx, a, tasks, limit); err != nil {
		return err
	}
	b.Count = len(b.Lines)
	name := "desk"
	if f.month != "" {
		name, b.Month = "desk-month", monthOf(a, &f, b.Lines)
	}
	return a.Show(name, page.View{Title: a.Word("desk.title"), Nav: "desk.nav", Body: b})
}

// form are the filters as a form of the address.
func (f *filters) form(a *page.Ask) *page.Form {
	phase := field(a, "phase", page.Select)
	phase.Options = []page.Option{{Value: "", Label: a.Word("desk.any_phase")}}
	for _, p := range openPhases {
		phase.Options = append(phase.Options, page.Option{Value: string(p), Label: page.Phase(a.Lang, p)})
	}
	form := a.Form("/desk", a.Word("desk.filter"), choice(a, "whose", page.Select, "whose", "mine", "nobody", "all").With(f.whose), phase.With(f.phase),
		choice(a, "due", page.Select, "due", "any", "late", "week").With(cmp.Or(f.due, "any")))
	form.Small = true
	for _, x := range form.Fields {
		x.Narrow = true
	}
	return form
}

// openPhases are those that a case on the desk can be in.
var openPhases = []order.Phase{
	order.PhaseEnquiry, order.PhaseReceived, order.PhaseSupplement, order.PhaseComplete, order.PhaseDraft, order.PhaseReview, order.PhaseDecision, order.PhaseDecided,
	order.PhasePopulation, order.PhaseExtraction, order.PhaseRelease, order.PhaseDelivered, order.PhasePurge,
}

func (f *filters) lines(ctx context.Context, a *page.Ask, tasks map[string]queue.Task, limit int) (out []line, more bool, err error) {
	p := a.Visitor.Person
	w := app.WorkFilter{Viewer: app.Viewer{Person: p.ID, Cleared: p.Cleared}, ByDue: true, Unassigned: f.whose == "nobody"}
	if f.whose == "mine" {
		w.Assigned = p.ID
	}
	if f.phase != "" {
		w.Phases = []order.Phase{order.Phase(f.phase)}
	}
	found, err := a.Cases.WorkList(ctx, w, app.WorkCursor{}, limit+1)
	if err != nil {
		return nil, false, err
	}
	for _, sum := range found[:min(len(found), limit)] {
		x := lineOf(a, sum, tasks)
		if f.due == "late" && !x.Late || f.due == "week" && !x.Late && !x.Soon {
			continue
		}
		out = append(out, x)
	}
	return out, len(found) > limit, nil
}

func lineOf(a *page.Ask, sum app.Summary, tasks map[string]queue.Task) line {
	x := line{
		ID: sum.ID, Title: cmp.Or(sum.Title, a.Word("desk.untitled")), Principal: sum.Principal, Phase: page.Phase(a.Lang, sum.Phase), Who: a.Name(sum.AssignedTo), Mine: sum.AssignedTo == a.Visitor.Person.ID,
	}
	if t, ok := tasks[sum.ID]; ok {
		x.Task = a.Word("desk.task_" + t.Kind)
	}
	if due, err := day.Parse(sum.NextDue); err == nil {
		x.due, x.Due, x.Late, x.Soon = due, sum.NextDue, a.Today > due, due-a.Today <= soon
	}
	return x
}

// one finds the line of a case by its number.
func one(ctx context.Context, a *page.Ask, id string, tasks map[string]queue.Task) (line, error) {
	p := a.Visitor.Person
	found, err := a.Cases.WorkList(ctx, app.WorkFilter{Viewer: app.Viewer{Person: p.ID, Cleared: p.Cleared}, Number: id}, app.WorkCursor{}, 1)
	if err != nil || len(found) == 0 {
		return line{ID: id}, err
	}
	return lineOf(a, found[0], tasks), nil
}

// next is the case that a pull gives, nil when there is none.
func next(ctx context.Context, a *page.Ask, d queue.Desk, tasks map[string]queue.Task) (*nextCase, error) {
	pick, ok := d.Next(a.Visitor.Person.ID)
	if !ok {
		return nil, nil
	}
	x, err := one(ctx, a, pick.Task.Case, tasks)
	if err != nil {
		return nil, err
	}
	n := &nextCase{line: x, Points: pick.Points}
	for _, t := range pick.Terms {
		n.Why = append(n.Why, t.Text.In(a.Lang))
	}
	for _, t := range pick.Passed[:min(len(pick.Passed), coverShows)] {
		n.Passed = append(n.Passed, t.Case+": "+t.Reasons[0].Text.In(a.Lang))
	}
	return n, nil
}

// cover are the cases of somebody absent whom the visitor stands in for.
func cover(ctx context.Context, a *page.Ask, d queue.Desk, tasks map[string]queue.Task) ([]line, error) {
	me := a.Visitor.Person.ID
	var out []line
	for _, t := range d.List(me, true) {
		if t.Assignee == me || len(out) == coverShows {
			continue
		}
		x, err := one(ctx, a, t.Case, tasks)
		if err != nil {
			return nil, err
		}
		x.Who = a.Name(t.Assignee)
		out = append(out, x)
	}
	return out, nil
}

// pull takes the next case.
func pull(a *page.Ask) error {
	pick, ok, err := a.Orders.Pull(a.R.Context(), a.Visitor.Person)
	if err != nil {
		return err
	}
	if !ok {
		return a.Go("/desk", "done.desk_nothing")
	}
	return a.Go("/cases/"+pick.Task.Case, "done.desk_pulled")
}

// takeOver takes a case over from a colleague.
func takeOver(a *page.Ask) error {
	c, err := a.Case("case")
	if err != nil {
		return err
	}
	if err := a.Orders.TakeOver(a.R.Context(), a.Visitor.Person, c.ID); err != nil {
		return err
	}
	return a.Go("/cases/"+c.ID, "done.desk_taken_over")
}

// month is a calendar of due days.
type month struct {
	Name          string
	Before, After string // addresses
	Weekdays      []string
	Weeks         [][]date
}

// date is a day of the calendar; Day is "" outside the month.
type date struct {
	Day, ISO, Weekday string
	Today             bool
	Cases             []line
}

// monthOf places the lines in the month of the address, or in this one.
func monthOf(a *page.Ask, f *filters, lines []line) *month {
	first, err := day.Parse(f.month + "-01")
	if err != nil {
		first = day.FirstOfMonth(a.Today.Month())
	}
	n := first.Month()
	end := day.FirstOfMonth(n + 1)
	name := page.LongDay(a.Lang, first)
	m := &month{
		Name: name[len("1\u00a0"):], Before: f.address(day.FirstOfMonth(n - 1).String()[:7]), After: f.address(end.String()[:7]),
	}
	for i := range 7 {
		m.Weekdays = append(m.Weekdays, a.Word("desk.weekday_"+strconv.Itoa(i)))
	}
	by := map[day.Day][]line{}
	for _, x := range lines {
		by[x.due] = append(by[x.due], x)
	}
	for d := monday(first); d < end; {
		var week []date
		for i := range 7 {
			x := date{Weekday: m.Weekdays[i]}
			if d >= first && d < end {
				_, _, dd := d.YMD()
				x.Day, x.ISO, x.Today, x.Cases = strconv.Itoa(dd), d.String(), d == a.Today, by[d]
			}
			week = append(week, x)
			d++
		}
		m.Weeks = append(m.Weeks, week)
	}
	return m
}

// monday is the Monday of the day's week. Day 0 was a Thursday.
func monday(d day.Day) day.Day { return d - (d+3)%7 }
