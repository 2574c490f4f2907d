package vitals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// canary is in everything that a caller can send.
const canary = "191212121212"

func call(h http.Handler, method, target string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(canary))
	r.Header.Set(RequestHeader, canary)
	r.Header.Set("User-Agent", canary)
	r.Host = canary + ".example"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// line is what a line of metrics may look like: names and labels of a closed
// list, and numbers.
var line = regexp.MustCompile(`^(# (HELP|TYPE) sluss_[a-z_]+ [A-Za-z0-9 .,]+|sluss_[a-z_]+(\{(area="(page|api|vault|health)"|method="(GET|HEAD|POST|PUT|PATCH|DELETE|other)"|status="[1-5]xx"|le="[0-9.+Inf]+"|state="[a-z]+"|,)+\})? [0-9.e+-]+)$`)

// TestPromise14MetricsAndLogNameNobody: whatever callers send, neither metrics
// nor the log of requests repeat it.
func TestPromise14MetricsAndLogNameNobody(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	log := NewLog(&logged, false)
	m := &Metrics{Gauges: func(context.Context) ([]Gauge, error) {
		return []Gauge{{"sluss_jobs", "Work orders, by state.", `state="dead"`, 1}, {"sluss_jobs", "Work orders, by state.", `state="queued"`, 2}}, nil
	}}
	h := m.Watch(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.WarnContext(r.Context(), "something", "code", "x.y")
		w.WriteHeader(http.StatusTeapot)
	}), log)
	for _, target := range []string{"/", "/fall/" + canary + "?q=" + canary, "/api/v1/orders/" + canary, "/vault/v1/" + canary, "/healthz", "/readyz"} {
		for _, method := range []string{"GET", "POST", canary} {
			w := call(h, method, target)
			if id := w.Header().Get(RequestHeader); len(id) != 16 || id == canary {
				t.Errorf("the request's number is %q", id)
			}
		}
	}
	text := call(m, "GET", "/metrics?q="+canary).Body.String()
	if strings.Contains(text, canary) || strings.Contains(logged.String(), canary) {
		t.Error("what a caller sent is repeated")
	}
	for l := range strings.Lines(text) {
		if !line.MatchString(strings.TrimSuffix(l, "\n")) {
			t.Errorf("not of the closed list: %s", l)
		}
	}
	for _, want := range []string{`sluss_requests_total{area="page",method="GET",status="4xx"} 2`, `{area="vault",method="other",status="4xx"} 1`, `sluss_request_seconds_count{area="api"} 3`, `sluss_jobs{state="queued"} 2`, "sluss_read_failed 0"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Count(text, "# TYPE sluss_jobs gauge") != 1 {
		t.Error("a name is declared twice")
	}
	lines := strings.Split(strings.TrimSpace(logged.String()), "\n")
	if len(lines) != 18+12 { // each handler's own line, and one for each that does not ask whether we live
		t.Errorf("%d lines", len(lines))
	}
	numbers := map[string]int{}
	for _, l := range lines {
		var v struct {
			Request string `json:"request"`
			Msg     string `json:"msg"`
		}
		if err := json.Unmarshal([]byte(l), &v); err != nil || v.Request == "" {
			t.Errorf("%s: %v", l, err)
		}
		numbers[v.Request]++
	}
	if len(numbers) != 18 {
		t.Errorf("%d requests have numbers", len(numbers))
	}
}

func TestGaugesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	m := &Metrics{Gauges: func(context.Context) ([]Gauge, error) { return nil, errors.New("database gone " + canary) }}
	text := call(m, "GET", "/metrics").Body.String()
	if !strings.Contains(text, "sluss_read_failed 1") || strings.Contains(text, canary) {
		t.Error(text)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var broken error
	h := &Health{Checks: []Check{{"database", func(context.Context) error { return broken }}}}
	ask := func(f http.HandlerFunc) string {
		w := call(f, "GET", "/")
		return w.Body.String()[:2] + http.StatusText(w.Code)
	}
	if got := ask(h.Live) + ask(h.Ready); got != "okOKokOK" {
		t.Error(got)
	}
	broken = errors.New("gone")
	if got := ask(h.Live) + ask(h.Ready); got != "daService UnavailabledaService Unavailable" {
		t.Error(got)
	}
	broken = nil
	h.Stop()
	if got := ask(h.Live) + ask(h.Ready); got != "okOKstService Unavailable" {
		t.Error(got)
	}
}

// A handler that breaks the connection is counted all the same.
func TestWatchPanics(t *testing.T) {
	t.Parallel()
	m := &Metrics{}
	h := m.Watch(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), slog.New(slog.DiscardHandler))
	func() {
		defer func() { _ = recover() }()
		call(h, "GET", "/")
	}()
	if text := call(m, "GET", "/metrics").Body.String(); !strings.Contains(text, `sluss_requests_total{area="page",method="GET",status="2xx"} 1`) {
		t.Error(text)
	}
}
