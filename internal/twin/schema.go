package twin

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// column is a column of a twin: what the delivery's looks like, and what its
// cells are made of.
type column struct {
	plan  *plan.Column // nil for a group of the population
	v     *catalog.Variable
	fn    string // what the cells tell: a derivation, "" for the variable itself
	group int
	typ   format.Type // before coarsening
	out   format.Column
	codes []string // of a text: before coarsening
}

// compile finds the columns of an extract. It is written from the description
// of the formats and shares no code with the engine; the tests compare the two
// for every variable, derivation and level of the catalogue.
func compile(w Wanted, cat *catalog.Catalogue, reg *catalog.Register, table *catalog.Table, e *plan.Extract) ([]column, error) {
	var out []column
	for i := range e.Columns {
		c := column{plan: &e.Columns[i], v: table.Variable(e.Columns[i].Name)}
		if c.fn = c.v.Derive; c.plan.Derive != nil {
			c.fn = c.plan.Derive.Fn
		}
		c.out.Name, c.out.Label = c.plan.Out(), c.v.Names.SV
		if !c.fits(e.Shape.Of()) {
			return nil, fault.New("twin.derive", "Härledningen stöds inte för variabeln i den formen.", "The derivation is not supported for the variable in that shape.").At(fault.Where{Column: c.v.ID})
		}
		c.kind(e.Shape.Of())
		c.typ = c.out.Type
		if c.out.Type == format.Text && c.fn != plan.FnAbsent {
			c.codes = codesOf(cat, reg, c.v, e)
			c.label(cat, reg)
		}
		if c.plan.Coarsen != nil && !c.coarsen(c.plan.Coarsen.To) {
			return nil, fault.New("twin.coarsen", "Värdet kan inte göras grövre på det sättet.", "The value cannot be made coarser that way.").At(fault.Where{Column: c.v.ID})
		}
		if c.v.Kind == catalog.KindPerson && (c.v.Entity != employer || c.v.Role == catalog.RolePerson) && w.Spec.Identity.Kind == plan.IdentityPersonalNumber {
			c.out.Type = format.Text
		}
		out = append(out, c)
	}
	for k, name := range w.groups() {
		out = append(out, column{fn: "group", group: k, out: format.Column{Name: name, Type: format.Text, Nullable: true}, codes: groupCodes(w, name)})
	}
	return out, nil
}

// groupCodes are values for a column of the population. Those that a drawing
// brings are known; what a file holds nobody knows yet.
func groupCodes(w Wanted, name string) []string {
	c := w.Spec.Population.Criteria
	switch {
	case c == nil:
		return []string{"A", "B"}
	case name == plan.GroupSet:
		return []string{"1", "2", "3", "4", "5"}
	}
	roles := []string{plan.RoleCase}
	if c.Relatives != nil && slices.Contains(c.Relatives.Of, plan.RelationChildren) {
		roles = append(roles, plan.RoleChild)
	}
	if c.Controls != nil {
		roles = append(roles, plan.RoleControl)
	}
	if c.Relatives != nil && slices.Contains(c.Relatives.Of, plan.RelationParents) {
		roles = append(roles, plan.RoleParent)
	}
	return roles // in bytewise order
}

// employer is the catalogue's word for columns that name employers.
const employer = "employer"

// fits reports whether the engine makes the derivation: what is put together
// from several rows is neither what places a row in time nor its amount.
func (c *column) fits(shape catalog.Shape) bool {
	if c.plan.Derive == nil {
		return true
	}
	switch c.fn {
	case "count", "first", "last", "max", "flag_any":
		placing := []catalog.Role{catalog.RoleFrom, catalog.RoleTom, catalog.RoleAmount, catalog.RolePaid}
		return !shape.OfRows() && c.v.Stored() && !slices.Contains(placing, c.v.Role)
	}
	return true
}

// kind sets type, scale and whether cells can be missing.
func (c *column) kind(shape catalog.Shape) {
	set := func(t format.Type, nullable bool) { c.out.Type, c.out.Nullable = t, nullable }
	switch c.fn {
	case "":
		c.stored(shape)
	case "first", "last", "max":
		c.value()
	case plan.FnAbsent:
		if c.value(); c.v.Kind == catalog.KindExtent {
			c.out.Scale = 3
		}
	case "spell_days":
		set(format.Int32, false)
	case "spell_from":
		set(format.Date, false)
	case "spell_tom":
		set(format.Date, true)
	case "day_amount":
		set(format.Int64, true)
	case "count", "flag_any", "days", "gross_days", "spell_seq", "seq", "rank_start", "left_cut", "right_cut", "ongoing", "spells", "spells_started", "spells_ended":
		set(format.Int32, false)
	case "age_at", "days_from_anchor":
		set(format.Int32, true)
	case "amount_sum":
		set(format.Int64, false)
	case "net_days":
		set(format.Decimal, false)
		c.out.Scale = 3
	case "true_from":
		set(format.Date, false)
	case "true_tom", "true_to":
		set(format.Date, true)
	case "period":
		set(map[catalog.Shape]format.Type{
			catalog.ShapePanelDay: format.Date, catalog.ShapePanelWeek: format.Week, catalog.ShapePanelMonth: format.Month,
			catalog.ShapePanelQuarter: format.Quarter, catalog.ShapePanelYear: format.Int32,
		}[shape], false)
	}
}

