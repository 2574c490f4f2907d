package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// How each item of the coverage matrix that is not a benefit is looked for.

// sentenceHas reports whether the sentence of token i holds any of the terms.
func (s *search) sentenceHas(i int, terms ...string) (at int, ok bool) {
	ts := s.doc.tokens
	for _, t := range terms {
		c := compile(t)
		for j := range s.doc.sentenceOf(i) {
			if n, ok := c.matches(ts, j); ok && ts[j+n-1].sentence == ts[i].sentence {
				return j, true
			}
		}
	}
	return 0, false
}

func (s *search) population() Finding {
	places := s.doc.find("", "population~", "studiepopulation~", "urval~", "studiegrupp~", "kohort~", "forskningsperson~", "studiedeltagare~", "study population", "cohort~", "sample")
	want := content(s.app.Population.Definition)
	var best Finding
	for _, i := range places {
		if _, no := s.doc.denied(i); no {
			continue
		}
		shared := 0
		for _, w := range want {
			if slices.ContainsFunc(s.blockWords(i), func(x string) bool { return alike(x, w) }) {
				shared++
			}
		}
		switch {
		case len(want) > 0 && shared*2 >= len(want):
			return s.at(i, true, Sure, "Texten beskriver populationen med samma ord som beställningen.", "The text describes the population in the words of the order.")
		case best.Page == 0:
			best = s.at(i, true, Unsure, "Texten beskriver en population; jämför den med beställningens.", "The text describes a population; compare it with the order's.")
		}
	}
	if best.Page == 0 {
		return nothing()
	}
	return best
}

func (s *search) blockWords(i int) []string {
	var out []string
	for j := range s.doc.blockOf(i) {
		out = append(out, s.doc.tokens[j].word)
	}
	return out
}

// stop are words without content of their own.
var stop = []string{
	"alla", "och", "eller", "som", "för", "med", "ett", "den", "det", "de", "till", "från", "på", "av", "att", "är", "har", "var", "vid", "inom", "samt", "per", "sitt", "sina", "deras", "the", "and", "of", "all", "with", "from", "who", "were", "in", "at", "antal", "number", "vill", "behöver", "uppgifter", "data",
}

