package engineroom_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/fault"
	"sluss/internal/ledger"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/swede"
	"sluss/internal/vault"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

type purges []string

func (p purges) Purges(context.Context) ([]string, error) { return p, nil }

// TestPromise10BackupPurgeRestore takes a vault through a backup, a purge that
// states how long the backup may be kept, the loss of its disk and the restore:
// the kept records are back, the purged order's are not, and only the vault's
// own protocols have anything destroyed.
func TestPromise10BackupPurgeRestore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dir := filepath.Join(h.dir, "vault")
	medium := works.Object{Owner: id, Kind: works.ObjectPopulation, Name: "population-1"}
	stays := works.Object{Owner: "FK-2026-00002", Kind: works.ObjectPopulation, Name: "population-1"}
	for _, o := range []works.Object{medium, stays} {
		if _, _, err := h.vault.Put(t.Context(), o, strings.NewReader("191212121212")); err != nil {
			t.Fatal(err)
		}
	}
	records := h.service.Records
	if err := records.SaveRuling(t.Context(), "FK-2026-00002", workorder.Ruling{Version: 3}); err != nil {
		t.Fatal(err)
	}
	if err := records.SaveRuling(t.Context(), id, workorder.Ruling{Version: 2}); err != nil {
		t.Fatal(err)
	}
	identity, to, err := sealed.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	now := swede.CivilDay(h.service.Clock())
	var objects, keys bytes.Buffer
	out, err := engineroom.BackUp(t.Context(), vault.Copying{Dir: dir, Recipient: to, Made: time.Now(), Objects: &objects, ObjectsUntil: now + 365, Keys: &keys, KeysUntil: now + 35})
	if err != nil || len(out.Objects.Files) < 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	if err := records.SaveRuling(t.Context(), id, workorder.Ruling{}); err != nil {
		t.Fatal(err)
	}
	r := h.step(workorder.Purge, func(w *workorder.WorkOrder) {
		w.Purge = h.sign("registrar", workorder.PurgeOrder{Type: workorder.TypePurge, By: "registrar", Order: id, Reason: "withdrawn", Rule: "gallringsbeslut 1", On: now})
	})
	if r.Purged == nil || r.Purged.BackupsUntil != now+35 || !strings.Contains(r.Purged.Protocol, `"backups_until":"`+(now+35).String()+`"`) {
		t.Fatalf("the protocol states no date: %+v", r)
	}

	lost := filepath.Join(t.TempDir(), "vault")
	restored, err := vault.Restore(t.Context(), vault.Restoring{Dir: lost, Objects: &objects, Keys: &keys, Identity: identity, Today: now + 1})
	if err != nil || restored.Objects != 2 {
		t.Fatalf("%+v, %v", restored, err)
	}
	v, err := vault.Open(lost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	book, err := ledger.Open(t.Context(), filepath.Join(lost, engineroom.LedgerFile))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	room := engineroom.NewMailroom(lost)

	// A protocol that somebody else has signed destroys nothing and opens nothing.
	forged, err := signed.Sign(works.PurgeProtocol{Type: workorder.TypeProtocol, Order: "FK-2026-00002", On: day.Of(2026, 1, 1)}, h.private["registrar"])
	if err != nil {
		t.Fatal(err)
	}
	_, err = engineroom.Settle(t.Context(), purges{r.Purged.Protocol, forged}, v, room, book)
	if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != "settle.protocol" || !v.Unsettled() {
		t.Errorf("a forged protocol: %v", err)
	}
	if n, err := engineroom.Settle(t.Context(), purges{r.Purged.Protocol}, v, room, book); err != nil || n != 1 || v.Unsettled() {
		t.Fatalf("%d orders, %v", n, err)
	}
	if n, err := engineroom.Settle(t.Context(), nil, v, room, book); err != nil || n != 0 {
		t.Errorf("a vault that has heard asks again: %d, %v", n, err)
	}
	if _, err := v.Get(t.Context(), medium); !errors.Is(err, works.ErrNotFound) {
		t.Errorf("the purged population: %v", err)
	}
	if f, err := v.Get(t.Context(), stays); err != nil {
		t.Errorf("the other population: %v", err)
	} else {
		_ = f.Close()
	}
	if w, err := book.Ruling(t.Context(), "FK-2026-00002"); err != nil || w.Version != 3 {
		t.Errorf("the ledger: %+v, %v", w, err)
	}
	if _, err := book.Ruling(t.Context(), id); !errors.Is(err, works.ErrNotFound) {
		t.Errorf("the ledger knows the purged order: %v", err)
	}
	if p, err := book.Protocol(t.Context(), id); err != nil || p.Note != r.Purged.Protocol || p.Objects != r.Purged.Objects {
		t.Errorf("the protocol: %v", err)
	}
}
