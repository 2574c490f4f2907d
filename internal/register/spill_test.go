package register_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	_ "sluss/internal/drawtest"
	"sluss/internal/register"
)

// TestSpilledRowsComeBack: whatever bits records have, they come back from the disk as
// they were: values that lie close, far apart, at the ends of their types and missing.
func TestSpilledRowsComeBack(t *testing.T) {
	t.Parallel()
	_, table := catalog.Builtin().Table("midas_sjp")
	size, _, _, err := register.Spilled(table, nil, nil)
	if err != nil || size < 40 {
		t.Fatalf("a record has %d bytes, %v", size, err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		var blocks [][]byte
		for range rapid.IntRange(1, 4).Draw(rt, "blocks") {
			n := rapid.IntRange(1, 40).Draw(rt, "records")
			recs := make([]byte, n*size)
			how := rapid.SliceOfN(rapid.IntRange(0, 5), size/2, size/2).Draw(rt, "kinds")
			bits := rapid.SliceOfN(rapid.Uint16(), n*size/2, n*size/2).Draw(rt, "bits")
			for k := range n {
				for i, kind := range how { // by two bytes, so that lanes of four and eight are of any kind
					v := bits[k*len(how)+i]
					switch kind {
					case 0:
						v = 0
					case 1:
						v = math.MaxUint16
					case 2:
						v = 0x8000
					case 3:
						v %= 300
					case 4:
						v = []uint16{0, math.MaxUint16, 0x8000, v}[v%4]
					}
					binary.LittleEndian.PutUint16(recs[k*size+2*i:], v)
				}
			}
			blocks = append(blocks, recs)
		}
		_, back, _, err := register.Spilled(table, blocks, nil)
		if err != nil || !bytes.Equal(back, bytes.Join(blocks, nil)) {
			rt.Fatalf("%d bytes of records came back otherwise, %v", len(back), err)
		}
	})
}

// TestSpilledRowsAreSmall: rows that stand together take a byte or two a number.
func TestSpilledRowsAreSmall(t *testing.T) {
	t.Parallel()
	_, table := catalog.Builtin().Table("midas_sjp")
	size, _, _, _ := register.Spilled(table, nil, nil)
	recs := make([]byte, 500*size)
	for i := range recs {
		recs[i] = byte(i % size) // every number the same
	}
	for k := range 500 {
		binary.LittleEndian.PutUint32(recs[k*size:], uint32(90_000+k)) // but the person
	}
	_, back, n, err := register.Spilled(table, [][]byte{recs}, nil)
	if err != nil || !bytes.Equal(back, recs) {
		t.Fatal("records came back otherwise", err)
	}
	if most := 1000 + 4 + 9*size/2; n > most { // nothing for what is alike but a head, two bytes for the person
		t.Errorf("%d bytes, want at most %d", n, most)
	}
}

// TestDamagedSpill: a file that is cut short or says too much is refused, and nothing
// outside it is read.
func TestDamagedSpill(t *testing.T) {
	t.Parallel()
	_, table := catalog.Builtin().Table("midas_sjp")
	size, _, _, _ := register.Spilled(table, nil, nil)
	recs := make([]byte, 7*size)
	for i := range recs {
		recs[i] = byte(i * 31)
	}
	_, _, whole, _ := register.Spilled(table, [][]byte{recs}, nil)
	for cut := 1; cut < whole; cut++ {
		if _, _, _, err := register.Spilled(table, [][]byte{recs}, func(b []byte) []byte { return b[:cut:cut] }); err == nil {
			t.Fatalf("%d of %d bytes were taken for whole", cut, whole)
		}
	}
	for _, at := range []int{0, 1, 2, 3, 4} { // how many records, and how wide the first lane is
		if _, _, _, err := register.Spilled(table, [][]byte{recs}, func(b []byte) []byte { b[at] = 0xff; return b }); err == nil {
			t.Errorf("a wrong byte at %d was taken", at)
		}
	}
}

// TestSpilledEnds: numbers from one end of their type to the other take a byte more than
// the type, or are kept as they are.
func TestSpilledEnds(t *testing.T) {
	t.Parallel()
	_, table := catalog.Builtin().Table("midas_sjp")
	size, _, _, _ := register.Spilled(table, nil, nil)
	recs := make([]byte, (math.MaxUint16+1)*size)
	for i := 0; i+1 < len(recs); i += 2 {
		binary.LittleEndian.PutUint16(recs[i:], uint16(i/size))
	}
	_, back, n, err := register.Spilled(table, [][]byte{recs}, nil)
	if err != nil || !bytes.Equal(back, recs) {
		t.Fatal("records came back otherwise", err)
	}
	if n <= len(recs) {
		t.Errorf("%d bytes of %d: the numbers do not lie from end to end", n, len(recs))
	}
}
