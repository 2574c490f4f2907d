package pseudonym

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

// Supplied is one line of another holder's key file, resolved to an entity.
type Supplied struct {
	Entity uint64
	Number swede.Personnummer // as supplied; zero for entities that are no persons
	Lopnr  string             // as it stands in the file
}

// ImportOptions says what an import is checked against.
type ImportOptions struct {
	At    day.Day    // reference day for numbers with ten digits
	Mode  swede.Mode // synthetic data: a synthetic number counts as an identity number, too
	Below uint64     // greatest löpnummer allowed: the base of our own domain beside it; 0 = none
	Also  []Ordering // further orderings to test, one key per line, such as dates of birth from the register
}

// Import is what came out of an import. It holds counts only.
type Import struct {
	Lines    int
	Added    int
	NoNumber int    // löpnummer that are not whole numbers 1 … MaxNumber without leading zeros
	TooHigh  int    // löpnummer within the range of our own domain
	Conflict int    // lines that break one entity ↔ one löpnummer, within the file or with the table
	Identity int    // löpnummer that read as an identity number of a person or an organisation
	Part     int    // löpnummer that stand inside their own person's number
	Leaks    []Leak // one per ordering
}

// Import takes over the löpnummer that another register holder has set, as one
// batch, or nothing at all. The file is the key file, so its numbers must be
// such that they tell nothing:
//
//   - whole numbers of at most fifteen digits, and one to one with the entities
//   - none that reads as a personnummer, samordningsnummer or
//     organisationsnummer with a right check digit
//   - not cut out of the person's own number: nine digits or more never, fewer
//     not more often than chance gives
//   - in no order that tells of the person: the number, the day it is built
//     on, and what Also adds
//
// The fault names the first check that fails; the counts are all there.
// Supplying the same line again changes nothing.
//
// Source: reference pseudonym §2.3, "SCB's löpnummer arrives".
func (t *Table) Import(lines []Supplied, o ImportOptions) (Import, error) {
	r := Import{Lines: len(lines)}
	if t.Domain.Origin != External || t.Domain.State != Open {
		return r, gate("closed", "Domänen tar inte emot andras löpnummer.", "The domain does not take löpnummer from others.")
	}
	numbers := make([]uint64, len(lines))
	for i, l := range lines {
		n, ok := whole(l.Lopnr)
		switch {
		case !ok:
			r.NoNumber++
		case o.Below > 0 && n > o.Below:
			r.TooHigh++
		case isIdentity(l.Lopnr, o):
			r.Identity++
		}
		numbers[i] = n
	}
	fresh := t.merge(lines, numbers, &r)
	leaky := parts(lines, &r)
	r.Leaks = importLeaks(lines, numbers, o.Also)
	if err := r.fault(leaky); err != nil {
		return r, err
	}
	batch := t.lastBatch() + 1
	for _, row := range fresh {
		row.Batch = batch
		t.rows = append(t.rows, row)
	}
	slices.SortFunc(t.rows, func(a, b Row) int {
		if a.Lopnr < b.Lopnr {
			return -1
		}
		return 1
	})
	r.Added = len(fresh)
	return r, nil
}

// fault returns the first check that failed.
func (r Import) fault(leaky bool) error {
	bad := func(code string, n int, sv, en string) error {
		return fault.New("pseudonym."+code, fmt.Sprintf(sv, n), fmt.Sprintf(en, n)).
			Do("Be leverantören om slumpmässiga löpnummer.", "Ask the supplier for random löpnummer.")
	}
	switch {
	case r.NoNumber > 0:
		return bad("not_a_number", r.NoNumber, "Löpnummer som inte är heltal med högst 15 siffror utan inledande nolla: %d.",
			"Löpnummer that are not whole numbers of at most 15 digits without a leading zero: %d.")
	case r.TooHigh > 0:
		return bad("out_of_range", r.TooHigh, "Löpnummer inom den serie vi själva använder: %d.", "Löpnummer within the range we use ourselves: %d.")
	case r.Conflict > 0:
		return bad("not_bijective", r.Conflict, "Rader där en person har två löpnummer eller ett löpnummer två personer: %d.",
			"Lines where one person has two löpnummer or one löpnummer two persons: %d.")
	case r.Identity > 0:
		return bad("identity_number", r.Identity, "Löpnummer som kan läsas som person- eller organisationsnummer: %d.",
			"Löpnummer that read as numbers of persons or organisations: %d.")
	case leaky:
		return bad("part_of_number", r.Part, "Löpnummer som är en del av personens eget nummer: %d.", "Löpnummer that are a part of the person's own number: %d.")
	}
	for _, l := range r.Leaks {
		if l.Leaks {
			return fault.New("pseudonym.order_leak", "Löpnumren följer en ordning som avslöjar personerna: "+l.Ordering+".",
				"The löpnummer follow an order that tells of the persons: "+l.Ordering+".").
				Do("Be leverantören om slumpmässiga löpnummer.", "Ask the supplier for random löpnummer.")
		}
	}
	return nil
}

