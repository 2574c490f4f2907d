package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"sluss/internal/access"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// Limits of attachments.
const (
	// MaxAttachment is how many bytes a document may have.
	MaxAttachment = 25 << 20
	// MaxNumbers is how many different personnummer a document may hold. With
	// more it is taken for a list of persons, which belongs in the vault.
	MaxNumbers = 5
	// maxLoose is how many documents may wait at one draft or supplement.
	maxLoose = 100
	// inspected is how many documents are held in memory at once.
	inspected = 2
)

// uploaded begins the id of every uploaded document.
const uploaded = "B-"

// Attachment is what is known of an uploaded document.
type Attachment struct {
	ID string
	// Place is the draft or case that it belongs to. A document belongs to one
	// place, and goes with the draft to the case.
	Place  string
	Kind   string // of intake
	Name   string // as its sender named it, without a path
	Type   string // media type, from its content
	Bytes  int64
	SHA256 canon.Hash // of what is stored
	By     string     // who sent it
	At     time.Time
	// Sealed: it held too many personnummer and lies sealed to the vault's key;
	// nobody at the counter can open it.
	Sealed bool
	// Filed: a version of the application that was handed in names it. From
	// then on it stays, whatever later versions name.
	Filed bool
	Blob  string // where its bytes lie; "" when they have been destroyed
}

// Attachments keeps what is known of documents; their bytes lie in [Blobs].
type Attachments interface {
	// PutAttachment stores a new row.
	PutAttachment(ctx context.Context, a Attachment) error
	// AttachmentsOf returns what belongs to a draft or case, oldest first.
	AttachmentsOf(ctx context.Context, place string) ([]Attachment, error)
	// LooseBlobs returns the blobs of documents that belong nowhere any more,
	// at most limit, and ForgetBlob the knowledge of one when its bytes are
	// gone.
	LooseBlobs(ctx context.Context, limit int) ([]string, error)
	ForgetBlob(ctx context.Context, blob string) error
	// DropAttachment removes the knowledge of one document.
	DropAttachment(ctx context.Context, id string) error
	// SealedFiles returns what lies sealed away anywhere, oldest first, and
	// EmptySealed notes that the bytes of one are gone: that it was there stays
	// known.
	SealedFiles(ctx context.Context) ([]Attachment, error)
	EmptySealed(ctx context.Context, blob string) error
}

// InspectFunc looks at a document: what it is, and how many different
// personnummer stand in it (counting may stop above [MaxNumbers]). Its faults
// say why a document is not taken.
type InspectFunc func(name string, data []byte) (Inspected, error)

// Inspected is what is found in a document.
type Inspected struct {
	Type    string // media type
	Numbers int
}

// inspecting bounds how many documents are in memory.
var inspecting = make(chan struct{}, inspected)

// TakeAttachment takes a document in, for a draft or for a case whose
// supplement waits for an answer. It is looked at in memory before a byte is
// stored. A document with more than [MaxNumbers] personnummer is sealed to the
// vault's key at once: the place only gets a record that says so, and the
// sender a fault. Two documents of one name are two documents.
func (a *App) TakeAttachment(ctx context.Context, p access.Person, place, name, kind string, r io.Reader) (Attachment, error) {
	if err := a.mayAttach(ctx, p, place); err != nil {
		return Attachment{}, err
	}
	return a.take(ctx, p, place, name, kind, r)
}

// take looks at a document and stores it.
func (a *App) take(ctx context.Context, p access.Person, place, name, kind string, r io.Reader) (Attachment, error) {
	select {
	case inspecting <- struct{}{}:
		defer func() { <-inspecting }()
	case <-ctx.Done():
		return Attachment{}, ctx.Err()
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxAttachment+1))
	switch {
	case err != nil:
		return Attachment{}, fault.New("attachment.cut", "Filen kom inte fram hel.", "The file did not arrive whole.").Do("Skicka den igen.", "Send it again.").Because(err)
	case len(data) == 0:
		return Attachment{}, fault.New("attachment.empty", "Filen är tom.", "The file is empty.").Do("Skicka den igen.", "Send it again.")
	case len(data) > MaxAttachment:
		return Attachment{}, fault.New("attachment.too_large", "Filen är större än 25 MB.", "The file is larger than 25 MB.").Do("Dela den, eller spara bilder i lägre upplösning.", "Split it, or save its pictures with a lower resolution.")
	}
	if err := a.Scan(ctx, data); err != nil {
		return Attachment{}, err
	}
	name = fileName(name)
	seen, err := a.Inspect(name, data)
	if err != nil {
		return Attachment{}, err
	}
	at := Attachment{ID: uploaded + rand.Text()[:16], Place: place, Kind: kind, Name: name, Type: seen.Type, By: p.ID, At: a.Clock()}
	if seen.Numbers > MaxNumbers {
		return a.sealAway(ctx, at, data)
	}
	at.Blob = "attachments/" + at.ID
	if at.Bytes, at.SHA256, err = a.Blobs.Put(ctx, at.Blob, bytes.NewReader(data)); err != nil {
		return Attachment{}, err
	}
	return at, a.putAttachment(ctx, at)
}

