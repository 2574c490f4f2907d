package cells_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/register/cells"
)

// TestWidth has the edges of every width: one of a width's numbers means that
// there is none, so a signed byte holds −127 … 127 and an unsigned one 0 … 254.
func TestWidth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		vals []int64
		want int
	}{
		{nil, 0},
		{[]int64{math.MinInt64}, 0},
		{[]int64{0}, 1},
		{[]int64{127, -127, math.MinInt64}, 1},
		{[]int64{-128}, 2},
		{[]int64{128}, 2},
		{[]int64{math.MaxInt16, -math.MaxInt16}, 2},
		{[]int64{math.MinInt16}, 4},
		{[]int64{math.MaxInt16 + 1}, 4},
		{[]int64{math.MaxInt32, -math.MaxInt32}, 4},
		{[]int64{math.MinInt32}, 8},
		{[]int64{math.MaxInt64}, 8},
		{[]int64{math.MinInt64 + 1}, 8},
	} {
		if got := cells.Width(c.vals); got != c.want {
			t.Errorf("%d: %d bytes, want %d", c.vals, got, c.want)
		}
	}
	for _, c := range []struct {
		vals []uint16
		want int
	}{{nil, 0}, {[]uint16{math.MaxUint16}, 0}, {[]uint16{0, 254}, 1}, {[]uint16{255}, 2}, {[]uint16{math.MaxUint16, 3}, 1}, {[]uint16{math.MaxUint16 - 1}, 2}} {
		if got := cells.Width(c.vals); got != c.want {
			t.Errorf("%d: %d bytes, want %d", c.vals, got, c.want)
		}
	}
	if got := cells.Width([]uint32{math.MaxUint16 - 1, math.MaxUint32}); got != 2 {
		t.Errorf("persons take %d bytes", got)
	}
	if got := cells.Width([]day.Day{day.Of(1881, 1, 1), day.Of(2059, 1, 1), cells.Missing[day.Day]()}); got != 2 {
		t.Errorf("days take %d bytes", got)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	t.Run("uint16", rapid.MakeCheck(func(t *rapid.T) { roundTrip(t, rapid.Uint16()) }))
	t.Run("int32", rapid.MakeCheck(func(t *rapid.T) { roundTrip(t, rapid.Int32()) }))
	t.Run("uint32", rapid.MakeCheck(func(t *rapid.T) { roundTrip(t, rapid.Uint32()) }))
	t.Run("int64", rapid.MakeCheck(func(t *rapid.T) { roundTrip(t, rapid.Int64()) }))
}

// roundTrip packs numbers of some size and reads them back every way, also where
// they stood themselves.
func roundTrip[T cells.Cell](t *rapid.T, any *rapid.Generator[T]) {
	small := rapid.IntRange(0, 63).Draw(t, "shift")
	vals := rapid.SliceOfN(rapid.OneOf(any, rapid.Just(cells.Missing[T]())), 0, 40).Draw(t, "vals")
	for i, v := range vals {
		if v != cells.Missing[T]() {
			vals[i] = v >> small
		}
	}
	c := cells.Packed(vals)
	if c.Len() != len(vals) || !cells.Fits[T](c.Width()) || len(c.Data()) != len(vals)*c.Width() {
		t.Fatalf("%d numbers became %d of %d bytes", len(vals), c.Len(), c.Width())
	}
	got := make([]T, len(vals))
	c.Read(got, 0)
	if !slices.Equal(got, vals) {
		t.Fatalf("read %v, want %v", got, vals)
	}
	lo := rapid.IntRange(0, len(vals)).Draw(t, "lo")
	c.Read(got[:len(vals)-lo], lo)
	if !slices.Equal(got[:len(vals)-lo], vals[lo:]) {
		t.Fatalf("from %d: read %v, want %v", lo, got[:len(vals)-lo], vals[lo:])
	}
	at := rapid.SliceOfN(rapid.Int32Range(0, int32(max(len(vals), 1)-1)), 0, 2*len(vals)).Draw(t, "at")
	picked := make([]int64, len(at))
	cells.Pick(picked, c, at)
	for i, k := range at {
		if picked[i] != int64(vals[k]) || c.At(int(k)) != vals[k] {
			t.Fatalf("cell %d is %d and %d, want %d", k, picked[i], c.At(int(k)), vals[k])
		}
	}
	// A wider column says the same, and packing in place overwrites nothing too early.
	for width := c.Width(); cells.Fits[T](width); width = max(1, 2*width) {
		own := slices.Clone(vals)
		in := cells.In[T](cells.Append(cells.Bytes(own)[:0], own, width), width, len(own))
		in.Read(got, 0)
		if !slices.Equal(got, vals) {
			t.Fatalf("in %d bytes: read %v, want %v", width, got, vals)
		}
	}
}

