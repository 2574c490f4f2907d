//go:build unix

package doctor

import "golang.org/x/sys/unix"

// FreeBytes is what a disk has left for us; ok is false where that is unknown.
func FreeBytes(dir string) (n uint64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true
}
