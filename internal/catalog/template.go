package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Templates are what many registers have in common, written once. In a
// register's list of variables an element can be
//
//	{"like": "lopnr", "definition": {…}}       the template lopnr, with some members of its own
//	{"list": "payments", "sensitivity": "health"}   all templates of a list, each with these members
//
// and is replaced by what it stands for when the file is read. Members that
// the element gives take the template's place; shapes that the table does not
// have are left out, so one template serves tables of spells and tables of
// decisions. Of a list, "except" leaves some out.
type templates struct {
	Variables map[string]json.RawMessage `json:"variables,omitempty"`
	Lists     map[string][]string        `json:"lists,omitempty"`
}

// members is a JSON object whose members are not looked into.
type members = map[string]json.RawMessage

// expand replaces the templates in one table's variables.
func (t *templates) expand(raw []json.RawMessage, shapes []Shape) ([]Variable, error) {
	var out []Variable
	for i, r := range raw {
		var m members
		if err := json.Unmarshal(r, &m); err != nil {
			return nil, fmt.Errorf("variables[%d]: %w", i, err)
		}
		use, err := t.uses(m)
		if err != nil {
			return nil, fmt.Errorf("variables[%d]: %w", i, err)
		}
		for _, name := range use {
			v, err := t.variable(name, m, shapes)
			if err != nil {
				return nil, fmt.Errorf("variables[%d]: %w", i, err)
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// uses takes the members like, list and except out of m and returns the
// templates that they name; "" stands for none.
func (t *templates) uses(m members) ([]string, error) {
	var like, list string
	var except []string
	for name, into := range map[string]any{"like": &like, "list": &list, "except": &except} {
		if raw, ok := m[name]; ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			delete(m, name)
		}
	}
	switch {
	case list == "":
		return []string{like}, nil
	case like != "":
		return nil, fmt.Errorf("both like and list")
	case t.Lists[list] == nil:
		return nil, fmt.Errorf("no list of templates %q", list)
	}
	use := slices.Clone(t.Lists[list])
	for _, name := range except {
		if !slices.Contains(use, name) {
			return nil, fmt.Errorf("except: the list %s has no %q", list, name)
		}
	}
	return slices.DeleteFunc(use, func(name string) bool { return slices.Contains(except, name) }), nil
}

// variable puts the members of own over the template called name.
func (t *templates) variable(name string, own members, shapes []Shape) (v Variable, err error) {
	whole := members{}
	if name != "" {
		raw, ok := t.Variables[name]
		if !ok {
			return v, fmt.Errorf("no template %q", name)
		}
		if err := json.Unmarshal(raw, &whole); err != nil {
			return v, fmt.Errorf("template %s: %w", name, err)
		}
	}
	maps.Copy(whole, own)
	raw, err := json.Marshal(whole)
	if err != nil {
		return v, err
	}
	if err := strict(raw, &v); err != nil {
		return v, err
	}
	if _, chosen := own["shapes"]; name != "" && !chosen {
		v.Shapes = slices.DeleteFunc(v.Shapes, func(s Shape) bool { return !slices.Contains(shapes, s) })
	}
	return v, nil
}

// add takes the templates of another file in; none may stand twice.
func (t *templates) add(o *templates) error {
	for name, raw := range o.Variables {
		if _, dup := t.Variables[name]; dup {
			return fmt.Errorf("templates.variables.%s stands in two files", name)
		}
		t.Variables[name] = raw
	}
	for name, list := range o.Lists {
		if _, dup := t.Lists[name]; dup {
			return fmt.Errorf("templates.lists.%s stands in two files", name)
		}
		t.Lists[name] = list
	}
	return nil
}

func newTemplates() templates {
	return templates{map[string]json.RawMessage{}, map[string][]string{}}
}

// registerFile is a register as a data file has it: its variables can be
// templates.
type registerFile struct {
	Register
	Tables []tableFile `json:"tables"`
}

type tableFile struct {
	Table
	Variables []json.RawMessage `json:"variables"`
}

// register reads a register and replaces its templates.
func (t *templates) register(raw json.RawMessage) (*Register, error) {
	if len(bytes.TrimSpace(raw)) == 0 || bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return nil, nil
	}
	var f registerFile
	if err := strict(raw, &f); err != nil {
		return nil, err
	}
	for i := range f.Tables {
		tab := f.Tables[i].Table
		var err error
		if tab.Variables, err = t.expand(f.Tables[i].Variables, tab.Shapes); err != nil {
			return nil, fmt.Errorf("table %s: %w", tab.ID, err)
		}
		f.Register.Tables = append(f.Register.Tables, tab)
	}
	return &f.Register, nil
}
