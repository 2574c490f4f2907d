// Package leave estimates parental leave with and without benefit (skattad
// föräldraledighet, MiDAS) from paid days: model assumption A12.
//
// Försäkringskassan's own method was not found. Ours: a calendar week with a
// paid day is leave all week, and so are breaks of up to FreeDays days between
// such weeks, from the child's birth until it is Months old. What is added is
// marked as estimated and never counts as paid.
//
// Begin with [Rule.Estimate]. The package is pure.
//
// Source: reference domain §1.6 and assumption A12; law: föräldraledighetslagen
// (1995:584) 5 §, SFB 12 kap.
package leave

import (
	"cmp"
	"slices"

	"sluss/internal/day"
)

// Rule is a version of the assumption. Its name stands in codebooks.
type Rule struct {
	Name     string
	FreeDays int // most days of a break between weeks with a paid day
	Months   int // age of the child at which the estimate ends
}

// Default is the rule in use: 28 days, 24 months. With it the ratio of leave to
// paid days is meant to be about 1.6 for women and 1.7 for men.
func Default() Rule { return Rule{Name: "A12/1", FreeDays: 28, Months: 24} }

// Whole is the extent of a whole day, per mille.
const Whole = 1000

// Work is a stretch in which the share of full time that a parent worked is
// known, per mille.
type Work struct {
	day.Span
	Share int
}

// Stretch is unbroken leave of one kind and extent.
type Stretch struct {
	day.Span
	Estimated bool // no benefit was paid for these days
	Extent    int  // per mille
}

// Estimate returns the leave of one parent for one child, in the order of days:
// disjoint, each day once. Paid days are as they were paid, and whole; the
// extent of an estimated day is what work leaves of it, and whole where nothing
// is known of work. Days on which all time was worked are no leave. Paid and
// work may come in any order and overlap; of works that overlap the greatest
// share counts.
func (r Rule) Estimate(birth day.Day, paid []day.Span, work []Work) []Stretch {
	time := day.Span{From: birth, To: birth.AddMonths(r.Months)}
	var days, weeks []day.Span
	for _, s := range paid {
		if s = s.Intersect(time); !s.Empty() {
			days = append(days, s)
			weeks = append(weeks, day.Span{From: monday(s.From), To: monday(s.To-1) + 7}.Intersect(time))
		}
	}
	days = union(days, 0)
	var out []Stretch
	for _, s := range union(weeks, day.Day(r.FreeDays)) {
		at := s.From
		for _, x := range days {
			if x = x.Intersect(s); !x.Empty() {
				out = append(fill(out, day.Span{From: at, To: x.From}, work), Stretch{x, false, Whole})
				at = x.To
			}
		}
		out = fill(out, day.Span{From: at, To: s.To}, work)
	}
	return out
}

// fill adds estimated days, cut where the known work changes.
func fill(out []Stretch, s day.Span, work []Work) []Stretch {
	for at := s.From; at < s.To; {
		share, to := 0, s.To
		for _, w := range work {
			switch {
			case w.From <= at && at < w.To:
				share, to = max(share, w.Share), min(to, w.To)
			case at < w.From:
				to = min(to, w.From)
			}
		}
		if extent := Whole - min(share, Whole); extent > 0 {
			if n := len(out); n > 0 && out[n-1].Estimated && out[n-1].To == at && out[n-1].Extent == extent {
				out[n-1].To = to
			} else {
				out = append(out, Stretch{day.Span{From: at, To: to}, true, extent})
			}
		}
		at = to
	}
	return out
}

// monday returns the Monday of a day's week.
func monday(d day.Day) day.Day { return d - ((d+3)%7+7)%7 }

// union joins spans between which at most gap days are free.
func union(list []day.Span, gap day.Day) []day.Span {
	slices.SortFunc(list, func(a, b day.Span) int { return cmp.Compare(a.From, b.From) })
	var out []day.Span
	for _, s := range list {
		if n := len(out); n > 0 && s.From <= out[n-1].To+gap {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}
