package page

import (
	"sluss/internal/canon"
	"sluss/internal/fault"
)

// What lets data out, or destroys them, is signed by the person who says so
// (promise 13). The page shows the whole document and its hash. In a demo one
// button signs with the persona's own key; elsewhere the page hands out the
// document as a file, the person signs it with `sluss sign`, and the form takes
// the signed note.

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

// Signed is the visitor's signature under the document: made here in a demo,
// else the note that was pasted. ok is false when there is none; the form then
// says so.
func (a *Ask) Signed(doc any, f *Form) (note string, ok bool) {
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
