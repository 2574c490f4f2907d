package engineroom_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/parcel"
	"sluss/internal/rig"
	"sluss/internal/sealed"
	"sluss/internal/workorder"
)

// TestKeyLostAndSealedAgain takes a delivery through the real vault: the
// recipient has lost the key, the same files come sealed to another one of
// either kind, nothing of them lies anywhere in clear meanwhile, and the purge
// tells of all of it.
func TestKeyLostAndSealedAgain(t *testing.T) {
	t.Parallel()
	for kind, generate := range map[string]func() (string, string, error){sealed.KindAge: sealed.GenerateIdentity, sealed.KindCrypt4GH: sealed.GenerateCrypt4GH} {
		t.Run(kind, func(t *testing.T) { t.Parallel(); sealedAgain(t, generate) })
	}
}

func sealedAgain(t *testing.T, generate func() (identity, recipient string, err error)) {
	h := newHouse(t)
	b, err := os.ReadFile(filepath.Join(h.dir, "src", "population", rig.PopulationIndexed))
	if err != nil {
		t.Fatal(err)
	}
	h.mediumOf(b)
	first := h.deliver()
	lost, old := h.identity, h.counter.parcel
	manifest := h.manifest(old)
	identity, key, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(o workorder.ResealOrder) workorder.Report {
		return h.step(workorder.Reseal, func(w *workorder.WorkOrder) { w.Reseal = h.sign(order.RoleReleaser, o) })
	}
	o := workorder.ResealOrder{Type: workorder.TypeReseal, By: string(order.RoleReleaser), Order: id, Manifest: manifest, Key: key, Fingerprint: order.KeyFingerprint(key)}
	forged := o
	forged.By = "somebody"
	if r := ask(forged); r.Refused == nil {
		t.Fatalf("%+v", r)
	}
	r := ask(o)
	if r.Resealed == nil || bytes.Equal(h.counter.parcel, old) {
		t.Fatalf("%+v %+v", r, r.Refused)
	}
	h.identity = identity
	second := h.open()
	for name, text := range first {
		if len(text) < 500 || second[name] != text {
			t.Errorf("%s: %d bytes, then %d others", name, len(text), len(second[name]))
		}
	}
	if h.manifest(h.counter.parcel) != r.Resealed.Manifest || r.Resealed.Was != manifest {
		t.Errorf("%+v", r.Resealed)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "p.sluss")
	if err := os.WriteFile(path, h.counter.parcel, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := parcel.Open(t.Context(), path, lost, filepath.Join(dir, "out"), parcel.Want{Signer: parcel.Anybody()}); err == nil || !strings.Contains(err.Error(), "parcel.wrong_key") {
		t.Errorf("by the lost key: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(h.dir, "vault", "scratch")); err != nil || len(left) != 0 {
		t.Errorf("scratch: %v, %v", left, err)
	}
	h.now += 200
	p := h.step(workorder.Purge, func(w *workorder.WorkOrder) {
		w.Purge = h.sign(order.RoleRegistrar, workorder.PurgeOrder{Type: workorder.TypePurge, By: string(order.RoleRegistrar), Order: id, Reason: "due", Rule: "gallringsbeslut 1", On: h.now})
	})
	if p.Purged == nil {
		t.Fatalf("purge: %+v", p.Refused)
	}
	for _, object := range []string{"parcel/parcel.sluss@1", "parcel/parcel.key@1", "parcel/parcel-2.sluss@1", "parcel/parcel-2.key@1"} {
		if !strings.Contains(p.Purged.Protocol, object) {
			t.Errorf("the protocol does not tell of %s", object)
		}
	}
	if r := ask(o); r.Refused == nil || r.Refused.Code != "vault.purged" {
		t.Errorf("after the purge: %+v", r)
	}
}
