package basket

import (
	"archive/zip"
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/intake"
)

// wishesOf draws wishes that the catalogue has.
func wishesOf(t *rapid.T, cat *catalog.Catalogue) []intake.Wish {
	var out []intake.Wish
	for range rapid.IntRange(1, 4).Draw(t, "wishes") {
		r := &cat.Registers[rapid.IntRange(0, len(cat.Registers)-1).Draw(t, "register")]
		from := day.MustParse("2005-01-01") + day.Day(rapid.IntRange(0, 4000).Draw(t, "from"))
		w := intake.Wish{Register: r.ID, From: from, To: from + day.Day(rapid.IntRange(0, 3000).Draw(t, "days")), Incomplete: rapid.Bool().Draw(t, "incomplete")}
		w.Motive = rapid.SampledFrom([]string{"", "Fallens längd, och varför.", "=1+1", "  "}).Draw(t, "motive")
		w.Motive = strings.TrimSpace(w.Motive)
		w.Diagnoses = rapid.SampledFrom([][]string{nil, {"F"}, {"M", "F00-F99"}}).Draw(t, "diagnoses")
		for _, b := range r.Benefits {
			if rapid.Bool().Draw(t, "benefit") {
				w.Benefits = append(w.Benefits, b.ID)
			}
		}
		if rapid.Bool().Draw(t, "table") && len(r.Tables) > 0 {
			table := &r.Tables[0]
			w.Table, w.Shape = table.ID, table.Shapes[0]
			for i := range table.Variables {
				if v := &table.Variables[i]; v.Deliverable() && rapid.Bool().Draw(t, "variable") {
					w.Variables = append(w.Variables, v.ID)
				}
			}
		} else {
			w.Need = "Antal dagar per månad"
		}
		out = append(out, w)
	}
	return out
}

// TestThereAndBack: what is written is read as the same wishes, in either
// language.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	cat := small(t)
	rapid.Check(t, func(t *rapid.T) {
		want := wishesOf(t, cat)
		book, err := Write(want, cat, rapid.SampledFrom([]string{"sv", "en"}).Draw(t, "lang"))
		if err != nil {
			t.Fatal(err)
		}
		got, wrong, err := Read(book, cat)
		if err != nil || len(wrong) > 0 || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v\nwant %+v\nwrong %v %v", got, want, wrong, err)
		}
	})
}

// small is a catalogue of three registers, so that a workbook is quickly made.
func small(t *testing.T) *catalog.Catalogue {
	t.Helper()
	c := *catalog.Builtin()
	c.Registers = nil
	for _, id := range []string{"midas_sjuk", "tfp", "tandvard"} {
		c.Registers = append(c.Registers, *catalog.Builtin().Register(id))
	}
	return &c
}

// sheet is a workbook with rows on the sheet of data.
func sheet(t *testing.T, name string, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", name); err != nil {
		t.Fatal(err)
	}
	for i, r := range append([][]any{{"Nr"}}, rows...) {
		if err := f.SetSheetRow(name, "A"+string(rune('1'+i)), &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWrongCells(t *testing.T) {
	t.Parallel()
	cat := small(t)
	good := []any{1, "midas_sjuk", "midas_sjp", "spell", "dagar", "SJP", "2015-01-01", "2020-12-31", "", "Därför"}
	with := func(col int, v any) []any {
		r := append([]any{}, good...)
		r[col] = v
		return r
	}
	for name, tt := range map[string]struct {
		rows [][]any
		cell string
	}{
		"no number":        {[][]any{with(colNo, "")}, "Uppgifter!A2"},
		"register":         {[][]any{good, with(colNo, 2), append([]any{3, "skor"}, good[2:]...)}, "Uppgifter!B4"},
		"table":            {[][]any{with(colTable, "tfp")}, "Uppgifter!C2"},
		"shape":            {[][]any{with(colShape, "rund")}, "Uppgifter!D2"},
		"variable":         {[][]any{with(colVariable, "skostorlek")}, "Uppgifter!E2"},
		"variable twice":   {[][]any{good, good}, "Uppgifter!E3"},
		"benefit":          {[][]any{with(colBenefits, "SJP, XYZ")}, "Uppgifter!F2"},
		"date":             {[][]any{with(colFrom, "våren")}, "Uppgifter!G2"},
		"backwards":        {[][]any{with(colTo, "2014-01-01")}, "Uppgifter!H2"},
		"contradiction":    {[][]any{good, {1, "", "", "", "nettodagar", "", "", "2021-12-31"}}, "Uppgifter!H3"},
		"variable, no tab": {[][]any{with(colTable, "")}, "Uppgifter!E2"},
		"empty":            {nil, "Uppgifter!B2"},
	} {
		got, wrong, err := Read(sheet(t, "Uppgifter", tt.rows...), cat)
		if err != nil || len(wrong) == 0 || got != nil {
			t.Errorf("%s: %v %v", name, wrong, err)
			continue
		}
		found := false
		for _, w := range wrong {
			found = found || w.Cell == tt.cell
			if w.Text.SV == "" || w.Text.EN == "" || strings.Contains(w.Text.SV+w.Text.EN, "skostorlek") {
				t.Errorf("%s: %+v", name, w)
			}
		}
		if !found {
			t.Errorf("%s: %v, want %s", name, wrong, tt.cell)
		}
	}
	rows := [][]any{good, {1, "", "", "", "nettodagar"}, with(colNo, 2)}
	got, wrong, err := Read(sheet(t, "Data", rows...), cat)
	if err != nil || len(wrong) > 0 || len(got) != 2 || len(got[0].Variables) != 2 || got[0].Motive != "Därför" {
		t.Errorf("%+v %v %v", got, wrong, err)
	}
	got, wrong, err = Read(sheet(t, "Data", with(colFrom, 42005)), cat) // a date as the spreadsheet's number
	if err != nil || len(wrong) > 0 || got[0].From.String() != "2015-01-01" {
		t.Errorf("%+v %v %v", got, wrong, err)
	}
}

func TestThreat16BombsAreNotUnpacked(t *testing.T) {
	t.Parallel()
	cat := small(t)
	zipped := func(name string, size int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, _ := z.Create(name)
		_, _ = w.Write(make([]byte, size))
		_ = z.Close()
		return b.Bytes()
	}
	for code, book := range map[string][]byte{
		"basket.unreadable": []byte("no workbook"), "basket.active": zipped("xl/vbaProject.bin", 10), "basket.sheet": sheet(t, "Blad1"), "basket.large": make([]byte, MaxBytes+1),
	} {
		_, _, err := Read(book, cat)
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != code || f.DoSV == "" || f.DoEN == "" {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, _, err := Read(zipped("xl/workbook.xml", unpackedMax+1), cat); err == nil {
		t.Error("a bomb is unpacked")
	}
}
