package vaultdesk

import (
	"cmp"
	"slices"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// job is a case on the list.
type job struct {
	ID, Title, Principal, Due, State, Class string
	Path, Do                                string
	Late, Mine                              bool
}

type extractionsBody struct {
	Part  string // the list that is shown alone, "" = all
	Lists []jobList
}

// jobList is a heading with its cases; More leads to the rest.
type jobList struct {
	Name string
	Jobs []job
	More string
}

// extractions is what waits for a plan, what runs, what has failed and what
// waits for a release: what is nearest first, and of that the visitor's own.
func extractions(a *page.Ask) error {
	if err := a.Orders.LogList(a.R.Context(), a.Visitor.Person, "extractions"); err != nil {
		return err
	}
	lists := []app.List{app.ListWait, app.ListFailed, app.ListRuns, app.ListRelease}
	if a.Role() == order.RoleReleaser {
		lists = []app.List{app.ListRelease, app.ListRuns, app.ListFailed, app.ListWait}
	}
	b := extractionsBody{Part: a.Value("show")}
	for _, l := range lists {
		if !a.Shows(string(l)) {
			continue
		}
		rows, err := a.Rows(string(l), app.StandQuery{List: l})
		if err != nil {
			return err
		}
		x := jobList{Name: a.Word("vaultdesk.list_" + string(l)), More: rows.Next}
		for _, r := range rows.All {
			x.Jobs = append(x.Jobs, rowOf(a, l, r))
		}
		slices.SortStableFunc(x.Jobs, func(x, y job) int { return b2i(y.Mine) - b2i(x.Mine) })
		b.Lists = append(b.Lists, x)
	}
	return a.Show("vaultdesk-list", page.View{Title: a.Word("vaultdesk.list"), Nav: "vaultdesk.nav", Body: b})
}

// rowOf is a row of a list, with what the visitor can do about it.
func rowOf(a *page.Ask, l app.List, r app.Standing) job {
	j := job{ID: r.Case, Title: cmp.Or(r.Title, a.Word("case.untitled")), Principal: r.Principal, Class: string(l), Path: "/cases/" + r.Case + "/run", Do: a.Word("vaultdesk.see")}
	if !r.Undated() {
		j.Due, j.Late = r.On, r.On < a.Today.String()
	}
	switch a.Role() {
	case order.RoleStatistician:
		j.Mine = r.Row.Statistician == a.Visitor.Person.ID
		if l == app.ListWait || l == app.ListFailed {
			j.Path, j.Do = "/cases/"+r.Case+"/plan", a.Word("vaultdesk.go_plan")
		}
	case order.RoleReleaser:
		j.Mine = r.Row.Releaser == a.Visitor.Person.ID
		if l == app.ListRelease {
			j.Path, j.Do = "/cases/"+r.Case+"/release", a.Word("vaultdesk.go_release")
		}
	}
	return j
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// failure is the report on the last extraction when it failed.
func failure(entries []order.Entry) *order.ExtractionFailed {
	for _, e := range slices.Backward(entries) {
		switch ev := e.Event.(type) {
		case *order.ExtractionFailed:
			return ev
		case *order.Extracted, *order.ExtractionOrdered:
			return nil
		}
	}
	return nil
}
