// Package layout reads the lines of files in a register holder's own layout of
// 42 columns and turns them back into rows of a register.
//
// Such a file has one line per sub-spell, and one per gap inside a spell; every
// line repeats what its spell is ([catalog.ShapeLayout] delivers the same). The
// package says what a line must hold, whether the lines of a person hang
// together, and which rows of the register they came from:
//
//	cells ──Reader.Read──▶ Line ──Rows, a person at a time──▶ Row
//
// Whatever does not hang together is refused with line and column, never mended.
// The rows that come out give the spells of the file again: same first and last
// days, covered and net days, and money. Sub-spells that touch and differ only in
// what the layout does not tell become one.
//
// Sources: reference domain §1.3 (columns, the rule that days of sub-spells add
// up to days of the spell), §1.7 A4 (gaps as lines of extent 0), SFB 27:32.
package layout

import (
	"fmt"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
)

// Missing is how some of these files write a missing value; an empty cell is
// one, too.
const Missing = "-00"

// Line is one line of a file.
type Line struct {
	At        int    // line of the file, 1 is the first
	Person    string // as it stands in the file
	Benefit   string // "" in gaps
	Extent    uint16 // per mille
	Days      day.Span
	Open      bool  // it goes on; Days ends where the file ceased to know
	Covered   int32 // days with benefit
	Ore       int64
	Spell     day.Span
	Ongoing   bool
	Insured   string
	Diagnosis string
}

// gap reports whether the line is a stretch without benefit.
func (l *Line) gap() bool { return l.Extent == 0 && l.Covered == 0 }

// Columns that a reader looks at, by what their variable means.
const (
	colPerson = iota
	colBenefit
	colExtent
	colFrom
	colTom
	colDays
	colCovered
	colNet
	colOre
	colSpellFrom
	colSpellTom
	colSpellDays
	colInsured
	colDiagnose
	columns
)

// Options say how a file is written.
type Options struct {
	// Kronor: amounts are kronor with at most two decimals, else whole öre.
	Kronor bool
	// Benefits gives the register's benefit for codes that the file has in its
	// place; codes that are not in it stand for themselves.
	Benefits map[string]string
}

// Reader reads the lines of one file.
type Reader struct {
	o     Options
	names []string // of the layout
	at    [columns]int
	reg   *catalog.Register
}

// NewReader checks the header of a file against the layout of a table: the same
// columns, in the same order. The fault names the first that differs.
func NewReader(reg *catalog.Register, table *catalog.Table, header []string, o Options) (*Reader, error) {
	if len(table.Layout) == 0 {
		return nil, fault.New("layout.table", "Tabellen har ingen egen form.", "The table has no layout of its own.")
	}
	r := &Reader{o: o, reg: reg}
	for i := range r.at {
		r.at[i] = -1
	}
	for i, c := range table.Layout {
		r.names = append(r.names, c.Name)
		if i >= len(header) || header[i] != c.Name {
			return nil, fault.New("layout.header", fmt.Sprintf("Rubrikraden ska ha %d kolumner i formens ordning; den här kolumnen väntades på plats %d.", len(table.Layout), i+1),
				fmt.Sprintf("The header must have the %d columns of the layout in its order; this one was expected at place %d.", len(table.Layout), i+1)).At(fault.Where{Line: 1, Column: c.Name})
		}
		if k := meaning(table.Variable(c.Variable)); k >= 0 {
			r.at[k] = i
		}
	}
	if len(header) > len(table.Layout) {
		return nil, fault.New("layout.header", "Rubrikraden har fler kolumner än formen.", "The header has more columns than the layout.").At(fault.Where{Line: 1})
	}
	for k, at := range r.at {
		if at < 0 && k != colInsured && k != colDiagnose && k != colNet {
			return nil, fault.New("layout.table", "Formen saknar en kolumn som fall kräver.", "The layout lacks a column that spells need.")
		}
	}
	return r, nil
}

