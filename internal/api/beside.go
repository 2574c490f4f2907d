package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/intake"
	"sluss/internal/order"
)

// Beside is what the interface does besides orders; app.App has it.
type Beside interface {
	CreateDraft(ctx context.Context, p access.Person, answers json.RawMessage) (app.Seen, error)
	ReadDraft(ctx context.Context, p access.Person, id string) (app.Seen, error)
	OwnDrafts(ctx context.Context, p access.Person) ([]app.Draft, error)
	SaveDraft(ctx context.Context, p access.Person, id string, version int, answers json.RawMessage) (app.Seen, error)
	DeleteDraft(ctx context.Context, p access.Person, id string) error
	Invite(ctx context.Context, p access.Person, id, email string) (app.Seen, error)
	Uninvite(ctx context.Context, p access.Person, id, email string) (app.Seen, error)
	SubmitDraft(ctx context.Context, p access.Person, id string, version int) (string, order.State, error)

	TakeAttachment(ctx context.Context, p access.Person, place, name, kind string, r io.Reader) (app.Attachment, error)
	Documents(ctx context.Context, p access.Person, place string) ([]app.Attachment, error)
	OpenDocument(ctx context.Context, p access.Person, place, id string) (app.Attachment, io.ReadCloser, error)

	Scan(ctx context.Context, data []byte) error
	TakeOriginal(ctx context.Context, p access.Person, id string, doc order.Document, name string, r io.Reader) (order.Document, error)
	Bundle(ctx context.Context, p access.Person, id string, every bool) ([]app.Bundled, error)

	LogRead(ctx context.Context, p access.Person, id string, view access.View) error
	LogList(ctx context.Context, p access.Person, list string, filters ...string) error
	ReadsOf(ctx context.Context, p access.Person, id string, after app.ReadsPlace, limit int) ([]app.Read, app.ReadsPlace, error)
	ReadsBy(ctx context.Context, p access.Person, who string, after app.ReadsPlace, limit int) ([]app.Read, app.ReadsPlace, error)

	Subscribe(ctx context.Context, p access.Person, token, address string, types []string) (app.Subscription, string, error)
	OwnSubscriptions(ctx context.Context, p access.Person) ([]app.Subscription, error)
	Unsubscribe(ctx context.Context, p access.Person, id string) error
	WaitingFor(ctx context.Context, p access.Person, id string) ([]app.Delivery, error)
	ReplayDead(ctx context.Context, p access.Person, id string) (int, error)
	DiscardDead(ctx context.Context, p access.Person, id string) (int, error)
}

// beside registers what is not about one case's events.
func (p *programs) beside(api huma.API, mux *http.ServeMux) {
	p.drafts(api)
	p.attachments(api, mux)
	p.originals(api, mux)
	mux.HandleFunc("GET "+twinPath, p.raw(ScopeRead, p.twin))
	describeTwin(api)
	p.word(api, mux)
	p.reads(api)
	p.hooks(api)
	register(p, api, http.MethodGet, "/api/v1/worklist", "work_list", ScopeRead,
		"Staff: open cases, newest first or by due date; a number finds closed ones too.", p.workList)
}

// Answers are the answers of a draft, as whoever fills in gave them.
type Answers json.RawMessage

// Schema lets any object through: saving a draft always works.
func (Answers) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "An application as far as it goes (schema IntakeApplication); values of the wrong type are kept as they are."}
}

// MarshalJSON and UnmarshalJSON leave the text as it is.
func (a Answers) MarshalJSON() ([]byte, error) { return json.RawMessage(a).MarshalJSON() }

// UnmarshalJSON keeps the text.
func (a *Answers) UnmarshalJSON(b []byte) error {
	*a = append((*a)[:0], b...)
	return nil
}

