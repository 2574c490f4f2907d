package public

import (
	"fmt"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/coverage"
	"sluss/internal/day"
	"sluss/internal/web/page"
)

// curveView is how complete a register is, month by month: drawn, and as a
// table of the same figures.
type curveView struct {
	Label, Seen string
	Width       int // of the drawing, [step] for each month; it is [full] high
	LimitY      int
	Percent     int
	Until       string // place of the limit between months, in per cent of the width; "" without one
	UntilText   string
	Band        string // between lower bound and estimate, of all together
	Lines       []curveLine
	Ticks       []curveTick
	Strata      []string // heads of the table's columns besides month and lower bound
	Rows        []curveRow
	Drift       bool
}

type curveLine struct{ Class, Name, Path string }

type curveTick struct{ X, Text string }

type curveRow struct {
	Month, Lower string
	Shares       []string
	Orderable    bool
}

// step and full are the width of a month and the height of 100 per cent.
const (
	step = 10
	full = 1000
)

// curveOf draws what the vault has told of a register; nil when it has told no
// curve.
func curveOf(a *page.Ask, reg *catalog.Register, r page.Reach) *curveView {
	if r.Of == nil || reg.Coverage == nil || len(r.Of.Curves) == 0 || len(r.Of.Curves[0].Points) == 0 {
		return nil
	}
	all := r.Of.Curves[0]
	shown := []coverage.Curve{all}
	if c := r.Of.Curve(coverage.NewGrant); c != nil && len(c.Points) == len(all.Points) {
		shown = append(shown, *c)
	}
	v := &curveView{
		Width: step * len(all.Points), Percent: reg.Coverage.Percent, LimitY: full - full*reg.Coverage.Percent/100, Drift: r.Of.Drift, Seen: page.LongDay(a.Lang, r.Seen),
		Band: band(all.Points), Label: a.Word("coverage.label") + ": " + reg.Names.In(a.Lang) + ", " + a.ReachText(reg),
	}
	for i, c := range shown {
		v.Lines = append(v.Lines, curveLine{"curve-" + strconv.Itoa(i), c.Stratum.Name(a.Lang), line(c.Points)})
		v.Strata = append(v.Strata, c.Stratum.Name(a.Lang))
	}
	for i, x := range all.Points {
		row := curveRow{Month: x.Month, Lower: percent(x.Lower, a.Lang)}
		for _, c := range shown {
			row.Shares = append(row.Shares, percent(c.Points[i].Completeness, a.Lang))
		}
		first, err := day.Parse(x.Month + "-01")
		if err != nil { // the counter has checked it
			return nil
		}
		row.Orderable = r.Until >= first
		if row.Orderable && i+1 < len(all.Points) {
			v.Until, v.UntilText = place(i+1, len(all.Points)), page.LongDay(a.Lang, r.Until)
		}
		if _, m, _ := first.YMD(); m == 1 || m == 7 {
			v.Ticks = append(v.Ticks, curveTick{place(i, len(all.Points)), x.Month})
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// place is where month i of n begins, in per cent of the width.
func place(i, n int) string { return strconv.FormatFloat(float64(100*i)/float64(n), 'f', 2, 64) + "%" }

// height is the place of a share in the drawing, from the top.
func height(p coverage.Percent) int { return full - min(max(int(p)*full/100_00, 0), full) }

// line is the path of a curve through the middle of its months; it is broken
// where there is no basis.
func line(points []coverage.Point) string {
	var b strings.Builder
	pen := "M"
	for i, x := range points {
		if x.Completeness == nil {
			pen = "M"
			continue
		}
		fmt.Fprintf(&b, "%s%d %d", pen, step*i+step/2, height(*x.Completeness))
		pen = "L"
	}
	return b.String()
}

// band is the area between lower bound and estimate where both are known.
func band(points []coverage.Point) string {
	var there, back []string
	for i, x := range points {
		if x.Completeness == nil || x.Lower == nil {
			continue
		}
		at := strconv.Itoa(step*i+step/2) + " "
		there = append(there, at+strconv.Itoa(height(*x.Completeness)))
		back = append([]string{at + strconv.Itoa(height(*x.Lower))}, back...)
	}
	if len(there) < 2 {
		return ""
	}
	return "M" + strings.Join(append(there, back...), "L") + "Z"
}

// percent writes a share with the language's decimal sign; a dash where it is
// not known.
func percent(p *coverage.Percent, lang string) string {
	if p == nil {
		return "–"
	}
	text := p.String()
	if lang == "sv" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text + "\u00a0%"
}
