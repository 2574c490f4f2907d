package codebook

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"sluss/internal/parcel"
)

var (
	//go:embed starter.R.tmpl
	starterR string
	//go:embed starter.py.tmpl
	starterPython string
)

// maxLabels is how long a list of codes can be to stand in a program.
const maxLabels = 60

// R writes a program in R that reads every data file into a data frame with
// right types. CSV needs base R only, Parquet the package arrow, the formats of
// Stata, SPSS and SAS the package haven.
func (b *Book) R() ([]byte, error) { return b.starter("R", starterR) }

// Python writes a program in Python that does the same with pandas, and
// pyarrow for Parquet and pyreadstat for SPSS.
func (b *Book) Python() ([]byte, error) { return b.starter("python", starterPython) }

func (b *Book) starter(name, text string) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{
		"quote": quote,
		"date":  dateForm,
		"name":  func(f File) string { return variable(f.stem()) },
		"of":    columnsOf,
		"labels": func(c Column) bool {
			return !c.Open && len(c.Codes) > 0 && len(c.Codes) <= maxLabels
		},
		"pyEncoding": func(c *parcel.CSV) string {
			return map[string]string{"utf-8-bom": "utf-8-sig", "iso-8859-1": "iso-8859-1"}[c.Encoding]
		},
		"rEncoding": func(c *parcel.CSV) string {
			return map[string]string{"utf-8-bom": "UTF-8-BOM", "iso-8859-1": "latin1"}[c.Encoding]
		},
		"or": func(a, b string) string {
			if a == "" {
				return b
			}
			return a
		},
	}).Parse(text)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, starterBook{b})
	return out.Bytes(), err
}

// starterBook is the book as the starter programs see it: an extract that was
// split into parts is one data frame.
type starterBook struct{ *Book }

// Extracts returns the first file of each extract.
func (b starterBook) Extracts() []File {
	var out []File
	seen := map[string]bool{}
	for _, f := range b.Files {
		if !seen[f.Key()] {
			seen[f.Key()] = true
			out = append(out, f)
		}
	}
	return out
}

// Key tells the extracts of a delivery apart.
func (f File) Key() string {
	if f.Extract == "" {
		return f.Name
	}
	return f.Extract
}

func (f File) stem() string {
	if f.Stem == "" {
		stem, _, _ := strings.Cut(f.Name, ".")
		return stem
	}
	return f.Stem
}

// ListName is the file that says which data files there are: one line for each
// with its extract, its name, its rows, and whether the data are synthetic.
// No data file ends in tsv.
const ListName = "filer.tsv"

// List writes that file. The starter programs in R and Python take names and
// rows from it and from nowhere else, so the same program, byte for byte, reads
// a synthetic twin and the delivery.
func (b *Book) List() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("uttag\tfil\trader\tsyntetisk\n")
	made := 0
	if b.Synthetic {
		made = 1
	}
	for _, f := range b.Files {
		fmt.Fprintf(&out, "%s\t%s\t%d\t%d\n", f.Key(), f.Name, f.Rows, made)
	}
	return out.Bytes(), nil
}

// quote writes a text as a literal that R and Python read alike.
func quote(s string) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// dateForm is the form of dates for strptime.
func dateForm(c *parcel.CSV) string {
	if c.Date == "yyyymmdd" {
		return "%Y%m%d"
	}
	return "%Y-%m-%d"
}

// columnsOf returns the names of a file's columns of the given types.
func columnsOf(f File, types ...string) []string {
	var out []string
	for _, c := range f.Columns {
		for _, t := range types {
			if c.Type == t {
				out = append(out, c.Name)
			}
		}
	}
	return out
}

// taken are words that cannot name a data frame in R or Python, or that the
// programs use themselves.
var taken = strings.Fields("and as assert async await break class continue def del elif else except finally for from function global " +
	"if import in is lambda next nonlocal not or pass raise repeat return try while with yield " +
	"pd csv read_all read_csv read_parquet read_stats las_alla las_csv las_parquet las_haven filer c print len df f")

// variable returns the name of the data frame for a file of that stem.
func variable(stem string) string {
	if stem == "" || stem[0] < 'a' || stem[0] > 'z' || slices.Contains(taken, stem) {
		return "fil_" + stem
	}
	return stem
}
