package plan

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
)

// The closed vocabulary. schema.json says the same to other programs; a test
// compares the two.
var (
	identityKinds = []string{IdentitySerial, IdentityPersonalNumber}
	overlaps      = []string{"latest", "sum_tracks", "error"}
	histories     = []string{HistoryMask, HistoryReveal}
	modes         = []string{ModeClip, ModeOverlap, ModeStartIn, ModeEndIn}
	stages        = []string{StageRow, StageSubspell, StageSpell}
	nulls         = []string{"drop", "keep"}
	emptyCells    = []string{"omit", "zero"}
	picks         = []string{PickFirst, PickLast}
	matches       = []string{MatchSex, MatchBirthYear, MatchCounty}
	relations     = []string{RelationChildren, RelationParents}
	units         = []string{"day", "week", "month", "quarter", "year"}
	simpleShapes  = []string{string(catalog.ShapePayment), string(catalog.ShapeCorrection), string(catalog.ShapeSubspell), string(catalog.ShapeLayout)}
	formats       = []string{"csv", "parquet", "dta", "sav", "zsav", "xpt"}
	delimiters    = []string{";", ",", "\t"} // the first holds where none is named
	encodings     = []string{"utf-8", "utf-8-bom", "iso-8859-1"}
	dates         = []string{"iso", "yyyymmdd"}
	decimals      = []string{",", "."}
	levels        = []string{"year", "quarter", "month", "icd_chapter", "icd_block", "icd_3", "age_5y", "age_10y", "county", "amount_1000"}
)

// MaxGap bounds the free days that join a spell.
const MaxGap = 366

// minSplit is the least number of rows in a part of a file.
const minSplit = 1000

// Patterns of names, without regular expressions so that they run everywhere
// alike; schema.json writes them as patterns.

// isName reports whether s is a name: a lower-case letter, then at most 62
// lower-case letters, digits and underscores.
func isName(s string) bool {
	return s != "" && len(s) <= 63 && s[0] >= 'a' && s[0] <= 'z' && isFileName(s)
}

// isColumnName reports whether s can be the name of a column: a name, in which
// letters may also be capitals, as layouts of others have them.
func isColumnName(s string) bool { return isName(strings.ToLower(s)) && isASCII(s) }

func isASCII(s string) bool { return !containsOutside(s, func(c byte) bool { return c < 128 }) }

// isFileName reports whether s can be the first part of a file's name: 1–100
// lower-case letters, digits and underscores, so that it can neither leave a
// directory nor hide in one.
func isFileName(s string) bool {
	return s != "" && len(s) <= 100 && !containsOutside(s, func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
	})
}

// isSnapshot reports whether s can name a snapshot: letters, digits, dots,
// dashes and underscores, at most 100, not beginning with a dot.
func isSnapshot(s string) bool {
	return s != "" && len(s) <= 100 && s[0] != '.' && !containsOutside(s, func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
	})
}

// isOrder reports whether s can be the number of an order: 3–40 capital
// letters, digits and dashes.
func isOrder(s string) bool {
	return len(s) >= 3 && len(s) <= 40 && !containsOutside(s, func(c byte) bool {
		return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
	})
}

