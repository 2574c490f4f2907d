package register_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/register"
	"sluss/internal/signed"
)

// TestThreat28FilesOfAnotherSupplier: files that the registered holder of the
// register has not signed, or that are others than were signed, are not loaded.
func TestThreat28FilesOfAnotherSupplier(t *testing.T) {
	t.Parallel()
	private, public, err := signed.Generate(rand.Reader, "registerhallaren")
	if err != nil {
		t.Fatal(err)
	}
	thief, _, err := signed.Generate(rand.Reader, "registerhallaren")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		do   func(dir string)
		code string
	}{
		"as it was signed": {func(string) {}, ""},
		"no signature":     {func(dir string) { _ = os.Remove(filepath.Join(dir, register.SupplyFile)) }, "register.supply_note"},
		"another's signature": {func(dir string) {
			note, _ := signed.Sign(register.Supply{Type: register.TypeSupply, Files: map[string]canon.Hash{"a.parquet": canon.Sum([]byte("A")), "b.parquet": canon.Sum([]byte("B"))}}, thief)
			_ = os.WriteFile(filepath.Join(dir, register.SupplyFile), []byte(note), 0o600)
		}, "register.supply_signer"},
		"one byte":    {func(dir string) { _ = os.WriteFile(filepath.Join(dir, "a.parquet"), []byte("X"), 0o600) }, "register.supply_changed"},
		"a file more": {func(dir string) { _ = os.WriteFile(filepath.Join(dir, "c.parquet"), []byte("C"), 0o600) }, "register.supply_extra"},
		"a file less": {func(dir string) { _ = os.Remove(filepath.Join(dir, "b.parquet")) }, "register.supply_missing"},
		"a link in its place": {func(dir string) {
			_ = os.Remove(filepath.Join(dir, "a.parquet"))
			_ = os.Symlink("b.parquet", filepath.Join(dir, "a.parquet"))
		}, "register.supply_extra"},
	} {
		dir := t.TempDir()
		files := map[string]canon.Hash{}
		for file, text := range map[string]string{"a.parquet": "A", "b.parquet": "B"} {
			files[file] = canon.Sum([]byte(text))
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		note, err := signed.Sign(register.Supply{Type: register.TypeSupply, Files: files}, private)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, register.SupplyFile), []byte(note), 0o600); err != nil {
			t.Fatal(err)
		}
		tt.do(dir)
		err = register.CheckSupply(dir, public)
		f, _ := errors.AsType[*fault.Fault](err)
		if tt.code == "" && err != nil || tt.code != "" && (f == nil || f.Code != tt.code) {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
}
