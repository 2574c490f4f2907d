package intake

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Finding is what the text of the ethics documents seems to say about an item.
// It is a suggestion: a person reads the quote and confirms.
type Finding struct {
	Item          string       `json:"item"`
	Names         catalog.Text `json:"names"`
	Met           bool         `json:"met"`
	Sure          Sureness     `json:"sure"`
	Page          int          `json:"page,omitempty"`  // 1 is the first; 0 = nothing found
	Quote         string       `json:"quote,omitempty"` // at most 200 characters
	Why           catalog.Text `json:"why"`
	FromAuthority *bool        `json:"from_authority,omitempty"`
	Limit         string       `json:"limit,omitempty"` // diagnoses: all, or chapters
	From          day.Day      `json:"period_from,omitzero"`
	To            day.Day      `json:"period_to,omitzero"`
	OrgNos        []string     `json:"principal_org_nos,omitempty"`
}

// Sureness says how much a finding can be leaned on.
type Sureness string

// Degrees of sureness.
const (
	Sure   Sureness = "sure"   // the text says so in so many words
	Likely Sureness = "likely" // it says so in other words, or further apart
	Unsure Sureness = "unsure" // it touches the matter, or says nothing
)

// Coverage returns the finding as a row of the coverage matrix, for a document
// attached under the given id.
func (f Finding) Coverage(attachment string) Coverage {
	return Coverage{
		Item: f.Item, Met: f.Met, Attachment: attachment, Page: f.Page, Limit: f.Limit, Quote: f.Quote, Note: f.Why.SV,
		FromAuthority: f.FromAuthority, From: f.From, To: f.To, OrgNos: f.OrgNos,
	}
}

// Search looks through the text of an ethics document, page by page, for what
// the application needs support for ([Items]). It returns one finding for each
// item, in the order of the items; the same text always gives the same answer.
//
// It knows the benefits' names with inflections, compounds, synonyms and
// abbreviations, words divided at the end of a line, and negations: what is
// named only to be left out is not met, and the quote shows why. A benefit also
// needs Försäkringskassan named as its source in the same paragraph or in the
// heading over it.
//
// The answer to "does this wording cover it?" is the same search in the
// wording.
func Search(a Application, pages []string, cat *catalog.Catalogue) []Finding {
	s := search{doc: readText(pages), app: a, cat: cat}
	s.places()
	items := Items(a, cat)
	out := make([]Finding, 0, len(items))
	for _, item := range items {
		f := s.item(item)
		f.Item, f.Names = item.ID, item.Names
		out = append(out, f)
	}
	return out
}

type search struct {
	doc document
	app Application
	cat *catalog.Catalogue

	authority []int // tokens where Försäkringskassan is named as a source
	others    []int // tokens where another source is
	clauses   map[int]bool
	sentences map[int]bool
	sections  map[int]bool // those whose heading names Försäkringskassan
}

// places finds the sources that the text names.
func (s *search) places() {
	s.clauses, s.sentences, s.sections = map[int]bool{}, map[int]bool{}, map[int]bool{}
	for _, j := range s.doc.find("", authorityTerms...) {
		if _, no := s.doc.denied(j); no && !s.doc.aside(j) || s.recipient(j) {
			continue
		}
		t := s.doc.tokens[j]
		s.authority = append(s.authority, j)
		s.clauses[t.clause], s.sentences[t.sentence] = true, true
		if t.heading {
			s.sections[t.section] = true
		}
	}
	for _, j := range s.doc.find("", otherSources...) {
		if s.isSource(j) {
			s.others = append(s.others, j)
		}
	}
}

func (s *search) item(item Item) Finding {
	if code, ok := strings.CutPrefix(item.ID, CoverBenefit); ok {
		return s.benefit(code)
	}
	if c, ok := strings.CutPrefix(item.ID, CoverCategory); ok {
		n := categoryNames[c]
		return s.plain(append([]string{bend(n.SV), bend(n.EN)}, categoryTerms[c]...)...)
	}
	switch item.ID {
	case CoverPopulation:
		return s.population()
	case CoverDiagnosis:
		return s.diagnosis()
	case CoverWithdrawals:
		return s.withdrawals()
	case CoverKeptKey:
		return s.keptKey()
	case CoverIdentified:
		return s.identified()
	case CoverLinkage:
		return s.linkage()
	case CoverMotivated:
		return s.motivated()
	case CoverPeriod:
		return s.period()
	case CoverPrincipal:
		return s.principal()
	}
	return nothing()
}

