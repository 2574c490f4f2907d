// Package exposure is the disclosure report of a delivery: how easily the
// people in it can be found again, in figures that both sides of the wall may
// see, and the light that the authority's policy gives them.
//
// The vault measures (package risk, fed by parcel/inspect) and fills a
// [Report]; the counter keeps it with the case, the releaser reads it, and a
// red one is not released without reasons. The report holds no row, no value
// and no number of a person: names of columns, counts, and shares.
//
// Its own small numbers are protected. A count of one to four persons is said
// as few, and greater ones are rounded to fives ([Protect]), so that two
// figures cannot be subtracted from each other to a person. Lights are judged
// before that, from the exact figures.
//
// Shares are per 10 000. The package is pure.
//
// Source: reference pseudonym §2.4 and §4 (measures, report layout); k and
// cell limits of five and three are that reference's parameters.
package exposure

import (
	"slices"

	"sluss/internal/fault"
)

// Version is the type of the report.
const Version = "sluss/exposure/v1"

// Cell is the count of persons below which a figure is small.
const Cell = 5

// Whole is the unit of shares.
const Whole = 10_000

// Count is a protected number of persons. Few means one to four; N is then 0.
type Count struct {
	N   int64 `json:"n"`
	Few bool  `json:"few,omitempty"`
}

// Protect returns n as it may be told: nought, few, or rounded to fives.
func Protect(n int64) Count {
	switch {
	case n <= 0:
		return Count{}
	case n < Cell:
		return Count{Few: true}
	}
	return Count{N: (n + Cell/2) / Cell * Cell}
}

// Light is a traffic light, "" where there is nothing to judge.
type Light string

// Lights.
const (
	Green Light = "green"
	Amber Light = "amber"
	Red   Light = "red"
)

var severity = []Light{"", Green, Amber, Red}

// Worst returns the worse of two lights.
func Worst(a, b Light) Light {
	if slices.Index(severity, b) > slices.Index(severity, a) {
		return b
	}
	return a
}

// Report is about one delivery, before it is released.
type Report struct {
	Type   string `json:"type"`
	Policy Policy `json:"policy"` // that the lights were judged by
	Light  Light  `json:"light"`  // the worst of all
	// Parts are the extracts of the specification, each reduced to one record
	// per person; Together joins what all of them tell of a person.
	Parts    []Part `json:"parts"`
	Together Part   `json:"together"`
	// Register counts the delivered persons among everybody in the register; nil
	// where no lasting trait of theirs is delivered.
	Register *Register `json:"register,omitempty"`
	Order    []Order   `json:"order,omitempty"`
	Earlier  []Match   `json:"earlier,omitempty"`
	// Scanned are the cells with text that were searched for identifiers;
	// there were none in them, or there would be no report.
	Scanned int64 `json:"scanned"`
}

// Part is a table, one record per person.
type Part struct {
	Extract string `json:"extract,omitempty"`
	Table   string `json:"table,omitempty"`
	Shape   string `json:"shape,omitempty"`
	Persons Count  `json:"persons"`
	// Traits are the columns that an intruder may know of a person. Without
	// any, everybody is alike and K is everybody.
	Traits  []string `json:"traits,omitempty"`
	Classes Count    `json:"classes"` // of persons alike in all traits
	K       Graded   `json:"k"`       // persons in the smallest class
	Uniques Graded   `json:"uniques"` // persons alone in their class
	AtRisk  Graded   `json:"at_risk"` // persons in classes below Cell: found with a chance above 1 in 5
	Content *Content `json:"content,omitempty"`
	// Special says which traits give away those who are alone; nil where nobody
	// is, or where it would take too long to find out.
	Special *Special  `json:"special,omitempty"`
	Path    *Path     `json:"path,omitempty"`
	Cells   []Cells   `json:"cells,omitempty"`
	WhatIf  []Coarser `json:"what_if,omitempty"` // the most useful first
}

