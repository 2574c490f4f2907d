package orderrun_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/audit"
	"sluss/internal/config"
	"sluss/internal/orderrun"
	"sluss/internal/store"
)

// TestRunLeavesALogThatVerifies: the counter's log of a whole order holds
// against its key and against the checkpoint beside the results.
func TestRunLeavesALogThatVerifies(t *testing.T) {
	t.Parallel()
	state, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	var printed bytes.Buffer
	id, err := orderrun.Run(context.Background(), orderrun.Options{
		File: example(t, "research.yaml"), Name: "order.yaml", Base: "../../examples", Data: registers, Out: out, Engine: engine, Lang: "en", Print: &printed, State: state,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, printed.String())
	}
	read := func(name string) string {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	key, checkpoint := read(filepath.Join(state, orderrun.LogKeyFile)), read(filepath.Join(out, "checkpoint.note"))
	var c struct {
		Steps []struct{ Version int }
		Log   struct{ Key, Checkpoint string }
	}
	if err := json.Unmarshal([]byte(read(filepath.Join(out, "case.json"))), &c); err != nil {
		t.Fatal(err)
	}
	if c.Log.Key != strings.TrimSpace(key) || c.Log.Checkpoint != checkpoint {
		t.Error("case.json has another key or checkpoint than the files")
	}
	db, err := store.ReadSQLite(t.Context(), filepath.Join(state, "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	v, err := audit.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.Verify(t.Context(), db, v, checkpoint)
	if err != nil || r.Found != 0 || r.Waiting != 0 || int(r.Entries) != len(c.Steps) || r.HeadText != checkpoint {
		t.Errorf("%+v, %v; %d steps", r, err, len(c.Steps))
	}
	for _, s := range c.Steps {
		p, err := db.Prove(t.Context(), id, s.Version)
		if _, perr := p.Check(v); err != nil || perr != nil {
			t.Errorf("proof of step %d: %v, %v", s.Version, err, perr)
		}
	}
	if stale, err := (&app.App{Log: db, Authority: config.Authority()}).Stale(t.Context()); err != nil || len(stale) != 0 {
		t.Errorf("%v, %v", stale, err)
	}
}
