//go:build unix

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"sluss/internal/api"
)

// driver asks the counter as its users would.
type driver struct {
	url    string
	tokens map[string]string
	ids    []string
	client *http.Client

	mu       sync.Mutex
	steps    []int // of each case: the next command
	busy     []bool
	rnd      *rand.Rand
	answers  map[string]int
	failed   int
	firstBad string
}

func (d *driver) prepare() {
	d.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConns: 400, MaxIdleConnsPerHost: 400}}
	d.steps, d.busy, d.answers = make([]int, len(d.ids)), make([]bool, len(d.ids)), map[string]int{}
	d.rnd = rand.New(rand.NewPCG(1, 2))
}

// step is one command in the round that each case goes.
type step struct {
	name string
	by   string // "" = the case's handler
	body func(n int) any
}

type object = map[string]any

var round = []step{
	{"return_draft", ordererID, func(int) any { return object{"text": "Kan det bli färre timmar?"} }},
	{"draft_quote", "", func(int) any { return object{"terms": api.Terms(terms)} }},
	{"request_supplement", "", func(int) any {
		return object{"parts": []string{"title"}, "text": "Förtydliga gärna titeln.", "due_days": 10}
	}},
	{"answer_supplement", ordererID, func(n int) any { return object{"application": application(n)} }},
	{"confirm_complete", "", func(int) any { return object{} }},
}

// take picks a case that no command is under way in.
func (d *driver) take() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		if n := d.rnd.IntN(len(d.ids)); !d.busy[n] {
			d.busy[n] = true
			return n
		}
	}
}

func (d *driver) any() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rnd.IntN(len(d.ids))
}

// command gives the next command of some case.
func (d *driver) command(ctx context.Context) {
	n := d.take()
	s := round[d.steps[n]%len(round)]
	d.ask(ctx, cmp.Or(s.by, d.handler(n)), http.MethodPost, "/api/v1/orders/"+d.ids[n]+"/commands/"+s.name, s.body(n))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.steps[n]++
	d.busy[n] = false
}

// handler is whose case it is.
func (d *driver) handler(n int) string { return handlerID(n) }

// list looks at a work list: a handler's own, the whole office's, or what is
// due first.
func (d *driver) list(ctx context.Context) {
	n := d.any()
	query := []string{"assigned=me", "limit=50", "order=due", "assigned=me&order=due", "phase=draft_quote", "number=" + strconv.Itoa(n)}[n%6]
	d.ask(ctx, handlerID(n), http.MethodGet, "/api/v1/worklist?"+query, nil)
}

// open opens a case and its log.
func (d *driver) open(ctx context.Context) {
	n := d.any()
	d.ask(ctx, handlerID(n+1), http.MethodGet, "/api/v1/orders/"+d.ids[n], nil)
}

// ask sends a request and reads the whole answer.
func (d *driver) ask(ctx context.Context, who, method, path string, body any) {
	status, bad := d.send(ctx, who, method, path, body)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers[strconv.Itoa(status)]++
	if status != http.StatusOK {
		if d.failed++; d.firstBad == "" {
			d.firstBad = bad
		}
	}
}

func (d *driver) send(ctx context.Context, who, method, path string, body any) (status int, bad string) {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return 0, err.Error()
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, d.url+path, in)
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Authorization", "Bearer "+d.tokens[who])
	req.Header.Set("Content-Type", "application/json")
	res, err := d.client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, fmt.Sprintf("%s: %d %.300s", path, res.StatusCode, answer)
}

// warm asks a little of everything, uncounted.
func (d *driver) warm(ctx context.Context) error {
	for range 50 {
		d.list(ctx)
		d.open(ctx)
		d.command(ctx)
	}
	if d.failed > 0 {
		return fmt.Errorf("while warming up: %s", d.firstBad)
	}
	clear(d.answers)
	return nil
}

// openLoop asks at fixed moments for a while and returns the latencies of each
// kind, sorted. They count from the moment at which a request was to be sent.
func (d *driver) openLoop(ctx context.Context, length time.Duration) map[string][]time.Duration {
	out := map[string][]time.Duration{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for name, kind := range map[string]struct {
		rate int
		do   func(context.Context)
	}{"command": {commandRate, d.command}, "list": {listRate, d.list}, "open": {openRate, d.open}} {
		all.Go(func() {
			begin := time.Now()
			var under sync.WaitGroup
			for i := range int(length.Seconds() * float64(kind.rate)) {
				due := begin.Add(time.Duration(i) * time.Second / time.Duration(kind.rate))
				time.Sleep(time.Until(due))
				under.Go(func() {
					kind.do(ctx)
					took := time.Since(due)
					mu.Lock()
					out[name] = append(out[name], took)
					mu.Unlock()
				})
			}
			under.Wait()
		})
	}
	all.Wait()
	for _, l := range out {
		slices.Sort(l)
	}
	return out
}

// saturated gives commands as fast as they are taken and returns how many a
// second that is.
func (d *driver) saturated(ctx context.Context, length time.Duration) float64 {
	var n atomic.Int64
	var g sync.WaitGroup
	begin := time.Now()
	for range 16 {
		g.Go(func() {
			for time.Since(begin) < length {
				d.command(ctx)
				n.Add(1)
			}
		})
	}
	g.Wait()
	return float64(n.Load()) / time.Since(begin).Seconds()
}

func (d *driver) failures() int { return d.failed }

func (d *driver) firstFailure() string { return d.firstBad }

// tally is how often each status was answered.
func (d *driver) tally() (out []string) {
	for _, status := range slices.Sorted(maps.Keys(d.answers)) {
		out = append(out, fmt.Sprintf("%s: %d", status, d.answers[status]))
	}
	return out
}

// at is the quantile q of sorted latencies.
func at(l []time.Duration, q float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(int(q*float64(len(l))), len(l)-1)]
}

func ms(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64)
}
