package coverage

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
)

var jan = day.Of(2026, 1, 1).Month()

// october is the triangle of reference extraction §3.4, thousands of days at
// the end of October 2026.
func october() *Triangle {
	return &Triangle{First: jan, Rows: [][]int64{
		{412, 388, 118, 47, 22, 9, 4},
		{395, 372, 115, 46, 20, 8, 4},
		{430, 402, 124, 50, 23, 10, 1},
		{405, 379, 117, 45, 21, 9, 4},
		{410, 391, 120, 46, 22, 11},
		{386, 365, 112, 44, 21},
		{371, 349, 108, 42},
		{391, 368, 114},
		{415, 393},
		{424},
	}}
}

var tail = Method{Tail: big.NewRat(1002, 1000)}

func TestReferenceExample(t *testing.T) {
	t.Parallel()
	e := october().Estimate(tail)
	var factors, completeness []string
	for _, f := range e.Factors {
		factors = append(factors, f.FloatString(4))
	}
	for _, c := range e.ByDelay {
		completeness = append(completeness, new(big.Rat).Mul(c, big.NewRat(100, 1)).FloatString(1))
	}
	if want := []string{"1.9425", "1.1493", "1.0510", "1.0226", "1.0096", "1.0033"}; !slices.Equal(factors, want) {
		t.Errorf("factors %v, want %v", factors, want)
	}
	if want := []string{"41.1", "79.8", "91.7", "96.4", "98.5", "99.5", "99.8"}; !slices.Equal(completeness, want) {
		t.Errorf("completeness %v, want %v", completeness, want)
	}
	for month, want := range map[int][2]int64{6: {870, 903}, 7: {873, 952}} {
		ultimate, ok := e.Ultimate(month)
		if got := [2]int64{e.Known[month], ultimate}; !ok || got != want {
			t.Errorf("month %d: known and ultimate %v, want %v", month+1, got, want)
		}
	}
	if month, ok := e.Orderable(95, false); !ok || month != jan+6 {
		t.Errorf("orderable until month %d, want July", month-jan+1)
	}
	// The limits on both sides, and one that nothing reaches.
	for percent, want := range map[int]int{41: 10, 42: 9, 79: 9, 80: 8, 91: 8, 92: 7, 96: 7, 97: 6, 99: 5} {
		if month, ok := e.Orderable(percent, false); !ok || month-jan+1 != want {
			t.Errorf("%d %%: month %d, want %d", percent, month-jan+1, want)
		}
	}
	if _, ok := e.Orderable(100, false); ok {
		t.Error("complete to the last per mille, in spite of the tail")
	}
	if _, ok := e.Orderable(95, true); ok || e.Lower[3] != nil {
		t.Error("a lower bound on three tests")
	}
}

// Only the last months count when the method says so.
func TestLastMonthsOnly(t *testing.T) {
	t.Parallel()
	e := october().Estimate(Method{Months: 1, Tail: big.NewRat(1, 1)})
	if want := big.NewRat(415+393, 415); e.Factors[0].Cmp(want) != 0 {
		t.Errorf("f(0) = %v, want %v", e.Factors[0], want)
	}
	if want := big.NewRat(391+368+114, 391+368); e.Factors[1].Cmp(want) != 0 {
		t.Errorf("f(1) = %v, want %v", e.Factors[1], want)
	}
}

// A month is orderable only with all earlier ones: a dip on the way counts.
func TestAllEarlierMonths(t *testing.T) {
	t.Parallel()
	// More is taken back after a month than comes in: delay 0 is above 100 %,
	// delay 1 below the limit.
	e := (&Triangle{First: jan, Rows: [][]int64{{100, -20, 20}, {100, -20}, {100}}}).Estimate(Method{})
	if c := e.ByDelay[1]; c.Cmp(big.NewRat(8, 10)) != 0 {
		t.Fatalf("C(1) = %v", c)
	}
	if month, ok := e.Orderable(95, false); !ok || month != jan {
		t.Errorf("orderable until month %d", month-jan+1)
	}
}

