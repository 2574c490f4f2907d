package web_test

import (
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/lix"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/web"
	"sluss/internal/web/page"
)

// open is a counter with public pages only.
func open(t *testing.T) *http.ServeMux {
	t.Helper()
	mux := http.NewServeMux()
	err := web.Pages(mux, page.Site{
		Catalogue: catalog.Builtin(), Authority: &order.Authority{Calendar: swede.NewCalendar()},
		Clock: func() time.Time { return time.Date(2026, 11, 4, 8, 0, 0, 0, time.UTC) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return mux
}

func get(t *testing.T, mux *http.ServeMux, path, accept string) (int, string, http.Header) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", accept)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

func TestPublicPages(t *testing.T) {
	t.Parallel()
	mux := open(t)
	for _, tt := range []struct {
		path, accept string
		status       int
		want         []string
	}{
		{"/", "sv", 200, []string{`lang="sv"`, "Beställ individdata", "2 av 8 slussportar är öppna"}},
		{"/", "en-GB,en", 200, []string{`lang="en"`, "Order individual-level data", "På svenska"}},
		{"/catalogue?q=diagnos", "sv", 200, []string{"träffar", "/catalogue/midas_sjuk/midas_sjp/diagnos?lang=sv", "hälsa, känslig"}},
		{"/catalogue?q=diagnosis", "en", 200, []string{"found", "health, sensitive"}},
		{"/catalogue?q=%3Cscript%3E", "sv", 200, []string{"0 träffar", "&lt;script&gt;"}},
		{"/catalogue/midas_sjuk", "sv", 200, []string{"till och med 31\u00a0juli 2026", "from_datum"}},
		{"/catalogue/nowhere", "sv", 404, []string{"Sidan finns inte"}},
		{"/catalogue/midas_sjuk/midas_sjp/diagnos", "sv", 200, []string{"tre tecken, avsnitt, kapitel"}},
		{"/catalogue/midas_sers/midas_sjp/diagnos", "sv", 404, []string{"Sidan finns inte"}},
		{"/how", "sv", 200, []string{"Så går det till", "etikansökan"}},
		{"/accessibility", "sv", 200, []string{"WCAG 2.2"}},
		{"/cookies", "en", 200, []string{"no cookies"}},
		{"/nothing", "sv", 404, []string{"Sidan finns inte"}},
	} {
		status, body, head := get(t, mux, tt.path, tt.accept)
		if status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.path, status, tt.status)
		}
		for _, w := range tt.want {
			if !strings.Contains(body, w) {
				t.Errorf("%s: %q is missing", tt.path, w)
			}
		}
		if !strings.Contains(head.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no content security policy", tt.path)
		}
		if regexp.MustCompile(`(src|href)="(https?:)?//`).MatchString(body) {
			t.Errorf("%s loads something from elsewhere", tt.path)
		}
	}
}

// TestPagesAskForLogin: who is not logged in is sent to log in, and a form
// that such a visitor posts is not carried out.
func TestPagesAskForLogin(t *testing.T) {
	t.Parallel()
	mux := open(t)
	for _, r := range web.Routes() {
		if r.As == nil {
			continue
		}
		method, path, _ := strings.Cut(r.Pattern, " ")
		path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login?") {
			t.Errorf("%s: %d %s", r.Pattern, w.Code, w.Header().Get("Location"))
		}
	}
}

// TestRoutes: each page says who may see it, has an address to be visited at,
// and no role's main menu is longer than five.
func TestRoutes(t *testing.T) {
	t.Parallel()
	menu := map[order.Role]int{}
	for _, r := range web.Routes() {
		if strings.HasPrefix(r.Pattern, "GET ") != (r.Example != "") {
			t.Errorf("%s: an example belongs to GET, and to every GET", r.Pattern)
		}
		if r.As != nil && len(r.As) == 0 {
			t.Errorf("%s is for nobody", r.Pattern)
		}
		for _, role := range access.Roles {
			if r.Nav != "" && (r.As == nil || slices.Contains(r.As, role)) {
				menu[role]++
			}
		}
	}
	for role, n := range menu {
		if n > 5 {
			t.Errorf("%s has %d items in the menu", role, n)
		}
	}
}

