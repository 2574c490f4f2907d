package store_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/store"
)

// TestLookedUp: a whole case number finds that case and no longer number that
// holds it, a part of one finds all that hold it; and digests that are asked
// for by number are still hidden from whoever must not know of the case.
func TestLookedUp(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := store.OpenSQLite(ctx, filepath.Join(t.TempDir(), "sluss.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, id := range []string{"FK-2026-00017", "FK-2026-000171", "FK-2026-00170"} {
		sum := app.Summary{ID: id, Phase: order.PhaseClosed, Changed: time.UnixMilli(1), HasDigest: true, Digest: app.Digest{Decided: `"` + id + `"`}}
		if id == "FK-2026-00170" {
			sum.Digest.Conflicts = `["kin"]`
		}
		if err := db.Append(ctx, id, nil, sum, nil); err != nil {
			t.Fatal(err)
		}
	}
	for number, want := range map[string]int{"FK-2026-00017": 1, "fk-2026-00017": 1, "FK-2026-0017": 1, "2026-00017": 2, "17": 3} {
		found, err := db.WorkList(ctx, app.WorkFilter{Number: number}, app.WorkCursor{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != want {
			t.Errorf("%s finds %d cases, want %d", number, len(found), want)
		}
	}
	for person, want := range map[string][]string{"kin": {"FK-2026-00017"}, "else": {"FK-2026-00017", "FK-2026-00170"}} {
		var got []string
		err := db.SomeDigests(ctx, app.PartDecided, []string{"FK-2026-00170", "FK-2026-00017", "FK-1999-00001"}, app.Viewer{Person: person}, func(id, _ string) error {
			got = append(got, id)
			return nil
		})
		if slices.Sort(got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s sees %v (%v), want %v", person, got, err, want)
		}
	}
}
