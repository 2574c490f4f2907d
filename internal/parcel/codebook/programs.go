package codebook

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"text/template"
	"unicode/utf8"

	"sluss/internal/parcel"
	"sluss/internal/plan"
)

var (
	//go:embed las_in.sas.tmpl
	programSAS string
	//go:embed las_in.do.tmpl
	programStata string
	//go:embed las_in.sps.tmpl
	programSPSS string
)

// SAS writes a program in SAS that reads the CSV and transport files of the
// delivery and sets labels and formats of codes.
func (b *Book) SAS() ([]byte, error) { return b.program("sas", programSAS) }

// Stata writes a do-file that reads the CSV and Stata files; codes, which are
// texts, are given a numbered and labelled variable beside them.
func (b *Book) Stata() ([]byte, error) { return b.program("stata", programStata) }

// SPSS writes a syntax file that reads the CSV and SPSS files and sets labels.
func (b *Book) SPSS() ([]byte, error) { return b.program("spss", programSPSS) }

// openWidth is the bytes of a text column whose longest code is not known.
const openWidth = 200

func (b *Book) program(name, text string) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{
		"inc": func(i int) int { return i + 1 },
		"labels": func(c Column) bool {
			return c.Type == parcel.ColumnText && !c.Open && len(c.Codes) > 0 && len(c.Codes) <= maxLabels
		},
		"numeric": func(c Column) bool {
			switch c.Type {
			case parcel.ColumnID, parcel.ColumnInt, parcel.ColumnOre, parcel.ColumnDecimal:
				return true
			}
			return false
		},
		"short":     short,
		"stem":      func(name string) string { s, _, _ := strings.Cut(name, "."); return s },
		"textWidth": textWidth,
		// Stata
		"stata":          func(s string) string { return "`\"" + plainLine(s) + "\"'" },
		"stataName":      func(i int, c Column) string { return nameOr("dta", c.Name, fmt.Sprintf("v%d", i+1)) },
		"coded":          func(i int, c Column) string { return nameOr("dta", c.Name+"_nr", fmt.Sprintf("v%d_nr", i+1)) },
		"stataDelimiter": func(c *parcel.CSV) string { return delimiter(c, `"\t"`, `"`) },
		"stataEncoding":  func(c *parcel.CSV) string { return encoding(c, "ISO-8859-1") },
		// SPSS
		"spss":          func(s string) string { return "'" + strings.ReplaceAll(plainLine(s), "'", "''") + "'" },
		"spssName":      func(i int, c Column) string { return nameOr("sav", c.Name, fmt.Sprintf("v%d", i+1)) },
		"spssType":      spssType,
		"spssDelimiter": func(c *parcel.CSV) string { return delimiter(c, `\t`, ``) },
		"spssEncoding":  func(c *parcel.CSV) string { return encoding(c, "ISO-8859-1") },
		// SAS
		"sas":          func(s string) string { return `"` + sasText(s) + `"` },
		"sasName":      func(i int, c Column) string { return nameOr("xpt", c.Name, fmt.Sprintf("v%d", i+1)) },
		"sasData":      sasData,
		"sasDelimiter": func(c *parcel.CSV) string { return delimiter(c, `'09'x`, `'`) },
		"sasEncoding":  func(c *parcel.CSV) string { return encoding(c, "latin1") },
		"shortNames":   shortNames,
		"renames":      renames,
	}).Parse(text)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, b)
	return out.Bytes(), err
}

// nameOr is a column's name where the format of the program holds it, else
// another one.
func nameOr(format, name, other string) string {
	if plan.HoldsName(format, name) {
		return name
	}
	return other
}

func delimiter(c *parcel.CSV, tab, quote string) string {
	if c.Delimiter == "\t" {
		return tab
	}
	return quote + c.Delimiter + quote
}

func encoding(c *parcel.CSV, latin string) string {
	if c.Encoding == "iso-8859-1" {
		return latin
	}
	return "UTF-8"
}

// plainLine keeps a text on one line.
func plainLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// sasText is a text between double quotes; & and % would begin a macro.
func sasText(s string) string {
	return strings.NewReplacer(`"`, `""`, "&", "och", "%", " procent").Replace(short(250, plainLine(s)))
}

// short cuts a text to at most n bytes, whole characters.
func short(n int, s string) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// textWidth is the bytes that the longest code of a column takes.
func textWidth(c Column) int {
	if c.Type == parcel.ColumnNumber {
		return 12
	}
	if len(c.Codes) == 0 || c.Open {
		return openWidth
	}
	n := 10 // periods have no codes, and 2024-01 fits
	for _, k := range c.Codes {
		n = max(n, len(k.Code))
	}
	return n
}

func spssType(c Column, how *parcel.CSV) string {
	switch c.Type {
	case parcel.ColumnID, parcel.ColumnInt, parcel.ColumnOre:
		return "F17.0"
	case parcel.ColumnDecimal:
		return "F20.3"
	case parcel.ColumnDate:
		if how.Date == "yyyymmdd" {
			return "F8.0"
		}
		return "SDATE10"
	}
	return fmt.Sprintf("A%d", textWidth(c))
}

// sasData is a file's name as the name of a data set: 32 characters that do not
// begin with a digit.
func sasData(name string) string {
	stem, _, _ := strings.Cut(strings.ReplaceAll(name, "-", "_"), ".")
	return short(32, "d_"+stem)
}

func shortNames(f File) []string {
	names := make([]string, len(f.Columns))
	for i := range names {
		names[i] = f.Columns[i].Name
	}
	return plan.ShortNames(names)
}

// renames lists the short names of a transport file with the whole ones.
func renames(f File) [][2]string {
	var out [][2]string
	for i, s := range shortNames(f) {
		if !strings.EqualFold(s, f.Columns[i].Name) {
			out = append(out, [2]string{s, f.Columns[i].Name})
		}
	}
	return out
}
