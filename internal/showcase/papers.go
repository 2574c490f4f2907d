package showcase

import (
	"bytes"
	"fmt"
	"strings"
)

// A paper is a small PDF file with text on it, one string for each page, lines
// apart by \n. It is written by hand: a dozen objects and a table of where they
// begin.

const (
	pageHead = "BT /F1 11 Tf 56 780 Td 15 TL\n"
	lineMax  = 88 // letters that fit on a line
)

// paper writes the pages as a PDF file of version 1.4.
func paper(pages ...string) []byte {
	var b bytes.Buffer
	var at []int
	add := func(body string) int {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
		return len(at)
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	font := add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	parent := 2 + 2*len(pages)
	var kids []string
	for _, text := range pages {
		content := pageHead + shown(text) + "ET"
		stream := add(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content))
		page := add(fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R >>", parent, stream))
		kids = append(kids, fmt.Sprintf("%d 0 R", page))
	}
	add(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d /Resources << /Font << /F1 %d 0 R >> >> >>", strings.Join(kids, " "), len(kids), font))
	root := add(fmt.Sprintf("<< /Type /Catalog /Lang (sv-SE) /Pages %d 0 R >>", parent))
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, p := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", p)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, root, xref)
	return b.Bytes()
}

// shown are the drawing commands of a text, in the letters of WinAnsi; what it
// has no letter for becomes a question mark.
func shown(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		for _, part := range folded(strings.TrimSuffix(line, "\n")) {
			b.WriteByte('(')
			for _, r := range part {
				switch {
				case r == '(' || r == ')' || r == '\\':
					b.WriteByte('\\')
					b.WriteByte(byte(r))
				case r == '–':
					b.WriteByte(0x96)
				case r < 256:
					b.WriteByte(byte(r))
				default:
					b.WriteByte('?')
				}
			}
			b.WriteString(") Tj T*\n")
		}
	}
	return b.String()
}

// folded breaks a line between words so that it fits on the page.
func folded(line string) []string {
	var out []string
	now, n := "", 0
	for _, w := range strings.Fields(line) {
		l := len([]rune(w))
		if n > 0 && n+1+l > lineMax {
			out, now, n = append(out, now), "", 0
		}
		if n > 0 {
			now, n = now+" ", n+1
		}
		now, n = now+w, n+l
	}
	return append(out, now)
}
