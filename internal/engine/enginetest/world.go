// Package enginetest is the suite that every engine must pass.
//
// A test makes a [World] of a few rows, written as the catalogue names them,
// and a [Job]; [Files] runs it and gives the finished files back as text. An
// engine is tried by calling [Run] with a function that puts a world where the
// engine can read it.
package enginetest

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/plan"
)

// World is a small set of registers as they were known on Day.
type World struct {
	Day    day.Day
	Births []day.Day        // by person; NoDay where unknown
	Tables map[string][]Row // by table
}

// NoDay is a missing date.
const NoDay day.Day = -1 << 31

// Row is one row version. Values are by variable: text for codes, [day.Day]
// for dates, int64 for numbers and öre, uint16 for extents per mille, uint32
// for other persons. What is not there is missing.
type Row struct {
	Person uint32
	Values map[string]any
	// Hidden: the version was not known at the snapshot.
	Hidden bool
}

// Maker puts a world where an engine can read it. The snapshot's id is
// [Snapshot].
type Maker func(t testing.TB, w World) engine.Engine

// Snapshot is the id of the snapshot in every job of the suite.
const Snapshot = "suite"

// D is day.MustParse.
func D(s string) day.Day { return day.MustParse(s) }

// Pay is a row of midas_sjp: a payment of sickness benefit for closed days. An
// empty tom is open.
type Pay struct {
	Person   uint32
	ID, Tx   int64
	Track    int64
	Rev      bool
	From     string
	Tom      string
	Extent   uint16 // per mille
	Ore      int64
	Benefit  string // SJP when empty
	Level    string
	Diagnose string
	Paid     string
	Insured  string // 8 is employed
	Waits    string // chosen waiting days
	Ill      string // first day of illness by the application
}

// Row returns p as a row of midas_sjp.
func (p Pay) Row() Row {
	v := map[string]any{
		"row_id": p.ID, "track": p.Track, "tx": day.Day(p.Tx), "kind": "pay", "delforman": "SJP", "from_datum": D(p.From),
		"omfattning": p.Extent, "belopp": p.Ore, "utbetalningsdatum": D("2024-06-25"),
	}
	if p.Rev {
		v["kind"] = "rev"
	}
	if p.Tom != "" {
		v["tom_datum"] = D(p.Tom)
	}
	if p.Paid != "" {
		v["utbetalningsdatum"] = D(p.Paid)
	}
	if p.Ill != "" {
		v["insjuknad"] = D(p.Ill)
	}
	for id, text := range map[string]string{"delforman": p.Benefit, "niva": p.Level, "diagnos": p.Diagnose, "forsakradtyp": p.Insured, "karenstid": p.Waits} {
		if text != "" {
			v[id] = text
		}
	}
	return Row{Person: p.Person, Values: v}
}

// Sick makes a world of payments.
func Sick(pays ...Pay) World {
	w := World{Day: D("2026-11-01"), Tables: map[string][]Row{}}
	persons := uint32(0)
	for i, p := range pays {
		if p.ID == 0 {
			p.ID = int64(i + 1)
		}
		if p.Extent == 0 {
			p.Extent = 1000
		}
		if p.Extent == Zero {
			p.Extent = 0
		}
		persons = max(persons, p.Person)
		w.Tables["midas_sjp"] = append(w.Tables["midas_sjp"], p.Row())
	}
	for range persons + 1 {
		w.Births = append(w.Births, D("1980-02-29"))
	}
	return w
}

// Zero is the extent 0 in a [Pay], whose zero value means a whole day.
const Zero uint16 = 1<<16 - 2

// Extract is a specification of one file; see [Job].
type Extract struct {
	Name    string // sjukfall when empty
	Table   string // midas_sjp when empty
	Shape   string // by the catalogue: spell, payment, panel_week …
	Gap     int    // of spells
	Overlap string
	Mode    string
	Reveal  bool
	From    string // date, or anchor with offset: "index-P1Y"
	To      string
	Where   []plan.Filter
	Columns []string // "name", "name=as", "name|level", "name!fn"
	Zero    bool     // empty cells
	Key     []string // of spells, of the order's own
	Output  plan.Output
	Derive  map[string]map[string]any // arguments by the delivered name
}

// Plan returns e as it stands in a specification.
func (e Extract) Plan() plan.Extract {
	out := plan.Extract{Name: e.Name, Table: e.Table, Overlap: e.Overlap, Where: e.Where, Output: e.Output}
	if out.Name == "" {
		out.Name = "sjukfall"
	}
	if out.Table == "" {
		out.Table = "midas_sjp"
	}
	if out.Output.File == "" {
		out.Output.File = out.Name
	}
	if out.Output.Format == "" {
		out.Output.Format = "csv"
	}
	switch e.Shape {
	case "spell":
		out.Shape.Spell = &plan.SpellShape{MaxGapDays: e.Gap, Key: e.Key}
	case "subspell", "subspell_42", "payment", "correction":
		out.Shape.Simple = e.Shape
	default:
		out.Shape.Panel = &plan.PanelShape{Unit: strings.TrimPrefix(e.Shape, "panel_")}
		if e.Zero {
			out.Shape.Panel.EmptyCells = "zero"
		}
	}
	if e.Reveal {
		out.History = "reveal"
	}
	out.Window = plan.Window{From: bound(e.From, "1900-01-01"), To: bound(e.To, "2100-01-01"), Mode: e.Mode}
	for _, c := range e.Columns {
		out.Columns = append(out.Columns, e.column(c))
	}
	return out
}

