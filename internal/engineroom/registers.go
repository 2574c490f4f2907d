package engineroom

import (
	"context"
	"fmt"
	"math/big"
	"strconv"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/coverage"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/register/completeness"
	"sluss/internal/swede"
	"sluss/internal/works"
)

// Registers is a store of snapshots.
type Registers struct {
	Store     string
	Catalogue *catalog.Catalogue
	// Cluster, if set, carries extractions out.
	Cluster *Cluster
	// Progress, if set, hears how far an extraction has come.
	Progress func(done, total int64)
}

// Latest is the id of the newest snapshot.
func (r Registers) Latest(context.Context) (string, error) {
	list, err := register.List(r.Store)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", works.ErrNotFound
	}
	return list[len(list)-1].ID, nil
}

// Open opens a snapshot.
func (r Registers) Open(_ context.Context, id string) (works.Snapshot, error) {
	s, err := register.Open(r.Store, id)
	if err != nil {
		return nil, err
	}
	return &snapshot{Snapshot: s, store: r.Store, catalogue: r.Catalogue, cluster: r.Cluster, progress: r.Progress}, nil
}

// snapshot is a register.Snapshot as works wants it: persons are named by the
// stable keys of the identity register.
type snapshot struct {
	*register.Snapshot
	store     string
	catalogue *catalog.Catalogue
	cluster   *Cluster
	progress  func(done, total int64)

	counted map[string]counted // by register, when it has been asked for
}

// counted is what completeness is worked out from.
type counted struct {
	counts *coverage.Register
	paid   *day.Day // last date of payment
}

func (s *snapshot) Day() day.Day     { return s.LoadedAt() }
func (s *snapshot) Hash() canon.Hash { return s.Snapshot.Hash() }

func (s *snapshot) Resolve(n swede.Personnummer, on day.Day) (uint64, works.Match) {
	return s.resolved(s.Identity().Resolve(n, on))
}

func (s *snapshot) ResolveOrganisation(n swede.Organisationsnummer, on day.Day) (uint64, works.Match) {
	return s.resolved(s.Identity().ResolveOrganisation(n, on))
}

func (s *snapshot) resolved(person uint32, m register.Match) (uint64, works.Match) {
	switch m {
	case register.Found, register.Superseded:
		return uint64(s.Identity().Entity(person)), works.Found
	case register.Ambiguous:
		return 0, works.Ambiguous
	}
	return 0, works.NotFound
}

// person is the dense index of an entity; every entity that works holds has
// come from this identity register.
func (s *snapshot) person(entity uint64) (uint32, bool) {
	return s.Identity().ByEntity(int64(entity))
}

func (s *snapshot) Size(of plan.Persons) (n int) {
	for p := range uint32(s.Identity().Len()) {
		if s.Identity().Organisation(p) == of.Organisations() {
			n++
		}
	}
	return n
}

func (s *snapshot) Protected(entity uint64) bool {
	p, ok := s.person(entity)
	return !ok || s.Identity().Protected(p) // unknown: the stricter rule
}

func (s *snapshot) Organisation(entity uint64) bool {
	p, ok := s.person(entity)
	return ok && s.Identity().Organisation(p)
}

func (s *snapshot) Birth(entity uint64) day.Day {
	if p, ok := s.person(entity); ok {
		return s.Identity().Birth(p)
	}
	return 0
}

// Reach measures how complete a register is.
func (s *snapshot) Reach(ctx context.Context, id string) (order.Reach, error) {
	out := order.Reach{Register: id}
	reg := s.catalogue.Register(id)
	if reg == nil || len(reg.Benefits) == 0 || !completeness.Held(s.Snapshot, reg) {
		return out, nil
	}
	c, err := s.count(ctx, reg)
	if err != nil {
		return out, err
	}
	sum := completeness.Summarise(s.Snapshot, reg, c.counts, c.paid)
	if sum.OrderableUntil != nil {
		out.Until = *sum.OrderableUntil
	}
	if sum.PaymentsTo != nil {
		out.PaymentsTo = *sum.PaymentsTo
	}
	return out, nil
}

// count reads a register once, however often it is asked for.
func (s *snapshot) count(ctx context.Context, reg *catalog.Register) (counted, error) {
	if c, ok := s.counted[reg.ID]; ok {
		return c, nil
	}
	counts, paid, err := completeness.Count(ctx, s.Snapshot, reg, nil)
	if err != nil {
		return counted{}, err
	}
	if s.counted == nil {
		s.counted = map[string]counted{}
	}
	s.counted[reg.ID] = counted{counts, paid}
	return s.counted[reg.ID], nil
}

// Complete measures up to which day a register is known to a share.
func (s *snapshot) Complete(ctx context.Context, id string, share float64) (until day.Day, ok bool, err error) {
	reg := s.catalogue.Register(id)
	if reg == nil || reg.Coverage == nil || !completeness.Held(s.Snapshot, reg) {
		return 0, false, nil
	}
	limit, ok := new(big.Rat).SetString(strconv.FormatFloat(share, 'f', -1, 64)) // 0.95 as it was written
	if !ok {
		return 0, false, nil
	}
	c, err := s.count(ctx, reg)
	if err != nil {
		return 0, false, err
	}
	last := coverage.Until(c.counts, limit, coverage.Method{})
	if last == nil {
		return 0, false, nil
	}
	return *last, true, nil
}

func (s *snapshot) Number(entity uint64) string {
	if p, ok := s.person(entity); ok {
		return fmt.Sprintf("%012d", s.Identity().CurrentNumber(p))
	}
	return ""
}
