// Package episode is the kernel: it turns the rows of one person into days,
// sub-spells (delfall), spells (fall) and panels.
//
// A register is a function person × benefit × day → state or nothing. Rows are
// only how that function reaches us: late, overlapping, corrected and
// reversed. The kernel works out what holds on each day and then looks at the
// days in the shapes that people order:
//
//	rows ── as-of ──▶ day winner ──▶ sub-spells ──▶ spells ──▶ window ──▶ panel
//	                  (overlap       (touching      (gap ≤ G)  (mode,
//	                   policy)        and equal)                history)
//
// Begin with [New], give [Kernel.Build] one person's rows, then ask
// [Kernel.Deliver] for what a window shows and [Kernel.Panel] for its cells.
// A Kernel keeps its memory between persons and allocates nothing once warm;
// it is not safe for concurrent use, so keep one per goroutine.
//
// The kernel knows a spell key, an opaque state, an extent and a rank. What
// these mean (four benefits that share a sjukfall, which of them goes first,
// what a change of daily amount does) is the catalogue's business.
//
// Days are half-open inside, [From, To), extents are per mille, net days are
// thousandths of a day, money is öre. There is no floating point.
//
// Source: reference extraction §3, axioms S1–S28 and examples E1–E20; the
// comments name the axiom a line rests on.
package episode

import (
	"errors"
	"math"

	"sluss/internal/day"
)

// Errors that callers react to.
var (
	// ErrNoHorizon: an open row came and Options.Horizon is not set.
	ErrNoHorizon = errors.New("an open row needs an observation horizon")
	// ErrEmptyWindow: a window holds no day (S21).
	ErrEmptyWindow = errors.New("the window holds no day")
	// ErrMaskedOverlap: whole spells were asked for while what lies outside
	// the window is to be masked (S14).
	ErrMaskedOverlap = errors.New("mode overlap shows days outside the window and needs history reveal")
)

// Kind tells payments from reversals.
type Kind uint8

// Kinds of rows.
const (
	Pay Kind = iota // the days hold the row's state
	Rev             // the days hold nothing, as far as this track is concerned
)

// Row is what the kernel needs to know of one row of a register.
type Row struct {
	// From and To are the row's days [From, To). To is [day.Open] for a row
	// without an end; such a row runs to the horizon and carries no amount.
	From, To day.Day
	Tx       int64 // when the register knew; greater is later
	RowID    int64 // breaks ties at equal Tx; greater wins
	Amount   int64 // öre, ≥ 0 for payments and reversals alike
	Key      uint32
	// Track is the line of payments inside Key in which corrections and
	// reversals act.
	Track uint32
	// State is compared and never interpreted. Days of one sub-spell share
	// State and Extent.
	State uint32
	// Rest stands for the columns that the kernel does not see: rows are
	// duplicates (S2) only if their Rest is equal too.
	Rest   uint32
	Extent uint16 // per mille, 0–1000; 0 is a covered day without benefit
	Rank   uint8  // greater wins among tracks before Tx does (assumption A7)
	Kind   Kind
	// MoneyOnly rows have an amount and decide no day (assumption A5, see [TopUp]).
	MoneyOnly bool
	// Far rows that begin a sub-spell continue a spell over Rule.FarGap free days
	// (assumption A2).
	Far bool
	// Lead is how many days of sick pay come right before From (assumption A3, see
	// [SickPay]). Where a payment decides its own first day, those of them that come
	// after the nearest covered day are covered days of extent 0.
	Lead uint8
}

// Overlap says what holds on a day that several tracks cover.
type Overlap uint8

// Overlap policies.
const (
	Latest    Overlap = iota // the greatest (Rank, Tx, RowID) decides (S4)
	SumTracks                // extents add, at most 100 % (S5)
	Conflict                 // they must agree; days on which they do not are counted (S6)
)

// Rule is how the rows of one key become spells.
type Rule struct {
	// MaxGap is the greatest number of free days that still joins two
	// sub-spells into one spell (S9).
	MaxGap int32
	// FarGap holds in place of MaxGap, where it is greater, before a sub-spell whose
	// first day a [Row.Far] row decides.
	FarGap  int32
	Overlap Overlap
}

// Options hold for every person that a Kernel builds.
type Options struct {
	// AsOf leaves out rows with a greater Tx (S22); math.MaxInt64 leaves out
	// none.
	AsOf int64
	// Horizon is the first day that open rows do not reach. It does not cut
	// closed rows. [day.Open] means that no open rows are expected.
	Horizon day.Day
	Rule    Rule
	// Rules holds the rules of keys 0, 1, 2 …; keys beyond it follow Rule.
	Rules []Rule
	// KeepSubspell and KeepSpell filter before and after spells are formed;
	// nil keeps all. With either set, amounts count only on days of the spells
	// that are left, so that a filter also holds for money.
	KeepSubspell func(*Kernel, *Subspell) bool
	KeepSpell    func(*Kernel, *Spell) bool
}

// Defaults are options for all rows, without open ones: spells join over at
// most 4 free days (assumption A1) and the latest row decides.
func Defaults() Options {
	return Options{AsOf: math.MaxInt64, Horizon: day.Open, Rule: Rule{MaxGap: 4}}
}

// Mode chooses among spells by where they lie.
type Mode uint8

// Modes (S14).
const (
	Clip       Mode = iota // every spell with a covered day in the window
	Overlapped             // the same spells, whole
	StartIn                // first covered day in the window
	EndIn                  // last covered day in the window; never an ongoing spell
)

// History says whether what lies outside the window may be seen.
type History uint8

// Histories (S12).
const (
	Mask   History = iota // nothing outside the window shows, except that a spell is cut
	Reveal                // true ends and attributes of the uncut spell are shown
)

// Window is what a delivery may show: the days [From, To).
type Window struct {
	From, To day.Day
	Mode     Mode
	History  History
}

// Always returns the window of all days.
func Always() Window { return Window{From: math.MinInt32, To: day.Open} }

// Check returns [ErrEmptyWindow], [ErrMaskedOverlap] or nil.
func (w Window) Check() error {
	if w.From >= w.To {
		return ErrEmptyWindow
	}
	if w.Mode == Overlapped && w.History == Mask {
		return ErrMaskedOverlap
	}
	return nil
}

// whole reports whether chosen spells are delivered uncut.
func (w Window) whole() bool { return w.History == Reveal && w.Mode != Clip }

// Reason says why a row is put aside. Rows are never repaired (S3).
type Reason uint8

// Reasons in the order in which they are tested.
const (
	Accepted Reason = iota
	MissingPerson
	MissingBenefit
	FromAfterTom
	UnknownExtent
	OpenAmount
)

var reasons = [...]string{"", "missing_person", "missing_benefit", "from_after_tom", "unknown_extent", "open_amount"}

// String returns the reason as it stands in reject files; "" for Accepted.
func (r Reason) String() string { return reasons[r] }

// Test returns the first reason for which r cannot be used. Whether it names a
// person and a benefit is known to the caller only.
func (r *Row) Test(person, benefit bool) Reason {
	switch {
	case !person:
		return MissingPerson
	case !benefit:
		return MissingBenefit
	case r.From >= r.To:
		return FromAfterTom
	case r.Extent > Full:
		return UnknownExtent
	case r.To == day.Open && r.Amount != 0:
		return OpenAmount
	}
	return Accepted
}
