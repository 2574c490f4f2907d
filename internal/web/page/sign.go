package page

import (
	"encoding/base64"
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/signed"
)

// What lets data out, or destroys them, is signed by the person who says so
// (promise 13). The page shows the whole document and its hash. In a demo one
// button signs with the persona's own key. Elsewhere a person signs with a
// passkey, whose challenge is the document's hash, or takes the document as a
// file, signs it with `sluss sign` and pastes the signed note. The vault checks
// both with its own list.

// Signing is what a passkey is asked.
type Signing struct {
	Lang        string
	Challenge   string // base64url
	Credentials string // ids of the visitor's passkeys, with spaces between
}

// SignsHere reports whether the visitor's button signs by itself, as in a demo.
func (a *Ask) SignsHere() bool { return a.SignAs != nil }

// SignField adds the field for the signed note to a form, where people sign
// with keys of their own.
func (a *Ask) SignField(f *Form) {
	if a.SignsHere() {
		return
	}
	f.Fields = append(f.Fields, &Field{ID: "note", Kind: Area, Rows: 6, Label: a.Word("sign.note"), Hint: a.Word("sign.note_hint")})
}

// OfferPasskey lets the visitor sign the document that the page shows with a
// passkey, where the list of those who may sign has one of theirs.
func (a *Ask) OfferPasskey(f *Form, doc any) error {
	x := f.Field("note")
	if x == nil || a.Passkeys == nil {
		return nil
	}
	ids := a.Passkeys(a.Visitor.Person.ID, a.Role())
	if len(ids) == 0 {
		return nil
	}
	challenge, err := signed.Challenge(doc)
	if err != nil {
		return err
	}
	x.Signing = &Signing{a.Lang, base64.RawURLEncoding.EncodeToString(challenge), strings.Join(ids, " ")}
	return nil
}

// signs reports whether a passkey can sign what the form holds.
func (f *Form) signs() bool {
	return slices.ContainsFunc(f.Fields, func(x *Field) bool { return x.Signing != nil })
}

// Signed is the visitor's signature under the document: made here in a demo,
// else the answer of a passkey or the note that was pasted. ok is false when
// there is none; the form then says so. Whether it holds is for who takes it.
func (a *Ask) Signed(doc any, f *Form) (note string, ok bool) {
	if answer := a.Value("assertion"); answer != "" && !a.SignsHere() {
		x, err := signed.ReadAssertion([]byte(answer))
		if err == nil {
			note, err = signed.WithPasskey(doc, x)
		}
		if err != nil {
			f.Wrong("note", a.Word("sign.broken_passkey"))
		}
		return note, err == nil
	}
	if !a.SignsHere() {
		return f.Field("note").Value + "\n", f.Need("note", a.Word("sign.need_note"))
	}
	note, err := a.SignAs(a.Visitor.Person.ID, doc)
	if err == nil {
		return note, true
	}
	if !f.Take(err) {
		f.Take(fault.New("page.sign", "Det gick inte att underteckna.", "It could not be signed.").Do("Försök igen.", "Try again.").Because(err))
	}
	return "", false
}

// Document answers with the exact document that is to be signed, as a file.
func (a *Ask) Document(name string, doc any) error {
	b, err := canon.JSON(doc)
	if err != nil {
		return err
	}
	a.Download(name, "application/json")
	_, _ = a.W.Write(append(b, '\n')) // the reader is gone when this fails
	return nil
}
