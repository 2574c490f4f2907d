package rulings

import (
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	brev "sluss/internal/letter"
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

// letterOf writes a decision as the letter that is dispatched (room letter), in
// the visitor's language: what is looked up in it stands in lines here.
func letterOf(a *page.Ask, s order.State, d order.Decision, q *quote.Quote) letter {
	basis, _ := a.Orders.LetterBasis(a.R.Context(), s) // ids stand for names that cannot be read
	whole := brev.Preview(basis, d, q, a.Lang)
	l := letter{Title: whole.Title, To: strings.Join(whole.To, ", "), Date: whole.Date, Number: d.ID}
	for _, x := range whole.Sections {
		p := letterPart{Heading: x.Heading, Paragraphs: x.Paragraphs}
		if t := x.Table; t != nil {
			for _, r := range t.Rows {
				p.Items = append(p.Items, strings.Join(r, ", "))
			}
		}
		for _, f := range x.Facts {
			p.Items = append(p.Items, f.Name+": "+f.Value)
		}
		p.Items = append(p.Items, x.Items...)
		l.Parts = append(l.Parts, p)
	}
	return l
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
