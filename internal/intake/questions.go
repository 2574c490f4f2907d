package intake

import (
	_ "embed" // for the texts of the questions
	"encoding/json"
	"regexp"
	"strings"
	"sync"

	"sluss/internal/catalog"
)

//go:embed questions.json
var questionTexts []byte

// Questions returns the text of every question by its id, with [] for every
// place in a list. The map is the reader's to keep but not to change.
var Questions = sync.OnceValue(func() map[string]catalog.Text {
	var out map[string]catalog.Text
	if err := json.Unmarshal(questionTexts, &out); err != nil {
		panic("intake: questions.json: " + err.Error())
	}
	return out
})

var placeInList = regexp.MustCompile(`\[\d+\]`)

// Label returns the text of the question with the given id, such as
// data[0].from. Fields of problems that name an item of the coverage matrix,
// ethics.coverage.benefit:SJP, have the item's. ok is false for an id that no
// form asks.
func Label(field string) (text catalog.Text, ok bool) {
	id := placeInList.ReplaceAllString(field, "[]")
	if rest, found := strings.CutPrefix(id, "ethics.coverage."); found {
		item, part, _ := strings.Cut(rest, ".")
		id = "ethics.coverage[]"
		if part != "" {
			id += "." + part
		}
		if t, known := Questions()[id]; known {
			n := itemName(item)
			return catalog.Text{SV: t.SV + " (" + n.SV + ")", EN: t.EN + " (" + n.EN + ")"}, true
		}
	}
	text, ok = Questions()[id]
	if !ok {
		text, ok = Questions()[id+"[]"]
	}
	return text, ok
}

// itemName names an item without the catalogue: a benefit by its code.
func itemName(item string) catalog.Text {
	if n, ok := itemNames[item]; ok {
		return n
	}
	if c, ok := strings.CutPrefix(item, CoverCategory); ok {
		return categoryNames[c]
	}
	code := strings.TrimPrefix(item, CoverBenefit)
	return catalog.Text{SV: code, EN: code}
}
