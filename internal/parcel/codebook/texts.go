package codebook

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/parcel"
	"sluss/internal/plan"
)

var (
	emptyInPopulation  = catalog.Text{SV: "Tomt där populationsfilen saknar värde.", EN: "Empty where the population file has no value."}
	emptyInRegister    = catalog.Text{SV: "Tomt där registret saknar värde (modellantagande A13).", EN: "Empty where the register has no value (model assumption A13)."}
	emptyWhenOngoing   = catalog.Text{SV: "Tomt när det pågår vid observationstidens slut.", EN: "Empty when it is ongoing at the end of observation."}
	emptyOutsideWindow = catalog.Text{SV: "Tomt när dagen ligger utanför den beslutade perioden.", EN: "Empty when the day lies outside the decided period."}
	emptyAfterWindow   = catalog.Text{SV: "Tomt när månaden eller året slutar efter den beslutade perioden.", EN: "Empty when the month or year ends after the decided period."}
)

// levels say how exact a value is after coarsening.
var levels = map[string]catalog.Text{
	"year":        {SV: "Bara år.", EN: "Year only."},
	"quarter":     {SV: "Kvartal, 2024-Q1.", EN: "Quarter, 2024-Q1."},
	"month":       {SV: "Månad, 2024-01.", EN: "Month, 2024-01."},
	"icd_3":       {SV: "Kategori i ICD-10-SE, tre tecken.", EN: "ICD-10-SE category, three characters."},
	"icd_block":   {SV: "Avsnitt i ICD-10-SE.", EN: "ICD-10-SE block."},
	"icd_chapter": {SV: "Kapitel i ICD-10-SE.", EN: "ICD-10-SE chapter."},
	"age_5y":      {SV: "Femårsklass.", EN: "Five-year age group."},
	"age_10y":     {SV: "Tioårsklass.", EN: "Ten-year age group."},
	"county":      {SV: "Län.", EN: "County."},
	"amount_1000": {SV: "Hela tusental kronor.", EN: "Whole thousands of kronor."},
}

var perspectives = map[catalog.Perspective]catalog.Text{
	catalog.PerspectivePeriod:  {SV: "Hör till de dagar som ersättningen avser.", EN: "Belongs to the days that the benefit is for."},
	catalog.PerspectivePayment: {SV: "Hör till dagen för utbetalningen.", EN: "Belongs to the day of payment."},
}

// functions say what a derivation does with its variable.
var functions = map[string]catalog.Text{
	"count":            {SV: "Här: antalet.", EN: "Here: how many."},
	"first":            {SV: "Här: det första värdet i perioden.", EN: "Here: the first value in the period."},
	"last":             {SV: "Här: det sista värdet i perioden.", EN: "Here: the last value in the period."},
	"max":              {SV: "Här: det största värdet i perioden.", EN: "Here: the greatest value in the period."},
	"flag_any":         {SV: "Här: 1 om något värde finns, annars 0.", EN: "Here: 1 if there is any value, else 0."},
	"amount_sum":       {SV: "Här: summan i perioden. Varje belopp är fördelat lika på sina dagar, avrundat så att delarna blir helheten; återföringar räknas ifrån.", EN: "Here: the sum in the period. Each amount is spread evenly over its days, rounded so that the parts make up the whole; reversals are subtracted."},
	"rank_start":       {SV: "Här: ordningsnummer efter startdag inom personen, från 1.", EN: "Here: number in order of start within the person, from 1."},
	"days_from_anchor": {SV: "Här: dagar från indexdatum; negativt före.", EN: "Here: days from the index date; negative before it."},
	plan.FnAbsent:      {SV: "Här: tom; beslutet lämnar inte ut uppgiften.", EN: "Here: empty; the decision does not give it."},
	"age_at":           {SV: "Här: ålder i hela år.", EN: "Here: age in whole years."},
}

