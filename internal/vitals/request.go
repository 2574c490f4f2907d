package vitals

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

type numberKey struct{}

// RequestHeader tells the caller the number under which the log has the request.
const RequestHeader = "X-Request-Id"

// NewLog returns a log of one JSON object to a line (or of text, for a person at
// a terminal), whose lines about a request have its number as "request".
func NewLog(w io.Writer, asText bool) *slog.Logger {
	var h slog.Handler = slog.NewJSONHandler(w, nil)
	if asText {
		h = slog.NewTextHandler(w, nil)
	}
	return slog.New(numbered{h})
}

// numbered adds the request's number.
type numbered struct{ slog.Handler }

func (n numbered) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(numberKey{}).(string); ok {
		r.AddAttrs(slog.String("request", id))
	}
	return n.Handler.Handle(ctx, r)
}

func (n numbered) WithAttrs(a []slog.Attr) slog.Handler { return numbered{n.Handler.WithAttrs(a)} }
func (n numbered) WithGroup(name string) slog.Handler   { return numbered{n.Handler.WithGroup(name)} }

// Watch counts requests, gives each a number of its own (a number that the
// caller sends is not taken over: it could be anything), and logs each but those
// that ask whether we live.
func (m *Metrics) Watch(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 8)
		_, _ = rand.Read(b) // never fails, by its contract
		id := hex.EncodeToString(b)
		began := time.Now()
		ctx := context.WithValue(r.Context(), numberKey{}, id)
		w.Header().Set(RequestHeader, id)
		seen := &answer{ResponseWriter: w, status: http.StatusOK}
		area := areaOf(r.URL.Path)
		defer func() {
			took := time.Since(began)
			m.count(area, r.Method, seen.status, took)
			if area != AreaHealth {
				log.InfoContext(ctx, "request", "area", area, "method", methodOf(r.Method), "status", seen.status, "ms", took.Milliseconds())
			}
		}()
		next.ServeHTTP(seen, r.WithContext(ctx))
	})
}

// answer remembers the status.
type answer struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (a *answer) WriteHeader(status int) {
	if !a.wrote && status >= 200 {
		a.status, a.wrote = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.wrote = true
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Check is one thing that readiness depends on; its name is its code.
type Check struct {
	Name string
	Try  func(ctx context.Context) error
}

// Health answers whether the program lives and whether it is ready. The zero
// value has nothing to check.
type Health struct {
	Checks   []Check
	stopping atomic.Bool
}

// Stop makes the program not ready: it answers what is under way, and wants no
// more.
func (h *Health) Stop() { h.stopping.Store(true) }

// Live is /healthz: the checks, as long as the program runs.
func (h *Health) Live(w http.ResponseWriter, r *http.Request) { h.tell(w, r, false) }

// Ready is /readyz: the same, and not while it stops.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) { h.tell(w, r, true) }

func (h *Health) tell(w http.ResponseWriter, r *http.Request, ready bool) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	text := "ok\n"
	if ready && h.stopping.Load() {
		text = "stopping\n"
	}
	for _, c := range h.Checks {
		if err := c.Try(ctx); err != nil {
			text = c.Name + "\n"
			break
		}
	}
	if text != "ok\n" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = io.WriteString(w, text) // the reader is gone when this fails
}
