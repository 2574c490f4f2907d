package codebook

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"sluss/internal/catalog"
	"sluss/internal/swede"
)

//go:embed codebook.html
var page string

// HTML writes the book as one page without anything from elsewhere: no script,
// no font, no picture. Swedish comes first, English after.
func (b *Book) HTML() ([]byte, error) {
	t, err := template.New("codebook").Funcs(template.FuncMap{
		"in":    func(t catalog.Text, lang string) string { return t.In(lang) },
		"count": func(n int64, lang string) string { return swede.Count(int(n), lang) },
		"say":   say,
		"view":  func(lang string) view { return view{b, lang} },
		"col":   func(c Column, lang string) colView { return colView{c, lang} },
	}).Parse(page)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, b)
	return out.Bytes(), err
}

// view is the book in one language.
type view struct {
	*Book
	Lang string
}

type colView struct {
	Column
	Lang string
}

// say returns one of the page's own words.
func say(lang, key string) (string, error) {
	w, ok := words[key]
	if !ok {
		return "", fmt.Errorf("codebook: no word for %s", key)
	}
	return w.In(lang), nil
}

var words = map[string]catalog.Text{
	"title":       {SV: "Kodbok", EN: "Codebook"},
	"files":       {SV: "Filer", EN: "Files"},
	"rows":        {SV: "rader", EN: "rows"},
	"persons":     {SV: "personer", EN: "persons"},
	"row":         {SV: "En rad är", EN: "A row is"},
	"column":      {SV: "Kolumn", EN: "Column"},
	"meaning":     {SV: "Innebörd", EN: "Meaning"},
	"type":        {SV: "Typ och enhet", EN: "Type and unit"},
	"codes":       {SV: "Koder", EN: "Codes"},
	"open":        {SV: "Listan är inte fullständig; andra koder förekommer.", EN: "The list is not complete; other codes occur."},
	"assumption":  {SV: "modellantagande", EN: "model assumption"},
	"assumptions": {SV: "Modellantaganden", EN: "Model assumptions"},
	"aintro":      {SV: "Regler som vi har valt där ingen offentlig regel finns.", EN: "Rules that we have chosen where no public one exists."},
	"columns":     {SV: "Kolumner i", EN: "Columns of"},
	"synthetic":   {SV: "Uppgifterna är syntetiska. De beskriver inga verkliga personer.", EN: "The data are synthetic. They describe no real persons."},
	"source":      {SV: "Källa", EN: "Source"},
	"snapshot":    {SV: "Ögonblicksbild", EN: "Snapshot"},
	"population":  {SV: "Hur populationen valdes ut", EN: "How the population was drawn"},
	"pintro":      {SV: "Antalen är avrundade till närmaste femtal.", EN: "Numbers are rounded to the nearest five."},
	"flow":        {SV: "Personer utan rader; antalen är avrundade till närmaste femtal", EN: "Persons without rows; numbers are rounded to the nearest five"},
	"stage":       {SV: "Steg", EN: "Stage"},
	"about":       {SV: "Antal personer", EN: "Persons"},
	"other":       {SV: "In English", EN: "På svenska"},
	"none":        {SV: "Inga.", EN: "None."},
}
