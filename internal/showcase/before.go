package showcase

import (
	"context"
	"errors"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
)

// write writes every tale. They are listed as their cases stand today, from
// those that nobody has looked at to those that are over.
func (s *stage) write() {
	s.arriving()
	s.agreeing()
	s.judged()
	s.awaitingFiles()
	s.extracting()
	s.delivered()
	s.over()
	s.enquiries()
	for _, t := range s.tales {
		t.papers = documents(t.application)
	}
}

// arriving are cases that have come in and are not complete.
func (s *stage) arriving() {
	s.tell(0, OtherOrderer, s.research(0, OtherOrderer, "VAB", childCare), New).to("submitted")
	s.tell(6, Orderer, s.research(6, Orderer,
		"Nationella registerstudien om återinsjuknande och arbetsåtergång efter stressrelaterad psykisk ohälsa bland anställda i välfärdssektorn %s", sickPay, compensation), Late).to("submitted")
	s.tell(9, Orderer, s.research(9, Orderer, "Föräldraledighet och karriär %s", parental), Soon).to("acknowledged")

	t := s.tell(8, Orderer, s.research(8, Orderer, "Åldrande, ändrad ämnesomsättning och sjukfrånvaro efter övergångsålderns början (ÅÄÖ-studien)", sickPay), WaitingForOrderer).to("acknowledged")
	t.asks(2, order.RequestSupplement{Parts: []string{"population.definition", "population.size"}, DueDays: 12, Text: "Beskriv hur kontrollerna väljs och hur många de är per fall."})
	t.says(1, order.AskQuestion{Part: "population.size", Text: "Räknas personer som har avlidit före studiens början?"})
	t.simply(0, t.handler, order.RoleHandler, order.AnswerQuestion{ID: 1, Text: "Nej, ange antalet som var folkbokförda vid årets ingång."})
	t.asks(0, order.WriteNote{Text: "Etikansökan nämner två kontroller per fall på sidan 2, ansökan tre."})

	abroad := s.research(7, Orderer, "Nordic cohort study of long-term sickness absence and return to work", sickPay)
	abroad.Orderer = intake.Person{Name: "Søren Østerby-Mølgaard", Email: "soren@nordhavn.example"}
	abroad.Principal = intake.Principal{Name: "Nordhavn Universitet", Kind: intake.PrincipalEquated, EquatedAs: "universitet i Danmark", Country: "DK", Representative: abroad.Orderer}
	abroad.Attachments, abroad.Ethics, abroad.CoOrderers, abroad.Project.Named = nil, intake.Ethics{}, nil, nil
	t = s.tell(7, Orderer, abroad, Foreign).byMail("soren@nordhavn.example", "Ansøgning om individdata", "Ansøgning om individdata\n\nNordhavn Universitet, afdeling for folkesundhed")
	t.skip().to("acknowledged")
	t.asks(2, order.RequestSupplement{Parts: []string{"principal", "ethics", "attachments"}, DueDays: 15, Text: "Ange en svensk forskningshuvudman och bifoga etikgodkännandet. Försäkringskassan lämnar inte ut uppgifter till en utländsk huvudman."})

	t = s.tell(34, OtherOrderer, s.research(34, OtherOrderer, "Tandhälsa och inkomst i Norrland %s", dental), TimedOut).to("acknowledged")
	t.asks(2, order.RequestSupplement{Parts: []string{"data[0].motive"}, DueDays: 10, Text: "Motivera varför varje tand behövs och inte antalet åtgärder."})

	t = s.tell(22, Orderer, s.research(22, Orderer, "Sjukskrivning bland lärare: en uppföljning %s", sickPay)).to("acknowledged")
	t.asks(2, order.RequestSupplement{Parts: []string{"project.questions", "title"}, DueDays: 10, Text: "Formulera frågeställningarna så att det framgår vad som jämförs."})
	t.give(6, t.orderer, order.RoleOrderer, func(t *tale) (order.Command, error) {
		a := t.state.Application
		a.Project.Questions += " Lärare jämförs med andra yrken med samma utbildningslängd."
		return order.AnswerSupplement{Application: a}, nil
	})
	t.asks(2, order.RequestSupplement{Parts: []string{"delivery"}, DueDays: 18, Text: "Vilket filformat behöver ni? Ansökan och forskningsplan säger olika."})
}

