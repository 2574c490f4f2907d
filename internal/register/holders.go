package register

import "math/bits"

// holders finds persons by number for a load, which asks once for every row: in a
// register of a million persons nearly every number lies where nobody has looked
// lately, so that a look-up costs what it waits for memory. A table of numbers
// that have had one holder waits once; who has held which of the others at what time
// is the identity register's to say ([Identity.resolve]).
type holders struct {
	slots []holderSlot // a power of two of them, at most half in use
	shift int
}

type holderSlot struct {
	number uint64 // 0: the slot is free
	person uint32 // or severalHolders
}

// severalHolders stands for a person where the day decides.
const severalHolders = NoPerson - 1

// together is how many numbers are looked up at once.
const together = 64

// holders returns the table of the register's numbers.
func (d *Identity) holders() *holders {
	d.holdersOnce.Do(func() { d.byNumber = newHolders(d.number, d.holder) })
	return d.byNumber
}

// newHolders makes the table of ascending numbers and who has them.
func newHolders(number []uint64, holder []uint32) *holders {
	size := bits.Len(uint(2*len(number) + 1))
	h := &holders{slots: make([]holderSlot, 1<<size), shift: 64 - size}
	for i := 0; i < len(number); {
		s := holderSlot{number[i], holder[i]}
		for i++; i < len(number) && number[i] == s.number; i++ {
			if holder[i] != s.person {
				s.person = severalHolders
			}
		}
		k := h.home(s.number)
		for h.slots[k].number != 0 {
			k = h.after(k)
		}
		h.slots[k] = s
	}
	return h
}

// home is where a number is looked for first.
func (h *holders) home(n uint64) int { return int(n * 0x9e3779b97f4a7c15 >> h.shift) }

func (h *holders) after(k int) int { return (k + 1) & (len(h.slots) - 1) }

// find sets who to the persons of at most [together] numbers: NoPerson for one that
// nobody has had, severalHolders for one that several have. It reads all the slots
// first, so that the processor waits for the memory of many at once instead of one
// after the other; the sum of what it reads means nothing and is returned to have it
// read at all.
func (h *holders) find(numbers []uint64, who []uint32) (touched uint64) {
	var homes [together]int
	for i, n := range numbers {
		homes[i] = h.home(n)
		touched += h.slots[homes[i]].number
	}
	for i, n := range numbers {
		k := homes[i]
		for h.slots[k].number != n && h.slots[k].number != 0 {
			k = h.after(k)
		}
		who[i] = h.slots[k].person
		if h.slots[k].number == 0 {
			who[i] = NoPerson
		}
	}
	return touched
}
