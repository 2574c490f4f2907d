package webtest

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is what a browser shows.
type Page struct {
	Path   string // where it ended up
	Status int
	Header http.Header
	HTML   string
	root   *html.Node
}

// Has fails the test when one of the texts is not on the page.
func (p *Page) Has(t testing.TB, texts ...string) *Page {
	t.Helper()
	all := p.Text()
	for _, s := range texts {
		if !strings.Contains(all, s) && !strings.Contains(p.HTML, s) {
			t.Errorf("%s (%d): %q is missing in\n%s", p.Path, p.Status, s, all)
		}
	}
	return p
}

// Lacks fails the test when one of the texts is on the page.
func (p *Page) Lacks(t testing.TB, texts ...string) *Page {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(p.Text(), s) {
			t.Errorf("%s: %q is on the page", p.Path, s)
		}
	}
	return p
}

// Is fails the test when the page has another status.
func (p *Page) Is(t testing.TB, status int) *Page {
	t.Helper()
	if p.Status != status {
		t.Fatalf("%s: status %d, want %d\n%s", p.Path, p.Status, status, p.Text())
	}
	return p
}

// Text is what a reader reads.
func (p *Page) Text() string {
	if p.root == nil {
		return p.HTML
	}
	var b strings.Builder
	walk(p.root, func(n *html.Node) {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			b.WriteString(strings.Join(strings.FieldsFunc(n.Data, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " "))
			b.WriteString(" ")
		}
	})
	return b.String()
}

// Links are the addresses that the page links to, without the language.
func (p *Page) Links() []string {
	var out []string
	walk(p.root, func(n *html.Node) {
		if n.Data == "a" && attr(n, "href") != "" {
			out = append(out, regexp.MustCompile(`[?&]lang=..`).ReplaceAllString(attr(n, "href"), ""))
		}
	})
	return out
}

// look is what every page must be.
func (p *Page) look(t testing.TB, lang, typing string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.HTML))
	if err != nil {
		t.Fatal(err)
	}
	p.root = root
	ids, labels, headings := map[string]int{}, map[string]bool{}, 0
	var needs []*html.Node
	var title, speaks string
	walk(root, func(n *html.Node) {
		if n.Type != html.ElementNode {
			return
		}
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		switch n.Data {
		case "html":
			speaks = attr(n, "lang")
		case "title":
			if n.FirstChild != nil {
				title = n.FirstChild.Data
			}
		case "h1":
			headings++
		case "label":
			labels[attr(n, "for")] = true
		case "input", "select", "textarea":
			if typ := attr(n, "type"); typ != "hidden" && typ != "submit" {
				needs = append(needs, n)
			}
		}
	})
	if title == "" || speaks == "" || headings != 1 {
		t.Errorf("%s: title %q, language %q, %d headings", p.Path, title, speaks, headings)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: %d elements are called %s", p.Path, n, id)
		}
	}
	for _, n := range needs {
		if !labels[attr(n, "id")] && attr(n, "aria-label") == "" && attr(n, "aria-labelledby") == "" {
			t.Errorf("%s: field %s has no label", p.Path, attr(n, "name"))
		}
	}
	for _, m := range regexp.MustCompile(`href="#([a-zA-Z][\w.:-]*)"`).FindAllStringSubmatch(p.HTML, -1) {
		if ids[m[1]] == 0 {
			t.Errorf("%s: a link goes to #%s, which is not there", p.Path, m[1])
		}
	}
	if m := regexp.MustCompile(`\b(19|20)?\d{6}[-+]\d{4}\b`).FindString(p.Text()); m != "" && !organisation(m) && m != typing {
		t.Errorf("%s: something like an identity number is on the page", p.Path)
	}
	if strings.Contains(p.HTML, "ZgotmplZ") {
		t.Errorf("%s: the template has thrown something away", p.Path)
	}
}

// organisation reports whether the third figure says that it is an
// organisation's number.
func organisation(s string) bool { return len(s) == 11 && s[2] >= '2' }

func walk(n *html.Node, visit func(*html.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
