package api

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"sluss/internal/canon"
)

// FuzzBody: the body of a request is read as canonical JSON, which reads as
// itself, or refused without an error of ours.
func FuzzBody(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":[true,null,"å"]}`, `{"a":1,"a":2}`, `[1e400,0.1,-0]`, `{"a":"\ud800"}`, "\xff", `{"a":{"b":{}}} x`, ``} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, raw []byte, draft bool) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(raw))
		r.Header.Set("Content-Type", "application/json")
		body, err := readJSON(httptest.NewRecorder(), r, draft)
		if err != nil {
			if body != nil {
				t.Error("a body beside a refusal")
			}
			return
		}
		if again, err := canon.Normalise(body); err != nil || !bytes.Equal(again, body) {
			t.Errorf("%q is not canonical: %v", body, err)
		}
	})
}
