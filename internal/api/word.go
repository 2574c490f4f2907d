package api

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/wordform"
)

const wordPath = "/api/v1/forms/word"

type (
	// WordForm is what a filled-in form says.
	WordForm struct {
		Answers Answers       `json:"answers" doc:"Answers of an application, as a draft takes them; a list is whole."`
		Lists   []string      `json:"lists" doc:"The lists among the answers."`
		Wrong   []WrongAnswer `json:"wrong" doc:"Answers that could not be read. The others stand."`
	}
	// WrongAnswer is an answer to mend in the form.
	WrongAnswer struct {
		Field string `json:"field" doc:"Question id, as data[0].from."`
		Title string `json:"title" doc:"Title of the control."`
		Do    string `json:"do"`
	}
)

// word hands the form out, to everybody, and reads filled-in ones. What is read
// is not kept: it becomes a draft when it is sent as one.
func (p *programs) word(api huma.API, mux *http.ServeMux) {
	mux.HandleFunc("GET "+wordPath+"/{purpose}", p.template)
	mux.HandleFunc("POST "+wordPath, p.raw(ScopeRead, p.readWord))
	o, docx := api.OpenAPI(), map[string]*huma.MediaType{wordform.Type: {}}
	found, read := problems(api), problems(api)
	found["200"] = &huma.Response{Description: "The form", Content: docx}
	read["200"] = &huma.Response{Description: "What it says", Content: map[string]*huma.MediaType{"application/json": {Schema: o.Components.Schemas.Schema(reflect.TypeFor[WordForm](), true, "")}}}
	o.AddOperation(&huma.Operation{
		OperationID: "get_word_form", Method: http.MethodGet, Path: wordPath + "/{purpose}", Summary: "The form as a Word document without answers. Open to all.", Responses: found,
		Parameters: []*huma.Param{{Name: "purpose", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{string(intake.Research), string(intake.Statistics)}}}},
	})
	o.AddOperation(&huma.Operation{
		OperationID: "read_word_form", Method: http.MethodPost, Path: wordPath, Summary: "Reads a filled-in Word form of at most 5 MB. Nothing is kept: the answers can be sent as a draft.",
		Security: []map[string][]string{{"token": {ScopeRead}}}, RequestBody: &huma.RequestBody{Required: true, Content: docx}, Responses: read,
	})
}

// template sends the form.
func (p *programs) template(w http.ResponseWriter, r *http.Request) {
	purpose := intake.Purpose(r.PathValue("purpose"))
	if purpose != intake.Research && purpose != intake.Statistics {
		p.fail(w, r, app.ErrNotFound)
		return
	}
	doc, err := wordform.Template(purpose, p.Catalogue, tongue(r.Header.Get("Accept-Language")))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", wordform.Type)
	w.Header().Set("Content-Length", strconv.Itoa(len(doc)))
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": string(purpose) + ".docx"}))
	_, _ = w.Write(doc) // the reader is gone when this fails
}

// readWord reads a form.
func (p *programs) readWord(w http.ResponseWriter, r *http.Request) error {
	doc, err := io.ReadAll(io.LimitReader(r.Body, wordform.MaxBytes+1))
	if err != nil {
		return malformed()
	}
	if len(doc) > wordform.MaxBytes {
		return wordform.TooLarge()
	}
	if err := p.Orders.Scan(r.Context(), doc); err != nil {
		return err
	}
	filled, err := wordform.Read(doc, p.Catalogue)
	if err != nil {
		return err
	}
	lang := tongue(r.Header.Get("Accept-Language"))
	out := WordForm{Answers: Answers(filled.Answers), Lists: append([]string{}, filled.Lists...), Wrong: []WrongAnswer{}}
	for _, x := range filled.Wrong {
		out.Wrong = append(out.Wrong, WrongAnswer{x.Field, x.Title.In(lang), x.Text.In(lang)})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Language", lang)
	return json.NewEncoder(w).Encode(out)
}
