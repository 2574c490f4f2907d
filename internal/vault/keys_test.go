package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"sluss/internal/canon"
	"sluss/internal/works"
)

// filled is a vault with objects in three projects.
func filled(t *testing.T) (*Vault, map[Object]string) {
	t.Helper()
	v := newVault(t)
	have := map[Object]string{
		population: canary, keyTable: "kept " + canary, other: "other " + canary,
		{Owner: "FK-3", Kind: works.ObjectParcel, Name: "parcel"}: strings.Repeat(canary, 70000),
	}
	for o, text := range have {
		put(t, v, o, text)
	}
	return v, have
}

func mustHold(t *testing.T, v *Vault, have map[Object]string) {
	t.Helper()
	for o, want := range have {
		if got, err := get(v, o); err != nil || got != want {
			t.Errorf("%s/%s: %d bytes back, %v", o.Owner, o.Kind, len(got), err)
		}
	}
}

// objectFiles are the bytes of everything under the objects' keys.
func objectFiles(t *testing.T, v *Vault, folder string) map[string]string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(v.dir, folder))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(v.dir, folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name()] = string(b)
	}
	return out
}

func sameFiles(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, text := range a {
		if b[name] != text {
			return false
		}
	}
	return true
}

// TestRotate: a new root key wraps the projects' keys; no object and no
// object's key is written again; the old root key opens nothing any more.
func TestRotate(t *testing.T) {
	t.Parallel()
	v, have := filled(t)
	oldRoot, err := os.ReadFile(filepath.Join(v.dir, rootFile))
	if err != nil {
		t.Fatal(err)
	}
	oldProject, objects, keys := objectFiles(t, v, projectDir), objectFiles(t, v, objectDir), objectFiles(t, v, keyDir)
	if len(oldProject) != 3 {
		t.Fatalf("%d project keys", len(oldProject))
	}
	done, err := v.Rotate(t.Context())
	if err != nil || done != (Rotated{Projects: 3}) {
		t.Fatalf("%+v, %v", done, err)
	}
	if !sameFiles(objects, objectFiles(t, v, objectDir)) || !sameFiles(keys, objectFiles(t, v, keyDir)) {
		t.Error("an object or its key was written again")
	}
	for name, text := range objectFiles(t, v, projectDir) {
		if oldProject[name] == text {
			t.Errorf("%s is as it was", name)
		}
	}
	mustHold(t, v, have)
	dir := v.dir
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, dir)
	mustHold(t, v, have)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, rootFile), oldRoot, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); code(err) != "vault.damaged" {
		t.Errorf("the old root key: %v", err)
	}
}

// TestRotateCutShort stops a rotation at each of its steps, as a power cut
// would: the vault opens, holds everything, and the next run ends it.
func TestRotateCutShort(t *testing.T) {
	t.Parallel()
	cut := errors.New("power cut")
	for stop := 1; ; stop++ {
		v, have := filled(t)
		steps := 0
		v.step = func(string) error {
			if steps++; steps == stop {
				return cut
			}
			return nil
		}
		_, err := v.Rotate(t.Context())
		ended := err == nil
		if !ended && !errors.Is(err, cut) {
			t.Fatal(err)
		}
		dir := v.dir
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		v = reopen(t, dir)
		mustHold(t, v, have)
		if done, err := v.Rotate(t.Context()); err != nil || done.Projects != 3 {
			t.Errorf("step %d, the next run: %+v, %v", stop, done, err)
		}
		mustHold(t, v, have)
		handle, err := readRootFile(dir)
		if err != nil || len(handle.KeysetInfo().GetKeyInfo()) != 1 {
			t.Errorf("step %d: root keys are left, %v", stop, err)
		}
		if ended {
			if stop < 4 {
				t.Errorf("only %d steps", stop)
			}
			return
		}
	}
}

// TestOlderVaults: objects that an earlier program wrapped with the root key
// itself open, and a rotation moves them under their project's key.
func TestOlderVaults(t *testing.T) {
	t.Parallel()
	v, have := filled(t)
	for id, rec := range v.objects { // as they were
		handle, err := v.unwrapHandle(rec)
		if err != nil {
			t.Fatal(err)
		}
		info, err := v.describe(rec)
		if err != nil {
			t.Fatal(err)
		}
		v.writeOld(t, handle, &rec, content{info.Bytes, info.SHA256})
		v.objects[id] = rec
	}
	if err := os.RemoveAll(filepath.Join(v.dir, projectDir)); err != nil {
		t.Fatal(err)
	}
	dir := v.dir
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, dir)
	mustHold(t, v, have)
	done, err := v.Rotate(t.Context())
	if err != nil || done.Objects != len(have) {
		t.Errorf("%+v, %v", done, err)
	}
	mustHold(t, v, have)
	if _, err := v.Destroy(t.Context(), "FK-3"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(v.projectPath("FK-3")); err == nil {
		t.Error("the key of a project that has nothing left is there")
	}
	if _, err := os.Stat(v.projectPath("FK-1")); err != nil {
		t.Errorf("the key of a project that has something left: %v", err)
	}
}

// writeOld wraps an object's key with the root key itself, as the first program
// did.
func (v *Vault) writeOld(t *testing.T, handle *keyset.Handle, rec *record, about content) {
	t.Helper()
	rec.Wrap = ""
	bound, err := rec.boundKey()
	if err != nil {
		t.Fatal(err)
	}
	var wrapped bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&wrapped), v.root, bound); err != nil {
		t.Fatal(err)
	}
	rec.Key = wrapped.Bytes()
	plain, err := json.Marshal(about)
	if err != nil {
		t.Fatal(err)
	}
	if rec.Content, err = v.root.Encrypt(plain, bound); err != nil {
		t.Fatal(err)
	}
	text, err := canon.JSON(rec)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(v.keyPath(rec.ID), text); err != nil {
		t.Fatal(err)
	}
}

