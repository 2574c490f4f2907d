// Package notice says which mail an event gives, to whom, and what stands in
// it, in Swedish and English.
//
// A notice tells that something has happened and where to read it: the number
// of the case, a sentence, one link. It names nobody, and nothing of what the
// case is about; what the reader may know stands behind the login. The one
// exception is the letters that follow with a dispatch to a recipient without
// an account, as attachments.
//
// [Table] is the whole of it as data; [Of] reads it. The package is pure.
package notice

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/letter"
	"sluss/internal/order"
)

// Audience is who a notice is for. The address is looked up when the notice is
// made.
type Audience string

// Audiences outside the authority.
const (
	Orderer        Audience = "orderer"
	Representative Audience = "representative" // of the principal
	Supplier       Audience = "supplier"       // that has been called
)

// Officer is the authority's data protection officer, who hears of incidents
// at once (GDPR articles 33, 38 and 39).
const Officer Audience = "data_protection_officer"

// Line is a row of the table.
type Line struct {
	Event string // stored type
	To    []Audience
	// Only lets some of the events through; nil = all.
	Only func(order.State, order.Event) bool
	// Letters follow as PDF to a recipient without an account.
	Letters []letter.Kind
	// Digest: it can wait until the next morning and be sent with others.
	Digest bool
	Text   catalog.Text
	Page   string // of the case, where it is read
}

