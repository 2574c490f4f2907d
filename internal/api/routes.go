package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/parcel/handout"
)

// routes adds all operations to mux, and their description.
func (p *programs) routes(mux *http.ServeMux) error {
	config := describe()
	config.Transformers = []huma.Transformer{p.transform}
	api := humago.New(mux, config)
	schemas(api)
	register(p, api, http.MethodPost, "/api/v1/orders", "submit", ScopeAct, "Opens a case. Given by: orderer, registrar (on somebody's behalf).", p.submit)
	register(p, api, http.MethodGet, "/api/v1/orders", "list_orders", ScopeRead, "The asker's cases; staff: all. Latest change first.", p.list)
	register(p, api, http.MethodGet, "/api/v1/orders/{id}", "get_order", ScopeRead, "A case, as the asker may see it.", func(ctx context.Context, in *CaseInput) (*caseOutput, error) {
		entries, s, rel, err := p.look(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if err := p.Orders.LogRead(ctx, who(ctx).Person, in.ID, access.ViewCase); err != nil {
			return nil, err
		}
		return shown(p.caseFor(who(ctx).Role, rel, entries, s)), nil
	})
	register(p, api, http.MethodGet, "/api/v1/orders/{id}/events", "list_events", ScopeRead, "The log of a case, as the asker may see it.", p.events)
	p.commands(api)
	p.prepare(api)
	p.handovers(api)
	p.beside(api, mux)
	p.office(api, mux)
	mux.HandleFunc("GET /api/v1/orders/{id}/feed.atom", p.raw(ScopeRead, p.feed))
	mux.HandleFunc("PUT /api/v1/orders/{id}/population", p.raw(ScopeSend, p.population))
	mux.HandleFunc("GET /api/v1/orders/{id}/invoice/{format}", p.raw(ScopeRead, p.invoice))
	mux.HandleFunc("GET /api/v1/orders/{id}/invoice/credit/{no}/{format}", p.raw(ScopeRead, p.invoice))
	mux.HandleFunc("GET /api/v1/orders/{id}/parcel", p.raw(ScopeParcel, p.parcel(handout.Serve)))
	mux.HandleFunc("GET /api/v1/orders/{id}/parcel/parts", p.raw(ScopeParcel, p.parcel(handout.ServeList)))
	mux.HandleFunc("GET /api/v1/orders/{id}/parcel/parts/{no}", p.raw(ScopeParcel, p.parcel(part)))
	if err := p.catalogue(mux); err != nil {
		return err
	}
	if err := p.openData(mux); err != nil {
		return err
	}
	describeRaw(api)
	spec, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return err
	}
	mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(spec) // the reader is gone when this fails
	})
	return nil
}

type languageKey struct{}

// register adds one operation; its scope is asked for before its body is
// looked at, and its errors become refusals.
func register[I, O any](p *programs, api huma.API, method, path, name, scope, summary string, handle func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: name, Method: method, Path: path, Summary: summary, MaxBodyBytes: -1, // readJSON has bounded it
		Security: []map[string][]string{{"token": {scope}}}, Responses: problems(api),
		Metadata: map[string]any{"scope": scope},
	}
	if slices.Contains([]string{"submit", "submit_draft", "create_draft", "subscribe", "enquire"}, name) {
		op.DefaultStatus = http.StatusCreated
	}
	op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		if err := allowed(who(r.Context()), scope); err != nil {
			p.fail(w, r, err)
			return
		}
		next(huma.WithValue(ctx, languageKey{}, tongue(r.Header.Get("Accept-Language"))))
	}}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, p.told(ctx, err).in(lang(ctx))
		}
		return out, nil
	})
}

func lang(ctx context.Context) string {
	l, _ := ctx.Value(languageKey{}).(string)
	return l
}

// transform turns huma's own errors into refusals.
func (p *programs) transform(ctx huma.Context, _ string, v any) (any, error) {
	switch v := v.(type) {
	case *huma.ErrorModel:
		l := lang(ctx.Context())
		ctx.SetHeader("Content-Language", l)
		return translated(v).in(l), nil
	case *Problem:
		ctx.SetHeader("Content-Language", lang(ctx.Context()))
	}
	return v, nil
}

