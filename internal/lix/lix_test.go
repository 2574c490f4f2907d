package lix

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want Score
		lix  float64
	}{
		{"", Score{}, 0},
		{"Katten sover.", Score{2, 0, 1}, 2},
		{"Vi prövar sekretessen. Du får besked.", Score{6, 1, 2}, 3 + 100.0/6},
		{"Rubrik utan punkt\nEn mening till.", Score{6, 0, 2}, 3},
		{"Sju bokstäver: fyrtiotv och sex: sexbok", Score{6, 2, 3}, 2 + 200.0/6},
		{"“Nej.” – Jo!", Score{2, 0, 2}, 1},
		{"Kostar 20 400 kr (exkl. moms).", Score{6, 0, 2}, 3},
	} {
		if got := Of(tt.text); got != tt.want || abs(got.LIX()-tt.lix) > 1e-9 {
			t.Errorf("%q: %+v, LIX %.2f; want %+v, %.2f", tt.text, got, got.LIX(), tt.want, tt.lix)
		}
	}
}

func TestLongSentences(t *testing.T) {
	t.Parallel()
	text := "En kort. " + strings.Repeat("ord ", 26) + "slut. Kort igen."
	if got := LongSentences(text, 25); len(got) != 1 || !strings.HasSuffix(got[0], "slut.") {
		t.Errorf("%q", got)
	}
}

// TestTogether: lines are measured apart, so that texts can be put together.
func TestTogether(t *testing.T) {
	t.Parallel()
	line := rapid.StringMatching(`([a-zåäö]{1,9}[.?! ]? ?){0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := line.Draw(t, "a"), line.Draw(t, "b")
		if got, want := Of(a+"\n"+b), Of(a).Add(Of(b)); got != want {
			t.Fatalf("%q, %q: %+v, want %+v", a, b, got, want)
		}
	})
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}
