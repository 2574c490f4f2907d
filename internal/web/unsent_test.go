package web_test

import (
	"net/url"
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/web"
	"sluss/internal/web/webtest"
)

// TestUnsentIsOffered: what has no draft is kept for its writer while it is
// written, offered when the page is opened again, continued with all its fields,
// thrown away, and gone when it has been sent. Nobody else sees it.
func TestUnsentIsOffered(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	for _, x := range []struct {
		who       string
		situation showcase.Situation
		at        string
		typed     webtest.Values
		as        []order.Role
	}{
		{showcase.Handler, showcase.Soon, "price", webtest.Values{"form": "actual", "hours_extraction": "17,5", "terms": "Uttag i två omgångar.\nDen andra i mars.", "valid": "inte en dag"}, nil},
		{showcase.Handler, showcase.New, "ask-more", webtest.Values{"text": "Beskriv kontrollerna.", "more": "data\npopulation"}, nil},
		{showcase.Reviewer, showcase.ToReview, "worksheet", webtest.Values{"finding-purpose": "Framgår av ansökan, sidan 3.", "holds-purpose": "yes"}, []order.Role{order.RoleReviewer}},
		{showcase.Orderer, showcase.WaitingForOrderer, "supplement", nil, nil},
		{showcase.Handler, showcase.New, "act/note", webtest.Values{"note": "Ring dem på måndag."}, nil},
	} {
		at := "/cases/" + c.Case(x.situation) + "/" + x.at
		b := c.As(x.who, x.as...)
		p := b.Get(at).Is(t, 200)
		if x.typed == nil {
			x.typed = webtest.Values{}
			for _, name := range p.Fields("/" + x.at) {
				if kind := p.Kind("/"+x.at, name); kind == "textarea" || kind == "text" {
					x.typed[name] = "Nyss skrivet i " + name
				}
			}
		}
		if len(x.typed) == 0 {
			t.Fatalf("%s has nothing to write in", at)
		}
		if status, line := b.Save(p, "/"+x.at, x.typed); status != 200 || !strings.HasPrefix(line, "Sparat 1") {
			t.Fatalf("%s: %d %q", at, status, line)
		}
		p = b.Get(at).Is(t, 200).Has(t, "Du har en osparad text från 1", "Fortsätt", "Släng")
		for name, want := range x.typed {
			if p.Field("/"+x.at, name) == want {
				t.Errorf("%s: %s holds what has only been offered", at, name)
			}
		}
		p = b.Get(at+"?unsent="+url.QueryEscape(at)).Is(t, 200).Has(t, "I fälten står det du skrev")
		for name, want := range x.typed {
			if got := p.Field("/"+x.at, name); strings.ReplaceAll(got, "\r", "") != want {
				t.Errorf("%s: %s holds %q, want %q", at, name, got, want)
			}
		}
		if other := c.As(showcase.OtherHandler); x.who == showcase.Handler {
			other.Get(at).Lacks(t, "osparad text")
		}
		b.Send(p, "/unsent/throw", nil).Is(t, 200).Has(t, "Den osparade texten är borta")
		b.Get(at).Lacks(t, "osparad text")
	}
}

// TestUnsentGoesWhenSent: a form that has been sent offers nothing again.
func TestUnsentGoesWhenSent(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	b, at := c.As(showcase.Handler), "/cases/"+c.Case(showcase.Soon)+"/price"
	p := b.Get(at)
	typed := webtest.Values{"form": "fixed", "hours_extraction": "14", "vat": "standard_25", "vat_reason": "Ställningstagande.", "terms": "Ett uttag.", "terms_en": "One extraction."}
	b.Save(p, "/price", typed)
	p = b.Get(at + "?unsent=" + url.QueryEscape(at))
	p = b.Send(p, "/price", nil).Is(t, 200) // the preview sends nothing yet
	if got := b.Get(at); !strings.Contains(got.HTML, "osparad text") {
		t.Error("the preview threw the text away")
	}
	b.Send(p, "/price/send", nil).Is(t, 200)
	b.Get(at).Lacks(t, "osparad text")
}

// TestOldLoginLosesNothing: a decision that is sent with an old login is not
// carried out; after the new login its page comes back with the fields filled.
func TestOldLoginLosesNothing(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	id := c.Case(showcase.ToDecide)
	b, at := c.As(showcase.Decider, order.RoleDecider), "/cases/"+id+"/decide"
	for _, action := range []string{"/decide", "/decide/look"} {
		p := b.Get(at).Is(t, 200)
		b.GrowOld()
		p = b.Send(p, action, webtest.Values{"reasons": "Skäl som är skrivna " + action, "deliveries": "3", "retention": "inte ett tal"})
		if p.Path != "/login" {
			t.Fatalf("%s: sent to %s", action, p.Path)
		}
		login, err := url.Parse(p.Header.Get("Location"))
		if err != nil || login.Query().Get("why") != "fresh" {
			t.Fatalf("%v %v", login, err)
		}
		if c.State(id).Decision != nil {
			t.Fatal("an old login decided")
		}
		b.Renew()
		next := login.Query().Get("next")
		if !strings.HasPrefix(next, at+"?") {
			t.Fatalf("%s: back to %s", action, next)
		}
		p = b.Get(next).Is(t, 200).Has(t, "I fälten står det du skrev", "Skäl som är skrivna "+action)
		for name, want := range map[string]string{"reasons": "Skäl som är skrivna " + action, "deliveries": "3", "retention": "inte ett tal"} {
			if got := p.Field("/decide", name); got != want {
				t.Errorf("%s: %s holds %q, want %q", action, name, got, want)
			}
		}
	}
}

// TestLoggedOutLosesNothing: a form that is sent when the login has run out is
// not carried out; the answer holds all of it, and sends it once somebody has
// logged in again. A button with nothing typed leads to the login.
func TestLoggedOutLosesNothing(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	id := c.Case(showcase.ToDecide)
	b, at := c.As(showcase.Decider, order.RoleDecider), "/cases/"+id+"/decide"
	p := b.Get(at).Is(t, 200)
	nobody := c.As("")
	typed := "Skäl med <b>tecken</b> & radbyte"
	p = nobody.Send(p, "/decide", webtest.Values{"reasons": typed}).Is(t, 401).Has(t, "Du är utloggad", "Skicka igen", "Skäl med <b>tecken</b>")
	if c.State(id).Decision != nil {
		t.Fatal("nobody decided")
	}
	if got := p.Field("/decide", "reasons"); got != typed {
		t.Errorf("the reasons are %q", got)
	}
	again := b.Send(p, "/decide", nil)
	if again.Status == 401 || again.Path == "/login" {
		t.Errorf("after the login: %d at %s", again.Status, again.Path)
	}
	if d := c.State(id).Decision; d != nil && d.Reasons.SV != typed {
		t.Errorf("decided with %q", d.Reasons.SV)
	} else if d == nil {
		again.Is(t, 422).Has(t, "Skäl med <b>tecken</b>") // what was sent is on the page, to be read as it is now
	}
}

// TestSavedByNobody: a form that is saved by somebody who is logged out is not
// kept, and is told so.
func TestSavedByNobody(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, web.Rooms)
	p := c.As(showcase.Handler).Get("/cases/" + c.Case(showcase.Soon) + "/price")
	if status, line := c.As("").Save(p, "/price", webtest.Values{"terms": "Ord"}); status != 401 || !strings.Contains(line, "utloggad") {
		t.Errorf("%d %q", status, line)
	}
}
