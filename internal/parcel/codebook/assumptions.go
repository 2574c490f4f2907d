package codebook

import (
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/leave"
	"sluss/internal/plan"
)

// Assumption is a model assumption (modellantagande): a rule of ours where no
// public one was found, with its version and the values that it was used with.
type Assumption struct {
	ID         string       `json:"id"`
	Version    int          `json:"version"` // of the rule; a change of meaning raises it
	Text       catalog.Text `json:"text"`
	Parameters []Parameter  `json:"parameters,omitempty"`
}

// Parameter is a named value. Of is the extract or register that it holds for,
// "" for all.
type Parameter struct {
	Name  string `json:"name"`
	Of    string `json:"of,omitempty"`
	Value string `json:"value"`
}

// String writes a parameter as name (of) = value.
func (p Parameter) String() string {
	if p.Of == "" {
		return p.Name + " = " + p.Value
	}
	return p.Name + " (" + p.Of + ") = " + p.Value
}

// assumptions are those of reference domain §1.7 that a delivery can rest on.
var assumptions = []Assumption{
	{ID: "A1", Version: 1, Text: catalog.Text{SV: "Fria dagar som fogar ihop delfall till fall är ett val; standardvärdet 4 följer att ett nytt fall börjar efter minst fem dagars uppehåll.", EN: "The free days that join sub-spells into spells are a choice; the default of 4 follows from a new spell beginning after a break of at least five days."}},
	{ID: "A2", Version: 1, Text: catalog.Text{SV: "För egenföretagare som har valt mer än en karensdag fortsätter ett fall som börjar inom 20 dagar det förra (SFB 27 kap. 33 §), där källan säger vilken karenstid som är vald. Ett kortare avstånd än registrets eget är beställarens och gäller alla.", EN: "For the self-employed who have chosen more than one waiting day a spell that begins within 20 days continues the former (SFB 27:33), where the source says which waiting period was chosen. A gap smaller than the register's own is the orderer's and holds for everybody."}},
	{ID: "A3", Version: 1, Text: catalog.Text{SV: "Sjuklönedagarna närmast före en anställds ersättning hör till fallet, med omfattning 0, när ansökan visar att sjukdomen började högst så många dagar före. De hittas aldrig på.", EN: "The days of sick pay right before an employee's benefit belong to the spell, with extent 0, when the application shows that the illness began at most so many days before. They are never made up."}},
	{ID: "A4", Version: 1, Text: catalog.Text{SV: "Ett nytt delfall börjar när omfattning, delförmån eller ersättningsnivå ändras, och efter varje dag utan ersättning.", EN: "A new sub-spell begins when extent, benefit or level changes, and after any day without benefit."}},
	{ID: "A5", Version: 1, Text: catalog.Text{SV: "En utbetalning vars belopp per nettodag är högst det angivna, i hela kronor, är ett tillägg: beloppet räknas, men det blir inga dagar av den. Detsamma gäller den som tar ett tillägg tillbaka.", EN: "A payment whose amount by net day is at most the stated one, in whole kronor, is a top-up: its amount counts, but no days come of it. The same holds for what takes a top-up back."}},
	{ID: "A6", Version: 1, Text: catalog.Text{SV: "En återföring tar, dag för dag, tillbaka den senaste tidigare utbetalningen av samma delförmån som räcker till; det som ingen utbetalning möter är en olöst korrigering. Den ändrar ingen dag och inget belopp i andra filer.", EN: "A reversal takes back, day by day, the latest earlier payment of the same benefit that suffices; what meets no payment is an unresolved correction. It changes no day and no amount in other files."}},
	{ID: "A7", Version: 1, Text: catalog.Text{SV: "Där rader överlappar avgör en angiven regel; den sammanlagda omfattningen är högst 100 procent.", EN: "Where rows overlap a stated rule decides; total extent is 100 per cent at most."}},
	{ID: "A8", Version: 1, Text: catalog.Text{SV: "Fallets diagnos är den första som inte saknas.", EN: "The diagnosis of a spell is the first one that is not missing."}},
	{ID: "A9", Version: 1, Text: catalog.Text{SV: "Panelens perioder och mått är våra; inga offentliga har hittats.", EN: "The periods and measures of panels are ours; no public ones were found."}},
	{ID: "A10", Version: 1, Text: catalog.Text{SV: "En månad lämnas ut när den och alla tidigare är kända till den angivna andelen, tidigast efter det angivna antalet månader.", EN: "A month is delivered when it and all before it are known to the stated share, after the stated number of months at the earliest."}},
	{ID: "A11", Version: 1, Text: catalog.Text{SV: "Registret rör sig; leveransen är gjord ur en ögonblicksbild, som den kan göras om ur till samma filer.", EN: "The register moves; the delivery is made from one snapshot, from which it can be made again to the same files."}},
	{ID: "A12", Version: 1, Text: catalog.Text{SV: "Skattad ledighet: veckor med minst en betald dag fylls, sedan korta uppehåll mellan dem, tills barnet når en ålder; fyllda dagar är märkta som skattade.", EN: "Estimated leave: weeks with a paid day are filled, then short breaks between them, until the child reaches an age; filled days are marked as estimated."}},
	{ID: "A13", Version: 1, Text: catalog.Text{SV: "Saknade uppgifter är tomma, aldrig en särskild kod.", EN: "Missing values are empty, never a code of their own."}},
}

// pairingTolerance is the kernel's own, in öre; a test compares them, since the
// counter shows codebooks and does not link the kernel.
const pairingTolerance = "1"

// rests gathers which assumptions the files of a delivery rest on, with the
// values that they were used with.
type rests map[string][]Parameter

