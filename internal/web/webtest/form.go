package webtest

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// Field is what stands in a field of a form on the page.
func (p *Page) Field(action, name string) string {
	if form := p.form(action); form != nil {
		if f := fieldsOf(form)[name]; f != nil {
			return strings.Join(f.values, "\n")
		}
	}
	return ""
}

// HasForm reports whether a form on the page posts to an address with the text.
func (p *Page) HasForm(action string) bool { return p.form(action) != nil }

func (p *Page) form(action string) (found *html.Node) {
	walk(p.root, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "form" && found == nil && (strings.Contains(attr(n, "action"), action) || buttonTo(n, action) != "") {
			found = n
		}
	})
	return found
}

// buttonTo is where a button of the form sends it instead, "" when none does to
// an address with the text.
func buttonTo(form *html.Node, action string) (to string) {
	walk(form, func(n *html.Node) {
		if n.Data == "button" && has(n, "formaction") && strings.Contains(attr(n, "formaction"), action) && to == "" {
			to = attr(n, "formaction")
		}
	})
	return to
}

// offered is a field of a form: what it holds, and what it offers.
type offered struct {
	values []string
	among  []string // of choices; nil = anything
}

func (f *offered) set(value string) error {
	f.values = nil
	for _, v := range strings.Split(value, "\n") {
		if f.among == nil {
			f.values = []string{value}
			return nil
		}
		if v == "" {
			continue
		}
		if !contains(f.among, v) {
			return fmt.Errorf("%q is not offered, only %q", v, f.among)
		}
		f.values = append(f.values, v)
	}
	return nil
}

func contains(all []string, one string) bool {
	for _, x := range all {
		if x == one {
			return true
		}
	}
	return false
}

func fieldsOf(form *html.Node) map[string]*offered {
	out := map[string]*offered{}
	at := func(name string) *offered {
		if out[name] == nil {
			out[name] = &offered{}
		}
		return out[name]
	}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" {
			return
		}
		switch n.Data {
		case "input":
			switch attr(n, "type") {
			case "radio", "checkbox":
				f := at(name)
				f.among = append(f.among, attr(n, "value"))
				if has(n, "checked") {
					f.values = append(f.values, attr(n, "value"))
				}
			case "file", "submit":
			default:
				at(name).values = []string{attr(n, "value")}
			}
		case "button": // pressed when its value is typed
			at(name).among = append(at(name).among, attr(n, "value"))
		case "textarea":
			text := ""
			walk(n, func(c *html.Node) {
				if c.Type == html.TextNode {
					text += c.Data
				}
			})
			at(name).values = []string{strings.TrimPrefix(text, "\n")}
		case "select":
			f := at(name)
			f.among = []string{}
			walk(n, func(o *html.Node) {
				if o.Data != "option" {
					return
				}
				f.among = append(f.among, attr(o, "value"))
				if has(o, "selected") || len(f.values) == 0 {
					f.values = []string{attr(o, "value")}
				}
			})
		}
	})
	return out
}