// stored is the type of a variable as it is.
func (c *column) stored(shape catalog.Shape) {
	switch c.v.Role {
	case catalog.RolePerson:
		c.out.Type = format.Int64
	case catalog.RoleFrom:
		c.out.Type = format.Date
	case catalog.RoleTom:
		c.out.Type, c.out.Nullable = format.Date, true
	case catalog.RoleExtent:
		c.out.Type, c.out.Scale, c.out.Nullable = format.Decimal, 1, shape.Panel()
		if shape == catalog.ShapeLayout {
			c.out.Scale = 3 // a share of a day
		}
	case catalog.RoleAmount:
		c.out.Type, c.out.Nullable = format.Int64, shape == catalog.ShapePayment && c.v.Nullable
	default:
		c.value()
	}
}

// value is the type of a value of the variable, which can be missing.
func (c *column) value() {
	c.out.Nullable = true
	switch c.v.Kind {
	case catalog.KindPerson, catalog.KindOre:
		c.out.Type = format.Int64
	case catalog.KindDate:
		c.out.Type = format.Date
	case catalog.KindExtent:
		c.out.Type, c.out.Scale = format.Decimal, 1
	case catalog.KindCode:
		c.out.Type = format.Text
	case catalog.KindPeriod:
		if c.out.Type = format.Int32; c.v.Level == "month" {
			c.out.Type = format.Month
		}
	default:
		c.out.Type = format.Int32
	}
}

// mostLabels is how many codes a file carries labels for.
const mostLabels = 500

func (c *column) label(cat *catalog.Catalogue, reg *catalog.Register) {
	if c.plan.Coarsen != nil || c.plan.Derive != nil {
		return
	}
	if set, ok := cat.Values(reg, c.v); ok && len(set.Codes) <= mostLabels {
		for _, k := range set.Codes {
			c.out.Labels = append(c.out.Labels, format.ValueLabel{Code: k.Code, Text: k.Names.SV})
		}
	}
}

// coarsen sets the type of coarser values; false where they cannot be made.
func (c *column) coarsen(to string) bool {
	switch {
	case c.out.Type == format.Text:
		return slices.Contains([]string{"icd_3", "icd_block", "icd_chapter", "county"}, to)
	case c.out.Type == format.Int64 && to == "amount_1000":
		return c.v.Kind == catalog.KindOre
	case to == "age_5y" || to == "age_10y":
		return c.fn == "age_at"
	case c.out.Type == format.Date && to == "month":
		c.out.Type = format.Month
	case (c.out.Type == format.Date || c.out.Type == format.Month) && to == "quarter":
		c.out.Type = format.Quarter
	case (c.out.Type == format.Date || c.out.Type == format.Month) && to == "year":
		c.out.Type = format.Int32
	default:
		return false
	}
	return true
}

// diagnoses are codes in an open list of diagnoses besides those that the
// catalogue names: one for most chapters, so that every level has something.
var diagnoses = []string{"A09", "C50", "E11", "F32", "F33", "F41", "F43", "G43", "I21", "J06", "K52", "M51", "M54", "O26", "R52", "S52", "S82", "Z73"}

// codesOf returns the codes that the cells of a variable are drawn from: those
// of its value set which the extract's filters let through.
func codesOf(cat *catalog.Catalogue, reg *catalog.Register, v *catalog.Variable, e *plan.Extract) []string {
	var all []string
	set, _ := cat.Values(reg, v)
	for _, c := range set.Codes {
		all = append(all, c.Code)
	}
	if v.ValueSet == "icd10se" {
		all = append(all, diagnoses...)
	}
	if len(all) == 0 {
		all = []string{"X1", "X2", "X3"}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for _, f := range e.Where {
		if f.Var != v.ID {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(all), func(code string) bool { return !lets(f, code) })
		if len(kept) == 0 { // a code that no list of ours names
			for _, x := range f.In {
				if text, ok := x.(string); ok {
					kept = append(kept, text)
				}
			}
			for _, r := range f.CodeIn {
				first, _, _ := strings.Cut(r, "-")
				kept = append(kept, first)
			}
			slices.Sort(kept)
			kept = slices.Compact(kept)
		}
		if len(kept) > 0 {
			all = kept
		}
	}
	return all
}

// lets reports whether a filter on codes keeps one.
func lets(f plan.Filter, code string) bool {
	switch {
	case len(f.In) > 0:
		return slices.Contains(f.In, any(code))
	case len(f.CodeIn) > 0:
		return slices.ContainsFunc(f.CodeIn, func(r string) bool {
			from, to, isRange := strings.Cut(r, "-")
			if !isRange {
				return strings.HasPrefix(code, from)
			}
			return code >= from && code[:min(len(code), len(to))] <= to
		})
	}
	return true
}
