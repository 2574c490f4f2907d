package embedded

import "golang.org/x/sys/unix"

// inLargePages asks the system to back memory that has not been touched yet
// with large pages. It is advice: nothing depends on the answer.
func inLargePages(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }
