package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"path"
	"strings"

	"sluss/internal/access"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// Limits of a mail that is taken in as it came.
const (
	mailType  = "message/rfc822"
	mailDepth = 6   // parts within parts
	mailParts = 200 // parts in all
)

// MailPart is a part of a mail that holds no parts itself.
type MailPart struct {
	Name     string // of the file, as its sender named it, without a path; "" for none
	Type     string // as the sender says
	Attached bool   // a file, and not the text of the mail
	Data     []byte
}

// inspectOriginal looks at an original: at a mail (.eml) part by part, since
// what is packed in it would not be seen otherwise.
func (a *App) inspectOriginal(name string, data []byte) (Inspected, error) {
	if !strings.EqualFold(path.Ext(name), ".eml") {
		return a.Inspect(name, data)
	}
	numbers := 0
	err := walkMail(data, func(p MailPart) error {
		seen, err := a.Inspect(p.inspected(), p.Data)
		numbers += seen.Numbers
		return err
	})
	return Inspected{Type: mailType, Numbers: numbers}, err
}

// inspected is the name under which a part is looked at.
func (p MailPart) inspected() string {
	if strings.HasPrefix(p.Type, "text/") && !strings.EqualFold(path.Ext(p.Name), ".csv") {
		return "part.txt"
	}
	return p.Name
}

func badMail(err error) error {
	return fault.New("incoming.mail", "Mejlet går inte att läsa.", "The mail cannot be read.").Do("Spara det som .eml igen, eller skicka delarna för sig.", "Save it as .eml again, or send its parts by themselves.").Because(err)
}

// walkMail hands on every part of a mail that holds something, in their order.
func walkMail(data []byte, leaf func(MailPart) error) error {
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return badMail(err)
	}
	w := mailWalker{leaf: leaf}
	return w.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Header.Get("Content-Disposition"), m.Body, 0)
}

type mailWalker struct {
	leaf  func(MailPart) error
	parts int
}

// part looks at one part and what is packed in it.
func (w *mailWalker) part(contentType, encoding, disposition string, body io.Reader, depth int) error {
	if w.parts++; w.parts > mailParts || depth > mailDepth {
		return badMail(nil)
	}
	typ, params, err := mime.ParseMediaType(cmp.Or(contentType, "text/plain"))
	if err != nil {
		return badMail(err)
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	if strings.HasPrefix(typ, "multipart/") {
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return badMail(err)
			}
			if err := w.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p, depth+1); err != nil {
				return err
			}
		}
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return badMail(err)
	}
	if typ == mailType {
		m, err := mail.ReadMessage(bytes.NewReader(data))
		if err != nil {
			return badMail(err)
		}
		return w.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Header.Get("Content-Disposition"), m.Body, depth+1)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	how, named, _ := mime.ParseMediaType(disposition)
	name := cmp.Or(named["filename"], params["name"])
	if plain, err := new(mime.WordDecoder).DecodeHeader(name); err == nil {
		name = plain
	}
	return w.leaf(MailPart{name, typ, how == "attachment" || name != "", data})
}

// previewMax is how much of a mail's text is shown, in letters.
const previewMax = 5_000

// LetterParts returns the text of a mail that waits, as far as it is plain, and
// the files in it. Other letters have none.
func (a *App) LetterParts(ctx context.Context, p access.Person, id string) (text string, files []MailPart, err error) {
	l, r, err := a.OpenLetter(ctx, p, id)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = r.Close() }()
	if l.Type != mailType {
		return "", nil, nil
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxAttachment+1))
	if err != nil {
		return "", nil, err
	}
	text, files = opened(data)
	return text, files, nil
}

// opened is the text and the files of a mail, as far as it can be read.
func opened(data []byte) (text string, files []MailPart) {
	_ = walkMail(data, func(p MailPart) error {
		switch {
		case p.Attached:
			p.Name = fileName(p.Name)
			files = append(files, p)
		case p.Type == "text/plain" && text == "":
			runes := []rune(strings.ToValidUTF8(string(p.Data), "?"))
			text = strings.TrimSpace(string(runes[:min(len(runes), previewMax)]))
		}
		return nil
	}) // what cannot be taken apart is there as the original
	return text, files
}

// fileParts registers each file of a mail as a document of the case that the mail
// has been registered to. One that cannot be taken (of another kind, unreadable)
// stays in the mail, which is a document of the case already.
func (a *App) fileParts(ctx context.Context, p access.Person, l Letter, secrecy string) {
	if l.Type != mailType || l.Sealed {
		return
	}
	r, err := a.Blobs.Get(ctx, l.Blob)
	if err != nil {
		return
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(io.LimitReader(r, MaxAttachment+1))
	if err != nil {
		return
	}
	_, files := opened(data)
	for _, f := range files {
		doc := order.Document{Kind: "attachment", On: l.Arrived, Party: l.Sender, Channel: l.Channel, Secrecy: secrecy}
		if _, err := a.TakeOriginal(ctx, p, l.Case, doc, f.Name, bytes.NewReader(f.Data)); errors.Is(err, context.Canceled) {
			return
		}
	}
}
