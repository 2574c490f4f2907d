package review

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/swede"
)

// Kinds of decision that can be appealed.
const (
	Refusal   = "refusal"
	Partial   = "partial"
	Forbehall = "forbehall" // disclosed with a förbehåll that binds the party
)

// LocalAuthority is a party of appeal besides the kinds of principal: an
// authority that is not the state's (region, municipality). [Authority] is one
// of the state's.
const LocalAuthority = "authority_local"

// AppealRule is where and when a party appeals, from a day on.
type AppealRule struct {
	From  day.Day      `json:"from"`
	Party string       `json:"party"`
	Forum catalog.Text `json:"forum"`
	Days  int          `json:"days"` // from service
	Law   string       `json:"law"`
}

// Appeals are the built-in rules, oldest first.
//
// For private parties (and bodies equated with authorities, which appeal as
// individuals) forum and time rest on OSL 6 kap. 7–8 §§ and förvaltningslagen
// 43–44 §§. For authorities they are our reading and must be confirmed by the
// authority's lawyers before use: that a state authority appeals another's
// refusal to the government and others to the kammarrätt (OSL 6 kap. 7–8 §§) is
// general knowledge that we could not check in the text of the law, as is that
// the same three weeks hold there; förvaltningslagen 44 § counts three weeks for
// an authority that is a party from the day the decision was given, which may be
// earlier than service. Whether an authority can appeal a förbehåll at all is
// also open; the rules give it no guide for one.
func Appeals() []AppealRule {
	fl := day.MustParse("2018-07-01")
	court := catalog.Text{SV: "kammarrätten", EN: "the administrative court of appeal (kammarrätten)"}
	law := "OSL 6 kap. 7–8 §§; förvaltningslagen (2017:900) 43–44 §§"
	return []AppealRule{
		{fl, Private, court, 21, law},
		{fl, Equated, court, 21, law},
		{fl, LocalAuthority, court, 21, law},
		{fl, Authority, catalog.Text{SV: "regeringen", EN: "the government"}, 21, law},
	}
}

// Guide is how a decision is appealed.
type Guide struct {
	Text  catalog.Text
	Last  day.Day // last day, moved past Saturdays, Sundays and holidays; meaningless when Known is false
	Known bool    // the day of service is known
	Forum catalog.Text
	Law   string
}

// AppealGuide writes the guide for a decision of the kind, to a party, under the
// rules in force on the day of the decision. served is the day the party got the
// decision, nil when that is not known yet: the text then says from when to
// count. ok is false when there is no rule, so that nothing wrong is told: an
// unknown kind or party, a day before the first rule, or a förbehåll for an
// authority.
//
// The appeal is handed in to the authority that decided, which checks its time;
// förvaltningslagen (2017:900) 43 and 45 §§.
func AppealGuide(rules []AppealRule, kind, party string, decided day.Day, served *day.Day) (g Guide, ok bool) {
	if !slices.Contains([]string{Refusal, Partial, Forbehall}, kind) || kind == Forbehall && (party == Authority || party == LocalAuthority) {
		return Guide{}, false
	}
	var rule AppealRule
	for _, r := range rules {
		if r.Party == party && r.From <= decided && (!ok || r.From >= rule.From) {
			rule, ok = r, true
		}
	}
	if !ok {
		return Guide{}, false
	}
	what := map[string]catalog.Text{
		Refusal:   {SV: "att uppgifterna inte lämnas ut", EN: "that the data are not disclosed"},
		Partial:   {SV: "att en del av uppgifterna inte lämnas ut", EN: "that part of the data is not disclosed"},
		Forbehall: {SV: "att uppgifterna lämnas ut med förbehåll", EN: "that the data are disclosed with a förbehåll"},
	}[kind]
	time := catalog.Text{
		SV: fmt.Sprintf("inom %s från den dag ni fick del av beslutet", weeks(rule.Days, "sv")),
		EN: fmt.Sprintf("within %s from the day you were served with the decision", weeks(rule.Days, "en")),
	}
	g = Guide{Forum: rule.Forum, Law: rule.Law}
	if served != nil {
		g.Last, g.Known = swede.NewCalendar().Deadline(*served+day.Day(rule.Days)), true
		time.SV += fmt.Sprintf(", alltså senast %s", g.Last)
		time.EN += fmt.Sprintf(", that is by %s", g.Last)
	}
	g.Text = catalog.Text{
		SV: fmt.Sprintf("Ni kan överklaga %s. Överklagandet prövas av %s. Skriv vilket beslut ni överklagar, hur ni vill att det ändras och varför, och skicka det till oss. Det ska ha kommit in %s (%s).", what.SV, rule.Forum.SV, time.SV, rule.Law),
		EN: fmt.Sprintf("You can appeal the decision %s. The appeal is tried by %s. Write which decision you appeal, how you want it changed and why, and send it to us. It must have arrived %s (%s).", what.EN, rule.Forum.EN, time.EN, rule.Law),
	}
	return g, true
}

