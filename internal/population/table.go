package population

import "math/bits"

// table is a set of numbers other than 0, each with an index of low bits
// packed beside it: open addressing, linear probing, at most five eighths
// full. A million persons take 16 MB and one cache miss each; a Go map takes
// about three times as long.
type table struct {
	slots []uint64 // key<<low | index, 0 = free
	n     int
	shift uint // 64 − log2 of the size
	low   uint
}

// find returns the place that holds key, or the free one where it belongs, and
// whether it is there. The place is valid until the next find.
func (t *table) find(key uint64) (place int, there bool) {
	if t.n >= len(t.slots)/8*5 {
		t.grow()
	}
	place = t.free(key)
	return place, t.slots[place] != 0
}

func (t *table) free(key uint64) int {
	mask := len(t.slots) - 1
	i := int(key * 0x9E37_79B9_7F4A_7C15 >> t.shift)
	for t.slots[i] != 0 && t.slots[i]>>t.low != key {
		i = (i + 1) & mask
	}
	return i
}

// fill puts key into the free place that find returned for it.
func (t *table) fill(place int, key uint64, index int) {
	t.slots[place] = key<<t.low | uint64(index)
	t.n++
}

// index returns the index at a place.
func (t *table) index(place int) int { return int(t.slots[place] & (1<<t.low - 1)) }

func (t *table) grow() {
	old := t.slots
	size := max(1<<12, 2*len(old))
	t.slots = make([]uint64, size)
	t.shift = uint(64 - bits.Len(uint(size-1)))
	for _, s := range old {
		if s != 0 {
			t.slots[t.free(s>>t.low)] = s
		}
	}
}

// keySet is a set of keys of löpnummer: a bit each for the small ones, which
// in most files are all, and a table for the rest.
type keySet struct {
	small []uint64
	large table
}

const smallKeys = 1 << 27 // 16 MB of bits at most

// add adds key and reports whether it was new.
func (s *keySet) add(key uint64) bool {
	if key >= smallKeys {
		place, there := s.large.find(key)
		if !there {
			s.large.fill(place, key, 0)
		}
		return !there
	}
	word, bit := int(key/64), uint64(1)<<(key%64)
	if word >= len(s.small) {
		s.small = append(s.small, make([]uint64, max(word+1, 2*len(s.small))-len(s.small))...)
	}
	there := s.small[word]&bit != 0
	s.small[word] |= bit
	return !there
}
