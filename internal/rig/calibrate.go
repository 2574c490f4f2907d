package rig

import (
	"fmt"
	"io"
	"math"

	"sluss/internal/day"
)

// Target is a published figure that the synthetic registers should come near.
type Target struct {
	ID        string
	What      string
	Value     float64 // per head of population, or a share
	Tolerance float64 // largest accepted relative deviation
	Source    string
	measure   func(m *measured) float64
}

// Swedish population at the end of some years, millions (SCB): published
// totals are turned into figures per head with them.
const (
	pop2015 = 9.851
	pop2016 = 9.995
	pop2018 = 10.230
	pop2019 = 10.328
	pop2020 = 10.379
	pop2024 = 10.588
)

// Targets returns the published figures, scaled to one person. They are
// compared with the synthetic year 2024, when every payment has arrived.
//
// Source: reference domain §2.3; delays, assumption A10.
func Targets() []Target {
	share := func(a, b func(m *measured) float64) func(m *measured) float64 {
		return func(m *measured) float64 { return a(m) / b(m) }
	}
	heads := func(m *measured) float64 { return m.heads }
	one := func(f func(m *measured) float64) func(m *measured) float64 { return share(f, heads) }
	return []Target{
		{"sick_persons", "persons with sickness benefit in a year", .591 / pop2019, .10, "FK, 2019", one(func(m *measured) float64 { return m.sickPersons })},
		{"sick_women", "women among them", .63, .05, "FK, 2019", func(m *measured) float64 { return m.sickWomen / m.sickPersons }},
		{"ongoing", "ongoing sickness spells at the end of a month", .194174 / pop2015, .10, "FK, December 2015", one(func(m *measured) float64 { return m.ongoing })},
		{"ongoing_women", "women among them", .66, .05, "FK, 2017", func(m *measured) float64 { return m.ongoingWomen / m.ongoing }},
		{"ongoing_f", "mental diagnosis among them", .499, .08, "FK, June 2024", func(m *measured) float64 { return m.ongoingChapter['F'] / m.ongoing }},
		{"ongoing_m", "musculoskeletal diagnosis among them", .174, .20, "FK, 2017", func(m *measured) float64 { return m.ongoingChapter['M'] / m.ongoing }},
		{"fp_women", "parental benefit days, women", 40.395 / pop2018, .08, "SCB, 2018", one(func(m *measured) float64 { return m.fpDays[1] })},
		{"fp_men", "parental benefit days, men", 16.980 / pop2018, .08, "SCB, 2018", one(func(m *measured) float64 { return m.fpDays[0] })},
		{"fp_men_share", "men's share of the days", .31, .08, "FK, 2023", func(m *measured) float64 { return m.fpDays[0] / (m.fpDays[0] + m.fpDays[1]) }},
		{"fp_parents", "parents with parental benefit in a year", .857049 / pop2020, .10, "FK, 2020", one(func(m *measured) float64 { return m.fpParents })},
		{"fp_amount_women", "mean parental benefit per day, women, kronor", 491, .10, "2015 inquiry", func(m *measured) float64 { return m.fpAmount[1] / m.fpDays[1] }},
		{"fp_amount_men", "mean parental benefit per day, men, kronor", 652, .10, "2015 inquiry", func(m *measured) float64 { return m.fpAmount[0] / m.fpDays[0] }},
		{"tfp_women", "temporary parental benefit days, women", 4.117 / pop2019, .10, "SCB, 2019", one(func(m *measured) float64 { return m.tfpDays[1] })},
		{"tfp_men", "temporary parental benefit days, men", 2.577 / pop2019, .10, "SCB, 2019", one(func(m *measured) float64 { return m.tfpDays[0] })},
		{"ae_stock", "persons with activity compensation", .033053 / pop2024, .12, "FK, December 2024", one(func(m *measured) float64 { return m.aeStock })},
		{"ae_f", "mental diagnosis among them", .795, .06, "FK, December 2024", func(m *measured) float64 { return m.aeMental / m.aeStock }},
		{"dental", "persons with dental care subsidy in a year", 4.242117 / pop2016, .06, "FK, 2016", one(func(m *measured) float64 { return m.dental })},
		{"delay_sick", "months until 95 % of sickness benefit is known", 3, 0, "FK's ordering page", func(m *measured) float64 { return m.sickDelay.months() }},
		{"delay_fp", "months until 95 % of parental benefit is known", 3, 0, "FK's ordering page", func(m *measured) float64 { return m.fpDelay.months() }},
		{"delay_sa", "months until 95 % of newly granted compensation is known", 9, .12, "FK's ordering page", func(m *measured) float64 { return m.saDelay.months() }},
	}
}

// Result is a target with what the synthetic registers give.
type Result struct {
	Target
	Got       float64
	Deviation float64 // relative
	OK        bool
}

// Calibrate measures the world against all targets.
func (w *World) Calibrate() []Result {
	m := w.measure()
	var out []Result
	for _, t := range Targets() {
		r := Result{Target: t, Got: t.measure(m)}
		r.Deviation = r.Got/t.Value - 1
		r.OK = math.Abs(r.Deviation) <= t.Tolerance
		out = append(out, r)
	}
	return out
}

