package codebook

import (
	"bytes"
	_ "embed"
	"encoding/json"
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
		"name":  variable,
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
	err = t.Execute(&out, b)
	return out.Bytes(), err
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
	"pd read_csv read_parquet read_stats las_csv las_parquet las_haven c print len df")

// variable returns the name of the data frame for a file.
func variable(file string) string {
	stem, _, _ := strings.Cut(file, ".")
	if stem == "" || stem[0] < 'a' || stem[0] > 'z' || slices.Contains(taken, stem) {
		return "fil_" + stem
	}
	return stem
}