// meaning is the place among the columns that a reader looks at, −1 for others.
func meaning(v *catalog.Variable) int {
	roles := map[catalog.Role]int{
		catalog.RolePerson: colPerson, catalog.RoleBenefit: colBenefit, catalog.RoleExtent: colExtent,
		catalog.RoleFrom: colFrom, catalog.RoleTom: colTom, catalog.RoleAmount: colOre,
	}
	derived := map[string]int{
		"gross_days": colDays, "days": colCovered, "net_days": colNet, "spell_from": colSpellFrom, "spell_tom": colSpellTom, "spell_days": colSpellDays,
	}
	if k, ok := derived[v.Derive]; ok {
		return k
	}
	if k, ok := roles[v.Role]; ok {
		return k
	}
	switch v.ID {
	case "forsakradtyp":
		return colInsured
	case "diagnos":
		return colDiagnose
	}
	return -1
}

// Unused lists the columns whose content a register does not take in: those that
// have a value in these cells and that Read does not look at.
func (r *Reader) Unused(cells []string, seen map[string]bool) {
	for i, name := range r.names {
		if i < len(cells) && present(cells[i]) && !r.reads(i) && !seen[name] {
			seen[name] = true
		}
	}
}

func (r *Reader) reads(i int) bool {
	for _, at := range r.at {
		if at == i {
			return true
		}
	}
	return false
}

func present(s string) bool { return s != "" && s != Missing }

// cells is one line while it is read. The first fault stays.
type cells struct {
	r     *Reader
	at    int
	texts []string
	err   error
}

func (c *cells) refuse(k int, code, sv, en string) {
	if c.err == nil {
		c.err = refusal(c.at, c.r.names[c.r.at[k]], code, sv, en)
	}
}

func refusal(line int, column, code, sv, en string) error {
	return fault.New("layout."+code, sv, en).At(fault.Where{Line: line, Column: column})
}

// text returns a cell, "" where the value is missing.
func (c *cells) text(k int) string {
	at := c.r.at[k]
	if at < 0 || !present(c.texts[at]) {
		return ""
	}
	return c.texts[at]
}

// date reads a day; ok is false where it is missing.
func (c *cells) date(k int) (d day.Day, ok bool) {
	s := c.text(k)
	if s == "" {
		return 0, false
	}
	d, err := day.Parse(s)
	if err != nil {
		c.refuse(k, "date", "Cellen är inget datum ÅÅÅÅ-MM-DD.", "The cell is no date YYYY-MM-DD.")
	}
	return d, err == nil
}

// number reads a number with at most so many decimals as an integer of its last
// one; ok is false where it is missing.
func (c *cells) number(k, decimals int) (n int64, ok bool) {
	s := c.text(k)
	if s == "" {
		return 0, false
	}
	n, ok = parse(s, decimals)
	if !ok {
		c.refuse(k, "number", "Cellen är inget tal av det slag som kolumnen har.", "The cell is no number of the kind that the column has.")
	}
	return n, ok
}

