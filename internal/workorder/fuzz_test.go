package workorder_test

import (
	"encoding/json"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/signed"
	"sluss/internal/workorder"
)

// FuzzCheck: whatever the counter sends, the vault answers with a refusal of
// its own, and gives no mandate.
func FuzzCheck(f *testing.F) {
	f.Add(`{"kind":"extract","order":"FK-2026-00001","decision":"x"}`)
	f.Add(`{"kind":"purge","order":"..","purge":"{\"type\":\"sluss/purge-order/v1\"}\n\n— sluss AA\n"}`)
	f.Add(`{"kind":"population","population":{"id":1,"tracking":"../.."}}`)
	cat := catalog.Builtin()
	f.Fuzz(func(t *testing.T, text string) {
		var w workorder.WorkOrder
		if json.Unmarshal([]byte(text), &w) != nil {
			return
		}
		m, err := workorder.Check(w, signed.Signers{}.Open, workorder.Known{}, cat)
		if err == nil || m.Heard || fault.ClassOf(err) != fault.Gate {
			t.Errorf("%s: %v", w.Kind, err)
		}
		var so workorder.SpecOrder
		_ = workorder.Peek(w.Spec, &so)
		if n, ok := workorder.TrackingNumber(text); ok {
			for _, c := range n {
				if c == '/' || c == '.' || c < ' ' {
					t.Errorf("number %q", n)
				}
			}
		}
	})
}

// FuzzDocument: with a decision maker who signs anything, the vault still gives
// no mandate for what does not hang together, and does not fall over.
func FuzzDocument(f *testing.F) {
	f.Add(`{"type":"sluss/decision/v1","order":"FK-2026-00001","version":1,"scope":{}}`, `{"type":"sluss/spec-order/v1","by":"x","spec":{"extracts":[{"where":[{"var":"a","in":[1]}]}]}}`)
	f.Add(`{}`, `{"spec":{"extracts":[{}],"population":{"file":{}}}}`)
	cat := catalog.Builtin()
	f.Fuzz(func(t *testing.T, decision, spec string) {
		open := func(text, _ string, _ order.Role, v any) (string, error) {
			return "x", json.Unmarshal([]byte(text), v)
		}
		for _, kind := range []workorder.Kind{workorder.Population, workorder.Extract, workorder.Deliver} {
			_, _ = workorder.Check(workorder.WorkOrder{Kind: kind, Order: "FK-2026-00001", Decision: decision, Spec: spec, Release: spec, Acceptance: &workorder.Acceptance{}, Population: &workorder.PopulationFile{}}, open, workorder.Known{}, cat)
		}
		var so workorder.SpecOrder
		if json.Unmarshal([]byte(spec), &so) == nil {
			_ = so.Spec.Problems(cat)
			_, _ = so.Spec.Hash()
		}
	})
}
