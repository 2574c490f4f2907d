package sealed

import (
	"bytes"
	"crypto/ecdh"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/chacha20poly1305"
	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
)

// theirs is a folder of what the reference program for the format has written:
// crypt4gh-keygen and crypt4gh encrypt of the Python package, 1.8.6.
const theirs = "testdata/crypt4gh"

// fresh is another folder of the kind, written by make verify just now.
func fresh() string {
	if dir := os.Getenv("SLUSS_CRYPT4GH_THEIRS"); dir != "" {
		return dir
	}
	return theirs
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

func opened(t testing.TB, b []byte, identity string) ([]byte, error) {
	t.Helper()
	r, err := Open(bytes.NewReader(b), identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// TestCrypt4GHOfOthers: keys and files of the reference program are read, and
// its keys are what it says they are.
func TestCrypt4GHOfOthers(t *testing.T) {
	t.Parallel()
	theirs := fresh()
	identity, err := ReadIdentity(filepath.Join(theirs, "key.sec"))
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(filepath.Join(theirs, "key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	want := "crypt4gh:" + strings.Split(string(pem), "\n")[1]
	for _, text := range []string{string(pem), strings.ReplaceAll(string(pem), "\n", " "), want, " " + want + "\n"} {
		if got, err := ParseRecipient(text); got != want || err != nil {
			t.Errorf("%q is read as %q, %v", text, got, err)
		}
	}
	if got, err := RecipientOf(identity); got != want || err != nil {
		t.Errorf("the public half is %q, %v", got, err)
	}
	file, err := os.ReadFile(filepath.Join(theirs, "file.c4gh"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := opened(t, file, identity); err != nil || !bytes.Equal(got, pattern(65536+1000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := ReadIdentity(filepath.Join(theirs, "locked.sec")); code(err) != "sealed.identity_locked" {
		t.Errorf("a locked key: %v", err)
	}
}

// TestCrypt4GHBytes: with keys and randomness given, the file is byte for byte
// one that the reference program opened (its hash is written here).
func TestCrypt4GHBytes(t *testing.T) {
	t.Parallel()
	identity, err := ReadIdentity(filepath.Join(theirs, "key.sec"))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := c4ghIdentity(identity)
	if err != nil {
		t.Fatal(err)
	}
	writer, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := c4ghSeal(&b, reader.PublicKey(), writer, bytes.NewReader(pattern(1000)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(pattern(70000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("SLUSS_CRYPT4GH_OUT"); dir != "" { // for the reference program: make verify
		for _, n := range []int{1, 65535, 65536, 65537, 131072, 300000} {
			forThem(t, dir, n)
		}
		if err := os.WriteFile(filepath.Join(dir, "vector.c4gh"), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sum := blake2b.Sum256(b.Bytes())
	if got := hex.EncodeToString(sum[:]); got != vector || b.Len() != 16+c4ghPacket+70000+2*c4ghOverhead {
		t.Errorf("%d bytes, BLAKE2b-256 %s", b.Len(), got)
	}
}

// forThem seals n bytes to the reference program's key, as <n>.c4gh.
func forThem(t *testing.T, dir string, n int) {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(fresh(), "key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, _, err := SealKept(&b, string(pem))
	if err == nil {
		_, err = w.Write(pattern(n))
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strconv.Itoa(n)+".c4gh"), b.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

const vector = "558cca3e3f60ad2617b5908f8b1e61bbbd294630e4029ed86bf8a5527d7f036e"

// TestCrypt4GHThereAndBack: every content opens with the recipient's identity
// and with the file's own key, in pieces of any size, and with nothing else.
func TestCrypt4GHThereAndBack(t *testing.T) {
	t.Parallel()
	identity, recipient, err := GenerateCrypt4GH()
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := GenerateCrypt4GH()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.OneOf(rapid.SampledFrom([]int{0, 1, c4ghSegment - 1, c4ghSegment, c4ghSegment + 1, 2 * c4ghSegment}), rapid.IntRange(0, 200_000)).Draw(rt, "bytes")
		piece := rapid.IntRange(1, 100_000).Draw(rt, "piece")
		plain := pattern(n)
		var b bytes.Buffer
		w, key, err := SealKept(&b, recipient)
		if err != nil {
			rt.Fatal(err)
		}
		for rest := plain; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
			if _, err := w.Write(rest[:min(piece, len(rest))]); err != nil {
				rt.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		if got, err := opened(t, b.Bytes(), identity); err != nil || !bytes.Equal(got, plain) {
			rt.Errorf("%d bytes came back as %d, %v", n, len(got), err)
		}
		kept, err := OpenKept(bytes.NewReader(b.Bytes()), key)
		if err != nil {
			rt.Fatal(err)
		}
		if got, err := io.ReadAll(kept); err != nil || !bytes.Equal(got, plain) {
			rt.Errorf("by the kept key: %v", err)
		}
		if _, err := opened(t, b.Bytes(), other); code(err) != "sealed.wrong_key" {
			rt.Errorf("another key: %v", err)
		}
		at := rapid.IntRange(0, b.Len()-1).Draw(rt, "changed")
		damaged := bytes.Clone(b.Bytes())
		damaged[at] ^= 1
		if got, err := opened(t, damaged, identity); err == nil {
			rt.Errorf("byte %d of %d changed, and %d bytes come out without an error", at, len(damaged), len(got))
		}
		cut := rapid.IntRange(0, b.Len()-1).Draw(rt, "cut")
		boundary := cut >= 16+c4ghPacket && (cut-16-c4ghPacket)%(c4ghSegment+c4ghOverhead) == 0
		if got, err := opened(t, b.Bytes()[:cut], identity); err == nil && !boundary { // at one the format has no way to tell
			rt.Errorf("cut at %d of %d, and %d bytes come out without an error", cut, b.Len(), len(got))
		}
	})
}

// TestCrypt4GHRefuses: what the format allows and we do not want.
func TestCrypt4GHRefuses(t *testing.T) {
	t.Parallel()
	identity, recipient, err := GenerateCrypt4GH()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := Seal(&b, recipient); code(err) != "sealed.recipient_kind" {
		t.Errorf("what nothing else shows to be whole is sealed so: %v", err)
	}
	w, _, err := SealKept(&b, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	with := func(at int, value uint32) []byte {
		x := bytes.Clone(good)
		binary.LittleEndian.PutUint32(x[at:], value)
		return x
	}
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"version 2":            {with(8, 2), "sealed.broken"},
		"no packets":           {with(12, 0), "sealed.broken"},
		"a million of them":    {with(12, 1_000_000), "sealed.broken"},
		"a packet of nothing":  {with(16, 3), "sealed.broken"},
		"a packet of 2 GB":     {with(16, 1<<31), "sealed.broken"},
		"another method":       {with(20, 1), "sealed.wrong_key"}, // it may be somebody else's
		"a segment of nothing": {append(bytes.Clone(good[:16+c4ghPacket]), make([]byte, c4ghOverhead)...), "sealed.broken"},
		"something behind":     {append(bytes.Clone(good), 0), "sealed.broken"},
		"no file":              {nil, "sealed.not_sealed"},
		"text":                 {[]byte("lopnr;fall_from\n"), "sealed.not_sealed"},
		"an age file":          {[]byte(header + "-> X25519"), "sealed.wrong_key"},
	} {
		if _, err := opened(t, c.file, identity); code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if _, err := opened(t, withPacket(t, identity, 1), identity); code(err) != "sealed.broken" {
		t.Errorf("an edit list: %v", err)
	}
	if got, err := opened(t, withPacket(t, identity, 0), identity); err != nil || len(got) != 0 {
		t.Errorf("a file of nothing: %v", err)
	}
	age, _, err := GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opened(t, good, age); code(err) != "sealed.wrong_key" {
		t.Errorf("an age identity: %v", err)
	}
	if !IsSealed(good[:HeadSize]) {
		t.Error("it is not seen to be sealed")
	}
	for name, key := range map[string]string{
		"short": "crypt4gh:AAAA", "long": recipient + "AAAA", "not canonical": recipient[:len(recipient)-2] + "B=", "all zero": "crypt4gh:" + strings.Repeat("A", 43) + "=",
		"secret": c4ghFile(mustKey(t, identity)), "the identity": identity,
	} {
		if got, err := ParseRecipient(key); code(err) != "sealed.recipient" {
			t.Errorf("%s is taken as %s: %v", name, got, err)
		} else if strings.Contains(err.Error(), key[10:]) {
			t.Errorf("%s: the error repeats the key", name)
		}
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := WriteIdentity(path, identity); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadIdentity(path); got != identity || err != nil {
		t.Errorf("a key comes back from its file as another: %v", err)
	}
}

// withPacket is a file without content whose one packet is of a kind: 0 holds a
// file key, 1 an edit list.
func withPacket(t testing.TB, identity string, kind uint32) []byte {
	t.Helper()
	reader := mustKey(t, identity)
	writer, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	dh, err := writer.ECDH(reader.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	aead, err := chacha20poly1305.New(c4ghShared(dh, reader.PublicKey().Bytes(), writer.PublicKey().Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	b := []byte(c4ghMagic)
	for _, n := range []uint32{1, 1, c4ghPacket, 0} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	nonce := make([]byte, chacha20poly1305.NonceSize)
	b = append(append(b, writer.PublicKey().Bytes()...), nonce...)
	return aead.Seal(b, nonce, append(binary.LittleEndian.AppendUint32(nil, kind), make([]byte, 4+32)...), nil)
}

func mustKey(t testing.TB, identity string) *ecdh.PrivateKey {
	t.Helper()
	k, err := c4ghIdentity(identity)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// FuzzCrypt4GH: no bytes make the reader of files or of keys fall over, and what
// it lets through without an error was sealed to the key.
func FuzzCrypt4GH(f *testing.F) {
	identity, err := ReadIdentity(filepath.Join(theirs, "key.sec"))
	if err != nil {
		f.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(theirs, "file.c4gh"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file[:400])
	f.Add(file[:16+c4ghPacket])
	f.Add([]byte("-----BEGIN CRYPT4GH PRIVATE KEY-----\nYzRnaC12MQAEbm9uZQ==\n-----END CRYPT4GH PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := opened(t, b, identity); err == nil && len(got) > 0 && !bytes.HasPrefix(file, b[:min(len(b), 16+c4ghPacket)]) {
			t.Errorf("%d bytes come out of what nobody sealed", len(got))
		}
		if id, err := c4ghFromFile(string(b)); err == nil {
			if _, err := RecipientOf(id); err != nil {
				t.Errorf("a key without a public half: %v", err)
			}
		}
		_, _ = ParseRecipient(string(b))
	})
}
