package page

import (
	"fmt"
	"html/template"
	"strings"

	"sluss/internal/web/canal"
)

// helpers are what templates can call.
func (k *Kit) helpers() template.FuncMap {
	return template.FuncMap{
		"word":  k.word,
		"url":   Address,
		"id":    ID,
		"field": func(x *Field) *Field { return x },
		// posts draws a gate's two posts.
		"posts":   func(x, y, h int) string { return fmt.Sprintf("M%d %dv%dM%d %dv%d", x-4, y, h, x+4, y, h) },
		"canalOf": func(lang string, c CanalView) canalData { return canalData{lang, c} },
		"add":     func(a, b int) int { return a + b },
		"sub":     func(a, b int) int { return a - b },
		"rows":    func(n int) int { return max(n, 4*b2i(n == 0)) },
		"day":     LongDay,
		"iso":     fmt.Sprint,
		"kronor":  Kronor,
		"size":    Size,
		// with pairs what a template of the kit needs with the language.
		"with2": func(lang string, of any) pair { return pair{lang, of} },
	}
}

// pair is a language and something to show in it.
type pair struct {
	Lang string
	Of   any
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ID is the id in a page of a field with a name: data.0.from is data-0-from.
func ID(name string) string { return strings.NewReplacer(".", "-", ":", "-").Replace(name) }

// Address keeps the reader's language in an address of the site.
func Address(lang, path string) string {
	path, fragment, _ := strings.Cut(path, "#")
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	path += sep + "lang=" + lang
	if fragment != "" {
		path += "#" + fragment
	}
	return path
}

// CanalView is the way of an order, drawn and as a list.
type CanalView struct {
	Drawing canal.Drawing
	Label   string
	Gates   []GateView
}

// GateView is one gate as the ordered list tells it.
type GateView struct {
	Basin, Name, Basis, Opens, State, Class, On string
	Here                                        bool
}

// canalData is what the canal's template writes down.
type canalData struct {
	Lang string
	CanalView
}

// Canal is the way of an order in the visitor's language; below says what
// stands under a basin, nil the day its gate opened.
func (a *Ask) Canal(c canal.Canal, below func(canal.Basin) string) CanalView {
	if below == nil {
		below = a.below
	}
	v := CanalView{Drawing: c.Draw(a.Lang, below), Label: c.Label().In(a.Lang)}
	for _, b := range c.Basins {
		g := b.Gate
		x := GateView{
			Basin: b.Name.In(a.Lang), Name: g.Name.In(a.Lang), Basis: g.Basis, Opens: Role(a.Lang, g.Opens), Class: string(g.State), State: a.Word("case." + string(g.State)), Here: b.Here,
		}
		if g.HasOn {
			x.On = LongDay(a.Lang, g.On)
		}
		v.Gates = append(v.Gates, x)
	}
	return v
}

// below is the line under a basin: the day its gate opened, or that the boat is
// there.
func (a *Ask) below(b canal.Basin) string {
	switch {
	case b.Gate.State == canal.Free:
		return a.Word("case.free")
	case b.Gate.HasOn:
		return ShortDay(a.Lang, b.Gate.On)
	case b.Here:
		return a.Word("case.here")
	}
	return ""
}
