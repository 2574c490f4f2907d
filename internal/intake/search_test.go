package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
)

// wide asks for something of everything, so that every item is searched for.
func wide() Application {
	a := current()
	a.Population.Definition = "Personer födda 1970 som var folkbokförda i Uppsala län"
	a.Project.Deliveries = 3
	a.Project.Linkage = []string{"Statistiska centralbyrån", "Socialstyrelsen"}
	a.Delivery.KeepKeyUntil = "2029-12-31"
	a.Identified = true
	a.Data = []Wish{
		{Register: "midas_sjuk", Benefits: []string{"SJP", "FSP", "RHP", "ASP"}, From: on("2019-01-01"), To: on("2025-12-31"), Table: "midas_sjp", Motive: "Fallens längd är utfallet"},
		{Register: "midas_sers", Benefits: []string{"SE", "AE"}, From: on("2019-01-01"), To: on("2025-06-30"), Need: "per år"},
		{Register: "midas_foraldra", Benefits: []string{"FP"}, From: on("2019-01-01"), To: on("2025-12-31"), Need: "per år"},
		{Register: "tfp", Benefits: []string{"VAB", "VAB12", "ALLV", "TIO"}, From: on("2019-01-01"), To: on("2025-12-31"), Need: "per år"},
		{Register: "tandvard", Benefits: []string{"ATB", "STB", "HKS"}, From: on("2019-01-01"), To: on("2025-12-31"), Need: "per år"},
	}
	return a
}

// wording is a piece of an ethics document and the right answer for one item.
type wording struct {
	text  string
	item  string
	met   bool
	quote string // part of the quote, "" = not looked at
}

const (
	sjp = CoverBenefit + "SJP"
	fsp = CoverBenefit + "FSP"
	rhp = CoverBenefit + "RHP"
	asp = CoverBenefit + "ASP"
	se  = CoverBenefit + "SE"
	ae  = CoverBenefit + "AE"
	fp  = CoverBenefit + "FP"
	vab = CoverBenefit + "VAB"
	hks = CoverBenefit + "HKS"
)

