package rig

import (
	"fmt"

	"sluss/internal/day"
	"sluss/internal/swede"
)

// counties are the codes of the counties with roughly their share of the
// population, per cent.
var counties = []struct {
	code  uint8
	share float64
}{
	{1, 23.4},
	{3, 3.8},
	{4, 2.9},
	{5, 4.5},
	{6, 3.5},
	{7, 2},
	{8, 2.4},
	{9, .6},
	{10, 1.5},
	{12, 13.5},
	{13, 3.3},
	{14, 16.8},
	{17, 2.7},
	{18, 2.9},
	{19, 2.7},
	{20, 2.8},
	{21, 2.8},
	{22, 2.3},
	{23, 1.3},
	{24, 2.6},
	{25, 2.4},
}

// yearlyDeaths is the chance to die in a year at an age.
func yearlyDeaths(age int) float64 {
	switch {
	case age < 1:
		return .002
	case age < 50:
		return .0007
	case age < 65:
		return .004
	case age < 75:
		return .013
	case age < 85:
		return .042
	}
	return .15
}

// settle fills the world with families: children with a mother and a father,
// and grown-ups without children under age.
func (w *World) settle(watch *watch) error {
	share := make([]float64, len(counties))
	for i, c := range counties {
		share[i] = c.share
	}
	here := 0 // persons who are known in wave 1
	for k := uint64(0); here < w.cfg.Persons; k++ {
		before := w.Len()
		if k%chunk == 0 {
			if err := watch.came(0, .4*float64(here)/float64(w.cfg.Persons)); err != nil { // numbers take longer
				return err
			}
		}
		d := w.cfg.roll(saltPeople, k)
		county := counties[d.pick(share)].code
		shield := d.chance(.002)
		if d.chance(.24) {
			w.family(d, county, shield)
		} else {
			w.add(d, day.Of(d.between(1932, 2003), 1, 1)+day.Day(d.IntN(365)), d.chance(.497), county, shield)
		}
		for p := before; p < w.Len(); p++ {
			if w.Arrived[p] < First {
				if here++; here > w.cfg.Persons {
					w.cut(p)
					break
				}
			}
		}
	}
	n := w.Len() // the last family may be cut; who is left loses kin
	for p := range w.Birth[:n] {
		for _, parent := range []*Person{&w.Mother[p], &w.Father[p]} {
			if int(*parent) >= n {
				*parent = Nobody
			}
		}
	}
	w.Kids = make([][]Person, n)
	for p := range w.Birth {
		for _, parent := range []Person{w.Mother[p], w.Father[p]} {
			if parent != Nobody {
				w.Kids[parent] = append(w.Kids[parent], Person(p))
			}
		}
	}
	return nil
}

// cut forgets the persons from n on.
func (w *World) cut(n int) {
	w.Birth, w.Death, w.Arrived, w.Woman = w.Birth[:n], w.Death[:n], w.Arrived[:n], w.Woman[:n]
	w.Shield, w.County, w.Mother, w.Father = w.Shield[:n], w.County[:n], w.Mother[:n], w.Father[:n]
}

// family adds a mother, a father and one to three children born 2002–2027.
func (w *World) family(d dice, county uint8, shield bool) {
	first := day.Of(2002, 1, 1) + day.Day(d.IntN(26*365))
	mother := w.add(d, first-day.Day(365*22+d.IntN(365*16)), true, county, shield)
	father := w.add(d, w.Birth[mother]-day.Day(d.IntN(365*6)), false, county, shield)
	birth := first
	for range 1 + d.pick([]float64{.22, .53, .25}) {
		if birth >= horizon {
			break
		}
		twins := 1
		if d.chance(.014) {
			twins = 2
		}
		for range twins {
			c := w.add(d, birth, d.chance(.486), county, shield)
			w.Mother[c], w.Father[c] = mother, father
			w.Arrived[c] = birth
			if d.chance(.06) {
				w.Father[c] = Nobody // no father registered
			}
		}
		birth += day.Day(365*2 + d.IntN(365*2))
	}
}

