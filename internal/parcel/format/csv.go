package format

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/encoding/charmap"

	"sluss/internal/day"
)

// csvFile writes rows as text: a header, LF after every line, and quotes only
// around cells that hold the delimiter, a quote or a line break, or that would
// read as a missing value.
type csvFile struct {
	w       io.Writer
	s       *Schema
	o       Options
	null    []byte
	texts   [][][]byte // cells of text columns by index, quoted and encoded
	buffers sync.Pool
}

func createCSV(w io.Writer, s *Schema, o Options) (*csvFile, error) {
	f := &csvFile{w: w, s: s, o: o, texts: make([][][]byte, len(s.Columns))}
	var err error
	if f.null, err = f.encodeText(o.Null); err != nil {
		return nil, fmt.Errorf("format: the text of missing values: %w", err)
	}
	var head []byte
	if o.Encoding == "utf-8-bom" {
		head = append(head, 0xEF, 0xBB, 0xBF)
	}
	for i, c := range s.Columns {
		name, err := f.cell(c.Name)
		if err != nil {
			return nil, fmt.Errorf("format: name of column %d: %w", i+1, err)
		}
		if i > 0 {
			head = append(head, o.Delimiter)
		}
		head = append(head, name...)
		if c.Type != Text {
			continue
		}
		cells := make([][]byte, len(c.Dict))
		cells[0] = f.null
		for k, t := range c.Dict[1:] {
			if cells[k+1], err = f.cell(t); err != nil {
				return nil, fmt.Errorf("format: a value of column %s: %w", c.Name, err)
			}
		}
		f.texts[i] = cells
	}
	_, err = w.Write(append(head, '\n'))
	return f, err
}

// cell returns a text as it stands in the file.
func (f *csvFile) cell(t string) ([]byte, error) {
	if strings.ContainsAny(t, "\"\r\n"+string(rune(f.o.Delimiter))) || t == f.o.Null {
		t = `"` + strings.ReplaceAll(t, `"`, `""`) + `"`
	}
	return f.encodeText(t)
}

func (f *csvFile) encodeText(t string) ([]byte, error) {
	if f.o.Encoding != "iso-8859-1" {
		return []byte(t), nil
	}
	b, err := charmap.ISO8859_1.NewEncoder().Bytes([]byte(t))
	if err != nil {
		return nil, fmt.Errorf("a character that ISO 8859-1 does not have")
	}
	return b, nil
}

func (f *csvFile) encode(b *Batch) (block, error) {
	buf, _ := f.buffers.Get().(*bytes.Buffer)
	if buf == nil {
		buf = &bytes.Buffer{}
	}
	buf.Reset()
	out := buf.AvailableBuffer()
	for row := range b.N {
		for i := range f.s.Columns {
			if i > 0 {
				out = append(out, f.o.Delimiter)
			}
			c, v := &f.s.Columns[i], &b.Cols[i]
			if c.Type.Wide() {
				n := v.I64[row]
				switch {
				case n == Null64:
					if !c.Nullable {
						return nil, missing(c)
					}
					out = append(out, f.null...)
				case c.Type == Decimal:
					out = appendDecimal(out, n, c.Scale, f.o.Decimal)
				default:
					out = strconv.AppendInt(out, n, 10)
				}
				continue
			}
			n := v.I32[row]
			if n == Null32 || n == 0 && c.Type == Text {
				if !c.Nullable {
					return nil, missing(c)
				}
				out = append(out, f.null...)
				continue
			}
			switch c.Type {
			case Date:
				out = f.appendDate(out, day.Day(n))
			case Text:
				out = append(out, f.texts[i][n]...)
			case Int32:
				out = strconv.AppendInt(out, int64(n), 10)
			default:
				out = appendPeriod(out, c.Type, n)
			}
		}
		out = append(out, '\n')
	}
	return bytes.NewBuffer(out), nil
}

func (f *csvFile) add(k block) error {
	buf := k.(*bytes.Buffer)
	_, err := f.w.Write(buf.Bytes())
	f.buffers.Put(buf)
	return err
}

func (f *csvFile) end(int64) error { return nil }

// Days of the years 1900–2099 are written from a table: the calendar is what
// costs most in a file full of dates.
const (
	tableFirst day.Day = -25567 // 1900-01-01
	tableDays  day.Day = 73049
)

var isoDays = sync.OnceValue(func() []byte {
	b := make([]byte, 0, int(tableDays)*10)
	for d := range tableDays {
		b = (tableFirst + d).AppendTo(b)
	}
	return b
})

func (f *csvFile) appendDate(b []byte, d day.Day) []byte {
	var iso []byte
	if d >= tableFirst && d < tableFirst+tableDays {
		i := int(d-tableFirst) * 10
		iso = isoDays()[i : i+10]
	} else {
		iso = d.AppendTo(make([]byte, 0, 10))
	}
	if f.o.Compact {
		return append(append(append(b, iso[:4]...), iso[5:7]...), iso[8:]...)
	}
	return append(b, iso...)
}

// appendPeriod appends a week as 2024-W05, a month as 2024-01 or a quarter as
// 2024-Q1.
func appendPeriod(b []byte, t Type, n int32) []byte {
	if t == Week { // it belongs to the year of its Thursday, and day 0 was one
		thursday := day.Day(n) * 7
		y := thursday.Year()
		w := (thursday-day.FirstOfYear(y))/7 + 1
		return append(appendYear(b, y), '-', 'W', byte('0'+w/10), byte('0'+w%10))
	}
	if t == Quarter {
		b = appendYear(b, int(n)/4)
		return append(b, '-', 'Q', byte('1'+n%4))
	}
	b = appendYear(b, int(n)/12)
	m := n%12 + 1
	return append(b, '-', byte('0'+m/10), byte('0'+m%10))
}

func appendYear(b []byte, y int) []byte {
	return append(b, byte('0'+y/1000%10), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10))
}

// appendDecimal appends n·10^−scale without trailing zeros: 22.5, 0.125, 20.
func appendDecimal(b []byte, n int64, scale uint8, sign byte) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	unit := int64(1)
	for range scale {
		unit *= 10
	}
	b = strconv.AppendInt(b, n/unit, 10)
	rest := n % unit
	if rest == 0 {
		return b
	}
	b = append(b, sign)
	for rest > 0 {
		unit /= 10
		b = append(b, byte('0'+rest/unit))
		rest %= unit
	}
	return b
}
