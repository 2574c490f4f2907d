package party

import (
	"fmt"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/web/page"
)

// The draft quote, and what quotes of all kinds are shown with.

// wishes is a table of data asked for, in words.
func (s *sheet) wishes(b *block, data []intake.Wish) {
	t := b.rows(b.Heading, s.Word("party.register"), s.Word("party.what"), s.Word("party.years"), s.Word("party.shape"))
	for _, w := range data {
		register, what := w.Register, w.Need
		if r := s.Catalogue.Register(w.Register); r != nil {
			register = r.Names.In(s.Lang)
			var names []string
			for _, code := range w.Benefits {
				if x := r.Benefit(code); x != nil {
					code = x.Names.In(s.Lang)
				}
				names = append(names, code)
			}
			if len(names) > 0 {
				register += ": " + strings.Join(names, ", ")
			}
			if names := s.variables(w.Table, w.Variables); names != "" {
				what = names
			}
		}
		shape := ""
		if w.Shape != "" {
			shape = s.Word("party.shape_" + string(w.Shape))
		}
		t.row(register, what, s.span(w.From, w.To), shape)
	}
}

// variables names variables of a table.
func (s *sheet) variables(table string, ids []string) string {
	_, t := s.Catalogue.Table(table)
	if t == nil {
		return ""
	}
	var names []string
	for _, id := range ids {
		if v := t.Variable(id); v != nil {
			id = v.Names.In(s.Lang)
		}
		names = append(names, id)
	}
	if len(names) == 0 {
		return t.Names.In(s.Lang)
	}
	return t.Names.In(s.Lang) + ": " + strings.Join(names, ", ")
}

// priced is a table of what a quote costs, and the sums.
func (s *sheet) priced(b *block, q quote.Quote) *block {
	t := b.rows(b.Heading, s.Word("party.work"), s.Word("party.hours"), s.Word("party.hour_price"), s.Word("party.sum"))
	t.Narrow = true
	for _, l := range q.Lines {
		t.row(capital(quote.KindName(l.Kind).In(s.Lang)), page.HoursText(s.Lang, l.Centis), page.Kronor(q.HourOre), page.Kronor(l.Ore))
	}
	b.fact(s.Word("party.net"), page.Kronor(q.NetOre))
	vat := s.Word("party.vat_" + q.VAT)
	if q.VATOre > 0 {
		vat = page.Kronor(q.VATOre) + " (" + vat + ")"
	}
	b.fact(s.Word("party.vat"), vat)
	b.fact(s.Word("party.gross"), page.Kronor(q.GrossOre))
	b.fact(s.Word("party.form"), s.Word("party.form_"+q.Form))
	if q.NoFee != nil {
		b.fact(s.Word("party.no_fee"), q.NoFee.Ground)
	}
	return b.fact(s.Word("party.valid_to"), s.long(q.ValidTo))
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	r := []rune(text)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

func showDraft(a *page.Ask) error {
	s, err := open(a, access.ViewDraft)
	if err != nil {
		return err
	}
	if s.State.Draft == nil {
		return errGone
	}
	return s.draft()
}

func (s *sheet) agreeForm() *page.Form {
	return s.form("draft/agree", "party.draft_agree", &page.Field{ID: "hash", Kind: page.Hidden, Value: string(s.State.DraftHash)})
}

func (s *sheet) returnForm() *page.Form {
	f := s.form("draft/return", "party.draft_return", &page.Field{ID: "text", Kind: page.Area, Label: s.Word("party.return_text"), Hint: s.Word("party.return_hint"), Max: 4000})
	f.Small = true
	return f
}

// draft is the page of the draft quotes: the latest, or the one asked for.
func (s *sheet) draft() error {
	all := app.DraftQuotes(s.Entries)
	if len(all) == 0 {
		return errGone
	}
	n, err := strconv.Atoi(s.R.URL.Query().Get("version"))
	if err != nil || n < 1 || n > len(all) {
		n = len(all)
	}
	q := all[n-1]
	latest := n == len(all)
	top := s.add("", "")
	switch {
	case !latest:
		top.warn().say(s.Word("party.draft_older"))
		top.Links = []page.Link{{Path: s.path("draft"), Text: s.Word("party.draft_latest")}}
	case draftOpen(s.State):
		s.Lead = fmt.Sprintf(s.Word("party.draft_lead"), page.Kronor(q.NetOre), page.LongDay(s.Lang, q.ValidTo))
	case s.State.AgreedDraft != "" && s.State.AgreedDraft == s.State.DraftHash:
		top.note().say(s.Word("party.draft_is_agreed"))
	default:
		top.note().say(s.Word("party.draft_is_returned"))
	}
	if n > 1 {
		b := s.add("differences", "party.draft_differs")
		for _, c := range quote.Diff(all[n-2], q) {
			b.List = append(b.List, map[string]string{"sv": c.SV, "en": c.EN}[s.Lang])
		}
		if len(b.List) == 0 {
			b.say(s.Word("party.draft_same"))
		}
	}
	s.specification()
	s.priced(s.add("price", "party.price"), q).say(q.Text.In(s.Lang))
	if latest && draftOpen(s.State) {
		agree := s.add("agree", "party.draft_means").say(s.Word("party.draft_means_1"), s.Word("party.draft_means_2"))
		if s.May(s.Case, order.AgreeDraft{}) {
			s.ask(agree, s.agreeForm())
			s.ask(s.add("return", "party.return_heading"), s.returnForm())
		}
	}
	if len(all) > 1 {
		b := s.add("versions", "party.versions")
		for i, x := range all {
			b.Links = append(b.Links, page.Link{Path: s.path("draft?version=" + strconv.Itoa(i+1)), Text: fmt.Sprintf(s.Word("party.version_of"), i+1, s.long(x.Date))})
		}
	}
	return s.show(fmt.Sprintf(s.Word("party.draft"), n))
}

// specification is what is to be done, in words.
func (s *sheet) specification() {
	a := s.State.Application
	s.wishes(s.add("data", "party.spec"), a.Data)
	p := a.Population
	b := s.add("population", "party.spec_population").fact(s.Word("party.spec_who"), p.Definition)
	if p.Size > 0 {
		b.fact(s.Word("party.spec_most"), page.Thousands(int64(p.Size)))
	}
	if p.Source == "file" {
		b.fact(s.Word("party.spec_holder"), p.Holder)
	} else {
		b.fact(s.Word("party.spec_holder"), s.Word("party.spec_criteria"))
	}
	b.fact(s.Word("party.spec_formats"), strings.Join(a.Delivery.Formats, ", "))
	if a.Project.Deliveries > 0 {
		b.fact(s.Word("party.spec_deliveries"), strconv.Itoa(a.Project.Deliveries))
	}
}

func agreeDraft(a *page.Ask) error {
	s, err := open(a, access.ViewDraft)
	if err != nil {
		return err
	}
	return s.give(s.agreeForm().Read(a), order.AgreeDraft{Hash: hashOf(a)}, "/cases/"+s.ID, "done.party_agreed", (*sheet).draft)
}

func returnDraft(a *page.Ask) error {
	s, err := open(a, access.ViewDraft)
	if err != nil {
		return err
	}
	f := s.returnForm().Read(a)
	f.Need("text", a.Word("party.need_return"))
	return s.give(f, order.ReturnDraft{Text: a.Value("text")}, "/cases/"+s.ID, "done.party_returned", (*sheet).draft)
}
