package letter

import (
	"embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/lix"
	"sluss/internal/wording"
)

//go:embed texts/*.json
var files embed.FS

// texts are the texts of letters by key, letter.<part>_<what it says>. What
// stands in braces is filled in.
var texts = readTexts()

func readTexts() map[string]catalog.Text {
	in := func(lang string) map[string]string {
		raw, err := files.ReadFile("texts/" + lang + ".json")
		if err != nil {
			panic(err) // embedded
		}
		var m map[string]string
		if err := json.Unmarshal(raw, &m); err != nil {
			panic("letter: texts/" + lang + ".json: " + err.Error())
		}
		return m
	}
	sv, en := in("sv"), in("en")
	out := map[string]catalog.Text{}
	for key, text := range sv {
		out[key] = catalog.Text{SV: text, EN: en[key]}
	}
	return out
}

// places are the parts of letters that texts are named by, as an administrator
// looks for them.
var places = map[string]catalog.Text{
	"common": {SV: "Flera brev", EN: "Several letters"}, "head": {SV: "Alla brev, brevhuvudet", EN: "All letters, the head"}, "contact": {SV: "Alla brev, slutet", EN: "All letters, the end"},
	"receipt": {SV: "Brevet Mottagningsbevis", EN: "The letter of receipt"}, "supplement": {SV: "Brevet Begäran om komplettering", EN: "The request for supplement"},
	"missing": {SV: "Begäran om komplettering och påminnelsen", EN: "The request for supplement and the reminder"}, "reminder": {SV: "Brevet Påminnelse", EN: "The reminder"},
	"draft": {SV: "Brevet Utkast till offert", EN: "The draft quote"}, "offer": {SV: "Brevet Offert", EN: "The quote"}, "priced": {SV: "Offert och utkast till offert, priset", EN: "Quote and draft quote, the price"},
	"decision": {SV: "Brevet Beslut", EN: "The decision"}, "rows": {SV: "Beslutet, raderna", EN: "The decision, its rows"}, "bounds": {SV: "Beslutet, raderna", EN: "The decision, its rows"},
	"variables": {SV: "Beslutet, variablerna", EN: "The decision, its variables"}, "reasons": {SV: "Beslutet, skälen", EN: "The decision, its reasons"}, "conditions": {SV: "Beslutet, villkoren", EN: "The decision, its conditions"},
	"terms": {SV: "Brevet Förbehåll", EN: "The terms of use"}, "call": {SV: "Brevet Avrop", EN: "The call for a population"}, "delivery": {SV: "Brevet Följesedel", EN: "The delivery note"},
	"label": {SV: "Etiketten till ett postat minne", EN: "The label of a posted stick"},
	"delay": {SV: "Brevet Ärendet dröjer", EN: "The delay notice"}, "credit": {SV: "Brevet Kreditnota", EN: "The letter of a credit note"}, "purge": {SV: "Gallringsprotokollet", EN: "The purge protocol"}, "destruction": {SV: "Förstöringsintyget", EN: "The certificate of destruction"},
}

// Originals are the texts of letters, for those who may say them otherwise.
func Originals() []wording.Original {
	var out []wording.Original
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		part, _, _ := strings.Cut(strings.TrimPrefix(key, "letter."), "_")
		bound := float64(lix.Orderer)
		switch part {
		case "decision", "rows", "variables", "reasons", "conditions", "terms":
			bound = lix.Decision
		}
		out = append(out, wording.Original{Key: key, Text: texts[key], Place: places[part], Bound: bound})
	}
	return out
}
