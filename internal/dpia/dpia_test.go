package dpia

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
)

func authority() *order.Authority {
	return &order.Authority{
		ID: "test", Name: catalog.Text{SV: "Testmyndigheten", EN: "The Test Authority"}, RetentionMonths: 9, PurgeRule: "Gallringsbeslut TM 2026:1 | <b>", SealedDays: 12,
		Suppliers: []order.Supplier{{ID: "scb", Name: "Statistiska centralbyrån", Contact: "Mikrodata 19121212-1212", Email: "x@scb.example"}},
	}
}

var setting = Setting{On: day.Of(2026, 11, 22), Origin: "https://sluss.example.se", Mail: true, SFTP: true, Database: "postgresql", BackupDays: 35, KeyDays: 21}

// TestReport: what is configured stands there, in both languages, and every
// register of the catalogue.
func TestReport(t *testing.T) {
	t.Parallel()
	c := catalog.Builtin()
	for _, lang := range []string{"sv", "en"} {
		r := Of(authority(), c, setting, lang)
		md, page := r.Markdown(), r.HTML()
		if len(r.Sections) != 8 {
			t.Errorf("%s: %d parts", lang, len(r.Sections))
		}
		for _, want := range []string{"2026-11-22", "https://sluss.example.se", "PostgreSQL", "SFTP", "Statistiska centralbyrån", "TestPromise10RestoreAfterPurge", map[string]string{"sv": "9 månader", "en": "9 months"}[lang], map[string]string{"sv": "21 dagar", "en": "21 days"}[lang]} {
			if !strings.Contains(md, want) || !strings.Contains(page, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
		for _, reg := range c.Registers {
			if !strings.Contains(md, "| "+reg.Names.In(lang)+" |") {
				t.Errorf("%s: no %s", lang, reg.ID)
			}
		}
		if strings.Contains(md, "19121212-1212") || strings.Contains(page, "19121212-1212") {
			t.Errorf("%s: an identity number that somebody put into a setting is repeated", lang)
		}
		if strings.Contains(page, "<b>") || !strings.Contains(page, "&lt;b&gt;") || !strings.Contains(page, `<html lang="`+lang+`">`) {
			t.Errorf("%s: the page does not escape", lang)
		}
	}
	if Of(authority(), c, setting, "sv").Markdown() == Of(authority(), c, setting, "en").Markdown() {
		t.Error("one language")
	}
	if bare := Of(&order.Authority{}, &catalog.Catalogue{}, Setting{}, "en").Markdown(); strings.Contains(bare, "SFTP") {
		t.Error("SFTP that nobody serves")
	}
	bare := Of(&order.Authority{}, &catalog.Catalogue{}, Setting{Database: "sqlite"}, "en").Markdown()
	for _, want := range []string{"none agreed", "No mail is sent", "SQLite", "30 days"} {
		if !strings.Contains(bare, want) {
			t.Errorf("no %s", want)
		}
	}
}

// TestMeasuresAreTested: every measure names a test that exists.
func TestMeasuresAreTested(t *testing.T) {
	t.Parallel()
	for _, m := range Measures {
		folder := filepath.Join("..", m.Room)
		if strings.HasPrefix(m.Room, "cmd/") {
			folder = filepath.Join("..", "..", m.Room)
		}
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(b), "func "+m.Test+"(")
		}
		if !found || m.SV == "" || m.EN == "" {
			t.Errorf("%s has no %s", m.Room, m.Test)
		}
	}
}
