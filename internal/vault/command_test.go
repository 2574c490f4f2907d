package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// helperKey is where the helper of these tests finds its key.
const helperKey = "SLUSS_TEST_ROOT_KEY"

// TestMain is also the program that wraps for the vault, when it is started as
// such.
func TestMain(m *testing.M) {
	if key := os.Getenv(helperKey); key != "" && len(os.Args) > 1 && os.Args[1] == "wrap" {
		if err := wrapOnce([]byte(key)); err != nil {
			_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"error": err.Error()})
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func wrapOnce(key []byte) error {
	var in struct {
		Op          string
		Data, Bound []byte
	}
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return err
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	a, err := cipher.NewGCM(b)
	if err != nil {
		return err
	}
	var out []byte
	switch in.Op {
	case "encrypt":
		out = make([]byte, 12)
		_, _ = rand.Read(out)
		out = a.Seal(out, out, in.Data, in.Bound)
	case "decrypt":
		if len(in.Data) < 12 {
			return errors.New("too short")
		}
		if out, err = a.Open(nil, in.Data[:12], in.Data[12:], in.Bound); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string][]byte{"data": out})
}

// TestRootBehindAProgram: the root key moves behind a program and is found
// there again; a program that fails, or does not bind, is told.
func TestRootBehindAProgram(t *testing.T) {
	t.Setenv(helperKey, "0123456789abcdef0123456789abcdef")
	v, have := filled(t)
	self := RootSpec{Kind: RootCommand, Command: []string{os.Args[0], "wrap"}}
	for name, bad := range map[string]RootSpec{
		"nothing":        {Kind: RootCommand},
		"no such file":   {Kind: RootCommand, Command: []string{filepath.Join(t.TempDir(), "no")}},
		"says nothing":   {Kind: RootCommand, Command: []string{"true"}},
		"gives it back":  {Kind: RootCommand, Command: []string{"cat"}},
		"always refuses": {Kind: RootCommand, Command: []string{"echo", `{"error":"no"}`}},
	} {
		if _, err := v.Move(t.Context(), bad); err == nil {
			t.Errorf("%s: is taken", name)
		}
		mustHold(t, v, have)
	}
	if done, err := v.Move(t.Context(), self); err != nil || done.Projects != 3 {
		t.Fatalf("%+v, %v", done, err)
	}
	mustHold(t, v, have)
	dir := v.dir
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, rootFile)); err == nil {
		t.Error("the key's file is still there")
	}
	v = reopen(t, dir)
	mustHold(t, v, have)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv(helperKey, "another9abcdef0123456789abcdef01")
	if _, err := Open(dir); code(err) != "vault.root_refused" {
		t.Errorf("with another key: %v", err)
	}
}

// TestHardwareModule stores, rotates and reads through a program that speaks to
// a real PKCS#11 module; tools/deploy/hsm.sh makes one.
func TestHardwareModule(t *testing.T) {
	command := strings.Fields(os.Getenv("SLUSS_HSM"))
	if len(command) == 0 {
		t.Skip("skipped: SLUSS_HSM names no program (tools/deploy/hsm.sh)")
	}
	v, have := filled(t)
	if done, err := v.Move(t.Context(), RootSpec{Kind: RootCommand, Command: command}); err != nil || done.Projects != 3 {
		t.Fatalf("%+v, %v", done, err)
	}
	mustHold(t, v, have)
	dir := v.dir
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = reopen(t, dir)
	mustHold(t, v, have)
	for _, project := range []string{"FK-1", "FK-2"} {
		text, err := os.ReadFile(v.projectPath(project))
		if err != nil {
			t.Fatal(err)
		}
		swapped := strings.Replace(string(text), project, map[string]string{"FK-1": "FK-2", "FK-2": "FK-1"}[project], 1)
		if _, err := unwrapProject([]byte(swapped), map[string]string{"FK-1": "FK-2", "FK-2": "FK-1"}[project], v.root); err == nil {
			t.Errorf("the key of %s opens as another's: the module does not bind", project)
		}
	}
}
