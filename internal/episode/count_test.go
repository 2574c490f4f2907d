package episode

import (
	"math"
	"testing"

	"sluss/internal/day"
)

// TestLisaExamples holds the five examples of SCB's LISA bakgrundsfakta 1990–2017,
// appendix 5: a person's spells of sickness benefit in a year, how many there are,
// how many began and how many ended. The source gives the three numbers and says in
// words how the spells lie; the days are ours.
func TestLisaExamples(t *testing.T) {
	t.Parallel()
	sick := func(from, tom string) Row {
		first, err := day.Parse(from)
		last, err2 := day.Parse(tom)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		return Row{From: first, To: last + 1, Extent: Full}
	}
	within := []Row{sick("2016-02-01", "2016-02-20"), sick("2016-04-01", "2016-04-20"), sick("2016-06-01", "2016-06-20"), sick("2016-08-01", "2016-08-20")}
	for _, x := range []struct {
		name string
		rows []Row
		want SpellCount
	}{
		{"1: five within the year", append(within[:4:4], sick("2016-10-01", "2016-10-20")), SpellCount{5, 5, 5}},
		{"2: the first from the year before", append(within[:4:4], sick("2015-12-10", "2016-01-10")), SpellCount{5, 4, 5}},
		{"3: the last into the year after", append(within[:2:2], sick("2016-12-10", "2017-01-10")), SpellCount{3, 3, 2}},
		{"4: over the turn of the year at both ends", append(within[:3:3], sick("2015-12-10", "2016-01-10"), sick("2016-12-10", "2017-01-10")), SpellCount{5, 4, 4}},
		{"5: one over the whole year", []Row{sick("2015-06-01", "2017-03-31")}, SpellCount{1, 0, 0}},
	} {
		// With the years around it, and of the year alone, where the window cuts what
		// lies over the turn of a year: the year has the same numbers.
		for _, w := range []Window{{From: day.Of(2015, 1, 1), To: day.Of(2018, 1, 1)}, {From: day.Of(2016, 1, 1), To: day.Of(2017, 1, 1)}, {From: day.Of(2016, 1, 1), To: day.Of(2017, 1, 1), History: Reveal, Mode: Overlapped}} {
			k := New(Options{AsOf: math.MaxInt64, Horizon: day.Of(2018, 1, 1), Rule: Rule{MaxGap: 4}})
			if err := k.Build(x.rows); err != nil {
				t.Fatal(err)
			}
			spells, _, err := k.Deliver(w)
			if err != nil {
				t.Fatal(err)
			}
			cells := k.Panel(ByYear, nil)
			counts := CountSpells(cells, spells, ByYear, w, nil)
			seen := false
			for i := range cells {
				if cells[i].Period == ByYear.Of(day.Of(2016, 1, 1)) {
					seen = true
					if counts[i] != x.want {
						t.Errorf("example %s, window from %s: %+v, want %+v", x.name, w.From, counts[i], x.want)
					}
				}
			}
			if !seen {
				t.Errorf("example %s: no cell of the year", x.name)
			}
		}
	}
}
