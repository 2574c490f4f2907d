package form

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sluss/internal/fault"
)

// workbook writes rows with an independent library.
func workbook(t testing.TB, edit func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	edit(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func set(t testing.TB, f *excelize.File, cell string, v any) {
	t.Helper()
	if err := f.SetCellValue("Sheet1", cell, v); err != nil {
		t.Fatal(err)
	}
}

func TestExcel(t *testing.T) {
	t.Parallel()
	raw := workbook(t, func(f *excelize.File) {
		set(t, f, "A1", "Personnummer")
		set(t, f, "B1", "index & datum")
		set(t, f, "C1", "grupp")
		set(t, f, "A2", int64(191212121212))
		set(t, f, "B2", time.Date(2024, 1, 5, 0, 0, 0, 0, time.UTC))
		set(t, f, "C2", true)
		set(t, f, "A3", "19811218-9876")
		set(t, f, "C3", 2.5)
		set(t, f, "A6", 8112189876.0)
		set(t, f, "B6", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))
		set(t, f, "A7", "")
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "A1", "C9", style); err != nil {
			t.Fatal(err)
		}
		custom := `yyyy"-år-"mm`
		if style, err = f.NewStyle(&excelize.Style{CustomNumFmt: &custom}); err != nil {
			t.Fatal(err)
		}
		set(t, f, "B3", 60000)
		if err := f.SetCellStyle("Sheet1", "B3", "B3", style); err != nil {
			t.Fatal(err)
		}
		number := `0" dagar"`
		if style, err = f.NewStyle(&excelize.Style{CustomNumFmt: &number}); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "A2", "A6", style); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "C2", "C3", style); err != nil {
			t.Fatal(err)
		}
	})
	got, info, err := all(bytes.NewReader(raw), Options{})
	want := []string{"1:Personnummer¦index & datum¦grupp", "2:191212121212¦2024-01-05¦1", "3:19811218-9876¦2064-04-08¦2.5", "4:", "5:", "6:8112189876¦1900-01-01¦"}
	if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, %v", got, err)
	}
	if info.Kind != "xlsx" || info.Sheet != "Sheet1" {
		t.Errorf("%+v", info)
	}
}

func TestExcelSheets(t *testing.T) {
	t.Parallel()
	raw := workbook(t, func(f *excelize.File) {
		set(t, f, "A1", "pnr")
		if _, err := f.NewSheet("Blad2"); err != nil {
			t.Fatal(err)
		}
	})
	if got, _, err := all(bytes.NewReader(raw), Options{}); err != nil || len(got) != 1 {
		t.Errorf("an empty second sheet: %v %v", got, err)
	}
	raw = workbook(t, func(f *excelize.File) {
		set(t, f, "A1", "pnr")
		if _, err := f.NewSheet("Blad2"); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellValue("Blad2", "B7", "x"); err != nil {
			t.Fatal(err)
		}
	})
	if _, _, err := all(bytes.NewReader(raw), Options{}); code(err) != "form.several_sheets" {
		t.Errorf("a second sheet with content: %v", err)
	}
	if got, _, err := all(bytes.NewReader(raw), Options{Sheet: "blad2"}); err != nil || len(got) != 7 || got[6] != "7:¦x" {
		t.Errorf("a chosen sheet: %q %v", got, err)
	}
	if _, _, err := all(bytes.NewReader(raw), Options{Sheet: "Blad9"}); code(err) != "form.no_sheet" {
		t.Errorf("a sheet that is not there: %v", err)
	}
}

// parts is a workbook as its parts, to be damaged.
func parts(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}