var wordings = []wording{
	// Names, inflections, compounds, abbreviations, languages.
	{"Uppgifter om sjukpenning hämtas från Försäkringskassan.", sjp, true, "sjukpenning hämtas"},
	{"Sjukpenningen inhämtas från F-kassan.", sjp, true, ""},
	{"Antal sjukpenningdagar per år från FK.", sjp, true, ""},
	{"Försäkringskassans register används för sjukpenningperioder.", sjp, true, ""},
	{"We will obtain sickness benefit data from the Swedish Social Insurance Agency.", sjp, true, ""},
	{"Från Försäkringskassan hämtas sjuk- och rehabiliteringspenning.", sjp, true, ""},
	{"Från Försäkringskassan hämtas sjuk- och rehabiliteringspenning.", rhp, true, ""},
	{"Från FK hämtas sjuk- och aktivitetsersättning.", se, true, ""},
	{"Från FK hämtas sjuk- och aktivitetsersättning.", ae, true, ""},
	{"Rehabpenning från Försäkringskassan.", rhp, true, ""},
	{"Uppgift om fo\u0308ra\u0308ldrapenning ha\u0308mtas fra\u030an Fo\u0308rsa\u0308kringskassan.", fp, true, "föräldrapenning"},
	{"Dagar med VAB hämtas från Försäkringskassan.", vab, true, ""},
	{"Tillfällig föräldrapenning hämtas från Försäkringskassan.", vab, true, ""},
	{"Tandvårdsersättning enligt högkostnadsskyddet från Försäkringskassan.", hks, true, ""},
	// Divided over lines and pages.
	{"Uppgifter om sjuk-\npenning hämtas från Försäkrings-\nkassan.", sjp, true, "Uppgifter om sjukpenning hämtas från Försäkringskassan"},
	{"Uppgifter om sjuk\u00ad\npenning hämtas från Försäkrings\u00adkassan.", sjp, true, ""},
	{"Från Försäkringskassan hämtas sjuk-\noch rehabiliteringspenning.", sjp, true, ""},
	{"Uppgifter om sjukpenning hämtas från Försäkrings-\fkassan.", sjp, true, ""},
	// Lists and headings.
	{"Från Försäkringskassan hämtas:\n- sjukpenning\n- föräldrapenning\n", fp, true, ""},
	{"Följande uppgifter hämtas inte från Försäkringskassan:\n\n- sjukpenning\n- diagnos\n", sjp, false, "sjukpenning"},
	{"4.2 Uppgifter från Försäkringskassan\nProjektet behöver sjukpenning för varje person.", sjp, true, ""},
	{"4.2 Uppgifter från Försäkringskassan\n\nProjektet behöver sjukpenning för varje person.\n\n4.3 Annat\n\nProjektet behöver föräldrapenning.", fp, false, ""},
	{"4.2 Uppgifter från Försäkringskassan\n\nProjektet behöver sjukpenning för varje person.", sjp, true, ""},
	{"Från Försäkringskassan hämtas föräldrapenning.\n\nFöljande ingår inte:\n- sjukpenning från Försäkringskassan\n", sjp, false, "sjukpenning"},
	// Another name, or only the matter.
	{"Fo\u0308rsa\u0308kringskassan levererar va\u030ard av sjukt barn.", vab, true, "vård"},
	{"Förebyggande sjukpenning hämtas från Försäkringskassan.", sjp, false, ""},
	{"Förebyggande sjukpenning hämtas från Försäkringskassan.", fsp, true, ""},
	{"Sjukpenning i förebyggande syfte hämtas från Försäkringskassan.", sjp, false, ""},
	{"Sjukpenning i förebyggande syfte hämtas från Försäkringskassan.", fsp, true, ""},
	{"Arbetsskadesjukpenning hämtas från Försäkringskassan.", sjp, false, ""},
	{"Arbetsskadesjukpenning hämtas från Försäkringskassan.", asp, true, ""},
	{"Tillfällig föräldrapenning hämtas från Försäkringskassan.", fp, false, ""},
	{"Sjukpenninggrundande inkomst hämtas från Försäkringskassan.", sjp, false, ""},
	{"Uppgifter om sjukskrivning hämtas från Försäkringskassan.", sjp, false, "sjukskrivning"},
	{"Sick pay data are obtained from the employers.", sjp, false, ""},
	// Named, but not from Försäkringskassan.
	{"Uppgifter om sjukpenning används som utfall.", sjp, false, ""},
	{"Sjukpenning är ett utfall.\n\nFrån Försäkringskassan hämtas föräldrapenning.", sjp, false, ""},
	{"Sjukpenning hämtas från LISA hos SCB. Försäkringskassan levererar föräldrapenning.", sjp, false, ""},
	{"Sjukpenning hämtas från arbetsgivaren och föräldrapenning hämtas från Försäkringskassan.", sjp, false, ""},
	{"Sjukpenning hämtas från arbetsgivaren och föräldrapenning hämtas från Försäkringskassan.", fp, true, ""},
	{"Uppgifter om sjukpenning skickas till Försäkringskassan.", sjp, false, ""},
	// Negations.
	{"Sjukpenning hämtas inte från Försäkringskassan.", sjp, false, "inte"},
	{"Uppgifter om sjukpenning ingår ej. Föräldrapenning hämtas från Försäkringskassan.", sjp, false, "ej"},
	{"Samtliga förmåner hos Försäkringskassan hämtas, men sjukpenning undantas.", sjp, false, "undantas"},
	{"Från Försäkringskassan hämtas alla förmåner utom sjukpenning.", sjp, false, ""},
	{"Inga uppgifter som rör sjukpenning hämtas från Försäkringskassan.", sjp, false, "Inga"},
	{"Sjukpenning hämtas från Försäkringskassan, men inte diagnos.", sjp, true, ""},
	{"Sjukpenning hämtas från Försäkringskassan, men inte diagnos.", CoverDiagnosis, false, "inte diagnos"},
	{"Sjukpenning, föräldrapenning och diagnos hämtas inte från Försäkringskassan.", sjp, false, ""},
	{"Sjukpenning hämtas från Försäkringskassan och diagnoser hämtas inte.", sjp, true, ""},
	{"Sjukpenning hämtas från Försäkringskassan för personer som inte arbetar.", sjp, true, ""},
	{"Inte bara sjukpenning utan även rehabiliteringspenning hämtas från Försäkringskassan.", sjp, true, ""},
	{"Inte bara sjukpenning utan även rehabiliteringspenning hämtas från Försäkringskassan.", rhp, true, ""},
	{"Projektet kan inte genomföras utan uppgifter om sjukpenning från Försäkringskassan.", sjp, true, ""},
	{"Uppgifter om sjukpenning från Försäkringskassan får inte lämnas vidare.", sjp, true, ""},
	{"Uppgifter om sjukpenning hämtas inte från Försäkringskassan utan från arbetsgivaren.", sjp, false, ""},
	{"Data on sickness benefit will not be obtained from Försäkringskassan.", sjp, false, "not"},
	{"Från Försäkringskassan hämtas sjukpenning utan diagnos.", sjp, true, ""},
	{"Från Försäkringskassan hämtas sjukpenning utan diagnos.", CoverDiagnosis, false, ""},
	// Diagnoses.
	{"Alla diagnoser enligt ICD-10 hämtas från Försäkringskassan.", CoverDiagnosis, true, ""},
	{"Diagnoser hämtas från patientregistret hos Socialstyrelsen. Sjukpenning hämtas från Försäkringskassan.", CoverDiagnosis, false, ""},
	{"Sjukskrivningsdiagnos (kapitel F) hämtas från FK.", CoverDiagnosis, true, ""},
	// The other items.
	{"Studiepopulationen är personer födda 1970 som är folkbokförda i Uppsala län.", CoverPopulation, true, ""},
	{"Ingen beskrivning här.", CoverPopulation, false, ""},
	{"Uppgifterna hämtas vid tre uttag.", CoverWithdrawals, true, ""},
	{"Data hämtas vid flera tillfällen under projektet.", CoverWithdrawals, true, ""},
	{"Uppgifterna hämtas vid två uttag.", CoverWithdrawals, false, "två uttag"},
	{"Ett uttag görs.", CoverWithdrawals, false, ""},
	{"Nya uttag görs inte.", CoverWithdrawals, false, ""},
	{"Kodnyckeln sparas hos Försäkringskassan i tio år.", CoverKeptKey, true, ""},
	{"Kodnyckeln förstörs efter leverans.", CoverKeptKey, false, "förstörs"},
	{"Kodnyckeln sparas i tio år och förstörs därefter.", CoverKeptKey, true, ""},
	{"Nyckelfilen sparas inte.", CoverKeptKey, false, ""},
	{"Uppgifterna levereras med personnummer.", CoverIdentified, true, ""},
	{"Personnummer ersätts med löpnummer före leverans.", CoverIdentified, false, "ersätts"},
	{"Uppgifterna lämnas ut utan personnummer.", CoverIdentified, false, ""},
	{"Personnumren lämnas ut till Försäkringskassan för samkörning.", CoverIdentified, false, ""},
	{"Uppgifterna samkörs med register hos SCB och Socialstyrelsen.", CoverLinkage, true, ""},
	{"Uppgifterna samkörs med register hos SCB.", CoverLinkage, false, ""},
	{"Uppgifterna samkörs inte med register hos SCB och Socialstyrelsen.", CoverLinkage, false, ""},
	{"Uppgifterna behövs för att besvara forskningsfrågorna.", CoverMotivated, true, ""},
	{"Forskningsfrågorna är tre.", CoverMotivated, false, ""},
	{"Uppgifterna avser åren 2015–2026.", CoverPeriod, true, ""},
	{"Uppgifter hämtas från 2019 till och med 2025.", CoverPeriod, true, ""},
	{"Uppgifter för perioden 2019-01-01 – 2024-12-31 hämtas.", CoverPeriod, false, ""},
	{"Projektet pågår 2015–2030.", CoverPeriod, false, ""},
	{"Forskningshuvudman: Sjölunda universitet.", CoverPrincipal, true, ""},
	{"Forskningshuvudman: Norra högskolan.", CoverPrincipal, false, ""},
	{"Projektet behandlar uppgifter om hälsa.", CoverCategory + CategoryHealth, true, ""},
	{"Projektet behandlar inga uppgifter om hälsa.", CoverCategory + CategoryHealth, false, ""},
}

