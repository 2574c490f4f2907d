package order_test

import (
	"strings"
	"testing"

	"sluss/internal/day"
	"sluss/internal/order"
)

// TestToldInWords: the history that everybody reads has no names out of the
// program in it.
func TestToldInWords(t *testing.T) {
	t.Parallel()
	due := day.MustParse("2026-12-04")
	for _, x := range []struct {
		event  order.Event
		sv, en string
	}{
		{
			&order.SupplementRequested{Parts: []string{"population.size", "data[1].from"}, Due: due},
			"Komplettering begärdes: Högsta antal personer, Uppgifter: från och med. Senast 4 december 2026",
			"A supplement was asked for: Largest number of persons, Data: from. By 4 December 2026",
		},
		{
			&order.Assigned{Role: order.RoleReviewer, To: "petra.lindenau", For: "bo.ek", Until: due},
			"Ärendet fördelades: petra.lindenau, sekretessgranskare, för bo.ek till och med 4 december 2026",
			"The case was assigned: petra.lindenau, reviewer, for bo.ek through 4 December 2026",
		},
		{&order.HoursLogged{Kind: "extraction", Centis: 125}, "Arbetstid noterades: 1,25 tim, uttag", "Hours were noted: 1.25 h, extraction"},
		{&order.Completed{On: due}, "Beställningen är fullständig: sedan 4 december 2026", "The order is complete: since 4 December 2026"},
	} {
		got := order.Tell(order.Entry{Event: x.event}).What
		got.SV, got.EN = strings.ReplaceAll(got.SV, "\u00a0", " "), strings.ReplaceAll(got.EN, "\u00a0", " ")
		if got.SV != x.sv || got.EN != x.en {
			t.Errorf("%T is told as\n%s\n%s\nwant\n%s\n%s", x.event, got.SV, got.EN, x.sv, x.en)
		}
	}
}
