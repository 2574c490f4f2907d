package spelltable

import (
	"os"
	"path/filepath"

	"sluss/internal/fault"
)

// sideFile is a file of --rejects or --corrections while it is not yet there. A
// new or ordinary file appears whole or not at all; a device, pipe or link is
// written through. The zero path stands for no file.
type sideFile struct {
	option string
	path   string
	tmp    *os.File // nil when written through, or done
}

// openSide finds out that the file of an option can be written before anything
// is worked out. Whatever it makes is gone after discard unless committed.
func (q *question) openSide(option, path string) (*sideFile, error) {
	f := &sideFile{option: option, path: path}
	if f.path == "" {
		return f, nil
	}
	if info, err := os.Stat(f.path); err == nil {
		for _, in := range []string{q.rows, q.anchors} {
			if read, err := os.Stat(in); in != "" && in != "-" && err == nil && os.SameFile(read, info) {
				return nil, optionFault(option, "pekar på en fil som läses", "names a file that is read")
			}
		}
	}
	if info, err := os.Lstat(f.path); err == nil {
		switch {
		case info.IsDir():
			return nil, f.fault(nil)
		case !info.Mode().IsRegular():
			return f, nil
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+".*")
	if err != nil {
		return nil, f.fault(err)
	}
	f.tmp = tmp
	return f, nil
}

// write writes the content, which is not there yet for others, unless the file is
// one that is written through.
func (f *sideFile) write(b []byte) error {
	if f.path == "" {
		return nil
	}
	out := f.tmp
	if out == nil {
		var err error
		if out, err = os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
			return f.fault(err)
		}
	}
	_, err := out.Write(b)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return f.fault(err)
	}
	return nil
}

// commit puts the file in its place.
func (f *sideFile) commit() error {
	if f.tmp == nil {
		return nil
	}
	if err := os.Rename(f.tmp.Name(), f.path); err != nil {
		return f.fault(err)
	}
	f.tmp = nil
	return nil
}

// discard removes what was not committed.
func (f *sideFile) discard() {
	if f.tmp != nil {
		_ = f.tmp.Close()
		_ = os.Remove(f.tmp.Name())
	}
}

func (f *sideFile) fault(err error) error {
	return fault.New("spells."+f.option, "filen kan inte skrivas.", "the file cannot be written.").
		Do("Ange en fil i en mapp som går att skriva i.", "Name a file in a folder that can be written.").
		At(fault.Where{File: base(f.path)}).Because(err)
}
