package rig

import "sluss/internal/day"

// cooked returns the value of the i'th column of a row's recipe.
func (w *World) cooked(r *Row, i int) cell {
	c, v := &r.recipe.Columns[i], r.Extra[i]
	if v == empty {
		return cell{null: true}
	}
	switch {
	case len(c.Codes) > 0:
		if s := r.recipe.Settle; s != nil && s.Source == c.Source {
			return text([]string{s.Preliminary, s.Final}[v])
		}
		return text(c.Codes[v].Code)
	case c.Diagnosis:
		return text(diagnoses[v].code)
	case c.Person != "":
		return w.named(Person(v), r.Tx)
	case c.Employer != nil:
		return text(w.employerNumber(v, r.Tx))
	}
	return cell{n: v}
}

// named is another person as the source writes them on a day; nothing for
// nobody, and for who has no number yet.
func (w *World) named(p Person, on day.Day) cell {
	if p == Nobody || w.Arrived[p] > on {
		return cell{null: true}
	}
	return text(w.numberOn(p, on).text)
}

// own returns the values of the columns that only some tables have: of
// certificates and leave, and those that follow from the row itself.
func (w *World) own(r *Row, source string) cell {
	switch source {
	case "intygstyp":
		return text(certificateKinds[r.Extra[certKind]])
	case "intygsdatum":
		return cell{n: r.Extra[certIssued]}
	case "bidiagnos":
		if r.Extra[certSecond] == empty {
			return cell{null: true}
		}
		return text(diagnoses[r.Extra[certSecond]].code)
	case "intygsnummer":
		return cell{n: r.Extra[certNumber]}
	case "roll":
		return text(issuerRoles[r.Extra[certRole]])
	case "enhet_orgnr":
		return text(w.employerNumber(r.Extra[certUnit], r.Tx))
	case "skattad":
		return text([]string{"0", "1"}[r.Extra[0]])
	}
	panic("rig: no rule for the column " + source)
}
