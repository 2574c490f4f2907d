package plan

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
)

// tighter reports whether every row that passes f surely passes bound: the
// same variable, the same stage or an earlier one for the same rows, and a set
// of values that lies inside the bound's.
func tighter(f, bound Filter, table *catalog.Table) bool {
	if f.Var != bound.Var || f.Stage != bound.Stage {
		return false
	}
	if f.Null == "keep" && bound.Null != "keep" {
		return false
	}
	v := table.Variable(f.Var)
	if v == nil {
		return false
	}
	b, err := bound.Compile(v.Kind)
	if err != nil {
		return false
	}
	switch {
	case countSet(f.In != nil, f.CodeIn != nil, f.Between != nil) != 1:
		return false
	case f.In != nil:
		for _, val := range f.In {
			x, err := filterValue(val, v.Kind)
			if err != nil || !b.passes(x) {
				return false
			}
		}
		return len(f.In) > 0
	case f.CodeIn != nil && bound.CodeIn != nil:
		ranges, err := parseRanges(f.CodeIn)
		if err != nil || len(ranges) == 0 {
			return false
		}
		return !slices.ContainsFunc(ranges, func(r CodeRange) bool { return !r.inside(b.codes) })
	case f.Between != nil && bound.Between != nil:
		x, err := parseBetween(f.Between, v.Kind)
		return err == nil && b.low <= x[0] && x[1] <= b.high
	}
	return false
}

func (t *Test) passes(x any) bool {
	switch x := x.(type) {
	case string:
		return t.Code(x)
	case int64:
		return t.Number(x)
	}
	return false
}

// benefitsWithin reports whether f is a row filter on the table's benefit
// variable that lets through only benefits of row.
func benefitsWithin(f Filter, row Row, table *catalog.Table) bool {
	v := table.Variable(f.Var)
	if v == nil || v.Role != catalog.RoleBenefit || f.Stage != StageRow || f.Null == "keep" || len(f.In) == 0 {
		return false
	}
	for _, val := range f.In {
		code, ok := val.(string)
		if !ok || !slices.Contains(row.Benefits, code) {
			return false
		}
	}
	return true
}

// allBenefits reports whether f keeps exactly the benefits of row, which the
// decision says by itself. Fewer of them would tell which.
func allBenefits(f Filter, row Row, table *catalog.Table) bool {
	return benefitsWithin(f, row, table) && !slices.ContainsFunc(row.Benefits, func(b string) bool { return !slices.Contains(f.In, any(b)) })
}

func sameJSON(a, b any) bool {
	x, err1 := canon.JSON(a)
	y, err2 := canon.JSON(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
