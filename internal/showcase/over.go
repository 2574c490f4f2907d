package showcase

import (
	"context"

	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/review"
)

// over are cases that ended before anything was delivered.
func (s *stage) over() {
	t := s.tell(33, Orderer, s.research(33, Orderer, "Vilka blir kvar i långvarig sjukskrivning? Kartläggning i en liten kommun", sickPay), Refused)
	t.answers = unclear
	t.decides = refusal
	t.to("dispatched")

	presumed := s.statistics(36, "Frånvaro per kvarter i Björkåsa kommun", "", sickPay)
	presumed.Statistics = intake.Authority{}
	presumed.Principal = intake.Principal{Name: "Björkåsa kommun", OrgNo: "212199-0010", Kind: intake.PrincipalAuthority, Representative: reached(OtherPrincipal)}
	presumed.Population.Holder = presumed.Principal.Name
	t = s.tell(36, StatsOrderer, presumed, Presumed)
	t.answers = func(a *review.Answer) {
		unclear(a)
		a.Holds = a.Holds && a.Question != "presumption"
		if a.Question == "presumption" {
			a.Finding = "Kommunen har ingen avgränsad statistisk verksamhet."
		}
	}
	t.decides = refusal
	t.to("dispatched")

	abroad := s.research(40, OtherOrderer, "Arctic work and sick leave", sickPay)
	abroad.Orderer = intake.Person{Name: "Åshild Fjørtoft-Nes", Email: "post@fjordvik.example"}
	abroad.Principal = intake.Principal{Name: "Høgskolen i Fjordvik", Kind: intake.PrincipalEquated, EquatedAs: "høgskole i Norge", Country: "NO", Representative: abroad.Orderer}
	abroad.Attachments, abroad.Ethics, abroad.Project.Named = nil, intake.Ethics{}, nil
	t = s.tell(40, OtherOrderer, abroad, Dismissed).byMail("post@fjordvik.example", "Søknad om data", "Søknad om individdata\n\nHøgskolen i Fjordvik")
	t.skip().to("acknowledged").simply(5, Decider, order.RoleDecider, order.Dismiss{Ground: "huvudmannen är inte svensk", Reason: "Försäkringskassan lämnar ut uppgifter till svenska forskningshuvudmän; en svensk huvudman har efterfrågats men inte angetts."})

	thesis := s.research(29, Orderer, "Masteruppsats: sjukpenning i glesbygd", sickPay)
	thesis.Project.Thesis = truth(true)
	thesis.Orderer = intake.Person{Name: "Ebba Öhrling", Email: "student@sjolunda.example"}
	thesis.Attachments, thesis.Ethics, thesis.CoOrderers, thesis.Project.Named = nil, intake.Ethics{}, nil, []string{"Ebba Öhrling"}
	t = s.tell(29, Orderer, thesis).byMail("student@sjolunda.example", "Data till min uppsats", "Hej!\n\nJag skriver en masteruppsats och skulle vilja ha data om sjukpenning.")
	t.skip().to("acknowledged").simply(3, Decider, order.RoleDecider, order.Dismiss{Ground: "examensarbete", Reason: "Ett examensarbete är inte forskning i lagens mening; statistik finns i Försäkringskassans statistikdatabas."})

	s.tell(25, OtherOrderer, s.research(25, OtherOrderer, "Fiskares och renskötares frånvaro", sickPay), Withdrawn).to("draft").says(3, order.Withdraw{Reason: "Projektet fick ingen finansiering."})
	t = s.tell(52, Orderer, s.research(52, Orderer, "Covid-19, distansarbete och sjukpenning i kunskapsyrken", sickPay)).to("population")
	t.says(3, order.Withdraw{Reason: "Data ska i stället hämtas inom ett annat projekt."})

	t = s.tell(75, Orderer, s.research(75, Orderer, "Ålderspensionärer som fortsätter arbeta", sickPay), Expired)
	t.expires = 40
	t.to("accepted")
	t = s.tell(90, OtherOrderer, s.research(90, OtherOrderer, "Reumatism, biologiska läkemedel och arbete", sickPay))
	t.expires = 45
	t.to("population")
}

// unclear lets the reviewer find that it is not clear that disclosure does no
// harm.
func unclear(a *review.Answer) {
	if a.Question == "assessment" {
		a.Holds, a.Finding = false, "Grupperna är så små att enskilda kan kännas igen; det står inte klart att utlämnandet kan ske utan men."
	}
}

// refusal is a decision that gives nothing, with its appeal guide.
func refusal(d *order.DecisionDraft) {
	d.Terms, d.Appeal = nil, appealGuide
	d.Reasons = catalog.Text{
		SV: "Det står inte klart att uppgifterna kan röjas utan att den enskilde eller någon närstående lider skada eller men.",
		EN: "It is not clear that the data can be disclosed without harm to the individual or somebody close.",
	}
}

// enquiries are questions before there is an order.
func (s *stage) enquiries() {
	t := s.tell(1, OtherOrderer, intake.Application{}, Enquiry)
	t.enquires(order.Enquire{Topic: "orderable", Text: "Går det att beställa sjukersättning för hela förra året redan nu, eller ska vi vänta till hösten?"})

	t = s.tell(4, Orderer, intake.Application{})
	t.then(0, func(t *tale, ctx context.Context) error {
		l, err := t.letter(ctx, order.ChannelMail, "forskningsstod@sjolunda.example", "Fråga om variabler", "Hej!\n\nVilka variabler behövs för att räkna nettodagar per sjukfall?")
		if err != nil {
			return err
		}
		return t.openWith(ctx, l, func(arrival *order.Arrival) order.Command {
			return order.Enquire{Topic: "variables", Text: "Vilka variabler behövs för att räkna nettodagar per sjukfall?", Email: "forskningsstod@sjolunda.example", Arrival: arrival}
		})
	})

	t = s.tell(9, Orderer, intake.Application{}, Answered)
	t.enquires(order.Enquire{Topic: "wording", Text: "Räcker formuleringen ”uppgifter om sjukpenning från Försäkringskassan” för rehabiliteringspenning också?"})
	t.asks(2, order.AnswerQuestion{ID: 1, Text: "Nej, varje förmån ska nämnas. Skriv sjukpenning och rehabiliteringspenning från Försäkringskassan."})
	t.asks(1, order.CloseEnquiry{})
}

// enquires opens the tale's case with a question by its orderer.
func (t *tale) enquires(cmd order.Enquire) *tale {
	return t.then(0, func(t *tale, ctx context.Context) error {
		id, state, err := t.app.Enquire(ctx, as(t.orderer, order.RoleOrderer).Actor(), cmd)
		if err == nil {
			t.opened(id, state)
		}
		return err
	})
}
