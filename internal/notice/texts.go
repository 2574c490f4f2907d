package notice

import (
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/lix"
	"sluss/internal/order"
	"sluss/internal/wording"
)

// Say is how the authority says a text of mail in its own words; nil, and
// false, leave it as it stands here.
type Say func(key string) (catalog.Text, bool)

// around are the texts around what has happened. What stands in braces is
// filled in.
var around = []struct {
	key   string
	text  catalog.Text
	place catalog.Text
}{
	{"mail.subject_case", catalog.Text{SV: "ärende {case}", EN: "case {case}"}, subject},
	{"mail.subject_cases", catalog.Text{SV: "nytt i dina ärenden", EN: "news in your cases"}, subject},
	{"mail.line", catalog.Text{SV: "Ärende {case}: {what}", EN: "Case {case}: {what}"}, everyMail},
	{"mail.attached", catalog.Text{SV: "Breven ligger här som filer.", EN: "The letters are attached as files."}, everyMail},
	{"mail.read", catalog.Text{SV: "Läs mer när du har loggat in:", EN: "Read more when you have logged in:"}, everyMail},
	{"mail.no_numbers", catalog.Text{SV: "Skicka inga personnummer i e-post.", EN: "Send no identity numbers by mail."}, everyMail},
}

var (
	subject   = catalog.Text{SV: "All e-post, ämnesraden", EN: "All mail, the subject"}
	everyMail = catalog.Text{SV: "All e-post", EN: "All mail"}
)

// text is a text of mail as it is said in a language.
func (s Say) text(key, lang string) string {
	was := original(key).In(lang)
	if s != nil {
		if own, ok := s(key); ok {
			return wording.Fits(was, own.In(lang))
		}
	}
	return was
}

func original(key string) catalog.Text {
	for _, x := range around {
		if x.key == key {
			return x.text
		}
	}
	for _, l := range Table {
		if l.key() == key {
			return l.Text
		}
	}
	return catalog.Text{}
}

// fill puts values in the place of what stands in braces.
func fill(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }

// Originals are the texts of mail, for those who may say them otherwise.
func Originals() []wording.Original {
	var out []wording.Original
	for _, x := range around {
		out = append(out, wording.Original{Key: x.key, Text: x.text, Place: x.place, Bound: lix.Orderer})
	}
	for _, l := range Table {
		what := order.Headline(l.Event)
		place := catalog.Text{SV: "E-post: " + what.SV, EN: "Mail: " + what.EN}
		if l.officers() {
			place = catalog.Text{SV: "E-post till dataskyddsombudet: " + what.SV, EN: "Mail to the data protection officer: " + what.EN}
		}
		out = append(out, wording.Original{Key: l.key(), Text: l.Text, Bound: lix.Orderer, Place: place})
	}
	return out
}