// unit says what a number counts.
func unit(typ, fn string, v *catalog.Variable) catalog.Text {
	switch fn {
	case "days_from_anchor", "days", "gross_days":
		return catalog.Text{SV: "dagar", EN: "days"}
	case "count", "rank_start", "flag_any", "spells", "spells_started", "spells_ended":
		return catalog.Text{SV: "antal", EN: "number"}
	case "age_at":
		return catalog.Text{SV: "år", EN: "years"}
	case "net_days":
		return catalog.Text{SV: "nettodagar, dagar gånger omfattning", EN: "net days, days times extent"}
	}
	switch {
	case typ == parcel.ColumnID:
		return catalog.Text{SV: "heltal utan betydelse", EN: "whole number without meaning"}
	case typ == parcel.ColumnOre:
		return catalog.Text{SV: "öre, 100 öre är en krona", EN: "öre, 100 öre are one krona"}
	case typ == parcel.ColumnDate:
		return catalog.Text{SV: "dag", EN: "day"}
	case v.Kind == catalog.KindExtent:
		return catalog.Text{SV: "procent", EN: "per cent"}
	case v.Kind == catalog.KindPeriod:
		return catalog.Text{SV: "period", EN: "period"}
	case typ == parcel.ColumnText:
		return catalog.Text{SV: "kod", EN: "code"}
	case v.Derive != "" && v.ValueSet == "":
		return unit("", v.Derive, &catalog.Variable{})
	}
	return catalog.Text{}
}

// rowIs says what a row of a file stands for.
func rowIs(s catalog.Shape, t *catalog.Table) catalog.Text {
	switch s {
	case catalog.ShapeCorrection:
		return catalog.Text{SV: "Dagar i följd på vilka en återföring inte möter någon utbetalning att ta tillbaka (modellantagande A6).", EN: "Days in a row on which a reversal meets no payment to take back (model assumption A6)."}
	case catalog.ShapeSubspell:
		return catalog.Text{SV: "Ett delfall: en rad dagar utan avbrott med samma omfattning och innehåll.", EN: "A sub-spell: days without a break with the same extent and content."}
	case catalog.ShapeLayout:
		return catalog.Text{SV: "Ett delfall, eller en lucka inom ett fall (modellantagande A4): en rad dagar utan avbrott med samma omfattning och innehåll. Luckor har omfattning 0.", EN: "A sub-spell, or a gap inside a spell (model assumption A4): days without a break with the same extent and content. Gaps have extent 0."}
	case catalog.ShapeSpell:
		return catalog.Text{SV: "Ett fall: delfall som ligger så nära varandra att de räknas som ett.", EN: "A spell: sub-spells so close to each other that they count as one."}
	case catalog.ShapePanelDay:
		return catalog.Text{SV: "En person och en dag.", EN: "A person and a day."}
	case catalog.ShapePanelWeek:
		return catalog.Text{SV: "En person och en vecka, måndag till söndag (ISO 8601).", EN: "A person and a week, Monday to Sunday (ISO 8601)."}
	case catalog.ShapePanelQuarter:
		return catalog.Text{SV: "En person och ett kvartal.", EN: "A person and a quarter."}
	case catalog.ShapePanelMonth:
		return catalog.Text{SV: "En person och en månad.", EN: "A person and a month."}
	case catalog.ShapePanelYear:
		return catalog.Text{SV: "En person och ett år.", EN: "A person and a year."}
	}
	return t.RowIs
}

// keptApart names the variables of an order's own that keep spells apart.
func keptApart(e *plan.Extract, reg *catalog.Register) (sv, en string) {
	var names [2][]string
	for _, id := range e.Shape.OwnKey() {
		n := reg.Table(e.Table).Variable(id).Names
		names[0], names[1] = append(names[0], n.SV), append(names[1], n.EN)
	}
	return strings.ToLower(strings.Join(names[0], ", ")), strings.ToLower(strings.Join(names[1], ", "))
}

