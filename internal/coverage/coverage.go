// Package coverage estimates how much of what will once be known of a month is
// known already, and from that until when a register can be ordered.
//
// Payments come late. In a triangle every row is a month in which something
// happened, every column a delay: how many whole months later it was
// registered. What older months gained after a delay says what younger ones
// will gain. This is the chain ladder of insurance: with N(≤k) what is known
// of a month at delay k,
//
//	f(k) = Σ N(≤k+1) / Σ N(≤k)          over the months that have both
//	C(k) = 1 / (tail · f(k) · f(k+1) · …)
//
// and C, the completeness, is the share known at delay k. A month is orderable
// when C is at least the rule's percentage for it and for all earlier months.
//
// Reversals make increments negative; they are kept, and f may fall below 1.
// Fractions are exact: the same counts give the same answer on every machine.
// An estimate is tested by asking what it would have been in the past, see
// [Triangle.BackTest]; the strict answer uses the bound that this gives.
//
// Begin with [Register.Add], or with a [Triangle] of increments, and ask
// [Triangle.Estimate].
//
// Source: reference extraction §3.4; Mack 1993 on the chain ladder; the limit
// of 95 per cent, Försäkringskassan's ordering page for research, 2025-06-27.
package coverage

import (
	"math/big"
	"slices"
)

// Triangle holds increments: Rows[i][k] is what was registered of month
// First+i in the k-th month after it (0 = the same month), in any unit that
// adds up: days, cases, öre. The youngest month has one column, each earlier
// one more, up to a largest delay; what came later still is [Triangle.Late].
type Triangle struct {
	First int // months since January of year 0, as [day.Day.Month]
	Rows  [][]int64
	// Late[i] is what was registered of month First+i after the largest delay.
	// nil: nothing.
	Late []int64
}

// Method is how a triangle is read. The zero value of a field means its
// default.
type Method struct {
	Months int // the last so many months count for each factor; default 24
	// Tail is the factor from the largest delay to the end, above 0; default 1.
	Tail *big.Rat
	// Tests is the number of earlier months from which the estimate is tested;
	// default 24.
	Tests int
}

// DefaultMonths is the default of [Method].Months and Tests.
const DefaultMonths = 24

func (m Method) filled() Method {
	if m.Months == 0 {
		m.Months = DefaultMonths
	}
	if m.Tests == 0 {
		m.Tests = DefaultMonths
	}
	if m.Tail == nil {
		m.Tail = big.NewRat(1, 1)
	}
	return m
}

// Last returns the youngest month.
func (t *Triangle) Last() int { return t.First + len(t.Rows) - 1 }

// delays returns the number of columns of the oldest month.
func (t *Triangle) delays() int {
	n := 0
	for _, row := range t.Rows {
		n = max(n, len(row))
	}
	return n
}

// Known returns what is known of month First+i.
func (t *Triangle) Known(i int) int64 {
	n := int64(0)
	for _, x := range t.Rows[i] {
		n += x
	}
	if t.Late != nil {
		n += t.Late[i]
	}
	return n
}

// At returns the triangle as it stood back months earlier; nil when no month
// is left.
func (t *Triangle) At(back int) *Triangle {
	out := &Triangle{First: t.First}
	for i := range len(t.Rows) - back {
		age := len(t.Rows) - 1 - i - back // whole months since then
		out.Rows = append(out.Rows, t.Rows[i][:min(age+1, len(t.Rows[i]))])
	}
	if len(out.Rows) == 0 {
		return nil
	}
	return out
}

// upTo returns what month First+i had at delay k; ok is false when it is
// younger.
func (t *Triangle) upTo(i, k int) (n int64, ok bool) {
	if k >= len(t.Rows[i]) {
		return 0, false
	}
	for _, x := range t.Rows[i][:k+1] {
		n += x
	}
	return n, true
}

