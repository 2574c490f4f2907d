package signed_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"sluss/internal/order"
	"sluss/internal/signed"
	"sluss/internal/signed/signedtest"
)

type paper struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

var ruling = paper{"sluss/decision/v1", "lämnas ut — passkey"}

// TestPasskeySigns: a passkey of each algorithm, beside a note, by one port.
func TestPasskeySigns(t *testing.T) {
	t.Parallel()
	private, public, err := signed.Generate(rand.Reader, "bo")
	if err != nil {
		t.Fatal(err)
	}
	list := signed.Signers{{Name: "bo", Role: order.RoleDecider, Key: public}}
	for _, how := range []signedtest.Algorithm{signedtest.ES256, signedtest.EdDSA, signedtest.RS256} {
		p := signedtest.New(t, how)
		list = append(list, p.Signer("eva-"+string(how), order.RoleDecider))
		text := p.Sign(ruling, signedtest.Wrong{})
		var got paper
		if who, err := list.Open(text, ruling.Type, order.RoleDecider, &got); err != nil || who != "eva-"+string(how) || got != ruling {
			t.Errorf("%s: %q %+v %v", how, who, got, err)
		}
		for i := range len(text) - 1 { // every truncation
			if who, err := list.Open(text[:i], ruling.Type, order.RoleDecider, &got); err == nil || who != "" {
				t.Fatalf("%s: the first %d bytes count", how, i)
			}
		}
	}
	note, err := signed.Sign(ruling, private)
	if err != nil {
		t.Fatal(err)
	}
	var got paper
	if who, err := list.Open(note, ruling.Type, order.RoleDecider, &got); err != nil || who != "bo" {
		t.Errorf("note: %q %v", who, err)
	}
}

// TestForgedAssertions: everything else is refused, each with its code.
func TestForgedAssertions(t *testing.T) {
	t.Parallel()
	p, releaser, stranger := signedtest.New(t, signedtest.ES256), signedtest.New(t, signedtest.EdDSA), signedtest.New(t, signedtest.ES256)
	list := signed.Signers{p.Signer("bo", order.RoleDecider), releaser.Signer("ylva", order.RoleReleaser)}
	good := p.Sign(ruling, signedtest.Wrong{})
	cut := p.Answer(ruling, signedtest.Wrong{})
	doc, line, _ := strings.Cut(good, "\n\n")
	words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
	with := func(i int, text string) string {
		w := bytes.Clone([]byte(strings.Join(append(append(append([]string{}, words[:i]...), text), words[i+1:]...), " ")))
		return doc + "\n\n" + string(w) + "\n"
	}
	borrowed, err := signed.WithPasskey(ruling, func() signed.Assertion { a := stranger.Answer(ruling, signedtest.Wrong{}); a.ID = p.ID; return a }())
	if err != nil {
		t.Fatal(err)
	}
	other, err := signed.Challenge(paper{ruling.Type, "avslås"})
	if err != nil {
		t.Fatal(err)
	}
	kind, err := signed.Challenge(paper{"sluss/release/v1", ruling.Text})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"another challenge":          {p.Sign(ruling, signedtest.Wrong{Challenge: other}), signed.FlawChallenge},
		"same text, another kind":    {p.Sign(ruling, signedtest.Wrong{Challenge: kind}), signed.FlawChallenge},
		"a challenge of a login":     {p.Sign(ruling, signedtest.Wrong{Challenge: make([]byte, 32)}), signed.FlawChallenge},
		"half the challenge":         {p.Sign(ruling, signedtest.Wrong{Challenge: other[:16]}), signed.FlawChallenge},
		"another origin":             {p.Sign(ruling, signedtest.Wrong{Origin: "https://sluss.example.evil"}), signed.FlawOrigin},
		"another port":               {p.Sign(ruling, signedtest.Wrong{Origin: "https://sluss.example:8443"}), signed.FlawOrigin},
		"another site":               {p.Sign(ruling, signedtest.Wrong{RP: "evil.example"}), signed.FlawRP},
		"in another's frame":         {p.Sign(ruling, signedtest.Wrong{Cross: true}), signed.FlawCeremony},
		"when a key was made":        {p.Sign(ruling, signedtest.Wrong{Kind: "webauthn.create"}), signed.FlawCeremony},
		"with a key in it":           {p.Sign(ruling, signedtest.Wrong{Attested: true}), signed.FlawCeremony},
		"nobody there":               {p.Sign(ruling, signedtest.Wrong{Absent: true}), signed.FlawPresent},
		"holder not verified":        {p.Sign(ruling, signedtest.Wrong{Unproved: true}), signed.FlawVerified},
		"more data than flags say":   {p.Sign(ruling, signedtest.Wrong{Tail: []byte{0xa0}}), signed.FlawShape},
		"a stranger's passkey":       {stranger.Sign(ruling, signedtest.Wrong{}), signed.FlawUnknown},
		"a stranger with a known id": {borrowed, signed.FlawSignature},
		"wrong role":                 {releaser.Sign(ruling, signedtest.Wrong{}), signed.FlawRole},
		"document changed after":     {strings.Replace(good, "lämnas ut", "lämnas UT", 1), signed.FlawChallenge},
		"a space in the document":    {strings.Replace(good, `":"`, `": "`, 1), signed.ErrBroken},
		"signature cut":              {with(5, signedtest.B64(cut.Signature[:len(cut.Signature)-1])), signed.FlawSignature},
		"in a frame of its own site": {p.Sign(ruling, signedtest.Wrong{Top: signedtest.Origin}), signed.FlawCeremony},
		"authenticator data cut":     {with(3, words[3][:20]), signed.FlawShape},
		"client data no JSON":        {with(4, signedtest.B64([]byte("{"))), signed.FlawShape},
		"no base64":                  {with(4, "*"), signed.FlawShape},
		"a part gone":                {strings.Replace(good, words[5], "", 1), signed.FlawShape},
		"a part more":                {strings.TrimSuffix(good, "\n") + " AA\n", signed.FlawShape},
		"end of line gone":           {strings.TrimSuffix(good, "\n"), signed.FlawShape},
		"two lines":                  {good + words[0] + "\n", signed.FlawShape},
		"very long":                  {strings.TrimSuffix(good, "\n") + strings.Repeat("A", 20<<10) + "\n", signed.FlawShape},
	} {
		var got paper
		if who, err := list.Open(tt.text, ruling.Type, order.RoleDecider, &got); !errors.Is(err, tt.want) || who != "" || got != (paper{}) {
			t.Errorf("%s: %q %v, want %v", name, who, err, tt.want)
		}
	}
	var got paper
	if _, err := list.Open(good, "sluss/release/v1", order.RoleDecider, &got); !errors.Is(err, signed.ErrType) {
		t.Errorf("a decision as a release: %v", err)
	}
	list[0].Passkey.Key = signedtest.B64([]byte("no key"))
	if _, err := list.Open(good, ruling.Type, order.RoleDecider, &got); !errors.Is(err, signed.FlawKey) {
		t.Errorf("a broken list: %v", err)
	}
}

