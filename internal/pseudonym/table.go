package pseudonym

import (
	"fmt"
	"io"
	"math/bits"
	"math/rand/v2"
	"slices"

	"sluss/internal/fault"
)

// Row ties an entity to its löpnummer.
type Row struct {
	Entity uint64 // the vault's surrogate key, never an identity number
	Lopnr  uint64 // 1 … MaxNumber
	Batch  uint32 // 1 for the first draw
}

// Correction says that a löpnummer has been superseded by another: both were
// delivered before it was known that they are one person.
type Correction struct{ Old, New uint64 }

// Table is the key file of a domain, rows ascending by Lopnr. The zero value
// with a Domain is an empty table. It is not safe for concurrent use.
type Table struct {
	Domain      Domain
	rows        []Row
	corrections []Correction // ascending by Old
}

// SeedSize is the size of a seed in bytes.
const SeedSize = 32

// SmallBatch is the size below which a batch of late additions points out
// known persons.
//
// Source: reference pseudonym §2.3.
const SmallBatch = 10

// Seed reads a seed. The vault passes crypto/rand.Reader.
func Seed(random io.Reader) (*[SeedSize]byte, error) {
	var s [SeedSize]byte
	if _, err := io.ReadFull(random, s[:]); err != nil {
		return nil, fmt.Errorf("read a seed: %w", err)
	}
	return &s, nil
}

// Draw gives a löpnummer to every entity that has none, as one batch, and
// returns how many it gave. The entities may come in any order and repeat.
//
// The numbers are Max()+1+π(i), where π is a Fisher–Yates permutation by
// ChaCha8 from the seed and i the place in ascending order of the entity keys;
// the order of input therefore leaves no trace. The seed is wiped in every
// case.
//
// It refuses, as a gate, a domain that is not open or not our own, and a batch
// of fewer than [SmallBatch] entities unless approved names who approved it.
func (t *Table) Draw(entities []uint64, seed *[SeedSize]byte, approved string) (int, error) {
	defer clear(seed[:])
	switch {
	case t.Domain.Origin != Own:
		return 0, gate("external", "Löpnumren i domänen har satts av någon annan.", "Someone else has set the löpnummer of the domain.").
			Do("Lägg till personerna i en egen domän bredvid.", "Add the persons in a domain of our own beside it.")
	case t.Domain.State != Open:
		return 0, gate("closed", "Nyckeln är stängd eller förstörd.", "The key is closed or destroyed.").
			Do("Leveransen får nya löpnummer i en ny domän.", "The delivery gets new löpnummer in a new domain.")
	}
	fresh := t.missing(entities)
	if len(fresh) == 0 {
		return 0, nil
	}
	if len(fresh) < SmallBatch && approved == "" {
		return 0, gate("small_batch", fmt.Sprintf("Omgången har färre än %d personer och pekar ut dem.", SmallBatch),
			fmt.Sprintf("The batch has fewer than %d persons and points them out.", SmallBatch)).
			Do("Vänta in fler, eller låt någon godkänna den.", "Wait for more, or have someone approve it.")
	}
	next := t.Max() + 1
	if uint64(len(fresh)) > MaxNumber-next {
		return 0, fault.New("pseudonym.full", "Löpnumren räcker inte.", "There are not enough löpnummer.").Of(fault.Internal)
	}
	r := rand.New(rand.NewChaCha8(*seed))
	for i := uint64(len(fresh)) - 1; i > 0; i-- {
		j := r.Uint64N(i + 1)
		fresh[i], fresh[j] = fresh[j], fresh[i]
	}
	batch := t.lastBatch() + 1
	t.rows = slices.Grow(t.rows, len(fresh))
	for i, e := range fresh {
		t.rows = append(t.rows, Row{e, next + uint64(i), batch})
	}
	return len(fresh), nil
}

// missing returns the distinct entities that the table does not hold,
// ascending.
func (t *Table) missing(entities []uint64) []uint64 {
	fresh := slices.Clone(entities)
	if !slices.IsSorted(fresh) {
		sortKeys(fresh)
	}
	fresh = slices.Compact(fresh)
	if len(t.rows) == 0 {
		return fresh
	}
	held := t.entities()
	i := 0
	return slices.DeleteFunc(fresh, func(e uint64) bool {
		for i < len(held) && held[i] < e {
			i++
		}
		return i < len(held) && held[i] == e
	})
}

// entities returns the entity keys, ascending.
func (t *Table) entities() []uint64 {
	held := make([]uint64, len(t.rows))
	for i, r := range t.rows {
		held[i] = r.Entity
	}
	sortKeys(held)
	return held
}

// Len returns the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// Max returns the greatest löpnummer, or the domain's base if there is none.
func (t *Table) Max() uint64 {
	if len(t.rows) == 0 {
		return t.Domain.Base
	}
	return t.rows[len(t.rows)-1].Lopnr
}

func (t *Table) lastBatch() uint32 {
	var last uint32
	for _, r := range t.rows {
		last = max(last, r.Batch)
	}
	return last
}

