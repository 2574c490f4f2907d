package population

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/swede"
)

// reasons in the order of the report, with a short text each.
var reasons = []struct {
	r      Reason
	sv, en string
}{
	{Format, "fel format", "wrong format"},
	{Century, "fel sekel", "wrong century"},
	{Date, "inget datum", "no such day"},
	{CheckDigit, "fel kontrollsiffra", "wrong check digit"},
	{LopnrConflict, "löpnummer i konflikt", "conflicting löpnummer"},
	{Empty, "tomt", "empty"},
	{UnknownColumn, "värde utan kolumn", "value without a column"},
}

// shownLines is how many line numbers the report prints per reason.
const shownLines = 10

// Text returns a short report for people, in "sv" or, for every other value,
// English. It ends with a line break.
func (r Result) Text(lang string) string {
	var b strings.Builder
	sv := lang == "sv"
	put := func(indent int, nameSV, nameEN string, n int) {
		if sv {
			nameEN = nameSV
		}
		width := 26 - indent
		fmt.Fprintf(&b, "%*s%s%*s%12s", indent, "", nameEN, max(1, width-len([]rune(nameEN))), "", swede.Count(n, lang))
	}
	put(0, "rader utan rubriken", "lines without the header", r.Rows)
	b.WriteByte('\n')
	if r.Organisations > 0 {
		put(0, "godkända organisationer", "accepted organisations", r.Organisations)
		b.WriteByte('\n')
		put(0, "enskilda näringsidkare", "sole traders", r.Accepted-r.Organisations)
	} else {
		put(0, "godkända personer", "accepted persons", r.Accepted)
	}
	b.WriteByte('\n')
	put(0, "dubbletter", "duplicates", r.Duplicates)
	b.WriteByte('\n')
	put(0, "ogiltiga", "invalid", r.Rows-r.Accepted-r.Duplicates)
	b.WriteByte('\n')
	for _, x := range reasons {
		n := r.Invalid[x.r]
		if n == 0 {
			continue
		}
		put(2, x.sv, x.en, n)
		word := "line"
		if sv {
			word = "rad"
		}
		lines := r.Lines[x.r]
		fmt.Fprintf(&b, "   %s %s", word, strings.Trim(strings.ReplaceAll(fmt.Sprint(lines[:min(shownLines, len(lines))]), " ", ", "), "[]"))
		if len(lines) > shownLines {
			b.WriteString(" …")
		}
		b.WriteByte('\n')
	}
	for _, n := range r.Notes(lang) {
		b.WriteString(n)
		b.WriteByte('\n')
	}
	return b.String()
}

// Notes returns what is worth saying besides the counts, one sentence each.
func (r Result) Notes(lang string) []string {
	var out []string
	add := func(sv, en string, args ...any) {
		if lang == "sv" {
			en = sv
		}
		out = append(out, fmt.Sprintf(en, args...))
	}
	if len(r.Passed) > 0 {
		add("Kolumner som inget beslut nämner lästes inte: %s.", "Columns that no decision names were not read: %s.", strings.Join(r.Passed, ", "))
	}
	if len(r.Dropped) > 0 {
		add("Kolumner som beslutet stryker lästes inte: %s.", "Columns that the decision drops were not read: %s.", strings.Join(r.Dropped, ", "))
	}
	if r.Coordination > 0 {
		add("Godkända samordningsnummer: %d.", "Accepted samordningsnummer: %d.", r.Coordination)
	}
	if r.Differing > 0 {
		add("Dubbletter vars övriga kolumner skiljer sig från den godkända raden: %d.", "Duplicates whose further columns differ from the accepted line: %d.", r.Differing)
	}
	if r.SerialNumber > 0 {
		add("Löpnummer som innehåller ett personnummer: %d. En sådan nyckel tas inte emot.", "Löpnummer that hold an identity number: %d. Such a key is not accepted.", r.SerialNumber)
	}
	for _, name := range sorted(r.WrongValues) {
		add("Värden av fel typ i kolumnen %s: %d (räknas som format).", "Values of the wrong type in column %s: %d (counted as format).", swede.Mask(name), r.WrongValues[name])
	}
	for _, name := range sorted(r.BlankValues) {
		add("Godkända rader utan värde i kolumnen %s: %d.", "Accepted lines without a value in column %s: %d.", swede.Mask(name), r.BlankValues[name])
	}
	return out
}

func sorted(m map[string]int) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
