package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/letter"
	"sluss/internal/order"
	"sluss/internal/wording"
)

// Press makes letters into files.
type Press interface {
	// Makes reports whether letters can be made in a format here.
	Makes(format string) bool
	// HTML is the letter as a page of its own; the same letter gives the same
	// bytes.
	HTML(l letter.Letter) ([]byte, error)
	// PDF is the letter to be kept: tagged (PDF/UA-1) and archivable (PDF/A-2a).
	// ErrNoPress when no program for that has been set up.
	PDF(ctx context.Context, l letter.Letter) ([]byte, error)
	// Seal is a detached CMS signature over a file, DER. ErrNoPress when the
	// authority has no certificate here.
	Seal(file []byte) ([]byte, error)
}

// ErrNoPress: letters cannot be made that way here.
var ErrNoPress = errors.New("app: no press of that kind has been set up")

// Languages of letters.
var Languages = []string{"sv", "en"}

// Letter writes a document of the list as a letter in a language. ErrNotFound
// when the document is not one.
func (a *App) Letter(ctx context.Context, id string, entries []order.Entry, d CaseDocument, lang string) (letter.Letter, error) {
	if !d.IsLetter() || !slices.Contains(Languages, lang) {
		return letter.Letter{}, ErrNotFound
	}
	i := slices.IndexFunc(entries, func(e order.Entry) bool { return e.Version == d.Version })
	if i < 0 {
		return letter.Letter{}, ErrNotFound
	}
	b, err := a.LetterBasis(ctx, order.Fold(id, entries[:i+1]))
	if err != nil {
		return letter.Letter{}, err
	}
	b.Say = a.said(entries[i].At)
	b.Entry, b.Number = entries[i], letter.Numbered(a.Authority.DocumentNumber, id, d.No)
	l, ok := letter.Make(letter.Kind(d.Kind), b, lang)
	if !ok {
		return l, ErrNotFound
	}
	return l, nil
}

// LetterBasis is what a letter of the case as it is now is made from.
func (a *App) LetterBasis(ctx context.Context, s order.State) (letter.Basis, error) {
	if err := a.ReadTexts(ctx); err != nil {
		return letter.Basis{}, err
	}
	names, err := a.StaffNames(ctx)
	return letter.Basis{
		State: s, Entry: order.Entry{At: a.Clock()}, Authority: a.House(), Catalogue: a.Catalogue,
		Names: func(id string) string { return names[id] }, Say: a.said(wording.Latest),
	}, err
}

// Formats of a letter.
const (
	LetterHTML = "html"
	LetterPDF  = "pdf"
	LetterSeal = "p7s" // the seal under the PDF
)

// Prints reports whether letters can be had in a format here.
func (a *App) Prints(format string) bool { return a.Press != nil && a.Press.Makes(format) }

// Printed is a letter as a file.
type Printed struct {
	Name, Type string
	Body       []byte
	SHA256     canon.Hash
}

// PrintLetter makes a letter into a file. What cannot be made here is a fault
// that says why.
func (a *App) PrintLetter(ctx context.Context, l letter.Letter, format string) (Printed, error) {
	if a.Press == nil {
		return Printed{}, noPress()
	}
	p := named(l, format)
	var err error
	switch format {
	case LetterHTML:
		p.Body, err = a.Press.HTML(l)
	case LetterPDF:
		p.Body, err = a.Press.PDF(ctx, l)
	case LetterSeal:
		var pdf []byte
		if pdf, err = a.Press.PDF(ctx, l); err == nil {
			p.Body, err = a.Press.Seal(pdf)
		}
	default:
		return p, ErrNotFound
	}
	if errors.Is(err, ErrNoPress) {
		return p, noPress()
	}
	p.SHA256 = canon.Sum(p.Body)
	return p, err
}

// KeptLetter is a file that a letter has been made into.
type KeptLetter struct {
	Case   string
	No     int // of the document
	Lang   string
	Format string
	Number string
	Blob   string
	SHA256 canon.Hash
	Issued time.Time
}

// KeptLetters keeps the files that letters have been made into.
type KeptLetters interface {
	// KeepLetter stores one and logs its hash; ErrConflict when there is one
	// already.
	KeepLetter(ctx context.Context, l KeptLetter, by order.Actor) error
	// KeptLetters lists those of a case.
	KeptLetters(ctx context.Context, id string) ([]KeptLetter, error)
}

