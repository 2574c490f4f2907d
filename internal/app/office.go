package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/queue"
	"sluss/internal/swede"
)

// Office is what staff ask the counter, put together from the rule rooms. Each
// part may be left out; what needs it is then not there.
type Office struct {
	Digests Digests
	Staff   Staff
	// Orderings are the orders in which a queue can be looked at; the first is
	// the one in use. None = [BuiltinOrderings].
	Orderings queue.Orderings
	// Incoming keeps mail and post that has no case yet.
	Incoming Incoming
	// Pages reads the text of a document, page by page.
	Pages PagesFunc
}

// PagesFunc returns the text of each page of a document; its faults say why it
// cannot be read.
type PagesFunc func(ctx context.Context, file []byte) ([]string, error)

// BuiltinOrderings are the orderings of an authority that has set none.
func BuiltinOrderings() queue.Orderings {
	return queue.Orderings{
		queue.Default(),
		{ID: "oldest", Name: catalog.Text{SV: "Äldst först", EN: "Oldest first"}, Age: 1},
		{ID: "waiting", Name: catalog.Text{SV: "Längst väntan på oss först", EN: "Longest waiting for us first"}, Waiting: 1},
		{ID: "due", Name: catalog.Text{SV: "Närmaste klocka först", EN: "Nearest clock first"}, Breach: 1, Horizon: 250},
	}
}

func (a *App) orderings() queue.Orderings {
	if len(a.Orderings) == 0 {
		return BuiltinOrderings()
	}
	return a.Orderings
}

// Ordering returns the ordering called id; "" is the one in use.
func (a *App) Ordering(id string) (queue.Ordering, error) {
	all := a.orderings()
	i := slices.IndexFunc(all, func(o queue.Ordering) bool { return o.ID == cmp.Or(id, all[0].ID) })
	if i < 0 {
		var ids []string
		for _, o := range all {
			ids = append(ids, o.ID)
		}
		list := strings.Join(ids, ", ")
		return queue.Ordering{}, fault.New("queue.ordering", "Det finns ingen sådan ordning.", "There is no such ordering.").Do("Välj en av "+list+".", "Choose one of "+list+".")
	}
	return all[i], nil
}

// today is the Swedish civil day.
func (a *App) today() day.Day { return swede.CivilDay(a.Clock()) }

// viewer is what lists know of a person.
func viewer(p access.Person) Viewer { return Viewer{p.ID, p.Cleared} }

// Desk is the queue as the person may know it, in the role that the person
// acts in now: cases that do not exist to the person are not in it, and
// neither count in it. role keeps the tasks of one role, "" all.
func (a *App) Desk(ctx context.Context, p access.Person, role order.Role) (queue.Desk, error) {
	if a.Digests == nil || !access.Works(p.Role) {
		return queue.Desk{}, ErrNotFound
	}
	o, err := a.Ordering("")
	if err != nil {
		return queue.Desk{}, err
	}
	d := queue.Desk{FourEyes: queue.Promised(), Ordering: o, Calendar: a.House().Calendar, Today: a.today()}
	err = a.Digests.EachDigest(ctx, PartTasks, role, viewer(p), func(id, text string) error {
		tasks, err := a.tasks.of(id, text)
		for _, t := range tasks {
			if role == "" || t.Role == string(role) {
				d.Tasks = append(d.Tasks, t)
			}
		}
		return err
	})
	if err == nil {
		d.People, err = a.people(ctx, p)
	}
	return d, err
}

// people are the staff as the queue knows them. The one who asks has the role
// of the token and no other, and is staff without teams when the table does
// not know them.
func (a *App) people(ctx context.Context, asks access.Person) ([]queue.Person, error) {
	me := queue.Person{ID: asks.ID, Clearance: asks.Cleared, Roles: []string{string(asks.Role)}}
	if a.Staff == nil {
		return []queue.Person{me}, nil
	}
	members, err := a.Staff.Members(ctx)
	if err != nil {
		return nil, err
	}
	away, err := a.Staff.Absences(ctx, a.today())
	if err != nil {
		return nil, err
	}
	known := false
	var out []queue.Person
	for _, m := range members {
		q := queue.Person{ID: m.ID, Teams: m.Teams, Clearance: m.Cleared}
		for _, r := range m.Roles {
			q.Roles = append(q.Roles, string(r))
		}
		if m.ID == asks.ID {
			known, q.Roles, q.Clearance = true, me.Roles, asks.Cleared
		}
		out = append(out, q)
	}
	if !known {
		out = append(out, me)
	}
	for i := range out {
		for _, x := range away {
			if x.Person == out[i].ID {
				out[i].Absences = append(out[i].Absences, queue.Absence{First: x.First, Last: x.Last, Substitute: x.Substitute})
			}
		}
	}
	return out, nil
}

// pulls is how many tasks in a row somebody else may take before a pull gives
// up.
const pulls = 50

