package register

import (
	"slices"

	"sluss/internal/catalog"
)

// FailWith lets f decide before every write, sync and rename whether the disk
// fails.
func (o *Options) FailWith(f func(op string) error) { o.check = f }

// WithoutSync leaves out waiting for the disk, which a test of content does
// not need and which takes most of a small load's time.
func (o *Options) WithoutSync() { o.noSync = true }

// SmallBuckets divides the persons among many buckets, of so many rows each.
func (o *Options) SmallBuckets(rows int64) { o.bucketRows = rows }

// DropStepwise is Drop with a stop before each step, as a power cut would be.
var DropStepwise = drop

// Holders looks numbers up among ascending ones, as a load does: who alone has had a
// number, or that several or nobody have.
func Holders(among []uint64, holder []uint32, ask []uint64) (who []uint32, several, nobody uint32) {
	h := newHolders(among, holder)
	for i := 0; i < len(ask); i += together {
		var some [together]uint32
		n := min(together, len(ask)-i)
		h.find(ask[i:i+n], some[:])
		who = append(who, some[:n]...)
	}
	return who, severalHolders, NoPerson
}

// Spilled packs records of a table as blocks of several, as they lie on the disk, and
// unpacks them again. bytes is what the blocks take.
func Spilled(t *catalog.Table, blocks [][]byte, damage func([]byte) []byte) (size int, back []byte, bytes int, err error) {
	l := newLayout(t)
	p := newPacker(l)
	var held []byte
	n := 0
	for _, b := range blocks {
		held = append(held, p.pack(b)...)
		n += len(b)
	}
	bytes = len(held)
	if damage != nil {
		held = damage(held)
	}
	held = slices.Grow(held, spare)
	q := newPacker(l)
	back, err = q.unpack(make([]byte, 0, n), held)
	return l.size, back, bytes, err
}
