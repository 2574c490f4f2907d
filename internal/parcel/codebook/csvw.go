package codebook

import (
	"encoding/json"

	"sluss/internal/catalog"
	"sluss/internal/parcel"
)

// csvwGroup is a table group: the CSV files of a delivery.
type csvwGroup struct {
	Context []any       `json:"@context"`
	Type    string      `json:"@type"`
	Title   csvwValue   `json:"dc:title"`
	ID      string      `json:"dc:identifier"`
	Tables  []csvwTable `json:"tables"`
}

type csvwTable struct {
	URL         string      `json:"url"`
	Title       []csvwValue `json:"dc:title"`
	Description []csvwValue `json:"dc:description"`
	Dialect     csvwDialect `json:"dialect"`
	Schema      csvwSchema  `json:"tableSchema"`
}

// csvwValue is a text with its language, as properties outside CSVW want it.
type csvwValue struct {
	Value string `json:"@value"`
	Lang  string `json:"@language"`
}

type csvwDialect struct {
	Delimiter   string   `json:"delimiter"`
	Encoding    string   `json:"encoding"`
	Header      bool     `json:"header"`
	DoubleQuote bool     `json:"doubleQuote"`
	LineEnds    []string `json:"lineTerminators"`
}

type csvwSchema struct {
	Columns []csvwColumn `json:"columns"`
}

type csvwColumn struct {
	Name        string      `json:"name"`
	Titles      string      `json:"titles"` // the header cell
	Label       []csvwValue `json:"rdfs:label"`
	Description []csvwValue `json:"dc:description"`
	Datatype    any         `json:"datatype"`
	Null        string      `json:"null"`
	Required    bool        `json:"required,omitempty"`
}

type csvwType struct {
	Base   string `json:"base"`
	Format any    `json:"format,omitempty"`
}

type csvwNumber struct {
	DecimalChar string `json:"decimalChar"`
}

func values(t catalog.Text) []csvwValue {
	out := []csvwValue{}
	for _, lang := range []string{"sv", "en"} {
		if s := t.In(lang); s != "" {
			out = append(out, csvwValue{s, lang})
		}
	}
	return out
}

// CSVW writes metadata of the CSV files by the W3C's Metadata Vocabulary for
// Tabular Data: dialect, and for each column its name, label, description, type
// and the text of missing values. It is nil where no file is CSV.
func (b *Book) CSVW() ([]byte, error) {
	g := csvwGroup{
		Context: []any{"http://www.w3.org/ns/csvw", map[string]string{"@language": "sv"}}, Type: "TableGroup",
		Title: csvwValue{b.title(), "sv"}, ID: b.Order,
	}
	for _, f := range b.Files {
		if f.CSV != nil {
			g.Tables = append(g.Tables, f.csvw())
		}
	}
	if g.Tables == nil {
		return nil, nil
	}
	out, err := json.MarshalIndent(g, "", "  ")
	return append(out, '\n'), err
}

func (f *File) csvw() csvwTable {
	coding := f.CSV.Encoding
	if coding == "utf-8-bom" { // readers of the format skip the mark
		coding = "utf-8"
	}
	t := csvwTable{
		URL: f.Name, Title: values(f.Names), Description: values(f.RowIs),
		Dialect: csvwDialect{Delimiter: f.CSV.Delimiter, Encoding: coding, Header: true, DoubleQuote: true, LineEnds: []string{"\n"}},
	}
	for _, c := range f.Columns {
		t.Schema.Columns = append(t.Schema.Columns, csvwColumn{
			Name: c.Name, Titles: c.Name, Label: values(c.Names), Description: values(c.Definition), Datatype: c.csvwType(f.CSV),
			Null: f.CSV.Null, Required: c.Missing == (catalog.Text{}),
		})
	}
	return t
}

func (c Column) csvwType(how *parcel.CSV) any {
	switch c.Type {
	case parcel.ColumnID, parcel.ColumnInt, parcel.ColumnOre:
		return "integer"
	case parcel.ColumnDecimal:
		return csvwType{"decimal", csvwNumber{how.Decimal}}
	case parcel.ColumnDate:
		if how.Date == "yyyymmdd" {
			return csvwType{"date", "yyyyMMdd"}
		}
		return csvwType{"date", "yyyy-MM-dd"}
	}
	return "string"
}

// title is the project, and the order where that is another.
func (b *Book) title() string {
	if b.Project == "" || b.Project == b.Order {
		return b.Order
	}
	return b.Project + " " + b.Order
}
