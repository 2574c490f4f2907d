package works

import (
	"context"
	"slices"

	"sluss/internal/day"
	"sluss/internal/plan"
	"sluss/internal/pseudonym"
	"sluss/internal/workorder"
)

// drawKeys finds or draws the löpnummer of everybody whom the files name.
func (s *Service) drawKeys(ctx context.Context, m workorder.Mandate, people []Person, mentioned, employers []uint64, snapshot Snapshot, today day.Day) (*keys, error) {
	if m.Ruling.Scope.Persons.Organisations() {
		return s.organisationKeys(ctx, m, people, mentioned, employers, snapshot, today)
	}
	k, err := s.keys(ctx, m, people, mentioned, snapshot, today)
	if err != nil {
		return nil, err
	}
	return k, s.employerKeys(ctx, m, k, employers, today)
}

// organisationKeys finds or draws the löpnummer of a population of
// organisations. An organisation has one of the employers' series, the same in
// every column and table; a sole trader is a person and has one of the
// persons'. The first series begins where the second cannot reach
// ([plan.OrganisationBase]), so that a number tells which of the two it
// stands for and is never both.
func (s *Service) organisationKeys(ctx context.Context, m workorder.Mandate, people []Person, mentioned, employers []uint64, snapshot Snapshot, today day.Day) (*keys, error) {
	organisations, traders := split(people, snapshot)
	t, err := s.domainOf(ctx, m, pseudonym.Employer, pseudonym.Own, pseudonym.ScopeProject, plan.OrganisationBase, today)
	if err != nil {
		return nil, err
	}
	if t.Domain.Base < plan.OrganisationBase {
		return nil, workorder.Refused("organisation_series", 9, "Projektets sparade nyckel för arbetsgivare har nummer som också kan vara personers; den kan inte användas för en population av organisationer.",
			"The project's kept key of employers has numbers that can be persons' as well; it cannot be used for a population of organisations.")
	}
	entities := slices.Clone(employers)
	for _, o := range organisations {
		entities = append(entities, o.Entity)
	}
	if err := s.drawAndTest(t, entities, organisations, m, snapshot); err != nil {
		return nil, err
	}
	k := &keys{firms: t.Index(), tables: []*pseudonym.Table{t}, organisation: snapshot.Organisation}
	entities = slices.Clone(mentioned)
	for _, p := range traders {
		entities = append(entities, p.Entity)
	}
	if len(entities) == 0 {
		return k, nil
	}
	persons, err := s.domain(ctx, m, pseudonym.Own, pseudonym.ScopeProject, 0, today)
	if err != nil {
		return nil, err
	}
	if err := s.drawAndTest(persons, entities, traders, m, snapshot); err != nil {
		return nil, err
	}
	if persons.Max() >= plan.OrganisationBase {
		return nil, workorder.Refused("organisation_series", 9, "Personernas löpnummer når in i organisationernas.", "The löpnummer of persons reach into those of organisations.")
	}
	k.people, k.others, k.tables = persons.Index(), persons.Index(), append(k.tables, persons)
	return k, nil
}

// drawAndTest draws what is missing and tests that the numbers which were drawn
// now follow no order that tells who it is.
func (s *Service) drawAndTest(t *pseudonym.Table, entities []uint64, people []Person, m workorder.Mandate, snapshot Snapshot) error {
	before := t.Index()
	if err := s.draw(t, entities, m); err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(people), func(p Person) bool { _, had := before.Lopnr(p.Entity); return had })
	return s.checkOrder(t, fresh, snapshot)
}

// split parts a population of organisations from the sole traders in it.
func split(people []Person, snapshot Snapshot) (organisations, traders []Person) {
	for _, p := range people {
		if snapshot.Organisation(p.Entity) {
			organisations = append(organisations, p)
		} else {
			traders = append(traders, p)
		}
	}
	return organisations, traders
}
