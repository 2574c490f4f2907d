package timeline_test

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/web/timeline"
)

var (
	from = day.MustParse("2024-01-01")
	year = day.Span{From: from, To: from + 366}
)

func TestDrawing(t *testing.T) {
	t.Parallel()
	c := timeline.Chart{Shown: day.Span{From: from - 366, To: from + 732}, Window: year, Rows: []timeline.Row{
		{Name: "Person 1", Bars: []timeline.Bar{{from - 61, from + 122, 50}, {from + 125, from + 130, 100}}, Joins: []day.Span{{From: from - 61, To: from + 130}}},
		{Name: "Person 2"},
	}}
	d := c.Draw()
	if d.Height != 46+2*66 || len(d.Rows) != 2 || len(d.Rows[1].Bars) != 0 {
		t.Errorf("height %d, %d rows", d.Height, len(d.Rows))
	}
	bars := d.Rows[0].Bars
	if len(bars) != 3 {
		t.Fatalf("a bar over the window's edge is cut there: %+v", bars)
	}
	if !bars[0].Outside || bars[1].Outside || bars[1].X != d.Edges[0].X {
		t.Errorf("outside and edge: %+v, edge %s", bars[:2], d.Edges[0].X)
	}
	if bars[0].H != 13 || bars[2].H != 26 || bars[0].Class != "extent-50" || bars[2].Class != "extent-100" {
		t.Errorf("extents: %+v", bars)
	}
	if d.Edges[0].Day != "2024-01-01" || d.Edges[1].Day != "2024-12-31" {
		t.Errorf("edges %+v", d.Edges)
	}
	if len(d.Rows[0].Joins) != 1 {
		t.Errorf("spells: %+v", d.Rows[0].Joins)
	}
	var years []string
	for _, x := range d.Ticks {
		years = append(years, x.Text)
	}
	if strings.TrimSpace(strings.Join(years, " ")) != "2023 2024 2025" {
		t.Errorf("scale: %q", years)
	}
}

func number(t *rapid.T, s string) float64 {
	x, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil || !strings.HasSuffix(s, "%") {
		t.Fatalf("%q is no share", s)
	}
	return x
}

// TestNothingLeavesTheDrawing: whatever is drawn lies within it, in the order
// of time, and texts keep their distance.
func TestNothingLeavesTheDrawing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		length := day.Day(rapid.IntRange(10, 4000).Draw(t, "length"))
		shown := day.Span{From: from, To: from + length}
		window := day.Span{From: from + day.Day(rapid.IntRange(0, int(length)-1).Draw(t, "window"))}
		window.To = window.From + 1 + day.Day(rapid.IntRange(0, int(shown.To-window.From)-1).Draw(t, "days"))
		at := from - 50
		var r timeline.Row
		for range rapid.IntRange(0, 8).Draw(t, "bars") {
			at += day.Day(rapid.IntRange(0, 200).Draw(t, "gap"))
			b := timeline.Bar{From: at, To: at + day.Day(rapid.IntRange(1, 500).Draw(t, "long")), Extent: rapid.IntRange(1, 100).Draw(t, "extent")}
			r.Bars, r.Joins, at = append(r.Bars, b), append(r.Joins, day.Span{From: b.From, To: b.To}), b.To
		}
		d := timeline.Chart{Shown: shown, Window: window, Rows: []timeline.Row{r}}.Draw()
		last := 0.0
		for _, b := range d.Rows[0].Bars {
			x, w := number(t, b.X), number(t, b.W)
			if x < last || x > 100 || w <= 0 || x+w > 100.31 || b.H < 4 || b.H > 26 || b.Y < 0 || b.Y+b.H > d.Height {
				t.Fatalf("bar %+v after %v", b, last)
			}
			last = x
		}
		text := -100.0
		for _, k := range d.Ticks {
			if x := number(t, k.X); k.Text != "" {
				if x-text < 12.99 {
					t.Fatalf("texts at %v and %v", text, x)
				}
				text = x
			}
		}
	})
}

func TestMonths(t *testing.T) {
	t.Parallel()
	all := timeline.Months(day.MustParse("2026-11-04"), day.MustParse("2026-07-31"), 24)
	if len(all) != 24 || all[0].First.String() != "2024-11-01" || all[23].First.String() != "2026-10-01" {
		t.Fatalf("%d months from %v", len(all), all[0].First)
	}
	orderable := 0
	for _, m := range all {
		if m.Orderable {
			orderable++
		}
	}
	if orderable != 21 || all[20].First.String() != "2026-07-01" || !all[20].Orderable || all[21].Orderable {
		t.Errorf("%d can be ordered", orderable)
	}
	drawn := timeline.DrawMonths(all)
	if drawn[0].X != "0.00%" || drawn[2].Text != "2025" || drawn[3].Text != "" {
		t.Errorf("drawn: %+v", drawn[:4])
	}
}
