package store

import (
	"path/filepath"
	"testing"
)

// The file may be named by a relative path, and with signs that a URI minds.
func TestOpenSQLiteAnywhere(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"a.db", filepath.Join(t.TempDir(), "b ö %20?#.db")} {
		s, err := OpenSQLite(t.Context(), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if found, _ := filepath.Glob(name); len(found) != 1 && name == "a.db" {
			t.Errorf("%s is not there", name)
		}
	}
}
