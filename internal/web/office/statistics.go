package office

import (
	"cmp"
	"encoding/csv"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/measure"
	"sluss/internal/web/page"
)

// statisticsBody is a report in words.
type statisticsBody struct {
	From, To  string
	Public    bool
	Earlier   string // address of the quarter before
	Next      string
	Export    string
	Threshold int
	F         *page.Form
	Cases     []numberRow
	Complete  []numberRow
	Outcomes  []numberRow
	Causes    []numberRow
	Leads     []leadRow
	Efforts   []effortRow
	Measured  []leadRow
}

// numberRow is a count with its share of the largest; hidden ones say so.
type numberRow struct {
	Name, N, Share string
	Hidden         bool
}

type leadRow struct {
	Name, Purpose, Median, Slow, Share string
	Cases                              int
	Shown                              bool
}

type effortRow struct {
	Purpose, Quoted, Used, Within string
	Shown                         bool
}

// periodIn is the period in the address: the last day is included there.
func periodIn(a *page.Ask) (day.Span, bool) {
	from, to := a.Value("from"), a.Value("to")
	if from == "" && to == "" {
		return day.Span{}, true
	}
	x, err1 := day.Parse(from)
	y, err2 := day.Parse(to)
	return day.Span{From: x, To: y + 1}, err1 == nil && err2 == nil && x <= y
}

func at(base string, s day.Span) string {
	return base + "?" + url.Values{"from": {s.From.String()}, "to": {(s.To - 1).String()}}.Encode()
}

// fill puts a report into words.
func (b *statisticsBody) fill(a *page.Ask, r measure.Report) {
	b.From, b.To, b.Threshold = r.From.String(), (r.To - 1).String(), r.Threshold
	b.Cases, b.Complete, b.Outcomes, b.Causes = numbers(a, r, "cases"), numbers(a, r, "complete"), numbers(a, r, "outcome"), numbers(a, r, "cause")
	most := 1
	for _, l := range r.Leads {
		most = max(most, l.WorkSlow)
	}
	names := map[string]string{}
	for _, p := range measure.Phases() {
		names[p.ID] = p.Name.In(a.Lang)
	}
	for _, l := range r.Leads {
		if l.Purpose != "" {
			b.Leads = append(b.Leads, leadRow{names[l.Phase], purpose(a, l.Purpose), strconv.Itoa(l.WorkMedian), strconv.Itoa(l.WorkSlow), percent(int64(l.WorkMedian), int64(most)), 0, l.Shown})
		}
	}
	for _, e := range r.Efforts {
		b.Efforts = append(b.Efforts, effortRow{purpose(a, e.Purpose), page.HoursText(a.Lang, e.Quoted), page.HoursText(a.Lang, e.Used), strconv.Itoa(e.Within) + " %", e.Shown})
	}
}

func purpose(a *page.Ask, p string) string {
	switch intake.Purpose(p) {
	case intake.Research, intake.Statistics:
		return a.Word("office.purpose_" + p)
	}
	return a.Word("office.purpose_all")
}

// numbers are the counts of one table for all purposes together.
func numbers(a *page.Ask, r measure.Report, table string) []numberRow {
	most := 1
	for _, c := range r.Counts {
		if c.Table == table && c.Purpose == "" && c.Row != "" {
			most = max(most, c.N)
		}
	}
	var out []numberRow
	for _, c := range r.Counts {
		if c.Table != table || c.Purpose != "" {
			continue
		}
		var name string
		switch {
		case c.Row == "":
			name = a.Word("office.all")
		case table == "complete" || table == "outcome":
			name = a.Word("office." + table + "_" + c.Row)
		default:
			name = causeName(a, c.Row)
		}
		out = append(out, numberRow{name, page.Thousands(int64(c.N)), percent(int64(c.N), int64(most)), c.Hidden})
	}
	return out
}

// questionNames are the questions of the form by their ids without places in
// lists, as causes are counted.
var questionNames = sync.OnceValue(func() map[string]catalog.Text {
	out := map[string]catalog.Text{}
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(intake.Questions()))) { // of a list and its items, the list
		out[strings.ReplaceAll(id, "[]", "")] = intake.Questions()[id]
	}
	return out
})

// causeName says in words what a supplement was about.
func causeName(a *page.Ask, cause string) string {
	switch t, ok := questionNames()[cause]; {
	case ok:
		return t.In(a.Lang)
	case cause == "attachments":
		return a.Word("office.cause_attachments")
	case strings.HasPrefix(cause, "ethics.coverage"):
		return a.Word("office.cause_ethics")
	case cause == "other":
		return a.Word("office.cause_other")
	}
	return cause
}

