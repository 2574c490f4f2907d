package vaultdesk

import (
	"strconv"
	"strings"

	"sluss/internal/exposure"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// exposed is the disclosure report as it is shown: a table of extracts, and
// lists of what tells most.
type exposed struct {
	Parts  []exposedPart
	WhatIf []exposedStep
	// Register are figures of the whole register, RegisterBy what they count by.
	Register   []exposedFigure
	RegisterBy string
	Order      []exposedLine
	Earlier    []exposedLine
	Scanned    string
	Limits     string // the policy that it was judged by, k only in words
	Red        bool
}

// exposedPart is a row: an extract, or all together.
type exposedPart struct {
	Name, Traits, Persons, Classes string
	Figures                        []exposedFigure
	Content, Small                 string
}

// exposedFigure is a figure and its light, "" where there is none.
type exposedFigure struct{ Name, Text, Light string }

type exposedStep struct{ Part, Column, To, K, Uniques string }

type exposedLine struct{ Text, Light string }

// exposureOf puts the disclosure report in words; nil for files from before
// there was one.
func exposureOf(a *page.Ask, x *order.Extracted) *exposed {
	r := x.Exposure
	if r == nil {
		return nil
	}
	b := &exposed{Scanned: page.Thousands(r.Scanned), Red: r.Light == exposure.Red}
	b.Limits = "k ≥ " + strconv.FormatInt(r.Policy.K.Green, 10) + " / " + strconv.FormatInt(r.Policy.K.Amber, 10)
	parts := r.Parts
	if len(parts) > 1 {
		together := r.Together
		together.Extract = a.Word("vaultdesk.x_together")
		parts = append(append([]exposure.Part(nil), parts...), together)
	}
	for _, p := range parts {
		b.Parts = append(b.Parts, partOf(a, p))
		for _, w := range p.WhatIf[:min(2, len(p.WhatIf))] { // the most useful stand first
			to := a.Word("vaultdesk.x_left_out")
			if w.To != "" {
				to = a.Level(w.To)
			}
			b.WhatIf = append(b.WhatIf, exposedStep{p.Extract, w.Column, to, countOf(a, w.K), countOf(a, w.Uniques)})
		}
	}
	if x := r.Register; x != nil {
		b.Register, b.RegisterBy = registerOf(a, x), registerBy(a, x)
	}
	for _, o := range r.Order {
		b.Order = append(b.Order, exposedLine{a.Word("vaultdesk.x_order_"+o.Against) + ": " + thousandths(o.Score, a.Lang), lightName(a, o.Light)})
	}
	for _, m := range r.Earlier {
		b.Earlier = append(b.Earlier, exposedLine{m.Order + ", " + m.Extract + ": " + figure(a, m.Unique) + " " + a.Word("vaultdesk.x_alone_both") + "; " + countOf(a, m.Changed) + " " + a.Word("vaultdesk.x_changed"), lightName(a, m.Unique.Light)})
	}
	return b
}

// registerOf says how many of the delivered are alike with few in the whole register.
func registerOf(a *page.Ask, x *exposure.Register) []exposedFigure {
	return []exposedFigure{
		{a.Word("vaultdesk.x_uniques"), figure(a, x.Uniques), lightName(a, x.Uniques.Light)},
		{a.Word("vaultdesk.x_at_risk"), figure(a, x.AtRisk), lightName(a, x.AtRisk.Light)},
	}
}

// registerBy says what persons of the register were counted by, and by what not.
func registerBy(a *page.Ask, x *exposure.Register) string {
	text := countOf(a, x.Persons) + " " + a.Word("vaultdesk.x_register_persons") + " " + strings.Join(x.Traits, ", ") + "."
	if len(x.Left) > 0 {
		text += " " + a.Word("vaultdesk.x_register_left") + " " + strings.Join(x.Left, ", ") + "."
	}
	return text
}

func partOf(a *page.Ask, p exposure.Part) exposedPart {
	out := exposedPart{Name: p.Extract, Traits: strings.Join(p.Traits, ", "), Persons: countOf(a, p.Persons), Classes: countOf(a, p.Classes)}
	add := func(name string, text string, l exposure.Light) {
		out.Figures = append(out.Figures, exposedFigure{a.Word("vaultdesk.x_" + name), text, lightName(a, l)})
	}
	add("k", countOf(a, p.K.Count), p.K.Light)
	add("uniques", figure(a, p.Uniques), p.Uniques.Light)
	add("at_risk", figure(a, p.AtRisk), p.AtRisk.Light)
	if x := p.Special; x != nil {
		for i, n := range x.Alone {
			if n != (exposure.Count{}) {
				add("alone_"+strconv.Itoa(i+1), countOf(a, n), "")
			}
		}
		var telling []string
		for _, c := range x.Columns[:min(3, len(x.Columns))] {
			telling = append(telling, c.Column+" "+wholePercent(c.Share))
		}
		add("telling", strings.Join(telling, ", "), "")
		if x.Register != nil {
			add("in_register", countOf(a, *x.Register), "")
		}
	}
	if p.Path != nil {
		add("path", figure(a, p.Path.Whole), p.Path.Whole.Light)
	}
	if c := p.Content; c != nil {
		add("content", c.Variable+": "+strconv.FormatInt(c.Distinct, 10)+", t "+share(c.Closeness, a.Lang), c.Light)
	}
	var small []string
	for _, c := range p.Cells {
		if c.Small > 0 {
			small = append(small, c.Column+" "+page.Thousands(c.Small)+"/"+page.Thousands(c.Cells))
		}
	}
	out.Small = strings.Join(small, ", ")
	return out
}

// reachOf says how far a register reaches, as the vault has measured it.
func reachOf(a *page.Ask, r order.Reach) string {
	text := r.Register
	if reg := a.Catalogue.Register(r.Register); reg != nil {
		text = reg.Names.In(a.Lang)
	}
	var parts []string
	if r.Until != 0 {
		parts = append(parts, a.Word("vaultdesk.r_until")+" "+r.Until.String())
	}
	if r.PaymentsTo != 0 {
		parts = append(parts, a.Word("vaultdesk.r_payments")+" "+r.PaymentsTo.String())
	}
	if parts == nil {
		parts = []string{a.Word("vaultdesk.r_unknown")}
	}
	return text + ": " + strings.Join(parts, "; ")
}

// countOf writes a protected number of persons.
func countOf(a *page.Ask, c exposure.Count) string {
	if c.Few {
		return a.Word("vaultdesk.x_few")
	}
	return page.Thousands(c.N)
}

func figure(a *page.Ask, g exposure.Graded) string {
	if g.Count.Few || g.Count.N == 0 {
		return countOf(a, g.Count)
	}
	return countOf(a, g.Count) + " (" + share(g.Share, a.Lang) + ")"
}

// share writes a share per 10 000 in per cent.
func share(n int64, lang string) string {
	return decimal(strconv.FormatInt(n/100, 10)+"."+strconv.FormatInt(n%100/10, 10), lang) + "\u00a0%"
}

// wholePercent writes a share per 10 000 that is a whole number of per cent.
func wholePercent(n int64) string { return strconv.FormatInt(n/100, 10) + "\u00a0%" }

func thousandths(n int64, lang string) string {
	return decimal(strconv.FormatInt(n/1000, 10)+"."+strconv.FormatInt(n%1000/100, 10), lang)
}

func decimal(s, lang string) string {
	if lang == "sv" {
		return strings.ReplaceAll(s, ".", ",")
	}
	return s
}

func lightName(a *page.Ask, l exposure.Light) string {
	if l == "" {
		return ""
	}
	return a.Word("vaultdesk.is_" + string(l))
}
