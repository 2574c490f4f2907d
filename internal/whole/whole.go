// Package whole makes folders that have all of their files or none.
package whole

import (
	"os"
	"path/filepath"
)

// unfinished is the folder in which files are made until all of them are there.
const unfinished = ".unfinished"

// Make makes files in dir: made makes them in a folder within dir, from which they
// are moved when it has returned, the one that says what there is after all others.
// What an earlier try has left there is removed. On an error nothing is left, and dir
// itself not where it was not there.
func Make(dir, list string, made func(dir string) error) (err error) {
	_, missing := os.Stat(dir)
	tmp := filepath.Join(dir, unfinished)
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return err
	}
	var moved []string
	defer func() {
		if e := os.RemoveAll(tmp); err == nil {
			err = e
		}
		if err == nil {
			return
		}
		for _, path := range moved {
			_ = os.RemoveAll(path)
		}
		if missing != nil {
			_ = os.Remove(dir) // stays where somebody else has put something into it
		}
	}()
	if err := made(tmp); err != nil {
		return err
	}
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(entries)+1)
	for _, e := range entries {
		if e.Name() != list {
			names = append(names, e.Name())
		}
	}
	for _, name := range append(names, list) {
		to := filepath.Join(dir, name)
		if err := os.Rename(filepath.Join(tmp, name), to); err != nil {
			return err
		}
		moved = append(moved, to)
	}
	return nil
}

// Free reports whether dir is not there, or has nothing but what a try to make it
// has left that was killed.
func Free(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return os.IsNotExist(err)
	}
	return len(entries) == 0 || len(entries) == 1 && entries[0].Name() == unfinished
}
