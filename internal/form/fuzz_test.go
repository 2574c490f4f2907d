package form

import (
	"bytes"
	"testing"

	"sluss/internal/fault"
)

// FuzzReader: whatever a population file holds, it is read or refused as input;
// the reader never falls over and no cell gets into an error.
func FuzzReader(f *testing.F) {
	f.Add([]byte("pnr;grupp\n191212121212;1\n"))
	f.Add([]byte("\xef\xbb\xbfpnr,\"a\"\"b\"\r\n\"1\n2\",x\r\n"))
	f.Add([]byte("\xff\xfep\x00n\x00r\x00\n\x00"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, _, err := all(bytes.NewReader(data), Options{Name: "p", MaxBytes: 1 << 20}); err != nil && fault.ClassOf(err) != fault.Input {
			t.Errorf("%v", err)
		}
	})
}

// FuzzSheet: a workbook that is whole but for one part of it.
func FuzzSheet(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>pnr</t></is></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>`))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		p := map[string]string{
			"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
			"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml":   string(sheet),
		}
		if _, _, err := all(bytes.NewReader(pack(t, p)), Options{Name: "p.xlsx", MaxBytes: 1 << 20}); err != nil && fault.ClassOf(err) != fault.Input {
			t.Errorf("%v", err)
		}
	})
}
