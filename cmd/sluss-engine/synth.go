package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/register"
	"sluss/internal/rig"
	"sluss/internal/whole"
)

// synthCmd writes made-up source files.
type synthCmd struct {
	Persons  int      `required:"" help:"Number of persons."`
	Seed     uint64   `default:"1" help:"The same number of persons and seed give the same files."`
	Out      string   `required:"" placeholder:"DIR" help:"Folder to write to; it must be empty or not exist."`
	Wave     int      `default:"1" help:"1: the registers as of 1 November 2026; 2: the same a month later, with late payments, corrections and deletions; and so on."`
	Tables   []string `help:"Make these tables only (default: all that can be made)."`
	SickRows int      `name:"sick-rows" help:"Instead of realistic density: about so many rows of sickness benefit per person, from 2005 on (for measuring)."`
}

// Run makes the files.
func (c *synthCmd) Run(ctx context.Context) error {
	if c.Persons < 1 || c.Persons > 20_000_000 || c.Wave < 1 || c.Wave > 12 || c.SickRows < 0 || c.SickRows > 1000 {
		return fault.New("synth.options", "Antalet personer ska vara 1–20 000 000, --wave 1–12 och --sick-rows 0–1000.", "The number of persons must be 1–20,000,000, --wave 1–12 and --sick-rows 0–1000.")
	}
	if !whole.Free(c.Out) {
		return fault.New("synth.not_empty", "Mappen är inte tom.", "The folder is not empty.").Do("Ange en ny mapp med --out.", "Name a new folder with --out.")
	}
	recipes, err := c.recipes()
	if err != nil {
		return err
	}
	for _, id := range c.Tables {
		if _, t := console.Catalogue().Table(id); t == nil {
			return fault.New("synth.table", "Katalogen har ingen sådan tabell.", "The catalogue has no such table.").At(fault.Where{Column: id})
		}
		if !recipes.Makes(id) {
			return fault.New("synth.no_recipe", "Ingenting säger hur tabellens rader ska hittas på.", "Nothing says how the rows of the table are to be made up.").At(fault.Where{Column: id}).
				Do("Lägg ett recept i mappen recipes bland katalogens datafiler (docs/registers.md).", "Put a recipe into the folder recipes among the catalogue's data files (docs/registers.md).")
		}
	}
	meter, total := newMeter(), int64(0)
	w, err := rig.Make(ctx, rig.Config{
		Persons: c.Persons, Seed: c.Seed, Wave: c.Wave, SickRows: c.SickRows, Catalogue: console.Catalogue(), Recipes: recipes, Tables: c.Tables,
	}, meter.made)
	if err != nil {
		return err
	}
	err = whole.Make(c.Out, register.NoteName, func(dir string) error {
		if total, err = w.Write(ctx, dir, meter.made); err != nil {
			return err
		}
		return w.WritePopulations(ctx, dir, meter.made)
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d persons, %d rows, synthetic, as of %s\n", c.Persons, total, rig.Config{Wave: c.Wave}.At())
	return nil
}

// recipes are the built-in ones, and those in the folder recipes of the
// catalogue's data files.
func (c *synthCmd) recipes() (rig.Recipes, error) {
	dir := os.Getenv("SLUSS_CATALOG")
	if dir == "" {
		return rig.BuiltinRecipes(), nil
	}
	more, err := rig.ReadRecipes(os.DirFS(filepath.Join(dir, "recipes")), console.Catalogue())
	if err != nil {
		return nil, fault.New("synth.recipe", "Ett recept för påhittade uppgifter kan inte användas: "+err.Error()+".", "A recipe for synthetic data cannot be used: "+err.Error()+".")
	}
	return rig.BuiltinRecipes().With(more), nil
}
