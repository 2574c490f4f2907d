package basket

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/fault"
)

// FuzzRead: a workbook from outside gives wishes, or a refusal.
func FuzzRead(f *testing.F) {
	cat := catalog.Builtin()
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, book []byte) {
		if _, _, err := Read(book, cat); err != nil && fault.ClassOf(err) != fault.Input {
			t.Errorf("%v", err)
		}
	})
}
