package disclose

import (
	"cmp"
	"slices"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
	"sluss/internal/swede"
)

// file checks one file against its extract; e is nil where nobody ordered it.
func (c *checker) file(f *File, e *plan.Extract) {
	s := &sheet{checker: c, file: f, extract: e}
	s.scanNames()
	for range f.Metadata {
		c.add(Metadata, f.Name, "", 0)
	}
	if e != nil {
		s.reg, s.table = c.in.Catalogue.Table(e.Table)
		row, ok := c.in.Scope.RowFor(e.Table)
		if !ok || s.table == nil || row.Period == nil {
			e = nil
		}
		s.row = row
	}
	if e == nil { // nothing is approved: say so, and look for numbers all the same
		c.add(Headers, f.Name, "", 0)
		c.add(Shape, f.Name, "", 0)
		s.columns = make([]column, len(f.Header)) // all unknown
		s.read(func(n int64, cells []Cell) {
			for i := range cells {
				s.scan(i, cells[i], n)
			}
		})
		return
	}
	s.shape = e.Shape.Of()
	s.reveal = e.History == "reveal" && s.row.Reveal
	s.whole = s.reveal && (e.Window.Mode == plan.ModeOverlap || e.Window.Mode == plan.ModeStartIn || e.Window.Mode == plan.ModeEndIn)
	if finer(s.shape, s.row.Shape) || !s.table.Allows(s.shape) || e.History == "reveal" && !s.row.Reveal {
		c.add(Shape, f.Name, "", 0)
	}
	if self := s.table.ByRole(catalog.RolePerson); c.in.Scope.Persons.Kind == plan.KindOrganisations && (self == nil || self.Entity != "employer") {
		c.add(IDs, f.Name, "", 0) // rows of persons, in a delivery of organisations
	}
	if !slices.Contains(c.in.Scope.Formats, e.Output.Format) {
		c.add(Shape, f.Name, "", 0)
	}
	s.arrange()
	s.check()
}

// shapeOrder lists shapes from the finest.
var shapeOrder = []catalog.Shape{
	catalog.ShapePayment, catalog.ShapeCorrection, catalog.ShapeLayout, catalog.ShapeSubspell, catalog.ShapeSpell,
	catalog.ShapePanelDay, catalog.ShapePanelWeek, catalog.ShapePanelMonth, catalog.ShapePanelQuarter, catalog.ShapePanelYear,
}

// finer reports whether a shape tells more than the bound, or other things than
// it: a month is not made of weeks, and a spell not of corrections.
func finer(s, bound catalog.Shape) bool {
	i, j := slices.Index(shapeOrder, s), slices.Index(shapeOrder, bound)
	alone := bound == catalog.ShapePanelWeek || bound == catalog.ShapeCorrection || s == catalog.ShapeCorrection && bound != catalog.ShapePayment
	return i < 0 || j < 0 || i < j || alone && s != bound
}

// read goes through the rows, which are numbered from 1, and checks that they
// are as wide as the header.
func (s *sheet) read(each func(n int64, cells []Cell)) (n int64) {
	for cells, err := range s.file.Rows {
		if err != nil {
			s.add(Readable, s.file.Name, "", n+1)
			return n
		}
		n++
		if len(cells) != len(s.file.Header) {
			s.add(Readable, s.file.Name, "", n)
			continue
		}
		for i := range cells {
			if cells[i].Kind == Other {
				s.add(Readable, s.file.Name, s.file.Header[i], n)
			}
		}
		each(n, cells)
	}
	return n
}

// state is where the reading of a file has come.
type state struct {
	person int // place in People, −1 none yet
	id     uint64
	ids    int64 // persons so far
	inFile []bool
	window day.Span
	rows   int64 // of the person
	spells []spell
	totals map[string]int64
	sums   map[day.Day]spellDays // of the person, by first day of the spell
}

// check reads the rows of an ordered file.
func (s *sheet) check() {
	st := &state{person: -1, inFile: make([]bool, len(s.in.People)), totals: map[string]int64{}}
	n := s.read(func(n int64, cells []Cell) { s.checkRow(st, n, cells) })
	s.endPerson(st, n)
	t := s.file.Totals
	if n != t.Rows || s.file.Stated >= 0 && s.file.Stated != n {
		s.add(Rows, s.file.Name, "", 0)
	}
	if st.ids != t.Persons {
		s.add(Sums, s.file.Name, "", 0)
	}
	for _, c := range s.columns {
		want, shown := map[string]int64{"days": t.Days, "net_days": t.Net, "ore": t.Ore}[c.sum]
		if shown && st.totals[c.name] != want {
			s.add(Sums, s.file.Name, c.name, 0)
		}
	}
}

