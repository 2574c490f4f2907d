package risk

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
)

// table reads rows written as "a,b;c,d".
func table(t testing.TB, names, rows string) *Table {
	t.Helper()
	out := NewTable(strings.Split(names, ",")...)
	fill(out, rows)
	return out
}

func fill(t *Table, rows string) {
	for row := range strings.SplitSeq(rows, ";") {
		var cells [][]byte
		for cell := range strings.SplitSeq(row, ",") {
			cells = append(cells, []byte(cell))
		}
		t.Add(cells...)
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6*max(1, math.Abs(want)) {
		t.Errorf("%s: %.9f, want %.9f", what, got, want)
	}
}

const francdat = "1,2,5,1;1,2,1,1;1,2,1,1;3,3,1,5;4,3,1,4;4,3,1,1;6,2,1,5;1,2,5,1"

// W1 of reference pseudonym §4.2: sdcMicro's francdat.
func TestW1(t *testing.T) {
	t.Parallel()
	tb := table(t, "a,b,c,d", francdat)
	q := Question{
		QI: []string{"a", "b", "c", "d"}, Weights: []float64{18, 45.5, 39, 17, 541, 8, 5, 92},
		SamplingFraction: .01, Threshold: .2, SUDA: true,
	}
	r, err := Measure(tb, q)
	if err != nil {
		t.Fatal(err)
	}
	if r.K != 1 || r.Classes != 6 || r.Uniques != 4 || r.Below != [...]int{4, 8, 8, 8} {
		t.Errorf("k %d, classes %d, uniques %d, below %v", r.K, r.Classes, r.Uniques, r.Below)
	}
	want := []float64{0.017144262, 0.022042326, 0.022042326, 0.177075834, 0.011654480, 0.297063077, 0.402359478, 0.017144262}
	for i, got := range slices.Collect(r.Individual) {
		if math.Abs(got-want[i]) > 1e-9 {
			t.Errorf("record %d: risk %.9f, want %.9f", i+1, got, want[i])
		}
	}
	if math.Abs(r.ExpectedReidentity-0.966526045) > 1e-9 {
		t.Errorf("Σ risk %.9f", r.ExpectedReidentity)
	}
	near(t, "highest", r.Prosecutor.Max, 1)
	near(t, "mean", r.Prosecutor.Mean, .75)
	near(t, "share", r.Prosecutor.Share, 1)
	if r.Journalist != nil || r.PopulationUniques != nil || r.L != nil || r.TCloseness != nil {
		t.Error("measures without their premises")
	}
	if got := slices.Collect(r.Scores); !slices.Equal(got, []int64{0, 0, 0, 8, 6, 4, 8, 0}) {
		t.Errorf("SUDA %v", got)
	}
	if !slices.Equal(r.SUDA.Columns, []float64{14, 6, 0, 14}) || !slices.Equal(r.SUDA.Sizes, []int{0, 3, 4, 0, 0}) || r.SUDA.Total != 26 || r.SUDA.Max != 8 {
		t.Errorf("SUDA by column %v, sizes %v, total %g, max %d", r.SUDA.Columns, r.SUDA.Sizes, r.SUDA.Total, r.SUDA.Max)
	}
	wantDIS := map[float64][]float64{.01: {0, 0, 0, 0.0142135, 0.0101060, 0.00623684, 0.0142135, 0}, .1: {0, 0, 0, 0.136891, 0.100963, 0.0645776, 0.136891, 0}}
	for fraction, want := range wantDIS {
		q.SamplingFraction = fraction
		if r, err = Measure(tb, q); err != nil {
			t.Fatal(err)
		}
		each, ok := r.DISScores()
		got := slices.Collect(each)
		for i := range got {
			if !ok || math.Abs(got[i]-want[i]) > 1e-6 {
				t.Errorf("record %d: DIS-SUDA at %v %.8f, want %.8f", i+1, fraction, got[i], want[i])
			}
		}
	}
	q.Weights = nil
	if r, err = Measure(tb, q); err != nil {
		t.Fatal(err)
	}
	near(t, "marketer", r.Marketer, .75)
}

// W2: the inpatient table of Machanavajjhala et al.
func TestW2(t *testing.T) {
	t.Parallel()
	tb := table(t, "zip,age,condition", "130**,<30,heart;130**,<30,heart;130**,<30,viral;130**,<30,viral;"+
		"1485*,>=40,cancer;1485*,>=40,heart;1485*,>=40,viral;1485*,>=40,viral;"+
		"130**,3*,cancer;130**,3*,cancer;130**,3*,cancer;130**,3*,cancer")
	r, err := Measure(tb, Question{QI: []string{"zip", "age"}, Sensitive: "condition", Threshold: .2})
	if err != nil {
		t.Fatal(err)
	}
	if r.K != 4 || r.Classes != 3 || r.L.Distinct != 1 {
		t.Errorf("k %d, classes %d, l %d", r.K, r.Classes, r.L.Distinct)
	}
	near(t, "highest", r.Prosecutor.Max, .25)
	near(t, "mean", r.Prosecutor.Mean, .25)
	near(t, "share", r.Prosecutor.Share, 1)
	near(t, "entropy", r.L.Entropy, 1)
	near(t, "t", *r.TCloseness, 7./12) // cancer 1 against 5/12
	// The classes one by one.
	for from, want := range map[int]struct {
		l       int
		entropy float64
	}{0: {2, 2}, 1: {3, 2.828427}} {
		part := NewTable("zip", "condition")
		for i := range 4 {
			row := from*4 + i
			part.Add([]byte("x"), []byte(tb.columns[2].dict.values[tb.columns[2].codes[row]]))
		}
		r, err := Measure(part, Question{QI: []string{"zip"}, Sensitive: "condition"})
		if err != nil || r.L.Distinct != want.l {
			t.Errorf("class %d: l %d, want %d (%v)", from, r.L.Distinct, want.l, err)
		}
		near(t, "entropy l", r.L.Entropy, want.entropy)
		near(t, "t of everything", *r.TCloseness, 0)
	}
}

// W3: ARX's test data, journalist risk.
func TestW3(t *testing.T) {
	t.Parallel()
	const all = "m,816;f,816;m,819;f,819;f,819;m,819;m,819"
	qi := []string{"gender", "zip3"}
	sample := table(t, "gender,zip3", "m,816;f,816;f,819;m,819")
	population, err := sample.Beside(qi)
	if err != nil {
		t.Fatal(err)
	}
	fill(population, all)
	r, err := Measure(sample, Question{QI: qi, Population: population, Threshold: .3})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "prosecutor share", r.Prosecutor.Share, 1)
	near(t, "prosecutor success", r.Prosecutor.Mean, 1)
	near(t, "journalist highest", r.Journalist.Max, 1)
	near(t, "journalist share", r.Journalist.Share, 1)
	near(t, "journalist success", r.Journalist.Success, 17./24)
	near(t, "marketer", r.Marketer, 0.7083333)
	if *r.PopulationUniques != 2 {
		t.Errorf("%d population uniques", *r.PopulationUniques)
	}
	if got := slices.Collect(r.Individual); got[2] != .5 || got[3] != 1./3 {
		t.Errorf("individual %v", got)
	}
	// 1/3 is not strictly above 1/3.
	if r, err = Measure(sample, Question{QI: qi, Population: population, Threshold: 1. / 3}); err != nil || r.Journalist.Share != .75 {
		t.Errorf("share %v, %v", r.Journalist.Share, err)
	}
	whole := table(t, "gender,zip3", all)
	if r, err = Measure(whole, Question{QI: qi, Threshold: .5}); err != nil || r.Classes != 4 || r.Uniques != 2 || r.K != 1 {
		t.Errorf("whole: %+v, %v", r, err)
	}
	near(t, "mean", r.Prosecutor.Mean, 4./7)
	near(t, "share above a half, strictly", r.Prosecutor.Share, 2./7)
}

