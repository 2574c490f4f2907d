//go:build unix

package login_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/login"
	"sluss/internal/order"
)

// TestPasskeys: added on an invitation, a passkey logs its holder in at level
// 3; its use is noted; removed, it opens nothing.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	a, in := w.staff("bo", order.RoleDecider)
	key := newAuthenticator(t)
	w.ok(w.addKey(in, key))
	if l := w.mail.last(); l.To != "bo@fk.example" || !strings.Contains(l.Text, "passernyckel") {
		t.Errorf("told: %+v", l)
	}
	w.wait(time.Hour)
	e, err := w.byKey(key, in)
	w.ok(err)
	v := w.visitor(e.Secret)
	if v.Person.ID != "bo" || v.Assurance != app.AssuranceKey || v.Person.Actor().Assurance != 3 || v.Method != "passkey" || !v.Since.Equal(w.clock()) || !v.Fresh(w.clock()) {
		t.Errorf("%+v", v)
	}
	all, err := w.Passkeys(ctx, e.Secret)
	if err != nil || len(all) != 1 || all[0].Name != "Min dator" || !all[0].Used.Equal(w.clock()) || all[0].Assurance != app.AssuranceKey {
		t.Errorf("%+v, %v", all, err)
	}
	sent, _, err := w.BeginAdd(ctx, e.Secret)
	w.ok(err)
	if o := read(t, sent); len(o.PublicKey.ExcludeCredentials) != 1 || o.PublicKey.AuthenticatorSelection.ResidentKey != "required" || o.PublicKey.AuthenticatorSelection.UserVerification != "required" {
		t.Errorf("options: %+v", o)
	}
	w.wait(11 * time.Minute)
	w.refused(w.RemovePasskey(ctx, e.Secret, all[0].ID), "fresh")
	_, _, err = w.BeginAdd(ctx, e.Secret)
	w.refused(err, "fresh")
	e, err = w.byKey(key, e.Secret)
	w.ok(err)
	w.ok(w.RemovePasskey(ctx, e.Secret, all[0].ID))
	if err := w.RemovePasskey(ctx, e.Secret, all[0].ID); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("twice: %v", err)
	}
	_, err = w.byKey(key, "")
	w.refused(err, "passkey")
	if got := w.logged(); !strings.Contains(got[len(got)-1], `"code":"login.passkey"`) || !strings.Contains(got[len(got)-2], a.ID+` decider 3 {"on":"`+all[0].ID+`","what":"passkey_removed"}`) {
		t.Errorf("log: %v", got[len(got)-2:])
	}
}

// TestPasskeysAreNoSurerThanTheirFirstDay: a key that was added after a link
// alone does not lift whoever reads the mail to level 3.
func TestPasskeysAreNoSurerThanTheirFirstDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *login.Options) { o.StaffLinks = true })
	_, invited := w.staff("bo", order.RoleDecider)
	byMail, second, third := newAuthenticator(t), newAuthenticator(t), newAuthenticator(t)
	w.ok(w.addKey(w.byLink("bo@fk.example", ""), byMail))
	e, err := w.byKey(byMail, "")
	w.ok(err)
	if v := w.visitor(e.Secret); v.Assurance != app.AssuranceLow {
		t.Errorf("after a link: level %d", v.Assurance)
	}
	w.ok(w.addKey(e.Secret, second)) // nor by way of another key
	e, err = w.byKey(second, "")
	w.ok(err)
	if v := w.visitor(e.Secret); v.Assurance != app.AssuranceLow {
		t.Errorf("after a key of level 2: level %d", v.Assurance)
	}
	w.ok(w.addKey(invited, third))
	e, err = w.byKey(third, "")
	w.ok(err)
	if v := w.visitor(e.Secret); v.Assurance != app.AssuranceKey {
		t.Errorf("after an invitation: level %d", v.Assurance)
	}
}

