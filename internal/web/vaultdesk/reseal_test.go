package vaultdesk_test

import (
	"testing"

	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestSealedAgain: the releaser who neither compared the key nor extracted seals
// the delivery to it; the others read why not.
func TestSealedAgain(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.KeyLost)
	s := c.State(id)
	c.As(showcase.Statistician).Get("/cases/"+id+"/reseal").Is(t, 200).Has(t, s.RecipientKey.Fingerprint, order.KeyFingerprint(s.RecipientNow()), "En annan person")
	c.As(showcase.Orderer).Get("/cases/"+id+"/reseal").Is(t, 403)
	b := c.As(showcase.Releaser)
	b.Get("/cases/"+id).Is(t, 200).Has(t, "Försegla till mottagarens nya nyckel")
	p := b.Get("/cases/"+id+"/reseal").Is(t, 200).Has(t, "Samma filer, samma mottagare")
	b.Send(p, "/reseal", webtest.Values{"shown": "0"}).Is(t, 422)
	b.Send(p, "/reseal", webtest.Values{}).Is(t, 200).Has(t, "Valvet förseglar")
	now := c.State(id)
	if now.Resealing == nil || now.Resealing.Key != s.RecipientKey.Key || now.ResealedBy != showcase.Releaser {
		t.Fatalf("%+v", now.Resealing)
	}
	b.Get("/cases/"+id+"/reseal").Is(t, 200).Has(t, "Godkänt")
}
