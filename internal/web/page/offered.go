package page

import (
	"slices"
	"strings"

	"sluss/internal/order"
)

// narrowed are the roles that a link is offered to: those that it names itself,
// as far as the page behind it lets them in. A link that answers "not for you"
// is worse than none. path is the address in the case, after /cases/{id}/;
// found is false when no room has a page there.
func narrowed(rooms []Room, method, path string, as []order.Role) (narrow []order.Role, found bool) {
	path, _, _ = strings.Cut(path, "#")
	for _, room := range rooms {
		for _, r := range room.Routes {
			if m, at, ok := cutSpace(r.Pattern); !ok || m != method || !leads(at, "/cases/{id}/"+path) {
				continue
			}
			switch {
			case r.As == nil:
				return as, true
			case as == nil:
				return r.As, true
			}
			return slices.DeleteFunc(slices.Clone(as), func(x order.Role) bool { return !slices.Contains(r.As, x) }), true
		}
	}
	return as, false
}

// leads reports whether a route's pattern takes an address; a segment in braces
// takes any.
func leads(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	return len(want) == len(have) && !slices.ContainsFunc(want, func(s string) bool {
		h := have[0]
		have = have[1:]
		return s != h && !strings.HasPrefix(s, "{")
	})
}

// Reachable are the rooms' acts and parts with the roles that get past the door
// of the page they lead to; astray are the addresses in a case that no room has.
func Reachable(rooms []Room) (acts []Act, parts []Part, astray []string) {
	for _, room := range rooms {
		for _, x := range room.Acts {
			method, found := "GET", false
			if x.Post {
				method = "POST"
			}
			if x.As, found = narrowed(rooms, method, x.Path, x.As); !found {
				astray = append(astray, x.Path)
			}
			acts = append(acts, x)
		}
		for _, x := range room.Parts {
			found := false
			if x.As, found = narrowed(rooms, "GET", x.Path, x.As); !found {
				astray = append(astray, x.Path)
			}
			parts = append(parts, x)
		}
	}
	return acts, parts, astray
}
