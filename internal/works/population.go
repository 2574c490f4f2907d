package works

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"strconv"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/population"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// population takes a sealed file over, reads it for the first time, checks
// every line and resolves the persons.
func (s *Service) population(ctx context.Context, m workorder.Mandate, today day.Day) (workorder.Report, error) {
	sealed, medium, err := s.receive(ctx, m)
	switch {
	case errors.Is(err, ErrNotFound) && m.Population.Tracking != "":
		s.tell("waiting", m.Order)
		return workorder.Report{Waiting: workorder.WaitingMedium}, nil
	case errors.Is(err, ErrTaken):
		return workorder.Report{Population: mediumGone(m.Population.ID)}, nil
	case err != nil:
		return workorder.Report{}, err
	}
	report, err := s.checkPopulation(ctx, m, sealed, today)
	if err != nil || m.Population.Tracking == "" {
		return report, err
	}
	report.Population.SHA256 = medium
	if free, ok := ctx.Value(unboundKey{}).(context.Context); ok {
		ctx = free // the medium's file has been judged: it is put away, whatever the time
	}
	return report, s.Mailroom.Done(ctx, m.Order, m.Population.Tracking)
}

// checkPopulation reads a sealed file that lies in the vault.
func (s *Service) checkPopulation(ctx context.Context, m workorder.Mandate, sealed Object, today day.Day) (workorder.Report, error) {
	snapshot, err := s.openLatest(ctx)
	if err != nil {
		return workorder.Report{}, err
	}
	defer snapshot.Close()
	if err := s.fits(snapshot); err != nil {
		return workorder.Report{}, err
	}
	in := intake{snapshot: snapshot, scope: m.Ruling.Scope.Persons, today: today, counts: map[string]int{}, seen: map[uint64]bool{}}
	result, sum, err := s.readPopulation(ctx, sealed, &in, today)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Class == fault.Input {
		// The supplier's to mend: the file is refused, and another may come.
		return workorder.Report{Population: &order.PopulationChecked{ID: m.Population.ID, Code: f.Code, SV: f.SV, EN: f.EN}}, nil
	}
	if err != nil {
		return workorder.Report{}, err
	}
	for reason, n := range result.Invalid {
		in.counts[string(reason)] = n
	}
	in.counts["duplicates"] = result.Duplicates
	checked := order.PopulationChecked{
		ID: m.Population.ID, Rows: result.Rows, Persons: len(in.people), Counts: in.counts,
		Intake: plan.Ref{ID: "pop-" + strconv.Itoa(m.Population.ID), SHA256: sum},
	}
	checked.Accepted = len(in.people) > 0 && len(in.people) <= m.Ruling.Scope.Persons.Max
	if len(in.people) > m.Ruling.Scope.Persons.Max {
		in.counts["over_decided_maximum"] = len(in.people) - m.Ruling.Scope.Persons.Max
	}
	if !checked.Accepted {
		return workorder.Report{Population: &checked}, nil
	}
	if ctx, err = unbound(ctx); err != nil {
		return workorder.Report{}, err
	}
	if err := s.putPeople(ctx, m.Order, in.people); err != nil {
		return workorder.Report{}, err
	}
	under := m.Ruling.Scope.Persons
	err = s.Records.SaveIntake(ctx, m.Order, Intake{Ref: checked.Intake, Persons: len(in.people), Under: &under})
	return workorder.Report{Population: &checked}, err
}

// receive copies the sealed file into the vault and returns where it lies and,
// of a medium, its hash. A file from the counter must be the one that the
// counter took in; of a medium the counter knows nothing but the number of its
// letter.
func (s *Service) receive(ctx context.Context, m workorder.Mandate) (Object, canon.Hash, error) {
	p := m.Population
	if p.Tracking != "" {
		return s.receiveMedium(ctx, m.Order, p.Tracking)
	}
	o := Object{m.Order, ObjectPopulation, "population-" + strconv.Itoa(p.ID) + ".age"}
	r, err := s.Counter.Population(ctx, m.ID)
	if err != nil {
		return o, "", fmt.Errorf("fetch population: %w", err)
	}
	sum, err := s.keep(ctx, o, r)
	if err == nil && sum != p.SHA256 {
		err = errors.New("the sealed population file is not the one the counter took in")
	}
	return o, sum, err
}

// receiveMedium takes a medium over from the mailroom. One that was taken over
// before, by a run whose report was lost, lies in the vault already.
func (s *Service) receiveMedium(ctx context.Context, order, tracking string) (Object, canon.Hash, error) {
	o := Object{order, ObjectPopulation, "medium-" + tracking + ".age"}
	r, err := s.Mailroom.Medium(ctx, order, tracking)
	if errors.Is(err, ErrTaken) {
		kept, e := s.Vault.Get(ctx, o)
		if errors.Is(e, ErrNotFound) {
			return o, "", err
		}
		if e != nil {
			return o, "", e
		}
		defer kept.Close()
		_, sum, e := canon.SumReader(kept)
		return o, sum, e
	}
	if err != nil {
		return o, "", err
	}
	sum, err := s.keep(ctx, o, r)
	return o, sum, err
}

// keep copies r into the vault, closes it and returns its hash.
func (s *Service) keep(ctx context.Context, o Object, r io.ReadCloser) (canon.Hash, error) {
	defer r.Close()
	_, sum, err := s.Vault.Put(ctx, o, r)
	if err != nil {
		err = fmt.Errorf("keep population: %w", err)
	}
	return sum, err
}

