package selection

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/plan"
)

// town is a register in memory: who meets a condition stands by its table.
type town struct {
	people   []Person
	meets    map[string][]Met
	children map[uint32][]uint32
	asked    []string
}

func (t *town) People() []Person { return t.people }

func (t *town) Meets(conditions []plan.Criterion, seats []Seat) ([][]Met, error) {
	out := make([][]Met, len(conditions))
	for i, k := range conditions {
		t.asked = append(t.asked, fmt.Sprintf("%s %d", k.Table, len(seats)))
		for _, m := range t.meets[k.Table] {
			if slices.ContainsFunc(seats, func(s Seat) bool { return s.Person == m.Person }) {
				out[i] = append(out[i], m)
			}
		}
	}
	return out, nil
}

func (t *town) Relatives(p uint32, of string) []uint32 {
	if of == plan.RelationChildren {
		return t.children[p]
	}
	var out []uint32
	for parent, list := range t.children {
		if slices.Contains(list, p) {
			out = append(out, parent)
		}
	}
	slices.Sort(out)
	return out
}

func person(i uint32, sex, county string, born int) Person {
	return Person{Index: i, Key: uint64(1000 + i), Born: day.Of(born, 6, 1), Died: day.Open, Sex: sex, County: county}
}

func met(days ...int) []Met {
	var out []Met
	for i := 0; i+1 < len(days); i += 2 {
		out = append(out, Met{uint32(days[i]), day.Day(days[i+1]), day.Day(days[i+1] + 10)})
	}
	return out
}

func who(d Drawn) []string {
	var out []string
	for _, m := range d.Members {
		out = append(out, fmt.Sprintf("%d %s %d", m.Person, m.Role, m.Index))
	}
	return out
}

func counts(d Drawn) string {
	text := ""
	for _, s := range d.Stages {
		text += fmt.Sprintf("%s %d ", s.Code, s.Count)
	}
	return text
}

