package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"

	"sluss/internal/fault"
	"sluss/internal/form"
	"sluss/internal/risk"
)

// riskCmd measures the disclosure risk of a file: docs/risk.md.
type riskCmd struct {
	File             string   `arg:"" placeholder:"FILE.csv" help:"The file to measure: one record per line, a header first."`
	QI               []string `name:"qi" required:"" placeholder:"A,B" help:"Quasi-identifiers: what an intruder may know."`
	Sensitive        string   `placeholder:"COLUMN" help:"Column that a class must not give away (l-diversity, t-closeness)."`
	Ordered          string   `placeholder:"COLUMN" help:"Column whose values have an order."`
	Weight           string   `placeholder:"COLUMN" help:"Survey weights, above 0."`
	Population       string   `placeholder:"POP.csv" help:"File with the quasi-identifiers of everybody."`
	SamplingFraction string   `name:"sampling-fraction" placeholder:"0.01" help:"Share of the population that the file holds (DIS-SUDA)."`
	Threshold        string   `default:"0.2" help:"Count records whose risk is above it."`
	PerRow           bool     `name:"per-row" help:"With --json: lists with one entry per record."`
	Person           string   `placeholder:"COLUMN" help:"With --period: the person of a panel's rows (uniqueness of sequences)."`
	Period           string   `placeholder:"COLUMN" help:"With --person: the period of a panel's rows."`
	Previous         string   `placeholder:"OLD.csv" help:"An earlier file: what do both tell together?"`
	Coarser          []string `placeholder:"COLUMN=prefix:4" help:"What if this column were coarser: prefix:N or width:N."`
	Policy           string   `placeholder:"FILE.json" help:"What the authority accepts (docs/risk.md)."`
	JSON             bool     `name:"json" help:"Print the report as JSON."`
}

// riskMemory is how much memory the measuring may take before it is asked to
// be thrifty, in bytes.
const riskMemory = 3 << 30

// Run measures and prints.
func (c *riskCmd) Run(ctx context.Context) error {
	debug.SetMemoryLimit(riskMemory)
	meter := newMeter()
	in, err := c.read(ctx, meter)
	if err != nil {
		return err
	}
	q := in.question
	q.SUDA = !c.JSON || c.PerRow
	q.Progress = func(p risk.Progress) error {
		meter.measured(p)
		return ctx.Err()
	}
	r, err := risk.Measure(in.table, q)
	if err != nil {
		return at(err, c.Population)
	}
	var x risk.Extras
	if c.Person != "" {
		t, err := risk.Trajectories(in.table, c.Person, c.Period, without(c.QI, c.Person, c.Period), q.Progress)
		if err != nil {
			return err
		}
		x.Trajectory = &t
	}
	if in.previous != nil {
		d, err := risk.Differences(in.table, in.previous, c.QI, risk.DefaultCell, q.Progress)
		if err != nil {
			return err
		}
		x.Differencing = &d
	}
	if q.SUDA && r.SUDA == nil {
		fmt.Fprintln(os.Stderr, map[string]string{
			"sv": "SUDA är inte gjort: för många kolumner eller poster (docs/risk.md).",
			"en": "SUDA has not been done: too many columns or records (docs/risk.md).",
		}[language()])
	}
	if c.JSON {
		return r.WriteJSON(ended{ctx, os.Stdout}, c.PerRow, x)
	}
	effects, err := r.WhatIf(in.table, c.QI, in.coarser, q.Progress)
	if err != nil {
		return err
	}
	return risk.Page{Report: r, QI: c.QI, Policy: in.policy, Effects: effects, Extras: x, Threshold: q.Threshold}.Text(os.Stdout, language())
}

// riskInput is everything that was read.
type riskInput struct {
	table, previous *risk.Table
	question        risk.Question
	coarser         []risk.Coarsening
	policy          risk.Policy
}