type submitInput struct {
	Key  string `header:"Idempotency-Key" doc:"The sender's own name for the request, for 24 hours: sent again, it is carried out once."`
	Body struct {
		Application intake.Application `json:"application" required:"true"`
		Arrival     *order.Arrival     `json:"arrival,omitempty" doc:"How it came by mail or post; the registrar says so, and nobody else."`
		Parent      *order.Parent      `json:"parent,omitempty" doc:"The case that the order continues, and how."`
	}
}

type submitOutput struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     Case
}

func (p *programs) submit(ctx context.Context, in *submitInput) (*submitOutput, error) {
	by := who(ctx)
	if !access.May(by.Role, order.Submit{}, access.New) {
		return nil, denied(by.Role, order.Submit{}.Name())
	}
	if parent := in.Body.Parent; parent != nil { // a case that is not the sender's does not exist
		if _, _, _, err := p.look(ctx, parent.Case); err != nil {
			return nil, err
		}
	}
	id, _, err := p.Orders.Submit(ctx, by.Actor(), order.Submit{
		Application: in.Body.Application, OnBehalf: by.Role == order.RoleRegistrar, Arrival: in.Body.Arrival, Parent: in.Body.Parent,
	})
	if err != nil {
		return nil, listed(err, p.Orders.Problems(ctx, in.Body.Application))
	}
	c, err := p.show(ctx, id)
	if err != nil {
		return nil, err
	}
	return &submitOutput{"/api/v1/orders/" + id, c.ETag, c.Body}, nil
}

// listed turns the refusal of a submission into one that lists every problem.
func listed(err error, problems []intake.Problem) error {
	f, isFault := errors.AsType[*fault.Fault](err)
	if !isFault || f.Class != fault.Gate || f.Rule == "access" {
		return err
	}
	if len(problems) == 0 {
		return &failed{Fault: *f, status: http.StatusUnprocessableEntity}
	}
	all := &failed{Fault: *f, status: http.StatusUnprocessableEntity, fields: problems}
	return all.do("Rätta det som räknas upp och skicka in igen.", "Mend what is listed and submit again.")
}

