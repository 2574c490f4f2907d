package document_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"sluss/internal/day"
	"sluss/internal/document"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

// number is the n-th of many valid numbers, ten digits.
func number(n int) string {
	p := swede.Make(day.MustParse("1980-01-01")+day.Day(n), 100+n%800, n%7 == 0, swede.Real)
	return fmt.Sprintf("%010d", p.Reveal()%10_000_000_000)
}

// maker is a test, or a property test.
type maker interface {
	Helper()
	Fatal(args ...any)
}

func packed(t maker, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func word(t maker, body string, more ...string) []byte {
	return packed(t, append([]string{"[Content_Types].xml", "<Types/>", "word/document.xml", `<w:document xmlns:w="w"><w:body>` + body + `</w:body></w:document>`}, more...)...)
}

func sheet(t maker, cells string, more ...string) []byte {
	return packed(t, append([]string{"[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>" + cells + "</row></sheetData></worksheet>"}, more...)...)
}

func wide(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func code(err error) string {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		return fmt.Sprint(err)
	}
	return f.Code
}

func TestThreat17WhatDocumentsAre(t *testing.T) {
	t.Parallel()
	a, b := number(1), number(2)
	dash := a[:6] + "-" + a[6:]
	cut := "<w:p><w:r><w:t>" + a[:4] + "</w:t></w:r><w:r><w:t>" + a[4:] + "</w:t></w:r></w:p>"
	two := "<w:p><w:t>" + a[:5] + "</w:t></w:p><w:p><w:t>" + a[5:] + "</w:t></w:p>"
	for _, tt := range []struct {
		name string
		data []byte
		want string // numbers or code
	}{
		{"a.txt", []byte("inget här"), "0"},
		{"A.TXT", []byte(a + "\n" + dash + "; 19" + a + " och 19" + dash), "1"},
		{"a.csv", []byte(a + ";" + b), "2"},
		{"a.txt", []byte("1" + a), "0"},
		{"a.txt", wide("å " + dash + "\n" + b), "2"},
		{"a.docx", word(t, cut), "1"},
		{"a.docx", word(t, two), "0"},
		{"a.docx", word(t, "<w:p/>", "word/footnotes.xml", "<f><w:p><w:t>"+b+"</w:t></w:p></f>"), "1"},
		{"a.docx", word(t, "<w:p/>", "word/embeddings/x.xlsx", string(sheet(t, "<c><v>"+a+"</v></c>"))), "1"},
		{"a.docx", word(t, "<w:p/>", "word/embeddings/x.docx", string(word(t, "", "word/embeddings/y.docx", string(word(t, ""))))), "attachment.active"},
		{"a.xlsx", sheet(t, "<c><v>"+a+"</v></c><c><v>19"+a+"</v></c><c><v>"+b+"</v></c>"), "2"},
		{"a.xlsx", sheet(t, "<c><v>1.9"+a+"E11</v></c>"), "1"},
		{"a.xlsx", sheet(t, "<c><v>"+a[:5]+"</v></c><c><v>"+a[5:]+"</v></c>"), "0"},
		{"a.xlsx", sheet(t, "", "xl/sharedStrings.xml", "<sst><si><r><t>"+a[:6]+"</t></r><r><t>-"+a[6:]+"</t></r></si></sst>"), "1"},
		{"a.pdf", []byte("%PDF-1.7\n" + a), "0"},
		{"a.png", []byte("\x89PNG\r\n\x1a\n"), "0"},
		{"a.jpeg", []byte("\xff\xd8\xff\xe0"), "0"},
		{"a.exe", []byte("MZ"), "attachment.type"},
		{"a", []byte("text"), "attachment.type"},
		{"a.pdf", []byte("MZ"), "attachment.type"},
		{"a.txt", []byte("MZ program"), "attachment.type"},
		{"a.txt", []byte("%PDF-1.7"), "attachment.type"},
		{"a.txt", []byte("\x00\x01"), "attachment.type"},
		{"a.docm", word(t, ""), "attachment.type"},
		{"a.docx", []byte("\xd0\xcf\x11\xe0"), "attachment.type"},
		{"a.docx", word(t, "", "word/vbaProject.bin", "x"), "attachment.active"},
		{"a.docx", word(t, "", "word/embeddings/oleObject1.bin", "x"), "attachment.active"},
		{"a.docx", word(t, "", "word/x.exe", "x"), "attachment.active"},
		{"a.docx", sheet(t, ""), "attachment.unreadable"},
		{"a.xlsx", word(t, ""), "attachment.unreadable"},
		{"a.docx", []byte("PK\x03\x04broken"), "attachment.unreadable"},
		{"a.docx", word(t, strings.Repeat("<w:p/>", 1<<21)), "attachment.unreadable"}, // 12 MB of nearly nothing
	} {
		seen, err := document.Inspector{}.Inspect(tt.name, tt.data)
		got := fmt.Sprint(seen.Numbers)
		if err != nil {
			got = code(err)
		} else if seen.Type == "" {
			t.Errorf("%s has no type", tt.name)
		}
		if got != tt.want {
			t.Errorf("%s %.40q: %s, want %s", tt.name, tt.data, got, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), a) {
			t.Errorf("%s repeats what it read", tt.name)
		}
	}
	var many []string // each within its limit, all together not
	for i := range 70 {
		many = append(many, fmt.Sprintf("word/x%d.xml", i), strings.Repeat(" ", 1<<20))
	}
	if _, err := (document.Inspector{}).Inspect("a.docx", word(t, "", many...)); code(err) != "attachment.unreadable" {
		t.Errorf("%v", err)
	}
	if _, err := (document.Inspector{}).Inspect("a.docx", word(t, "", many[:60]...)); err != nil {
		t.Errorf("%v", err)
	}
	read := document.Inspector{PDFText: func([]byte) (string, error) { return a + " " + b, nil }}
	if seen, err := read.Inspect("a.pdf", []byte("%PDF-1.7")); err != nil || seen.Numbers != 2 {
		t.Errorf("%+v, %v", seen, err)
	}
	broken := document.Inspector{PDFText: func([]byte) (string, error) { return "", errors.New("x") }}
	if _, err := broken.Inspect("a.pdf", []byte("%PDF-1.7")); code(err) != "attachment.unreadable" {
		t.Errorf("%v", err)
	}
}

// TestAsManyAsThereAre: however numbers are written and wherever the document
// breaks them, as many are counted as there are, up to one above the limit.
func TestAsManyAsThereAre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "numbers")
		first := rapid.IntRange(0, 9000).Draw(t, "first")
		var text, doc, cells strings.Builder
		for i := range n * 2 { // each twice
			p := number(first + i%max(n, 1))
			switch rapid.IntRange(0, 3).Draw(t, "form") {
			case 0:
				p = "19" + p
			case 1:
				p = p[:6] + "-" + p[6:]
			case 2:
				p = "19" + p[:6] + "\u2011" + p[6:]
			}
			at := rapid.IntRange(0, len(p)).Draw(t, "cut")
			for at < len(p) && p[at]&0xc0 == 0x80 {
				at++
			}
			text.WriteString(p + " ;\n")
			doc.WriteString("<w:p><w:r><w:t>" + p[:at] + "</w:t></w:r><w:r><w:rPr/><w:t>" + p[at:] + "</w:t></w:r></w:p>")
			cells.WriteString("<c><is><t>" + p + "</t></is></c>")
		}
		for name, data := range map[string][]byte{"a.txt": []byte(text.String()), "b.txt": wide(text.String()), "a.docx": word(t, doc.String()), "a.xlsx": sheet(t, cells.String())} {
			seen, err := document.Inspector{}.Inspect(name, data)
			if err != nil || seen.Numbers != min(n, 6) {
				t.Fatalf("%s: %d of %d, %v", name, seen.Numbers, n, err)
			}
		}
	})
}

func FuzzInspect(f *testing.F) {
	f.Add("a.docx", []byte("PK\x03\x04"))
	f.Add("a.txt", []byte("\xff\xfea"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if _, err := (document.Inspector{}).Inspect(name, data); err != nil && fault.ClassOf(err) != fault.Input {
			t.Errorf("%v", err)
		}
	})
}
