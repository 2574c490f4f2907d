package risk

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var drawn = []string{"a", "b", "c", "d", "e"}

// drawRows draws a table of up to five columns with few values.
func drawRows(t *rapid.T) (rows [][]string, m int) {
	m = rapid.IntRange(1, len(drawn)).Draw(t, "m")
	values := rapid.IntRange(1, 5).Draw(t, "values")
	cell := rapid.Map(rapid.IntRange(0, values), func(i int) string { return []string{"", "1", "2", "10", "x", "y"}[i] })
	return rapid.SliceOfN(rapid.SliceOfN(cell, m, m), 1, 40).Draw(t, "rows"), m
}

func toTable(rows [][]string, m int) *Table {
	tb := NewTable(drawn[:m]...)
	for _, row := range rows {
		var cells [][]byte
		for _, c := range row {
			cells = append(cells, []byte(c))
		}
		tb.Add(cells...)
	}
	return tb
}

func key(row []string, mask uint) string {
	var b strings.Builder
	for i, c := range row {
		if mask>>i&1 == 1 {
			fmt.Fprintf(&b, "%q", c)
		}
	}
	return b.String()
}

// SUDA, class sizes and shares are those of the definitions, which are tried
// on every set of columns.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows, m := drawRows(t)
		r, err := Measure(toTable(rows, m), Question{QI: drawn[:m], SUDA: true, Threshold: .25})
		if err != nil {
			t.Fatal(err)
		}
		counts := make([]map[string]int, 1<<m)
		for mask := range counts {
			counts[mask] = map[string]int{}
			for _, row := range rows {
				counts[mask][key(row, uint(mask))]++
			}
		}
		full := counts[len(counts)-1]
		above := 0
		scores := slices.Collect(r.Scores)
		for i, row := range rows {
			f := full[key(row, 1<<m-1)]
			if 1/float64(f) > .25 {
				above++
			}
			var want int64
			for mask := 1; mask < 1<<m; mask++ {
				if minimal(counts, row, mask, m) {
					want += factorial(m - bits.OnesCount(uint(mask)))
				}
			}
			if scores[i] != want {
				t.Fatalf("record %d: SUDA %d, want %d", i, scores[i], want)
			}
		}
		if r.Classes != len(full) || r.Prosecutor.Share != float64(above)/float64(len(rows)) {
			t.Fatalf("%d classes, want %d; share %v, want %d records", r.Classes, len(full), r.Prosecutor.Share, above)
		}
	})
}

func minimal(counts []map[string]int, row []string, mask, m int) bool {
	if counts[mask][key(row, uint(mask))] != 1 {
		return false
	}
	for i := range m {
		if less := mask &^ (1 << i); less != mask && less != 0 && counts[less][key(row, uint(less))] == 1 {
			return false
		}
	}
	return true
}

func factorial(n int) int64 {
	out := int64(1)
	for i := 2; i <= n; i++ {
		out *= int64(i)
	}
	return out
}

