package public_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/coverage"
	"sluss/internal/day"
	"sluss/internal/web/page"
	"sluss/internal/web/public"
	"sluss/internal/web/webtest"
)

func percent(p coverage.Percent) *coverage.Percent { return &p }

func on(y, m, d int) *day.Day { x := day.Of(y, m, d); return &x }

// told is what a vault has measured: the sickness register reaches to June,
// earlier than the rule says, and another has only its last payment.
func told() coverage.Published {
	all := coverage.Curve{Stratum: coverage.All}
	grants := coverage.Curve{Stratum: coverage.NewGrant}
	for m := range 10 {
		share := []coverage.Percent{99_90, 99_80, 99_70, 99_50, 99_00, 96_42, 94_99, 79_81, 41_10, 0}[m]
		x := coverage.Point{Month: day.Of(2026, 1+m, 1).String()[:7], Completeness: percent(share), Lower: percent(share - 1_00)}
		if m == 9 {
			x.Completeness, x.Lower = nil, nil
		}
		all.Points = append(all.Points, x)
		grants.Points = append(grants.Points, coverage.Point{Month: x.Month, Completeness: percent(50_00)})
	}
	return coverage.Published{Type: coverage.TypePublished, Snapshot: "s1", Seen: day.Of(2026, 11, 1), Registers: []coverage.PublishedRegister{
		{ID: "midas_sjuk", OrderableUntil: on(2026, 6, 30), RuleUntil: on(2026, 7, 31), MeasuredUntil: on(2026, 6, 30), Decides: coverage.All, PaymentsTo: on(2026, 10, 29), Curves: []coverage.Curve{all}},
		{ID: "midas_sers", OrderableUntil: on(2026, 1, 31), MeasuredUntil: on(2026, 1, 31), Decides: coverage.NewGrant, Curves: []coverage.Curve{all, grants}},
		{ID: "barnbidrag", PaymentsTo: on(2026, 10, 20)},
	}}
}

func get(t *testing.T, mux *http.ServeMux, path, lang string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", lang)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d", path, w.Code)
	}
	return strings.ReplaceAll(w.Body.String(), "\u00a0", " ")
}

// TestHowFarARegisterReaches: before the vault has told anything the pages give
// the catalogue's rule and call it that; afterwards what was measured, with the
// curve and a table of the same figures. Payment registers say to which day.
func TestHowFarARegisterReaches(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, []page.Room{public.Room}, func(a *app.App, site *page.Site) { a.Board = site.Cases.(app.Board) })
	const rule = "katalogens regel"
	if before := get(t, c.Mux, "/catalogue/midas_sjuk", "sv"); !strings.Contains(before, rule) || strings.Contains(before, "<svg") {
		t.Error("before anything is measured the page does not give the rule as a rule")
	}
	if before := get(t, c.Mux, "/catalogue/barnbidrag", "sv"); strings.Contains(before, "i dag") || !strings.Contains(before, "så långt betalningarna når") {
		t.Error("a payment register promises a day that nobody has measured")
	}
	if err := c.App.PublishCoverage(t.Context(), told()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path, lang string
		want, not  []string
	}{
		{
			"/catalogue/midas_sjuk", "sv",
			[]string{"till och med 30 juni 2026, uppmätt i uppgifterna från 1 november 2026", "Betalningar till och med</dt><dd>29 oktober 2026", `<svg`, `role="img"`, `96,42`, "95,42", `<td data-label="Går att beställa">ja`, "inte än", `class="edge" x1="60.00%"`},
			[]string{rule, "nybeviljade"},
		},
		{"/catalogue/midas_sers", "en", []string{"newly granted", "50.00 %", "31 January 2026"}, []string{"katalog"}},
		{"/catalogue/barnbidrag", "sv", []string{"betalningar till och med 20 oktober 2026"}, []string{"<svg"}},
		{"/catalogue/lakarintyg", "sv", []string{"så långt registret når"}, []string{"betalningarna når"}},
		{"/catalogue/midas_foraldra", "sv", []string{rule}, []string{"<svg"}},
		{"/catalogue", "en", []string{"up to and including 30 June 2026, measured", "payments up to and including 20 October 2026"}, nil},
	} {
		body := get(t, c.Mux, tt.path, tt.lang)
		for _, w := range tt.want {
			if !strings.Contains(body, w) {
				t.Errorf("%s: %q is missing", tt.path, w)
			}
		}
		for _, w := range tt.not {
			if strings.Contains(body, w) {
				t.Errorf("%s: %q stands there", tt.path, w)
			}
		}
	}
	if n := strings.Count(get(t, c.Mux, "/catalogue/midas_sjuk", "sv"), `<td data-label="Går att beställa">ja`); n != 6 {
		t.Errorf("%d months can be ordered, want January to June", n)
	}
	bad := told()
	bad.Registers[0].Curves[0].Stratum = "<b>"
	if err := c.App.PublishCoverage(t.Context(), bad); err == nil {
		t.Error("what no vault would publish is taken in")
	}
}