// steady is a register in which every month develops alike, n months old.
func steady(n int, pattern []int64, scale func(i int) int64) *Triangle {
	t := &Triangle{First: jan}
	for i := range n {
		row := []int64{}
		for _, x := range pattern[:min(len(pattern), n-i)] {
			row = append(row, x*scale(i))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Where all months develop alike, the estimate is exact, the bound is the
// estimate, and nothing drifts.
func TestSteadyRegister(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.SliceOfN(rapid.Int64Range(1, 500), 2, 8).Draw(t, "pattern")
		months := rapid.IntRange(len(pattern)+MinTests, 40).Draw(t, "months")
		size := rapid.SliceOfN(rapid.Int64Range(1, 50), months, months).Draw(t, "size")
		e := steady(months, pattern, func(i int) int64 { return size[i] }).Estimate(Method{})
		var sum, all int64
		for _, x := range pattern {
			all += x
		}
		for k, x := range pattern {
			sum += x
			if want := big.NewRat(sum, all); e.ByDelay[k].Cmp(want) != 0 || e.Lower[k] == nil || e.Lower[k].Cmp(want) != 0 || e.Tests[k] != min(DefaultMonths, months-len(pattern)) {
				t.Fatalf("C(%d) = %v and %v, want %v", k, e.ByDelay[k], e.Lower[k], want)
			}
			if i := months - 1 - k; i >= 0 {
				if n, ok := e.Ultimate(i); !ok || n != all*size[i] {
					t.Fatalf("month %d: ultimate %d, want %d", i, n, all*size[i])
				}
			}
		}
		if e.Drift || e.Pace != 1000 {
			t.Fatalf("drift %v, pace %d", e.Drift, e.Pace)
		}
	})
}

func drawTriangle(t *rapid.T, low int64) *Triangle {
	months := rapid.IntRange(2, 30).Draw(t, "months")
	delays := rapid.IntRange(1, months).Draw(t, "delays")
	out := &Triangle{First: jan}
	for i := range months {
		n := min(delays, months-i)
		row := rapid.SliceOfN(rapid.Int64Range(low, 1000), n, n).Draw(t, fmt.Sprint("month ", i))
		row[0] = max(row[0], 1)
		out.Rows = append(out.Rows, row)
	}
	return out
}

// Completeness grows with age when nothing is taken back, is 1 at the largest
// delay, and does not depend on the unit; bounds are never above it; a stricter
// limit never opens a later month.
func TestProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTriangle(t, 0)
		e := tr.Estimate(Method{})
		if last := e.ByDelay[len(e.ByDelay)-1]; last.Cmp(big.NewRat(1, 1)) != 0 {
			t.Fatalf("old months are complete to %v", last)
		}
		for k := range e.ByDelay {
			if k > 0 && e.ByDelay[k-1].Cmp(e.ByDelay[k]) > 0 {
				t.Fatalf("C(%d) %v > C(%d) %v", k-1, e.ByDelay[k-1], k, e.ByDelay[k])
			}
			if e.Lower[k] != nil && (e.Lower[k].Cmp(e.ByDelay[k]) > 0 || e.Tests[k] < MinTests) {
				t.Fatalf("bound %v above %v, %d tests", e.Lower[k], e.ByDelay[k], e.Tests[k])
			}
		}
		by := rapid.Int64Range(2, 1000).Draw(t, "unit")
		scaled := &Triangle{First: tr.First}
		for _, row := range tr.Rows {
			out := make([]int64, len(row))
			for k, x := range row {
				out[k] = x * by
			}
			scaled.Rows = append(scaled.Rows, out)
		}
		o := scaled.Estimate(Method{})
		for k := range e.ByDelay {
			if e.ByDelay[k].Cmp(o.ByDelay[k]) != 0 || (e.Lower[k] == nil) != (o.Lower[k] == nil) || e.Lower[k] != nil && e.Lower[k].Cmp(o.Lower[k]) != 0 {
				t.Fatalf("another unit, another answer at delay %d", k)
			}
		}
		before := e.First + len(e.Known)
		for percent := 1; percent <= 100; percent++ {
			month, ok := e.Orderable(percent, false)
			strict, strictOK := e.Orderable(percent, true)
			if !ok || month > before || strictOK && strict > month {
				t.Fatalf("%d %%: %d after %d; strict %d", percent, month, before, strict)
			}
			before = month
		}
	})
}

// Reversals may take anything back: there is an answer, or none, never a crash
// or a share without basis.
func TestReversals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTriangle(t, -1500)
		e := tr.Estimate(Method{})
		for k, c := range e.ByDelay {
			if c == nil && k > 0 && e.ByDelay[k-1] != nil {
				t.Fatalf("C(%d) rests on C(%d), which has no basis", k-1, k)
			}
			if c != nil && c.Sign() < 0 {
				t.Fatalf("C(%d) = %v", k, c)
			}
		}
		e.Orderable(95, true)
		for i := range e.Known {
			e.Ultimate(i)
		}
	})
}