// mediumGone is the report on a medium that was taken out of the mailroom
// before it was read.
func mediumGone(id int) *order.PopulationChecked {
	return &order.PopulationChecked{
		ID: id, Code: "works.medium_taken", SV: "Mediet togs ur valvets postrum innan det lästes; registrera det på nytt med ett annat nummer.",
		EN: "The medium was taken out of the vault's mailroom before it was read; register it again under another number.",
	}
}

func (s *Service) openLatest(ctx context.Context) (Snapshot, error) {
	id, err := s.Registers.Latest(ctx)
	if errors.Is(err, ErrNotFound) {
		return nil, fault.New("works.no_snapshot", "Valvet har inga register.", "The vault has no registers.").Do("Läs in dem först.", "Load them first.").Of(fault.Internal)
	}
	if err != nil {
		return nil, err
	}
	return s.Registers.Open(ctx, id)
}

// readPopulation opens the sealed file and returns the counts and the hash of
// its content.
func (s *Service) readPopulation(ctx context.Context, o Object, in *intake, today day.Day) (population.Result, canon.Hash, error) {
	r, err := s.Vault.Get(ctx, o)
	if err != nil {
		return population.Result{}, "", err
	}
	defer r.Close()
	plain, err := s.Vault.Unseal(bufio.NewReader(r))
	if err != nil {
		return population.Result{}, "", err
	}
	mode := swede.Real
	if in.snapshot.Synthetic() {
		mode = swede.Synthetic
	}
	spec := columns(in.scope)
	h := canon.NewHasher()
	hashed := io.TeeReader(plain, h)
	result, err := s.Tables.Read(ctx, hashed, population.Options{At: today, Mode: mode, Spec: &spec, Accept: in.accept, Organisations: in.scope.Organisations()})
	if err != nil {
		return result, "", err
	}
	if _, err := io.Copy(io.Discard, hashed); err != nil { // what the reader left, so that the hash is of the whole
		return result, "", err
	}
	return result, h.Hash(), nil
}

// columns is the decision's view of the population file.
func columns(p plan.Persons) population.Spec {
	spec := population.Spec{ID: p.ID, Serial: p.Serial}
	for _, c := range p.Columns {
		spec.Extra = append(spec.Extra, population.Column{Name: c.Name, Type: population.Type(c.Type), Use: population.Use(c.Use)})
	}
	return spec
}

// intake collects the resolved persons of a file.
type intake struct {
	snapshot Snapshot
	scope    plan.Persons
	today    day.Day
	people   []Person
	counts   map[string]int
	seen     map[uint64]bool
}

// resolve finds whose number it is.
func (in *intake) resolve(p population.Person) (uint64, Match) {
	if in.scope.Organisations() {
		return in.snapshot.ResolveOrganisation(p.Organisation, in.today)
	}
	return in.snapshot.Resolve(p.Number, in.today)
}

// accept resolves one accepted line.
func (in *intake) accept(p population.Person) error {
	entity, match := in.resolve(p)
	switch {
	case in.scope.Organisations() && !p.Number.IsZero() && in.scope.Traders != "include":
		in.counts[order.CountTradersExcluded]++
		return nil
	case match == NotFound:
		in.counts["not_found"]++
		return nil
	case match == Ambiguous:
		in.counts["ambiguous"]++
		return nil
	case in.seen[entity]: // two numbers of one person, such as before and after a change
		in.counts["same_person"]++
		return nil
	case in.snapshot.Protected(entity) && in.scope.Protected != "include":
		in.counts["protected_excluded"]++
		return nil
	}
	in.seen[entity] = true
	number := p.Number.Reveal()
	if in.scope.Organisations() {
		number = p.Organisation.Whole()
		kind := order.CountOrganisations
		if !p.Number.IsZero() {
			kind = order.CountTraders
		}
		in.counts[kind]++
	}
	person := Person{Entity: entity, Serial: string(p.Serial), Number: fmt.Sprintf("%012d", number)}
	i := 0
	for _, c := range in.scope.Columns {
		if c.Use == string(population.UseDrop) {
			continue
		}
		v := p.Extra[i]
		i++
		if c.Use == string(population.UseSteer) {
			person.Anchors = append(person.Anchors, AnchorDay{v.Set, day.Day(v.N)})
			continue
		}
		person.Passed = append(person.Passed, PassedValue{v.Set, passedText(c.Type, v)})
	}
	in.people = append(in.people, person)
	return nil
}

func passedText(kind string, v population.Value) string {
	switch {
	case !v.Set:
		return ""
	case kind == string(population.TypeDate):
		return day.Day(v.N).String()
	case kind == string(population.TypeInt):
		return strconv.FormatInt(v.N, 10)
	}
	return v.Code
}

// putPeople keeps the resolved persons under a key of their own.
func (s *Service) putPeople(ctx context.Context, owner string, people []Person) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(people); err != nil {
		return err
	}
	_, _, err := s.Vault.Put(ctx, Object{owner, ObjectIntake, "people"}, &b)
	return err
}

func (s *Service) people(ctx context.Context, owner string) ([]Person, error) {
	r, err := s.Vault.Get(ctx, Object{owner, ObjectIntake, "people"})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var people []Person
	err = gob.NewDecoder(bufio.NewReader(r)).Decode(&people)
	return people, err
}
