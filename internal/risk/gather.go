package risk

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"sluss/internal/exposure"
)

// Field is a delivered column as the report sees it.
type Field struct {
	Name    string
	Trait   bool // may be known of a person: goes into classes
	Event   bool // happened on a day, or in a period: goes into paths
	Content bool // the variable that classes must not give away
	Count   bool // codes and periods whose cells are counted
	Text    bool // searched for identifiers
	// Coarser returns a value one step coarser, at the level To; nil where the
	// catalogue has none.
	Coarser func(value string) string
	To      string
}

// needed says that cells of the field are looked at.
func (f Field) needed() bool { return f.Trait || f.Event || f.Content || f.Count || f.Text }

// Gather takes in the rows of one extract and keeps one record per person: of
// traits and content what stands in the person's first row, of events a hash
// of all. It needs four bytes per person and trait, and forty for paths,
// however many rows there are.
//
// Rows of a person come in the order of the file; they need not stand together.
type Gather struct {
	Extract, Table, Shape string
	fields                []Field
	persons               int
	frames                []frame // by field; empty where nothing is kept
	rows                  []uint32
	firsts                [firstPeriods][]uint64
	whole                 []uint64
	cells                 []tally // by field
	scan                  Scan
	buf                   []byte
}

// frame is a column with one value per person; code 0 is no row.
type frame struct {
	values []string
	index  map[string]uint32
	codes  []uint32
}

// tally counts the persons of each value of a column.
type tally struct {
	persons map[string]*cell
	capped  bool
}

type cell struct {
	n    int64
	last int // person counted last, so that several rows count once
}

// maxCells bounds the values that a column's cells are counted for.
const maxCells = 1 << 20

// NewGather returns an empty collection for so many persons, who are called
// by their place, from 0.
func NewGather(extract, table, shape string, fields []Field, persons int) *Gather {
	g := &Gather{
		Extract: extract, Table: table, Shape: shape, fields: fields, persons: persons, rows: make([]uint32, persons), whole: make([]uint64, persons),
		frames: make([]frame, len(fields)), cells: make([]tally, len(fields)),
	}
	for i := range g.firsts {
		g.firsts[i] = make([]uint64, persons)
	}
	for i, f := range fields {
		if f.Trait || f.Content {
			g.frames[i] = frame{values: []string{""}, index: map[string]uint32{}, codes: make([]uint32, persons)}
		}
		if f.Count {
			g.cells[i].persons = map[string]*cell{}
		}
	}
	return g
}

// Needed says which cells Row looks at; others may be "".
func (g *Gather) Needed() []bool {
	out := make([]bool, len(g.fields))
	for i, f := range g.fields {
		out[i] = f.needed()
	}
	return out
}

// Row takes in a row of a person, a text per field, "" for a missing value.
func (g *Gather) Row(person int, cells []string) {
	first := g.rows[person] == 0
	g.rows[person]++
	events := false
	g.buf = binary.LittleEndian.AppendUint64(g.buf[:0], g.whole[person])
	for i := range g.fields {
		f, text := &g.fields[i], cells[i]
		if first && g.frames[i].codes != nil {
			g.frames[i].set(person, text)
		}
		if f.Count && text != "" {
			g.cells[i].add(person, text)
		}
		if f.Text {
			g.scan.look(f.Name, text)
		}
		if f.Event {
			events = true
			g.buf = append(append(g.buf, text...), 0)
		}
	}
	if !events {
		return
	}
	h := hash(g.buf)
	g.whole[person] = h
	for k := min(int(g.rows[person])-1, firstPeriods); k < firstPeriods; k++ {
		g.firsts[k][person] = h // who has fewer rows is compared by what there is
	}
}