// Estimate is what a triangle tells.
type Estimate struct {
	First   int        // the oldest month
	Known   []int64    // per month
	Factors []*big.Rat // f(k); nil where it has no basis
	ByDelay []*big.Rat // C(k); the last holds for every longer delay; nil: no basis
	Lower   []*big.Rat // lower bound of C(k) by the back-test; nil: too few tests
	Tests   []int      // by delay: how many tests the bound rests on
	Drift   bool       // the last months develop otherwise than those before, see [Triangle.Estimate]
	Pace    int        // what they brought, in thousandths of what was expected; 0: nothing was
}

// Estimate reads the triangle.
//
// Drift is set when what the last three months of registration brought to
// earlier months is more than a tenth off what the factors let expect, and more
// than a hundredth of all that is known of the last year: a backlog of cases
// breaks the model.
func (t *Triangle) Estimate(m Method) *Estimate {
	m = m.filled()
	e := t.chain(m).knowing(t)
	e.Lower, e.Tests = t.BackTest(m, e)
	t.drift(e)
	return e
}

// knowing fills in what is known of each month.
func (e *Estimate) knowing(t *Triangle) *Estimate {
	e.Known = make([]int64, len(t.Rows))
	for i := range t.Rows {
		e.Known[i] = t.Known(i)
	}
	return e
}

// chain computes factors and completeness.
func (t *Triangle) chain(m Method) *Estimate {
	k := t.delays()
	e := &Estimate{First: t.First, Factors: make([]*big.Rat, max(k-1, 0)), ByDelay: make([]*big.Rat, k)}
	if k == 0 {
		return e
	}
	share := new(big.Rat).Inv(m.Tail)
	e.ByDelay[k-1] = share
	for d := k - 2; d >= 0; d-- {
		early, late := t.sums(d, m.Months)
		if early != 0 {
			e.Factors[d] = big.NewRat(late, early)
		}
		switch {
		case share == nil || late <= 0 || early < 0:
			share = nil // no basis, and none for shorter delays
		default:
			share = new(big.Rat).Mul(share, big.NewRat(early, late))
		}
		e.ByDelay[d] = share
	}
	return e
}

// sums returns Σ N(≤d) and Σ N(≤d+1) over the last months that have both.
func (t *Triangle) sums(d, months int) (early, late int64) {
	for i := len(t.Rows) - 1; i >= 0 && months > 0; i-- {
		b, ok := t.upTo(i, d+1)
		if !ok {
			continue
		}
		a, _ := t.upTo(i, d)
		early, late, months = early+a, late+b, months-1
	}
	return early, late
}

// Completeness returns C of month First+i; nil: no basis.
func (e *Estimate) Completeness(i int) *big.Rat { return e.at(e.ByDelay, i) }

// LowerBound returns the lower bound of C of month First+i; nil: too few tests.
func (e *Estimate) LowerBound(i int) *big.Rat { return e.at(e.Lower, i) }

func (e *Estimate) at(by []*big.Rat, i int) *big.Rat {
	if len(by) == 0 {
		return nil
	}
	return by[min(len(e.Known)-1-i, len(by)-1)]
}

// Ultimate returns what month First+i will have once, rounded to the nearest;
// ok is false without basis.
func (e *Estimate) Ultimate(i int) (n int64, ok bool) {
	c := e.Completeness(i)
	if c == nil || c.Sign() <= 0 {
		return 0, false
	}
	return round(new(big.Rat).Quo(new(big.Rat).SetInt64(e.Known[i]), c))
}

func round(r *big.Rat) (int64, bool) {
	num := new(big.Int).Add(new(big.Int).Lsh(r.Num(), 1), r.Denom())
	q := new(big.Int).Div(num, new(big.Int).Lsh(r.Denom(), 1)) // Euclidean: denominators are positive
	return q.Int64(), q.IsInt64()
}

// Orderable returns the last month that is complete to percent, together with
// all earlier ones: by the estimate, or strictly, by its lower bound. ok is
// false when no month is.
func (e *Estimate) Orderable(percent int, strict bool) (month int, ok bool) {
	return e.Complete(big.NewRat(int64(percent), 100), strict)
}

