package wordform

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// mainOf unpacks the main part of a document, having looked at all of it.
func mainOf(doc []byte) ([]byte, error) {
	switch {
	case len(doc) > MaxBytes:
		return nil, TooLarge()
	case bytes.HasPrefix(doc, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, refuse("old", "Filen är i Words äldre format, eller skyddad av ett lösenord.", "The file is in Word's older format, or protected by a password.",
			"Spara den som .docx utan lösenord och skicka den igen.", "Save it as .docx without a password and send it again.")
	}
	z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		return nil, unreadable().Because(err)
	}
	if len(z.File) > entriesMax {
		return nil, packed()
	}
	var found []byte
	left, seen := int64(unpackedMax), map[string]bool{}
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if seen[name] || f.Flags&1 != 0 { // two parts of a name are two documents in one
			return nil, unreadable()
		}
		seen[name] = true
		if err := harmless(name); err != nil {
			return nil, err
		}
		if ext := path.Ext(name); ext != ".xml" && ext != ".rels" {
			continue // pictures, fonts: never opened
		}
		text, err := unpack(f, &left)
		if err != nil {
			return nil, err
		}
		if err := plain(name, text); err != nil {
			return nil, err
		}
		if name == mainPart {
			found = text
		}
	}
	if found == nil || !seen["[content_types].xml"] {
		return nil, unreadable()
	}
	return found, nil
}

// harmless refuses a part by its name.
func harmless(name string) error {
	switch ext := path.Ext(name); {
	case strings.Contains(name, "vbaproject") || strings.Contains(name, "vbadata"):
		return macro()
	case strings.Contains(name, "/embeddings/"), strings.Contains(name, "/activex/"), strings.Contains(name, "oleobject"), strings.Contains(name, "afchunk"),
		ext == ".bin", ext == ".exe", ext == ".dll", ext == ".js", ext == ".vbs", ext == ".docx", ext == ".docm", ext == ".doc", ext == ".xlsx", ext == ".xlsm", ext == ".xls", ext == ".zip", ext == ".html", ext == ".htm", ext == ".rtf", ext == ".mht":
		return embedded()
	}
	return nil
}

func embedded() error {
	return refuse("embedded", "Dokumentet innehåller inbäddade filer eller objekt.", "The document holds embedded files or objects.",
		"Ta bort dem, spara som .docx och skicka bilagor för sig.", "Remove them, save as .docx and send attachments by themselves.")
}

func macro() error {
	return refuse("macro", "Dokumentet innehåller makron.", "The document holds macros.", "Spara det som vanlig .docx utan makron.", "Save it as a plain .docx without macros.")
}

// unpack reads a part within the bounds, whatever the archive says of itself.
func unpack(f *zip.File, left *int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, unreadable().Because(err)
	}
	defer func() { _ = r.Close() }()
	most := min(*left, max(int64(min(f.CompressedSize64, MaxBytes))*ratioMax, ratioFrom))
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if int64(len(text)) > most {
		return nil, packed()
	}
	if err != nil {
		return nil, unreadable().Because(err)
	}
	*left -= int64(len(text))
	return text, nil
}

// plain refuses XML with a DTD, and what points out of the document: types of
// documents with macros, and relationships to the outside.
func plain(name string, text []byte) error {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) || bytes.IndexByte(text, 0) >= 0 {
		return unreadable() // UTF-16, which no program writes here and which hides what is looked for
	}
	if bytes.Contains(text, []byte("<!DOCTYPE")) || bytes.Contains(text, []byte("<!ENTITY")) {
		return dtd()
	}
	if name != "[content_types].xml" && path.Ext(name) != ".rels" {
		return nil
	}
	return elements(text, func(t xml.StartElement) error {
		typ, target, mode := "", "", ""
		for _, a := range t.Attr {
			value := strings.ToLower(a.Value)
			switch a.Name.Local {
			case "ContentType", "Type":
				typ = value
			case "Target":
				target = value
			case "TargetMode":
				mode = value
			}
		}
		return relation(typ, target, mode)
	})
}

// relation refuses what a part is said to be, or to point at.
func relation(typ, target, mode string) error {
	ends := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(typ, "/"+n) })
	}
	begins := func(heads ...string) bool {
		return slices.ContainsFunc(heads, func(h string) bool { return strings.HasPrefix(target, h) })
	}
	switch {
	case strings.Contains(typ, "macroenabled"), strings.Contains(typ, "vbaproject"), ends("wordvbadata"):
		return macro()
	case mode == "external", strings.Contains(target, "://"), begins("mailto:", `\\`, "//", "file:"):
		return refuse("external", "Dokumentet har länkar till något utanför sig självt.", "The document links to something outside itself.",
			"Ta bort länkar och länkade bilder (Ctrl+A, Ctrl+Skift+F9) och skicka det igen.", "Remove links and linked pictures (Ctrl+A, Ctrl+Shift+F9) and send it again.")
	case ends("oleobject", "package", "control", "afchunk", "attachedtemplate", "subdocument"):
		return embedded()
	}
	return nil
}

// elements hands on every element of a part.
func elements(text []byte, each func(xml.StartElement) error) error {
	dec := xml.NewDecoder(bytes.NewReader(text))
	depth := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable().Because(err)
		}
		switch t := tok.(type) {
		case xml.Directive:
			return dtd()
		case xml.StartElement:
			if depth++; depth > depthMax {
				return deep()
			}
			if err := each(t); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		}
	}
}
