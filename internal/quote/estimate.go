package quote

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"sluss/internal/catalog"
)

// Features are what is known of a case before the work and what it has in
// common with others.
type Features struct {
	Purpose    string // research or statistics; cases of the other purpose are never compared
	Registers  int
	Tables     int
	Variables  int
	Persons    int  // size of the population
	Deliveries int  // withdrawals asked for
	FromFile   bool // the population comes as a file
	Sensitive  bool
	Linked     bool // with data of other holders
	Renewed    bool // an earlier extract is made again
}

// Past is a finished case.
type Past struct {
	Features Features
	Centis   int64 // hours worked in all, in hundredths
}

// Where an interval comes from.
const (
	FromSimilar   = "similar"   // finished cases like this
	FromPublished = "published" // Försäkringskassan's page: usually 16–40 hours
	FromNothing   = "nothing"   // too few cases, and nothing published for the purpose
)

// Interval is how many hours a case is expected to take, in hundredths, in
// whole quarters of an hour.
type Interval struct {
	Basis string
	// Low and High: about eight of ten cases lie between. Middle: half take less.
	Low, Middle, High int64
	Cases             int // finished cases that it rests on
	Text              catalog.Text
}

// The published span, research only.
//
// Source: Försäkringskassan, Beställning av individdata för forskning,
// 2025-06-27.
const (
	publishedLow  = 1600
	publishedHigh = 4000
)

const (
	leastCases = 30  // fewer finished cases of the purpose: the published span
	nearCases  = 200 // the interval rests on at most so many, the most similar
	// tailShare is how many of a hundred cases may lie outside on each side. Ten
	// would be the eight of ten that are promised; eight leaves a margin for
	// cases that come later and differ from those before.
	tailShare = 8
)

// Estimate says what a case like this takes, from finished cases.
//
// The most similar finished cases of the same purpose (at most 200) are taken
// out. The middle is the median of the nearest of them. How wrong such a median
// tends to be is measured on the cases themselves: each is predicted from the
// others, and the shares actual/predicted are sorted. Middle times the share
// that leaves eight of a hundred below, and above, give Low and High. Nothing is
// assumed about the shape of the distribution; the same cases in any order give
// the same answer.
//
// With fewer than 30 finished cases a research case gets the published 16–40
// hours, and a statistics case no interval (Basis FromNothing).
func Estimate(past []Past, f Features) Interval {
	near := nearest(past, f)
	if len(near) < leastCases {
		if f.Purpose != "research" {
			return Interval{Basis: FromNothing, Cases: len(near), Text: catalog.Text{
				SV: fmt.Sprintf("Det finns %d avslutade ärenden att jämföra med; det är för få.", len(near)),
				EN: fmt.Sprintf("There are %d finished cases to compare with; that is too few.", len(near)),
			}}
		}
		return Interval{Basis: FromPublished, Low: publishedLow, Middle: (publishedLow + publishedHigh) / 2, High: publishedHigh, Cases: len(near), Text: catalog.Text{
			SV: fmt.Sprintf("Vanligen 16–40 timmar enligt Försäkringskassans sida (2025-06-27); %d avslutade ärenden är för få för en egen beräkning.", len(near)),
			EN: fmt.Sprintf("Usually 16–40 hours according to Försäkringskassan's page (2025-06-27); %d finished cases are too few for an estimate of our own.", len(near)),
		}}
	}
	at := make([]place, len(near))
	for i, p := range near {
		at[i] = placed(p.Features)
	}
	middle := predict(at, near, placed(f), -1)
	shares := make([]int64, len(near)) // actual in thousandths of what was predicted
	for i, p := range near {
		shares[i] = p.Centis * 1000 / max(1, predict(at, near, at[i], i))
	}
	slices.Sort(shares)
	n := len(shares)
	cut := (n + 1) * tailShare / 100 // so many of n+1 lie outside on each side
	low, high := shares[max(0, cut-1)], shares[min(n-1, n-cut)]
	v := Interval{
		Basis: FromSimilar, Cases: n,
		Low: quarter(middle*low/1000, false), Middle: quarter(middle, true), High: quarter((middle*high+999)/1000, true),
	}
	v.Text = catalog.Text{
		SV: fmt.Sprintf("Åtta av tio liknande ärenden har tagit mellan %s och %s; hälften har tagit mindre än %s. Beräknat på %d avslutade ärenden.", Centis(v.Low, "sv"), Centis(v.High, "sv"), Centis(v.Middle, "sv"), n),
		EN: fmt.Sprintf("Eight of ten cases like this have taken between %s and %s; half have taken less than %s. Reckoned on %d finished cases.", Centis(v.Low, "en"), Centis(v.High, "en"), Centis(v.Middle, "en"), n),
	}
	return v
}

