package codebook

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/parcel"
)

// small is a delivery of one file in each way that the programs tell apart.
func small() *Book {
	columns := []Column{
		{Name: "lopnr", Type: parcel.ColumnID, Names: catalog.Text{SV: "Löpnummer", EN: "Serial number"}},
		{Name: "from_datum", Type: parcel.ColumnDate, Names: catalog.Text{SV: "Från & med 100 %", EN: "From"}},
		{Name: "kon", Type: parcel.ColumnText, Names: catalog.Text{SV: "Kön \"K\" 'k'", EN: "Sex"}, Codes: []catalog.Code{{Code: "01", Names: catalog.Text{SV: "Kvinna", EN: "Woman"}}}},
		{Name: "using", Type: parcel.ColumnDecimal, Names: catalog.Text{SV: "Netto", EN: "Net"}, Missing: catalog.Text{SV: "Tomt", EN: "Empty"}},
	}
	file := func(name, format string, csv *parcel.CSV) File {
		return File{Name: name, Format: format, CSV: csv, Rows: 7, Columns: columns, RowIs: catalog.Text{SV: "En rad", EN: "A row"}}
	}
	return &Book{Order: "FK-1", Project: "P", Files: []File{
		file("a.csv", "csv", &parcel.CSV{Delimiter: "\t", Encoding: "iso-8859-1", Date: "yyyymmdd", Decimal: ",", Null: "NA"}),
		file("b.dta", "dta", nil), file("c.zsav", "zsav", nil), file("d.xpt", "xpt", nil), file("e.parquet", "parquet", nil),
	}}
}

// Each program reads what its program can read, under names that it holds, and
// says so of the rest; texts cannot leave their quotes.
func TestPrograms(t *testing.T) {
	t.Parallel()
	b := small()
	for name, tt := range map[string]struct {
		make func() ([]byte, error)
		want []string
		not  []string
	}{
		"Stata": {b.Stata, []string{
			`import delimited using "a.csv", delimiters("\t") varnames(nonames) rowrange(2) stringcols(_all) bindquotes(strict) encoding("ISO-8859-1")`,
			"rename v3 kon\n", "replace kon = \"\" if kon == `\"NA\"'", "destring v4, replace dpcomma", `daily(from_datum, "YMD")`,
			`use "b.dta", clear`, "assert _N == 7", "label define kon_nr 1 `\"01 Kvinna\"', modify", "label variable kon `\"Kön \"K\" 'k'\"'",
		}, []string{`use "c.zsav"`, "destring using", "label variable using"}},
		"SPSS": {b.SPSS, []string{
			"/ENCODING='ISO-8859-1'", `/DELIMITERS="\t"`, "SET DECIMAL=COMMA", "from_datum F8.0", "DATE.DMY(MOD(from_datum,100)", "GET FILE='c.zsav'.",
			"VALUE LABELS kon\n  '01' 'Kvinna'.", "kon 'Kön \"K\" ''k'''", "IF (kon='NA') kon=\"\".", "  using F20.3",
		}, []string{"GET FILE='b.dta'", "IF (lopnr"}},
		"SAS": {b.SAS, []string{
			`infile "&mapp/a.csv" dlm='09'x dsd missover firstobs=2`, `encoding="latin1"`, "informat using numx32.;", "informat from_datum yymmdd8.;",
			`libname in3 xport "&mapp/d.xpt";`, "rename FROM__01 = from_datum;", `label FROM__01 = "Från och med 100  procent";`, "format FROM__01 yymmdd10.;",
			"value $k3_2_f\n    \"01\" = \"Kvinna\";", `label KON = "Kön ""K"" 'k'";`,
		}, []string{"b.dta\" dlm", "rename KON"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.make()
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range tt.want {
				if !strings.Contains(string(got), w) {
					t.Errorf("no %q", w)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(string(got), w) {
					t.Errorf("%q is there", w)
				}
			}
			if t.Failed() {
				t.Log(string(got))
			}
		})
	}
}

// CSVW says how each CSV file is written and what stands in it; there is none
// without CSV.
func TestCSVW(t *testing.T) {
	t.Parallel()
	b := small()
	raw, err := b.CSVW()
	if err != nil {
		t.Fatal(err)
	}
	var got csvwGroup
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Tables) != 1 || got.Tables[0].URL != "a.csv" || got.Tables[0].Dialect.Encoding != "iso-8859-1" || got.Tables[0].Dialect.Delimiter != "\t" {
		t.Fatalf("%s", raw)
	}
	c := got.Tables[0].Schema.Columns
	if c[0].Datatype != "integer" || !c[0].Required || c[3].Required || c[0].Null != "NA" || c[2].Datatype != "string" {
		t.Errorf("%s", raw)
	}
	if !strings.Contains(string(raw), `"format": "yyyyMMdd"`) || !strings.Contains(string(raw), `"decimalChar": ","`) {
		t.Errorf("%s", raw)
	}
	b.Files = b.Files[1:]
	if raw, err := b.CSVW(); raw != nil || err != nil {
		t.Errorf("metadata of CSV without any: %v", err)
	}
}

// DDI has every file, column and code, in the order of the schema.
func TestDDI(t *testing.T) {
	t.Parallel()
	raw, err := small().DDI()
	if err != nil {
		t.Fatal(err)
	}
	var got ddiBook
	if err := xml.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Files) != 5 || len(got.Data.Vars) != 20 || got.Files[1].Name != "b.dta" || got.Files[1].Rows != 7 || got.Files[1].Vars != 4 {
		t.Fatalf("%s", raw)
	}
	v := got.Data.Vars[6]
	if v.ID != "F2V3" || v.Files != "F2" || v.Name != "kon" || len(v.Codes) != 1 || v.Codes[0].Value != "01" || len(v.Labels) != 2 || v.Format.Type != "character" {
		t.Errorf("%+v", v)
	}
	if got.Data.Vars[1].Format.Category != "date" || got.Data.Vars[3].Interval != "contin" || got.Data.Vars[0].Interval != "discrete" {
		t.Errorf("%s", raw)
	}
	order := []string{"<labl", "<catgry", "<varFormat", "<notes"}
	at := strings.Index(string(raw), `ID="F1V4"`)
	for _, tag := range []string{order[0], order[2], order[3]} {
		next := strings.Index(string(raw[at:]), tag)
		if next < 0 {
			t.Fatalf("%s is not where the schema has it", tag)
		}
		at += next
	}
}
