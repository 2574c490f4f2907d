package embedded

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/episode"
	"sluss/internal/fault"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
	"sluss/internal/pseudonym"
)

// op is where the cells of a column come from.
type op uint8

const (
	opSelf op = iota // the person
	opGroup
	opFrom
	opTom
	opTrueFrom
	opTrueTom
	opDays
	opGross
	opNet
	opSpellSeq
	opSeq
	opRank
	opLeftCut
	opRightCut
	opOngoing
	opPeriod
	opAmount
	opExtent    // of a sub-spell or payment; the greatest in a panel
	opKey       // what tells spells apart, in a panel
	opRows      // a variable of the deciding rows, put together by agg
	opSpellFrom // of a layout's line: its spell, gaps counted
	opSpellTom
	opSpellDays
	opDayAmount // amount by net day
	opSpells    // of a panel's period: its spells, those that begin and those that end there
	opStarted
	opEnded
	opAbsent // nothing
	opStart  // first day of the person's window
	opAnchor // anchor of the person
)

// agg puts the values of the deciding rows of a line together.
type agg uint8

const (
	aggFirst agg = iota // earliest non-missing (assumption A8)
	aggLast             // latest non-missing
	aggMax
	aggCount // rows with a value
	aggFlag  // 1 when some row has a value
)

// since turns a day into a distance.
type since uint8

const (
	sinceNothing since = iota
	sinceAnchor        // days after the anchor
	sinceBirth         // age in whole years
)

// column is one delivered column.
type column struct {
	op     op
	agg    agg
	col    *Column // of opRows, opKey
	extent bool    // opRows takes the sub-spell's extent, not the row's
	codes  []bool  // of aggCount and aggFlag: the codes that count, nil for all
	since  since
	anchor int  // of sinceAnchor and opAnchor
	person bool // cells are persons
	// employer: cells are employers, under löpnummer of a domain of their own
	employer bool
	mask     mask
	paid     bool // a date of payment
	coarsen  coarsen
	recode   []int32 // text: from the snapshot's code to the delivered one
	group    int
	out      format.Column
	plan     plan.Column
	from     bool // first day or period of the line: sorts before other columns
	plain    bool // cells are delivered as they come, nothing hidden or made coarser
}

// mask says which dates and periods would tell of time outside the window.
type mask uint8

const (
	maskNone   mask = iota
	maskDate        // a day outside the window
	maskMonths      // a month that does not end in or before the window
	maskYears       // a year that does not
)

// compileColumns compiles the columns of o and its sort order.
func (p *program) compileColumns(o *output, ps *pass, reg *catalog.Register) error {
	e := o.extract
	for i := range e.Columns {
		pc := e.Columns[i]
		v := ps.table.Variable(pc.Name)
		c := &column{plan: pc}
		if err := p.compileValue(c, o, ps, v); err != nil {
			return err
		}
		if err := p.compileLevel(c, o, v, reg); err != nil {
			return err
		}
		c.plain = c.since == sinceNothing && c.mask == maskNone && c.coarsen == asIs && !c.employer && (!c.person || c.op == opSelf)
		c.out.Name = pc.Out()
		p.label(c, reg, v)
		o.columns = append(o.columns, c)
		o.order = o.order || c.op == opSpellSeq || c.op == opSeq || c.op == opRank
		o.counts = o.counts || c.op == opSpells || c.op == opStarted || c.op == opEnded
	}
	for k, name := range p.groupNames() {
		if slices.ContainsFunc(o.columns, func(c *column) bool { return c.out.Name == name }) {
			return refuse(e, "group_name", "En kolumn heter som en grupp i populationen.", "A column has the name of a group of the population.")
		}
		o.columns = append(o.columns, &column{op: opGroup, group: k, out: format.Column{Name: name, Type: format.Text, Nullable: true}})
	}
	return p.compileSort(o)
}

// mostLabels is how many codes a file carries labels for; codes of longer lists
// stand in the codebook.
const mostLabels = 500

