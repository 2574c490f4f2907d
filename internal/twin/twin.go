// Package twin makes the synthetic twin of an order: a made-up data set with
// exactly the tables, columns, types, codes, formats and companions that the
// delivery will have, to write and try programs on before anything has been
// approved.
//
// [Of] says what an order asks for as far as it has come, and [Make] makes its
// twin. Nothing in a twin comes from a register, and that is not a matter of
// care: the package reads no file, database or clock, its only sources are the
// catalogue (codes, value sets, types) and the specification, and it imports no
// room that could reach a row, so the counter, which holds no rows, makes it.
// What is in the cells is drawn from a seed that is a hash of what is asked
// for: the same order gives the same bytes, another order other people.
//
// A twin has the schema of the delivery, which the tests compare with files
// that the vault's engine writes for every table of the catalogue. It has none
// of its numbers: how many there are, how old they are, how long spells last
// and how things hang together are inventions. No result from a twin says
// anything about anybody.
//
// Everything in a twin says that it is synthetic: the folder, the name of each
// data file, the manifest, the codebook in all its forms, [codebook.ListName],
// and in the files themselves the label of the data set in Stata, SPSS and SAS
// and the metadata in Parquet. CSV has no such place that would not change the
// schema.
package twin

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/parcel"
	"sluss/internal/parcel/codebook"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
)

// Type is the format of a twin's manifest. It is not a parcel's, and is not
// signed: a twin is no disclosure.
const Type = "sluss/twin/v1"

// NameManifest and NameReadme stand beside the data files and the codebook.
const (
	NameManifest = "manifest-syntetisk.json"
	NameReadme   = "README-syntetisk.txt"
)

// mark goes into the name of every data file, before its extension.
const mark = "-syntetisk"

// stamp goes into files that have a place for it; 40 characters fit.
const stamp = "SYNTETISK - SYNTHETIC - no real persons"

// snapshot stands where a delivery names its snapshot.
const snapshot = "syntetisk"

var made = catalog.Text{
	SV: "Uppgifterna är påhittade ur katalogen och beställningen. Inget register har lästs. Antal, fördelningar och samband säger ingenting om verkligheten.",
	EN: "The data are made up from the catalogue and the order. No register has been read. Numbers, distributions and relations say nothing about reality.",
}

// Manifest says what is in a twin.
type Manifest struct {
	Type      string        `json:"type"` // Type
	Synthetic bool          `json:"synthetic"`
	Order     string        `json:"order"`
	Stage     Stage         `json:"stage"` // how far the order had come
	Note      catalog.Text  `json:"note"`
	Catalogue plan.Ref      `json:"catalogue"`
	Content   canon.Hash    `json:"content"` // hash of what is asked for; the seed
	Files     []parcel.File `json:"files"`
}

// File is a file of a twin.
type File struct {
	Name string
	Data []byte
}

// Twin is a made-up data set.
type Twin struct {
	Name     string // of the folder: FK-2026-00001-syntetisk
	Manifest Manifest
	Files    []File // data, codebook, programs, read-me and manifest
}

// Make makes the twin of what is wanted. The same want gives the same bytes.
//
// It returns a *fault.Fault of class Input where the specification asks for
// something that there is not, or a format cannot hold it; the delivery would
// be refused for the same reason.
func Make(ctx context.Context, w Wanted, cat *catalog.Catalogue) (*Twin, error) {
	t, err := Data(ctx, w, cat)
	if err != nil {
		return nil, err
	}
	return t, t.describe(w, cat)
}

// Data is a twin of data files only, for who wants to know what they hold: no
// codebook, programs, read-me or manifest. It fails as [Make] does.
func Data(ctx context.Context, w Wanted, cat *catalog.Catalogue) (*Twin, error) {
	if err := w.check(cat); err != nil {
		return nil, err
	}
	content, err := w.content()
	if err != nil {
		return nil, err
	}
	t := &Twin{Name: w.Spec.Order + mark, Manifest: Manifest{
		Type: Type, Synthetic: true, Order: w.Spec.Order, Stage: w.Stage, Note: made, Catalogue: plan.CatalogueRef(cat), Content: content,
	}}
	people := invent(w, content)
	for i := range w.Spec.Extracts {
		e := &w.Spec.Extracts[i]
		written, data, err := writeExtract(ctx, w, cat, e, people, content)
		if err != nil {
			return nil, err
		}
		described, err := codebook.DataFile(written, w.Spec, cat)
		if err != nil {
			return nil, err
		}
		t.Manifest.Files = append(t.Manifest.Files, described)
		t.Files = append(t.Files, File{written.Name, data})
	}
	return t, nil
}

