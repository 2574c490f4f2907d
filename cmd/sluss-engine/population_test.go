package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sluss/internal/fault"
	"sluss/internal/swede"
)

const (
	tolvan = "191212121212"
	elfte  = "198112189876"
)

func populationFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func populationBook(t *testing.T, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &r); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "p.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPopulationCheck(t *testing.T) {
	t.Parallel()
	index := time.Date(2024, 1, 5, 0, 0, 0, 0, time.UTC)
	decision := populationFile(t, "d.json", `{"decision":"B1","population":{"id":"personnummer","serial":"lopnr","extra":[{"name":"indexdatum","type":"date","use":"steer"}]}}`)
	yaml := populationFile(t, "d.yaml", "id: personnummer\n")
	ok := `{"rows":2,"accepted":2,"duplicates":0,"invalid":{},"lines":{}}`
	for _, tt := range []struct {
		name string
		c    populationCheckCmd
		want string // JSON, or the fault's code
	}{
		{"csv", populationCheckCmd{File: populationFile(t, "a.csv", "pnr\n"+tolvan+"\n"+elfte+"\n")}, ok},
		{"the date decides", populationCheckCmd{File: populationFile(t, "a.csv", "pnr\n1212121212\n"+tolvan+"\n"), Date: "2012-12-11"}, `{"rows":2,"accepted":1,"duplicates":1,"invalid":{},"lines":{}}`},
		{"today by default", populationCheckCmd{File: populationFile(t, "a.csv", "pnr\n1212121212\n"+tolvan+"\n")}, ok},
		{"synthetic", populationCheckCmd{File: populationFile(t, "a.csv", "pnr\n"+tolvan+"\n191212121213\n"), Synthetic: true}, `{"rows":2,"accepted":1,"duplicates":0,"invalid":{"check_digit":1},"lines":{"check_digit":[2]}}`},
		{"Excel with the decision", populationCheckCmd{File: populationBook(t, []any{"nyckel", "Personnummer", "Indexdatum"}, []any{1, 191212121212, index}, []any{2, elfte, index}), Decision: decision}, "population.missing_column"},
		{"Excel as decided", populationCheckCmd{File: populationBook(t, []any{"lopnr", "Personnummer", "Indexdatum"}, []any{1, 191212121212, index}, []any{2, elfte, "2024-01-05"}), Decision: decision}, ok},
		{"further column, no decision", populationCheckCmd{File: populationFile(t, "a.csv", "pnr;inkomst\n"+tolvan+";1\n"+elfte+";2\n")}, ok},
		{"further column, decision", populationCheckCmd{File: populationFile(t, "a.csv", "personnummer;inkomst\n"+tolvan+";1\n"), Decision: yaml}, "population.unknown_column"},
		{"no header", populationCheckCmd{File: populationFile(t, "a.csv", tolvan+"\n"+elfte+"\n")}, "population.no_header"},
		{"named columns", populationCheckCmd{File: populationFile(t, "a.csv", "x,y\n1,"+tolvan+"\n2,"+elfte+"\n"), ID: "y", Serial: "x"}, ok},
		{"empty", populationCheckCmd{File: populationFile(t, "a.csv", "")}, "form.empty"},
		{"missing", populationCheckCmd{File: filepath.Join(t.TempDir(), tolvan+".csv")}, "file.unreadable"},
		{"folder", populationCheckCmd{File: t.TempDir()}, "file.unreadable"},
		{"no day", populationCheckCmd{File: "-", Date: "2026-02-30"}, "population.date"},
		{"no decision", populationCheckCmd{File: "-", Decision: filepath.Join(t.TempDir(), "d")}, "file.unreadable"},
		{"decision that is none", populationCheckCmd{File: "-", Decision: populationFile(t, "d", ": : :\n\t- x")}, "population.decision"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.c.JSON = true
			var out, messages bytes.Buffer
			err := tt.c.check(context.Background(), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), &out, &messages, "sv")
			got := strings.TrimSpace(out.String())
			if err != nil {
				f, isFault := errors.AsType[*fault.Fault](err)
				if !isFault || f.Class != fault.Input || got != "" {
					t.Fatalf("%v, output %q", err, got)
				}
				got = f.Code
				messages.WriteString(f.Text("sv") + f.Text("en"))
			}
			if got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			if swede.Contains(messages.String()) || swede.Contains(out.String()) {
				t.Error("an identity number was printed")
			}
		})
	}
}

func TestPopulationReportInBothLanguages(t *testing.T) {
	t.Parallel()
	c := populationCheckCmd{File: populationFile(t, "a.csv", "pnr\n"+tolvan+"\nabc\n")}
	for lang, want := range map[string]string{"sv": "fel format", "en": "wrong format"} {
		var out bytes.Buffer
		if err := c.check(context.Background(), time.Now(), &out, &out, lang); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v\n%s", lang, err, out.String())
		}
	}
}