// Weights decide about individual risk, the population about everything else;
// a population that is smaller than the file is used as it is.
func TestWeightsBesidePopulation(t *testing.T) {
	t.Parallel()
	tb := table(t, "a", "1;1;2")
	pop, err := tb.Beside([]string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	fill(pop, "1;2;2")
	r, err := Measure(tb, Question{QI: []string{"a"}, Population: pop, Weights: []float64{5, 5, 4}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "pair", slices.Collect(r.Individual)[0], Individual(2, 10))
	near(t, "unique", slices.Collect(r.Individual)[2], Individual(1, 4))
	near(t, "marketer", r.Marketer, (2./1+1./2)/3)
	if *r.PopulationUniques != 0 {
		t.Errorf("%d population uniques: the one with F = 1 is a pair in the file", *r.PopulationUniques)
	}
}

func TestPopulationLacksAClass(t *testing.T) {
	t.Parallel()
	tb := table(t, "a,b", "1,secret;2,y")
	pop, err := tb.Beside([]string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	fill(pop, "2,y;2,secret;1,y")
	_, err = Measure(tb, Question{QI: []string{"a", "b"}, Population: pop})
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Code != "risk.population_incomplete" || f.Class != fault.Input || strings.Contains(f.Text("sv")+f.Text("en"), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for want, q := range map[string]Question{
		"risk.unknown_column": {QI: []string{"a", "x"}},
		"risk.column_twice":   {QI: []string{"a", "a"}},
	} {
		_, err := Measure(table(t, "a,b", "1,2"), q)
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != want {
			t.Errorf("%s: got %v", want, err)
		}
	}
	if _, err := Measure(NewTable("a"), Question{QI: []string{"a"}}); err == nil {
		t.Error("a table without records is measured")
	}
	stop := errors.New("stop")
	if _, err := Measure(table(t, "a", "1"), Question{QI: []string{"a"}, Progress: func(Progress) error { return stop }}); !errors.Is(err, stop) {
		t.Errorf("not stopped: %v", err)
	}
}

// The formulas for small classes are the limits of each other.
func TestIndividual(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		f    int
		w    float64
		want float64
	}{
		{1, 17, 0.177075834},
		{2, 84.5, 0.022042326},
		{3, 30, .1 / 2.1},
		{1, 1, 1},
		{2, 2, .5},
		{5, 5, .2},
		{4, 2.5, .25}, // a weight below the sample says that everybody is in it
	} {
		near(t, fmt.Sprint(c.f, c.w), Individual(c.f, c.w), c.want)
	}
	// Near p = 1 the plain formulas lose their digits; ours do not, and both
	// sides of the change of formula agree.
	for _, q := range []float64{1e-12, 1e-9, 1e-6, 1e-4, 1e-3} {
		near(t, fmt.Sprint("f=2, q=", q), Individual(2, 2/(1-q)), .5-q/3)
		near(t, fmt.Sprint("f=1, q=", q), Individual(1, 1/(1-q)), 1-q/2)
	}
	a, b := Individual(2, 2/(1-nearlyAll*(1-1e-9))), Individual(2, 2/(1-nearlyAll*(1+1e-9)))
	if math.Abs(a-b) > 1e-10 {
		t.Errorf("%.15f and %.15f where the formula changes", a, b)
	}
}

// Samples of ordered distances; a table with 4, 3 and 1 of the values in order.
func TestTCloseness(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows    string
		ordered bool
		want    float64
	}{
		// Li et al. 2007, salaries 3k…11k: the class {3k,4k,5k} is at 0.375.
		"paper":        {"a,3;a,4;a,5;b,6;b,11;b,8;c,7;c,9;c,10", true, .375},
		"nominal":      {"a,3;a,4;a,5;b,6;b,11;b,8;c,7;c,9;c,10", false, 2. / 3},
		"numeric":      {"a,9;b,10", true, .5},
		"bytewise":     {"a,9x;a,9x;b,10x;c,9z", true, (.75 + .25) / 2},
		"null first":   {"a,;b,1;c,2", true, .5},
		"single value": {"a,1;b,1", true, 0},
		"negative":     {"a,-2;b,-1;b,0", true, .5},
		"decimals":     {"a,1.5;b,1e1;b,2", true, .5},
	} {
		tb := table(t, "q,s", c.rows)
		q := Question{QI: []string{"q"}, Sensitive: "s"}
		if c.ordered {
			q.Ordered = "s"
		}
		r, err := Measure(tb, q)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name, *r.TCloseness, c.want)
	}
}

// m counts the values of the file, not those that only the population has.
func TestTClosenessCountsTheFileOnly(t *testing.T) {
	t.Parallel()
	tb := table(t, "q", "1;2")
	pop, err := tb.Beside([]string{"q"})
	if err != nil {
		t.Fatal(err)
	}
	fill(pop, "1;2;0;x;7;8")
	r, err := Measure(tb, Question{QI: []string{"q"}, Sensitive: "q", Ordered: "q", Population: pop})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "t", *r.TCloseness, .5)
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"1": 1, "-1.5": -1.5, "+2": 2, ".5": .5, "1.": 1, "1e3": 1000, "1E-2": .01, "007": 7} {
		if got, ok := ParseNumber(text); !ok || got != want {
			t.Errorf("%s: %v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", " 1", "1 ", "1,5", "0x10", "inf", "NaN", "1_000", "e5", "1e", "--1", "1e999", ".", "-", "1e+-2", "1.2.3"} {
		if got, ok := ParseNumber(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// SUDA gives up by count, and says so.
func TestSUDALimits(t *testing.T) {
	t.Parallel()
	tb := table(t, "a,b,c,d", francdat)
	qi, _ := tb.pick([]string{"a", "b", "c", "d"})
	quiet := newPace(nil)
	c, err := classify(tb.rows, qi, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := suda(c, qi, 5, quiet); s != nil || err != nil {
		t.Errorf("more effort than allowed: %v, %v", s, err)
	}
	var names []string
	for i := range SUDAColumns + 1 {
		names = append(names, fmt.Sprint("c", i))
	}
	wide := table(t, strings.Join(names, ","), strings.Repeat("1,", SUDAColumns)+"1;"+strings.Repeat("2,", SUDAColumns)+"2")
	if r, err := Measure(wide, Question{QI: names, SUDA: true}); err != nil || r.SUDA != nil {
		t.Errorf("too wide: %v", err)
	}
	r, err := Measure(wide, Question{QI: names[1:], SUDA: true})
	if err != nil || r.SUDA == nil || r.SUDA.Max != 20*121645100408832000 {
		t.Errorf("20 columns: %+v, %v", r.SUDA, err)
	}
	if _, ok := r.DISScores(); ok {
		t.Error("DIS-SUDA without pairs")
	}
}