// Table is every notice, in the order of the way.
var Table = []Line{
	{Event: "acknowledged", To: []Audience{Orderer}, Text: catalog.Text{SV: "Vi har tagit emot din beställning.", EN: "We have received your order."}},
	{Event: "supplement_requested", To: []Audience{Orderer}, Page: "supplement", Text: catalog.Text{SV: "Vi behöver mer från dig innan vi kan gå vidare.", EN: "We need more from you before we can go on."}},
	{Event: "supplement_reminded", To: []Audience{Orderer}, Page: "supplement", Text: catalog.Text{SV: "Vi väntar på ditt svar. Dagen närmar sig.", EN: "We are waiting for your answer. The day draws near."}},
	{Event: "supplement_timed_out", To: []Audience{Orderer}, Text: catalog.Text{SV: "Dagen för ditt svar har gått.", EN: "The day for your answer has passed."}},
	{Event: "question_asked", To: []Audience{Orderer}, Only: fromUs, Text: catalog.Text{SV: "Vi har en fråga till dig.", EN: "We have a question for you."}},
	{Event: "question_answered", To: []Audience{Orderer}, Only: fromUs, Digest: true, Text: catalog.Text{SV: "Vi har svarat på din fråga.", EN: "We have answered your question."}},
	{Event: "data_proposed", To: []Audience{Orderer}, Text: catalog.Text{SV: "Vi har ett förslag på uppgifter. Läs och svara.", EN: "We have a proposal of data. Read it and answer."}},
	{Event: "quote_drafted", To: []Audience{Orderer}, Page: "draft", Text: catalog.Text{SV: "Det finns ett utkast till offert att läsa.", EN: "There is a draft quote to read."}},
	{Event: "date_promised", To: []Audience{Orderer}, Digest: true, Page: "dates", Text: catalog.Text{SV: "Vi har satt en dag för leveransen.", EN: "We have set a day for the delivery."}},
	{Event: "delay_notified", To: []Audience{Orderer}, Page: "dates", Text: catalog.Text{SV: "Ditt ärende dröjer. Läs varför och hur länge.", EN: "Your case is delayed. Read why and for how long."}},
	{
		Event: "decision_dispatched", To: []Audience{Representative, Orderer}, Letters: []letter.Kind{letter.Decision, letter.Quote, letter.Terms}, Page: "outcome",
		Text: catalog.Text{SV: "Vi har fattat beslut.", EN: "We have made a decision."},
	},
	{Event: "change_proposed", To: []Audience{Representative}, Text: catalog.Text{SV: "Vi föreslår en ändring av offerten. Läs och svara.", EN: "We propose a change of the quote. Read it and answer."}},
	{Event: "population_called", To: []Audience{Supplier}, Page: "population", Text: catalog.Text{SV: "Vi avropar en fil från er.", EN: "We call for a file from you."}},
	{Event: "population_checked", To: []Audience{Supplier}, Only: rejected, Page: "population", Text: catalog.Text{SV: "Vi kan inte använda filen. Läs varför.", EN: "We cannot use the file. Read why."}},
	{Event: "delivered", To: []Audience{Orderer, Representative}, Page: "parcel", Text: catalog.Text{SV: "Leveransen är klar. Läs hur den kommer till er.", EN: "The delivery is ready. Read how it comes to you."}},
	{Event: "stick_dispatched", To: []Audience{Orderer}, Page: "parcel", Text: catalog.Text{SV: "Vi har postat leveransen i ett rekommenderat brev.", EN: "We have posted the delivery in a registered letter."}},
	{Event: "credited", To: []Audience{Representative, Orderer}, Letters: []letter.Kind{letter.Credit}, Page: "documents", Text: catalog.Text{SV: "Vi har krediterat fakturan.", EN: "We have credited the invoice."}},
	{Event: "delivery_recalled", To: []Audience{Orderer, Representative}, Page: "parcel", Text: catalog.Text{SV: "Vi återkallar leveransen. Öppna den inte, och läs vad ni ska göra.", EN: "We recall the delivery. Do not open it, and read what you are to do."}},
	{Event: "incident_settled", To: []Audience{Orderer, Representative}, Page: "parcel", Text: catalog.Text{SV: "Vi har utrett den återkallade leveransen.", EN: "We have looked into the recalled delivery."}},
	{Event: "resealed", To: []Audience{Orderer}, Page: "parcel", Text: catalog.Text{SV: "Leveransen är förseglad till er nya nyckel.", EN: "The delivery is sealed to your new key."}},
	{Event: "key_reminded", To: []Audience{Orderer}, Digest: true, Text: catalog.Text{SV: "Vi har kvar nyckeln till era löpnummer. Behövs den än?", EN: "We still keep the key of your serial numbers. Is it still needed?"}},
	{Event: "clock_warned", To: []Audience{Orderer}, Only: purgeSoon, Page: "parcel", Text: catalog.Text{SV: "Filerna förstörs snart. Hämta dem som du behöver.", EN: "The files will soon be destroyed. Fetch those that you need."}},
	{Event: "purged", To: []Audience{Orderer}, Digest: true, Text: catalog.Text{SV: "Filerna i ärendet är förstörda.", EN: "The files of the case have been destroyed."}},
	{Event: "dismissed", To: []Audience{Orderer}, Text: catalog.Text{SV: "Ärendet är avslutat. Läs varför.", EN: "The case is closed. Read why."}},
	{Event: "expired", To: []Audience{Orderer, Representative}, Text: catalog.Text{SV: "Beslutets tid har gått ut.", EN: "The time of the decision has run out."}},
	{Event: "delivery_recalled", To: []Audience{Officer}, Text: catalog.Text{SV: "En leverans är återkallad. Bedöm om incidenten ska anmälas, senast inom 72 timmar.", EN: "A delivery has been recalled. Judge whether the incident is to be notified, within 72 hours at the latest."}},
	{Event: "recall_answered", To: []Audience{Officer}, Text: catalog.Text{SV: "Mottagaren har svarat om den återkallade leveransen.", EN: "The recipient has answered about the recalled delivery."}},
	{Event: "incident_settled", To: []Audience{Officer}, Text: catalog.Text{SV: "Incidenten är utredd.", EN: "The incident has been looked into."}},
	{Event: "appeal_forwarded", To: []Audience{Representative}, Text: catalog.Text{SV: "Vi har lämnat över överklagandet.", EN: "We have handed the appeal over."}},
}

// purgeClock is the clock of the purge date.
const purgeClock = "purge"

func purgeSoon(_ order.State, ev order.Event) bool {
	w, ok := ev.(*order.ClockWarned)
	return ok && w.Clock == purgeClock
}

func rejected(_ order.State, ev order.Event) bool {
	c, ok := ev.(*order.PopulationChecked)
	return ok && !c.Accepted
}

// fromUs lets through what the authority asks, and its answers.
func fromUs(s order.State, ev order.Event) bool {
	id, asks := 0, false
	switch ev := ev.(type) {
	case *order.QuestionAsked:
		id, asks = ev.ID, true
	case *order.QuestionAnswered:
		id = ev.ID
	}
	i := slices.IndexFunc(s.Questions, func(q order.Question) bool { return q.ID == id })
	return i >= 0 && s.Questions[i].Outside != asks
}

