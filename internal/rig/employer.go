package rig

import (
	"fmt"

	"sluss/internal/day"
	"sluss/internal/swede"
)

// Employers are organisations, of which a few employ very many, and sole
// traders, whose organisation number is their personnummer.

// organisationsPer is how many persons there are to an organisation.
const organisationsPer = 40

// Organisations returns how many organisations there are.
func (w *World) Organisations() int { return len(w.organisations) }

// organise gives organisations their numbers: sixteen and ten digits, the last
// one deliberately wrong.
func (w *World) organise() {
	w.organisations = make([]string, w.Len()/organisationsPer+5)
	for o := range w.organisations {
		base := fmt.Sprintf("16556%06d", (100_000+o*37+int(w.cfg.Seed%7919)*101)%900_000+100_000)
		for digit := range 10 {
			text := fmt.Sprintf("%s%d", base, digit)
			if _, err := swede.ParseOrganisation(text, day.Max, swede.Synthetic); err == nil {
				w.organisations[o] = text
				break
			}
		}
	}
}

// OrganisationNumber returns an organisation's number, 16 and ten digits.
func (w *World) OrganisationNumber(o int) string { return w.organisations[o] }

// OrganisationEntity returns an organisation's key in the identity register,
// clear of all persons' keys.
func (w *World) OrganisationEntity(o int) int64 { return 1<<40 + 7*int64(o) }

// soleTrader reports whether a person trades under their own number.
func (w *World) soleTrader(p Person) bool {
	return mix(uint64(p)+w.cfg.Seed*977)%45 == 0 && w.Birth[p].AddMonths(12*22) < First
}

// employer draws who employs somebody: mostly an organisation, with a
// likelihood of own a sole trader. An organisation is its place, a sole trader
// minus one minus the person.
func (w *World) employer(d dice, own float64) int64 {
	if d.chance(own) {
		at := d.IntN(w.Len())
		for k := range w.Len() {
			if p := Person((at + k) % w.Len()); w.soleTrader(p) && w.Arrived[p] < w.cfg.start() {
				return -1 - int64(p)
			}
		}
	}
	x := d.Float64()
	return int64(float64(len(w.organisations)) * x * x * x)
}

// employerNumber is what the source writes about an employer on a day.
func (w *World) employerNumber(e int64, on day.Day) string {
	if e < 0 {
		return w.numberOn(Person(-1-e), on).text
	}
	return w.organisations[e]
}