// describe adds codebook, programs, read-me and manifest.
func (t *Twin) describe(w Wanted, cat *catalog.Catalogue) error {
	created, err := day.Parse(cat.ValidFrom)
	if err != nil {
		return fmt.Errorf("twin: %w", err)
	}
	// The book is dated by the catalogue that it is made from: a twin has no
	// day of its own.
	book, err := codebook.Make(parcel.Manifest{
		Order: t.Manifest.Order, Project: t.Manifest.Order, Snapshot: plan.Ref{ID: snapshot}, Synthetic: true, Files: t.Manifest.Files, Created: created,
	}, w.Spec, cat)
	if err != nil {
		return err
	}
	companions, err := book.Companions()
	if err != nil {
		return err
	}
	for _, c := range companions {
		t.Manifest.Files = append(t.Manifest.Files, parcel.File{Name: c.Name, Role: c.Role, Bytes: int64(len(c.Data)), SHA256: canon.Sum(c.Data)})
		t.Files = append(t.Files, File{c.Name, c.Data})
	}
	manifest, err := json.MarshalIndent(t.Manifest, "", "  ")
	t.Files = append(t.Files, File{NameReadme, []byte(fmt.Sprintf(readme, t.Manifest.Order))}, File{NameManifest, append(manifest, '\n')})
	return err
}

const readme = `SYNTETISKA UPPGIFTER för beställningen %[1]s
=====================================================

Filerna är påhittade. De har samma tabeller, kolumner, typer, koder och format
som leveransen ska få, så långt beställningen är klar, och innehåller ingen
människa: inget register har lästs. Skriv och pröva program på dem. Räkna inte
på dem: antal, fördelningar och samband är påhittade också.

las_in.R och las_in.py läser alla filer och fungerar oförändrade på leveransen.


SYNTHETIC DATA for the order %[1]s
=====================================================

The files are made up. They have the tables, columns, types, codes and formats
that the delivery will have, as far as the order is settled, and hold no human
being: no register has been read. Write and try programs on them. Do not count
on them: numbers, distributions and relations are made up, too.

las_in.R and las_in.py read all files and work unchanged on the delivery.
`

// Zip writes the twin as a zip archive with one folder. The same twin gives the
// same bytes: entries have no times.
func (t *Twin) Zip(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, f := range t.Files {
		out, err := z.CreateHeader(&zip.FileHeader{Name: t.Name + "/" + f.Name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := out.Write(f.Data); err != nil {
			return err
		}
	}
	return z.Close()
}

// writeExtract writes the data file of one extract.
func writeExtract(ctx context.Context, w Wanted, cat *catalog.Catalogue, e *plan.Extract, people []person, content canon.Hash) (codebook.Written, []byte, error) {
	var out codebook.Written
	reg, table := cat.Table(e.Table)
	columns, err := compile(w, cat, reg, table, e)
	if err != nil {
		return out, nil, err
	}
	s := &sheet{cat: cat, reg: reg, table: table, e: e, columns: columns, seed: string(content) + "/" + e.Name, identified: w.Spec.Identity.Kind == plan.IdentityPersonalNumber}
	batch, schema, persons := s.fill(linesOf(reg, table, e, people, s.seed), people)
	options, err := format.OptionsOf(e.Output)
	if err != nil {
		return out, nil, err
	}
	options.Stamp = stamp
	var m memory
	stream, err := format.NewStream(ctx, &m, schema, options, 1)
	if err != nil {
		return out, nil, err
	}
	if err := stream.Write(batch, 0, batch.N); err != nil {
		stream.Abandon()
		return out, nil, err
	}
	n, sum, err := stream.Close()
	if err != nil {
		return out, nil, err
	}
	out = codebook.Written{Name: e.Output.File + mark + options.Extension(), Extract: e.Name, Rows: int64(batch.N), Persons: persons, Bytes: n, SHA256: sum}
	for i, c := range schema.Columns {
		k := codebook.WrittenColumn{Name: c.Name, Type: c.Type.String()}
		if p := columns[i].plan; p != nil {
			k.Variable = p.Name
			if p.Derive != nil {
				k.Derive = p.Derive.Fn
			}
			if p.Coarsen != nil {
				k.Coarsen = p.Coarsen.To
			}
		}
		out.Columns = append(out.Columns, k)
	}
	return out, m.b, nil
}

// memory is a file in memory; formats whose heads count rows write at a place.
type memory struct{ b []byte }

func (m *memory) Write(p []byte) (int, error) {
	m.b = append(m.b, p...)
	return len(p), nil
}

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(p)) > int64(len(m.b)) {
		return 0, errors.New("twin: a place outside the file")
	}
	return copy(m.b[at:], p), nil
}

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 || at > int64(len(m.b)) {
		return 0, io.EOF
	}
	n := copy(p, m.b[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
