package apply_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/showcase"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
	"sluss/internal/wordform"
)

// edited is a form with the text of a control replaced.
func edited(t *testing.T, doc []byte, was, is string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "word/document.xml" {
			if !bytes.Contains(raw, []byte(was)) {
				t.Fatalf("%q is not in the form", was)
			}
			raw = bytes.Replace(raw, []byte(was), []byte(is), 1)
		}
		part, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWordForm: the order as a Word form, changed and read back; what cannot be
// read is told while the rest is saved; what somebody else changed meanwhile, and
// what is no form, change nothing.
func TestWordForm(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	at := "/drafts/" + id
	p := b.Get(at+"/word").Is(t, 200).Has(t, "Hämta som Word", "5 MB")
	send := func(p *webtest.Page, doc []byte) *webtest.Page {
		return b.SendFiles(p, "word/import", nil, map[string]webtest.Upload{"doc_file": {Name: "blankett.docx", Data: doc}})
	}
	doc := []byte(b.Get(at+"/order.docx").Is(t, 200).HTML)
	title := b.Get(at+"/about").Field("about/save", "title")
	before := b.Get(at + "/order.yaml").HTML
	send(p, doc).Is(t, 200).Has(t, "Blanketten är inläst")
	if after := b.Get(at + "/order.yaml").HTML; after != before {
		t.Errorf("a form read back changes the order:\n%s\n%s", before, after)
	}
	p = b.Get(at + "/word")
	send(p, edited(t, doc, ">"+title+"<", ">En titel ur Word<")).Is(t, 200)
	if got := b.Get(at+"/about").Field("about/save", "title"); got != "En titel ur Word" {
		t.Errorf("title %q", got)
	}
	stale := b.Get(at + "/word")
	start := b.Get(at+"/about").Field("about/save", "project.start")
	bad := edited(t, edited(t, doc, ">"+title+"<", ">Ännu en titel<"), ">"+start+"<", ">våren<")
	send(stale, bad).Is(t, 422).Has(t, "Resten är sparat", "Projektets början", "Skriv datumet som").Lacks(t, "våren")
	if got := b.Get(at + "/about"); got.Field("about/save", "title") != "Ännu en titel" || got.Field("about/save", "project.start") != start {
		t.Error("the rest is not saved, or what could not be read is gone")
	}
	send(stale, doc).Is(t, 409)
	fresh := b.Get(at + "/word")
	send(fresh, []byte("ingen blankett")).Is(t, 422).Has(t, "inget Word-dokument")
	send(fresh, make([]byte, wordform.MaxBytes+1)).Is(t, 422).Has(t, "5 MB")
	b.SendFiles(fresh, "word/import", nil, nil).Is(t, 422).Has(t, "Välj en fil")
	c.As(showcase.OtherOrderer).Get(at+"/order.docx").Is(t, 404)
}

// TestFormsAreScanned: forms that are read and not kept are looked at for
// malicious content before they are read.
func TestFormsAreScanned(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms, func(a *app.App, _ *page.Site) {
		a.Malware = func(_ context.Context, data []byte) error {
			if bytes.Contains(data, []byte("skadligt")) {
				return fault.New("scan.found", "Filen innehåller skadlig kod.", "The file holds malicious code.")
			}
			return errors.New("the scanner is not asked about " + string(data[:min(4, len(data))]))
		}
	})
	b, id := c.As(showcase.Orderer), c.Case(showcase.DraftComplete)
	for page, field := range map[string]string{"/word": "doc_file", "/data": "book_file"} {
		p := b.Get("/drafts/" + id + page)
		b.SendFiles(p, strings.TrimPrefix(page, "/")+"/import", nil, map[string]webtest.Upload{field: {Name: "x", Data: []byte("skadligt")}}).Is(t, 422).Has(t, "skadlig kod")
	}
}
