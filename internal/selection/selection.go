// Package selection draws a population from the registers: the stages of
// plan.Criteria, from everybody to who is extracted.
//
//	everybody → without protected → any → and → not → sample → controls → relatives
//
// [Draw] takes what it needs to know from a [Register]: who there is, who meets
// a condition, who is whose child. Everything else follows from the criteria:
// the same registers and criteria give the same people, whatever engine reads
// the rows. Chance comes from seeds that stand in the decision: people are
// ordered by HMAC-SHA-256(seed, key in the identity register). The key never
// leaves the vault, so whoever knows the seed cannot tell who was drawn.
//
// Each stage leaves a count. [Rounded] makes them fit to be told: the
// difference between two stages is a group, too, and may be a single person.
//
// The package is pure.
//
// Sources: reference extraction §2.1 (criteria, sample); ADR 15.
package selection

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"strconv"

	"sluss/internal/day"
	"sluss/internal/plan"
)

// Person is somebody in the identity register.
type Person struct {
	Index     uint32 // in the snapshot
	Key       uint64 // the same in every snapshot
	Born      day.Day
	Died      day.Day // day.Open for the living
	Sex       string
	County    string
	Protected bool
}

// Seat is a person whose rows are looked at, with the index date that periods
// may start from; HasIndex is false where none does.
type Seat struct {
	Person   uint32
	HasIndex bool
	Index    day.Day
}

// Met is a person who meets a condition, with the first and the last day on
// which a spell or row of it begins.
type Met struct {
	Person      uint32
	First, Last day.Day
}

// Register is what there is to be drawn from.
type Register interface {
	// People are all persons, no organisations, ascending by Index.
	People() []Person
	// Meets returns who of the seats meets each condition, ascending by person.
	Meets(conditions []plan.Criterion, seats []Seat) ([][]Met, error)
	// Relatives are somebody's children or parents.
	Relatives(person uint32, relation string) []uint32
}

// Member is somebody of a drawn population.
type Member struct {
	Person   uint32
	Role     string // plan.RoleCase …
	Set      int    // number that a case shares with its controls and relatives, from 1
	HasIndex bool
	Index    day.Day
}

// Stage is how many people were left, or were added, after a step.
type Stage struct {
	Code  string // register, protected, any, and_1, not_1, sample, controls, children …
	Count int
}

// Stages.
const (
	StageRegister  = "register"  // persons in the identity register
	StageProtected = "protected" // left out for a protected identity
	StageAny       = "any"       // meet one of the first conditions
	StageAnd       = "and"       // left after a further condition, with its number
	StageNot       = "not"       // left after an excluding condition, with its number
	StageSample    = "sample"    // drawn
	StageControls  = "controls"  // controls found
	StageShort     = "short"     // cases with fewer controls than asked for
	StageTotal     = "total"     // the population
)

// Drawn is a population.
type Drawn struct {
	Members []Member // ascending by Person
	Stages  []Stage
}

// Draw draws the population that the criteria describe. People with protected
// identity take part only where protected is true. The criteria have no
// problems (plan.Spec.Problems).
func Draw(c *plan.Criteria, protected bool, r Register) (Drawn, error) {
	var out Drawn
	all := r.People()
	open := all
	out.count(StageRegister, len(all))
	if !protected {
		open = slices.DeleteFunc(slices.Clone(all), func(p Person) bool { return p.Protected })
		out.count(StageProtected, len(all)-len(open))
	}
	cases, met, err := first(c, open, r)
	if err != nil {
		return out, err
	}
	out.count(StageAny, len(cases))
	if cases, err = out.narrow(c, cases, r); err != nil {
		return out, err
	}
	if s := c.Sample; s != nil {
		cases = sample(s, cases, keysOf(open))
		out.count(StageSample, len(cases))
	}
	out.gather(c, cases, met, open, r)
	out.count(StageTotal, len(out.Members))
	return out, nil
}

func (d *Drawn) count(code string, n int) { d.Stages = append(d.Stages, Stage{code, n}) }

// first finds who meets one of the first conditions, and the index date of
// each; met holds them all, also those who are left out later.
func first(c *plan.Criteria, open []Person, r Register) (cases []Member, met map[uint32]bool, err error) {
	seats := make([]Seat, len(open))
	for i, p := range open {
		seats[i].Person = p.Index
	}
	lists, err := r.Meets(c.Any, seats)
	if err != nil {
		return nil, nil, err
	}
	index := map[uint32]day.Day{}
	for _, list := range lists {
		for _, m := range list {
			at, seen := index[m.Person]
			switch {
			case c.Anchor != nil && c.Anchor.Pick == plan.PickLast:
				if !seen || m.Last > at {
					at = m.Last
				}
			case !seen || m.First < at:
				at = m.First
			}
			index[m.Person] = at
		}
	}
	met = make(map[uint32]bool, len(index))
	for _, p := range open {
		if at, ok := index[p.Index]; ok {
			met[p.Index] = true
			cases = append(cases, Member{Person: p.Index, Role: plan.RoleCase, HasIndex: c.Anchor != nil, Index: at})
		}
	}
	return cases, met, nil
}

