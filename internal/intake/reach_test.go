package intake

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// TestReach: what has been measured takes the place of the rule, for registers
// that have one; without either there is no limit.
func TestReach(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	on, seen, until := day.MustParse("2026-11-02"), day.MustParse("2026-11-01"), day.MustParse("2026-05-31")
	m := Measured{"midas_sjuk": {until, seen}, "barnbidrag": {until, seen}}
	for _, tt := range []struct {
		m        Measured
		register string
		want     Reach
		words    string
	}{
		{m, "midas_sjuk", Reach{until, true, seen}, "measured in the data of 2026-11-01"},
		{nil, "midas_sjuk", Reach{day.MustParse("2026-07-31"), true, 0}, "by the catalogue's rule"},
		{m, "midas_foraldra", Reach{day.MustParse("2026-07-31"), true, 0}, "by the catalogue's rule"},
		{m, "barnbidrag", Reach{}, ""},
	} {
		got := tt.m.Of(cat.Register(tt.register), on)
		if got != tt.want || got.Words().EN != tt.words || got.Measured() != (tt.want.Seen != 0) {
			t.Errorf("%s: %+v %q", tt.register, got, got.Words().EN)
		}
	}
	sjuk := cat.Register("midas_sjuk")
	if a := m.Answer(sjuk, day.MustParse("2026-06-30"), on); !strings.Contains(a.EN, "slow to come") || !strings.Contains(a.SV, "2026-05-31 (mätt i uppgifterna från 2026-11-01)") {
		t.Error(a)
	}
	if a := m.Answer(sjuk, until, on); !strings.HasPrefix(a.SV, "Ja.") {
		t.Error(a)
	}
}

// TestMeasuredGate: an application past the measured day is told, and by what.
func TestMeasuredGate(t *testing.T) {
	t.Parallel()
	cat := catalog.Builtin()
	on := day.MustParse("2026-11-02")
	a := Application{Purpose: Research, Form: CurrentForm, Data: []Wish{{Register: "midas_sjuk", From: on - 900, To: day.MustParse("2026-06-30")}}}
	find := func(m Measured) string {
		ps := m.Problems(a, on, cat)
		i := slices.IndexFunc(ps, func(p Problem) bool { return p.Field == "data[0].to" })
		if i < 0 {
			return ""
		}
		return ps[i].EN
	}
	if got := find(nil); got != "" {
		t.Errorf("by the rule: %s", got)
	}
	if got := find(Measured{"midas_sjuk": {day.MustParse("2026-05-31"), on - 1}}); !strings.Contains(got, "2026-05-31 (measured in the data of 2026-11-01)") {
		t.Errorf("measured: %s", got)
	}
}