// Every measure is the same whatever the order of records and columns.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows, m := drawRows(t)
		q := Question{QI: drawn[:m], SUDA: true, Sensitive: drawn[0], Ordered: drawn[0], Threshold: .2}
		a, err := Measure(toTable(rows, m), q)
		if err != nil {
			t.Fatal(err)
		}
		order := rapid.Permutation(rows).Draw(t, "order")
		q.QI = rapid.Permutation(drawn[:m]).Draw(t, "columns")
		b, err := Measure(toTable(order, m), q)
		if err != nil {
			t.Fatal(err)
		}
		if a.K != b.K || a.Uniques != b.Uniques || a.Below != b.Below || a.SUDA.Total != b.SUDA.Total ||
			math.Abs(*a.TCloseness-*b.TCloseness) > 1e-12 || math.Abs(a.L.Entropy-b.L.Entropy) > 1e-9 || math.Abs(a.ExpectedReidentity-b.ExpectedReidentity) > 1e-9 {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

// The distance over runs of equal cumulated shares is that of the definition
// over every value.
func TestDistanceByDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		class := rapid.SliceOfN(rapid.IntRange(0, 3), n, n).Draw(t, "class")
		value := rapid.SliceOfN(rapid.IntRange(-5, 15), n, n).Draw(t, "value")
		tb := NewTable("q", "s")
		distinct, most := map[int]bool{}, 0.
		for i := range n {
			tb.Add(fmt.Append(nil, class[i]), fmt.Append(nil, value[i]))
			distinct[value[i]] = true
		}
		r, err := Measure(tb, Question{QI: []string{"q"}, Sensitive: "s", Ordered: "s"})
		if err != nil {
			t.Fatal(err)
		}
		for c := range 4 {
			f, sum := 0., 0.
			for _, k := range class {
				if k == c {
					f++
				}
			}
			if f == 0 {
				continue
			}
			for v := range distinct {
				var p, q float64
				for i := range n {
					if value[i] <= v {
						q++
						if class[i] == c {
							p++
						}
					}
				}
				sum += math.Abs(p/f - q/float64(n))
			}
			if len(distinct) > 1 {
				most = max(most, sum/float64(len(distinct)-1))
			}
		}
		if math.Abs(most-*r.TCloseness) > 1e-12 {
			t.Fatalf("t %v, want %v", *r.TCloseness, most)
		}
	})
}

// Coarser columns never make classes smaller, and the figures are those of a
// table that is coarse from the start.
func TestCoarserIsSafer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows, m := drawRows(t)
		tb := toTable(rows, m)
		r, err := Measure(tb, Question{QI: drawn[:m]})
		if err != nil {
			t.Fatal(err)
		}
		col := rapid.IntRange(0, m-1).Draw(t, "column")
		c := Coarsening{Column: drawn[col], Kind: rapid.SampledFrom([]CoarseningKind{Drop, Prefix, Width}).Draw(t, "kind"), N: rapid.IntRange(1, 4).Draw(t, "n")}
		effects, err := r.WhatIf(tb, drawn[:m], []Coarsening{c}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			rows[i][col] = c.of(rows[i][col])
		}
		again, err := Measure(toTable(rows, m), Question{QI: drawn[:m]})
		if err != nil {
			t.Fatal(err)
		}
		if e := effects[0]; e.K != again.K || e.Uniques != again.Uniques || e.K < r.K || e.Uniques > r.Uniques {
			t.Fatalf("%s: k %d→%d, uniques %d→%d, the coarse table has %d and %d", c, r.K, e.K, r.Uniques, e.Uniques, again.K, again.Uniques)
		}
	})
}

// A population that is the file itself gives 1/f everywhere; one that holds
// the file several times gives a part of it.
func TestPopulationScales(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows, m := drawRows(t)
		times := rapid.IntRange(1, 4).Draw(t, "times")
		tb := toTable(rows, m)
		pop, err := tb.Beside(drawn[:m])
		if err != nil {
			t.Fatal(err)
		}
		for range times {
			for _, row := range rows {
				var cells [][]byte
				for _, c := range row {
					cells = append(cells, []byte(c))
				}
				pop.Add(cells...)
			}
		}
		r, err := Measure(tb, Question{QI: drawn[:m], Population: pop})
		if err != nil {
			t.Fatal(err)
		}
		n := float64(times)
		if math.Abs(r.Journalist.Max-r.Prosecutor.Max/n) > 1e-12 || math.Abs(r.Marketer-r.Prosecutor.Mean/n) > 1e-12 ||
			math.Abs(r.ExpectedReidentity-float64(r.Classes)/n) > 1e-9 || (times > 1) != (*r.PopulationUniques == 0) && r.Uniques > 0 {
			t.Fatalf("%+v %+v", r, r.Journalist)
		}
	})
}
