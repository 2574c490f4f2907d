package webtest

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"sluss/internal/order"
	"sluss/internal/showcase"
)

// Browser is a browser without script.
type Browser struct {
	c      *Counter
	secret string
	// Lang is the browser's language, "sv" at first.
	Lang string
	// Submissions counts the forms that were posted.
	Submissions int
	// Typing is an identity number that a test types, and may see again where
	// somebody reads what was typed.
	Typing string
}

// As is the browser of a persona in its first role, or in the one given. ""
// is nobody.
func (c *Counter) As(persona string, role ...order.Role) *Browser {
	c.t.Helper()
	b := &Browser{c: c, Lang: "sv"}
	if persona == "" {
		return b
	}
	for _, p := range showcase.Cast() {
		if p.ID == persona {
			r := append(role, p.Roles[0])[0]
			b.secret = p.ID + "|" + string(r)
			return b
		}
	}
	c.t.Fatalf("nobody of the cast is %q", persona)
	return nil
}

// Get fetches a page, and goes where it is sent.
func (b *Browser) Get(path string) *Page {
	b.c.t.Helper()
	return b.follow(httptest.NewRequest(http.MethodGet, path, nil))
}

func (b *Browser) follow(r *http.Request) *Page {
	b.c.t.Helper()
	for range 5 {
		r.Header.Set("Accept-Language", b.Lang)
		if b.secret != "" {
			r.AddCookie(&http.Cookie{Name: "sluss", Value: b.secret})
		}
		w := httptest.NewRecorder()
		b.c.Mux.ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther {
			p := &Page{Path: r.URL.Path, Status: w.Code, Header: w.Header(), HTML: w.Body.String()}
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				p.look(b.c.t, b.Lang, b.Typing)
			}
			return p
		}
		to := w.Header().Get("Location")
		if strings.HasPrefix(to, "/login") { // the rooms under test need not have it
			return &Page{Path: "/login", Status: w.Code, Header: w.Header()}
		}
		r = httptest.NewRequest(http.MethodGet, to, nil)
	}
	b.c.t.Fatal("sent round and round")
	return nil
}

// Values are what is typed into a form: name, value. Several choices are
// separated by line breaks; "" of a choice takes it away.
type Values map[string]string

// Send fills in the form on the page whose action, or that of one of its
// buttons, contains a text, and posts it there: with what stands in its fields, changed by what is typed. A name that the
// form does not have, or a choice that it does not offer, fails the test.
func (b *Browser) Send(p *Page, action string, typed Values) *Page {
	b.c.t.Helper()
	return b.post(p, action, typed, nil)
}

// Upload is a file that a form sends.
type Upload struct {
	Name string
	Data []byte
}

// SendFiles is [Browser.Send] of a form with files, by field.
func (b *Browser) SendFiles(p *Page, action string, typed Values, uploads map[string]Upload) *Page {
	b.c.t.Helper()
	return b.post(p, action, typed, uploads)
}

func (b *Browser) post(p *Page, action string, typed Values, uploads map[string]Upload) *Page {
	b.c.t.Helper()
	form := p.form(action)
	if form == nil {
		b.c.t.Fatalf("%s has no form to %q", p.Path, action)
	}
	sent := b.typed(p, form, action, typed)
	b.Submissions++
	target := attr(form, "action")
	if !strings.Contains(target, action) {
		target = buttonTo(form, action)
	}
	if attr(form, "method") != "post" {
		return b.Get(strings.Split(target, "?")[0] + "?" + sent.Encode())
	}
	var r *http.Request
	if attr(form, "enctype") == "multipart/form-data" {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		for name, values := range sent {
			for _, v := range values {
				_ = m.WriteField(name, v)
			}
		}
		for name, u := range uploads {
			w, _ := m.CreateFormFile(name, u.Name)
			_, _ = w.Write(u.Data)
		}
		_ = m.Close()
		r = httptest.NewRequest(http.MethodPost, target, &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
	} else {
		r = httptest.NewRequest(http.MethodPost, target, strings.NewReader(sent.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Referer", "http://"+r.Host+p.Path)
	return b.follow(r)
}

// typed is what a form sends: what stands in its fields, changed by what is
// typed.
func (b *Browser) typed(p *Page, form *html.Node, action string, typed Values) url.Values {
	b.c.t.Helper()
	fields := fieldsOf(form)
	for name, value := range typed {
		offers, ok := fields[name]
		if !ok {
			b.c.t.Fatalf("%s: the form to %q has no field %s", p.Path, action, name)
		}
		if err := offers.set(value); err != nil {
			b.c.t.Fatalf("%s: field %s: %v", p.Path, name, err)
		}
	}
	sent := url.Values{}
	for name, f := range fields {
		sent[name] = f.values
	}
	return sent
}

// setHidden puts a value into a hidden field of a form.
func setHidden(form *html.Node, name, value string) {
	walk(form, func(n *html.Node) {
		if n.Data == "input" && attr(n, "type") == "hidden" && attr(n, "name") == name {
			for i := range n.Attr {
				if n.Attr[i].Key == "value" {
					n.Attr[i].Val = value
				}
			}
		}
	})
}
