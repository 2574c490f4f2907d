package spelltable

import (
	"bytes"

	"sluss/internal/fault"
)

// scanner reads CSV (RFC 4180) with the columns that the contract names. It is
// stricter than most readers: what looks odd is a fault with its place, never
// a guess. A byte order mark at the start and CR LF line ends are accepted.
type scanner struct {
	file    string
	columns []string
	b       []byte
	pos     int
	line    int // line of the next byte, from 1
	started int // line that the last record began on
	fields  [][]byte
}

// newScanner checks the header line, which must be columns and nothing else.
func newScanner(path string, b []byte, columns ...string) (*scanner, error) {
	s := &scanner{file: base(path), columns: columns, b: bytes.TrimPrefix(b, []byte("\ufeff")), line: 1, fields: make([][]byte, 0, len(columns))}
	fields, err := s.next()
	if err != nil {
		return nil, err
	}
	for i, c := range columns {
		if i >= len(fields) || string(fields[i]) != c {
			return nil, s.fault("spells.header", i, "rubrikraden är inte den avtalade.", "the header line is not the agreed one.")
		}
	}
	return s, nil
}

// part is how much has been read, from 0 to 1.
func (s *scanner) part() float64 { return float64(s.pos) / float64(max(len(s.b), 1)) }

// fault returns a fault at a column of the last record.
func (s *scanner) fault(code string, column int, sv, en string) *fault.Fault {
	column = min(column, len(s.columns)-1)
	return fault.New(code, sv, en).At(fault.Where{File: s.file, Line: max(s.started, 1), Column: s.columns[column]})
}

// next returns the fields of the next record, valid until the following call;
// nil after the last.
func (s *scanner) next() ([][]byte, error) {
	s.started = s.line
	s.fields = s.fields[:0]
	if s.pos < len(s.b) && (s.b[s.pos] == '\n' || s.b[s.pos] == '\r') {
		if len(bytes.Trim(s.b[s.pos:], "\r\n")) > 0 {
			return nil, s.fault("spells.empty_line", 0, "raden är tom.", "the line is empty.")
		}
		s.pos = len(s.b)
	}
	if s.pos == len(s.b) {
		return nil, nil
	}
	for {
		if len(s.fields) == len(s.columns) {
			return nil, s.fault("spells.field_count", len(s.fields), "raden har för många fält.", "the line has too many fields.")
		}
		field, last, err := s.field()
		if err != nil {
			return nil, err
		}
		s.fields = append(s.fields, field)
		if last {
			break
		}
	}
	if n := len(s.fields); n < len(s.columns) {
		return nil, s.fault("spells.field_count", n, "raden har för få fält.", "the line has too few fields.")
	}
	return s.fields, nil
}

// field reads one field and what ends it, a comma or (last) a line end.
func (s *scanner) field() (field []byte, last bool, err error) {
	start := s.pos
	if start < len(s.b) && s.b[start] == '"' {
		if field, err = s.quoted(); err != nil {
			return nil, false, err
		}
	} else {
		for s.pos < len(s.b) && !ends[s.b[s.pos]] {
			s.pos++
		}
		field = s.b[start:s.pos]
	}
	switch rest := s.b[s.pos:]; {
	case len(rest) == 0:
		return field, true, nil
	case rest[0] == ',':
		s.pos++
		return field, false, nil
	case rest[0] == '\n':
		s.pos++
	case rest[0] == '\r' && (len(rest) == 1 || rest[1] == '\n'):
		s.pos += min(2, len(rest))
	default:
		return nil, false, s.fault("spells.quote", len(s.fields), "ett citattecken eller en radbrytning står där det inte får stå.",
			"a quote or a line break stands where it must not.")
	}
	s.line++
	return field, true, nil
}

// ends are the bytes that end an unquoted field, or may not stand in one.
var ends = [256]bool{',': true, '\n': true, '\r': true, '"': true}

// quoted reads a field in quotes; a doubled quote stands for one.
func (s *scanner) quoted() ([]byte, error) {
	s.pos++
	start, doubled := s.pos, false
	for {
		i := bytes.IndexByte(s.b[s.pos:], '"')
		if i < 0 {
			return nil, s.fault("spells.quote", len(s.fields), "ett citattecken saknar sitt slut.", "a quote is never closed.")
		}
		s.pos += i + 1
		if s.pos < len(s.b) && s.b[s.pos] == '"' {
			s.pos++
			doubled = true
			continue
		}
		field := s.b[start : s.pos-1]
		s.line += bytes.Count(field, []byte("\n"))
		if doubled {
			field = bytes.ReplaceAll(field, []byte(`""`), []byte(`"`))
		}
		return field, nil
	}
}

// appendField appends text, in quotes only if it holds a comma, a quote or a
// line break.
func appendField(b []byte, text string) []byte {
	plain := true
	for i := range len(text) {
		plain = plain && !ends[text[i]]
	}
	if plain {
		return append(b, text...)
	}
	b = append(b, '"')
	for i := range len(text) {
		if text[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, text[i])
	}
	return append(b, '"')
}
