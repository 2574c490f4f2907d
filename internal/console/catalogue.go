package console

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/fault"
)

// Global are the flags that both programs and all their commands have. A
// command tree embeds it.
type Global struct {
	Config  string `name:"config" env:"SLUSS_CONFIG" placeholder:"FILE" help:"File of settings, YAML: names of flags and their values (docs/settings.md)."`
	Catalog string `name:"catalog" env:"SLUSS_CATALOG" placeholder:"DIR" help:"Folder with data files of further registers (docs/registers.md)."`
}

// catalogDir is found by [Run] in the command tree.
func (g *Global) catalogDir() string { return g.Catalog }

// chosen is the catalogue of this run; nil for the built-in one.
var chosen *catalog.Catalogue

// Catalogue returns the catalogue that the program runs with: the built-in one
// and what stands in the folder that --catalog names. It was checked when the
// program started.
func Catalogue() *catalog.Catalogue {
	if chosen == nil {
		return catalog.Builtin()
	}
	return chosen
}

// catalogEnv hands the folder on to programs that this one starts.
const catalogEnv = "SLUSS_CATALOG"

// useCatalogue reads the data files in dir; nothing for "".
func useCatalogue(dir string) error {
	if dir == "" {
		return nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fault.New("catalogue.folder", "Mappen med katalogens datafiler finns inte.", "The folder with the catalogue's data files does not exist.").
			At(fault.Where{File: filepath.Base(dir)}).Do("Ange mappen med --catalog eller SLUSS_CATALOG.", "Name the folder with --catalog or SLUSS_CATALOG.")
	}
	c, err := catalog.Extend(catalog.Builtin(), os.DirFS(dir))
	if err != nil {
		return badCatalogue(err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	chosen = c
	return os.Setenv(catalogEnv, abs)
}

// mostProblems is how many problems of a catalogue are listed.
const mostProblems = 20

// badCatalogue lists what is wrong, with file, line and field.
func badCatalogue(err error) error {
	var list []error
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		list = many.Unwrap()
	} else {
		list = []error{err}
	}
	var lines []string
	for i, e := range list {
		if i == mostProblems {
			lines = append(lines, fmt.Sprintf("… %d", len(list)-i))
			break
		}
		if _, ok := errors.AsType[*catalog.FileError](e); !ok {
			return err // not the file's fault
		}
		lines = append(lines, "  "+e.Error())
	}
	text := "\n" + strings.Join(lines, "\n")
	return fault.New("catalogue.file", "Katalogens datafiler kan inte användas:"+text, "The catalogue's data files cannot be used:"+text)
}