// at builds a finding at token i.
func (s *search) at(i int, met bool, sure Sureness, sv, en string) Finding {
	return Finding{Met: met, Sure: sure, Page: s.doc.tokens[i].page, Quote: s.doc.quote(i), Why: catalog.Text{SV: sv, EN: en}}
}

func nothing() Finding {
	return Finding{Sure: Likely, Why: catalog.Text{SV: "Texten nämner det inte.", EN: "The text does not mention it."}}
}

// hit is a place where an item is named.
type hit struct {
	at    int
	group bool // by the name of its group
}

// sourced looks for an item that must come from Försäkringskassan.
func (s *search) sourced(hits []hit) Finding {
	for _, h := range hits {
		if j, no := s.doc.denied(h.at); no && !s.doc.aside(h.at) {
			return s.at(h.at, false, Likely, "Det nämns tillsammans med en negation: "+s.doc.tokens[j].raw+".", "It is named with a negation: "+s.doc.tokens[j].raw+".")
		}
	}
	var best Finding
	rank := 0
	for _, h := range hits {
		f, r := s.source(h)
		if s.doc.aside(h.at) { // what must not be published is fetched, most likely
			f.Sure = Likely
		}
		if r > rank {
			best, rank = f, r
		}
	}
	if rank == 0 {
		return nothing()
	}
	return best
}

// source judges one hit by where it says the data come from; a higher rank is a
// better finding.
func (s *search) source(h hit) (Finding, int) {
	yes, no := true, false
	clause, sentence, block := s.named(h.at)
	switch {
	case clause || sentence && !s.otherSource(h.at):
		f := s.at(h.at, true, Sure, "Namnet och Försäkringskassan står i samma mening.", "The name and Försäkringskassan stand in the same sentence.")
		f.FromAuthority = &yes
		if h.group {
			f.Sure, f.Why = Likely, catalog.Text{SV: "Gruppens namn och Försäkringskassan står i samma mening; kontrollera att förmånen ingår.", EN: "The group's name and Försäkringskassan stand in the same sentence; check that the benefit is part of it."}
			return f, 4
		}
		return f, 6
	case s.otherSource(h.at):
		f := s.at(h.at, false, Likely, "Det nämns, men från en annan källa än Försäkringskassan.", "It is named, but from another source than Försäkringskassan.")
		f.FromAuthority = &no
		return f, 2
	case block:
		f := s.at(h.at, true, Likely, "Namnet står i ett stycke eller under en rubrik som nämner Försäkringskassan.", "The name stands in a paragraph or under a heading that names Försäkringskassan.")
		f.FromAuthority = &yes
		if h.group {
			return f, 3
		}
		return f, 5
	}
	f := s.at(h.at, false, Likely, "Det nämns, men inte att uppgifterna kommer från Försäkringskassan.", "It is named, but not that the data come from Försäkringskassan.")
	f.FromAuthority = &no
	return f, 1
}

// reach is how far from a name, in tokens, Försäkringskassan may stand in a
// paragraph without breaks, as some documents have them.
const reach = 150

// named reports where Försäkringskassan is named as a source beside token i.
func (s *search) named(i int) (clause, sentence, block bool) {
	t := s.doc.tokens[i]
	k, _ := slices.BinarySearch(s.authority, i)
	for _, j := range s.authority[max(0, k-1):min(len(s.authority), k+1)] { // the nearest on each side
		block = block || s.doc.tokens[j].block == t.block && max(i-j, j-i) < reach
	}
	return s.clauses[t.clause], s.sentences[t.sentence] || t.intro > 0 && s.sentences[t.intro], block || s.sections[t.section]
}

// recipient reports whether the authority at j is whom something is sent to,
// and not where data come from.
func (s *search) recipient(j int) bool {
	return j > 0 && s.doc.tokens[j-1].clause == s.doc.tokens[j].clause && slices.Contains([]string{"till", "to"}, s.doc.tokens[j-1].word)
}

// otherSource reports whether the clause of token i, up to where
// Försäkringskassan takes over, says that its data come from somebody else.
func (s *search) otherSource(i int) bool {
	ts := s.doc.tokens
	k, _ := slices.BinarySearch(s.others, i)
	for _, j := range s.others[k:] {
		if ts[j].sentence != ts[i].sentence {
			break
		}
		if ts[j].clause == ts[i].clause || s.sameList(i, j) {
			return true
		}
	}
	return k > 0 && ts[s.others[k-1]].clause == ts[i].clause
}