// narrow applies the further conditions, one after another.
func (d *Drawn) narrow(c *plan.Criteria, cases []Member, r Register) ([]Member, error) {
	step := func(code string, k plan.Criterion, want bool) error {
		seats := make([]Seat, len(cases))
		for i, m := range cases {
			seats[i] = Seat{m.Person, m.HasIndex, m.Index}
		}
		lists, err := r.Meets([]plan.Criterion{k}, seats)
		if err != nil {
			return err
		}
		cases = slices.DeleteFunc(cases, func(m Member) bool {
			_, meets := slices.BinarySearchFunc(lists[0], m.Person, func(x Met, p uint32) int { return cmp.Compare(x.Person, p) })
			return meets != want
		})
		d.count(code, len(cases))
		return nil
	}
	for i, k := range c.And {
		if err := step(StageAnd+"_"+strconv.Itoa(i+1), k, true); err != nil {
			return nil, err
		}
	}
	for i, k := range c.Not {
		if err := step(StageNot+"_"+strconv.Itoa(i+1), k, false); err != nil {
			return nil, err
		}
	}
	return cases, nil
}

func keysOf(people []Person) map[uint32]uint64 {
	out := make(map[uint32]uint64, len(people))
	for _, p := range people {
		out[p.Index] = p.Key
	}
	return out
}

// sample keeps the cases with the lowest ranks.
func sample(s *plan.Sample, cases []Member, keys map[uint32]uint64) []Member {
	chance := newChance(s.Seed)
	type ranked struct {
		m    Member
		rank rank
	}
	list := make([]ranked, len(cases))
	for i, m := range cases {
		list[i] = ranked{m, chance.of(keys[m.Person])}
	}
	slices.SortFunc(list, func(a, b ranked) int { return a.rank.compare(&b.rank) })
	list = list[:min(len(list), s.Size)]
	out := make([]Member, len(list))
	for i, x := range list {
		out[i] = x.m
	}
	slices.SortFunc(out, func(a, b Member) int { return cmp.Compare(a.Person, b.Person) })
	return out
}

// gather adds controls and relatives to the cases.
func (d *Drawn) gather(c *plan.Criteria, cases []Member, met map[uint32]bool, open []Person, r Register) {
	d.Members = cases
	if c.Controls == nil && c.Relatives == nil {
		return
	}
	keys := keysOf(open)
	number(cases, keys)
	taken := make(map[uint32]bool, len(cases))
	for _, m := range cases {
		taken[m.Person] = true
	}
	if c.Controls != nil {
		controls, short := match(c.Controls, cases, met, open)
		for _, m := range controls {
			taken[m.Person] = true
		}
		d.Members = append(d.Members, controls...)
		d.count(StageControls, len(controls))
		d.count(StageShort, short)
	}
	if c.Relatives != nil {
		for _, of := range c.Relatives.Of {
			added := relatives(of, cases, taken, keys, r)
			d.Members = append(d.Members, added...)
			d.count(of, len(added))
		}
	}
	slices.SortFunc(d.Members, func(a, b Member) int { return cmp.Compare(a.Person, b.Person) })
}

// number gives every case a set of its own, in an order that tells nothing of
// when the identity register got to know them.
func number(cases []Member, keys map[uint32]uint64) {
	chance := newChance("sluss/matchnr")
	order := make([]int, len(cases))
	ranks := make([]rank, len(cases))
	for i := range cases {
		order[i], ranks[i] = i, chance.of(keys[cases[i].Person])
	}
	slices.SortFunc(order, func(a, b int) int { return ranks[a].compare(&ranks[b]) })
	for n, i := range order {
		cases[i].Set = n + 1
	}
}

// relatives are those of the cases who are not in the population yet. Somebody
// who belongs to several cases goes with the one of the lowest number.
func relatives(of string, cases []Member, taken map[uint32]bool, keys map[uint32]uint64, r Register) []Member {
	role := map[string]string{plan.RelationChildren: plan.RoleChild, plan.RelationParents: plan.RoleParent}[of]
	bySet := slices.SortedFunc(slices.Values(cases), func(a, b Member) int { return cmp.Compare(a.Set, b.Set) })
	var out []Member
	for _, m := range bySet {
		for _, p := range r.Relatives(m.Person, of) {
			if _, known := keys[p]; !known || taken[p] { // not an open person, or there already
				continue
			}
			taken[p] = true
			out = append(out, Member{Person: p, Role: role, Set: m.Set, HasIndex: m.HasIndex, Index: m.Index})
		}
	}
	return out
}

// Rounded is how a count of a stage is told: to the nearest five. Neither a
// stage nor the difference between two then points out one person or a few.
func Rounded(n int) int { return (n + 2) / 5 * 5 }

// rank is a person's place in an order of chance: the first eight bytes as a
// number, by which almost all differ, and the others.
type rank struct {
	high uint64
	low  [sha256.Size - 8]byte
}

func (r *rank) compare(o *rank) int {
	if r.high != o.high {
		return cmp.Compare(r.high, o.high)
	}
	return bytes.Compare(r.low[:], o.low[:])
}

// chance orders people by a seed. It is not safe for concurrent use.
type chance struct {
	mac hash.Hash
	sum [sha256.Size]byte
}

func newChance(seed string) *chance { return &chance{mac: hmac.New(sha256.New, []byte(seed))} }

func (c *chance) of(key uint64) rank {
	binary.BigEndian.PutUint64(c.sum[:8], key)
	c.mac.Reset()
	c.mac.Write(c.sum[:8])
	sum := c.mac.Sum(c.sum[:0])
	return rank{binary.BigEndian.Uint64(sum), [sha256.Size - 8]byte(sum[8:])}
}