// Register says how many in the whole register have the same lasting traits as the
// delivered persons (F): what an intruder counts who does not know who is in the
// delivery.
type Register struct {
	// Traits are the delivered variables that were counted by: those that the register
	// has once for every person. Left are other traits of such tables, which were
	// not: with them classes are smaller.
	Traits  []string `json:"traits"`
	Left    []string `json:"left,omitempty"`
	Persons Count    `json:"persons"` // in the register
	Uniques Graded   `json:"uniques"` // delivered persons who are alone in the register
	AtRisk  Graded   `json:"at_risk"` // delivered persons in classes below Cell there
}

// Graded is a figure with its light.
type Graded struct {
	Count Count `json:"count"`
	Share int64 `json:"share"` // of the persons, of the protected figures
	Light Light `json:"light"`
}

// Content is what a class tells of a sensitive variable although nobody in it
// can be pointed out. The figures are about each person's first row.
type Content struct {
	Variable  string `json:"variable"`
	Distinct  int64  `json:"distinct"`  // least number of values in a class (l-diversity)
	Entropy   int64  `json:"entropy"`   // least exp of the entropy, in hundredths
	Closeness int64  `json:"closeness"` // greatest distance from everybody's distribution (t), per 10 000
	Light     Light  `json:"light"`
}

// Special is about persons who are alone in their class: few traits tell some of
// them from everybody else (special uniques, SUDA).
type Special struct {
	// Alone are persons whom some one trait, some two at most and some three at
	// most tell from all others of the delivery.
	Alone []Count `json:"alone"`
	// Columns are the traits by their part in it, the greatest first.
	Columns []Telling `json:"columns"`
	// Register is how many of those who are alone can be expected to be alone in
	// the whole register too (DIS-SUDA, as if the delivery were a random sample of
	// it); nil where nothing can be estimated.
	Register *Count `json:"register,omitempty"`
}

// Telling is a trait's part of all SUDA scores, per 10 000, in whole per cent.
type Telling struct {
	Column string `json:"column"`
	Share  int64  `json:"share"`
}

// Path is how many are given away by what happened to them and when.
type Path struct {
	Columns []string `json:"columns"`
	First   []Graded `json:"first"` // alone by the first one, two and three rows
	Whole   Graded   `json:"whole"` // alone by all rows
}

// Cells are the counts that a table of the column would show.
type Cells struct {
	Column string `json:"column"`
	Cells  int64  `json:"cells"`
	Small  int64  `json:"small"` // cells with one to four persons
	Capped bool   `json:"capped,omitempty"`
}

// Coarser is what one column less exact would give.
type Coarser struct {
	Column  string `json:"column"`
	To      string `json:"to"` // level of the catalogue, "" = leave it out
	K       Count  `json:"k"`
	Uniques Count  `json:"uniques"`
}

// Order is a test of whether löpnummer, and with them the rows, follow
// something else.
type Order struct {
	Against string `json:"against"`
	Score   int64  `json:"score"` // |ρ|·√(n−1), in thousandths
	Light   Light  `json:"light"`
}

// Match compares with an earlier delivery of the same project, class by class.
type Match struct {
	Order   string `json:"order"`
	Extract string `json:"extract"`
	// Unique are persons who are alone in their class there as well as here:
	// their records can be laid side by side, whatever their löpnummer.
	Unique Graded `json:"unique"`
	// Changed are classes that have grown or shrunk by one to four persons.
	Changed Count `json:"changed"`
	// Sampled: the deliveries are large and were compared by a sample.
	Sampled bool `json:"sampled,omitempty"`
}

// Policy is what an authority accepts. For every measure Green is the worst
// value that passes and Amber the worst that passes with a thought; what is
// worse is red and needs reasons.
type Policy struct {
	K       Limits `json:"k"`       // persons in the smallest class, at least
	Uniques Limits `json:"uniques"` // per 10 000 persons, at most
	AtRisk  Limits `json:"at_risk"` // per 10 000 persons, at most
	Content Limits `json:"content"` // distinct values in a class, at least
	Path    Limits `json:"path"`    // per 10 000 persons, at most
	Match   Limits `json:"match"`   // per 10 000 persons, at most
}

