package rulings

import (
	"cmp"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// waiting is a case that waits for the decision maker.
type waiting struct {
	ID, Title, Principal, Due string
	Rapporteur                string
	Late, Mine                bool
	What                      string
}

type decisionsBody struct {
	Waiting   []waiting
	More      int       // that also wait, for a later day
	Other     []waiting // what else waits for who decides
	MoreOther int
}

// listed bounds how many cases each list shows: what is due first, more than
// one person decides in a day.
const listed = 50

// decisions is what waits for a decision, by day.
func decisions(a *page.Ask) error {
	p := a.Visitor.Person
	if err := a.Orders.LogList(a.R.Context(), p, "decisions"); err != nil {
		return err
	}
	var b decisionsBody
	f := app.WorkFilter{Viewer: app.Viewer{Person: p.ID, Cleared: p.Cleared}, Phases: []order.Phase{order.PhaseDecision}, ByDue: true}
	found, err := a.Cases.WorkList(a.R.Context(), f, app.WorkCursor{}, listed)
	if err != nil {
		return err
	}
	here := map[string]bool{}
	for _, sum := range found {
		here[sum.ID] = true
		w, s, err := waitingOf(a, sum)
		if err != nil {
			return err
		}
		w.Rapporteur = a.Name(s.ReviewedBy)
		w.What = a.Word("rulings.kind_" + cmp.Or(s.Reopened, "first"))
		b.Waiting = append(b.Waiting, w)
	}
	d, err := a.Orders.Desk(a.R.Context(), p, order.RoleDecider)
	if err != nil {
		return err
	}
	for _, t := range d.Tasks {
		switch {
		case here[t.Case]:
			continue
		case t.Kind == "decide": // in the first list, had it been longer
			b.More++
			continue
		case t.Assignee != "" && t.Assignee != p.ID:
			continue
		case len(b.Other) == listed:
			b.MoreOther++
			continue
		}
		w, _, err := waitingOf(a, app.Summary{ID: t.Case})
		if app.IsNotFound(err) {
			continue // not the visitor's to know
		}
		if err != nil {
			return err
		}
		if t.HasDue {
			w.Due, w.Late = t.Due.String(), t.Due < a.Today
		}
		b.Other = append(b.Other, w)
	}
	return a.Show("rulings-list", page.View{Title: a.Word("rulings.list"), Nav: "rulings.nav", Body: b})
}

// waitingOf is a line of the list. What is listed is noted once, as a list.
func waitingOf(a *page.Ask, sum app.Summary) (waiting, order.State, error) {
	entries, err := a.Cases.Load(a.R.Context(), sum.ID)
	if err != nil {
		return waiting{}, order.State{}, err
	}
	if access.Relate(a.Visitor.Person, entries) == access.None {
		return waiting{}, order.State{}, app.ErrNotFound
	}
	s := order.Fold(sum.ID, entries)
	w := waiting{
		ID: s.ID, Title: cmp.Or(s.Application.Title, a.Word("case.untitled")), Principal: s.Application.Principal.Name,
		Due: sum.NextDue, Late: sum.NextDue != "" && sum.NextDue < a.Today.String(), Mine: s.Has(order.RoleDecider) == a.Visitor.Person.ID,
	}
	return w, s, nil
}
