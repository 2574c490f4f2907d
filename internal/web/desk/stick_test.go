package desk_test

import (
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestPostedOnAStick: the registrar fetches the parcel, prints the label and
// registers the letter with the fingerprint from the stick; nobody else does.
func TestPostedOnAStick(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	id := c.Case(showcase.ToPost)
	b := c.As(showcase.Registrar)
	b.Get("/desk?whose=all").Is(t, 200).Has(t, "Posta leveransen på ett minne")
	b.Get("/cases/"+id).Is(t, 200).Has(t, "Skriv och posta minnet", "Skriv minnet, läs tillbaka det")
	p := b.Get("/cases/"+id+"/stick").Is(t, 200).Has(t, "sluss stick "+id+".sluss", "Etikett att skriva ut")
	d := c.State(id).Delivery
	if strings.Contains(p.HTML, order.ParcelPrint(d.SHA256)) {
		t.Error("the fingerprint can be copied from the page instead of being read from the stick")
	}
	label := b.Get("/cases/"+id+"/stick/label").Is(t, 200).Has(t, id, order.ParcelPrint(d.SHA256), "Lämna det till myndigheten")
	for _, w := range []string{c.State(id).Application.Orderer.Name, c.State(id).Application.Principal.Name} {
		if strings.Contains(label.HTML, w) {
			t.Errorf("the label names %s", w)
		}
	}
	b.Get("/cases/"+id+"/stick/label.pdf").Is(t, 422) // no Typst here
	if got := b.Get("/cases/"+id+"/stick/parcel").Is(t, 200); !strings.Contains(got.HTML, "age-encryption") || int64(len(got.HTML)) != d.Bytes {
		t.Errorf("the parcel has %d bytes, not %d", len(got.HTML), d.Bytes)
	}
	p = b.Send(p, "/stick", webtest.Values{"tracking": "RR1"}).Is(t, 422).Has(t, "RR1")
	p = b.Send(p, "/stick", webtest.Values{"tracking": "RR1", "parcel_print": "0000-1111-2222-3333"}).Is(t, 422).Has(t, "inte ärendets paket", "0000-1111")
	b.Send(p, "/stick", webtest.Values{"tracking": "rr 9 se", "parcel_print": order.ParcelPrint(d.SHA256)}).Is(t, 200).Has(t, "RR9SE", "På väg", "Inget minne ska postas nu")
	if x := c.State(id).StickUnderway(); x == nil || x.Tracking != "RR9SE" {
		t.Errorf("%+v", c.State(id).Sticks)
	}
	for _, who := range []string{showcase.Handler, showcase.Statistician, showcase.Orderer} {
		for _, path := range []string{"", "/parcel", "/label"} {
			if got := c.As(who).Get("/cases/" + id + "/stick" + path); got.Status == 200 {
				t.Errorf("%s reads stick%s", who, path)
			}
		}
	}
	if got := b.Get("/cases/" + c.Case(showcase.ToReceive) + "/stick/parcel"); got.Status == 200 {
		t.Error("a registrar fetches a parcel that does not go by post")
	}
	h := c.As(showcase.Handler)
	p = h.Get("/cases/"+c.Case(showcase.ToReceive)+"/act/route").Is(t, 200)
	h.Send(p, "/act/route", webtest.Values{"route": "usb", "route_why": "inget nät"}).Is(t, 200)
	if c.State(c.Case(showcase.ToReceive)).Route() != order.RouteUSB {
		t.Error("the route is not chosen")
	}
}

// TestRouteToAnEnvironment: the house chooses a secure environment by its name,
// and another route without one.
func TestRouteToAnEnvironment(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	late := c.Case(showcase.ToEnvironment)
	h := c.As(showcase.Handler)
	sent := h.Get("/cases/"+late+"/act/route").Is(t, 200).Has(t, "Säker analysmiljö, Sjölunda universitet")
	if got := h.Send(sent, "/act/route", webtest.Values{"route": "environment", "environment": "En annan miljö"}); got.Status == 200 || c.State(late).Environment == "En annan miljö" {
		t.Error("a sealed parcel changes its environment")
	}
	id := c.Case(showcase.ToExtract)
	p := h.Get("/cases/"+id+"/act/route").Is(t, 200).Has(t, "En säker bearbetningsmiljö hämtar den")
	p = h.Send(p, "/act/route", webtest.Values{"route": "environment", "environment": " "}).Is(t, 422).Has(t, "Ange den säkra bearbetningsmiljön")
	h.Send(p, "/act/route", webtest.Values{"route": "environment", "environment": "En annan miljö"}).Is(t, 200)
	if s := c.State(id); s.Environment != "En annan miljö" || !s.RouteSettled {
		t.Errorf("%q", s.Environment)
	}
	p = h.Get("/cases/"+id+"/act/route").Is(t, 200)
	h.Send(p, "/act/route", webtest.Values{"route": "fetch", "environment": "En annan miljö"}).Is(t, 200)
	if s := c.State(id); s.Environment != "" || s.Route() != order.RouteFetch {
		t.Errorf("%q %q", s.Route(), s.Environment)
	}
}
