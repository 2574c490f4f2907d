package app

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Originals: what staff put into a case that nobody attached to an
// application, such as a letter, a statement or a decision that leaves. Each is
// uploaded and registered in one act, gets its number in the case, and is never
// sent to the parties by itself.

// originalsOf is the place of a case's originals among the attachments.
func originalsOf(id string) string { return "I-" + id }

// TakeOriginal takes an original in from a registrar or handler and registers
// it as doc, whose name, blob and hash it gives. It is looked at as an
// attachment is. It returns the document with its number in the case.
func (a *App) TakeOriginal(ctx context.Context, p access.Person, id string, doc order.Document, name string, r io.Reader) (order.Document, error) {
	if a.Attachments == nil || a.Inspect == nil {
		return doc, ErrNotFound
	}
	entries, err := a.Log.Load(ctx, id)
	if err != nil {
		return doc, err
	}
	rel := access.Relate(p, entries)
	if rel == access.None {
		return doc, ErrNotFound
	}
	if !access.May(p.Role, order.RegisterDocument{}, rel) {
		return doc, (&fault.Fault{
			Code: "access.denied", Class: fault.Gate, Rule: "access", SV: "Rollen " + string(p.Role) + " registrerar inga handlingar.", EN: "The role " + string(p.Role) + " registers no documents.",
		}).Do("Be registratorn.", "Ask the registrar.")
	}
	at, err := a.take(ctx, p, originalsOf(id), name, doc.Kind, r)
	if err != nil {
		return doc, err
	}
	doc.Name, doc.Blob, doc.SHA256 = at.Name, at.Blob, at.SHA256
	s, err := a.Do(ctx, p.Actor(), id, order.RegisterDocument{Document: doc})
	if err != nil {
		after := context.WithoutCancel(ctx)
		return doc, errors.Join(err, a.Attachments.DropAttachment(after, at.ID), a.Blobs.Delete(after, at.Blob))
	}
	i := slices.IndexFunc(s.Documents, func(d order.Document) bool { return d.Blob == at.Blob })
	return s.Documents[i], nil
}

// uploadedTo is everything that has been uploaded to a case, by its parties and
// by staff.
func (a *App) uploadedTo(ctx context.Context, id string) ([]Attachment, error) {
	theirs, err := a.Attachments.AttachmentsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	ours, err := a.Attachments.AttachmentsOf(ctx, originalsOf(id))
	return append(theirs, ours...), err
}

// checkOriginal refuses a registration whose original has not been uploaded to
// the same place: blob names a file of it (attachments/ and the id of a
// document), and is never free text. A counter
// without attachments, which only a test has, takes what it is given.
func (a *App) checkOriginal(ctx context.Context, id, blob string, sum canon.Hash) error {
	if a.Attachments == nil {
		return nil
	}
	var all []Attachment
	if id != "" {
		var err error
		if all, err = a.uploadedTo(ctx, id); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(all, func(at Attachment) bool { return at.Blob == blob && at.SHA256 == sum && !at.Sealed }) {
		return nil
	}
	kept, err := a.keptLetter(ctx, blob, sum)
	if err != nil || kept {
		return err
	}
	return (&fault.Fault{
		Code: "original.unknown", Class: fault.Gate, Rule: "original", Law: "offentlighets- och sekretesslagen (2009:400) 5 kap. 1–2 §§",
		SV: "Originalet finns inte här.", EN: "The original is not here.", Where: fault.Where{Column: "blob"},
	}).Do("Lägg in filen: i ärendet, eller som inkommen post när det inte finns något ärende än.", "Put the file in: into the case, or as incoming mail when there is no case yet.")
}

// lettersIn is where mail and post that has no case yet lies among the blobs.
const lettersIn = "incoming/"

// keptLetter reports whether the blob is a letter that lies here with the hash.
func (a *App) keptLetter(ctx context.Context, blob string, sum canon.Hash) (bool, error) {
	if !strings.HasPrefix(blob, lettersIn) {
		return false, nil
	}
	r, err := a.Blobs.Get(ctx, blob)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, is, err := canon.SumReader(r)
	return is == sum, errors.Join(err, r.Close())
}

// checkArrival is checkOriginal for what opens a case.
func (a *App) checkArrival(ctx context.Context, arrival *order.Arrival) error {
	if arrival == nil {
		return nil
	}
	return a.checkOriginal(ctx, "", arrival.Blob, arrival.SHA256)
}
