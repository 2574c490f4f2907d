// Package codebook describes delivered files for those who will use them: what
// a row is, what every column means, its unit and codes, how exact it is, and
// which model assumptions it rests on.
//
// [Make] builds the description from the catalogue and the specification, so
// that it always says what was really delivered. [Book.JSON] and [Book.HTML]
// write it with the same content, in Swedish and English, and [Book.CSVW] and
// [Book.DDI] in the vocabularies that catalogues and archives read; [Book.R],
// [Book.Python], [Book.SAS], [Book.Stata] and [Book.SPSS] write programs that
// read the files with right types and labels.
//
// The package is pure. It knows nothing of the rows; only their number.
package codebook

import (
	"encoding/json"
	"fmt"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/parcel"
	"sluss/internal/plan"
)

// Type is the format of the JSON form.
const Type = "sluss/codebook/v1"

// Book is a codebook.
type Book struct {
	Type      string  `json:"type"`
	Order     string  `json:"order"`
	Project   string  `json:"project"`
	Snapshot  string  `json:"snapshot"`
	Synthetic bool    `json:"synthetic"`
	Created   day.Day `json:"created"`
	Files     []File  `json:"files"`
	// Selected says in sentences whom the vault drew, and Population how many
	// were left after each step; both empty where the population was a file.
	Selected    []catalog.Text `json:"selected,omitempty"`
	Population  []Stage        `json:"population,omitempty"`
	Assumptions []Assumption   `json:"assumptions"`
}

// File is a delivered data file.
type File struct {
	Name     string         `json:"name"`
	Extract  string         `json:"extract,omitempty"`
	Stem     string         `json:"-"` // the specification's name of the file: without part, stamp and extension
	Format   string         `json:"format"`
	CSV      *parcel.CSV    `json:"csv,omitempty"`
	Rows     int64          `json:"rows"`
	Persons  int64          `json:"persons"`
	Register catalog.Text   `json:"register"`
	Basis    []string       `json:"basis"`
	Table    string         `json:"table"`
	Names    catalog.Text   `json:"names"`
	Shape    string         `json:"shape"`
	RowIs    catalog.Text   `json:"row_is"`
	Notes    []catalog.Text `json:"notes"`
	Flow     []Stage        `json:"flow,omitempty"` // from the population to those with rows
	Columns  []Column       `json:"columns"`
}

// Column is one column.
type Column struct {
	Name        string         `json:"name"`
	Variable    string         `json:"variable"`
	Names       catalog.Text   `json:"names"`
	Definition  catalog.Text   `json:"definition"`
	Type        string         `json:"type"` // as in the manifest
	Unit        catalog.Text   `json:"unit"`
	Exactness   catalog.Text   `json:"exactness,omitzero"`   // where it has been made coarser
	Perspective catalog.Text   `json:"perspective,omitzero"` // which date it belongs to
	Missing     catalog.Text   `json:"missing,omitzero"`     // when it is empty
	Codes       []catalog.Code `json:"codes,omitempty"`
	Open        bool           `json:"open,omitempty"` // codes outside the list occur
	Assumption  string         `json:"assumption,omitempty"`
}

// Make describes the data files of a manifest. The error is a bug: a manifest
// that does not fit its specification or catalogue.
func Make(m parcel.Manifest, spec plan.Spec, cat *catalog.Catalogue) (*Book, error) {
	b := &Book{Type: Type, Order: m.Order, Project: m.Project, Snapshot: m.Snapshot.ID, Synthetic: m.Synthetic, Created: m.Created}
	used := rests{}
	used.on("A11", Parameter{"snapshot", "", m.Snapshot.ID})
	if c := spec.Population.Criteria; c != nil {
		b.Selected, b.Population = c.Words(cat), stages(m.Counts)
	}
	for _, f := range m.Files {
		if f.Role != parcel.RoleData {
			continue
		}
		e := extractOf(spec, f.Extract)
		reg, table := cat.Table(f.Table)
		if e == nil || table == nil {
			return nil, fmt.Errorf("codebook: %s is of no extract or table", f.Name)
		}
		out, err := describe(f, e, cat, reg, table)
		if err == nil {
			out.Flow = flow(m.Counts, f.Extract, table.OfEmployers())
			out.employers(table, spec)
		}
		if spec.Population.Criteria != nil && err == nil {
			out.drawn()
		}
		if err != nil {
			return nil, err
		}
		out.Notes = append(out.Notes, reached(m.Reach, e, reg)...)
		out.Notes = append(out.Notes, compared(m.Compared, e)...)
		b.Files = append(b.Files, *out)
		used.file(out, e, reg)
	}
	b.Assumptions = used.list()
	return b, nil
}

