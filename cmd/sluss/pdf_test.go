package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/document"
	"sluss/internal/swede"
)

// pdfOf is a PDF file of one page; without lines it is as good as scanned.
func pdfOf(lines ...string) []byte {
	var draw strings.Builder
	for i, l := range lines {
		fmt.Fprintf(&draw, "BT /F1 12 Tf 72 %d Td (%s) Tj ET\n", 720-20*i, l)
	}
	var b bytes.Buffer
	var at []int
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Kids[3 0 R]/Count 1>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>")
	object(fmt.Sprintf("<</Length %d>>\nstream\n%sendstream", draw.Len(), draw.String()))
	object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// TestPersonnummerInPDF: the counter looks into PDF files. A scanned one has
// nothing to look at; a broken one is not taken, and its fault says what to do.
func TestPersonnummerInPDF(t *testing.T) {
	t.Parallel()
	in := document.Inspector{PDFText: pdfText}
	list := []string{"Sex personer"}
	for i := range 6 {
		list = append(list, fmt.Sprintf("%012d", swede.Make(day.MustParse("1970-01-01")+day.Day(i), 100, false, swede.Real).Reveal()))
	}
	seen, err := in.Inspect("lista.pdf", pdfOf(list...))
	if err != nil || seen.Numbers <= app.MaxNumbers {
		t.Errorf("a list of persons: %+v, %v", seen, err)
	}
	if seen, err = in.Inspect("brev.pdf", pdfOf("Ett brev om ", list[1])); err != nil || seen.Numbers != 1 {
		t.Errorf("a letter: %+v, %v", seen, err)
	}
	if seen, err = in.Inspect("skannad.pdf", pdfOf()); err != nil || seen.Numbers != 0 {
		t.Errorf("a scanned letter: %+v, %v", seen, err)
	}
	whole := pdfOf(list...)
	if _, err = in.Inspect("trasig.pdf", whole[:len(whole)/2]); err == nil || !strings.HasPrefix(err.Error(), "ethicsdoc.unreadable") {
		t.Errorf("a broken one: %v", err)
	}
}
