package intake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Changed returns the question ids whose answers differ between two versions
// of an application, sorted.
func Changed(a, b Application) ([]string, error) {
	x, err := leaves(a)
	if err != nil {
		return nil, err
	}
	y, err := leaves(b)
	if err != nil {
		return nil, err
	}
	var out []string
	for k, v := range x {
		if w, ok := y[k]; !ok || w != v {
			out = append(out, k)
		}
	}
	for k := range y {
		if _, ok := x[k]; !ok {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Below reports whether field is part or lies below it: ethics.approvals holds
// ethics.approvals[1].decision.
func Below(field, part string) bool {
	rest, ok := strings.CutPrefix(field, part)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func leaves(a Application) (map[string]string, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	out := map[string]string{}
	walk("", tree, out)
	return out, nil
}

func walk(path string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			p := k
			if path != "" {
				p = path + "." + k
			}
			walk(p, x, out)
		}
	case []any:
		for i, x := range v {
			walk(fmt.Sprintf("%s[%d]", path, i), x, out)
		}
	default:
		out[path] = fmt.Sprintf("%T:%v", v, v)
	}
}
