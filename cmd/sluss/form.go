package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/wordform"
)

// formCmd works with the form that orders are filled in on.
type formCmd struct {
	Word formWordCmd `cmd:"" help:"Write the form as a Word document (docs/wordform.md)."`
	Read formReadCmd `cmd:"" help:"Read a filled-in Word form: the answers as JSON, and which could not be read."`
}

// formWordCmd writes the form without answers.
type formWordCmd struct {
	Purpose string `arg:"" enum:"research,statistics" help:"research or statistics."`
	Out     string `short:"o" required:"" placeholder:"FILE" help:"File to write, form.docx."`
}

// Run writes the document in the language of the command line.
func (c *formWordCmd) Run() error {
	doc, err := wordform.Template(intake.Purpose(c.Purpose), console.Catalogue(), console.Language())
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fault.New("form.out", "Filen går inte att skriva; den finns kanske redan.", "The file cannot be written; perhaps it is there already.").
			At(fault.Where{File: filepath.Base(c.Out), Column: "--out"}).Do("Ange en annan.", "Name another.").Because(err)
	}
	if _, err := f.Write(doc); err != nil {
		return err
	}
	return f.Close()
}

// formReadCmd reads a form.
type formReadCmd struct {
	File string `arg:"" placeholder:"FORM.docx" help:"The form."`
}

// formRead is what the command prints.
type formRead struct {
	Answers json.RawMessage `json:"answers"` // of an application, as far as they go
	Wrong   []wrongAnswer   `json:"wrong"`   // what could not be read
}

type wrongAnswer struct {
	Field string `json:"field"`
	Title string `json:"title"`
	Do    string `json:"do"`
}

// Run prints the answers. Answers that could not be read do not make it fail:
// they are told, and the others stand.
func (c *formReadCmd) Run() error {
	f, err := os.Open(c.File)
	if err != nil {
		return fault.New("form.missing", "Blanketten går inte att öppna.", "The form cannot be opened.").
			At(fault.Where{File: filepath.Base(c.File)}).Do("Kontrollera sökvägen.", "Check the path.").Because(err)
	}
	defer f.Close()
	doc, err := io.ReadAll(io.LimitReader(f, wordform.MaxBytes+1))
	if err != nil {
		return err
	}
	filled, err := wordform.Read(doc, console.Catalogue())
	if err != nil {
		return err
	}
	lang, out := console.Language(), formRead{Answers: filled.Answers, Wrong: []wrongAnswer{}}
	for _, w := range filled.Wrong {
		out.Wrong = append(out.Wrong, wrongAnswer{w.Field, w.Title.In(lang), w.Text.In(lang)})
		fmt.Fprintf(os.Stderr, "%s: %s\n", w.Title.In(lang), w.Text.In(lang))
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
