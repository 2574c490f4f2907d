package intake

import (
	"slices"

	"sluss/internal/catalog"
)

// needTellsHealth reports whether a need in free text names something that the
// catalogue marks as health wherever it occurs: such a variable, or a benefit
// of a register where a row itself tells of illness.
func needTellsHealth(need string, cat *catalog.Catalogue) bool {
	if need == "" {
		return false
	}
	d := readText([]string{need})
	if needsDiagnosis(need) {
		return true
	}
	for i := range cat.Registers {
		r := &cat.Registers[i]
		for j := range r.Tables {
			t := &r.Tables[j]
			for _, v := range t.Variables {
				if v.Sensitivity == catalog.SensitiveHealth && v.Deliverable() && alwaysHealth(cat, v.ID) && d.names(v.Names) {
					return true
				}
			}
			row := t.ByRole(catalog.RoleBenefit)
			if row == nil || row.Sensitivity != catalog.SensitiveHealth {
				continue
			}
			for _, b := range r.Benefits {
				if slices.ContainsFunc(termsOf(cat, b.ID), func(n name) bool { return d.undenied(b.ID, n.term) }) {
					return true
				}
			}
		}
	}
	return false
}

// names reports whether the text uses a variable's name in either language.
func (d *document) names(t catalog.Text) bool {
	return d.undenied("", bend(t.SV)) || d.undenied("", bend(t.EN))
}

func (d *document) undenied(of, term string) bool {
	return slices.ContainsFunc(d.find(of, term), func(i int) bool { _, no := d.denied(i); return !no })
}

// alwaysHealth reports whether every table that delivers a variable marks it as
// health: the number of days tells of illness in one register and of children
// in another.
func alwaysHealth(cat *catalog.Catalogue, id string) bool {
	for i := range cat.Registers {
		for _, t := range cat.Registers[i].Tables {
			if v := t.Variable(id); v != nil && v.Deliverable() && v.Sensitivity != catalog.SensitiveHealth {
				return false
			}
		}
	}
	return true
}
