package works

import (
	"context"
	"fmt"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
)

// coveredDrawing refuses criteria that select by months which the snapshot does
// not know well enough (promise 12): whoever is late in the register would be
// left out of the population, or left in.
func (s *Service) coveredDrawing(ctx context.Context, c *plan.Criteria, scope plan.Scope, snapshot Snapshot) error {
	latest := day.Day(0) // that an index date can be
	for _, k := range c.Any {
		latest = max(latest, k.Period.To.Date-1)
	}
	known := map[string]order.Reach{}
	for _, list := range [][]plan.Criterion{c.Any, c.And, c.Not} {
		for _, k := range list {
			reg, _ := s.Catalogue.Table(k.Table)
			if reg == nil || reg.Coverage == nil || excepted(scope, k.Table) {
				continue
			}
			r, measured := known[reg.ID]
			if !measured {
				var err error
				if r, err = snapshot.Reach(ctx, reg.ID); err != nil {
					return fmt.Errorf("measure the coverage of %s: %w", reg.ID, err)
				}
				known[reg.ID] = r
			}
			if last := k.Period.To.Resolve(latest) - 1; r.Until != 0 && last > r.Until {
				return workorder.Refused("coverage", 12,
					fmt.Sprintf("%s är känt till och med %s i ögonblicksbilden; ett villkor i urvalet kan gå till och med %s.", reg.Names.SV, r.Until, last),
					fmt.Sprintf("%s is known up to and including %s in the snapshot; a condition of the selection can go up to and including %s.", reg.Names.EN, r.Until, last)).
					Do("Vänta på en senare ögonblicksbild, eller låt beslutet göra ett undantag.", "Wait for a later snapshot, or have the decision make an exception.")
			}
		}
	}
	return nil
}