func draw1(t *testing.T, c plan.Criteria, protected bool, r Register) Drawn {
	t.Helper()
	d, err := Draw(&c, protected, r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestStages follows ten people through every stage of conditions.
func TestStages(t *testing.T) {
	t.Parallel()
	r := &town{meets: map[string][]Met{"a": met(1, 100, 2, 200, 4, 400), "b": met(2, 150, 3, 300, 5, 500), "and": met(1, 0, 2, 0, 3, 0, 9, 0), "not": met(3, 0)}}
	for i := range uint32(10) {
		p := person(i, "K", "01", 1980)
		p.Protected = i == 4
		r.people = append(r.people, p)
	}
	c := plan.Criteria{Any: []plan.Criterion{{Table: "a"}, {Table: "b"}}, And: []plan.Criterion{{Table: "and"}}, Not: []plan.Criterion{{Table: "not"}}, Anchor: &plan.AnchorPick{Name: "x", Pick: plan.PickFirst}}
	d := draw1(t, c, false, r)
	if got, want := who(d), []string{"1 case 100", "2 case 150"}; !slices.Equal(got, want) {
		t.Errorf("drawn %v, want %v", got, want)
	}
	if got, want := counts(d), "register 10 protected 1 any 4 and_1 3 not_1 2 total 2 "; got != want {
		t.Errorf("stages %s, want %s", got, want)
	}
	if want := []string{"a 9", "b 9", "and 4", "not 3"}; !slices.Equal(r.asked, want) {
		t.Errorf("asked %v, want %v: later conditions look at those who are left", r.asked, want)
	}
	c.Anchor.Pick, c.Not = plan.PickLast, nil
	if got, want := who(draw1(t, c, true, r)), []string{"1 case 110", "2 case 210", "3 case 310"}; !slices.Equal(got, want) {
		t.Errorf("with the last start %v, want %v", got, want)
	}
	c.And, c.Anchor = nil, nil
	d = draw1(t, c, true, r)
	if len(d.Members) != 5 || d.Members[0].HasIndex || counts(d) != "register 10 any 5 total 5 " {
		t.Errorf("protected people too, and no date: %v, %s", who(d), counts(d))
	}
}

// TestSampleIsTheLowestRanks works the ranks out by hand: HMAC-SHA-256 of the
// key as eight bytes, the greatest first.
func TestSampleIsTheLowestRanks(t *testing.T) {
	t.Parallel()
	r := &town{meets: map[string][]Met{}}
	for i := range uint32(200) {
		r.people = append(r.people, person(i, "K", "01", 1980))
		r.meets["a"] = append(r.meets["a"], Met{Person: i})
	}
	rank := func(seed string, i uint32) string {
		h := hmac.New(sha256.New, []byte(seed))
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(1000+i))
		h.Write(b[:])
		return string(h.Sum(nil))
	}
	for _, seed := range []string{"FK-1", "FK-2"} {
		all := make([]uint32, 200)
		for i := range all {
			all[i] = uint32(i)
		}
		slices.SortFunc(all, func(a, b uint32) int { return cmp.Compare(rank(seed, a), rank(seed, b)) })
		want := slices.Clone(all[:17])
		slices.Sort(want)
		d := draw1(t, plan.Criteria{Any: []plan.Criterion{{Table: "a"}}, Sample: &plan.Sample{Size: 17, Seed: seed}}, true, r)
		var got []uint32
		for _, m := range d.Members {
			got = append(got, m.Person)
		}
		if !slices.Equal(got, want) {
			t.Errorf("seed %s drew %v, want %v", seed, got, want)
		}
	}
	if d := draw1(t, plan.Criteria{Any: []plan.Criterion{{Table: "a"}}, Sample: &plan.Sample{Size: 1000, Seed: "x"}}, true, r); len(d.Members) != 200 {
		t.Errorf("%d of 200 drawn where there are fewer than asked for", len(d.Members))
	}
}

// TestControls: everything that makes somebody no control of a case.
func TestControls(t *testing.T) {
	t.Parallel()
	index := day.Of(2020, 6, 1)
	dead, later, unborn, other, man, county, wrong, fine, twin := person(1, "K", "01", 1980), person(2, "K", "01", 1980), person(3, "K", "01", 1980), person(4, "K", "01", 1983), person(5, "M", "01", 1980), person(6, "K", "02", 1980), person(7, "K", "01", 1980), person(8, "K", "01", 1981), person(9, "K", "01", 1979)
	dead.Died, later.Died, unborn.Born = index, index+1, day.Of(1980, 1, 1)
	r := &town{
		people: []Person{person(0, "K", "01", 1980), dead, later, unborn, other, man, county, wrong, fine, twin},
		meets:  map[string][]Met{"a": {{0, index, index}, {7, index, index}}, "and": {{0, index, index}}},
	}
	c := plan.Criteria{
		Any: []plan.Criterion{{Table: "a"}}, And: []plan.Criterion{{Table: "and"}}, Anchor: &plan.AnchorPick{Name: "x", Pick: plan.PickFirst},
		Controls: &plan.Controls{PerCase: 20, Match: []string{plan.MatchSex, plan.MatchBirthYear, plan.MatchCounty}, YearsApart: 1, Seed: "s"},
	}
	d := draw1(t, c, true, r)
	at := int(index)
	want := []string{fmt.Sprint("0 case ", at), fmt.Sprint("2 control ", at), fmt.Sprint("3 control ", at), fmt.Sprint("8 control ", at), fmt.Sprint("9 control ", at)}
	if got := who(d); !slices.Equal(got, want) {
		t.Errorf("drawn %v, want %v", got, want)
	}
	if got, want := counts(d), "register 10 any 2 and_1 1 controls 4 short 1 total 5 "; got != want {
		t.Errorf("stages %s, want %s", got, want)
	}
	c.Controls.Match, c.Controls.YearsApart = []string{plan.MatchSex}, 0
	if got := len(draw1(t, c, true, r).Members); got != 7 { // county and other years too
		t.Errorf("%d people matched on sex alone, want 7", got)
	}
}

// TestControlsAreMatchedAndShared checks random towns: every control is equal
// to its case, alive, free and nobody else's; with a shortage no case has two
// more than another of the same stratum.
func TestControlsAreMatchedAndShared(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := &town{meets: map[string][]Met{}}
		n := rapid.IntRange(5, 120).Draw(rt, "people")
		for i := range uint32(n) {
			p := person(i, rapid.SampledFrom([]string{"K", "M"}).Draw(rt, "sex"), "01", rapid.IntRange(1980, 1982).Draw(rt, "year"))
			if rapid.IntRange(0, 4).Draw(rt, "died") == 0 {
				p.Died = day.Day(rapid.IntRange(18000, 18500).Draw(rt, "death"))
			}
			if rapid.IntRange(0, 4).Draw(rt, "case") == 0 {
				r.meets["a"] = append(r.meets["a"], Met{i, day.Day(rapid.IntRange(17990, 18510).Draw(rt, "index")), 0})
			}
			r.people = append(r.people, p)
		}
		x := &plan.Controls{PerCase: rapid.IntRange(1, 4).Draw(rt, "per case"), Match: []string{plan.MatchSex, plan.MatchBirthYear}, Seed: "s"}
		c := plan.Criteria{Any: []plan.Criterion{{Table: "a"}}, Anchor: &plan.AnchorPick{Name: "x", Pick: plan.PickFirst}, Controls: x}
		d, err := Draw(&c, true, r)
		if err != nil {
			rt.Fatal(err)
		}
		cases, controls := map[int]Member{}, map[int]int{}
		seen := map[uint32]bool{}
		for _, m := range d.Members {
			if seen[m.Person] {
				rt.Fatalf("person %d twice", m.Person)
			}
			if seen[m.Person] = true; m.Role == plan.RoleCase {
				cases[m.Set] = m
			}
		}
		if len(cases) != len(r.meets["a"]) {
			rt.Fatalf("%d sets of %d cases", len(cases), len(r.meets["a"]))
		}
		for _, m := range d.Members {
			if m.Role == plan.RoleCase {
				continue
			}
			p, of := r.people[m.Person], cases[m.Set]
			q := r.people[of.Person]
			if p.Sex != q.Sex || p.Born.Year() != q.Born.Year() || p.Died <= of.Index || m.Index != of.Index {
				rt.Fatalf("control %+v of %+v at %d", p, q, of.Index)
			}
			if controls[m.Set]++; controls[m.Set] > x.PerCase {
				rt.Fatalf("more than %d controls", x.PerCase)
			}
		}
		short := 0
		for set, m := range cases {
			if controls[set] < x.PerCase {
				short++
				// Short only when nobody is left who could have been taken.
				for _, p := range r.people {
					q := r.people[m.Person]
					if !seen[p.Index] && p.Sex == q.Sex && p.Born.Year() == q.Born.Year() && p.Born <= m.Index && p.Died > m.Index {
						rt.Fatalf("case %d is short though %d was free", m.Person, p.Index)
					}
				}
			}
		}
		if i := slices.IndexFunc(d.Stages, func(s Stage) bool { return s.Code == StageShort }); d.Stages[i].Count != short {
			rt.Fatalf("short %d, counted %d", short, d.Stages[i].Count)
		}
		again, _ := Draw(&c, true, r)
		if !slices.Equal(again.Members, d.Members) {
			rt.Fatal("drawn again, other people")
		}
	})
}

