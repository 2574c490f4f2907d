package office_test

import (
	"strings"
	"testing"

	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestCredit: finance takes an invoice back, hands the credit note on as a file,
// and finds the case among what is to be invoiced.
func TestCredit(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Finance)
	id := c.Case(showcase.InvoiceIssued)
	p := b.Get("/cases/"+id+"/invoice").Is(t, 200).Has(t, id+"-F1", "Är fakturan fel?")
	b.Send(p, "/invoice/credit", nil).Is(t, 422).Has(t, "Skriv varför", "Välj vad som händer sedan")
	b.Send(p, "/invoice/credit", webtest.Values{"reason": "Fel timmar.", "then": "again"}).Is(t, 200).Has(t, "Kreditnotan är utfärdad", id+"-K1", "Fel timmar.")
	x := b.Get("/cases/"+id+"/invoice/credit/1/xml").Is(t, 200)
	for _, want := range []string{"<CreditNote", id + "-K1", "<cbc:ID>" + id + "-F1", "Fel timmar."} {
		if !strings.Contains(x.HTML, want) {
			t.Errorf("the credit note has no %s", want)
		}
	}
	for _, no := range []string{"0", "2", "x"} {
		if got := b.Get("/cases/" + id + "/invoice/credit/" + no + "/xml"); got.Status == 200 {
			t.Errorf("credit note %s is there", no)
		}
	}
	if s := c.State(id); s.Invoice != nil || len(s.Credits) != 1 {
		t.Errorf("%+v", s.Credits)
	}
	other := c.Case(showcase.CreditIssued)
	b.Get("/cases/"+other+"/invoice").Is(t, 200).Has(t, other+"-K1", "Timmarna för uttaget var fel.")
	c.As(showcase.Handler).Get("/cases/"+other+"/invoice").Is(t, 200).Lacks(t, "Är fakturan fel?")
}
