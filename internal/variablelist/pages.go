package variablelist

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"

	"sluss/internal/catalog"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"flag":   flag,
	"shapes": shapes,
}).ParseFS(pageFiles, "pages/*.html"))

// registerPage is what a page shows.
type registerPage struct {
	C        *catalog.Catalogue
	R        *catalog.Register
	Sets     []setPage
	Spells   bool
	OtherIDs bool
}

type setPage struct {
	ID string
	catalog.ValueSet
}

// WritePages makes index.html and one page per register, in both languages.
// write is called with each file's name and content.
func WritePages(c *catalog.Catalogue, write func(name string, content []byte) error) error {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "index.html", c); err != nil {
		return err
	}
	if err := write("index.html", b.Bytes()); err != nil {
		return err
	}
	for i := range c.Registers {
		b := &bytes.Buffer{}
		if err := pages.ExecuteTemplate(b, "register.html", pageOf(c, &c.Registers[i])); err != nil {
			return fmt.Errorf("register %s: %w", c.Registers[i].ID, err)
		}
		if err := write(c.Registers[i].ID+".html", b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func pageOf(c *catalog.Catalogue, r *catalog.Register) registerPage {
	p := registerPage{C: c, R: r, Spells: len(r.SpellGroups) > 0}
	seen := map[string]bool{}
	for _, t := range r.Tables {
		for _, v := range t.Variables {
			p.OtherIDs = p.OtherIDs || v.Role == catalog.RoleOther && v.Deliverable()
			if v.ValueSet != "" && v.Deliverable() && !seen[v.ValueSet] {
				seen[v.ValueSet] = true
				p.Sets = append(p.Sets, setPage{v.ValueSet, c.ValueSets[v.ValueSet]})
			}
		}
	}
	slices.SortFunc(p.Sets, func(a, b setPage) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return p
}
