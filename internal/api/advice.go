package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/swede"
)

// maxEthics is how many bytes an ethics document may have, as in room ethicsdoc.
const maxEthics = 20 << 20

type (
	underlagInput struct {
		Body struct {
			Application Answers `json:"application" required:"true" doc:"A draft, as far as it goes."`
		}
	}
	underlagOutput struct {
		Body struct {
			Paragraphs []ParagraphView `json:"paragraphs" doc:"None where no ethics approval is needed."`
			Problems   []FieldProblem  `json:"problems" doc:"Answers that could not be read and were left out."`
		}
	}
	// ParagraphView is a piece of what the ethics application should say.
	ParagraphView struct {
		Items []string `json:"items"`
		SV    string   `json:"sv" doc:"The text for the application."`
		EN    string   `json:"en" doc:"The same in English, as a courtesy."`
	}
	variablesInput struct {
		Body struct {
			Need      string   `json:"need" required:"true" minLength:"1" maxLength:"4000"`
			Registers []string `json:"registers,omitempty" maxItems:"50"`
		}
	}
	variablesOutput struct {
		Body struct {
			Proposals []intake.Proposal `json:"proposals" doc:"Best first, with the reason for each."`
		}
	}
	orderableInput struct {
		Body struct {
			Register string `json:"register" required:"true" maxLength:"100"`
			Year     int    `json:"year" required:"true" minimum:"1900" maximum:"2300"`
		}
	}
	orderableOutput struct {
		Body OrderableView
	}
	// OrderableView is the answer to "can this be ordered yet?".
	OrderableView struct {
		Register string `json:"register"`
		Name     string `json:"name"`
		Year     int    `json:"year"`
		Limited  bool   `json:"coverage_limit" doc:"The register has a coverage limit."`
		Until    string `json:"until,omitempty" doc:"Last day that can be ordered today."`
		From     string `json:"from,omitempty" doc:"First day on which the whole year can be ordered."`
		Answer   string `json:"answer"`
	}
	// CoverageAnswer is the coverage matrix as the text of a document fills it.
	CoverageAnswer struct {
		Findings []intake.Finding  `json:"findings" doc:"Suggestions: a person reads the quote and confirms."`
		Coverage []intake.Coverage `json:"coverage" doc:"The same as rows of an application."`
		Problems []FieldProblem    `json:"problems"`
	}
)

// advice registers what is answered before there is an order. Nothing of it is
// kept.
func (p *programs) advice(api huma.API, mux *http.ServeMux) {
	const base = "/api/v1/advice/"
	register(p, api, http.MethodPost, base+"etikunderlag", "advise_etikunderlag", ScopeRead, "The exact Swedish paragraphs that the ethics application needs for what is asked for.", func(ctx context.Context, in *underlagInput) (*underlagOutput, error) {
		a, unread := app.Fit(json.RawMessage(in.Body.Application))
		out := &underlagOutput{}
		out.Body.Paragraphs, out.Body.Problems = []ParagraphView{}, fieldProblems(unread, lang(ctx))
		for _, x := range intake.Underlag(a, p.Catalogue) {
			out.Body.Paragraphs = append(out.Body.Paragraphs, ParagraphView{x.Items, x.Text.SV, x.Text.EN})
		}
		return out, nil
	})
	register(p, api, http.MethodPost, base+"variables", "advise_variables", ScopeRead, "Tables and variables for a need in free text.", func(_ context.Context, in *variablesInput) (*variablesOutput, error) {
		out := &variablesOutput{}
		out.Body.Proposals = append([]intake.Proposal{}, intake.Propose(in.Body.Need, in.Body.Registers, p.Catalogue)...)
		return out, nil
	})
	register(p, api, http.MethodPost, base+"orderable", "advise_orderable", ScopeRead, "Whether a year of a register can be ordered yet.", func(ctx context.Context, in *orderableInput) (*orderableOutput, error) {
		o, err := p.Orders.OrderableYear(ctx, in.Body.Register, in.Body.Year)
		if err != nil {
			return nil, err
		}
		v := OrderableView{Register: o.Register, Name: o.Names.In(lang(ctx)), Year: o.Year, Limited: o.Known, Answer: o.Answer.In(lang(ctx))}
		if o.Known {
			v.Until, v.From = o.Until.String(), o.From.String()
		}
		return &orderableOutput{v}, nil
	})
	mux.HandleFunc("POST "+base+"coverage", p.raw(ScopeRead, p.coverage))
	o := api.OpenAPI()
	answers := problems(api)
	answers["200"] = &huma.Response{Description: "The coverage matrix", Content: map[string]*huma.MediaType{"application/json": {Schema: o.Components.Schemas.Schema(reflect.TypeFor[CoverageAnswer](), true, "")}}}
	o.AddOperation(&huma.Operation{
		OperationID: "advise_coverage", Method: http.MethodPost, Path: base + "coverage",
		Summary:  "Searches an ethics document (PDF with text, at most 20 MB) for what an application needs support for, with page and quote. Two parts: application (JSON), then document.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {}}}, Responses: answers,
	})
}

// coverage searches an ethics document.
func (p *programs) coverage(w http.ResponseWriter, r *http.Request) error {
	var draft Answers
	file, _, err := twoPart(w, r, "application", &draft, "document", maxEthics)
	if err != nil {
		return err
	}
	a, unread := app.Fit(json.RawMessage(draft))
	data, err := io.ReadAll(file)
	if err != nil {
		return orTooLarge(err, malformed())
	}
	found, err := p.Orders.Supported(r.Context(), a, data)
	if err != nil {
		return err
	}
	out := CoverageAnswer{Findings: []intake.Finding{}, Coverage: []intake.Coverage{}, Problems: fieldProblems(unread, tongue(r.Header.Get("Accept-Language")))}
	for _, f := range found {
		if swede.Contains(f.Quote) { // an ethics document names no persons, but may
			f.Quote = swede.Mask(f.Quote)
		}
		out.Findings, out.Coverage = append(out.Findings, f), append(out.Coverage, f.Coverage(""))
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}

// today is the Swedish civil day.
func (p *programs) today() day.Day { return swede.CivilDay(p.Clock()) }
