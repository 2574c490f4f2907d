// Package wordform writes an application as a Word form, and reads a filled-in
// one back.
//
// The form is the old way of ordering, kept for those who want it: a document
// with one content control for each question, whose tag is the question's id
// (data[0].from) and whose title is the question's text. [Write] makes it,
// empty or with the answers of a draft; [Read] takes the answers out of it
// again. Between the two anybody may fill it in, in Word, LibreOffice or by a
// program: only the controls are read, wherever they stand in the document.
//
//	doc, err := wordform.Write(intake.Application{Purpose: intake.Research}, cat, "sv")
//	filled, err := wordform.Read(doc, cat)
//
// An answer that cannot be read is told with the title of its control and what
// to do, and never repeated; every other answer is kept. The rules of an order
// are not asked here: whoever takes the answers in asks them afterwards.
//
// A document comes from outside. It is unpacked in memory within bounds of
// bytes, entries, ratio and depth; macros, embedded objects, links to anything
// outside the document and DTDs are refused, each with a code of its own
// (docs/wordform.md lists them).
package wordform

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/intake"
)

// Bounds of a document that is read.
const (
	// MaxBytes is how large the file may be, 5 MB.
	MaxBytes = 5 << 20
	// entriesMax is how many parts the document may have.
	entriesMax = 200
	// unpackedMax is how many bytes all parts may hold together.
	unpackedMax = 32 << 20
	// ratioMax is how much larger than packed a part may be, above ratioFrom bytes.
	ratioMax  = 200
	ratioFrom = 1 << 20
	// depthMax is how deeply elements may lie in each other.
	depthMax = 150
	// controlsMax is how many controls are read, and textMax how many letters
	// an answer may have.
	controlsMax = 10_000
	textMax     = 20_000
	// rowsMax is how many rows a list may have.
	rowsMax = 200
	// wrongMax is how many answers are told at once.
	wrongMax = 100
)

// Type is the media type of the form.
const Type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// Wrong is an answer that could not be read.
type Wrong struct {
	Field string       // question id: data[0].from
	Title catalog.Text // of the control: Uppgifter 1: från och med
	Text  catalog.Text // what to do
}

// Filled is what a form says.
type Filled struct {
	// Answers is the JSON of an application that holds what was answered and
	// nothing else; a list is there when any of its rows is answered.
	Answers json.RawMessage
	// Lists are the ids of the lists among the answers: they are whole.
	Lists []string
	// Count is how many controls are answered, Wrong which of them could not be
	// read, in the order of the document.
	Count int
	Wrong []Wrong
}

// Title is what the control of a question is called: its text, with the number
// of the row.
func Title(field string) catalog.Text {
	t, ok := intake.Label(field)
	if !ok {
		return catalog.Text{SV: field, EN: field}
	}
	row := rowOf.FindStringSubmatch(field)
	if row == nil {
		return t
	}
	n, err := strconv.Atoi(row[1])
	if err != nil {
		return t
	}
	return catalog.Text{SV: numbered(t.SV, n+1), EN: numbered(t.EN, n+1)}
}

var rowOf = regexp.MustCompile(`\[(\d+)\]`)

// numbered puts the number of a row after the name of its list.
func numbered(text string, n int) string {
	if list, rest, ok := strings.Cut(text, ": "); ok {
		return fmt.Sprintf("%s %d: %s", list, n, rest)
	}
	return fmt.Sprintf("%s (%d)", text, n)
}

func refuse(code, sv, en, doSV, doEN string) *fault.Fault {
	return fault.New("wordform."+code, sv, en).Do(doSV, doEN)
}

func unreadable() *fault.Fault {
	return refuse("unreadable", "Filen är inget Word-dokument som går att läsa.", "The file is no Word document that can be read.",
		"Spara den som .docx utan lösenord och skicka den igen.", "Save it as .docx without a password and send it again.")
}

// TooLarge refuses a file above [MaxBytes].
func TooLarge() *fault.Fault {
	return refuse("large", "Blanketten är större än 5 MB.", "The form is larger than 5 MB.", "Ta bort bilder och skicka bilagor för sig.", "Remove pictures and send attachments by themselves.")
}

func packed() *fault.Fault {
	return refuse("packed", "Dokumentet är orimligt stort uppackat.", "The document is unreasonably large when unpacked.",
		"Fyll i en ny blankett och skicka den.", "Fill in a new form and send it.")
}

func deep() *fault.Fault {
	return refuse("deep", "Dokumentet är för djupt hopfogat.", "The document is nested too deeply.",
		"Fyll i en ny blankett och skicka den.", "Fill in a new form and send it.")
}

func dtd() *fault.Fault {
	return refuse("dtd", "Dokumentet innehåller en dokumenttypsdefinition.", "The document holds a document type definition.",
		"Öppna det i Word, spara det på nytt som .docx och skicka det igen.", "Open it in Word, save it anew as .docx and send it again.")
}