// public is the statistics of a whole quarter, open to all.
func public(a *page.Ask) error {
	if a.Orders == nil {
		return app.ErrNotFound
	}
	span, ok := periodIn(a)
	if !ok {
		span = day.Span{}
	}
	r, err := a.Orders.PublicStatistics(a.R.Context(), span)
	if err != nil {
		return err
	}
	b := &statisticsBody{Public: true, Export: at("/statistics/export", day.Span{From: r.From, To: r.To})}
	b.fill(a, r)
	b.Earlier = at("/statistics", app.Quarter(r.From))
	if next := app.Quarter(r.To.AddMonths(3)); next.To <= app.Quarter(a.Today).To {
		b.Next = at("/statistics", next)
	}
	return a.Show("office-statistics", page.View{Title: a.Word("office.statistics"), Body: b})
}

func exportPublic(a *page.Ask) error {
	if a.Orders == nil {
		return app.ErrNotFound
	}
	span, ok := periodIn(a)
	if !ok {
		span = day.Span{}
	}
	r, err := a.Orders.PublicStatistics(a.R.Context(), span)
	if err != nil {
		return err
	}
	return table(a, r)
}

// internalOf is the report of any period, for those who work here.
func internalOf(a *page.Ask) (*statisticsBody, measure.Report, error) {
	b := &statisticsBody{}
	b.F = a.Form("/statistics/internal", a.Word("office.show"), &page.Field{ID: "from", Kind: page.Date, Label: a.Word("office.f_from")}, &page.Field{ID: "to", Kind: page.Date, Label: a.Word("office.f_to")})
	span, ok := periodIn(a)
	switch {
	case !ok:
		b.F.Read(a).Wrong("from", a.Word("office.n_period"))
		return b, measure.Report{}, nil
	case span == day.Span{}:
		span = day.Span{From: a.Today - 365, To: a.Today + 1}
	}
	r, err := a.Orders.Statistics(a.R.Context(), span)
	if err != nil {
		return nil, r, err
	}
	b.F.Field("from").Value, b.F.Field("to").Value = span.From.String(), (span.To - 1).String()
	b.Export = at("/statistics/internal/export", span)
	return b, r, nil
}

func internal(a *page.Ask) error {
	b, r, err := internalOf(a)
	if err != nil {
		return err
	}
	v := page.View{Title: a.Word("office.statistics_inside"), Body: b}
	if !b.F.OK() {
		return a.Refused("office-statistics", b.F, v)
	}
	b.fill(a, r)
	if b.Measured, err = measuredLeads(a); err != nil {
		return err
	}
	return a.Show("office-statistics", v)
}

// measuredLeads are the lead times of two years that forecasts rest on.
func measuredLeads(a *page.Ask) ([]leadRow, error) {
	leads, err := a.Orders.Leads(a.R.Context())
	if err != nil {
		return nil, err
	}
	most := 1
	for _, phases := range leads {
		for _, l := range phases {
			most = max(most, l.Slow)
		}
	}
	var out []leadRow
	for _, p := range measure.Phases() {
		for purp, phases := range leads {
			if l, ok := phases[p.ID]; ok {
				out = append(out, leadRow{p.Name.In(a.Lang), purpose(a, purp), strconv.Itoa(l.Median), strconv.Itoa(l.Slow), percent(int64(l.Median), int64(most)), l.Cases, true})
			}
		}
	}
	slices.SortStableFunc(out, func(x, y leadRow) int { return cmp.Compare(x.Purpose, y.Purpose) })
	return out, nil
}

func exportInternal(a *page.Ask) error {
	b, r, err := internalOf(a)
	if err != nil {
		return err
	}
	if !b.F.OK() {
		return a.Refused("office-statistics", b.F, page.View{Title: a.Word("office.statistics_inside"), Body: b})
	}
	return table(a, r)
}

// table answers with a report as CSV. A hidden number is an empty field.
func table(a *page.Ask, r measure.Report) error {
	a.Download("sluss-"+r.From.String()+".csv", "text/csv; charset=utf-8")
	w := csv.NewWriter(a.W)
	w.Comma, w.UseCRLF = ';', true
	_ = w.Write([]string{"table", "row", "purpose", "measure", "value", "hidden"})
	for _, x := range app.Table(r) {
		value := strconv.FormatInt(x.Value, 10)
		if x.Hidden {
			value = ""
		}
		_ = w.Write([]string{app.PlainCell(x.Table), app.PlainCell(x.Row), app.PlainCell(x.Purpose), app.PlainCell(x.Measure), value, strconv.FormatBool(x.Hidden)})
	}
	w.Flush()
	return nil // the reader is gone when writing fails
}
