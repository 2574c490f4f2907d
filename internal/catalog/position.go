package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// FileError is what is wrong in a data file. It is for those who write the
// file: it holds names of fields and nothing of anybody's data.
type FileError struct {
	File string
	Line int // from 1; 0 where it is not known
	Text string
}

// Error returns "file:line: text", one line per problem.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// source is a data file that has been read.
type source struct {
	name string
	text []byte
	part part
	id   string // of its register, "" without
}

// registerLine finds the line of what a register's error names; 0 when it
// names nothing that stands in the file.
func (s *source) registerLine(err error) int {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && len(s.part.Register) > 0 {
		return lineAt(s.text, int64(bytes.Index(s.text, s.part.Register))+e.Offset)
	}
	text := err.Error()
	if i := strings.LastIndexByte(text, '"'); i > 0 { // json: unknown field "x"; no template "x"
		if j := strings.LastIndexByte(text[:i], '"'); j >= 0 {
			if at := bytes.Index(s.text, []byte(text[j:i+1])); at >= 0 {
				return lineAt(s.text, int64(at))
			}
		}
	}
	return 0
}

// lineOf returns the line that an error of encoding/json tells of, 0 when it
// tells of none.
func lineOf(text []byte, err error) int {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return lineAt(text, e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return lineAt(text, e.Offset)
	}
	if e, ok := errors.AsType[*twiceError](err); ok {
		return lineAt(text, e.offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return lineAt(text, int64(len(bytes.TrimSpace(text))))
	}
	return (&source{text: text}).registerLine(err)
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte{'\n'})
}

// locate turns problems into one error that says in which file and line each
// stands; nil when there are none.
func locate(problems []Problem, sources []source) error {
	if len(problems) == 0 {
		return nil
	}
	var list []error
	for _, p := range problems {
		e := &FileError{File: "catalogue", Text: p.String()}
		for i := range sources {
			if line, ok := sources[i].find(p.Path); ok {
				e.File, e.Line = sources[i].name, line
				break
			}
		}
		list = append(list, e)
	}
	return errors.Join(list...)
}

// find returns the line of what the path of a [Problem] names, or of the
// closest thing around it; false when the path is not in this file.
func (s *source) find(path string) (line int, ok bool) {
	steps := strings.Split(path, ".")
	if steps[0] == "registers" {
		if len(steps) < 2 || steps[1] != s.id || s.id == "" {
			return 0, false
		}
		steps = append([]string{"register"}, steps[2:]...)
	}
	dec := json.NewDecoder(bytes.NewReader(s.text))
	at := seeker{dec: dec, text: s.text}
	at.value(steps)
	return lineAt(s.text, at.best), at.found > 0
}

// seeker walks through a document after a path and remembers the last place
// where path and document agreed.
type seeker struct {
	dec   *json.Decoder
	text  []byte
	best  int64
	found int // steps that agreed
}

// value reads one value; steps is what is still to be found in it, nil when it
// is not on the path.
func (k *seeker) value(steps []string) {
	tok, err := k.dec.Token()
	if err != nil {
		return
	}
	switch tok {
	case json.Delim('{'):
		for k.dec.More() {
			name, err := k.dec.Token()
			if err != nil {
				return
			}
			var rest []string
			if len(steps) > 0 && name == steps[0] {
				k.best, rest = k.dec.InputOffset(), k.agree(steps)
			}
			k.value(rest)
		}
		_, _ = k.dec.Token()
	case json.Delim('['):
		for k.dec.More() {
			start := k.dec.InputOffset()
			var rest []string
			if len(steps) > 0 && k.names(start, steps[0]) {
				k.best, rest = start+int64(bytes.IndexByte(k.text[start:], '{')), k.agree(steps)
			}
			k.value(rest)
		}
		_, _ = k.dec.Token()
	}
}

// names reports whether the array element that begins after start has the id
// or code that a path gives.
func (k *seeker) names(start int64, want string) bool {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimLeft(k.text[start:], ", \n\r\t")))
	var e struct{ ID, Code, Like string }
	return dec.Decode(&e) == nil && (e.ID == want || e.Code == want || e.ID == "" && e.Like == want)
}

// agree goes one step further; the result is never nil.
func (k *seeker) agree(steps []string) []string {
	k.found++
	return append([]string{}, steps[1:]...)
}