// quarter rounds to whole quarters of an hour, up or down.
func quarter(centis int64, up bool) int64 {
	if up {
		centis += 24
	}
	return centis / 25 * 25
}

// nearest returns the cases of the same purpose that are most like f, most
// alike first.
func nearest(past []Past, f Features) []Past {
	type near struct {
		Past
		distance int
	}
	to, ns := placed(f), make([]near, 0, len(past))
	for _, p := range past {
		if p.Features.Purpose == f.Purpose && p.Centis > 0 {
			ns = append(ns, near{p, distance(placed(p.Features), to)})
		}
	}
	slices.SortFunc(ns, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.Centis, b.Centis), compareFeatures(a.Features, b.Features))
	})
	out := make([]Past, min(len(ns), nearCases))
	for i := range out {
		out[i] = ns[i].Past
	}
	return out
}

// predict returns the median of the cases nearest to f, case number without
// left out (-1 = none).
func predict(at []place, cases []Past, f place, without int) int64 {
	type near struct {
		distance int
		centis   int64
	}
	compare := func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.centis, b.centis))
	}
	k := max(5, len(cases)/12)
	ns := make([]near, 0, k+1) // the k nearest so far, in order
	for i, p := range cases {
		n := near{distance(at[i], f), p.Centis}
		if i == without || len(ns) == k && compare(n, ns[k-1]) >= 0 {
			continue
		}
		j, _ := slices.BinarySearchFunc(ns, n, compare)
		ns = slices.Insert(ns, j, n)
		ns = ns[:min(k, len(ns))]
	}
	slices.SortFunc(ns, func(a, b near) int { return cmp.Compare(a.centis, b.centis) })
	return (ns[(len(ns)-1)/2].centis + ns[len(ns)/2].centis) / 2
}

// place is where a case lies among others: amounts in hundredths of a doubling
// times their weight in hundredths, and the weights of what it is.
type place struct {
	amounts [5]int
	is      [4]int
}

// placed weighs the features: a doubling of registers counts 100, of tables and
// variables 60, of persons 25, of deliveries 50.
func placed(f Features) place {
	p := place{amounts: [5]int{
		doublings(f.Registers), doublings(f.Tables) * 6 / 10, doublings(f.Variables) * 6 / 10,
		doublings(f.Persons) / 4, doublings(f.Deliveries) / 2,
	}}
	for i, yes := range []struct {
		is     bool
		weight int
	}{{f.FromFile, 60}, {f.Sensitive, 40}, {f.Linked, 60}, {f.Renewed, 200}} {
		if yes.is {
			p.is[i] = yes.weight
		}
	}
	return p
}

// distance is how unlike two cases are.
func distance(a, b place) int {
	d := 0
	for i := range a.amounts {
		d += max(a.amounts[i]-b.amounts[i], b.amounts[i]-a.amounts[i])
	}
	for i := range a.is {
		d += max(a.is[i]-b.is[i], b.is[i]-a.is[i])
	}
	return d
}

// doublings is the logarithm to base 2 in hundredths, straight between powers
// of two, and 0 for amounts below one.
func doublings(n int) int {
	if n < 1 {
		return 0
	}
	p := bits.Len(uint(n)) - 1
	return 100*p + (n-1<<p)*100>>p
}

func compareFeatures(a, b Features) int {
	flags := func(f Features) int {
		n := 0
		for i, yes := range []bool{f.FromFile, f.Sensitive, f.Linked, f.Renewed} {
			if yes {
				n |= 1 << i
			}
		}
		return n
	}
	return cmp.Or(
		cmp.Compare(a.Registers, b.Registers), cmp.Compare(a.Tables, b.Tables), cmp.Compare(a.Variables, b.Variables),
		cmp.Compare(a.Persons, b.Persons), cmp.Compare(a.Deliveries, b.Deliveries), cmp.Compare(flags(a), flags(b)),
	)
}