// TestRelatives: children and parents of cases, each once, under the set of
// their case and with its date; never of controls, never protected.
func TestRelatives(t *testing.T) {
	t.Parallel()
	r := &town{
		people:   []Person{person(0, "K", "01", 1980), person(1, "M", "01", 1980), person(2, "K", "01", 2010), person(3, "K", "01", 2012), person(4, "K", "01", 1950), person(5, "K", "01", 2013)},
		meets:    map[string][]Met{"a": {{0, 18000, 18000}, {1, 18100, 18100}}},
		children: map[uint32][]uint32{0: {2, 3, 5}, 1: {2}, 4: {0}},
	}
	r.people[5].Protected = true
	c := plan.Criteria{Any: []plan.Criterion{{Table: "a"}}, Anchor: &plan.AnchorPick{Name: "x", Pick: plan.PickFirst}, Relatives: &plan.Relatives{Of: []string{plan.RelationChildren, plan.RelationParents}}}
	d := draw1(t, c, false, r)
	sets := map[uint32]Member{}
	for _, m := range d.Members {
		sets[m.Person] = m
	}
	if len(sets) != 5 || sets[3].Set != sets[0].Set || sets[4].Set != sets[0].Set || sets[4].Role != plan.RoleParent || sets[3].Role != plan.RoleChild || sets[3].Index != 18000 {
		t.Errorf("drawn %+v", d.Members)
	}
	if s := sets[2].Set; s != 1 { // of both cases: the lower number
		t.Errorf("the common child is in set %d", s)
	}
	if got, want := counts(d), "register 6 protected 1 any 2 children 2 parents 1 total 5 "; got != want {
		t.Errorf("stages %s, want %s", got, want)
	}
}

func TestRounded(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 0, 1: 0, 2: 0, 3: 5, 4: 5, 5: 5, 7: 5, 8: 10, 1002: 1000, 1003: 1005} {
		if got := Rounded(n); got != want {
			t.Errorf("%d is told as %d, want %d", n, got, want)
		}
	}
}

// TestControlsAreBorn: who is born after the index date is no control.
func TestControlsAreBorn(t *testing.T) {
	t.Parallel()
	index := day.Of(1981, 3, 1)
	r := &town{people: []Person{person(0, "K", "01", 1980), person(1, "K", "01", 1981), person(2, "K", "01", 1981)}, meets: map[string][]Met{"a": {{0, index, index}}}}
	r.people[1].Born = index
	c := plan.Criteria{
		Any: []plan.Criterion{{Table: "a"}}, Anchor: &plan.AnchorPick{Name: "x", Pick: plan.PickFirst},
		Controls: &plan.Controls{PerCase: 2, Match: []string{plan.MatchBirthYear}, YearsApart: 1, Seed: "s"},
	}
	d := draw1(t, c, true, r)
	if len(d.Members) != 2 || d.Members[1].Person != 1 {
		t.Errorf("drawn %v, want the one born on the day", who(d))
	}
	c.Anchor = nil
	r.people[1].Died = day.Of(2020, 1, 1)
	if d = draw1(t, c, true, r); len(d.Members) != 2 || d.Members[1].Person != 2 {
		t.Errorf("without a date %v, want who lives", who(d))
	}
}
