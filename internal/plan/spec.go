// Package plan is the extraction specification and its bounds.
//
// A [Spec] says exactly what shall be extracted: population, tables, shapes,
// windows, filters, columns and files. It is data in a closed vocabulary: no
// SQL, no expressions, no regular expressions, so that everything in it can be
// decided. A [Scope] is what the authority decided; it uses the same words as
// upper bounds.
//
//   - [Spec.Problems] finds what is wrong with a specification by itself.
//   - [Within] finds where a specification asks for more than the decision
//     gives. Anything unknown is refused.
//
// Both return every finding at once, each with the path of the element. The
// package is pure.
//
// Source: reference extraction §2.
package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Version is the format of specifications that this package reads.
const Version = "sluss/extraction/v1"

// Spec is one extraction, bound to a decision, a catalogue and a snapshot.
type Spec struct {
	Spec       string     `json:"spec"`
	Order      string     `json:"order"`
	Decision   Ref        `json:"decision"`
	Catalogue  Ref        `json:"catalogue"`
	AsOf       AsOf       `json:"as_of"`
	Identity   Identity   `json:"identity"`
	Population Population `json:"population"`
	Extracts   []Extract  `json:"extracts"`
}

// Hash is the hash of the specification's canonical JSON: what a job, a
// release and a manifest are bound to.
func (s Spec) Hash() (canon.Hash, error) { return canon.Of(s) }

// Ref names another document and pins its content.
type Ref struct {
	ID      string     `json:"id"`
	Version int        `json:"version,omitempty"`
	SHA256  canon.Hash `json:"sha256"`
}

// AsOf pins what the register knew. One of the two is set.
type AsOf struct {
	Snapshot string `json:"snapshot,omitempty"`
	Instant  string `json:"instant,omitempty"`
}

// Kinds of identity in a delivery.
const (
	IdentitySerial         = "project_serial"  // löpnummer of the project
	IdentityPersonalNumber = "personal_number" // only where the decision says so, promise 4
)

// Identity says how persons are named in the delivered files.
type Identity struct {
	Kind       string `json:"kind"`
	KeyVersion string `json:"key_version,omitempty"`
}

// Population says whose rows are extracted. One of the two is set.
type Population struct {
	File     *FilePopulation `json:"file,omitempty"`
	Criteria *Criteria       `json:"criteria,omitempty"`
}

// FilePopulation is a population file that has been received and checked.
type FilePopulation struct {
	Intake  Ref      `json:"intake"`
	ID      string   `json:"id"`
	Serial  string   `json:"serial,omitempty"`
	Anchors []string `json:"anchors,omitempty"`
	Groups  []string `json:"groups,omitempty"`
}

// Extract is one delivered file.
type Extract struct {
	Name        string   `json:"name"`
	Table       string   `json:"table"`
	Shape       Shape    `json:"shape"`
	Overlap     string   `json:"overlap,omitempty"`
	History     string   `json:"history,omitempty"`
	MinCoverage float64  `json:"min_coverage,omitempty"` // share, 0–1
	Window      Window   `json:"window"`
	Where       []Filter `json:"where,omitempty"`
	Columns     []Column `json:"columns"`
	Output      Output   `json:"output"`
}

// Shape is payment, correction, subspell, subspell_42, a spell with its gap rule, or a panel
// with its unit. In JSON: "payment", "correction", "subspell", "subspell_42", {"spell":{…}} or
// {"panel":{…}}.
type Shape struct {
	Simple string
	Spell  *SpellShape
	Panel  *PanelShape
}

// SpellShape says which gaps join and which variables besides person and
// spell group keep spells apart ([SpellKeys]). Spells of different keys are built each
// by itself, as if the rows of the others were not there, and may cover the same days.
type SpellShape struct {
	MaxGapDays int      `json:"max_gap_days"`
	Key        []string `json:"key,omitempty"`
}

// PanelShape is a panel by day, week, month, quarter or year.
type PanelShape struct {
	Unit       string `json:"unit"`
	EmptyCells string `json:"empty_cells,omitempty"` // omit (default) or zero
}

// MarshalJSON writes the shape as the schema has it.
func (s Shape) MarshalJSON() ([]byte, error) {
	switch {
	case s.Spell != nil:
		return json.Marshal(map[string]any{"spell": s.Spell})
	case s.Panel != nil:
		return json.Marshal(map[string]any{"panel": s.Panel})
	}
	return json.Marshal(s.Simple)
}

// UnmarshalJSON reads what MarshalJSON writes, and nothing else: no unknown
// member, and a spell always says which gap joins.
func (s *Shape) UnmarshalJSON(b []byte) error {
	*s = Shape{}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &s.Simple)
	}
	var o struct {
		Spell *struct {
			MaxGapDays *int     `json:"max_gap_days"`
			Key        []string `json:"key"`
		} `json:"spell"`
		Panel *PanelShape `json:"panel"`
	}
	if err := strict(b, &o); err != nil {
		return err
	}
	switch {
	case (o.Spell == nil) == (o.Panel == nil):
		return errors.New("shape must be payment, correction, subspell, subspell_42, a spell or a panel")
	case o.Panel != nil:
		s.Panel = o.Panel
	case o.Spell.MaxGapDays == nil:
		return errors.New("a spell states max_gap_days")
	default:
		s.Spell = &SpellShape{*o.Spell.MaxGapDays, o.Spell.Key}
	}
	return nil
}