// add makes one person. Some grown-ups came from abroad; they are often
// registered as born on 1 January or 1 July.
func (w *World) add(d dice, birth day.Day, woman bool, county uint8, shield bool) Person {
	p := Person(w.Len())
	arrived := birth
	if y := birth.Year(); y < 2002 && d.chance(.2) {
		arrived = birth + day.Day(365*15+d.IntN(365*15))
		if d.chance(.08) {
			birth = day.Of(y, 1+6*d.IntN(2), 1)
		}
	}
	death := day.Open
	for y := max(2005, arrived.Year()); y < horizon.Year(); y++ {
		if d.chance(yearlyDeaths(y - birth.Year())) {
			death = max(day.FirstOfYear(y)+day.Day(d.IntN(365)), arrived+1)
			break
		}
	}
	w.Birth, w.Death, w.Arrived, w.Woman = append(w.Birth, birth), append(w.Death, death), append(w.Arrived, arrived), append(w.Woman, woman)
	w.Shield, w.County = append(w.Shield, shield), append(w.County, county)
	w.Mother, w.Father = append(w.Mother, Nobody), append(w.Father, Nobody)
	return p
}

// Number is an identity number with the days [From, To) on which it was a
// person's.
type Number struct {
	Value    swede.Personnummer
	From, To day.Day
	text     string // twelve digits
}

// Numbers returns the numbers a person has had, the oldest first.
func (w *World) Numbers(p Person) []Number { return w.numbers[p] }

// numberOn returns the number that a register would write about a person on a
// day: the one in force, else the first.
func (w *World) numberOn(p Person, on day.Day) *Number {
	list := w.numbers[p]
	for i := len(list) - 1; i > 0; i-- {
		if on >= list[i].From {
			return &list[i]
		}
	}
	return &list[0]
}

// serials hands out birth numbers, each at most once per day and kind.
type serials map[uint64]uint16

// next returns a number built on the day birth or, where they have run out, a
// day after it.
func (s serials) next(birth day.Day, woman, coordination bool) swede.Personnummer {
	for d := birth; ; d++ {
		key := uint64(uint32(d))<<2 | b2u(woman)<<1 | b2u(coordination)
		n := s[key]
		if n == 499 {
			continue
		}
		s[key] = n + 1
		// 0, 1, 2 … in an order that looks drawn: 197 has no factor in common with 499.
		serial := int(uint32(n)*197%499)*2 + 1
		if woman {
			serial++
		}
		return swede.Make(d, serial%1000, coordination, swede.Synthetic)
	}
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// enumerate gives everyone their numbers, in the order of persons.
func (w *World) enumerate(watch *watch) error {
	s := serials{}
	w.numbers = make([][]Number, w.Len())
	var free []Person // persons whose number came free by a change
	for i := range w.numbers {
		p := Person(i)
		if i%chunk == 0 {
			if err := watch.came(int64(min(chunk, w.Len()-i)), .4+.6*float64(i)/float64(w.Len())); err != nil {
				return err
			}
		}
		d := w.cfg.roll(saltNumbers, uint64(p))
		base := w.Birth[p]
		if d.chance(.01) {
			base += day.Day(1 - 2*d.IntN(2)) // the number names a neighbouring day
		}
		abroad := w.Arrived[p] > w.Birth[p]
		add := func(v swede.Personnummer, from day.Day) {
			if list := w.numbers[p]; len(list) > 0 {
				list[len(list)-1].To = from
			}
			w.numbers[p] = append(w.numbers[p], Number{Value: v, From: from, To: day.Open})
		}
		from := w.Arrived[p]
		switch {
		case abroad && d.chance(.12): // samordningsnummer first, personnummer later
			add(s.next(base, w.Woman[p], true), from)
			if later := from + day.Day(200+d.IntN(1500)); later < horizon && d.chance(.85) {
				add(s.next(base, w.Woman[p], false), later)
			}
		case abroad && len(free) > 0 && d.chance(.25) && w.reuse(p, free[len(free)-1]):
			free = free[:len(free)-1]
		default:
			add(s.next(base, w.Woman[p], false), from)
			if d.chance(.008) { // birth date or sex was wrong
				changed := from + day.Day(400+d.IntN(9000))
				if changed < horizon && changed < w.Death[p] {
					add(s.next(base+day.Day(d.between(-40, 40)), w.Woman[p], false), changed)
					free = append(free, p)
				}
			}
		}
		for k := range w.numbers[p] {
			n := &w.numbers[p][k]
			n.text = fmt.Sprintf("%012d", n.Value.Reveal())
		}
	}
	return nil
}

// reuse gives p, who comes from abroad, the number that old has given up, if
// p is of the same sex and has come at least half a year later. The day in the
// number is then not p's date of birth.
func (w *World) reuse(p, old Person) bool {
	n := w.numbers[old][0]
	if w.Woman[p] != w.Woman[old] || w.Arrived[p] < n.To+180 {
		return false
	}
	w.numbers[p] = []Number{{Value: n.Value, From: w.Arrived[p], To: day.Open}}
	return true
}
