package showcase

import (
	"fmt"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
)

// What is asked for: complete applications, as orderers write them. A tale that
// needs a fault puts it in afterwards.

func truth(b bool) *bool { return &b }

// principals are the organisations that order.
var principals = map[string]intake.Principal{
	Orderer:      {Name: sjolunda, OrgNo: "202199-0011", Kind: intake.PrincipalAuthority, Representative: reached(Representative)},
	OtherOrderer: {Name: norrstrand, OrgNo: "202199-0037", Kind: intake.PrincipalAuthority, Representative: reached(OtherPrincipal)},
	PrivateOrderer: {
		Name: institute, OrgNo: "559199-0014", Kind: intake.PrincipalPrivate, Representative: reached(OtherPrincipal),
	},
	StatsOrderer: {Name: workEnv, OrgNo: "202199-0029", Kind: intake.PrincipalAuthority, Representative: reached(OtherPrincipal)},
}

// reached is how applications name one of the cast.
func reached(id string) intake.Person {
	p := persona(id)
	return intake.Person{Name: p.Name, Email: p.Email}
}

// A wish for one register, from the first day of a year.
var (
	sickPay = intake.Wish{
		Register: "midas_sjuk", Benefits: []string{"SJP", "RHP"}, Table: "midas_sjp", Shape: catalog.ShapeSpell,
		Variables: []string{"from_datum", "tom_datum", "dagar", "nettodagar", "delforman", "diagnos", "vanstercensur", "hogercensur", "pagaende"},
		Motive:    "Fallens längd och diagnos är det som frågeställningarna gäller.",
	}
	parental = intake.Wish{
		Register: "midas_foraldra", Benefits: []string{"FP"}, Table: "midas_fp", Shape: catalog.ShapePanelMonth,
		Variables: []string{"manad", "dagar", "nettodagar"}, Motive: "Uttaget per månad jämförs med frånvaron.",
	}
	compensation = intake.Wish{
		Register: "midas_sers", Benefits: []string{"SE", "AE"}, Table: "midas_sa", Shape: catalog.ShapePanelYear,
		Variables: []string{"ar", "dagar", "nettodagar"}, Motive: "Den som har lämnat arbetslivet ska inte räknas som frisk.",
	}
	childCare = intake.Wish{
		Register: "tfp", Benefits: []string{"VAB", "VAB12"}, Table: "tfp", Shape: catalog.ShapeSubspell,
		Variables: []string{"from_datum", "tom_datum", "dagar", "nettodagar", "omfattning"}, Motive: "Vård av barn skiljs från egen sjukdom.",
	}
	sickPayCosts = intake.Wish{
		Register: "sjuklonekostnad", Benefits: []string{"HSK"}, Table: "sjuklonekostnad", Shape: catalog.ShapePayment,
		Variables: []string{"from_datum", "sjuklon", "lonesumma", "belopp"}, Motive: "Kostnad, lönesumma och ersättning är det som frågan gäller.",
	}
	dental = intake.Wish{
		Register: "tandvard", Benefits: []string{"ATB", "STB"}, Table: "tandvard", Shape: catalog.ShapePayment,
		Variables: []string{"behandlingsdatum", "atgard", "tand"}, Motive: "Tandhälsan är projektets utfall.",
	}
)

// order writes what research and statistics orders have in common, for one that
// is handed in a number of working days ago. A %s in the title becomes the years
// asked for.
func (s *stage) order(ago int, who, title string, wishes ...intake.Wish) intake.Application {
	on := s.ago(ago)
	// The last whole year that even the slowest register reaches.
	to := day.FirstOfMonth((on-330).Month()-int((on-330).Month()%12)) - 1
	from := day.FirstOfMonth(to.Month() + 1 - 12*(6+ago%9))
	title = strings.ReplaceAll(title, "%s", fmt.Sprintf("%d–%d", from.Year(), to.Year()))
	a := intake.Application{
		Form: 2, Title: title, Principal: principals[who], Orderer: reached(who),
		Project: intake.Project{
			Questions: "Hur hänger ersättningens längd samman med återgång i arbete, och vilka skillnader finns mellan yrken, åldrar och tider på året?",
			Start:     on - 30, End: on + 1100, Deliveries: 1, Named: []string{persona(who).Name, persona(CoApplicant).Name},
		},
		Population: intake.Population{
			Source: "file", Holder: scb, Definition: "Folkbokförda 20–64 år i tre län vid årets ingång, med tre kontroller per fall", Size: 4_000 + 700*(ago%11),
			Ready: &intake.Attestation{On: on - 12, By: scb},
		},
		Delivery: intake.Delivery{Formats: []string{"csv"}},
		Invoice:  intake.InvoiceTo{Reference: fmt.Sprintf("KST-%04d", 4700+ago)},
	}
	if who == Orderer {
		a.CoOrderers = []intake.Person{reached(CoApplicant)}
	}
	for _, w := range wishes {
		w.From, w.To = from, to
		a.Data = append(a.Data, w)
	}
	return a
}

// Documents of a research application, by their id in it.
const (
	ethicsApplication = "etikansokan"
	ethicsDecision    = "etikbeslut"
	projectPlan       = "forskningsplan"
)

// research writes a complete research application.
func (s *stage) research(ago int, who, title string, wishes ...intake.Wish) intake.Application {
	a := s.order(ago, who, title, wishes...)
	a.Purpose, a.Project.Thesis = intake.Research, truth(false)
	return s.approved(a)
}

