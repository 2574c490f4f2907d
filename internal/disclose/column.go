package disclose

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/plan"
)

// value is what a column's cells mean.
type value uint8

const (
	vUnknown value = iota // nothing is known: the header check has failed
	vID                   // whose row it is
	vOther                // another person
	vEmployer
	vDate
	vPeriod
	vWhole   // counts, numbers in order, ages
	vOre     // money in öre
	vNet     // days with three decimals
	vPercent // extent with one decimal
	vFlag    // 0 or 1
	vCode
	vAbsent // nothing may stand there
	vGroup  // passes through from the population file
)

// column is a delivered column as the decision and the specification see it.
type column struct {
	name     string
	value    value
	variable *catalog.Variable
	fn       string // what computes it, "" for a stored value
	level    string // as delivered
	group    int    // of vGroup
	anchor   int    // the column counts days from this anchor, −1 none
	set      catalog.ValueSet
	closed   bool // codes outside set are wrong
	limits   []limit
	sum      string // control sum that it shows, "" none
}

// sheet is a file being checked.
type sheet struct {
	*checker
	file    *File
	extract *plan.Extract
	row     plan.Row
	reg     *catalog.Register
	table   *catalog.Table
	shape   catalog.Shape
	columns []column // by place in the header
	id      int      // places in the header, −1 = not there
	from    int
	tom     int
	benefit int
	// In a layout that tells of spells: days of a line, first day and days of its spell.
	lineDays, spellFrom, spellDays int

	reveal bool
	whole  bool // whole spells are delivered, not what lies in the window
}

// arrange finds out what every column of the header is, and adds findings for
// what may not be there.
func (s *sheet) arrange() {
	s.id, s.from, s.tom, s.benefit = -1, -1, -1, -1
	s.lineDays, s.spellFrom, s.spellDays = -1, -1, -1
	s.columns = make([]column, len(s.file.Header))
	taken := map[string]bool{}
	for i, name := range s.file.Header {
		s.columns[i] = column{name: name, anchor: -1}
		if taken[name] {
			s.add(Headers, s.file.Name, name, 0)
			continue
		}
		taken[name] = true
		if !s.assign(i, name) {
			s.add(Headers, s.file.Name, name, 0)
		}
	}
	for _, c := range s.extract.Columns {
		if !taken[c.Out()] {
			s.add(Headers, s.file.Name, c.Out(), 0)
		}
	}
	for _, name := range groupNames(&s.in.Spec) {
		if !taken[name] {
			s.add(Headers, s.file.Name, name, 0)
		}
	}
	if s.id < 0 {
		s.add(IDs, s.file.Name, "", 0)
	}
}

// assign fills in the column at place i; false where nothing approves it.
func (s *sheet) assign(i int, name string) bool {
	for k := range s.extract.Columns {
		if c := &s.extract.Columns[k]; c.Out() == name {
			return s.assignVariable(i, c)
		}
	}
	k := slices.Index(groupNames(&s.in.Spec), name)
	if k < 0 {
		return false
	}
	for _, p := range s.in.Scope.Persons.Columns {
		if p.Name == name && p.Use == "pass" {
			s.columns[i].value, s.columns[i].group = vGroup, k
			return true
		}
	}
	// Of a population that is drawn from the registers, the decision's criteria
	// themselves bring these columns.
	if c := s.in.Scope.Persons.Criteria; s.in.Scope.Persons.Source == plan.SourceCriteria && c != nil && (c.Controls != nil || c.Relatives != nil) && (name == plan.GroupRole || name == plan.GroupSet) {
		s.columns[i].value, s.columns[i].group = vGroup, k
		return true
	}
	return false
}

func (s *sheet) assignVariable(i int, c *plan.Column) bool {
	v := s.table.Variable(c.Name)
	if v == nil || !slices.Contains(v.Shapes, s.shape) {
		return false
	}
	col := &s.columns[i]
	col.variable, col.fn = v, v.Derive
	if c.Derive != nil {
		col.fn = c.Derive.Fn
	}
	if c.Coarsen != nil {
		col.level = c.Coarsen.To
	}
	if col.fn == "days_from_anchor" {
		name, _ := c.Derive.Args["anchor"].(string)
		if col.anchor = slices.Index(anchorNames(&s.in.Spec), name); col.anchor < 0 {
			return false
		}
	}
	if v.Role == catalog.RolePerson {
		if s.id >= 0 {
			return false
		}
		s.id, col.value = i, vID
		return true
	}
	if col.fn == plan.FnAbsent { // what tells nothing needs no leave
		col.value = vAbsent
		return true
	}
	k := slices.IndexFunc(s.row.Variables, func(b plan.VariableBound) bool { return b.ID == v.ID })
	if k < 0 {
		return false
	}
	if bound := s.row.Variables[k].Level; !coarseEnough(v, col.level, bound) && !s.countsCoarse(c, bound) {
		s.add(Resolution, s.file.Name, col.name, 0)
	}
	col.value = meaning(v, col.fn)
	if col.value == vCode {
		col.set, col.closed = s.codes(v, col.level)
	}
	col.limits = s.limitsOf(v, col)
	s.note(i, col)
	return col.value != vUnknown
}

