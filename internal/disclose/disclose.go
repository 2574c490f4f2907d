// Package disclose looks at finished files, the last thing before a parcel is
// sealed, and says whether anything is in them that the decision does not let
// out (promises 3 and 4).
//
// [Check] reads the files cell by cell, as whoever opens them would, and
// compares them with the decision, the specification, the people that may be in
// them and the control sums of the job. It knows nothing of how the files were
// made: it shares no code with the engine or the kernel, reads dates, codes and
// filters by itself, and is fed by readers (package parcel/inspect) that are
// other libraries than the writers. A mistake in the extraction is therefore
// not repeated here.
//
// Every check is always reported, passed or not. What is unknown fails: a
// column, a level, a table, a file that nobody ordered. Messages name the file,
// the column, the first row and how many there are, never what stands in a
// cell.
//
// The package is pure.
//
// Source: reference extraction §2.3 (dynamic check), pseudonym §2.4.
package disclose

import (
	"iter"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// CellKind says what a cell holds.
type CellKind uint8

// Kinds of cells. A CSV file has Missing and Text only.
const (
	Missing CellKind = iota
	Text
	Number // N·10^−Scale
	Date   // N is a [day.Day]
	Other  // a type that no delivery has: floating point, time of day, bytes
)

// Cell is one value as a reader of the file finds it.
type Cell struct {
	Kind  CellKind
	Scale uint8
	Text  string
	N     int64
}

// File is a finished data file.
type File struct {
	Name    string
	Extract string // name in the specification
	Header  []string
	// Rows gives the rows in order; a slice is valid until the next one. An
	// error ends them.
	Rows iter.Seq2[[]Cell, error]
	// Stated is the number of rows that the file itself states, −1 when its
	// format does not.
	Stated int64
	// Metadata is what the file carries beside its rows, keys and values.
	Metadata [][2]string
	Totals   Totals
}

// Totals are the job's own control sums of a file. A sum is compared where a
// column shows it uncoarsened.
type Totals struct {
	Rows    int64
	Persons int64
	Days    int64
	Net     int64 // thousandths of a day
	Ore     int64 // of the amount; in payments and panels
}

// Anchor is a date that steers a person's window; Set is false where it is
// missing.
type Anchor struct {
	Set bool
	Day day.Day
}

// Person is somebody who may be in the files.
type Person struct {
	ID      uint64   // löpnummer, or the identity number where the decision says so
	Anchors []Anchor // in the order of the specification's anchors
	Groups  []string // in the order of the specification's groups, "" = missing
}

// Input is everything the check looks at.
type Input struct {
	Spec      plan.Spec
	Scope     plan.Scope
	Catalogue *catalog.Catalogue
	Synthetic bool     // numbers with the deliberately wrong check digit are identity numbers
	Horizon   day.Day  // first day of which the snapshot knows nothing
	People    []Person // ascending by ID
	Others    []uint64 // persons besides, whom columns may name; ascending
	Employers []uint64 // löpnummer of employers, whom other columns may name; ascending
	Files     []File
}

// Names of the checks, in the order of the report.
const (
	Readable   = "readable"         // every file is read to its end, every cell is of a known type
	Headers    = "headers"          // the columns are those that are approved, under their names
	Shape      = "shape"            // no finer than decided
	IDs        = "ids"              // everybody is in the serial map
	Numbers    = "personal_numbers" // nothing reads as an identity number
	Dates      = "dates"            // every date lies in the person's window
	Codes      = "codes"            // every value passes value sets and filters
	Resolution = "resolution"       // no value is more exact than decided
	Rows       = "rows"             // as many as stated, and no more than can be
	Persons    = "persons"          // no more than decided
	Disjoint   = "disjoint"         // a person's spells do not overlap
	Sums       = "totals"           // control sums of the job
	Groups     = "groups"           // values of the population file follow their person
	Order      = "order"            // rows by löpnummer, not in an order of the source
	Metadata   = "metadata"         // nothing is carried along
)

var checks = []struct{ name, sv, en string }{
	{Readable, "rader eller celler som inte går att läsa", "rows or cells that cannot be read"},
	{Headers, "kolumner som inte är godkända eller som saknas", "columns that are not approved or are missing"},
	{Shape, "finare form än beslutad", "a finer shape than decided"},
	{IDs, "löpnummer som inte hör till leveransen", "löpnummer that do not belong to the delivery"},
	{Numbers, "celler eller namn som innehåller vad som kan läsas som ett personnummer", "cells or names with what reads as a personal identity number"},
	{Dates, "datum utanför personens beslutade period", "dates outside the person's decided period"},
	{Codes, "värden utanför beslutade koder och begränsningar", "values outside the decided codes and limits"},
	{Resolution, "värden som är noggrannare än beslutat", "values more exact than decided"},
	{Rows, "fel antal rader", "a wrong number of rows"},
	{Persons, "fler personer än beslutat", "more persons than decided"},
	{Disjoint, "fall som överlappar inom en person", "spells that overlap within a person"},
	{Sums, "summor som inte stämmer med uttagets kontrollsummor", "sums that differ from the job's control sums"},
	{Groups, "värden ur populationsfilen vid fel person", "values of the population file at the wrong person"},
	{Order, "rader som inte står i löpnummerordning", "rows that are not in the order of löpnummer"},
	{Metadata, "uppgifter i filen utöver raderna", "data in the file besides its rows"},
}

// Check looks at every file and returns one result per check. The files may
// leave only if all are OK.
func Check(in Input) []order.CheckResult {
	c := &checker{in: &in, found: map[string]*finding{}, seen: make([]bool, len(in.People)), notes: map[string]string{}}
	c.people()
	byName := map[string]*plan.Extract{}
	for i := range in.Spec.Extracts {
		byName[in.Spec.Extracts[i].Name] = &in.Spec.Extracts[i]
	}
	delivered := map[string]bool{}
	for i := range in.Files {
		f := &in.Files[i]
		e := byName[f.Extract]
		delivered[f.Extract] = true
		c.file(f, e)
	}
	for _, e := range in.Spec.Extracts {
		if !delivered[e.Name] {
			c.add(Readable, e.Output.File, "", 0)
		}
	}
	c.maxPersons()
	return c.report()
}

// checker collects findings over all files.
type checker struct {
	in    *Input
	found map[string]*finding
	seen  []bool // by place in People: is in some file
	notes map[string]string
}

// finding is the first place of a kind and how many there are.
type finding struct {
	file, column string
	row          int64 // 1 is the first row below the header, 0 none
	n            int64
}

func (c *checker) add(check, file, column string, row int64) {
	if f := c.found[check]; f != nil {
		f.n++
		return
	}
	c.found[check] = &finding{file, column, row, 1}
}

// people checks what the caller promises about the people.
func (c *checker) people() {
	anchors, groups := len(anchorNames(&c.in.Spec)), len(groupNames(&c.in.Spec))
	for i, p := range c.in.People {
		if i > 0 && p.ID <= c.in.People[i-1].ID || p.ID == 0 || len(p.Anchors) != anchors || len(p.Groups) != groups {
			c.add(IDs, "", "", 0)
			return
		}
	}
	for _, list := range [][]uint64{c.in.Others, c.in.Employers} {
		for i := 1; i < len(list); i++ {
			if list[i] <= list[i-1] {
				c.add(IDs, "", "", 0)
				return
			}
		}
	}
	if c.in.Spec.Identity.Kind != c.in.Scope.Identity.Kind {
		c.add(Numbers, "", "", 0)
	}
}

func (c *checker) maxPersons() {
	n := 0
	for _, s := range c.seen {
		if s {
			n++
		}
	}
	if n > c.in.Scope.Persons.Max {
		c.add(Persons, "", "", 0)
		c.found[Persons].n = int64(n - c.in.Scope.Persons.Max)
	}
}

func anchorNames(s *plan.Spec) []string { return s.Population.AnchorNames() }

func groupNames(s *plan.Spec) []string { return s.Population.GroupNames() }
