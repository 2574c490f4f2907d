package whole_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sluss/internal/whole"
)

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestMake(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	if !whole.Free(dir) {
		t.Error("a folder that is not there is not free")
	}
	stop := errors.New("stop")
	made := func(end error) func(string) error {
		return func(tmp string) error {
			if len(names(t, tmp)) > 0 {
				t.Error("something is there of an earlier try")
			}
			write(t, filepath.Join(tmp, "one"))
			if err := os.Mkdir(filepath.Join(tmp, "sub"), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(tmp, "sub", "two"))
			return end
		}
	}
	if err := whole.Make(dir, "one", made(stop)); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("an error leaves a folder that was not there")
	}
	left := filepath.Join(dir, ".unfinished") // of a try that was killed
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(left, "old"))
	if !whole.Free(dir) {
		t.Error("what a try has left that was killed is in the way")
	}
	if err := whole.Make(dir, "one", made(stop)); !errors.Is(err, stop) || len(names(t, dir)) != 0 {
		t.Errorf("got %v, left %v in a folder that was there", err, names(t, dir))
	}
	if err := whole.Make(dir, "one", made(nil)); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != 2 || got[0] != "one" || len(names(t, filepath.Join(dir, "sub"))) != 1 {
		t.Errorf("made %v", got)
	}
	if whole.Free(dir) {
		t.Error("a folder with files is free")
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := whole.Make(other, "none", made(nil)); err == nil {
		t.Error("made without the file that says what there is")
	}
	if _, err := os.Stat(other); !errors.Is(err, os.ErrNotExist) {
		t.Error("what was moved before an error is left")
	}
	if write(t, left+"file"); whole.Free(left + "file") {
		t.Error("a file is free to become a folder")
	}
}
