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
	return w.dentalDetail(r, source)
}

// dentalDetail returns what else a treatment's row holds, and whether a day of
// temporary parental benefit has a certificate. It follows from the row, so
// that the rows themselves stay as they are.
func (w *World) dentalDetail(r *Row, source string) cell {
	x := mix(uint64(r.Track)*31 + uint64(r.Person) + key(source))
	examined := r.Diagnosis == "101" || r.Diagnosis == "111"
	none := cell{null: true}
	switch source {
	case "intyg":
		if r.Benefit == "ALLV" || r.Benefit == "VAB12" || x%12 == 0 {
			return text("1")
		}
		return text("0")
	case "tillstandskod":
		if examined {
			return text("1001")
		}
		return text([]string{"4001", "3043", "4080", "5031"}[x%4])
	case "utbytt_atgardskod":
		if r.Diagnosis != "800" || x%3 != 0 {
			return none
		}
		return text("704")
	case "kvarvarande_tander", "intakta_tander":
		if !examined {
			return none
		}
		left := 32 - int(mix(uint64(r.Person))%14)
		if source == "intakta_tander" {
			return number(left - int(x%8))
		}
		return number(left)
	case "vardgivare_orgnr":
		return text(w.employerNumber(w.employer(w.cfg.roll(saltCertificate, uint64(r.Person)*3), .04), r.Tx))
	}
	panic("rig: no rule for the column " + source)
}
