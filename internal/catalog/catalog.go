// Package catalog describes what can be ordered: registers, their benefits,
// tables, variables and value sets, with the rules that go with them (spell
// groups, coverage, sensitivity, time perspective).
//
// The catalogue is data. [Parse] reads it from JSON, [Catalogue.Validate]
// checks that it hangs together, and everything else in Sluss (intake, plan,
// loader, engine, codebook, pages) asks it instead of knowing registers by
// name. The built-in catalogue is in [Builtin].
//
// The package is pure: it has no files, clock or network.
package catalog

import (
	"slices"
	"strings"

	"sluss/internal/canon"
)

// Text is what a reader sees, in both languages of the service.
type Text struct {
	SV string `json:"sv"`
	EN string `json:"en"`
}

// Catalogue is one version of all registers.
type Catalogue struct {
	ID        string               `json:"id"`
	Version   int                  `json:"version"`
	ValidFrom string               `json:"valid_from"` // YYYY-MM-DD
	Registers []Register           `json:"registers"`
	ValueSets map[string]ValueSet  `json:"value_sets"`
	Files     map[string]FileShape `json:"files,omitempty"` // source files that are not a table, such as the identity register

	templates templates  // of the data files; registers no longer refer to them
	fixed     canon.Hash // of a catalogue that nobody changes any more, "" for others
}

// Register is a collection kept under one name and one law.
type Register struct {
	ID          string   `json:"id"` // stable, lower case: midas_sjuk
	Names       Text     `json:"names"`
	Description Text     `json:"description"`
	Area        Area     `json:"area"`
	MiDAS       bool     `json:"midas"`
	Basis       []string `json:"basis"` // law, as "SFB 27 kap."
	// Listed, Documented and Assured are what the holder's ordering page says
	// of a register: a list of variables is published, a documentation is, and
	// its periods are quality-assured (of the others it is said that they are
	// as they were registered).
	Listed     bool `json:"has_list,omitempty"`
	Documented bool `json:"has_documentation,omitempty"`
	Assured    bool `json:"periods_assured,omitempty"`
	// Proposed: no list of the holder's own was found, so the variables are
	// what law, statistics and sister registers lead one to expect.
	Proposed bool   `json:"proposed,omitempty"`
	From     string `json:"from,omitempty"` // first day that the register tells of, YYYY-MM-DD
	To       string `json:"to,omitempty"`   // exclusive; of a register that is closed
	// Episode, Panel and Pitfalls are for the documentation: what a spell is,
	// what a cell of a panel is, and what misleads.
	Episode     *Text         `json:"episode,omitempty"`
	Panel       *Text         `json:"panel,omitempty"`
	Pitfalls    []Text        `json:"pitfalls,omitempty"`
	Coverage    *CoverageRule `json:"coverage,omitempty"` // nil for payment registers, which say to which payment date they reach
	Benefits    []Benefit     `json:"benefits"`
	SpellGroups []SpellGroup  `json:"spell_groups"`
	Tables      []Table       `json:"tables"`
}

// Area is the part of social insurance a register belongs to.
type Area string

// The areas used on Försäkringskassan's ordering pages.
const (
	AreaFamily        Area = "barn_och_familj"
	AreaSickness      Area = "sjuk"
	AreaDisability    Area = "funktionsnedsattning"
	AreaLabour        Area = "arbetsmarknadspolitiska_program"
	AreaInternational Area = "internationell_vard"
	AreaPerson        Area = "person"
)

// CoverageRule says when a period can be ordered: when the estimated coverage
// is at least Percent, by default Months months after the period.
//
// Source: Försäkringskassan's ordering page for research, 2025-06-27.
type CoverageRule struct {
	Percent int `json:"percent"`
	Months  int `json:"months"`
}

// Benefit is a form of compensation inside a register (delförmån).
type Benefit struct {
	ID    string `json:"id"` // code as it stands in the source and in deliveries
	Names Text   `json:"names"`
	Group string `json:"group"` // id of its spell group
	// Rank orders benefits that cover the same day within a spell group; the
	// greatest wins. Equal ranks leave it to the latest row (assumption A7).
	Rank  int    `json:"rank"`
	Basis string `json:"basis"`
	// TopUpMaxSEK makes payments of at most so many whole kronor by net day money
	// without days (assumption A5); 0 for none. It is for benefits that nobody
	// gets so little of.
	TopUpMaxSEK int `json:"top_up_max_sek,omitempty"`
}

