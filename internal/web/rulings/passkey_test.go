package rulings_test

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/showcase"
	"sluss/internal/signed"
	"sluss/internal/signed/signedtest"
	"sluss/internal/web/page"
	"sluss/internal/web/rulings"
	"sluss/internal/web/webtest"
	"sluss/internal/workorder"
)

var asked = regexp.MustCompile(`data-sign="([^"]+)" data-credentials="([^"]+)"`)

// answer is what the script of the page puts into the form.
func answer(t *testing.T, p *signedtest.Passkey, challenge string, wrong signedtest.Wrong) string {
	t.Helper()
	var err error
	if wrong.Challenge, err = base64.RawURLEncoding.DecodeString(challenge); err != nil {
		t.Fatal(err)
	}
	a := p.Answer(map[string]string{"type": "x"}, wrong)
	raw, err := json.Marshal(map[string]any{"id": a.ID, "response": map[string]string{
		"authenticatorData": signedtest.B64(a.AuthenticatorData), "clientDataJSON": signedtest.B64(a.ClientData), "signature": signedtest.B64(a.Signature),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestDecisionByPasskey: the page asks the passkey for the hash of the decision
// that it shows; what is stored can be checked by whoever has the public key,
// and with no other counts.
func TestDecisionByPasskey(t *testing.T) {
	t.Parallel()
	key, stranger := signedtest.New(t, signedtest.ES256), signedtest.New(t, signedtest.ES256)
	list := signed.Signers{key.Signer(showcase.Decider, order.RoleDecider), stranger.Signer("eva", order.RoleDecider)}
	c := webtest.New(t, rooms, func(a *app.App, s *page.Site) {
		a.Open, s.SignAs, s.Passkeys = list.Open, nil, list.PasskeysOf
	})
	id := c.Case("to_decide")
	b := c.As(showcase.Decider)
	p := b.Get("/cases/"+id+"/decide").Is(t, 200).Has(t, "Underteckna med passernyckel", "sluss sign")
	if !strings.Contains(p.HTML, "passkey") || !strings.Contains(p.HTML, "<noscript>") {
		t.Error("the page has no script for passkeys, or does not say what to do without")
	}
	at := asked.FindStringSubmatch(p.HTML)
	if at == nil || at[2] != key.ID {
		t.Fatalf("asked %q", at)
	}
	b.Send(p, "/decide", webtest.Values{}).Is(t, 422).Has(t, "Klistra in den undertecknade texten")
	for name, bad := range map[string]string{
		"rubbish":         "{}",
		"another page":    answer(t, key, at[1], signedtest.Wrong{Origin: "https://evil.example"}),
		"not verified":    answer(t, key, at[1], signedtest.Wrong{Unproved: true}),
		"another's":       answer(t, stranger, at[1], signedtest.Wrong{}),
		"another content": answer(t, key, signedtest.B64(make([]byte, 32)), signedtest.Wrong{}),
	} {
		if b.Send(p, "/decide", webtest.Values{"assertion": bad}).Is(t, 422); c.State(id).Decision != nil {
			t.Fatalf("%s: decided", name)
		}
	}
	good := answer(t, key, at[1], signedtest.Wrong{})
	b.Send(p, "/decide", webtest.Values{"assertion": good, "reasons": "Andra skäl än de som visades."}).Is(t, 422).Has(t, "Läs det som det är nu")
	b.Send(p, "/decide", webtest.Values{"assertion": good}).Is(t, 200).Has(t, "Beslutet är undertecknat")
	s := c.State(id)
	var d order.Decision
	if who, err := list.Open(s.DecisionNote, workorder.TypeDecision, order.RoleDecider, &d); err != nil || who != showcase.Decider || d.ID != s.Decision.ID {
		t.Errorf("stored: %q %v", who, err)
	}
}

// TestNoPasskeyInTheList: who has none signs with a key in a file.
func TestNoPasskeyInTheList(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, []page.Room{rulings.Room}, func(_ *app.App, s *page.Site) { s.SignAs, s.Passkeys = nil, signed.Signers{}.PasskeysOf })
	p := c.As(showcase.Decider).Get("/cases/"+c.Case("to_decide")+"/decide").Is(t, 200)
	if asked.MatchString(p.HTML) || strings.Contains(p.HTML, "noscript") {
		t.Error("a passkey is asked for that nobody has")
	}
}
