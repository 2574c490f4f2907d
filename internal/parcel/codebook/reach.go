package codebook

import (
	"slices"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/exposure"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// reached says how far a register reached in the snapshot that a file was made
// from: until when it was complete, and to which payment date.
func reached(all []order.Reach, e *plan.Extract, reg *catalog.Register) []catalog.Text {
	at := slices.IndexFunc(all, func(r order.Reach) bool { return r.Register == reg.ID })
	if at < 0 {
		return nil
	}
	var out []catalog.Text
	r := all[at]
	if r.Until != 0 && reg.Coverage != nil {
		percent := strconv.Itoa(reg.Coverage.Percent)
		out = append(out, catalog.Text{
			SV: "När filen gjordes var minst " + percent + " % av registret känt till och med " + r.Until.String() + ". Det är ett medeltal: betalningar som ofta kommer sent saknas oftare.",
			EN: "When the file was made at least " + percent + " % of the register was known up to and including " + r.Until.String() + ". That is a mean: payments that often come late are missing more often.",
		})
	}
	if r.PaymentsTo != 0 {
		out = append(out, catalog.Text{
			SV: "Betalningar till och med " + r.PaymentsTo.String() + " finns med i registret som filen är gjord ur.",
			EN: "Payments up to and including " + r.PaymentsTo.String() + " are in the register that the file was made from.",
		})
	}
	if e.MinCoverage > 0 {
		share := strconv.FormatFloat(e.MinCoverage, 'f', -1, 64)
		out = append(out, catalog.Text{
			SV: "Uttaget begärde att minst andelen " + share + " av varje månad skulle vara känd, och valvet kontrollerade det.",
			EN: "The extraction asked for at least a share of " + share + " of each month to be known, and the vault checked it.",
		})
	}
	return out
}

// compared says what has become of the rows since the first delivery.
func compared(c *order.Compared, e *plan.Extract) []catalog.Text {
	if c == nil {
		return nil
	}
	at := slices.IndexFunc(c.Lines, func(l order.ChangeLine) bool { return l.Extract == e.Name })
	if at < 0 {
		return nil
	}
	l := c.Lines[at]
	say := func(added, corrected, deleted string) string {
		return added + " " + protected(l.Added) + ", " + corrected + " " + protected(l.Corrected) + ", " + deleted + " " + protected(l.Deleted)
	}
	return []catalog.Text{{
		SV: "Sedan den första leveransen (ögonblicksbild " + c.Since + ") har populationens rader i registret ändrats så här i uttagets period, före urval och form: " +
			say("nya", "rättade", "borttagna") + ". Talen är avrundade till fem.",
		EN: "Since the first delivery (snapshot " + c.Since + ") the population's rows in the register have changed like this in the period of the extract, before filters and shape: " +
			say("new", "corrected", "deleted") + ". The numbers are rounded to fives.",
	}}
}

// protected writes a protected number.
func protected(c exposure.Count) string {
	if c.Few {
		return "1–4"
	}
	return strconv.FormatInt(c.N, 10)
}