// What is known can be below nothing; it is rounded to the nearest like all.
func TestUltimateBelowNothing(t *testing.T) {
	t.Parallel()
	e := (&Triangle{First: jan, Rows: [][]int64{{100, 100}, {100, 100}, {-3}}}).Estimate(Method{Tail: big.NewRat(9, 10)})
	if n, ok := e.Ultimate(2); !ok || n != -5 { // −3 / (1 / (2 · 0.9)) = −5.4
		t.Errorf("%d, %v", n, ok)
	}
	e = (&Triangle{First: jan, Rows: [][]int64{{100, 100}, {100, 100}, {-3}}}).Estimate(Method{Tail: big.NewRat(93, 100)})
	if n, ok := e.Ultimate(2); !ok || n != -6 { // −5.58
		t.Errorf("%d, %v", n, ok)
	}
}

// A back-test sees a register that once was slower.
func TestBackTestFindsBadLuck(t *testing.T) {
	t.Parallel()
	tr := steady(30, []int64{50, 30, 15, 5}, func(int) int64 { return 10 })
	for i := range tr.Rows { // every third month came late
		if i%3 == 0 && len(tr.Rows[i]) > 1 {
			tr.Rows[i][0] -= 200
			tr.Rows[i][1] += 200
		}
	}
	e := tr.Estimate(Method{})
	if e.Lower[0] == nil || e.Lower[0].Cmp(new(big.Rat).Mul(e.ByDelay[0], big.NewRat(8, 10))) > 0 {
		t.Errorf("C(0) %s, bound %v", e.ByDelay[0].FloatString(3), e.Lower[0])
	}
	if f := e.Lower[1].Cmp(e.ByDelay[1]); f != 0 {
		t.Errorf("C(1) %v, bound %v", e.ByDelay[1], e.Lower[1])
	}
}

// A backlog shows: the last three months brought half of what they should.
func TestDrift(t *testing.T) {
	t.Parallel()
	tr := steady(36, []int64{400, 300, 200, 100}, func(int) int64 { return 10 })
	for i := range tr.Rows {
		for k := range tr.Rows[i] {
			if i+k > 32 && k > 0 {
				tr.Rows[i][k] /= 2
			}
		}
	}
	if e := tr.Estimate(Method{}); !e.Drift || e.Pace > 700 {
		t.Errorf("drift %v, pace %d", e.Drift, e.Pace)
	}
}

// What comes after the largest delay is known, and no part of any factor.
func TestRegisterCounts(t *testing.T) {
	t.Parallel()
	r := NewRegister(0, 59)
	r.Add("SJP", NewGrant, 0, 0, [3]int64{10, 1, 100})
	r.Add("SJP", NewGrant, 0, 59, [3]int64{5, 0, 50}) // later than the largest delay
	r.Add("SJP", Continuing, 1, 3, [3]int64{7, 1, 70})
	r.Add("FSP", NewGrant, 2, 1, [3]int64{3, 1, 30}) // registered before it happened
	r.Add("FSP", NewGrant, 60, 60, [3]int64{9, 9, 9})
	r.Add("FSP", NewGrant, 59, 60, [3]int64{9, 9, 9})
	r.Add("FSP", NewGrant, -1, 3, [3]int64{9, 9, 9})
	want := []Key{{"", All}, {"", NewGrant}, {"", Continuing}, {"FSP", All}, {"FSP", NewGrant}, {"SJP", All}, {"SJP", NewGrant}, {"SJP", Continuing}}
	if got := r.Keys(); !slices.Equal(got, want) {
		t.Errorf("keys %v", got)
	}
	tr := r.Triangle(Key{"", All}, NetDays)
	if len(tr.Rows) != 60 || len(tr.Rows[0]) != MaxDelay+1 || len(tr.Rows[59]) != 1 || tr.Known(0) != 15 || tr.Late[0] != 5 || tr.Rows[1][2] != 7 || tr.Rows[2][0] != 3 {
		t.Errorf("known %d, late %d, %v %v", tr.Known(0), tr.Late[0], tr.Rows[1][:4], tr.Rows[2][:2])
	}
	if tr := r.Triangle(Key{"SJP", All}, Ore); tr.Known(0) != 150 || tr.Known(1) != 70 || tr.Known(2) != 0 {
		t.Error("öre of SJP")
	}
	if r.Triangle(Key{"RHP", All}, Cases) != nil {
		t.Error("a triangle without counts")
	}
}

