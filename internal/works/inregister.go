package works

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/exposure"
)

// inRegister counts the delivered persons among everybody in the register, by the
// lasting traits that the plan delivers; nil where it delivers none. Traits that come
// from rows of benefits have no count for everybody, and take no part.
func (s *Service) inRegister(job Extraction, snapshot Snapshot) *exposure.Register {
	var table string
	var by []Lasting
	out := &exposure.Register{}
	for i := range job.Plan.Extracts {
		e := &job.Plan.Extracts[i]
		_, t := s.Catalogue.Table(e.Table)
		if t == nil || !t.OnePerPerson() || table != "" && table != t.ID {
			continue
		}
		for _, c := range e.Columns {
			v := t.Variable(c.Name)
			if v == nil || v.Identifying != catalog.Trait {
				continue
			}
			level := ""
			if c.Coarsen != nil {
				level = c.Coarsen.To
			}
			l := Lasting{v.ID, level}
			switch {
			case !v.Stored() || c.Derive != nil:
				if !slices.Contains(out.Left, v.ID) {
					out.Left = append(out.Left, v.ID)
				}
			case !slices.Contains(by, l):
				by, table = append(by, l), t.ID
			}
		}
	}
	if len(by) == 0 {
		return nil
	}
	of, persons, ok := snapshot.Alike(table, by)
	if !ok {
		return nil
	}
	var alone, few, all int64
	for _, p := range job.People {
		n := of(p.Entity)
		if n == 0 {
			continue // no row, and so no traits
		}
		all++
		if n == 1 {
			alone++
		}
		if n < exposure.Cell {
			few++
		}
	}
	for _, l := range by {
		out.Traits = append(out.Traits, l.Variable)
	}
	out.Traits = slices.Compact(slices.Sorted(slices.Values(out.Traits)))
	slices.Sort(out.Left)
	out.Persons = exposure.Protect(int64(persons))
	out.Uniques, out.AtRisk = s.Policy.Uniques.Grade(alone, all), s.Policy.AtRisk.Grade(few, all)
	return out
}
