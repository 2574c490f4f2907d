package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/opencat"
	"sluss/internal/order"
	"sluss/internal/quote"
)

// Orders is what the interface for programs does with orders; app.App has it.
type Orders interface {
	Submit(ctx context.Context, by order.Actor, cmd order.Submit) (string, order.State, error)
	Do(ctx context.Context, by order.Actor, id string, cmd order.Command) (order.State, error)
	DoAt(ctx context.Context, by order.Actor, id string, version int, cmd order.Command) (order.State, error)
	Entries(ctx context.Context, id string) ([]order.Entry, error)
	Problems(ctx context.Context, a intake.Application) []intake.Problem
	SwitchedOff(command string, role order.Role, phase order.Phase) bool
	TakePopulation(ctx context.Context, by order.Actor, id, road string, r io.Reader) (order.State, error)
	FetchParcel(ctx context.Context, id string, by order.Role) (io.ReadCloser, error)
	PrepareDecision(ctx context.Context, by order.Actor, s order.State, draft order.DecisionDraft) (order.Decision, *quote.Quote, error)
	CallPopulation(ctx context.Context, by order.Actor, id, supplier, reference string, rows int, opens, closes day.Day) (order.State, error)
	Enquire(ctx context.Context, by order.Actor, cmd order.Enquire) (string, order.State, error)
	Beside
	Office
}

// Backend is what stands behind the interface for programs.
type Backend struct {
	Orders    Orders
	Tokens    app.Tokens
	Answers   app.Answers
	Lists     app.Lists
	Catalogue *catalog.Catalogue
	Authority *order.Authority // for what invoices say of it
	Clock     func() time.Time
	Log       *slog.Logger
	// Publisher publishes the catalogue as open data; without an address and a
	// contact nothing is published.
	Publisher opencat.Publisher
}

// Scopes of a token: what a program may do at most, of what its person may.
const (
	ScopeRead   = "orders:read"     // cases, events, lists
	ScopeAct    = "orders:act"      // submit and give commands
	ScopeSend   = "population:send" // hand a population file in
	ScopeParcel = "parcel:fetch"    // fetch the sealed parcel, and its hand-over document
	// ScopeReceipt is to confirm that a parcel has arrived.
	ScopeReceipt = "parcel:receipt"
)

// Scopes is every scope.
var Scopes = []string{ScopeRead, ScopeAct, ScopeSend, ScopeParcel, ScopeReceipt}

// Limits of the interface.
const (
	maxBody       = 1 << 20        // bytes of a JSON body
	maxPopulation = 16 << 30       // bytes of a population file
	maxPage       = 200            // cases in one answer
	keepAnswers   = 24 * time.Hour // how long a key of a request is remembered
	tries         = 20             // of a command against others who write
)

// Programs adds the interface for programs to mux, under /api/:
//
//	GET  /api/openapi.json                     what follows, as OpenAPI 3.1; open to all
//	GET  /api/v1/catalog                       what can be ordered; open to all
//	GET  /api/v1/catalog.jsonld, .ttl          the same as DCAT-AP-SE, and health.jsonld, .ttl as HealthDCAT-AP; open to all, where there is an address
//	POST /api/v1/orders                        submit
//	GET  /api/v1/orders                        the asker's cases
//	GET  /api/v1/orders/{id}                   a case, as the asker may see it
//	GET  /api/v1/orders/{id}/events            its log, as the asker may see it
//	POST /api/v1/orders/{id}/commands/{name}   each command that people give
//	PUT  /api/v1/orders/{id}/population        a population file, as a stream
//	GET  /api/v1/orders/{id}/parcel            the sealed parcel, whole or from a byte on
//	GET  /api/v1/orders/{id}/parcel/parts      the list of its parts
//	GET  /api/v1/orders/{id}/parcel/parts/{no} a part of it
//	…    /api/v1/orders/{id}/handover          what a secure processing environment has to know, and its receipt
//	GET  /api/v1/orders/{id}/invoice/{format}  its invoice, xml (Peppol BIS 3.0) or csv
//	GET  /api/v1/orders/{id}/feed.atom         what happens in it, as a feed
//	…    /api/v1/orders/{id}/attachments       its documents; attachments.zip: all of them
//	…    /api/v1/orders/{id}/originals         what staff have put in and registered
//	GET  /api/v1/orders/{id}/reads             who has read it
//	…    /api/v1/orders/{id}/clocks …          its dates, document list, differences, worksheet, forecast, hours
//	POST /api/v1/orders/{id}/prepare/…         what decider, statistician and releaser sign
//	…    /api/v1/orders/{id}/requests          outsiders' requests for its documents
//	GET  /api/v1/worklist                      open cases, for staff
//	…    /api/v1/queue                         who takes which case next
//	…    /api/v1/staff                         who works here
//	…    /api/v1/incoming                      mail and post without a case
//	…    /api/v1/advice                        before there is an order
//	GET  /api/v1/statistics                    about ourselves; open to all
//	…    /api/v1/drafts                        applications before they are handed in
//	…    /api/v1/webhooks                      messages about what happens
//
// Who asks is told by a bearer token and nothing else: a cookie never counts,
// so that no page can make a browser act here. What the asker may do and see
// is for room access to say; a case that the asker has nothing to do with is
// answered exactly like one that does not exist. Refusals are problem+json
// (RFC 9457) with a stable code, in Swedish or English; they change nothing.
func Programs(mux *http.ServeMux, b Backend) error {
	p := &programs{Backend: b}
	inner := http.NewServeMux()
	if err := p.routes(inner); err != nil {
		return err
	}
	inner.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, failure(http.StatusNotFound, "api.no_route", "Det finns ingen sådan adress eller metod.", "There is no such address or method.").
			do("Se /api/openapi.json.", "See /api/openapi.json."))
	})
	mux.Handle("/api/", p.enter(inner))
	return nil
}

type programs struct{ Backend }

// asker is who asks, with what the token allows.
type asker struct {
	access.Person
	scopes []string
	token  string // its id
}

// viewer is the asker as lists know them.
func (a asker) viewer() app.Viewer { return app.Viewer{Person: a.ID, Cleared: a.Cleared} }

type askerKey struct{}

func withAsker(ctx context.Context, a asker) context.Context {
	return context.WithValue(ctx, askerKey{}, a)
}

// who returns the asker; nobody may do anything as the zero asker.
func who(ctx context.Context) asker {
	a, _ := ctx.Value(askerKey{}).(asker)
	return a
}

// look returns the entries and the state of a case, and what the asker is to
// it. A case that the asker has nothing to do with is not found, no more than
// one that does not exist.
func (p *programs) look(ctx context.Context, id string) ([]order.Entry, order.State, access.Relation, error) {
	if only := app.OnlyCase(who(ctx).scopes); only != "" && only != id {
		return nil, order.State{}, access.None, app.ErrNotFound
	}
	entries, err := p.Orders.Entries(ctx, id)
	if err != nil {
		return nil, order.State{}, access.None, err
	}
	rel := access.Relate(who(ctx).Person, entries)
	if rel == access.None {
		return nil, order.State{}, access.None, app.ErrNotFound
	}
	s := order.Fold(id, entries)
	if !access.MaySee(who(ctx).Role, access.ViewCase, rel, s) {
		return nil, order.State{}, access.None, app.ErrNotFound
	}
	return entries, s, rel, nil
}
