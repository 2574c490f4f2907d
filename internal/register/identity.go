package register

import (
	"cmp"
	"slices"
	"sync"

	"sluss/internal/day"
	"sluss/internal/register/cells"
	"sluss/internal/swede"
)

// Identity is the identity register as it stood at a load: persons, the
// numbers they have had, parents and children.
//
// A person is an entity with a key that never changes. Numbers come and go: a
// person can change number, a samordningsnummer can be followed by a
// personnummer, and one number can have been given to two persons in turn. So
// a number is resolved together with a day.
type Identity struct {
	entity    []int64 // ascending; the person is the index
	birth     []day.Day
	death     []day.Day
	sex       []uint8 // 0 unknown, 1 woman, 2 man
	protected []uint8
	county    []uint8 // 0 unknown, else the number of the county

	number    []uint64 // ascending, twelve digits as one number
	holder    []uint32
	validFrom []day.Day
	validTo   []day.Day // exclusive, day.Open for numbers in use
	days      []uint32  // first entry of number per birth date in it, see dayIndex

	children kin
	parents  kin

	holdersOnce sync.Once
	byNumber    *holders

	latestOnce sync.Once
	latest     []uint32 // per person: entry of the number in use, plus one; see Current
}

// kin holds relatives of each person: those of p are who[offset[p]:offset[p+1]].
type kin struct{ offset, who []uint32 }

func (k kin) of(p uint32) []uint32 { return k.who[k.offset[p]:k.offset[p+1]] }

// Match says how a number was resolved.
type Match uint8

// Outcomes of [Identity.Resolve].
const (
	NotFound   Match = iota // no person has ever had the number
	Found                   // the person's number in use
	Superseded              // the person has a later number, or none any more
	Ambiguous               // several persons have had it, and the day does not decide
)

// Resolve returns the person who had number n on the given day. A number that
// only one person has ever had is that person's whatever the day. The person
// is only meaningful for Found and Superseded.
//
// Source: reference pseudonym §2.3, rows "Two persons on one number" and
// "personnummer changes".
func (d *Identity) Resolve(n swede.Personnummer, on day.Day) (person uint32, m Match) {
	return d.resolve(n.Reveal(), on)
}

// ResolveOrganisation returns who had an organisation number on the given day:
// an organisation, or the person who is a sole trader.
func (d *Identity) ResolveOrganisation(n swede.Organisationsnummer, on day.Day) (entity uint32, m Match) {
	return d.resolve(n.Whole(), on)
}

func (d *Identity) resolve(n uint64, on day.Day) (uint32, Match) {
	lo := d.first(n)
	hi := lo
	for hi < len(d.number) && d.number[hi] == n {
		hi++
	}
	if lo == hi {
		return NoPerson, NotFound
	}
	pick := -1
	for i := lo; i < hi; i++ {
		if d.holder[i] != d.holder[lo] {
			pick = -2
		}
	}
	if pick == -2 { // several holders: the day decides
		for i := lo; i < hi; i++ {
			if d.validFrom[i] <= on && on < d.validTo[i] {
				if pick >= 0 && d.holder[pick] != d.holder[i] {
					return NoPerson, Ambiguous
				}
				pick = i
			}
		}
		if pick < 0 {
			return NoPerson, Ambiguous
		}
	} else {
		pick = hi - 1 // of one person's spans the latest
	}
	if d.validTo[pick] != day.Open {
		return d.holder[pick], Superseded
	}
	return d.holder[pick], Found
}

// first returns the place of the first entry of number n, or where it would be.
func (d *Identity) first(n uint64) int {
	lo, hi := 0, len(d.number)
	if k := dayIndex(n); k >= 0 {
		lo, hi = int(d.days[k]), int(d.days[k+1])
	}
	at, _ := slices.BinarySearch(d.number[lo:hi], n)
	return lo + at
}

// Numbers of the years 1800–2099 are found through a table with one entry per
// possible YYYYMMDD, samordningsnummer days (day + 60) included.
const (
	firstYear = 1800
	dayCells  = 300 * 12 * 100
)

