package vault

import (
	"errors"
	"os"
	"testing"
)

// TestExamine looks a vault over while it is open, with a destruction that was
// cut short, and finds it as it was afterwards.
func TestExamine(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	put(t, v, Object{Owner: "FK-2026-00001", Kind: "population", Name: "file"}, "one")
	kept := Object{Owner: "FK-2026-00002", Kind: "population", Name: "file"}
	rec := put(t, v, kept, "two")
	look := func(deep bool) Examined {
		t.Helper()
		x, err := Examine(t.Context(), v.dir, deep)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	if x := look(true); x != (Examined{Public: v.Public(), Objects: 2}) {
		t.Errorf("a vault at work: %+v", x)
	}
	cut := errors.New("power cut")
	v.step = func(name string) error {
		if name == "key removed" {
			return cut
		}
		return nil
	}
	if _, err := v.Destroy(t.Context(), "FK-2026-00001"); !errors.Is(err, cut) {
		t.Fatal(err)
	}
	if x := look(true); x.Unfinished != 1 || x.Objects != 1 || x.Lost != 0 {
		t.Errorf("after a cut: %+v", x)
	}
	if x := look(false); x.Unfinished != 1 {
		t.Errorf("looking finished a destruction: %+v", x)
	}
	if got, err := get(v, kept); err != nil || got != "two" {
		t.Errorf("looking changed an object: %q, %v", got, err)
	}
	if err := os.Remove(v.objectPath(rec.ID)); err != nil {
		t.Fatal(err)
	}
	if x := look(false); x.Lost != 1 {
		t.Errorf("an object is gone: %+v", x)
	}
}
