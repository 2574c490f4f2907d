package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
)

// maxOriginal is how many bytes of an original are masked in memory.
const maxOriginal = app.MaxAttachment

type (
	// ListedDocument is a line of the document list.
	ListedDocument struct {
		No        int        `json:"no" doc:"Number within the case; it never changes."`
		Direction string     `json:"direction" enum:"in,out,own"`
		Kind      string     `json:"kind"`
		Name      string     `json:"name"`
		On        day.Day    `json:"on" doc:"Came, left or was drawn up."`
		Party     string     `json:"party,omitempty" doc:"Sender or recipient."`
		Secrecy   string     `json:"secrecy,omitempty" doc:"Provision of the secrecy mark. A mark is a warning and decides nothing."`
		Original  bool       `json:"original,omitempty" doc:"A file; otherwise the document is JSON."`
		SHA256    canon.Hash `json:"sha256,omitempty"`
	}
	documentListOutput struct {
		Body struct {
			Documents []ListedDocument `json:"documents"`
		}
	}
	requestsOutput struct {
		Body struct {
			Requests []RequestView `json:"requests"`
		}
	}
	// RequestView is an outsider's request with the documents it asks for.
	RequestView struct {
		ID        int              `json:"id"`
		Text      string           `json:"text"`
		On        day.Day          `json:"on"`
		Outcome   string           `json:"outcome,omitempty" doc:"full, masked or refused; left out while it waits."`
		Masked    []order.Masking  `json:"masked"`
		Reasons   string           `json:"reasons,omitempty"`
		Documents []ListedDocument `json:"documents"`
	}
)

func listedDocuments(role order.Role, lang string, all []app.CaseDocument) []ListedDocument {
	out := []ListedDocument{}
	for _, d := range all {
		out = append(out, ListedDocument{d.No, d.Direction, d.Kind, d.Name.In(lang), d.On, access.Party(role, d.Party), d.Secrecy, d.Blob != "", d.SHA256})
	}
	return out
}

// publicDocuments registers the document list and what outsiders may have of
// it.
func (p *programs) publicDocuments(api huma.API, mux *http.ServeMux) {
	const base = "/api/v1/orders/{id}"
	register(p, api, http.MethodGet, base+"/documents", "list_documents", ScopeRead, "The document list of the case (dokumentförteckning).", func(ctx context.Context, in *CaseInput) (*documentListOutput, error) {
		entries, s, rel, err := p.part(ctx, in.ID, access.ViewDocuments)
		out := &documentListOutput{}
		out.Body.Documents = listedDocuments(who(ctx).Role, lang(ctx), app.DocumentsFor(who(ctx).Role, rel, entries, s))
		return out, err
	})
	register(p, api, http.MethodGet, base+"/requests", "list_requests", ScopeRead, "Outsiders' requests for public documents, with the documents each asks for. For: registrar, handler, decider, auditor.", func(ctx context.Context, in *CaseInput) (*requestsOutput, error) {
		entries, s, err := p.requested(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := &requestsOutput{}
		out.Body.Requests = []RequestView{}
		for _, r := range app.Requests(s.ID, entries) {
			out.Body.Requests = append(out.Body.Requests, RequestView{r.ID, r.Text, r.On, r.Outcome, append([]order.Masking{}, r.Masked...), r.Reasons.In(lang(ctx)), listedDocuments(who(ctx).Role, lang(ctx), r.Documents)})
		}
		return out, nil
	})
	mux.HandleFunc("GET "+base+"/documents/{no}", p.raw(ScopeRead, p.document))
	mux.HandleFunc("GET "+base+"/documents/{no}/letter", p.raw(ScopeRead, p.sendLetter))
	mux.HandleFunc("GET "+base+"/requests/{request}/documents/{no}", p.raw(ScopeRead, p.copyOut))
	o := api.OpenAPI()
	text, number := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeInteger}
	id, no := &huma.Param{Name: "id", In: "path", Required: true, Schema: text}, &huma.Param{Name: "no", In: "path", Required: true, Schema: number}
	found := func() map[string]*huma.Response {
		rs := problems(api)
		rs["200"] = &huma.Response{Description: "The document", Content: map[string]*huma.MediaType{"application/json": {}, "application/octet-stream": {}}}
		return rs
	}
	o.AddOperation(&huma.Operation{
		OperationID: "get_document", Method: http.MethodGet, Path: base + "/documents/{no}", Summary: "A document of the list, to the parties and case staff.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, Parameters: []*huma.Param{id, no}, Responses: found(),
	})
	letters := problems(api)
	letters["200"] = &huma.Response{Description: "The letter", Content: map[string]*huma.MediaType{"text/html": {}, "application/pdf": {}, "application/pkcs7-signature": {}}}
	o.AddOperation(&huma.Operation{
		OperationID: "get_letter", Method: http.MethodGet, Path: base + "/documents/{no}/letter", Summary: "A document of the list as a letter, in the language of the request: HTML, PDF (PDF/UA-1, PDF/A-2a), or the seal under the PDF.",
		Security:   []map[string][]string{{"token": {ScopeRead}}},
		Parameters: []*huma.Param{id, no, {Name: "format", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{app.LetterHTML, app.LetterPDF, app.LetterSeal}}}}, Responses: letters,
	})
	o.AddOperation(&huma.Operation{
		OperationID: "get_public_copy", Method: http.MethodGet, Path: base + "/requests/{request}/documents/{no}",
		Summary:  "The copy of a document that a decided request gives out, masked as decided. For: registrar, handler, decider.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, Parameters: []*huma.Param{id, {Name: "request", In: "path", Required: true, Schema: number}, no}, Responses: found(),
	})
}