// content returns the words of a text that carry its meaning.
func content(s string) []string {
	var out []string
	for _, w := range wordsOf(s) {
		if len([]rune(w)) >= 3 && !slices.Contains(stop, w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// alike reports whether two words are the same but for their endings.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	x, y := []rune(a), []rune(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n >= 4 && len(x)-n <= 3 && len(y)-n <= 3 && n*3 >= max(len(x), len(y))*2
}

var numerals = map[string]int{
	"ett": 1, "en": 1, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "åtta": 8, "nio": 9, "tio": 10, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
	"single": 1, "enda": 1,
}

func numeral(w string) int {
	if n, ok := numerals[w]; ok {
		return n
	}
	n, err := strconv.Atoi(w)
	if err != nil || n > 99 {
		return 0
	}
	return n
}

func (s *search) withdrawals() Finding {
	places := s.doc.find("", "uttag~", "datauttag~", "registeruttag~", "utdrag~", "registerutdrag~", "tillfällen", "gånger", "uppdateras", "uppdatering~", "extraction~", "withdrawal~", "extracts", "engångsuttag~", "engångsleverans~")
	ts := s.doc.tokens
	single, many := -1, -1
	for _, i := range places {
		if _, no := s.doc.denied(i); no {
			return s.at(i, false, Likely, "Uttagen nämns tillsammans med en negation.", "The withdrawals are named with a negation.")
		}
		if strings.HasPrefix(ts[i].word, "engång") {
			single = i
			continue
		}
		for j := max(0, i-4); j < i; j++ {
			if ts[j].sentence != ts[i].sentence {
				continue
			}
			n := numeral(ts[j].word)
			several := slices.Contains([]string{"flera", "upprepade", "återkommande", "årliga", "årligt", "several", "repeated", "annual", "yearly", "löpande"}, ts[j].word)
			switch {
			case several || n >= s.app.Project.Deliveries && n > 1:
				return s.at(i, true, Sure, "Texten säger att uppgifterna tas ut flera gånger.", "The text says that data are withdrawn several times.")
			case n > 1:
				return s.at(i, false, Sure, fmt.Sprintf("Texten anger %d uttag, färre än beställningens %d.", n, s.app.Project.Deliveries), fmt.Sprintf("The text states %d withdrawals, fewer than the order's %d.", n, s.app.Project.Deliveries))
			case n == 1:
				single = i
			}
		}
		if _, ok := s.sentenceHas(i, "årligen", "varje år", "årsvis", "annually", "every year"); ok || strings.HasPrefix(ts[i].word, "uppdater") {
			many = i
		}
	}
	switch {
	case many >= 0:
		return s.at(many, true, Likely, "Texten säger att uppgifterna hämtas på nytt.", "The text says that data are fetched anew.")
	case single >= 0:
		return s.at(single, false, Likely, "Texten anger ett uttag.", "The text states one withdrawal.")
	}
	return nothing()
}

var (
	keeping    = []string{"spara", "sparas", "bevara", "bevaras", "behåll", "behålla", "behålls", "behållas", "arkiveras", "förvaras", "lagras", "lämnas kvar", "kept", "retained", "stored", "archived"}
	destroying = []string{"förstörs", "förstöras", "raderas", "gallras", "tas bort", "destroyed", "deleted", "kastas", "makuleras"}
)

func (s *search) keptKey() Finding {
	gone := -1
	for _, i := range s.doc.find("", "nyckel~", "kodnyckel~", "kodnyckeln", "nyckelfil~", "nyckelfilen", "kodlista~", "key file~", "code key~", "key", "kopplingsnyckel~", "kodningsnyckel~") {
		if at, ok := s.sentenceHas(i, keeping...); ok {
			if _, no := s.doc.denied(at); no {
				return s.at(i, false, Likely, "Texten säger att nyckeln inte sparas.", "The text says that the key is not kept.")
			}
			return s.at(i, true, Sure, "Texten säger att nyckeln sparas.", "The text says that the key is kept.")
		}
		if _, ok := s.sentenceHas(i, destroying...); ok && gone < 0 {
			gone = i
		}
	}
	if gone >= 0 {
		return s.at(gone, false, Likely, "Texten säger att nyckeln förstörs.", "The text says that the key is destroyed.")
	}
	return nothing()
}

func (s *search) identified() Finding {
	touched := -1
	for _, i := range s.doc.find("", "personnummer~", "personnumren", "personal identity number~", "personal identification number~") {
		_, no := s.doc.denied(i)
		if _, out := s.sentenceHas(i, append([]string{"ersätts", "ersatts", "byts", "pseudonymiseras", "avidentifieras", "krypteras", "replaced", "pseudonymised", "removed", "löpnummer istället"}, destroying...)...); no || out {
			return s.at(i, false, Likely, "Texten säger att personnumren inte följer med eller ersätts.", "The text says that the numbers do not follow or are replaced.")
		}
		_, given := s.sentenceHas(i, "levereras", "leverera~", "leverans~", "lämnas ut", "erhålls", "erhåller", "få", "får", "tar emot", "tas emot", "mottas", "innehåller", "utlämnas", "receive", "delivered", "disclosed")
		to, sent := s.sentenceHas(i, "till försäkringskassan", "till scb", "till statistiska centralbyrån", "till socialstyrelsen", "to statistics sweden", "to försäkringskassan")
		if given && !(sent && to > i) {
			return s.at(i, true, Likely, "Texten säger att personnummer lämnas ut till projektet.", "The text says that personal identity numbers go to the project.")
		}
		touched = i
	}
	if touched >= 0 {
		return s.at(touched, false, Unsure, "Personnummer nämns, men inte att de lämnas ut till projektet.", "Personal identity numbers are named, but not that they go to the project.")
	}
	return nothing()
}

// holderNames are what register holders also go by.
var holderNames = map[string][]string{
	"statistiska centralbyrån": {"scb", "scb:s", "statistiska centralbyråns", "statistics sweden", "lisa"},
	"scb":                      {"statistiska centralbyrån", "statistiska centralbyråns", "scb:s", "statistics sweden"},
	"socialstyrelsen":          {"socialstyrelsens", "patientregistret", "national board of health and welfare"},
}

func (s *search) linkage() Finding {
	places := s.doc.find("", "samkör~", "samköras", "samkörs", "samkörning~", "länka~", "länkas", "länkning~", "sambearbeta~", "sambearbetas", "sambearbetning~", "koppla~", "kopplas", "kopplats", "matcha~", "matchas", "linked", "linkage", "link")
	for _, i := range places {
		if _, no := s.doc.denied(i); no {
			return s.at(i, false, Likely, "Samkörningen nämns tillsammans med en negation.", "The linkage is named with a negation.")
		}
	}
	var missing []string
	best := -1
	for _, i := range places {
		var lacks []string
		for _, h := range s.app.Project.Linkage {
			if !s.blockNames(i, h) {
				lacks = append(lacks, h)
			}
		}
		if best < 0 || len(lacks) < len(missing) {
			best, missing = i, lacks
		}
	}
	switch {
	case best < 0:
		return nothing()
	case len(missing) > 0:
		return s.at(best, false, Likely, "Samkörning nämns, men inte med "+strings.Join(missing, ", ")+".", "Linkage is named, but not with "+strings.Join(missing, ", ")+".")
	}
	return s.at(best, true, Sure, "Texten nämner samkörningen och de andra registerhållarna.", "The text names the linkage and the other holders.")
}

func (s *search) blockNames(i int, holder string) bool {
	low := strings.ToLower(strings.TrimSpace(holder))
	for _, n := range append([]string{strings.Join(wordsOf(low), " ") + "~"}, holderNames[low]...) {
		c := compileTerm(n)
		for j := range s.doc.blockOf(i) {
			if _, ok := c.matches(s.doc.tokens, j); ok {
				return true
			}
		}
	}
	return false
}

func (s *search) motivated() Finding {
	for _, i := range s.doc.find("", "forskningsfråg~", "forskningsfrågor", "forskningsfrågorna", "frågeställning~", "syfte~", "research question~", "aim~", "purpose") {
		if j, ok := s.sentenceHas(i, "behövs", "behöver", "nödvändig~", "motiver~", "motiveras", "krävs", "för att besvara", "needed", "necessary", "required", "motivated"); ok {
			if _, no := s.doc.denied(j); !no {
				return s.at(i, true, Unsure, "Texten knyter uppgifterna till forskningsfrågorna; läs om det gäller alla.", "The text ties data to the research questions; read whether it is all of them.")
			}
		}
	}
	return nothing()
}

func (s *search) principal() Finding {
	digits := orgDigits(s.app.Principal.OrgNo)
	for i := range s.doc.tokens {
		if w := orgDigits(s.doc.tokens[i].raw); digits != "" && w == digits {
			f := s.at(i, true, Sure, "Texten nämner huvudmannens organisationsnummer.", "The text names the principal's organisation number.")
			f.OrgNos = []string{s.app.Principal.OrgNo}
			return f
		}
	}
	best := nothing()
	for _, i := range s.doc.find("", strings.Join(wordsOf(s.app.Principal.Name), " ")+"~") {
		if _, no := s.doc.denied(i); no {
			return s.at(i, false, Likely, "Huvudmannen nämns tillsammans med en negation.", "The principal is named with a negation.")
		}
		f := s.at(i, true, Unsure, "Texten nämner huvudmannen; läs om godkännandet gäller den.", "The text names the principal; read whether the approval covers it.")
		f.OrgNos = []string{s.app.Principal.OrgNo}
		if slices.ContainsFunc(s.blockWords(i), func(w string) bool {
			return strings.Contains(w, "huvudman") || strings.HasPrefix(w, "huvudmän") || w == "principal"
		}) {
			f.Sure, f.Why = Sure, catalog.Text{SV: "Texten nämner huvudmannen som forskningshuvudman.", EN: "The text names the principal as such."}
			return f
		}
		if best.Page == 0 {
			best = f
		}
	}
	return best
}

// limit reads which diagnoses the sentence of token i is about: all, or
// chapters of ICD-10-SE.
func (s *search) limit(i int) string {
	ts := s.doc.tokens
	var found []string
	for j := range s.doc.sentenceOf(i) {
		w := ts[j].word
		if slices.Contains([]string{"alla", "samtliga", "all", "every", "vilka"}, w) && j+1 < len(ts) && w != "vilka" {
			for k := j + 1; k < min(j+4, len(ts)); k++ {
				if strings.HasPrefix(ts[k].word, "diagnos") || strings.HasPrefix(ts[k].word, "icd") {
					return AllDiagnoses
				}
			}
		}
		isRange := len(ts[j].raw) == 7 && ts[j].raw[3] == '-'
		lo := len(ts[j].raw) == 3 && j+1 < len(ts) && len(ts[j+1].raw) == 3 && strings.Trim(s.doc.text[ts[j].end:ts[j+1].at], " ") == "–"
		after := j > 0 && s.afterChapter(j)
		var c []string
		switch {
		case isRange:
			c = Chapter(s.cat, ts[j].raw)
		case lo:
			c = Chapter(s.cat, ts[j].raw+"-"+ts[j+1].raw)
		case after && ts[j].raw == strings.ToUpper(ts[j].raw):
			c = Chapter(s.cat, ts[j].raw)
		}
		for _, r := range c {
			if !slices.Contains(found, r) {
				found = append(found, r)
			}
		}
	}
	return strings.Join(found, ", ")
}

// afterChapter reports whether token j stands in a list that begins with the
// word chapter: kapitel F, M och I.
func (s *search) afterChapter(j int) bool {
	ts := s.doc.tokens
	for k := j - 1; k >= 0 && ts[k].sentence == ts[j].sentence; k-- {
		if strings.Contains(ts[k].word, "kapit") || strings.HasPrefix(ts[k].word, "chapter") {
			return true
		}
		if len(ts[k].raw) > 7 || ts[k].raw != strings.ToUpper(ts[k].raw) && !slices.Contains([]string{"och", "samt", "eller", "and"}, ts[k].word) {
			return false
		}
	}
	return false
}

// stretch is a period that the text names.
type stretch struct {
	from, to day.Day
	at       int
}

func (s *search) period() Finding {
	from, to := wanted(s.app)
	var best *stretch
	found := s.stretches()
	for k := range found {
		p := &found[k]
		if _, no := s.doc.denied(p.at); no || s.ofProject(p.at) {
			continue
		}
		if p.from <= from && to <= p.to {
			f := s.at(p.at, true, Likely, "Texten anger en period som rymmer beställningens.", "The text names a period that holds the order's.")
			f.From, f.To = p.from, p.to
			return f
		}
		if best == nil {
			best = p
		}
	}
	if best == nil {
		return nothing()
	}
	f := s.at(best.at, false, Likely, fmt.Sprintf("Texten anger perioden %s–%s, som inte rymmer beställningens.", best.from, best.to), fmt.Sprintf("The text names the period %s–%s, which does not hold the order's.", best.from, best.to))
	f.From, f.To = best.from, best.to
	return f
}

// wanted returns the first and the last day that are asked for.
func wanted(a Application) (from, to day.Day) {
	for i, w := range a.Data {
		if i == 0 || w.From < from {
			from = w.From
		}
		if i == 0 || w.To > to {
			to = w.To
		}
	}
	return from, to
}

// ofProject reports whether the sentence is about the project's own time.
func (s *search) ofProject(i int) bool {
	_, project := s.sentenceHas(i, "projekttid~", "projektperiod~", "projektet pågår", "projektet löper", "studien pågår", "studien löper", "finansier~", "finansieras", "anställd~", "godkännandet gäller", "project period", "project runs", "funded")
	return project
}

// stretches finds periods: two years or two days with a dash, or "till" and
// the like, between them.
func (s *search) stretches() []stretch {
	ts := s.doc.tokens
	var out []stretch
	for i := range ts {
		from, _, ok := dated(ts[i].raw)
		if !ok {
			if lo, hi, cut := strings.Cut(ts[i].raw, "-"); cut && len(lo) == 4 && len(hi) == 4 {
				a, _, ok1 := dated(lo)
				_, b, ok2 := dated(hi)
				if ok1 && ok2 {
					out = append(out, stretch{a, b, i})
				}
			}
			continue
		}
		for j := i + 1; j < min(i+6, len(ts)) && ts[j].sentence == ts[i].sentence; j++ {
			_, to, ok := dated(ts[j].raw)
			if !ok {
				continue
			}
			between := s.doc.text[ts[i].end:ts[j].at]
			if joins(between) && from <= to {
				out = append(out, stretch{from, to, i})
			}
			break
		}
	}
	return out
}

func joins(between string) bool {
	b := strings.Join(wordsOf(between), " ")
	if b == "" {
		return strings.ContainsAny(between, "–—-")
	}
	return slices.Contains([]string{
		"till", "t.o.m", "tom", "till och med", "till och med år", "till år", "och", "and", "to", "through", "until", "31 december", "december", "till och med den 31 december", "till 31 december", "till den 31 december", "to 31 december", "t.o.m 31 december", "till och med 31 december",
		"och till och med", "fram till", "fram till och med",
	}, b)
}

// dated reads a year or a day as the first and the last day it may mean.
func dated(raw string) (first, last day.Day, ok bool) {
	if d, err := day.Parse(raw); err == nil {
		return d, d, true
	}
	if len(raw) != 4 || strings.Trim(raw, "0123456789") != "" {
		return 0, 0, false
	}
	y, _ := strconv.Atoi(raw)
	if y < 1960 || y > 2100 {
		return 0, 0, false
	}
	return day.FirstOfYear(y), day.FirstOfYear(y+1) - 1, true
}