// TestReadAssertion reads what the script sends.
func TestReadAssertion(t *testing.T) {
	t.Parallel()
	a := signedtest.New(t, signedtest.ES256).Answer(ruling, signedtest.Wrong{})
	raw, err := json.Marshal(map[string]any{"id": a.ID, "rawId": a.ID, "type": "public-key", "response": map[string]string{
		"authenticatorData": signedtest.B64(a.AuthenticatorData), "clientDataJSON": signedtest.B64(a.ClientData), "signature": signedtest.B64(a.Signature), "userHandle": "AA",
	}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := signed.ReadAssertion(raw)
	if err != nil || got.ID != a.ID || !bytes.Equal(got.ClientData, a.ClientData) || !bytes.Equal(got.AuthenticatorData, a.AuthenticatorData) || !bytes.Equal(got.Signature, a.Signature) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "null", "{}", "[]", string(raw[:len(raw)-2]), strings.Replace(string(raw), a.ID, "åäö", 2), strings.Replace(string(raw), a.ID, `AA\nAA`, 2)} {
		if _, err := signed.ReadAssertion([]byte(bad)); !errors.Is(err, signed.FlawShape) {
			t.Errorf("%.30q: %v", bad, err)
		}
	}
}

// TestEnrol: nobody gets into the list whose fingerprint is not the one that was
// read aloud, or whose key could not sign.
func TestEnrol(t *testing.T) {
	t.Parallel()
	p, evil := signedtest.New(t, signedtest.ES256), signedtest.New(t, signedtest.ES256)
	list, err := signed.Signers{}.Enrol("bo", order.RoleDecider, *p.Public(), strings.ToUpper(strings.ReplaceAll(p.Public().Fingerprint(), "-", " ")))
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	if _, err := list.Enrol("bo", order.RoleStatistician, *p.Public(), p.Public().Fingerprint()); err != nil {
		t.Errorf("a second role of the same person: %v", err)
	}
	moved := *p.Public()
	moved.Origin = "https://evil.example"
	for name, tt := range map[string]struct {
		who  string
		key  signed.Passkey
		read string
		want error
	}{
		"another key than was read": {"bo", *evil.Public(), p.Public().Fingerprint(), signed.ErrFingerprint},
		"another page":              {"bo", moved, p.Public().Fingerprint(), signed.ErrFingerprint},
		"nothing read":              {"bo", *evil.Public(), "", signed.ErrFingerprint},
		"twice":                     {"bo", *p.Public(), p.Public().Fingerprint(), signed.ErrEnrolled},
		"another person's":          {"eva", *p.Public(), p.Public().Fingerprint(), signed.ErrEnrolled},
	} {
		if l, err := list.Enrol(tt.who, order.RoleDecider, tt.key, tt.read); !errors.Is(err, tt.want) || len(l) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []any{wide.Public(), short.Public()} {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		bad := *p.Public()
		bad.Key = signedtest.B64(der)
		if _, err := (signed.Signers{}).Enrol("bo", order.RoleDecider, bad, bad.Fingerprint()); !errors.Is(err, signed.FlawKey) {
			t.Errorf("%T: %v", key, err)
		}
	}
}

// TestReadSigners: a list with a mistake is no list.
func TestReadSigners(t *testing.T) {
	t.Parallel()
	p := signedtest.New(t, signedtest.EdDSA)
	raw, err := json.Marshal(signed.Signers{p.Signer("bo", order.RoleDecider)})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := signed.ReadSigners(raw); err != nil || len(l) != 1 || *l[0].Passkey != *p.Public() {
		t.Errorf("%v %v", l, err)
	}
	if ids := (signed.Signers{p.Signer("bo", order.RoleDecider)}).PasskeysOf("bo", order.RoleDecider); len(ids) != 1 || ids[0] != p.ID {
		t.Errorf("passkeys %v", ids)
	}
	for _, bad := range []string{"{", `[{"name":"bo","role":"decider"}]`, `[{"name":"bo","role":"decider","key":"x"}]`, strings.Replace(string(raw), `"bo"`, `""`, 1), strings.Replace(string(raw), p.ID, "AA", 1)} {
		if _, err := signed.ReadSigners([]byte(bad)); err == nil {
			t.Errorf("%.40s was taken", bad)
		}
	}
}
