package engineroom

import (
	"sluss/internal/register"
	"sluss/internal/works"
)

// mostLasting is how many columns persons are counted by.
const mostLasting = 8

// likeness is what a person has in the columns that are counted by.
type likeness [mostLasting]int64

// Alike counts the persons of the register; a person's first row that the snapshot
// knows of speaks for the person.
func (s *snapshot) Alike(table string, by []works.Lasting) (of func(entity uint64) int, persons int, ok bool) {
	t := s.Table(table)
	if t == nil || len(by) > mostLasting {
		return nil, 0, false
	}
	var cells []func(row int) int64
	for _, l := range by {
		c := t.Column(l.Variable)
		if c == nil {
			return nil, 0, false
		}
		cell := lasting(c, l.Level)
		if cell == nil {
			return nil, 0, false
		}
		cells = append(cells, cell)
	}
	view := t.Visible(s.Load())
	like := func(person uint32) (x likeness, some bool) {
		lo, hi := t.Rows(person)
		for i := lo; i < hi; i++ {
			if !view.Row(i) {
				continue
			}
			for k, cell := range cells {
				x[k] = cell(i)
			}
			return x, true
		}
		return x, false
	}
	counts := map[likeness]int{}
	for p := range uint32(s.Persons()) {
		if x, some := like(p); some {
			counts[x]++
			persons++
		}
	}
	return func(entity uint64) int {
		if p, known := s.person(entity); known {
			if x, some := like(p); some {
				return counts[x]
			}
		}
		return 0
	}, persons, true
}

// lasting reads a column at a level; nil where the level is not one of whole months.
func lasting(c *register.Column, level string) func(row int) int64 {
	switch c.Type() {
	case register.TypeCode:
		if level == "" {
			codes := c.Codes()
			return func(row int) int64 { return int64(codes.At(row)) }
		}
	case register.TypeInt32: // of months where there is a level
		months := map[string]int64{"": 1, "month": 1, "quarter": 3, "year": 12}[level]
		if months > 0 {
			cells := c.Int32s()
			return func(row int) int64 {
				n := int64(cells.At(row))
				if n == int64(register.NoInt32) {
					return n
				}
				return n / months
			}
		}
	}
	return nil
}
