package embedded

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/parcel/format"
)

// coarsen says how values are made less exact.
type coarsen uint8

const (
	asIs coarsen = iota
	dayToMonth
	dayToQuarter
	dayToYear
	monthToQuarter
	monthToYear
	toFive     // years of age, by the first of five
	toTen      // … of ten
	toThousand // öre, whole thousands of kronor towards zero
	toCode     // texts, by recode
)

// compileLevel sets how the delivered values are made coarser. A level must
// fit what is delivered: "year" on a number of days would let exact days pass
// under the name of a year.
func (p *program) compileLevel(c *column, o *output, v *catalog.Variable, reg *catalog.Register) error {
	if c.plan.Coarsen == nil {
		return nil
	}
	to := c.plan.Coarsen.To
	unfit := refuse(o.extract, "coarsen", "Värdet kan inte göras grövre på det sättet.", "The value cannot be made coarser that way.").At(fault.Where{Column: v.ID})
	type step struct {
		t  format.Type
		to string
	}
	steps := map[step]struct {
		c coarsen
		t format.Type
	}{
		{format.Date, "month"}:        {dayToMonth, format.Month},
		{format.Date, "quarter"}:      {dayToQuarter, format.Quarter},
		{format.Date, "year"}:         {dayToYear, format.Int32},
		{format.Month, "quarter"}:     {monthToQuarter, format.Quarter},
		{format.Month, "year"}:        {monthToYear, format.Int32},
		{format.Int64, "amount_1000"}: {toThousand, format.Int64},
	}
	if c.since == sinceBirth {
		steps[step{format.Int32, "age_5y"}] = struct {
			c coarsen
			t format.Type
		}{toFive, format.Int32}
		steps[step{format.Int32, "age_10y"}] = struct {
			c coarsen
			t format.Type
		}{toTen, format.Int32}
	}
	if c.out.Type == format.Text && c.op == opRows {
		return p.recode(c, to, unfit)
	}
	s, ok := steps[step{c.out.Type, to}]
	if !ok || c.person || to == "amount_1000" && v.Kind != catalog.KindOre {
		return unfit
	}
	c.coarsen, c.out.Type = s.c, s.t
	return nil
}

// recode makes the texts of a column coarser, once for the dictionary. A text
// that has no place among the coarser ones becomes missing: it must not stay
// as it is.
func (p *program) recode(c *column, to string, unfit error) error {
	coarser := map[string]func(string) (string, bool){
		"icd_3":       catalog.ICD3,
		"icd_block":   func(s string) (string, bool) { return p.job.Catalogue.ICDRange(catalog.ICDBlocks, s) },
		"icd_chapter": func(s string) (string, bool) { return p.job.Catalogue.ICDRange(catalog.ICDChapters, s) },
		"county": func(s string) (string, bool) {
			if len(s) < 2 {
				return "", false
			}
			return s[:2], true
		},
	}[to]
	if coarser == nil {
		return unfit
	}
	texts := make([]string, len(c.col.Dict))
	for i, t := range c.col.Dict[min(1, len(c.col.Dict)):] {
		texts[i+1], _ = coarser(t)
	}
	dict := append([]string{""}, texts...)
	slices.Sort(dict)
	dict = slices.Compact(dict)
	c.recode = make([]int32, len(texts))
	for i, t := range texts {
		at, _ := slices.BinarySearch(dict, t)
		c.recode[i] = int32(at)
	}
	c.coarsen, c.out.Dict = toCode, dict
	return nil
}
