package app

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/measure"
	"sluss/internal/quote"
)

// experience is what earlier cases teach about the next: hours and lead times.
// It is read from all digests and kept for a while, because estimates are asked
// for on every page of a draft and change slowly. Safe for concurrent use.
type experience struct {
	mu    sync.Mutex
	until time.Time // when it is read anew
	past  []pastCase
	leads map[string]map[string]clock.Lead // purpose, phase
}

// pastCase is a finished case; its own estimate leaves it out.
type pastCase struct {
	id string
	quote.Past
}

// experienceFor is how long experience is kept.
const experienceFor = 10 * time.Minute

// learn returns the experience, read at most [experienceFor] ago. Who waits for
// another's reading uses what that one reads.
func (a *App) learn(ctx context.Context) (past []pastCase, leads map[string]map[string]clock.Lead, err error) {
	e := &a.experience
	e.mu.Lock()
	defer e.mu.Unlock()
	now := a.Clock()
	if now.Before(e.until) && now.After(e.until.Add(-2*experienceFor)) {
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
			leads[f.Purpose] = measure.Leads(facts, f.Purpose, a.Authority.Calendar)
		}
	}
	e.past, e.leads, e.until = past, leads, now.Add(experienceFor)
	return past, leads, nil
}
