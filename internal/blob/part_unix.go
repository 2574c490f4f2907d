//go:build unix

package blob

import (
	"os"

	"golang.org/x/sys/unix"
)

// claim marks a file as being written, until it is closed or the process ends.
// It fails when another process has marked it.
func claim(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// tellsWriters reports whether claim knows what other processes write.
const tellsWriters = true
