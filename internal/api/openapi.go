package api

import (
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/plan"
)

// describe is the description of the whole interface. Fields are optional
// unless marked: what an application or a decision must hold is for the rules
// to say, with a better sentence than a schema can.
func describe() huma.Config {
	c := huma.DefaultConfig("Sluss", "1")
	c.OpenAPI.OpenAPI = "3.1.0"
	c.Info.Description = "Orders of register data, from application to purge. Commands are carried out whole or refused; a refusal changes nothing."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	c.FieldsOptionalByDefault = true
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "From sluss token create. Scopes: " + strings.Join(Scopes, ", ") + "."},
	}
	return c
}

// schemaName names a type by its room as well: there is a Population in both
// intake and plan.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	room := path.Base(t.PkgPath())
	if t.Name() == "" || room == "." || room == "api" {
		return name
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}

// shapeSchema and boundSchema describe types that read and write JSON in their
// own way.
type (
	shapeSchema struct{}
	boundSchema struct{}
)

// Schema describes plan.Shape.
func (shapeSchema) Schema(r huma.Registry) *huma.Schema {
	one := func(name string, t reflect.Type) *huma.Schema {
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false, Required: []string{name}, Properties: map[string]*huma.Schema{name: r.Schema(t, true, "")}}
	}
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString, Enum: []any{"payment", "correction", "subspell", "subspell_42"}},
		one("spell", reflect.TypeFor[plan.SpellShape]()), one("panel", reflect.TypeFor[plan.PanelShape]()),
	}}
}

// Schema describes plan.Bound.
func (boundSchema) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString, Description: "YYYY-MM-DD"},
		{Type: huma.TypeObject, AdditionalProperties: false, Required: []string{"anchor", "offset"}, Properties: map[string]*huma.Schema{"anchor": s, "offset": s}},
	}}
}

func schemas(api huma.API) {
	r := api.OpenAPI().Components.Schemas
	r.RegisterTypeAlias(reflect.TypeFor[plan.Shape](), reflect.TypeFor[shapeSchema]())
	r.RegisterTypeAlias(reflect.TypeFor[plan.Bound](), reflect.TypeFor[boundSchema]())
}

// problems describes refusals.
func problems(api huma.API) map[string]*huma.Response {
	return map[string]*huma.Response{"default": {
		Description: "Refused; nothing was changed.",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")}},
	}}
}

// describeRaw describes the operations that huma does not carry out: they
// stream, or are open to all.
func describeRaw(api huma.API) {
	o := api.OpenAPI()
	id := []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	binary := map[string]*huma.MediaType{"application/octet-stream": {}}
	answer := func(code, text string, content map[string]*huma.MediaType) map[string]*huma.Response {
		rs := problems(api)
		rs[code] = &huma.Response{Description: text, Content: content}
		return rs
	}
	schema := func(t reflect.Type) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: o.Components.Schemas.Schema(t, true, "")}}
	}
	o.AddOperation(&huma.Operation{
		OperationID: "send_population", Method: http.MethodPut, Path: "/api/v1/orders/{id}/population", Summary: "Hands a population file in, at most 16 GiB, as it is or sealed to the vault. Before a decision to disclose it is not read.",
		Security: []map[string][]string{{"token": {ScopeSend}}}, RequestBody: &huma.RequestBody{Required: true, Content: binary},
		Parameters: append(id[:1:1], &huma.Param{Name: "road", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"upload", "post"}}}),
		Responses:  answer("200", "The case", schema(reflect.TypeFor[Case]())),
	})
	o.AddOperation(&huma.Operation{
		OperationID: "fetch_parcel", Method: http.MethodGet, Path: "/api/v1/orders/{id}/parcel", Summary: "The parcel, sealed to the recipient's key, until the purge date. Its ETag is its SHA-256; Range with If-Range goes on where a line was cut.",
		Security: []map[string][]string{{"token": {ScopeParcel}}}, Parameters: id, Responses: answer("200", "The sealed parcel", binary),
	})
	size := &huma.Param{Name: "size", In: "query", Schema: &huma.Schema{Type: huma.TypeInteger, Description: "Bytes in each part but the last, at least 1048576."}}
	o.AddOperation(&huma.Operation{
		OperationID: "list_parcel_parts", Method: http.MethodGet, Path: "/api/v1/orders/{id}/parcel/parts", Summary: "The list of the parcel's parts, as sha256sum checks it.",
		Security: []map[string][]string{{"token": {ScopeParcel}}}, Parameters: append(id[:1:1], size), Responses: answer("200", "The list", map[string]*huma.MediaType{"text/plain": {}}),
	})
	o.AddOperation(&huma.Operation{
		OperationID: "fetch_parcel_part", Method: http.MethodGet, Path: "/api/v1/orders/{id}/parcel/parts/{no}", Summary: "One part of the parcel; the parts, one after the other, are the parcel.",
		Security:   []map[string][]string{{"token": {ScopeParcel}}},
		Parameters: append(id[:1:1], &huma.Param{Name: "no", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeInteger}}, size),
		Responses:  answer("200", "The part", binary),
	})
	o.AddOperation(&huma.Operation{
		OperationID: "get_invoice", Method: http.MethodGet, Path: "/api/v1/orders/{id}/invoice/{format}", Summary: "The invoice that has been issued, as Peppol BIS Billing 3.0 (xml) or as lines for the finance system (csv).",
		Security:   []map[string][]string{{"token": {ScopeRead}}},
		Parameters: append(id[:1:1], &huma.Param{Name: "format", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"xml", "csv"}}}),
		Responses:  answer("200", "The invoice", map[string]*huma.MediaType{"application/xml": {}, "text/csv": {}}),
	})
	o.AddOperation(&huma.Operation{
		OperationID: "get_credit_note", Method: http.MethodGet, Path: "/api/v1/orders/{id}/invoice/credit/{no}/{format}", Summary: "A credit note that takes an invoice back, in the same formats.",
		Security: []map[string][]string{{"token": {ScopeRead}}},
		Parameters: append(id[:1:1], &huma.Param{Name: "no", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeInteger}},
			&huma.Param{Name: "format", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"xml", "csv"}}}),
		Responses: answer("200", "The credit note", map[string]*huma.MediaType{"application/xml": {}, "text/csv": {}}),
	})
	feed := map[string]*huma.MediaType{"application/atom+xml": {}}
	o.AddOperation(&huma.Operation{
		OperationID: "get_feed", Method: http.MethodGet, Path: "/api/v1/orders/{id}/feed.atom", Summary: "What happens in the case, as an Atom feed; answers 304 to If-None-Match and If-Modified-Since.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, Parameters: id, Responses: answer("200", "The feed", feed),
	})
	o.AddOperation(&huma.Operation{
		OperationID: "get_catalog", Method: http.MethodGet, Path: "/api/v1/catalog", Summary: "What can be ordered; open to all.",
		Responses: answer("200", "The catalogue", schema(catalogueType)),
	})
	delete(o.Components.Schemas.Map(), "V2ErrorModel") // huma's; we have our own
	delete(o.Components.Schemas.Map(), "V2ErrorDetail")
}
