package parcel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

func codeOf(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return fmt.Sprint(err)
}

// TestThreat05StickHoldsCiphertextOnly: a stick holds the parcel, or its parts
// and their list, and a README, all of them whole; nothing of the content and no
// name but the case's; and it opens with the recipient's key.
func TestThreat05StickHoldsCiphertextOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sealed := write(t, h.sealing(t, "FK-2026-00001"))
	path, _ := place(t, sealed)
	want := h.want(t)
	want.Order = "FK-2026-00001"
	for _, size := range []int64{0, 1500} {
		dir := filepath.Join(t.TempDir(), "stick")
		outer, sum, err := WriteStick(t.Context(), Stick{Parcel: path, Dir: dir, Want: want, PartSize: size})
		if err != nil {
			t.Fatal(err)
		}
		if outer.Order != want.Order || sum != canon.Sum(sealed) {
			t.Errorf("size %d: %s, %s", size, outer.Order, sum)
		}
		there, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range there {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if size > 0 && int64(len(b)) > size || strings.HasSuffix(e.Name(), halfWritten) {
				t.Errorf("size %d: %s has %d bytes", size, e.Name(), len(b))
			}
			for _, secret := range []string{"2024-01-01", "fall_from", "sjukfall.csv", "kodbok", "AGE-SECRET"} {
				if bytes.Contains(b, []byte(secret)) {
					t.Errorf("%s holds %q", e.Name(), secret)
				}
			}
		}
		first := "FK-2026-00001.sluss"
		if size > 0 {
			first += ".001"
		}
		if _, err := Open(t.Context(), filepath.Join(dir, first), h.identity, filepath.Join(t.TempDir(), "out"), want); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
		// A second delivery does not fit beside the first, and does not touch it.
		if _, _, err := WriteStick(t.Context(), Stick{Parcel: path, Dir: dir, Want: want}); codeOf(err) != "stick.not_empty" {
			t.Errorf("a used stick: %v", err)
		}
	}
}

// TestThreat06StickOfAnotherParcel: a parcel of another order or signer, or one
// that has been changed or cut, never reaches the stick.
func TestThreat06StickOfAnotherParcel(t *testing.T) {
	t.Parallel()
	h, other := newHouse(t), newHouse(t)
	sealed := write(t, h.sealing(t, "FK-2026-00001"))
	want := h.want(t)
	want.Order = "FK-2026-00001"
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)/2] ^= 1
	elsewhere := want
	elsewhere.Order = "FK-2026-00002"
	stranger := other.want(t)
	for _, c := range []struct {
		parcel []byte
		want   Want
		code   string
	}{
		{sealed, elsewhere, "parcel.other_order"},
		{sealed, stranger, "parcel.wrong_signer"},
		{flipped, want, "parcel.sealed_part"},
		{sealed[:len(sealed)-700], want, "parcel.cut"},
		{[]byte("something else"), want, "parcel.not_parcel"},
	} {
		path, _ := place(t, c.parcel)
		dir := filepath.Join(t.TempDir(), "stick")
		if _, _, err := WriteStick(t.Context(), Stick{Parcel: path, Dir: dir, Want: c.want}); codeOf(err) != c.code {
			t.Errorf("%s: %v", c.code, err)
		}
		if there(dir) {
			t.Errorf("%s: something was written", c.code)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: the folder has been made", c.code)
		}
	}
}

// TestStickIsWholeOrNot: what stops a run leaves no file that looks whole, and
// the next run starts afresh; what the medium is like is told.
func TestStickIsWholeOrNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sealed := write(t, h.sealing(t, "FK-2026-00001"))
	path, _ := place(t, sealed)
	want := h.want(t)
	dir := t.TempDir()
	for _, name := range []string{"FK-2026-00001.sluss.half", "FK-2026-00001.sluss.001.half"} { // of a killed run
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "System Volume Information"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := stickWriter{ctx: ctx, dir: dir, whole: "FK-2026-00001.sluss", total: int64(len(sealed)), size: StickPart, parts: 1}
	var err error
	if w.src, err = openSource(path); err != nil {
		t.Fatal(err)
	}
	defer w.src.Close()
	if _, err := w.write("FK-2026-00001"); err == nil || there(filepath.Join(dir, "FK-2026-00001.sluss")) {
		t.Errorf("an interrupted run: %v", err)
	}
	if _, _, err := WriteStick(t.Context(), Stick{Parcel: path, Dir: dir, Want: want}); err != nil {
		t.Errorf("the run after it: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.half"))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	w.ctx = t.Context()
	for err, code := range map[error]string{syscall.ENOSPC: "stick.full", syscall.EROFS: "stick.unwritable", syscall.EIO: "stick.unwritable", misread("x"): "stick.misread"} {
		if got := codeOf(w.wrong(fmt.Errorf("write: %w", err))); got != code {
			t.Errorf("%v is told as %s", err, got)
		}
	}
}
