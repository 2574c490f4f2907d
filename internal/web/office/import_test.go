package office_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/showcase"
	"sluss/internal/variablelist"
	"sluss/internal/web/webtest"
)

// TestImportList: a list of our own gives its register back; faults are told
// cell by cell in the reader's language, and the list need not be chosen again.
func TestImportList(t *testing.T) {
	t.Parallel()
	var list bytes.Buffer
	if err := variablelist.WriteExcel(&list, catalog.Builtin()); err != nil {
		t.Fatal(err)
	}
	c := webtest.New(t, rooms)
	b := c.As(showcase.Administrator)
	const path, send = "/admin/catalogue/import", "/import?"
	b.Get(path+"?register=nothing").Is(t, 404)
	p := b.Get(path+"?register=graviditet").Is(t, 200)
	mapping := p.Field(send, "mapping")
	if !strings.Contains(mapping, "columns:") || !strings.Contains(mapping, "only: graviditet") {
		t.Fatalf("the mapping does not begin with the register's: %.300s", mapping)
	}
	b.Send(p, send, nil).Is(t, 422).Has(t, "Välj en variabellista.")

	file := map[string]webtest.Upload{"list": {Name: "lista.xlsx", Data: list.Bytes()}}
	wrong := strings.Replace(mapping, "only: graviditet", "only: graviditet\nvalues: {kind: {period: date}}", 1)
	p = b.SendFiles(p, send, webtest.Values{"mapping": wrong}, file).Is(t, 422).Has(t, "kolumnbeskrivningen säger inte vad detta betyder för kind", "!", "Filen är kvar")
	if got := p.Field(send, "mapping"); strings.TrimSpace(got) != strings.TrimSpace(wrong) {
		t.Errorf("the mapping that was typed is gone: %.200s", got)
	}
	b.Send(p, send, webtest.Values{"mapping": "a: ["}).Is(t, 422)
	p = b.Send(p, send, webtest.Values{"mapping": mapping}).Is(t, 200).Has(t, "Listan går att läsa in", "Nya variabler: 0", "Variabler som försvinner: 0", "Ändrade variabler: 0")
	got := b.Send(p, "/import/file", nil).Is(t, 200)
	var doc struct {
		Register struct {
			ID string `json:"id"`
		} `json:"register"`
	}
	if err := json.Unmarshal([]byte(got.HTML), &doc); err != nil || doc.Register.ID != "graviditet" {
		t.Errorf("the data file: %q %v", doc.Register.ID, err)
	}

	// A register with a layout of its own comes back with it.
	sick := b.Get(path+"?register=midas_sjuk").Is(t, 200)
	ofSick := sick.Field(send, "mapping")
	broken := strings.Replace(ofSick, "variable: Variabel / Variable", "variable: Rubrik", 1)
	if !strings.Contains(ofSick, "sheet: Egna former") || broken == ofSick {
		t.Fatalf("the mapping says nothing of the layout: %s", ofSick)
	}
	sick = b.SendFiles(sick, send, webtest.Values{"mapping": broken}, file).Is(t, 422).Has(t, "Egna former: rad 1 har ingen kolumn")
	sick = b.Send(sick, send, webtest.Values{"mapping": ofSick}).Is(t, 200).Has(t, "Listan går att läsa in", "Ändrade variabler: 0")
	back, err := variablelist.With(catalog.Builtin(), []byte(b.Send(sick, "/import/file", nil).Is(t, 200).HTML))
	if err != nil {
		t.Fatal(err)
	}
	if _, table := back.Table("midas_sjp"); len(table.Layout) != 42 {
		t.Errorf("the layout came back with %d columns", len(table.Layout))
	}

	// What only shows in the whole catalogue is told, too: the table is there already.
	renamed := strings.Replace(mapping, "id: graviditet", "id: graviditet_egen", 1)
	b.Send(p, send, webtest.Values{"mapping": renamed}).Is(t, 422).Has(t, "graviditet_egen.json:", "stands twice")

	b.SendFiles(p, send, webtest.Values{"mapping": mapping}, map[string]webtest.Upload{"list": {Name: "x.xlsx", Data: []byte("rubbish")}}).Is(t, 422).Has(t, "går inte att läsa som en Excelbok")
	for _, other := range []string{showcase.Handler, showcase.Finance} {
		if s := c.As(other).Get(path).Status; s == 200 {
			t.Errorf("%s reads the catalogue's import", other)
		}
	}
}