func weeks(days int, lang string) string {
	if days == 21 {
		return catalog.Text{SV: "tre veckor", EN: "three weeks"}.In(lang)
	}
	return fmt.Sprintf(catalog.Text{SV: "%d dagar", EN: "%d days"}.In(lang), days)
}

// Written is what a written decision shows.
type Written struct {
	Date        day.Day // 0 = missing
	Content     bool    // it says what is decided
	Deciders    []string
	Rapporteurs []string
	// TookPart names those who took part in the final handling without deciding.
	TookPart []string
	// None says of rapporteurs (NoRapporteur) and others (NobodyElse) that there
	// were none, so that an empty list is no oversight.
	NoRapporteur, NobodyElse bool

	Reasons     catalog.Text
	Provisions  []string
	Appealable  bool
	AppealGuide catalog.Text
	Notify      []string // parties that are told the whole of the decision
	Dissent     bool     // somebody has a differing opinion
	DissentTold bool     // and it goes with the notice
}

// Contents returns what a written decision lacks: the five facts of
// förvaltningslagen (2017:900) 31 §, the reasons with the provisions applied of
// 32 §, and the notice with guide and differing opinion of 33 §.
func Contents(w Written) []Problem {
	var out []Problem
	miss := func(lacks bool, code, section, sv, en string) {
		if lacks {
			out = append(out, Problem{Code: code, SV: sv, EN: en, Law: "förvaltningslagen (2017:900) " + section})
		}
	}
	miss(w.Date == 0, "decision.date", "31 § 1", "Beslutet saknar dag.", "The decision has no day.")
	miss(!w.Content, "decision.content", "31 § 2", "Beslutet säger inte vad som har beslutats.", "The decision does not say what was decided.")
	miss(len(w.Deciders) == 0, "decision.decider", "31 § 3", "Beslutet säger inte vem som har beslutat.", "The decision does not say who decided.")
	miss(len(w.Rapporteurs) == 0 && !w.NoRapporteur, "decision.rapporteur", "31 § 4", "Beslutet säger inte vem som har varit föredragande, eller att ingen har varit det.", "The decision does not say who was rapporteur, or that nobody was.")
	miss(len(w.TookPart) == 0 && !w.NobodyElse, "decision.took_part", "31 § 5", "Beslutet säger inte vem mer som har medverkat, eller att ingen har gjort det.", "The decision does not say who else took part, or that nobody did.")
	miss(w.Reasons.SV == "", "decision.reasons", "32 §", "Beslutet saknar skäl.", "The decision has no reasons.")
	miss(len(w.Provisions) == 0, "decision.provisions", "32 §", "Beslutet säger inte vilka bestämmelser som har tillämpats.", "The decision does not say which provisions were applied.")
	miss(len(w.Notify) == 0, "decision.notify", "33 §", "Beslutet säger inte vem som ska underrättas.", "The decision does not say who is to be told.")
	miss(w.Appealable && w.AppealGuide.SV == "", "decision.appeal", "33 §", "Beslutet kan överklagas men saknar upplysning om hur.", "The decision can be appealed but does not say how.")
	miss(w.Dissent && !w.DissentTold, "decision.dissent", "33 §", "En avvikande mening ska följa med underrättelsen.", "A differing opinion goes with the notice.")
	return out
}
