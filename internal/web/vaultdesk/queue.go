package vaultdesk

import (
	"cmp"
	"slices"

	"sluss/internal/access"
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
	Lists []jobList
}

// jobList is a heading with its cases.
type jobList struct {
	Name string
	Jobs []job
}

const listed = 200

// extractions is what waits for a plan, what runs, what has failed and what
// waits for a release: the visitor's own part first.
func extractions(a *page.Ask) error {
	p := a.Visitor.Person
	if err := a.Orders.LogList(a.R.Context(), p, "extractions"); err != nil {
		return err
	}
	f := app.WorkFilter{Viewer: app.Viewer{Person: p.ID, Cleared: p.Cleared}, Phases: []order.Phase{order.PhaseExtraction, order.PhaseRelease, order.PhaseDelivered}, ByDue: true}
	lists := map[string]*jobList{}
	names := []string{"wait", "failed", "runs", "release"}
	if a.Role() == order.RoleReleaser {
		names = []string{"release", "runs", "failed", "wait"}
	}
	for _, n := range names {
		lists[n] = &jobList{Name: a.Word("vaultdesk.list_" + n)}
	}
	found, err := a.Cases.WorkList(a.R.Context(), f, app.WorkCursor{}, listed)
	if err != nil {
		return err
	}
	for _, sum := range found {
		entries, err := a.Cases.Load(a.R.Context(), sum.ID)
		if err != nil {
			return err
		}
		if access.Relate(p, entries) == access.None {
			continue
		}
		s := order.Fold(sum.ID, entries)
		list, ok := placeOf(s, entries)
		if !ok {
			continue
		}
		j := job{
			ID: s.ID, Title: cmp.Or(s.Application.Title, a.Word("case.untitled")), Principal: s.Application.Principal.Name, Due: sum.NextDue,
			Late: sum.NextDue != "" && sum.NextDue < a.Today.String(), Mine: s.Has(a.Role()) == p.ID, Class: list,
			Path: "/cases/" + s.ID + "/run", Do: a.Word("vaultdesk.see"),
		}
		switch {
		case a.Role() == order.RoleStatistician && (list == "wait" || list == "failed"):
			j.Path, j.Do = "/cases/"+s.ID+"/plan", a.Word("vaultdesk.go_plan")
		case a.Role() == order.RoleReleaser && list == "release":
			j.Path, j.Do = "/cases/"+s.ID+"/release", a.Word("vaultdesk.go_release")
		}
		lists[list].Jobs = append(lists[list].Jobs, j)
	}
	var b extractionsBody
	for _, n := range names {
		slices.SortStableFunc(lists[n].Jobs, func(x, y job) int { return b2i(y.Mine) - b2i(x.Mine) })
		b.Lists = append(b.Lists, *lists[n])
	}
	return a.Show("vaultdesk-list", page.View{Title: a.Word("vaultdesk.list"), Nav: "vaultdesk.nav", Body: b})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// placeOf is the list that the case stands in.
func placeOf(s order.State, entries []order.Entry) (list string, ok bool) {
	switch {
	case s.Running:
		return "runs", true
	case releasable(s):
		return "release", true
	case !plannable(s):
		return "", false
	case failure(entries) != nil:
		return "failed", true
	}
	return "wait", true
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
