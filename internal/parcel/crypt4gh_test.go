package parcel

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/sealed"
)

// crypt4GHHouse is a house whose recipient has a Crypt4GH key.
func crypt4GHHouse(t testing.TB) house {
	t.Helper()
	h := newHouse(t)
	var err error
	if h.identity, h.recipient, err = sealed.GenerateCrypt4GH(); err != nil {
		t.Fatal(err)
	}
	return h
}

// TestCrypt4GHParcel: a parcel to a Crypt4GH key is the same parcel otherwise:
// the same notes, the same files, opened, verified and told of alike.
func TestCrypt4GHParcel(t *testing.T) {
	t.Parallel()
	h := crypt4GHHouse(t)
	s := h.sealing(t, "FK-2026-00001")
	parcel := write(t, s)
	path, out := place(t, parcel)
	outer, err := Verify(t.Context(), path, h.want(t))
	if err != nil || outer.Sealing != sealed.KindCrypt4GH || outer.Recipient != sealed.Fingerprint(h.recipient) {
		t.Fatalf("%+v, %v", outer, err)
	}
	if !bytes.Contains(parcel, []byte(nameCrypt4GH+"\x00")) || bytes.Contains(parcel, []byte(nameAge)) || bytes.Contains(parcel, []byte("age --decrypt")) || !bytes.Contains(parcel, []byte("crypt4gh decrypt --sk")) {
		t.Error("it says how an age file is opened")
	}
	if bytes.Contains(parcel, []byte("fall_from")) || bytes.Contains(parcel, []byte("kodbok")) {
		t.Error("content or names of files are in clear")
	}
	if dir := os.Getenv("SLUSS_CRYPT4GH_OUT"); dir != "" { // for the reference program: make verify
		key := filepath.Join(dir, "parcel.sec")
		if err := os.WriteFile(filepath.Join(dir, "parcel.sluss"), parcel, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := sealed.WriteIdentity(key, h.identity); err != nil {
			t.Fatal(err)
		}
	}
	m, err := Open(t.Context(), path, h.identity, out, h.want(t))
	if err != nil {
		t.Fatal(err)
	}
	wantHash, _ := s.Manifest.Hash()
	if got, _ := m.Hash(); got != wantHash || outer.Manifest != wantHash {
		t.Error("another manifest inside")
	}
	if got, err := os.ReadFile(filepath.Join(out, "sjukfall.csv")); err != nil || string(got) != canary {
		t.Errorf("file: %v", err)
	}
}

// TestThreat06Crypt4GHIsWhole: Crypt4GH by itself opens a file that has been cut
// between two segments. A parcel that has been cut there, or anywhere else, or
// changed in any place, or is for another key, order or kind, is refused; so is
// one whose outside has been signed anew over the shorter part.
func TestThreat06Crypt4GHIsWhole(t *testing.T) {
	t.Parallel()
	h, other := crypt4GHHouse(t), crypt4GHHouse(t)
	s := h.sealing(t, "FK-2026-00001")
	big := bytes.Repeat([]byte("lopnr;fall_from\n1;2024-01-01\n"), 10_000) // several segments
	if err := os.WriteFile(filepath.Join(s.Dir, "kodbok.html"), big, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Manifest.Files[2].Bytes, s.Manifest.Files[2].SHA256 = int64(len(big)), canon.Sum(big)
	parcel := write(t, s)
	path, _ := place(t, parcel)
	outer, err := Verify(t.Context(), path, h.want(t))
	if err != nil {
		t.Fatal(err)
	}
	if c := refused(t, parcel, other.identity, h.want(t)); c != "parcel.wrong_key" {
		t.Errorf("another key: %s", c)
	}
	age := newHouse(t)
	if c := refused(t, parcel, age.identity, h.want(t)); c != "parcel.wrong_key" {
		t.Errorf("an age key: %s", c)
	}
	elsewhere := h.want(t)
	elsewhere.Order = "FK-2026-00002"
	if c := refused(t, parcel, h.identity, elsewhere); c != "parcel.other_order" {
		t.Errorf("another order: %s", c)
	}
	renamed := bytes.Replace(parcel, []byte(nameCrypt4GH+"\x00"), []byte(nameAge+"\x00\x00"), 1)
	if c := refused(t, renamed, h.identity, h.want(t)); c != "parcel.changed" {
		t.Errorf("called an age file: %s", c)
	}
	for at := 0; at < len(parcel); at += 1 + len(parcel)/150 {
		damaged := bytes.Clone(parcel)
		damaged[at] ^= 1
		refused(t, damaged, h.identity, h.want(t))
	}

	// The part inside, cut between segments, under an outside that is signed anew:
	// the strict archive and the manifest still say that something is missing.
	at := bytes.LastIndex(parcel[:len(parcel)-int(outer.Bytes)], []byte("ustar")) / 512 * 512
	part := parcel[at+512 : at+512+int(outer.Bytes)]
	if !strings.HasPrefix(string(part), "crypt4gh") {
		t.Fatal("the sealed part is not where it should be")
	}
	const head, segment = 16 + 108, 65536 + 28
	cuts := 0
	for n := head; n < len(part); n += segment {
		cut := part[:n]
		note := outer
		note.SHA256, note.Bytes = canon.Sum(cut), int64(n)
		signedNote, err := s.Sign(note)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w := tarWriter{&b}
		for _, e := range []struct {
			name string
			body []byte
		}{{nameOuter, []byte(signedNote)}, {nameReadme, readme(note.Order, note.Sealing)}, {nameCrypt4GH, cut}} {
			if err := w.add(e.name, int64(len(e.body)), bytes.NewReader(e.body)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		path, _ := place(t, b.Bytes())
		if _, err := Verify(t.Context(), path, h.want(t)); err != nil {
			t.Fatalf("the outside does not hold: %v", err)
		}
		if c := refused(t, b.Bytes(), h.identity, h.want(t)); c != "parcel.cut" {
			t.Errorf("cut after %d bytes: %s", n, c)
		}
		cuts++
	}
	if cuts < 4 {
		t.Errorf("%d cuts", cuts)
	}
}

// TestCrypt4GHSealedAgain: from one kind of key to the other and back, by the
// key that the vault keeps.
func TestCrypt4GHSealedAgain(t *testing.T) {
	t.Parallel()
	h, archive := newHouse(t), crypt4GHHouse(t)
	s := h.sealing(t, "FK-2026-00001")
	var key []byte
	s.Keep = func(k []byte) { key = k }
	parcel := write(t, s)
	manifest, err := s.Manifest.Hash()
	if err != nil {
		t.Fatal(err)
	}
	for i, to := range []house{archive, crypt4GHHouse(t), h} {
		var again bytes.Buffer
		var next []byte
		r := Resealing{Manifest: manifest, FileKey: key, Recipient: to.recipient, Scratch: t.TempDir(), Signer: h.want(t).Signer, Sign: s.Sign, Keep: func(k []byte) { next = k }}
		hash, err := Reseal(context.Background(), &again, bytes.NewReader(parcel), r)
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		path, out := place(t, again.Bytes())
		if _, err := Open(t.Context(), path, to.identity, out, h.want(t)); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
		if got, _ := os.ReadFile(filepath.Join(out, "sjukfall.csv")); string(got) != canary {
			t.Errorf("step %d: another file came out", i)
		}
		r.FileKey = bytes.Clone(next)
		r.FileKey[0] ^= 1
		r.Manifest, r.Recipient = hash, h.recipient
		if _, err := Reseal(t.Context(), &bytes.Buffer{}, bytes.NewReader(again.Bytes()), r); err == nil {
			t.Errorf("step %d: opened with another file's key", i)
		}
		parcel, manifest, key = again.Bytes(), hash, next
	}
}