// on notes an assumption; a parameter that is there already is not noted again.
func (r rests) on(id string, parameters ...Parameter) {
	list := r[id]
	for _, p := range parameters {
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	r[id] = list
}

// file notes what a file rests on.
func (r rests) file(f *File, e *plan.Extract, reg *catalog.Register) {
	for _, c := range f.Columns {
		if c.Assumption != "" {
			r.on(c.Assumption)
		}
		if c.Assumption == "A8" {
			r.on("A8", Parameter{"diagnosis.of_spell", e.Name, "first_not_missing"}, Parameter{"diagnosis.level", e.Name, levelOf(e, c.Name)})
		}
		if strings.HasPrefix(c.Missing.EN, emptyInRegister.EN) {
			r.on("A13", Parameter{"missing.code", "", "none"})
		}
	}
	if reg.Coverage != nil {
		r.on("A10", Parameter{"coverage.percent", reg.ID, strconv.Itoa(reg.Coverage.Percent)}, Parameter{"coverage.months", reg.ID, strconv.Itoa(reg.Coverage.Months)})
	}
	switch catalog.Shape(f.Shape) {
	case catalog.ShapeCorrection:
		r.on("A6", Parameter{"correction.pairs_with", e.Name, "latest_earlier_payment"}, Parameter{"correction.tolerance_ore", e.Name, pairingTolerance})
		return
	case catalog.ShapePayment:
		return
	}
	var overlaps, splits []string
	for _, g := range reg.SpellGroups {
		if g.Assumption != "" {
			r.on(g.Assumption)
		}
		if !slices.Contains(overlaps, g.Overlap) {
			overlaps = append(overlaps, g.Overlap)
		}
		for _, s := range g.StateBy {
			if !slices.Contains(splits, s) {
				splits = append(splits, s)
			}
		}
	}
	if e.Overlap != "" {
		overlaps = []string{e.Overlap}
	}
	// A panel tells of spells only where a column counts them.
	counts := slices.ContainsFunc(f.Columns, func(c Column) bool { return c.Assumption == "A1" })
	r.told(e, reg, !catalog.Shape(f.Shape).Panel() || counts)
	r.on("A4", Parameter{"subspell.split_on", e.Name, strings.Join(append([]string{"extent", "benefit"}, splits...), ", ")})
	r.on("A7", Parameter{"overlap.policy", e.Name, strings.Join(overlaps, ", ")})
	if e.Shape.Spell != nil {
		r.on("A1", Parameter{"spell.max_free_days", e.Name, strconv.Itoa(e.Shape.Spell.MaxGapDays)})
		if len(e.Shape.Spell.Key) > 0 {
			r.on("A1", Parameter{"spell.key", e.Name, strings.Join(e.Shape.Spell.Key, ", ")})
		}
	}
	layout := catalog.Shape(f.Shape) == catalog.ShapeLayout
	if layout || e.Shape.Panel != nil && counts {
		for _, g := range reg.SpellGroups {
			r.on("A1", Parameter{"spell.max_free_days", e.Name, strconv.Itoa(g.MaxGapDays)})
		}
	}
	if layout {
		r.on("A4", Parameter{"subspell.gaps", e.Name, "lines of extent 0"})
	}
	if e.Shape.Panel != nil {
		r.on("A9", Parameter{"panel.unit", e.Name, e.Shape.Panel.Unit})
	}
}

// levelOf is how exact a delivered column is; full where it is as in the register.
func levelOf(e *plan.Extract, column string) string {
	for _, c := range e.Columns {
		if c.Out() == column && c.Coarsen != nil {
			return c.Coarsen.To
		}
	}
	return "full"
}

// told notes the assumptions that rest on what applications and amounts tell; spells
// says that the file tells of spells, not of days alone.
func (r rests) told(e *plan.Extract, reg *catalog.Register, spells bool) {
	for i := range reg.SpellGroups {
		g := &reg.SpellGroups[i]
		if far := farGap(g, e); spells && far > 0 {
			r.on("A2", Parameter{"spell.max_free_days.self_employed_chosen_karens", e.Name, strconv.Itoa(far)})
		}
		if g.SickPay != nil {
			r.on("A3", Parameter{"spell.include_sjuklon", e.Name, "true"}, Parameter{"spell.max_sjuklon_days", e.Name, strconv.Itoa(g.SickPay.MaxDays)})
		}
	}
	for _, b := range reg.Benefits {
		if b.TopUpMaxSEK > 0 {
			r.on("A5", Parameter{"topup.max_amount_per_net_day", b.ID, strconv.Itoa(b.TopUpMaxSEK) + " SEK"})
		}
	}
}

// farGap is the greatest gap within a spell of rows that are far (A2); 0 where the
// rule does not hold.
func farGap(g *catalog.SpellGroup, e *plan.Extract) int {
	gap := g.MaxGapDays
	if e.Shape.Spell != nil {
		gap = e.Shape.Spell.MaxGapDays
	}
	if !g.Far(gap) || g.FarGap.MaxGapDays <= gap {
		return 0
	}
	return g.FarGap.MaxGapDays
}

// list returns the assumptions in order, with their values.
func (r rests) list() []Assumption {
	if _, ok := r["A12"]; ok {
		rule := leave.Default()
		r.on("A12", Parameter{"leave.rule", "", rule.Name}, Parameter{"leave.max_free_days", "", strconv.Itoa(rule.FreeDays)}, Parameter{"leave.child_months", "", strconv.Itoa(rule.Months)})
	}
	out := []Assumption{}
	for _, a := range assumptions {
		if p, ok := r[a.ID]; ok {
			a.Parameters = p
			out = append(out, a)
		}
	}
	return out
}
