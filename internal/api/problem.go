package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/text/language"

	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/swede"
)

// Problem is a refusal, RFC 9457. It never repeats what was sent: only codes,
// our own sentences, and the names of fields. A draft that two have saved is the
// exception: both texts are given back, so that none is lost.
type Problem struct {
	Type    string         `json:"type" doc:"urn:sluss:problem: and the code"`
	Title   string         `json:"title"`
	Status  int            `json:"status"`
	Code    string         `json:"code" doc:"Stable; lower case with dots."`
	Detail  string         `json:"detail" doc:"What happened, one sentence in the asker's language."`
	Do      string         `json:"do,omitempty" doc:"What to do about it."`
	Rule    string         `json:"rule,omitempty" doc:"The rule or gate that refused."`
	Promise int            `json:"promise,omitempty" doc:"The promise of docs/promises.md that it keeps."`
	Law     string         `json:"law,omitempty"`
	Fields  []FieldProblem `json:"fields,omitempty" doc:"Every field that something is wrong with."`
	Draft   *DraftConflict `json:"draft,omitempty" doc:"Both texts, when somebody else has saved the draft meanwhile."`
}

// FieldProblem says what is wrong with a field of the body.
type FieldProblem struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Law    string `json:"law,omitempty"`
}

// Error, GetStatus and ContentType make a Problem an answer of huma.
func (p *Problem) Error() string             { return p.Code + ": " + p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// failed is a refusal in both languages, before it is known who reads it.
type failed struct {
	fault.Fault
	status int
	fields []intake.Problem
	draft  *DraftConflict
}

func failure(status int, code, sv, en string) *failed {
	return &failed{Fault: *fault.New(code, sv, en), status: status}
}

func (f *failed) do(sv, en string) *failed {
	f.DoSV, f.DoEN = sv, en
	return f
}

func (f *failed) Error() string { return f.Fault.Error() }

var errNotFound = failure(http.StatusNotFound, "api.not_found", "Det finns ingen sådan beställning för dig.", "There is no such order for you.").
	do("Kontrollera numret, och att du är knuten till ärendet.", "Check the number, and that you are tied to the case.")

// toFailed is the one place where errors of the rules meet HTTP.
func toFailed(err error) *failed {
	if f, ok := errors.AsType[*failed](err); ok {
		return f
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return failure(http.StatusRequestEntityTooLarge, "api.too_large", "Det som skickades är för stort.", "What was sent is too large.").
			do("Skicka mindre; gränsen står i /api/openapi.json.", "Send less; the limit stands in /api/openapi.json.")
	}
	if d, ok := errors.AsType[*app.StaleDraft](err); ok {
		out := failure(http.StatusConflict, "draft.stale", "Någon annan har sparat utkastet sedan du läste det.", "Somebody else has saved the draft since you read it.").
			do("Jämför texterna och spara igen med den nya versionen.", "Compare the texts and save again with the new version.")
		out.draft = &DraftConflict{Version: d.Stored.Version, Stored: Answers(d.Stored.Answers), Sent: Answers(d.Sent)}
		return out
	}
	f, isFault := errors.AsType[*fault.Fault](err)
	switch {
	case isFault && f.Class == fault.Internal && f.Rule == "read_log":
		return &failed{Fault: *f, status: http.StatusServiceUnavailable}
	case isFault && f.Class == fault.Input:
		return &failed{Fault: *f, status: http.StatusUnprocessableEntity}
	case isFault && f.Class == fault.Gate && f.Rule == "access":
		return &failed{Fault: *f, status: http.StatusForbidden}
	case isFault && f.Class == fault.Gate:
		return &failed{Fault: *f, status: http.StatusConflict}
	case errors.Is(err, app.ErrNotFound):
		return errNotFound
	case errors.Is(err, app.ErrConflict):
		return failure(http.StatusConflict, "api.conflict", "Andra ändrade beställningen samtidigt.", "Others changed the order at the same time.").
			do("Läs beställningen igen och försök på nytt.", "Read the order again and try once more.")
	case errors.Is(err, canon.ErrNumber):
		return malformed()
	}
	return failure(http.StatusInternalServerError, "api.internal", "Något gick fel hos oss.", "Something failed on our side.").
		do("Försök igen om en stund; hör av dig om det inte hjälper.", "Try again in a while; tell us if it does not help.")
}

func malformed() *failed {
	return failure(http.StatusBadRequest, "api.malformed", "Det som skickades går inte att läsa som JSON.", "What was sent cannot be read as JSON.").
		do("Skicka ett JSON-objekt utan dubbla namn och med tal på högst 53 bitar.", "Send one JSON object without names that occur twice, and with numbers of at most 53 bits.")
}

var titles = map[int][2]string{
	http.StatusBadRequest:            {"Går inte att läsa", "Cannot be read"},
	http.StatusUnauthorized:          {"Okänd", "Not known"},
	http.StatusForbidden:             {"Inte behörig", "Not allowed"},
	http.StatusNotFound:              {"Finns inte", "Not found"},
	http.StatusConflict:              {"Inte nu", "Not now"},
	http.StatusPreconditionFailed:    {"Ändrad sedan den lästes", "Changed since it was read"},
	http.StatusRequestEntityTooLarge: {"För stort", "Too large"},
	http.StatusUnsupportedMediaType:  {"Fel slags innehåll", "Wrong kind of content"},
	http.StatusUnprocessableEntity:   {"Går inte att använda", "Cannot be used"},
	http.StatusInternalServerError:   {"Fel hos oss", "Our fault"},
	http.StatusServiceUnavailable:    {"Inte just nu", "Not right now"},
}

// in returns the refusal in a language.
func (f *failed) in(lang string) *Problem {
	p := &Problem{
		Type: "urn:sluss:problem:" + f.Code, Title: titles[f.status][1], Status: f.status, Code: f.Code, Detail: f.EN, Do: f.DoEN,
		Rule: f.Rule, Promise: f.Promise, Law: f.Law, Draft: f.draft,
	}
	if lang == "sv" {
		p.Title, p.Detail, p.Do = titles[f.status][0], f.SV, f.DoSV
	}
	fields := f.fields
	if len(fields) == 0 && f.Where.Column != "" {
		fields = []intake.Problem{{Field: f.Where.Column, Rule: f.Code, SV: f.SV, EN: f.EN, Law: f.Law}}
	}
	if len(fields) > 0 {
		p.Fields = fieldProblems(fields, lang)
	}
	return p
}

// refuse writes a refusal.
func refuse(w http.ResponseWriter, r *http.Request, f *failed) {
	lang := tongue(r.Header.Get("Accept-Language"))
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Language", lang)
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(f.in(lang)) // the reader is gone when this fails
}

// fail turns any error into a refusal, tells the operator of what is ours, and
// writes it.
func (p *programs) fail(w http.ResponseWriter, r *http.Request, err error) {
	refuse(w, r, p.told(r.Context(), err))
}

// told is toFailed with a line in the operator's log for what is our fault. A
// reader who has gone is nobody's.
func (p *programs) told(ctx context.Context, err error) *failed {
	f := toFailed(err)
	if f.status >= http.StatusInternalServerError && ctx.Err() == nil {
		p.Log.ErrorContext(ctx, "interface for programs", "err", err)
	}
	return f
}

var tongues = language.NewMatcher([]language.Tag{language.Swedish, language.English})

// tongue returns sv or en, whichever the header prefers; sv when neither.
func tongue(header string) string {
	tag, _ := language.MatchStrings(tongues, header)
	base, _ := tag.Base()
	if base.String() == "en" {
		return "en"
	}
	return "sv"
}

var missing = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// translated turns what huma says of a body into a refusal of ours: huma
// repeats the value that it read, which may be anything.
func translated(m *huma.ErrorModel) *failed {
	switch m.Status {
	case http.StatusBadRequest:
		return malformed()
	case http.StatusUnprocessableEntity:
	default:
		return toFailed(errors.New("huma: " + m.Title))
	}
	f := failure(m.Status, "api.invalid", "Fält saknas, är okända eller har fel typ.", "Fields are missing, unknown or of the wrong type.").
		do("Rätta fälten som räknas upp; /api/openapi.json beskriver dem.", "Mend the fields that are listed; /api/openapi.json describes them.")
	for _, e := range m.Errors {
		if e != nil && len(f.fields) < 50 {
			f.fields = append(f.fields, fieldProblem(e.Location, e.Message))
		}
	}
	return f
}

func fieldProblem(location, message string) intake.Problem {
	x := intake.Problem{Rule: "api.wrong_value", SV: "Värdet har fel typ eller form.", EN: "The value is of the wrong type or form."}
	switch name := missing.FindStringSubmatch(message); {
	case name != nil:
		location += "." + name[1]
		x.Rule, x.SV, x.EN = "api.missing_field", "Fältet saknas.", "The field is missing."
	case message == "unexpected property":
		x.Rule, x.SV, x.EN = "api.unknown_field", "Fältet finns inte.", "There is no such field."
	}
	location = strings.TrimPrefix(location, "body.")
	x.Field = swede.Mask(string([]rune(location)[:min(100, len([]rune(location)))]))
	return x
}