// JSON writes the book as indented JSON.
func (b *Book) JSON() ([]byte, error) {
	out, err := json.MarshalIndent(b, "", "  ")
	return append(out, '\n'), err
}

func extractOf(spec plan.Spec, name string) *plan.Extract {
	for i := range spec.Extracts {
		if spec.Extracts[i].Name == name {
			return &spec.Extracts[i]
		}
	}
	return nil
}

func describe(f parcel.File, e *plan.Extract, cat *catalog.Catalogue, reg *catalog.Register, table *catalog.Table) (*File, error) {
	shape := catalog.Shape(f.Shape)
	out := &File{
		Name: f.Name, Extract: f.Extract, Stem: e.Output.File, Format: f.Format, CSV: f.CSV, Rows: f.Rows, Persons: f.Persons,
		Register: reg.Names, Basis: reg.Basis, Table: table.ID, Names: table.Names, Shape: f.Shape,
		RowIs: rowIs(shape, table), Notes: notes(e, shape, reg),
	}
	for _, c := range f.Columns {
		d := Column{Name: c.Name, Variable: c.Variable, Type: c.Type}
		if c.Variable == "" {
			d.Names = catalog.Text{SV: "Följer med från populationen", EN: "Passed through from the population"}
			d.Definition = catalog.Text{SV: "Kolumnen " + c.Name + " som den stod i populationsfilen.", EN: "The column " + c.Name + " as it stood in the population file."}
			d.Missing = emptyInPopulation
			out.Columns = append(out.Columns, d)
			continue
		}
		v := table.Variable(c.Variable)
		if v == nil {
			return nil, fmt.Errorf("codebook: %s has a column of no variable", f.Name)
		}
		d.fill(c, v, shape, e.History)
		d.counted(e)
		d.codes(c, cat, reg, v)
		out.Columns = append(out.Columns, d)
	}
	return out, nil
}

func (d *Column) fill(c parcel.Column, v *catalog.Variable, shape catalog.Shape, history string) {
	d.Names, d.Definition, d.Assumption = v.Names, v.Definition, v.Assumption
	d.Unit = unit(c.Type, c.Derive, v)
	if v.Kind == catalog.KindExtent && shape == catalog.ShapeLayout {
		d.Unit = catalog.Text{SV: "andel av en hel dag", EN: "share of a full day"}
	}
	d.Exactness = levels[c.Coarsen]
	d.Perspective = perspectives[v.Perspective]
	if v.Nullable {
		d.Missing = emptyInRegister
	}
	fn := c.Derive
	if fn != "" && fn != v.Derive {
		d.Definition = both(d.Definition, functions[fn])
	}
	if v.Role == catalog.RoleTom || v.Derive == "true_tom" {
		d.Missing = emptyWhenOngoing
		return
	}
	if history != plan.HistoryReveal {
		d.Missing = both(d.Missing, hidden(c.Derive, v))
	}
}

// hidden says when a value is withheld that would tell of time outside the period.
func hidden(fn string, v *catalog.Variable) catalog.Text {
	switch {
	case !v.Stored() || v.Role == catalog.RoleFrom || fn == "count" || fn == "flag_any" || fn == "age_at" || fn == plan.FnAbsent:
	case v.Kind == catalog.KindDate:
		return emptyOutsideWindow
	case v.Kind == catalog.KindPeriod && v.Nullable:
		return emptyAfterWindow
	}
	return catalog.Text{}
}

// counted says which codes a count or a flag is of, where not of all.
func (d *Column) counted(e *plan.Extract) {
	for _, c := range e.Columns {
		if c.Out() != d.Name || c.Derive == nil {
			continue
		}
		if codes, _ := c.Derive.Codes(); codes != nil {
			list := strings.Join(codes, ", ")
			d.Definition = both(d.Definition, catalog.Text{SV: "Bara koderna " + list + " räknas.", EN: "Only the codes " + list + " count."})
		}
	}
}

func (d *Column) codes(c parcel.Column, cat *catalog.Catalogue, reg *catalog.Register, v *catalog.Variable) {
	set, ok := cat.Values(reg, v)
	switch c.Coarsen {
	case "icd_chapter":
		set, ok = cat.ValueSets[catalog.ICDChapters]
	case "icd_block":
		set, ok = cat.ValueSets[catalog.ICDBlocks]
	}
	switch c.Derive {
	case "", v.Derive, "first", "last", "max":
	default:
		ok = false // a number made from the codes
	}
	if ok {
		d.Codes, d.Open = set.Codes, set.Open
	}
}

// both joins two texts into one.
func both(a, b catalog.Text) catalog.Text {
	if b.SV == "" {
		return a
	}
	if a.SV == "" {
		return b
	}
	return catalog.Text{SV: a.SV + " " + b.SV, EN: a.EN + " " + b.EN}
}
