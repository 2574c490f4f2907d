package letter

import (
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// writer writes one letter in one language.
type writer struct {
	Basis
	lang string
	l    Letter
}

// t chooses between the languages.
func (w *writer) t(sv, en string) string { return catalog.Text{SV: sv, EN: en}.In(w.lang) }

// on dates the letter.
func (w *writer) on(d day.Day) { w.l.Date, w.l.Day = swede.LongDay(d, w.lang), d.String() }

func (w *writer) day(d day.Day) string { return swede.LongDay(d, w.lang) }

func (w *writer) kronor(ore int64) string { return swede.Ore(ore).Text(w.lang) }

func (w *writer) count(n int64) string { return swede.Count(int(n), w.lang) }

// hours writes hundredths of hours: 24, 7,5.
func (w *writer) hours(centis int64) string {
	text := w.count(centis / 100)
	if rest := centis % 100; rest != 0 {
		point := w.t(",", ".")
		if rest%10 == 0 {
			return text + point + strconv.FormatInt(rest/10, 10)
		}
		return text + point + strconv.FormatInt(rest/10, 10) + strconv.FormatInt(rest%10, 10)
	}
	return text
}

// title names the letter; to are its recipients, empty ones left out.
func (w *writer) title(sv, en string, to ...string) {
	w.l.Title = w.t(sv, en)
	seen := map[string]bool{"": true}
	for _, x := range to {
		if !seen[x] {
			w.l.To = append(w.l.To, x)
			seen[x] = true
		}
	}
}

// part begins a section; "" = without a heading.
func (w *writer) part(sv, en string) *Section {
	w.l.Sections = append(w.l.Sections, Section{Heading: w.t(sv, en)})
	return &w.l.Sections[len(w.l.Sections)-1]
}

// say adds paragraphs that are not empty.
func (s *Section) say(paragraphs ...string) *Section {
	for _, p := range paragraphs {
		if p != "" {
			s.Paragraphs = append(s.Paragraphs, p)
		}
	}
	return s
}

// fact adds a fact that is not empty.
func (s *Section) fact(name, value string) *Section {
	if value != "" {
		s.Facts = append(s.Facts, Fact{name, value})
	}
	return s
}

// list adds items.
func (s *Section) list(items ...string) *Section {
	s.Items = append(s.Items, items...)
	return s
}

// contact ends a letter: whom to ask.
func (w *writer) contact() {
	w.part("Frågor", "Questions").say(w.t(
		"Har du frågor? Skriv till oss i ärendet, eller svara på det här brevet. Ange ärendets nummer.",
		"Do you have questions? Write to us in the case, or answer this letter. Give the number of the case."))
}

// parties are the principal and the orderer.
func (w *writer) parties() (principal, orderer string) {
	a := w.State.Application
	return a.Principal.Name, a.Orderer.Name
}

// priced writes a quote's lines and sum.
func (w *writer) priced(q quote.Quote) {
	s := w.part("Pris", "Price")
	if q.NoFee != nil {
		s.say(w.t("Vi tar inte ut någon avgift.", "We take no fee.")).fact(w.t("Grund", "Ground"), q.NoFee.Ground)
		return
	}
	t := &Table{
		Caption: w.t("Arbete och pris utan moms", "Work and price without VAT"), Head: []string{w.t("Arbete", "Work"), w.t("Timmar", "Hours"), w.t("Pris", "Price")}, Numbers: []int{1, 2},
	}
	for _, l := range q.Lines {
		t.Rows = append(t.Rows, []string{quote.KindName(l.Kind).In(w.lang), w.hours(l.Centis), w.kronor(l.Ore)})
	}
	s.Table = t
	s.say(w.t("Priset är ", "The price is ")+w.kronor(q.NetOre)+w.t(" utan moms.", " without VAT."), map[string]string{
		quote.FormFixed:   w.t("Priset är fast.", "The price is fixed."),
		quote.FormCeiling: w.t("Du betalar för de timmar som arbetet tar, men aldrig mer än summan.", "You pay for the hours that the work takes, but never more than the sum."),
		quote.FormActual:  w.t("Du betalar för de timmar som arbetet tar.", "You pay for the hours that the work takes."),
	}[q.Form])
	s.fact(w.t("Pris per timme", "Price of an hour"), w.kronor(q.HourOre)).
		fact(w.t("Summa utan moms", "Sum without VAT"), w.kronor(q.NetOre)).
		fact(w.t("Moms", "VAT"), w.kronor(q.VATOre)+" ("+q.VATReason+")").
		fact(w.t("Att betala", "To pay"), w.kronor(q.GrossOre)).
		fact(w.t("Grund för avgiften", "Ground of the fee"), q.Basis)
}
