// Package risk measures how easily a person can be found again in a file of
// individual records.
//
// An intruder knows some things about somebody: age, sex, municipality. Such
// columns are quasi-identifiers. Records that agree in all of them form a
// class; f is the number of a class's records in the file (the sample), F the
// number of persons who would fit it in the population. Everything here
// follows from f and F:
//
//   - k, uniques, records in classes smaller than 2, 3, 5 and 10;
//   - prosecutor risk (the intruder knows that the person is in the file),
//     journalist risk (does not know) and marketer risk (how many would be
//     found in all);
//   - individual risk per record, from F or from survey weights;
//   - l-diversity and t-closeness: what a class tells about a sensitive
//     variable although nobody in it can be pointed out;
//   - SUDA: which few columns are enough to make a record unique, and DIS-SUDA,
//     how likely a match on them is right.
//
// Begin with [NewTable], add rows, and ask [Measure]. [Trajectories] does the
// same for sequences in a panel, [SmallCells], [Suppress] and [Differences]
// for tables and for what a second delivery adds, [WhatIf] says what coarser
// columns would give, and [Policy.Judge] turns a report into traffic lights.
//
// An empty cell is a value of its own (NULL), not a wildcard. Measures are
// floating point; counts are whole numbers. Nothing here puts the content of a
// cell in an error.
//
// Source: reference pseudonym §4.1 and §4.2, where the definitions are those
// of ARX and sdcMicro; k-anonymity Samarati & Sweeney 1998, l-diversity
// Machanavajjhala et al. 2007, t-closeness Li et al. 2007, individual risk
// Benedetti & Franconi 1998, SUDA and DIS-SUDA Elliot, Manning & Ford 2002.
package risk

import (
	"cmp"
	"fmt"

	"sluss/internal/fault"
)

// Question says what to measure. QI is required; the zero value of the rest
// leaves the measures out that need it.
type Question struct {
	QI        []string  // quasi-identifiers, in the order of the answers about them
	Sensitive string    // column whose content a class must not give away
	Ordered   string    // a column whose values have an order; matters when it is Sensitive
	Weights   []float64 // survey weight per record, > 0
	// Population has the quasi-identifiers of everybody, see [Table.Beside]; F
	// is then exact. It must hold every class of the sample.
	Population *Table
	// SamplingFraction is the share of the population that the file holds, in
	// (0, 1]; 0 = not known, and no DIS-SUDA.
	SamplingFraction float64
	Threshold        float64 // risks strictly above it are counted
	// SUDA asks for the scores of each record.
	SUDA bool
	// Effort bounds SUDA, in classes looked at; 0 = [SUDALimit].
	Effort int64
	// Progress, if set, is told how far the work has come.
	Progress Teller

	breath int64 // of the progress, for tests
}

// Report is the answer. Nil pointers are measures without their premises.
type Report struct {
	Records    int
	Classes    int
	K          int // records in the smallest class
	Uniques    int // records alone in their class
	Below      [len(Limits)]int
	Prosecutor Prosecutor
	Journalist *Journalist
	// Marketer is the expected share of records that a match against the
	// population gets right: Σ over classes of f/F, per record.
	Marketer           float64
	PopulationUniques  *int // uniques that are unique in the population, too
	ExpectedReidentity float64
	L                  *Diversity
	TCloseness         *float64
	SUDA               *SUDA // nil: not asked for, or more work than [Question.Effort]

	classes   *classes
	perClass  []float64 // individual risk
	disScores []float64 // by class; nil: not estimable
}

// Limits are the class sizes below which [Report.Below] counts records.
var Limits = [...]int{2, 3, 5, 10}

// Prosecutor is the risk when the intruder knows that the person is in the
// file: 1/f.
type Prosecutor struct {
	Max   float64 `json:"max"`
	Mean  float64 `json:"mean"`  // classes per record
	Share float64 `json:"share"` // of records above the threshold
}

// Journalist is the risk when the intruder only knows that the person is in
// the population: 1/F.
type Journalist struct {
	Max     float64 `json:"max"`
	Share   float64 `json:"share"`
	Success float64 `json:"success"` // the greater of classes/ΣF and the mean of 1/F
}

// Diversity is the least l-diversity of any class.
type Diversity struct {
	Distinct int     `json:"distinct"` // values of the sensitive variable
	Entropy  float64 `json:"entropy"`  // exp of the entropy: as many equally common values
}

// Individual yields the risk of each record, in the order of the file.
func (r *Report) Individual(yield func(float64) bool) {
	for _, c := range r.classes.of {
		if !yield(r.perClass[c]) {
			return
		}
	}
}

// Scores yields the SUDA score of each record, in the order of the file; 0 for
// records that are not unique, and for all where SUDA was not measured.
func (r *Report) Scores(yield func(int64) bool) {
	for _, c := range r.classes.of {
		var s int64
		if r.SUDA != nil {
			s = r.SUDA.scores[c]
		}
		if !yield(s) {
			return
		}
	}
}

