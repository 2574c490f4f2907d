// Package population checks population and key files: who an order is about,
// and under which löpnummer.
//
// Make a [Check] from the header with [New], give it every line with
// [Check.Row], and read [Check.Result]. Every line falls into exactly one
// class: accepted, duplicate, or invalid for one [Reason]; the sums agree. What
// is accepted is handed on line by line as a [Person], which is how an intake
// collects it. docs/population.md says what each class means.
//
// A decision's [Spec] bounds the columns: one that it does not name stops the
// file. Without a decision further columns are passed over and noted.
//
// The package is pure and takes decoded cells; package form reads files. A
// result holds counts, line numbers and names of columns, never an identity
// number (promise 14).
//
// Source: reference domain §5 (import validation order), pseudonym §2.3.
package population

import (
	"bytes"
	"errors"
	"slices"
	"strconv"

	"sluss/internal/day"
	"sluss/internal/swede"
)

// Reason is why a line is not accepted. The words are a contract.
type Reason string

// The reasons. A line has the first that applies: empty, then the four about
// the number in this order, then format for a wrong value in a further column,
// unknown_column, and last lopnr_conflict.
const (
	Format        Reason = "format"         // not 10 or 12 digits with at most one sign; or a value that is not of its column's type
	Century       Reason = "century"        // not 18, 19 or 20, or contradicted by a +
	Date          Reason = "date"           // not a day of the calendar, or later than the reference day
	CheckDigit    Reason = "check_digit"    // wrong check digit
	LopnrConflict Reason = "lopnr_conflict" // one person with two löpnummer, or two persons with one
	Empty         Reason = "empty"          // no identity number, or no löpnummer where the file has a column for it
	UnknownColumn Reason = "unknown_column" // a value to the right of, or under a blank in, the header
)

// Person is an accepted line. Its slices are valid during the call only.
type Person struct {
	Line   int
	Number swede.Personnummer // zero for a legal person
	// Organisation is the number of an organisation, in a file of organisations;
	// a sole trader's is a person's, and Number too.
	Organisation swede.Organisationsnummer
	Serial       []byte  // löpnummer as it stands in the file; nil without such a column
	Extra        []Value // of the spec's columns that are not dropped, in the spec's order
}

// Value is a checked value of a further column.
type Value struct {
	Set  bool   // false = the cell is blank
	N    int64  // date: its [day.Day]; int: the number
	Code string // code
}

// Options says how to check. At is required.
type Options struct {
	At   day.Day    // decides the century of ten-digit numbers
	Mode swede.Mode // synthetic numbers or real ones, never both
	Spec *Spec      // from the decision; nil without one
	// Organisations reads organisation numbers, and sole traders' personnummer.
	Organisations bool
	ID            string // without a Spec: name of the column, "" = by the known names
	Serial        string
	// Accept, if set, receives every accepted line; its error ends the check.
	Accept func(Person) error
}

// Result counts a file's lines: Rows = Accepted + Duplicates + all Invalid.
// Its JSON form is a contract.
type Result struct {
	Rows       int              `json:"rows"` // lines without the header
	Accepted   int              `json:"accepted"`
	Duplicates int              `json:"duplicates"` // later valid lines of a person already accepted
	Invalid    map[Reason]int   `json:"invalid"`
	Lines      map[Reason][]int `json:"lines"` // ascending; line 1 is the header

	// What is worth saying besides.
	Differing     int            `json:"-"` // duplicates whose further columns differ from the accepted line
	Coordination  int            `json:"-"` // accepted samordningsnummer
	Organisations int            `json:"-"` // accepted legal persons; the other accepted lines are sole traders
	SerialNumber  int            `json:"-"` // lines whose löpnummer holds an identity number
	Passed        []string       `json:"-"` // columns that no decision names, passed over
	Dropped       []string       `json:"-"` // columns that the decision drops
	WrongValues   map[string]int `json:"-"` // wrong values by column
	BlankValues   map[string]int `json:"-"` // blank values of accepted lines by column
}

