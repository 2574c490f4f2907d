package vaultdesk_test

import (
	"testing"

	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
	"sluss/internal/workorder"
)

// TestStagesOfADrawing: the statistician reads how many were left after each
// step in which the vault drew the population, and that they are about so many.
func TestStagesOfADrawing(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_release")
	st := c.As(showcase.Statistician)
	st.Send(st.Get("/cases/"+id+"/plan"), "/plan/order", webtest.Values{}).Is(t, 200)
	x := files(c.State(id))
	x.Counts = []order.CountLine{
		{Code: "population.register", Count: 10_300_000},
		{Code: "population.any", Count: 12_345},
		{Code: "population.and_2", Count: 400},
		{Code: "population.children", Count: 55},
		{Code: "population.later", Count: 5},
		{Code: "fall.persons", Count: 200},
		{Code: "fall.persons_without_anchor", Count: 50},
	}
	report(t, c, id, workorder.Report{Extracted: x})
	st.Get("/cases/"+id+"/run").Is(t, 200).Has(t,
		"personer i identitetsregistret", "cirka 10\u00a0300\u00a0000", "uppfyller något av de första villkoren", "kvar efter ytterligare villkor 2", "cirka 400", "barn till de utvalda", "later",
		"personer utan indexdatum", "25.0%")
}