// dayIndex returns the cell of a number's first eight digits, -1 for a number
// that is not one of a person.
func dayIndex(n uint64) int {
	y, m, d := int(n/100_000_000), int(n/1_000_000%100), int(n/10_000%100)
	if y < firstYear || y >= firstYear+300 || m < 1 || m > 12 {
		return -1
	}
	return ((y-firstYear)*12+m-1)*100 + d
}

// indexDays counts on numbers being ascending: organisations' come before all
// cells.
func indexDays(numbers []uint64) []uint32 {
	out := make([]uint32, dayCells+1)
	for _, n := range numbers {
		out[dayIndex(n)+1]++
	}
	for i := range dayCells {
		out[i+1] += out[i]
	}
	return out
}

// Len returns the number of persons, organisations included.
func (d *Identity) Len() int { return len(d.entity) }

// Organisation reports whether an entity is an organisation. It has a number,
// but neither a date of birth nor anything else that persons have.
//
// Source: reference pseudonym §2.3; a sole trader, whose organisation number is
// a personnummer, is a person.
func (d *Identity) Organisation(entity uint32) bool { return d.birth[entity] == NoDay }

func (d *Identity) organisations() int {
	n := 0
	for _, b := range d.birth {
		if b == NoDay {
			n++
		}
	}
	return n
}

// Entity returns the person's key in the identity register. Unlike the person
// index it is the same in every snapshot.
func (d *Identity) Entity(person uint32) int64 { return d.entity[person] }

// ByEntity returns the person with the given key.
func (d *Identity) ByEntity(key int64) (person uint32, ok bool) {
	i, ok := slices.BinarySearch(d.entity, key)
	return uint32(i), ok
}

// Birth returns the date of birth of the register; it may differ from the date
// in the identity number.
func (d *Identity) Birth(person uint32) day.Day { return d.birth[person] }

// Death returns the date of death; ok is false for the living.
func (d *Identity) Death(person uint32) (at day.Day, ok bool) {
	at = d.death[person]
	return at, at != NoDay
}

// Sex returns "K" for a woman, "M" for a man, "" when the register does not say.
func (d *Identity) Sex(person uint32) string { return sexes[d.sex[person]] }

// Protected reports whether the person has a protected identity.
func (d *Identity) Protected(person uint32) bool { return d.protected[person] == 1 }

// County returns the two-digit code of the county of residence, "" when the
// register does not say.
func (d *Identity) County(person uint32) string {
	c := d.county[person]
	if c == 0 {
		return ""
	}
	return string([]byte{'0' + c/10, '0' + c%10})
}

// Children and Parents return relatives in ascending order.
func (d *Identity) Children(person uint32) []uint32 { return d.children.of(person) }

// Parents is the reverse of Children.
func (d *Identity) Parents(person uint32) []uint32 { return d.parents.of(person) }

// Current returns the person's number in use, or the latest when none is. It
// is zero for a person without a number. The first call takes a pass over all
// numbers.
func (d *Identity) Current(person uint32) swede.Personnummer {
	n, err := swede.FromNumber(d.CurrentNumber(person))
	if err != nil {
		return swede.Personnummer{}
	}
	return n
}

// CurrentNumber returns the number that [Identity.Current] does with its twelve
// digits, an organisation's as 16 and its ten; 0 for an entity without one.
func (d *Identity) CurrentNumber(entity uint32) uint64 {
	d.latestOnce.Do(func() {
		d.latest = make([]uint32, len(d.entity))
		for i, p := range d.holder {
			if k := d.latest[p]; k == 0 || d.validTo[i] > d.validTo[k-1] {
				d.latest[p] = uint32(i + 1)
			}
		}
	})
	k := d.latest[entity]
	if k == 0 {
		return 0
	}
	return d.number[k-1]
}

var sexes = [...]string{"", "K", "M"}

// alias is one entry of the list of numbers.
type alias struct {
	number   uint64
	holder   uint32
	from, to day.Day
}