// Notice is one mail to be sent.
type Notice struct {
	Line
	Audience Audience
	Address  string
	Lang     string
}

// Of returns the notices of an entry; s is the case after it, officer the
// address of the data protection officer. Who has no address gets none, and
// nobody gets two of the same.
func Of(s order.State, e order.Entry, officer string) []Notice {
	var out []Notice
	for _, l := range Table {
		if l.Event != e.Event.Type() || l.Only != nil && !l.Only(s, e.Event) {
			continue
		}
		for _, to := range l.To {
			address := Address(s, to, officer)
			if address == "" || slices.ContainsFunc(out, func(n Notice) bool { return strings.EqualFold(n.Address, address) }) {
				continue
			}
			out = append(out, Notice{l, to, address, Language(s, to)})
		}
	}
	return out
}

// Address is where mail to an audience of the case goes now, "" when nobody has
// said; officer is that of the data protection officer.
func Address(s order.State, to Audience, officer string) string {
	switch to {
	case Orderer:
		return s.MailTo("orderer")
	case Representative:
		return s.MailTo("representative")
	case Supplier:
		if s.Call != nil {
			return s.Call.Supplier.Email
		}
	case Officer:
		return officer
	}
	return ""
}

// Language is what a recipient reads where nothing else is known: English for
// a principal in another country, Swedish for everybody else.
func Language(s order.State, to Audience) string {
	if c := s.Application.Principal.Country; c != "" && c != "SE" && to != Supplier && to != Officer {
		return "en"
	}
	return "sv"
}

// Piece is one line of a mail: what has happened in a case.
type Piece struct {
	Case, Event string
	Audience    Audience // who reads it; the officer's texts are others
	Page        string
}

// line is the row that a piece is of.
func (p Piece) line() (Line, bool) {
	i := slices.IndexFunc(Table, func(l Line) bool { return l.Event == p.Event && l.officers() == (p.Audience == Officer) })
	if i < 0 {
		return Line{}, false
	}
	return Table[i], true
}

// officers reports whether a row is the data protection officer's.
func (l Line) officers() bool { return slices.Contains(l.To, Officer) }

// key is the row's text among the texts of mail.
func (l Line) key() string {
	if l.officers() {
		return "mail.officer_" + l.Event
	}
	return "mail." + l.Event
}

// Subject and Body of a mail with these pieces; link is the address of the
// page to read on, of the case for one piece, of the list of cases for more.
func Subject(say Say, authority, lang string, pieces []Piece) string {
	if id := only(pieces); id != "" {
		return authority + ": " + fill(say.text("mail.subject_case", lang), "{case}", id)
	}
	return authority + ": " + say.text("mail.subject_cases", lang)
}

// only is the case that all pieces are of, "" when there are several.
func only(pieces []Piece) string {
	for _, p := range pieces {
		if p.Case != pieces[0].Case {
			return ""
		}
	}
	return pieces[0].Case
}

// Body is the text of a mail.
func Body(say Say, authority, lang, link string, pieces []Piece, attached bool) string {
	var b strings.Builder
	for _, p := range pieces {
		if l, ok := p.line(); ok {
			b.WriteString(fill(say.text("mail.line", lang), "{case}", p.Case, "{what}", say.text(l.key(), lang)) + "\n")
		}
	}
	if attached {
		b.WriteString(say.text("mail.attached", lang) + "\n")
	}
	b.WriteString("\n" + say.text("mail.read", lang) + "\n" + link + "\n\n" + say.text("mail.no_numbers", lang) + "\n" + authority + "\n")
	return b.String()
}

// Link is where a mail leads, in the language of the mail: the page of the
// only piece, its case, or the list of cases.
func Link(origin, lang string, pieces []Piece) string {
	link := strings.TrimSuffix(origin, "/") + "/cases"
	if id := only(pieces); id != "" {
		link += "/" + id
		if len(pieces) == 1 && pieces[0].Page != "" {
			link += "/" + pieces[0].Page
		}
	}
	return link + "?lang=" + lang
}
