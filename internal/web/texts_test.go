package web_test

import (
	"encoding/json"
	"flag"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web"
	"sluss/internal/web/webtest"
	"sluss/internal/wording"
)

var update = flag.Bool("update", false, "write where.json anew")

// TestBook: every text of pages, letters and mail is in the book, says where it
// is read, and could be replaced by itself: what our own texts may not do,
// nobody's may.
func TestBook(t *testing.T) {
	t.Parallel()
	book, err := web.Book()
	if err != nil {
		t.Fatal(err)
	}
	locked := 0
	for _, o := range book.All() {
		if o.Text.SV == "" || o.Text.EN == "" || o.Place.SV == "" || o.Place.EN == "" || o.Bound == 0 {
			t.Errorf("%+v", o)
		}
		if strings.ContainsAny(o.Text.SV+o.Text.EN, "\n\t") {
			t.Errorf("%s has more than one paragraph", o.Key)
		}
		if why, is := wording.Locked(o); is {
			if locked++; why.SV == "" || why.EN == "" {
				t.Errorf("%s is locked without a reason", o.Key)
			}
			continue
		}
		for _, f := range book.Check(o.Key, o.Text) {
			t.Errorf("%s: %v", o.Key, f)
		}
	}
	if n := len(book.All()); n < 2000 || locked < 80 || locked > n/5 {
		t.Errorf("%d texts, %d of them locked", n, locked)
	}
	// Declared wills and what is signed, by name: a renamed key must not slip out.
	for _, key := range []string{"party.mandate", "party.restriction_read", "party.withdraw_sure", "sign.note_hint", "rulings.what_is_signed", "vaultdesk.release_lead", "letter.decision_we_disclose_the_data", "letter.terms_you_may_have_the", "letter.purge_purge_protocol", "mail.no_numbers", "demo.line", "office.text_save"} {
		o, there := book.Of(key)
		if _, is := wording.Locked(o); !there || !is {
			t.Errorf("%s can be changed (there: %v)", key, there)
		}
	}
	for _, key := range []string{"how.4", "desk.nav", "letter.contact_questions", "mail.purged", "apply.send_text"} {
		o, there := book.Of(key)
		if why, is := wording.Locked(o); !there || is {
			t.Errorf("%s cannot be changed (there: %v): %s", key, there, why.EN)
		}
	}
}

// TestGlossary: our own texts keep to the glossary, in both languages.
func TestGlossary(t *testing.T) {
	t.Parallel()
	book, err := web.Book()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range book.All() {
		for lang, text := range map[string]string{"sv": o.Text.SV, "en": o.Text.EN} {
			for _, s := range wording.Lint(lang, text) {
				t.Errorf("%s, %s: %q, better %s", o.Key, lang, s.Found, s.Use.EN)
			}
		}
	}
}

var (
	marked = regexp.MustCompile(`⟦([a-z0-9_.-]+)⟧`)
	inCase = regexp.MustCompile(`\{case:([a-z_]+)\}`)
)

// TestWhereTextsAreRead visits every page as everybody who may see it, with the
// key of every text written before it. With -update it writes down on which
// pages each was seen; without, it looks that what is written down is still
// there, and visits one page.
func TestWhereTextsAreRead(t *testing.T) {
	t.Parallel()
	var seen map[string][]string
	raw, err := os.ReadFile("where.json")
	if err == nil {
		err = json.Unmarshal(raw, &seen)
	}
	if err != nil {
		t.Fatal(err)
	}
	book, err := web.Book()
	if err != nil {
		t.Fatal(err)
	}
	c := webtest.New(t, web.Rooms)
	for i, o := range book.All() {
		doc, _ := json.Marshal(map[string]string{"key": o.Key, "sv": "⟦" + o.Key + "⟧" + o.Text.SV, "en": "⟦" + o.Key + "⟧" + o.Text.EN, "from": "2026-01-01", "reason": "-"})
		if err := c.App.Settings.Change(t.Context(), "texts", app.Change{No: i + 1, By: order.Actor{ID: "t"}, At: c.Now, Doc: doc}); err != nil {
			t.Fatal(err)
		}
		if !*update && i > 400 {
			break
		}
	}
	if err := c.App.ReadTexts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !*update {
		if p := c.As(showcase.Administrator).Get("/admin"); !marked.MatchString(p.HTML) {
			t.Error("the marks are not seen")
		}
		patterns := map[string]bool{}
		for _, r := range web.Routes() {
			_, path, _ := strings.Cut(r.Pattern, " ")
			patterns[shown(path)] = true
		}
		for key, paths := range seen {
			for _, p := range paths {
				if _, there := book.Of(key); there && !patterns[p] {
					t.Errorf("%s was seen on %s, which is no page any more: go test ./internal/web -run TestWhereTextsAreRead -update", key, p)
				}
			}
		}
		return
	}
	found := map[string]map[string]bool{}
	for _, r := range web.Routes() {
		if r.Example == "" {
			continue
		}
		path := inCase.ReplaceAllStringFunc(r.Example, func(m string) string {
			return c.Shown.Cases[showcase.Situation(inCase.FindStringSubmatch(m)[1])]
		})
		if strings.Contains(path, "{") || strings.HasPrefix(path, "/admin/texts") { // which lists every text
			continue
		}
		_, pattern, _ := strings.Cut(r.Pattern, " ")
		for _, x := range showcase.Cast() {
			for _, role := range x.Roles {
				if r.As != nil && !slices.Contains(r.As, role) {
					continue
				}
				for _, m := range marked.FindAllStringSubmatch(c.As(x.ID, role).Get(path).HTML, -1) {
					if found[m[1]] == nil {
						found[m[1]] = map[string]bool{}
					}
					found[m[1]][shown(pattern)] = true
				}
			}
		}
	}
	out := map[string][]string{}
	for key, paths := range found {
		if len(paths) <= 6 { // what stands on every page is no help
			out[key] = slices.Sorted(maps.Keys(paths))
		}
	}
	b, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("where.json", append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d texts seen", len(found), len(book.All()))
}

// shown is a pattern as an administrator reads it.
func shown(pattern string) string {
	p, _ := url.PathUnescape(regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(strings.TrimSuffix(pattern, "{$}"), "…"))
	return p
}
