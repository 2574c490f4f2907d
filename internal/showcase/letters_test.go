package showcase_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/letter"
	"sluss/internal/letterpress"
	"sluss/internal/lix"
	"sluss/internal/swede"
)

var drawn = regexp.MustCompile(`\b[0-9a-f]{16,64}\b|\bage1\w+`)

var address = regexp.MustCompile(`[\w.+-]+@[\w-]+\.\w+`)

// TestLetters makes every letter of every case in both languages: each kind is
// there, says what a reader must know, keeps to the bounds of reading, has a
// number of its own, and holds no identity number and nobody's address. With
// SLUSS_LETTERS it writes them into that folder as HTML and, with SLUSS_TYPST,
// as PDF, for tools/letters.
func TestLetters(t *testing.T) {
	t.Parallel()
	c := newCounter(t, today)
	shown := c.fill(t, today)
	press := letterpress.New(os.Getenv("SLUSS_TYPST"), nil, 2)
	var written []kept
	kinds, numbers := map[letter.Kind]int{}, map[string]bool{}
	for _, id := range shown.All {
		entries, err := c.db.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range app.DocumentList(id, entries) {
			if !d.IsLetter() {
				continue
			}
			for _, lang := range app.Languages {
				l, err := c.app.Letter(t.Context(), id, entries, d, lang)
				if err != nil {
					t.Fatalf("%s %s: %v", id, d.Kind, err)
				}
				readable(t, l)
				if numbers[l.Number+lang] || l.Number == "" {
					t.Errorf("number %q twice", l.Number)
				}
				numbers[l.Number+lang] = true
				if kinds[l.Kind]++; kinds[l.Kind] <= 8 {
					written = append(written, kept{l, pageOf(t, press, l)})
				}
			}
		}
	}
	for _, k := range letter.Kinds {
		if kinds[k] == 0 && k != letter.Destruction { // no medium of the showcase is destroyed: room letter tests that one
			t.Errorf("the showcase has no %s", k)
		}
	}
	t.Logf("letters by kind: %v", kinds)
	if dir := os.Getenv("SLUSS_LETTERS"); dir != "" {
		write(t, press, dir, written)
	}
}

type kept struct {
	letter letter.Letter
	html   []byte
}

func readable(t *testing.T, l letter.Letter) {
	t.Helper()
	text := l.Text()
	if x := l.Score().LIX(); x > l.Kind.Bound() {
		t.Errorf("%s %s in %s: LIX %.1f", l.Case, l.Kind, l.Lang, x)
	}
	for _, s := range l.Sections {
		for _, p := range s.Paragraphs {
			if long := lix.LongSentences(p, 25); len(long) > 0 && l.Kind != letter.Decision && l.Kind != letter.Terms {
				t.Errorf("%s in %s: %q", l.Kind, l.Lang, long[0])
			}
		}
		if len(s.Paragraphs)+len(s.Facts)+len(s.Items) == 0 && s.Table == nil {
			t.Errorf("%s %s: nothing under %q", l.Case, l.Kind, s.Heading)
		}
	}
	// A hash or key may hold any digits.
	if swede.Contains(drawn.ReplaceAllString(text, "")) || address.MatchString(text) {
		t.Errorf("%s %s: an identity number or an address", l.Case, l.Kind)
	}
	if l.Title == "" || l.Day == "" || l.From == "" || strings.Contains(text, "%!") {
		t.Errorf("%s %s lacks its head", l.Case, l.Kind)
	}
}

var tags = regexp.MustCompile(`<(h[1-6])[ >]`)

// pageOf is the letter as HTML: twice the same, one heading of the first level,
// no level left out, nothing fetched.
func pageOf(t *testing.T, press *letterpress.Press, l letter.Letter) []byte {
	t.Helper()
	html, err := press.HTML(l)
	if err != nil {
		t.Fatal(err)
	}
	again, err := press.HTML(l)
	if err != nil || !bytes.Equal(html, again) {
		t.Errorf("%s: two pages, %v", l.Kind, err)
	}
	var levels []string
	for _, m := range tags.FindAllStringSubmatch(string(html), -1) {
		levels = append(levels, m[1])
	}
	if len(levels) < 2 || levels[0] != "h1" || slices.ContainsFunc(levels[1:], func(s string) bool { return s != "h2" }) {
		t.Errorf("%s: headings %v", l.Kind, levels)
	}
	if bytes.Contains(html, []byte("http")) || bytes.Contains(html, []byte("<script")) || !bytes.Contains(html, []byte(`<html lang="`+l.Lang+`">`)) {
		t.Errorf("%s: something is fetched, or no language", l.Kind)
	}
	return html
}

func write(t *testing.T, press *letterpress.Press, dir string, all []kept) {
	t.Helper()
	for i, k := range all {
		name := filepath.Join(dir, k.letter.Case+"-"+string(k.letter.Kind)+"-"+strings.ReplaceAll(k.letter.Number, ":", "_")+"."+k.letter.Lang)
		if err := os.WriteFile(name+".html", k.html, 0o600); err != nil {
			t.Fatal(err)
		}
		if press.Typst == "" {
			continue
		}
		pdf, err := press.PDF(t.Context(), k.letter)
		if i == 0 {
			again, err := press.PDF(t.Context(), k.letter)
			if err != nil || !bytes.Equal(pdf, again) {
				t.Errorf("%s: two files of one letter, %v", name, err)
			}
		}
		if err == nil {
			err = os.WriteFile(name+".pdf", pdf, 0o600)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}
