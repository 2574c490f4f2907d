// Package corpustest writes orders as people send them in, about half with
// seeded faults, to measure how many the rules of intake catch and how often
// they cry wolf.
//
// It is written from what the ordering pages ask for (reference domain
// §3.1–3.2), not from the rules: it calls nothing in intake but its types, and
// each fault says by itself which rule and which field must be pointed out.
package corpustest

import (
	"fmt"
	"math/rand/v2"

	"sluss/internal/day"
	"sluss/internal/intake"
)

// Today is the day on which the orders are sent in.
var Today = day.MustParse("2026-11-02")

// Seeded is a fault that was put into an order.
type Seeded struct {
	Kind  string
	Rule  string // that must find it
	Field string // that it must point to
}

// Order is an application with what is wrong with it; nothing, for a clean one.
type Order struct {
	Application intake.Application
	Faults      []Seeded
}

// Generate writes n orders; the same seed gives the same orders.
func Generate(seed uint64, n int) []Order {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]Order, n)
	for i := range out {
		w := writer{r: r}
		o := Order{Application: w.order(i)}
		if r.IntN(2) == 0 {
			o.Faults = w.spoil(&o.Application)
		}
		out[i] = o
	}
	return out
}

type writer struct{ r *rand.Rand }

func pick[T any](w *writer, from ...T) T { return from[w.r.IntN(len(from))] }

func (w *writer) chance(percent int) bool { return w.r.IntN(100) < percent }

func (w *writer) between(from, to string) day.Day {
	a, b := day.MustParse(from), day.MustParse(to)
	return a + day.Day(w.r.IntN(int(b-a)+1))
}