// Limits are those of one measure.
type Limits struct {
	Green int64 `json:"green"`
	Amber int64 `json:"amber"`
}

// DefaultPolicy holds where an authority has not decided.
//
// k of five and three, no uniques and at most one in a thousand: reference
// pseudonym §4.1, and the same as `sluss-engine risk` uses. Paths never give
// red by themselves: a sequence of spells is unique to almost everybody
// (§2.4, "episode fingerprint"), which is a reason for secrecy at the
// recipient, not for the refusal of research data. Modellantagande: the shares
// of Path and Match are ours.
func DefaultPolicy() Policy {
	return Policy{
		K: Limits{5, 3}, Uniques: Limits{0, 10}, AtRisk: Limits{0, 500}, Content: Limits{2, 1}, Path: Limits{1000, Whole}, Match: Limits{0, 100},
	}
}

// Check refuses a policy whose limits stand in the wrong order or cannot be
// meant.
func (p Policy) Check() error {
	for _, m := range []struct {
		name  string
		l     Limits
		least bool
	}{
		{"k", p.K, true},
		{"uniques", p.Uniques, false},
		{"at_risk", p.AtRisk, false},
		{"content", p.Content, true},
		{"path", p.Path, false},
		{"match", p.Match, false},
	} {
		wrong := m.l.Green > m.l.Amber || m.l.Amber > Whole
		if m.least {
			wrong = m.l.Green < m.l.Amber
		}
		if wrong || m.l.Green < 0 || m.l.Amber < 0 {
			return fault.New("exposure.policy", "Gränserna för röjanderisk går inte att använda.", "The limits of disclosure risk cannot be used.").
				Do("Grönt ska vara strängare än gult; andelar är per 10 000.", "Green must be stricter than amber; shares are per 10 000.").At(fault.Where{Column: "exposure." + m.name})
		}
	}
	return nil
}

// AtLeast grades a value that should be high.
func (l Limits) AtLeast(v int64) Light {
	switch {
	case v >= l.Green:
		return Green
	case v >= l.Amber:
		return Amber
	}
	return Red
}

// AtMost grades n of whole, a share that should be low. The comparison is
// exact.
func (l Limits) AtMost(n, whole int64) Light {
	switch {
	case n*Whole <= l.Green*whole:
		return Green
	case n*Whole <= l.Amber*whole:
		return Amber
	}
	return Red
}

// Grade returns n of whole persons as it may be told, with its light.
func (l Limits) Grade(n, whole int64) Graded {
	return Graded{Protect(n), share(Protect(n), Protect(whole)), l.AtMost(n, whole)}
}

// share is of protected figures, so that it tells no more than they do.
func share(n, whole Count) int64 {
	if whole.N == 0 {
		return 0
	}
	return min(n.N*Whole/whole.N, Whole)
}

// Judge fills in the light of the whole from those of its parts.
func (r *Report) Judge() {
	r.Light = Green
	for _, p := range append(slices.Clone(r.Parts), r.Together) {
		r.Light = Worst(r.Light, p.Light())
	}
	if x := r.Register; x != nil {
		r.Light = Worst(r.Light, Worst(x.Uniques.Light, x.AtRisk.Light))
	}
	for _, o := range r.Order {
		r.Light = Worst(r.Light, o.Light)
	}
	for _, m := range r.Earlier {
		r.Light = Worst(r.Light, m.Unique.Light)
	}
}

// Light is the worst of a part.
func (p Part) Light() Light {
	l := Worst(p.K.Light, Worst(p.Uniques.Light, p.AtRisk.Light))
	if p.Content != nil {
		l = Worst(l, p.Content.Light)
	}
	if p.Path != nil {
		l = Worst(l, p.Path.Whole.Light)
		for _, f := range p.Path.First {
			l = Worst(l, f.Light)
		}
	}
	return l
}
