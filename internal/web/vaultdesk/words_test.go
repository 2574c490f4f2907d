package vaultdesk_test

import (
	"testing"

	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestReasonsInWords: why rows were put aside is told in words, in both
// languages.
func TestReasonsInWords(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	page := "/cases/" + c.Case("to_release") + "/release"
	b := c.As(showcase.Releaser)
	b.Get(page).Is(t, 200).Has(t, "belopp utan slutdag").Lacks(t, "open_amount")
	b.Lang = "en"
	b.Get(page+"?lang=en").Has(t, "an amount without a last day").Lacks(t, "open_amount")
}
