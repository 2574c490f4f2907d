// Package ethicsdoc reads the text out of an uploaded pdf document, page by
// page, for intake.Search.
//
// An uploaded file is not to be trusted. [Pages] has a limit on size, pages,
// time and text; what the file would unfold to is measured before it is parsed
// (see guard.go); a panic in the parser is a fault like any other; and no fault
// says what stands in the document. Text lies in the order that the document
// draws it. Text inside form objects (XObjects) and pictures is not read: a
// scanned document has no text, and the fault says so.
package ethicsdoc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/ledongthuc/pdf"
	"golang.org/x/text/unicode/norm"

	"sluss/internal/fault"
)

// Limits of a document.
const (
	MaxBytes = 20 << 20 // of the file
	MaxPages = 500
	MaxText  = 8 << 20 // of the text of all pages, in bytes
	// unfolded is what the streams of a file may unfold to together.
	unfolded = 256 << 20
	// nesting is how deep arrays and dictionaries may lie in each other.
	nesting = 20_000
)

// places bounds how many documents are read at once. A parser that hangs after
// its time is up keeps its place, so that it cannot hang again and again.
var places = make(chan struct{}, 4)

// Pages returns the text of each page, page 1 first, in Unicode form C, with
// "\n" between lines and an empty line between paragraphs that the page sets
// apart. An empty page gives "".
//
// Errors are faults: ethicsdoc.too_big, .not_pdf, .encrypted, .too_many_pages,
// .no_text (scanned), .unreadable, .too_slow (ctx ended) and .busy.
func Pages(ctx context.Context, file []byte) ([]string, error) {
	if len(file) > MaxBytes {
		return nil, fault.New("ethicsdoc.too_big", fmt.Sprintf("Filen är större än %d MB.", MaxBytes>>20), fmt.Sprintf("The file is larger than %d MB.", MaxBytes>>20)).
			Do("Dela upp den eller spara den med lägre upplösning.", "Divide it or save it with a lower resolution.")
	}
	select {
	case places <- struct{}{}:
	case <-ctx.Done():
		return nil, fault.New("ethicsdoc.busy", "Flera dokument läses just nu.", "Several documents are being read right now.").Do("Försök igen om en stund.", "Try again in a while.").Because(ctx.Err())
	}
	type answer struct {
		pages []string
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-places }()
		defer func() {
			if r := recover(); r != nil {
				done <- answer{nil, unreadable(fmt.Errorf("parser: %T", r))}
			}
		}()
		pages, err := read(ctx, file)
		done <- answer{pages, err}
	}()
	select {
	case a := <-done:
		return a.pages, a.err
	case <-ctx.Done():
		select { // it may have ended at the same time
		case a := <-done:
			return a.pages, a.err
		case <-time.After(20 * time.Millisecond):
			return nil, slow(ctx.Err())
		}
	}
}

func slow(err error) error {
	return fault.New("ethicsdoc.too_slow", "Dokumentet tog för lång tid att läsa.", "The document took too long to read.").
		Do("Fyll i matrisen för hand, eller spara dokumentet på nytt som pdf och försök igen.", "Fill in the matrix by hand, or save the document as pdf anew and try again.").Because(err)
}

func unreadable(err error) error {
	return fault.New("ethicsdoc.unreadable", "Dokumentet kunde inte läsas; det kan vara skadat.", "The document could not be read; it may be damaged.").
		Do("Öppna det, spara det på nytt som pdf och försök igen, eller fyll i matrisen för hand.", "Open it, save it as pdf anew and try again, or fill in the matrix by hand.").Because(err)
}

func read(ctx context.Context, file []byte) ([]string, error) {
	file, err := header(file)
	if err != nil {
		return nil, err
	}
	if err := guard(ctx, file); err != nil {
		return nil, err
	}
	r, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	switch {
	case errors.Is(err, pdf.ErrInvalidPassword) || err != nil && strings.Contains(err.Error(), "encrypt"):
		return nil, fault.New("ethicsdoc.encrypted", "Dokumentet är skyddat med lösenord.", "The document is protected by a password.").
			Do("Ta bort skyddet och ladda upp det igen.", "Remove the protection and upload it again.").Because(err)
	case err != nil:
		return nil, unreadable(err)
	}
	leaves, err := pageTree(r)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(leaves))
	total, letters := 0, 0
	for i, p := range leaves {
		if err := ctx.Err(); err != nil {
			return nil, slow(err)
		}
		text, err := p.text(ctx, MaxText-total)
		if err != nil {
			return nil, err
		}
		out[i] = norm.NFC.String(text)
		total += len(out[i])
		letters += strings.Count(strings.Map(onlyLetters, out[i]), "x")
	}
	if letters == 0 {
		return nil, fault.New("ethicsdoc.no_text", "Dokumentet har ingen text; det är troligen skannat.", "The document has no text; it is probably scanned.").
			Do("Ladda upp den pdf som ansökan sparades som, eller fyll i matrisen för hand.", "Upload the pdf that the application was saved as, or fill in the matrix by hand.")
	}
	return out, nil
}

func onlyLetters(r rune) rune {
	if unicode.IsLetter(r) {
		return 'x'
	}
	return -1
}

// header returns the file from its header on, with the header and the end
// written as the parser wants them. Some writers put other bytes before the
// header or after the end.
func header(file []byte) ([]byte, error) {
	at := bytes.Index(file[:min(len(file), 1024)], []byte("%PDF-"))
	if at < 0 || len(file) < at+10 {
		return nil, fault.New("ethicsdoc.not_pdf", "Filen är inte ett pdf-dokument.", "The file is not a pdf document.").Do("Spara dokumentet som pdf.", "Save the document as pdf.")
	}
	out := bytes.Clone(file[at:])
	if end := bytes.LastIndex(out, []byte("%%EOF")); end >= 0 {
		out = out[:end+len("%%EOF")]
	}
	if len(out) < 100 { // the parser looks that far back
		return nil, unreadable(errors.New("too short"))
	}
	copy(out, "%PDF-1.7\n")
	return out, nil
}

// page is a page with the fonts that hold on it.
type page struct {
	content pdf.Value
	fonts   pdf.Value
}

// pageTree returns the pages in order. Its own walk, because the parser's does
// not end on a tree that holds itself.
func pageTree(r *pdf.Reader) ([]page, error) {
	var out []page
	nodes := 0
	var walk func(v, resources pdf.Value, depth int) error
	walk = func(v, resources pdf.Value, depth int) error {
		if nodes++; depth > 40 || nodes > 20*MaxPages {
			return unreadable(errors.New("page tree"))
		}
		if own := v.Key("Resources"); own.Kind() == pdf.Dict {
			resources = own
		}
		if kids := v.Key("Kids"); kids.Kind() == pdf.Array {
			for i := range kids.Len() {
				if err := walk(kids.Index(i), resources, depth+1); err != nil {
					return err
				}
			}
			return nil
		}
		if len(out) == MaxPages {
			return fault.New("ethicsdoc.too_many_pages", fmt.Sprintf("Dokumentet har fler än %d sidor.", MaxPages), fmt.Sprintf("The document has more than %d pages.", MaxPages)).
				Do("Ladda upp ansökan utan övriga bilagor.", "Upload the application without other annexes.")
		}
		if v.Kind() == pdf.Dict {
			out = append(out, page{v.Key("Contents"), resources.Key("Font")})
		}
		return nil
	}
	if err := walk(r.Trailer().Key("Root").Key("Pages"), pdf.Value{}, 0); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, unreadable(errors.New("no pages"))
	}
	return out, nil
}
