package main

import (
	"context"
	"fmt"

	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/layout"
	"sluss/internal/layoutfile"
)

// importLayoutCmd reads a file in a register holder's own layout: docs/layout.md.
type importLayoutCmd struct {
	From       string            `required:"" placeholder:"FILE" help:"Text file with the columns of the table's layout and a header; tab, semicolon or comma between cells."`
	Out        string            `required:"" placeholder:"DIR" help:"Folder for the source file; it may not have one yet."`
	Registered string            `required:"" placeholder:"DATE" help:"The day on which the register knew what the file says."`
	Key        string            `placeholder:"FILE" help:"CSV of lopnr,personnummer when the file has löpnummer instead of identity numbers."`
	Table      string            `default:"midas_sjp" help:"Table of the catalogue."`
	Benefit    map[string]string `placeholder:"CODE=BENEFIT" help:"A code of the file and the register's benefit that it stands for; several times."`
	Kronor     bool              `help:"Amounts are kronor, not öre."`
}

// Run reads and says what became of the lines.
func (c *importLayoutCmd) Run(ctx context.Context) error {
	at, err := day.Parse(c.Registered)
	if err != nil {
		return fault.New("layout.registered", "--registered ska vara ett datum ÅÅÅÅ-MM-DD.", "--registered must be a date YYYY-MM-DD.")
	}
	meter := newMeter()
	res, err := layoutfile.Import(ctx, layoutfile.Options{
		Options: layout.Options{Kronor: c.Kronor, Benefits: c.Benefit},
		File:    c.From, Key: c.Key, Dir: c.Out, Table: c.Table, Registered: at, Catalogue: console.Catalogue(),
		Progress: func(lines int64, part float64) { meter.show(reading{"read", "lines", lines, 0, part}) },
	})
	if err != nil {
		return err
	}
	fmt.Println(res)
	for _, name := range res.Unused {
		fmt.Printf("%s: has values that the register does not take in\n", name)
	}
	return nil
}