// service is a key service: keys of AES-256-GCM in versions, as Vault's transit
// engine keeps them.
type service struct {
	mu       sync.Mutex
	versions []cipher.AEAD
	down     bool
	calls    int
}

func (s *service) rotate(t *testing.T) {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	b, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	a, err := cipher.NewGCM(b)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions = append(s.versions, a)
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	var in struct {
		Plaintext  []byte `json:"plaintext"`
		Ciphertext string `json:"ciphertext"`
		Bound      []byte `json:"associated_data"`
	}
	if s.down || r.Header.Get("X-Vault-Token") != "hemlig" || r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&in) != nil {
		http.Error(w, `{"errors":["permission denied"]}`, http.StatusForbidden)
		return
	}
	answer := map[string]string{}
	switch r.URL.Path {
	case "/v1/transit/encrypt/sluss":
		n := len(s.versions)
		nonce := make([]byte, 12)
		_, _ = rand.Read(nonce)
		c := s.versions[n-1].Seal(nonce, nonce, in.Plaintext, in.Bound)
		answer["ciphertext"] = fmt.Sprintf("vault:v%d:%s", n, base64.StdEncoding.EncodeToString(c))
	case "/v1/transit/decrypt/sluss":
		var n int
		var text string
		if _, err := fmt.Sscanf(in.Ciphertext, "vault:v%d:%s", &n, &text); err != nil || n < 1 || n > len(s.versions) {
			http.Error(w, `{"errors":["bad ciphertext"]}`, http.StatusBadRequest)
			return
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) < 12 {
			http.Error(w, `{"errors":["bad ciphertext"]}`, http.StatusBadRequest)
			return
		}
		plain, err := s.versions[n-1].Open(nil, raw[:12], raw[12:], in.Bound)
		if err != nil {
			http.Error(w, `{"errors":["cipher: message authentication failed"]}`, http.StatusBadRequest)
			return
		}
		answer["plaintext"] = base64.StdEncoding.EncodeToString(plain)
	default:
		http.NotFound(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": answer})
}

// TestRootInAService: the root key moves into a key service, which makes new
// versions of it, and back. The file is gone meanwhile; a service that is down
// is said to be down, not a damaged vault.
func TestRootInAService(t *testing.T) {
	t.Parallel()
	v, have := filled(t)
	s := &service{}
	s.rotate(t)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("hemlig\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := RootSpec{Kind: RootTransit, URL: server.URL, Key: "sluss", Token: token}
	for name, bad := range map[string]RootSpec{
		"another key": {Kind: RootTransit, URL: server.URL, Key: "no", Token: token},
		"no token":    {Kind: RootTransit, URL: server.URL, Key: "sluss", Token: token + "x"},
		"plain http":  {Kind: RootTransit, URL: "http://keys.example", Key: "sluss", Token: token},
		"nothing":     {Kind: RootTransit},
		"no kind":     {Kind: "paper"},
	} {
		if _, err := v.Move(t.Context(), bad); !strings.HasPrefix(code(err), "vault.root_") {
			t.Errorf("%s: %v", name, err)
		}
		mustHold(t, v, have)
	}
	if done, err := v.Move(t.Context(), to); err != nil || done.Projects != 3 {
		t.Fatalf("%+v, %v", done, err)
	}
	mustHold(t, v, have)
	if _, err := os.Stat(filepath.Join(v.dir, rootFile)); err == nil {
		t.Error("the key's file is still there")
	}
	s.rotate(t)
	if _, err := v.Rotate(t.Context()); err != nil {
		t.Error(err)
	}
	for name, text := range objectFiles(t, v, projectDir) {
		var k projectKey
		if err := json.Unmarshal([]byte(text), &k); err != nil || !bytes.Contains(k.Key, []byte("vault:v2:")) {
			t.Errorf("%s is not wrapped by the new version, %v", name, err)
		}
	}
	dir := v.dir
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.down = true
	s.mu.Unlock()
	if _, err := Open(dir); code(err) != "vault.root_refused" {
		t.Errorf("the service refuses: %v", err)
	}
	s.mu.Lock()
	s.down = false
	s.mu.Unlock()
	v = reopen(t, dir)
	mustHold(t, v, have)
	if _, err := v.Move(t.Context(), RootSpec{Kind: RootFile}); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, dir)
	mustHold(t, v, have)
}

// TestMoveCutShort stops a move into a service at each step.
func TestMoveCutShort(t *testing.T) {
	t.Parallel()
	s := &service{}
	s.rotate(t)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("hemlig"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := RootSpec{Kind: RootTransit, URL: server.URL, Key: "sluss", Token: token}
	for stop := 1; stop < 5; stop++ {
		v, have := filled(t)
		steps := 0
		v.step = func(string) error {
			if steps++; steps == stop {
				return errors.New("power cut")
			}
			return nil
		}
		_, _ = v.Move(t.Context(), to)
		dir := v.dir
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		v = reopen(t, dir)
		mustHold(t, v, have)
		if _, err := v.Move(t.Context(), to); err != nil {
			t.Errorf("step %d: %v", stop, err)
		}
		mustHold(t, v, have)
		if _, err := os.Stat(filepath.Join(dir, rootFile)); err == nil {
			t.Errorf("step %d: the key's file is still there", stop)
		}
	}
}