// TestPasskeysThatAreRefused: what is not an answer to our challenge, from our
// page, by the right key with its holder verified, opens nothing.
func TestPasskeysThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	_, bo := w.staff("bo", order.RoleHandler)
	_, ylva := w.staff("ylva", order.RoleReleaser)
	boKey, ylvaKey := newAuthenticator(t), newAuthenticator(t)
	w.ok(w.addKey(bo, boKey))
	w.ok(w.addKey(ylva, ylvaKey))
	for what, wrong := range map[string]func(*authenticator){
		"another page":                func(a *authenticator) { a.origin = "https://s1uss.example" },
		"the page without https":      func(a *authenticator) { a.origin = "http://sluss.example" },
		"another port":                func(a *authenticator) { a.origin = "https://sluss.example:8443" },
		"a key of another page":       func(a *authenticator) { a.rp = "evil.example" },
		"another challenge":           func(a *authenticator) { a.challenge = b64(make([]byte, 32)) },
		"an answer to something else": func(a *authenticator) { a.kind = "webauthn.create" },
		"a holder who is not proved":  func(a *authenticator) { a.unproved = true },
		"nobody there":                func(a *authenticator) { a.absent = true },
		"somebody else's account":     func(a *authenticator) { a.handle = ylvaKey.handle },
		"nobody's account":            func(a *authenticator) { a.handle = []byte("x") },
		"no account":                  func(a *authenticator) { a.handle = nil },
		"another's key":               func(a *authenticator) { a.key = ylvaKey.key },
		"another's id":                func(a *authenticator) { a.id = ylvaKey.id },
		"a key that nobody has":       func(a *authenticator) { a.id = []byte("unknown credential") },
	} {
		bad := *boKey
		wrong(&bad)
		_, err := w.byKey(&bad, "")
		if err == nil {
			t.Errorf("%s: accepted", what)
			continue
		}
		w.refused(err, "passkey")
		boKey.counter = bad.counter
	}
	_, err := w.byKey(boKey, "") // none of them broke the key
	w.ok(err)

	sent, ceremony, err := w.BeginPasskey(ctx, "n")
	w.ok(err)
	answer := boKey.sign(sent)
	use := login.PasskeyUse{Ceremony: ceremony, Network: "n", Answer: answer}
	_, err = w.FinishPasskey(ctx, use)
	w.ok(err)
	_, err = w.FinishPasskey(ctx, use)
	w.refused(err, "ceremony") // replayed
	_, use.Ceremony, err = w.BeginPasskey(ctx, "n")
	w.ok(err)
	_, err = w.FinishPasskey(ctx, use) // an old answer to a new challenge
	w.refused(err, "passkey")
	sent, use.Ceremony, err = w.BeginPasskey(ctx, "n")
	w.ok(err)
	use.Answer = boKey.sign(sent)
	w.wait(5 * time.Minute)
	_, err = w.FinishPasskey(ctx, use)
	w.refused(err, "ceremony") // late
	for _, rubbish := range []string{"", "{}", "null", `{"id":"x"}`, strings.Repeat("[", 100_000)} {
		_, use.Ceremony, err = w.BeginPasskey(ctx, "n")
		w.ok(err)
		use.Answer = []byte(rubbish)
		_, err = w.FinishPasskey(ctx, use)
		w.refused(err, "passkey")
	}
	if n := strings.Count(strings.Join(w.logged(), "\n"), `"what":"failed"`); n != 14+1+1+1+5 {
		t.Errorf("%d failures in the log", n)
	}
}

// TestPasskeysThatAreNotAdded: a key is added by its holder, verified, to the
// account whose visit began it.
func TestPasskeysThatAreNotAdded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	_, bo := w.staff("bo", order.RoleHandler)
	_, ylva := w.staff("ylva", order.RoleReleaser)
	for what, a := range map[string]*authenticator{
		"another page": {origin: "https://evil.example"}, "another challenge": {challenge: b64(make([]byte, 32))}, "not verified": {unproved: true}, "another host": {rp: "evil.example"}, "another act": {kind: "webauthn.get"},
	} {
		whole := newAuthenticator(t)
		a.t, a.id, a.key = t, whole.id, whole.key
		if err := w.addKey(bo, a); err == nil {
			t.Errorf("%s: added", what)
		} else {
			w.refused(err, "passkey")
		}
	}
	sent, ceremony, err := w.BeginAdd(ctx, bo)
	w.ok(err)
	key := newAuthenticator(t)
	add := login.PasskeyAdd{Secret: ylva, Ceremony: ceremony, Answer: key.make(sent)}
	w.refused(w.FinishAdd(ctx, add), "ceremony") // in somebody else's visit
	add.Secret = bo
	w.refused(w.FinishAdd(ctx, add), "ceremony") // and used up by that
	w.ok(w.addKey(bo, key))
	w.refused(w.addKey(ylva, key), "passkey") // the same key for two
	_, login, err := w.BeginPasskey(ctx, "n")
	w.ok(err)
	add.Ceremony = login
	w.refused(w.FinishAdd(ctx, add), "ceremony") // of another kind
	for range 9 {
		w.ok(w.addKey(bo, newAuthenticator(t)))
	}
	_, _, err = w.BeginAdd(ctx, bo)
	w.refused(err, "many_passkeys")
	if _, _, err := w.BeginAdd(ctx, "x"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("without a visit: %v", err)
	}
}

// TestClones: a counter that goes backwards means that there are two of a key;
// it is blocked, and every visit of its account ends.
func TestClones(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, in := w.staff("bo", order.RoleHandler)
	key := newAuthenticator(t)
	w.ok(w.addKey(in, key))
	copied := *key
	for range 2 {
		_, err := w.byKey(key, "")
		w.ok(err)
	}
	e, err := w.byKey(key, "")
	w.ok(err)
	_, err = w.byKey(&copied, "")
	w.refused(err, "cloned")
	w.gone(e.Secret)
	w.gone(in)
	_, err = w.byKey(key, "") // whoever of them it is
	w.refused(err, "passkey")

	_, in = w.staff("ylva", order.RoleReleaser)
	zero := newAuthenticator(t) // keys that are kept in several places do not count
	zero.stays = true
	w.ok(w.addKey(in, zero))
	for range 3 {
		_, err := w.byKey(zero, "")
		w.ok(err)
	}
}

// TestOneAnswerAtOnce: one challenge lets one in, however often its answer is
// sent at the same moment.
func TestOneAnswerAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, in := w.staff("bo", order.RoleHandler)
	key := newAuthenticator(t)
	w.ok(w.addKey(in, key))
	sent, ceremony, err := w.BeginPasskey(t.Context(), "n")
	w.ok(err)
	answer := key.sign(sent)
	var mu sync.Mutex
	var all sync.WaitGroup
	n := 0
	for range 8 {
		all.Go(func() {
			if _, err := w.FinishPasskey(t.Context(), login.PasskeyUse{Ceremony: ceremony, Network: "n", Answer: answer}); err == nil {
				mu.Lock()
				n++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if n != 1 {
		t.Errorf("%d got in", n)
	}
}
