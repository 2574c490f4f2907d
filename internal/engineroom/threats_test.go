package engineroom_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sluss/internal/engineroom"
)

// TestThreat05LostMediumTellsNothing: the image of a medium, and the whole
// folder that it lies in, hold nothing that was on the medium in clear.
func TestThreat05LostMediumTellsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	canary := []byte("191212121212;kanariefågel")
	dir := filepath.Join(h.dir, "vault")
	content := bytes.Repeat(append(bytes.Clone(canary), '\n'), 5000)
	if _, _, err := engineroom.NewMailroom(dir).Put(t.Context(), id, "RR123456789SE", h.vault.Public().Recipient, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	looked := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if looked++; bytes.Contains(b, canary) || bytes.Contains(b, canary[:12]) {
			t.Errorf("%s holds what was on the medium", d.Name())
		}
		return err
	})
	if err != nil || looked < 4 {
		t.Fatalf("%d files, %v", looked, err)
	}
}