// Check checks one file. It is not safe for concurrent use.
type Check struct {
	o      Options
	layout layout
	result Result

	persons table // number without check digit -> index
	serials keySet
	held    []uint64 // index -> key of löpnummer, with a serial column
	extras  []uint64 // index -> sum of the further columns' text, with such columns
	texts   map[string]uint64
	values  []Value
}

// indexBits leaves room for 2²⁹ persons beside eleven digits, which are fewer
// than 2³⁵.
const indexBits = 29

// New begins a check of a file with the given header (line 1). It refuses, as
// a fault of class Input, a file without a header, without a column for the
// identity number, with a column twice, or with columns that differ from the
// decision's.
func New(header [][]byte, o Options) (*Check, error) {
	l, err := arrange(header, o)
	if err != nil {
		return nil, err
	}
	c := &Check{o: o, layout: l, texts: map[string]uint64{}, persons: table{low: indexBits}}
	c.result = Result{
		Invalid: map[Reason]int{}, Lines: map[Reason][]int{}, Passed: l.passed, Dropped: l.dropped,
		WrongValues: map[string]int{}, BlankValues: map[string]int{},
	}
	c.values = make([]Value, 0, len(l.extra))
	return c, nil
}

// Row checks one line. The error is Accept's.
func (c *Check) Row(line int, cells [][]byte) error {
	c.result.Rows++
	id := cell(cells, c.layout.id)
	who, err := c.identity(id)
	if err != nil {
		c.invalid(line, reasonOf(id, err))
		return nil
	}
	if !c.readExtra(cells) {
		c.invalid(line, Format)
		return nil
	}
	if c.strays(cells) {
		c.invalid(line, UnknownColumn)
		return nil
	}
	var serial []byte
	var key uint64
	if c.layout.serial >= 0 {
		serial = bytes.TrimSpace(cell(cells, c.layout.serial))
		if len(serial) == 0 {
			c.invalid(line, Empty)
			return nil
		}
		if len(serial) >= 10 && swede.Contains(serial) {
			c.result.SerialNumber++
		}
		key = c.serialKey(serial)
	}
	who.Line, who.Serial = line, serial
	return c.place(cells, who, key)
}

// identity reads the identity cell: a person's, or an organisation's.
func (c *Check) identity(cell []byte) (Person, error) {
	if !c.o.Organisations {
		n, err := swede.Parse(cell, c.o.At, c.o.Mode)
		return Person{Number: n}, err
	}
	o, err := swede.ParseOrganisation(cell, c.o.At, c.o.Mode)
	n, _ := o.Person()
	return Person{Number: n, Organisation: o}, err
}

// whole is the identity number with twelve digits; no two are the same.
func (p Person) whole() uint64 {
	if !p.Organisation.IsZero() {
		return p.Organisation.Whole()
	}
	return p.Number.Reveal()
}

// place decides between accepted, duplicate and conflict.
func (c *Check) place(cells [][]byte, who Person, key uint64) error {
	line := who.Line
	number := who.whole() / 10 // the check digit follows from the rest
	place, known := c.persons.find(number)
	switch {
	case known && (key == 0 || c.held[c.persons.index(place)] == key):
		c.result.Duplicates++
		if len(c.layout.extra) > 0 && c.extras[c.persons.index(place)] != c.sum(cells) {
			c.result.Differing++
		}
		return nil
	case known:
		c.invalid(line, LopnrConflict)
		return nil
	case key != 0:
		if !c.serials.add(key) {
			c.invalid(line, LopnrConflict)
			return nil
		}
		c.held = append(c.held, key)
	}
	c.persons.fill(place, number, c.result.Accepted)
	if len(c.layout.extra) > 0 {
		c.extras = append(c.extras, c.sum(cells))
	}
	c.result.Accepted++
	switch {
	case c.o.Organisations && who.Number.IsZero():
		c.result.Organisations++
	case who.Number.Coordination():
		c.result.Coordination++
	}
	for i, v := range c.values {
		if !v.Set {
			c.result.BlankValues[c.layout.extra[i].Name]++
		}
	}
	if c.o.Accept == nil {
		return nil
	}
	who.Extra = c.values
	return c.o.Accept(who)
}

// Result returns the counts so far.
func (c *Check) Result() Result { return c.result }