func findingOf(a Application, item string, pages ...string) Finding {
	for _, f := range Search(a, pages, catalog.Builtin()) {
		if f.Item == item {
			return f
		}
	}
	return Finding{}
}

func TestWordings(t *testing.T) {
	t.Parallel()
	if len(wordings) < 40 {
		t.Errorf("%d wordings", len(wordings))
	}
	for _, w := range wordings {
		f := findingOf(wide(), w.item, strings.Split(w.text, "\f")...)
		if f.Item == "" {
			t.Fatalf("%s is not searched for", w.item)
		}
		if f.Met != w.met || !strings.Contains(f.Quote, w.quote) {
			t.Errorf("%q\n\t%s: met %v, want %v; quote %q; %s", w.text, w.item, f.Met, w.met, f.Quote, f.Why.EN)
		}
		if f.Why.SV == "" || f.Why.EN == "" || f.Sure == "" || f.Met && f.Quote == "" {
			t.Errorf("%q: %+v says too little", w.text, f)
		}
	}
}

// TestSearchDetails: page, source, chapters, period and principal are filled
// in for the matrix.
func TestSearchDetails(t *testing.T) {
	t.Parallel()
	a := wide()
	pages := []string{
		"Ansökan om etikprövning\n\nForskningshuvudman är Sjölunda universitet (202100-5489).",
		"Från Försäkringskassan hämtas sjukpenning och diagnoser i kapitel F och M. Uppgifterna avser 2018–2025.",
		"Föräldrapenning är av intresse.",
	}
	if f := findingOf(a, sjp, pages...); f.Page != 2 || f.FromAuthority == nil || !*f.FromAuthority || f.Sure != Sure {
		t.Errorf("%+v", f)
	}
	if f := findingOf(a, fp, pages...); f.Page != 3 || f.Met || f.FromAuthority == nil || *f.FromAuthority {
		t.Errorf("%+v", f)
	}
	if f := findingOf(a, CoverDiagnosis, pages...); f.Limit != "F00-F99, M00-M99" {
		t.Errorf("limit %q", f.Limit)
	}
	if f := findingOf(a, CoverDiagnosis, "Samtliga diagnoser hämtas från Försäkringskassan."); f.Limit != AllDiagnoses {
		t.Errorf("limit %q", f.Limit)
	}
	if f := findingOf(a, CoverDiagnosis, "Diagnoser hämtas från Försäkringskassan."); f.Limit != "" || f.Sure != Unsure {
		t.Errorf("%+v", f)
	}
	if f := findingOf(a, CoverPeriod, pages...); f.From != on("2018-01-01") || f.To != on("2025-12-31") {
		t.Errorf("%s–%s", f.From, f.To)
	}
	if f := findingOf(a, CoverPrincipal, pages...); f.Page != 1 || !slices.Equal(f.OrgNos, []string{"202100-5489"}) {
		t.Errorf("%+v", f)
	}
	c := findingOf(a, sjp, pages...).Coverage("ansokan")
	if c.Item != sjp || !c.Met || c.Attachment != "ansokan" || c.Page != 2 || c.FromAuthority == nil || c.Quote == "" {
		t.Errorf("%+v", c)
	}
}