// requested looks at the case for somebody who handles requests for its
// documents.
func (p *programs) requested(ctx context.Context, id string) ([]order.Entry, order.State, error) {
	entries, s, rel, err := p.look(ctx, id)
	if err != nil {
		return nil, s, err
	}
	role := who(ctx).Role
	if !access.May(role, order.RequestDocuments{}, rel) && !access.May(role, order.DecideRequest{}, rel) && role != access.RoleAuditor {
		return nil, s, denied(role, "list_requests")
	}
	return entries, s, p.Orders.LogRead(ctx, who(ctx).Person, id, access.ViewDocuments)
}

// listed is the document of a case that a request names by its number, when
// the asker may know of it.
func (p *programs) listed(r *http.Request) (d app.CaseDocument, entries []order.Entry, s order.State, err error) {
	entries, s, rel, err := p.part(r.Context(), r.PathValue("id"), access.ViewDocuments)
	if err != nil {
		return d, nil, s, err
	}
	no, err := strconv.Atoi(r.PathValue("no"))
	list := app.DocumentsFor(who(r.Context()).Role, rel, entries, s)
	i := slices.IndexFunc(list, func(d app.CaseDocument) bool { return d.No == no })
	if err != nil || i < 0 {
		return d, nil, s, noDocument()
	}
	return list[i], entries, s, nil
}

// document sends a document to somebody of the case.
func (p *programs) document(w http.ResponseWriter, r *http.Request) error {
	d, _, s, err := p.listed(r)
	if err != nil {
		return err
	}
	return p.sendDocument(w, r, s.ID, d, nil)
}

// sendLetter sends a document of the list as a letter.
func (p *programs) sendLetter(w http.ResponseWriter, r *http.Request) error {
	d, entries, s, err := p.listed(r)
	if err != nil {
		return err
	}
	file, err := p.Orders.IssueLetter(r.Context(), s.ID, entries, d, tongue(r.Header.Get("Accept-Language")), cmp.Or(r.URL.Query().Get("format"), app.LetterHTML))
	if err == nil {
		w.Header().Set("Sluss-SHA256", string(file.SHA256))
		return deliver(w, file.Type, file.Name, bytes.NewReader(file.Body))
	}
	if app.IsNotFound(err) {
		return noDocument()
	}
	return err
}

func noDocument() error {
	return failure(http.StatusNotFound, "documents.not_found", "Handlingen finns inte i förteckningen.", "The document is not in the list.").do("Se förteckningen.", "See the list.")
}

// copyOut sends the copy that an outsider gets: as decided, and nothing before.
func (p *programs) copyOut(w http.ResponseWriter, r *http.Request) error {
	entries, s, err := p.requested(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	request, err1 := strconv.Atoi(r.PathValue("request"))
	no, err2 := strconv.Atoi(r.PathValue("no"))
	all := app.Requests(s.ID, entries)
	i := slices.IndexFunc(all, func(x app.PublicRequest) bool { return x.ID == request })
	if err1 != nil || err2 != nil || i < 0 {
		return noDocument()
	}
	d, maskings, err := all[i].Of(no)
	if app.IsNotFound(err) {
		return noDocument()
	}
	if err != nil {
		return err
	}
	return p.sendDocument(w, r, s.ID, d, maskings)
}

// namesOnly is a document that is JSON as somebody in the role sees it.
func namesOnly(role order.Role, body []byte) ([]byte, error) {
	if access.Personal(role) {
		return body, nil
	}
	var content any
	if err := json.Unmarshal(body, &content); err != nil {
		return nil, err
	}
	return canon.JSON(access.NamesOnly(role, content))
}

// sendDocument sends a document with maskings in it. A file that is no text
// cannot be masked here: then nothing is sent.
func (p *programs) sendDocument(w http.ResponseWriter, r *http.Request, id string, d app.CaseDocument, maskings []order.Masking) error {
	name := id + "-" + strconv.Itoa(d.No)
	body, err := d.JSON()
	if err != nil {
		return err
	}
	if body != nil {
		if body, err = namesOnly(who(r.Context()).Role, body); err != nil {
			return err
		}
		if body, err = app.MaskJSON(body, maskings); err != nil {
			return err
		}
		return deliver(w, "application/json", name+".json", bytes.NewReader(body))
	}
	f, err := p.Orders.OpenOriginal(r.Context(), d)
	if app.IsNotFound(err) {
		return failure(http.StatusNotFound, "documents.gone", "Originalet finns inte kvar.", "The original is not there any more.").do("Se gallringsprotokollet.", "See the purge protocol.")
	}
	if err != nil {
		return err
	}
	defer f.Close()
	ext := strings.ToLower(path.Ext(d.Name.SV))
	if len(maskings) == 0 {
		return deliver(w, "application/octet-stream", name+ext, f)
	}
	if ext != ".txt" && ext != ".csv" {
		return failure(http.StatusConflict, "documents.mask_by_hand", "En fil av det slaget maskeras för hand.", "A file of that kind is masked by hand.").
			do("Maskera en kopia och registrera den som utgående handling.", "Mask a copy and register it as an outgoing document.")
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxOriginal))
	if err == nil {
		raw, err = app.MaskText(raw, maskings)
	}
	if err != nil {
		return err
	}
	return deliver(w, "text/plain; charset=utf-8", name+ext, bytes.NewReader(raw))
}

// deliver sends something to be saved and not to be shown.
func deliver(w http.ResponseWriter, typ, name string, body io.Reader) error {
	h := w.Header()
	h.Set("Content-Type", typ)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	if _, err := io.Copy(w, body); err != nil {
		panic(http.ErrAbortHandler) // half a document must not look like a whole one
	}
	return nil
}
