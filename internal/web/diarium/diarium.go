// Package diarium has what everybody may read of orders and of the time they
// take: the register of orders and decisions, and the queue with what can be
// expected who hands in an order today. Both can be had as JSON.
//
// What an entry may tell is room diarium's to say (internal/diarium); here it is
// shown, a year at a time.
package diarium

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/diarium"
	"sluss/internal/web/page"
)

//go:embed pages/*.html texts/*.json
var files embed.FS

// Room is the public register and the forecast.
var Room = page.Room{Name: "diarium", Files: files, Routes: []page.Route{
	{Pattern: "GET /diarium", Example: "/diarium", Handle: entries},
	{Pattern: "GET /diarium/export", Example: "/diarium/export", Handle: exportEntries},
	{Pattern: "GET /forecast", Example: "/forecast", Handle: forecast},
	{Pattern: "GET /forecast/export", Example: "/forecast/export", Handle: exportForecast},
}}

// How much is shown and handed out at once, and the first year there is.
const (
	shown    = 50
	exported = 1000
	oldest   = 2000
)

// body is a page of the register.
type body struct {
	Years  []yearLink
	All    []line
	Next   string
	Export string
}

type yearLink struct {
	Name, Path string
	Now        bool
}

// line is an entry in words.
type line struct {
	ID, Received, Title, Principal, Registers, State, Outcome, Decided, Delivered string
	Provisions                                                                    string
	Withheld                                                                      string
}

// place is where a reading goes on, in the address: day and number of the last
// entry.
func place(x diarium.Entry) string { return x.Received.String() + " " + x.Case }

// asked is the year and the place that the address asks for.
func asked(a *page.Ask) (year int, after app.StandPlace, ok bool) {
	if y := a.Value("year"); y != "" {
		n, err := strconv.Atoi(y)
		if err != nil || n < oldest || n > a.Today.Year()+1 {
			return 0, after, false
		}
		year = n
	}
	if s := a.Value("after"); s != "" {
		on, id, cut := strings.Cut(s, " ")
		if _, err := day.Parse(on); err != nil || !cut || len(id) > 40 {
			return 0, after, false
		}
		after = app.StandPlace{On: on, Case: id}
	}
	return year, after, true
}

