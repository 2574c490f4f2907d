package register

import "sluss/internal/day"

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

// Locate looks numbers up among ascending ones, as a load does.
func Locate(among, numbers []uint64) []int {
	d := &Identity{number: among, holder: make([]uint32, len(among)), validTo: make([]day.Day, len(among)), days: indexDays(among)}
	var out []int
	for i := 0; i < len(numbers); i += together {
		var at [together]int
		some := numbers[i:min(i+together, len(numbers))]
		d.locate(some, at[:])
		out = append(out, at[:len(some)]...)
	}
	return out
}