// notes say what a user must know about the rows of an extract.
func notes(e *plan.Extract, s catalog.Shape, reg *catalog.Register) []catalog.Text {
	out := []catalog.Text{window(e.Window)}
	add := func(sv, en string) { out = append(out, catalog.Text{SV: sv, EN: en}) }
	switch {
	case s == catalog.ShapePayment:
		add("Rader finns bara för utbetalningar och återföringar som registret kände till när ögonblicksbilden togs.", "There are rows only for payments and reversals that the register knew of when the snapshot was taken.")
		return out
	case s == catalog.ShapeCorrection:
		add("Bara det som uttaget läser paras ihop: ett filter på rader kan lämna en återföring utan sin utbetalning.", "Only what the extract reads is paired: a filter on rows can leave a reversal without its payment.")
		add("Beloppet är den del av återföringen som faller på radens dagar, med negativt tecken. Datum för utbetalning är återföringens.", "The amount is the part of the reversal that falls on the days of the line, with a negative sign. The date of payment is the reversal's.")
		add("De flesta har ingen rad. Filen rättar ingenting: delfall, fall och paneler följer raderna i den ordning de registrerades.", "Most people have no line. The file corrects nothing: sub-spells, spells and panels follow the rows in the order in which they were registered.")
		return out
	case s == catalog.ShapeSpell:
		add(fmt.Sprintf("Delfall i samma fallgrupp räknas som ett fall när det är högst %d fria dagar emellan (modellantagande A1).", e.Shape.Spell.MaxGapDays),
			fmt.Sprintf("Sub-spells of one spell group count as one spell when at most %d free days lie between (model assumption A1).", e.Shape.Spell.MaxGapDays))
		for i := range reg.SpellGroups {
			if far := farGap(&reg.SpellGroups[i], e); far > 0 {
				add(fmt.Sprintf("För egenföretagare som har valt mer än en karensdag är det högst %d fria dagar (modellantagande A2).", far),
					fmt.Sprintf("For the self-employed who have chosen more than one waiting day it is at most %d free days (model assumption A2).", far))
			}
		}
		if sv, en := keptApart(e, reg); sv != "" {
			add("Fall hålls isär av "+sv+". De byggs vart för sig, som om de andra raderna inte fanns, och kan täcka samma dagar, som då räknas i båda.",
				"Spells are kept apart by "+en+". They are built each by itself, as if the other rows were not there, and may cover the same days, which then count in both.")
		}
		censoring(e, add)
		numbering(add)
	case s == catalog.ShapeLayout:
		add("Formen är den som registrets innehavare har använt: fasta kolumner i fast ordning. Kolumner som registret inte har, eller som beslutet inte lämnar ut, är tomma.", "The shape is one that the register's holder has used: fixed columns in a fixed order. Columns that the register does not have, or that the decision does not give, are empty.")
		add("Dagarna i ett falls rader, luckorna inräknade, är tillsammans fallets dagar (brutto). Dagar med ersättning och nettodagar räknar inte luckorna.", "The days of the lines of a spell, gaps counted, add up to the days of the spell (gross). Days with benefit and net days do not count gaps.")
		add("Omfattning är en andel av en hel dag: 0,25, 0,5, 0,75 eller 1; 0 i luckor. Belopp hör till de dagar raden omfattar; det som ligger på dagar utanför alla fall finns inte i filen.", "Extent is a share of a full day: 0.25, 0.5, 0.75 or 1; 0 in gaps. Amounts belong to the days of the line; what lies on days outside all spells is not in the file.")
		censoring(e, add)
	case s == catalog.ShapeSubspell:
		censoring(e, add)
		numbering(add)
	default:
		if e.Shape.Panel != nil && e.Shape.Panel.EmptyCells == "zero" {
			add("Perioder utan ersättning finns med och har noll dagar.", "Periods without benefit are there and have zero days.")
		} else {
			add("Perioder utan ersättning saknas; en saknad rad betyder noll dagar.", "Periods without benefit are absent; an absent row means zero days.")
		}
		add("Dagarna räknas i den period de infaller, också när fallet går över en gräns.", "Days are counted in the period they fall in, also when the spell crosses a boundary.")
	}
	told(reg, add)
	out = append(out, overlap(e, reg))
	return out
}

// told says which days have no benefit and which money no days.
func told(reg *catalog.Register, add func(sv, en string)) {
	for _, g := range reg.SpellGroups {
		if g.SickPay != nil {
			add("Sjuklönedagar närmast före ersättningen räknas som dagar, med omfattning 0, där ansökan visar när sjukdomen började (modellantagande A3). Nettodagar och belopp har de inga.",
				"Days of sick pay right before the benefit count as days, with extent 0, where the application shows when the illness began (model assumption A3). They have no net days and no amount.")
		}
	}
	for _, b := range reg.Benefits {
		if b.TopUpMaxSEK > 0 {
			add(fmt.Sprintf("%s med högst %d kronor per nettodag är ett tillägg: belopp utan dagar (modellantagande A5).", b.Names.SV, b.TopUpMaxSEK),
				fmt.Sprintf("%s of at most %d kronor by net day is a top-up: money without days (model assumption A5).", b.Names.EN, b.TopUpMaxSEK))
		}
	}
}

