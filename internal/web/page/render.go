package page

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// View is a page to show.
type View struct {
	// Title is the page's heading, also in the browser's title; Error makes the
	// latter begin with "Fel:".
	Title string
	Error bool
	// Nav is the key of the menu's item that the page belongs to.
	Nav  string
	Body any
	// Scripts are the page's own script files, as assets name them.
	Scripts []string
	// Status is 200 unless given.
	Status int
}

// whole is what templates get: a view and what stands around it.
type whole struct {
	View
	Lang, Other, Path, Query string
	Done                     string
	Menu                     []menuItem
	Sheets, Scripts          []string
	Icon                     string
	Visitor                  *visitorLine
	Side                     string
	Demo                     bool
	CanLogIn                 bool
}

type menuItem struct {
	Path, Text string
	Current    bool
}

// visitorLine says who is logged in.
type visitorLine struct {
	Name, Role string
	Roles      []Option // when there are several
}

// language is that of the address, else of the browser, else Swedish.
func language(r *http.Request) string {
	switch l := r.URL.Query().Get("lang"); {
	case l == "en" || l == "sv":
		return l
	case len(r.Header.Get("Accept-Language")) >= 2 && r.Header.Get("Accept-Language")[:2] == "en":
		return "en"
	}
	return "sv"
}

// Show answers with a page of the room.
func (a *Ask) Show(name string, v View) error {
	if err := a.keepForms(); err != nil {
		return err
	}
	if slices.ContainsFunc(a.forms, (*Form).signs) {
		v.Scripts = append(slices.Clone(v.Scripts), "passkey.js")
	}
	p := whole{View: v, Lang: a.Lang, Path: a.R.URL.Path, Demo: a.Demo, CanLogIn: a.Visits != nil}
	p.Sheets, p.Scripts, p.Icon = a.addresses(sheetOrder...), a.addresses(append([]string{"sluss.js"}, v.Scripts...)...), a.addresses("icon.svg")[0]
	p.Other = map[string]string{"sv": "en", "en": "sv"}[a.Lang]
	q := a.R.URL.Query()
	if done := q.Get("done"); strings.HasPrefix(done, "done.") && a.texts.has(done) {
		p.Done = a.Word(done)
	}
	q.Del("lang")
	q.Del("done")
	q.Del("unsent")
	p.Query = q.Encode()
	if a.R.Method != http.MethodGet { // the address of a form's answer cannot be opened by itself
		p.Query, p.Path = "", parent(p.Path)
	}
	for _, n := range a.nav {
		if n.as == nil || slices.Contains(n.as, a.Role()) {
			p.Menu = append(p.Menu, menuItem{n.path, a.Word(n.key), n.key == v.Nav})
		}
	}
	if a.LoggedIn() {
		p.Side = Side(a.Role())
		p.Visitor = &visitorLine{Name: a.Visitor.Name, Role: Role(a.Lang, a.Role())}
		if len(a.Visitor.Roles) > 1 {
			for _, r := range a.Visitor.Roles {
				p.Visitor.Roles = append(p.Visitor.Roles, Option{Value: string(r), Label: Role(a.Lang, r), On: r == a.Role()})
			}
		}
	}
	var b bytes.Buffer
	if err := a.pages.ExecuteTemplate(&b, name, p); err != nil {
		return err
	}
	secure(a.W)
	h := a.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", a.Lang)
	h.Set("Vary", "Accept-Language, Accept-Encoding, Cookie")
	h.Set("Cache-Control", "no-store")
	write(a.W, a.R, max(v.Status, http.StatusOK), b.Bytes())
	return nil
}

// parent is the address that a form stands on: without its last part.
func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 {
		return "/"
	}
	return path[:i]
}

// faultBody is what the page of a refusal tells.
type faultBody struct {
	What, Do, Law, Code string
	Back                string
}

// fail answers with what went wrong.
func (a *Ask) fail(err error) {
	f, isFault := errors.AsType[*fault.Fault](err)
	v := View{Title: a.Word("missing.title"), Status: http.StatusNotFound}
	name := "missing"
	switch {
	case errors.Is(err, app.ErrNotFound):
	case errors.Is(err, app.ErrConflict):
		v, name = View{Title: a.Word("fault.busy"), Status: http.StatusConflict, Body: faultBody{What: a.Word("fault.busy_text"), Do: a.Word("fault.busy_do")}}, "fault"
	case isFault && f.Class != fault.Internal:
		v, name = View{Title: a.Word("fault.title"), Status: http.StatusUnprocessableEntity, Error: true}, "fault"
		b := faultBody{What: f.SV, Do: f.DoSV, Law: f.Law, Code: f.Code}
		if a.Lang == "en" {
			b.What, b.Do = f.EN, f.DoEN
		}
		v.Body = b
		switch {
		case f.Rule == "access":
			v.Title, v.Status = a.Word("fault.denied"), http.StatusForbidden
		case f.Code == "page.stale":
			v.Status = http.StatusConflict
		}
	default:
		a.Log.ErrorContext(a.R.Context(), "page", "path", a.R.Pattern, "err", err)
		v, name = View{Title: a.Word("failed"), Status: http.StatusInternalServerError, Error: true, Body: faultBody{What: a.Word("failed.text"), Do: a.Word("failed.do")}}, "fault"
	}
	if err := a.Show(name, v); err != nil {
		a.Log.ErrorContext(a.R.Context(), "page", "path", a.R.Pattern, "err", err)
		http.Error(a.W, a.Word("failed"), http.StatusInternalServerError)
	}
}

// Plain is a handler of a page of paragraphs: keys of texts.
func Plain(title string, paragraphs ...string) func(*Ask) error {
	return func(a *Ask) error {
		return a.Show("plain", View{Title: a.Word(title), Body: paragraphs})
	}
}

// Download names what follows as a file to keep. Its bytes never count as a
// page: browsers do not guess what they are.
func (a *Ask) Download(name, kind string) {
	secure(a.W)
	h := a.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
}

func secure(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
}

// Side is "staff" or "party": what the layout is dense or airy for.
func Side(r order.Role) string {
	if access.Works(r) || r == access.RoleAdministrator {
		return "staff"
	}
	return "party"
}
