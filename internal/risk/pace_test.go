package risk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// everyStage measures a table of few columns in all ways, and each record's class is
// its own.
func everyStage(rows int) (*Table, Question) {
	t := NewTable("a", "b", "s")
	for i := range rows {
		t.Add(fmt.Append(nil, i), fmt.Append(nil, i%7), fmt.Append(nil, (i*7919)%rows))
	}
	population, err := t.Beside([]string{"a", "b"})
	if err != nil {
		panic(err)
	}
	for i := range rows {
		population.Add(fmt.Append(nil, i), fmt.Append(nil, i%7))
	}
	weights := make([]float64, rows)
	for i := range weights {
		weights[i] = 3
	}
	return t, Question{
		QI: []string{"a", "b"}, Sensitive: "s", Ordered: "s", Population: population, Weights: weights, SUDA: true, SamplingFraction: .5, breath: 64,
	}
}

// TestProgressOfEveryStage: the work tells often how far it has come, and never more
// than there is to do.
func TestProgressOfEveryStage(t *testing.T) {
	t.Parallel()
	const rows = 3000
	table, q := everyStage(rows)
	calls, last := map[string]int{}, map[string]int64{}
	q.Progress = func(p Progress) error {
		if p.Done < last[p.Stage] || p.Done > p.Total || p.Total == 0 {
			t.Errorf("%s: %d of %d after %d", p.Stage, p.Done, p.Total, last[p.Stage])
		}
		calls[p.Stage]++
		last[p.Stage] = p.Done
		return nil
	}
	if _, err := Measure(table, q); err != nil {
		t.Fatal(err)
	}
	// Records or classes looked at in each stage, but the first column's, which are
	// one group; numbers and comparisons on the way to an order are among them.
	for stage, least := range map[string]int{"classes": rows, "population": 2 * rows, "sensitive": 12 * rows, "risk": rows, "suda": 2 * rows} {
		if calls[stage] < least/int(q.breath) {
			t.Errorf("%s: told %d times, want at least %d", stage, calls[stage], least/int(q.breath))
		}
	}
}

// TestEndedAnywhere: an error at any call ends the work with it, and nothing is told
// after.
func TestEndedAnywhere(t *testing.T) {
	t.Parallel()
	table, q := everyStage(200)
	table.Add([]byte("0"), []byte("0"), []byte("1")) // a pair, for DIS-SUDA
	q.Weights = append(q.Weights, 3)
	stop := errors.New("stop")
	works := map[string]func(Teller) error{
		"measure": func(tell Teller) error { q.Progress = tell; _, err := Measure(table, q); return err },
		"sequences": func(tell Teller) error {
			_, err := Trajectories(table, "b", "s", []string{"a"}, tell)
			return err
		},
		"differences": func(tell Teller) error { _, err := Differences(table, q.Population, q.QI, 5, tell); return err },
		"what_if": func(tell Teller) error {
			quiet := q
			quiet.Progress = nil
			r, err := Measure(table, quiet)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.WhatIf(table, q.QI, []Coarsening{{Column: "a", Kind: Prefix, N: 1}}, tell)
			return err
		},
	}
	for name, work := range works {
		all := 0
		if err := work(func(Progress) error { all++; return nil }); err != nil || all == 0 {
			t.Fatalf("%s: %d calls, %v", name, all, err)
		}
		for end := range all {
			n := 0
			err := work(func(Progress) error {
				if n++; n > end {
					return stop
				}
				return nil
			})
			if !errors.Is(err, stop) || n != end+1 {
				t.Errorf("%s: call %d of %d says stop, %d calls, then %v", name, end+1, all, n, err)
			}
		}
	}
}

// TestLongListsAreEffort: with many columns the time of SUDA goes into comparing the
// sets that have been found for each record.
func TestLongListsAreEffort(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var names []string
	for i := range 14 {
		names = append(names, fmt.Sprint("c", i))
	}
	table, cells := NewTable(names...), make([][]byte, len(names))
	for range 150 {
		for i := range cells {
			cells[i] = fmt.Append(nil, r.IntN(4))
		}
		table.Add(cells...)
	}
	calls, visited := int64(0), int64(0)
	q := Question{QI: names, SUDA: true, breath: 1 << 10, Progress: func(p Progress) error {
		if p.Stage == "suda" {
			calls++
			visited = p.Done
		}
		return nil
	}}
	rep, err := Measure(table, q)
	if err != nil || rep.Uniques != 150 || visited < 1<<13 {
		t.Fatalf("%d uniques, %d sets, %v", rep.Uniques, visited, err)
	}
	if sets := int64(len(rep.SUDA.scores)) << len(names) / q.breath; calls < 2*sets {
		t.Errorf("told %d times: no more than the %d that the classes in all sets are", calls, sets)
	}
}

// TestAllSetsAreDone: the sets that need not be visited count as done, too.
func TestAllSetsAreDone(t *testing.T) {
	t.Parallel()
	table, q := everyStage(50)
	for _, names := range [][]string{{"a"}, {"b"}, {"b", "a"}, {"a", "b", "s"}} {
		qi, err := table.pick(names)
		if err != nil {
			t.Fatal(err)
		}
		p := &pace{breath: q.breath}
		c, err := classify(table.rows, qi, p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := suda(c, qi, SUDALimit, p); err != nil || p.now.Done != p.now.Total && c.size[0] == 1 {
			t.Errorf("%v: %d of %d sets, %v", names, p.now.Done, p.now.Total, err)
		}
	}
}
