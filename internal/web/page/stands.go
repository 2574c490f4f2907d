package page

import (
	"net/url"
	"strings"

	"sluss/internal/app"
)

// Rows is a part of one of the office's lists by date. Next is the address of
// the rest of it, such as /purges?show=keys&after=2026-12-04+FK-2026-00017, "" when
// there is no more.
type Rows struct {
	All  []app.Standing
	Next string
}

// How many rows a page shows of a list: with others beside it, and alone.
const (
	rowsBeside = 50
	rowsAlone  = 200
)

// Rows reads the rows of a list that are asked for. name is what the page calls
// the list in addresses; "show" says which of its lists is shown alone.
func (a *Ask) Rows(name string, q app.StandQuery) (Rows, error) {
	return a.RowsFrom(name, q, func(q app.StandQuery) ([]app.Standing, error) {
		return a.Orders.Standing(a.R.Context(), a.Visitor.Person, q)
	})
}

// RowsFrom is Rows of what read returns.
func (a *Ask) RowsFrom(name string, q app.StandQuery, read func(app.StandQuery) ([]app.Standing, error)) (Rows, error) {
	q.Limit = rowsBeside
	if a.Value("show") == name {
		q.Limit = rowsAlone
		after := a.Value("after")
		if on, id, dated := strings.Cut(after, " "); dated {
			q.After = app.StandPlace{On: on, Case: id}
		} else { // a case without a day stands first
			q.After = app.StandPlace{Case: after}
		}
	}
	n := q.Limit
	q.Limit++
	all, err := read(q)
	if err != nil || len(all) <= n {
		return Rows{All: all}, err
	}
	last := all[n-1]
	after := strings.TrimSpace(last.On + " " + last.Case)
	return Rows{all[:n], a.R.URL.Path + "?" + url.Values{"show": {name}, "after": {after}}.Encode()}, nil
}

// Shows reports whether the page shows the list: all of them, or the one that
// is asked for.
func (a *Ask) Shows(name string) bool {
	show := a.Value("show")
	return show == "" || show == name
}
