package population

import "math/bits"

// table maps numbers other than 0 to indices: open addressing, linear probing,
// at most five eighths full. A million persons take 24 MB, a Go map about
// twice that and three times as long.
type table struct {
	keys  []uint64
	vals  []uint32
	n     int
	shift uint // 64 − log2 of the size
}

func (t *table) slot(key uint64) int {
	mask := len(t.keys) - 1
	i := int(key * 0x9E37_79B9_7F4A_7C15 >> t.shift)
	for t.keys[i] != 0 && t.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

func (t *table) get(key uint64) (uint32, bool) {
	if t.n == 0 {
		return 0, false
	}
	i := t.slot(key)
	return t.vals[i], t.keys[i] != 0
}

// put adds a key that is not there.
func (t *table) put(key uint64, val uint32) {
	if t.n >= len(t.keys)/8*5 {
		t.grow()
	}
	i := t.slot(key)
	t.keys[i], t.vals[i] = key, val
	t.n++
}

func (t *table) grow() {
	old := *t
	size := max(1024, 2*len(old.keys))
	t.keys, t.vals = make([]uint64, size), make([]uint32, size)
	t.shift = uint(64 - bits.Len(uint(size-1)))
	for i, k := range old.keys {
		if k != 0 {
			j := t.slot(k)
			t.keys[j], t.vals[j] = k, old.vals[i]
		}
	}
}