// All calls yield for every row, ascending by löpnummer.
func (t *Table) All(yield func(Row) bool) {
	for _, r := range t.rows {
		if !yield(r) {
			return
		}
	}
}

// Supersede records that old and the greater or lesser number with belong to
// one person, usually a samordningsnummer and the personnummer that followed.
// Both stay in the table and in what has been delivered; the correction goes
// out with the next delivery under its own decision. A circle is refused.
//
// Source: reference pseudonym §2.3.
func (t *Table) Supersede(old, with uint64) error {
	bad := func(sv, en string) error { return fault.New("pseudonym.supersede", sv, en) }
	if !t.holds(old) || !t.holds(with) {
		return bad("Ett av löpnumren finns inte i domänen.", "One of the löpnummer is not in the domain.")
	}
	if t.Current(with) == old || old == with {
		return bad("Löpnumret skulle ersätta sig självt.", "The löpnummer would supersede itself.")
	}
	i, found := t.correction(old)
	if found {
		if t.corrections[i].New == with {
			return nil
		}
		return bad("Löpnumret är redan ersatt av ett annat.", "The löpnummer has been superseded by another already.")
	}
	t.corrections = slices.Insert(t.corrections, i, Correction{old, with})
	return nil
}

// Current returns the löpnummer that n has been superseded by in the end, n
// itself if by none.
func (t *Table) Current(n uint64) uint64 {
	for {
		i, found := t.correction(n)
		if !found {
			return n
		}
		n = t.corrections[i].New
	}
}

// Corrections returns what has been superseded, ascending by Old.
func (t *Table) Corrections() []Correction { return slices.Clone(t.corrections) }

func (t *Table) correction(old uint64) (int, bool) {
	return slices.BinarySearchFunc(t.corrections, old, func(c Correction, n uint64) int {
		if c.Old < n {
			return -1
		} else if c.Old > n {
			return 1
		}
		return 0
	})
}

func (t *Table) holds(lopnr uint64) bool {
	_, found := slices.BinarySearchFunc(t.rows, lopnr, func(r Row, n uint64) int {
		if r.Lopnr < n {
			return -1
		} else if r.Lopnr > n {
			return 1
		}
		return 0
	})
	return found
}

// Index finds löpnummer by entity. It is a copy: a later draw does not change
// it.
type Index struct {
	dense []uint64 // by entity, where the keys are compact
	slots []slot   // else by hash; a power of two, at most two thirds of them taken
}

// slot holds an entity and its löpnummer, 0 where it is free.
type slot struct{ entity, lopnr uint64 }

// Index returns an index of the table as it is now.
func (t *Table) Index() Index {
	var top uint64
	for _, r := range t.rows {
		top = max(top, r.Entity)
	}
	if top < uint64(len(t.rows))*8+1024 {
		dense := make([]uint64, top+1)
		for _, r := range t.rows {
			dense[r.Entity] = r.Lopnr
		}
		return Index{dense: dense}
	}
	x := Index{slots: make([]slot, 1<<bits.Len(uint(len(t.rows)+len(t.rows)/2)))}
	for _, r := range t.rows {
		*x.slot(r.Entity) = slot{r.Entity, r.Lopnr}
	}
	return x
}

// slot returns the slot of an entity, or the free one where it would stand.
func (x Index) slot(entity uint64) *slot {
	// Keys that follow one another land far apart (Fibonacci hashing: 2⁶⁴ by the
	// golden ratio).
	at := entity * 0x9e3779b97f4a7c15 >> (65 - bits.Len(uint(len(x.slots))))
	for {
		s := &x.slots[at]
		if s.lopnr == 0 || s.entity == entity {
			return s
		}
		at = (at + 1) & uint64(len(x.slots)-1)
	}
}

// Lopnr returns the löpnummer of an entity, 0 and false if it has none.
func (x Index) Lopnr(entity uint64) (uint64, bool) {
	switch {
	case x.slots != nil:
		n := x.slot(entity).lopnr
		return n, n != 0
	case entity >= uint64(len(x.dense)):
		return 0, false
	}
	return x.dense[entity], x.dense[entity] != 0
}

// sortKeys sorts by radix, some bits at a time, and skips those that all keys
// share; many times as fast as comparing for millions of keys.
func sortKeys(a []uint64) {
	if len(a) < 4096 {
		slices.Sort(a)
		return
	}
	b := make([]uint64, len(a))
	from, to := a, b
	for shift := uint(0); shift < 64; shift += digit {
		const mask = 1<<digit - 1
		var count [mask + 1]int
		for _, v := range from {
			count[v>>shift&mask]++
		}
		if count[from[0]>>shift&mask] == len(from) {
			continue
		}
		sum := 0
		for i, n := range count {
			count[i], sum = sum, sum+n
		}
		for _, v := range from {
			k := v >> shift & mask
			to[count[k]] = v
			count[k]++
		}
		from, to = to, from
	}
	if &from[0] != &a[0] {
		copy(a, from)
	}
}