// label names the column, and its codes where they are delivered as they are,
// for the formats that hold labels.
func (p *program) label(c *column, reg *catalog.Register, v *catalog.Variable) {
	if v == nil {
		return
	}
	c.out.Label = v.Names.SV
	if c.out.Type != format.Text || c.plan.Coarsen != nil || c.plan.Derive != nil || v.Kind != catalog.KindCode {
		return
	}
	if set, ok := p.job.Catalogue.Values(reg, v); ok && len(set.Codes) <= mostLabels {
		for _, k := range set.Codes {
			c.out.Labels = append(c.out.Labels, format.ValueLabel{Code: k.Code, Text: k.Names.SV})
		}
	}
}

// compileSort finds the order of lines: the person, the sort keys (or the
// first day or period), then all columns. Only what is delivered can decide
// it: an order by hidden dates would show them.
func (p *program) compileSort(o *output) error {
	e := o.extract
	self := slices.IndexFunc(o.columns, func(c *column) bool { return c.op == opSelf })
	if self < 0 {
		return refuse(e, "no_person_column", "Varje fil ska ha en kolumn med personens löpnummer.", "Every file has a column with the person's löpnummer.")
	}
	use := func(i int) {
		if i != self && !slices.Contains(o.sort, i) {
			o.sort = append(o.sort, i)
		}
	}
	for k, name := range e.Output.Sort {
		i := slices.IndexFunc(o.columns, func(c *column) bool { return c.out.Name == name })
		if k == 0 && i != self {
			return refuse(e, "sort", "Filer ordnas först efter personens löpnummer.", "Files are ordered by the person's löpnummer first.").
				Do("Låt sorteringen börja med den kolumnen.", "Let the sort order begin with that column.")
		}
		use(i)
	}
	if len(e.Output.Sort) == 0 {
		for i, c := range o.columns {
			if c.from {
				use(i)
			}
		}
	}
	for i := range o.columns {
		use(i)
	}
	return nil
}

// compileValue finds where the values come from.
func (p *program) compileValue(c *column, o *output, ps *pass, v *catalog.Variable) error {
	fn := v.Derive
	if c.plan.Derive != nil {
		fn = c.plan.Derive.Fn
	}
	switch fn {
	case "":
		return p.compileStored(c, o, ps, v)
	case "age_at", "days_from_anchor":
		return p.compileSince(c, o, ps, v, fn)
	case "first", "last", "max", "count", "flag_any":
		return p.compileAggregate(c, o, ps, v, fn)
	case "period":
		c.op, c.from = opPeriod, true
		c.out.Type = periodTypes[o.unit]
		return nil
	case plan.FnAbsent:
		c.op = opAbsent
		absentType(c, v)
		return nil
	case "amount_sum":
		c.op = opAmount
		c.out.Type = format.Int64
		if v.Role != catalog.RoleAmount && v.Derive == "" {
			return refuse(o.extract, "amount", "Bara belopp kan summeras.", "Only amounts can be added up.")
		}
		return nil
	}
	simple, ok := map[string]op{
		"days": opDays, "gross_days": opGross, "net_days": opNet, "spell_seq": opSpellSeq, "seq": opSeq, "rank_start": opRank,
		"left_cut": opLeftCut, "right_cut": opRightCut, "ongoing": opOngoing, "true_from": opTrueFrom, "true_to": opTrueTom, "true_tom": opTrueTom,
		"spell_from": opSpellFrom, "spell_tom": opSpellTom, "spell_days": opSpellDays, "day_amount": opDayAmount,
		"spells": opSpells, "spells_started": opStarted, "spells_ended": opEnded,
	}[fn]
	if !ok || !simple.fits(o.shape) {
		return refuse(o.extract, "derive", "Härledningen stöds inte i den formen.", "The derivation is not supported in that shape.")
	}
	c.op = simple
	c.out.Type = format.Int32
	switch simple {
	case opNet:
		c.out.Type, c.out.Scale = format.Decimal, 3
	case opSpellFrom, opSpellTom:
		c.out.Type, c.out.Nullable = format.Date, simple == opSpellTom
	case opDayAmount:
		c.out.Type, c.out.Nullable = format.Int64, true
	case opTrueFrom, opTrueTom:
		c.out.Type, c.out.Nullable = format.Date, simple == opTrueTom
		if o.extract.History != "reveal" {
			return refuse(o.extract, "reveal", "Fallets hela utsträckning kräver history: reveal.", "The whole extent of the spell needs history: reveal.")
		}
	}
	return nil
}

