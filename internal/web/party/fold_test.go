package party

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFold: lines of at most 75 bytes that are text each, and unfold to what
// they were.
func TestFold(t *testing.T) {
	t.Parallel()
	for n := range 80 {
		text := strings.Repeat("a", n) + strings.Repeat("å", 90)
		folded := fold(text)
		for _, l := range strings.Split(strings.TrimSuffix(folded, "\r\n"), "\r\n") {
			if len(l) > 75 || !utf8.ValidString(l) {
				t.Fatalf("%d: a line of %d bytes: %q", n, len(l), l)
			}
		}
		if got := strings.TrimSuffix(strings.ReplaceAll(folded, "\r\n ", ""), "\r\n"); got != text {
			t.Fatalf("%d: unfolds to %q", n, got)
		}
	}
}
