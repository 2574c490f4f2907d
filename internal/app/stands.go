package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/diarium"
	"sluss/internal/order"
)

// The office's lists by date: what is to be purged, what is to be invoiced,
// what waits for the vault. A case stands in a list by its digest, so that a
// list is read along an index, whole and in order, without opening a case.

// List names a list that cases stand in, each at most once.
type List string

// Lists, and the day each is sorted by; "" is before every day.
const (
	ListPurge   List = "purge"   // what is kept: "" when a purge is ordered or the case has ended, else the purge day
	ListKeys    List = "keys"    // kept keys: the day by which the key must be gone
	ListToBill  List = "to_bill" // what is to be invoiced: the last day for it, "" when it was withdrawn
	ListBilled  List = "billed"  // invoice bases that have been issued: their date
	ListWait    List = "wait"    // wait for a plan: the next day on which something must have happened
	ListFailed  List = "failed"  // whose last extraction failed: the same
	ListRuns    List = "runs"    // that the vault works on: the same
	ListRelease List = "release" // that wait for a release: the same

	listPublic List = "public" // everybody's register: the day that the order came
	listActs   List = "acts"   // cases in which dates act by themselves: the first day, "" to look each time
)

// Stand is a case's place in a list.
type Stand struct {
	List List     `json:"list"`
	On   string   `json:"on"` // YYYY-MM-DD or ""
	Row  StandRow `json:"row"`
}

// StandRow is what a list shows of a case besides its number, title and
// principal, which stand with the case. Sums are in öre, days as YYYY-MM-DD.
type StandRow struct {
	// What is kept (of ListPurge: ordered, ended or parcel), or how it stands with
	// the population file (of calls: order.FileState).
	What      string `json:"what,omitempty"`
	Reference string `json:"reference,omitempty"` // of a call
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
	Net       int64  `json:"net,omitempty"`
	// Who has it, by role: the statistician and the releaser.
	Statistician string `json:"statistician,omitempty"`
	Releaser     string `json:"releaser,omitempty"`
	// Entry is what everybody may read, of listPublic.
	Entry *diarium.Entry `json:"entry,omitempty"`
}

// Standing is a row of a list.
type Standing struct {
	Case, Title, Principal string
	On                     string
	Row                    StandRow
}

// StandQuery chooses rows of a list: those on From or later, before To ("" is
// no bound), after the place of a row, at most Limit. Latest turns the order.
type StandQuery struct {
	List     List
	Viewer   Viewer
	From, To string
	After    StandPlace
	Latest   bool
	Limit    int
}

// StandPlace is a row's place in a list; the zero value is before the first.
type StandPlace struct{ On, Case string }

// Stands are the lists, as they are stored.
type Stands interface {
	// Standing calls yield with the rows asked for, by day and number.
	Standing(ctx context.Context, q StandQuery, yield func(Standing) error) error
	// StandingByMonth counts the rows of a list by month, YYYY-MM or "".
	StandingByMonth(ctx context.Context, l List, v Viewer) (map[string]int, error)
	// OpenCases counts the orders that are not ended by purpose and phase,
	// protected ones left out.
	OpenCases(ctx context.Context) ([]OpenCount, error)
}

// OpenCount is how many orders of a purpose are in a phase.
type OpenCount struct {
	Purpose string
	Phase   order.Phase
	N       int
}