// parse reads digits with a decimal point or comma.
func parse(s string, decimals int) (int64, bool) {
	head, rest, pointed := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	digits := strings.TrimPrefix(head, "-")
	if digits == "" || len(digits) > 14 || len(rest) > decimals || pointed && rest == "" || strings.Trim(digits+rest, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(head+rest+strings.Repeat("0", decimals-len(rest)), 10, 64)
	return n, err == nil
}

// need is number for a cell that must have a value.
func (c *cells) need(k, decimals int) int64 {
	n, ok := c.number(k, decimals)
	if !ok {
		c.refuse(k, "missing", "Cellen saknar värde.", "The cell has no value.")
	}
	return n
}

// Read reads one line, numbered as in the file, and checks what can be checked
// of it alone.
func (r *Reader) Read(at int, texts []string) (Line, error) {
	if len(texts) != len(r.names) {
		return Line{}, refusal(at, "", "columns", fmt.Sprintf("Raden har %d celler; %d väntades.", len(texts), len(r.names)), fmt.Sprintf("The line has %d cells; %d were expected.", len(texts), len(r.names)))
	}
	c := &cells{r: r, at: at, texts: texts}
	l := Line{At: at, Person: c.text(colPerson), Insured: c.text(colInsured), Diagnosis: c.text(colDiagnose)}
	if l.Person == "" {
		c.refuse(colPerson, "missing", "Cellen saknar värde.", "The cell has no value.")
	}
	r.benefit(c, &l)
	r.days(c, &l)
	r.spell(c, &l)
	l.Ore = r.amount(c)
	if !r.Known(l.Extent) {
		c.refuse(colExtent, "extent", "Omfattningen ska vara 0, 0,125, 0,25, 0,5, 0,75 eller 1.", "The extent must be 0, 0.125, 0.25, 0.5, 0.75 or 1.")
	}
	if l.Benefit == "" && l.Covered > 0 {
		c.refuse(colBenefit, "missing", "En rad med dagar med ersättning säger vilken ersättning.", "A line with days of benefit says which benefit.")
	}
	return l, c.err
}

// Known reports whether the law has the extent.
func (*Reader) Known(extent uint16) bool {
	switch extent {
	case 0, 125, 250, 500, 750, 1000:
		return true
	}
	return false
}

func (r *Reader) benefit(c *cells, l *Line) {
	code := c.text(colBenefit)
	if to, ok := r.o.Benefits[code]; ok && code != "" {
		code = to
	}
	if l.Benefit = code; code != "" && r.reg.Benefit(code) == nil {
		c.refuse(colBenefit, "benefit", "Registret har ingen sådan delförmån.", "The register has no such benefit.")
	}
}

func (r *Reader) amount(c *cells) int64 {
	if !r.o.Kronor {
		n, _ := c.number(colOre, 0)
		return n
	}
	n, _ := c.number(colOre, 2)
	return n
}

// days reads the days of the line: calendar days must be what the first and last
// day say, days with benefit all of them or none, net days those times extent.
func (r *Reader) days(c *cells, l *Line) {
	extent := c.need(colExtent, 3)
	l.Extent = uint16(min(max(extent, 0), 9999))
	from, ok := c.date(colFrom)
	if !ok {
		c.refuse(colFrom, "missing", "Cellen saknar värde.", "The cell has no value.")
	}
	total := c.need(colDays, 0)
	if c.err != nil {
		return
	}
	if total < 1 || total > 100_000 {
		c.refuse(colDays, "days", "Raden omfattar ingen dag, eller orimligt många.", "The line covers no day, or unreasonably many.")
		return
	}
	l.Days = day.Span{From: from, To: from + day.Day(total)}
	if tom, closed := c.date(colTom); !closed {
		l.Open = true
	} else if tom != l.Days.To-1 {
		c.refuse(colDays, "days", "Dagarna är inte de från och med första till och med sista dagen.", "The days are not those from the first day to the last.")
	}
	covered := c.need(colCovered, 0)
	if covered != total && (covered != 0 || l.Extent != 0) {
		c.refuse(colCovered, "covered", "Dagar med ersättning ska vara radens alla dagar, eller inga i en lucka.", "Days with benefit must be all days of the line, or none in a gap.")
	}
	l.Covered = int32(covered)
	if net, given := c.number(colNet, 3); given && net != covered*int64(l.Extent) {
		c.refuse(colNet, "net", "Nettodagarna är inte dagarna gånger omfattningen.", "Net days are not days times extent.")
	}
}

// spell reads the spell of the line. Its days are gross: all from first to last.
func (r *Reader) spell(c *cells, l *Line) {
	from, ok := c.date(colSpellFrom)
	if !ok {
		c.refuse(colSpellFrom, "missing", "Cellen saknar värde.", "The cell has no value.")
	}
	total := c.need(colSpellDays, 0)
	if c.err != nil {
		return
	}
	if total < 1 || total > 100_000 {
		c.refuse(colSpellDays, "days", "Fallet omfattar ingen dag, eller orimligt många.", "The spell covers no day, or unreasonably many.")
		return
	}
	l.Spell = day.Span{From: from, To: from + day.Day(total)}
	if tom, closed := c.date(colSpellTom); !closed {
		l.Ongoing = true
	} else if tom != l.Spell.To-1 {
		c.refuse(colSpellDays, "days", "Fallets dagar är inte de från och med första till och med sista dagen.", "The days of the spell are not those from its first day to its last.")
	}
	switch {
	case !l.Spell.Contains(l.Days):
		c.refuse(colFrom, "outside", "Raden ligger utanför sitt fall.", "The line lies outside its spell.")
	case l.Open && (!l.Ongoing || l.Days.To != l.Spell.To || l.gap()):
		c.refuse(colTom, "open", "Bara den sista raden i ett pågående fall saknar sista dag.", "Only the last line of an ongoing spell has no last day.")
	}
}