// DraftView is a draft with what keeps it from being handed in.
type DraftView struct {
	ID       string         `json:"id"`
	Version  int            `json:"version"`
	Form     int            `json:"form" doc:"Version of the form that the answers belong to."`
	Owner    bool           `json:"owner" doc:"The asker began it, and may invite, submit and delete."`
	Members  []string       `json:"members" doc:"Addresses of co-applicants."`
	Updated  time.Time      `json:"updated"`
	Answers  Answers        `json:"answers"`
	Problems []FieldProblem `json:"problems" doc:"What keeps it from being handed in; none of it keeps it from being saved."`
	Notes    []FieldProblem `json:"notes,omitempty" doc:"What carrying it over to a new form has changed; draft.aside: the answer lies in aside."`
	Aside    []AsideView    `json:"aside,omitempty" doc:"Answers of an older form that today's has no place for. They stay here until the draft is deleted, and go with it to the case."`
}

// AsideView is an answer that lies beside the answers.
type AsideView struct {
	Questions []string `json:"questions" doc:"Of the old form."`
	Now       []string `json:"now,omitempty" doc:"Questions of today's form that ask for the same."`
	Answers   Answers  `json:"answers" doc:"As they were given, by the old questions."`
	Why       string   `json:"why"`
}

func asideViews(all []intake.Moved, lang string) (out []AsideView) {
	for _, m := range all {
		out = append(out, AsideView{m.From, m.To, Answers(m.Kept), m.Texts.In(lang)})
	}
	return out
}

// DraftConflict holds both texts when two have saved the same draft.
type DraftConflict struct {
	Version int     `json:"version" doc:"Of the stored draft."`
	Stored  Answers `json:"stored"`
	Sent    Answers `json:"sent,omitempty"`
}

type draftOutput struct {
	ETag string `header:"ETag"`
	Body DraftView
}

type draftCreated struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     DraftView
}

// DraftInput names a draft.
type DraftInput struct {
	ID string `path:"id" example:"U-ABCDEFGHIJKLMNOP"`
}

func (p *programs) draftView(ctx context.Context, s app.Seen, err error) (*draftOutput, error) {
	if err != nil {
		return nil, err
	}
	v := DraftView{
		ID: s.ID, Version: s.Version, Form: s.Form, Owner: s.Owner == who(ctx).ID, Members: s.Members, Updated: s.Updated, Answers: Answers(s.Answers),
		Problems: fieldProblems(s.Problems, lang(ctx)), Notes: fieldProblems(s.Notes, lang(ctx)), Aside: asideViews(s.Aside, lang(ctx)),
	}
	if v.Members == nil {
		v.Members = []string{}
	}
	return &draftOutput{etag(v.Version), v}, nil
}

func fieldProblems(all []intake.Problem, lang string) []FieldProblem {
	out := []FieldProblem{}
	for _, x := range all {
		fp := FieldProblem{Field: x.Field, Code: x.Rule, Detail: x.EN, Law: x.Law}
		if lang == "sv" {
			fp.Detail = x.SV
		}
		out = append(out, fp)
	}
	return out
}

type (
	createDraftInput struct {
		Key  string `header:"Idempotency-Key"`
		Body struct {
			Answers Answers `json:"answers" required:"true"`
		}
	}
	saveDraftInput struct {
		DraftInput
		Body struct {
			Version int     `json:"version" required:"true" minimum:"1" doc:"Of the draft that the sender has read; 409 with both texts when it has another by now."`
			Answers Answers `json:"answers" required:"true"`
		}
	}
	memberInput struct {
		DraftInput
		Body struct {
			Email string `json:"email" required:"true" maxLength:"254"`
		}
	}
	submitDraftInput struct {
		DraftInput
		Key  string `header:"Idempotency-Key"`
		Body struct {
			Version int `json:"version" required:"true" minimum:"1"`
		}
	}
	draftListOutput struct {
		Body struct {
			Drafts []DraftLine `json:"drafts"`
		}
	}
)

// DraftLine is a draft in a list.
type DraftLine struct {
	ID      string    `json:"id"`
	Title   string    `json:"title,omitempty"`
	Version int       `json:"version"`
	Owner   bool      `json:"owner"`
	Updated time.Time `json:"updated"`
}

