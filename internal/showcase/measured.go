package showcase

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/exposure"
	"sluss/internal/order"
)

// measured is the disclosure report that goes with made-up files: what the
// specification delivers decides which figures there are, their sizes follow the
// number of persons. Nobody is alone, and some are among few, which is amber.
func measured(s order.State, cat *catalog.Catalogue, files []order.FileSummary) *exposure.Report {
	r := &exposure.Report{Type: exposure.Version, Policy: exposure.DefaultPolicy()}
	together := exposure.Part{}
	most := int64(0)
	for i, e := range s.Spec.Extracts {
		reg, table := cat.Table(e.Table)
		if reg == nil {
			continue
		}
		part := exposure.Part{Extract: e.Name, Table: e.Table, Shape: string(e.Shape.Of())}
		var events []string
		for _, c := range e.Columns {
			v := table.Variable(c.Name)
			switch {
			case v == nil:
			case v.Identifying == catalog.Trait:
				part.Traits = append(part.Traits, c.Out())
			case v.Identifying == catalog.Event:
				events = append(events, c.Out())
			}
		}
		persons := files[i].Persons
		weigh(&part, persons, r.Policy)
		if len(events) > 0 {
			part.Path = paths(events, persons, r.Policy)
		}
		r.Scanned += files[i].Rows * int64(len(e.Columns))
		r.Parts = append(r.Parts, part)
		for _, t := range part.Traits {
			if !slices.Contains(together.Traits, t) {
				together.Traits = append(together.Traits, t)
			}
		}
		if persons > most {
			most, together.Path = persons, part.Path
		}
	}
	weigh(&together, most, r.Policy)
	r.Together = together
	for i, against := range []string{"personal_number", "birth_date", "register_order"} {
		r.Order = append(r.Order, exposure.Order{Against: against, Score: int64(420 + 310*i), Light: exposure.Green})
	}
	r.Judge()
	return r
}

// weigh fills in classes: everybody is alike without traits, else the smallest class
// has three persons.
func weigh(p *exposure.Part, persons int64, policy exposure.Policy) {
	p.Persons = exposure.Protect(persons)
	k, few, classes := persons, int64(0), int64(1)
	if len(p.Traits) > 0 {
		k, few, classes = 3, max(persons/80, 3), max(persons/40, 2)
		p.WhatIf = []exposure.Coarser{{Column: p.Traits[0], K: exposure.Protect(persons / 4)}}
	}
	p.Classes = exposure.Protect(classes)
	p.K = exposure.Graded{Count: exposure.Protect(k), Light: policy.K.AtLeast(k)}
	p.Uniques, p.AtRisk = policy.Uniques.Grade(0, persons), policy.AtRisk.Grade(few, persons)
}

// paths are the shares that sequences of days have in registers: few are alone by the
// first, most by all.
func paths(events []string, persons int64, policy exposure.Policy) *exposure.Path {
	p := &exposure.Path{Columns: events}
	for _, percent := range []int64{4, 38, 66} {
		p.First = append(p.First, policy.Path.Grade(persons*percent/100, persons))
	}
	p.Whole = policy.Path.Grade(persons*85/100, persons)
	return p
}
