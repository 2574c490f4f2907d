package works

import (
	"context"
	"fmt"
	"slices"

	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
)

// covered measures how far each register of the specification reaches in the
// snapshot, and refuses a specification that goes further than that, unless
// the decision makes an exception for the table (promise 12). Registers without
// a coverage rule have no such limit: they say to which payment date they reach.
//
// A window that a person's own date ends may reach as far as the decided
// period.
func (s *Service) covered(ctx context.Context, m workorder.Mandate, snapshot Snapshot) ([]order.Reach, error) {
	var out []order.Reach
	for _, e := range m.Plan.Extracts {
		reg, _ := s.Catalogue.Table(e.Table)
		if reg == nil {
			continue
		}
		at := slices.IndexFunc(out, func(r order.Reach) bool { return r.Register == reg.ID })
		if at < 0 {
			r, err := snapshot.Reach(ctx, reg.ID)
			if err != nil {
				return nil, fmt.Errorf("measure the coverage of %s: %w", reg.ID, err)
			}
			at, out = len(out), append(out, r)
		}
		until := out[at].Until
		if last := lastDay(e, m.Ruling.Scope); reg.Coverage != nil && until != 0 && last > until && !excepted(m.Ruling.Scope, e.Table) {
			return nil, workorder.Refused("coverage", 12,
				fmt.Sprintf("%s kan beställas till och med %s ur ögonblicksbilden; %s går till och med %s.", reg.Names.SV, until, e.Name, last),
				fmt.Sprintf("%s can be ordered up to and including %s from the snapshot; %s goes up to and including %s.", reg.Names.EN, until, e.Name, last)).
				Do("Sluta där, vänta på en senare ögonblicksbild, eller låt beslutet göra ett undantag.", "End there, wait for a later snapshot, or have the decision make an exception.")
		}
	}
	return out, nil
}

func excepted(sc plan.Scope, table string) bool {
	return slices.ContainsFunc(sc.Exceptions, func(x plan.CoverageLeave) bool { return x.Table == table && x.Reason != "" })
}

// lastDay is the last day that rows of an extract can be about.
func lastDay(e plan.Extract, sc plan.Scope) day.Day {
	end := e.Window.To.Date
	row, ok := sc.RowFor(e.Table)
	if ok && row.Period != nil && (e.Window.To.Relative() || row.Period.To < end) {
		end = row.Period.To
	}
	return end - 1
}