// standsOf are the lists that the case stands in. today is the day of its last
// entry.
func standsOf(s order.State, a *order.Authority, today day.Day) []Stand {
	var out []Stand
	stand := func(l List, on string, r StandRow) { out = append(out, Stand{l, on, r}) }
	switch {
	case s.PurgeOpen:
		stand(ListPurge, "", StandRow{What: "ordered"})
	case s.Ended != "" && s.Holds():
		stand(ListPurge, "", StandRow{What: "ended"})
	case s.Ended == "" && s.Delivery != nil && !s.Purged:
		stand(ListPurge, s.Delivery.PurgeOn.String(), StandRow{What: "parcel"})
	}
	if x, ok := diarium.Of(s); ok {
		stand(listPublic, x.Received.String(), StandRow{Entry: &x})
	}
	if d := s.Decision; d != nil && d.Scope.Identity.KeyPolicy == order.KeyKeptUntil && s.Delivery != nil {
		stand(ListKeys, d.Scope.Identity.KeepUntil, StandRow{})
	}
	if l, on, r, ok := billOf(s); ok {
		stand(l, on, r)
	}
	if s.Parent != nil && s.Granted != 0 { // what another case is told of must not wait for a date of this one
		stand(listActs, "", StandRow{})
	} else if next, ok := order.NextAct(s, a, today); ok {
		stand(listActs, next.String(), StandRow{})
	}
	if l := runOf(s); l != "" {
		on := ""
		if due := order.NextDue(s, a, today); due != 0 {
			on = due.String()
		}
		stand(l, cmp.Or(on, never), StandRow{Statistician: s.Has(order.RoleStatistician), Releaser: s.Has(order.RoleReleaser)})
	}
	if x := s.Application.Population; x.Source == "file" && s.Submitted {
		r := StandRow{What: s.FileState()}
		if c := s.Call; c != nil {
			r.Reference, r.To = c.Reference, c.Closes.String()
		}
		for _, key := range access.Keys(access.Person{Role: order.RoleSupplier, Organisation: x.Holder}) {
			if now := s.AwaitsFile(); now {
				stand(listCalls(key, now), cmp.Or(r.To, never), r)
			} else {
				stand(listCalls(key, now), s.ReceivedOn.String(), r)
			}
		}
	}
	return out
}

// listCalls is the list of the cases whose population file the supplier with
// this key holds: those that wait for it now, or the others. It does not name
// the supplier.
func listCalls(key string, now bool) List {
	return List(map[bool]string{true: "calls_now:", false: "calls_others:"}[now] + string(canon.Sum([]byte(key))))
}

// never is after every day: where cases without a date stand.
const never = "9999-12-31"

// Undated reports whether a row stands last because it has no date.
func (s Standing) Undated() bool { return s.On == never }

// billOf is the case's place among what is to be invoiced, or has been.
func billOf(s order.State) (l List, on string, r StandRow, ok bool) {
	if s.Invoice == nil && !s.Billable() {
		return "", "", r, false
	}
	if d := s.Delivery; d != nil {
		r.From, r.To = d.BillFrom.String(), d.BillTo.String()
	}
	if s.Invoice == nil {
		r.Net = s.Quote.NetOre
		return ListToBill, r.To, r, true
	}
	inv := s.Invoice.Invoice
	r.Net = inv.NetOre
	return ListBilled, inv.Date.String(), r, true
}

// runOf is the list of extractions that the case stands in, "" for none.
func runOf(s order.State) List {
	switch {
	case s.Running:
		return ListRuns
	case s.Releasable():
		return ListRelease
	case !s.Plannable():
		return ""
	case s.RunFailed:
		return ListFailed
	}
	return ListWait
}

// Standing is a list as the person may know it; nothing for who does not work
// at the authority.
func (a *App) Standing(ctx context.Context, p access.Person, q StandQuery) ([]Standing, error) {
	if a.Digests == nil || !access.Works(p.Role) {
		return nil, ErrNotFound
	}
	q.Viewer = viewer(p)
	var out []Standing
	err := a.Digests.Standing(ctx, q, func(s Standing) error {
		out = append(out, s)
		return nil
	})
	return out, err
}

// StandingByMonth counts a list's rows by month, YYYY-MM or "", as the person
// may know them.
func (a *App) StandingByMonth(ctx context.Context, p access.Person, l List) (map[string]int, error) {
	if a.Digests == nil || !access.Works(p.Role) {
		return nil, ErrNotFound
	}
	return a.Digests.StandingByMonth(ctx, l, viewer(p))
}

// StandsIn reads stored places.
func StandsIn(text string) ([]Stand, error) {
	if text == "" {
		return nil, nil
	}
	var out []Stand
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("places in lists: %w", err)
	}
	return out, nil
}

// Calls are the cases whose population file the supplier holds: those that
// wait for it now, or the others.
func (a *App) Calls(ctx context.Context, p access.Person, now bool, q StandQuery) (out []Standing, err error) {
	if a.Digests == nil || p.Role != order.RoleSupplier {
		return nil, ErrNotFound
	}
	q.Viewer = Everything // what concerns the supplier is not hidden from the supplier
	for _, key := range access.Keys(p) {
		q.List = listCalls(key, now)
		err := a.Digests.Standing(ctx, q, func(s Standing) error {
			s.Title, s.Principal = "", "" // not the supplier's
			out = append(out, s)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
