package pull_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"sluss/internal/api"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/coverage"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/pull"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

var _ works.Counter = (*pull.Client)(nil)

// counter is the other side, with an answer for every call.
type counter struct {
	work    []workorder.WorkOrder
	err     error
	file    io.Reader
	parcel  []byte
	reports map[string]workorder.Report
	calls   int
	alive   []string
	told    []coverage.Published
}

func (c *counter) Abandoned(context.Context, string) error { return nil }

func (c *counter) NextWork(context.Context, string) (w workorder.WorkOrder, err error) {
	c.calls++
	if c.err != nil {
		return w, c.err
	}
	if len(c.work) == 0 {
		return w, app.ErrNotFound
	}
	w, c.work = c.work[0], c.work[1:]
	return w, nil
}

func (c *counter) OpenPopulation(_ context.Context, job string) (io.ReadCloser, error) {
	c.calls++
	if job != "FK-2026-00001.9" {
		return nil, app.ErrNotFound
	}
	return io.NopCloser(c.file), c.err
}

func (c *counter) PutParcel(_ context.Context, _ string, r io.Reader) error {
	c.calls++
	b, err := io.ReadAll(r)
	if err == nil {
		c.parcel = b
	}
	return errors.Join(err, c.err)
}

func (c *counter) Take(_ context.Context, job string, r workorder.Report) error {
	c.calls++
	c.reports[job] = r
	return c.err
}

func (c *counter) Purges(context.Context) ([]string, error) { return []string{"protocol"}, nil }

func (c *counter) Alive(_ context.Context, job string) error {
	c.calls++
	c.alive = append(c.alive, job)
	return c.err
}

func (c *counter) PublishCoverage(_ context.Context, p coverage.Published) error {
	c.calls++
	c.told = append(c.told, p)
	return c.err
}

const credential = "a-long-credential"

// start serves the counter and returns its address and the log.
func start(t *testing.T, c *counter, credential string) (string, *bytes.Buffer) {
	t.Helper()
	c.reports = map[string]workorder.Report{}
	var log bytes.Buffer
	mux := http.NewServeMux()
	api.Vault(mux, c, credential, slog.New(slog.NewTextHandler(&log, nil)))
	srv := httptest.NewUnstartedServer(mux)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(io.Discard, nil), slog.LevelError)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL, &log
}

