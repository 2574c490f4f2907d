package main

import (
	"encoding/json"
	"os"

	"sluss/internal/order"
	"sluss/internal/web"
)

// pagesCmd lists the pages, for the crawler that visits each of them.
type pagesCmd struct{}

// Run prints the routes as JSON.
func (pagesCmd) Run() error {
	type row struct {
		Pattern string       `json:"pattern"`
		Example string       `json:"example"`
		Status  int          `json:"status,omitempty"` // 0 = 200
		As      []order.Role `json:"as,omitempty"`     // left out: everybody
	}
	var out []row
	for _, r := range web.Routes() {
		out = append(out, row{r.Pattern, r.Example, r.Status, r.As})
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", " ")
	return enc.Encode(out)
}
