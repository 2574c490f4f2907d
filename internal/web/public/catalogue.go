package public

import (
	"slices"
	"strings"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/web/apply"
	"sluss/internal/web/canal"
	"sluss/internal/web/page"
)

type startBody struct{ Canal page.CanalView }

// start explains the service with the canal of an order that is under review.
func start(a *page.Ask) error {
	c := canal.Of(order.State{Submitted: true, Complete: true, AgreedDraft: "a", DraftHash: "a"}, order.RoleOrderer, false)
	return a.Show("start", page.View{Title: a.Word("start.title"), Body: startBody{a.Canal(c, func(canal.Basin) string { return "" })}})
}

type hit struct {
	Register, Table, Variable     string
	RegisterName, Name, Meaning   string
	Sensitivity, SensitivityClass string
	Chosen                        bool // lies in the visitor's order
	rank                          int
}

type registerRow struct {
	ID, Name, Area, Benefits, Until string
	MiDAS                           bool
}

type catalogueBody struct {
	Query     string
	Hits      []hit
	Registers []registerRow
	Basket    *apply.Basket
}

// maxHits is how many variables a search shows.
const maxHits = 100

func catalogue(a *page.Ask) error {
	lang := a.Lang
	b := catalogueBody{Query: strings.TrimSpace(a.R.URL.Query().Get("q"))}
	if len(b.Query) > 200 {
		b.Query = b.Query[:200]
	}
	var err error
	if b.Basket, err = apply.BasketOf(a); err != nil {
		return err
	}
	if b.Query != "" {
		b.Hits = search(a.Catalogue, b.Query, lang)
	}
	for i := range b.Hits {
		b.Hits[i].Chosen = b.Basket.Has(b.Hits[i].Table, b.Hits[i].Variable)
	}
	for i := range a.Catalogue.Registers {
		reg := &a.Catalogue.Registers[i]
		b.Registers = append(b.Registers, registerRow{reg.ID, reg.Names.In(lang), areas[reg.Area].In(lang), benefits(reg, lang), a.ReachText(reg), reg.MiDAS})
	}
	return a.Show("catalogue", page.View{Title: a.Word("catalogue.title"), Nav: "nav.catalogue", Body: b})
}

