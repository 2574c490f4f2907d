package disclose

import (
	"fmt"
	"strings"

	"sluss/internal/order"
	"sluss/internal/swede"
)

// report turns findings into results, one per check. Names of files and
// columns are masked where they look anything like a number of a person.
func (c *checker) report() []order.CheckResult {
	out := make([]order.CheckResult, 0, len(checks))
	for _, k := range checks {
		f := c.found[k.name]
		r := order.CheckResult{Check: k.name, OK: f == nil}
		switch note := c.notes[k.name]; {
		case f != nil:
			r.SV = f.where("kolumn", "rad") + k.sv + fmt.Sprintf(" (%d)", f.n)
			r.EN = f.where("column", "row") + k.en + fmt.Sprintf(" (%d)", f.n)
		case note != "":
			r.SV = "kunde inte prövas för " + note + ": det som skiljer fallen åt levereras inte"
			r.EN = "could not be tested for " + note + ": what tells the spells apart is not delivered"
		}
		out = append(out, r)
	}
	return out
}

func (f *finding) where(column, row string) string {
	var parts []string
	if f.file != "" {
		parts = append(parts, swede.Mask(f.file))
	}
	if f.column != "" {
		parts = append(parts, column+" "+swede.Mask(f.column))
	}
	if f.row > 0 {
		parts = append(parts, fmt.Sprintf("%s %d", row, f.row))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + ": "
}