// Pull gives the person the next case of their role: the first in the order in
// use that nobody has and that the person may have. ok is false when there is
// none. Two who pull at once get different cases.
func (a *App) Pull(ctx context.Context, p access.Person) (pick queue.Pick, ok bool, err error) {
	if !access.May(p.Role, order.Assign{}, access.Staff) {
		return pick, false, officeDenied(p.Role, "pull")
	}
	d, err := a.Desk(ctx, p, p.Role)
	for range pulls {
		if err != nil {
			return pick, false, err
		}
		if pick, ok = d.Next(p.ID); !ok {
			return pick, false, nil
		}
		why := "pulled, " + d.Ordering.ID + ": " + short(pick)
		taken, err := a.give(ctx, p, pick.Task, order.Assign{Role: p.Role, To: p.ID, Why: why})
		if err != nil {
			return pick, false, err
		}
		if taken {
			return pick, true, nil
		}
		// Somebody else was first, or the case is not what it was: without it.
		d.Tasks = slices.DeleteFunc(d.Tasks, func(t queue.Task) bool { return t.Case == pick.Task.Case })
	}
	return pick, false, ErrConflict
}

// short is the explanation of a pick without other cases in it.
func short(p queue.Pick) string {
	var terms []string
	for _, t := range p.Terms {
		terms = append(terms, t.Text.SV)
	}
	return fmt.Sprintf("%d poäng (%s)", p.Points, strings.Join(terms, "; "))
}

// give assigns a case to the person if it still is as the queue had it: the
// task is there and has the same holder, and the person may know of the case.
// taken is false when it is not, or when a rule of the case refuses.
func (a *App) give(ctx context.Context, p access.Person, t queue.Task, cmd order.Assign) (taken bool, err error) {
	for range attempts {
		entries, err := a.Log.Load(ctx, t.Case)
		if err != nil {
			return false, err
		}
		s := order.Fold(t.Case, entries)
		still := slices.ContainsFunc(tasksOf(s, a.House(), a.today()), func(x taskDigest) bool {
			return x.Role == t.Role && x.Kind == t.Kind && x.Assignee == t.Assignee
		})
		if !still || access.Relate(p, entries) == access.None {
			return false, nil
		}
		_, err = a.DoAt(ctx, p.Actor(), t.Case, s.Version, cmd)
		if errors.Is(err, ErrConflict) {
			continue
		}
		if f, refused := errors.AsType[*fault.Fault](err); refused && f.Class == fault.Gate {
			return false, nil
		}
		return err == nil, err
	}
	return false, nil
}

// TakeOver gives the person a case that a colleague of the same team has in the
// person's role, or somebody absent whom the person stands in for; then until
// the absence is over. The caller has made sure that the person may know of the
// case.
func (a *App) TakeOver(ctx context.Context, p access.Person, id string) error {
	if !access.May(p.Role, order.Assign{}, access.Staff) {
		return officeDenied(p.Role, "take_over")
	}
	d, err := a.Desk(ctx, p, p.Role)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Tasks, func(t queue.Task) bool { return t.Case == id })
	if i < 0 {
		return (&fault.Fault{
			Code: "queue.no_task", Class: fault.Gate, Rule: "queue", SV: "Din roll har inget att göra i ärendet nu.", EN: "Your role has nothing to do in the case now.",
		}).Do("Se ärendets fas.", "See the phase of the case.")
	}
	t := d.Tasks[i]
	if err := d.TakeOver(p.ID, t); err != nil {
		return err
	}
	cmd := order.Assign{Role: p.Role, To: p.ID, Why: "taken over"}
	if d.StandIn(t.Assignee) == p.ID && t.Assignee != p.ID {
		if until, ok := awayUntil(d, t.Assignee); ok {
			cmd.Why, cmd.For, cmd.Until = "substitute", t.Assignee, until
		}
	}
	taken, err := a.give(ctx, p, t, cmd)
	if err == nil && !taken {
		err = ErrConflict
	}
	return err
}

// awayUntil is the last day of the absence that a person has begun.
func awayUntil(d queue.Desk, person string) (last day.Day, away bool) {
	for _, p := range d.People {
		for _, x := range p.Absences {
			if p.ID == person && x.First <= d.Today && d.Today <= x.Last {
				last, away = max(last, x.Last), true
			}
		}
	}
	return last, away
}

func officeDenied(role order.Role, what string) error {
	return (&fault.Fault{
		Code: "access.denied", Class: fault.Gate, Rule: "access", Law: "offentlighets- och sekretesslagen (2009:400) 10 kap. 2 §",
		SV: "Rollen " + string(role) + " får inte göra det här (" + what + ").", EN: "The role " + string(role) + " may not do this (" + what + ").",
	}).Do("Be någon med rätt roll; docs/access.md är tabellen.", "Ask somebody with the right role; docs/access.md is the table.")
}
