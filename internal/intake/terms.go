package intake

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
)

// What things are called in ethics documents and in needs written in free
// text. A term is written as words with a space between them; a word that ends
// with ~ also matches its inflections and, last in a term, compounds such as
// sjukpenningdagar.

// name is a term with how much it says: a name of the benefit itself, or of the
// group it belongs to.
type name struct {
	term  string
	group bool
}

// benefitTerms are names of benefits besides those of the catalogue.
var benefitTerms = map[string][]name{
	"SJP":   {{"sjukpenning~", false}, {"sickness benefit~", false}, {"sickness cash benefit~", false}},
	"FSP":   {{"sjukpenning~ i förebyggande syfte", false}, {"förebyggande sjukpenning~", false}, {"preventive sickness benefit~", false}},
	"RHP":   {{"rehabiliteringspenning~", false}, {"rehabpenning~", false}, {"rehabiliteringsersättning~", true}, {"rehabilitation benefit~", false}, {"rehabilitation allowance~", false}},
	"ASP":   {{"arbetsskadesjukpenning~", false}, {"sjukpenning~ vid arbetsskada", false}, {"occupational injury sickness benefit~", false}},
	"SE":    {{"sjukersättning~", false}, {"sickness compensation~", false}},
	"AE":    {{"aktivitetsersättning~", false}, {"activity compensation~", false}},
	"FP":    {{"föräldrapenning~", false}, {"parental benefit~", false}, {"parental allowance~", false}},
	"VAB":   {{"vård~ av sjukt barn", false}, {"vab", false}, {"vabb", false}, {"vab-dagar", false}, {"tillfällig~ föräldrapenning~", true}, {"tfp", true}, {"temporary parental benefit~", true}, {"care of a sick child", false}},
	"VAB12": {{"vård av sjukt barn 12–15 år", false}, {"tillfällig~ föräldrapenning~", true}, {"tfp", true}, {"temporary parental benefit~", true}},
	"ALLV":  {{"vård~ av allvarligt sjukt barn", false}, {"allvarligt sjuka barn", false}, {"tillfällig~ föräldrapenning~", true}, {"tfp", true}, {"temporary parental benefit~", true}},
	"TIO":   {{"tio dagar vid barns födelse", false}, {"pappadagar~", false}, {"10-dagar", false}, {"tillfällig~ föräldrapenning~", true}, {"tfp", true}, {"temporary parental benefit~", true}},
	"ATB":   {{"allmän~ tandvårdsbidrag~", false}, {"atb", false}, {"tandvårdsstöd~", true}, {"dental care subsidy", true}},
	"STB":   {{"särskil~ tandvårdsbidrag~", false}, {"stb", false}, {"tandvårdsstöd~", true}, {"dental care subsidy", true}},
	"HKS":   {{"tandvårdsersättning~", false}, {"högkostnadsskydd~", false}, {"tandvårdsstöd~", true}, {"dental care subsidy", true}},
}

// Words that, just before or after a term, make it another
// benefit's name.
var (
	notAfter  = map[string][]string{"SJP": {"förebyggande", "preventive", "injury"}, "FP": {"tillfällig", "tillfälliga", "tillfälligt", "temporary"}, "VAB": {"allvarligt"}}
	notBefore = map[string][]string{"VAB": {"12"}, "SJP": {"i förebyggande", "vid arbetsskada"}}
)

// near are words that speak of a benefit's matter without naming the benefit.
var near = map[string][]string{
	"SJP": {"sjukskrivning~", "sjukfrånvaro~", "sjukförmån~", "sjukdom~", "sjuklön~", "sjukpenninggrundande inkomst", "sickness absence", "sick leave", "sick pay"},
	"RHP": {"rehabilitering~"}, "SE": {"förtidspension~", "sjukbidrag~", "disability pension"}, "AE": {"sjukersättning~"},
	"FP": {"föräldraledig~", "föräldraförsäkring~", "parental leave"}, "VAB": {"vård av barn"},
}

// termsOf returns every name of a benefit, the catalogue's first.
func termsOf(cat *catalog.Catalogue, code string) []name {
	var out []name
	for _, r := range cat.Registers {
		if b := r.Benefit(code); b != nil {
			out = append(out, name{bend(b.Names.SV), false}, name{bend(b.Names.EN), false})
		}
	}
	return append(out, benefitTerms[code]...)
}

