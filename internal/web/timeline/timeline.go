// Package timeline draws people's spells over time, and months that can be
// ordered: what stands beside a table that says the same.
//
// A [Chart] is people with the stretches in which they had a benefit to some
// extent, and a window. [Chart.Draw] gives the drawing: one row a person. The
// height of a bar is its extent (a quarter of the height is 25 per cent) and it
// is written in the bar where there is room, so that colour says nothing alone.
// What lies outside the window is drawn as an outline; the spells that stretches
// join into are a line below them, gaps within a spell are left open above it.
//
// Places across are shares of the width, so that the drawing fills whatever
// place it gets, 320 px or a sheet of paper, and its text is never made smaller.
//
// The package is pure. It is only ever given made-up people.
package timeline

import (
	"strconv"

	"sluss/internal/day"
)

// Bar is a stretch [From, To) with an extent in per cent, 1–100.
type Bar struct {
	From, To day.Day
	Extent   int
}

// Row is a person.
type Row struct {
	Name  string
	Bars  []Bar      // in order, without overlap
	Joins []day.Span // the spells (fall) that the bars form
}

// Chart is what is drawn: what lies in Shown, with the window's edges marked.
type Chart struct {
	Shown, Window day.Span
	Rows          []Row
}

// Heights of a drawing in px: the scale on top, and a row with its name, bars
// and spell line.
const (
	scale     = 46
	rowHeight = 66
	barTop    = 24
	barHeight = 26
)

// Drawing is places: X and W are per cent of the width, written with two
// decimals, the rest px.
type Drawing struct {
	Height int
	Ticks  []Tick
	Edges  []Edge
	Rows   []DrawnRow
}

// Tick is a day on the scale with its text, "" where there is no room for one.
type Tick struct{ X, Text string }

// Edge is an edge of the window.
type Edge struct {
	X      string
	Day    string
	Anchor string // end: the text stands before the line, start: after it
}

// DrawnRow is a person's row.
type DrawnRow struct {
	Name  string
	NameY int
	BaseY int
	Bars  []DrawnBar
	Joins []DrawnJoin
}

// DrawnBar is a bar; Text is "" where there is no room for it.
type DrawnBar struct {
	X, W    string
	Y, H    int
	Class   string // extent-25, -50, -75 or -100
	Outside bool
	Text    string
	TextX   string
	TextY   int
}

// DrawnJoin is the line below a spell.
type DrawnJoin struct {
	X, W string
	Y    int
}

// Room that text needs, in per cent of the narrowest width.
const (
	barText  = 14
	tickText = 13
)

// Draw places everything.
func (c Chart) Draw() Drawing {
	d := Drawing{Height: scale + rowHeight*len(c.Rows)}
	d.Ticks = c.ticks()
	for i, on := range []day.Day{c.Window.From, c.Window.To} {
		e := Edge{X: c.at(on), Day: on.String(), Anchor: "start"}
		if i == 1 {
			e.Day, e.Anchor = (on - 1).String(), "end"
		}
		d.Edges = append(d.Edges, e)
	}
	for i, r := range c.Rows {
		d.Rows = append(d.Rows, c.row(r, scale+i*rowHeight))
	}
	return d
}

func (c Chart) row(r Row, top int) DrawnRow {
	base := top + barTop + barHeight
	out := DrawnRow{Name: r.Name, NameY: top + 15, BaseY: base}
	for _, b := range r.Bars {
		for _, part := range c.cut(b) {
			h := max(4, barHeight*b.Extent/100)
			x := DrawnBar{X: c.at(part.From), W: c.wide(part), Y: base - h, H: h, Class: class(b.Extent), Outside: !c.Window.Contains(part)}
			if c.share(part) >= barText*100 && h >= 12 {
				x.Text, x.TextX, x.TextY = strconv.Itoa(b.Extent)+" %", percent((c.place(part.From)+c.place(part.To))/2), base-h/2+5
			}
			out.Bars = append(out.Bars, x)
		}
	}
	for _, s := range r.Joins {
		if s = s.Intersect(c.Shown); !s.Empty() {
			out.Joins = append(out.Joins, DrawnJoin{c.at(s.From), c.wide(s), base + 5})
		}
	}
	return out
}

// cut is a bar's parts before, in and after the window, as far as they are
// shown.
func (c Chart) cut(b Bar) []day.Span {
	var out []day.Span
	for _, part := range []day.Span{{From: c.Shown.From, To: c.Window.From}, c.Window, {From: c.Window.To, To: c.Shown.To}} {
		if x := (day.Span{From: b.From, To: b.To}).Intersect(part).Intersect(c.Shown); !x.Empty() {
			out = append(out, x)
		}
	}
	return out
}

// class rounds an extent to the quarter that it is drawn in.
func class(extent int) string { return "extent-" + strconv.Itoa(min(100, max(1, (extent+24)/25)*25)) }

// ticks are the first days of years, or of months when less than two years are
// shown, with text as far as there is room.
func (c Chart) ticks() []Tick {
	step := 12
	if c.Shown.To-c.Shown.From < 730 {
		step = 1
	}
	var out []Tick
	last := -tickText * 100
	first := c.Shown.From.Month()
	for m := first - first%step; day.FirstOfMonth(m) < c.Shown.To; m += step {
		on := day.FirstOfMonth(m)
		if on < c.Shown.From {
			continue
		}
		t := Tick{X: c.at(on)}
		if x := c.place(on); x-last >= tickText*100 && x <= 10_000-tickText*50 {
			t.Text, last = on.String()[:7], x
			if step == 12 {
				t.Text = on.String()[:4]
			}
		}
		out = append(out, t)
	}
	return out
}

// place is how far across a day lies, in hundredths of a per cent.
func (c Chart) place(d day.Day) int {
	whole := int(c.Shown.To - c.Shown.From)
	return int(min(max(d, c.Shown.From), c.Shown.To)-c.Shown.From) * 10_000 / max(whole, 1)
}

func (c Chart) share(s day.Span) int   { return c.place(s.To) - c.place(s.From) }
func (c Chart) at(d day.Day) string    { return percent(c.place(d)) }
func (c Chart) wide(s day.Span) string { return percent(max(c.share(s), 30)) }

// percent writes hundredths of a per cent: 12.34%.
func percent(n int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + strconv.Itoa(n/100) + "." + strconv.Itoa(n%100/10) + strconv.Itoa(n%10) + "%"
}
