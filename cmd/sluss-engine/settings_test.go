package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"sluss/internal/console"
)

var update = flag.Bool("update", false, "write the documented settings anew")

// TestSettingsAreDocumented compares docs/settings-vault.md with the flags; -update
// writes it.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	table, err := console.SettingsTable("sluss-engine", &cli{}, "pull")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs/settings-vault.md")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(b), "| in the file |")
	if !ok {
		t.Fatal("docs/settings-vault.md has no table")
	}
	if *update {
		if err := os.WriteFile(path, []byte(head+table), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if head+table != string(b) {
		t.Error("docs/settings-vault.md is not what the flags say: go test ./cmd/sluss-engine -run SettingsAreDocumented -update")
	}
}

// unitCommand finds what units and images start.
var unitCommand = regexp.MustCompile(`(?m)(?:^Exec[A-Za-z]+=|exec )/usr/bin/sluss-engine ([^'\n]*)`)

var shellDate = regexp.MustCompile(`\$\(date [^)]*\)`)

// TestUnitsStart: every command line in deploy/ is one that the program takes.
func TestUnitsStart(t *testing.T) {
	t.Parallel()
	units, err := filepath.Glob("../../deploy/systemd/*.service")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, unit := range units {
		b, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range unitCommand.FindAllSubmatch(b, -1) {
			seen++
			plain := shellDate.ReplaceAllString(string(m[1]), "today")
			if err := takes(strings.Fields(strings.ReplaceAll(plain, `"`, ""))); err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(unit), m[1], err)
			}
		}
	}
	image, err := os.ReadFile("../../deploy/container/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`CMD \["(pull".*)\]`).FindAllSubmatch(image, -1) {
		seen++
		if err := takes(strings.Split(strings.ReplaceAll(string(m[1]), `"`, ""), ", ")); err != nil {
			t.Errorf("Containerfile: %v", err)
		}
	}
	if seen < 3 {
		t.Errorf("only %d commands were found", seen)
	}
}

func takes(args []string) error {
	p, err := kong.New(&cli{}, kong.Exit(func(int) {}))
	if err != nil {
		return err
	}
	_, err = p.Parse(args)
	return err
}
