package signed_test

import (
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/signed"
)

// FuzzOpen: no text opens that was not signed, whatever stands in it.
func FuzzOpen(f *testing.F) {
	f.Add("{\"type\":\"sluss/decision/v1\"}\n\n— passkey AAAAAAAAAAAAAAAAAAAAAA AA AA AA\n")
	f.Add("{\"type\":\"sluss/decision/v1\"}\n\n— bo AAAA\n")
	f.Add("")
	const key = "bo+d8ed5ac2+AY0fm1vT9YTtrxUnVqsB9J0Jt3k+M4yXG6q4w9t8TAxq"
	list := signed.Signers{{Name: "eva", Role: order.RoleDecider, Passkey: &signed.Passkey{ID: "AAAAAAAAAAAAAAAAAAAAAA", Key: "AA", RP: "x", Origin: "https://x"}}}
	f.Fuzz(func(t *testing.T, text string) {
		var v map[string]any
		if who, err := list.Open(text, "sluss/decision/v1", order.RoleDecider, &v); err == nil || who != "" {
			t.Errorf("opened as %q", who)
		}
		if _, _, err := signed.Open(text, "sluss/decision/v1", key); err == nil {
			t.Error("a note that nobody signed")
		}
		if a, err := signed.ReadAssertion([]byte(text)); err == nil && strings.ContainsAny(a.ID, " \n") {
			t.Errorf("id %q", a.ID)
		}
		if l, err := signed.ReadSigners([]byte(text)); err == nil {
			for _, s := range l {
				if s.Name == "" || s.Passkey == nil && s.Key == "" {
					t.Errorf("signer %+v", s)
				}
			}
		}
	})
}
