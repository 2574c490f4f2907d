package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/form"
	"sluss/internal/population"
	"sluss/internal/swede"
)

type populationCmd struct {
	Check populationCheckCmd `cmd:"" help:"Check a population or key file; no identity number is ever printed (docs/population.md)."`

	Take    mediumTakeCmd    `cmd:"" help:"Seal the file of a medium that came by registered post into the vault's mailroom; nobody looks into it."`
	Media   mediumListCmd    `cmd:"" help:"List media that nobody has read yet."`
	Discard mediumDiscardCmd `cmd:"" help:"Take a medium out of the mailroom unread."`
}

type populationCheckCmd struct {
	File      string `arg:"" help:"CSV or .xlsx; - for standard input."`
	Synthetic bool   `help:"Accept synthetic numbers, with their deliberately wrong check digit, and refuse real ones."`
	Date      string `placeholder:"YYYY-MM-DD" help:"Reference day that decides the century of ten-digit numbers; today by default."`
	Decision  string `placeholder:"FILE" help:"JSON or YAML with the columns that the decision allows; any other stops the file."`
	ID        string `name:"id" placeholder:"COLUMN" help:"Name of the identity column, if it is not one of the usual names."`
	Serial    string `placeholder:"COLUMN" help:"Name of the löpnummer column, likewise."`
	Sheet     string `placeholder:"NAME" help:"Sheet to read in a workbook with several."`
	JSON      bool   `name:"json" help:"Print the result as one JSON object."`

	Organisations bool `help:"Read organisation numbers; a sole trader's is a personnummer."`
}

// Run checks one file.
func (c *populationCheckCmd) Run(ctx context.Context) error {
	return c.check(ctx, time.Now(), os.Stdout, os.Stderr, language())
}

// check writes the result to out, notes and progress to messages. Where it
// returns an error out is empty.
func (c *populationCheckCmd) check(ctx context.Context, now time.Time, out, messages io.Writer, lang string) error {
	o, err := c.options(now)
	if err != nil {
		return err
	}
	in, name, err := openInput(ctx, c.File)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	r, err := checkPopulation(ctx, in, form.Options{Name: name, Sheet: c.Sheet, Progress: (&meter{out: messages, lang: lang}).read(in)}, o)
	if err != nil {
		return err
	}
	if !c.JSON {
		_, err := io.WriteString(out, r.Text(lang))
		return err
	}
	for _, n := range r.Notes(lang) {
		fmt.Fprintln(messages, n)
	}
	return json.NewEncoder(out).Encode(r)
}

func (c *populationCheckCmd) options(now time.Time) (population.Options, error) {
	o := population.Options{At: swede.CivilDay(now), ID: c.ID, Serial: c.Serial, Organisations: c.Organisations}
	if c.Synthetic {
		o.Mode = swede.Synthetic
	}
	if c.Date != "" {
		at, err := day.Parse(c.Date)
		if err != nil {
			return o, fault.New("population.date", "--date är inget datum.", "--date is not a day.").
				Do("Skriv det ÅÅÅÅ-MM-DD.", "Write it YYYY-MM-DD.")
		}
		o.At = at
	}
	if c.Decision == "" {
		return o, nil
	}
	raw, err := os.ReadFile(c.Decision)
	if err != nil {
		return o, noFile(c.Decision, err)
	}
	if raw, err = yaml.YAMLToJSON(raw); err != nil {
		return o, fault.New("population.decision", "Beslutet är varken JSON eller YAML.", "The decision is neither JSON nor YAML.").
			At(fault.Where{File: swede.Mask(filepath.Base(c.Decision))})
	}
	spec, err := population.ParseSpec(raw)
	o.Spec = &spec
	return o, err
}

// checkPopulation runs every line of a file through a check.
func checkPopulation(ctx context.Context, in io.Reader, f form.Options, o population.Options) (population.Result, error) {
	table, err := form.NewReader(ctx, in, f)
	if err != nil {
		return population.Result{}, err
	}
	header, err := table.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		return population.Result{}, err
	}
	c, err := population.New(header.Cells, o)
	if err != nil {
		if p, ok := errors.AsType[*fault.Fault](err); ok {
			p.Where.File = f.Name
		}
		return population.Result{}, err
	}
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return c.Result(), nil
		}
		if err != nil {
			return population.Result{}, err
		}
		if err := c.Row(row.Line, row.Cells); err != nil {
			return population.Result{}, err
		}
	}
}

// openInput opens a file given on the command line. The name it returns is
// safe to print.
func openInput(ctx context.Context, path string) (io.ReadCloser, string, error) {
	if path == "-" {
		return io.NopCloser(bufio.NewReader(console.Stdin(ctx))), "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", noFile(path, err)
	}
	if s, err := f.Stat(); err == nil && s.IsDir() {
		_ = f.Close()
		return nil, "", noFile(path, fs.ErrInvalid)
	}
	return f, swede.Mask(filepath.Base(path)), nil
}

func noFile(path string, err error) error {
	sv, en := "Filen kan inte öppnas.", "The file cannot be opened."
	if errors.Is(err, fs.ErrNotExist) {
		sv, en = "Filen finns inte.", "The file does not exist."
	}
	return fault.New("file.unreadable", sv, en).At(fault.Where{File: swede.Mask(filepath.Base(path))}).Because(err)
}
