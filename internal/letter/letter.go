// Package letter says what stands in the letters of a case: receipt, request
// for supplement, reminder, draft quote, quote, decision, terms of use, call to
// the supplier, delivery note, delay notice, purge protocol and certificate of
// destruction, in Swedish and English.
//
// A letter is data: a head and sections of paragraphs, facts, lists and tables.
// It is made by [Make] from the case as it was when the letter's event had
// happened, so the same log gives the same letter. How it looks is another
// room's business (letterpress). The package is pure.
//
// A letter names people and organisations as the case does, and nobody's
// address or identity number.
//
// Sources: förvaltningslagen (2017:900) 11, 20 and 31–33 §§ (delay, supplement,
// what stands in a decision); offentlighets- och sekretesslagen (2009:400)
// 5 kap. 2 § (number and date), 10 kap. 14 § (förbehåll); arkivlagen (1990:782)
// 10 § and RA-FS 2021:6 (purging).
package letter

import (
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/lix"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// Kind is what a letter is. It is also the kind of the document in the list of
// the case.
type Kind string

// The letters.
const (
	Receipt     Kind = "receipt"
	Supplement  Kind = "supplement_request"
	Reminder    Kind = "reminder"
	DraftQuote  Kind = "draft_quote"
	Quote       Kind = "quote"
	Decision    Kind = "decision"
	Terms       Kind = "terms"
	Call        Kind = "call"
	Delivery    Kind = "delivery_note"
	Delay       Kind = "delay_notice"
	Credit      Kind = "credit_note"
	Purge       Kind = "purge_protocol"
	Destruction Kind = "destruction_certificate"
)

// Kinds is every letter, in the order of the way.
var Kinds = []Kind{Receipt, Supplement, Reminder, DraftQuote, Decision, Quote, Terms, Call, Delivery, Delay, Credit, Purge, Destruction}

// Of returns the letters that an event gives; s is the case after it.
func Of(s order.State, ev order.Event) []Kind {
	switch ev := ev.(type) {
	case *order.Acknowledged:
		return []Kind{Receipt}
	case *order.SupplementRequested:
		return []Kind{Supplement}
	case *order.SupplementReminded:
		return []Kind{Reminder}
	case *order.QuoteDrafted:
		return []Kind{DraftQuote}
	case *order.DecisionDispatched:
		return dispatched(s)
	case *order.PopulationCalled:
		return []Kind{Call}
	case *order.Delivered:
		return []Kind{Delivery}
	case *order.DelayNotified:
		return []Kind{Delay}
	case *order.Credited:
		return []Kind{Credit}
	case *order.Purged:
		return []Kind{Purge}
	case *order.MediumSettled:
		if ev.How == "destroyed" {
			return []Kind{Destruction}
		}
	}
	return nil
}

// dispatched are the letters that a dispatch sends.
func dispatched(s order.State) []Kind {
	if s.Decision == nil {
		return nil
	}
	out := []Kind{Decision}
	if s.Quote != nil && s.Decision.Quote != "" {
		out = append(out, Quote)
	}
	if s.Decision.Forbehall != nil {
		out = append(out, Terms)
	}
	return out
}

// Letter is a letter in one language.
type Letter struct {
	Kind   Kind     `json:"kind"`
	Lang   string   `json:"lang"` // sv or en
	Title  string   `json:"title"`
	From   string   `json:"from"`   // the authority
	Sender []string `json:"sender"` // where it is reached, line by line
	To     []string `json:"to"`
	Case   string   `json:"case"`
	Number string   `json:"number"` // of the document; "" in a preview
	// Date is in words, Day YYYY-MM-DD.
	Date     string    `json:"date"`
	Day      string    `json:"day"`
	Labels   Labels    `json:"labels"`
	Sections []Section `json:"sections"`
}

// Labels are the words of the head and foot.
type Labels struct {
	Case   string `json:"case"`
	Number string `json:"number"`
	Date   string `json:"date"`
	To     string `json:"to"`
	Page   string `json:"page"`
}

// Section is a part of a letter under a heading of the second level.
// What is empty is left out.
type Section struct {
	Heading    string   `json:"heading"`
	Paragraphs []string `json:"paragraphs"`
	Facts      []Fact   `json:"facts"`
	Table      *Table   `json:"table"`
	Items      []string `json:"items"`
}

// Fact is a name and what it is.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Table has one row of column headings; Numbers are the columns of figures,
// from 0.
type Table struct {
	Caption string     `json:"caption"`
	Head    []string   `json:"head"`
	Rows    [][]string `json:"rows"`
	Numbers []int      `json:"numbers"`
}

// Text is the letter without markup: lines, a blank one between parts.
func (l Letter) Text() string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(l.From)
	line(l.Date)
	line(l.Labels.Case + " " + l.Case)
	if l.Number != "" {
		line(l.Labels.Number + " " + l.Number)
	}
	line("")
	for _, t := range l.To {
		line(t)
	}
	line("\n" + l.Title)
	for _, s := range l.Sections {
		if s.Heading != "" {
			line("\n" + strings.ToUpper(s.Heading))
		} else {
			line("")
		}
		for _, p := range s.Paragraphs {
			line(p)
		}
		for _, f := range s.Facts {
			line(f.Name + ": " + f.Value)
		}
		for _, i := range s.Items {
			line("- " + i)
		}
		if s.Table != nil {
			line(s.Table.Caption)
			for _, r := range s.Table.Rows {
				line(strings.Join(r, "; "))
			}
		}
	}
	return b.String()
}

