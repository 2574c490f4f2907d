package rulings_test

import (
	"slices"
	"strings"
	"testing"

	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestWindowsOfTheDecision: whole spells are let out where the decision maker
// says so.
func TestWindowsOfTheDecision(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case("to_decide")
	b := c.As(showcase.Decider)
	p := b.Get("/cases/"+id+"/decide").Is(t, 200)
	table := ""
	for _, name := range p.Fields("/decide") {
		if rest, ok := strings.CutPrefix(name, "reveal."); ok && table == "" {
			table = rest
		}
	}
	if table == "" {
		t.Fatalf("no table with spells among %v", p.Fields("/decide"))
	}
	if slices.Contains(p.Fields("/decide"), "around."+table) {
		t.Error("a period around a date that nobody in the population has")
	}
	p = b.Send(p, "decide/look", webtest.Values{"reveal." + table: "yes"}).Is(t, 200).Has(t, "hela fall, också utanför perioden")
	b.Send(p, "/decide", webtest.Values{}).Is(t, 200)
	row, ok := c.State(id).Decision.Scope.RowFor(table)
	if !ok || !row.Reveal || row.Around != nil {
		t.Errorf("decided: %+v", row)
	}
}

// TestLookingChangesNothing: a decision that is only looked at leaves the case
// as it is; the counter of the tests compares it in the end.
func TestLookingChangesNothing(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Decider)
	p := b.Get("/cases/" + c.Case("to_decide") + "/decide")
	for _, name := range p.Fields("/decide") {
		if strings.HasPrefix(name, "reveal.") {
			b.Send(p, "decide/look", webtest.Values{name: "yes"}).Is(t, 200)
		}
	}
	b.Send(p, "decide/look", webtest.Values{"outcome": "refuse"}).Is(t, 200)
}