func TestEveryPhaseAndRoleHasAName(t *testing.T) {
	t.Parallel()
	for _, p := range order.Phases {
		if page.Phase("sv", p) == "" || page.Phase("en", p) == "" {
			t.Errorf("phase %s has no name", p)
		}
	}
	for _, r := range access.Roles {
		if page.Role("sv", r) == "" || page.Role("en", r) == "" {
			t.Errorf("role %s has no name", r)
		}
	}
}

// TestTexts: both languages say the same things, nothing is said that no page
// shows, and no page asks for what is not there.
func TestTexts(t *testing.T) {
	t.Parallel()
	said := map[string]string{} // key: room
	folders, err := filepath.Glob("*/texts")
	if err != nil || len(folders) == 0 {
		t.Fatal(err)
	}
	for _, dir := range folders {
		sv, en := page.ReadTexts(os.DirFS(filepath.Dir(dir)), "sv"), page.ReadTexts(os.DirFS(filepath.Dir(dir)), "en")
		for key, text := range sv {
			if en[key] == "" || text == "" {
				t.Errorf("%s is not said in both languages", key)
			}
			said[key] = dir
		}
		if len(sv) != len(en) {
			t.Errorf("%s: %d texts in Swedish, %d in English", dir, len(sv), len(en))
		}
	}
	var source strings.Builder
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && (ext == ".go" || ext == ".html") && !strings.HasSuffix(path, "_test.go") {
			b, err := os.ReadFile(path)
			source.Write(b)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := source.String()
	prefixes := regexp.MustCompile(`"([a-z_]+\.[a-z_]*)" ?\+|\(print "([a-z_]+\.[a-z_]*)"`).FindAllStringSubmatch(all, -1)
	for key := range said {
		used := strings.Contains(all, `"`+key+`"`)
		for _, m := range prefixes {
			used = used || strings.HasPrefix(key, m[1]+m[2]) && m[1]+m[2] != ""
		}
		if !used {
			t.Errorf("%s: nothing says %s", said[key], key)
		}
	}
	for _, m := range regexp.MustCompile(`word \$?\.Lang "([a-z0-9_.]+)"|\.Word\("([a-z0-9_.]+)"\)|(?:Nav|Key): "([a-z0-9_.]+)"`).FindAllStringSubmatch(all, -1) {
		if key := m[1] + m[2] + m[3]; said[key] == "" && !strings.HasSuffix(key, "_") {
			t.Errorf("no text for %s", key)
		}
	}
}

// TestLevels: every level that a variable can be made coarser to has a name.
func TestLevels(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"sv", "en"} {
		words := page.ReadTexts(page.Own, lang)
		for _, reg := range catalog.Builtin().Registers {
			for _, table := range reg.Tables {
				for _, v := range table.Variables {
					for _, l := range v.Coarsen {
						if words["level."+l] == "" {
							t.Errorf("%s: no words for the level %s", lang, l)
						}
					}
				}
			}
		}
	}
}

// TestReadable: what is said in sentences is easy to read in Swedish (LIX at
// most 45 in every room), and no sentence, in either language, is longer than
// 25 words.
func TestReadable(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("*/texts")
	if err != nil || len(folders) == 0 {
		t.Fatal(err)
	}
	for _, dir := range folders {
		var all lix.Score
		for _, lang := range []string{"sv", "en"} {
			for key, text := range page.ReadTexts(os.DirFS(filepath.Dir(dir)), lang) {
				for _, s := range lix.LongSentences(text, 25) {
					t.Errorf("%s, %s, %s: a sentence of more than 25 words: %s", dir, lang, key, s)
				}
				if lang == "sv" && strings.ContainsAny(text, ".?!") {
					all = all.Add(lix.Of(text))
				}
			}
		}
		if all.LIX() > lix.Orderer {
			t.Errorf("%s: LIX %.1f, at most %d", dir, all.LIX(), lix.Orderer)
		}
		t.Logf("%s: LIX %.1f, %.1f words a sentence", dir, all.LIX(), all.Average())
	}
}
