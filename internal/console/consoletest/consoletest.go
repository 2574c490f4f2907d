// Package consoletest holds a program's command line against what is written
// about it: the table of settings in docs/, and the units and images in deploy/
// that start it.
package consoletest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"sluss/internal/console"
)

// Program is one of ours: its name, the command that it serves with and a tree
// of its commands, new at each call. Root is the way to the project's folder.
type Program struct {
	Root, Name, Serve string
	Tree              func() any
}

// Documented compares the table of settings at the end of file with the flags;
// with update it writes the table.
func (p Program) Documented(t *testing.T, file string, update bool) {
	t.Helper()
	table, err := console.SettingsTable(p.Name, p.Tree(), p.Serve)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(p.Root, file)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(b), "| in the file |")
	if !ok {
		t.Fatal(file + " has no table")
	}
	if update {
		if err := os.WriteFile(path, []byte(head+table), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if head+table != string(b) {
		t.Errorf("%s is not what the flags say: go test ./cmd/%s -run SettingsAreDocumented -update", file, p.Name)
	}
}

// UnitsStart tries every command line in the units.
func (p Program) UnitsStart(t *testing.T) {
	t.Helper()
	units, err := filepath.Glob(filepath.Join(p.Root, "deploy/systemd/*.service"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)(?:^Exec[A-Za-z]+=-?|exec )/usr/bin/` + p.Name + ` ([^'\n]*)`)
	date := regexp.MustCompile(`\$\(date [^)]*\)`)
	seen := 0
	for _, unit := range units {
		b, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllSubmatch(b, -1) {
			seen++
			plain := date.ReplaceAllString(string(m[1]), "today")
			if err := p.takes(strings.Fields(strings.ReplaceAll(plain, `"`, "")), nil); err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(unit), m[1], err)
			}
		}
	}
	if seen < 3 { // one checks before it serves, one serves, one backs up
		t.Errorf("only %d commands were found", seen)
	}
}

// ImageStarts tries every command line that the Containerfile names for the
// program's image, with the environment of the image and of the line.
func (p Program) ImageStarts(t *testing.T) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.Root, "deploy/container/Containerfile"))
	if err != nil {
		t.Fatal(err)
	}
	image, ok := image(string(b), p.Name)
	if !ok {
		t.Fatal("no image starts /" + p.Name)
	}
	seen := 0
	for _, m := range regexp.MustCompile(`(?m)^# +podman run (.*) `+p.Name+`( .*)?$`).FindAllStringSubmatch(string(b), -1) {
		seen++
		env := slices.Clone(image.env)
		for _, e := range regexp.MustCompile(`-e (\S+)`).FindAllStringSubmatch(m[1], -1) {
			env = append(env, e[1])
		}
		args := strings.Fields(m[2])
		if len(args) == 0 {
			args = image.command
		}
		if err := p.takes(args, env); err != nil {
			t.Errorf("%s: %v", strings.TrimPrefix(m[0], "# "), err)
		}
	}
	if seen == 0 {
		t.Error("nothing is said of how the image is started")
	}
}

// stage is what an image gives its program.
type stage struct {
	env, command []string
}

// image finds the stage that starts the program of a name.
func image(containerfile, name string) (stage, bool) {
	stages := strings.Split(containerfile, "\nFROM ")
	at := slices.IndexFunc(stages, func(s string) bool { return strings.Contains(s, fmt.Sprintf("ENTRYPOINT [%q]", "/"+name)) })
	if at < 0 {
		return stage{}, false
	}
	var s stage
	for line := range strings.Lines(stages[at]) {
		what, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch what {
		case "ENV":
			s.env = append(s.env, strings.Fields(rest)...)
		case "CMD":
			s.command = strings.Split(strings.Trim(strings.ReplaceAll(rest, `"`, ""), "[]"), ", ")
		}
	}
	return s, true
}

// takes parses a command line in an environment of NAME=value, of which every
// name that begins as ours do must be some flag's.
func (p Program) takes(args, env []string) error {
	parser, err := kong.New(p.Tree(), kong.Name(p.Name), kong.Exit(func(int) {}), kong.Resolvers(given(env)))
	if err != nil {
		return err
	}
	known := envNames(parser.Model.Node)
	for _, e := range env {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "SLUSS_") && !slices.Contains(known, name) {
			return fmt.Errorf("no flag is set by %s", name)
		}
	}
	_, err = parser.Parse(args)
	return err
}

// given resolves flags from an environment that is not the process's own.
func given(env []string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
		for _, e := range slices.Backward(env) { // the last one counts
			if name, value, _ := strings.Cut(e, "="); slices.Contains(f.Tag.Envs, name) {
				return value, nil
			}
		}
		return nil, nil
	})
}

func envNames(n *kong.Node) (out []string) {
	for _, f := range n.Flags {
		out = append(out, f.Tag.Envs...)
	}
	for _, c := range n.Children {
		out = append(out, envNames(c)...)
	}
	return out
}
