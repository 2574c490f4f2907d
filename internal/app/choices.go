package app

import (
	"context"
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
)

// Choices is what an order is estimated on, and what each of its choices costs.
type Choices struct {
	Interval quote.Interval
	Counted  catalog.Text
	Savings  []quote.Saving
	// Waits are the choices that move the dates: data that are not known yet.
	Waits []Wait
	When  clock.Range
}

// Wait is a choice that the order has to wait for.
type Wait struct {
	Name  catalog.Text // of table or register
	To    day.Day      // last day asked for
	Until day.Day      // last day that is known today
	// From is the first day on which all of it is known by the catalogue's rule; 0
	// when that day has been and the register is behind its rule.
	From day.Day
}

// Choices makes the estimate of an order again without each of its choices: a
// wish, deliveries after the first, the population file, the linkage. Which days
// of which register wait follows from how the registers fill up. The same order
// gets the same answer for as long as the experience holds ([App.Estimate]).
func (a *App) Choices(ctx context.Context, s order.State) (Choices, error) {
	past, leads, err := a.learn(ctx)
	if err != nil {
		return Choices{}, err
	}
	known, err := a.measured(ctx)
	if err != nil {
		return Choices{}, err
	}
	f := FeaturesOf(s, a.Catalogue)
	all := make([]quote.Past, 0, len(past))
	for _, x := range past {
		if x.Features.Purpose == f.Purpose && x.id != s.ID {
			all = append(all, x.Past)
		}
	}
	estimate := func(f quote.Features) quote.Interval { return a.experience.estimate(s.ID, all, f) }
	out := Choices{Interval: estimate(f), Counted: quote.Counted(f), Savings: quote.Savings(estimate, f, a.alternatives(s)), Waits: a.waits(s.Application, known)}
	out.When = a.House().Book().Promise(order.ClockCase(s, a.House(), a.today()), leads[string(s.Application.Purpose)], 0, 0)
	return out, nil
}

// alternatives are the order without each of its choices.
func (a *App) alternatives(s order.State) (out []quote.Choice) {
	add := func(sv, en string, change func(*intake.Application)) {
		other := s
		change(&other.Application)
		out = append(out, quote.Choice{Name: catalog.Text{SV: sv, EN: en}, Without: FeaturesOf(other, a.Catalogue)})
	}
	if app := s.Application; len(app.Data) > 1 {
		for i, w := range app.Data {
			name := a.nameOf(w)
			add("Utan "+name.SV, "Without "+name.EN, func(x *intake.Application) { x.Data = slices.Delete(slices.Clone(x.Data), i, i+1) })
		}
	}
	if n := s.Application.Project.Deliveries; n > 1 {
		add(fmt.Sprintf("Med en leverans i stället för %d", n), fmt.Sprintf("With one delivery instead of %d", n), func(x *intake.Application) { x.Project.Deliveries = 1 })
	}
	if len(s.Application.Project.Linkage) > 0 {
		add("Utan samkörning med andras data", "Without linkage with data of others", func(x *intake.Application) { x.Project.Linkage = nil })
	}
	if s.Application.Population.Source == "file" {
		add("Med en population som vi drar ur registren", "With a population that we draw from the registers", func(x *intake.Application) { x.Population.Source = "criteria" })
	}
	return out
}

// nameOf is what a wish asks for.
func (a *App) nameOf(w intake.Wish) catalog.Text {
	if _, t := a.Catalogue.Table(w.Table); t != nil {
		return t.Names
	}
	for _, r := range a.Catalogue.Registers {
		if r.ID == w.Register {
			return r.Names
		}
	}
	return catalog.Text{SV: w.Register, EN: w.Register}
}

// waits are the wishes whose last days are not known yet.
func (a *App) waits(app intake.Application, known intake.Measured) (out []Wait) {
	for _, w := range app.Data {
		i := slices.IndexFunc(a.Catalogue.Registers, func(r catalog.Register) bool { return r.ID == w.Register })
		if i < 0 || w.To == 0 || w.Incomplete {
			continue
		}
		reach := known.Of(&a.Catalogue.Registers[i], a.today())
		if !reach.Limited || w.To <= reach.Until {
			continue
		}
		x := Wait{Name: a.nameOf(w), To: w.To, Until: reach.Until}
		if from, _ := intake.OrderableFrom(&a.Catalogue.Registers[i], w.To); from > a.today() {
			x.From = from
		}
		out = append(out, x)
	}
	return out
}
