package vaultdesk

import (
	"encoding/json"
	"slices"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/web/page"
	"sluss/internal/workorder"
)

// planned is an extraction plan being made.
type planned struct {
	page.Head
	F      *page.Form // nil when the visitor only reads
	Groups []group
	Common []*page.Field
	More   []*page.Field
	// Diff is the plan beside the decision, Hash the specification's as it is
	// now, "" when there is none; Raw is the specification itself.
	Diff  []element
	Over  int // elements beyond the decision
	Hash  string
	Raw   string
	Signs bool

	c    *page.Case
	spec plan.Spec
}

// group is the fields of one table.
type group struct {
	Table, Register string
	Fields          []*page.Field
	Columns         []*page.Field // level of each variable
	Wrong           bool
}

// planOf begins a plan: the last one of the case, or what the decision gives.
func planOf(a *page.Ask) (*planned, error) {
	c, err := a.Case(access.ViewExtraction)
	if err != nil {
		return nil, err
	}
	p := &planned{Head: a.HeadOf(c, "vaultdesk.plan_lead"), c: c, Signs: a.SignsHere()}
	if !c.State.Discloses() {
		return p, nil
	}
	if a.May(c, order.OrderExtraction{}) && !c.State.Released || c.State.Replacing && a.May(c, order.OrderExtraction{}) {
		verb := a.Word("vaultdesk.sign_plan")
		if !p.Signs {
			verb = a.Word("vaultdesk.hand_in_plan")
		}
		p.F = a.Form("/cases/"+c.ID+"/plan/order", verb)
		p.F.Version = c.Version
		p.fields(a)
		a.SignField(p.F)
	}
	return p, nil
}

func (p *planned) view(a *page.Ask) page.View {
	return page.View{Title: a.Word("vaultdesk.plan"), Nav: "vaultdesk.nav", Body: p}
}

// showPlan is the plan as proposed, or as it was ordered.
func showPlan(a *page.Ask) error {
	p, err := planOf(a)
	if err != nil {
		return err
	}
	switch {
	case p.F != nil && p.c.State.Discloses():
		if err := p.build(a); err != nil {
			return err
		}
		p.F.Problems = nil
		for _, x := range p.F.Fields {
			x.Problem = ""
		}
	case p.c.State.Spec != nil:
		if err := p.asOrdered(a); err != nil {
			return err
		}
	}
	return a.Show("vaultdesk-plan", p.view(a))
}

// asOrdered is the plan to who only reads it.
func (p *planned) asOrdered(a *page.Ask) error {
	p.spec = *p.c.State.Spec
	found, err := p.findings(a)
	if err != nil {
		return err
	}
	p.Diff = p.elements(a, slices.DeleteFunc(found, func(x plan.Finding) bool { return x.Path == "decision" }))
	raw, err := json.MarshalIndent(p.spec, "", "  ")
	p.Hash, p.Raw = string(p.c.State.SpecHash), string(raw)
	return err
}

// filled is the plan that the posted form makes.
func filled(a *page.Ask) (*planned, error) {
	p, err := planOf(a)
	if err != nil {
		return nil, err
	}
	if p.F == nil {
		if err := a.Allowed(p.c, order.OrderExtraction{}); err != nil {
			return nil, err
		}
		return nil, order.GateByID(order.GateDecision).Shut()
	}
	p.F.Read(a)
	return p, p.build(a)
}

// lookPlan shows the plan that the form makes beside the decision; nothing is
// stored.
func lookPlan(a *page.Ask) error {
	p, err := filled(a)
	if err != nil {
		return err
	}
	if !p.F.OK() {
		return a.Refused("vaultdesk-plan", p.F, p.view(a))
	}
	return a.Show("vaultdesk-plan", p.view(a))
}

func (p *planned) order(a *page.Ask) workorder.SpecOrder {
	return workorder.SpecOrder{Type: workorder.TypeSpec, By: a.Visitor.Person.ID, Spec: p.spec}
}

// planDocument hands out the specification to be signed elsewhere.
func planDocument(a *page.Ask) error {
	p, err := filled(a)
	if err != nil {
		return err
	}
	if !p.F.OK() {
		return a.Refused("vaultdesk-plan", p.F, p.view(a))
	}
	return a.Document(p.c.ID+"-plan.json", p.order(a))
}

// orderPlan signs the specification that was shown and hands it to the vault.
func orderPlan(a *page.Ask) error {
	p, err := filled(a)
	if err != nil {
		return err
	}
	if p.F.OK() && a.Value("shown") != p.Hash {
		p.F.Wrong("", a.Word("vaultdesk.n_shown"))
	}
	if !p.F.OK() {
		return a.Refused("vaultdesk-plan", p.F, p.view(a))
	}
	if note, ok := a.Signed(p.order(a), p.F); ok {
		err := a.Do(p.c, order.OrderExtraction{Spec: p.spec, Note: note})
		if err == nil {
			return a.Go("/cases/"+p.c.ID+"/run", "done.vaultdesk_ordered")
		}
		if err := p.Taken(a, p.c, p.F, err); err != nil {
			return err
		}
	}
	return a.Refused("vaultdesk-plan", p.F, p.view(a))
}
