// Package document looks at a file that somebody uploads to an application:
// what it is, and how many personnummer stand in it.
//
// It answers before anything is stored. What a file is, its content says and
// not its name; the two must agree. PDF, Word and Excel documents, plain text
// and pictures are taken. Programs, macros and embedded objects are not, nor
// are archives that unpack to more than they should.
//
//	in := document.Inspector{}
//	seen, err := in.Inspect("ansökan.docx", data)
//
// Faults: attachment.type (none of the kinds that are taken, or not what its
// name says), attachment.active (macro, program or embedded object),
// attachment.unreadable (broken, encrypted or packed beyond the limits), and
// those of PDFText.
package document

import (
	"bytes"
	"errors"
	"path"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

// Inspector looks at documents. The zero value does not look into PDF files.
type Inspector struct {
	// PDFText returns the text of a PDF file, "" for one that has none; its
	// faults are told as they are. nil: PDF files are not looked into.
	PDFText func(data []byte) (string, error)
	// Enough is how many different numbers end the counting; 0 = one more than
	// app.MaxNumbers.
	Enough int
}

// kinds are the documents that are taken, by the end of their names.
var kinds = map[string]struct {
	media string
	is    func(data []byte) bool
}{
	".pdf":  {"application/pdf", func(b []byte) bool { return bytes.Contains(b[:min(len(b), 1024)], []byte("%PDF-")) }},
	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", zipped},
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", zipped},
	".txt":  {"text/plain; charset=utf-8", plain},
	".csv":  {"text/csv; charset=utf-8", plain},
	".png":  {"image/png", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }},
	".jpg":  {"image/jpeg", jpeg},
	".jpeg": {"image/jpeg", jpeg},
}

func zipped(b []byte) bool { return bytes.HasPrefix(b, []byte("PK\x03\x04")) }

func jpeg(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }

// plain reports whether data is text: UTF-8 or Latin letters, or UTF-16 that
// says so, and no control characters but those of lines.
func plain(b []byte) bool {
	if wide(b) {
		return true
	}
	for _, head := range []string{"%PDF-", "PK\x03\x04", "MZ", "\x7fELF", "#!", "{\\rtf"} {
		if bytes.HasPrefix(b, []byte(head)) {
			return false
		}
	}
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			return false
		}
	}
	return true
}

func wide(b []byte) bool {
	return len(b)%2 == 0 && (bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")))
}

// Inspect says what the document is and how many different personnummer and
// samordningsnummer it holds. It implements app.InspectFunc.
func (in Inspector) Inspect(name string, data []byte) (app.Inspected, error) {
	ext := strings.ToLower(path.Ext(name))
	kind, ok := kinds[ext]
	if !ok || !kind.is(data) {
		return app.Inspected{}, fault.New("attachment.type", "Filen är inget av de slag som tas emot, eller inte vad dess namn säger.", "The file is none of the kinds that are taken, or not what its name says.").
			Do("Skicka PDF, Word (docx), Excel (xlsx), text (txt, csv), PNG eller JPEG.", "Send PDF, Word (docx), Excel (xlsx), text (txt, csv), PNG or JPEG.")
	}
	c := counter{seen: map[uint64]bool{}, enough: in.Enough}
	if c.enough == 0 {
		c.enough = app.MaxNumbers + 1
	}
	var err error
	switch ext {
	case ".docx", ".xlsx":
		err = office(ext, data, c.count, 0)
	case ".txt", ".csv":
		c.count(narrow(data))
	case ".pdf":
		if in.PDFText != nil {
			var text string
			if text, err = in.PDFText(data); err == nil {
				c.count([]byte(text))
			} else {
				err = untold(err)
			}
		}
	}
	if err != nil {
		return app.Inspected{}, err
	}
	return app.Inspected{Type: kind.media, Numbers: len(c.seen)}, nil
}

// untold is an error that does not say itself what to do about it.
func untold(err error) error {
	if _, ok := errors.AsType[*fault.Fault](err); ok {
		return err
	}
	return unreadable().Because(err)
}

func unreadable() *fault.Fault {
	return fault.New("attachment.unreadable", "Dokumentet går inte att öppna: det är trasigt, lösenordsskyddat eller onödigt stort uppackat.", "The document cannot be opened: it is broken, protected by a password or needlessly large when unpacked.").
		Do("Spara det på nytt, eller som PDF.", "Save it anew, or as PDF.")
}

func active() *fault.Fault {
	return fault.New("attachment.active", "Dokumentet innehåller makron, program eller inbäddade objekt.", "The document holds macros, programs or embedded objects.").
		Do("Spara det utan dem, eller som PDF.", "Save it without them, or as PDF.")
}

// narrow is text in any of the forms that plain takes, as bytes in which digits
// stand as digits.
func narrow(b []byte) []byte {
	if !wide(b) {
		return b
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 {
		if b[0] == 0xff {
			units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
		} else {
			units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
		}
	}
	out := make([]byte, 0, len(units))
	for _, r := range utf16.Decode(units) {
		out = utf8.AppendRune(out, r)
	}
	return out
}

// counter counts different numbers. With and without century, sign or space a
// number is the same.
type counter struct {
	seen   map[uint64]bool
	enough int
}

// count counts the numbers in text; false when there are enough.
func (c *counter) count(text []byte) bool {
	if len(c.seen) < c.enough {
		swede.FindIn(text, swede.Real, func(h swede.Hit) bool {
			if h.Alone {
				c.seen[lastTen(text[h.Start:h.End])] = true
			}
			return len(c.seen) < c.enough
		})
	}
	return len(c.seen) < c.enough
}

// lastTen is the number that the last ten digits of text write.
func lastTen(text []byte) uint64 {
	var n uint64
	for _, b := range text {
		if '0' <= b && b <= '9' {
			n = (n*10 + uint64(b-'0')) % 10_000_000_000
		}
	}
	return n
}
