package codebook

import (
	"encoding/xml"
	"fmt"

	"sluss/internal/catalog"
	"sluss/internal/parcel"
)

// The elements of DDI-Codebook 2.5 that a delivery has something to say in, in
// the schema's order. tools/ddi_schema.py has what the schema says of each: an
// element that is new here is a fault there until it has been looked up.
// Source: DDI Alliance, DDI-Codebook 2.5, codebook.xsd of 2012-01-17.
type (
	ddiBook struct {
		XMLName xml.Name  `xml:"ddi:codebook:2_5 codeBook"`
		Version string    `xml:"version,attr"`
		Lang    string    `xml:"xml:lang,attr"`
		Study   ddiStudy  `xml:"stdyDscr"`
		Files   []ddiFile `xml:"fileDscr"`
		Data    ddiData   `xml:"dataDscr"`
	}
	ddiStudy struct {
		Title    string    `xml:"citation>titlStmt>titl"`
		ID       string    `xml:"citation>titlStmt>IDNo"`
		Produced ddiDate   `xml:"citation>prodStmt>prodDate"`
		Abstract []ddiText `xml:"stdyInfo>abstract"`
	}
	ddiDate struct {
		Date string `xml:"date,attr"`
		Text string `xml:",chardata"`
	}
	ddiText struct {
		Lang string `xml:"xml:lang,attr,omitempty"`
		Text string `xml:",chardata"`
	}
	ddiFile struct {
		ID   string `xml:"ID,attr"`
		Name string `xml:"fileTxt>fileName"`
		// Cont says what a row is.
		Cont  ddiText   `xml:"fileTxt>fileCont"`
		Rows  int64     `xml:"fileTxt>dimensns>caseQnty"`
		Vars  int       `xml:"fileTxt>dimensns>varQnty"`
		Type  string    `xml:"fileTxt>fileType"`
		Notes []ddiText `xml:"notes"`
	}
	ddiData struct {
		Vars []ddiVar `xml:"var"`
	}
	ddiVar struct {
		ID       string     `xml:"ID,attr"`
		Name     string     `xml:"name,attr"`
		Files    string     `xml:"files,attr"`
		Interval string     `xml:"intrvl,attr"`
		Decimals string     `xml:"dcml,attr,omitempty"`
		Unit     string     `xml:"measUnit,attr,omitempty"`
		Labels   []ddiText  `xml:"labl"`
		Texts    []ddiText  `xml:"txt"`
		Codes    []ddiCode  `xml:"catgry"`
		Format   ddiVarType `xml:"varFormat"`
		Notes    []ddiText  `xml:"notes"`
	}
	ddiCode struct {
		Value  string    `xml:"catValu"`
		Labels []ddiText `xml:"labl"`
	}
	ddiVarType struct {
		Type     string `xml:"type,attr"`
		Schema   string `xml:"schema,attr,omitempty"`
		Category string `xml:"category,attr,omitempty"`
	}
)

// DDI writes the book as DDI-Codebook 2.5, in Swedish and English: a file
// description per data file, a variable per column, its codes.
func (b *Book) DDI() ([]byte, error) {
	d := ddiBook{Version: "2.5", Lang: "sv", Study: ddiStudy{
		Title: b.title(), ID: b.Order, Produced: ddiDate{b.Created.String(), b.Created.String()},
	}}
	if b.Synthetic {
		d.Study.Abstract = texts(words["synthetic"])
	}
	for _, a := range b.Assumptions {
		values := ""
		for _, p := range a.Parameters {
			values += " " + p.String() + "."
		}
		d.Study.Abstract = append(d.Study.Abstract, texts(catalog.Text{SV: a.ID + ": " + a.Text.SV + values, EN: a.ID + ": " + a.Text.EN + values})...)
	}
	for i, f := range b.Files {
		id := fmt.Sprintf("F%d", i+1)
		out := ddiFile{ID: id, Name: f.Name, Cont: ddiText{"sv", f.RowIs.SV}, Rows: f.Rows, Vars: len(f.Columns), Type: f.Format}
		for _, n := range f.Notes {
			out.Notes = append(out.Notes, texts(n)...)
		}
		d.Files = append(d.Files, out)
		for k, c := range f.Columns {
			d.Data.Vars = append(d.Data.Vars, c.ddi(fmt.Sprintf("%sV%d", id, k+1), id))
		}
	}
	out, err := xml.MarshalIndent(d, "", "  ")
	return append([]byte(xml.Header), append(out, '\n')...), err
}

func texts(t catalog.Text) []ddiText {
	var out []ddiText
	for _, v := range values(t) {
		out = append(out, ddiText{v.Lang, v.Value})
	}
	return out
}

func (c Column) ddi(id, file string) ddiVar {
	v := ddiVar{
		ID: id, Name: c.Name, Files: file, Interval: "discrete", Unit: c.Unit.SV,
		Labels: texts(c.Names), Texts: texts(both(c.Definition, c.Exactness)), Format: ddiVarType{Type: "character"},
	}
	switch c.Type {
	case parcel.ColumnInt, parcel.ColumnOre, parcel.ColumnDecimal:
		v.Interval = "contin"
		fallthrough
	case parcel.ColumnID:
		v.Format.Type, v.Decimals = "numeric", "0"
		if c.Type == parcel.ColumnDecimal {
			v.Decimals = "3"
		}
	case parcel.ColumnDate:
		v.Format = ddiVarType{"character", "ISO", "date"}
	}
	for _, k := range c.Codes {
		v.Codes = append(v.Codes, ddiCode{k.Code, texts(k.Names)})
	}
	v.Notes = texts(c.Missing)
	if c.Open && len(c.Codes) > 0 {
		v.Notes = append(v.Notes, texts(words["open"])...)
	}
	return v
}