// Score measures the sentences of the letter: what is read, not what is looked
// up (facts and tables).
func (l Letter) Score() lix.Score {
	var s lix.Score
	for _, x := range l.Sections {
		for _, p := range x.Paragraphs {
			s = s.Add(lix.Of(p))
		}
		for _, i := range x.Items {
			s = s.Add(lix.Of(i))
		}
	}
	return s
}

// Bound is how hard a letter of the kind may be to read.
func (k Kind) Bound() float64 {
	if k == Decision || k == Terms {
		return lix.Decision
	}
	return lix.Orderer
}

// Numbered writes the number of a document by the authority's pattern; no is
// its place in the list of the case, which never changes.
func Numbered(pattern, id string, no int) string {
	if pattern == "" {
		pattern = DefaultPattern
	}
	prefix, rest, _ := strings.Cut(id, "-")
	year, serial, _ := strings.Cut(rest, "-")
	return strings.NewReplacer("{case}", id, "{prefix}", prefix, "{year}", year, "{serial}", serial, "{no}", strconv.Itoa(no)).Replace(pattern)
}

// DefaultPattern is how documents are numbered where the authority says
// nothing: FK-2026-00017:4.
const DefaultPattern = "{case}:{no}"

// PatternHolds reports whether a pattern gives every document of the authority
// a number of its own: the case and the place in its list are both in it, with
// something between what would run together.
func PatternHolds(pattern string) bool {
	if pattern == "" {
		return true
	}
	has := func(s string) bool { return strings.Contains(pattern, s) }
	whole := has("{case}") || has("{serial}") && has("{year}")
	left := strings.NewReplacer("{case}", "", "{prefix}", "", "{year}", "", "{serial}", "", "{no}", "").Replace(pattern)
	return whole && strings.Count(pattern, "{no}") == 1 && !strings.Contains(pattern, "}{") && !strings.ContainsAny(left, "{}\\ \t\n0123456789")
}

// Basis is what a letter is made from.
type Basis struct {
	State     order.State // after the entry
	Entry     order.Entry // that gives the letter
	Authority *order.Authority
	Catalogue *catalog.Catalogue
	Number    string // of the document
	// Say is how the authority says a text in its own words, as it did when the
	// letter was written; nil, and false, leave it as it is.
	Say func(key string) (catalog.Text, bool)
	// Names gives a member of staff's name; nil leaves ids as they are.
	Names func(id string) string
}

func (b Basis) name(id string) string {
	if b.Names != nil {
		if n := b.Names(id); n != "" {
			return n
		}
	}
	return id
}

// Make writes a letter in a language, sv or en. It reports false when the case
// does not give that letter.
func Make(k Kind, b Basis, lang string) (Letter, bool) {
	w := writer{Basis: b, lang: lang}
	w.l = Letter{Kind: k, Lang: lang, From: b.Authority.Name.In(lang), Sender: b.Authority.Letterhead.Lines(lang), Case: b.State.ID, Number: b.Number}
	w.on(swede.CivilDay(b.Entry.At))
	w.l.Labels = Labels{w.t("letter.common_case"), w.t("letter.head_document"), w.t("letter.head_date"), w.t("letter.head_to"), w.t("letter.head_page")}
	write, ok := makers[k]
	if !ok || !write(&w) {
		return Letter{}, false
	}
	return w.l.whole(), true
}

// whole has an empty list where there is none, so that every letter has the
// same members.
func (l Letter) whole() Letter {
	l.Sender, l.To = append([]string{}, l.Sender...), append([]string{}, l.To...)
	for i := range l.Sections {
		s := &l.Sections[i]
		s.Paragraphs, s.Facts, s.Items = append([]string{}, s.Paragraphs...), append([]Fact{}, s.Facts...), append([]string{}, s.Items...)
		if s.Table != nil {
			s.Table.Numbers = append([]int{}, s.Table.Numbers...)
		}
	}
	return l
}

var makers = map[Kind]func(*writer) bool{
	Receipt: (*writer).receipt, Supplement: (*writer).supplement, Reminder: (*writer).reminder, DraftQuote: (*writer).draftQuote, Quote: (*writer).quote, Decision: (*writer).decision,
	Terms: (*writer).terms, Call: (*writer).call, Delivery: (*writer).delivery, Delay: (*writer).delay, Credit: (*writer).credit, Purge: (*writer).purge, Destruction: (*writer).destruction,
}