func (p *programs) drafts(api huma.API) {
	const base = "/api/v1/drafts"
	register(p, api, http.MethodPost, base, "create_draft", ScopeAct, "Begins a draft; only orderers see drafts.", func(ctx context.Context, in *createDraftInput) (*draftCreated, error) {
		s, err := p.Orders.CreateDraft(ctx, who(ctx).Person, json.RawMessage(in.Body.Answers))
		v, err := p.draftView(ctx, s, err)
		if err != nil {
			return nil, err
		}
		return &draftCreated{base + "/" + s.ID, v.ETag, v.Body}, nil
	})
	register(p, api, http.MethodGet, base, "list_drafts", ScopeRead, "The asker's drafts, latest change first.", p.listDrafts)
	register(p, api, http.MethodGet, base+"/{id}", "get_draft", ScopeRead, "A draft, with what keeps it from being handed in.", func(ctx context.Context, in *DraftInput) (*draftOutput, error) {
		s, err := p.Orders.ReadDraft(ctx, who(ctx).Person, in.ID)
		return p.draftView(ctx, s, err)
	})
	register(p, api, http.MethodPut, base+"/{id}", "save_draft", ScopeAct, "Saves the answers, whatever they hold.", func(ctx context.Context, in *saveDraftInput) (*draftOutput, error) {
		s, err := p.Orders.SaveDraft(ctx, who(ctx).Person, in.ID, in.Body.Version, json.RawMessage(in.Body.Answers))
		return p.draftView(ctx, s, err)
	})
	register(p, api, http.MethodDelete, base+"/{id}", "delete_draft", ScopeAct, "Removes a draft and its uploads.", func(ctx context.Context, in *DraftInput) (*struct{}, error) {
		return &struct{}{}, p.Orders.DeleteDraft(ctx, who(ctx).Person, in.ID)
	})
	register(p, api, http.MethodPost, base+"/{id}/invite", "invite_to_draft", ScopeAct, "Lets a co-applicant read and write.", func(ctx context.Context, in *memberInput) (*draftOutput, error) {
		s, err := p.Orders.Invite(ctx, who(ctx).Person, in.ID, in.Body.Email)
		return p.draftView(ctx, s, err)
	})
	register(p, api, http.MethodPost, base+"/{id}/uninvite", "remove_from_draft", ScopeAct, "Takes a co-applicant's access away, at once.", func(ctx context.Context, in *memberInput) (*draftOutput, error) {
		s, err := p.Orders.Uninvite(ctx, who(ctx).Person, in.ID, in.Body.Email)
		return p.draftView(ctx, s, err)
	})
	register(p, api, http.MethodPost, base+"/{id}/submit", "submit_draft", ScopeAct, "Hands the draft in; it becomes a case, once.", p.submitDraft)
}

func (p *programs) listDrafts(ctx context.Context, _ *struct{}) (*draftListOutput, error) {
	all, err := p.Orders.OwnDrafts(ctx, who(ctx).Person)
	out := &draftListOutput{}
	out.Body.Drafts = []DraftLine{}
	for _, d := range all {
		a, _ := app.Fit(d.Answers)
		out.Body.Drafts = append(out.Body.Drafts, DraftLine{d.ID, a.Title, d.Version, d.Owner == who(ctx).ID, d.Updated})
	}
	return out, err
}

func (p *programs) submitDraft(ctx context.Context, in *submitDraftInput) (*submitOutput, error) {
	seen, err := p.Orders.ReadDraft(ctx, who(ctx).Person, in.ID)
	if err != nil && !app.IsNotFound(err) { // gone may mean: handed in before
		return nil, err
	}
	id, _, err := p.Orders.SubmitDraft(ctx, who(ctx).Person, in.ID, in.Body.Version)
	if err != nil {
		return nil, listed(err, seen.Problems)
	}
	c, err := p.show(ctx, id)
	if err != nil {
		return nil, err
	}
	return &submitOutput{"/api/v1/orders/" + id, c.ETag, c.Body}, nil
}

// lenient reads the JSON of a draft: numbers that cannot be kept exactly become
// texts, so that what was written is saved as it was written.
func lenient(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, malformed()
	}
	return canon.JSON(spelled(v))
}

// spelled replaces numbers that have no canonical form by their text.
func spelled(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, m := range v {
			v[name] = spelled(m)
		}
	case []any:
		for i, m := range v {
			v[i] = spelled(m)
		}
	case json.Number:
		if _, err := canon.Normalise([]byte(v)); err != nil {
			return v.String()
		}
	}
	return v
}
