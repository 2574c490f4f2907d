package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/measure"
)

// facts are the facts of orders that something happened to in the period; the
// rest are passed by, one at a time.
func (a *App) facts(ctx context.Context, period day.Span) ([]measure.Fact, error) {
	if a.Digests == nil {
		return nil, nil
	}
	var out []measure.Fact
	err := a.Digests.EachDigest(ctx, PartFact, "", Everything, func(id, text string) error {
		var f measure.Fact
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return fmt.Errorf("fact of %s: %w", id, err)
		}
		for _, on := range f.On {
			if period.From <= on && on < period.To {
				out = append(out, f)
				break
			}
		}
		return nil
	})
	return out, err
}

// Statistics is the report of a period, counted on the days [From, To), at most
// ten minutes ago. It is shared and must not be changed.
// Small numbers are hidden within the report; two reports over overlapping
// periods can tell what each of them hides, so what is open to all is
// [App.PublicStatistics].
func (a *App) Statistics(ctx context.Context, period day.Span) (measure.Report, error) {
	if period.From >= period.To {
		return measure.Report{}, badPeriod("Perioden är tom.", "The period is empty.")
	}
	return a.counted(period, func() (measure.Report, error) {
		facts, err := a.facts(ctx, period)
		if err != nil {
			return measure.Report{}, err
		}
		return measure.Make(facts, period, a.House().Calendar, 0), nil
	})
}

// Leads are the lead times by purpose and phase of the last two years, for the
// authority's own forecasts: numbers of cases stand beside.
func (a *App) Leads(ctx context.Context) (map[string]map[string]clock.Lead, error) {
	_, leads, err := a.learn(ctx)
	return leads, err
}

// Quarter is the last calendar quarter that has ended before a day.
func Quarter(before day.Day) day.Span {
	to := day.FirstOfMonth(before.Month() - (before.Month()%3+3)%3)
	return day.Span{From: day.FirstOfMonth(to.Month() - 3), To: to}
}

// PublicStatistics makes the report of one calendar quarter that has ended; the
// zero period is the last one. Only whole quarters are open to all: they do not
// overlap, so that no two reports can be subtracted from each other.
func (a *App) PublicStatistics(ctx context.Context, period day.Span) (measure.Report, error) {
	last := Quarter(a.today())
	if period == (day.Span{}) {
		period = last
	}
	if period.To > last.To || period != Quarter(period.To) {
		return measure.Report{}, badPeriod("Öppen statistik finns för ett helt kalenderkvartal som är slut.", "Open statistics are for one whole calendar quarter that has ended.")
	}
	return a.published.report(period, func() (measure.Report, error) { return a.Statistics(ctx, period) }, a.today())
}

func badPeriod(sv, en string) error {
	return fault.New("statistics.period", sv, en).Do("Ange from (första dagen) och to (dagen efter den sista), som 2026-07-01 och 2026-10-01.", "Give from (first day) and to (the day after the last), as 2026-07-01 and 2026-10-01.")
}

// published keeps reports of the day, so that whoever asks again and again
// does not make the counter count again. Safe for concurrent use.
type published struct {
	mu      sync.Mutex
	on      day.Day
	reports map[day.Span]measure.Report
}

// keptReports is how many periods are kept; then it begins anew.
const keptReports = 40

func (p *published) report(period day.Span, count func() (measure.Report, error), today day.Day) (measure.Report, error) {
	p.mu.Lock() // one counts at a time
	defer p.mu.Unlock()
	if p.on != today || len(p.reports) >= keptReports {
		p.on, p.reports = today, map[day.Span]measure.Report{}
	}
	if r, ok := p.reports[period]; ok {
		return r, nil
	}
	r, err := count()
	if err == nil {
		p.reports[period] = r
	}
	return r, err
}

// Row is a line of the report as a table: what a spreadsheet is made of.
type Row struct {
	Table, Row, Purpose, Measure string
	Value                        int64
	Hidden                       bool
}

// Table is a report as lines.
func Table(r measure.Report) []Row {
	var out []Row
	for _, c := range r.Counts {
		out = append(out, Row{c.Table, c.Row, c.Purpose, "cases", int64(c.N), c.Hidden})
	}
	for _, l := range r.Leads {
		for _, x := range []struct {
			name string
			n    int
		}{{"working_days_median", l.WorkMedian}, {"working_days_p90", l.WorkSlow}, {"days_median", l.DaysMedian}, {"days_p90", l.DaysSlow}} {
			out = append(out, Row{"lead", l.Phase, l.Purpose, x.name, int64(x.n), !l.Shown})
		}
	}
	for _, e := range r.Efforts {
		for _, x := range []struct {
			name string
			n    int64
		}{{"quoted_centihours_median", e.Quoted}, {"used_centihours_median", e.Used}, {"within_quote_percent", int64(e.Within)}} {
			out = append(out, Row{"effort", "", e.Purpose, x.name, x.n, !e.Shown})
		}
	}
	return slices.Clip(out)
}
