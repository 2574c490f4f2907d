package letter

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// The decision and what comes after it.

// Preview is the decision as a letter before it is dispatched: as somebody is
// about to sign it, with the price of the quote that goes with it, nil when none
// does.
func Preview(b Basis, d order.Decision, q *quote.Quote, lang string) Letter {
	b.State.Decision, b.State.Quote = &d, q
	l, _ := Make(Decision, b, lang)
	if q == nil {
		return l
	}
	w := writer{Basis: b, lang: lang, l: l}
	w.priced(*q)
	return w.l.whole()
}

func (w *writer) decision() bool {
	d := w.State.Decision
	if d == nil {
		return false
	}
	principal, orderer := w.parties()
	w.on(d.Date)
	w.title("Beslut om din beställning", "Decision on your order", principal, w.State.Application.Principal.Representative.Name, orderer)
	s := w.part("Beslut", "Decision").say(map[string]string{
		plan.OutcomeDisclose: w.t("Vi lämnar ut uppgifterna.", "We disclose the data."),
		plan.OutcomePartly:   w.t("Vi lämnar ut en del av uppgifterna. Resten lämnar vi inte ut.", "We disclose part of the data. The rest we do not disclose."),
		plan.OutcomeRefuse:   w.t("Vi lämnar inte ut uppgifterna.", "We do not disclose the data."),
	}[d.Outcome()])
	s.Table = w.rows(d.Scope.Rows)
	w.variables(d.Scope.Rows)
	w.reasons(*d)
	w.conditions(*d)
	if d.Appeal.SV != "" {
		w.part("Så överklagar du", "How to appeal").say(d.Appeal.In(w.lang))
	}
	w.part("Vem har beslutat?", "Who has decided?").
		fact(w.t("Beslutet gäller", "The decision concerns"), w.State.Application.Title).
		fact(w.t("Har beslutat", "Decided by"), w.name(d.Decider)).
		fact(w.t("Har föredragit", "Rapporteur"), w.name(d.Rapporteur)).
		fact(w.t("Beslutets nummer", "Number of the decision"), d.ID)
	return true
}

func (w *writer) rows(rows []plan.Row) *Table {
	t := &Table{
		Caption: w.t("Beslutet, en rad för varje tabell", "The decision, one row for each table"),
		Head:    []string{w.t("Register", "Register"), w.t("Tabell", "Table"), w.t("Beslut", "Decision"), w.t("Tid", "Time"), w.t("Form", "Form")},
	}
	for _, r := range rows {
		register, table := r.Register, r.Table
		if reg, tab := w.Catalogue.Table(r.Table); tab != nil {
			register, table = reg.Names.In(w.lang), tab.Names.In(w.lang)
		}
		when, shape := "–", "–"
		if r.Gives() {
			if r.Period != nil {
				when = r.Period.From.String() + " – " + (r.Period.To - 1).String() + w.bounds(r)
			}
			if r.Shape != "" {
				shape = shapes[r.Shape].In(w.lang)
			}
		}
		t.Rows = append(t.Rows, []string{register, table, outcomes[r.Outcome].In(w.lang), when, shape})
	}
	return t
}

var outcomes = map[string]catalog.Text{
	plan.OutcomeDisclose: {SV: "lämnas ut", EN: "given out"}, plan.OutcomePartly: {SV: "lämnas ut delvis", EN: "given out in part"},
	plan.OutcomeRefuse: {SV: "avslås", EN: "refused"}, plan.OutcomeWithdrawn: {SV: "återtagen", EN: "withdrawn"},
}

var shapes = map[catalog.Shape]catalog.Text{
	catalog.ShapePayment: {SV: "utbetalningar", EN: "payments"}, catalog.ShapeSubspell: {SV: "delfall", EN: "sub-spells"}, catalog.ShapeSpell: {SV: "fall", EN: "spells"},
	catalog.ShapePanelDay: {SV: "panel per dag", EN: "panel by day"}, catalog.ShapePanelMonth: {SV: "panel per månad", EN: "panel by month"}, catalog.ShapePanelYear: {SV: "panel per år", EN: "panel by year"},
}

var levels = map[string]catalog.Text{
	"month": {SV: "månad", EN: "month"}, "quarter": {SV: "kvartal", EN: "quarter"}, "year": {SV: "år", EN: "year"}, "icd_3": {SV: "tre tecken", EN: "three characters"},
	"icd_block": {SV: "avsnitt", EN: "block"}, "icd_chapter": {SV: "kapitel", EN: "chapter"}, "age_5y": {SV: "femårsklasser", EN: "five-year classes"},
	"age_10y": {SV: "tioårsklasser", EN: "ten-year classes"}, "county": {SV: "län", EN: "county"}, "amount_1000": {SV: "hela tusental kronor", EN: "whole thousands of kronor"},
}