// putAttachment stores the row, or leaves no bytes behind.
func (a *App) putAttachment(ctx context.Context, at Attachment) error {
	err := a.Attachments.PutAttachment(ctx, at)
	if err != nil {
		err = errors.Join(err, a.Blobs.Delete(context.WithoutCancel(ctx), at.Blob))
	}
	return err
}

// sealAway stores a document that should not have been sent so that the vault
// alone can open it.
func (a *App) sealAway(ctx context.Context, at Attachment, data []byte) (Attachment, error) {
	at.Sealed, at.Name, at.Type, at.Blob = true, "", "application/age", "sealed-away/"+at.ID+".age"
	pr, pw := io.Pipe()
	go func() {
		w, err := a.Seal(pw, a.VaultKey)
		if err == nil {
			if _, err = w.Write(data); err == nil {
				err = w.Close()
			}
		}
		pw.CloseWithError(err)
	}()
	var err error
	if at.Bytes, at.SHA256, err = a.Blobs.Put(ctx, at.Blob, pr); err != nil {
		pr.CloseWithError(err) // ends the writing above
		return Attachment{}, err
	}
	if err := a.putAttachment(ctx, at); err != nil {
		return Attachment{}, err
	}
	if !IsDraft(at.Place) {
		if _, err := a.Do(ctx, clockActor, strings.TrimPrefix(at.Place, originalsOf("")), order.SealAway{Blob: at.Blob, Sender: at.By}); err != nil {
			return Attachment{}, err
		}
	}
	return at, fault.New("attachment.sealed_away",
		fmt.Sprintf("Filen innehåller fler än %d personnummer. Den är förseglad till valvet och syns inte i ärendet.", MaxNumbers),
		fmt.Sprintf("The file holds more than %d personnummer. It is sealed to the vault and does not show in the case.", MaxNumbers)).
		Do("Skicka ett dokument utan uppgifter om enskilda. En populationsfil tas emot först efter beslutet, på en egen väg.",
			"Send a document without data about single persons. A population file is received after the decision only, by a road of its own.")
}

// mayAttach refuses who may not add documents to the draft or case now.
func (a *App) mayAttach(ctx context.Context, p access.Person, place string) error {
	if a.Attachments == nil || a.Inspect == nil {
		return ErrNotFound
	}
	if IsDraft(place) {
		if _, err := a.draft(ctx, p, place); err != nil {
			return err
		}
	} else {
		entries, err := a.Log.Load(ctx, place)
		if err != nil {
			return err
		}
		rel := access.Relate(p, entries)
		if rel == access.None {
			return ErrNotFound
		}
		if !access.May(p.Role, order.AnswerSupplement{}, rel) {
			return (&fault.Fault{Code: "access.denied", Class: fault.Gate, Rule: "access", SV: "Rollen " + string(p.Role) + " får inte lägga till bilagor.", EN: "The role " + string(p.Role) + " may not add attachments."}).
				Do("Be någon med rätt roll; docs/access.md är tabellen.", "Ask somebody with the right role; docs/access.md is the table.")
		}
		if order.Fold(place, entries).OpenSupplement() == nil {
			return (&fault.Fault{Code: "attachment.no_supplement", Class: fault.Gate, Rule: "supplement", SV: "Ingen komplettering är begärd, så inget kan läggas till.", EN: "No supplement has been asked for, so nothing can be added."}).
				Do("Skicka ett meddelande till handläggaren.", "Send the handler a message.")
		}
	}
	have, err := a.Attachments.AttachmentsOf(ctx, place)
	if err != nil {
		return err
	}
	loose := 0
	for _, at := range have {
		if !at.Filed {
			loose++
		}
	}
	if loose >= maxLoose {
		return fault.New("attachment.too_many", fmt.Sprintf("Det finns redan %d bilagor här.", maxLoose), fmt.Sprintf("There are %d attachments here already.", maxLoose)).
			Do("Slå ihop dokument.", "Put documents together.")
	}
	return nil
}

// IsDraft reports whether a place is a draft and not a case.
func IsDraft(place string) bool { return strings.HasPrefix(place, "U-") }

// fileName is a name that a sender gave, without a path and what cannot be
// printed, and without digits when it holds a personnummer.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || strings.ContainsRune("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", r) {
			return -1
		}
		return r
	}, name)
	if swede.Contains(name) {
		name = swede.Mask(name)
	}
	ext := path.Ext(name)
	stem := []rune(strings.TrimSuffix(name, ext))
	return string(stem[:min(len(stem), 120)]) + ext
}

