package selection

import (
	"cmp"
	"slices"

	"sluss/internal/day"
	"sluss/internal/plan"
)

// stratum is what a control has in common with its case.
type stratum struct {
	sex    string
	county string
	year   int
}

// bucket is the people of a stratum in the order of chance.
type bucket struct {
	people []candidate
	from   int // all before it are taken
}

type candidate struct {
	rank  rank
	place int32 // among the open people
	taken bool
}

// match draws controls for the cases. In each round every case takes one more,
// in the order of chance, so that a shortage is shared. short is how many
// cases got fewer than asked for.
//
// Nobody is a control twice. A control meets no condition of Any whenever that
// was (met), is born and alive on the index date of its case, and where the
// criteria have no index date, alive at all.
func match(c *plan.Controls, cases []Member, met map[uint32]bool, open []Person) (controls []Member, short int) {
	chance := newChance(c.Seed)
	people := make(map[uint32]Person, len(cases))
	for _, m := range cases {
		people[m.Person] = Person{}
	}
	buckets := map[stratum]*bucket{}
	for i, p := range open {
		if _, isCase := people[p.Index]; isCase {
			people[p.Index] = p
			continue
		}
		if met[p.Index] {
			continue
		}
		s := stratumOf(c, p)
		if buckets[s] == nil {
			buckets[s] = &bucket{}
		}
		buckets[s].people = append(buckets[s].people, candidate{place: int32(i), rank: chance.of(p.Key)})
	}
	for _, b := range buckets {
		slices.SortFunc(b.people, func(x, y candidate) int { return x.rank.compare(&y.rank) })
	}
	order, ranks := slices.Clone(cases), make(map[uint32]rank, len(cases))
	for _, m := range cases {
		ranks[m.Person] = chance.of(people[m.Person].Key)
	}
	slices.SortFunc(order, func(a, b Member) int {
		x, y := ranks[a.Person], ranks[b.Person]
		return cmp.Or(x.compare(&y), cmp.Compare(a.Person, b.Person))
	})
	got := make([]int, len(order))
	for range c.PerCase {
		for i, m := range order {
			found := draw(c, buckets, open, people[m.Person], m)
			if found == nil {
				continue
			}
			found.taken = true
			got[i]++
			controls = append(controls, Member{Person: open[found.place].Index, Role: plan.RoleControl, Set: m.Set, HasIndex: m.HasIndex, Index: m.Index})
		}
	}
	for _, n := range got {
		if n < c.PerCase {
			short++
		}
	}
	return controls, short
}

func stratumOf(c *plan.Controls, p Person) stratum {
	var s stratum
	if slices.Contains(c.Match, plan.MatchSex) {
		s.sex = p.Sex
	}
	if slices.Contains(c.Match, plan.MatchCounty) {
		s.county = p.County
	}
	if slices.Contains(c.Match, plan.MatchBirthYear) {
		s.year = p.Born.Year()
	}
	return s
}

// draw finds the next free candidate for a case: of the strata of the allowed
// years the one that chance puts first.
func draw(c *plan.Controls, buckets map[stratum]*bucket, open []Person, p Person, m Member) *candidate {
	var best *candidate
	at := stratumOf(c, p)
	for apart := -c.YearsApart; apart <= c.YearsApart; apart++ {
		s := at
		s.year += apart
		b := buckets[s]
		if b == nil {
			continue
		}
		for b.from < len(b.people) && b.people[b.from].taken {
			b.from++
		}
		for i := b.from; i < len(b.people); i++ {
			x := &b.people[i]
			if x.taken || !alive(open[x.place], m) {
				continue
			}
			if best == nil || x.rank.compare(&best.rank) < 0 {
				best = x
			}
			break
		}
	}
	return best
}

// alive reports whether somebody can be the control of a case.
func alive(p Person, of Member) bool {
	if !of.HasIndex {
		return p.Died == day.Open
	}
	return p.Born <= of.Index && of.Index < p.Died
}
