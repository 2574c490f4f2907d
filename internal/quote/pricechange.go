package quote

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sluss/internal/day"
	"sluss/internal/fault"
)

// Limits of what an administrator may set.
const (
	// highestHour is more than an hour can cost: a price above it is a slip of
	// the finger (öre for kronor).
	highestHour = 1_000_000 // öre, VAT excluded
	// planAhead is how far ahead a price may begin.
	planAhead = 3 * 366 // days
	// longestWords bounds basis, source and reason, in characters.
	longestWords = 500
)

// PriceChange is one change of the price list while the counter runs: a price
// from a day on, or that one planned for that day is taken back. What an hour
// costs is never changed for a day that has begun, so a quote can always be
// worked out again from the list.
type PriceChange struct {
	Price            // of a price that is taken back only From is read
	Back   bool      // the price noted for From is taken back
	Reason string    // why, for the log
	By     string    // who noted it
	At     time.Time // when
}

// With is the price list with the changes, oldest first. A price for a day that
// the list has one for takes its place; one that is taken back gives the place
// back. changes are in the order they were noted.
func (l PriceList) With(changes []PriceChange) PriceList {
	noted := map[day.Day]Price{}
	for _, c := range changes {
		if c.Back {
			delete(noted, c.From)
		} else {
			noted[c.From] = c.Price
		}
	}
	out := slices.DeleteFunc(slices.Clone(l), func(p Price) bool { _, ok := noted[p.From]; return ok })
	for _, p := range noted {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Price) int { return cmp.Compare(a.From, b.From) })
	return out
}

// Noted reports whether the price that holds from a day was noted while the
// counter ran, and so can be taken back until that day.
func Noted(changes []PriceChange, from day.Day) bool {
	noted := false
	for _, c := range changes {
		if c.From == from {
			noted = !c.Back
		}
	}
	return noted
}

// CheckChange says everything that keeps a change from being made today, each at
// its field: hour_ore, from, basis, source and reason. l is the list with the
// changes so far, which changes are.
//
// A price names its basis: what an authority takes a fee for, and by whose
// leave, is not its own to say (avgiftsförordningen (1992:191) 3–5 §§).
func (l PriceList) CheckChange(c PriceChange, changes []PriceChange, today day.Day) []*fault.Fault {
	var out []*fault.Fault
	bad := func(code, field, sv, en, doSV, doEN string) {
		out = append(out, fault.New("price."+code, sv, en).At(fault.Where{Column: field}).Do(doSV, doEN))
	}
	switch {
	case c.From <= today:
		bad("from", "from", "Ett pris börjar gälla tidigast i morgon.", "A price holds from tomorrow at the earliest.", "Välj en senare dag. Offerter som redan är lämnade behåller sitt pris.", "Choose a later day. Quotes already made keep their price.")
	case c.From > today+planAhead:
		bad("far", "from", "Dagen ligger mer än tre år bort.", "The day is more than three years away.", "Kontrollera året.", "Check the year.")
	case c.Back && !Noted(changes, c.From):
		bad("not_planned", "from", "Inget pris som är satt här börjar gälla den dagen.", "No price that was set here begins on that day.", "Priser ur myndighetens fil ändras där.", "Prices of the authority's file are changed there.")
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Reason)); n == 0 || n > longestWords {
		bad("reason", "reason", "Skäl saknas, eller är längre än 500 tecken.", "There is no reason, or it is longer than 500 characters.", "Skriv varför priset ändras. Det står i loggen.", "Write why the price is changed. It stands in the log.")
	}
	if c.Back {
		return out
	}
	if c.HourOre <= 0 || c.HourOre > highestHour {
		bad("hour", "hour_ore", "En timme kostar mer än 0 och högst 10 000 kr.", "An hour costs more than SEK 0 and at most SEK 10,000.", "Skriv priset i kronor utan moms, till exempel 850.", "Write the price in kronor without VAT, such as 850.")
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Basis)); n == 0 || n > longestWords {
		bad("basis", "basis", "Det framgår inte vad avgiften stöder sig på.", "It does not say what the fee rests on.", "Skriv bestämmelsen, till exempel avgiftsförordningen (1992:191) 4 §.", "Write the provision, such as avgiftsförordningen (1992:191) 4 §.")
	}
	for _, s := range []struct{ field, text string }{{"source_sv", c.Source.SV}, {"source_en", c.Source.EN}} {
		if n := utf8.RuneCountInString(strings.TrimSpace(s.text)); n == 0 || n > longestWords {
			bad("source", s.field, "Det framgår inte var priset är beslutat, på båda språken.", "It does not say where the price was decided, in both languages.", "Skriv beslutet och dess dag.", "Write the decision and its day.")
		}
	}
	if now, err := l.On(c.From); err == nil && now.HourOre == c.HourOre && now.Basis == c.Basis && now.Source == c.Source {
		bad("same", "hour_ore", "Det priset gäller redan den dagen.", "That price holds on that day already.", "Det finns inget att ändra.", "There is nothing to change.")
	}
	return out
}