// search finds variables by every word of the query, in either language.
// Names count most, then definitions, then register and table.
func search(c *catalog.Catalogue, query, lang string) []hit {
	words := strings.Fields(strings.ToLower(query))
	var out []hit
	for _, reg := range c.Registers {
		around := strings.ToLower(reg.Names.SV + " " + reg.Names.EN + " " + benefits(&reg, "sv") + " " + benefits(&reg, "en"))
		for _, t := range reg.Tables {
			for _, v := range t.Variables {
				if !v.Deliverable() {
					continue
				}
				name := strings.ToLower(v.ID + " " + v.Names.SV + " " + v.Names.EN)
				meaning := strings.ToLower(v.Definition.SV + " " + v.Definition.EN)
				rank, all := 0, true
				for _, w := range words {
					switch {
					case strings.Contains(name, w):
						rank += 4
					case strings.Contains(meaning, w):
						rank += 2
					case strings.Contains(around, w) || strings.Contains(strings.ToLower(t.Names.SV+" "+t.Names.EN), w):
						rank++
					default:
						all = false
					}
				}
				if all {
					out = append(out, hit{reg.ID, t.ID, v.ID, reg.Names.In(lang), v.Names.In(lang), v.Definition.In(lang), sensitivities[v.Sensitivity].In(lang), string(v.Sensitivity), false, rank})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b hit) int { return b.rank - a.rank })
	return out[:min(len(out), maxHits)]
}

func benefits(r *catalog.Register, lang string) string {
	var names []string
	for _, b := range r.Benefits {
		names = append(names, b.Names.In(lang))
	}
	return strings.Join(names, ", ")
}

type variableRow struct {
	ID, Name, Meaning, Kind, Sensitivity, SensitivityClass, Shapes string
	Chosen                                                         bool // lies in the visitor's order
}

type tableBody struct {
	ID, Name, RowIs, Shapes string
	Variables               []variableRow
}

type registerBody struct {
	ID, Name, Description, Area, Basis, Benefits, Until string
	MiDAS                                               bool
	Payments                                            string // the last date of payment, where that is not what Until says
	Curve                                               *curveView
	Tables                                              []tableBody
	Basket                                              *apply.Basket
}

func register(a *page.Ask) error {
	lang := a.Lang
	reg := a.Catalogue.Register(a.R.PathValue("register"))
	if reg == nil {
		return app.ErrNotFound
	}
	b := registerBody{
		ID: reg.ID, Name: reg.Names.In(lang), Description: reg.Description.In(lang), Area: areas[reg.Area].In(lang), Basis: strings.Join(reg.Basis, ", "),
		Benefits: benefits(reg, lang), Until: a.ReachText(reg), MiDAS: reg.MiDAS,
	}
	reach := a.Reach(reg)
	b.Curve = curveOf(a, reg, reach)
	if reg.Coverage != nil && reach.PaymentsTo != 0 {
		b.Payments = page.LongDay(lang, reach.PaymentsTo)
	}
	var err error
	if b.Basket, err = apply.BasketOf(a); err != nil {
		return err
	}
	for _, t := range reg.Tables {
		tb := tableBody{ID: t.ID, Name: t.Names.In(lang), RowIs: t.RowIs.In(lang), Shapes: shapes(t.Shapes, lang)}
		for _, v := range t.Variables {
			if v.Deliverable() {
				tb.Variables = append(tb.Variables, variableRow{v.ID, v.Names.In(lang), v.Definition.In(lang), kinds[v.Kind].In(lang), sensitivities[v.Sensitivity].In(lang), string(v.Sensitivity), shapes(v.Shapes, lang), b.Basket.Has(t.ID, v.ID)})
			}
		}
		b.Tables = append(b.Tables, tb)
	}
	return a.Show("register", page.View{Title: b.Name, Nav: "nav.catalogue", Body: b})
}

func shapes(list []catalog.Shape, lang string) string {
	var out []string
	for _, sh := range list {
		out = append(out, shapeNames[sh].In(lang))
	}
	return strings.Join(out, ", ")
}

type codeRow struct{ Code, Name, Valid string }

type variableBody struct {
	Register, RegisterName, Table, TableName string
	variableRow
	Perspective, Coarsen, Assumption string
	Codes                            []codeRow
	Open                             bool
	Basket                           *apply.Basket
}

// maxCodes is how many codes of a list a page shows.
const maxCodes = 200

func variable(a *page.Ask) error {
	lang := a.Lang
	reg, table := a.Catalogue.Table(a.R.PathValue("table"))
	var v *catalog.Variable
	if table != nil && reg.ID == a.R.PathValue("register") {
		v = table.Variable(a.R.PathValue("variable"))
	}
	if v == nil || !v.Deliverable() {
		return app.ErrNotFound
	}
	basket, err := apply.BasketOf(a)
	if err != nil {
		return err
	}
	b := variableBody{
		Basket: basket, Register: reg.ID, RegisterName: reg.Names.In(lang), Table: table.ID, TableName: table.Names.In(lang),
		variableRow: variableRow{v.ID, v.Names.In(lang), v.Definition.In(lang), kinds[v.Kind].In(lang), sensitivities[v.Sensitivity].In(lang), string(v.Sensitivity), shapes(v.Shapes, lang), basket.Has(table.ID, v.ID)},
		Perspective: perspectives[v.Perspective].In(lang), Coarsen: coarser(a, v), Assumption: v.Assumption,
	}
	if set, ok := a.Catalogue.Values(reg, v); ok {
		b.Open = set.Open
		for _, c := range set.Codes[:min(len(set.Codes), maxCodes)] {
			valid := c.From
			if c.From != "" || c.To != "" {
				valid += "–" + c.To
			}
			b.Codes = append(b.Codes, codeRow{c.Code, c.Names.In(lang), valid})
		}
		b.Open = b.Open || len(set.Codes) > maxCodes
	}
	return a.Show("variable", page.View{Title: b.Name, Nav: "nav.catalogue", Body: b})
}

var areas = map[catalog.Area]catalog.Text{
	catalog.AreaFamily:        {SV: "Barn och familj", EN: "Children and family"},
	catalog.AreaSickness:      {SV: "Sjuk", EN: "Sickness"},
	catalog.AreaDisability:    {SV: "Funktionsnedsättning", EN: "Disability"},
	catalog.AreaLabour:        {SV: "Arbetsmarknadspolitiska program", EN: "Labour market programmes"},
	catalog.AreaInternational: {SV: "Internationell vård", EN: "Care abroad"},
	catalog.AreaPerson:        {SV: "Person", EN: "Person"},
}

var shapeNames = map[catalog.Shape]catalog.Text{
	catalog.ShapePayment:      {SV: "utbetalning", EN: "payment"},
	catalog.ShapeCorrection:   {SV: "olösta korrigeringar", EN: "unresolved corrections"},
	catalog.ShapeSubspell:     {SV: "delfall", EN: "sub-spell"},
	catalog.ShapeSpell:        {SV: "fall", EN: "spell"},
	catalog.ShapePanelDay:     {SV: "panel per dag", EN: "panel by day"},
	catalog.ShapeLayout:       {SV: "delfall med luckor, 42 kolumner", EN: "sub-spells with gaps, 42 columns"},
	catalog.ShapePanelWeek:    {SV: "panel per vecka", EN: "panel by week"},
	catalog.ShapePanelQuarter: {SV: "panel per kvartal", EN: "panel by quarter"},
	catalog.ShapePanelMonth:   {SV: "panel per månad", EN: "panel by month"},
	catalog.ShapePanelYear:    {SV: "panel per år", EN: "panel by year"},
}

var kinds = map[catalog.Kind]catalog.Text{
	catalog.KindPerson: {SV: "löpnummer", EN: "serial number"},
	catalog.KindDate:   {SV: "datum", EN: "date"},
	catalog.KindInt:    {SV: "heltal", EN: "whole number"},
	catalog.KindOre:    {SV: "belopp i öre", EN: "amount in öre"},
	catalog.KindExtent: {SV: "omfattning i procent", EN: "extent in per cent"},
	catalog.KindCode:   {SV: "kod", EN: "code"},
	catalog.KindPeriod: {SV: "period", EN: "period"},
}

var sensitivities = map[catalog.Sensitivity]catalog.Text{
	catalog.SensitiveNone:     {SV: "ingen", EN: "none"},
	catalog.SensitivePersonal: {SV: "personuppgift", EN: "personal data"},
	catalog.SensitiveHealth:   {SV: "hälsa, känslig", EN: "health, sensitive"},
}

var perspectives = map[catalog.Perspective]catalog.Text{
	catalog.PerspectivePeriod:  {SV: "när förmånen gällde", EN: "when the benefit applied"},
	catalog.PerspectivePayment: {SV: "när den betalades ut", EN: "when it was paid"},
	catalog.PerspectiveNone:    {SV: "inget", EN: "none"},
}

// coarser are the levels that a variable can be made coarser to, in words.
func coarser(a *page.Ask, v *catalog.Variable) string {
	var out []string
	for _, level := range v.Coarsen {
		out = append(out, a.Level(level))
	}
	return strings.Join(out, ", ")
}
