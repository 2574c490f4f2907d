package wording

import (
	"regexp"

	"sluss/internal/catalog"
)

// The same thing has the same word everywhere: what may not be said, and what
// is said instead. Whoever tests the program's own texts asks [Lint], and so
// does [Book.Check].
//
// Source: our glossary (docs/ordlista.md) and the rules for texts: one word for
// one thing, verbs that say what happens, a fault says what to do, nothing
// abbreviated that is not explained.
type rule struct {
	found *regexp.Regexp
	use   catalog.Text // what to write instead
}

func say(pattern, sv, en string) rule {
	return rule{regexp.MustCompile(`(?i)` + pattern), catalog.Text{SV: sv, EN: en}}
}

// word is a pattern for whole words: \b knows no å, ä and ö.
func word(alternatives string) string {
	return `(?:^|[^\pL\pN])(` + alternatives + `)(?:$|[^\pL\pN])`
}

var glossary = map[string][]rule{
	"sv": {
		say(word(`mikrodata\pL*`), "individdata", "individdata"),
		say(word(`anonymiser\pL*|avidentifier\pL*`), "pseudonymisera, löpnummer", "pseudonymisera, löpnummer"),
		say(word(`ogiltigt? (?:värde|format|inmatning|datum|tecken)`), "vad läsaren ska göra", "what the reader is to do"),
		say(word(`pnr|persnr|personnr`), "personnummer", "personnummer"),
		say(word(`ärendenr|diarienr`), "ärendenummer, diarienummer", "ärendenummer, diarienummer"),
		say(word(`kund|kunden|kunder|kunderna|kundens`), "beställare", "beställare"),
		say(word(`anbud\pL*|kostnadsförslag\pL*|prisförslag\pL*`), "offert, utkast till offert", "offert, utkast till offert"),
		say(word(`datauttag\pL*|registerutdrag\pL*`), "uttag", "uttag"),
		say(word(`kvitto|kvittot|kvitton`), "kvittens", "kvittens"),
		say(word(`checksumm\pL*|hashsumm\pL*`), "kontrollsumma", "kontrollsumma"),
		say(word(`kontrollgrupp\pL*`), "jämförelsegrupp", "jämförelsegrupp"),
		say(word(`serienummer|serienumret|serienumren`), "löpnummer", "löpnummer"),
		say(word(`överklagan`), "överklagande", "överklagande"),
		say(word(`sekretessbedömning\pL*|menprövning\pL*`), "sekretessprövning", "sekretessprövning"),
		say(word(`etiktillstånd\pL*|etikprövningstillstånd\pL*`), "etikgodkännande", "etikgodkännande"),
		say(word(`lagringstid\pL*`), "bevarandetid", "bevarandetid"),
		say(word(`klicka|klickar`), "ett verb som säger vad som händer", "a verb that says what happens"),
		say(`(?:^|\s)(t\.\s?ex\.?|bl\.\s?a\.?|m\.\s?m\.?|m\.\s?fl\.?|o\.\s?s\.\s?v\.?|fr\.\s?o\.\s?m\.?|t\.\s?o\.\s?m\.?|dvs\.?|osv\.?|resp\.|enl\.)(?:$|[\s,;)])`, "orden utskrivna", "the words in full"),
		say(`^\s*(ok|submit|skicka in|utför)\s*$`, "verbet som säger vad som händer, som Skicka beställningen", "the verb that says what happens, as Skicka beställningen"),
	},
	"en": {
		say(word(`microdata`), "individual-level data", "individual-level data"),
		say(word(`anonymi[sz]\pL*|de-identif\pL*|deidentif\pL*`), "pseudonymise, serial number", "pseudonymise, serial number"),
		say(word(`invalid`), "vad läsaren ska göra", "what the reader is to do"),
		say(word(`ssn|social security numbers?`), "personal identity number", "personal identity number"),
		say(word(`customers?|clients?`), "orderer", "orderer"),
		say(word(`tenders?|bids?`), "quote, draft quote", "quote, draft quote"),
		say(word(`hash sums?`), "checksum", "checksum"),
		say(word(`control groups?`), "comparison group", "comparison group"),
		say(word(`ethics permits?|ethical approvals?`), "ethics approval", "ethics approval"),
		say(word(`click here|click on`), "ett verb som säger vad som händer", "a verb that says what happens"),
		say(`(?:^|\s)(e\.\s?g\.|i\.\s?e\.|etc\.?|resp\.)(?:$|[\s,;)])`, "orden utskrivna", "the words in full"),
		say(`^\s*(ok|submit)\s*$`, "verbet som säger vad som händer, som Send the order", "the verb that says what happens, as Send the order"),
	},
}

// Slip is a word that the glossary has another for.
type Slip struct {
	Found string
	Use   catalog.Text
}

// Lint finds the words of a text that the glossary has others for. lang is sv
// or en.
func Lint(lang, text string) []Slip {
	var out []Slip
	for _, r := range glossary[lang] {
		if m := r.found.FindStringSubmatch(text); m != nil {
			out = append(out, Slip{m[1], r.use})
		}
	}
	return out
}