func isHash(s string) bool {
	return len(s) == 64 && !containsOutside(s, func(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' })
}

func containsOutside(s string, in func(byte) bool) bool {
	for i := range len(s) {
		if !in(s[i]) {
			return true
		}
	}
	return false
}

// function is a derivation: where it makes sense, and whose value it tells.
// What a column tells is decided by its variable, so a function may only stand
// on a variable that it takes its value from: amount_sum on the amount, never
// on a column that happens to be approved.
type function struct {
	shapes []catalog.Shape // nil = every shape whose lines are not single rows
	on     func(*catalog.Variable) bool
	// keeps says that the outcome is a value of the variable, which coarsening
	// still fits; otherwise the outcome is as exact as the variable itself.
	keeps bool
	args  []string // names of the arguments it takes
}

var (
	panels = slices.DeleteFunc(catalog.Shapes(), func(s catalog.Shape) bool { return !s.Panel() })
	dated  = slices.DeleteFunc(catalog.Shapes(), catalog.Shape.Panel)
)

var functions = map[string]function{
	"days":             {on: derives("days")},
	"net_days":         {on: derives("net_days")},
	"gross_days":       {on: derives("gross_days")},
	"count":            {on: attribute, args: []string{ArgCodes}},
	"first":            {on: attribute, keeps: true},
	"last":             {on: attribute, keeps: true},
	"max":              {on: ordered, keeps: true},
	"flag_any":         {on: attribute, args: []string{ArgCodes}},
	"amount_sum":       {shapes: panels, on: role(catalog.RoleAmount), keeps: true},
	"rank_start":       {shapes: []catalog.Shape{catalog.ShapeSubspell, catalog.ShapeSpell}, on: role(catalog.RoleFrom)},
	"days_from_anchor": {shapes: dated, on: kind(catalog.KindDate), args: []string{ArgAnchor}},
	FnAbsent:           {shapes: []catalog.Shape{catalog.ShapeLayout}, on: func(v *catalog.Variable) bool { return v.Role != catalog.RolePerson }},
	"age_at":           {shapes: dated, on: derives("age_at"), keeps: true, args: []string{ArgAnchor}},
}

// fits reports whether the function may stand on the variable.
func (f function) fits(v *catalog.Variable) bool { return f.on(v) }

// in reports whether the function makes sense in the shape.
func (f function) in(s catalog.Shape) bool {
	if f.shapes == nil {
		return !s.OfRows()
	}
	return slices.Contains(f.shapes, s)
}

func derives(fn string) func(*catalog.Variable) bool {
	return func(v *catalog.Variable) bool { return v.Derive == fn }
}

func role(r catalog.Role) func(*catalog.Variable) bool {
	return func(v *catalog.Variable) bool { return v.Role == r }
}

func kind(k catalog.Kind) func(*catalog.Variable) bool {
	return func(v *catalog.Variable) bool { return v.Kind == k && v.Derive == "" }
}

// attribute variables come from the source and say something of the days of
// their row: what can be put together over the rows that decide a line. The
// person, and what places a row in time or is its money, cannot: a first day
// among the deciding rows would reach outside the line.
func attribute(v *catalog.Variable) bool {
	return v.Derive == "" && v.Kind != catalog.KindPerson && v.Stored() && !slices.Contains(rowRoles, v.Role)
}

// SpellKeys returns the variables of a table that may be keys of spells of an order's
// own: the benefit, and what tells sub-spells apart (assumption A4). A payment and what
// takes it back agree on them; on a diagnosis, say, they need not.
func SpellKeys(reg *catalog.Register, table *catalog.Table) []string {
	var out []string
	add := func(v *catalog.Variable) {
		if v != nil && !slices.Contains(out, v.ID) {
			out = append(out, v.ID)
		}
	}
	add(table.ByRole(catalog.RoleBenefit))
	for i := range reg.SpellGroups {
		for _, id := range reg.SpellGroups[i].StateBy {
			add(table.Variable(id))
		}
	}
	return out
}

// rowRoles are the roles of variables that belong to single rows.
var rowRoles = []catalog.Role{
	catalog.RoleRowID, catalog.RoleTrack, catalog.RoleTx, catalog.RoleKind, catalog.RoleFrom, catalog.RoleTom, catalog.RoleAmount, catalog.RolePaid,
}

func ordered(v *catalog.Variable) bool { return attribute(v) && v.Kind != catalog.KindCode }

// filtered reports whether sub-spells or spells have a value of the variable
// to be tested at the stage: their days, their bounds, the extent of a
// sub-spell, and attributes that are no dates.
func filtered(v *catalog.Variable, stage string) bool {
	switch {
	case v.Derive != "":
		return v.Derive == "days" || v.Derive == "gross_days"
	case v.Role == catalog.RoleFrom, v.Role == catalog.RoleTom:
		return true
	case v.Role == catalog.RoleExtent:
		return stage == StageSubspell
	}
	return (v.Role == "" || v.Role == catalog.RoleBenefit) && v.Stored() && v.Kind != catalog.KindPerson && v.Kind != catalog.KindDate
}