// note remembers the places of columns that other checks need.
func (s *sheet) note(i int, col *column) {
	plain := col.level == "" && col.fn == ""
	switch {
	case plain && col.variable.Role == catalog.RoleFrom:
		s.from = i
	case plain && col.variable.Role == catalog.RoleTom:
		s.tom = i
	case plain && col.variable.Role == catalog.RoleBenefit:
		s.benefit = i
	case s.shape != catalog.ShapeLayout || col.level != "":
	case col.fn == "gross_days":
		s.lineDays = i
	case col.fn == "spell_from":
		s.spellFrom = i
	case col.fn == "spell_days":
		s.spellDays = i
	}
	if col.level != "" {
		return
	}
	switch {
	case col.fn == "days", col.fn == "net_days":
		col.sum = col.fn
	case col.variable.Role == catalog.RoleAmount && (col.fn == "amount_sum" || col.fn == "") && s.shape != catalog.ShapeSpell && s.shape != catalog.ShapeSubspell:
		col.sum = "ore"
	}
}

// coarseEnough reports whether a level is as coarse as the decision's bound.
// Levels stand in the catalogue from the finest; none is finer than all.
func coarseEnough(v *catalog.Variable, level, bound string) bool {
	if bound == "" {
		return level == "" || slices.Contains(v.Coarsen, level)
	}
	have, want := slices.Index(v.Coarsen, level), slices.Index(v.Coarsen, bound)
	return want >= 0 && have >= want
}

// countsCoarse reports whether a column only tells how many, or whether any,
// rows have codes of whole classes of the decided level.
func (s *sheet) countsCoarse(c *plan.Column, bound string) bool {
	if c.Derive == nil || c.Coarsen != nil || c.Derive.Fn != "count" && c.Derive.Fn != "flag_any" {
		return false
	}
	list, ok := c.Derive.Args["code_in"].([]any)
	for _, x := range list {
		text, _ := x.(string)
		ok = ok && s.wholeClass(text, bound)
	}
	return ok && len(list) > 0
}

// wholeClass reports whether a range of codes is a class of the level, or of a
// coarser one.
func (s *sheet) wholeClass(text, level string) bool {
	sets := map[string][]string{"icd_block": {catalog.ICDBlocks, catalog.ICDChapters}, "icd_chapter": {catalog.ICDChapters}}[level]
	for _, name := range sets {
		set := s.in.Catalogue.ValueSets[name]
		if set.Find(text) != nil {
			return true
		}
	}
	low, high, _ := strings.Cut(text, "-")
	return level == "icd_3" && low != "" && len(low) <= 3 && len(high) <= 3
}

// meaning says what the cells of a variable hold once fn has made them.
func meaning(v *catalog.Variable, fn string) value {
	switch fn {
	case "days", "gross_days", "count", "rank_start", "days_from_anchor", "age_at", "seq", "spell_seq", "spell_days", "spells", "spells_started", "spells_ended":
		return vWhole
	case "net_days":
		return vNet
	case "flag_any", "left_cut", "right_cut", "ongoing":
		return vFlag
	case "true_from", "true_tom", "spell_from", "spell_tom":
		return vDate
	case "period":
		return vPeriod
	case "amount_sum", "day_amount":
		return vOre
	case "", "first", "last", "max":
	default:
		return vUnknown
	}
	switch v.Kind {
	case catalog.KindPerson:
		if v.Entity == "employer" {
			return vEmployer
		}
		return vOther
	case catalog.KindDate:
		return vDate
	case catalog.KindPeriod:
		return vPeriod
	case catalog.KindInt:
		return vWhole
	case catalog.KindOre:
		return vOre
	case catalog.KindExtent:
		return vPercent
	case catalog.KindCode:
		return vCode
	}
	return vUnknown
}

// codes returns the value set of a column, and whether it is closed.
func (s *sheet) codes(v *catalog.Variable, level string) (catalog.ValueSet, bool) {
	switch level {
	case "":
		set, ok := s.in.Catalogue.Values(s.reg, v)
		return set, ok && !set.Open
	case "icd_chapter":
		set, ok := s.in.Catalogue.ValueSets[catalog.ICDChapters]
		return set, ok
	case "icd_block":
		set, ok := s.in.Catalogue.ValueSets[catalog.ICDBlocks]
		return set, ok
	}
	return catalog.ValueSet{}, false
}
