package app

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"path"
	"strings"

	"sluss/internal/fault"
)

// Limits of a mail that is taken in as it came.
const (
	mailType  = "message/rfc822"
	mailDepth = 6   // parts within parts
	mailParts = 200 // parts in all
)

// inspectOriginal looks at an original: at a mail (.eml) part by part, since
// what is packed in it would not be seen otherwise.
func (a *App) inspectOriginal(name string, data []byte) (Inspected, error) {
	if !strings.EqualFold(path.Ext(name), ".eml") {
		return a.Inspect(name, data)
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return Inspected{}, badMail(err)
	}
	in := mailInspector{inspect: a.Inspect}
	err = in.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Header.Get("Content-Disposition"), m.Body, 0)
	return Inspected{Type: mailType, Numbers: in.numbers}, err
}

func badMail(err error) error {
	return fault.New("incoming.mail", "Mejlet går inte att läsa.", "The mail cannot be read.").Do("Spara det som .eml igen, eller skicka delarna för sig.", "Save it as .eml again, or send its parts by themselves.").Because(err)
}

type mailInspector struct {
	inspect InspectFunc
	numbers int
	parts   int
}

// part looks at one part and what is packed in it.
func (in *mailInspector) part(contentType, encoding, disposition string, body io.Reader, depth int) error {
	if in.parts++; in.parts > mailParts || depth > mailDepth {
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
			if err := in.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p, depth+1); err != nil {
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
		return in.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Header.Get("Content-Disposition"), m.Body, depth+1)
	}
	_, named, _ := mime.ParseMediaType(disposition)
	name := cmp.Or(named["filename"], params["name"])
	if strings.HasPrefix(typ, "text/") && !strings.EqualFold(path.Ext(name), ".csv") {
		name = "part.txt"
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	seen, err := in.inspect(name, data)
	in.numbers += seen.Numbers
	return err
}
