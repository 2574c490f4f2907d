package quote

import (
	"fmt"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/swede"
)

// kinds lists the kinds of hours in the order they are shown.
var kinds = []string{Dialogue, Review, Extraction}

// KindName is how a kind of hours is called.
func KindName(kind string) catalog.Text {
	switch kind {
	case Dialogue:
		return catalog.Text{SV: "dialog", EN: "dialogue"}
	case Review:
		return catalog.Text{SV: "sekretessprövning", EN: "confidentiality review"}
	case Extraction:
		return catalog.Text{SV: "uttag", EN: "extraction"}
	}
	return catalog.Text{SV: kind, EN: kind}
}

// formName is how a form of agreement is called.
func formName(form string) catalog.Text {
	switch form {
	case FormFixed:
		return catalog.Text{SV: "fast pris", EN: "fixed price"}
	case FormCeiling:
		return catalog.Text{SV: "löpande med tak", EN: "hours worked up to a ceiling"}
	case FormActual:
		return catalog.Text{SV: "löpande", EN: "hours worked"}
	}
	return catalog.Text{SV: form, EN: form}
}

func vatName(vat string) catalog.Text {
	switch vat {
	case VATStandard:
		return catalog.Text{SV: "25 % moms", EN: "25% VAT"}
	case VATOutside:
		return catalog.Text{SV: "utanför momsens område", EN: "outside the scope of VAT"}
	}
	return catalog.Text{SV: vat, EN: vat}
}

// Centis writes hundredths of an hour in "sv" ("16 tim", "0,25 tim") or English
// ("16 h", "0.25 h").
func Centis(n int64, lang string) string {
	point, unit := ".", "h"
	if lang == "sv" {
		point, unit = ",", "tim"
	}
	sign, u := "", n
	if n < 0 {
		sign, u = "\u2212", -n
	}
	text := fmt.Sprintf("%s%d", sign, u/100)
	if rest := u % 100; rest != 0 {
		text += point + strings.TrimRight(fmt.Sprintf("%02d", rest), "0")
	}
	return text + "\u00a0" + unit
}

// Change is one visible difference between two quotes.
type Change struct {
	Field string // the quote's JSON name; of hours hours.<kind>
	SV    string
	EN    string
}

// Diff tells a reader what b changes in a: form, hours of each kind, price, VAT,
// sums, ground for no fee, description and last day of acceptance. Two lines of
// the same kind are compared by their sum. Number, date and the like, which
// differ between any two versions, are not told. Equal quotes give nothing.
func Diff(a, b Quote) []Change {
	var out []Change
	add := func(field string, name, from, to catalog.Text) {
		if from != to {
			out = append(out, Change{
				field,
				fmt.Sprintf("%s: från %s till %s.", name.SV, or(from.SV, "inget"), or(to.SV, "inget")),
				fmt.Sprintf("%s: from %s to %s.", name.EN, or(from.EN, "none"), or(to.EN, "none")),
			})
		}
	}
	money := func(ore int64) catalog.Text {
		return catalog.Text{SV: swede.Ore(ore).Text("sv"), EN: swede.Ore(ore).Text("en")}
	}
	plain := func(s string) catalog.Text { return catalog.Text{SV: s, EN: s} }

	add("form", catalog.Text{SV: "Avtalsform", EN: "Form of agreement"}, formName(a.Form), formName(b.Form))
	before, after := hoursOf(a.Lines), hoursOf(b.Lines)
	for _, k := range kinds {
		name := KindName(k)
		add("hours."+k, catalog.Text{SV: "Timmar, " + name.SV, EN: "Hours, " + name.EN}, hoursText(before[k]), hoursText(after[k]))
	}
	add("hour_ore", catalog.Text{SV: "Timpris", EN: "Price per hour"}, money(a.HourOre), money(b.HourOre))
	add("basis", catalog.Text{SV: "Avgiftens grund", EN: "Fee basis"}, plain(a.Basis), plain(b.Basis))
	add("net_ore", catalog.Text{SV: "Summa utan moms", EN: "Sum without VAT"}, money(a.NetOre), money(b.NetOre))
	add("vat", catalog.Text{SV: "Moms", EN: "VAT"}, vatName(a.VAT), vatName(b.VAT))
	add("vat_reason", catalog.Text{SV: "Skäl för momsens behandling", EN: "Reason for the VAT treatment"}, plain(a.VATReason), plain(b.VATReason))
	add("gross_ore", catalog.Text{SV: "Att betala", EN: "To pay"}, money(a.GrossOre), money(b.GrossOre))
	add("no_fee", catalog.Text{SV: "Grund för att ingen avgift tas ut", EN: "Ground for taking no fee"}, plain(ground(a)), plain(ground(b)))
	add("text", catalog.Text{SV: "Beskrivning", EN: "Description"}, quoted(a.Text), quoted(b.Text))
	add("valid_to", catalog.Text{SV: "Gäller till och med", EN: "Valid until"}, plain(a.ValidTo.String()), plain(b.ValidTo.String()))
	add("scope", catalog.Text{SV: "Beslutad omfattning", EN: "Decided scope"}, plain(string(a.Scope)), plain(string(b.Scope)))
	return out
}

func hoursOf(lines []Line) map[string]int64 {
	out := map[string]int64{}
	for _, l := range lines {
		out[l.Kind] += l.Centis
	}
	return out
}

func hoursText(n int64) catalog.Text {
	return catalog.Text{SV: Centis(n, "sv"), EN: Centis(n, "en")}
}

func ground(q Quote) string {
	if q.NoFee == nil {
		return ""
	}
	return q.NoFee.Ground
}

// quoted compares both languages, so that a change in one of them shows in
// both.
func quoted(t catalog.Text) catalog.Text {
	if t == (catalog.Text{}) {
		return t
	}
	return catalog.Text{SV: "”" + t.SV + "”", EN: "“" + t.EN + "”"}
}

func or(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}
