package sealed

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
)

func pair(t testing.TB) (identity, recipient string) {
	t.Helper()
	identity, recipient, err := GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return identity, recipient
}

func seal(t testing.TB, recipient string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := Seal(&b, recipient)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

func unseal(file []byte, identity string) ([]byte, error) {
	r, err := Open(bytes.NewReader(file), identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	identity, recipient := pair(t)
	for _, size := range []int{0, 1, 65535, 65536, 65537, 300_000} {
		content := bytes.Repeat([]byte("x"), size)
		file := seal(t, recipient+"\n", content)
		if !IsSealed(file) || IsSealed(file[:5]) || bytes.Contains(file, []byte("xxxx")) {
			t.Errorf("%d bytes: not sealed", size)
		}
		got, err := unseal(file, identity)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: %d back, %v", size, len(got), err)
		}
	}
	again, err := RecipientOf(identity)
	if err != nil || again != recipient {
		t.Errorf("recipient of the identity: %q, %v", again, err)
	}
	if f := Fingerprint(recipient); len(f) != 39 || f == Fingerprint(identity) {
		t.Errorf("fingerprint %q", f)
	}
}

// Any changed bit and any cut is found, in whatever place.
func TestChangedOrCut(t *testing.T) {
	t.Parallel()
	identity, recipient := pair(t)
	file := seal(t, recipient, bytes.Repeat([]byte("0123456789"), 15_000))
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(file)-1).Draw(t, "at")
		bad := bytes.Clone(file)
		bad[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := unseal(bad, identity); fault.ClassOf(err) != fault.Input {
			t.Fatalf("byte %d changed: %v", at, err)
		}
		if _, err := unseal(file[:at], identity); fault.ClassOf(err) != fault.Input {
			t.Fatalf("cut at %d: %v", at, err)
		}
	})
	if _, err := unseal(append(bytes.Clone(file), 0), identity); code(err) != "sealed.broken" {
		t.Errorf("a byte added: %v", err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	identity, recipient := pair(t)
	other, _ := pair(t)
	file := seal(t, recipient, []byte("content"))
	for name, tt := range map[string]struct {
		file     []byte
		identity string
		want     string
	}{
		"another key":  {file, other, "sealed.wrong_key"},
		"no key":       {file, "AGE-SECRET-KEY-1", "sealed.identity"},
		"a public key": {file, recipient, "sealed.identity"},
		"plain text":   {[]byte("personnummer;lopnr\n"), identity, "sealed.not_sealed"},
		"empty":        {nil, identity, "sealed.not_sealed"},
		"only half":    {file[:len(file)-3], identity, "sealed.broken"},
		"only a head":  {file[:10], identity, "sealed.broken"},
	} {
		_, err := unseal(tt.file, tt.identity)
		if code(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "AGE-SECRET") && tt.identity != "AGE-SECRET-KEY-1" && !strings.Contains(err.Error(), "begins") {
			t.Errorf("%s: the fault repeats the key", name)
		}
	}
	disk := errors.New("disk gone")
	r, err := Open(io.MultiReader(bytes.NewReader(file[:len(file)-5]), iotest.ErrReader(disk)), identity)
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if !errors.Is(err, disk) || code(err) != "" {
		t.Errorf("a broken disk: %v", err)
	}
	for _, bad := range []string{"", "age1", recipient[:60], identity, "ssh-ed25519 AAAA"} {
		if _, err := Seal(io.Discard, bad); code(err) != "sealed.recipient" || strings.Contains(err.Error(), identity) {
			t.Errorf("recipient of %d characters: %v", len(bad), err)
		}
	}
}

func TestIdentityFile(t *testing.T) {
	t.Parallel()
	identity, recipient := pair(t)
	path := filepath.Join(t.TempDir(), "key.txt")
	if err := WriteIdentity(path, identity); err != nil {
		t.Fatal(err)
	}
	s, err := os.Stat(path)
	if err != nil || s.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("mode %v, %v", s.Mode(), err)
	}
	if got, err := ReadIdentity(path); err != nil || got != identity {
		t.Errorf("read back: %v", err)
	}
	second, _ := pair(t)
	if err := WriteIdentity(path, second); code(err) != "sealed.exists" {
		t.Errorf("written over: %v", err)
	}
	if got, _ := ReadIdentity(path); got != identity {
		t.Error("the first key is gone")
	}
	if err := WriteIdentity(filepath.Join(t.TempDir(), "no", "such"), identity); code(err) != "sealed.unwritable" {
		t.Errorf("no folder: %v", err)
	}
	if _, err := ReadIdentity(path + "x"); code(err) != "sealed.no_identity" {
		t.Errorf("no file: %v", err)
	}
	for _, text := range []string{"", recipient, identity + "\n" + second, "# " + identity} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadIdentity(path); code(err) != "sealed.identity" {
			t.Errorf("%d lines: %v", strings.Count(text, "\n"), err)
		}
	}
}