// variables lists what is given out of each table.
func (w *writer) variables(rows []plan.Row) {
	if !slices.ContainsFunc(rows, plan.Row.Gives) {
		return
	}
	s := w.part("Vad vi lämnar ut", "What we give out")
	for _, r := range rows {
		if !r.Gives() {
			continue
		}
		_, tab := w.Catalogue.Table(r.Table)
		name := r.Table
		if tab != nil {
			name = tab.Names.In(w.lang)
		}
		var list []string
		for _, v := range r.Variables {
			text := v.ID
			if tab != nil {
				if x := tab.Variable(v.ID); x != nil {
					text = x.Names.In(w.lang)
				}
			}
			if v.Level != "" {
				text += " (" + levels[v.Level].In(w.lang) + ")"
			}
			list = append(list, text)
		}
		s.fact(name, strings.Join(list, ", "))
	}
}

// bounds says what bounds a row besides its period, or opens it.
func (w *writer) bounds(r plan.Row) string {
	text := ""
	if a := r.Around; a != nil {
		text += "; " + a.From.Anchor + " " + a.From.Offset.String() + " – " + a.To.Offset.String()
	}
	if r.Reveal {
		text += "; " + w.t("hela fall, också utanför perioden", "whole spells, also outside the period")
	}
	return text
}

func (w *writer) reasons(d order.Decision) {
	s := w.part("Skäl", "Reasons").say(d.Reasons.In(w.lang))
	for _, r := range d.Scope.Rows {
		if reason := r.Reason.In(w.lang); reason != "" {
			name := r.Table
			if _, tab := w.Catalogue.Table(r.Table); tab != nil {
				name = tab.Names.In(w.lang)
			}
			s.list(name + ": " + reason)
			s.fact(name, r.Ground)
		}
	}
	s.say(d.Presumption)
	s.fact(w.t("Bestämmelser", "Provisions"), strings.Join(d.Provisions, "; "))
}

// conditions are what binds the disclosure.
func (w *writer) conditions(d order.Decision) {
	sc := d.Scope
	if !sc.Discloses() {
		return
	}
	s := w.part("Villkor", "Conditions").
		fact(w.t("Mottagare", "Recipient"), sc.Recipient.Name).
		fact(w.t("Högst antal personer", "Largest number of persons"), w.count(int64(sc.Persons.Max))).
		fact(w.t("Leveranser", "Deliveries"), w.count(int64(sc.Deliveries))).
		fact(w.t("Uttag görs före", "Extracted before"), w.day(sc.Expires)).
		fact(w.t("Vi sparar filerna", "We keep the files"), w.count(int64(d.RetentionMonths))+" "+w.t("månader", "months"))
	if c := sc.Persons.Criteria; c != nil {
		for _, t := range c.Words(w.Catalogue) {
			s.list(t.In(w.lang))
		}
	}
	if sc.Identity.Kind == plan.IdentitySerial {
		s.say(w.t("Personerna har löpnummer i filerna. Inga personnummer lämnas ut.", "Persons have serial numbers in the files. No identity numbers are given out."))
	} else {
		s.say(w.t("Filerna har personnummer. Det följer av beslutet.", "The files have identity numbers. That follows from the decision."))
	}
	if sc.Identity.KeyPolicy == order.KeyKeptUntil {
		s.say(w.t("Vi sparar nyckeln till löpnumren till den ", "We keep the key of the serial numbers until ") + w.isoDay(sc.Identity.KeepUntil) + ".")
	} else {
		s.say(w.t("Nyckeln till löpnumren förstörs efter leveransen.", "The key of the serial numbers is destroyed after the delivery."))
	}
	switch {
	case d.Forbehall != nil:
		s.say(w.t("Beslutet har ett förbehåll. Det står i ett eget brev.", "The decision has terms of use. They stand in a letter of their own."))
	case d.NoForbehall != "":
		s.say(w.t("Vi ställer inget förbehåll.", "We set no terms of use.") + " " + d.NoForbehall)
	}
}

// isoDay writes a day that is kept as text; what is no day stays as it is.
func (w *writer) isoDay(text string) string {
	if d, err := day.Parse(text); err == nil {
		return w.day(d)
	}
	return text
}

func (w *writer) terms() bool {
	d := w.State.Decision
	if d == nil || d.Forbehall == nil {
		return false
	}
	principal, _ := w.parties()
	w.on(d.Date)
	w.title("Förbehåll", "Terms of use", append([]string{principal}, d.Forbehall.Names...)...)
	w.part("", "").say(w.t("Du får ta del av uppgifterna på vissa villkor. De binder dig när du har bekräftat dem.", "You may have the data on certain terms. They bind you when you have acknowledged them."))
	w.part("Villkoren", "The terms").say(d.Forbehall.Text.In(w.lang))
	w.part("Vilka binds?", "Who is bound?").say(w.t("Var och en av dessa bekräftar förbehållet innan något levereras:", "Each of these acknowledges the terms before anything is delivered:")).list(d.Forbehall.Names...)
	w.part("Om du bryter mot förbehållet", "If you break the terms").say(w.t("Den som bryter mot ett förbehåll kan dömas för brott mot tystnadsplikt.", "Whoever breaks the terms can be sentenced for breach of professional secrecy.")).
		fact(w.t("Bestämmelser", "Provisions"), "offentlighets- och sekretesslagen (2009:400) 10 kap. 14 §; brottsbalken 20 kap. 3 §").
		fact(w.t("Beslutets nummer", "Number of the decision"), d.ID)
	return true
}