// DISScores returns the DIS-SUDA score of each record in the order of the
// file, 0 for those that are not unique; ok is false where it cannot be
// estimated: without sampling fraction, SUDA or pairs.
func (r *Report) DISScores() (each func(yield func(float64) bool), ok bool) {
	return func(yield func(float64) bool) {
		for _, c := range r.classes.of {
			if !yield(r.disScores[c]) {
				return
			}
		}
	}, r.disScores != nil
}

// Measure answers q about t. A population that lacks a class of the sample,
// and a table without records, are faults of class Input.
func Measure(t *Table, q Question) (*Report, error) {
	p := &pace{tell: q.Progress, breath: cmp.Or(q.breath, breath)}
	if t.rows == 0 {
		return nil, fault.New("risk.no_records", "Filen har inga poster.", "The file has no records.")
	}
	qi, err := t.pick(q.QI)
	if err != nil {
		return nil, err
	}
	if err := p.begin("classes", int64(t.rows)*int64(len(qi))); err != nil {
		return nil, err
	}
	c, err := classify(t.rows, qi, p)
	if err != nil {
		return nil, err
	}
	r := &Report{Records: t.rows, Classes: len(c.size), classes: c}
	r.count(q.Threshold)
	if err := r.against(t, q, p); err != nil {
		return nil, err
	}
	if q.Sensitive != "" {
		s, err := t.pick([]string{q.Sensitive})
		if err != nil {
			return nil, err
		}
		if err := r.sensitive(s[0], q.Sensitive == q.Ordered, p); err != nil {
			return nil, err
		}
	}
	if q.SUDA {
		if r.SUDA, err = suda(c, qi, cmp.Or(q.Effort, SUDALimit), p); err != nil {
			return nil, err
		}
		if err := r.dis(q.SamplingFraction, p); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// count fills in what follows from class sizes alone.
func (r *Report) count(threshold float64) {
	r.K = r.Records
	above := 0
	for _, f := range r.classes.size {
		r.K = min(r.K, int(f))
		for i, limit := range Limits {
			if int(f) < limit {
				r.Below[i] += int(f)
			}
		}
		if 1/float64(f) > threshold {
			above += int(f)
		}
	}
	r.Uniques = r.Below[0]
	n := float64(r.Records)
	r.Prosecutor = Prosecutor{Max: 1 / float64(r.K), Mean: float64(r.Classes) / n, Share: float64(above) / n}
}

// against fills in what needs F.
func (r *Report) against(t *Table, q Question, p *pace) error {
	c := r.classes
	var exact []uint32
	if q.Population != nil {
		var err error
		if exact, err = c.inPopulation(t, q.Population, q.QI, p); err != nil {
			return err
		}
	}
	weights := c.sum(q.Weights)
	if err := p.begin("risk", int64(len(c.size))); err != nil {
		return err
	}
	r.perClass = make([]float64, len(c.size))
	var marketer float64
	for i, size := range c.size {
		f := float64(size)
		pop := f
		switch {
		case exact != nil:
			pop = float64(exact[i])
		case weights != nil:
			pop = weights[i]
		}
		marketer += f / pop
		switch {
		case weights != nil:
			r.perClass[i] = Individual(int(size), weights[i])
		case exact != nil:
			r.perClass[i] = 1 / pop
		default:
			r.perClass[i] = 1 / f
		}
		r.ExpectedReidentity += f * r.perClass[i]
		if err := p.did(1); err != nil {
			return err
		}
	}
	r.Marketer = marketer / float64(r.Records)
	if exact != nil {
		r.journalist(exact, q.Threshold)
	}
	return nil
}

func (r *Report) journalist(exact []uint32, threshold float64) {
	j, both := &Journalist{}, 0
	var total, success float64
	above := 0
	for i, size := range r.classes.size {
		one := 1 / float64(exact[i])
		j.Max = max(j.Max, one)
		total += float64(exact[i])
		success += float64(size) * one
		if one > threshold {
			above += int(size)
		}
		if size == 1 && exact[i] == 1 {
			both++
		}
	}
	n := float64(r.Records)
	j.Share = float64(above) / n
	j.Success = max(float64(r.Classes)/total, success/n)
	r.Journalist, r.PopulationUniques = j, &both
}

// inPopulation returns F of every class.
func (c *classes) inPopulation(t, population *Table, names []string, p *pace) ([]uint32, error) {
	sizes, err := together(t, population, names, "population", p)
	if err != nil {
		return nil, err
	}
	out, missing := make([]uint32, len(c.size)), 0
	for _, s := range sizes {
		if s.here == 0 {
			continue
		}
		out[c.of[s.row]] = s.there
		if s.there == 0 {
			missing++
		}
	}
	if missing > 0 {
		return nil, fault.New("risk.population_incomplete",
			fmt.Sprintf("Populationen saknar %d av filens %d klasser.", missing, len(c.size)),
			fmt.Sprintf("The population lacks %d of the file's %d classes.", missing, len(c.size))).
			Do("Ange en population som filen är ett urval ur.", "Name a population that the file is a sample of.")
	}
	return out, nil
}
