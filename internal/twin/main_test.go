package twin

import (
	"os"
	"testing"
)

// folder holds the vault of the tests.
var folder string

func tempDir() (string, error) {
	dir, err := os.MkdirTemp("", "twin")
	folder = dir
	return dir, err
}

func TestMain(m *testing.M) {
	code := m.Run()
	if folder != "" {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}
