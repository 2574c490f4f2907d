package intake

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An application as answers by question id: data[0].benefits[1] holds one
// string. An empty list or object is an answer of its own.

// flatten writes the leaves below v into out.
func flatten(path string, v any, out map[string]any) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 && path != "" {
			out[path] = v
		}
		for k, x := range v {
			p := k
			if path != "" {
				p = path + "." + k
			}
			flatten(p, x, out)
		}
	case []any:
		if len(v) == 0 {
			out[path] = v
		}
		for i, x := range v {
			flatten(fmt.Sprintf("%s[%d]", path, i), x, out)
		}
	default:
		out[path] = v
	}
}

// node is a tree under construction: members of an object or places of a list.
type node struct {
	members map[string]*node
	list    map[int]*node
	leaf    any
}

// unflatten builds the tree that the answers stand in. Places of a list that
// have no answers close up.
func unflatten(answers map[string]any) any {
	root := &node{}
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		n := root
		for _, step := range steps(id) {
			n = n.below(step)
		}
		n.leaf = answers[id]
	}
	if root.members == nil {
		return map[string]any{}
	}
	return root.value()
}

// steps cuts data[0].benefits[1] into data, [0], benefits, [1].
func steps(id string) []string {
	var out []string
	for part := range strings.SplitSeq(id, ".") {
		name, rest, _ := strings.Cut(part, "[")
		out = append(out, name)
		for rest != "" {
			var place string
			place, rest, _ = strings.Cut(rest, "]")
			out = append(out, "["+place)
			rest = strings.TrimPrefix(rest, "[")
		}
	}
	return out
}

func (n *node) below(step string) *node {
	if place, ok := strings.CutPrefix(step, "["); ok {
		if i, err := strconv.Atoi(place); err == nil {
			if n.list == nil {
				n.list = map[int]*node{}
			}
			if n.list[i] == nil {
				n.list[i] = &node{}
			}
			return n.list[i]
		}
	}
	if n.members == nil {
		n.members = map[string]*node{}
	}
	if n.members[step] == nil {
		n.members[step] = &node{}
	}
	return n.members[step]
}

func (n *node) value() any {
	switch {
	case n.members != nil:
		out := map[string]any{}
		for k, m := range n.members {
			out[k] = m.value()
		}
		return out
	case n.list != nil:
		out := make([]any, 0, len(n.list))
		for _, i := range slices.Sorted(maps.Keys(n.list)) {
			out = append(out, n.list[i].value())
		}
		return out
	}
	return n.leaf
}
