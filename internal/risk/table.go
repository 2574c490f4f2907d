package risk

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/fault"
)

// Table is a file in memory: columns of codes, each with the dictionary of its
// values. A million rows take four megabytes per column.
type Table struct {
	columns []*Column
	rows    int
}

// Column is one variable of a table.
type Column struct {
	Name  string
	dict  *dictionary
	codes []uint32
}

// dictionary numbers the values of a column in the order of their first
// appearance. Tables that are compared share dictionaries.
type dictionary struct {
	values []string
	index  map[string]uint32
}

// NewTable returns an empty table with the named columns.
func NewTable(names ...string) *Table {
	t := &Table{}
	for _, n := range names {
		t.columns = append(t.columns, &Column{Name: n, dict: &dictionary{index: map[string]uint32{}}})
	}
	return t
}

// Beside returns an empty table with the named columns of t, whose values can
// be compared with those of t: a population, or an earlier delivery.
func (t *Table) Beside(names []string) (*Table, error) {
	cols, err := t.pick(names)
	if err != nil {
		return nil, err
	}
	out := &Table{}
	for _, c := range cols {
		out.columns = append(out.columns, &Column{Name: c.Name, dict: c.dict})
	}
	return out, nil
}

// Add appends a row: one cell per column, in the order of the columns.
func (t *Table) Add(cells ...[]byte) {
	for i, c := range t.columns {
		code, ok := c.dict.index[string(cells[i])]
		if !ok {
			value := string(cells[i])
			code = uint32(len(c.dict.values))
			c.dict.values = append(c.dict.values, value)
			c.dict.index[value] = code
		}
		c.codes = append(c.codes, code)
	}
	t.rows++
}

// Rows returns the number of rows.
func (t *Table) Rows() int { return t.rows }

// pick returns the named columns; a name that is not there, or there twice, is
// a fault.
func (t *Table) pick(names []string) ([]*Column, error) {
	var out []*Column
	for i, name := range names {
		at := slices.IndexFunc(t.columns, func(c *Column) bool { return c.Name == name })
		if at < 0 {
			return nil, fault.New("risk.unknown_column", "Kolumnen finns inte i filen.", "The file has no such column.").At(fault.Where{Column: name})
		}
		if slices.Contains(names[:i], name) {
			return nil, fault.New("risk.column_twice", "Kolumnen är angiven två gånger.", "The column is named twice.").At(fault.Where{Column: name})
		}
		out = append(out, t.columns[at])
	}
	return out, nil
}

// order returns the place of each code among the column's n different values:
// numbers by size when every value but NULL is one, else bytewise; NULL comes
// first. Codes that only another table has, which shares the dictionary, have
// no place.
func (c *Column) order(p *pace) (rank []uint32, n int, err error) {
	d := c.dict
	here := make([]bool, len(d.values))
	for _, code := range c.codes {
		here[code] = true
	}
	numbers, numeric := make([]float64, len(d.values)), true
	var sorted []uint32
	for code, v := range d.values {
		if !here[code] {
			continue
		}
		sorted = append(sorted, uint32(code))
		number, ok := ParseNumber(v)
		numbers[code] = number
		numeric = numeric && (ok || v == "")
		if err := p.effort(1); err != nil {
			return nil, 0, err
		}
	}
	slices.SortFunc(sorted, func(a, b uint32) int {
		if p.effort(1) != nil {
			return 0 // in any order: nobody waits for it
		}
		va, vb := d.values[a], d.values[b]
		if !numeric || va == "" || vb == "" {
			return cmp.Compare(va, vb)
		}
		return cmp.Or(cmp.Compare(numbers[a], numbers[b]), cmp.Compare(va, vb))
	})
	if p.err != nil {
		return nil, 0, p.err
	}
	rank = make([]uint32, len(d.values))
	for place, code := range sorted {
		rank[code] = uint32(place)
	}
	return rank, len(sorted), nil
}

// ParseNumber reads a decimal number: digits with at most one decimal point,
// a sign before and an exponent after them if need be. Nothing else is one, in
// particular no space, no infinity and no digit grouping.
func ParseNumber(s string) (n float64, ok bool) {
	mantissa, exponent, has := strings.Cut(strings.ToLower(s), "e")
	whole, part, _ := strings.Cut(unsigned(mantissa), ".")
	if whole+part == "" || !digits(whole+part) || has && (unsigned(exponent) == "" || !digits(unsigned(exponent))) {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// unsigned returns s without one leading sign.
func unsigned(s string) string {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:]
	}
	return s
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
