package main

import (
	"flag"
	"testing"

	"sluss/internal/console/consoletest"
)

var update = flag.Bool("update", false, "write the documented settings anew")

var program = consoletest.Program{Root: "../..", Name: "sluss", Serve: "serve", Tree: func() any { return &cli{} }}

// TestSettingsAreDocumented compares docs/settings.md with the flags; -update writes it.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	program.Documented(t, "docs/settings.md", *update)
}

// TestUnitsStart: every command line in deploy/systemd is one that the program
// takes.
func TestUnitsStart(t *testing.T) {
	t.Parallel()
	program.UnitsStart(t)
}

// TestImageStarts: the image starts the program as deploy/container says.
func TestImageStarts(t *testing.T) {
	t.Parallel()
	program.ImageStarts(t)
}
