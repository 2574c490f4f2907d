//go:build !unix

package register

import (
	"errors"
	"io/fs"
	"os"
	"unsafe"
)

// mapFile reads a file into memory that is aligned for eight-byte values.
func mapFile(path string) ([]byte, func() error, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	if len(raw) == 0 {
		return nil, nil, errors.New("the file is empty")
	}
	words := make([]uint64, (len(raw)+7)/8)
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), len(words)*8)[:len(raw)]
	copy(b, raw)
	return b, func() error { return nil }, nil
}

// lockFile takes the store's lock by creating a file. A killed load leaves it
// behind, to be removed by hand.
func lockFile(path string) (release func(), ok bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return func() { f.Close(); os.Remove(path) }, true, nil
}

// syncDir does nothing where folders cannot be synced.
func syncDir(string) error { return nil }