func numbering(add func(sv, en string)) {
	add("Ordningsnummer gäller den här leveransen. De ändras när registret rättas och kan inte användas som nycklar mellan leveranser.", "Numbers in order hold for this delivery. They change when the register is corrected and cannot serve as keys between deliveries.")
}

func censoring(e *plan.Extract, add func(sv, en string)) {
	if e.History == "reveal" {
		add("Fallens hela utsträckning lämnas ut, också den del som ligger utanför perioden.", "The whole extent of the spells is delivered, also what lies outside the period.")
	} else {
		add("Fallen är avklippta vid periodens gränser. Vänster- och högercensurering säger om de började före eller fortsatte efter.", "Spells are cut at the bounds of the period. Left and right censoring say whether they began before or went on after.")
	}
	add("Sista dagen är tom när fallet pågår vid observationstidens slut; dagarna är räknade dit.", "The last day is empty when the spell is ongoing at the end of observation; days are counted up to it.")
}

func overlap(e *plan.Extract, reg *catalog.Register) catalog.Text {
	rule := e.Overlap
	if rule == "" && len(reg.SpellGroups) > 0 {
		rule = reg.SpellGroups[0].Overlap
	}
	switch rule {
	case "sum_tracks":
		return catalog.Text{SV: "När flera ärenden gäller samma dag läggs omfattningarna ihop, högst 100 procent (modellantagande A7).", EN: "Where several cases cover a day their extents are added, 100 per cent at most (model assumption A7)."}
	case "error":
		return catalog.Text{SV: "Ingen dag har två olika uppgifter; annars hade uttaget stoppats.", EN: "No day has two different states; the extraction would have been stopped."}
	}
	alone := slices.ContainsFunc(e.Shape.OwnKey(), func(id string) bool { return reg.Table(e.Table).Variable(id).Role == catalog.RoleBenefit })
	if order := precedence(reg); order != "" && !alone {
		return catalog.Text{
			SV: "När flera förmåner gäller samma dag går de i ordningen " + order + "; inom en förmån bestämmer den senast registrerade raden (modellantagande A7).",
			EN: "Where several benefits cover a day they come in the order " + order + "; within a benefit the latest registered row decides (model assumption A7).",
		}
	}
	return catalog.Text{SV: "När flera rader gäller samma dag bestämmer den senast registrerade (modellantagande A7).", EN: "Where several rows cover a day the latest registered one decides (model assumption A7)."}
}

// precedence lists the register's benefits from the greatest rank; "" when
// their ranks are equal.
func precedence(reg *catalog.Register) string {
	all := slices.Clone(reg.Benefits)
	slices.SortStableFunc(all, func(a, b catalog.Benefit) int { return b.Rank - a.Rank })
	if len(all) == 0 || all[0].Rank == all[len(all)-1].Rank {
		return ""
	}
	codes := make([]string, len(all))
	for i, b := range all {
		codes[i] = b.ID
	}
	return strings.Join(codes, ", ")
}

func window(w plan.Window) catalog.Text {
	if w.From.Relative() {
		return catalog.Text{
			SV: fmt.Sprintf("Period för varje person: från %s till (men inte med) %s, räknat från %s, inom den beslutade perioden.", w.From.Offset, w.To.Offset, w.From.Anchor),
			EN: fmt.Sprintf("Period of each person: from %s to (but not including) %s, counted from %s, within the decided period.", w.From.Offset, w.To.Offset, w.From.Anchor),
		}
	}
	return catalog.Text{
		SV: fmt.Sprintf("Period: från och med %s till och med %s.", w.From.Date, w.To.Date-1),
		EN: fmt.Sprintf("Period: from %s to %s, both included.", w.From.Date, w.To.Date-1),
	}
}
