package page

import (
	"slices"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/coverage"
	"sluss/internal/day"
	"sluss/internal/intake"
)

// Reach is how far a register can be ordered, as pages tell it.
type Reach struct {
	// Until is the last day that can be ordered, 0 without a limit: what the
	// vault has measured, else what the catalogue's rule gives today.
	Until    day.Day
	Measured bool
	// Seen is the day of the data that the vault has told of; 0: it has told
	// nothing of the register.
	Seen day.Day
	// PaymentsTo is the last date of payment in them; 0: not known.
	PaymentsTo day.Day
	Rule       *catalog.CoverageRule
	// Of is everything that the vault has told of the register; nil: nothing.
	Of *coverage.PublishedRegister
}

// Measured is what the vault has told of the registers, as gates go by it. What
// cannot be read is logged, and the catalogue's rule holds instead.
func (a *Ask) Measured() intake.Measured {
	if !a.reachAsked && a.Orders != nil {
		a.reachAsked = true
		p, err := a.Orders.Coverage(a.R.Context())
		if err != nil {
			a.Log.ErrorContext(a.R.Context(), "the coverage of the registers", "err", err)
		}
		a.published = p
	}
	return app.MeasuredOf(a.published)
}

// Reach says how far a register can be ordered.
func (a *Ask) Reach(reg *catalog.Register) Reach {
	r := Reach{Rule: reg.Coverage}
	reach := a.Measured().Of(reg, a.Today)
	r.Until, r.Measured = reach.Until, reach.Measured()
	if a.published == nil {
		return r
	}
	if r.Of = a.published.Register(reg.ID); r.Of == nil {
		return r
	}
	r.Seen = a.published.Seen
	if r.Of.PaymentsTo != nil {
		r.PaymentsTo = *r.Of.PaymentsTo
	}
	return r
}

// ReachText says in a few words how far a register can be ordered, and whether
// that is measured or the catalogue's rule.
func (a *Ask) ReachText(reg *catalog.Register) string {
	r := a.Reach(reg)
	switch {
	case r.Measured:
		return a.fill("reach.measured", "day", LongDay(a.Lang, r.Until), "seen", LongDay(a.Lang, r.Seen))
	case r.Rule != nil:
		return a.fill("reach.rule", "day", LongDay(a.Lang, r.Until), "percent", strconv.Itoa(r.Rule.Percent), "months", strconv.Itoa(r.Rule.Months))
	case r.PaymentsTo != 0:
		return a.fill("reach.payments", "day", LongDay(a.Lang, r.PaymentsTo))
	}
	if !pays(reg) {
		return a.Word("reach.no_payments")
	}
	return a.Word("reach.payments_unknown")
}

// pays reports whether a register has payments, and not only persons or
// certificates.
func pays(reg *catalog.Register) bool {
	return slices.ContainsFunc(reg.Tables, func(t catalog.Table) bool {
		return slices.ContainsFunc(t.Variables, func(v catalog.Variable) bool { return v.Role == catalog.RolePaid })
	})
}

// fill puts values into a text where it has their names in braces.
func (a *Ask) fill(key string, pairs ...string) string {
	out := a.Word(key)
	for i := 0; i+1 < len(pairs); i += 2 {
		out = strings.ReplaceAll(out, "{"+pairs[i]+"}", pairs[i+1])
	}
	return out
}