// employers writes a research application about organisations; who trades alone
// is a person and is not asked for.
func (s *stage) employers(ago int, who, title string) intake.Application {
	a := s.research(ago, who, title, sickPayCosts)
	a.Project.Questions = "Hur stor del av lönesumman är sjuklönekostnader hos arbetsgivare som får ersättning för dem?"
	a.Population.Kind, a.Population.Traders = intake.PopulationOrganisations, "exclude"
	a.Population.Definition, a.Population.Size = "Arbetsgivare med anställda i fem branscher", 9_000
	return a
}

// approved adds what follows from the data: the answer on sensitive data, the
// ethics documents and the coverage matrix, or a project plan.
func (s *stage) approved(a intake.Application) intake.Application {
	sensitive := intake.Sensitive(a, s.App.Catalogue)
	a.Sensitive = truth(sensitive)
	a.Attachments = []intake.Attachment{{ID: projectPlan, Kind: intake.AttachProjectPlan, Name: "Forskningsplan"}}
	if !sensitive {
		return a
	}
	a.Categories = []string{intake.CategoryHealth}
	a.Attachments = append(a.Attachments,
		intake.Attachment{ID: ethicsApplication, Kind: intake.AttachEthicsApplication, Name: "Etikansökan, undertecknad"},
		intake.Attachment{ID: ethicsDecision, Kind: intake.AttachEthicsDecision, Name: "Etikprövningsmyndighetens beslut"})
	a.Ethics.Approvals = []intake.Approval{{
		Kind: intake.ApprovalFirst, Number: fmt.Sprintf("%d-%05d-01", a.Project.Start.Year(), 1200+int(a.Project.Start)%8000), Decided: a.Project.Start - 60,
		Application: ethicsApplication, Decision: ethicsDecision, Signed: true,
	}}
	a.Ethics.Coverage = nil
	for i, item := range intake.Items(a, s.App.Catalogue) {
		c := intake.Coverage{Item: item.ID, Met: true, Attachment: ethicsApplication, Page: 2 + i%2}
		if item.FromAuthority {
			c.FromAuthority = truth(true)
		}
		switch item.ID {
		case intake.CoverPopulation:
			c.Page = 2
		case intake.CoverDiagnosis:
			c.Limit = intake.AllDiagnoses
		case intake.CoverPeriod:
			c.From, c.To = a.Data[0].From, a.Data[0].To
		case intake.CoverPrincipal:
			c.Page, c.OrgNos = 1, []string{a.Principal.OrgNo}
		}
		a.Ethics.Coverage = append(a.Ethics.Coverage, c)
	}
	return a
}

// statistics writes a complete statistics application, with a duty to supply
// when one is named.
func (s *stage) statistics(ago int, title, duty string, wishes ...intake.Wish) intake.Application {
	a := s.order(ago, StatsOrderer, title, wishes...)
	a.Purpose, a.Project.Named = intake.Statistics, nil
	a.Project.Questions = "Sjukfrånvaro per yrkesgrupp, kön och ålder i den officiella statistiken"
	a.Statistics = intake.Authority{Responsible: true, Secrecy: true, Delimited: true, Duty: duty, FeeFree: duty != ""}
	a.Population.Holder, a.Population.Definition, a.Population.Ready.By = workEnv, "Anställda i undersökningens urval", persona(StatsOrderer).Name
	if duty != "" {
		a.Invoice = intake.InvoiceTo{}
	}
	return a
}

// child begins a case that continues another, as the counter offers it. The
// number of the other stands in it when it is handed in.
func (s *stage) child(parent *tale, ago int, kind, reason string) intake.Application {
	before := parent.application
	a := intake.Inherit(before, "FK-0000-00000", kind)
	fresh := s.order(ago, parent.orderer, before.Title)
	a.Child.Reason, a.Invoice, a.Population.Ready, a.Sensitive = reason, fresh.Invoice, fresh.Population.Ready, before.Sensitive
	a.Population.Ready.By = before.Population.Holder
	a.Project.End = fresh.Project.End + 365
	if kind == intake.ChildRetention {
		a.Delivery.RetentionMonths, a.Delivery.RetentionReason = 18, "Granskningen av artiklarna har dragit ut på tiden."
		a.Population.Ready = nil
	}
	return a
}

// documents are the papers of an application, as PDF files.
func documents(a intake.Application) map[string][]byte {
	head := a.Title + "\n\n" + a.Principal.Name + ", organisationsnummer " + a.Principal.OrgNo + "\n"
	var data strings.Builder
	for _, w := range a.Data {
		fmt.Fprintf(&data, "Från Försäkringskassan hämtas uppgifter ur %s (%s) för åren %d–%d. %s\n\n", w.Register, strings.Join(w.Benefits, ", "), w.From.Year(), w.To.Year(), w.Motive)
	}
	number := ""
	if len(a.Ethics.Approvals) > 0 {
		number = a.Ethics.Approvals[0].Number
	}
	return map[string][]byte{
		ethicsApplication: paper(
			"Ansökan om etikprövning av forskning\n\n"+head+"\nForskningshuvudman och ansvarig forskare framgår ovan.\n\n"+a.Project.Questions,
			"Population\n\n"+a.Population.Definition+fmt.Sprintf(".\nPopulationen omfattar högst %d personer och tas fram av %s.\n\n", a.Population.Size, a.Population.Holder)+data.String(),
			"Uppgifter om diagnos hämtas från Försäkringskassan och avser alla kapitel i ICD-10-SE. Känsliga uppgifter om hälsa behandlas.\n\n"+data.String()+
				"Varje uppgift motiveras av frågeställningarna. Kodnyckeln förvaras hos myndigheten."),
		ethicsDecision: paper("Beslut\n\nDnr " + number + "\n\nEtikprövningsmyndigheten godkänner den forskning som anges i ansökan.\n\n" + head),
		projectPlan:    paper("Forskningsplan\n\n"+head+"\n"+a.Project.Questions, "Data\n\n"+data.String()),
	}
}
