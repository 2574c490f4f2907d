package codebook

import (
	"errors"
	"fmt"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/parcel"
	"sluss/internal/plan"
)

// Written is a data file as the engine, or a twin, has written it.
type Written struct {
	Name    string
	Extract string // in the specification
	Rows    int64
	Persons int64
	Bytes   int64
	SHA256  canon.Hash
	Columns []WrittenColumn
}

// WrittenColumn is a column of it.
type WrittenColumn struct {
	Name     string
	Type     string // the writer's word: int32, int64, date, month, quarter, decimal or text
	Variable string // of the catalogue, "" for a column of the population file
	Derive   string
	Coarsen  string
}

// DataFile describes a data file for those who will read it. The error is a
// bug: a file that does not fit specification or catalogue.
func DataFile(f Written, spec plan.Spec, cat *catalog.Catalogue) (parcel.File, error) {
	e := extractOf(spec, f.Extract)
	if e == nil {
		return parcel.File{}, errors.New("codebook: a file of no extract")
	}
	_, table := cat.Table(e.Table)
	if table == nil {
		return parcel.File{}, errors.New("codebook: a file of no table")
	}
	out := parcel.File{
		Name: f.Name, Role: parcel.RoleData, Bytes: f.Bytes, SHA256: f.SHA256, Extract: f.Extract, Format: e.Output.Format,
		Table: e.Table, Shape: string(e.Shape.Of()), Rows: f.Rows, Persons: f.Persons,
	}
	if e.Output.Format == "csv" {
		out.CSV = &parcel.CSV{
			Delimiter: or(e.Output.Delimiter, ";"), Encoding: or(e.Output.Encoding, "utf-8"), Date: or(e.Output.Date, "iso"),
			Decimal: or(e.Output.Decimal, "."), Null: e.Output.Null,
		}
	}
	for _, c := range f.Columns {
		column := parcel.Column{Name: c.Name, Variable: c.Variable, Derive: c.Derive, Coarsen: c.Coarsen, Type: parcel.ColumnText}
		if v := table.Variable(c.Variable); v != nil {
			column.Type, column.ValueSet = columnType(c, v), v.ValueSet
		} else if c.Variable != "" {
			return out, fmt.Errorf("codebook: column %s is of no variable", c.Name)
		}
		out.Columns = append(out.Columns, column)
	}
	return out, nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// columnType tells readers how to take a column.
func columnType(c WrittenColumn, v *catalog.Variable) string {
	switch c.Type {
	case "date":
		return parcel.ColumnDate
	case "decimal":
		return parcel.ColumnDecimal
	case "int32", "int64":
		switch {
		case v.Kind == catalog.KindPerson:
			return parcel.ColumnID
		case v.Kind == catalog.KindOre && c.Derive != "count" && c.Derive != "flag_any":
			return parcel.ColumnOre
		}
		return parcel.ColumnInt
	}
	if v.Kind == catalog.KindPerson {
		return parcel.ColumnNumber
	}
	return parcel.ColumnText
}

// Names of what stands beside the data files. None can be a data file's.
const (
	NameHTML   = "kodbok.html"
	NameJSON   = "kodbok.json"
	NameCSVW   = "csvw-metadata.json"
	NameDDI    = "kodbok.ddi.xml"
	NameR      = "las_in.R"
	NamePython = "las_in.py"
	NameSAS    = "las_in.sas"
	NameStata  = "las_in.do"
	NameSPSS   = "las_in.sps"
)

// Companion is a file that stands beside the data files.
type Companion struct {
	Name string
	Role string // parcel.RoleCodebook or parcel.RoleCode
	Data []byte
}

// Companions writes all that goes with the data files of the book.
func (b *Book) Companions() ([]Companion, error) {
	var out []Companion
	for _, x := range []struct {
		name, role string
		make       func() ([]byte, error)
	}{
		{NameHTML, parcel.RoleCodebook, b.HTML},
		{NameJSON, parcel.RoleCodebook, b.JSON},
		{NameCSVW, parcel.RoleCodebook, b.CSVW},
		{NameDDI, parcel.RoleCodebook, b.DDI},
		{ListName, parcel.RoleCodebook, b.List},
		{NameR, parcel.RoleCode, b.R},
		{NamePython, parcel.RoleCode, b.Python},
		{NameSAS, parcel.RoleCode, b.SAS},
		{NameStata, parcel.RoleCode, b.Stata},
		{NameSPSS, parcel.RoleCode, b.SPSS},
	} {
		data, err := x.make()
		if err != nil {
			return nil, fmt.Errorf("codebook: %s: %w", x.name, err)
		}
		if data != nil { // metadata of CSV is nil where no file is CSV
			out = append(out, Companion{x.name, x.role, data})
		}
	}
	return out, nil
}