// strict decodes b into v and refuses members that v does not have. Types with
// an UnmarshalJSON of their own need it: the strictness of an outer decoder
// does not reach them.
func strict(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// OwnKey returns the variables that keep spells apart besides person and spell group.
func (s Shape) OwnKey() []string {
	if s.Spell == nil {
		return nil
	}
	return s.Spell.Key
}

// Of returns the catalogue's name of the shape, "" when it is none of them.
func (s Shape) Of() catalog.Shape {
	switch {
	case s.Spell != nil:
		return catalog.ShapeSpell
	case s.Panel != nil:
		if slices.Contains(units, s.Panel.Unit) {
			return catalog.Shape("panel_" + s.Panel.Unit)
		}
		return ""
	case slices.Contains(simpleShapes, s.Simple):
		return catalog.Shape(s.Simple)
	}
	return ""
}

// Modes of a window; the first is the default.
const (
	ModeClip    = "clip"
	ModeOverlap = "overlap"
	ModeStartIn = "start_in"
	ModeEndIn   = "end_in"
)

// Histories: whether what lies outside the window may be told.
const (
	HistoryMask   = "mask" // default: only what lies in the window
	HistoryReveal = "reveal"
)

// Window is a half-open stretch [From, To), absolute or relative to an anchor.
type Window struct {
	From Bound  `json:"from"`
	To   Bound  `json:"to"`
	Mode string `json:"mode,omitempty"`
}

// UnmarshalJSON reads a window that has both bounds: one that is left out is
// not the first of January 1970.
func (w *Window) UnmarshalJSON(b []byte) error {
	var o struct {
		From *Bound `json:"from"`
		To   *Bound `json:"to"`
		Mode string `json:"mode"`
	}
	if err := strict(b, &o); err != nil {
		return err
	}
	if o.From == nil || o.To == nil {
		return errors.New("a window has from and to")
	}
	*w = Window{*o.From, *o.To, o.Mode}
	return nil
}

// Bound is a date, or an offset from an anchor date of the person.
type Bound struct {
	Date   day.Day
	Anchor string
	Offset day.Offset
}

// Relative reports whether the bound depends on the person.
func (b Bound) Relative() bool { return b.Anchor != "" }

// Resolve returns the day of the bound for a person with this anchor date; the
// anchor is ignored for an absolute bound.
func (b Bound) Resolve(anchor day.Day) day.Day {
	if b.Relative() {
		return anchor.Add(b.Offset)
	}
	return b.Date
}

type relativeBound struct {
	Anchor string `json:"anchor"`
	Offset string `json:"offset"`
}

// MarshalJSON writes "2024-01-01" or {"anchor":…,"offset":"-P1Y"}.
func (b Bound) MarshalJSON() ([]byte, error) {
	if b.Relative() {
		return json.Marshal(relativeBound{b.Anchor, b.Offset.String()})
	}
	return json.Marshal(b.Date)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (b *Bound) UnmarshalJSON(raw []byte) error {
	*b = Bound{}
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &b.Date)
	}
	var r relativeBound
	if err := strict(raw, &r); err != nil {
		return err
	}
	o, err := day.ParseOffset(r.Offset)
	if err != nil {
		return err
	}
	if r.Anchor == "" {
		return errors.New("a relative bound names its anchor")
	}
	b.Anchor, b.Offset = r.Anchor, o
	return nil
}

// Stages at which a filter acts, in pipeline order.
const (
	StageRow      = "row"
	StageSubspell = "subspell"
	StageSpell    = "spell"
)

// Filter keeps what has a value among In, CodeIn or Between (closed).
type Filter struct {
	Var     string   `json:"var"`
	Stage   string   `json:"stage"`
	In      []any    `json:"in,omitempty"`
	CodeIn  []string `json:"code_in,omitempty"` // prefixes or ranges of prefixes: F32, F30-F48
	Between []any    `json:"between,omitempty"`
	Null    string   `json:"null,omitempty"` // drop (default) or keep
}

// Column is one delivered column.
type Column struct {
	Name    string   `json:"name"`
	As      string   `json:"as,omitempty"`
	Derive  *Derive  `json:"derive,omitempty"`
	Coarsen *Coarsen `json:"coarsen,omitempty"`
}

// Out is the column's name in the delivered file.
func (c Column) Out() string {
	if c.As != "" {
		return c.As
	}
	return c.Name
}

// Derive computes a column from what the kernel gives.
type Derive struct {
	Fn   string         `json:"fn"`
	Args map[string]any `json:"args,omitempty"`
}

// FnAbsent is the function of a column without values: what a layout of a fixed
// width has, and the decision does not give.
const FnAbsent = catalog.DeriveAbsent

// Arguments of functions.
const (
	ArgAnchor = "anchor"  // name of an index date
	ArgCodes  = "code_in" // prefixes or ranges of prefixes, as in a filter: only these codes count
)

// Codes returns the prefixes and ranges that count, nil where all values do.
// ok is false for an argument that is no list of texts.
func (d Derive) Codes() (codes []string, ok bool) {
	arg, given := d.Args[ArgCodes]
	if !given {
		return nil, true
	}
	list, ok := arg.([]any)
	for _, x := range list {
		text, isText := x.(string)
		codes, ok = append(codes, text), ok && isText
	}
	return codes, ok && len(codes) > 0
}

// Coarsen makes a value less exact.
type Coarsen struct {
	To string `json:"to"`
}

// Output is how a file is written.
type Output struct {
	File      string   `json:"file"`
	Format    string   `json:"format"`
	Delimiter string   `json:"delimiter,omitempty"`
	Encoding  string   `json:"encoding,omitempty"`
	Date      string   `json:"date,omitempty"`
	Decimal   string   `json:"decimal,omitempty"`
	Null      string   `json:"null,omitempty"`
	Sort      []string `json:"sort,omitempty"`
	SplitRows int      `json:"split_rows,omitempty"`
}
