package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sluss/internal/api"
	"sluss/internal/app"
	"sluss/internal/blob"
	"sluss/internal/clock"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// office is the counter as those who run it ask it, from its own machine.
type office struct {
	place
	Authority string `placeholder:"FILE" help:"The authority (docs/authority.md); the built-in one by default."`
}

// app opens the counter; close ends it.
func (o office) app(ctx context.Context) (a *app.App, done func() error, err error) {
	authority, err := config.Load(o.Authority)
	if err != nil {
		return nil, nil, err
	}
	db, err := o.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	blobs, err := blob.NewDir(filepath.Join(o.State, "documents"))
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	a = &app.App{
		Log: db, Queue: db, Blobs: blobs, Clock: time.Now, Authority: authority, Catalogue: console.Catalogue(),
		Name: counterName, Beside: app.Beside{Kept: db, Attachments: db, Settings: db, Office: app.Office{Digests: db, Staff: db, Incoming: db}},
	}
	if err := a.ReadSettings(ctx); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return a, db.Close, nil
}

// read opens the counter and reads a case; done closes it.
func (o office) read(ctx context.Context, id string) (a *app.App, s order.State, done func() error, err error) {
	a, done, err = o.app(ctx)
	if err != nil {
		return nil, s, nil, err
	}
	if s, err = a.State(ctx, id); err != nil {
		return nil, s, nil, errors.Join(notThere(err), done())
	}
	return a, s, done, nil
}

// notThere is the answer to a case number that there is none of.
func notThere(err error) error {
	if !app.IsNotFound(err) {
		return err
	}
	return fault.New("case.unknown", "Det finns inget ärende med det numret.", "There is no case with that number.").Do("Skriv det som FK-2026-00001.", "Write it as FK-2026-00001.")
}

// clockCmd explains the dates of a case from its log.
type clockCmd struct {
	office
	Case  string `arg:"" help:"Number of the case."`
	On    string `placeholder:"YYYY-MM-DD" help:"Another day than today."`
	Clock string `placeholder:"ID" help:"Only this clock."`
}

// Run prints each clock with the steps that lead to its date.
func (c *clockCmd) Run(ctx context.Context) error {
	a, s, done, err := c.read(ctx, c.Case)
	if err != nil {
		return err
	}
	defer done()
	on := swede.CivilDay(time.Now())
	if c.On != "" {
		if on, err = day.Parse(c.On); err != nil {
			return fault.New("clock.day", "Det är ingen dag.", "That is no day.").At(fault.Where{Column: "--on"}).Do("Skriv den som 2026-11-02.", "Write it as 2026-11-02.")
		}
	}
	return printClocks(os.Stdout, order.Clocks(s, a.House(), on), c.Clock, console.Language())
}

// printClocks prints the clocks that have started, or the one asked for.
func printClocks(w io.Writer, all []clock.Reading, only, lang string) error {
	none := "No such clock has started.\n"
	if lang == "sv" {
		none = "Ingen sådan klocka har startat.\n"
	}
	printed := 0
	for _, r := range all {
		if !r.HasStarted() || only != "" && r.ID != only {
			continue
		}
		printed++
		id := r.ID
		if r.Key != "" {
			id += " " + r.Key
		}
		fmt.Fprintf(w, "%s  %s  %s  %s\n", r.Due, id, r.Status, r.Def.Name.In(lang))
		for _, x := range r.Steps {
			fmt.Fprintf(w, "  %s\n", x.Text.In(lang))
		}
	}
	if printed == 0 {
		_, err := io.WriteString(w, none)
		return err
	}
	return nil
}

// archiveCmd is what the archivist does.
type archiveCmd struct {
	Export archiveExportCmd `cmd:"" help:"Write a case as a zip file for the archive."`
}

type archiveExportCmd struct {
	office
	Case string `arg:"" help:"Number of the case."`
	Out  string `required:"" placeholder:"FILE" help:"New zip file."`
}

// Run writes the package, or leaves nothing behind.
func (c *archiveExportCmd) Run(ctx context.Context) error {
	a, done, err := c.app(ctx)
	if err != nil {
		return err
	}
	defer done()
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.New("archive.exists", "Filen finns redan.", "The file exists already.").At(fault.Where{File: filepath.Base(c.Out)}).Do("Ange en annan med --out.", "Name another with --out.")
	}
	if err != nil {
		return fault.New("archive.out", "Filen går inte att skriva.", "The file cannot be written.").At(fault.Where{File: filepath.Base(c.Out)}).Do("Ange en annan med --out.", "Name another with --out.").Because(err)
	}
	b := bufio.NewWriterSize(f, 1<<16)
	err = a.Archive(ctx, b, c.Case)
	if err == nil {
		err = errors.Join(b.Flush(), f.Sync())
	}
	if err = errors.Join(notThere(err), f.Close()); err != nil {
		return errors.Join(err, os.Remove(c.Out))
	}
	return nil
}

// statsCmd makes statistics about ourselves.
type statsCmd struct {
	office
	From string `required:"" placeholder:"YYYY-MM-DD" help:"First day."`
	To   string `required:"" placeholder:"YYYY-MM-DD" help:"The day after the last."`
	CSV  bool   `name:"csv" help:"As CSV with semicolons, for a spreadsheet."`
}

// Run prints the report; small numbers are hidden as in the open one.
func (c *statsCmd) Run(ctx context.Context) error {
	from, err1 := day.Parse(c.From)
	to, err2 := day.Parse(c.To)
	if err1 != nil || err2 != nil {
		return fault.New("statistics.period", "--from och --to ska vara dagar.", "--from and --to must be days.").Do("Skriv dem som 2026-07-01.", "Write them as 2026-07-01.")
	}
	a, done, err := c.app(ctx)
	if err != nil {
		return err
	}
	defer done()
	if _, err := a.FillDigests(ctx); err != nil {
		return err
	}
	r, err := a.Statistics(ctx, day.Span{From: from, To: to})
	if err != nil {
		return err
	}
	rows := app.Table(r)
	if c.CSV {
		return api.WriteTable(os.Stdout, rows, ';')
	}
	hidden := "fewer than %d, or hidden with them"
	if console.Language() == "sv" {
		hidden = "färre än %d, eller dolt med dem"
	}
	for _, x := range rows {
		value := fmt.Sprint(x.Value)
		if x.Hidden {
			value = fmt.Sprintf(hidden, r.Threshold)
		}
		fmt.Printf("%-9s %-28s %-11s %-25s %s\n", x.Table, x.Row, x.Purpose, x.Measure, value)
	}
	return nil
}
