package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"sluss/internal/fault"
	"sluss/internal/rig"
)

// synthCmd writes made-up source files.
type synthCmd struct {
	Persons  int    `required:"" help:"Number of persons."`
	Seed     uint64 `default:"1" help:"The same number of persons and seed give the same files."`
	Out      string `required:"" placeholder:"DIR" help:"Folder to write to; it must be empty or not exist."`
	Wave     int    `default:"1" help:"1: the registers as of 1 November 2026; 2: the same a month later, with late payments, corrections and deletions; and so on."`
	SickRows int    `name:"sick-rows" help:"Instead of realistic density: about so many rows of sickness benefit per person, from 2005 on (for measuring)."`
}

// Run makes the files.
func (c *synthCmd) Run(ctx context.Context) error {
	if c.Persons < 1 || c.Persons > 20_000_000 || c.Wave < 1 || c.Wave > 12 || c.SickRows < 0 || c.SickRows > 1000 {
		return fault.New("synth.options", "Antalet personer ska vara 1–20 000 000, --wave 1–12 och --sick-rows 0–1000.", "The number of persons must be 1–20,000,000, --wave 1–12 and --sick-rows 0–1000.")
	}
	if entries, err := os.ReadDir(c.Out); err == nil && len(entries) > 0 {
		return fault.New("synth.not_empty", "Mappen är inte tom.", "The folder is not empty.").Do("Ange en ny mapp med --out.", "Name a new folder with --out.")
	}
	start := time.Now()
	w := rig.New(rig.Config{Persons: c.Persons, Seed: c.Seed, Wave: c.Wave, SickRows: c.SickRows})
	var total int64
	err := w.Write(ctx, c.Out, func(table string, rows int64) {
		total += rows
		if time.Since(start) > patience {
			fmt.Fprintf(os.Stderr, "%-22s %11d rows   %6.0f s\n", table, rows, time.Since(start).Seconds())
		}
	})
	if err != nil {
		return err
	}
	if err := w.WritePopulations(c.Out); err != nil {
		return err
	}
	fmt.Printf("%d persons, %d rows, synthetic, as of %s\n", c.Persons, total, rig.Config{Wave: c.Wave}.At())
	return nil
}
