package vaultdesk

import (
	"bytes"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
	made "sluss/internal/twin"
	"sluss/internal/web/page"
	"sluss/internal/web/timeline"
)

// twinBody is made-up people in the tables that the decision lets out, and how
// far the registers can be ordered.
type twinBody struct {
	page.Head
	Zip    page.Link // the synthetic twin itself: data files, codebook and programs
	Tables []twinTable
}

// twinTable is a table with its drawing and the same as a table.
type twinTable struct {
	ID, Name, Register string
	Gap                int
	Label              string
	Drawing            timeline.Drawing
	Rows               []twinRow
	Coverage           *coverage
}

type twinRow struct {
	Person, From, Tom, Extent, Spell string
	Outside                          bool
}

// coverage is the months of a register around its limit.
type coverage struct {
	Rule, Until string
	Label       string
	Months      []timeline.DrawnMonth
	Years       []coverageYear
}

type coverageYear struct {
	Year                string
	Complete, NotYet, N int
}

// people is how many made-up people are drawn.
const people = 5

// months is how many months of coverage are drawn.
const months = 36

func twin(a *page.Ask) error {
	c, err := a.Case(access.ViewExtraction)
	if err != nil {
		return err
	}
	b := &twinBody{Head: a.HeadOf(c, "vaultdesk.twin_lead"), Zip: page.Link{Path: "/cases/" + c.ID + "/twin/zip", Text: a.Word("vaultdesk.twin_zip")}}
	if d := c.State.Decision; d != nil {
		for _, r := range d.Scope.Rows {
			reg, table := a.Catalogue.Table(r.Table)
			if table != nil && r.Gives() && r.Period != nil {
				b.Tables = append(b.Tables, twinOf(a, r, reg, table))
			}
		}
	}
	return a.Show("vaultdesk-twin", page.View{Title: a.Word("vaultdesk.twin"), Nav: "vaultdesk.nav", Body: b})
}

// twinFile sends the synthetic twin of what is decided, or planned where there
// is a plan, with the schema of the delivery.
func twinFile(a *page.Ask) error {
	c, err := a.Case(access.ViewExtraction)
	if err != nil {
		return err
	}
	w, err := made.Of(c.State, a.Catalogue, made.Sight{Decision: true, Plan: true})
	if err != nil {
		return err
	}
	t, err := made.Make(a.R.Context(), w, a.Catalogue)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Zip(&b); err != nil {
		return err
	}
	a.Download(t.Name+".zip", "application/zip")
	_, err = a.W.Write(b.Bytes())
	return err
}

func twinOf(a *page.Ask, r plan.Row, reg *catalog.Register, table *catalog.Table) twinTable {
	t := twinTable{ID: table.ID, Name: table.Names.In(a.Lang), Register: reg.Names.In(a.Lang), Gap: plan.GapOf(r, reg), Coverage: coverageOf(a, reg)}
	window := r.Period.Span()
	if window.To-window.From > 3*366 { // the last years: shorter stretches are seen
		window.From = window.To.AddMonths(-24)
	}
	margin := max(30, (window.To-window.From)/8)
	ch := timeline.Chart{Window: window, Shown: day.Span{From: window.From - margin, To: window.To + margin}}
	graded := table.ByRole(catalog.RoleExtent) != nil
	for i := range people {
		row := person(a.Word("vaultdesk.person")+" "+strconv.Itoa(i+1), table.ID, i, ch.Shown, t.Gap, graded)
		ch.Rows = append(ch.Rows, row)
		for _, x := range row.Bars {
			spell := 1 + slices.IndexFunc(row.Joins, func(s day.Span) bool { return s.From <= x.From && x.To <= s.To })
			t.Rows = append(t.Rows, twinRow{
				Person: row.Name, From: x.From.String(), Tom: (x.To - 1).String(), Extent: strconv.Itoa(x.Extent) + " %", Spell: strconv.Itoa(spell),
				Outside: !ch.Window.Contains(day.Span{From: x.From, To: x.To}),
			})
		}
	}
	t.Label, t.Drawing = a.Word("vaultdesk.twin_label")+" "+t.Name, ch.Draw()
	return t
}

// person makes somebody up: stretches of some weeks with short gaps that join
// and long ones that do not. The same table gives the same people every time.
// Nothing is drawn from any register.
func person(name, table string, no int, shown day.Span, gap int, graded bool) timeline.Row {
	h := fnv.New64a()
	_, _ = h.Write([]byte(table))
	r := rand.New(rand.NewPCG(h.Sum64(), uint64(no)))
	row := timeline.Row{Name: name}
	between := func(low, high int) day.Day { return day.Day(low + r.IntN(high-low+1)) }
	whole := int(shown.To - shown.From)
	at := shown.From + between(0, whole/4)
	for at < shown.To {
		spell := day.Span{From: at}
		extent := 100
		for range 1 + r.IntN(3) {
			to := at + between(max(8, whole/60), max(20, whole/12))
			row.Bars = append(row.Bars, timeline.Bar{From: at, To: to, Extent: extent})
			at = to
			if gap > 0 && r.IntN(3) == 0 {
				at += between(1, gap)
			}
			spell.To = to
			if graded {
				extent = []int{25, 50, 75}[r.IntN(3)]
			}
		}
		row.Joins = append(row.Joins, spell)
		at = spell.To + day.Day(gap) + between(whole/20+1, whole/3)
	}
	return row
}

// coverageOf is how far a register can be ordered, measured or by its rule.
func coverageOf(a *page.Ask, reg *catalog.Register) *coverage {
	reach := a.Measured().Of(reg, a.Today)
	if !reach.Limited {
		return nil
	}
	until := reach.Until
	all := timeline.Months(a.Today, until, months)
	c := &coverage{Until: until.String(), Months: timeline.DrawMonths(all), Label: a.Word("vaultdesk.coverage_label") + " " + until.String()}
	c.Rule = strconv.Itoa(reg.Coverage.Percent) + " % " + a.Word("vaultdesk.coverage_after") + " " + strconv.Itoa(reg.Coverage.Months) + " " + a.Word("vaultdesk.coverage_months")
	for _, m := range all {
		y := m.First.String()[:4]
		if len(c.Years) == 0 || c.Years[len(c.Years)-1].Year != y {
			c.Years = append(c.Years, coverageYear{Year: y})
		}
		last := &c.Years[len(c.Years)-1]
		last.N++
		if m.Orderable {
			last.Complete++
		} else {
			last.NotYet++
		}
	}
	return c
}