func client(t *testing.T, url, credential string) *pull.Client {
	t.Helper()
	c, err := pull.New(url, credential)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCoverageIsPublished: what the vault tells of its registers comes through
// as it was told; without the credential nobody can tell anything.
func TestCoverageIsPublished(t *testing.T) {
	t.Parallel()
	c := &counter{}
	url, _ := start(t, c, credential)
	share := coverage.Percent(96_42)
	p := coverage.Published{Type: coverage.TypePublished, Snapshot: "s1", Seen: 20_000, Registers: []coverage.PublishedRegister{
		{ID: "midas_sjuk", Curves: []coverage.Curve{{Stratum: coverage.All, Points: []coverage.Point{{Month: "2026-07", Completeness: &share}}}}},
	}}
	if err := client(t, url, credential).PublishCoverage(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if len(c.told) != 1 || *c.told[0].Register("midas_sjuk").Curves[0].Points[0].Completeness != share || c.told[0].Seen != 20_000 {
		t.Errorf("%+v", c.told)
	}
	if err := client(t, url, "another").PublishCoverage(t.Context(), p); err == nil || len(c.told) != 1 {
		t.Errorf("told without the credential: %v", err)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	file := strings.Repeat("sealed bytes \x00\xff", 100_000)
	c := &counter{file: strings.NewReader(file), work: []workorder.WorkOrder{{ID: "FK-2026-00001.9", Kind: workorder.Population, Order: "FK-2026-00001", Decision: "note\n— sig\n", Today: 20000}}}
	url, _ := start(t, c, credential)
	p := client(t, url+"/", " "+credential+"\n") // as it stands in a file
	ctx := t.Context()
	w, err := p.Next(ctx)
	if err != nil || w.Decision != "note\n— sig\n" || w.Kind != workorder.Population || w.Today != 20000 {
		t.Fatalf("%+v, %v", w, err)
	}
	if _, err := p.Next(ctx); !errors.Is(err, works.ErrNothing) {
		t.Errorf("no work: %v", err)
	}
	r, err := p.Population(ctx, w.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != file || r.Close() != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := p.PutParcel(ctx, w.ID, strings.NewReader(file)); err != nil || canon.Sum(c.parcel) != canon.Sum([]byte(file)) {
		t.Errorf("parcel of %d bytes, %v", len(c.parcel), err)
	}
	if err := p.Alive(ctx, w.ID); err != nil || len(c.alive) != 1 || c.alive[0] != w.ID {
		t.Errorf("alive: %v, %v", c.alive, err)
	}
	report := workorder.Report{Population: &order.PopulationChecked{ID: 1, Persons: 9, Counts: map[string]int{"format": 2}}}
	if err := p.Report(ctx, w.ID, report); err != nil || c.reports[w.ID].Population.Counts["format"] != 2 {
		t.Errorf("%+v, %v", c.reports, err)
	}
}

// TestOnlyTheVault: without exactly the credential nothing behind the wall is
// even asked; a counter without a credential lets nobody in.
func TestOnlyTheVault(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ house, header string }{
		"none":                  {credential, ""},
		"empty":                 {credential, "Bearer "},
		"wrong":                 {credential, "Bearer a-long-credentiaL"},
		"longer":                {credential, "Bearer " + credential + "x"},
		"not a bearer":          {credential, credential},
		"another scheme":        {credential, "Basic " + credential},
		"empty counter, empty":  {"", "Bearer "},
		"empty counter, none":   {"", ""},
		"empty counter, header": {"", "Bearer x"},
	} {
		c := &counter{}
		url, _ := start(t, c, tt.house)
		for _, call := range []struct{ method, path string }{
			{"POST", "/vault/v1/jobs"}, {"GET", "/vault/v1/jobs/j/population"}, {"PUT", "/vault/v1/jobs/j/parcel"}, {"POST", "/vault/v1/jobs/j/report"},
		} {
			req, err := http.NewRequestWithContext(t.Context(), call.method, url+call.path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			if tt.header != "" {
				req.Header.Set("Authorization", tt.header)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusUnauthorized || c.calls != 0 || resp.Header.Get("Content-Type") != "application/problem+json" || !json.Valid(body) {
				t.Errorf("%s: %s %s: %d, %d calls: %s", name, call.method, call.path, resp.StatusCode, c.calls, body)
			}
		}
	}
	c := &counter{}
	url, _ := start(t, c, credential)
	if _, err := client(t, url, "wrong").Next(t.Context()); err == nil || !strings.Contains(err.Error(), "401 vault.credential") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("%v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://sluss.example", "https://sluss.example:8443/disk/", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080"} {
		if _, err := pull.New(good, "c"); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"http://sluss.example", "http://127.0.0.2", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "ftp://sluss.example", "sluss.example", "", "https://", "file:///etc",
		"https://me:secret@sluss.example", "https://sluss.example?x=1", "://",
	} {
		if _, err := pull.New(bad, "c"); err == nil {
			t.Errorf("%q is taken", bad)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error repeats the secret", bad)
		}
	}
	for _, empty := range []string{"", " \n"} {
		if _, err := pull.New("https://sluss.example", empty); err == nil {
			t.Error("an empty credential is taken")
		}
	}
}

// TestRedirects are not followed: the credential stays with the counter.
func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere := 0
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer thief.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.RedirectHandler(thief.URL, status))
		p := client(t, srv.URL, credential)
		if _, err := p.Next(t.Context()); err == nil {
			t.Errorf("%d is taken for an answer", status)
		}
		if err := p.PutParcel(t.Context(), "j", strings.NewReader("x")); err == nil {
			t.Errorf("%d is taken for a receipt", status)
		}
		srv.Close()
	}
	if elsewhere != 0 {
		t.Errorf("%d calls went elsewhere", elsewhere)
	}
}

// TestFaults: refusals keep their code, the rest tells nothing of the inside,
// and a file that breaks off is never taken for a whole one.
func TestFaults(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := &counter{err: &fault.Fault{Code: "order.purged", Class: fault.Gate, EN: "Gone."}}
	url, log := start(t, c, credential)
	p := client(t, url, credential)
	if _, err := p.Next(ctx); err == nil || !strings.Contains(err.Error(), "409 order.purged") {
		t.Errorf("a refusal: %v", err)
	}
	c.err = errors.New("disk full at /secret/place")
	if _, err := p.Next(ctx); err == nil || !strings.Contains(err.Error(), "500 internal") || strings.Contains(err.Error(), "secret") || !strings.Contains(log.String(), "disk full") {
		t.Errorf("a fault inside: %v", err)
	}
	c.err = nil
	if _, err := p.Population(ctx, "FK-2026-00001.10"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("an unknown job: %v", err)
	}
	c.file = io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), iotest.ErrReader(errors.New("disk")))
	r, err := p.Population(ctx, "FK-2026-00001.9")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err == nil {
		t.Error("a file that breaks off reads as whole")
	}
	r.Close()
	if err := p.PutParcel(ctx, "j", io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), iotest.ErrReader(errors.New("key is gone")))); err == nil || c.parcel != nil {
		t.Errorf("a parcel that breaks off: %v, %d bytes stored", err, len(c.parcel))
	}
	for name, body := range map[string]string{
		"unknown field": `{"purged":{},"more":1}`, "broken": `{"purged":`, "two": `{} {}`, "too large": `{"retry":"` + strings.Repeat("x", 5<<20) + `"}`,
	} {
		req, err := http.NewRequestWithContext(ctx, "POST", url+"/vault/v1/jobs/j/report", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+credential)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusConflict || len(c.reports) != 0 {
			t.Errorf("%s: %d, %v", name, resp.StatusCode, c.reports)
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":"j","project":"somebody else's"}`)
	}))
	defer srv.Close()
	if _, err := client(t, srv.URL, credential).Next(ctx); err == nil {
		t.Error("a work order with an unknown field is taken")
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.Next(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
