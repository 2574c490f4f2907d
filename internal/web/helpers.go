package web

import (
	"fmt"
	"html/template"

	"sluss/internal/web/canal"
)

// helpers are what templates can call.
var helpers = template.FuncMap{
	"word": word,
	// url keeps the reader's language in an address of the site.
	"url": func(lang, path string) string { return path + "?lang=" + lang },
	// path is a gate post, or a part of the boat, as drawn from a place.
	"posts":   func(x, y, h int) string { return fmt.Sprintf("M%d %dv%dM%d %dv%d", x-4, y, h, x+4, y, h) },
	"canalOf": canalOf,
	"add":     func(a, b int) int { return a + b },
	"sub":     func(a, b int) int { return a - b },
}

// canalData is what the canal's template writes down.
type canalData struct {
	Lang  string
	Canal canal.Drawing
	Label string
	Gates []gateView
}

func canalOf(lang string, c canal.Drawing, label string, gates []gateView) canalData {
	return canalData{lang, c, label, gates}
}
