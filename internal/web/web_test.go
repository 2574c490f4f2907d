package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/swede"
)

type cases struct {
	entries []order.Entry
	list    []app.Summary
}

func (c cases) Load(_ context.Context, id string) ([]order.Entry, error) {
	if id != "FK-2026-00001" {
		return nil, app.ErrNotFound
	}
	return c.entries, nil
}

func (c cases) List(context.Context) ([]app.Summary, error) { return c.list, nil }

func visit(t *testing.T, c cases) *http.ServeMux {
	t.Helper()
	mux := http.NewServeMux()
	err := Pages(mux, Site{
		Cases: c, Catalogue: catalog.Builtin(), Authority: &order.Authority{Calendar: swede.NewCalendar()}, ShowCases: true,
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

func one() cases {
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	return cases{
		entries: []order.Entry{
			{Version: 1, At: at, By: order.Actor{ID: "elin", Role: order.RoleOrderer}, Event: &order.Submitted{Application: intake.Application{Title: "Sjukfrånvaro <b>fet</b>", Principal: intake.Principal{Name: "Sjölunda"}}}},
			{Version: 2, At: at, By: order.Actor{ID: "karin", Role: order.RoleHandler}, Event: &order.Completed{On: day.MustParse("2026-11-02")}},
		},
		list: []app.Summary{{ID: "FK-2026-00001", Title: "Sjukfrånvaro <b>fet</b>", Principal: "Sjölunda", Phase: order.PhaseComplete, Changed: at, NextDue: "2026-11-02"}},
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	mux := visit(t, one())
	for _, tt := range []struct {
		path, accept string
		status       int
		want         []string
	}{
		{"/", "sv", 200, []string{`lang="sv"`, "Beställ individdata", "2 av 8 slussportar är öppna"}},
		{"/", "en-GB,en", 200, []string{`lang="en"`, "Order individual-level data", "På svenska"}},
		{"/cases", "sv", 200, []string{"Ärenden", "FK-2026-00001", "Komplett", "2026-11-02", "1 öppna ärenden", "1 försenade", "Frist 2\u00a0nov"}},
		{"/cases?lang=en", "sv", 200, []string{`lang="en"`, "Cases", "Complete"}},
		{"/cases/FK-2026-00001", "sv", 200, []string{"Sjukfrånvaro &lt;b&gt;fet&lt;/b&gt;", "2\u00a0november 2026", "Beställare", "Överens", "nästa", "Din tur", "Skriv ett utkast till offert.", "Så är dagen räknad"}},
		{"/cases/FK-2026-00001?lang=en", "sv", 200, []string{"The order is complete", "Case handler", "next", "Your turn", "Write a draft quote."}},
		{"/cases/FK-2026-99999", "sv", 404, []string{"Ärendet finns inte"}},
		{"/catalogue?q=diagnos", "sv", 200, []string{"träffar", "/catalogue/midas_sjuk/midas_sjp/diagnos?lang=sv", "hälsa, känslig"}},
		{"/catalogue?q=diagnosis", "en", 200, []string{"found", "health, sensitive"}},
		{"/catalogue?q=%3Cscript%3E", "sv", 200, []string{"0 träffar", "&lt;script&gt;"}},
		{"/catalogue/midas_sjuk", "sv", 200, []string{"till och med 31\u00a0juli 2026", "from_datum"}},
		{"/catalogue/nowhere", "sv", 404, []string{"Sidan finns inte"}},
		{"/catalogue/midas_sjuk/midas_sjp/diagnos", "sv", 200, []string{"icd_chapter"}},
		{"/catalogue/midas_sers/midas_sjp/diagnos", "sv", 404, []string{"Sidan finns inte"}},
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

func TestAnEmptyListSaysWhatWillAppear(t *testing.T) {
	t.Parallel()
	if _, body, _ := get(t, visit(t, cases{}), "/cases", "sv"); !strings.Contains(body, "Inga ärenden ännu") {
		t.Error("an empty list says nothing")
	}
}

func TestEveryPhaseAndRoleHasAName(t *testing.T) {
	t.Parallel()
	for _, p := range []order.Phase{
		order.PhaseEnquiry, order.PhaseAnswered, order.PhaseExpired, order.PhaseNone, order.PhaseReceived, order.PhaseSupplement, order.PhaseComplete, order.PhaseDraft, order.PhaseReview, order.PhaseDecision, order.PhaseDecided,
		order.PhasePopulation, order.PhaseExtraction, order.PhaseRelease, order.PhaseDelivered, order.PhasePurge, order.PhaseClosed, order.PhaseRefused, order.PhaseDismissed, order.PhaseWithdrawn,
	} {
		if phase("sv", p) == "" || phase("en", p) == "" {
			t.Errorf("phase %s has no name", p)
		}
	}
	for _, r := range []order.Role{
		order.RoleOrderer, order.RoleRepresentative, order.RoleHandler, order.RoleReviewer, order.RoleDecider, order.RoleStatistician, order.RoleReleaser,
		order.RoleSupplier, order.RoleFinance, order.RoleRegistrar, order.RoleEngine, order.RoleClock,
	} {
		if role("sv", r) == "" || role("en", r) == "" {
			t.Errorf("role %s has no name", r)
		}
	}
}

// TestTexts: both languages say the same things, nothing is said that no page
// shows, and no page asks for what is not there.
func TestTexts(t *testing.T) {
	t.Parallel()
	for key, text := range texts["sv"] {
		if en, ok := texts["en"][key]; !ok || en == "" || text == "" {
			t.Errorf("%s is not said in both languages", key)
		}
	}
	if len(texts["sv"]) != len(texts["en"]) {
		t.Errorf("%d texts in Swedish, %d in English", len(texts["sv"]), len(texts["en"]))
	}
	var source strings.Builder
	for _, pattern := range []string{"*.go", "pages/*.html"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(b)
		}
	}
	for key := range texts["sv"] {
		prefix := key[:strings.LastIndexAny(key, "_.")+1]
		if !strings.Contains(source.String(), `"`+key+`"`) && !strings.Contains(source.String(), `"`+prefix+`"+`) {
			t.Errorf("no page says %s", key)
		}
	}
	for _, m := range regexp.MustCompile(`word \$?\.Lang "([^"]+)"`).FindAllStringSubmatch(source.String(), -1) {
		if _, ok := texts["sv"][m[1]]; !ok {
			t.Errorf("a page asks for %s", m[1])
		}
	}
}

// TestEveryRouteIsServed visits the example of every route in both languages,
// and hides the pages about cases where they are not to be shown.
func TestEveryRouteIsServed(t *testing.T) {
	t.Parallel()
	shown := visit(t, one())
	hidden := http.NewServeMux()
	err := Pages(hidden, Site{Cases: one(), Catalogue: catalog.Builtin(), Authority: &order.Authority{Calendar: swede.NewCalendar()}, Clock: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Routes {
		path := strings.ReplaceAll(r.Example, "{case}", "FK-2026-00001")
		for _, lang := range []string{"sv", "en"} {
			status, body, _ := get(t, shown, path, lang)
			if status != 200 || !strings.Contains(body, "<h1>") || !strings.Contains(body, `<html lang="`+lang+`">`) {
				t.Errorf("%s in %s: %d", path, lang, status)
			}
		}
		if status, _, _ := get(t, hidden, path, "sv"); (status == 404) != r.Cases {
			t.Errorf("%s without cases: %d", path, status)
		}
	}
}

// TestAssets: stylesheets have names that follow their content, are kept for
// ever, and shrink for those who take it.
func TestAssets(t *testing.T) {
	t.Parallel()
	mux := visit(t, one())
	_, body, _ := get(t, mux, "/", "sv")
	sheets := regexp.MustCompile(`href="(/assets/[^"]+\.css)"`).FindAllStringSubmatch(body, -1)
	if len(sheets) == 0 || !strings.HasPrefix(sheets[len(sheets)-1][1], "/assets/base.") {
		t.Fatalf("stylesheets %v", sheets)
	}
	for _, m := range sheets {
		status, css, head := get(t, mux, m[1], "sv")
		if status != 200 || !strings.Contains(head.Get("Cache-Control"), "immutable") || !strings.HasPrefix(head.Get("Content-Type"), "text/css") || len(css) < 1000 {
			t.Errorf("%s: %d %v", m[1], status, head)
		}
		r := httptest.NewRequest(http.MethodGet, m[1], nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() >= len(css) {
			t.Errorf("%s is not compressed", m[1])
		}
	}
	if status, _, _ := get(t, mux, "/assets/nothing.css", "sv"); status != 404 {
		t.Errorf("a file that is not there: %d", status)
	}
}

// TestProtectedCasesAreNotShown: without login nobody has clearance.
func TestProtectedCasesAreNotShown(t *testing.T) {
	t.Parallel()
	c := one()
	c.entries = append(c.entries, order.Entry{Version: 3, At: c.entries[0].At, Event: &order.ProtectionMarked{Ground: "sekretessmarkering"}})
	c.list[0].Protected = true
	mux := visit(t, c)
	if status, body, _ := get(t, mux, "/cases/FK-2026-00001", "sv"); status != 404 || strings.Contains(body, "Sjukfrånvaro") {
		t.Errorf("%d", status)
	}
	if _, body, _ := get(t, mux, "/cases", "sv"); strings.Contains(body, "Sjukfrånvaro") || strings.Contains(body, "Sjölunda") || !strings.Contains(body, "Skyddat ärende") {
		t.Error("the list tells a protected case")
	}
}
