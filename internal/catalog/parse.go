package catalog

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"sluss/internal/canon"
)

//go:embed data/*.json
var builtin embed.FS

// part is the content of one data file: the head of the catalogue, one
// register, shared value sets, or any of them together.
type part struct {
	ID        string               `json:"id,omitempty"`
	Version   int                  `json:"version,omitempty"`
	ValidFrom string               `json:"valid_from,omitempty"`
	Files     map[string]FileShape `json:"files,omitempty"`
	Templates *templates           `json:"templates,omitempty"`
	Register  json.RawMessage      `json:"register,omitempty"`
	ValueSets map[string]ValueSet  `json:"value_sets,omitempty"`
}

// Builtin returns the catalogue that Sluss is shipped with. It is parsed and
// validated once; treat it as read-only. It panics if the embedded files are
// wrong, which a test rules out.
func Builtin() *Catalogue { return builtinOnce() }

var builtinOnce = sync.OnceValue(func() *Catalogue {
	sub, err := fs.Sub(builtin, "data")
	if err != nil {
		panic(err)
	}
	c, err := ParseFS(sub)
	if err != nil {
		panic(err)
	}
	return c
})

// ParseFS reads a catalogue that is kept as one file per register: every
// *.json at the top of fsys, in the order of their names. It validates the
// result. What is wrong is a [*FileError], with file and line.
func ParseFS(fsys fs.FS) (*Catalogue, error) {
	files, err := read(fsys)
	if err != nil {
		return nil, err
	}
	return build(empty(), files, &Catalogue{})
}

// Extend returns base with the registers of the data files in fsys added:
// this is how an authority adds registers of its own. The files can use the
// value sets and templates of base; a head (id, version, valid_from) in one of
// them takes the place of base's, and nothing else may replace what is there.
// base is not changed.
func Extend(base *Catalogue, fsys fs.FS) (*Catalogue, error) {
	files, err := read(fsys)
	if err != nil {
		return nil, err
	}
	return extend(base, files)
}

// ExtendWith is [Extend] with one data file that has not been stored yet.
func ExtendWith(base *Catalogue, name string, content []byte) (*Catalogue, error) {
	return extend(base, []source{{name: name, text: content}})
}

func extend(base *Catalogue, files []source) (*Catalogue, error) {
	c := &Catalogue{
		Registers: slices.Clone(base.Registers), ValueSets: maps.Clone(base.ValueSets), Files: maps.Clone(base.Files),
		templates: templates{maps.Clone(base.templates.Variables), maps.Clone(base.templates.Lists)},
	}
	out, err := build(c, files, base)
	if err != nil {
		return nil, err
	}
	out.fixed = out.hash()
	return out, nil
}

func empty() *Catalogue {
	return &Catalogue{ValueSets: map[string]ValueSet{}, Files: map[string]FileShape{}, templates: newTemplates()}
}

// read returns the data files at the top of fsys in the order of their names.
func read(fsys fs.FS) ([]source, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []source
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		out = append(out, source{name: name, text: b})
	}
	return out, nil
}

// build adds the files to c: first what registers refer to, then the
// registers. head gives the head where no file does.
func build(c *Catalogue, files []source, head *Catalogue) (*Catalogue, error) {
	for i := range files {
		s := &files[i]
		if err := strict(s.text, &s.part); err != nil {
			return nil, &FileError{s.name, lineOf(s.text, err), err.Error()}
		}
		if err := c.addShared(&s.part); err != nil {
			return nil, &FileError{s.name, 0, err.Error()}
		}
	}
	if c.ID == "" {
		c.ID, c.Version, c.ValidFrom = head.ID, head.Version, head.ValidFrom
	}
	for i := range files {
		s := &files[i]
		r, err := c.templates.register(s.part.Register)
		if err != nil {
			return nil, &FileError{s.name, s.registerLine(err), err.Error()}
		}
		if r != nil {
			s.id = r.ID
			c.Registers = append(c.Registers, *r)
		}
	}
	return c, locate(c.Validate(), files)
}

// Parse reads a whole catalogue from one JSON document, the form in which
// [Catalogue] is marshalled, and validates it. Unknown members are refused: a
// misspelt rule must not be silently without effect.
func Parse(b []byte) (*Catalogue, error) {
	c := &Catalogue{}
	if err := strict(b, c); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return c, asError(c.Validate())
}

// addShared puts everything of a data file but its register into c. It refuses
// to replace what is already there, but for the head of a catalogue that is
// extended.
func (c *Catalogue) addShared(p *part) error {
	if p.ID != "" {
		if c.ID != "" {
			return fmt.Errorf("the catalogue has two heads: %q and %q", c.ID, p.ID)
		}
		c.ID, c.Version, c.ValidFrom = p.ID, p.Version, p.ValidFrom
	}
	for id, f := range p.Files {
		if _, dup := c.Files[id]; dup {
			return fmt.Errorf("files.%s stands in two files", id)
		}
		c.Files[id] = f
	}
	for id, v := range p.ValueSets {
		if _, dup := c.ValueSets[id]; dup {
			return fmt.Errorf("value_sets.%s stands in two files", id)
		}
		c.ValueSets[id] = v
	}
	if p.Templates != nil {
		return c.templates.add(p.Templates)
	}
	return nil
}

// Hash returns the hash of the catalogue's canonical JSON. Decisions, plans
// and snapshots name the catalogue they were made with by it.
func (c *Catalogue) Hash() canon.Hash {
	switch {
	case c == Builtin():
		return builtinHash() // every command asks for it
	case c.fixed != "":
		return c.fixed
	}
	return c.hash()
}

var builtinHash = sync.OnceValue(func() canon.Hash { return Builtin().hash() })

func (c *Catalogue) hash() canon.Hash {
	h, err := canon.Of(c)
	if err != nil {
		panic("catalog: " + err.Error()) // only integers, strings and flags: cannot fail
	}
	return h
}

func strict(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("text after the document")
	}
	return onceEach(json.NewDecoder(bytes.NewReader(b)))
}

// twiceError is a member that stands twice in one object: of the two, the decoder takes
// the later one and says nothing.
type twiceError struct {
	name   string
	offset int64 // after the second name
}

func (e *twiceError) Error() string { return fmt.Sprintf("%q stands twice", e.name) }

// onceEach returns a [*twiceError] for the next value if an object in it has two members
// of one name. The text must be well-formed.
func onceEach(dec *json.Decoder) error {
	open, err := dec.Token()
	if err != nil || open != json.Delim('{') && open != json.Delim('[') {
		return err
	}
	seen := map[string]bool{}
	for dec.More() {
		if open == json.Delim('{') {
			t, err := dec.Token()
			if err != nil {
				return err
			}
			name := t.(string) // of an object's member
			if seen[name] {
				return &twiceError{name, dec.InputOffset()}
			}
			seen[name] = true
		}
		if err := onceEach(dec); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// asError joins problems into one error, nil when there are none.
func asError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	return fmt.Errorf("catalogue has %d problem(s):\n%s", len(problems), strings.Join(lines, "\n"))
}
