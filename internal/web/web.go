// Package web serves the pages that people use, in Swedish and English.
//
// Pages are rendered on the server, work without script, load nothing from
// elsewhere, and show what the log says: nothing of a person whose data are
// ordered ever reaches them. Every page about a case answers in this order:
// where is it, whose turn is it, by when, what do I do now (room turn), and
// draws its way as a canal (room web/canal).
//
// [Routes] is every address with what it needs; a test visits each of them.
package web

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/order"
)

//go:embed pages/*.html
var pageFiles embed.FS

// Cases is what the pages ask of the system; store.Store has it.
type Cases interface {
	Load(ctx context.Context, id string) ([]order.Entry, error)
	List(ctx context.Context) ([]app.Summary, error)
}

// Site is what the pages are made from.
type Site struct {
	Cases     Cases
	Catalogue *catalog.Catalogue
	Authority *order.Authority
	Clock     func() time.Time
	Log       *slog.Logger
	// ShowCases adds the pages about cases. There is no login yet: only on this
	// machine's own addresses.
	ShowCases bool
}

// Route is an address of the site.
type Route struct {
	Pattern string
	// Example is an address that the pattern matches, for tests and crawlers;
	// {case} stands for a case that there is.
	Example string
	Cases   bool // about cases
	handle  func(*site, http.ResponseWriter, *http.Request)
}

// Routes is every page.
var Routes = []Route{
	{"GET /{$}", "/", false, (*site).start},
	{"GET /catalogue", "/catalogue?q=diagnos", false, (*site).catalogue},
	{"GET /catalogue/{register}", "/catalogue/midas_sjuk", false, (*site).register},
	{"GET /catalogue/{register}/{table}/{variable}", "/catalogue/midas_sjuk/midas_sjp/diagnos", false, (*site).variable},
	{"GET /accessibility", "/accessibility", false, (*site).accessibility},
	{"GET /cookies", "/cookies", false, (*site).cookies},
	{"GET /cases", "/cases", true, (*site).list},
	{"GET /cases/{id}", "/cases/{case}", true, (*site).one},
}

// Pages adds the pages to mux.
func Pages(mux *http.ServeMux, s Site) error {
	t, err := template.New("").Funcs(helpers).ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return err
	}
	a, err := readAssets()
	if err != nil {
		return err
	}
	p := &site{Site: s, t: t, assets: a}
	for _, r := range Routes {
		if r.Cases && !s.ShowCases {
			continue
		}
		mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) { r.handle(p, w, req) })
	}
	mux.HandleFunc("GET /assets/{name}", p.asset)
	mux.HandleFunc("/", p.missing) // without a method: /api/ answers for itself
	return nil
}

type site struct {
	Site
	t      *template.Template
	assets map[string]asset
}

// page is what every page is made of; Body is its own part.
type page struct {
	Lang, Other, Path, Query string
	Title                    string
	Nav                      string // the part of the site that it belongs to
	Cases                    bool   // the site has pages about cases
	Sheets                   []string
	Icon                     string
	Body                     any
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

func (s *site) show(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Lang, p.Path, p.Cases, p.Sheets = language(r), r.URL.Path, s.ShowCases, s.addresses(sheetOrder...)
	p.Icon = s.addresses("icon.svg")[0]
	p.Other = map[string]string{"sv": "en", "en": "sv"}[p.Lang]
	q := r.URL.Query()
	q.Del("lang")
	p.Query = q.Encode()
	var b bytes.Buffer
	if err := s.t.ExecuteTemplate(&b, name, p); err != nil {
		s.fail(w, r, err)
		return
	}
	secure(w)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Lang)
	h.Set("Vary", "Accept-Language, Accept-Encoding")
	h.Set("Cache-Control", "no-store")
	write(w, r, status, b.Bytes())
}

func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "page", "path", r.URL.Path, "err", err)
	http.Error(w, word(language(r), "failed"), http.StatusInternalServerError)
}

func (s *site) missing(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusNotFound, "missing", page{Title: word(language(r), "missing.title")})
}

func (s *site) accessibility(w http.ResponseWriter, r *http.Request) {
	s.plain(w, r, "access.title", "access.text1", "access.text2", "access.text3")
}

func (s *site) cookies(w http.ResponseWriter, r *http.Request) {
	s.plain(w, r, "cookies.title", "cookies.text")
}

// plain is a page of text.
func (s *site) plain(w http.ResponseWriter, r *http.Request, title string, paragraphs ...string) {
	s.show(w, r, http.StatusOK, "plain", page{Title: word(language(r), title), Body: paragraphs})
}

func secure(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

func pick(lang, sv, en string) string { return catalog.Text{SV: sv, EN: en}.In(lang) }
