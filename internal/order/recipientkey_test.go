package order

import (
	"strings"
	"testing"
)

// keyNo is one of some public keys; no secret half belongs to any of them.
func keyNo(n int) string { return "age1" + strings.Repeat("q", 57) + string("pzry9x8g"[n%8]) }

// TestThreat01RecipientKeyByASecondWay: a key is registered, compared by a second way, and only then
// named by the decision; another one in its place has to be confirmed anew, and
// stops the release to the one before.
func TestThreat01RecipientKeyByASecondWay(t *testing.T) {
	t.Parallel()
	at := Context{By: Actor{ID: "anna", Role: RoleOrderer}}
	decide := func(s State, cmd Command) (State, error) {
		events, err := cmd.Decide(s, at)
		for _, ev := range events {
			s = Apply(s, Entry{Version: s.Version + 1, By: at.By, Event: ev})
		}
		return s, err
	}
	refused := func(s State, cmd Command, code string) {
		t.Helper()
		if _, err := decide(s, cmd); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v, want %s", cmd.Name(), err, code)
		}
	}
	must := func(s State, cmd Command) State {
		t.Helper()
		s, err := decide(s, cmd)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, two := keyNo(1), keyNo(2)
	s := State{Submitted: true}
	for _, bad := range []string{"", "age1", "AGE-SECRET-KEY-1QQQ", one + "q", "x" + one, strings.ToUpper(one), "age1" + strings.Repeat("b", 58), "crypt4gh:AAAA", "crypt4gh:" + strings.Repeat("A", 44), "CRYPT4GH:" + strings.Repeat("A", 43) + "="} {
		refused(s, RegisterKey{Key: bad}, "key")
	}
	must(s, RegisterKey{Key: "crypt4gh:G6Ia69gMfVksM9O650oGxa6ESvz8WDWz9Tvo6t98ZFs="})
	refused(s, ConfirmKey{Fingerprint: KeyFingerprint(one), Channel: "phone", With: "Anna"}, "no_key")
	if s.keyConfirmed(one) != nil {
		t.Error("a case from before keys were registered cannot be decided")
	}
	s = must(s, RegisterKey{Key: one})
	if s.keyConfirmed(one) == nil {
		t.Error("an unconfirmed key can be decided")
	}
	refused(s, RegisterKey{Key: one}, "key_same")
	refused(s, ConfirmKey{Fingerprint: KeyFingerprint(two), Channel: "phone", With: "Anna"}, "key_fingerprint")
	refused(s, ConfirmKey{Fingerprint: KeyFingerprint(one), Channel: "mail", With: "Anna"}, "key_channel")
	refused(s, ConfirmKey{Fingerprint: KeyFingerprint(one), Channel: "phone", With: " "}, "key_channel")
	s = must(s, ConfirmKey{Fingerprint: strings.ToUpper(strings.ReplaceAll(KeyFingerprint(one), "-", " ")), Channel: "phone", With: "Anna"})
	if s.keyConfirmed(one) != nil || s.keyConfirmed(two) == nil || s.RecipientKey.ConfirmedBy != "anna" {
		t.Errorf("confirmed %+v", s.RecipientKey)
	}
	refused(s, ConfirmKey{Fingerprint: KeyFingerprint(one), Channel: "phone", With: "Anna"}, "key_confirmed")
	lost := must(s, RegisterKey{Key: two})
	if lost.keyConfirmed(one) == nil || lost.keyConfirmed(two) == nil || lost.RecipientKey.Confirmed {
		t.Error("a lost key is still good, or the new one is before it has been confirmed")
	}
	s.Released = true
	refused(s, RegisterKey{Key: two}, "key_late") // on its way
	s.Delivery = &Delivered{}
	if after := must(s, RegisterKey{Key: two}); after.AwaitsReseal() {
		t.Error("a delivery is sealed to a key that has not been confirmed")
	}
	s.PurgeOpen = true
	refused(s, RegisterKey{Key: two}, "purge_due")
}

// TestPromise03UnconfirmedKey: nothing is decided for, or released to, a key
// that has not been confirmed.
func TestPromise03UnconfirmedKey(t *testing.T) {
	t.Parallel()
	d := Decision{}
	d.Scope.Recipient.Key = keyNo(1)
	s := State{RecipientKey: &RecipientKey{Key: keyNo(1)}}
	if err := received(d, s, Context{}); err == nil || !strings.Contains(err.Error(), "key_unconfirmed") {
		t.Errorf("decided: %v", err)
	}
	s.RecipientKey = &RecipientKey{Key: keyNo(2), Confirmed: true}
	if err := received(d, s, Context{}); err == nil || !strings.Contains(err.Error(), "key_other") {
		t.Errorf("decided: %v", err)
	}
}
