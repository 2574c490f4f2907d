package rulings

import (
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/web/page"
)

// letter is the decision as the party reads it: the same words as HTML and as
// plain text.
type letter struct {
	Title, To, Date, Number string
	Parts                   []letterPart
}

// letterPart is a heading with its paragraphs, or a list below it.
type letterPart struct {
	Heading    string
	Paragraphs []string
	Items      []string
}

// letterOf writes a decision as a letter, in the visitor's language.
func letterOf(a *page.Ask, s order.State, d order.Decision, q *quote.Quote) letter {
	l := letter{
		Title: a.Word("rulings.letter_title") + " " + s.ID, To: s.Application.Principal.Name, Date: page.LongDay(a.Lang, d.Date), Number: d.ID,
	}
	add := func(key string, paragraphs, items []string) {
		l.Parts = append(l.Parts, letterPart{a.Word("rulings.letter_" + key), paragraphs, items})
	}
	rows := rowsOf(a, s, d.Scope.Rows)
	add("decision", []string{a.Word("rulings.letter_outcome_" + d.Outcome())}, rowLines(a, rows))
	add("reasons", []string{d.Reasons.In(a.Lang)}, rowReasons(rows))
	add("law", nil, d.Provisions)
	if d.Scope.Discloses() {
		add("terms", nil, terms(a, d))
	}
	if f := d.Forbehall; f != nil {
		add("forbehall", []string{f.Text.In(a.Lang), a.Word("rulings.letter_names")}, f.Names)
	}
	if q != nil {
		p := priceOf(a, *q)
		lines := []string{}
		for _, x := range p.Lines {
			lines = append(lines, x.Name+": "+x.Hours+" "+a.Word("rulings.hours")+", "+x.Sum)
		}
		sum := a.Word("rulings.letter_sum") + " " + p.Net + " (" + p.Gross + " " + a.Word("rulings.with_vat") + "). " + p.Form + "."
		if p.NoFee != "" {
			sum = a.Word("rulings.letter_no_fee") + " " + p.NoFee + "."
		}
		add("quote", []string{sum, a.Word("rulings.letter_until") + " " + p.Until + "."}, lines)
	}
	if d.Appeal.SV != "" {
		add("appeal", []string{d.Appeal.In(a.Lang)}, nil)
	}
	add("who", []string{a.Word("rulings.letter_by") + " " + d.Decider + ". " + a.Word("rulings.letter_rapporteur") + " " + d.Rapporteur + "."}, nil)
	return l
}

func rowLines(a *page.Ask, rows []row) []string {
	var out []string
	for _, r := range rows {
		line := r.Register + ", " + r.Table + ": " + strings.ToLower(r.Outcome)
		if r.Period != "" && !r.Refused {
			line += ", " + r.Period
		}
		if r.Shape != "" {
			line += ", " + strings.ToLower(r.Shape)
		}
		if len(r.Variables) > 0 && !r.Refused {
			line += ". " + a.Word("rulings.variables") + ": " + strings.Join(r.Variables, ", ")
		}
		out = append(out, line+".")
	}
	return out
}

func rowReasons(rows []row) []string {
	var out []string
	for _, r := range rows {
		if r.Reason != "" {
			out = append(out, r.Table+": "+r.Reason+" ("+r.Ground+")")
		}
	}
	return out
}

func terms(a *page.Ask, d order.Decision) []string {
	sc := d.Scope
	out := []string{
		a.Word("rulings.f_persons") + ": " + page.Thousands(int64(sc.Persons.Max)),
		a.Word("rulings.f_deliveries") + ": " + strconv.Itoa(sc.Deliveries),
		a.Word("rulings.f_expires") + ": " + page.LongDay(a.Lang, sc.Expires),
		a.Word("rulings.f_retention") + ": " + strconv.Itoa(d.RetentionMonths),
		a.Word("rulings.letter_identity_" + sc.Identity.Kind),
		a.Word("rulings.letter_recipient") + " " + sc.Recipient.Name,
	}
	if sc.Identity.KeyPolicy == order.KeyKeptUntil {
		out = append(out, a.Word("rulings.guard_key_kept")+" "+sc.Identity.KeepUntil)
	}
	return out
}

// Text is the letter without markup: lines, a blank one between parts.
func (l letter) Text() string {
	var b strings.Builder
	b.WriteString(l.Title + "\n" + l.Date + "\n" + l.Number + "\n\n" + l.To + "\n")
	for _, p := range l.Parts {
		b.WriteString("\n" + strings.ToUpper(p.Heading) + "\n")
		for _, x := range p.Paragraphs {
			b.WriteString(x + "\n")
		}
		for _, x := range p.Items {
			b.WriteString("- " + x + "\n")
		}
	}
	return b.String()
}

type letterBody struct {
	page.Head
	Letter letter
	Hash   string
}

// decided is the letter of the decision that holds.
func decided(a *page.Ask) (*page.Case, letter, error) {
	c, err := a.Case(access.ViewReview)
	if err != nil {
		return nil, letter{}, err
	}
	if c.State.Decision == nil {
		return nil, letter{}, app.ErrNotFound
	}
	return c, letterOf(a, c.State, *c.State.Decision, c.State.Quote), nil
}

func showLetter(a *page.Ask) error {
	c, l, err := decided(a)
	if err != nil {
		return err
	}
	return a.Show("rulings-letter", page.View{Title: a.Word("rulings.letter"), Nav: "rulings.nav", Body: letterBody{a.HeadOf(c, "rulings.letter_lead"), l, string(c.State.DecisionHash)}})
}

// letterText is the letter as plain text, as mail carries it.
func letterText(a *page.Ask) error {
	_, l, err := decided(a)
	if err != nil {
		return err
	}
	a.Download(l.Number+".txt", "text/plain; charset=utf-8")
	_, _ = a.W.Write([]byte(l.Text())) // the reader is gone when this fails
	return nil
}