// isSource reports whether one of the three words before token j makes it a
// source: från, ur, hos.
func (s *search) isSource(j int) bool {
	ts := s.doc.tokens
	for k := j - 1; k >= 0 && k >= j-3 && ts[k].clause == ts[j].clause; k-- {
		if slices.Contains([]string{"från", "ur", "hos", "via", "from", "by", "enligt"}, ts[k].word) {
			return true
		}
	}
	return false
}

// sameList reports whether nothing but commas stand between two tokens.
func (s *search) sameList(i, j int) bool {
	for k := i + 1; k <= j; k++ {
		if slices.Contains(verbs, s.doc.tokens[k].word) || slices.Contains(turns, s.doc.tokens[k].word) {
			return false
		}
	}
	return true
}

func (s *search) benefit(code string) Finding {
	var hits []hit
	for _, n := range termsOf(s.cat, code) {
		for _, i := range s.doc.find(code, n.term) {
			if !slices.ContainsFunc(hits, func(h hit) bool { return h.at == i }) {
				hits = append(hits, hit{i, n.group})
			}
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return a.at - b.at })
	if f := s.sourced(hits); f.Page > 0 {
		return f
	}
	if places := s.doc.find("", near[code]...); len(places) > 0 {
		return s.at(places[0], false, Likely, "Texten talar om saken men nämner inte förmånen vid namn.", "The text speaks of the matter but does not name the benefit.")
	}
	return nothing()
}

func (s *search) diagnosis() Finding {
	var hits []hit
	for _, i := range s.doc.find("", "diagnos~", "diagnoskod~", "diagnosuppgift~", "diagnoskapitel~", "diagnosis", "diagnoses", "diagnostic codes", "icd-10", "icd-10-se", "icd10", "sjukskrivningsdiagnos~") {
		hits = append(hits, hit{i, false})
	}
	f := s.sourced(hits)
	if f.Met {
		for _, h := range hits {
			if s.doc.tokens[h.at].block != s.doc.tokens[hits[0].at].block && f.Limit != "" {
				break
			}
			if l := s.limit(h.at); l != "" && f.Limit == "" {
				f.Limit = l
			}
		}
		if f.Limit == "" {
			f.Sure, f.Why = Unsure, catalog.Text{SV: "Diagnoser nämns, men inte om det gäller alla eller vissa kapitel.", EN: "Diagnoses are named, but not whether all or some chapters."}
		}
	}
	return f
}

// plain looks for an item that is met where it is named and not denied.
func (s *search) plain(terms ...string) Finding {
	for _, i := range s.doc.find("", terms...) {
		if _, no := s.doc.denied(i); no {
			return s.at(i, false, Likely, "Det nämns tillsammans med en negation.", "It is named with a negation.")
		}
	}
	for _, i := range s.doc.find("", terms...) {
		return s.at(i, true, Likely, "Texten nämner det.", "The text mentions it.")
	}
	return nothing()
}

// categoryTerms are what the kinds of sensitive data go by.
var categoryTerms = map[string][]string{
	CategoryHealth:      {"hälsa", "hälsouppgift~", "hälsodata", "hälsotillstånd~", "ohälsa", "sjukdom~", "health"},
	"sexual_life":       {"sexualliv~", "sexuell läggning", "sex life", "sexual orientation"},
	"ethnic_origin":     {"etniskt ursprung", "etnicitet~", "etnisk~ bakgrund", "ras eller etniskt ursprung", "ethnic origin", "ethnicity"},
	"political_opinion": {"politisk~ åsikt~", "politisk~ uppfattning~", "political opinion~"},
	"religion":          {"religion~", "religiös~ övertygelse~", "religiös~", "religious belief~"},
	"union_membership":  {"fackförening~", "fackligt medlemskap", "medlemskap i fackförening~", "trade union"},
	"genetic":           {"genetisk~ uppgift~", "genetisk~", "genetic data"},
	"biometric":         {"biometrisk~ uppgift~", "biometrisk~", "biometric data"},
	"offences":          {"lagöverträdelse~", "brott~", "offences", "criminal convictions"},
}
