package api

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/intake"
)

// Document is what is known of an uploaded document.
type Document struct {
	ID         string     `json:"id" doc:"How an application names it."`
	Kind       string     `json:"kind"`
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Bytes      int64      `json:"bytes"`
	SHA256     canon.Hash `json:"sha256"`
	At         time.Time  `json:"at"`
	Filed      bool       `json:"filed" doc:"A version that was handed in names it."`
	SealedAway bool       `json:"sealed_away,omitempty" doc:"It held too many personnummer and can be opened by nobody here."`
}

func documentView(a app.Attachment) Document {
	return Document{a.ID, a.Kind, a.Name, a.Type, a.Bytes, a.SHA256, a.At, a.Filed, a.Sealed}
}

type documentsOutput struct {
	Body struct {
		Documents []Document `json:"documents"`
	}
}

// attachments registers documents of drafts and of cases: the same operations
// in both places.
func (p *programs) attachments(api huma.API, mux *http.ServeMux) {
	for base, what := range map[string]string{"/api/v1/drafts/{id}/attachments": "draft", "/api/v1/orders/{id}/attachments": "order"} {
		register(p, api, http.MethodGet, base, "list_"+what+"_attachments", ScopeRead, "The documents, oldest first.", func(ctx context.Context, in *CaseInput) (*documentsOutput, error) {
			if err := p.logRead(ctx, in.ID, access.ViewApplication); err != nil {
				return nil, err
			}
			all, err := p.Orders.Documents(ctx, who(ctx).Person, in.ID)
			out := &documentsOutput{}
			out.Body.Documents = []Document{}
			for _, a := range all {
				out.Body.Documents = append(out.Body.Documents, documentView(a))
			}
			return out, err
		})
		mux.HandleFunc("POST "+base, p.raw(ScopeAct, p.attach))
		mux.HandleFunc("GET "+base+"/{attachment}", p.raw(ScopeRead, p.download))
		describeAttachments(api, base, what)
	}
}

// logRead notes a read of a case, before anything of it is shown; a draft is
// none. What the reader may not see is not found.
func (p *programs) logRead(ctx context.Context, id string, view access.View) error {
	if app.IsDraft(id) || !access.Works(who(ctx).Role) {
		return nil
	}
	if _, _, _, err := p.look(ctx, id); err != nil {
		return err
	}
	return p.Orders.LogRead(ctx, who(ctx).Person, id, view)
}

// attach takes a document in. Its name comes in Content-Disposition, because
// addresses end up in logs.
func (p *programs) attach(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Connection", "close") // what is refused is not read to its end
	place := r.PathValue("id")
	kind := r.URL.Query().Get("kind")
	if kind == "" {
		kind = intake.AttachOther
	}
	if len(kind) > 40 || strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return fault.New("attachment.kind", "Det finns inget sådant slag av bilaga.", "There is no such kind of attachment.").Do("Utelämna kind, eller ange det som formuläret har.", "Leave kind out, or give the one that the form has.")
	}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	if err != nil || params["filename"] == "" {
		return fault.New("attachment.name", "Filens namn saknas.", "The file's name is missing.").Do(`Skicka det som Content-Disposition: attachment; filename="…".`, `Send it as Content-Disposition: attachment; filename="…".`)
	}
	if strings.HasPrefix(r.URL.Path, "/api/v1/drafts/") != app.IsDraft(place) {
		return app.ErrNotFound
	}
	a, err := p.Orders.TakeAttachment(r.Context(), who(r.Context()).Person, place, params["filename"], kind, http.MaxBytesReader(w, r.Body, app.MaxAttachment+1))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", r.URL.Path+"/"+a.ID)
	w.WriteHeader(http.StatusCreated)
	return json.NewEncoder(w).Encode(documentView(a))
}

// download sends a document.
func (p *programs) download(w http.ResponseWriter, r *http.Request) error {
	ctx, place := r.Context(), r.PathValue("id")
	if strings.HasPrefix(r.URL.Path, "/api/v1/drafts/") != app.IsDraft(place) {
		return app.ErrNotFound
	}
	if err := p.logRead(ctx, place, access.ViewApplication); err != nil {
		return err
	}
	a, f, err := p.Orders.OpenDocument(ctx, who(ctx).Person, place, r.PathValue("attachment"))
	if err != nil {
		return err
	}
	defer f.Close()
	send(w, a, f)
	return nil
}

func describeAttachments(api huma.API, base, what string) {
	o := api.OpenAPI()
	text := &huma.Schema{Type: huma.TypeString}
	id := &huma.Param{Name: "id", In: "path", Required: true, Schema: text}
	created, found := problems(api), problems(api)
	created["201"] = &huma.Response{Description: "Taken", Content: map[string]*huma.MediaType{"application/json": {Schema: o.Components.Schemas.Schema(reflect.TypeFor[Document](), true, "")}}}
	found["200"] = &huma.Response{Description: "The document", Content: map[string]*huma.MediaType{"application/octet-stream": {}}}
	o.AddOperation(&huma.Operation{
		OperationID: "attach_to_" + what, Method: http.MethodPost, Path: base, Summary: "Takes a document in, at most 25 MB: PDF, docx, xlsx, txt, csv, PNG or JPEG. One with more than five personnummer is sealed away.",
		Security: []map[string][]string{{"token": {ScopeAct}}}, RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {}}},
		Parameters: []*huma.Param{id, {Name: "kind", In: "query", Schema: text}, {Name: "Content-Disposition", In: "header", Required: true, Description: `attachment; filename="…"`, Schema: text}},
		Responses:  created,
	})
	o.AddOperation(&huma.Operation{
		OperationID: "get_" + what + "_attachment", Method: http.MethodGet, Path: base + "/{attachment}", Summary: "A document.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, Parameters: slices.Clone([]*huma.Param{id, {Name: "attachment", In: "path", Required: true, Schema: text}}), Responses: found,
	})
}
