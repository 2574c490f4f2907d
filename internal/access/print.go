package access

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/order"
)

// Markdown prints the whole table, as docs/access.md has it.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Who may do and see what\n\nPrinted from room `access` by its test (`go test ./internal/access -update`). What is not here is denied.\n")
	b.WriteString("\n## Relations\n\n| role | must be, to the case |\n|---|---|\n")
	for _, r := range Roles {
		rel := string(relations[r])
		if rel == "" {
			rel = "sees no case"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", r, rel)
	}
	b.WriteString("\nown: handed the case in, or is named in the application as orderer or as the principal's representative. supplies: belongs to\nthe organisation that the application names as holder of the population. Anybody else gets the answer that a case that does\nnot exist gets.\n")
	b.WriteString("\n## Commands\n\n| command | road | signed | roles |\n|---|---|---|---|\n")
	for _, cmd := range order.Commands {
		c := commands[cmd.Name()]
		var roles []string
		for _, r := range Roles {
			rel := relations[r]
			if c.Road == RoadSubmit {
				rel = New
			}
			if May(r, cmd, rel) {
				roles = append(roles, fmt.Sprintf("%s (%s)", r, rel))
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cmd.Name(), c.Road, yes(c.Signed), strings.Join(roles, ", "))
	}
	b.WriteString("\n## Views\n\n")
	readers := slices.DeleteFunc(slices.Clone(Roles), func(r order.Role) bool { return audiences[r] == nobody })
	b.WriteString("| view |" + header(readers) + "\n|---|" + strings.Repeat("---|", len(readers)) + "\n")
	for _, v := range Views {
		fmt.Fprintf(&b, "| %s |", v)
		for _, r := range readers {
			cell := yes(MaySee(r, v, relations[r], order.State{Dispatched: true, Announced: true}))
			if cell != "" && !MaySee(r, v, relations[r], order.State{}) {
				cell = "once dispatched"
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Addresses\n\nE-mail addresses and telephone numbers of orderer, representative and co-applicants are seen by: ")
	var seen []string
	for _, r := range Roles {
		if Personal(r) {
			seen = append(seen, string(r))
		}
	}
	b.WriteString(strings.Join(seen, ", ") + " (a supplier: those of its own call). Everybody else sees names.\n")
	b.WriteString("\n## Events\n\nfull: with content. told: that it happened. Empty: hidden. Those outside never see which member of staff acted.\n\n")
	b.WriteString("| event |" + header(readers) + " stays inside |\n|---|" + strings.Repeat("---|", len(readers)+1) + "\n")
	for _, typ := range order.EventTypes() {
		fmt.Fprintf(&b, "| %s |", typ)
		for _, r := range readers {
			d := EventDepth(r, typ, relations[r], order.State{Dispatched: true, Announced: true})
			cell := string(d)
			if d == Hidden {
				cell = ""
			} else if EventDepth(r, typ, relations[r], order.State{}) == Hidden {
				cell += ", once dispatched"
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		fmt.Fprintf(&b, " %s |\n", strings.Join(Inner(typ), ", "))
	}
	return b.String()
}

func header(roles []order.Role) string {
	var b strings.Builder
	for _, r := range roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	return b.String()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
