//go:build unix

package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web"
	"sluss/internal/web/page"
)

// line is one page as one role. Times are in milliseconds.
type line struct {
	Pattern string     `json:"pattern"`
	Path    string     `json:"path"`
	Role    order.Role `json:"role"`
	Persona string     `json:"persona"`
	P50     float64    `json:"p50_ms"`
	P99     float64    `json:"p99_ms"`
	Max     float64    `json:"max_ms"`
	// CPU is the processor time of the whole program while the page was made,
	// the collector's and what runs beside included: what the machine does else
	// does not count in it.
	CPU     float64 `json:"cpu_p50_ms"`
	CPUSlow float64 `json:"cpu_p90_ms"`
	// Stolen is how many requests came while the machine under ours took a
	// processor away; they are asked again, and only Max has their times.
	Stolen int `json:"stolen"`
	times  int
	Bytes  int  `json:"bytes"` // of the answer, compressed
	File   bool `json:"file"`  // something to keep, made when it is asked for: no page
}

// warm is how many requests go before those that count.
const warm = 3

// reader is a persona in a role; the zero value is nobody.
type reader struct {
	persona string
	role    order.Role
	cookie  *http.Cookie
}

// measure asks for every page as every role, slowest first. streams are
// addresses that go on telling.
func measure(ctx context.Context, c *counter, z size) (lines []line, streams []string, err error) {
	var readers []reader
	var entered time.Time
	for _, r := range web.Routes() {
		if r.Example == "" || !z.only.MatchString(r.Pattern) {
			continue
		}
		// Some pages want a login that is not older than ten minutes.
		if time.Since(entered) > app.FreshFor/2 {
			if readers, err = c.enter(ctx); err != nil {
				return nil, nil, err
			}
			entered = time.Now()
		}
		path, err := c.address(r.Example)
		if err != nil { // a counter that was kept from before that case
			fmt.Fprintln(os.Stderr, "not measured:", err)
			continue
		}
		roles := r.As
		if roles == nil {
			roles = []order.Role{""}
		}
		for _, role := range roles {
			by, kind, ok := c.find(ctx, readers, role, path, max(r.Status, http.StatusOK))
			switch {
			case !ok:
				fmt.Fprintf(os.Stderr, "%s: nobody can open it as %q\n", path, role)
			case strings.HasPrefix(kind, "text/event-stream"):
				if !slices.Contains(streams, r.Pattern) {
					streams = append(streams, r.Pattern)
				}
			default:
				l, err := c.ask(ctx, r, path, by, z.times)
				if err != nil {
					return nil, nil, err
				}
				l.File = !strings.HasPrefix(kind, "text/html")
				lines = append(lines, l)
			}
		}
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(b.P99, a.P99), strings.Compare(a.Pattern, b.Pattern), cmp.Compare(a.Role, b.Role))
	})
	return lines, streams, nil
}

// enter logs everybody in, in each of their roles.
func (c *counter) enter(ctx context.Context) ([]reader, error) {
	out := []reader{{}}
	for _, p := range showcase.Cast() {
		for _, role := range p.Roles {
			in, err := c.login.EnterPersona(ctx, p.ID, "")
			if err != nil {
				return nil, err
			}
			if role != p.Roles[0] {
				if in.Secret, err = c.login.TakeRole(ctx, in.Secret, role); err != nil {
					return nil, err
				}
			}
			out = append(out, reader{p.ID, role, c.login.VisitCookie(in.Secret)})
		}
	}
	return out, nil
}

var named = regexp.MustCompile(`\{(?:case:)?([a-z_]+)\}`)

// address fills the showcase's names into an example.
func (c *counter) address(example string) (path string, err error) {
	path = named.ReplaceAllStringFunc(example, func(s string) string {
		name := named.FindStringSubmatch(s)[1]
		name = cmp.Or(map[string]string{"letter": "letter_new", "draft": "draft_complete"}[name], name)
		id := c.Shown.Cases[showcase.Situation(name)]
		if id == "" {
			err = fmt.Errorf("%s: the showcase has no %s", example, name)
		}
		return id
	})
	return path, err
}

// find is the first of the role's people who can open a page, and what kind of
// answer it is.
func (c *counter) find(ctx context.Context, readers []reader, role order.Role, path string, status int) (by reader, kind string, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for _, by := range readers {
		if by.role != role {
			continue
		}
		short := ctx
		if strings.HasSuffix(path, "/events") || strings.HasSuffix(path, "/stream") {
			var end context.CancelFunc
			short, end = context.WithTimeout(ctx, 100*time.Millisecond)
			defer end()
		}
		w := c.get(short, path, by)
		if w.Code == status {
			return by, w.Header().Get("Content-Type"), true
		}
	}
	return reader{}, "", false
}

func (c *counter) get(ctx context.Context, path string, by reader) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", "sv")
	r.Header.Set("Accept-Encoding", "gzip")
	if by.cookie != nil {
		r.AddCookie(by.cookie)
	}
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	return w
}

// ask measures a page as a reader.
func (c *counter) ask(ctx context.Context, r page.Route, path string, by reader, times int) (line, error) {
	l := line{Pattern: strings.TrimPrefix(r.Pattern, "GET "), Path: path, Role: by.role, Persona: by.persona, times: times}
	var took, worked []time.Duration
	var longest time.Duration
	for i := 0; len(took) < times; i++ {
		away, begin, busy := stolen(), time.Now(), processor()
		w := c.get(ctx, path, by)
		d, b := time.Since(begin), processor()-busy
		if l.Bytes = w.Body.Len(); w.Code != max(r.Status, http.StatusOK) {
			return l, fmt.Errorf("%s as %q answers %d", path, by.role, w.Code)
		}
		if i < warm {
			continue
		}
		longest = max(longest, d)
		if stolen() != away && l.Stolen < times {
			l.Stolen++
			continue
		}
		took, worked = append(took, d), append(worked, b)
	}
	slices.Sort(took)
	slices.Sort(worked)
	l.CPU, l.CPUSlow = ms(at(worked, 0.5)), ms(at(worked, 0.9))
	l.P50, l.P99, l.Max = ms(at(took, 0.5)), ms(at(took, 0.99)), ms(longest)
	return l, nil
}

// at is the quantile q of sorted times: the smallest time that at least that
// share of them keeps to.
func at(l []time.Duration, q float64) time.Duration {
	i := int(math.Ceil(q*float64(len(l)))) - 1
	return l[min(max(i, 0), len(l)-1)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// processor is the processor time that the program has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stolen is the time, in the system's own unit, that the machine under this
// virtual one has had a processor for something else while we wanted it: the
// column steal of /proc/stat (proc_stat(5)). 0 where the system does not tell.
func stolen() uint64 {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	all, _, _ := strings.Cut(string(b), "\n")
	f := strings.Fields(all)
	const steal = 8
	if len(f) <= steal {
		return 0
	}
	n, err := strconv.ParseUint(f[steal], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