// fits reports whether lines of a shape have the value.
func (x op) fits(s catalog.Shape) bool {
	switch x {
	case opDays, opNet:
		return true
	case opSpells, opStarted, opEnded:
		return s.Panel()
	case opGross:
		return !s.Panel()
	case opSpellFrom, opSpellTom, opSpellDays, opDayAmount:
		return s == catalog.ShapeLayout
	case opSeq:
		return s == catalog.ShapeSubspell
	case opTrueFrom, opTrueTom:
		return s == catalog.ShapeSpell
	}
	return s == catalog.ShapeSpell || s == catalog.ShapeSubspell
}

// periodTypes are the types of a panel's periods.
var periodTypes = map[episode.Unit]format.Type{
	episode.ByDay: format.Date, episode.ByWeek: format.Week, episode.ByMonth: format.Month, episode.ByQuarter: format.Quarter, episode.ByYear: format.Int32,
}

// absentType sets the type that cells without values would have.
func absentType(c *column, v *catalog.Variable) {
	c.out.Nullable = true
	switch v.Kind {
	case catalog.KindDate:
		c.out.Type = format.Date
	case catalog.KindCode:
		c.out.Type, c.out.Dict = format.Text, []string{""}
	case catalog.KindOre, catalog.KindPerson:
		c.out.Type = format.Int64
	case catalog.KindExtent:
		c.out.Type, c.out.Scale = format.Decimal, 3
	default:
		c.out.Type = format.Int32
	}
}

// compileStored compiles a variable of the source.
func (p *program) compileStored(c *column, o *output, ps *pass, v *catalog.Variable) error {
	panel, layout := o.shape.Panel(), o.shape == catalog.ShapeLayout
	c.col = ps.src.Columns[v.ID]
	if c.col == nil && v.Role != catalog.RolePerson {
		return refuse(o.extract, "no_column", "Ögonblicksbilden saknar en kolumn.", "The snapshot lacks a column.")
	}
	unfit := refuse(o.extract, "variable", "Variabeln kan inte levereras i den formen.", "The variable cannot be delivered in that shape.").At(fault.Where{Column: v.ID})
	switch v.Role {
	case catalog.RolePerson:
		c.op, c.person, c.out.Type = opSelf, true, format.Int64
		return nil
	case catalog.RoleRowID, catalog.RoleTrack, catalog.RoleTx, catalog.RoleKind:
		return unfit // never leave the register
	case catalog.RoleFrom, catalog.RoleTom:
		if panel {
			return unfit
		}
		c.op, c.from, c.out.Type = opFrom, true, format.Date
		if v.Role == catalog.RoleTom {
			c.op, c.from, c.out.Nullable = opTom, false, true
		}
		return nil
	case catalog.RoleExtent:
		if o.shape == catalog.ShapeSpell {
			return unfit
		}
		c.op, c.out.Type, c.out.Scale, c.out.Nullable = opExtent, format.Decimal, 1, panel
		if layout { // a share of a day, not per cent
			c.out.Scale = 3
		}
		return nil
	case catalog.RoleAmount:
		if !panel && !layout && !o.shape.OfRows() {
			return unfit
		}
		c.op, c.out.Type, c.out.Nullable = opAmount, format.Int64, o.shape == catalog.ShapePayment && v.Nullable
		return nil
	case catalog.RolePaid:
		if !o.shape.OfRows() {
			return unfit
		}
	}
	c.op = opRows
	if panel && ps.feed != nil && slices.ContainsFunc(ps.feed.groups, func(g groupFeed) bool { return slices.Contains(g.key, c.col) }) {
		c.op = opKey
	}
	p.storedType(c, o, v)
	return nil
}