func (e Extract) column(text string) plan.Column {
	var c plan.Column
	name, as, _ := strings.Cut(text, "=")
	name, level, coarse := strings.Cut(name, "|")
	name, fn, derived := strings.Cut(name, "!")
	c.Name, c.As = name, as
	if coarse {
		c.Coarsen = &plan.Coarsen{To: level}
	}
	if derived {
		c.Derive = &plan.Derive{Fn: fn, Args: e.Derive[c.Out()]}
	}
	return c
}

func bound(s, other string) plan.Bound {
	if s == "" {
		s = other
	}
	if d, err := day.Parse(s); err == nil {
		return plan.Bound{Date: d}
	}
	i := strings.IndexAny(s, "-P")
	o, err := day.ParseOffset(s[i:])
	if err != nil {
		panic(err)
	}
	return plan.Bound{Anchor: s[:i], Offset: o}
}

// Job returns a job for everybody in the world: person n has löpnummer 100+n
// unless serials says otherwise. The decision gives everything from 1900 to
// 2100, whole histories included; tests narrow it.
func Job(w World, extracts ...Extract) engine.Job {
	j := engine.Job{Catalogue: catalog.Builtin()}
	j.Spec = plan.Spec{
		Spec: plan.Version, Order: "ORDER-1", AsOf: plan.AsOf{Snapshot: Snapshot}, Identity: plan.Identity{Kind: plan.IdentitySerial},
		Decision: plan.Ref{ID: "D-1", Version: 1, SHA256: canon.Sum([]byte("decision"))}, Catalogue: plan.CatalogueRef(j.Catalogue),
		Population: plan.Population{File: &plan.FilePopulation{ID: "pnr", Intake: plan.Ref{ID: "pop-1", SHA256: canon.Sum([]byte("population"))}}},
	}
	j.Scope = plan.Scope{Scope: plan.ScopeVersion, Order: "ORDER-1", Identity: plan.IdentityBound{Kind: plan.IdentitySerial}}
	for _, e := range extracts {
		p := e.Plan()
		j.Spec.Extracts = append(j.Spec.Extracts, p)
		if _, there := j.Scope.RowFor(p.Table); !there {
			j.Scope.Rows = append(j.Scope.Rows, plan.Row{
				Table: p.Table, Outcome: plan.OutcomeDisclose, Period: &plan.Period{From: D("1900-01-01"), To: D("2100-01-01")}, Shape: catalog.ShapePayment, Reveal: true,
			})
		}
	}
	for n := range w.Births {
		j.People = append(j.People, engine.Person{Index: uint32(n), Serial: int64(100 + n)})
	}
	return j
}

// Anchored gives everybody an anchor called name; the empty text is a missing
// one.
func Anchored(j *engine.Job, name string, days ...string) {
	j.Spec.Population.File.Anchors = append(j.Spec.Population.File.Anchors, name)
	for i := range j.People {
		a := engine.Anchor{}
		if d := days[i%len(days)]; d != "" {
			a = engine.Anchor{Set: true, Day: D(d)}
		}
		j.People[i].Anchors = append(j.People[i].Anchors, a)
	}
}

// Disk collects files.
type Disk struct{ Files map[string]*bytes.Buffer }

// Create opens a file in memory.
func (d *Disk) Create(name string) (io.WriteCloser, error) {
	if d.Files == nil {
		d.Files = map[string]*bytes.Buffer{}
	}
	d.Files[name] = &bytes.Buffer{}
	return nopCloser{d.Files[name]}, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// Names returns the names of the files in order.
func (d *Disk) Names() []string { return slices.Sorted(maps.Keys(d.Files)) }

// Files runs j and returns its files by name.
func Files(t testing.TB, e engine.Engine, j engine.Job) (map[string]string, engine.Result) {
	t.Helper()
	var d Disk
	res, err := e.Run(context.Background(), j, d.Create, nil)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	out := map[string]string{}
	for name, b := range d.Files {
		out[name] = b.String()
	}
	return out, res
}

// Lines runs a job of one CSV file and returns its lines without the header.
func Lines(t testing.TB, e engine.Engine, j engine.Job) []string {
	t.Helper()
	files, res := Files(t, e, j)
	lines := strings.Split(strings.TrimSuffix(files[res.Files[0].Name], "\n"), "\n")
	return lines[1:]
}
