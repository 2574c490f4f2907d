package orderfile

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// tree is a value of the file with the line it stands on. Aliases share the
// tree of their anchor.
type tree struct {
	line  int
	kind  kind
	leaf  any // of a scalar
	keys  []string
	lines []int // of the keys
	items []*tree
}

type kind int

const (
	scalar kind = iota
	mapping
	sequence
)

// fail is what is wrong, and where.
type fail struct {
	line int
	path string
	err  error
}

func (f *fail) Error() string { return f.err.Error() }

func wrong(line int, path, format string, args ...any) *fail {
	return &fail{line, path, fmt.Errorf(format, args...)}
}

// maxValues bounds what a file can grow to through its aliases.
const maxValues = 200_000

// parse reads one YAML document.
func parse(raw []byte) (*tree, error) {
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		return nil, &fail{lineOf(err), "", err}
	}
	var docs []*ast.DocumentNode
	for _, d := range file.Docs {
		if d.Body != nil {
			docs = append(docs, d)
		}
	}
	if len(docs) != 1 {
		return nil, wrong(0, "", "want one document, got %d", len(docs))
	}
	r := reader{anchors: map[string]*tree{}}
	t, err := r.value(docs[0].Body, "", 0)
	if err != nil {
		return nil, err
	}
	if size(t, map[*tree]int{}) > maxValues {
		return nil, wrong(t.line, "", "more than %d values", maxValues)
	}
	return t, nil
}

// size counts values as if aliases were written out, up to maxValues.
func size(t *tree, known map[*tree]int) int {
	if n, ok := known[t]; ok {
		return n
	}
	n := 1
	for _, x := range t.items {
		if n += size(x, known); n > maxValues {
			n = maxValues + 1
			break
		}
	}
	known[t] = n
	return n
}

// reader turns syntax into trees.
type reader struct{ anchors map[string]*tree }

const maxDepth = 40

func (r *reader) value(n ast.Node, path string, depth int) (*tree, error) {
	line := n.GetToken().Position.Line
	if depth > maxDepth {
		return nil, wrong(line, path, "nested too deeply")
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		t, err := r.value(n.Value, path, depth+1)
		if err == nil {
			r.anchors[n.Name.GetToken().Value] = t
		}
		return t, err
	case *ast.AliasNode:
		t, ok := r.anchors[n.Value.GetToken().Value]
		if !ok {
			return nil, wrong(line, path, "an alias of something that does not stand above it")
		}
		return t, nil
	case *ast.MappingNode:
		return r.mapping(n.Values, line, path, depth)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, line, path, depth)
	case *ast.SequenceNode:
		t := &tree{line: line, kind: sequence}
		for i, v := range n.Values {
			x, err := r.value(v, fmt.Sprintf("%s[%d]", path, i), depth+1)
			if err != nil {
				return nil, err
			}
			t.items = append(t.items, x)
		}
		return t, nil
	case *ast.LiteralNode:
		return &tree{line: line, leaf: n.Value.Value}, nil
	case *ast.NullNode:
		return &tree{line: line}, nil
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return &tree{line: line, leaf: n.(ast.ScalarNode).GetValue()}, nil
	}
	return nil, wrong(line, path, "this kind of YAML is not used here")
}

func (r *reader) mapping(pairs []*ast.MappingValueNode, line int, path string, depth int) (*tree, error) {
	t := &tree{line: line, kind: mapping}
	seen := map[string]bool{}
	for i, p := range pairs {
		key := p.Key.GetToken().Value
		at := p.Key.GetToken().Position.Line
		if i == 0 {
			t.line = at
		}
		if p.Key.IsMergeKey() {
			return nil, wrong(at, path, "merge keys are not used here")
		}
		if seen[key] {
			return nil, wrong(at, join(path, key), "stands twice")
		}
		seen[key] = true
		x, err := r.value(p.Value, join(path, key), depth+1)
		if err != nil {
			return nil, err
		}
		t.keys, t.lines, t.items = append(t.keys, key), append(t.lines, at), append(t.items, x)
	}
	return t, nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// plain returns the value as encoding/json would read it.
func (t *tree) plain() any {
	switch t.kind {
	case mapping:
		m := make(map[string]any, len(t.keys))
		for i, k := range t.keys {
			m[k] = t.items[i].plain()
		}
		return m
	case sequence:
		s := make([]any, len(t.items))
		for i, x := range t.items {
			s[i] = x.plain()
		}
		return s
	}
	return t.leaf
}

// at returns the value under a key, nil when there is none.
func (t *tree) at(key string) *tree {
	for i, k := range t.keys {
		if k == key {
			return t.items[i]
		}
	}
	return nil
}

var ownReaders = []reflect.Type{reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()}

// fits compares a value with the Go type that will hold it: every key is a
// field, every value of its type. What is wrong is told with its line.
func (t *tree) fits(typ reflect.Type, path string) error {
	if t.kind == scalar && t.leaf == nil {
		return nil
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	for _, own := range ownReaders {
		if reflect.PointerTo(typ).Implements(own) {
			return t.decodes(typ, path)
		}
	}
	switch typ.Kind() {
	case reflect.Struct:
		if t.kind != mapping {
			return wrong(t.line, path, "want fields with values")
		}
		for i, k := range t.keys {
			f, ok := field(typ, k)
			if !ok {
				return wrong(t.lines[i], join(path, k), "there is no field %q here", k)
			}
			if err := t.items[i].fits(f, join(path, k)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Map:
		if t.kind != mapping {
			return wrong(t.line, path, "want names with values")
		}
		for i, k := range t.keys {
			if err := t.items[i].fits(typ.Elem(), join(path, k)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Slice:
		if t.kind != sequence {
			return wrong(t.line, path, "want a list")
		}
		for i, x := range t.items {
			if err := x.fits(typ.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	}
	return t.decodes(typ, path)
}

// decodes tries the value on its own.
func (t *tree) decodes(typ reflect.Type, path string) error {
	raw, err := json.Marshal(t.plain())
	if err == nil {
		err = decode(raw, reflect.New(typ).Interface())
	}
	if typeErr, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = fmt.Errorf("want %s", word(typeErr.Type))
	}
	if err != nil {
		return &fail{t.line, path, err}
	}
	return nil
}

// word names a type to somebody who writes files, not programs.
func word(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text (in quotes where it looks like a number)"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "another kind of value"
}

// field returns the type of the field that encoding/json would fill from key.
func field(typ reflect.Type, key string) (reflect.Type, bool) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == key && name != "-" {
			return f.Type, true
		}
	}
	return nil, false
}
