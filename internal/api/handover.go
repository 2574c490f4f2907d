package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/ehds"
	"sluss/internal/order"
)

// Handing over to a secure processing environment: whoever runs one has a token
// that can do three things in a case and nothing else: read the hand-over
// document, fetch the parcel, and confirm the receipt.

type (
	handoverOutput  struct{ Body ehds.Handover }
	handoverReceipt struct {
		CaseInput
		Body struct {
			Manifest canon.Hash `json:"manifest" required:"true" doc:"As the hand-over document has it, read from the parcel once it is opened and verified."`
		}
	}
)

// handovers registers the hand-over of a case's delivery.
func (p *programs) handovers(api huma.API) {
	register(p, api, http.MethodGet, "/api/v1/orders/{id}/handover", "get_handover", ScopeParcel, "What a secure processing environment has to know of the delivery: permit, conditions, who may work with it, files and checksums.", func(ctx context.Context, in *CaseInput) (*handoverOutput, error) {
		doc, err := p.handover(ctx, in.ID)
		return &handoverOutput{doc}, err
	})
	register(p, api, http.MethodPost, "/api/v1/orders/{id}/handover/receipt", "confirm_handover", ScopeReceipt, "The environment has opened and verified the parcel. Given by: orderer, representative.", func(ctx context.Context, in *handoverReceipt) (*handoverOutput, error) {
		doc, err := p.handover(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		err = p.carryOut(ctx, in.ID, order.ConfirmReceipt{Manifest: in.Body.Manifest}, wanted{})
		return &handoverOutput{doc}, err
	})
}

// handover is the document of a delivery that the asker may fetch.
func (p *programs) handover(ctx context.Context, id string) (ehds.Handover, error) {
	_, s, rel, err := p.look(ctx, id)
	if err != nil {
		return ehds.Handover{}, err
	}
	if !access.MaySee(who(ctx).Role, access.ViewParcel, rel, s) {
		return ehds.Handover{}, denied(who(ctx).Role, "get_handover")
	}
	if err := p.Orders.LogRead(ctx, who(ctx).Person, id, access.ViewParcel); err != nil {
		return ehds.Handover{}, err
	}
	f, err := p.Orders.FetchParcel(ctx, id, who(ctx).Role)
	if err == nil {
		err = f.Close()
	}
	if errors.Is(err, app.ErrNotFound) {
		return ehds.Handover{}, noParcel()
	}
	if err != nil {
		return ehds.Handover{}, err
	}
	doc, ok := ehds.HandoverOf(s, p.Authority.Name.EN)
	if !ok {
		return doc, failure(http.StatusNotFound, "api.no_handover", "Det finns ingen följesedel just nu: leveransen görs om.", "There is no hand-over document just now: the delivery is being made again.").
			do("Vänta på den nya leveransen.", "Wait for the new delivery.")
	}
	return doc, nil
}
