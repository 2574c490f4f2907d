// Package web serves the pages that people use: at present the list of cases
// and the timeline of each, in Swedish and English.
//
// Pages are rendered on the server, work without script, load nothing from
// elsewhere, and show what the log says: nothing of a person whose data are
// ordered ever reaches them.
package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/swede"
)

//go:embed pages/*.html pages/style.css
var files embed.FS

// Cases is what the pages ask of the system; store.Store has it.
type Cases interface {
	Load(ctx context.Context, id string) ([]order.Entry, error)
	List(ctx context.Context) ([]app.Summary, error)
}

// Pages adds the pages to mux.
func Pages(mux *http.ServeMux, cases Cases, log *slog.Logger) error {
	t, err := template.New("").Funcs(template.FuncMap{"word": word, "day": longDay}).ParseFS(files, "pages/*.html")
	if err != nil {
		return err
	}
	css, err := files.ReadFile("pages/style.css")
	if err != nil {
		return err
	}
	p := pages{cases, t, log}
	mux.HandleFunc("GET /{$}", p.list)
	mux.HandleFunc("GET /cases/{id}", p.one)
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		secure(w)
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(css) // the reader is gone when this fails
	})
	return nil
}

type pages struct {
	cases Cases
	t     *template.Template
	log   *slog.Logger
}

// view is what a page is made of.
type view struct {
	Lang, Other, Path string
	Title             string
	Cases             []caseRow
	Case              *casePage
}

type caseRow struct {
	app.Summary
	PhaseName string
	Day       string
}

type casePage struct {
	ID, Title, Principal, PhaseName string
	Gates                           []gateView
	Steps                           []stepView
}

// gateView is one gate of the canal.
type gateView struct {
	Name, Law string
	Open      bool
	Next      bool // the first that is shut
}

type stepView struct {
	Day, Role, What, Checked, Law string
}

// language is that of the query, else of the reader's browser, else Swedish.
func language(r *http.Request) string {
	switch l := r.URL.Query().Get("lang"); {
	case l == "en" || l == "sv":
		return l
	case len(r.Header.Get("Accept-Language")) >= 2 && r.Header.Get("Accept-Language")[:2] == "en":
		return "en"
	}
	return "sv"
}

func (p pages) list(w http.ResponseWriter, r *http.Request) {
	lang := language(r)
	sums, err := p.cases.List(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v := view{Title: word(lang, "cases")}
	for _, s := range sums {
		v.Cases = append(v.Cases, caseRow{s, phase(lang, s.Phase), swede.CivilDay(s.Changed).String()})
	}
	p.show(w, r, http.StatusOK, "list", v)
}

func (p pages) one(w http.ResponseWriter, r *http.Request) {
	lang := language(r)
	id := r.PathValue("id")
	entries, err := p.cases.Load(r.Context(), id)
	if errors.Is(err, app.ErrNotFound) {
		p.show(w, r, http.StatusNotFound, "missing", view{Title: word(lang, "no_case")})
		return
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	s := order.Fold(id, entries)
	c := casePage{ID: id, Title: s.Application.Title, Principal: s.Application.Principal.Name, PhaseName: phase(lang, s.Phase())}
	shut := false
	for _, g := range order.Gates {
		open := g.Open(s)
		c.Gates = append(c.Gates, gateView{Name: pick(lang, g.SV, g.EN), Law: g.Law, Open: open, Next: !open && !shut && s.Ended == ""})
		shut = shut || !open
	}
	for _, e := range entries {
		l := order.Tell(e)
		c.Steps = append(c.Steps, stepView{swede.CivilDay(e.At).String(), role(lang, e.By.Role), l.What.In(lang), l.Checked.In(lang), l.Law})
	}
	p.show(w, r, http.StatusOK, "case", view{Title: id + " " + c.Title, Case: &c})
}

func (p pages) show(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Lang, v.Path = language(r), r.URL.Path
	v.Other = map[string]string{"sv": "en", "en": "sv"}[v.Lang]
	var b bytes.Buffer
	if err := p.t.ExecuteTemplate(&b, name, v); err != nil {
		p.fail(w, r, err)
		return
	}
	secure(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.Lang)
	w.Header().Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the reader is gone when this fails
}

func (p pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.log.ErrorContext(r.Context(), "page", "path", r.URL.Path, "err", err)
	http.Error(w, word(language(r), "failed"), http.StatusInternalServerError)
}

func secure(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

func pick(lang, sv, en string) string { return catalog.Text{SV: sv, EN: en}.In(lang) }