// read checks the options and reads the files; everything that it finds wrong
// is the user's input.
func (c *riskCmd) read(ctx context.Context, meter *meter) (*riskInput, error) {
	in := &riskInput{policy: risk.DefaultPolicy(), question: risk.Question{QI: c.QI, Sensitive: c.Sensitive, Ordered: c.Ordered}}
	if err := c.options(in); err != nil {
		return nil, err
	}
	var names []string
	for _, n := range slices.Concat(c.QI, []string{c.Sensitive, c.Ordered, c.Person, c.Period}) {
		if n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	in.table = risk.NewTable(names...)
	err := readColumns(ctx, meter, c.File, names, c.Weight, in.table.Add, func(w float64) { in.question.Weights = append(in.question.Weights, w) })
	if err != nil {
		return nil, err
	}
	beside := func(path string) (*risk.Table, error) {
		t, err := in.table.Beside(c.QI)
		if err != nil || path == "" {
			return nil, err
		}
		return t, readColumns(ctx, meter, path, c.QI, "", t.Add, nil)
	}
	if in.question.Population, err = beside(c.Population); err != nil {
		return nil, err
	}
	in.previous, err = beside(c.Previous)
	return in, err
}

// options checks what can be checked before the files are read.
func (c *riskCmd) options(in *riskInput) (err error) {
	q := &in.question
	if q.Threshold, err = optionNumber("threshold", c.Threshold, func(n float64) bool { return n >= 0 && n <= 1 }, "0–1", "0–1"); err != nil {
		return err
	}
	if c.SamplingFraction != "" {
		q.SamplingFraction, err = optionNumber("sampling-fraction", c.SamplingFraction, func(n float64) bool { return n > 0 && n <= 1 }, "större än 0 och högst 1", "above 0 and at most 1")
		if err != nil {
			return err
		}
	}
	if len(c.QI) == 0 {
		c.QI = []string{""} // --qi=
	}
	for i, n := range c.QI {
		if n == "" || slices.Contains(c.QI[:i], n) {
			return fault.New("risk.column_twice", "--qi ska namnge kolumner, var och en en gång.", "--qi must name columns, each of them once.")
		}
	}
	if (c.Person == "") != (c.Period == "") {
		return fault.New("risk.panel", "--person och --period hör ihop.", "--person and --period belong together.")
	}
	if c.Person != "" && c.Person == c.Period {
		return fault.New("risk.panel", "--person och --period ska vara olika kolumner.", "--person and --period must be different columns.")
	}
	for _, n := range c.QI {
		in.coarser = append(in.coarser, risk.Coarsening{Column: n, Kind: risk.Drop})
	}
	for _, text := range c.Coarser {
		level, err := risk.ParseCoarsening(text)
		if err != nil {
			return err
		}
		if !slices.Contains(c.QI, level.Column) {
			return fault.New("risk.coarsening_column", "--coarser gäller en kolumn som inte står i --qi.", "--coarser is for a column that is not in --qi.").At(fault.Where{Column: level.Column})
		}
		in.coarser = append(in.coarser, level)
	}
	if c.Policy == "" {
		return nil
	}
	b, err := os.ReadFile(c.Policy)
	if err != nil {
		return unreadableFile(c.Policy, err)
	}
	in.policy, err = risk.ParsePolicy(b)
	return at(err, c.Policy)
}

func optionNumber(name, text string, accepts func(float64) bool, sv, en string) (float64, error) {
	n, ok := risk.ParseNumber(text)
	if !ok || !accepts(n) {
		return 0, fault.New("risk.option", "--"+name+" ska vara ett tal, "+sv+".", "--"+name+" must be a number, "+en+".")
	}
	return n, nil
}

// readColumns reads a table and hands over the named columns of each row, and
// the weight if one is named.
func readColumns(ctx context.Context, meter *meter, path string, names []string, weight string, add func(...[]byte), weigh func(float64)) error {
	file := filepath.Base(path)
	f, err := os.Open(path)
	if err != nil {
		return unreadableFile(path, err)
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err != nil:
		return unreadableFile(path, err)
	case info.IsDir():
		return unreadableFile(path, syscall.EISDIR)
	case info.Mode().IsRegular() && info.Size() == 0:
		return emptyFile(file)
	}
	rows, err := form.NewReader(ctx, f, form.Options{Name: file, Progress: meter.read(f)})
	if err != nil {
		return err
	}
	head, err := rows.Next()
	if errors.Is(err, io.EOF) {
		return emptyFile(file)
	}
	if err != nil {
		return err
	}
	wanted := slices.Clone(names)
	if weight != "" {
		wanted = append(wanted, weight)
	}
	places, err := columnPlaces(file, head, wanted)
	if err != nil {
		return err
	}
	width, blank := len(head.Cells), 0
	cells := make([][]byte, len(names))
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if width > 1 && (len(row.Cells) == 0 || len(row.Cells) == 1 && len(row.Cells[0]) == 0) {
			blank = cmp.Or(blank, row.Line) // allowed at the end of the file only
			continue
		}
		if len(row.Cells) != width || blank > 0 {
			return fault.New("risk.ragged", "Raden har inte lika många fält som rubrikraden.", "The line does not have as many fields as the header.").At(fault.Where{File: file, Line: cmp.Or(blank, row.Line)})
		}
		for i := range cells {
			cells[i] = row.Cells[places[i]]
		}
		if weight != "" {
			w, ok := risk.ParseNumber(string(row.Cells[places[len(names)]]))
			if !ok || w <= 0 {
				return fault.New("risk.weight", "Vikten är inte ett tal större än 0.", "The weight is not a number above 0.").At(fault.Where{File: file, Line: row.Line, Column: weight})
			}
			weigh(w)
		}
		add(cells...)
	}
}

// columnPlaces finds the wanted columns in the header.
func columnPlaces(file string, head form.Row, wanted []string) ([]int, error) {
	seen := map[string]int{}
	for i, cell := range head.Cells {
		name := string(cell)
		if _, twice := seen[name]; twice {
			return nil, fault.New("risk.header_twice", fmt.Sprintf("Rubrikraden har samma kolumn två gånger: fält %d.", i+1),
				fmt.Sprintf("The header has the same column twice: field %d.", i+1)).At(fault.Where{File: file, Line: head.Line})
		}
		seen[name] = i
	}
	places := make([]int, len(wanted))
	for i, name := range wanted {
		at, ok := seen[name]
		if !ok {
			return nil, fault.New("risk.unknown_column", "Kolumnen finns inte i filen.", "The file has no such column.").At(fault.Where{File: file, Column: name})
		}
		places[i] = at
	}
	return places, nil
}

func emptyFile(name string) error {
	return fault.New("risk.empty", "Filen är tom.", "The file is empty.").At(fault.Where{File: name})
}

func unreadableFile(path string, err error) error {
	return fault.New("risk.unreadable", "Filen går inte att läsa.", "The file cannot be read.").At(fault.Where{File: filepath.Base(path)}).Because(err)
}

// at adds the file to a fault that names none.
func at(err error, path string) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Where.File == "" && path != "" {
		f.Where.File = filepath.Base(path)
	}
	return err
}

// ended is a writer that fails when ctx has ended: lists of millions of numbers
// take seconds to write.
type ended struct {
	ctx context.Context
	io.Writer
}

func (e ended) Write(b []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.Writer.Write(b)
}

func without(names []string, drop ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(drop, n) })
}
