package wording

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/lix"
	"sluss/internal/swede"
)

// Limits of a replacement.
const (
	// longest a text may be: three times its original, but a label may always
	// become a short sentence.
	timesLonger = 3
	alwaysRoom  = 120 // characters
	// LongSentence is how many words a sentence has at most.
	LongSentence = 25
	// fewWords: shorter texts have no LIX worth the name.
	fewWords = 8
	// maxReason bounds the reason, in characters.
	maxReason = 500
)

// placeholder is where a page puts something in: %s, %d, {day}.
var placeholder = regexp.MustCompile(`%[a-z]|\{[a-z_]+\}`)

// markup is what would be read as something else than text.
var markup = regexp.MustCompile(`<[^>]*>?|>|&[a-zA-Z#0-9]+;|\{\{|\}\}|\*\*|__|` + "`" + `|\[[^\]]*\]\(`)

// Check says everything that keeps a replacement from being used, each at the
// field that it is about: sv or en, or key. Nothing: it may be used.
func (b *Book) Check(key string, t catalog.Text) []*fault.Fault {
	o, ok := b.Of(key)
	if !ok {
		return []*fault.Fault{fault.New("text.unknown", "Det finns ingen text med den nyckeln.", "There is no text with that key.").
			At(fault.Where{Column: "key"}).Do("Sök efter texten och välj den ur listan.", "Search for the text and choose it from the list.")}
	}
	if why, locked := Locked(o); locked {
		return []*fault.Fault{fault.New("text.locked", "Texten kan inte ändras här. "+why.SV, "The text cannot be changed here. "+why.EN).
			At(fault.Where{Column: "key"}).Do("Den ändras i programmet, där två personer läser den.", "It is changed in the program, where two people read it.")}
	}
	out := checkOne("sv", "svenska", "Swedish", o, o.Text.SV, t.SV)
	return append(out, checkOne("en", "engelska", "English", o, o.Text.EN, t.EN)...)
}

// checkOne looks at one language.
func checkOne(lang, sv, en string, o Original, was, now string) []*fault.Fault {
	var out []*fault.Fault
	bad := func(code, svText, enText, doSV, doEN string) {
		out = append(out, fault.New("text."+code, svText+" ("+sv+").", enText+" ("+en+").").At(fault.Where{Column: lang}).Do(doSV, doEN))
	}
	if strings.TrimSpace(now) == "" {
		bad("empty", "Texten är tom", "The text is empty", "Skriv båda språken. Vill du ha den tidigare texten väljer du att gå tillbaka.", "Write both languages. If you want the earlier text, choose to go back.")
		return out
	}
	if x, y := Placeholders(was), Placeholders(now); !slices.Equal(x, y) {
		bad("placeholder", "Det som sidan fyller i är inte detsamma som i originalet", "What the page fills in is not the same as in the original",
			"Ha med "+list(x, "inget")+", i den ordningen.", "Have "+list(x, "nothing")+", in that order.")
	}
	if m := foreign(was, now); m != "" {
		bad("markup", "Tecknen "+m+" hör inte hemma i texten", "The characters "+m+" do not belong in the text", "Skriv vanlig text. Sidan ger den sitt utseende.", "Write plain text. The page gives it its looks.")
	}
	if swede.Contains(now) {
		bad("identity", "Något i texten ser ut som ett personnummer", "Something in the text looks like a personal identity number", "Ta bort det.", "Take it out.")
	}
	if n, most := utf8.RuneCountInString(now), max(alwaysRoom, timesLonger*utf8.RuneCountInString(was)); n > most {
		bad("long", fmt.Sprintf("Texten har %d tecken och får inte plats", n), fmt.Sprintf("The text has %d characters and has no room", n),
			fmt.Sprintf("Korta den till högst %d tecken.", most), fmt.Sprintf("Shorten it to at most %d characters.", most))
	}
	for _, s := range lix.LongSentences(now, LongSentence) {
		bad("sentence", fmt.Sprintf("En mening har mer än %d ord: %s …", LongSentence, begin(s)), fmt.Sprintf("A sentence has more than %d words: %s …", LongSentence, begin(s)), "Dela meningen.", "Split the sentence.")
	}
	if lang == "sv" {
		if is, bound := hardness(o, was, now); is > bound {
			bad("hard", fmt.Sprintf("Texten är för svår att läsa: LIX %.0f, högst %.0f", is, bound), fmt.Sprintf("The text is too hard to read: LIX %.0f, at most %.0f", is, bound),
				"Skriv kortare meningar och kortare ord.", "Write shorter sentences and shorter words.")
		}
	}
	for _, s := range Lint(lang, now) {
		bad("word", "Ordlistan har ett annat ord än "+s.Found, "The glossary has another word than "+s.Found, "Skriv "+s.Use.SV+".", "Write "+s.Use.EN+".")
	}
	return out
}

