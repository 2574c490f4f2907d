package app

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"sluss/internal/clock"
	"sluss/internal/diarium"
	"sluss/internal/measure"
	"sluss/internal/order"
)

// PublicEntries are entries of the register that everybody may read, the latest
// first: those of a year (0 = all) that come after a place, at most limit.
// Nobody is asked who reads it, and no read is noted: it tells nothing that is
// not everybody's.
func (a *App) PublicEntries(ctx context.Context, year int, after StandPlace, limit int) ([]diarium.Entry, error) {
	if a.Digests == nil {
		return nil, ErrNotFound
	}
	q := StandQuery{List: listPublic, After: after, Latest: true, Limit: limit}
	if year != 0 {
		q.From, q.To = strconv.Itoa(year)+"-01-01", strconv.Itoa(year+1)+"-01-01"
	}
	var out []diarium.Entry
	err := a.Digests.Standing(ctx, q, func(s Standing) error { // its title and principal may be secret: the entry knows
		if s.Row.Entry != nil {
			out = append(out, *s.Row.Entry)
		}
		return nil
	})
	return out, err
}

// Forecast is what somebody can expect who hands in an order of a purpose today.
type Forecast struct {
	Purpose string
	Queue   []QueueCount
	When    clock.Range
}

// QueueCount is how many orders of the purpose are in a phase. Few: fewer than
// [measure.DefaultThreshold], and N is 0.
type QueueCount struct {
	Phase order.Phase
	N     int
	Few   bool
}

// forecasts are kept as long as the experience that they rest on.
type forecasts struct {
	mu    sync.Mutex
	until time.Time
	all   []Forecast
}

// Forecasts are the queue and the time to expect, by purpose; at most ten
// minutes old, and not to be changed.
func (a *App) Forecasts(ctx context.Context) ([]Forecast, error) {
	if a.Digests == nil {
		return nil, ErrNotFound
	}
	_, leads, err := a.learn(ctx)
	if err != nil {
		return nil, err
	}
	a.forecast.mu.Lock()
	defer a.forecast.mu.Unlock()
	now := a.Clock()
	if good(now, a.forecast.until) {
		return a.forecast.all, nil
	}
	open, err := a.Digests.OpenCases(ctx)
	if err != nil {
		return nil, err
	}
	var all []Forecast
	for _, purpose := range []string{"research", "statistics"} {
		f := Forecast{Purpose: purpose, When: a.House().Book().Promise(clock.Case{Purpose: purpose, Calendar: a.House().Calendar, Today: a.today()}, leads[purpose], 0, 0)}
		for _, x := range open {
			if x.Purpose != purpose {
				continue
			}
			c := QueueCount{Phase: x.Phase, N: x.N}
			if c.N < measure.DefaultThreshold {
				c.N, c.Few = 0, true
			}
			f.Queue = append(f.Queue, c)
		}
		slices.SortStableFunc(f.Queue, func(x, y QueueCount) int {
			return cmp.Compare(slices.Index(order.Phases, x.Phase), slices.Index(order.Phases, y.Phase))
		})
		all = append(all, f)
	}
	a.forecast.all, a.forecast.until = all, now.Add(experienceFor)
	return all, nil
}