// SpellGroup says how rows of some benefits form spells (fall).
type SpellGroup struct {
	ID         string `json:"id"`
	Names      Text   `json:"names"`
	MaxGapDays int    `json:"max_gap_days"` // free days that still join (axiom S9)
	Overlap    string `json:"overlap"`      // latest, sum_tracks or error
	// StateBy lists the variables whose change starts a new sub-spell
	// (delfall) besides extent, assumption A4.
	StateBy []string `json:"state_by"`
	// Key lists the variables that, besides person and group, tell spells
	// apart: parental benefit has one line of spells per child.
	Key []string `json:"key,omitempty"`
	// FarGap lets some rows continue a spell over more free days, SickPay begins
	// spells with the employer's sick-pay period. Where the source lacks the
	// columns that they look at they change nothing.
	FarGap     *FarGap  `json:"far_gap,omitempty"`
	SickPay    *SickPay `json:"sick_pay,omitempty"`
	Assumption string   `json:"assumption,omitempty"` // A1, A2 …: shown as "modellantagande"
}

// FarGap joins what begins with a row of certain codes over more free days
// (assumption A2): periods of the self-employed who chose more than one waiting
// day, SFB 27 kap. 33 §.
type FarGap struct {
	MaxGapDays int      `json:"max_gap_days"`
	Variable   string   `json:"variable"` // of kind code
	Codes      []string `json:"codes"`
}

// Far reports whether spells joined over at most gap free days have the group's
// far gap: a smaller gap than the group's own is the orderer's definition and holds
// for everybody.
func (g *SpellGroup) Far(gap int) bool { return g.FarGap != nil && gap >= g.MaxGapDays }

// SickPay covers the days of illness right before a row's first day with extent
// 0, where the illness began at most MaxDays days before it and the row is of
// certain codes (assumption A3): the employer's sick-pay period, SFB 27 kap. 26 §.
type SickPay struct {
	MaxDays int      `json:"max_days"`
	IllFrom string   `json:"ill_from"` // a date
	Insured string   `json:"insured"`  // of kind code
	Codes   []string `json:"codes"`
}

// Shape is the form in which rows of a table can be delivered, from the
// finest to the coarsest.
type Shape string

// Shapes; see reference extraction §2.3.
const (
	ShapePayment Shape = "payment"
	// ShapeCorrection is the days of reversals that meet no payment to take back
	// (assumption A6): parts of rows, and nothing of any other row.
	ShapeCorrection Shape = "correction"
	// ShapeLayout is sub-spells as the holder's own files of 42 columns have
	// them: gaps inside a spell are lines of their own, with extent 0, and every
	// line tells of its spell and of its money (reference domain §1.3, A4).
	ShapeLayout       Shape = "subspell_42"
	ShapeSubspell     Shape = "subspell"
	ShapeSpell        Shape = "spell"
	ShapePanelDay     Shape = "panel_day"
	ShapePanelWeek    Shape = "panel_week" // ISO 8601: Monday to Sunday
	ShapePanelMonth   Shape = "panel_month"
	ShapePanelQuarter Shape = "panel_quarter"
	ShapePanelYear    Shape = "panel_year"
)

// Shapes lists all shapes from the finest. [Shape.Within] says which of them
// contain one another.
func Shapes() []Shape {
	return []Shape{
		ShapePayment, ShapeCorrection, ShapeLayout, ShapeSubspell, ShapeSpell,
		ShapePanelDay, ShapePanelWeek, ShapePanelMonth, ShapePanelQuarter, ShapePanelYear,
	}
}

// Panel reports whether a row of the shape is a period.
func (s Shape) Panel() bool { return strings.HasPrefix(string(s), "panel_") }

// OfRows reports whether a line of the shape is a row of the register or a part
// of one.
func (s Shape) OfRows() bool { return s == ShapePayment || s == ShapeCorrection }

// Within reports whether s tells no more than bound: it is the same shape or a
// coarser one. Weeks lie across months, so that months, quarters and years
// beside weeks would tell of single days: nothing but weeks lies within weeks.
// Corrections are few of the rows, so that nothing but corrections lies within
// them. Shapes that nobody knows lie within none.
func (s Shape) Within(bound Shape) bool {
	i, j := slices.Index(Shapes(), s), slices.Index(Shapes(), bound)
	if i < 0 || j < 0 {
		return false
	}
	if bound == ShapePanelWeek || bound == ShapeCorrection || s == ShapeCorrection {
		return i == j || bound == ShapePayment
	}
	return i >= j
}

// Table is one list of rows in a register.
type Table struct {
	ID        string     `json:"id"` // midas_sjp; also the name of its source file
	Names     Text       `json:"names"`
	RowIs     Text       `json:"row_is"` // what one row stands for
	Shapes    []Shape    `json:"shapes"`
	Variables []Variable `json:"variables"`
	// Layout lists the columns of [ShapeLayout] in order; only tables that have
	// that shape have one.
	Layout []LayoutColumn `json:"layout,omitempty"`
}

// DeriveAbsent is the derivation of a variable that the register does not hold: a
// layout has a column for it, which is always empty. Nobody orders it, and no
// decision gives it.
const DeriveAbsent = "absent"

// LayoutColumn is one column of a layout of the holder's own.
type LayoutColumn struct {
	Name     string `json:"name"`     // as it stands in the file: DEL_FROM_DATUM
	Variable string `json:"variable"` // whose values it has
}

// Kind is the type of a variable's values.
type Kind string

