package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/orderfile"
	"sluss/internal/orderrun"
)

// orderCmd works with orders as files.
type orderCmd struct {
	Run  orderRunCmd  `cmd:"" help:"Carry a whole order out from a file (docs/orderfile.md)."`
	Twin orderTwinCmd `cmd:"" help:"Make the synthetic twin of an order in a file: made-up data with exactly its tables, columns and codes."`
}

// orderRunCmd carries an order out.
type orderRunCmd struct {
	File   string `arg:"" placeholder:"ORDER.yaml" help:"The order, with the acts of everybody in it."`
	Data   string `required:"" placeholder:"DIR" help:"Registers: a store of snapshots, or source files from sluss-engine synth."`
	Out    string `required:"" placeholder:"DIR" help:"Folder for the results; it must be empty or not exist."`
	Engine string `placeholder:"PATH" help:"The program sluss-engine (default: beside this one, else on the path)."`
}

// Run reads the file and carries it out. When a gate refuses, nothing is
// written to the folder.
func (c *orderRunCmd) Run(ctx context.Context) error {
	file, err := readOrder(c.File)
	if err != nil {
		return err
	}
	id, err := orderrun.Run(ctx, orderrun.Options{
		File: file, Name: filepath.Base(c.File), Base: filepath.Dir(c.File), Data: c.Data, Out: c.Out, Engine: c.Engine,
		Lang: console.Language(), Print: os.Stdout,
	})
	if err != nil {
		return err
	}
	fmt.Printf("\n%s: %s\n", id, c.Out)
	return nil
}

// readOrder reads an order file.
func readOrder(path string) (*orderfile.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New("orderfile.missing", "Beställningsfilen går inte att öppna.", "The order file cannot be opened.").
			At(fault.Where{File: filepath.Base(path)}).Do("Kontrollera sökvägen.", "Check the path.").Because(err)
	}
	defer f.Close()
	return orderfile.Read(f, filepath.Base(path))
}
