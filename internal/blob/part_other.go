//go:build !unix

package blob

import "os"

// claim does nothing: these systems have no such mark.
func claim(*os.File) error { return nil }

// tellsWriters reports whether claim knows what other processes write.
const tellsWriters = false