// TestSearchNeverFails on any text, quotes at most 200 characters that stand on
// the page, and answers the same twice.
func TestSearchNeverFails(t *testing.T) {
	t.Parallel()
	pieces := []string{"sjukpenning", "inte", "från", "Försäkringskassan", ",", ".", ":", "\n", "\n\n", "- ", "-", "\u00ad", "och", "diagnoser", "kapitel", "F", "2019", "–", "2025", "ej", "personnummer", "uttag", "å", "\u030a", "\xff", "4.2 Data", "tre", "utan", "som", "sjuk-"}
	rapid.Check(t, func(rt *rapid.T) {
		var pages []string
		for range rapid.IntRange(0, 3).Draw(rt, "pages") {
			if rapid.Bool().Draw(rt, "any") {
				pages = append(pages, rapid.String().Draw(rt, "text"))
				continue
			}
			pages = append(pages, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(rt, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(rt, "space")))
		}
		first := Search(wide(), pages, catalog.Builtin())
		if fmt.Sprint(values(first)) != fmt.Sprint(values(Search(wide(), pages, catalog.Builtin()))) {
			rt.Fatal("another answer to the same text")
		}
		for _, f := range first {
			if n := utf8.RuneCountInString(f.Quote); n > 200 {
				rt.Fatalf("quote of %d characters", n)
			}
			if f.Met && (f.Page < 1 || f.Page > len(pages)) {
				rt.Fatalf("page %d of %d", f.Page, len(pages))
			}
		}
	})
}

func values(fs []Finding) []string {
	var out []string
	for _, f := range fs {
		out = append(out, fmt.Sprint(f.Item, f.Met, f.Sure, f.Page, f.Quote, f.Why, f.Limit, f.From, f.To))
	}
	return out
}
