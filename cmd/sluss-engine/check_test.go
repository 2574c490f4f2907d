package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestCheckAsksTheCounter: the doctor shows the vault's credential, and sees when
// it is refused and when the two sides' clocks are apart.
func TestCheckAsksTheCounter(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name    string
		off     time.Duration
		refused bool
		want    map[string]bool
	}{
		{"agreed", 0, false, map[string]bool{"check.credential": true, "check.counter": true, "check.clock": true}},
		{"behind", -time.Hour, false, map[string]bool{"check.credential": true, "check.counter": true, "check.clock": false}},
		{"before", 2 * time.Minute, false, map[string]bool{"check.credential": true, "check.counter": true, "check.clock": false}},
		{"refused", 0, true, map[string]bool{"check.credential": true, "check.counter": false}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			counter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().Add(x.off).UTC().Format(http.TimeFormat))
				if r.Method != http.MethodGet || x.refused || r.Header.Get("Authorization") != "Bearer the credential" {
					w.WriteHeader(http.StatusUnauthorized)
				}
			}))
			defer counter.Close()
			file := filepath.Join(t.TempDir(), "credential")
			if err := os.WriteFile(file, []byte("the credential\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			found, err := (&checkCmd{Counter: counter.URL, Credential: file}).counter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if ok, asked := x.want[f.Code]; !asked || f.OK != ok {
					t.Errorf("%s: %t", f.Code, f.OK)
				}
			}
			if len(found) != len(x.want) {
				t.Errorf("%d findings, want %d", len(found), len(x.want))
			}
		})
	}
}
