package parcel

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/sealed"
)

// TestReseal: the same files come out under a new key, and the lost one opens
// nothing; the manifest is the old one with another recipient.
func TestReseal(t *testing.T) {
	t.Parallel()
	h, next := newHouse(t), newHouse(t)
	s := h.sealing(t, "FK-2026-00001")
	var key, second []byte
	s.Keep = func(k []byte) { key = k }
	old := write(t, s)
	was, err := s.Manifest.Hash()
	if err != nil {
		t.Fatal(err)
	}
	r := Resealing{Manifest: was, FileKey: key, Recipient: next.recipient, Scratch: t.TempDir(), Signer: h.want(t).Signer, Sign: s.Sign, Keep: func(k []byte) { second = k }}
	var again bytes.Buffer
	hash, err := Reseal(t.Context(), &again, bytes.NewReader(old), r)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(r.Scratch); len(left) != 0 || len(key) != 16 || bytes.Equal(key, second) {
		t.Errorf("left %v; keys of %d and %d bytes", left, len(key), len(second))
	}
	path, out := place(t, again.Bytes())
	m, err := Open(t.Context(), path, next.identity, out, h.want(t))
	if err != nil {
		t.Fatal(err)
	}
	want := s.Manifest
	want.Recipient = sealed.Fingerprint(next.recipient)
	if sum, _ := want.Hash(); sum != hash || hash == was {
		t.Errorf("manifest %s, want %s", hash, sum)
	}
	if got, _ := m.Hash(); got != hash {
		t.Errorf("inside %s, told %s", got, hash)
	}
	if got, _ := os.ReadFile(filepath.Join(out, "sjukfall.csv")); string(got) != canary {
		t.Error("another file came out")
	}
	if c := refused(t, again.Bytes(), h.identity, h.want(t)); c != "parcel.wrong_key" {
		t.Errorf("by the lost key: %s", c)
	}
	if bytes.Contains(again.Bytes(), []byte("fall_from")) {
		t.Error("content is in clear")
	}
	var third bytes.Buffer // and once more, by the key that was kept this time
	r.Manifest, r.FileKey, r.Recipient = hash, second, h.recipient
	if back, err := Reseal(t.Context(), &third, bytes.NewReader(again.Bytes()), r); err != nil || back != was {
		t.Errorf("back to the first key: %s, %v", back, err)
	}
}

// TestResealRefuses: another parcel, another key, and damage anywhere stop it.
func TestResealRefuses(t *testing.T) {
	t.Parallel()
	h, next := newHouse(t), newHouse(t)
	s := h.sealing(t, "FK-2026-00001")
	var key []byte
	s.Keep = func(k []byte) { key = k }
	old := write(t, s)
	other := write(t, h.sealing(t, "FK-2026-00002"))
	was, _ := s.Manifest.Hash()
	try := func(parcel []byte, change func(*Resealing)) error {
		r := Resealing{Manifest: was, FileKey: key, Recipient: next.recipient, Scratch: t.TempDir(), Signer: h.want(t).Signer, Sign: s.Sign}
		change(&r)
		var b bytes.Buffer
		_, err := Reseal(t.Context(), &b, bytes.NewReader(parcel), r)
		if left, _ := os.ReadDir(r.Scratch); len(left) != 0 {
			t.Errorf("%v: something is left in scratch", err)
		}
		return err
	}
	same := func(*Resealing) {}
	for name, err := range map[string]error{
		"another parcel":   try(other, same),
		"another manifest": try(old, func(r *Resealing) { r.Manifest = canon.Sum([]byte("x")) }),
		"another file key": try(old, func(r *Resealing) { r.FileKey = bytes.Repeat([]byte{1}, 16) }),
		"no file key":      try(old, func(r *Resealing) { r.FileKey = nil }),
		"the same key":     try(old, func(r *Resealing) { r.Recipient = h.recipient }),
		"no key":           try(old, func(r *Resealing) { r.Recipient = "age1" }),
		"another signer":   try(old, func(r *Resealing) { r.Signer = next.want(t).Signer }),
		"cut":              try(old[:len(old)-3000], same),
	} {
		if err == nil {
			t.Errorf("%s: sealed again", name)
		}
	}
	for at := 600; at < len(old)-2048; at += 397 { // of the sealed part
		spoilt := bytes.Clone(old)
		spoilt[at] ^= 4
		if err := try(spoilt, same); err == nil && at > len(old)/2 {
			t.Errorf("byte %d is changed, and it was sealed again", at)
		}
	}
	if err := try(old, same); err != nil {
		t.Errorf("whole: %v", err)
	}
}
