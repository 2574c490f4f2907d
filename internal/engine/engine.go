// Package engine is the port through which the vault has a specification
// carried out.
//
// An [Engine] reads one snapshot of the registers and writes finished data
// files: sub-spells, spells, panels or payments of a population, bounded by
// what was decided. How it finds the rows is its own affair (memory-mapped
// columns in engine/embedded, a cluster elsewhere), but what the rows mean is
// not: every engine calls the kernel in internal/episode, and all pass the
// suite in engine/enginetest.
//
// The pipeline has a fixed order (reference extraction §3.1):
//
//	rows known at the snapshot → reject bad rows → row filter → day winner →
//	sub-spells → sub-spell filter → spells → spell filter → window → panel and
//	derivations → coarsen → pseudonymise → write
//
// An engine proves for itself that it stays inside the decision where it can:
// it cuts every person's window to the decided period, refuses what it does
// not know, and adds the decision's own filters to the specification's. That
// the specification lies within the decision is shown by plan.Within before,
// and by the check on the finished files after.
package engine

import (
	"context"
	"io"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/selection"
)

// Engine carries out specifications on one snapshot. It is safe for concurrent
// use.
type Engine interface {
	// Mentioned returns the persons outside the population whom the columns of
	// other persons (children, say) will name, ascending. They need a löpnummer
	// before Run. Serials of the job's people are not looked at.
	Mentioned(ctx context.Context, j Job) ([]uint32, error)
	// Employers returns, ascending, the entities that the columns of employers
	// will name: organisations, and persons who trade under their own number.
	// They need a löpnummer of the employers' domain before Run, also those who
	// are persons of the population.
	Employers(ctx context.Context, j Job) ([]uint32, error)
	// Select returns, for each condition, the people who meet it, ascending.
	// Faults are those of Run.
	Select(ctx context.Context, s Selection) ([][]selection.Met, error)
	// Run writes every file of the specification. create opens a file by its
	// final name; the caller decides where it really goes. After an error the
	// files that were created hold nothing of use and the caller removes them.
	//
	// progress, which may be nil, is told from one goroutine how many persons
	// have been read of how many, counted once per reading of a table.
	//
	// What cannot be carried out is a *fault.Fault: of class Input for a
	// specification that the engine does not understand, of class Gate where it
	// asks for more than the decision gives or where the data contradict
	// themselves and the specification says that they must not.
	Run(ctx context.Context, j Job, create Create, progress func(done, total int64)) (Result, error)
}

// Create opens a file for writing. Closing it does not publish it.
type Create func(name string) (io.WriteCloser, error)

// Job is one specification with the people it is about.
type Job struct {
	Spec      plan.Spec
	Scope     plan.Scope
	Catalogue *catalog.Catalogue
	// People may come in any order; files are in the order of Serial, or of
	// identity numbers where those are delivered.
	People []Person
	// Other gives the löpnummer of a person outside the population. It is
	// asked only for those that Mentioned returned.
	Other func(person uint32) (serial int64, ok bool)
	// Employer gives the löpnummer under which an entity is an employer. It has
	// nothing to do with the one it may have as a person, so that nobody sees
	// that they are one. It is asked only for those that Employers returned,
	// and also where persons are named by identity number.
	Employer func(entity uint32) (serial int64, ok bool)
	// Number gives a person's identity number. It is nil unless the decision
	// names persons by it (promise 4).
	Number func(person uint32) string
}

// Selection asks which people meet the conditions of a population that is drawn
// from the registers. Its lines are made like those of an extract: spells where
// the table forms them, by the gap of the catalogue, else rows that are no
// reversals, as the period shows them and nothing else.
type Selection struct {
	Snapshot   string
	Catalogue  *catalog.Catalogue
	Conditions []plan.Criterion
	Anchor     string // name of the date that periods may start from, "" = none
	// People are asked for by Index. Each has one anchor where Anchor is named;
	// Serial and Groups are not looked at.
	People []Person
}

// Person is one person of the population.
type Person struct {
	Index   uint32   // in the snapshot
	Serial  int64    // löpnummer, ≥ 1
	Anchors []Anchor // by the population's anchors in the specification
	Groups  []string // by the population's groups in the specification, "" missing
}

// Anchor is a date that steers windows. Set is false where it is missing: such
// a person gives no rows in windows that start from it (S20).
type Anchor struct {
	Set bool
	Day day.Day
}

// Result is what Run has written.
type Result struct {
	Files  []File            // in the order of the extracts, parts in order
	Counts []order.CountLine // codes begin with the extract's name and a dot
}

// File is a finished data file.
type File struct {
	Name    string // with its extension
	Extract string // name in the specification
	Table   string
	Shape   catalog.Shape
	Format  string
	Columns []Column
	Bytes   int64
	SHA256  canon.Hash
	Totals  Totals
}

// Column is one column of a file.
type Column struct {
	Name string `json:"name"`
	// Type is int32, int64, date, week, month, quarter, decimal or text; see package
	// parcel/format for what stands in a cell.
	Type string `json:"type"`
	// Variable is the catalogue's variable, "" for a column of the population.
	Variable string `json:"variable,omitempty"`
	Derive   string `json:"derive,omitempty"`
	Coarsen  string `json:"coarsen,omitempty"`
}

// Totals are control sums over the rows of a file, before coarsening and
// whether or not a column shows them. The check on the finished file must find
// them again.
type Totals struct {
	Rows    int64
	Persons int64
	Days    int64 // covered days; in payments the days of the rows
	Net     int64 // thousandths of a day
	Ore     int64 // of the amounts; 0 in spells and sub-spells
}

// Codes of counts, after the extract's name and a dot.
const (
	CountPersons      = "persons"                // persons of the population
	CountNoAnchor     = "persons_without_anchor" // no date to start the window from (S20)
	CountOutside      = "persons_outside_period" // window and decided period have no day in common
	CountNoRows       = "persons_without_rows"   // nothing to deliver
	CountRejected     = "rows_rejected."         // followed by the kernel's reason (S3)
	CountPaymentDates = "payment_dates_masked"   // dates of payment outside the window, delivered empty
	CountDates        = "dates_masked"           // other dates outside the window, and months and years that end after it
)
