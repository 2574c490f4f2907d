package main

import (
	"context"
	"fmt"
	"time"

	"sluss/internal/console"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/register"
)

// loadCmd turns source files into a snapshot.
type loadCmd struct {
	From   string   `required:"" placeholder:"DIR" help:"Folder with the source files (Parquet)."`
	Store  string   `required:"" placeholder:"DIR" help:"Folder of snapshots; made when it is not there."`
	ID     string   `name:"id" help:"Name of the snapshot (default: snapshot- and the day)."`
	At     string   `placeholder:"DATE" help:"The day whose knowledge the sources hold (default: the day in synth.json, else today)."`
	Signed string   `name:"signed-by" placeholder:"KEY" help:"The public key of the register's holder; the folder must hold files.note, signed with it, which names every file by its hash."`
	Tables []string `help:"Load these tables only (default: all of the catalogue)."`

	Without []string `placeholder:"TABLE.VARIABLE" help:"Columns that files lack from now on, though they were there at the load before (register.column_gone)."`
	Changes bool     `help:"The folder says what has changed since the last load: new, changed and deleted rows (docs/snapshots.md)."`
}

// Run loads and prints what became of the rows.
func (c *loadCmd) Run(ctx context.Context) error {
	if c.Signed != "" {
		if err := register.CheckSupply(c.From, c.Signed); err != nil {
			return err
		}
	}
	at := register.DefaultDay(c.From, time.Now())
	if c.At != "" {
		d, err := day.Parse(c.At)
		if err != nil {
			return fault.New("load.date", "--at ska vara ett datum ÅÅÅÅ-MM-DD.", "--at must be a date YYYY-MM-DD.")
		}
		at = d
	}
	m, err := register.Load(ctx, register.Options{From: c.From, Store: c.Store, ID: c.ID, At: at, Catalogue: console.Catalogue(), Tables: c.Tables, Without: c.Without, Changes: c.Changes, Progress: newMeter().load})
	if err != nil {
		return err
	}
	fmt.Printf("%s: load %d as of %s, %d persons\n", m.ID, m.Load, m.LoadedAt, m.Persons-m.Organisations)
	for _, t := range m.Tables {
		k := t.Counts
		fmt.Printf("%-22s %11d rows read: %d added (%d late), %d changed, %d removed, %d unchanged, %d repeated\n", t.ID, k.Source, k.Added, k.Late, k.Changed, k.Removed, k.Unchanged, k.Duplicates)
		for _, reason := range sorted(k.Quarantined) {
			fmt.Printf("%-22s %11d rows not loaded: %s\n", t.ID, k.Quarantined[reason], reason)
		}
	}
	for _, reason := range sorted(m.Rejected) {
		fmt.Printf("identity               %11d rows not loaded: %s\n", m.Rejected[reason], reason)
	}
	return nil
}
