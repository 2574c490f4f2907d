package engineroom

import (
	"context"
	"errors"
	"slices"

	"sluss/internal/day"
	"sluss/internal/exposure"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/works"
)

// Changes counts, for each extract, the rows of the population in its period
// that have been added, corrected and deleted since an earlier snapshot, before
// filters and shapes. A snapshot that the store has never had gives none.
func (s *snapshot) Changes(ctx context.Context, j works.Extraction, since string) ([]order.ChangeLine, error) {
	then, _, err := register.LoadOf(s.store, since)
	if _, unknown := errors.AsType[*fault.Fault](err); unknown {
		return nil, nil
	}
	if err != nil || then >= s.Load() {
		return nil, err
	}
	names := anchorNames(j.Plan)
	var out []order.ChangeLine
	for _, e := range j.Plan.Extracts {
		t := s.Table(e.Table)
		if t == nil {
			continue
		}
		compare, ok := t.Since(then, s.Load())
		if !ok {
			continue
		}
		var added, corrected, deleted int64
		for i, p := range j.People {
			if i%65536 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			person, known := s.person(p.Entity)
			from, ok1 := bound(e.Window.From, names, p.Anchors)
			to, ok2 := bound(e.Window.To, names, p.Anchors)
			if !known || !ok1 || !ok2 {
				continue
			}
			a, c, d := compare.Count(person, from, to)
			added, corrected, deleted = added+a, corrected+c, deleted+d
		}
		out = append(out, order.ChangeLine{Extract: e.Name, Added: exposure.Protect(added), Corrected: exposure.Protect(corrected), Deleted: exposure.Protect(deleted)})
	}
	return out, nil
}

// anchorNames are the names of the dates that people come with, in order.
func anchorNames(s plan.Spec) []string {
	switch {
	case s.Population.File != nil:
		return s.Population.File.Anchors
	case s.Population.Criteria != nil && s.Population.Criteria.Anchor != nil:
		return []string{s.Population.Criteria.Anchor.Name}
	}
	return nil
}

// bound is the day of a bound for a person; ok is false without the date that
// it is counted from.
func bound(b plan.Bound, names []string, anchors []works.AnchorDay) (d day.Day, ok bool) {
	if !b.Relative() {
		return b.Date, true
	}
	at := slices.Index(names, b.Anchor)
	if at < 0 || at >= len(anchors) || !anchors[at].Set {
		return 0, false
	}
	return b.Resolve(anchors[at].Day), true
}
