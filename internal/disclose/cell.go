package disclose

import (
	"slices"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// cell checks one cell by what its column holds.
func (s *sheet) cell(st *state, n int64, col *column, c Cell) {
	if c.Kind == Missing {
		s.missing(st, n, col)
		return
	}
	switch col.value {
	case vAbsent:
		s.add(Headers, s.file.Name, col.name, n)
	case vOther:
		s.other(n, col, c)
	case vEmployer:
		id, ok := identity(c)
		if _, listed := slices.BinarySearch(s.in.Employers, id); !ok || !listed {
			s.add(IDs, s.file.Name, col.name, n)
		}
	case vDate, vPeriod:
		s.date(st, n, col, c)
	case vCode:
		s.code(n, col, c)
	case vGroup:
		if st.person >= 0 && (c.Kind != Text || c.Text != s.in.People[st.person].Groups[col.group]) {
			s.add(Groups, s.file.Name, col.name, n)
		}
	case vWhole, vOre, vNet, vPercent, vFlag:
		s.number(st, n, col, c)
	}
}

func (s *sheet) missing(st *state, n int64, col *column) {
	if col.value == vGroup && st.person >= 0 && s.in.People[st.person].Groups[col.group] != "" {
		s.add(Groups, s.file.Name, col.name, n)
	}
	for i := range col.limits {
		if !col.limits[i].null {
			s.add(Codes, s.file.Name, col.name, n)
			return
		}
	}
}

// other checks the löpnummer of a person besides the one whose row it is.
func (s *sheet) other(n int64, col *column, c Cell) {
	id, ok := identity(c)
	if _, listed := slices.BinarySearch(s.in.Others, id); ok && !listed {
		_, ok = s.place(id)
	}
	if !ok {
		s.add(IDs, s.file.Name, col.name, n)
	}
}

// date checks resolution and window of a date or period.
func (s *sheet) date(st *state, n int64, col *column, c Cell) {
	days, ok := span(c, s.levelOf(col), s.extract.Output.Date == "yyyymmdd" && c.Kind == Text && s.levelOf(col) == "")
	if !ok {
		s.add(Resolution, s.file.Name, col.name, n)
		return
	}
	for i := range col.limits {
		if !col.limits[i].passesSpan(days) {
			s.add(Codes, s.file.Name, col.name, n)
			break
		}
	}
	if st.person < 0 || s.free(col) {
		return
	}
	if days.Intersect(st.window).Empty() {
		s.add(Dates, s.file.Name, col.name, n)
	}
}

// levelOf is the level that a column's dates are written at.
func (s *sheet) levelOf(col *column) string {
	switch {
	case col.level != "":
		return col.level
	case col.value == vDate:
		return ""
	case col.variable.Derive == "period":
		switch s.shape {
		case catalog.ShapePanelDay:
			return "" // a day
		case catalog.ShapePanelWeek:
			return "week"
		case catalog.ShapePanelMonth:
			return "month"
		case catalog.ShapePanelQuarter:
			return "quarter"
		case catalog.ShapePanelYear:
			return "year"
		}
		return "unknown"
	}
	return col.variable.Level // of an attribute, such as the year of birth
}

// free reports whether a date is bound by something else than the window alone:
// the ends of whole spells, which extent looks at, and attributes of the person
// such as the year of birth, which the register keeps as a period.
func (s *sheet) free(col *column) bool {
	v := col.variable
	switch {
	case v.Kind == catalog.KindPeriod && v.Derive == "":
		return true
	case v.Derive == "true_from" || v.Derive == "true_tom":
		return s.reveal
	case v.Role == catalog.RoleFrom || v.Role == catalog.RoleTom || v.Derive == "spell_from" || v.Derive == "spell_tom":
		return s.whole
	}
	return false
}

func (s *sheet) code(n int64, col *column, c Cell) {
	if c.Kind != Text {
		s.add(Codes, s.file.Name, col.name, n)
		return
	}
	if col.level == "icd_3" && !icd3(c.Text) || col.level == "county" && (len(c.Text) != 2 || !allDigits(c.Text)) {
		s.add(Resolution, s.file.Name, col.name, n)
		return
	}
	if col.closed && col.set.Find(c.Text) == nil {
		check := Codes
		if col.level != "" {
			check = Resolution
		}
		s.add(check, s.file.Name, col.name, n)
		return
	}
	if !col.closed && col.level != "" && col.level != "icd_3" && col.level != "county" {
		s.add(Resolution, s.file.Name, col.name, n) // a level that nobody knows
	}
	for i := range col.limits {
		if !col.limits[i].passesCode(c.Text, col.level) {
			s.add(Codes, s.file.Name, col.name, n)
			return
		}
	}
}

func (s *sheet) number(st *state, n int64, col *column, c Cell) {
	sign := byte('.')
	if s.extract.Output.Decimal == "," {
		sign = ','
	}
	var v int64
	ok := false
	switch col.value {
	case vNet:
		v, ok = decimal(c, 3, sign)
	case vPercent:
		scale := uint8(1)
		if s.shape == catalog.ShapeLayout { // a share, not per cent
			scale = 3
		}
		v, ok = decimal(c, scale, sign)
		ok = ok && v >= 0 && v <= 1000
	case vFlag:
		v, ok = whole(c)
		ok = ok && (v == 0 || v == 1)
	default:
		switch col.level {
		case "age_5y":
			ok = ageBand(c, 5)
		case "age_10y":
			ok = ageBand(c, 10)
		case "amount_1000": // whole thousands of kronor, in öre
			v, ok = whole(c)
			ok = ok && v%100_000 == 0
		case "":
			v, ok = whole(c)
		}
	}
	if !ok {
		s.add(Resolution, s.file.Name, col.name, n)
		return
	}
	if col.sum != "" {
		st.totals[col.name] += v
	}
	if col.anchor >= 0 && st.person >= 0 && !s.free(col) {
		a := s.in.People[st.person].Anchors[col.anchor]
		if d := a.Day + day.Day(v); !a.Set || v != int64(int32(v)) || d < st.window.From || d >= st.window.To {
			s.add(Dates, s.file.Name, col.name, n)
		}
	}
	for i := range col.limits {
		if !col.limits[i].passesNumber(v) {
			s.add(Codes, s.file.Name, col.name, n)
			return
		}
	}
}

// spell is one line of a spell or sub-spell file.
type spell struct {
	from, to day.Day
	group    string // spell group and key: what may not overlap with itself
	row      int64
}

// extent checks what a row's first and last day say together, and keeps spells
// for endPerson.
func (s *sheet) extent(st *state, n int64, cells []Cell) {
	if s.from < 0 || s.tom < 0 || st.person < 0 {
		return
	}
	compact := s.extract.Output.Date == "yyyymmdd"
	first, ok := oneDay(cells[s.from], compact && cells[s.from].Kind == Text)
	if !ok {
		return // said already
	}
	to := day.Open
	if cells[s.tom].Kind != Missing {
		last, ok := oneDay(cells[s.tom], compact && cells[s.tom].Kind == Text)
		if !ok {
			return
		}
		to = last.To
	} else if !s.reveal && s.in.Horizon > st.window.To {
		// An empty last day says that it goes on at the end of observation: where
		// that lies behind the window, it tells of days outside.
		s.add(Dates, s.file.Name, s.columns[s.tom].name, n)
	}
	if to <= first.From {
		s.add(Dates, s.file.Name, s.columns[s.tom].name, n)
		return
	}
	if s.whole && !s.picked(day.Span{From: first.From, To: to}, st.window) {
		s.add(Dates, s.file.Name, s.columns[s.from].name, n)
	}
	if group, known := s.groupOf(cells); known {
		st.spells = append(st.spells, spell{first.From, to, group, n})
	}
}

// picked reports whether a whole spell belongs to the window.
func (s *sheet) picked(d, window day.Span) bool {
	switch s.extract.Window.Mode {
	case "start_in":
		return window.From <= d.From && d.From < window.To
	case "end_in":
		return d.To != day.Open && window.From < d.To && d.To <= window.To
	}
	return !d.Intersect(window).Empty()
}

// groupOf returns what a spell may not overlap with: others of its spell group
// and key. known is false where the file does not tell, which is noted.
func (s *sheet) groupOf(cells []Cell) (group string, known bool) {
	if s.shape != catalog.ShapeSpell && s.shape != catalog.ShapeSubspell && s.shape != catalog.ShapeLayout {
		return "", false
	}
	var g *catalog.SpellGroup
	switch {
	case s.shape == catalog.ShapeLayout && len(s.reg.SpellGroups) == 1: // gaps have no benefit and overlap with nothing either
		g = &s.reg.SpellGroups[0]
	case s.benefit >= 0:
		b := s.reg.Benefit(cells[s.benefit].Text)
		if b == nil {
			return "", false // said already: not a code of the register
		}
		g = s.reg.Group(b.Group)
	case len(s.reg.SpellGroups) == 1:
		g = &s.reg.SpellGroups[0]
	}
	if g == nil {
		s.notes[Disjoint] = s.file.Name
		return "", false
	}
	group = g.ID
	for _, key := range g.Key {
		i := slices.IndexFunc(s.columns, func(c column) bool { return c.variable != nil && c.variable.ID == key && c.level == "" })
		if i < 0 {
			s.notes[Disjoint] = s.file.Name
			return "", false
		}
		id, _ := identity(cells[i])
		group += "\x00" + strconv.FormatUint(id, 10)
	}
	return group, true
}

// endPerson checks what the person's rows say together.
func (s *sheet) endPerson(st *state, n int64) {
	if st.person >= 0 && st.rows > s.mostRows(st.window) {
		s.add(Rows, s.file.Name, "", n)
	}
	st.rows = 0
	s.added(st)
	slices.SortFunc(st.spells, func(a, b spell) int {
		if a.group != b.group {
			if a.group < b.group {
				return -1
			}
			return 1
		}
		return int(a.from) - int(b.from)
	})
	for i := 1; i < len(st.spells); i++ {
		a, b := st.spells[i-1], st.spells[i]
		if a.group == b.group && b.from < a.to {
			s.add(Disjoint, s.file.Name, s.columns[s.from].name, b.row)
		}
	}
	st.spells = st.spells[:0]
}

// mostRows bounds a person's rows: a day can begin one spell and a period has
// one cell, for each group of spells. Payments, and spells with a key of their
// own, have no such bound.
func (s *sheet) mostRows(window day.Span) int64 {
	groups := int64(max(len(s.reg.SpellGroups), 1))
	for _, g := range s.reg.SpellGroups {
		if len(g.Key) > 0 {
			return 1 << 62
		}
	}
	if window.Empty() {
		return 0
	}
	days := int64(window.To - window.From)
	switch s.shape {
	case catalog.ShapePanelWeek:
		return groups * (days/7 + 2)
	case catalog.ShapePanelMonth:
		return groups * int64((window.To-1).Month()-window.From.Month()+1)
	case catalog.ShapePanelQuarter:
		return groups * int64((window.To-1).Month()/3-window.From.Month()/3+1)
	case catalog.ShapePanelYear:
		return groups * int64((window.To-1).Year()-window.From.Year()+1)
	case catalog.ShapePanelDay:
		return groups * days
	case catalog.ShapeSpell, catalog.ShapeSubspell, catalog.ShapeLayout:
		if !s.whole {
			return groups * days
		}
	}
	return 1 << 62
}
