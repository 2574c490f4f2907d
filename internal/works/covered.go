package works

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
)

// covered measures how far each register of the specification reaches in the
// snapshot, and refuses a specification that goes further than that, unless
// the decision makes an exception for the table (promise 12). Registers without
// a coverage rule have no such limit: they say to which payment date they reach.
// Where the specification itself asks for a coverage (min_coverage) that holds,
// too, whatever exceptions there are.
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
		if e.MinCoverage > 0 {
			if err := asked(ctx, e, reg, lastDay(e, m.Ruling.Scope), snapshot); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// asked refuses an extract whose period is not known to the share that its
// specification asks for.
func asked(ctx context.Context, e plan.Extract, reg *catalog.Register, last day.Day, snapshot Snapshot) error {
	until, ok, err := snapshot.Complete(ctx, reg.ID, e.MinCoverage)
	if err != nil {
		return fmt.Errorf("measure the coverage of %s: %w", reg.ID, err)
	}
	if ok && last <= until {
		return nil
	}
	share := strconv.FormatFloat(e.MinCoverage, 'f', -1, 64)
	f := workorder.Refused("min_coverage", 12,
		fmt.Sprintf("%s är känt till minst andelen %s till och med %s i ögonblicksbilden; %s går till och med %s.", reg.Names.SV, share, until, e.Name, last),
		fmt.Sprintf("%s is known to a share of at least %s up to and including %s in the snapshot; %s goes up to and including %s.", reg.Names.EN, share, until, e.Name, last))
	if !ok {
		f = workorder.Refused("min_coverage", 12,
			fmt.Sprintf("%s har för lite i ögonblicksbilden för att mäta om andelen %s är känd, som %s begär.", reg.Names.SV, share, e.Name),
			fmt.Sprintf("%s holds too little in the snapshot to measure whether a share of %s is known, as %s asks.", reg.Names.EN, share, e.Name))
	}
	return f.Do("Sluta tidigare, vänta på en senare ögonblicksbild, eller begär en lägre täckning (min_coverage).", "End earlier, wait for a later snapshot, or ask for a lower coverage (min_coverage).")
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
