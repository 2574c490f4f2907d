package api

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Original is a registered document of a case.
type Original struct {
	No      int     `json:"no,omitempty" doc:"Its number among the registered documents of the case; given here."`
	Kind    string  `json:"kind"`
	Name    string  `json:"name,omitempty" doc:"The file's."`
	On      day.Day `json:"on" doc:"The day it came or left."`
	Out     bool    `json:"out,omitempty" doc:"It left the authority."`
	Party   string  `json:"party" doc:"Sender or recipient."`
	Channel string  `json:"channel"`
	Secrecy string  `json:"secrecy,omitempty" doc:"The provision of the secrecy mark."`
}

func originalView(d order.Document) Original {
	return Original{d.No, d.Kind, d.Name, d.On, d.Out, d.Party, d.Channel, d.Secrecy}
}

const originalsPath = "/api/v1/orders/{id}/originals"

// originals registers what staff put into a case, and the bundle of what its
// parties have attached.
func (p *programs) originals(api huma.API, mux *http.ServeMux) {
	mux.HandleFunc("POST "+originalsPath, p.raw(ScopeAct, p.putOriginal))
	mux.HandleFunc("GET /api/v1/orders/{id}/attachments.zip", p.raw(ScopeRead, p.bundle))
	describeOriginals(api)
}

// maxFacts bounds the facts that come with an original, bytes.
const maxFacts = 1 << 14

// putOriginal takes an original in and registers it. It comes as
// multipart/form-data, facts before file: who sent it belongs in no address.
func (p *programs) putOriginal(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Connection", "close") // what is refused is not read to its end
	parts, err := r.MultipartReader()
	if err != nil {
		return badParts(err)
	}
	facts, err := parts.NextPart()
	if err != nil || facts.FormName() != "facts" {
		return badParts(err)
	}
	raw, err := io.ReadAll(io.LimitReader(facts, maxFacts))
	if err != nil {
		return badParts(err)
	}
	var o Original
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return badParts(err)
	}
	file, err := parts.NextPart()
	if err != nil || file.FormName() != "file" || file.FileName() == "" {
		return badParts(err)
	}
	doc := order.Document{Kind: o.Kind, On: o.On, Out: o.Out, Party: o.Party, Channel: o.Channel, Secrecy: o.Secrecy}
	id := r.PathValue("id")
	if doc, err = p.Orders.TakeOriginal(r.Context(), who(r.Context()).Person, id, doc, file.FileName(), io.LimitReader(file, app.MaxAttachment+1)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	return json.NewEncoder(w).Encode(originalView(doc))
}

func badParts(err error) error {
	return fault.New("original.parts", "Skicka två delar: facts (JSON) och file, i den ordningen.", "Send two parts: facts (JSON) and file, in that order.").
		Do("Se put_original i /api/openapi.json för fälten.", "See put_original in /api/openapi.json for the fields.").Because(err)
}

// send sends a document, to be saved and not to be shown: what it holds is its
// sender's.
func send(w http.ResponseWriter, a app.Attachment, f io.Reader) {
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Content-Length", strconv.FormatInt(a.Bytes, 10))
	h.Set("ETag", `"`+string(a.SHA256)+`"`)
	if _, err := io.Copy(w, f); err != nil {
		panic(http.ErrAbortHandler) // half a document must not look like a whole one
	}
}

// bundle sends a case's documents as one archive, one after the other and never
// held as a whole.
func (p *programs) bundle(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	versions := r.URL.Query().Get("versions")
	if versions != "" && versions != "all" && versions != "current" {
		return failure(http.StatusUnprocessableEntity, "api.versions", "Värdet på versions ska vara current eller all.", "The value of versions must be current or all.").do("Rätta eller utelämna det.", "Mend it or leave it out.")
	}
	if err := p.logRead(ctx, id, access.ViewApplication); err != nil {
		return err
	}
	all, err := p.Orders.Bundle(ctx, who(ctx).Person, id, versions == "all")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": id + ".zip"}))
	z := zip.NewWriter(w)
	for _, b := range all {
		if err := pack(z, b); err != nil {
			panic(http.ErrAbortHandler) // half a bundle must not look like a whole one
		}
	}
	if err := z.Close(); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

func pack(z *zip.Writer, b app.Bundled) (err error) {
	f, err := b.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := z.CreateHeader(&zip.FileHeader{Name: b.Name, Method: zip.Deflate, Modified: b.At.UTC()})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

func describeOriginals(api huma.API) {
	o := api.OpenAPI()
	text := &huma.Schema{Type: huma.TypeString}
	id := &huma.Param{Name: "id", In: "path", Required: true, Schema: text}
	view := o.Components.Schemas.Schema(reflect.TypeFor[Original](), true, "")
	created, zipped := problems(api), problems(api)
	created["201"] = &huma.Response{Description: "Registered", Content: map[string]*huma.MediaType{"application/json": {Schema: view}}}
	zipped["200"] = &huma.Response{Description: "The documents", Content: map[string]*huma.MediaType{"application/zip": {}}}
	parts := &huma.Schema{Type: huma.TypeObject, Required: []string{"facts", "file"}, Properties: map[string]*huma.Schema{"facts": view, "file": {Type: huma.TypeString, Format: "binary"}}}
	o.AddOperation(&huma.Operation{
		OperationID: "put_original", Method: http.MethodPost, Path: originalsPath, Summary: "Staff: takes a document into the case and registers it, facts before file. Its number and name are given here. For: registrar, handler.",
		Security: []map[string][]string{{"token": {ScopeAct}}}, Parameters: []*huma.Param{id}, Responses: created,
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: parts}}},
	})
	o.AddOperation(&huma.Operation{
		OperationID: "get_attachments_zip", Method: http.MethodGet, Path: "/api/v1/orders/{id}/attachments.zip", Summary: "The documents that the application names, as one archive.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, Responses: zipped,
		Parameters: []*huma.Param{id, {Name: "versions", In: "query", Description: "current, or all (staff): also what only earlier versions named.", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"current", "all"}}}},
	})
}
