// Package vitals is how a program tells whether it is well: counts for
// Prometheus ([Metrics]), whether it lives and whether it is ready ([Health]), and a
// log in which all lines of a request carry its number ([NewLog], [Metrics.Watch]).
//
// Nothing here can name a person or a case: what is counted has names from a
// closed list and nothing else, and of a request the log has kind, status, time
// and number, never its address, which can hold what somebody searched for.
package vitals

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Areas of requests, the only values of that label.
const (
	AreaPage   = "page"
	AreaAPI    = "api"
	AreaVault  = "vault" // the vault's side
	AreaHealth = "health"
)

// areaOf tells an area by the path's beginning.
func areaOf(path string) string {
	switch {
	case strings.HasPrefix(path, "/vault/"):
		return AreaVault
	case strings.HasPrefix(path, "/api/"):
		return AreaAPI
	case path == "/healthz" || path == "/readyz":
		return AreaHealth
	}
	return AreaPage
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

func methodOf(m string) string {
	if slices.Contains(methods, m) {
		return m
	}
	return "other"
}

// bounds of the histogram of durations, seconds.
var bounds = []float64{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60}

type requestKey struct {
	area, method string
	class        int // of the status: 2 for 2xx
}

type histogram struct {
	counts [11]uint64 // the last is above all bounds
	sum    float64
}

// Gauge is a value that is read when somebody asks.
type Gauge struct {
	Name  string // sluss_…, of the program's own list
	Help  string
	Label string // name="value" from a closed list, or ""
	Value float64
}

// Metrics counts requests and reads gauges. The zero value is ready.
type Metrics struct {
	// Gauges reads values from elsewhere; nil for none. Those that it cannot read
	// are left out, and sluss_read_failed says so.
	Gauges func(ctx context.Context) ([]Gauge, error)

	mu       sync.Mutex
	requests map[requestKey]uint64
	seconds  map[string]*histogram
}

func (m *Metrics) count(area, method string, status int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.requests == nil {
		m.requests, m.seconds = map[requestKey]uint64{}, map[string]*histogram{}
	}
	m.requests[requestKey{area, methodOf(method), status / 100}]++
	h := m.seconds[area]
	if h == nil {
		h = &histogram{}
		m.seconds[area] = h
	}
	s := took.Seconds()
	at, _ := slices.BinarySearch(bounds, s)
	h.counts[at]++
	h.sum += s
}

// readPatience bounds how long gauges are read.
const readPatience = 3 * time.Second

// ServeHTTP writes everything in the text format of Prometheus.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readPatience)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	var b strings.Builder
	m.write(ctx, &b)
	_, _ = io.WriteString(w, b.String()) // the reader is gone when this fails
}

func (m *Metrics) write(ctx context.Context, w io.Writer) {
	m.writeRequests(w)
	failed := 0.0
	var gauges []Gauge
	if m.Gauges != nil {
		var err error
		if gauges, err = m.Gauges(ctx); err != nil {
			failed = 1
		}
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	gauges = append(gauges,
		Gauge{"sluss_read_failed", "1 when values could not be read just now.", "", failed},
		Gauge{"sluss_goroutines", "Goroutines of the program.", "", float64(runtime.NumGoroutine())},
		Gauge{"sluss_heap_bytes", "Bytes of live memory.", "", float64(mem.HeapAlloc)})
	slices.SortStableFunc(gauges, func(a, b Gauge) int { return cmp.Compare(a.Name, b.Name) })
	last := ""
	for _, g := range gauges {
		if g.Name != last {
			fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", g.Name, g.Help, g.Name)
			last = g.Name
		}
		label := ""
		if g.Label != "" {
			label = "{" + g.Label + "}"
		}
		fmt.Fprintf(w, "%s%s %s\n", g.Name, label, strconv.FormatFloat(g.Value, 'g', -1, 64))
	}
}

func (m *Metrics) writeRequests(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprint(w, "# HELP sluss_requests_total Requests that were answered.\n# TYPE sluss_requests_total counter\n")
	keys := slices.SortedFunc(maps.Keys(m.requests), func(a, b requestKey) int {
		return cmp.Or(cmp.Compare(a.area, b.area), cmp.Compare(a.method, b.method), cmp.Compare(a.class, b.class))
	})
	for _, k := range keys {
		fmt.Fprintf(w, "sluss_requests_total{area=%q,method=%q,status=\"%dxx\"} %d\n", k.area, k.method, k.class, m.requests[k])
	}
	fmt.Fprint(w, "# HELP sluss_request_seconds How long answers took.\n# TYPE sluss_request_seconds histogram\n")
	for _, area := range slices.Sorted(maps.Keys(m.seconds)) {
		h, sum := m.seconds[area], uint64(0)
		for i, b := range bounds {
			sum += h.counts[i]
			fmt.Fprintf(w, "sluss_request_seconds_bucket{area=%q,le=\"%s\"} %d\n", area, strconv.FormatFloat(b, 'g', -1, 64), sum)
		}
		sum += h.counts[len(bounds)]
		fmt.Fprintf(w, "sluss_request_seconds_bucket{area=%q,le=\"+Inf\"} %d\nsluss_request_seconds_sum{area=%q} %s\nsluss_request_seconds_count{area=%q} %d\n",
			area, sum, area, strconv.FormatFloat(h.sum, 'g', -1, 64), area, sum)
	}
}