// Complete is [Estimate.Orderable] for any share.
func (e *Estimate) Complete(share *big.Rat, strict bool) (month int, ok bool) {
	by := e.ByDelay
	if strict {
		by = e.Lower
	}
	delay := len(by)
	for delay > 0 && by[delay-1] != nil && by[delay-1].Cmp(share) >= 0 {
		delay--
	}
	if delay == len(by) || delay >= len(e.Known) {
		return 0, false
	}
	return e.First + len(e.Known) - 1 - delay, true
}

// BackTest asks what the estimate would have been in earlier months and
// compares it with what is known today. For a delay k, every test gives the
// month's realised completeness, known then of what is estimated today, as a
// share of the completeness that was estimated then. The bound is today's C
// times the tenth percentile of these shares, at most C itself: nine tests of
// ten were not worse. It is nil for delays with fewer than [MinTests] tests.
func (t *Triangle) BackTest(m Method, today *Estimate) (lower []*big.Rat, tests []int) {
	m = m.filled()
	shares := make([][]*big.Rat, len(today.ByDelay))
	for back := 1; back <= m.Tests; back++ {
		past := t.At(back)
		if past == nil || past.delays() < len(today.ByDelay) {
			break // so short a past has no full development
		}
		then := past.chain(m)
		for k := range shares {
			i := len(past.Rows) - 1 - k
			if now := today.Completeness(i); now != nil && now.Sign() > 0 && then.ByDelay[k] != nil && then.ByDelay[k].Sign() > 0 && today.Known[i] > 0 {
				known, _ := past.upTo(i, min(k, len(past.Rows[i])-1))
				share := new(big.Rat).Mul(big.NewRat(known, today.Known[i]), now)
				shares[k] = append(shares[k], share.Quo(share, then.ByDelay[k]))
			}
		}
	}
	lower, tests = make([]*big.Rat, len(shares)), make([]int, len(shares))
	for k, s := range shares {
		tests[k] = len(s)
		if len(s) < MinTests || today.ByDelay[k] == nil {
			continue
		}
		slices.SortFunc(s, (*big.Rat).Cmp)
		tenth := s[(len(s)+9)/10-1]
		lower[k] = today.ByDelay[k]
		if tenth.Cmp(big.NewRat(1, 1)) < 0 {
			lower[k] = new(big.Rat).Mul(lower[k], tenth)
		}
	}
	return lower, tests
}

// MinTests is the smallest number of tests that a bound can rest on.
const MinTests = 6

// driftMonths is how many months of registration are watched.
const driftMonths = 3

// drift compares what the last months of registration brought with what the
// factors let expect.
func (t *Triangle) drift(e *Estimate) {
	var gained int64
	expected := new(big.Rat)
	for i := range t.Rows {
		for back := range driftMonths {
			k := len(t.Rows) - 1 - i - back
			if k < 1 || k >= len(t.Rows[i]) || e.Factors[k-1] == nil {
				continue
			}
			before, _ := t.upTo(i, k-1)
			step := new(big.Rat).Sub(e.Factors[k-1], big.NewRat(1, 1))
			expected.Add(expected, step.Mul(step, new(big.Rat).SetInt64(before)))
			gained += t.Rows[i][k]
		}
	}
	if expected.Sign() <= 0 {
		return
	}
	year := int64(0)
	for _, n := range e.Known[max(0, len(e.Known)-12):] {
		year += n
	}
	got := new(big.Rat).SetInt64(gained)
	off := new(big.Rat).Sub(got, expected)
	off.Abs(off)
	if pace, ok := round(got.Quo(got.Mul(got, big.NewRat(1000, 1)), expected)); ok {
		e.Pace = int(pace)
	}
	e.Drift = new(big.Rat).Mul(off, big.NewRat(10, 1)).Cmp(expected) > 0 && off.Cmp(big.NewRat(year, 100)) > 0
}
