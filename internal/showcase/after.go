package showcase

import (
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// judged are cases with a decision that has not been answered, or is contested.
func (s *stage) judged() {
	s.tell(17, OtherOrderer, s.research(17, OtherOrderer, "Rehabiliteringspenning efter stroke", sickPay), ToDispatch).to("decided")

	t := s.tell(26, Orderer, s.research(26, Orderer, "Sjukskrivningsmönster före och efter skilsmässa %s", sickPay, parental), NotAccepted)
	t.validTo = s.Now + 6
	t.to("dispatched")

	t = s.tell(27, Orderer, s.research(27, Orderer, "Diagnoser, könsskillnader och förtida död bland sjukskrivna", sickPay), PartlyRefused, Appealed)
	t.answers = drops("diagnos")
	t.decides = func(d *order.DecisionDraft) { d.Appeal = appealGuide }
	t.to("dispatched")
	t.says(6, order.RegisterAppeal{}).simply(1, Registrar, order.RoleRegistrar, order.ForwardAppeal{ID: 1})

	t = s.tell(30, OtherOrderer, s.research(30, OtherOrderer, "Småföretagares sjukpenning och karenstid", sickPay), Reopened).to("dispatched")
	t.simply(5, Decider, order.RoleDecider, order.Reopen{Kind: order.KindReconsideration, Ground: "37 § förvaltningslagen: uppgiften om populationens storlek var oriktig"})

	t = s.tell(44, Orderer, s.research(44, Orderer, "Kvinnors återgång efter bröstcancer: arbetsvillkor, behandling och ersättning", sickPay, compensation), Reconsidered).to("dispatched")
	t.simply(4, Decider, order.RoleDecider, order.Reopen{Kind: order.KindReconsideration, Ground: "38 § förvaltningslagen: nya omständigheter, perioden kortas"})
	t.give(5, Reviewer, order.RoleReviewer, (*tale).worksheet)
	t.give(3, Decider, order.RoleDecider, func(t *tale) (order.Command, error) {
		d, note, q, err := t.decision()
		return order.Redecide{Decision: d, Note: note, Quote: q}, err
	})
	t.asks(0, order.DispatchDecision{})
}

// drops lets the reviewer find that a variable is not needed.
func drops(variable string) func(*review.Answer) {
	return func(a *review.Answer) {
		if strings.HasSuffix(a.Question, "."+variable) {
			a.Treat, a.Level, a.Finding = review.Drop, "", "Frågeställningarna kan besvaras utan variabeln."
		}
	}
}

// awaitingFiles are cases that wait for a population.
func (s *stage) awaitingFiles() {
	s.tell(25, Orderer, s.research(25, Orderer, "Unga vuxnas etablering och psykisk ohälsa %s", sickPay), PopulationCalled).to("called")

	t := s.tell(31, OtherOrderer, s.research(31, OtherOrderer, "Skiftarbete, graviditet och föräldrapenning i sjöfarten", sickPay, parental), PopulationRejected)
	t.rejects = 1
	t.to("population")

	late := s.research(24, Orderer, "Hjärtsvikt hos äldre i arbetslivet", sickPay)
	late.Population.Holder, late.Population.Ready.By = sjolunda, sjolunda
	s.tell(24, Orderer, late, PopulationWaiting).to("population").held()
}

// extracting are cases whose data are being made.
func (s *stage) extracting() {
	s.tell(29, Orderer, s.research(29, Orderer, "Stödinsatser och arbetslivsdeltagande hos personer med medfödda hjärtfel", sickPay, compensation), ToExtract).to("population").takes(1, Statistician, order.RoleStatistician)

	t := s.tell(31, OtherOrderer, s.research(31, OtherOrderer, "Ländryggssmärta", sickPay), Extracting).to("population")
	t.give(0, Statistician, order.RoleStatistician, (*tale).spec).held()

	t = s.tell(34, Orderer, s.research(34, Orderer, "Allergi, astma och vård av sjukt barn i storstad och glesbygd", childCare, sickPay), ExtractionFailed, ChangeProposed)
	t.fails = 1
	t.to("ordered")
	t.asks(1, order.ProposeChange{Hours: []quote.Hours{{Kind: quote.Extraction, Centis: 450}}, Reason: "Urvalet behöver delas i två uttag."})

	s.tell(31, Orderer, s.research(31, Orderer, "Utmattningssyndrom och återfall: en tioårsuppföljning %s", sickPay), ToRelease).to("ordered").takes(1, Releaser, order.RoleReleaser)

	t = s.private(33, "Egenvård, företagshälsa och korttidsfrånvaro i små tjänsteföretag", ForbehallOpen).to("ordered")
	t.says(0, order.AcknowledgeForbehall{Person: persona(PrivateOrderer).Name})
}

// private begins a tale of the private institute, with a förbehåll for the two
// named researchers.
func (s *stage) private(ago int, title string, shows ...Situation) *tale {
	t := s.tell(ago, PrivateOrderer, s.research(ago, PrivateOrderer, title, sickPay), shows...)
	t.decides = func(d *order.DecisionDraft) {
		d.Forbehall = &order.Forbehall{
			Names: t.application.Project.Named,
			Text: catalog.Text{
				SV: "Uppgifterna får användas bara i projektet, av dem som namnges, och får inte lämnas vidare eller användas för att identifiera någon.",
				EN: "The data may be used in the project only, by those named, and may not be passed on or used to identify anybody.",
			},
		}
		d.Appeal = appealGuide
	}
	return t
}

// delivered are cases whose data have left and are kept.
func (s *stage) delivered() {
	s.tell(31, OtherOrderer, s.research(31, OtherOrderer, "Barnafödande och sjukfrånvaro i högutbildade par", sickPay, parental), ToReceive).to("released")

	t := s.private(38, "Kostnader för sjukfrånvaro vid endometrios", ForbehallBound).to("accepted")
	for _, name := range t.application.Project.Named {
		t.says(0, order.AcknowledgeForbehall{Person: name})
	}
	t.to("received")

	t = s.tell(61, Orderer, s.research(61, Orderer, "Finns det en säsong för utbrändhet? Månadsdata %s", sickPay), ToInvoice).to("received").takes(1, Finance, order.RoleFinance)
	t.says(3, order.SendAgain{Reason: "Filen skadades vid överföringen till vår server."})

	amended := s.tell(75, Orderer, s.research(75, Orderer, "Livspussel, deltid och pension", parental, sickPay), InvoiceIssued).to("invoiced")

	t = s.tell(42, Orderer, s.research(42, Orderer, "Ögonsjukdomar och synkrävande yrken", sickPay), FaultReported).to("received")
	t.says(4, order.ReportFault{Text: "Kolumnen nettodagar är tom för alla fall före 2016."})

	t = s.tell(58, OtherOrderer, s.research(58, OtherOrderer, "Återkommande korttidssjukdom i förskolan", sickPay), Replaced).to("received")
	t.says(3, order.ReportFault{Text: "Radbrytningar inne i fälten gör filen oläslig."})
	t.asks(2, order.SettleFault{ID: 1, Outcome: "replace", Text: "Fel i uttaget, görs om ur samma ögonblicksbild."})
	t.give(2, Statistician, order.RoleStatistician, (*tale).spec).works().give(1, Releaser, order.RoleReleaser, (*tale).release).works()

	t = s.tell(70, Orderer, s.research(70, Orderer, "Ryggbesvär i vården, före och efter pandemin", sickPay), CreditIssued).to("invoiced")
	t.simply(3, Finance, order.RoleFinance, order.CreditInvoice{Reason: "Timmarna för uttaget var fel."})
	t = s.tell(44, OtherOrderer, s.research(44, OtherOrderer, "Psykisk ohälsa bland nyblivna föräldrar", sickPay, parental), Recalled).to("released")
	t.simply(2, t.handler, order.RoleHandler, order.Recall{Kind: "wrong_content", Text: "En kolumn hör till en annan period än beslutets."})
	s.posted()
	s.lostKey()
	s.keptKey()
	s.kin(amended)
	s.purging()
	s.handedOver()
}

// handedOver is a delivery that a secure processing environment fetches.
func (s *stage) handedOver() {
	t := s.tell(37, OtherOrderer, s.research(37, OtherOrderer, "Sjukfrånvaro och tandhälsa, i regionernas gemensamma miljö", sickPay), ToEnvironment).to("accepted")
	t.says(0, order.ChooseRoute{Route: order.RouteEnvironment, Environment: "Säker analysmiljö, Sjölunda universitet"})
	t.to("released")
}

// posted are deliveries that go by registered post: one is to be written, one is
// on its way.
func (s *stage) posted() {
	t := s.tell(39, Orderer, s.research(39, Orderer, "Sjukfrånvaro efter bröstcancer, utan nät i forskningsmiljön", sickPay), ToPost).to("accepted")
	t.says(0, order.ChooseRoute{Route: order.RouteUSB, Why: "Vår datamiljö har inget nät."})
	t.to("released")

	t = s.tell(41, OtherOrderer, s.research(41, OtherOrderer, "Sjukpenning vid långtidscovid", sickPay), OnItsWay).to("ordered")
	t.simply(0, t.handler, order.RoleHandler, order.ChooseRoute{Route: order.RouteUSB})
	t.to("released")
	t.give(1, Registrar, order.RoleRegistrar, func(t *tale) (order.Command, error) {
		return order.DispatchStick{Tracking: "RR 123 456 789 SE", Fingerprint: order.ParcelPrint(t.state.Delivery.SHA256)}, nil
	})
}

// lostKey is a delivery whose recipient has lost the key and given another,
// which has been compared by telephone.
func (s *stage) lostKey() {
	t := s.tell(47, Orderer, s.research(47, Orderer, "Skiftarbete och långvarig smärta", sickPay), KeyLost).to("released")
	t.give(2, Orderer, order.RoleOrderer, func(t *tale) (order.Command, error) {
		return order.RegisterKey{Key: t.recipients[OtherOrderer]}, nil // any other will do: nothing is opened here
	})
	t.give(1, t.handler, order.RoleHandler, func(t *tale) (order.Command, error) {
		return order.ConfirmKey{Fingerprint: t.state.RecipientKey.Fingerprint, Channel: "phone", With: persona(t.orderer).Name}, nil
	})
}

// keptKey is a project whose key is kept and has been asked about once.
func (s *stage) keptKey() {
	kept := s.research(310, Orderer, "Kohorten Födda på 70-talet: uppväxt, arbete och hälsa i ett livsloppsperspektiv", sickPay, compensation)
	kept.Delivery.KeepKeyUntil = (kept.Project.End - 10).String()
	kept.Delivery.RetentionMonths, kept.Delivery.RetentionReason = 24, "Årliga uttag kompletterar varandra."
	kept.Project.Deliveries = 3
	t := s.tell(310, Orderer, s.approved(kept), KeptKey)
	t.decides = func(d *order.DecisionDraft) { d.Identity.EthicsRef = t.application.Ethics.Approvals[0].Number }
	t.to("invoiced")
}

// kin are cases that continue others.
func (s *stage) kin(amended *tale) {
	t := s.tell(11, Orderer, s.child(amended, 11, intake.ChildAmendment, "Tilläggsfråga om sjukersättning."), Child)
	t.parent = amended
	t.to("complete")

	extended := s.tell(8, Orderer, s.child(amended, 8, intake.ChildExtension, "Projektet har förlängts med ett år."), Extension)
	extended.parent = amended
	extended.to("acknowledged")

	longer := s.tell(120, Orderer, s.research(120, Orderer, "Migrän, triptaner och arbetsförmåga", sickPay), LongerRetention).to("invoiced")
	t = s.tell(20, Orderer, s.child(longer, 20, intake.ChildRetention, "Artiklarna är under granskning."), RetentionGranted)
	t.parent = longer
	t.to("acknowledged").simply(6, Decider, order.RoleDecider, order.GrantRetention{
		Until: s.Now + 240, Reasons: catalog.Text{SV: "Resultaten måste kunna kontrolleras under granskningen.", EN: "The results must be possible to check during the review."},
		Support: "etikgodkännandet, dnr " + longer.application.Ethics.Approvals[0].Number,
	})
}

// duty is the provision that frees a statistics order from the fee.
const duty = "förordningen (2001:100) om den officiella statistiken, 5 §"

// purging are cases whose files go, or have gone.
func (s *stage) purging() {
	s.soonPurged(PurgeSoon, func(left day.Day) bool { return left >= 4 && left <= 9 }, "Diabetes, fot- och ögonkomplikationer och sjukersättning %s").to("invoiced")
	t := s.soonPurged(PurgeOrdered, func(left day.Day) bool { return left == 0 }, "Högskoleutbildades väg in i sjukersättning").to("invoiced")
	t.keepsPurge = true

	s.tell(178, Orderer, s.research(178, Orderer, "Ätstörningar och etablering", sickPay), InvoiceForgotten).to("received")
	s.tell(205, OtherOrderer, s.research(205, OtherOrderer, "Överviktskirurgi och arbetsliv %s", sickPay, compensation), Closed, Purged).to("invoiced")

	yearly := s.tell(240, StatsOrderer, s.statistics(240, "Sjukfrånvaro i den officiella arbetsmiljöstatistiken %s", duty, sickPay), NoFee)
	yearly.terms.NoFee = &quote.NoFee{Ground: duty}
	yearly.to("received")
	renewed := s.child(yearly, 14, intake.ChildRenewed, "Årligt uttag enligt samma omfattning.")
	t = s.tell(14, StatsOrderer, renewed, Renewal)
	t.parent, t.terms.NoFee = yearly, yearly.terms.NoFee
	t.to("draft")

	t = s.tell(44, StatsOrderer, s.statistics(44, "Yrkesgrupper med låg frånvaro", "", sickPay, compensation))
	t.terms.VAT, t.terms.VATReason, t.terms.Form = quote.VATOutside, "Utlämnande mellan statliga myndigheter.", quote.FormActual
	t.to("accepted").asks(0, order.PromiseDate{From: t.cursor + 14, To: t.cursor + 28, Reason: catalog.Text{SV: "Efter att populationsfilen har kommit.", EN: "Once the population file has come."}})
	t.skip().to("received")
}

// soonPurged begins a tale whose files are to be gone a number of days from
// today, that the function picks; the decision says how many months they are
// kept, so that the delivery falls on a working day.
func (s *stage) soonPurged(shows Situation, fits func(left day.Day) bool, title string) *tale {
	const released = 29 // working days from the beginning of the way
	for months := 5; ; months++ {
		for on := s.Now - 31*day.Day(months); on <= s.Now-28*day.Day(months)+9; on++ {
			if !s.Authority.Calendar.IsWorkingDay(on) || !fits(order.PurgeDate(on, months)-s.Now) {
				continue
			}
			ago := s.Authority.Calendar.WorkingDays(day.Span{From: on + 1, To: s.last + 1}) + released
			t := s.tell(ago, OtherOrderer, s.research(ago, OtherOrderer, title, sickPay), shows)
			t.decides = func(d *order.DecisionDraft) { d.RetentionMonths = months }
			return t
		}
	}
}
