package form

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"

	"sluss/internal/day"
)

// sheet streams the rows of one worksheet.
type sheet struct {
	x       *excel
	part    *part
	dec     *xml.Decoder
	line    int // last line handed out
	pending bool
	row     Row // the next row with content, when pending

	cells [][]byte
	text  []byte // values of the row that are not shared strings
	value []byte
}

var errSheet = errors.New("the sheet does not follow the format")

func (x *excel) openSheet(name string) (*sheet, error) {
	p, dec, err := x.part(name)
	if err != nil {
		return nil, err
	}
	return &sheet{x: x, part: p, dec: dec}, nil
}

func (s *sheet) close() error { return s.part.Close() }

// next returns every line from 1 to the last that holds a value, blank ones
// included; formatted but empty lines after it are not lines of the table.
func (s *sheet) next() (Row, error) {
	if !s.pending {
		row, err := s.nextRow()
		if err != nil {
			_ = s.close()
			return Row{}, err
		}
		s.row, s.pending = row, true
	}
	s.line++
	if s.line < s.row.Line {
		return Row{Line: s.line}, nil
	}
	s.pending = false
	return s.row, nil
}

// nextRow returns the next row that holds a value.
func (s *sheet) nextRow() (Row, error) {
	line := s.row.Line
	for {
		tok, err := token(s.dec)
		if err != nil {
			return Row{}, err
		}
		e, ok := tok.(xml.StartElement)
		if !ok || e.Name.Local != "row" {
			continue
		}
		if r := attr(e, "r"); r != "" {
			n, err := strconv.Atoi(r)
			if err != nil || n <= line {
				return Row{}, errSheet
			}
			line = n
		} else {
			line++
		}
		if line > maxRows {
			return Row{}, errSheet
		}
		if err := s.readCells(); err != nil {
			return Row{}, err
		}
		for _, c := range s.cells {
			if len(c) > 0 {
				return Row{line, s.cells}, nil
			}
		}
	}
}

// readCells reads the cells of a row up to its end.
func (s *sheet) readCells() error {
	s.cells, s.text = s.cells[:0], s.text[:0]
	column := 0
	for {
		tok, err := token(s.dec)
		if err != nil {
			return unexpected(err)
		}
		switch e := tok.(type) {
		case xml.EndElement:
			if e.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			var kind, ref, style string
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "t":
					kind = a.Value
				case "r":
					ref = a.Value
				case "s":
					style = a.Value
				}
			}
			if ref != "" {
				n := columnOf(ref)
				if n <= column {
					return errSheet
				}
				column = n
			} else {
				column++
			}
			if column > maxColumns {
				return errSheet
			}
			if err := s.readValue(); err != nil {
				return err
			}
			for len(s.cells) < column {
				s.cells = append(s.cells, nil)
			}
			if s.cells[column-1], err = s.cell(kind, style); err != nil {
				return err
			}
		}
	}
}

// columnOf returns the column of a cell reference, A = 1; 0 if it is none.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && n <= maxColumns; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n
}

// readValue collects the text of v, or of is/t, up to the end of the cell.
func (s *sheet) readValue() error {
	s.value = s.value[:0]
	inside := false
	for {
		tok, err := token(s.dec)
		if err != nil {
			return unexpected(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			inside = e.Name.Local == "v" || e.Name.Local == "t"
		case xml.EndElement:
			if e.Name.Local == "c" {
				return nil
			}
			inside = false
		case xml.CharData:
			if inside {
				s.value = append(s.value, e...)
			}
		}
	}
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// cell returns the text of the value just read.
func (s *sheet) cell(kind, style string) ([]byte, error) {
	switch kind {
	case "s":
		if len(s.value) == 0 {
			return nil, nil
		}
		i, err := strconv.Atoi(string(s.value))
		text, ok := s.x.shared.at(i)
		if err != nil || !ok {
			return nil, errSheet
		}
		return text, nil
	case "", "n":
		if len(s.value) == 0 {
			return nil, nil
		}
		i, _ := strconv.Atoi(style)
		return s.keep(s.x.styles.number(s.value, style != "" && i >= 0 && i < len(s.x.styles.date) && s.x.styles.date[i])), nil
	case "d":
		if len(s.value) > 10 && s.value[10] == 'T' {
			return s.keep(s.value[:10]), nil
		}
	}
	return s.keep(s.value), nil
}

// keep copies b into the row's own memory.
func (s *sheet) keep(b []byte) []byte {
	from := len(s.text)
	s.text = append(s.text, b...)
	return s.text[from:len(s.text):len(s.text)]
}

// number writes a numeric cell as people see it: a whole number as digits even
// if the file holds 1.9E11, a day as YYYY-MM-DD. A day with a time of day keeps
// the time as a fraction after T, which no check takes for a date.
func (st styles) number(v []byte, isDay bool) []byte {
	whole := true
	for i, c := range v {
		if (c < '0' || c > '9') && (c != '-' || i > 0) {
			whole = false
		}
	}
	if whole && !isDay {
		return v
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.Abs(f) >= 1e15 {
		return v
	}
	n := int64(math.Floor(f))
	if !isDay {
		if float64(n) != f {
			return v
		}
		return strconv.AppendInt(nil, n, 10)
	}
	d, ok := serialDay(n, st.base1904)
	if !ok {
		return v
	}
	out := d.AppendTo(nil)
	if float64(n) != f {
		out = append(append(out, 'T'), v...)
	}
	return out
}

// serialDay returns the day of an Excel serial number. In the 1900 system 1 is
// 1900-01-01 and 60 is 29 February 1900, which never was.
func serialDay(n int64, base1904 bool) (day.Day, bool) {
	switch {
	case n < 0 || n > 2_958_465: // 9999-12-31
		return 0, false
	case base1904:
		return day.Of(1904, 1, 1) + day.Day(n), true
	case n == 0 || n == 60:
		return 0, false
	case n < 60:
		return day.Of(1899, 12, 31) + day.Day(n), true
	}
	return day.Of(1899, 12, 30) + day.Day(n), true
}