// bend lets the last word of a name be inflected.
func bend(name string) string { return bentNames.get(name) }

func bendName(s string) string {
	out := strings.Join(wordsOf(s), " ") + "~"
	if strings.Contains(s, ",") {
		out = ", " + out // the name has a comma of its own
	}
	return out
}

// term is a compiled name.
type term struct {
	words []string
	bent  []bool
	comma bool // it may hold a comma
}

func compile(name string) term { return compiled.get(name) }

func compileTerm(s string) term {
	var t term
	for _, w := range strings.Fields(s) {
		if w == "," {
			t.comma = true
			continue
		}
		bare := strings.TrimSuffix(w, "~")
		t.words, t.bent = append(t.words, strings.ToLower(bare)), append(t.bent, bare != w)
	}
	return t
}

// matches reports whether the term begins at token i, and how many tokens it
// takes.
func (t term) matches(ts []token, i int) (n int, ok bool) {
	if len(t.words) == 0 || i+len(t.words) > len(ts) {
		return 0, false
	}
	for k, w := range t.words {
		got := ts[i+k]
		if k > 0 && (got.comma && !t.comma || got.block != ts[i].block) || !sameWord(got.word, w, t.bent[k], k == len(t.words)-1) {
			return 0, false
		}
	}
	return len(t.words), true
}

// endings are Swedish and English inflections, and compounds the second parts
// of words such as sjukpenningperioder.
var (
	endings = []string{
		"n", "en", "et", "ens", "ets", "s", "ar", "arna", "arnas", "er", "erna", "ernas", "or", "orna", "na", "a", "t", "r", "an", "het", "e",
	}
	compounds = []string{"dag", "dagar", "dagarna", "period", "perioder", "perioderna", "fall", "fallen", "utbetalning", "utbetalningar", "ärende", "ärenden", "uppgift", "uppgifter", "data", "nivå", "belopp", "uttag", "mottagare", "stöd", "ersättning"}
)

func sameWord(got, want string, bent, last bool) bool {
	if got == want {
		return true
	}
	rest, ok := strings.CutPrefix(got, want)
	if !ok || !bent {
		return false
	}
	if slices.Contains(endings, rest) {
		return true
	}
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "s"), "-")
	return last && slices.Contains(compounds, rest)
}

// find returns the places where any of the terms begins. of is the benefit
// whose name it is, "" for other things.
func (d *document) find(of string, terms ...string) []int {
	var out []int
	for _, s := range terms {
		t := compile(s)
		if len(t.words) == 0 {
			continue
		}
		head := t.words[0]
		for i := range d.tokens {
			if !strings.HasPrefix(d.tokens[i].word, head) {
				continue
			}
			if n, ok := t.matches(d.tokens, i); ok && !d.another(of, i, n) {
				out = append(out, i)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// another reports whether the words around make the term at i the name of
// another benefit: tillfällig föräldrapenning is not föräldrapenning.
func (d *document) another(of string, i, n int) bool {
	if i > 0 && slices.Contains(notAfter[of], d.tokens[i-1].word) && d.tokens[i].block == d.tokens[i-1].block {
		return true
	}
	for _, s := range notBefore[of] {
		if _, ok := compile(s).matches(d.tokens, i+n); ok {
			return true
		}
	}
	return false
}

// authorityTerms are what Försäkringskassan goes by.
var authorityTerms = []string{"försäkringskassan", "försäkringskassans", "försäkringskassa", "försäkringskasseregister", "f-kassan", "f-kassans", "fkassan", "fk", "fk:s", "fks", "midas", "social insurance agency", "the social insurance office"}

// otherSources are holders of data that are not Försäkringskassan.
var otherSources = []string{
	"scb", "statistiska", "socialstyrelsen", "socialstyrelsens", "patientregist~", "patientregister~", "läkemedelsregist~", "arbetsgivar~", "arbetsgivare~", "journal~", "journaler", "patientjournal~", "enkät~", "enkäter", "intervju~",
	"region~", "regionerna", "skatteverket", "afa", "lisa", "kvalitetsregist~", "kvalitetsregister", "arbetsförmedlingen", "iaf", "pensionsmyndigheten", "self-reported", "employer~", "questionnaire~", "deltagarna", "självrapporterad~",
	"national board of health and welfare", "statistics sweden", "vårdgivar~", "vården",
}
