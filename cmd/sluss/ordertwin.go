package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/orderrun"
	"sluss/internal/twin"
)

// orderTwinCmd makes the synthetic twin of an order.
type orderTwinCmd struct {
	File  string `arg:"" placeholder:"ORDER.yaml" help:"The order (docs/orderfile.md)."`
	Out   string `required:"" placeholder:"DIR" help:"Folder for the files; it must be empty or not exist."`
	Stage string `enum:"applied,decided,planned" default:"planned" help:"How far to follow the file: what is applied for or agreed on, what is decided, or what is planned; what it does not have, the stage before."`
}

// Run makes the twin. It needs no registers and no vault.
func (c *orderTwinCmd) Run(ctx context.Context) error {
	if entries, err := os.ReadDir(c.Out); err == nil && len(entries) > 0 {
		return fault.New("twin.not_empty", "Mappen är inte tom.", "The folder is not empty.").Do("Ange en ny mapp med --out.", "Name a new folder with --out.")
	}
	file, err := readOrder(c.File)
	if err != nil {
		return err
	}
	s, err := orderrun.Foreseen(file, console.Catalogue())
	if err != nil {
		return err
	}
	w, err := twin.Of(s, console.Catalogue(), twin.Sight{Decision: c.Stage != "applied", Plan: c.Stage == "planned"})
	if err != nil {
		return err
	}
	if w.Stage == twin.StagePlanned { // a file has no number, and its twin none
		w.Spec.Order = twin.Unnumbered
	}
	made, err := twin.Make(ctx, w, console.Catalogue())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return err
	}
	for _, f := range made.Files {
		if err := os.WriteFile(filepath.Join(c.Out, f.Name), f.Data, 0o644); err != nil {
			return err
		}
	}
	if console.Language() == "sv" {
		fmt.Printf("%d syntetiska filer i %s (%s)\n", len(made.Files), c.Out, made.Manifest.Stage)
	} else {
		fmt.Printf("%d synthetic files in %s (%s)\n", len(made.Files), c.Out, made.Manifest.Stage)
	}
	return nil
}
