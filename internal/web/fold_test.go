package web_test

import (
	"testing"

	"sluss/internal/web/page"
)

// TestFoldedFieldsOpen: what is folded opens as soon as it says something or has
// something to mend; fields in sight keep their place between.
func TestFoldedFieldsOpen(t *testing.T) {
	t.Parallel()
	made := func(change func(map[string]*page.Field)) []page.Group {
		by := map[string]*page.Field{
			"seen": {ID: "seen", Kind: page.Text, Value: "x"}, "how": {ID: "how", Kind: page.Select, Options: []page.Option{{Value: ""}, {Value: "and"}}},
			"day": {ID: "day", Kind: page.Date}, "box": {ID: "box", Kind: page.Checks, Options: []page.Option{{Value: "a"}}}, "hidden": {ID: "hidden", Kind: page.Hidden, Value: "n"},
			"last": {ID: "last", Kind: page.Area},
		}
		change(by)
		f := &page.Form{Fields: []*page.Field{by["seen"]}}
		f.Fields = append(f.Fields, page.Folded("more", by["how"], by["day"], by["box"], by["hidden"])...)
		f.Fields = append(f.Fields, page.Folded("other", by["last"])...)
		return f.Groups()
	}
	for name, c := range map[string]struct {
		change      func(map[string]*page.Field)
		more, other bool
	}{
		"empty":                   {func(map[string]*page.Field) {}, false, false},
		"first choice was sent":   {func(by map[string]*page.Field) { by["how"].Options[0].On = true }, false, false},
		"another choice":          {func(by map[string]*page.Field) { by["how"].Options[1].On = true }, true, false},
		"a day":                   {func(by map[string]*page.Field) { by["day"].Value = "2026-01-01" }, true, false},
		"a box":                   {func(by map[string]*page.Field) { by["box"].Options[0].On = true }, true, false},
		"something to mend":       {func(by map[string]*page.Field) { by["day"].Problem = "Skriv en dag." }, true, false},
		"something in the second": {func(by map[string]*page.Field) { by["last"].Value = "{}" }, false, true},
	} {
		g := made(c.change)
		if len(g) != 3 || g[0].Fold != "" || len(g[1].Fields) != 4 || g[1].Open != c.more || g[2].Open != c.other {
			t.Errorf("%s: %+v", name, g)
		}
	}
}