// setAliases sorts the numbers into place.
func (d *Identity) setAliases(list []alias) {
	slices.SortFunc(list, func(a, b alias) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.holder, b.holder))
	})
	n := len(list)
	d.number, d.holder = make([]uint64, n), make([]uint32, n)
	d.validFrom, d.validTo = make([]day.Day, n), make([]day.Day, n)
	for i, a := range list {
		d.number[i], d.holder[i], d.validFrom[i], d.validTo[i] = a.number, a.holder, a.from, a.to
	}
	d.days = indexDays(d.number)
}

// setRelations builds both directions from pairs of persons.
func (d *Identity) setRelations(pairs [][2]uint32) {
	slices.SortFunc(pairs, func(a, b [2]uint32) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	pairs = slices.Compact(pairs)
	d.children = newKin(len(d.entity), pairs, 0)
	d.parents = newKin(len(d.entity), pairs, 1)
}

// newKin groups pairs, which are sorted, by their side'th person.
func newKin(persons int, pairs [][2]uint32, side int) kin {
	k := kin{make([]uint32, persons+1), make([]uint32, len(pairs))}
	for _, p := range pairs {
		k.offset[p[side]+1]++
	}
	for i := range persons {
		k.offset[i+1] += k.offset[i]
	}
	next := slices.Clone(k.offset)
	for _, p := range pairs {
		k.who[next[p[side]]] = p[1-side]
		next[p[side]]++
	}
	return k
}

// identityFile is one column of the identity folder.
type identityFile struct {
	name  string
	width int
	count func(m *Manifest) int
	bytes func(d *Identity) []byte
	open  func(d *Identity, g *segment)
}

func idFile[T cells.Number](name string, width int, count func(m *Manifest) int, field func(d *Identity) *[]T) identityFile {
	return identityFile{
		name, width, count,
		func(d *Identity) []byte { return cells.Bytes(*field(d)) },
		func(d *Identity, g *segment) { *field(d) = view[T](g) },
	}
}

// identityFiles lists the columns of the identity folder.
func identityFiles() []identityFile {
	persons := func(m *Manifest) int { return m.Persons }
	bounds := func(m *Manifest) int { return m.Persons + 1 }
	numbers := func(m *Manifest) int { return m.Numbers }
	pairs := func(m *Manifest) int { return m.Relations }
	return []identityFile{
		idFile("entity", 8, persons, func(d *Identity) *[]int64 { return &d.entity }),
		idFile("birth", 4, persons, func(d *Identity) *[]day.Day { return &d.birth }),
		idFile("death", 4, persons, func(d *Identity) *[]day.Day { return &d.death }),
		idFile("sex", 1, persons, func(d *Identity) *[]uint8 { return &d.sex }),
		idFile("protected", 1, persons, func(d *Identity) *[]uint8 { return &d.protected }),
		idFile("county", 1, persons, func(d *Identity) *[]uint8 { return &d.county }),
		idFile("number", 8, numbers, func(d *Identity) *[]uint64 { return &d.number }),
		idFile("holder", 4, numbers, func(d *Identity) *[]uint32 { return &d.holder }),
		idFile("valid_from", 4, numbers, func(d *Identity) *[]day.Day { return &d.validFrom }),
		idFile("valid_to", 4, numbers, func(d *Identity) *[]day.Day { return &d.validTo }),
		idFile("children_offset", 4, bounds, func(d *Identity) *[]uint32 { return &d.children.offset }),
		idFile("children", 4, pairs, func(d *Identity) *[]uint32 { return &d.children.who }),
		idFile("parents_offset", 4, bounds, func(d *Identity) *[]uint32 { return &d.parents.offset }),
		idFile("parents", 4, pairs, func(d *Identity) *[]uint32 { return &d.parents.who }),
	}
}

func openIdentity(s *Snapshot) (*Identity, error) {
	d := &Identity{}
	for _, f := range identityFiles() {
		g, err := s.segment("identity/"+f.name+".seg", f.width, f.count(&s.manifest))
		if err != nil {
			return nil, err
		}
		f.open(d, g)
	}
	for _, n := range d.number {
		if dayIndex(n) < 0 && n/10_000_000_000 != 16 {
			return nil, damaged(s.manifest.ID, "identity/number.seg", nil)
		}
	}
	d.days = indexDays(d.number)
	return d, nil
}