// Kinds of values.
const (
	KindPerson Kind = "person" // an identity number in the source, löpnummer in a delivery
	KindDate   Kind = "date"
	KindInt    Kind = "int"
	KindOre    Kind = "ore"    // money in öre
	KindExtent Kind = "extent" // per mille in the snapshot, percent in text
	KindCode   Kind = "code"   // a short code from a value set, kept as text
	KindPeriod Kind = "period" // 2024-01-05, 2024-01 or 2024 by the panel's unit
)

// Role is what a variable means to the loader and the kernel.
type Role string

// Roles. A variable without a role is an attribute that is carried along.
const (
	RolePerson  Role = "person"       // whose row it is
	RoleOther   Role = "other_person" // child, cared-for person …
	RoleRowID   Role = "row_id"
	RoleTrack   Role = "track" // case or line of payments within which corrections act
	RoleTx      Role = "tx"    // the day the register knew
	RoleKind    Role = "kind"  // pay or rev
	RoleBenefit Role = "benefit"
	RoleFrom    Role = "from"
	RoleTom     Role = "tom"
	RoleExtent  Role = "extent"
	RoleAmount  Role = "amount"
	RolePaid    Role = "payment_date"
	RoleDerived Role = "derived" // made by the kernel, not in the source: net days, counts …
)

// Sensitivity is the strongest protection a variable's content asks for.
type Sensitivity string

// Levels of sensitivity.
const (
	SensitiveNone     Sensitivity = "none"
	SensitivePersonal Sensitivity = "personal"
	// SensitiveHealth: data concerning health, GDPR article 9.
	SensitiveHealth Sensitivity = "health"
)

// Identifying is what an outsider may know of somebody and look for in a
// delivery; the disclosure report counts by it.
type Identifying string

// Powers to identify. Source: reference pseudonym §4.1 (quasi-identifiers, a
// default set per register) and §2.4 (dates: trajectories). Modellantagande:
// which variables are marked.
const (
	NotIdentifying Identifying = ""
	// Trait: a lasting property that others may know, such as sex, year of
	// birth or county. Traits together form classes.
	Trait Identifying = "trait"
	// Event: when something happened. A sequence of such days or periods is a
	// path, which is unique to almost everybody.
	Event Identifying = "event"
)

// Perspective is which date an amount or a day belongs to.
type Perspective string

// Time perspectives; sums by period and by payment date differ.
const (
	PerspectivePeriod  Perspective = "period"
	PerspectivePayment Perspective = "payment"
	PerspectiveNone    Perspective = ""
)

// How a source names persons, see [Variable.SourceKey].
const (
	SourceNumber = ""       // personnummer or samordningsnummer, twelve digits
	SourceEntity = "entity" // the identity register's own key, an integer
)

// Variable is one column.
type Variable struct {
	ID          string      `json:"id"`               // name in orders, plans and deliveries
	Source      string      `json:"source,omitempty"` // column of the source file; empty for derived variables
	Names       Text        `json:"names"`
	Definition  Text        `json:"definition"`
	Kind        Kind        `json:"kind"`
	Level       string      `json:"level,omitempty"`      // kind period with a source date: the unit the loader keeps, month or year
	SourceKey   string      `json:"source_key,omitempty"` // kind person: [SourceNumber] (default) or [SourceEntity]
	Role        Role        `json:"role,omitempty"`
	Derive      string      `json:"derive,omitempty"` // function of the plan's vocabulary, for derived variables
	Shapes      []Shape     `json:"shapes"`           // shapes in which it can be delivered; empty = never delivered
	Sensitivity Sensitivity `json:"sensitivity"`
	Identifying Identifying `json:"identifying,omitempty"`
	Perspective Perspective `json:"perspective,omitempty"`
	ValueSet    string      `json:"value_set,omitempty"`
	Coarsen     []string    `json:"coarsen,omitempty"` // levels it can be made coarser to, finest first
	Entity      string      `json:"entity,omitempty"`  // pseudonym entity type for person kinds: person
	Nullable    bool        `json:"nullable,omitempty"`
	Optional    bool        `json:"optional,omitempty"` // a source file may lack the column; every value is missing then
	Assumption  string      `json:"assumption,omitempty"`
}

// ValueSet is a list of codes.
type ValueSet struct {
	Names Text   `json:"names"`
	Open  bool   `json:"open"` // codes outside the list are accepted (ICD-10)
	Codes []Code `json:"codes"`
}

// MaxCodeBytes bounds the text of a code, in UTF-8. What is longer is no code.
const MaxCodeBytes = 64

// Code is one value with the days it is valid.
type Code struct {
	Code  string `json:"code"`
	Names Text   `json:"names"`
	From  string `json:"from,omitempty"` // YYYY-MM-DD
	To    string `json:"to,omitempty"`   // exclusive
}

// FileShape names the columns of a source file that is not a table.
type FileShape struct {
	Names   Text       `json:"names"`
	Columns []Variable `json:"columns"`
}
