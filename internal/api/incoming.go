package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
)

type (
	// LetterFacts is what is known of mail or post when it is put in.
	LetterFacts struct {
		Channel string  `json:"channel" enum:"mail,post"`
		Arrived day.Day `json:"arrived" doc:"Day 0 of every clock of the case it becomes."`
		Sender  string  `json:"sender" doc:"E-mail address, or the name on the envelope."`
		Subject string  `json:"subject,omitempty"`
	}
	// LetterView is mail or post that came without a case.
	LetterView struct {
		ID        string     `json:"id"`
		State     string     `json:"state" enum:"waiting,taken,registered,returned"`
		At        time.Time  `json:"at"`
		Channel   string     `json:"channel"`
		Arrived   day.Day    `json:"arrived"`
		Sender    string     `json:"sender"`
		Subject   string     `json:"subject,omitempty"`
		Name      string     `json:"name,omitempty"`
		Type      string     `json:"type"`
		Bytes     int64      `json:"bytes"`
		SHA256    canon.Hash `json:"sha256"`
		Sealed    bool       `json:"sealed_away,omitempty" doc:"It held too many personnummer; it can only be returned."`
		Case      string     `json:"case,omitempty"`
		Reason    string     `json:"reason,omitempty"`
		SettledBy string     `json:"settled_by,omitempty"`
	}
	// MatchView is a case that it may belong to.
	MatchView struct {
		Case    string      `json:"case"`
		Title   string      `json:"title"`
		Phase   order.Phase `json:"phase"`
		Points  int         `json:"points"`
		Reasons []string    `json:"reasons"`
	}
	letterOutput struct {
		Body struct {
			LetterView
			Matches []MatchView `json:"matches" doc:"Cases that it may belong to, most likely first."`
		}
	}
	lettersInput struct {
		State string `query:"state" enum:"waiting,taken,registered,returned" default:"waiting"`
	}
	lettersOutput struct {
		Body struct {
			Letters []LetterView `json:"letters"`
		}
	}
	// LetterInput names a letter.
	LetterInput struct {
		ID string `path:"id" maxLength:"40"`
	}
	registerLetterInput struct {
		LetterInput
		Body struct {
			Case        string              `json:"case,omitempty" maxLength:"40" doc:"Register it as a document of this case."`
			Kind        string              `json:"kind,omitempty" maxLength:"40"`
			Secrecy     string              `json:"secrecy,omitempty" maxLength:"200" doc:"Provision of the secrecy mark."`
			Application *intake.Application `json:"application,omitempty" doc:"Open a case with it: the application that the letter is, written off."`
			Parent      *order.Parent       `json:"parent,omitempty"`
			Enquiry     *LetterEnquiry      `json:"enquiry,omitempty" doc:"Open a case with it: the question that the letter asks."`
		}
	}
	returnLetterInput struct {
		LetterInput
		Body struct {
			Reason string `json:"reason" required:"true" maxLength:"1000"`
		}
	}
	settledOutput struct {
		Body LetterView
	}
	// LetterEnquiry is a question that came by mail or post.
	LetterEnquiry struct {
		Topic string `json:"topic" required:"true"`
		Text  string `json:"text" required:"true"`
		Email string `json:"email,omitempty"`
	}
)

func letterView(l app.Letter) LetterView {
	return LetterView{l.ID, l.State, l.At, l.Channel, l.Arrived, l.Sender, l.Subject, l.Name, l.Type, l.Bytes, l.SHA256, l.Sealed, l.Case, l.Reason, l.SettledBy}
}

// incoming registers mail and post that came without a case; for the registrar
// alone.
func (p *programs) incoming(api huma.API, mux *http.ServeMux) {
	const base = "/api/v1/incoming"
	mux.HandleFunc("POST "+base, p.raw(ScopeAct, p.takeLetter))
	mux.HandleFunc("GET "+base+"/{id}/original", p.raw(ScopeRead, p.original))
	register(p, api, http.MethodGet, base, "list_incoming", ScopeRead, "Mail and post without a case, oldest first. For: registrar.", func(ctx context.Context, in *lettersInput) (*lettersOutput, error) {
		all, err := p.Orders.Letters(ctx, who(ctx).Person, in.State)
		out := &lettersOutput{}
		out.Body.Letters = []LetterView{}
		for _, l := range all {
			out.Body.Letters = append(out.Body.Letters, letterView(l))
		}
		return out, err
	})
	register(p, api, http.MethodGet, base+"/{id}", "get_incoming", ScopeRead, "A letter with the cases that it may belong to. For: registrar.", func(ctx context.Context, in *LetterInput) (*letterOutput, error) {
		l, matches, err := p.Orders.LetterWith(ctx, who(ctx).Person, in.ID)
		if err != nil {
			return nil, err
		}
		out := &letterOutput{}
		out.Body.LetterView, out.Body.Matches = letterView(l), []MatchView{}
		for _, m := range matches {
			out.Body.Matches = append(out.Body.Matches, MatchView{m.Case, m.Title, m.Phase, m.Points, texts(ctx, m.Reasons)})
		}
		return out, nil
	})
	register(p, api, http.MethodPost, base+"/{id}/register", "register_incoming", ScopeAct, "Registers a letter to a case, or opens one with it. For: registrar.", p.registerLetter)
	register(p, api, http.MethodPost, base+"/{id}/return", "return_incoming", ScopeAct, "Notes that a letter has been sent back. For: registrar.", func(ctx context.Context, in *returnLetterInput) (*settledOutput, error) {
		l, err := p.Orders.ReturnLetter(ctx, who(ctx).Person, in.ID, in.Body.Reason)
		return &settledOutput{letterView(l)}, err
	})
	describeIncoming(api, base)
}

