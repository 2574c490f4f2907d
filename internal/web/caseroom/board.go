// Package caseroom has the pages on which everybody in a case meets: the list
// of cases and the page of one case, which says where it is, whose turn it is,
// by when, and what the visitor can do now.
package caseroom

import (
	"cmp"
	"embed"
	"errors"
	"slices"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/turn"
	"sluss/internal/web/page"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// Room is the list of cases and the case.
var Room = page.Room{Name: "caseroom", Files: files, Routes: []page.Route{
	{Pattern: "GET /cases", Example: "/cases", As: append(slices.Clone(page.Handling), page.Ordering...), Nav: "nav.cases", Handle: list},
	{Pattern: "GET /cases/{id}", Example: "/cases/{case:late}", As: inCases, Handle: one},
	{Pattern: "GET /cases/{id}/letters/{no}", Example: "/cases/{case:to_invoice}/letters/2", As: readers, Handle: letterPage},
	{Pattern: "GET /cases/{id}/letters/{no}/{format}", Example: "/cases/{case:to_invoice}/letters/2/html", As: readers, Handle: letterFile},
}}

// inCases is everybody who can be in a case.
var inCases = slices.DeleteFunc(slices.Clone(page.LoggedIn), func(r order.Role) bool { return r == access.RoleAdministrator })

// column is a heap of cases on the board.
type column struct {
	Name  string
	Cases []card
	More  bool // there are more than are shown
}

// card is a case on the board and in the list.
type card struct {
	ID, Title, Principal, Phase string
	Due                         string // as it is written on the card
	DueISO                      string
	Late, Soon, Ended, Mine     bool
	Turn                        string // to those outside: whose it is, what to do
	TurnClass                   string
}

type listBody struct {
	Open, Late, Soon int
	Columns          []column
	All              []card
	Search           string
	MineOnly, AsList bool
	Yours, On, Over  []card // of those outside: by whose turn it is
}

// columns of the board: phases that wait for the same.
var columns = []struct {
	key    string
	phases []order.Phase
}{
	{"cases.new", []order.Phase{order.PhaseEnquiry, order.PhaseReceived, order.PhaseComplete}},
	{"cases.with_party", []order.Phase{order.PhaseSupplement, order.PhaseDraft, order.PhaseDecided, order.PhasePopulation}},
	{"cases.reviewed", []order.Phase{order.PhaseReview, order.PhaseDecision}},
	{"cases.extracted", []order.Phase{order.PhaseExtraction, order.PhaseRelease}},
	{"cases.delivered", []order.Phase{order.PhaseDelivered, order.PhasePurge}},
}

// Bounds of a list: what a column shows, and what a search finds.
const (
	columnShows = 20
	searchShows = 50
	ownShows    = 100
)

// list is the board to staff, and their own cases to everybody else.
func list(a *page.Ask) error {
	if access.Outside(a.Role()) {
		return own(a)
	}
	p := a.Visitor.Person
	if err := a.Orders.LogList(a.R.Context(), p, "board"); err != nil {
		return err
	}
	b := listBody{Search: a.Value("q"), MineOnly: a.Value("mine") == "yes", AsList: a.Value("view") == "list"}
	if len(b.Search) > 60 {
		b.Search = b.Search[:60]
	}
	filter := app.WorkFilter{Viewer: app.Viewer{Person: p.ID, Cleared: p.Cleared}, ByDue: true}
	if b.MineOnly {
		filter.Assigned = p.ID
	}
	if b.Search != "" {
		f := filter
		f.Number = b.Search
		found, err := a.Cases.WorkList(a.R.Context(), f, app.WorkCursor{}, searchShows)
		if err != nil {
			return err
		}
		for _, sum := range found {
			b.All = append(b.All, cardOf(a, sum))
		}
		return a.Show("found", page.View{Title: a.Word("cases.title"), Nav: "nav.cases", Body: b})
	}
	for _, c := range columns {
		f := filter
		f.Phases = c.phases
		found, err := a.Cases.WorkList(a.R.Context(), f, app.WorkCursor{}, columnShows+1)
		if err != nil {
			return err
		}
		col := column{Name: a.Word(c.key), More: len(found) > columnShows}
		for _, sum := range found[:min(len(found), columnShows)] {
			x := cardOf(a, sum)
			col.Cases = append(col.Cases, x)
			b.All = append(b.All, x)
			b.Open++
			if x.Late {
				b.Late++
			} else if x.Soon {
				b.Soon++
			}
		}
		b.Columns = append(b.Columns, col)
	}
	return a.Show("list", page.View{Title: a.Word("cases.title"), Nav: "nav.cases", Body: b})
}

// soon is how many days before its due day a case is marked.
const soon = 7

func cardOf(a *page.Ask, sum app.Summary) card {
	c := card{ID: sum.ID, Title: cmp.Or(sum.Title, a.Word("cases.untitled")), Principal: sum.Principal, Phase: page.Phase(a.Lang, sum.Phase), DueISO: sum.NextDue, Mine: sum.AssignedTo == a.Visitor.Person.ID}
	if due, err := day.Parse(sum.NextDue); err == nil {
		c.Due, c.Late, c.Soon = page.ShortDay(a.Lang, due), a.Today > due, due-a.Today <= soon
	}
	return c
}

// own is the cases that somebody from outside is tied to, newest first, those
// that wait for the visitor before the others.
func own(a *page.Ask) error {
	ids, err := a.Cases.Tied(a.R.Context(), access.Keys(a.Visitor.Person))
	if err != nil {
		return err
	}
	var b listBody
	for _, id := range ids {
		if len(b.All) == ownShows {
			break
		}
		c, err := a.CaseOf(id, access.ViewCase)
		if errors.Is(err, app.ErrNotFound) {
			continue // tied once, not any more
		}
		if err != nil {
			return err
		}
		t := turnOf(a, turn.Of(c.State, a.Authority, a.Today, a.Role()))
		b.All = append(b.All, card{
			ID: id, Title: titleOf(a, c.State), Principal: c.State.Application.Principal.Name, Phase: page.Phase(a.Lang, access.Phase(a.Role(), c.State)),
			Due: t.By, DueISO: t.ByISO, Late: t.Late && t.Class == string(turn.You), Turn: a.Word("case.turn_" + t.Class), TurnClass: t.Class,
		})
	}
	for _, x := range b.All {
		switch turn.Whose(x.TurnClass) {
		case turn.You:
			b.Yours = append(b.Yours, x)
		case turn.Over:
			b.Over = append(b.Over, x)
		default:
			b.On = append(b.On, x)
		}
	}
	slices.SortStableFunc(b.Yours, func(x, y card) int { return cmp.Compare(x.DueISO, y.DueISO) })
	return a.Show("own", page.View{Title: a.Word("cases.own"), Nav: "nav.cases", Body: b})
}

// titleOf is what a case is called; a question before there is an order has no
// title yet.
func titleOf(a *page.Ask, s order.State) string {
	return cmp.Or(s.Application.Title, a.Word("cases.untitled"))
}