func (s *sheet) checkRow(st *state, n int64, cells []Cell) {
	for i := range cells {
		s.scan(i, cells[i], n)
	}
	if s.id >= 0 {
		s.turn(st, n, cells[s.id])
	}
	st.rows++
	for i := range cells {
		s.cell(st, n, &s.columns[i], cells[i])
	}
	s.extent(st, n, cells)
	s.addUp(st, n, cells)
}

// turn goes to the person of a row.
func (s *sheet) turn(st *state, n int64, c Cell) {
	id, ok := identity(c)
	if ok && id == st.id && st.person >= 0 {
		return
	}
	s.endPerson(st, n-1)
	if !ok {
		s.add(IDs, s.file.Name, s.columns[s.id].name, n)
		st.person, st.id, st.window = -1, 0, day.Span{}
		return
	}
	if id < st.id {
		s.add(Order, s.file.Name, s.columns[s.id].name, n)
	}
	st.id = id
	i, found := s.place(id)
	if !found {
		s.add(IDs, s.file.Name, s.columns[s.id].name, n)
		st.person, st.window = -1, day.Span{}
		return
	}
	st.person = i
	s.seen[i] = true
	if !st.inFile[i] {
		st.inFile[i] = true
		st.ids++
	}
	st.window = s.windowOf(s.in.People[i])
	if st.window.Empty() { // no anchor, or one far off: such a person gives no rows
		s.add(Dates, s.file.Name, "", n)
	}
}

// place finds a person in People.
func (c *checker) place(id uint64) (int, bool) {
	return slices.BinarySearchFunc(c.in.People, id, func(p Person, id uint64) int { return cmp.Compare(p.ID, id) })
}

// identity reads a löpnummer or number: digits without sign or leading zero.
func identity(c Cell) (uint64, bool) {
	n, ok := whole(c)
	return uint64(max(n, 0)), ok && n > 0
}

// windowOf returns the days that a person's rows may tell about: the
// specification's window within the decided period, and within the decided
// stretch around an anchor. It is empty where an anchor is missing.
func (s *sheet) windowOf(p Person) day.Span {
	out := s.row.Period.Span()
	out = out.Intersect(s.resolve(s.extract.Window, p))
	if s.row.Around != nil {
		out = out.Intersect(s.resolve(*s.row.Around, p))
	}
	return out
}

func (s *sheet) resolve(w plan.Window, p Person) day.Span {
	from, ok := s.bound(w.From, p)
	to, ok2 := s.bound(w.To, p)
	if !ok || !ok2 {
		return day.Span{}
	}
	return day.Span{From: from, To: to}
}

func (s *sheet) bound(b plan.Bound, p Person) (day.Day, bool) {
	if !b.Relative() {
		return b.Date, true
	}
	k := slices.Index(anchorNames(&s.in.Spec), b.Anchor)
	if k < 0 || k >= len(p.Anchors) || !p.Anchors[k].Set {
		return 0, false
	}
	return p.Anchors[k].Day.Add(b.Offset), true
}

// scanNames looks for identity numbers in everything but the rows.
func (s *sheet) scanNames() {
	if s.reads(s.file.Name, false) {
		s.add(Numbers, s.file.Name, "", 0)
	}
	for _, h := range s.file.Header {
		if s.reads(h, false) {
			s.add(Numbers, s.file.Name, "", 0)
		}
	}
	for _, m := range s.file.Metadata {
		if s.reads(m[0], false) || s.reads(m[1], false) {
			s.add(Numbers, s.file.Name, "", 0)
		}
	}
}

// scan looks for an identity number in a cell. Where the decision names
// persons by their number, the columns of persons hold one and nothing else.
func (s *sheet) scan(i int, c Cell, n int64) {
	col := &s.columns[i]
	text := c.Text
	if c.Kind == Number {
		if c.N < 1_000_000_000 {
			return
		}
		text = strconv.FormatInt(c.N, 10)
	}
	if len(text) < 10 || c.Kind == Date || c.Kind == Missing {
		return
	}
	if (col.value == vID || col.value == vOther) && s.in.Scope.Identity.Kind == plan.IdentityPersonalNumber && s.in.Spec.Identity.Kind == plan.IdentityPersonalNumber {
		return
	}
	// A long number is full of numbers: in a column of numbers only the whole
	// cell counts, in a text every part.
	numeric := col.value == vID || col.value == vOther || col.value == vEmployer || col.value == vOre || col.value == vWhole || col.value == vNet
	if s.reads(text, numeric) {
		s.add(Numbers, s.file.Name, s.file.Header[i], n)
	}
}

// reads reports whether a text holds an identity number, or with alone, is one.
func (s *sheet) reads(text string, alone bool) (hit bool) {
	if len(text) < 10 {
		return false
	}
	found := func(h swede.Hit) bool {
		hit = !alone || h.Start == 0 && h.End == len(text)
		return !hit
	}
	swede.FindIn(text, swede.Real, found)
	if !hit && s.in.Synthetic {
		swede.FindIn(text, swede.Synthetic, found)
	}
	return hit
}
