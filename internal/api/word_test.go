package api

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/wordform"
)

// TestWordForm: the form is handed out to everybody, read for those who may
// read, and its answers are a draft.
func TestWordForm(t *testing.T) {
	t.Parallel()
	d, _ := full(t)
	empty := d.want(d.ask("", "GET", "/api/v1/forms/word/statistics", nil), 200, "")
	if _, err := wordform.Read([]byte(empty.raw), catalog.Builtin()); err != nil {
		t.Fatal(err)
	}
	d.want(d.as("elin", "GET", "/api/v1/forms/word/skattning", nil), 404, "api.not_found")
	d.want(d.ask("", "POST", "/api/v1/forms/word", nil), 401, "api.no_token")
	doc, err := wordform.Write(intake.Application{Form: intake.CurrentForm, Purpose: intake.Research, Title: "Ur Word", Data: []intake.Wish{{Register: "tfp"}}}, catalog.Builtin(), "sv")
	if err != nil {
		t.Fatal(err)
	}
	read := func(doc []byte) reply {
		return d.as("elin", "POST", "/api/v1/forms/word", string(doc), "Content-Type", wordform.Type)
	}
	r := d.want(read(doc), 200, "")
	var got WordForm
	if err := json.Unmarshal([]byte(r.raw), &got); err != nil || len(got.Wrong) != 0 || len(got.Lists) != 1 || !strings.Contains(string(got.Answers), `"Ur Word"`) {
		t.Errorf("%+v %v", got, err)
	}
	d.want(d.as("elin", "POST", "/api/v1/drafts", object{"answers": json.RawMessage(got.Answers)}), 201, "")
	d.want(read([]byte("ingen blankett")), 422, "wordform.unreadable")
	d.want(read(make([]byte, wordform.MaxBytes+1)), 422, "wordform.large")
	d.app.Malware = func(_ context.Context, data []byte) error {
		if bytes.Equal(data, doc) {
			return fault.New("scan.found", "x", "x")
		}
		return nil
	}
	d.want(read(doc), 422, "scan.found")
}
