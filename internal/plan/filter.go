package plan

import (
	"errors"
	"math"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// CodeRange is a closed range of code prefixes: a code lies in it when its
// prefix of the limit's length is ≥ Low and ≤ High. F30-F48 holds F30, F32.1
// and F48.9; F32 is F32-F32.
type CodeRange struct{ Low, High string }

// Holds reports whether code lies in r. A code shorter than a limit is not
// exact enough to tell, and does not.
func (r CodeRange) Holds(code string) bool {
	return len(code) >= len(r.Low) && len(code) >= len(r.High) &&
		code[:len(r.Low)] >= r.Low && code[:len(r.High)] <= r.High
}

var errRange = errors.New("not a code or a range of codes")

func parseRanges(texts []string) ([]CodeRange, error) {
	out := make([]CodeRange, 0, len(texts))
	for _, t := range texts {
		low, high, found := strings.Cut(t, "-")
		if !found {
			high = low
		}
		if !isCodeLimit(low) || !isCodeLimit(high) || low > high && !strings.HasPrefix(low, high) {
			return nil, errRange
		}
		out = append(out, CodeRange{low, high})
	}
	return out, nil
}

// isCodeLimit reports whether s can begin a code: capital letters, digits and
// dots, at most twenty, the first no dot.
func isCodeLimit(s string) bool {
	return s != "" && len(s) <= 20 && s[0] != '.' && !containsOutside(s, func(c byte) bool {
		return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.'
	})
}

// inside reports whether every code in r is surely a code in one of bounds.
func (r CodeRange) inside(bounds []CodeRange) bool {
	for _, b := range bounds {
		// The first code in r is r.Low itself, the last one starts with r.High.
		// With limits of one length, prefix order decides; a shorter bound is
		// compared at its own length, a longer one is finer than r.
		if len(b.Low) <= len(r.Low) && len(b.High) <= len(r.High) &&
			r.Low[:len(b.Low)] >= b.Low && r.High[:len(b.High)] <= b.High {
			return true
		}
	}
	return false
}

var errType = errors.New("value does not fit the variable")

// filterValue turns a value of a specification into what the snapshot holds:
// text for codes, otherwise a whole number (days since 1970, öre, per mille, months since year 0, years).
func filterValue(v any, k catalog.Kind) (any, error) {
	switch k {
	case catalog.KindCode:
		if s, ok := v.(string); ok {
			return s, nil
		}
	case catalog.KindDate:
		if s, ok := v.(string); ok {
			d, err := day.Parse(s)
			return int64(d), err
		}
	case catalog.KindInt, catalog.KindOre:
		if f, ok := v.(float64); ok && f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
			return int64(f), nil
		}
	case catalog.KindPeriod: // a year, or a month as 2024-01
		switch x := v.(type) {
		case float64:
			if x == math.Trunc(x) && x >= 1 && x <= 9999 {
				return int64(x), nil
			}
		case string:
			if d, err := day.Parse(x + "-01"); err == nil && len(x) == 7 {
				return int64(d.Month()), nil
			}
		}
	case catalog.KindExtent: // percent in text, per mille inside
		if f, ok := v.(float64); ok && f*10 == math.Trunc(f*10) && f >= 0 && f <= 100 {
			return int64(f * 10), nil
		}
	}
	return nil, errType
}

// ofLevel reports whether a value of a period is written at the variable's own
// level: a month for a variable kept by month, a year for one by year.
func ofLevel(val any, v *catalog.Variable) bool {
	_, month := val.(string)
	return v.Kind != catalog.KindPeriod || month == (v.Level == "month")
}

func parseBetween(b []any, k catalog.Kind) ([2]int64, error) {
	var out [2]int64
	if len(b) != 2 || k == catalog.KindCode {
		return out, errType
	}
	for i := range 2 {
		v, err := filterValue(b[i], k)
		if err != nil {
			return out, err
		}
		out[i] = v.(int64)
	}
	if out[0] > out[1] {
		return out, errType
	}
	return out, nil
}

// Test is a filter made ready to run on values of one variable.
type Test struct {
	codes  []CodeRange
	texts  map[string]bool
	values map[int64]bool
	low    int64
	high   int64
	keep   bool // null is kept
}

// Compile makes f ready for a variable of kind k. It returns an error where
// [Spec.Problems] would have found one.
func (f Filter) Compile(k catalog.Kind) (*Test, error) {
	t := &Test{keep: f.Null == "keep"}
	var err error
	switch {
	case f.CodeIn != nil && k != catalog.KindCode:
		return nil, errType
	case f.CodeIn != nil:
		t.codes, err = parseRanges(f.CodeIn)
	case f.Between != nil:
		var b [2]int64
		b, err = parseBetween(f.Between, k)
		t.low, t.high = b[0], b[1]
	case len(f.In) == 0:
		return nil, errType
	default:
		for _, v := range f.In {
			x, e := filterValue(v, k)
			if e != nil {
				return nil, e
			}
			switch x := x.(type) {
			case string:
				if t.texts == nil {
					t.texts = map[string]bool{}
				}
				t.texts[x] = true
			case int64:
				if t.values == nil {
					t.values = map[int64]bool{}
				}
				t.values[x] = true
			}
		}
	}
	return t, err
}

// Code reports whether a code passes; Null and Number likewise.
func (t *Test) Code(code string) bool {
	if t.texts != nil {
		return t.texts[code]
	}
	for _, r := range t.codes {
		if r.Holds(code) {
			return true
		}
	}
	return false
}

// Number reports whether a whole number (day, öre, per mille) passes.
func (t *Test) Number(n int64) bool {
	if t.values != nil {
		return t.values[n]
	}
	return t.low <= n && n <= t.high
}

// Null reports whether a missing value passes.
func (t *Test) Null() bool { return t.keep }
