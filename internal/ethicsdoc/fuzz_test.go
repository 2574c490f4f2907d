package ethicsdoc

import (
	"context"
	"testing"
	"time"

	"sluss/internal/fault"
)

// FuzzPages: a pdf from outside gives its text, or a refusal, within its time.
func FuzzPages(f *testing.F) {
	f.Add([]byte("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"))
	f.Add([]byte("%PDF-"))
	f.Fuzz(func(t *testing.T, file []byte) {
		begin := time.Now()
		if _, err := Pages(context.Background(), file); err != nil && fault.ClassOf(err) != fault.Input {
			t.Errorf("%v", err)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}