// merge returns the lines that are new to the table and counts those that
// contradict it or each other.
func (t *Table) merge(lines []Supplied, numbers []uint64, r *Import) []Row {
	byEntity := make(map[uint64]uint64, len(t.rows)+len(lines))
	byLopnr := make(map[uint64]uint64, len(t.rows)+len(lines))
	for _, row := range t.rows {
		byEntity[row.Entity], byLopnr[row.Lopnr] = row.Lopnr, row.Entity
	}
	var fresh []Row
	for i, l := range lines {
		n, known := byEntity[l.Entity]
		owner, taken := byLopnr[numbers[i]]
		switch {
		case numbers[i] == 0:
		case known && n == numbers[i]:
		case known, taken && owner != l.Entity:
			r.Conflict++
		default:
			byEntity[l.Entity], byLopnr[numbers[i]] = numbers[i], l.Entity
			fresh = append(fresh, Row{Entity: l.Entity, Lopnr: numbers[i]})
		}
	}
	return fresh
}

// whole reads a löpnummer: 1 … MaxNumber, digits only, no leading zero.
func whole(s string) (uint64, bool) {
	if len(s) == 0 || len(s) > 15 || s[0] == '0' {
		return 0, false
	}
	var n uint64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + uint64(s[i]-'0')
	}
	return n, true
}

func isIdentity(s string, o ImportOptions) bool {
	if len(s) != 10 && len(s) != 12 {
		return false
	}
	for _, mode := range []swede.Mode{swede.Real, o.Mode} {
		if _, err := swede.ParseOrganisation(s, o.At, mode); err == nil {
			return true // of an organisation or, where the third digit is small, of a person
		}
		if _, err := swede.Parse(s, o.At, mode); err == nil {
			return true
		}
	}
	return false
}

const (
	partFrom    = 4 // shorter numbers stand inside most personnummer by chance
	partCertain = 9 // so long a part is never chance
)

// parts counts löpnummer that stand inside their own person's number and
// reports whether they are more than chance gives. Chance is measured on the
// file itself: how often does a löpnummer stand inside the number of a person
// half the file away?
func parts(lines []Supplied, r *Import) bool {
	stranger, certain, tested := 0, false, 0
	for i, l := range lines {
		if l.Number.IsZero() || len(l.Lopnr) < partFrom {
			continue
		}
		tested++
		if within(l.Lopnr, l.Number) {
			r.Part++
			certain = certain || len(l.Lopnr) >= partCertain
		}
		if other := lines[(i+len(lines)/2)%len(lines)]; !other.Number.IsZero() && within(l.Lopnr, other.Number) {
			stranger++
		}
	}
	excess := float64(r.Part - stranger)
	return certain || r.Part >= 3 && r.Part*2 >= tested || excess > LeakScore*math.Sqrt(float64(r.Part+stranger))
}

func within(lopnr string, p swede.Personnummer) bool {
	number := fmt.Sprintf("%012d", p.Reveal())
	return strings.Contains(number, lopnr) || len(lopnr) >= 10 && strings.Contains(lopnr, number[2:])
}

// importLeaks tests the numbers against what the file itself tells of a
// person, and further orderings.
func importLeaks(lines []Supplied, numbers []uint64, also []Ordering) []Leak {
	byNumber := Ordering{Name: "personnummer", Keys: make([]uint64, len(lines))}
	byDay := Ordering{Name: "personnummer: dag", Keys: make([]uint64, len(lines))}
	for i, l := range lines {
		if !l.Number.IsZero() {
			byNumber.Keys[i] = l.Number.Reveal()
			byDay.Keys[i] = uint64(int64(l.Number.DayInNumber()) - int64(day.Min))
		}
	}
	return OrderLeak(numbers, append([]Ordering{byNumber, byDay}, also...)...)
}