func (c *Check) invalid(line int, r Reason) {
	c.result.Invalid[r]++
	c.result.Lines[r] = append(c.result.Lines[r], line)
}

func reasonOf(id []byte, err error) Reason {
	switch {
	case errors.Is(err, swede.ErrCentury):
		return Century
	case errors.Is(err, swede.ErrDate):
		return Date
	case errors.Is(err, swede.ErrCheckDigit):
		return CheckDigit
	case len(bytes.TrimSpace(id)) == 0:
		return Empty
	}
	return Format
}

// readExtra fills c.values from the decision's columns and reports whether
// each is of its type.
func (c *Check) readExtra(cells [][]byte) bool {
	c.values = c.values[:0]
	ok := true
	for _, e := range c.layout.extra {
		v, err := e.Type.read(bytes.TrimSpace(cell(cells, e.at)))
		if err != nil {
			c.result.WrongValues[e.Name]++
			ok = false
		}
		c.values = append(c.values, v)
	}
	return ok
}

// strays reports whether a value stands where the header names no column.
func (c *Check) strays(cells [][]byte) bool {
	for i := c.layout.named; i < len(cells); i++ {
		if len(bytes.TrimSpace(cells[i])) > 0 {
			return true
		}
	}
	for _, i := range c.layout.blank {
		if len(bytes.TrimSpace(cell(cells, i))) > 0 {
			return true
		}
	}
	return false
}

// sum is FNV-1a over the further columns, to tell duplicates that differ.
func (c *Check) sum(cells [][]byte) uint64 {
	h := uint64(14695981039346656037)
	for _, e := range c.layout.extra {
		for _, b := range bytes.TrimSpace(cell(cells, e.at)) {
			h = (h ^ uint64(b)) * 1099511628211
		}
		h = (h ^ 0xFF) * 1099511628211
	}
	return h
}

// serialKey gives every text of a löpnummer its own number above 0: whole
// numbers of up to 18 digits by their value, everything else by its turn.
func (c *Check) serialKey(s []byte) uint64 {
	if len(s) <= 18 && (s[0] != '0' || len(s) == 1) {
		var n uint64
		digits := true
		for _, b := range s {
			if b < '0' || b > '9' {
				digits = false
				break
			}
			n = n*10 + uint64(b-'0')
		}
		if digits {
			return n + 1
		}
	}
	k, ok := c.texts[string(s)]
	if !ok {
		k = 1<<63 + uint64(len(c.texts))
		c.texts[string(s)] = k
	}
	return k
}

func cell(cells [][]byte, i int) []byte {
	if i < len(cells) {
		return cells[i]
	}
	return nil
}

var errValue = errors.New("not of the column's type")

// read reads a value: a date YYYY-MM-DD or YYYYMMDD, a whole number of at most
// 15 digits, or a code of at most 40 letters, digits and . _ - that is no
// identity number. Blank is no value and no error.
func (t Type) read(s []byte) (Value, error) {
	if len(s) == 0 {
		return Value{}, nil
	}
	switch t {
	case TypeDate:
		if len(s) == 8 {
			s = slices.Concat(s[:4], []byte{'-'}, s[4:6], []byte{'-'}, s[6:])
		}
		d, err := day.Parse(s)
		return Value{Set: err == nil, N: int64(d)}, err
	case TypeInt:
		n, err := strconv.ParseInt(string(s), 10, 64)
		if err != nil || len(s) > 16 || s[0] == '+' || n > 999_999_999_999_999 || n < -999_999_999_999_999 {
			return Value{}, errValue
		}
		return Value{Set: true, N: n}, nil
	case TypeCode:
		if !isCode(s) || swede.Contains(s) {
			return Value{}, errValue
		}
		return Value{Set: true, Code: string(s)}, nil
	}
	return Value{}, errValue
}

func isCode(s []byte) bool {
	n := 0
	for _, r := range string(s) {
		n++
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '.', r == '_', r == '-':
		case r == 'å', r == 'ä', r == 'ö', r == 'Å', r == 'Ä', r == 'Ö':
		default:
			return false
		}
	}
	return n <= 40
}
