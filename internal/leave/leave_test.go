package leave

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
)

func span(text string) day.Span {
	from, to, _ := strings.Cut(text, "..")
	return day.Span{From: day.MustParse(from), To: day.MustParse(to) + 1}
}

func written(list []Stretch) string {
	var out []string
	for _, s := range list {
		mark := "paid"
		if s.Estimated {
			mark = "est"
		}
		out = append(out, fmt.Sprintf("%s..%s %s %d", s.From, s.To-1, mark, s.Extent))
	}
	return strings.Join(out, "; ")
}

// TestEstimate has worked examples. 2025-03-03 is a Monday.
func TestEstimate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rule  Rule
		birth string
		paid  []string
		work  []Work
		want  string
	}{
		"a paid day fills its week": {Default(), "2025-01-01", []string{"2025-03-05..2025-03-05"}, nil, "2025-03-03..2025-03-04 est 1000; 2025-03-05..2025-03-05 paid 1000; 2025-03-06..2025-03-09 est 1000"},
		"a Monday and a Sunday":     {Default(), "2025-01-01", []string{"2025-03-03..2025-03-03", "2025-03-09..2025-03-09"}, nil, "2025-03-03..2025-03-03 paid 1000; 2025-03-04..2025-03-08 est 1000; 2025-03-09..2025-03-09 paid 1000"},
		"28 free days join": {
			Default(), "2025-01-01",
			[]string{"2025-03-03..2025-03-09", "2025-04-07..2025-04-13"},
			nil,
			"2025-03-03..2025-03-09 paid 1000; 2025-03-10..2025-04-06 est 1000; 2025-04-07..2025-04-13 paid 1000",
		},
		"35 do not":                    {Default(), "2025-01-01", []string{"2025-03-03..2025-03-09", "2025-04-14..2025-04-20"}, nil, "2025-03-03..2025-03-09 paid 1000; 2025-04-14..2025-04-20 paid 1000"},
		"nothing before the birth":     {Default(), "2025-03-06", []string{"2025-02-20..2025-03-02", "2025-03-07..2025-03-07"}, nil, "2025-03-06..2025-03-06 est 1000; 2025-03-07..2025-03-07 paid 1000; 2025-03-08..2025-03-09 est 1000"},
		"until the child is 24 months": {Default(), "2023-03-05", []string{"2025-03-03..2025-03-30"}, nil, "2025-03-03..2025-03-04 paid 1000"},
		"or 18":                        {Rule{"A12/1", 28, 18}, "2023-09-05", []string{"2025-03-03..2025-03-03", "2025-03-06..2025-03-06"}, nil, "2025-03-03..2025-03-03 paid 1000; 2025-03-04..2025-03-04 est 1000"},
		"born on a leap day":           {Default(), "2024-02-29", []string{"2026-02-27..2026-03-02"}, nil, "2026-02-23..2026-02-26 est 1000; 2026-02-27..2026-02-27 paid 1000"},
		"work leaves the rest": {
			Default(), "2025-01-01",
			[]string{"2025-03-03..2025-03-03"},
			[]Work{{span("2025-03-05..2025-03-06"), 250}, {span("2025-03-06..2025-03-07"), 1000}},
			"2025-03-03..2025-03-03 paid 1000; 2025-03-04..2025-03-04 est 1000; 2025-03-05..2025-03-05 est 750; 2025-03-08..2025-03-09 est 1000",
		},
		"nothing paid": {Default(), "2025-01-01", nil, nil, ""},
	} {
		var paid []day.Span
		for _, p := range tt.paid {
			paid = append(paid, span(p))
		}
		if got := written(tt.rule.Estimate(day.MustParse(tt.birth), paid, tt.work)); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// TestEstimateDayByDay: an oracle that looks at one day at a time. A day is paid
// if it was paid; it is leave if its week has a paid day, or if it lies in a break
// between such weeks that is no longer than the rule says; the order of what is
// given means nothing.
func TestEstimateDayByDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := Rule{"x", rapid.IntRange(0, 40).Draw(rt, "free"), rapid.IntRange(1, 6).Draw(rt, "months")}
		birth := day.Of(2024, 12, 20) + day.Day(rapid.IntRange(0, 40).Draw(rt, "birth"))
		end := birth.AddMonths(r.Months)
		isPaid := map[day.Day]bool{}
		var paid []day.Span
		for range rapid.IntRange(0, 6).Draw(rt, "n") {
			s := day.Span{From: birth + day.Day(rapid.IntRange(-20, 200).Draw(rt, "from"))}
			s.To = s.From + day.Day(rapid.IntRange(1, 12).Draw(rt, "days"))
			paid = append(paid, s)
			for d := max(s.From, birth); d < min(s.To, end); d++ {
				isPaid[d] = true
			}
		}
		inWeek := func(d day.Day) bool {
			for k := range day.Day(7) {
				if isPaid[monday(d)+k] {
					return true
				}
			}
			return false
		}
		want := map[day.Day]string{}
		for d := birth; d < end; d++ {
			lo, hi := d, d
			for lo >= birth && !inWeek(lo) {
				lo--
			}
			for hi < end && !inWeek(hi) {
				hi++
			}
			switch {
			case isPaid[d]:
				want[d] = "paid"
			case inWeek(d), lo >= birth && hi < end && int(hi-lo-1) <= r.FreeDays:
				want[d] = "est"
			}
		}
		got := map[day.Day]string{}
		list := r.Estimate(birth, rapid.Permutation(paid).Draw(rt, "order"), nil)
		for i, s := range list {
			if i > 0 && (s.From < list[i-1].To || s.From == list[i-1].To && s.Estimated == list[i-1].Estimated) {
				rt.Fatalf("not in order, or in pieces: %s", written(list))
			}
			for d := s.From; d < s.To; d++ {
				got[d] = map[bool]string{true: "est", false: "paid"}[s.Estimated]
			}
		}
		for d := birth - 30; d < end+30; d++ {
			if got[d] != want[d] {
				rt.Fatalf("%s is %q, want %q: %s", d, got[d], want[d], written(list))
			}
		}
		if again := r.Estimate(birth, slices.Concat(paid, paid), nil); written(again) != written(list) {
			rt.Fatalf("paid twice it is another")
		}
	})
}
