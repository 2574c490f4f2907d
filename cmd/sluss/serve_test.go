package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/swede"
)

// serving starts the counter and returns its address and what stops it.
func serving(t *testing.T, c *serveCmd) (url string, stop func() error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.Addr = ln.Addr().String()
	ln.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	url = "http://" + c.Addr
	for range 200 {
		select {
		case err := <-done:
			t.Fatalf("the counter stopped: %v", err)
		default:
		}
		if status, _ := get(t, url+"/healthz", ""); status == http.StatusOK {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return url, func() error { cancel(); return <-done }
}

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

func post(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// soon is a context that ends soon, for what must not go on.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestServe: the counter answers people, programs and the vault, each by its
// own right, stops when asked, and starts again on the same log.
func TestServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	credential := filepath.Join(dir, "credential")
	if err := os.WriteFile(credential, []byte("vault's own\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		url, stop := serving(t, &serveCmd{place: place{State: filepath.Join(dir, "counter")}, Credential: credential})
		if status, body := get(t, url+"/api/openapi.json", ""); status != 200 || !strings.Contains(body, `"3.1.0"`) {
			t.Errorf("description: %d", status)
		}
		if status, _ := get(t, url+"/", ""); status != 200 {
			t.Errorf("pages: %d", status)
		}
		if status, _ := get(t, url+"/api/v1/orders", "vault's own"); status != 401 {
			t.Errorf("the vault's credential at the interface for programs: %d", status)
		}
		if status := post(t, url+"/vault/v1/jobs", "vault's own"); status != 204 {
			t.Errorf("the vault: %d", status)
		}
		if status := post(t, url+"/vault/v1/jobs", "another"); status != 401 {
			t.Errorf("somebody else as the vault: %d", status)
		}
		if err := stop(); err != nil {
			t.Errorf("stopped with %v", err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "counter", "counter.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the counter's key: %v, %v", info.Mode(), err)
	}
}

// TestServeWithoutCredential has no side for the vault, and shows no case to
// somebody who is not logged in.
func TestServeWithoutCredential(t *testing.T) {
	t.Parallel()
	url, stop := serving(t, &serveCmd{place: place{State: t.TempDir()}})
	if status := post(t, url+"/vault/v1/jobs", ""); status != 404 && status != 405 {
		t.Errorf("the vault: %d", status)
	}
	if status, body := get(t, url+"/cases", ""); status == 200 && !strings.Contains(body, "/login") && strings.Contains(body, "board") {
		t.Errorf("cases without login: %d", status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// TestServeRefuses what it cannot use, before it listens.
func TestServeRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*serveCmd{
		"no such credential": {Credential: filepath.Join(dir, "none")},
		"empty credential":   {Credential: empty},
		"broken signers":     {Signers: empty},
		"broken vault key":   {VaultKey: "age1x"},
		"broken address":     {Addr: "localhost:x"},
	} {
		c.State = filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if c.Addr == "" {
			c.Addr = "127.0.0.1:0"
		}
		if err := c.Run(soon(t)); fault.ClassOf(err) != fault.Input {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestServeKnowsItsLog: another key beside a log that has been signed is
// refused, not used.
func TestServeKnowsItsLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := store.OpenSQLite(t.Context(), filepath.Join(dir, "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	storeOne(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, stop := serving(t, &serveCmd{place: place{State: dir}})
	db, err = store.OpenSQLite(t.Context(), filepath.Join(dir, "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	for signed := ""; signed == ""; time.Sleep(10 * time.Millisecond) { // until the log has been signed
		if signed, err = db.Checkpoint(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(stop(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "counter.key")); err != nil {
		t.Fatal(err)
	}
	err = (&serveCmd{place: place{State: dir}, Addr: "127.0.0.1:0"}).Run(soon(t))
	if err == nil || !strings.HasPrefix(err.Error(), "serve.other_log") {
		t.Errorf("%v", err)
	}
}

func TestEndOfDayIsSwedish(t *testing.T) {
	t.Parallel()
	for d, want := range map[string]string{"2026-07-01": "2026-07-01T22:00:00Z", "2026-12-31": "2026-12-31T23:00:00Z", "2026-03-28": "2026-03-28T23:00:00Z", "2026-03-29": "2026-03-29T22:00:00Z"} {
		end := endOf(day.MustParse(d))
		if got := end.UTC().Format(time.RFC3339); got != want || swede.CivilDay(end.Add(-time.Second)) != day.MustParse(d) {
			t.Errorf("%s ends %s, want %s", d, got, want)
		}
	}
}

func storeOne(t *testing.T, db *store.Store) {
	t.Helper()
	e := order.Entry{Version: 1, At: time.Now(), By: order.Actor{ID: "k", Role: order.RoleHandler}, Event: &order.Acknowledged{}}
	if err := db.Append(t.Context(), "FK-2026-00001", []order.Entry{e}, app.Summary{ID: "FK-2026-00001", Changed: e.At}, nil); err != nil {
		t.Fatal(err)
	}
}

// TestWatched: another address tells how the counter is, and the one that
// browsers reach does not.
func TestWatched(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	watch := ln.Addr().String()
	ln.Close()
	url, stop := serving(t, &serveCmd{place: place{State: filepath.Join(t.TempDir(), "counter")}, watching: watching{Watch: watch}})
	if status, _ := get(t, url+"/fall/191212121212?q=191212121212", ""); status == 0 {
		t.Error("no answer")
	}
	status, text := get(t, "http://"+watch+"/metrics", "")
	for _, want := range []string{`sluss_jobs{state="dead"} 0`, "sluss_purges_waiting 0", "sluss_log_unplaced 0", `sluss_requests_total{area="page",method="GET"`, "sluss_read_failed 0"} {
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%d, no %s in\n%s", status, want, text)
		}
	}
	if strings.Contains(text, "191212121212") {
		t.Error("metrics repeat what somebody asked for")
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		for _, at := range []string{url, "http://" + watch} {
			if status, body := get(t, at+path, ""); status != http.StatusOK || body != "ok\n" {
				t.Errorf("%s: %d %q", path, status, body)
			}
		}
	}
	if status, text := get(t, url+"/metrics", ""); strings.Contains(text, "sluss_jobs") {
		t.Errorf("metrics where browsers are: %d", status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if status, _ := get(t, "http://"+watch+"/healthz", ""); status != 0 {
		t.Error("something listens still")
	}
}
