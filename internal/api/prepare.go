package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/workorder"
)

// What people sign they get here, whole: `sluss sign` puts their signature
// under it, and the command takes both.

type prepareDecisionInput struct {
	ID   string `path:"id" example:"FK-2026-00001"`
	Body struct {
		order.DecisionDraft
		Terms *Terms `json:"terms,omitempty" doc:"Of the quote; left out for a refusal."`
		// FromReview fills in what is left out.
		FromReview bool `json:"from_review,omitempty" doc:"Rows, persons, identity, formats and retention as the review and the application have them, where the draft says nothing."`
	}
}

type prepareDecisionOutput struct {
	Body struct {
		Decision order.Decision `json:"decision" doc:"What the decision maker signs."`
		Quote    *quote.Quote   `json:"quote,omitempty"`
	}
}

type prepareSpecInput struct {
	ID   string `path:"id" example:"FK-2026-00001"`
	Body order.SpecDraft
}

type prepareSpecOutput struct {
	Body struct {
		Spec plan.Spec           `json:"spec"`
		Sign workorder.SpecOrder `json:"sign" doc:"What the data statistician signs."`
	}
}

type prepareReleaseOutput struct {
	Body struct {
		Sign workorder.ReleaseOrder `json:"sign" doc:"What the releaser signs."`
	}
}

type prepareResealOutput struct {
	Body struct {
		Sign workorder.ResealOrder `json:"sign" doc:"What the releaser signs."`
	}
}

// prepare registers the documents to sign.
func (p *programs) prepare(api huma.API) {
	const base = "/api/v1/orders/{id}/prepare/"
	register(p, api, http.MethodPost, base+"decision", "prepare_decision", ScopeRead, "The decision and its quote as they follow from the draft, for the decision maker to sign. Nothing is stored. For: decider.", p.prepareDecision)
	register(p, api, http.MethodPost, base+"specification", "prepare_specification", ScopeRead, "The specification as it follows from the draft, for the data statistician to sign. Nothing is stored. For: statistician.", p.prepareSpec)
	register(p, api, http.MethodPost, base+"release", "prepare_release", ScopeRead, "The approval of exactly what lies ready, for the releaser to sign. Nothing is stored. For: releaser.", p.prepareRelease)
	register(p, api, http.MethodPost, base+"reseal", "prepare_reseal", ScopeRead, "The approval of sealing the delivery to the recipient's new key, for the releaser to sign. Nothing is stored. For: releaser.", p.prepareReseal)
}

// prepares returns the case for somebody who may give the command.
func (p *programs) prepares(ctx context.Context, id string, cmd order.Command) (order.State, error) {
	_, s, rel, err := p.look(ctx, id)
	if err == nil && !access.May(who(ctx).Role, cmd, rel) {
		err = denied(who(ctx).Role, cmd.Name())
	}
	return s, err
}

func (p *programs) prepareDecision(ctx context.Context, in *prepareDecisionInput) (*prepareDecisionOutput, error) {
	s, err := p.prepares(ctx, in.ID, order.RecordDecision{})
	if err != nil {
		return nil, err
	}
	draft := in.Body.DecisionDraft
	if in.Body.FromReview {
		draft = filled(draft, order.FromReview(s))
	}
	if t := in.Body.Terms; t != nil {
		terms := quote.Terms(*t)
		draft.Terms = &terms
	}
	out := &prepareDecisionOutput{}
	out.Body.Decision, out.Body.Quote, err = p.Orders.PrepareDecision(ctx, who(ctx).Actor(), s, draft)
	return out, err
}

// filled takes what the draft leaves out from the review.
func filled(d, from order.DecisionDraft) order.DecisionDraft {
	if len(d.Rows) == 0 {
		d.Rows = from.Rows
	}
	if d.Persons.Source == "" {
		id := d.Persons.ID
		if d.Persons = from.Persons; id != "" {
			d.Persons.ID = id
		}
	}
	if d.Identity.Kind == "" {
		d.Identity = from.Identity
	}
	if len(d.Formats) == 0 {
		d.Formats = from.Formats
	}
	if d.Rapporteur == "" {
		d.Rapporteur = from.Rapporteur
	}
	if d.Deliveries == 0 {
		d.Deliveries = from.Deliveries
	}
	if d.RetentionMonths == 0 {
		d.RetentionMonths = from.RetentionMonths
	}
	return d
}

func (p *programs) prepareSpec(ctx context.Context, in *prepareSpecInput) (*prepareSpecOutput, error) {
	s, err := p.prepares(ctx, in.ID, order.OrderExtraction{})
	if err != nil {
		return nil, err
	}
	out := &prepareSpecOutput{}
	out.Body.Spec, err = order.PrepareSpec(s, p.Catalogue, in.Body)
	out.Body.Sign = workorder.SpecOrder{Type: workorder.TypeSpec, By: who(ctx).ID, Spec: out.Body.Spec}
	return out, err
}

func (p *programs) prepareRelease(ctx context.Context, in *CaseInput) (*prepareReleaseOutput, error) {
	s, err := p.prepares(ctx, in.ID, order.Release{})
	if err != nil {
		return nil, err
	}
	if s.Extracted == nil {
		return nil, order.GateByID(order.GateEgress).Shut()
	}
	out := &prepareReleaseOutput{}
	out.Body.Sign = workorder.ReleaseOrder{Type: workorder.TypeRelease, By: who(ctx).ID, Order: s.ID, Manifest: s.Extracted.Manifest}
	return out, nil
}

func (p *programs) prepareReseal(ctx context.Context, in *CaseInput) (*prepareResealOutput, error) {
	s, err := p.prepares(ctx, in.ID, order.Reseal{})
	if err != nil {
		return nil, err
	}
	out := &prepareResealOutput{}
	out.Body.Sign, err = app.PrepareReseal(who(ctx).ID, s)
	return out, err
}
