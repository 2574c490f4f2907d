package disclose

import (
	"math"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
)

// limit is a filter of the decision or the specification as it shows in the
// values of a delivered column. It is read here from the filter's own words, not
// with the code that the engine runs.
type limit struct {
	texts  []string    // one of these
	codes  [][2]string // or between these prefixes
	values []int64     // one of these
	low    int64       // or between these
	high   int64
	ranged bool
	null   bool // a missing value passes
	bad    bool // the filter cannot be read: nothing passes
}

// limitsOf returns the limits that every delivered value of a column must pass.
//
// A filter on rows holds for every row of payments and corrections, and a filter on sub-spells
// or spells for every line of that shape. Codes keep their values on the way
// from row to spell; sums, days and extents do not, so a filter on a number
// holds only in the filter's own shape.
func (s *sheet) limitsOf(v *catalog.Variable, col *column) []limit {
	if col.fn != "" && col.fn != "first" && col.fn != "last" {
		return nil
	}
	var out []limit
	for _, f := range append(append([]plan.Filter(nil), s.row.Where...), s.extract.Where...) {
		if f.Var != v.ID {
			continue
		}
		own := s.ownShape(f.Stage)
		if !own && (v.Kind != catalog.KindCode || f.Stage == plan.StageSpell) {
			continue
		}
		l := readLimit(f, v.Kind)
		l.null = l.null || !own
		out = append(out, l)
	}
	if v.Role == catalog.RoleBenefit && len(s.row.Benefits) > 0 {
		out = append(out, limit{texts: s.row.Benefits})
	}
	return out
}

// ownShape reports whether a stage's filter decides over whole lines of the
// file's shape.
func (s *sheet) ownShape(stage string) bool {
	switch stage {
	case plan.StageRow:
		return s.shape == catalog.ShapePayment || s.shape == catalog.ShapeCorrection
	case plan.StageSubspell:
		return s.shape == catalog.ShapeSubspell // a gap of the layout is no sub-spell
	case plan.StageSpell:
		return s.shape == catalog.ShapeSpell
	}
	return false
}

func readLimit(f plan.Filter, kind catalog.Kind) limit {
	l := limit{null: f.Null == "keep"}
	switch {
	case len(f.CodeIn) > 0:
		for _, r := range f.CodeIn {
			low, high, found := strings.Cut(r, "-")
			if !found {
				high = low
			}
			l.codes = append(l.codes, [2]string{low, high})
		}
	case len(f.Between) == 2:
		a, ok := filterNumber(f.Between[0], kind)
		b, ok2 := filterNumber(f.Between[1], kind)
		l.low, l.high, l.ranged, l.bad = a, b, true, !ok || !ok2
		if kind == catalog.KindPeriod { // to the last day of the last one
			l.high = int64(periodOf(f.Between[1]).To) - 1
		}
	case len(f.In) > 0:
		for _, v := range f.In {
			if text, ok := v.(string); ok && kind == catalog.KindCode {
				l.texts = append(l.texts, text)
				continue
			}
			n, ok := filterNumber(v, kind)
			l.values = append(l.values, n)
			l.bad = l.bad || !ok
		}
	default:
		l.bad = true
	}
	return l
}

// filterNumber reads a filter's value as the cells are read: days since 1970,
// öre, tenths of a per cent.
func filterNumber(v any, kind catalog.Kind) (int64, bool) {
	if kind == catalog.KindPeriod {
		s := periodOf(v)
		return int64(s.From), !s.Empty()
	}
	switch x := v.(type) {
	case string:
		if kind != catalog.KindDate {
			return 0, false
		}
		d, err := day.Parse(x)
		return int64(d), err == nil
	case float64:
		return scaled(x, kind)
	case int:
		return scaled(float64(x), kind)
	case int64:
		return scaled(float64(x), kind)
	}
	return 0, false
}

// periodOf is the days of a year (a number) or a month (2024-01), empty where
// it is neither.
func periodOf(v any) day.Span {
	switch x := v.(type) {
	case string:
		if first, err := day.Parse(x + "-01"); err == nil {
			return day.Span{From: first, To: first.AddMonths(1)}
		}
	case float64:
		if x == math.Trunc(x) && x >= 1 && x <= 9999 {
			first := day.Of(int(x), 1, 1)
			return day.Span{From: first, To: first.AddMonths(12)}
		}
	}
	return day.Span{}
}

func scaled(x float64, kind catalog.Kind) (int64, bool) {
	if kind == catalog.KindExtent {
		x *= 10
	}
	return int64(x), x == math.Trunc(x) && math.Abs(x) < 1<<53 && kind != catalog.KindDate
}

// passesCode tests a code, or a range of codes where level says that ranges
// are delivered.
func (l *limit) passesCode(code, level string) bool {
	if l.bad {
		return false
	}
	first, last := code, code
	if level == "icd_chapter" || level == "icd_block" {
		first, last, _ = strings.Cut(code, "-")
	}
	if l.codes == nil {
		for _, t := range l.texts {
			if t == code || level != "" && t[:min(len(t), 3)] >= first && t[:min(len(t), 3)] <= last {
				return true
			}
		}
		return false
	}
	for _, r := range l.codes {
		if level == "" && (len(code) < len(r[0]) || len(code) < len(r[1])) {
			continue // not exact enough to tell
		}
		// Compared at the length that both have: a coarse code passes when some
		// code in it does.
		if n := min(len(last), len(r[0])); last[:n] < r[0][:n] {
			continue
		}
		if n := min(len(first), len(r[1])); first[:n] > r[1][:n] {
			continue
		}
		return true
	}
	return false
}

func (l *limit) passesNumber(n int64) bool {
	if l.bad {
		return false
	}
	if l.ranged {
		return l.low <= n && n <= l.high
	}
	for _, v := range l.values {
		if v == n {
			return true
		}
	}
	return false
}

// passesSpan tests a date that may have been made coarser: it passes when some
// day in it does.
func (l *limit) passesSpan(s day.Span) bool {
	if l.bad {
		return false
	}
	if l.ranged {
		return int64(s.From) <= l.high && l.low < int64(s.To)
	}
	for _, v := range l.values {
		if int64(s.From) <= v && v < int64(s.To) {
			return true
		}
	}
	return false
}
