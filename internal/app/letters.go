package app

import (
	"context"
	"errors"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/letter"
	"sluss/internal/order"
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
func (a *App) Letter(id string, entries []order.Entry, d CaseDocument, lang string) (letter.Letter, error) {
	if !d.IsLetter() || !slices.Contains(Languages, lang) {
		return letter.Letter{}, ErrNotFound
	}
	i := slices.IndexFunc(entries, func(e order.Entry) bool { return e.Version == d.Version })
	if i < 0 {
		return letter.Letter{}, ErrNotFound
	}
	b := a.LetterBasis(order.Fold(id, entries[:i+1]))
	b.Entry, b.Number = entries[i], letter.Numbered(a.Authority.DocumentNumber, id, d.No)
	l, ok := letter.Make(letter.Kind(d.Kind), b, lang)
	if !ok {
		return l, ErrNotFound
	}
	return l, nil
}

// LetterBasis is what a letter of the case as it is now is made from.
func (a *App) LetterBasis(s order.State) letter.Basis {
	return letter.Basis{State: s, Entry: order.Entry{At: a.Clock()}, Authority: a.Authority, Catalogue: a.Catalogue}
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
	p := Printed{Name: l.Case + "-" + string(l.Kind) + "." + l.Lang + "." + format}
	var err error
	switch format {
	case LetterHTML:
		p.Type = "text/html; charset=utf-8"
		p.Body, err = a.Press.HTML(l)
	case LetterPDF:
		p.Type = "application/pdf"
		p.Body, err = a.Press.PDF(ctx, l)
	case LetterSeal:
		p.Type, p.Name = "application/pkcs7-signature", l.Case+"-"+string(l.Kind)+"."+l.Lang+".pdf.p7s"
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

func noPress() error {
	return (&fault.Fault{
		Code: "letter.no_press", Class: fault.Gate, Rule: "letters", SV: "Brevet kan inte göras i det formatet här.", EN: "The letter cannot be made in that format here.", Err: ErrNoPress,
	}).Do("Läs brevet som HTML, eller låt driften ange Typst och myndighetens certifikat.", "Read the letter as HTML, or let operations name Typst and the authority's certificate.")
}
