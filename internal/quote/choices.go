package quote

import (
	"fmt"
	"strings"

	"sluss/internal/catalog"
)

// Choice is something in an order that could be left out, and what the case
// would be like then.
type Choice struct {
	Name    catalog.Text // as "utan tabellen …"
	Without Features
}

// Saving is what a choice costs: the estimate made again without it.
type Saving struct {
	Choice
	// Centis is how much less half of the cases like the one without it take, in
	// whole quarters of an hour; 0: no less.
	Centis int64
	Rule   catalog.Text // what the estimate counts on instead of what
}

// Savings makes the estimate again without each choice. It tells nothing (nil)
// where the estimate does not rest on finished cases: the published span is the
// same for every order. estimate is [Estimate] with the finished cases.
func Savings(estimate func(Features) Interval, f Features, choices []Choice) []Saving {
	whole := estimate(f)
	if whole.Basis != FromSimilar {
		return nil
	}
	var out []Saving
	for _, c := range choices {
		s := Saving{Choice: c, Rule: differs(f, c.Without)}
		if v := estimate(c.Without); v.Basis == FromSimilar {
			s.Centis = max(0, whole.Middle-v.Middle)
		}
		out = append(out, s)
	}
	return out
}

// counted are the features as the estimate weighs them, in words.
func counted(f Features) (out []catalog.Text) {
	n := func(k int, one, many, oneEN, manyEN string) {
		if k > 0 {
			sv, en := many, manyEN
			if k == 1 {
				sv, en = one, oneEN
			}
			out = append(out, catalog.Text{SV: fmt.Sprintf("%d %s", k, sv), EN: fmt.Sprintf("%d %s", k, en)})
		}
	}
	yes := func(is bool, sv, en string) {
		if is {
			out = append(out, catalog.Text{SV: sv, EN: en})
		}
	}
	n(f.Registers, "register", "register", "register", "registers")
	n(f.Tables, "tabell", "tabeller", "table", "tables")
	n(f.Variables, "variabel", "variabler", "variable", "variables")
	n(f.Persons, "person", "personer", "person", "persons")
	n(f.Deliveries, "leverans", "leveranser", "delivery", "deliveries")
	yes(f.FromFile, "en populationsfil", "a population file")
	yes(f.Sensitive, "känsliga personuppgifter", "special category data")
	yes(f.Linked, "samkörning med andras data", "linkage with data of others")
	yes(f.Renewed, "ett tidigare uttag görs om", "an earlier extract made again")
	return out
}

// Counted is what the estimate of a case counts on, in words.
func Counted(f Features) catalog.Text {
	var sv, en []string
	for _, t := range counted(f) {
		sv, en = append(sv, t.SV), append(en, t.EN)
	}
	return catalog.Text{SV: strings.Join(sv, ", "), EN: strings.Join(en, ", ")}
}

// differs says what the estimate counts on instead, as far as it differs.
func differs(is, without Features) catalog.Text {
	has := func(all []catalog.Text, t catalog.Text) bool {
		for _, x := range all {
			if x == t {
				return true
			}
		}
		return false
	}
	a, b := counted(is), counted(without)
	var was, now catalog.Text
	add := func(to *catalog.Text, t catalog.Text) {
		if to.SV != "" {
			to.SV, to.EN = to.SV+", ", to.EN+", "
		}
		to.SV, to.EN = to.SV+t.SV, to.EN+t.EN
	}
	for _, t := range b {
		if !has(a, t) {
			add(&now, t)
		}
	}
	for _, t := range a {
		if !has(b, t) {
			add(&was, t)
		}
	}
	switch {
	case was.SV == "" && now.SV == "":
		return catalog.Text{SV: "Beräkningen räknar på samma sak.", EN: "The estimate counts on the same."}
	case now.SV == "":
		return catalog.Text{SV: "Räknat utan: " + was.SV + ".", EN: "Counted without: " + was.EN + "."}
	}
	return catalog.Text{SV: "Räknat på " + now.SV + " i stället för " + was.SV + ".", EN: "Counted on " + now.EN + " instead of " + was.EN + "."}
}
