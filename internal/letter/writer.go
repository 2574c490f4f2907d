package letter

import (
	"strconv"
	"strings"

	"sluss/internal/day"
	"sluss/internal/quote"
	"sluss/internal/swede"
	"sluss/internal/wording"
)

// writer writes one letter in one language.
type writer struct {
	Basis
	lang string
	l    Letter
}

// t is a text of letters in the letter's language, as the authority says it.
func (w *writer) t(key string) string {
	was := texts[key].In(w.lang)
	if w.Say != nil {
		if own, ok := w.Say(key); ok {
			return wording.Fits(was, own.In(w.lang))
		}
	}
	return was
}

// f is t with values in the place of what stands in braces, in that order.
func (w *writer) f(key string, values ...string) string {
	text := w.t(key)
	for _, v := range values {
		before, rest, _ := strings.Cut(text, "{")
		_, after, _ := strings.Cut(rest, "}")
		text = before + v + after
	}
	return text
}

// on dates the letter.
func (w *writer) on(d day.Day) { w.l.Date, w.l.Day = swede.LongDay(d, w.lang), d.String() }

func (w *writer) day(d day.Day) string { return swede.LongDay(d, w.lang) }

func (w *writer) kronor(ore int64) string { return swede.Ore(ore).Text(w.lang) }

func (w *writer) count(n int64) string { return swede.Count(int(n), w.lang) }

// hours writes hundredths of hours: 24, 7,5.
func (w *writer) hours(centis int64) string {
	text := w.count(centis / 100)
	if rest := centis % 100; rest != 0 {
		point := map[string]string{"sv": ",", "en": "."}[w.lang]
		if rest%10 == 0 {
			return text + point + strconv.FormatInt(rest/10, 10)
		}
		return text + point + strconv.FormatInt(rest/10, 10) + strconv.FormatInt(rest%10, 10)
	}
	return text
}

// title names the letter; to are its recipients, empty ones left out.
func (w *writer) title(key string, to ...string) {
	w.l.Title = w.t(key)
	seen := map[string]bool{"": true}
	for _, x := range to {
		if !seen[x] {
			w.l.To = append(w.l.To, x)
			seen[x] = true
		}
	}
}

// part begins a section under a heading; "" = without one.
func (w *writer) part(key string) *Section {
	s := Section{}
	if key != "" {
		s.Heading = w.t(key)
	}
	w.l.Sections = append(w.l.Sections, s)
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
	w.part("letter.contact_questions").say(w.t("letter.contact_do_you_have_questions"))
}

// parties are the principal and the orderer.
func (w *writer) parties() (principal, orderer string) {
	a := w.State.Application
	return a.Principal.Name, a.Orderer.Name
}

// priced writes a quote's lines and sum.
func (w *writer) priced(q quote.Quote) {
	s := w.part("letter.priced_price")
	if q.NoFee != nil {
		s.say(w.t("letter.priced_we_take_no_fee")).fact(w.t("letter.priced_ground"), q.NoFee.Ground)
		return
	}
	t := &Table{
		Caption: w.t("letter.priced_work_and_price_without"), Head: []string{w.t("letter.priced_work"), w.t("letter.priced_hours"), w.t("letter.priced_price")}, Numbers: []int{1, 2},
	}
	for _, l := range q.Lines {
		t.Rows = append(t.Rows, []string{quote.KindName(l.Kind).In(w.lang), w.hours(l.Centis), w.kronor(l.Ore)})
	}
	s.Table = t
	s.say(w.f("letter.priced_the_price_is_without", w.kronor(q.NetOre)), map[string]string{
		quote.FormFixed:   w.t("letter.priced_the_price_is_fixed"),
		quote.FormCeiling: w.t("letter.priced_you_pay_for_the"),
		quote.FormActual:  w.t("letter.priced_you_pay_for_the_hours"),
	}[q.Form])
	s.fact(w.t("letter.priced_price_of_an_hour"), w.kronor(q.HourOre)).
		fact(w.t("letter.priced_sum_without_vat"), w.kronor(q.NetOre)).
		fact(w.t("letter.priced_vat"), w.kronor(q.VATOre)+" ("+q.VATReason+")").
		fact(w.t("letter.priced_to_pay"), w.kronor(q.GrossOre)).
		fact(w.t("letter.priced_ground_of_the_fee"), q.Basis)
}