var seen = day.Of(2026, 11, 1)

// sample makes a register in which a case's first month is known slow months
// late and everything else quick months late.
func sample(quick, slow int, newShare int64) *Register {
	last := seen.Month() - 1
	r := NewRegister(last-95, last)
	for event := last - 95; event <= last; event++ {
		r.Add("SJP", Continuing, event, event+quick, [3]int64{1_000_000, 10, 100})
		r.Add("SJP", NewGrant, event, event+slow, [3]int64{newShare, 1, 10})
	}
	return r
}

func TestSummarise(t *testing.T) {
	t.Parallel()
	midas := &catalog.Register{ID: "m", Coverage: &catalog.CoverageRule{Percent: 95, Months: 3}}
	for name, c := range map[string]struct {
		counts   *Register
		until    string
		measured string
		decides  Stratum
	}{
		"as the rule says":       {sample(3, 3, 10_000), "2026-07-31", "2026-07-31", All},
		"faster than the rule":   {sample(1, 1, 10_000), "2026-07-31", "2026-09-30", All},
		"slower than the rule":   {sample(5, 5, 10_000), "2026-05-31", "2026-05-31", All},
		"new grants hidden":      {sample(0, 9, 20_000), "2026-01-31", "2026-01-31", NewGrant},
		"new grants near enough": {sample(3, 5, 20_000), "2026-07-31", "2026-07-31", All},
		"new grants too few":     {sample(0, 9, 1000), "2026-07-31", "2026-10-31", All},
		"nothing at all":         {NewRegister(0, 10), "2026-07-31", "", ""},
	} {
		s := Summarise(midas, c.counts, seen, Method{})
		measured := ""
		if s.MeasuredUntil != nil {
			measured = s.MeasuredUntil.String()
		}
		if s.OrderableUntil.String() != c.until || measured != c.measured || s.Decides != c.decides || s.RuleUntil.String() != "2026-07-31" {
			t.Errorf("%s: until %s, measured %s by %s", name, s.OrderableUntil, measured, s.Decides)
		}
		for _, lang := range []string{"sv", "en"} {
			var b strings.Builder
			if err := s.Text(&b, lang); err != nil || !strings.Contains(b.String(), c.until) || strings.Contains(b.String(), "%!") {
				t.Errorf("%s: %v\n%s", name, err, b.String())
			}
		}
	}
	// A payment register has no gate, whatever its counts.
	s := Summarise(&catalog.Register{ID: "p"}, sample(3, 3, 10_000), seen, Method{})
	if s.OrderableUntil != nil || s.RuleUntil != nil || len(s.Lines) > 0 {
		t.Errorf("%+v", s)
	}
	paid := day.Of(2026, 10, 30)
	s.PaymentsTo = &paid
	var b strings.Builder
	if err := s.Text(&b, "sv"); err != nil || !strings.Contains(b.String(), "betalningar till och med 2026-10-30") {
		t.Error(b.String(), err)
	}
}

// Shares are shown rounded down: what is not orderable never looks it.
func TestPercent(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]*big.Rat{
		"94.99": big.NewRat(94999, 100000), "95.00": big.NewRat(95, 100), "100.00": big.NewRat(1, 1), "0.05": big.NewRat(1, 2000), "104.20": big.NewRat(1042, 1000), "-0.50": big.NewRat(-1, 200), "-0.01": big.NewRat(-1, 30_000),
	} {
		if b, err := json.Marshal(percentOf(r)); err != nil || string(b) != want {
			t.Errorf("%v: %s, want %s", r, b, want)
		}
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	p := func(n int64) *Percent { x := Percent(n); return &x }
	for want, c := range map[string][2]*Percent{
		strings.Repeat("=", 20) + strings.Repeat("-", 5) + strings.Repeat(" ", 22) + "|   ": {p(50_00), p(40_00)},
		strings.Repeat("=", 47) + "|=- ": {p(104_00), p(99_00)},
		strings.Repeat(" ", 47) + "|   ": {nil, nil},
	} {
		if got := bar(c[0], c[1], 95); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
