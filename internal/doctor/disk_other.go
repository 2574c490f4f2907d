//go:build !unix

package doctor

// FreeBytes is not known here.
func FreeBytes(string) (n uint64, ok bool) { return 0, false }
