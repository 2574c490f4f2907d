package desk_test

import (
	"testing"

	"sluss/internal/showcase"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
)

// TestRecall: a delivery is recalled, looked into and made again, by small forms
// on the case's page.
func TestRecall(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.Recalled)
	b := c.As(showcase.Handler)
	b.Get("/cases/"+id).Is(t, 200).Has(t, "Utred den återkallade leveransen")
	by := page.LongDay("sv", c.State(id).OpenIncident().ReportBy)
	p := b.Get("/cases/"+id+"/act/incident").Is(t, 200).Has(t, "anmäld senast "+by)
	p = b.Send(p, "/act/incident", webtest.Values{"incident_outcome": "destroyed", "incident_then": "replace"}).Is(t, 422)
	b.Send(p, "/act/incident", webtest.Values{"incident_outcome": "destroyed", "incident_then": "resume", "incident_text": "Ingen har läst filerna."}).Is(t, 422).Has(t, "bara om inget var fel")
	b.Send(p, "/act/incident", webtest.Values{"incident_outcome": "destroyed", "incident_then": "replace", "incident_text": "Ingen har läst filerna."}).Is(t, 200)
	if s := c.State(id); s.OpenIncident() != nil || !s.Replacing || !s.Recalled {
		t.Errorf("settled: %+v", s.Incidents)
	}
	id = c.Case(showcase.ToReceive)
	p = b.Get("/cases/"+id+"/act/recall").Is(t, 200).Has(t, "72 timmar")
	b.Send(p, "/act/recall", webtest.Values{"recall_kind": "lost", "recall_text": "Mottagarens dator är borta."}).Is(t, 200)
	if s := c.State(id); s.OpenIncident() == nil || s.Fetchable() == nil {
		t.Error("not recalled")
	}
}
