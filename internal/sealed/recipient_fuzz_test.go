package sealed

import (
	"testing"

	"sluss/internal/fault"
)

// FuzzRecipient: a text is a public key that reads as itself, or refused.
func FuzzRecipient(f *testing.F) {
	f.Add(" age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n")
	f.Add("AGE-SECRET-KEY-1")
	f.Add("-----BEGIN CRYPT4GH PUBLIC KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END CRYPT4GH PUBLIC KEY-----")
	f.Add("crypt4gh:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParseRecipient(text)
		if err != nil {
			if fault.ClassOf(err) != fault.Input {
				t.Errorf("%v", err)
			}
			return
		}
		if again, err := ParseRecipient(key); err != nil || again != key {
			t.Errorf("%q reads as %q: %v", key, again, err)
		}
	})
}