// Documents returns what has been sent to a draft or case, as the person may
// know it: what waits at a supplement is its parties' own until it is answered.
func (a *App) Documents(ctx context.Context, p access.Person, place string) ([]Attachment, error) {
	if a.Attachments == nil {
		return nil, ErrNotFound
	}
	outside := true
	if IsDraft(place) {
		if _, err := a.draft(ctx, p, place); err != nil {
			return nil, err
		}
	} else {
		entries, err := a.Log.Load(ctx, place)
		if err != nil {
			return nil, err
		}
		rel := access.Relate(p, entries)
		s := order.Fold(place, entries)
		switch {
		case !access.MaySee(p.Role, access.ViewCase, rel, s):
			return nil, ErrNotFound
		case !access.MaySee(p.Role, access.ViewApplication, rel, s):
			return nil, (&fault.Fault{Code: "access.denied", Class: fault.Gate, Rule: "access", SV: "Rollen " + string(p.Role) + " får inte se bilagorna.", EN: "The role " + string(p.Role) + " may not see the attachments."}).
				Do("Be någon med rätt roll; docs/access.md är tabellen.", "Ask somebody with the right role; docs/access.md is the table.")
		}
		outside = access.Outside(p.Role)
	}
	all, err := a.Attachments.AttachmentsOf(ctx, place)
	return slices.DeleteFunc(all, func(at Attachment) bool { return !outside && !at.Filed && !at.Sealed }), err
}

// OpenDocument opens a document that the person may know of. What is sealed
// away can be opened by nobody here.
func (a *App) OpenDocument(ctx context.Context, p access.Person, place, id string) (Attachment, io.ReadCloser, error) {
	all, err := a.Documents(ctx, p, place)
	if err != nil {
		return Attachment{}, nil, err
	}
	i := slices.IndexFunc(all, func(at Attachment) bool { return at.ID == id })
	if i < 0 || all[i].Sealed {
		return Attachment{}, nil, ErrNotFound
	}
	r, err := a.Blobs.Get(ctx, all[i].Blob)
	return all[i], r, err
}

// checkAttachments refuses an application that names an uploaded document which
// has not been sent to the same draft or case. What an earlier version named
// may be named again. Ids of another form are the orderer's own words for
// documents that come by post.
func (a *App) checkAttachments(ctx context.Context, place string, now, before intake.Application) error {
	var have []Attachment
	for i, x := range now.Attachments {
		if !strings.HasPrefix(x.ID, uploaded) || slices.ContainsFunc(before.Attachments, func(b intake.Attachment) bool { return b.ID == x.ID && b.SHA256 == x.SHA256 }) {
			continue
		}
		if have == nil && a.Attachments != nil {
			var err error
			if have, err = a.Attachments.AttachmentsOf(ctx, place); err != nil {
				return err
			}
		}
		if !slices.ContainsFunc(have, func(at Attachment) bool { return at.ID == x.ID && string(at.SHA256) == x.SHA256 && !at.Sealed }) {
			return (&fault.Fault{
				Code: "attachment.unknown", Class: fault.Gate, Rule: "attachment", SV: "Bilagan finns inte här.", EN: "The attachment is not here.",
				Where: fault.Where{Column: fmt.Sprintf("attachments[%d]", i)},
			}).Do("Ladda upp den på nytt.", "Upload it again.")
		}
	}
	return nil
}

// SweepAttachments removes the bytes of documents that belong nowhere any
// more.
func (a *App) SweepAttachments(ctx context.Context) error {
	for a.Attachments != nil {
		const some = 100
		blobs, err := a.Attachments.LooseBlobs(ctx, some)
		if err != nil {
			return err
		}
		for _, b := range blobs {
			if err := a.Blobs.Delete(ctx, b); err != nil {
				return err
			}
			if err := a.Attachments.ForgetBlob(ctx, b); err != nil {
				return err
			}
		}
		if len(blobs) < some {
			break
		}
	}
	return nil
}

// PurgeSealed destroys what has been sealed away for longer than the authority
// keeps it, and returns how many files that were. In a case the log tells of
// it; at a draft the record of the document does.
func (a *App) PurgeSealed(ctx context.Context) (int, error) {
	if a.Attachments == nil {
		return 0, nil
	}
	all, err := a.Attachments.SealedFiles(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, at := range all {
		if a.Clock().Before(at.At.AddDate(0, 0, a.Authority.SealedFor())) {
			continue
		}
		if err := a.destroySealed(ctx, at.Blob); err != nil {
			return n, err
		}
		n++
		if id := strings.TrimPrefix(at.Place, originalsOf("")); !IsDraft(id) {
			if _, err := a.Do(ctx, clockActor, id, order.DestroySealed{Blob: at.Blob}); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// destroySealed removes the bytes of a file that was sealed away.
func (a *App) destroySealed(ctx context.Context, blob string) error {
	if err := a.Blobs.Delete(ctx, blob); err != nil || a.Attachments == nil {
		return err
	}
	return a.Attachments.EmptySealed(ctx, blob)
}
