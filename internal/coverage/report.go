package coverage

import (
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Percent is a share in hundredths of a per cent, rounded down, so that 94.999
// is not shown as 95.00.
type Percent int64

// percentOf returns r as a Percent.
func percentOf(r *big.Rat) *Percent {
	if r == nil {
		return nil
	}
	n := new(big.Int).Mul(r.Num(), big.NewInt(10_000))
	p := Percent(n.Div(n, r.Denom()).Int64()) // Euclidean: rounds down
	return &p
}

// String returns the per cent with two decimals: 96.42.
func (p Percent) String() string {
	sign := ""
	if p < 0 {
		sign, p = "-", -p
	}
	return fmt.Sprintf("%s%d.%02d", sign, p/100, p%100)
}

// MarshalJSON implements json.Marshaler: a number in per cent.
func (p Percent) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// Month is what is known of one month.
type Month struct {
	Month        string   `json:"month"` // 2026-07
	Known        int64    `json:"known"`
	Ultimate     *int64   `json:"ultimate"`     // null: no basis
	Completeness *Percent `json:"completeness"` // per cent
	Lower        *Percent `json:"lower"`        // null: too few back-tests
}

// Line is the completeness of one benefit and stratum by one measure.
type Line struct {
	Benefit        string   `json:"benefit"` // "" = the whole register
	Stratum        Stratum  `json:"stratum"`
	Measure        string   `json:"measure"`
	OrderableUntil *day.Day `json:"orderable_until"` // last day; null: none
	StrictUntil    *day.Day `json:"strict_until"`    // by the lower bound
	Drift          bool     `json:"drift"`
	Pace           int      `json:"pace"`   // see [Estimate]
	Months         []Month  `json:"months"` // the last two years, oldest first

	large bool // enough to decide by; see [Enough]
}

// Summary is what a register can say about itself.
type Summary struct {
	ID    string                `json:"id"`
	Names catalog.Text          `json:"names"`
	Rule  *catalog.CoverageRule `json:"rule"`
	// OrderableUntil is the last day that can be ordered: by the rule's months,
	// or earlier where the estimate says so. Null for payment registers, which
	// have no gate.
	OrderableUntil *day.Day `json:"orderable_until"`
	RuleUntil      *day.Day `json:"rule_until"`        // by the rule's months alone
	MeasuredUntil  *day.Day `json:"measured_until"`    // by the estimate alone; null: too little to measure
	StrictUntil    *day.Day `json:"strict_until"`      // by the estimate's lower bound alone; null: not known
	Decides        Stratum  `json:"decides,omitempty"` // the stratum that MeasuredUntil is for
	// PaymentsTo is the payment date that the register reaches: the last one
	// before the day it was seen. Null without payments.
	PaymentsTo *day.Day `json:"payments_to"`
	Lines      []Line   `json:"lines"`
}

// shownMonths is how many months a line shows.
const shownMonths = 24

// Enough is the smallest number of thousandths of net days, known of the year
// before the last, that a stratum must have for it to decide anything.
const Enough = 100_000

// Hidden is how many months a stratum may be known later than all together
// before it decides instead of them. Newly granted sickness compensation is
// known nine months late, but is so small a part of all that the whole looks
// complete at once. (Modellantagande: the sources name the stratum for that
// register only.)
const Hidden = 2

// Summarise applies a rule to a register's counts. seen is the day as of which
// the register was seen, exclusive. Net days of the whole register decide;
// benefits, payments and öre are shown beside them.
func Summarise(reg *catalog.Register, counts *Register, seen day.Day, m Method) Summary {
	s := Summary{ID: reg.ID, Names: reg.Names, Rule: reg.Coverage, Lines: []Line{}}
	if reg.Coverage == nil {
		return s
	}
	rule := monthEnd(seen.Month() - 1 - reg.Coverage.Months)
	s.RuleUntil, s.OrderableUntil = &rule, &rule
	v := verdict{share: big.NewRat(int64(reg.Coverage.Percent), 100)}
	for _, k := range counts.Keys() {
		for measure := range measures {
			t := counts.Triangle(k, measure)
			e := t.Estimate(m)
			l := line(k, measure, e, reg.Coverage.Percent)
			if k.Benefit == "" && measure == NetDays && enough(t) {
				l.large = true
				v.weigh(k.Stratum, t, e)
			}
			s.Lines = append(s.Lines, l)
		}
	}
	s.MeasuredUntil, s.Decides, s.StrictUntil = v.until, v.decides, v.strict
	s.OrderableUntil = earlier(s.OrderableUntil, s.MeasuredUntil)
	return s
}

// Until returns the last day of a register up to which all months are complete
// to the given share, by the same strata that decide in [Summarise]; nil where
// there is too little to measure.
func Until(counts *Register, share *big.Rat, m Method) *day.Day {
	v := verdict{share: share}
	for _, k := range counts.Keys() {
		if k.Benefit != "" {
			continue
		}
		if t := counts.Triangle(k, NetDays); enough(t) {
			v.weigh(k.Stratum, t, t.chain(m.filled()).knowing(t))
		}
	}
	return v.until
}

// verdict gathers how far a register is complete to a share: all together
// decide, or a large stratum that is known much later.
type verdict struct {
	share         *big.Rat
	whole         int // delay of all together
	until, strict *day.Day
	decides       Stratum
}

// weigh looks at one stratum; all together come first.
func (v *verdict) weigh(s Stratum, t *Triangle, e *Estimate) {
	end := func(strict bool) *day.Day {
		month, ok := e.Complete(v.share, strict)
		if !ok {
			return nil
		}
		d := monthEnd(month)
		return &d
	}
	until, delay := end(false), t.Last()-e.First+1
	if until == nil { // nothing is complete yet
		d := monthEnd(e.First - 1)
		until = &d
	} else {
		delay = t.Last() - until.Month()
	}
	if s == All {
		v.whole = delay
	}
	if s == All || delay > v.whole+Hidden && v.until != nil && *until < *v.until {
		v.until, v.decides, v.strict = until, s, end(true)
	}
}

// enough reports whether a stratum is large enough to decide.
func enough(t *Triangle) bool {
	n, sum := len(t.Rows), int64(0)
	if n <= MaxDelay {
		return false
	}
	for i := max(0, n-24); i < n-12; i++ {
		sum += t.Known(i)
	}
	return sum >= Enough
}

func earlier(a, b *day.Day) *day.Day {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

func monthEnd(month int) day.Day { return day.FirstOfMonth(month+1) - 1 }

func line(k Key, m Measure, e *Estimate, percent int) Line {
	l := Line{Benefit: k.Benefit, Stratum: k.Stratum, Measure: Names[m], Drift: e.Drift, Pace: e.Pace, Months: []Month{}}
	end := func(strict bool) *day.Day {
		month, ok := e.Orderable(percent, strict)
		if !ok {
			return nil
		}
		d := monthEnd(month)
		return &d
	}
	l.OrderableUntil, l.StrictUntil = end(false), end(true)
	for i := max(0, len(e.Known)-shownMonths); i < len(e.Known); i++ {
		month := Month{
			Month: day.FirstOfMonth(e.First + i).String()[:7], Known: e.Known[i],
			Completeness: percentOf(e.Completeness(i)), Lower: percentOf(e.LowerBound(i)),
		}
		if n, ok := e.Ultimate(i); ok {
			month.Ultimate = &n
		}
		l.Months = append(l.Months, month)
	}
	return l
}

// Text writes the summary in "sv" or, for every other value, English: for the
// strata of the whole register a small plot of net days by month.
func (s Summary) Text(w io.Writer, lang string) error {
	var b strings.Builder
	say := func(sv, en string, args ...any) {
		fmt.Fprintf(&b, catalog.Text{SV: sv, EN: en}.In(lang)+"\n", args...)
	}
	fmt.Fprintf(&b, "%s (%s)\n", s.Names.In(lang), s.ID)
	if s.PaymentsTo != nil {
		say("  betalningar till och med %s", "  payments up to and including %s", s.PaymentsTo)
	}
	if s.Rule == nil {
		say("  ingen täckningsgräns", "  no coverage limit")
	} else {
		say("  kan beställas till och med %s (regel: %d %%, tidigast efter %d månader)", "  can be ordered up to and including %s (rule: %d %%, after %d months at the earliest)",
			s.OrderableUntil, s.Rule.Percent, s.Rule.Months)
		switch {
		case s.MeasuredUntil == nil:
			say("  för lite att mäta täckningen på: reglens månader gäller", "  too little to measure coverage by: the rule's months hold")
		case s.StrictUntil == nil:
			say("  uppmätt täckning (%s): %s", "  measured coverage (%s): %s", strata[s.Decides].In(lang), s.MeasuredUntil)
		default:
			say("  uppmätt täckning (%s): %s, med undre gräns %s", "  measured coverage (%s): %s, by the lower bound %s", strata[s.Decides].In(lang), s.MeasuredUntil, s.StrictUntil)
		}
	}
	for _, l := range s.Lines {
		if l.Measure == Names[NetDays] {
			l.text(&b, lang, s.Rule.Percent)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plotWidth is the number of characters for 100 per cent, plotMonths how many
// months are drawn.
const (
	plotWidth  = 50
	plotMonths = 13
)

var strata = map[Stratum]catalog.Text{
	All:        {SV: "alla", EN: "all"},
	NewGrant:   {SV: "nybeviljade", EN: "newly granted"},
	Continuing: {SV: "pågående", EN: "continuing"},
}

// text writes one line: for the whole register with a plot, for a benefit in
// one row.
func (l Line) text(b *strings.Builder, lang string, percent int) {
	until := "–"
	if l.OrderableUntil != nil {
		until = l.OrderableUntil.String()
	}
	what := strata[l.Stratum].In(lang)
	if l.Benefit != "" {
		what = l.Benefit + ", " + what
	}
	mark := ""
	if l.Drift {
		mark = catalog.Text{SV: "  (förändrad takt: läs med försiktighet)", EN: "  (the pace has changed: read with care)"}.In(lang)
	}
	fmt.Fprintf(b, "  %-24s %s%s\n", what, until, mark)
	if l.Benefit != "" {
		return
	}
	for _, m := range l.Months[max(0, len(l.Months)-plotMonths):] {
		fmt.Fprintf(b, "    %s %s %s\n", m.Month, bar(m.Completeness, m.Lower, percent), label(m))
	}
}

// bar draws a share: = up to the lower bound, - up to the estimate, | at the
// limit.
func bar(estimate, lower *Percent, percent int) string {
	cells := []byte(strings.Repeat(" ", plotWidth+1))
	fill := func(p *Percent, mark byte) {
		if p != nil {
			for i := range min(max(int(*p), 0)*plotWidth/10_000, plotWidth) {
				cells[i] = mark
			}
		}
	}
	fill(estimate, '-')
	fill(lower, '=')
	cells[percent*plotWidth/100] = '|'
	return string(cells)
}

func label(m Month) string {
	if m.Completeness == nil {
		return "?"
	}
	s := fmt.Sprintf("%6s %%", m.Completeness)
	if m.Lower != nil {
		s += " (≥ " + m.Lower.String() + ")"
	}
	return s + "  " + strconv.FormatInt(m.Known/1000, 10)
}