func (w *writer) delivery() bool {
	ev, ok := w.Entry.Event.(*order.Delivered)
	if !ok {
		return false
	}
	a := w.State.Application
	recipient := a.Principal.Name
	if a.Recipient != nil {
		recipient = a.Recipient.Name
	}
	w.on(ev.On)
	w.title("Dina data är klara", "Your data are ready", recipient, a.Orderer.Name)
	s := w.part("", "").say(w.t("Vi har gjort uttaget. Paketet är förseglat så att bara mottagaren kan öppna det.", "We have made the extraction. The parcel is sealed so that only the recipient can open it."))
	if ev.Replaces {
		s.say(w.t("Paketet ersätter ett tidigare som var fel. Förstör det gamla.", "The parcel replaces an earlier one that was wrong. Destroy the old one."))
	}
	w.part("Gör så här", "Do this").list(
		w.t("Hämta paketet i ärendet.", "Fetch the parcel in the case."),
		w.t("Kontrollera att hashen nedan stämmer.", "See that the hash below is right."),
		w.t("Öppna det med mottagarens nyckel.", "Open it with the recipient's key."),
		w.t("Bekräfta i ärendet att allt finns där.", "Confirm in the case that all is there."))
	if x := w.State.Extracted; x != nil && len(x.Files) > 0 {
		t := &Table{Caption: w.t("Filerna i paketet", "The files of the parcel"), Head: []string{w.t("Fil", "File"), w.t("Rader", "Rows"), w.t("Personer", "Persons"), "SHA-256"}, Numbers: []int{1, 2}}
		for _, f := range x.Files {
			t.Rows = append(t.Rows, []string{f.Name, w.count(f.Rows), w.count(f.Persons), short(string(f.SHA256)) + "…"})
		}
		w.part("Filer", "Files").Table = t
	}
	w.part("Paketet", "The parcel").
		fact(w.t("Storlek i byte", "Size in bytes"), w.count(ev.Bytes)).
		fact(w.t("Hash av det förseglade paketet", "Hash of the sealed parcel"), string(ev.SHA256)).
		fact(w.t("Hash av innehållets förteckning", "Hash of the manifest"), string(ev.Manifest))
	w.part("Sedan", "After that").say(
		w.t("Är något fel? Säg till så snart du kan.", "Is something wrong? Tell us as soon as you can."),
		w.t("Vi har kvar filerna till den ", "We keep the files until ")+w.day(ev.PurgeOn)+w.t(". Då förstörs de.", ". Then they are destroyed."))
	w.contact()
	return true
}

func (w *writer) purge() bool {
	ev, ok := w.Entry.Event.(*order.Purged)
	if !ok {
		return false
	}
	w.title("Gallringsprotokoll", "Purge protocol")
	w.part("", "").say(
		w.t("Det som vi tog emot och lämnade ut i ärendet är förstört. Det går inte att läsa igen.", "What we received and gave out in the case has been destroyed. It cannot be read again."),
		w.t("Varje fil låg förseglad under en egen nyckel. Nycklarna är förstörda.", "Each file lay sealed under a key of its own. The keys are destroyed."))
	s := w.part("Gallringen", "The purge").
		fact(w.t("Ärende", "Case"), w.State.ID).
		fact(w.t("Gallringsbeslut", "Rule"), w.Authority.PurgeRule).
		fact(w.t("Förstörda objekt", "Objects destroyed"), w.count(int64(ev.Objects))).
		fact(w.t("Protokollets hash", "Hash of the protocol"), string(ev.Hash))
	if ev.BackupsUntil != 0 {
		s.fact(w.t("En säkerhetskopia av nycklarna kan finnas till och med", "A backup of the keys may exist until"), w.day(ev.BackupsUntil))
	}
	if d := w.State.Delivery; d != nil {
		s.fact(w.t("Levererat den", "Delivered on"), w.day(d.On))
	}
	w.part("Vad som finns kvar", "What remains").say(w.t(
		"Ansökan, beslut, offert, brev och logg finns kvar. Valvets undertecknade protokoll ligger i ärendet.",
		"Application, decision, quote, letters and log remain. The vault's signed protocol lies in the case."))
	return true
}