// hardness is how hard the text is to read, and the bound of its kind. Labels
// without a sentence and texts of a few words are not measured (one long word in
// three says nothing), and a text may be as hard as the one that it replaces: a
// single sentence about the law has long words.
func hardness(o Original, was, now string) (is, bound float64) {
	s := lix.Of(now)
	if !strings.ContainsAny(now, ".?!") || s.Words < fewWords {
		return 0, o.Bound
	}
	return s.LIX(), max(o.Bound, lix.Of(was).LIX())
}

// Placeholders are what a page fills in of a text, in order.
func Placeholders(s string) []string { return placeholder.FindAllString(s, -1) }

func list(s []string, none string) string {
	if len(s) == 0 {
		return none
	}
	return strings.Join(s, ", ")
}

// foreign is what in a replacement would be read as markup, or cannot be read at
// all, and does not stand in the original; "" when nothing is.
func foreign(was, now string) string {
	for _, m := range markup.FindAllString(now, -1) {
		if !strings.Contains(was, m) {
			return begin(m)
		}
	}
	for _, r := range now {
		if (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError) && !strings.ContainsRune(was, r) {
			return fmt.Sprintf("U+%04X", r)
		}
	}
	if loosePercent(now) {
		return "%"
	}
	return ""
}

// loosePercent reports whether a text with placeholders has a per cent sign of
// its own, which the page would take for another.
func loosePercent(s string) bool {
	if !strings.Contains(s, "%") || !verb.MatchString(s) {
		return false
	}
	return strings.Contains(strings.ReplaceAll(verb.ReplaceAllString(s, ""), "%%", ""), "%")
}

var verb = regexp.MustCompile(`%[a-z]`)

// begin is the beginning of what a fault names.
func begin(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), 40)])
}

// Fits gives a replacement the space around the original: what is put together
// of several texts stays apart.
func Fits(was, now string) string {
	core := strings.TrimSpace(was)
	if core == "" {
		return now
	}
	before, after, _ := strings.Cut(was, core)
	return before + strings.TrimSpace(now) + after
}

// CheckChange looks at what goes with a replacement: reason and days.
func CheckChange(r Revision, today day.Day) []*fault.Fault {
	var out []*fault.Fault
	bad := func(column, sv, en, doSV, doEN string) {
		out = append(out, fault.New("text."+column, sv, en).At(fault.Where{Column: column}).Do(doSV, doEN))
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(r.Reason)); {
	case n == 0:
		bad("reason", "Skälet saknas.", "The reason is missing.", "Skriv varför texten ändras.", "Write why the text is changed.")
	case n > maxReason || swede.Contains(r.Reason):
		bad("reason", "Skälet är för långt eller innehåller ett personnummer.", "The reason is too long or holds a personal identity number.", "Skriv högst 500 tecken, utan personnummer.", "Write at most 500 characters, without identity numbers.")
	}
	if r.From < today {
		bad("from", "Dagen har redan varit. Det som stod då går inte att ändra.", "The day has been. What stood then cannot be changed.", "Välj i dag eller en senare dag.", "Choose today or a later day.")
	}
	if r.Until != 0 && r.Until < r.From {
		bad("until", "Sista dagen kommer före den första.", "The last day comes before the first.", "Välj en senare dag, eller lämna fältet tomt.", "Choose a later day, or leave the field empty.")
	}
	return out
}