// hash is FNV-1a with its bits mixed (the finish of splitmix64): the same in
// every run. Paths are counted by it; two of a million collide once in forty
// million tries.
func hash(b []byte) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, x := range b {
		h = (h ^ uint64(x)) * 0x100000001b3
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func (f *frame) set(person int, text string) {
	code, ok := f.index[text]
	if !ok {
		text = strings.Clone(text)
		code = uint32(len(f.values))
		f.values = append(f.values, text)
		f.index[text] = code
	}
	f.codes[person] = code
}

func (t *tally) add(person int, text string) {
	c, ok := t.persons[text]
	switch {
	case ok && c.last != person:
		c.n, c.last = c.n+1, person
	case !ok && len(t.persons) >= maxCells:
		t.capped = true
	case !ok:
		t.persons[strings.Clone(text)] = &cell{1, person}
	}
}

// Found returns what was found in text cells, and how many were searched.
func (g *Gather) Found() Scan { return g.scan }

// Setting is what a report is made in.
type Setting struct {
	Policy exposure.Policy
	// Register is how many there are in the whole register of whom the rows are,
	// persons or organisations; 0 = not known.
	Register int
	Progress Teller // as in [Question]
}

// Part measures the extract.
func (g *Gather) Part(in Setting) (exposure.Part, error) {
	part, err := measureParts([]*Gather{g}, in)
	part.Extract, part.Table, part.Shape = g.Extract, g.Table, g.Shape
	for i, f := range g.fields {
		if !f.Count {
			continue
		}
		c := exposure.Cells{Column: f.Name, Capped: g.cells[i].capped}
		for _, x := range g.cells[i].persons {
			c.Cells++
			if x.n < exposure.Cell {
				c.Small++
			}
		}
		part.Cells = append(part.Cells, c)
	}
	return part, err
}

// Together measures what several extracts tell of the same persons: all traits
// of all of them, and all paths.
func Together(gs []*Gather, in Setting) (exposure.Part, error) { return measureParts(gs, in) }

// joined is a column of the table that is measured, from one extract.
type joined struct {
	field Field
	frame *frame
}

// measureParts joins the extracts by person and measures.
func measureParts(gs []*Gather, in Setting) (part exposure.Part, err error) {
	p := in.Policy
	here := present(gs)
	part = exposure.Part{Persons: exposure.Protect(int64(len(here)))}
	traits, content := columns(gs)
	for _, c := range traits {
		part.Traits = append(part.Traits, c.field.Name)
	}
	if len(here) == 0 {
		return part, nil
	}
	if part.Path, err = path(gs, here, p, newPace(in.Progress)); err != nil {
		return part, err
	}
	t, qi, sensitive := matrix(traits, content, here)
	q := Question{QI: qi, Sensitive: sensitive, Threshold: 1. / exposure.Cell, SUDA: len(traits) > 0, Effort: specialEffort, Progress: in.Progress}
	if in.Register > 0 {
		q.SamplingFraction = min(1, float64(len(here))/float64(in.Register))
	}
	r, err := Measure(t, q)
	if err != nil {
		return part, err
	}
	n := int64(r.Records)
	part.Classes = exposure.Protect(int64(r.Classes))
	part.K = exposure.Graded{Count: exposure.Protect(int64(r.K)), Light: p.K.AtLeast(int64(r.K))}
	part.Uniques = p.Uniques.Grade(int64(r.Uniques), n)
	part.AtRisk = p.AtRisk.Grade(int64(r.Below[slices.Index(Limits[:], exposure.Cell)]), n)
	if sensitive != "" && len(traits) > 0 {
		part.Content = &exposure.Content{
			Variable: content.field.Name, Distinct: int64(r.L.Distinct), Entropy: int64(r.L.Entropy * 100), Closeness: int64(*r.TCloseness * exposure.Whole),
			Light: p.Content.AtLeast(int64(r.L.Distinct)),
		}
	}
	part.Special = special(r, qi)
	part.WhatIf, err = whatIf(r, t, qi, traits, in.Progress)
	return part, err
}

// present lists the persons who have rows in any of the extracts.
func present(gs []*Gather) []int {
	var out []int
	for i := range gs[0].rows {
		if slices.ContainsFunc(gs, func(g *Gather) bool { return g.rows[i] > 0 }) {
			out = append(out, i)
		}
	}
	return out
}

// columns are the traits of the extracts, a name once, and the first content.
func columns(gs []*Gather) (traits []joined, content joined) {
	for _, g := range gs {
		for i, f := range g.fields {
			c := joined{f, &g.frames[i]}
			if f.Trait && !slices.ContainsFunc(traits, func(o joined) bool { return o.field.Name == f.Name }) {
				traits = append(traits, c)
			}
			if f.Content && content.frame == nil {
				content = c
			}
		}
	}
	return traits, content
}

// matrix has a record per person who is there. Without traits everybody is
// alike, which a column of nothing says. The content's name cannot be that of
// a trait.
func matrix(traits []joined, content joined, here []int) (t *Table, qi []string, sensitive string) {
	for _, c := range traits {
		qi = append(qi, c.field.Name)
	}
	if len(qi) == 0 {
		qi = []string{""}
	}
	t = NewTable(qi...)
	for i, c := range traits {
		t.columns[i] = c.frame.column(c.field.Name, here)
	}
	if len(traits) == 0 {
		t.columns[0] = &Column{dict: &dictionary{values: []string{""}, index: map[string]uint32{"": 0}}, codes: make([]uint32, len(here))}
	}
	if content.frame != nil {
		sensitive = "\x00content"
		t.columns = append(t.columns, content.frame.column(sensitive, here))
	}
	t.rows = len(here)
	return t, qi, sensitive
}

// column is the frame as a column of the persons who are there.
func (f *frame) column(name string, here []int) *Column {
	c := &Column{Name: name, dict: &dictionary{values: f.values, index: f.index}, codes: make([]uint32, len(here))}
	for i, person := range here {
		c.codes[i] = f.codes[person]
	}
	return c
}

// path counts who is alone by what happened.
func path(gs []*Gather, here []int, p exposure.Policy, pc *pace) (*exposure.Path, error) {
	out := &exposure.Path{}
	var with []*Gather
	for _, g := range gs {
		var names []string
		for _, f := range g.fields {
			if f.Event {
				names = append(names, f.Name)
			}
		}
		if names != nil {
			with, out.Columns = append(with, g), append(out.Columns, names...)
		}
	}
	if with == nil {
		return nil, nil
	}
	if err := pc.begin("sequences", int64(firstPeriods+1)*int64(len(here))); err != nil {
		return nil, err
	}
	slices.Sort(out.Columns)
	out.Columns = slices.Compact(out.Columns)
	keys := make([]uint64, len(here))
	alone := func(of func(*Gather) []uint64) (exposure.Graded, error) {
		buf := make([]byte, 0, 8*len(with))
		for i, person := range here {
			buf = buf[:0]
			for _, g := range with {
				buf = binary.LittleEndian.AppendUint64(buf, of(g)[person])
			}
			keys[i] = hash(buf)
		}
		return p.Path.Grade(singles(keys), int64(len(here))), pc.did(len(here))
	}
	for k := range firstPeriods {
		first, err := alone(func(g *Gather) []uint64 { return g.firsts[k] })
		if err != nil {
			return nil, err
		}
		out.First = append(out.First, first)
	}
	var err error
	out.Whole, err = alone(func(g *Gather) []uint64 { return g.whole })
	return out, err
}

// singles counts the keys that stand once; it sorts them.
func singles(keys []uint64) (n int64) {
	slices.Sort(keys)
	for i, k := range keys {
		if (i == 0 || keys[i-1] != k) && (i+1 == len(keys) || keys[i+1] != k) {
			n++
		}
	}
	return n
}

// whatIf says what each trait one step coarser would give, or without it,
// fewest uniques first, then the greatest k.
func whatIf(r *Report, t *Table, qi []string, traits []joined, tell Teller) ([]exposure.Coarser, error) {
	var each []Coarsening
	for _, c := range traits {
		if c.field.Coarser != nil {
			each = append(each, Coarsening{Column: c.field.Name, Kind: Level, To: c.field.To, Map: c.field.Coarser})
		}
		each = append(each, Coarsening{Column: c.field.Name, Kind: Drop})
	}
	effects, err := r.WhatIf(t, qi, each, tell)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(effects, func(a, b Effect) int { return cmp.Or(cmp.Compare(a.Uniques, b.Uniques), cmp.Compare(b.K, a.K)) })
	var out []exposure.Coarser
	for _, e := range effects {
		out = append(out, exposure.Coarser{Column: e.Column, To: e.To, K: exposure.Protect(int64(e.K)), Uniques: exposure.Protect(int64(e.Uniques))})
	}
	return out, nil
}
