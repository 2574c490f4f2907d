package desk_test

import (
	"context"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/showcase"
	"sluss/internal/web/page"
	"sluss/internal/web/webtest"
)

// TestFetchedMailAtTheDesk: a fetched mail shows its text and files, which are
// downloaded and never shown by the browser; one that is kept apart says why and
// can only be returned.
func TestFetchedMailAtTheDesk(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms, func(a *app.App, _ *page.Site) {
		a.Malware = func(_ context.Context, data []byte) error {
			if strings.Contains(string(data), "skadligt") {
				return fault.New("scan.found", "x", "x")
			}
			return nil
		}
	})
	raw := "From: e@x.example\r\nSubject: En fråga\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\n<b>Hej</b>\r\n--B\r\nContent-Disposition: attachment; filename=plan.html\r\nContent-Type: text/html\r\n\r\n<script>x</script>\r\n--B--\r\n"
	take := func(key, raw string) *webtest.Page {
		if err := c.App.TakeMail(t.Context(), app.FetchedMail{Key: key, At: c.App.Clock(), Raw: []byte(raw)}); err != nil {
			t.Fatal(err)
		}
		list := c.As(showcase.Registrar).Get("/letters").Is(t, 200)
		for _, l := range list.Links() {
			if strings.HasPrefix(l, "/letters/P-") {
				if p := c.As(showcase.Registrar).Get(l); strings.Contains(p.Text(), key) {
					return p
				}
			}
		}
		t.Fatal("it is not in the list")
		return nil
	}
	p := take("En fråga", raw).Has(t, "<b>Hej</b>", "plan.html")
	at := p.Path
	part := c.As(showcase.Registrar).Get(at+"/parts/1").Is(t, 200)
	if part.HTML != "<script>x</script>" {
		t.Errorf("%q", part.HTML)
	}
	for _, no := range []string{"0", "2", "-1", "x"} {
		c.As(showcase.Registrar).Get(at+"/parts/"+no).Is(t, 404)
	}
	c.As(showcase.Handler).Get(at+"/parts/1").Is(t, 403)
	bad := take("Ett virus", strings.ReplaceAll(strings.ReplaceAll(raw, "En fråga", "Ett virus"), "<script>x</script>", "skadligt"))
	bad.Has(t, "Något skadligt hittades", "förseglat")
	if bad.HasForm("/file") || !bad.HasForm("/return") {
		t.Error("it can be registered, or not be returned")
	}
	c.As(showcase.Registrar).Send(bad, "return", webtest.Values{"reason_back": "skadligt"}).Is(t, 200)
}
