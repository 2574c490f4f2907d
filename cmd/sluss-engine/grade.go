package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"sluss/internal/console"
	"sluss/internal/engineroom"
	"sluss/internal/register"
)

// gradeCmd measures the spells of registers whose periods nobody has assured.
type gradeCmd struct {
	Store    string `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	Snapshot string `placeholder:"ID" help:"Snapshot to measure (default: the latest)."`
	JSON     bool   `name:"json" help:"Print as JSON."`
}

// Run prints a line per table.
func (c *gradeCmd) Run(ctx context.Context) error {
	id := c.Snapshot
	if id == "" {
		list, err := register.List(c.Store)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			id = list[len(list)-1].ID
		}
	}
	s, err := register.Open(c.Store, id)
	if err != nil {
		return err
	}
	defer s.Close()
	grades, err := engineroom.MeasureGrades(ctx, s, console.Catalogue(), newMeter().load)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(grades)
	}
	head := "%-22s %5s %12s %18s %10s %10s %s\n"
	if language() == "sv" {
		fmt.Printf(head, "tabell", "grad", "rader", "differens, öre", "överlapp", "utan dagar", " (modellantagande)")
	} else {
		fmt.Printf(head, "table", "grade", "rows", "difference, öre", "overlap", "no period", " (modellantagande: model assumption)")
	}
	for _, g := range grades {
		fmt.Printf("%-22s %5s %12d %18d %8d.%02d %8d.%02d\n", g.Table, g.Grade, g.Rows, g.Difference, g.Overlap/100, g.Overlap%100, g.NoPeriod/100, g.NoPeriod%100)
	}
	return nil
}
