package main

import (
	"cmp"
	"os"
	"path/filepath"

	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/opencat"
	"sluss/internal/order"
)

// catalogPublishCmd writes the catalogue as open data.
type catalogPublishCmd struct {
	Out       string `required:"" placeholder:"DIR" help:"Folder to write in; files that are there are not written over."`
	Base      string `required:"" placeholder:"URL" help:"The counter's own address: https://order.example.se."`
	Authority string `placeholder:"FILE" help:"The authority (docs/authority.md); the built-in one by default."`
	Email     string `placeholder:"ADDRESS" help:"Where questions are answered (default: letterhead.email of the authority)."`
	BodyName  string `name:"access-body" placeholder:"NAME" help:"The health data access body (EHDS article 55; default: access_body of the authority); without it the health files are left out."`
	BodyURL   string `name:"access-body-url" placeholder:"URL" help:"Its page."`
	BodyEmail string `name:"access-body-email" placeholder:"ADDRESS" help:"Its e-mail address."`
}

// Run writes catalog.ttl and catalog.jsonld (DCAT-AP-SE) and, when the access
// body is named, health.ttl and health.jsonld (HealthDCAT-AP).
func (c *catalogPublishCmd) Run() error {
	a, err := config.Load(c.Authority)
	if err != nil {
		return err
	}
	p := opencat.Of(a, c.Base)
	p.Email = cmp.Or(c.Email, p.Email)
	if c.BodyName != "" {
		p.Access = order.AccessBody{Name: catalog.Text{SV: c.BodyName, EN: c.BodyName}, URL: c.BodyURL, Email: c.BodyEmail}
	}
	graphs := map[string]func(*catalog.Catalogue, opencat.Publisher) (*opencat.Graph, error){"catalog": opencat.Catalogue}
	if p.Access.Name != (catalog.Text{}) {
		graphs["health"] = opencat.Health
	}
	files := map[string][]byte{}
	for name, describe := range graphs {
		g, err := describe(console.Catalogue(), p)
		if err != nil {
			return err
		}
		if files[name+".jsonld"], err = g.JSONLD(); err != nil {
			return err
		}
		files[name+".ttl"] = g.Turtle()
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fault.New("catalogue.folder", "Mappen kan inte skapas.", "The folder cannot be made.").At(fault.Where{File: filepath.Base(c.Out)})
	}
	for name := range files { // all or nothing
		if _, err := os.Lstat(filepath.Join(c.Out, name)); err == nil {
			return fault.New("catalogue.exists", "Filen finns redan.", "The file exists already.").At(fault.Where{File: name})
		}
	}
	for name, content := range files {
		if err := writeNew(filepath.Join(c.Out, name), content); err != nil {
			return err
		}
	}
	return nil
}