// storedType sets what the cells of a stored variable look like, and hides
// dates that lie outside the window.
func (p *program) storedType(c *column, o *output, v *catalog.Variable) {
	c.out.Nullable = true
	hide := o.extract.History != "reveal"
	switch v.Kind {
	case catalog.KindPerson:
		c.employer = v.Entity == string(pseudonym.Employer)
		c.person, c.out.Type = !c.employer, format.Int64
	case catalog.KindDate:
		c.out.Type = format.Date
		if hide {
			c.mask, c.paid = maskDate, v.Role == catalog.RolePaid
		}
	case catalog.KindExtent:
		c.out.Type, c.out.Scale = format.Decimal, 1
	case catalog.KindCode:
		c.out.Type, c.out.Dict = format.Text, c.col.Dict
		if len(c.out.Dict) == 0 { // an empty table
			c.out.Dict = []string{""}
		}
	case catalog.KindOre:
		c.out.Type = format.Int64
	case catalog.KindPeriod:
		// What may or may not have happened is told as it stood at the end of
		// the window; what every person has, such as a year of birth, is told.
		c.out.Type = format.Int32
		if v.Level == "month" {
			c.out.Type = format.Month
		}
		if hide && v.Nullable {
			c.mask = maskYears
			if v.Level == "month" {
				c.mask = maskMonths
			}
		}
	default:
		c.out.Type = format.Int32
		if c.col.Int64s != nil {
			c.out.Type = format.Int64
		}
	}
}

// compileSince compiles ages and distances from an anchor.
func (p *program) compileSince(c *column, o *output, ps *pass, v *catalog.Variable, fn string) error {
	anchor := -1
	if c.plan.Derive != nil {
		if name, ok := c.plan.Derive.Args["anchor"].(string); ok {
			if anchor = slices.Index(p.anchors, name); anchor < 0 {
				return refuse(o.extract, "anchor", "Ankaret finns inte i populationen.", "The anchor is not in the population.")
			}
		}
	}
	switch {
	case fn == "age_at": // on one day for all lines of a person
		c.op, c.since = opStart, sinceBirth
		if anchor >= 0 {
			c.op, c.anchor = opAnchor, anchor
		}
	case anchor < 0:
		return refuse(o.extract, "anchor", "Härledningen behöver ett ankare.", "The derivation needs an anchor.")
	default:
		if err := p.compileStored(c, o, ps, v); err != nil {
			return err
		}
		if c.out.Type != format.Date {
			return refuse(o.extract, "derive", "Avstånd räknas från datum.", "Distances are counted from dates.")
		}
		c.since, c.anchor, c.from = sinceAnchor, anchor, false
	}
	c.out = format.Column{Type: format.Int32, Nullable: true}
	return nil
}

// compileAggregate compiles what is put together from the deciding rows.
func (p *program) compileAggregate(c *column, o *output, ps *pass, v *catalog.Variable, fn string) error {
	bad := refuse(o.extract, "derive", "Härledningen stöds inte för variabeln.", "The derivation is not supported for the variable.").At(fault.Where{Column: v.ID})
	col := ps.src.Columns[v.ID]
	if o.shape.OfRows() || col == nil || !v.Stored() {
		return bad
	}
	switch v.Role {
	case catalog.RoleRowID, catalog.RoleTrack, catalog.RoleTx, catalog.RoleKind, catalog.RoleFrom, catalog.RoleTom, catalog.RoleAmount, catalog.RolePaid:
		return bad // of single rows, and reaching outside the line
	}
	c.op, c.col, c.extent = opRows, col, v.Role == catalog.RoleExtent
	p.storedType(c, o, v)
	switch fn {
	case "first":
		c.agg = aggFirst
	case "last":
		c.agg = aggLast
	case "max":
		if v.Kind == catalog.KindCode || v.Kind == catalog.KindPerson {
			return bad
		}
		c.agg = aggMax
	case "count":
		c.agg = aggCount
	case "flag_any":
		c.agg = aggFlag
	}
	if c.plan.Derive != nil {
		if codes, _ := c.plan.Derive.Codes(); codes != nil {
			test, err := plan.Filter{CodeIn: codes}.Compile(v.Kind)
			if err != nil {
				return bad
			}
			c.codes = newRowTest(col, v, test).codes
		}
	}
	if fn == "count" || fn == "flag_any" {
		c.person, c.employer, c.mask = false, false, maskNone
		c.out = format.Column{Type: format.Int32}
	}
	return nil
}
