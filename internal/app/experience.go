package app

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/measure"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// experience is what earlier cases teach about the next: hours and lead times.
// It is read from all digests and kept for a while, because estimates are asked
// for on every page of a draft and change slowly. Safe for concurrent use.
type experience struct {
	mu    sync.Mutex
	until time.Time // when it is read anew
	past  []pastCase
	leads map[string]map[string]clock.Lead // purpose, phase

	// estimates of orders without a case, which are asked for again and again
	// while they are written, with their choices; of what past is.
	estimatesMu    sync.Mutex
	estimatesUntil time.Time
	estimates      map[quote.Features]quote.Interval

	decidedMu    sync.Mutex
	decidedUntil time.Time
	decided      []review.Decided // without their reasons

	reportsMu sync.Mutex
	reports   map[day.Span]keptReport
}

// keptReport is a report and until when it is good.
type keptReport struct {
	until time.Time
	measure.Report
}

// pastCase is a finished case; its own estimate leaves it out.
type pastCase struct {
	id string
	quote.Past
}

// experienceFor is how long experience is kept.
const experienceFor = 10 * time.Minute

// good reports whether what is good until a time is so now. A clock that was set
// back ends it too.
func good(now, until time.Time) bool {
	return now.Before(until) && now.After(until.Add(-2*experienceFor))
}

// decisions are the earlier decisions to compare cases with, read at most
// [experienceFor] ago, without their reasons. Nobody is shown one of them: they
// tell which decisions to read.
func (a *App) decisions(ctx context.Context) ([]review.Decided, error) {
	if a.Digests == nil {
		return nil, nil
	}
	e := &a.experience
	e.decidedMu.Lock()
	defer e.decidedMu.Unlock()
	now := a.Clock()
	if good(now, e.decidedUntil) {
		return e.decided, nil
	}
	same := map[string]string{} // most decisions name the same registers and variables
	one := func(l []string) {
		for i, t := range l {
			if _, ok := same[t]; !ok {
				same[t] = t
			}
			l[i] = same[t]
		}
	}
	var all []review.Decided
	err := a.Digests.EachDigest(ctx, PartDecided, "", Everything, func(id, text string) error {
		var d review.Decided
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return fmt.Errorf("decision of %s: %w", id, err)
		}
		one(d.Registers)
		one(d.Benefits)
		one(d.Variables)
		d.Reasons = catalog.Text{}
		all = append(all, d)
		return nil
	})
	if err == nil {
		e.decided, e.decidedUntil = all, now.Add(experienceFor)
	}
	return all, err
}

// keptEstimates bounds how many estimates are kept.
const keptEstimates = 4096

// estimate is [quote.Estimate], made once for orders that are alike while the
// experience holds. A case that may itself be among the finished ones has its
// own.
func (e *experience) estimate(id string, past []quote.Past, f quote.Features) quote.Interval {
	if id != "" {
		return quote.Estimate(past, f)
	}
	e.mu.Lock()
	until := e.until
	e.mu.Unlock()
	e.estimatesMu.Lock()
	defer e.estimatesMu.Unlock()
	if e.estimates == nil || !until.Equal(e.estimatesUntil) || len(e.estimates) >= keptEstimates {
		e.estimates, e.estimatesUntil = map[quote.Features]quote.Interval{}, until
	}
	v, ok := e.estimates[f]
	if !ok {
		v = quote.Estimate(past, f)
		e.estimates[f] = v
	}
	return v
}

// counted returns the report of a period, made at most [experienceFor] ago.
// One is made at a time.
func (a *App) counted(period day.Span, count func() (measure.Report, error)) (measure.Report, error) {
	e := &a.experience
	e.reportsMu.Lock()
	defer e.reportsMu.Unlock()
	now := a.Clock()
	if r, ok := e.reports[period]; ok && good(now, r.until) {
		return r.Report, nil
	}
	r, err := count()
	if err != nil {
		return r, err
	}
	if e.reports == nil || len(e.reports) >= keptReports {
		e.reports = map[day.Span]keptReport{}
	}
	e.reports[period] = keptReport{now.Add(experienceFor), r}
	return r, nil
}

// learn returns the experience, read at most [experienceFor] ago. Who waits for
// another's reading uses what that one reads.
func (a *App) learn(ctx context.Context) (past []pastCase, leads map[string]map[string]clock.Lead, err error) {
	e := &a.experience
	e.mu.Lock()
	defer e.mu.Unlock()
	now := a.Clock()
	if good(now, e.until) {
		return e.past, e.leads, nil
	}
	if a.Digests != nil {
		err = a.Digests.EachDigest(ctx, PartPast, "", Everything, func(id, text string) error {
			x := pastCase{id: id}
			if err := json.Unmarshal([]byte(text), &x.Past); err != nil {
				return fmt.Errorf("hours of %s: %w", id, err)
			}
			past = append(past, x)
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	facts, err := a.facts(ctx, day.Span{From: a.today() - 2*365, To: a.today() + 1})
	if err != nil {
		return nil, nil, err
	}
	leads = map[string]map[string]clock.Lead{}
	for _, f := range facts {
		if leads[f.Purpose] == nil {
			leads[f.Purpose] = measure.Leads(facts, f.Purpose, a.House().Calendar)
		}
	}
	e.past, e.leads, e.until = past, leads, now.Add(experienceFor)
	return past, leads, nil
}
