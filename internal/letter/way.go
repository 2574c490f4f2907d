package letter

import (
	"strings"

	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// The letters up to the decision.

func (w *writer) receipt() bool {
	s := w.State
	if !s.Submitted {
		return false
	}
	principal, orderer := w.parties()
	w.title("Vi har tagit emot din beställning", "We have received your order", orderer, principal)
	w.part("", "").say(w.t(
		"Tack för din beställning. Den har fått ett nummer. Använd numret när du skriver till oss.",
		"Thank you for your order. It has been given a number. Use the number when you write to us."))
	w.part("Ärendet", "The case").
		fact(w.t("Nummer", "Number"), s.ID).
		fact(w.t("Rubrik", "Title"), s.Application.Title).
		fact(w.t("Sökande", "Applicant"), principal).
		fact(w.t("Kom in", "Received"), w.day(s.ReceivedOn))
	w.part("Vad händer nu?", "What happens now?").list(
		w.t("Vi ser efter om allt finns med. Fattas något hör vi av oss.", "We see whether all is there. If something is missing we will ask for it."),
		w.t("Vi ger dig ett utkast till offert. Där ser du vad vi ska göra och vad det kostar.", "We give you a draft quote. It says what we will do and what it costs."),
		w.t("Vi prövar om vi får lämna ut det du ber om. Sedan får du beslut och offert.", "We test whether we may give out what you ask for. Then you get a decision and a quote."),
		w.t("Skicka inga personnummer till oss än. En fil med personer tar vi emot först efter beslutet.", "Send us no identity numbers yet. We take in a file of persons only after the decision."))
	w.contact()
	return true
}

// asked is the request for supplement of a number, nil when there is none.
func (w *writer) asked(id int) *order.Supplement {
	for i := range w.State.Supplements {
		if w.State.Supplements[i].ID == id {
			return &w.State.Supplements[i]
		}
	}
	return nil
}

func (w *writer) supplement() bool {
	ev, ok := w.Entry.Event.(*order.SupplementRequested)
	if !ok {
		return false
	}
	_, orderer := w.parties()
	w.title("Vi behöver mer från dig", "We need more from you", orderer)
	w.part("", "").say(w.t("Din beställning saknar något. Vi kan inte gå vidare utan det.", "Something is missing in your order. We cannot go on without it."), ev.Text)
	w.missing(order.Supplement{ID: ev.ID, Parts: ev.Parts, Due: ev.Due})
	w.part("Om du inte svarar", "If you do not answer").say(w.t(
		"Kommer inget svar i tid kan vi behöva avsluta ärendet. Behöver du mer tid? Skriv till oss före den dagen.",
		"If no answer comes in time we may have to close the case. Do you need more time? Write to us before that day."))
	w.contact()
	return true
}

func (w *writer) missing(x order.Supplement) {
	s := w.part("Det här behöver vi", "This is what we need")
	for _, p := range x.Parts {
		name := p
		if l, ok := intake.Label(p); ok {
			name = l.In(w.lang)
		} else if p == "attachments" {
			name = w.t("Bilagor", "Attachments")
		}
		s.list(name)
	}
	w.part("Svara senast", "Answer by").say(w.t("Vi behöver svaret senast den ", "We need the answer by ") + w.day(x.Due) + ".")
}

func (w *writer) reminder() bool {
	ev, ok := w.Entry.Event.(*order.SupplementReminded)
	if !ok {
		return false
	}
	x := w.asked(ev.ID)
	if x == nil {
		return false
	}
	_, orderer := w.parties()
	w.title("Vi väntar på ditt svar", "We are waiting for your answer", orderer)
	w.part("", "").say(w.t("Vi har bett dig om mer i ärendet. Svaret har inte kommit än.", "We have asked you for more in the case. The answer has not come yet."))
	w.missing(*x)
	w.contact()
	return true
}

func (w *writer) draftQuote() bool {
	ev, ok := w.Entry.Event.(*order.QuoteDrafted)
	if !ok {
		return false
	}
	principal, orderer := w.parties()
	w.title("Utkast till offert", "Draft quote", orderer, principal)
	w.part("", "").say(w.t("Så här har vi förstått din beställning. Läs och säg till om något är fel.", "This is how we have understood your order. Read it and say so if something is wrong."), ev.Quote.Text.In(w.lang))
	w.priced(ev.Quote)
	w.part("Vad gör du nu?", "What do you do now?").list(
		w.t("Godkänn utkastet om det stämmer.", "Agree to the draft if it is right."),
		w.t("Skicka det tillbaka om något ska ändras. Skriv vad.", "Send it back if something should change. Say what."))
	w.part("Bra att veta", "Good to know").say(w.t(
		"Ett utkast binder ingen. Den riktiga offerten får du med beslutet.", "A draft binds nobody. The quote itself comes with the decision."))
	w.contact()
	return true
}

func (w *writer) quote() bool {
	q := w.State.Quote
	if q == nil {
		return false
	}
	w.offer(*q)
	return true
}

func (w *writer) offer(q quote.Quote) {
	principal, _ := w.parties()
	w.on(q.Date)
	w.title("Offert", "Quote", principal, w.State.Application.Principal.Representative.Name)
	w.part("", "").say(w.t("Här är priset för det som vi har beslutat att lämna ut.", "Here is the price of what we have decided to give out."), q.Text.In(w.lang))
	w.priced(q)
	s := w.part("Godkänn offerten", "Accept the quote")
	if q.ValidTo != 0 {
		s.say(w.t("Offerten gäller till och med den ", "The quote holds until ") + w.day(q.ValidTo) + ".")
	}
	s.say(w.t("Vi börjar arbeta när du har godkänt den. Fakturan kommer en till tre månader efter leveransen.", "We begin the work when you have accepted it. The invoice comes one to three months after the delivery."))
	w.contact()
}

func (w *writer) call() bool {
	ev, ok := w.Entry.Event.(*order.PopulationCalled)
	if !ok {
		return false
	}
	c := ev.Call
	w.on(c.Date)
	w.title("Avrop av populationsfil", "Call for the population file", c.Supplier.Name, c.Supplier.Contact)
	w.part("", "").say(w.t("Vi har beslutat att lämna ut data om en grupp personer. Vi ber er göra filen med gruppen.", "We have decided to give out data on a group of persons. We ask you to make the file of the group."))
	w.part("Filen", "The file").
		fact(w.t("Vårt nummer", "Our number"), c.Order).
		fact(w.t("Er referens", "Your reference"), c.Reference).
		fact(w.t("Väntade rader", "Expected rows"), w.count(int64(c.Rows))).
		fact(w.t("Skickas från och med", "Sent from"), w.day(c.Opens)).
		fact(w.t("Skickas senast", "Sent at the latest"), w.day(c.Closes))
	t := &Table{Caption: w.t("Filens kolumner", "Columns of the file"), Head: []string{w.t("Kolumn", "Column"), w.t("Innehåll", "Content")}}
	t.Rows = append(t.Rows, []string{c.ID, w.t("identitetsnummer, tolv siffror", "identity number, twelve digits")})
	if c.Serial != "" {
		t.Rows = append(t.Rows, []string{c.Serial, w.t("ert löpnummer för personen", "your serial number of the person")})
	}
	for _, x := range c.Columns {
		t.Rows = append(t.Rows, []string{x.Name, map[string]string{"date": w.t("datum", "date"), "int": w.t("heltal", "whole number"), "code": w.t("kod", "code")}[x.Type]})
	}
	w.part("Kolumner", "Columns").say(w.t("Skicka bara de här kolumnerna.", "Send these columns only.")).Table = t
	w.part("Så skickas filen", "How the file is sent").list(
		w.t("Försegla filen med nyckeln nedan innan den lämnar er.", "Seal the file with the key below before it leaves you."),
		w.t("Lägg in den i ärendet under dagarna ovan.", "Put it into the case during the days above.")).
		fact(w.t("Nyckel", "Key"), c.SealingKey).
		fact(w.t("Beslutets hash", "Hash of the decision"), string(c.Decision.SHA256)).
		fact(w.t("Avropets hash", "Hash of the call"), string(ev.Hash))
	w.contact()
	return true
}

func (w *writer) delay() bool {
	ev, ok := w.Entry.Event.(*order.DelayNotified)
	if !ok {
		return false
	}
	principal, orderer := w.parties()
	w.title("Ditt ärende dröjer", "Your case is delayed", orderer, principal)
	s := w.part("", "").say(w.t("Ditt ärende tar längre tid än vi har sagt. Vi beklagar det.", "Your case takes longer than we said. We are sorry."))
	if ev.Expected != 0 {
		s.say(w.t("Vi räknar nu med att vara klara den ", "We now expect to be ready on ") + w.day(ev.Expected) + ".")
	}
	w.part("Varför?", "Why?").say(ev.Reason.In(w.lang))
	if w.State.Application.Principal.Kind == intake.PrincipalPrivate {
		from := w.State.ReceivedOn.AddMonths(order.RulingMonths)
		w.part("Du kan be om ett beslut", "You can ask for a decision").say(
			w.t("Har ärendet inte avgjorts på sex månader kan du be oss avgöra det. Du kan göra det från den ", "When a case has not been decided in six months you can ask us to decide it. You can do so from ")+w.day(from)+".",
			w.t("Vi svarar då inom fyra veckor.", "We then answer within four weeks.")).
			fact(w.t("Bestämmelse", "Provision"), "förvaltningslagen (2017:900) 11–12 §§")
	}
	w.contact()
	return true
}

// short is a hash as it is read aloud: its first sixteen characters.
func short(h string) string {
	h = strings.TrimPrefix(h, "sha256:")
	return h[:min(16, len(h))]
}

func (w *writer) destruction() bool {
	ev, ok := w.Entry.Event.(*order.MediumSettled)
	if !ok || ev.How != "destroyed" {
		return false
	}
	principal, orderer := w.parties()
	w.title("Förstöringsintyg", "Certificate of destruction", orderer, principal)
	w.part("", "").say(
		w.t("En fil med personer kom in innan vi hade fattat beslut. Vi har inte läst den.", "A file of persons came in before we had made a decision. We have not read it."),
		w.t("Vi intygar att filen och det som den låg på nu är förstört.", "We certify that the file and what it lay on have now been destroyed."))
	w.part("Vad som är förstört", "What has been destroyed").
		fact(w.t("Ärende", "Case"), w.State.ID).
		fact(w.t("Medium nummer", "Medium number"), w.count(int64(ev.ID))).
		fact(w.t("Förstört den", "Destroyed on"), w.day(swede.CivilDay(w.Entry.At))).
		fact(w.t("Av", "By"), w.name(w.Entry.By.ID))
	w.contact()
	return true
}
