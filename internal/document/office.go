package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"sluss/internal/app"
)

// Limits of an unpacked Word or Excel document.
const (
	maxEntries  = 2000
	maxUnpacked = 64 << 20 // bytes of all entries together
	maxRatio    = 200      // unpacked to packed, of an entry above ratioFrom
	ratioFrom   = 1 << 20
)

// office looks through a Word or Excel document and hands its text on, until
// text returns false.
func office(ext string, data []byte, text func([]byte) bool, depth int) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > maxEntries {
		return unreadable().Because(err)
	}
	if err := harmless(z, ext); err != nil {
		return err
	}
	left := int64(maxUnpacked)
	more := true
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		switch ext := path.Ext(name); ext {
		case ".docx", ".xlsx": // a document in the document
			if depth > 0 {
				return active()
			}
			r, err := unpack(f, &left)
			if err != nil {
				return err
			}
			inner, err := io.ReadAll(io.LimitReader(r, app.MaxAttachment+1))
			if err != nil || len(inner) > app.MaxAttachment {
				return unreadable().Because(err)
			}
			if err := office(ext, inner, text, depth+1); err != nil {
				return err
			}
		case ".xml":
			r, err := unpack(f, &left)
			if err != nil {
				return err
			}
			if more, err = textOf(r, text); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
	return nil
}

// mainPart is the part that makes an archive a document of its kind.
var mainPart = map[string]string{".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}

// harmless refuses macros, programs and embedded objects, and an archive that
// is no such document.
func harmless(z *zip.Reader, ext string) error {
	types, main := false, false
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(f.Name, "/"))
		types = types || name == "[content_types].xml"
		main = main || name == mainPart[ext]
		if f.Flags&1 != 0 {
			return unreadable()
		}
		switch path.Ext(name) {
		case ".bin":
			if strings.Contains(name, "vbaproject") || strings.Contains(name, "/embeddings/") || strings.Contains(name, "/activex/") {
				return active()
			}
		case ".exe", ".dll", ".com", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jar", ".msi", ".hta", ".docm", ".xlsm", ".doc", ".xls", ".zip":
			return active()
		}
	}
	if !types || !main {
		return unreadable()
	}
	return nil
}

// unpack opens an entry to be read within the limits: of what it may be
// unpacked to by itself, and of what is left for all entries.
func unpack(f *zip.File, left *int64) (io.Reader, error) {
	r, err := f.Open()
	if err != nil {
		return nil, unreadable().Because(err)
	}
	return &bounded{r, left, max(int64(f.CompressedSize64)*maxRatio, ratioFrom)}, nil
}

// bounded ends in errTooMuch when a limit is passed, whatever the archive says
// of itself.
type bounded struct {
	r    io.Reader
	all  *int64 // left for all entries
	here int64  // left for this one
}

var errTooMuch = errors.New("the archive unpacks to more than it may")

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	*b.all -= int64(n)
	if b.here -= int64(n); b.here < 0 || *b.all < 0 {
		return 0, errTooMuch
	}
	return n, err
}

// ends are the elements after which another word begins: paragraph, line
// break, tab and table cell of Word; string, value and cell of Excel. Between
// all others, text goes on: Word may cut a number into pieces.
var ends = map[string]bool{
	"p": true, "br": true, "cr": true, "tab": true, "tc": true, "si": true, "v": true, "c": true, "is": true, "comment": true, "text": true,
}

// textOf hands on the text of an XML part, some paragraphs at a time.
func textOf(r io.Reader, text func([]byte) bool) (more bool, err error) {
	dec := xml.NewDecoder(r)
	dec.Strict = false
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // digits are digits
	var line []byte
	value := false
	for {
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return text(line), nil
		}
		if err != nil {
			return false, unreadable().Because(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			value = t.Name.Local == "v"
			if ends[t.Name.Local] {
				line = append(line, '\n')
			}
		case xml.CharData:
			if value {
				t = whole(t)
			}
			line = append(line, t...)
		case xml.EndElement:
			value = false
			if ends[t.Name.Local] {
				line = append(line, '\n')
			}
		}
		if len(line) > 1<<16 && line[len(line)-1] == '\n' {
			if !text(line) {
				return false, nil
			}
			line = line[:0]
		}
	}
}

// whole writes a cell's number without an exponent: 1.91212121212E11 is a
// personnummer as well.
func whole(v []byte) []byte {
	if !bytes.ContainsAny(v, "eE") {
		return v
	}
	f, err := strconv.ParseFloat(string(bytes.TrimSpace(v)), 64)
	if err != nil || f < 0 || f > 1e15 {
		return v
	}
	return strconv.AppendFloat(nil, f, 'f', 0, 64)
}