// takeLetter takes an original in.
func (p *programs) takeLetter(w http.ResponseWriter, r *http.Request) error {
	if who(r.Context()).Role != order.RoleRegistrar { // before a byte is read
		return denied(who(r.Context()).Role, "incoming")
	}
	var facts LetterFacts
	file, name, err := twoPart(w, r, "facts", &facts, "original", app.MaxAttachment)
	if err != nil {
		return err
	}
	l, err := p.Orders.TakeLetter(r.Context(), who(r.Context()).Person, app.Letter{
		Channel: facts.Channel, Arrived: facts.Arrived, Sender: facts.Sender, Subject: facts.Subject, Name: name,
	}, file)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/incoming/"+l.ID)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	return json.NewEncoder(w).Encode(letterView(l))
}

// original sends the original of a letter.
func (p *programs) original(w http.ResponseWriter, r *http.Request) error {
	l, f, err := p.Orders.OpenLetter(r.Context(), who(r.Context()).Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	defer f.Close()
	return deliver(w, cmp.Or(l.Type, "application/octet-stream"), l.ID+path.Ext(l.Name), f)
}

func (p *programs) registerLetter(ctx context.Context, in *registerLetterInput) (*settledOutput, error) {
	b, by := in.Body, who(ctx).Person
	n := 0
	for _, given := range []bool{b.Case != "", b.Application != nil, b.Enquiry != nil} {
		if given {
			n++
		}
	}
	if n != 1 {
		return nil, failure(http.StatusUnprocessableEntity, "incoming.to", "Ange ett av case, application och enquiry.", "Give one of case, application and enquiry.").do("Välj vart brevet hör.", "Choose where the letter belongs.")
	}
	if b.Parent != nil { // a case that is not the registrar's does not exist
		if _, _, _, err := p.look(ctx, b.Parent.Case); err != nil {
			return nil, err
		}
	}
	var l app.Letter
	var err error
	if b.Case != "" {
		l, err = p.Orders.RegisterLetter(ctx, by, in.ID, b.Case, b.Kind, b.Secrecy)
	} else {
		l, err = p.Orders.OpenCase(ctx, by, in.ID, func(came *order.Arrival) order.Command {
			if b.Enquiry != nil {
				return order.Enquire{Topic: b.Enquiry.Topic, Text: b.Enquiry.Text, Email: b.Enquiry.Email, Arrival: came}
			}
			return order.Submit{Application: *b.Application, OnBehalf: true, Arrival: came, Parent: b.Parent}
		})
		if err != nil && b.Application != nil {
			err = listed(err, p.Orders.Problems(ctx, *b.Application))
		}
	}
	if err != nil {
		return nil, err
	}
	return &settledOutput{letterView(l)}, nil
}

func describeIncoming(api huma.API, base string) {
	o := api.OpenAPI()
	text := &huma.Schema{Type: huma.TypeString}
	taken, found := problems(api), problems(api)
	taken["201"] = &huma.Response{Description: "Taken in", Content: map[string]*huma.MediaType{"application/json": {Schema: o.Components.Schemas.Schema(reflect.TypeFor[LetterView](), true, "")}}}
	found["200"] = &huma.Response{Description: "The original", Content: map[string]*huma.MediaType{"application/octet-stream": {}}}
	o.AddOperation(&huma.Operation{
		OperationID: "take_incoming", Method: http.MethodPost, Path: base, Summary: "Takes in mail (.eml) or post (a scan) that has no case. Two parts: facts (JSON, LetterFacts), then original. For: registrar.",
		Security: []map[string][]string{{"token": {ScopeAct}}}, RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {}}}, Responses: taken,
	})
	o.AddOperation(&huma.Operation{
		OperationID: "get_original", Method: http.MethodGet, Path: base + "/{id}/original", Summary: "The original. For: registrar.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Schema: text}}, Responses: found,
	})
}
