package intake

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Measure is what has been measured of a register: the last day that can be
// ordered, in data where what was registered before Seen is known.
type Measure struct{ Until, Seen day.Day }

// Measured holds measures by register; nil where nothing has been measured. All
// that asks until when a register can be ordered asks it here: the gates at the
// application and the decision, the pages, the catalogue's list and testdata.
// The vault measures once more on the data that an extraction is made from.
type Measured map[string]Measure

// Reach is until when a register can be ordered, and by what.
type Reach struct {
	// Until is the last day; without a limit (a payment register) it means
	// nothing.
	Until   day.Day
	Limited bool
	// Seen is the day of the data in which Until was measured; 0: it is what the
	// catalogue's rule gives.
	Seen day.Day
}

// Measured reports whether the last day was measured.
func (r Reach) Measured() bool { return r.Seen != 0 }

// Of says until when a register can be ordered on the day: as has been measured,
// else by the catalogue's rule, else without a limit. A measure is never later
// than the rule was when it was made (package coverage).
func (m Measured) Of(r *catalog.Register, on day.Day) Reach {
	until, limited := OrderableUntil(r, on)
	if x, ok := m[r.ID]; ok && limited {
		return Reach{x.Until, true, x.Seen}
	}
	return Reach{until, limited, 0}
}

// Words say by what a last day holds, to stand after it.
func (r Reach) Words() catalog.Text {
	switch {
	case r.Measured():
		return catalog.Text{SV: "mätt i uppgifterna från " + r.Seen.String(), EN: "measured in the data of " + r.Seen.String()}
	case r.Limited:
		return catalog.Text{SV: "enligt katalogens regel", EN: "by the catalogue's rule"}
	}
	return catalog.Text{}
}

// Problems is the function [Problems] with what has been measured.
func (m Measured) Problems(a Application, on day.Day, cat *catalog.Catalogue) []Problem {
	return problems(look{Application: a, on: on, cat: cat, measured: m})
}
