package day

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
)

func TestDayAgreesWithTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for d := Min; d <= Max; d += 1 {
		y, m, dd := d.YMD()
		if Of(y, m, dd) != d || !Valid(y, m, dd) {
			t.Fatalf("day %d became %d-%d-%d and back %d", d, y, m, dd, Of(y, m, dd))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := Day(rapid.IntRange(int(Min), int(Max)).Draw(t, "day"))
		want := time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly)
		if d.String() != want {
			t.Fatalf("%d is %s, want %s", d, d, want)
		}
		if back := MustParse(want); back != d {
			t.Fatalf("%s parsed as %d, want %d", want, back, d)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "20240101", "2024-01-01 ", "0000-01-01", "2024/01/01", "+024-01-01"} {
		if d, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %s, want an error", s, d)
		}
	}
}

func TestAddOffset(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, offset, want string }{
		{"2024-02-29", "-P1Y", "2023-02-28"},
		{"2024-02-29", "P1Y", "2025-02-28"},
		{"2026-08-31", "P6M", "2027-02-28"},
		{"2024-01-31", "P1M1D", "2024-03-01"},
		{"2024-03-31", "-P1M1D", "2024-02-28"},
		{"2024-05-10", "P0D", "2024-05-10"},
		{"2024-05-10", "P1Y2M3D", "2025-07-13"},
	} {
		o, err := ParseOffset(tt.offset)
		if err != nil {
			t.Fatal(err)
		}
		if got := MustParse(tt.from).Add(o); got.String() != tt.want {
			t.Errorf("%s + %s = %s, want %s", tt.from, tt.offset, got, tt.want)
		}
	}
	for _, s := range []string{"", "P", "-P", "6M", "P6", "PM", "P6M1Y", "P1D1D", "P-6M", "+P6M", "P6W", "p6m", "P99999999999Y"} {
		if _, err := ParseOffset(s); err == nil {
			t.Errorf("ParseOffset(%q) accepted", s)
		}
	}
}

// S19: an offset keeps the order of days.
func TestAddIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := Day(rapid.IntRange(0, 30000).Draw(t, "a"))
		b := a + Day(rapid.IntRange(0, 400).Draw(t, "b"))
		sign := rapid.SampledFrom([]int{-1, 1}).Draw(t, "sign")
		o := Offset{sign * rapid.IntRange(0, 30).Draw(t, "months"), sign * rapid.IntRange(0, 40).Draw(t, "days")}
		if a.Add(o) > b.Add(o) {
			t.Fatalf("%s <= %s but %s > %s after %s", a, b, a.Add(o), b.Add(o), o)
		}
		p, err := ParseOffset(o.String())
		if err != nil || p != o {
			t.Fatalf("%v written %s read %v, %v", o, o, p, err)
		}
	})
}
