package spelltable

import (
	"bytes"
	"cmp"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"sluss/internal/day"
	"sluss/internal/episode"
	"sluss/internal/fault"
)

// Columns of the rows file, in order.
const (
	colPerson = iota
	colBenefit
	colTrack
	colRowID
	colTx
	colKind
	colFrom
	colTom
	colExtent
	colAmount
	colWaits
	colIll
)

var rowColumns = []string{"person", "benefit", "track", "row_id", "tx", "kind", "from", "tom", "extent", "amount_ore"}

// toldColumns may follow: what applications say, which assumptions A2 and A3 look at.
var toldColumns = []string{"waiting_days", "ill_from"}

// names gives texts numbers, in the order in which they are met.
type names struct {
	id   map[string]uint32
	text []string
}

func newNames() *names { return &names{id: map[string]uint32{}} }

func (n *names) number(b []byte) uint32 {
	if id, ok := n.id[string(b)]; ok {
		return id
	}
	id := uint32(len(n.text))
	text := string(b)
	n.id[text] = id
	n.text = append(n.text, text)
	return id
}

// ranks returns the place of each name in bytewise order.
func (n *names) ranks() []uint32 {
	order := make([]uint32, len(n.text))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(n.text[a], n.text[b]) })
	ranks := make([]uint32, len(order))
	for place, id := range order {
		ranks[id] = uint32(place)
	}
	return ranks
}

// table holds the rows of a file. Row.Key is the benefit. A row that stands in
// the file several times, row id and all, is held once (S2).
type table struct {
	file              string
	rows              []episode.Row
	person            []uint32 // by row
	line              []int32  // by row
	persons, benefits *names
}

func readRows(q *question, stdin io.Reader, w *watch) (*table, error) {
	b, err := read(q.rows, stdin)
	if err != nil {
		return nil, err
	}
	columns := rowColumns
	if header, _, _ := bytes.Cut(b, []byte("\n")); bytes.Count(header, []byte(",")) > len(rowColumns) {
		columns = slices.Concat(rowColumns, toldColumns)
	}
	s, err := newScanner(q.rows, b, columns...)
	if err != nil {
		return nil, err
	}
	if told := len(columns) > len(rowColumns); !told && (q.sickPay.MaxDays > 0 || q.kernel.Rule.FarGap > 0) {
		return nil, fault.New("spells.header", "--far-gap och --sick-pay kräver kolumnerna waiting_days och ill_from.", "--far-gap and --sick-pay need the columns waiting_days and ill_from.").
			At(fault.Where{File: s.file, Line: 1})
	}
	n := bytes.Count(b, []byte("\n"))
	t := &table{
		file: s.file, rows: make([]episode.Row, 0, n), person: make([]uint32, 0, n), line: make([]int32, 0, n),
		persons: newNames(), benefits: newNames(),
	}
	tracks, extents, tellings := newNames(), newNames(), newNames()
	byID := make(map[int64]int32, n)
	for i := 0; ; i++ {
		if err := w.came("read", i, s.part); err != nil {
			return nil, err
		}
		fields, err := s.next()
		if err != nil {
			return nil, err
		}
		if fields == nil {
			break
		}
		r, err := s.row(fields)
		if err != nil {
			return nil, err
		}
		person := t.persons.number(fields[colPerson])
		r.Key, r.Track = t.benefits.number(fields[colBenefit]), tracks.number(fields[colTrack])
		if len(fields) > colIll {
			if err := s.told(fields, q, &r); err != nil {
				return nil, err
			}
			r.Rest = tellings.number(slices.Concat(fields[colWaits], []byte{','}, fields[colIll]))
		}
		r.MoneyOnly = q.topUp.Is(r.Amount, r.From, r.To, r.Extent) && r.Extent <= episode.Full
		if r.Extent == episode.NoExtent {
			// Such a row is never used; its text only tells contents apart.
			r.State = extents.number(fields[colExtent])
		}
		if old, met := byID[r.RowID]; met {
			if t.rows[old] != r || t.person[old] != person {
				return nil, s.fault("spells.row_id", colRowID, "samma row_id har stått tidigare med annat innehåll.", "the same row_id stood before with another content.")
			}
			continue
		}
		byID[r.RowID] = int32(len(t.rows))
		t.rows, t.person, t.line = append(t.rows, r), append(t.person, person), append(t.line, int32(s.started))
	}
	return t, nil
}

// row reads the cells that the kernel needs. Whether the row can be used is
// asked later, of live rows only.
func (s *scanner) row(f [][]byte) (r episode.Row, err error) {
	for _, c := range []int{colPerson, colBenefit, colTrack, colExtent} {
		if !utf8.Valid(f[c]) {
			return r, s.fault("spells.cell", c, "cellen är inte UTF-8.", "the cell is not UTF-8.")
		}
	}
	for _, c := range []struct {
		column int
		into   *int64
	}{{colRowID, &r.RowID}, {colTx, &r.Tx}, {colAmount, &r.Amount}} {
		n, ok := parseInt(f[c.column])
		if !ok {
			return r, s.fault("spells.cell", c.column, "cellen är inget heltal.", "the cell is not an integer.")
		}
		*c.into = n
	}
	if r.Amount < 0 {
		return r, s.fault("spells.cell", colAmount, "beloppet är negativt; en återföring har kind rev.", "the amount is negative; a reversal has kind rev.")
	}
	switch string(f[colKind]) {
	case "pay":
	case "rev":
		r.Kind = episode.Rev
	default:
		return r, s.fault("spells.cell", colKind, "kind är varken pay eller rev.", "kind is neither pay nor rev.")
	}
	if r.From, err = day.Parse(f[colFrom]); err != nil {
		return r, s.dateFault(colFrom)
	}
	r.To = day.Open
	if len(f[colTom]) > 0 {
		tom, err := day.Parse(f[colTom])
		if err != nil {
			return r, s.dateFault(colTom)
		}
		r.To = tom + 1
	}
	r.Extent = episode.ParseExtent(f[colExtent])
	return r, nil
}

