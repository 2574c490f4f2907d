package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
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

func site(t *testing.T, c cases) *http.ServeMux {
	t.Helper()
	mux := http.NewServeMux()
	if err := Pages(mux, c, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
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
		list: []app.Summary{{ID: "FK-2026-00001", Title: "Sjukfrånvaro <b>fet</b>", Principal: "Sjölunda", Phase: order.PhaseComplete, Changed: at}},
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	mux := site(t, one())
	for _, tt := range []struct {
		path, accept string
		status       int
		want         []string
	}{
		{"/", "sv", 200, []string{`lang="sv"`, "Ärenden", "FK-2026-00001", "Fullständig", "2026-11-02"}},
		{"/", "en-GB,en", 200, []string{`lang="en"`, "Cases", "Complete"}},
		{"/?lang=en", "sv", 200, []string{`lang="en"`, "På svenska"}},
		{"/cases/FK-2026-00001", "sv", 200, []string{"Sjukfrånvaro &lt;b&gt;fet&lt;/b&gt;", "2\u00a0november 2026", "Beställare", "Överens om utkastet", "nästa"}},
		{"/cases/FK-2026-00001?lang=en", "sv", 200, []string{"The order is complete", "Case handler", "next"}},
		{"/cases/FK-2026-99999", "sv", 404, []string{"Ärendet finns inte"}},
		{"/style.css", "sv", 200, []string{"--deep"}},
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
	if _, body, _ := get(t, site(t, cases{}), "/", "sv"); !strings.Contains(body, "Inga ärenden ännu") {
		t.Error("an empty list says nothing")
	}
}

func TestEveryPhaseAndRoleHasAName(t *testing.T) {
	t.Parallel()
	for _, p := range []order.Phase{
		order.PhaseNone, order.PhaseReceived, order.PhaseSupplement, order.PhaseComplete, order.PhaseDraft, order.PhaseReview, order.PhaseDecision, order.PhaseDecided,
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