type listInput struct {
	After string `query:"after" doc:"The field next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

// Listed is a case in a list.
type Listed struct {
	ID        string      `json:"id"`
	Title     string      `json:"title"`
	Principal string      `json:"principal"`
	Purpose   string      `json:"purpose"`
	Phase     order.Phase `json:"phase"`
	PurgeOn   string      `json:"purge_on,omitempty" doc:"YYYY-MM-DD"`
}

type listOutput struct {
	Body struct {
		Orders []Listed `json:"orders"`
		Next   string   `json:"next,omitempty" doc:"Where the next page begins; left out on the last."`
	}
}

func (p *programs) list(ctx context.Context, in *listInput) (*listOutput, error) {
	out := &listOutput{}
	out.Body.Orders = []Listed{}
	by, err := who(ctx), error(nil)
	limit := min(max(in.Limit, 1), maxPage)
	switch {
	case access.Works(by.Role):
		if err := p.Orders.LogList(ctx, by.Person, "orders"); err != nil {
			return nil, err
		}
		out.Body.Orders, out.Body.Next, err = p.all(ctx, by, in.After, limit)
	case access.Outside(by.Role):
		out.Body.Orders, out.Body.Next, err = p.own(ctx, by, in.After, limit)
	default:
		err = denied(by.Role, "list_orders")
	}
	return out, err
}

// all is a page of every case that a member of staff may know of, latest change
// first.
func (p *programs) all(ctx context.Context, by asker, after string, limit int) ([]Listed, string, error) {
	var at app.Cursor
	if after != "" {
		ms, id, ok := strings.Cut(after, ".")
		n, err := strconv.ParseInt(ms, 10, 64)
		if !ok || err != nil {
			return nil, "", badCursor()
		}
		at = app.Cursor{Changed: time.UnixMilli(n), ID: id}
	}
	sums, err := p.Lists.Page(ctx, by.viewer(), at, limit+1)
	if err != nil {
		return nil, "", err
	}
	out, next := []Listed{}, ""
	for i, c := range sums {
		if i == limit {
			last := sums[i-1]
			next = strconv.FormatInt(last.Changed.UnixMilli(), 10) + "." + last.ID
			break
		}
		out = append(out, Listed{c.ID, c.Title, c.Principal, c.Purpose, c.Phase, c.PurgeOn})
	}
	return out, next, nil
}

// own is a page of the cases that somebody from outside is tied to, newest
// number first.
func (p *programs) own(ctx context.Context, by asker, after string, limit int) ([]Listed, string, error) {
	ids, err := p.Lists.Tied(ctx, access.Keys(by.Person))
	if err != nil {
		return nil, "", err
	}
	out := []Listed{}
	for _, id := range ids {
		if after != "" && !before(id, after) {
			continue
		}
		_, s, _, err := p.look(ctx, id)
		if errors.Is(err, app.ErrNotFound) {
			continue // tied once, not any more
		}
		if err != nil {
			return nil, "", err
		}
		if len(out) == limit {
			return out, out[limit-1].ID, nil
		}
		a := s.Application
		l := Listed{ID: s.ID, Title: a.Title, Principal: a.Principal.Name, Purpose: string(a.Purpose), Phase: access.Phase(by.Role, s)}
		if s.Delivery != nil && !s.Purged {
			l.PurgeOn = s.Delivery.PurgeOn.String()
		}
		out = append(out, l)
	}
	return out, "", nil
}

// before reports whether case a has a lower number than b.
func before(a, b string) bool {
	return cmp.Or(cmp.Compare(app.Serial(a), app.Serial(b)), strings.Compare(a, b)) < 0
}

func badCursor() error {
	return failure(http.StatusUnprocessableEntity, "api.cursor", "Värdet på after är inget som en lista har angett.", "The value of after is none that a list has given.").
		do("Använd next från sidan före.", "Use next of the page before.")
}

type eventsInput struct {
	CaseInput
	After int `query:"after" minimum:"0" doc:"Only events with a greater number."`
}

type eventsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Events []Happening `json:"events"`
	}
}

func (p *programs) events(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	entries, s, rel, err := p.look(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := p.Orders.LogRead(ctx, who(ctx).Person, in.ID, access.ViewEvents); err != nil {
		return nil, err
	}
	role := who(ctx).Role
	out := &eventsOutput{ETag: etag(len(access.Read(role, rel, entries, s)))}
	out.Body.Events, err = happenings(role, rel, entries, s, lang(ctx), in.After)
	return out, err
}

// raw guards a route whose body is a stream.
func (p *programs) raw(scope string, next func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := allowed(who(r.Context()), scope)
		if err == nil {
			err = next(w, r)
		}
		if err != nil {
			if r.Method == http.MethodPut {
				w.Header().Set("Connection", "close") // what was not read stays unread
			}
			p.fail(w, r, err)
		}
	}
}

// population hands a population file in. It is never held as a whole: it is
// sealed while it streams through, or not read at all.
func (p *programs) population(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	_, _, rel, err := p.look(ctx, id)
	if err != nil {
		return err
	}
	by := who(ctx)
	if !access.May(by.Role, order.TakeMedium{}, rel) {
		return denied(by.Role, order.TakeMedium{}.Name())
	}
	road := r.URL.Query().Get("road")
	if road == "" {
		road = "upload"
	}
	if road == "post" && by.Role != order.RoleRegistrar {
		return failure(http.StatusUnprocessableEntity, "api.road", "Endast registrator registrerar det som kommer med post.", "Only the registrar registers what comes by post.").
			do("Utelämna road.", "Leave road out.")
	}
	if _, err := p.Orders.TakePopulation(ctx, by.Actor(), id, road, http.MaxBytesReader(w, r.Body, maxPopulation)); err != nil {
		return err
	}
	c, err := p.show(ctx, id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", c.ETag)
	return json.NewEncoder(w).Encode(c.Body)
}

// catalogue serves what can be ordered, to everybody.
func (p *programs) catalogue(mux *http.ServeMux) error {
	b, err := json.Marshal(p.Catalogue)
	if err != nil {
		return err
	}
	tag := `"` + p.Catalogue.Hash().Short() + `"`
	mux.HandleFunc("GET /api/v1/catalog", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "max-age=60")
		if slices.Contains(r.Header.Values("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(b) // the reader is gone when this fails
	})
	return nil
}

var catalogueType = reflect.TypeFor[catalog.Catalogue]()
