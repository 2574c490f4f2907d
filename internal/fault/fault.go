// Package fault is how Sluss tells a person that something could not be done.
//
// A [Fault] says what happened, where, and what to do about it, in Swedish and
// English, under a code that never changes. It is written for the person who
// reads it and never holds anybody's data: no identity number, name or cell
// content, only positions, counts and the names of columns, rules and files.
//
// Everything that is not a Fault is a bug or a broken machine; it reaches the
// operator's log, and the user only learns that something failed inside.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Class says who can mend it, and decides exit code and HTTP status.
type Class int

// Classes of faults with the exit code of the command line beside them.
const (
	Internal Class = 1 // our own or the machine's fault
	Input    Class = 2 // what was given cannot be used
	Gate     Class = 3 // a rule refused; nothing was written
)

// Where is a position in something the user gave. Zero fields are unknown.
type Where struct {
	File   string // base name only
	Line   int    // 1 is the first line
	Column string // column of a table, or field of a form
}

// Fault is an error for a person to read.
type Fault struct {
	Code  string // stable, lower case with dots: population.unreadable
	Class Class
	SV    string // what happened, one sentence
	EN    string
	DoSV  string // what to do, one sentence
	DoEN  string
	Where Where
	// For gates: the rule's name, the promise of docs/promises.md it keeps
	// (0 = none) and the law it rests on.
	Rule    string
	Promise int
	Law     string
	Err     error // cause, for the operator's log only; it is never printed to the user
}

// New returns a fault of class Input.
func New(code, sv, en string) *Fault {
	return &Fault{Code: code, Class: Input, SV: sv, EN: en}
}

// Do adds what the reader should do and returns f.
func (f *Fault) Do(sv, en string) *Fault {
	f.DoSV, f.DoEN = sv, en
	return f
}

// At adds a position and returns f.
func (f *Fault) At(w Where) *Fault {
	f.Where = w
	return f
}

// Of sets the class and returns f.
func (f *Fault) Of(c Class) *Fault {
	f.Class = c
	return f
}

// Because adds the cause and returns f.
func (f *Fault) Because(err error) *Fault {
	f.Err = err
	return f
}

// Error returns the English text.
func (f *Fault) Error() string { return f.Text("en") }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Text returns the whole message in "sv" or, for every other value, English.
func (f *Fault) Text(lang string) string {
	what, do, line, column, promise, law := f.EN, f.DoEN, "line", "column", "promise", "law"
	if lang == "sv" {
		what, do, line, column, promise, law = f.SV, f.DoSV, "rad", "kolumn", "löfte", "lag"
	}
	var b strings.Builder
	b.WriteString(f.Code)
	b.WriteString(": ")
	var at []string
	if f.Where.File != "" {
		at = append(at, f.Where.File)
	}
	if f.Where.Line > 0 {
		at = append(at, fmt.Sprintf("%s %d", line, f.Where.Line))
	}
	if f.Where.Column != "" {
		at = append(at, column+" "+f.Where.Column)
	}
	if len(at) > 0 {
		b.WriteString(strings.Join(at, ", "))
		b.WriteString(": ")
	}
	b.WriteString(what)
	if f.Rule != "" {
		fmt.Fprintf(&b, " [%s", f.Rule)
		if f.Promise > 0 {
			fmt.Fprintf(&b, "; %s %d", promise, f.Promise)
		}
		if f.Law != "" {
			fmt.Fprintf(&b, "; %s: %s", law, f.Law)
		}
		b.WriteString("]")
	}
	if do != "" {
		b.WriteString(" ")
		b.WriteString(do)
	}
	return b.String()
}

// ClassOf returns the class of the first Fault in err's chain, Internal when
// there is none.
func ClassOf(err error) Class {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Class
	}
	return Internal
}
