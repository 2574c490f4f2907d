package format

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/plan"
)

// exact is the greatest whole number up to which every whole number is a
// 64-bit floating point number of its own: 2^53.
const exact = 1 << 53

// First and last day of the dates of Stata, SPSS and SAS. SPSS counts from the
// first day of the Gregorian calendar.
var (
	firstDate = day.MustParse("1582-10-15")
	lastDate  = day.MustParse("9999-12-31")
)

// limits are what one of the statistical formats can hold.
type limits struct {
	program string // whose format it is, for messages
	columns int
	text    int // bytes of a cell
	format  string
	encode  func(string) ([]byte, bool)
	// trailing: blanks at the end of a text are kept.
	trailing bool
	// folds: names that differ in capitals only are one name.
	folds bool
}

// slot is a column as a statistical format holds it.
type slot struct {
	*Column
	width int // bytes of a text, 0 for numbers
	cells [][]byte
	// refused says why a text cannot be held; nil where it can. It matters
	// only where a row holds the text.
	refused map[int32]*fault.Fault
}

// slots lays the columns of a file out, or refuses them.
func (l limits) slots(s *Schema) ([]slot, error) {
	if len(s.Columns) == 0 || len(s.Columns) > l.columns {
		return nil, refuse("columns", "", fmt.Sprintf("%s rymmer 1–%d kolumner; filen skulle få %d.", l.program, l.columns, len(s.Columns)),
			fmt.Sprintf("%s holds 1–%d columns; the file would have %d.", l.program, l.columns, len(s.Columns)))
	}
	seen := map[string]bool{}
	out := make([]slot, len(s.Columns))
	for i := range s.Columns {
		c := &s.Columns[i]
		key := c.Name
		if l.folds {
			key = strings.ToLower(key)
		}
		if !plan.HoldsName(l.format, c.Name) || seen[key] {
			return nil, refuse("name", c.Name, l.program+" kan inte ha en kolumn med det namnet.", l.program+" cannot have a column of that name.").
				Do("Ge kolumnen ett annat namn i specifikationen, eller välj ett annat filformat.", "Give the column another name in the specification, or choose another format.")
		}
		seen[key] = true
		out[i] = l.slot(c)
	}
	return out, nil
}

func (l limits) slot(c *Column) slot {
	out := slot{Column: c}
	switch c.Type {
	case Week:
		out.width = len("2024-W05")
	case Month, Quarter:
		out.width = len("2024-01")
	case Text:
		out.width, out.cells, out.refused = 1, make([][]byte, len(c.Dict)), map[int32]*fault.Fault{}
		for k, t := range c.Dict {
			b, bad := l.cell(c, t)
			if bad != nil && k > 0 {
				out.refused[int32(k)] = bad
				continue
			}
			out.cells[k], out.width = b, max(out.width, len(b))
		}
	}
	return out
}

// cell encodes a text, or says why it cannot be held. No message repeats it.
func (l limits) cell(c *Column, t string) ([]byte, *fault.Fault) {
	b, ok := l.encode(t)
	if !ok || strings.ContainsRune(t, 0) || !utf8.ValidString(t) {
		return nil, refuse("character", c.Name, "En text har ett tecken som "+l.program+" inte kan hålla.", "A text has a character that "+l.program+" cannot hold.")
	}
	if len(b) > l.text {
		return nil, refuse("length", c.Name, fmt.Sprintf("En text är längre än de %d byte som %s rymmer.", l.text, l.program),
			fmt.Sprintf("A text is longer than the %d bytes that %s holds.", l.text, l.program))
	}
	if t == "" || !l.trailing && strings.HasSuffix(t, " ") {
		return nil, refuse("blank", c.Name, "En text är tom eller slutar med mellanslag; "+l.program+" skulle förlora det.", "A text is empty or ends in a blank; "+l.program+" would lose that.")
	}
	return b, nil
}

// text returns the text of a cell, nil where it is missing.
func (c *slot) text(v *Vector, row int, scratch []byte) ([]byte, error) {
	n := v.I32[row]
	if n == Null32 || n == 0 && c.Type == Text {
		if !c.Nullable {
			return nil, missing(c.Column)
		}
		return nil, nil
	}
	if c.Type != Text {
		return appendPeriod(scratch[:0], c.Type, n), nil
	}
	if bad := c.refused[n]; bad != nil {
		return nil, bad
	}
	return c.cells[n], nil
}

// number returns the number of a cell, exactly where it is whole and else the
// nearest floating point number; a date is its day since 1970. ok is false
// where it is missing.
func (c *slot) number(v *Vector, row int) (x float64, ok bool, err error) {
	var n int64
	if c.Type.Wide() {
		if n = v.I64[row]; n == Null64 {
			return c.absent()
		}
	} else {
		if v.I32[row] == Null32 {
			return c.absent()
		}
		n = int64(v.I32[row])
	}
	most := int64(exact)
	if c.Type == Decimal {
		most = exact / 2 // beyond it two neighbours can have one nearest number
	}
	if n > most || n < -most {
		return 0, false, refuse("number", c.Name, "Ett tal är för stort för att lämnas exakt i formatet.", "A number is too great to be given exactly in the format.").
			Do("Välj Parquet eller CSV.", "Choose Parquet or CSV.")
	}
	if c.Type == Date && (day.Day(n) < firstDate || day.Day(n) > lastDate) {
		return 0, false, refuse("date", c.Name, "Ett datum ligger utanför 1582-10-15–9999-12-31.", "A date lies outside 1582-10-15 to 9999-12-31.")
	}
	x = float64(n)
	if c.Type == Decimal {
		x /= math.Pow10(int(c.Scale)) // exact, so the quotient is the nearest
	}
	return x, true, nil
}

func (c *slot) absent() (float64, bool, error) {
	if !c.Nullable {
		return 0, false, missing(c.Column)
	}
	return 0, false, nil
}

// refuse is the fault for what a format cannot hold. It names the column only.
func refuse(code, column, sv, en string) *fault.Fault {
	return fault.New("format."+code, sv, en).At(fault.Where{Column: column})
}

// cut shortens a label to at most n bytes, whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRight(s[:n], " ")
}

func asUTF8(s string) ([]byte, bool) { return []byte(s), true }

// blanks pads b with n blanks.
func blanks(b []byte, n int) []byte {
	for range n {
		b = append(b, ' ')
	}
	return b
}

// fixed appends s, cut or padded with fill to n bytes.
func fixed(b []byte, s string, n int, fill byte) []byte {
	s = cut(s, n)
	b = append(b, s...)
	for range n - len(s) {
		b = append(b, fill)
	}
	return b
}