// IssueLetter gives a document of the list as a file. The first time it is made
// and kept, and its hash goes into the log of orders; after that it is the same
// bytes for everybody, whatever a later version of the program would write.
func (a *App) IssueLetter(ctx context.Context, id string, entries []order.Entry, d CaseDocument, lang, format string) (Printed, error) {
	l, err := a.Letter(ctx, id, entries, d, lang)
	if err != nil || a.Kept == nil {
		if err != nil {
			return Printed{}, err
		}
		return a.PrintLetter(ctx, l, format)
	}
	if p, err := a.keptFile(ctx, l, d.No, format); !errors.Is(err, ErrNotFound) {
		return p, err
	}
	var p Printed
	if format == LetterSeal {
		p, err = a.sealKept(ctx, id, entries, d, l)
	} else {
		p, err = a.PrintLetter(ctx, l, format)
	}
	if err != nil {
		return Printed{}, err
	}
	blob := "letters/" + id + "/" + string(p.SHA256) + "." + format
	if _, _, err := a.Blobs.Put(ctx, blob, bytes.NewReader(p.Body)); err != nil {
		return Printed{}, err
	}
	k := KeptLetter{Case: id, No: d.No, Lang: lang, Format: format, Number: l.Number, Blob: blob, SHA256: p.SHA256, Issued: a.Clock()}
	err = a.Kept.KeepLetter(ctx, k, order.Actor{ID: a.Name, Role: order.RoleClock})
	if errors.Is(err, ErrConflict) { // somebody else was first: theirs counts
		return a.keptFile(ctx, l, d.No, format)
	}
	return p, err
}

// KeptLetters lists the files that the letters of a case have been made into.
func (a *App) KeptLetters(ctx context.Context, id string) ([]KeptLetter, error) {
	if a.Kept == nil {
		return nil, nil
	}
	return a.Kept.KeptLetters(ctx, id)
}

// sealKept seals the PDF that is kept.
func (a *App) sealKept(ctx context.Context, id string, entries []order.Entry, d CaseDocument, l letter.Letter) (Printed, error) {
	if !a.Prints(LetterSeal) {
		return Printed{}, noPress()
	}
	pdf, err := a.IssueLetter(ctx, id, entries, d, l.Lang, LetterPDF)
	if err != nil {
		return Printed{}, err
	}
	p := named(l, LetterSeal)
	p.Body, err = a.Press.Seal(pdf.Body)
	p.SHA256 = canon.Sum(p.Body)
	return p, err
}

// keptFile reads what is kept of a letter; ErrNotFound when nothing is.
func (a *App) keptFile(ctx context.Context, l letter.Letter, no int, format string) (Printed, error) {
	all, err := a.Kept.KeptLetters(ctx, l.Case)
	if err != nil {
		return Printed{}, err
	}
	i := slices.IndexFunc(all, func(k KeptLetter) bool { return k.No == no && k.Lang == l.Lang && k.Format == format })
	if i < 0 {
		return Printed{}, ErrNotFound
	}
	r, err := a.Blobs.Get(ctx, all[i].Blob)
	if err != nil {
		return Printed{}, fmt.Errorf("letter %d of %s: its file: %w", no, l.Case, errGoneFile)
	}
	defer r.Close()
	p := named(l, format)
	if p.Body, err = io.ReadAll(r); err != nil {
		return Printed{}, err
	}
	if p.SHA256 = canon.Sum(p.Body); p.SHA256 != all[i].SHA256 {
		return Printed{}, fmt.Errorf("letter %d of %s: its file is not what was kept", no, l.Case)
	}
	return p, nil
}

// errGoneFile: a file that is to be kept for ever is not there.
var errGoneFile = errors.New("it is not there")

// named is a letter's file without its content.
func named(l letter.Letter, format string) Printed {
	p := Printed{Name: l.Case + "-" + string(l.Kind) + "." + l.Lang + "." + format, Type: types[format]}
	if format == LetterSeal {
		p.Name = l.Case + "-" + string(l.Kind) + "." + l.Lang + ".pdf." + format
	}
	return p
}

var types = map[string]string{LetterHTML: "text/html; charset=utf-8", LetterPDF: "application/pdf", LetterSeal: "application/pkcs7-signature"}

func noPress() error {
	return (&fault.Fault{
		Code: "letter.no_press", Class: fault.Gate, Rule: "letters", SV: "Brevet kan inte göras i det formatet här.", EN: "The letter cannot be made in that format here.", Err: ErrNoPress,
	}).Do("Läs brevet som HTML, eller låt driften ange Typst och myndighetens certifikat.", "Read the letter as HTML, or let operations name Typst and the authority's certificate.")
}