func pack(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestThreat18MacrosAndDTDsAreRefused(t *testing.T) {
	t.Parallel()
	good := workbook(t, func(f *excelize.File) { set(t, f, "A1", "pnr"); set(t, f, "A2", "191212121212") })
	const sheet1 = "xl/worksheets/sheet1.xml"
	for _, tt := range []struct {
		name string
		edit func(map[string]string)
		code string
	}{
		{"macro", func(p map[string]string) { p["xl/vbaProject.bin"] = "x" }, "form.active_content"},
		{"external link", func(p map[string]string) { p["xl/externalLinks/externalLink1.xml"] = "<x/>" }, "form.active_content"},
		{"connection", func(p map[string]string) { p["xl/connections.xml"] = "<x/>" }, "form.active_content"},
		{"embedded", func(p map[string]string) { p["xl/embeddings/a.bin"] = "x" }, "form.active_content"},
		{"bomb", func(p map[string]string) { p["xl/media/a.xml"] = strings.Repeat("0", 40<<20) }, "form.too_large"},
		{"many parts", func(p map[string]string) {
			for i := range maxEntries {
				p[fmt.Sprint("x", i)] = ""
			}
		}, "form.too_large"},
		{"DTD", func(p map[string]string) {
			p[sheet1] = strings.Replace(p[sheet1], "<worksheet", `<!DOCTYPE x [<!ENTITY a "191212121212">]><worksheet`, 1)
		}, "form.broken_excel"},
		{"entity", func(p map[string]string) {
			p[sheet1] = strings.Replace(p[sheet1], "<sheetData>", "<sheetData>&p191212121212;", 1)
		}, "form.broken_excel"},
		{"rows backwards", func(p map[string]string) {
			p[sheet1] = strings.Replace(p[sheet1], `<row r="2"`, `<row r="1"`, 1)
		}, "form.broken_excel"},
		{"cut", func(p map[string]string) { p[sheet1] = p[sheet1][:len(p[sheet1])/2] }, "form.broken_excel"},
		{"unknown string", func(p map[string]string) {
			p[sheet1] = strings.Replace(p[sheet1], "<v>1</v>", "<v>77</v>", 1)
		}, "form.broken_excel"},
		{"no workbook", func(p map[string]string) {
			delete(p, "xl/workbook.xml")
		}, "form.not_a_table"},
	} {
		p := parts(t, good)
		tt.edit(p)
		_, _, err := all(bytes.NewReader(pack(t, p)), Options{Name: "p.xlsx"})
		if code(err) != tt.code {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), "1912") {
				t.Errorf("%s: the error repeats content", tt.name)
			}
		}
		if fault.ClassOf(err) != fault.Input {
			t.Errorf("%s: class %d", tt.name, fault.ClassOf(err))
		}
	}
	// A part that unpacks to more than it declares.
	lie := bytes.Clone(good)
	if i := bytes.LastIndex(lie, []byte(sheet1)); i > 0 {
		lie[i-46+24], lie[i-46+25] = 10, 0
	}
	if _, _, err := all(bytes.NewReader(lie), Options{}); err == nil {
		t.Error("a false size was believed")
	}
}

func TestSerialDays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in       string
		base1904 bool
		want     string
	}{
		{"1", false, "1900-01-01"},
		{"59", false, "1900-02-28"},
		{"60", false, "60"},
		{"61", false, "1900-03-01"},
		{"45296", false, "2024-01-05"},
		{"45296.0", false, "2024-01-05"},
		{"45296.5", false, "2024-01-05T45296.5"},
		{"43834", true, "2024-01-05"},
		{"-1", false, "-1"},
		{"x", false, "x"},
		{"2958465", false, "9999-12-31"},
		{"2958466", false, "2958466"},
	} {
		if got := string(styles{base1904: tt.base1904}.number([]byte(tt.in), true)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
	for in, want := range map[string]string{"1.91212121212E+11": "191212121212", "191212121212.0": "191212121212", "2.5": "2.5", "1e300": "1e300", "-5": "-5", "007": "007"} {
		if got := string(styles{}.number([]byte(in), false)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// BenchmarkExcel reads a workbook of a million rows, written once. It takes a
// minute to prepare, so it only runs when asked for by name.
func BenchmarkExcel(b *testing.B) {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	_ = w.SetRow("A1", []any{"personnummer", "lopnr", "indexdatum"})
	for i := range 1_000_000 {
		_ = w.SetRow(fmt.Sprintf("A%d", i+2), []any{fmt.Sprintf("19%010d", i), i, 45296})
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	var buf bytes.Buffer
	if err := f.Write(&buf); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		got := 0
		in, err := NewReader(b.Context(), bytes.NewReader(buf.Bytes()), Options{})
		for err == nil {
			_, err = in.Next()
			got++
		}
		if got != 1_000_002 {
			b.Fatal(got, err)
		}
	}
}