func address(base string, year int, after string) string {
	q := url.Values{}
	if year != 0 {
		q.Set("year", strconv.Itoa(year))
	}
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

// read is what an address asks for, and where the rest goes on.
func read(a *page.Ask, limit int) (year int, all []diarium.Entry, next string, err error) {
	if a.Orders == nil {
		return 0, nil, "", app.ErrNotFound
	}
	year, after, ok := asked(a)
	if !ok {
		return 0, nil, "", app.ErrNotFound
	}
	all, err = a.Orders.PublicEntries(a.R.Context(), year, after, limit+1)
	if len(all) > limit {
		all = all[:limit]
		next = place(all[limit-1])
	}
	return year, all, next, err
}

// entries is the register, the latest first.
func entries(a *page.Ask) error {
	year, all, next, err := read(a, shown)
	if err != nil {
		return err
	}
	b := body{Export: address("/diarium/export", year, "")}
	if next != "" {
		b.Next = address("/diarium", year, next)
	}
	b.Years = append(b.Years, yearLink{a.Word("diarium.all_years"), "/diarium", year == 0})
	for y := a.Today.Year(); y > a.Today.Year()-4; y-- {
		b.Years = append(b.Years, yearLink{strconv.Itoa(y), address("/diarium", y, ""), year == y})
	}
	for _, x := range all {
		b.All = append(b.All, lineOf(a, x))
	}
	return a.Show("diarium-entries", page.View{Title: a.Word("diarium.title"), Body: b})
}

func lineOf(a *page.Ask, x diarium.Entry) line {
	l := line{
		ID: x.Case, Received: x.Received.String(), Title: x.Title, Principal: x.Principal,
		State: a.Word("diarium.state_" + x.State), Provisions: strings.Join(x.Provisions, "; "),
	}
	var names []string
	for _, id := range x.Registers {
		if r := a.Catalogue.Register(id); r != nil {
			id = r.Names.In(a.Lang)
		}
		names = append(names, id)
	}
	l.Registers = strings.Join(names, ", ")
	if x.Decided != nil {
		l.Decided, l.Outcome = x.Decided.String(), a.Word("diarium.outcome_"+x.Outcome)
	}
	if x.Delivered != nil {
		l.Delivered = x.Delivered.String()
	}
	if len(x.Withheld) > 0 {
		l.Withheld = fmt.Sprintf(a.Word("diarium.withheld"), x.Provision)
	}
	return l
}

// exported entries, as JSON.
type entriesFile struct {
	Format  string          `json:"format"`
	Year    int             `json:"year,omitempty"`
	Entries []diarium.Entry `json:"entries"`
	Next    string          `json:"next,omitempty"` // address of the rest
}

func exportEntries(a *page.Ask) error {
	year, all, next, err := read(a, exported)
	if err != nil {
		return err
	}
	f := entriesFile{Format: diarium.Version, Year: year, Entries: all}
	if f.Entries == nil {
		f.Entries = []diarium.Entry{}
	}
	if next != "" {
		f.Next = address("/diarium/export", year, next)
	}
	return write(a, "diarium.json", f)
}

func write(a *page.Ask, name string, doc any) error {
	raw, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	a.Download(name, "application/json")
	_, _ = a.W.Write(append(raw, '\n')) // a reader who goes away is none of ours
	return nil
}

// expected is a purpose's queue and the time to expect, in words.
type expected struct {
	Name     string
	Known    bool
	From, To string
	Why      []string
	Queue    []queued
}

type queued struct {
	Phase, N, Share string
}

func forecast(a *page.Ask) error {
	if a.Orders == nil {
		return app.ErrNotFound
	}
	all, err := a.Orders.Forecasts(a.R.Context())
	if err != nil {
		return err
	}
	var b []expected
	for _, f := range all {
		x := expected{Name: a.Word("diarium.purpose_" + f.Purpose), Known: f.When.Known}
		if f.When.Known {
			x.From, x.To = page.LongDay(a.Lang, f.When.Earliest), page.LongDay(a.Lang, f.When.Latest)
		}
		for _, r := range f.When.Reasons {
			x.Why = append(x.Why, r.In(a.Lang))
		}
		most := 1
		for _, q := range f.Queue {
			most = max(most, q.N)
		}
		for _, q := range f.Queue {
			n := strconv.Itoa(q.N)
			if q.Few {
				n = a.Word("diarium.few")
			}
			x.Queue = append(x.Queue, queued{page.Phase(a.Lang, q.Phase), n, strconv.Itoa(q.N*100/most) + "%"})
		}
		b = append(b, x)
	}
	return a.Show("diarium-forecast", page.View{Title: a.Word("diarium.forecast"), Body: b})
}

// forecastFile is the forecast as JSON: days as YYYY-MM-DD; n is left out where
// it is fewer than five.
type forecastFile struct {
	Format   string       `json:"format"`
	On       day.Day      `json:"on"`
	Purposes []forecastOf `json:"purposes"`
}

type forecastOf struct {
	Purpose  string        `json:"purpose"`
	Earliest *day.Day      `json:"earliest,omitempty"`
	Latest   *day.Day      `json:"latest,omitempty"`
	Measured bool          `json:"measured"` // on our own cases; false: the published span
	Queue    []queuedPhase `json:"queue"`
}

type queuedPhase struct {
	Phase string `json:"phase"`
	N     *int   `json:"n,omitempty"`
}

func exportForecast(a *page.Ask) error {
	if a.Orders == nil {
		return app.ErrNotFound
	}
	all, err := a.Orders.Forecasts(a.R.Context())
	if err != nil {
		return err
	}
	f := forecastFile{Format: "sluss/forecast/v1", On: a.Today}
	for _, x := range all {
		p := forecastOf{Purpose: x.Purpose, Measured: x.When.Measured, Queue: []queuedPhase{}}
		if x.When.Known {
			from, to := x.When.Earliest, x.When.Latest
			p.Earliest, p.Latest = &from, &to
		}
		for _, q := range x.Queue {
			qp := queuedPhase{Phase: string(q.Phase)}
			if !q.Few {
				n := q.N
				qp.N = &n
			}
			p.Queue = append(p.Queue, qp)
		}
		f.Purposes = append(f.Purposes, p)
	}
	return write(a, "forecast.json", f)
}
