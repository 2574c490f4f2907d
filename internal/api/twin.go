package api

import (
	"bytes"
	"context"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/twin"
)

const twinPath = "/api/v1/orders/{id}/twin.zip"

// twin sends the synthetic twin of a case, or of a draft that nobody has handed
// in. It is made from the answers and the catalogue; nothing is asked of the
// vault. Of a decision or a plan it tells only to those who may see them.
func (p *programs) twin(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	s, may, err := p.wished(ctx, id)
	if err != nil {
		return err
	}
	wanted, err := twin.Of(s, p.Catalogue, may)
	if err != nil {
		return err
	}
	made, err := twin.Make(ctx, wanted, p.Catalogue)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := made.Zip(&b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": made.Name + ".zip"}))
	_, _ = w.Write(b.Bytes()) // the reader is gone when this fails
	return nil
}

// wished is the case as far as the asker may see what it asks for.
func (p *programs) wished(ctx context.Context, id string) (order.State, twin.Sight, error) {
	if app.IsDraft(id) {
		d, err := p.Orders.ReadDraft(ctx, who(ctx).Person, id)
		a, _ := app.Fit(d.Answers)
		return order.State{Application: a}, twin.Sight{}, err
	}
	_, s, rel, err := p.look(ctx, id)
	if err != nil {
		return s, twin.Sight{}, err
	}
	role := who(ctx).Role
	if !access.MaySee(role, access.ViewApplication, rel, s) {
		return s, twin.Sight{}, denied(role, "twin")
	}
	if err := p.logRead(ctx, id, access.ViewApplication); err != nil {
		return s, twin.Sight{}, err
	}
	return s, twin.Sight{Decision: access.MaySee(role, access.ViewDecision, rel, s), Plan: access.MaySee(role, access.ViewExtraction, rel, s)}, nil
}

func describeTwin(api huma.API) {
	text := &huma.Schema{Type: huma.TypeString}
	zipped := problems(api)
	zipped["200"] = &huma.Response{Description: "A folder with made-up data files, codebook and programs", Content: map[string]*huma.MediaType{"application/zip": {}}}
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "get_twin", Method: http.MethodGet, Path: twinPath,
		Summary:  "The synthetic twin of the case: made-up data with exactly the tables, columns, codes and formats that are asked for. No register is read.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, Responses: zipped,
		Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Schema: text}},
	})
}
