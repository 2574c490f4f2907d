package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"sluss/internal/console"
	"sluss/internal/coverage"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/register"
)

// coverageCmd says how complete the registers are: docs/coverage.md.
type coverageCmd struct {
	Data     string `required:"" placeholder:"DIR" help:"A folder of snapshots (the latest is measured), or of source files."`
	Register string `placeholder:"ID" help:"Measure this register only."`
	JSON     bool   `name:"json" help:"Print everything as JSON."`
}

// coverageReport is what --json prints.
type coverageReport struct {
	Snapshot  string             `json:"snapshot"` // "" = source files
	Seen      day.Day            `json:"seen"`     // what was registered before this day is known
	Synthetic bool               `json:"synthetic"`
	Registers []coverage.Summary `json:"registers"`
}

// Run measures and prints.
func (c *coverageCmd) Run(ctx context.Context) error {
	cat := console.Catalogue()
	if c.Register != "" && cat.Register(c.Register) == nil {
		return fault.New("coverage.register", "Katalogen har inget sådant register.", "The catalogue has no such register.").At(fault.Where{Column: "register"})
	}
	s, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer done()
	report := coverageReport{Seen: s.LoadedAt(), Synthetic: s.Synthetic()}
	if !c.sources() {
		report.Snapshot = s.ID()
	}
	if report.Registers, err = summaries(ctx, s, c.Register, newMeter().load); err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	}
	for _, sum := range report.Registers {
		if err := sum.Text(os.Stdout, language()); err != nil {
			return err
		}
	}
	return nil
}

// sources reports whether the data are source files and no snapshots.
func (c *coverageCmd) sources() bool {
	_, err := os.Stat(filepath.Join(c.Data, "identity.parquet"))
	return err == nil
}

// open opens the latest snapshot, or makes one of the source files that is
// gone when done is called.
func (c *coverageCmd) open(ctx context.Context) (s *register.Snapshot, done func(), err error) {
	if c.sources() {
		dir, err := os.MkdirTemp("", "sluss-coverage-")
		if err != nil {
			return nil, nil, err
		}
		remove := func() { _ = os.RemoveAll(dir) }
		o := register.Options{From: c.Data, Store: dir, ID: "sources", At: register.DefaultDay(c.Data, time.Now()), Tables: c.tables(), Progress: newMeter().load}
		if _, err := register.Load(ctx, o); err != nil {
			remove()
			return nil, nil, err
		}
		s, err := register.Open(dir, "sources")
		if err != nil {
			remove()
			return nil, nil, err
		}
		return s, func() { s.Close(); remove() }, nil
	}
	list, err := register.List(c.Data)
	if err != nil {
		return nil, nil, err
	}
	if len(list) == 0 {
		return nil, nil, fault.New("coverage.no_data", "Mappen har varken ögonblicksbilder eller källfiler.", "The folder has neither snapshots nor source files.")
	}
	s, err = register.Open(c.Data, list[len(list)-1].ID)
	if err != nil {
		return nil, nil, err
	}
	return s, func() { s.Close() }, nil
}

// tables returns the tables of the register that was asked for, nil for all.
func (c *coverageCmd) tables() []string {
	if c.Register == "" {
		return nil
	}
	var out []string
	for _, t := range console.Catalogue().Register(c.Register).Tables {
		out = append(out, t.ID)
	}
	return out
}
