package showcase_test

import (
	mathrand "math/rand/v2"
	"strings"
	"testing"

	"sluss/internal/showcase"
)

// TestRefusals: a counter that cannot show everything is refused at once.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*showcase.Options){
		"counter":      func(o *showcase.Options) { o.App = nil },
		"drafts":       func(o *showcase.Options) { o.App.Drafts = nil },
		"incoming":     func(o *showcase.Options) { o.App.Incoming = nil },
		"puts entries": func(o *showcase.Options) { o.Sequence = nil },
		"randomness":   func(o *showcase.Options) { o.Rand = nil },
		"day":          func(o *showcase.Options) { o.Now = 0 },
		"vault's key":  func(o *showcase.Options) { o.App.VaultKey = "age1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCounter(t, today)
			o := showcase.Options{App: c.app, Now: today, Rand: mathrand.NewChaCha8([32]byte{2}), Sequence: c.sequence}
			breakIt(&o)
			if _, err := showcase.Fill(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v", err)
			}
		})
	}
}