// number makes an organisation number with a right check digit.
func (w *writer) number(prefix string) string {
	nine := fmt.Sprintf("%s%0*d", prefix, 9-len(prefix), w.r.IntN(pow10(9-len(prefix))))
	sum := 0
	for i, c := range nine {
		d := int(c - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	ten := nine + fmt.Sprint((10-sum%10)%10)
	switch w.r.IntN(4) {
	case 0:
		return ten
	case 1:
		return "16" + ten
	}
	return ten[:6] + "-" + ten[6:]
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// register is what the ordering pages offer: the benefits, whether they tell
// of health, and the last day that can be ordered today.
type register struct {
	id, table string
	benefits  []string
	health    bool
	diagnosis bool
	until     string
	variables []string
}

var registers = []register{
	{"midas_sjuk", "midas_sjp", []string{"SJP", "FSP", "RHP", "ASP"}, true, true, "2026-07-31", []string{"from_datum", "tom_datum", "dagar", "nettodagar", "omfattning"}},
	{"midas_sers", "midas_sa", []string{"SE", "AE"}, true, true, "2026-01-31", []string{"from_datum", "tom_datum", "dagar"}},
	{"midas_foraldra", "midas_fp", []string{"FP"}, false, false, "2026-07-31", []string{"from_datum", "tom_datum", "nettodagar"}},
	{"tfp", "tfp", []string{"VAB", "VAB12", "ALLV", "TIO"}, true, false, "2026-10-31", []string{"from_datum", "tom_datum", "dagar"}},
	{"tandvard", "tandvard", []string{"ATB", "STB", "HKS"}, true, false, "2026-10-31", []string{"behandlingsdatum", "atgard", "tand"}},
}

func (w *writer) order(i int) intake.Application {
	a := intake.Application{
		Form: 2, Purpose: pick(w, intake.Research, intake.Research, intake.Research, intake.Statistics),
		Title:   pick(w, "Sjukfrånvaro efter föräldraledighet", "Arbetsmiljö och hälsa i vården", "Vägar tillbaka i arbete, en doktorsavhandling", "Tandhälsa och inkomst", "Parental leave and careers", "Uppföljning av rehabilitering 2015–2025") + fmt.Sprintf(" (%d)", i),
		Orderer: w.person(), Invoice: intake.InvoiceTo{Reference: pick(w, "SU-4711", "ZZ 1234 kst 55", "Ref Ek")},
		Delivery: intake.Delivery{Formats: []string{pick(w, "csv", "parquet")}},
	}
	a.Principal = w.principal(a.Purpose)
	start := w.between("2026-06-01", "2027-03-01")
	a.Project = intake.Project{
		Questions: pick(w, "Hur förändras sjukfrånvaron kring ett barns födelse?", "Which treatments shorten absence?", "Tabeller över frånvaro per yrke."),
		Start:     start, End: start + day.Day(700+w.r.IntN(1500)), Deliveries: 1,
	}
	if a.Principal.Kind == intake.PrincipalPrivate || w.chance(40) {
		a.Project.Named = []string{"Elin Ek", "Ida Sand"}
	}
	if w.chance(30) {
		a.Invoice.PeppolID = "0007:" + pick(w, "2021005489", "5560360793")
	}
	if w.chance(25) {
		a.Delivery.RetentionMonths, a.Delivery.RetentionReason = 7+w.r.IntN(100), "Granskning av artiklar tar tid"
	}
	w.population(&a)
	if w.chance(20) {
		a.Recipient = &intake.Principal{Name: "Datorhallen AB", OrgNo: w.number("5568")}
		a.Attachments = append(a.Attachments, intake.Attachment{ID: "pub", Kind: intake.AttachProcessing, Name: "Personuppgiftsbiträdesavtal Datorhallen"})
	}
	w.data(&a)
	if a.Purpose == intake.Research {
		w.research(&a)
	} else {
		w.statistics(&a)
	}
	return a
}

func (w *writer) person() intake.Person {
	return intake.Person{Name: pick(w, "Elin Sjölund", "Åke Öst", "M. af Ugglas"), Email: pick(w, "elin@uni.example", "a.o@med.region.example", "m-u+data@institut.example")}
}

func (w *writer) principal(p intake.Purpose) intake.Principal {
	out := intake.Principal{Representative: w.person()}
	kind := w.r.IntN(6)
	if p == intake.Statistics && w.chance(80) {
		kind = 0
	}
	switch kind {
	case 4:
		out.Kind, out.Name, out.OrgNo = intake.PrincipalPrivate, "Institutet för tillämpad hälsa AB", w.number("5591")
	case 5:
		out.Kind, out.Name, out.OrgNo, out.EquatedAs = intake.PrincipalEquated, "Stiftelsen Västra högskolan", w.number("8550"), "Stiftelsen Västra högskolan, all verksamhet"
	default:
		out.Kind, out.Name, out.OrgNo = intake.PrincipalAuthority, pick(w, "Sjölunda universitet", "Region Mitt", "Myndigheten för arbetsmiljöstatistik"), w.number(pick(w, "2021", "2321"))
	}
	if w.chance(15) {
		out.Country = "SE"
	}
	return out
}

func (w *writer) population(a *intake.Application) {
	p := &a.Population
	p.Definition = pick(w, "Alla folkbokförda födda 1970–1980 som inte har utvandrat", "Anställda i vården 2018", "Fall och tre kontroller per fall", "Children born 2010 and their parents")
	p.Size = 1 + w.r.IntN(900_000)
	if p.Source = pick(w, "file", "file", "criteria"); p.Source == "file" {
		p.Holder = pick(w, "Statistiska centralbyrån", "Socialstyrelsen", "Huvudmannen")
		p.Ready = &intake.Attestation{On: w.between("2026-06-01", "2026-11-02"), By: "Elin Sjölund"}
	}
	if w.chance(30) {
		p.Columns = []intake.PopulationItem{{Name: "indexdatum", Type: "date", Use: "steer"}, {Name: "grupp", Type: "code", Use: pick(w, "pass", "drop")}}
	}
}

func (w *writer) data(a *intake.Application) {
	order := w.r.Perm(len(registers))
	for _, k := range order[:1+w.r.IntN(3)] {
		g := registers[k]
		wish := intake.Wish{Register: g.id, Motive: pick(w, "Förmånen är projektets utfall.", "Needed for the second question.", "Frånvaro före index justeras för.")}
		for _, b := range g.benefits {
			if len(wish.Benefits) == 0 || w.chance(40) {
				wish.Benefits = append(wish.Benefits, b)
			}
		}
		wish.From = w.between("2010-01-01", "2018-12-31")
		wish.To = w.between("2019-01-01", g.until)
		if w.chance(20) {
			wish.To = day.MustParse(g.until)
		}
		if g.diagnosis && w.chance(40) {
			wish.Diagnoses = []string{pick(w, "F", "M", "F00-F99")}
		}
		switch {
		case w.chance(60):
			wish.Table, wish.Variables = g.table, append([]string(nil), g.variables[:1+w.r.IntN(len(g.variables))]...)
			if len(wish.Diagnoses) > 0 {
				wish.Variables = append(wish.Variables, "diagnos")
			}
		case g.id == "midas_foraldra":
			wish.Need = pick(w, "Antal dagar per månad", "Dagar per år och barn, inte sjukpenning", "When leave began and ended")
		default:
			wish.Need = pick(w, "Antal dagar per år", "Perioder med start och slut", "Fall som varat längre än 90 dagar")
		}
		a.Data = append(a.Data, wish)
	}
}

func health(a intake.Application) bool {
	for _, x := range a.Data {
		if x.Register != "midas_foraldra" {
			return true
		}
	}
	return false
}

func truth(b bool) *bool { return &b }

func (w *writer) statistics(a *intake.Application) {
	privileged := a.Principal.Kind == intake.PrincipalAuthority
	a.Statistics = intake.Authority{Responsible: privileged, Secrecy: privileged, Delimited: privileged}
	if w.chance(30) {
		a.Statistics.Duty, a.Statistics.FeeFree = pick(w, "förordningen (2001:100) om den officiella statistiken, 5 §", "3 § förordning (2009:1243)"), true
		a.Invoice = intake.InvoiceTo{}
	}
	if w.chance(50) {
		a.Statistics.WishedDate = w.between("2026-12-01", "2027-06-30").String()
	}
}

// research writes what research needs besides: answers, approval and matrix,
// or a project plan where nothing is sensitive.
func (w *writer) research(a *intake.Application) {
	a.Project.Thesis = truth(false)
	sensitive := health(*a)
	a.Sensitive = truth(sensitive)
	if !sensitive {
		a.Attachments = append(a.Attachments, intake.Attachment{ID: "plan", Kind: intake.AttachProjectPlan, Name: pick(w, "Projektplan", "Bilaga 1 – Forskningsplan v2.pdf", "Project plan 2026")})
		return
	}
	a.Project.Deliveries = 1 + w.r.IntN(3)
	a.Identified = w.chance(10)
	if w.chance(50) {
		a.Project.Linkage = []string{"Statistiska centralbyrån"}
	}
	if w.chance(30) {
		a.Delivery.KeepKeyUntil = (a.Project.End - day.Day(w.r.IntN(200))).String()
	}
	a.Categories = []string{"health"}
	if w.chance(20) {
		a.Categories = append(a.Categories, pick(w, "ethnic_origin", "genetic"))
	}
	w.approvals(a)
	w.matrix(a)
}

func (w *writer) approvals(a *intake.Application) {
	first := intake.Approval{Kind: intake.ApprovalFirst, Number: "2025-01234-01", Decided: w.between("2025-06-01", "2026-05-31"), Application: "ansokan", Decision: "beslut", Signed: true}
	switch w.r.IntN(6) {
	case 0:
		first.Board, first.Number, first.Decided = intake.BoardRegional, "2017/412-31", w.between("2014-01-01", "2018-12-31")
		a.Project.Start = first.Decided + 300
	case 1:
		first.Board, first.Number = intake.BoardAppeals, "Ö 12-2025/3.1"
	case 2:
		first.Board = intake.BoardAuthority
	}
	a.Attachments = append(a.Attachments,
		intake.Attachment{ID: "ansokan", Kind: intake.AttachEthicsApplication, Name: pick(w, "Etikansökan, undertecknad", "Ethics application.pdf", "Ansökan EPM")},
		intake.Attachment{ID: "beslut", Kind: intake.AttachEthicsDecision, Name: pick(w, "Beslut etikgodkännande", "Decision 2025")})
	if w.chance(40) {
		first.Annexes = 1 + w.r.IntN(2)
		for i := range first.Annexes {
			a.Attachments = append(a.Attachments, intake.Attachment{ID: fmt.Sprintf("bil%d", i), Kind: intake.AttachEthicsAnnex, Of: "ansokan", Name: pick(w, "Bilaga 2 Forskningsplan", "Informationsbrev", "CV huvudansvarig")})
		}
	}
	a.Ethics.Approvals = []intake.Approval{first}
	if w.chance(30) {
		a.Ethics.Approvals = append(a.Ethics.Approvals, intake.Approval{Kind: intake.ApprovalAddition, Number: first.Number, Decided: first.Decided, Board: first.Board, Application: "kompl", Decision: "beslut", Signed: true, NamedThere: true})
		a.Attachments = append(a.Attachments, intake.Attachment{ID: "kompl", Kind: intake.AttachEthicsSupplement, Name: "Komplettering av etikansökan"})
	}
	if w.chance(30) {
		a.Ethics.Approvals = append(a.Ethics.Approvals, intake.Approval{Kind: intake.ApprovalAmendment, Number: "2026-00321-02", Decided: w.between("2026-06-01", "2026-10-30"), Application: "andring", Decision: "beslut2", Signed: true})
		a.Attachments = append(a.Attachments, intake.Attachment{ID: "andring", Kind: pick(w, intake.AttachEthicsAmendment, intake.AttachEthicsApplication), Name: "Ändringsansökan"}, intake.Attachment{ID: "beslut2", Kind: intake.AttachEthicsDecision, Name: "Beslut om ändring"})
	}
}

func (w *writer) matrix(a *intake.Application) {
	add := func(c intake.Coverage) {
		c.Met, c.Attachment, c.Page = true, pick(w, "ansokan", "ansokan", "beslut"), 1+w.r.IntN(30)
		a.Ethics.Coverage = append(a.Ethics.Coverage, c)
	}
	add(intake.Coverage{Item: "population"})
	seen := map[string]bool{}
	diagnosis := false
	for _, x := range a.Data {
		for _, b := range x.Benefits {
			if !seen[b] {
				seen[b] = true
				add(intake.Coverage{Item: "benefit:" + b, FromAuthority: truth(true)})
			}
		}
		diagnosis = diagnosis || len(x.Diagnoses) > 0
	}
	if diagnosis {
		add(intake.Coverage{Item: "diagnosis", FromAuthority: truth(true), Limit: pick(w, "all", "F, M", "F00–F99 och M00–M99")})
	}
	for _, c := range a.Categories {
		add(intake.Coverage{Item: "category:" + c})
	}
	add(intake.Coverage{Item: "motivated"})
	add(intake.Coverage{Item: "period", From: day.MustParse("2010-01-01"), To: day.MustParse("2026-12-31")})
	add(intake.Coverage{Item: "principal", OrgNos: []string{a.Principal.OrgNo}})
	for _, extra := range []struct {
		wanted bool
		item   string
	}{
		{a.Project.Deliveries > 1, "withdrawals"},
		{a.Delivery.KeepKeyUntil != "", "kept_key"},
		{a.Identified, "personnummer"},
		{len(a.Project.Linkage) > 0, "linkage"},
	} {
		if extra.wanted {
			add(intake.Coverage{Item: extra.item})
		}
	}
}
