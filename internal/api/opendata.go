package api

import (
	"bytes"
	"net/http"
	"time"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/opencat"
)

// openData serves the catalogue as DCAT-AP-SE, and as HealthDCAT-AP where the
// access body is known, to everybody. A counter that has no address of its own
// or no contact has nothing to publish.
func (p *programs) openData(mux *http.ServeMux) error {
	if p.Publisher.Base == "" || p.Publisher.Email == "" && p.Publisher.Phone == "" {
		return nil
	}
	serve := func(name string, describe func(*catalog.Catalogue, opencat.Publisher) (*opencat.Graph, error)) error {
		g, err := describe(p.Catalogue, p.Publisher)
		if err != nil {
			return err
		}
		linked, err := g.JSONLD()
		if err != nil {
			return err
		}
		for suffix, file := range map[string]struct {
			kind string
			data []byte
		}{"jsonld": {"application/ld+json", linked}, "ttl": {"text/turtle; charset=utf-8", g.Turtle()}} {
			tag := `"` + canon.Sum(file.data).Short() + `"`
			mux.HandleFunc("GET /api/v1/"+name+"."+suffix, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", tag)
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.Header().Set("Cache-Control", "max-age=3600")
				w.Header().Set("Content-Type", file.kind)
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.data))
			})
		}
		return nil
	}
	if err := serve("catalog", opencat.Catalogue); err != nil {
		return err
	}
	if p.Publisher.Access.Name == (catalog.Text{}) {
		return nil
	}
	return serve("health", opencat.Health)
}