// agreeing are cases that are complete, up to the review.
func (s *stage) agreeing() {
	t := s.tell(9, Orderer, s.research(9, Orderer, "Långtidsfriska", sickPay, parental), Conflict)
	t.handler = Handler
	t.to("acknowledged")
	t.asks(0, order.DeclareConflict{Person: Handler, Ground: "närstående till en av de namngivna forskarna"})
	t.handler = OtherHandler
	t.asks(1, order.Assign{Role: order.RoleHandler, To: OtherHandler, Why: "taken over"}).to("complete")

	t = s.tell(10, OtherOrderer, s.research(10, OtherOrderer, "Våld i nära relationer, sjukfrånvaro och återgång i arbete %s", sickPay), Protected)
	t.handler = Handler
	t.to("acknowledged").simply(0, Registrar, order.RoleRegistrar, order.MarkProtected{Ground: "en av de namngivna forskarna har skyddade personuppgifter"}).to("complete")

	s.tell(13, Orderer, s.research(13, Orderer, "Deltidssjukskrivning som väg tillbaka – effekter %s", sickPay, compensation), Paused).to("draft")

	t = s.tell(21, OtherOrderer, s.research(21, OtherOrderer, "Säsongsvariationer i vård av barn", childCare), DraftReturned).to("draft")
	t.says(4, order.ReturnDraft{Text: "Vi behöver inte startkod. Kan dialogen kortas?"})
	t.give(3, t.handler, order.RoleHandler, func(t *tale) (order.Command, error) {
		terms := t.terms
		terms.Hours = []quote.Hours{{Kind: quote.Dialogue, Centis: 150}, {Kind: quote.Review, Centis: 600}, {Kind: quote.Extraction, Centis: 800}}
		terms.Form, terms.ValidTo = quote.FormCeiling, today(t.stage)+60
		return order.DraftQuote{Terms: terms}, nil
	})

	words := s.research(12, Orderer, "Psykosocial arbetsmiljö inom räddningstjänst, ambulans och polis %s", sickPay)
	fixed := words.Data
	words.Data = []intake.Wish{{Register: "midas_sjuk", Benefits: fixed[0].Benefits, From: fixed[0].From, To: fixed[0].To, Need: "Sjukfall med start, slut och diagnos, och hur många dagar som räknas om till hela", Motive: fixed[0].Motive}}
	t = s.tell(12, Orderer, s.approved(words), DataProposed).to("complete")
	t.simply(2, Statistician, order.RoleStatistician, order.ProposeData{Data: fixed, Text: "Fall ur MiDAS sjuk- och rehabiliteringspenning; nettodagar är dagar omräknade till hela."})
	t.to("draft")

	s.tell(15, Orderer, s.research(15, Orderer, "Arbetsskador och långvarig frånvaro i bygg- och anläggningsbranschen", sickPay), ToReview).to("agreed").takes(1, Reviewer, order.RoleReviewer)

	t = s.tell(17, OtherOrderer, s.research(17, OtherOrderer, "Föräldrapenning på lägstanivå bland nyanlända", parental, sickPay), EarlyPopulation).to("agreed")
	t.then(2, func(t *tale, ctx context.Context) error {
		state, err := t.app.TakePopulation(ctx, as(SupplierContact, order.RoleSupplier).Actor(), t.id, "upload", strings.NewReader("personnummer\r\n"))
		if f, refused := errors.AsType[*fault.Fault](err); !refused || f.Class != fault.Gate {
			return errors.Join(errors.New("a population was taken in before the decision"), err)
		}
		t.state = state
		return nil
	})

	s.tell(19, Orderer, s.research(19, Orderer, "Sömnapné, yrkesförare och sjukfrånvaro: en kohort- och fall–kontrollstudie", sickPay), ToDecide).to("reviewed").takes(1, Decider, order.RoleDecider)

	drawn := s.research(18, OtherOrderer, "Föräldrars sjukfrånvaro efter barnets första år: urval ur registren %s", sickPay, parental)
	drawn.Population = intake.Population{Source: "criteria", Definition: "Alla med föräldrapenning under perioden, utom de som hade sjukpenning året före", Size: 20_000}
	s.tell(18, OtherOrderer, s.approved(drawn), DrawnToDecide).to("reviewed").takes(1, Decider, order.RoleDecider)

	s.tell(16, Orderer, s.employers(16, Orderer, "Sjuklönekostnader hos små och stora arbetsgivare %s"), EmployersToDecide).to("reviewed").takes(1, Decider, order.RoleDecider)

	t = s.tell(165, PrivateOrderer, s.research(165, PrivateOrderer, "Hälsoekonomisk utvärdering av multimodal rehabilitering vid långvarig smärta i region Mälardalen %s", sickPay, compensation), RulingRequested)
	t.slow("reviewed", 20).to("reviewed")
	t.says(125, order.RequestRuling{})
	t.asks(1, order.NotifyDelay{Reason: catalog.Text{SV: "Ärendet kräver en fördjupad sekretessprövning.", EN: "The case needs a deeper confidentiality review."}, Expected: s.Now + 20})
}

// appealGuide is how a decision that gives less than was asked for says where to
// appeal.
var appealGuide = catalog.Text{
	SV: "Beslutet kan överklagas inom tre veckor från den dag ni fick del av det. Överklagandet skickas till Försäkringskassan.",
	EN: "The decision can be appealed within three weeks from the day you received it. The appeal is sent to Försäkringskassan.",
}