// PrintCalibration writes the results as a table.
func PrintCalibration(out io.Writer, results []Result) {
	fmt.Fprintf(out, "%-16s %10s %10s %9s %9s  %s\n", "target", "value", "got", "off by", "accepted", "what (source)")
	for _, r := range results {
		mark := ""
		if !r.OK {
			mark = "  OFF"
		}
		fmt.Fprintf(out, "%-16s %10.4f %10.4f %+8.1f%% %8.0f%%  %s (%s)%s\n", r.ID, r.Value, r.Got, 100*r.Deviation, 100*r.Tolerance, r.What, r.Source, mark)
	}
}

// measured is what the synthetic year gives.
type measured struct {
	heads                       float64 // living persons in the middle of the year
	sickPersons, sickWomen      float64
	ongoing, ongoingWomen       float64
	ongoingChapter              [256]float64
	fpDays, fpAmount, tfpDays   [2]float64 // men, women; net days and kronor
	fpParents                   float64
	aeStock, aeMental, dental   float64
	sickDelay, fpDelay, saDelay delays
}

// year that is measured, and the day whose stock is counted.
var (
	yearFrom = day.Of(2024, 1, 1)
	yearTo   = day.Of(2025, 1, 1)
	stockDay = day.Of(2024, 6, 30)
)

func (w *World) measure() *measured {
	m := &measured{}
	for p := range w.Birth {
		if w.Arrived[p] <= stockDay && w.Death[p] > stockDay {
			m.heads++
		}
	}
	w.each("midas_sjp", m.sickness)
	w.each("midas_fp", m.parental)
	w.each("midas_sa", m.compensation)
	w.each("tfp", func(w *World, rows []Row) {
		for i := range rows {
			m.tfpDays[b2u(w.Woman[rows[i].Person])] += rows[i].netDays()
		}
	})
	w.each("tandvard", func(w *World, rows []Row) {
		for i := range rows {
			if rows[i].From >= yearFrom && rows[i].From < yearTo {
				m.dental++
				return
			}
		}
	})
	return m
}

// each calls f once per person who has rows in a table.
func (w *World) each(table string, f func(w *World, rows []Row)) {
	var buf []Row
	for p := range Person(w.Len()) {
		buf = w.keep(makers[table](w, p, buf[:0]), 0, w.cfg.start(), w.cfg.At())
		if len(buf) > 0 {
			f(w, buf)
		}
	}
}

// sign is 1 for a payment, −1 for a reversal.
func (r *Row) sign() float64 {
	if r.Reversal {
		return -1
	}
	return 1
}

// netDays returns the row's net days in the measured year.
func (r *Row) netDays() float64 {
	s := day.Span{From: r.From, To: r.Tom + 1}.Intersect(day.Span{From: yearFrom, To: yearTo})
	if s.Empty() {
		return 0
	}
	return r.sign() * float64(s.To-s.From) * float64(r.Extent) / 1000
}

func (m *measured) sickness(w *World, rows []Row) {
	woman := float64(b2u(w.Woman[rows[0].Person]))
	paid, ongoing := false, false
	for i := range rows {
		r := &rows[i]
		m.sickDelay.add(r)
		paid = paid || r.netDays() > 0
		if !ongoing && r.From <= stockDay && stockDay <= r.Tom {
			ongoing = true
			m.ongoing++
			m.ongoingWomen += woman
			if r.Diagnosis != "" {
				m.ongoingChapter[r.Diagnosis[0]]++
			}
		}
	}
	if paid {
		m.sickPersons++
		m.sickWomen += woman
	}
}

func (m *measured) parental(w *World, rows []Row) {
	sex, paid := b2u(w.Woman[rows[0].Person]), false
	for i := range rows {
		r := &rows[i]
		m.fpDelay.add(r)
		n := r.netDays()
		paid = paid || n > 0
		m.fpDays[sex] += n
		if n != 0 {
			all := float64(r.Tom-r.From+1) * float64(r.Extent) / 1000
			m.fpAmount[sex] += float64(r.Amount) / 100 * n / all
		}
	}
	if paid {
		m.fpParents++
	}
}

func (m *measured) compensation(_ *World, rows []Row) {
	var first *Row
	counted := false
	for i := range rows {
		r := &rows[i]
		if first == nil || r.From < first.From {
			first = r
		}
		if !counted && r.Benefit == "AE" && r.From <= stockDay && stockDay <= r.Tom {
			counted = true
			m.aeStock++
			if r.Diagnosis[0] == 'F' {
				m.aeMental++
			}
		}
	}
	if m.saDelay.covers(first.From) { // newly granted: the first month only
		month := *first
		month.Tom = day.FirstOfMonth(month.From.Month()+1) - 1
		m.saDelay.add(&month)
	}
}

// delays counts net days of months by how many months later they were known.
type delays [24]float64

// covers reports whether the month of d is old enough to be complete.
func (c *delays) covers(d day.Day) bool { return d >= day.Of(2020, 1, 1) && d < day.Of(2025, 1, 1) }

func (c *delays) add(r *Row) {
	if !c.covers(r.From) || !c.covers(r.Tom) {
		return
	}
	for at := r.From; at <= r.Tom; {
		end := day.FirstOfMonth(at.Month() + 1)
		n := min(end, r.Tom+1) - at
		k := min(max(r.Tx.Month()-at.Month(), 0), len(c)-1)
		c[k] += r.sign() * float64(n) * float64(r.Extent)
		at = end
	}
}

// months returns the first delay at the end of which 95 per cent is known.
func (c *delays) months() float64 {
	all, sum := 0.0, 0.0
	for _, n := range c {
		all += n
	}
	for k, n := range c {
		if sum += n; sum >= .95*all {
			return float64(k)
		}
	}
	return math.Inf(1)
}
