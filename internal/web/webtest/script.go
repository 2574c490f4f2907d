package webtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"

	"golang.org/x/net/html"
)

// Save does what the kit's script does while a form is being written: it sends
// the form as it stands, with what is typed, and puts the hidden fields that
// come back into it. It returns the status and the line that is shown.
func (b *Browser) Save(p *Page, action string, typed Values) (status int, line string) {
	b.c.t.Helper()
	form := p.form(action)
	if form == nil || attr(form, "data-autosave") != "on" {
		b.c.t.Fatalf("%s: the form to %q is not saved by itself", p.Path, action)
	}
	sent := b.typed(p, form, action, typed)
	sent.Set("autosave", "yes")
	r := httptest.NewRequest(http.MethodPost, attr(form, "action"), strings.NewReader(sent.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", b.Lang)
	if b.secret != "" {
		r.AddCookie(&http.Cookie{Name: "sluss", Value: b.secret})
	}
	w := httptest.NewRecorder()
	b.c.Mux.ServeHTTP(w, r)
	var told map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil {
		b.c.t.Fatalf("%s: saving %q answers %d, and no JSON: %v", p.Path, action, w.Code, err)
	}
	for k, v := range told {
		if name, is := strings.CutPrefix(k, "field."); is {
			setHidden(form, name, v)
		}
	}
	return w.Code, told["text"]
}

// GrowOld makes the browser's login older than what decides and releases asks
// for; Renew makes it new again.
func (b *Browser) GrowOld() { b.secret += "|old" }

// Renew is a new login.
func (b *Browser) Renew() { b.secret = strings.TrimSuffix(b.secret, "|old") }

// Fields are the names of the fields of a form, in no order.
func (p *Page) Fields(action string) []string {
	var out []string
	if form := p.form(action); form != nil {
		for name := range fieldsOf(form) {
			out = append(out, name)
		}
	}
	return out
}

// Kind is what a field of a form is: an element's name, or the type of an input.
func (p *Page) Kind(action, name string) (kind string) {
	walk(p.form(action), func(n *html.Node) {
		if n.Type == html.ElementNode && attr(n, "name") == name {
			if kind = n.Data; kind == "input" {
				kind = attr(n, "type")
			}
		}
	})
	return kind
}