// told reads what the application says.
func (s *scanner) told(f [][]byte, q *question, r *episode.Row) error {
	if len(f[colWaits]) > 0 {
		n, ok := parseInt(f[colWaits])
		if !ok || n < 0 {
			return s.fault("spells.cell", colWaits, "cellen är inget antal dagar.", "the cell is not a number of days.")
		}
		r.Far = n > 1
	}
	if len(f[colIll]) > 0 {
		ill, err := day.Parse(f[colIll])
		if err != nil {
			return s.dateFault(colIll)
		}
		r.Lead = q.sickPay.Before(ill, r.From)
	}
	return nil
}

func (s *scanner) dateFault(column int) error {
	return s.fault("spells.cell", column, "cellen är inget datum ÅÅÅÅ-MM-DD.", "the cell is not a date YYYY-MM-DD.")
}

// readAnchors returns the anchor of each person by number. Persons without
// rows get numbers of their own and are met by nobody.
func readAnchors(q *question, t *table, stdin io.Reader, w *watch) (map[uint32]day.Day, error) {
	b, err := read(q.anchors, stdin)
	if err != nil {
		return nil, err
	}
	s, err := newScanner(q.anchors, b, "person", "anchor")
	if err != nil {
		return nil, err
	}
	anchors := map[uint32]day.Day{}
	for i := 0; ; i++ {
		if err := w.came("anchors", i, s.part); err != nil {
			return nil, err
		}
		fields, err := s.next()
		if err != nil {
			return nil, err
		}
		if fields == nil {
			return anchors, nil
		}
		if !utf8.Valid(fields[0]) {
			return nil, s.fault("spells.cell", 0, "cellen är inte UTF-8.", "the cell is not UTF-8.")
		}
		if len(fields[1]) == 0 {
			continue
		}
		d, err := day.Parse(fields[1])
		if err != nil {
			return nil, s.dateFault(1)
		}
		if w := q.around(d); w.From >= w.To {
			return nil, s.fault("spells.empty_window", 1, "indexdatumet ger ett fönster utan dagar.", "the anchor gives a window without days.")
		}
		person := t.persons.number(fields[0])
		if old, met := anchors[person]; met && old != d {
			return nil, s.fault("spells.anchor", 1, "personen har redan ett annat indexdatum.", "the person already has another anchor.")
		}
		anchors[person] = d
	}
}

// around returns the window of an anchor.
func (q *question) around(anchor day.Day) episode.Window {
	w := q.window
	w.From, w.To = anchor.Add(q.fromOffset), anchor.Add(q.toOffset)
	return w
}

// sortOut returns the usable live rows, one slice per person in bytewise order
// of person, with benefits numbered in bytewise order; and the rejects in the
// order of the file.
func (t *table) sortOut(q *question) (persons []personRows, rejects []reject, err error) {
	benefits, ranks := t.benefits.ranks(), t.persons.ranks()
	usable := make([]int32, 0, len(t.rows))
	ends := make([]int32, len(ranks)+1) // of each person's rows, by rank + 1
	for i := range t.rows {
		r := &t.rows[i]
		if r.Tx > q.kernel.AsOf {
			continue
		}
		if why := r.Test(t.persons.text[t.person[i]] != "", t.benefits.text[r.Key] != ""); why != episode.Accepted {
			rejects = append(rejects, reject{int32(i), why})
			continue
		}
		if r.To == day.Open && q.kernel.Horizon == day.Open {
			return nil, nil, fault.New("spells.horizon", "raden har inget slut och --horizon saknas.", "the row has no end and --horizon is missing.").
				At(fault.Where{File: t.file, Line: int(t.line[i]), Column: rowColumns[colTom]})
		}
		usable = append(usable, int32(i))
		ends[ranks[t.person[i]]+1]++
	}
	for p := range ranks {
		ends[p+1] += ends[p]
	}
	sorted := make([]episode.Row, len(usable))
	starts := slices.Clone(ends)
	for _, i := range usable {
		p := ranks[t.person[i]]
		r := t.rows[i]
		r.Key = benefits[r.Key]
		sorted[starts[p]] = r
		starts[p]++
	}
	for id, p := range ranks {
		if ends[p] < ends[p+1] {
			persons = append(persons, personRows{uint32(id), sorted[ends[p]:ends[p+1]]})
		}
	}
	slices.SortFunc(persons, func(a, b personRows) int { return cmp.Compare(ranks[a.person], ranks[b.person]) })
	return persons, rejects, t.checkSums(q, persons)
}

// personRows are the usable live rows of one person.
type personRows struct {
	person uint32
	rows   []episode.Row
}

// checkSums refuses amounts whose sum could pass 63 bits in a cell.
func (t *table) checkSums(q *question, persons []personRows) error {
	if _, panel := q.shape.unit(); !panel {
		return nil
	}
	for _, p := range persons {
		sum := int64(0)
		for i := range p.rows {
			if p.rows[i].Amount > math.MaxInt64-sum {
				return fault.New("spells.amount_sum", "beloppen för en person är för stora att summera.", "the amounts of a person are too great to add up.").
					At(fault.Where{File: t.file, Column: rowColumns[colAmount]})
			}
			sum += p.rows[i].Amount
		}
	}
	return nil
}