// TestPart reads columns as numbers of their own width and of wider ones.
func TestPart(t *testing.T) {
	t.Parallel()
	vals := []int64{5, math.MinInt64, -120, 77}
	var spare []byte
	c := cells.Packed(vals)
	if got := cells.Part[int8](c, 1, 3, &spare); !slices.Equal(got, []int8{math.MinInt8, -120}) || spare != nil {
		t.Errorf("where they lie: %v", got)
	}
	if got := cells.Part[int32](c, 0, 3, &spare); !slices.Equal(got, []int32{5, math.MinInt32, -120}) {
		t.Errorf("wider: %v", got)
	}
	if got := cells.Part[int64](cells.Packed(vals[1:2]), 0, 1, &spare); got[0] != math.MinInt64 {
		t.Errorf("all missing: %v", got)
	}
	if got := cells.Part[uint16](cells.Packed([]uint16{9, math.MaxUint16}), 0, 2, &spare); !slices.Equal(got, []uint16{9, math.MaxUint16}) {
		t.Errorf("codes: %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("numbers of two bytes were read as one")
		}
	}()
	cells.Part[int8](cells.Packed([]int64{300}), 0, 1, &spare)
}

func TestOf(t *testing.T) {
	t.Parallel()
	vals := []int64{3, math.MinInt64, -9}
	c := cells.Of(vals)
	if c.Len() != 3 || c.Width() != 8 || c.At(1) != math.MinInt64 || c.At(2) != -9 {
		t.Errorf("%v", c)
	}
	if n := new(cells.Column[int32]).Len(); n != 0 {
		t.Errorf("nothing has %d cells", n)
	}
}

func TestInRefuses(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 1, 2, 3, 4} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("numbers of two bytes were read from %d", width)
				}
			}()
			cells.In[uint16](make([]byte, 12), width, 3)
		}()
	}
}

// TestGreatest: whatever the width, and with missing ones among them or none there.
func TestGreatest(t *testing.T) {
	t.Parallel()
	t.Run("uint16", rapid.MakeCheck(func(t *rapid.T) { greatest(t, rapid.Uint16(), 0, 0xfe, 0xff, 0x100, 0xfffe, 0xffff) }))
	t.Run("uint32", rapid.MakeCheck(func(t *rapid.T) {
		greatest(t, rapid.Uint32(), 0, 0xfe, 0xff, 0xfffe, 0xffff, 0x10000, 0xfffffffe, 0xffffffff)
	}))
}

func greatest[T uint16 | uint32](t *rapid.T, any *rapid.Generator[T], edges ...T) {
	vals := rapid.SliceOfN(rapid.OneOf(any, rapid.SampledFrom(edges)), 0, 5).Draw(t, "vals")
	var want T
	there, missing := false, false
	for _, v := range vals {
		if v == cells.Missing[T]() {
			missing = true
			continue
		}
		want, there = max(want, v), true
	}
	c := cells.Packed(vals)
	if most, some, none := cells.Greatest(c); most != want || some != there || none != missing {
		t.Fatalf("%d in %d bytes: %d %v %v, want %d %v %v", vals, c.Width(), most, some, none, want, there, missing)
	}
}
