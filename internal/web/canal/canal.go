// Package canal draws the way of an order as what it is: a canal. Basins are
// phases; gates are the legal conditions between them, open or shut, each with
// its basis and who can open it. Water fills what lies behind; the boat is the
// order.
//
// [Of] reads the drawing out of the state of an order and nothing else, so that
// it is true to the log. The same data are shown as an ordered list to screen
// readers, on narrow screens and in print.
package canal

import (
	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/order"
)

// State of a gate.
type State string

// States.
const (
	Open State = "open"
	Next State = "next" // the first that is shut
	Shut State = "shut"
	// Free: there is nothing to pass here in this order, as when no population
	// file is due.
	Free State = "free"
)

// Water in a basin.
type Water string

// Levels.
const (
	Full  Water = "full"
	Part  Water = "part" // where the boat is
	Empty Water = "empty"
)

// Gate is a legal condition on the way.
type Gate struct {
	Name  catalog.Text
	Basis string
	Opens order.Role // who can open it
	State State
	On    day.Day // opened, when HasOn
	HasOn bool
}

// Basin is a phase, with the gate at its end.
type Basin struct {
	Name  catalog.Text
	Water Water
	Here  bool // the boat is here
	Gate  Gate
}

// Canal is the whole way.
type Canal struct {
	Basins []Basin
	Ended  bool // the case is over before its way was
	Late   bool // a date has passed; told in words, never by colour alone
}

// part is one basin as the canal is laid out.
type part struct {
	name  catalog.Text
	gate  catalog.Text
	gates []order.GateID // of the order that make this gate
	opens order.Role
	mark  string // event of the clocks that opened it
}

func text(sv, en string) catalog.Text { return catalog.Text{SV: sv, EN: en} }

// parts are the eight basins. Conditions that are met together share a gate:
// its basis and opener are those of the first that is shut.
var parts = []part{
	{text("Ansökan", "Application"), text("Komplett", "Complete"), []order.GateID{order.GateComplete}, "", clock.Completed},
	{text("Offertutkast", "Draft quote"), text("Överens", "Agreed"), []order.GateID{order.GateDraft}, "", clock.DraftAgreed},
	{text("Prövning", "Review"), text("Beslut", "Decision"), []order.GateID{order.GateReview, order.GateDecision}, "", clock.DecisionServed},
	{text("Offert", "Quote"), text("Accepterad", "Accepted"), []order.GateID{order.GateQuote}, "", clock.QuoteAccepted},
	{text("Population", "Population"), text("Kontrollerad", "Checked"), []order.GateID{order.GatePopulation}, "", clock.FileAccepted},
	{text("Uttag", "Extraction"), text("Frisläppt", "Released"), []order.GateID{order.GateEgress, order.GateForbehall, order.GateRelease}, "", "released"},
	{text("Leverans", "Delivery"), text("Avsänd", "Sent"), nil, order.RoleEngine, clock.Delivered},
	{text("Bevarande", "Keeping"), text("Gallrad", "Purged"), []order.GateID{order.GatePurge}, "", clock.Purged},
}

// Of draws the order as somebody in the role may see it: to those outside, a
// gate that a decision opens is shut until the decision has been dispatched.
func Of(s order.State, reader order.Role, late bool) Canal {
	c := Canal{Ended: s.Ended != "", Late: late}
	boat := false
	for i, p := range parts {
		g := gate(p, s, order.Outside(reader))
		b := Basin{Name: p.name, Gate: g, Water: Full}
		switch {
		case boat:
			b.Water = Empty
		case g.State == Shut:
			boat, b.Here, b.Water = true, true, Part
			if s.Ended == "" {
				b.Gate.State = Next
			}
		case i == len(parts)-1: // every gate is open: the boat is at the end
			b.Here = true
		}
		c.Basins = append(c.Basins, b)
	}
	return c
}

func gate(p part, s order.State, outside bool) Gate {
	g := Gate{Name: p.gate, State: Open, Opens: p.opens}
	if len(p.gates) == 0 { // the dispatch of the parcel
		g.Basis = order.GateByID(order.GateRelease).Law
		if s.Delivery == nil {
			g.State = Shut
		}
	}
	for _, id := range p.gates {
		og := order.GateByID(id)
		if g.Basis == "" || g.State == Open {
			g.Basis, g.Opens = og.Law, og.Opens
		}
		if !og.Open(s) || outside && awaits(id) && !s.Dispatched {
			g.State = Shut
			break
		}
	}
	if p.mark == clock.FileAccepted && s.Discloses() && !s.PopulationDue() && g.State == Open {
		g.State = Free
	}
	if g.State == Open {
		g.On, g.HasOn = opened(p.mark, s)
	}
	return g
}

// awaits are the gates that are announced by the dispatch.
func awaits(id order.GateID) bool {
	return id == order.GateReview || id == order.GateDecision || id == order.GatePopulation
}

// opened is the day of the last mark that opened the gate.
func opened(mark string, s order.State) (on day.Day, ok bool) {
	for _, m := range s.Marks {
		if m.Event != mark {
			continue
		}
		on, ok = m.Day, true
		if at, err := day.Parse(m.Attrs["on"]); err == nil {
			on = at
		}
	}
	return on, ok
}
