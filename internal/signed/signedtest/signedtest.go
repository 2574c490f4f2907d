// Package signedtest has a passkey made of software, for tests: what a phone
// or a security key answers when somebody signs a document, and what it never
// should.
package signedtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"sluss/internal/order"
	"sluss/internal/signed"
)

// The site that passkeys are made for when nothing else is said.
const (
	RP     = "sluss.example"
	Origin = "https://sluss.example"
)

// Algorithm is how a passkey signs.
type Algorithm string

// The algorithms that are taken.
const (
	ES256 Algorithm = "ES256"
	EdDSA Algorithm = "EdDSA"
	RS256 Algorithm = "RS256"
)

// Passkey is an authenticator with one key.
type Passkey struct {
	ID  string
	t   testing.TB
	key crypto.Signer
	der []byte
}

// New makes a passkey.
func New(t testing.TB, how Algorithm) *Passkey {
	t.Helper()
	p := &Passkey{t: t}
	var err error
	switch how {
	case EdDSA:
		_, p.key, err = ed25519.GenerateKey(rand.Reader)
	case RS256:
		p.key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		p.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err == nil {
		p.der, err = x509.MarshalPKIXPublicKey(p.key.Public())
	}
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	p.ID = B64(id)
	return p
}

// Public is its public half, as it is enrolled.
func (p *Passkey) Public() *signed.Passkey {
	return &signed.Passkey{ID: p.ID, Key: B64(p.der), RP: RP, Origin: Origin}
}

// Signer is its holder in a role.
func (p *Passkey) Signer(name string, role order.Role) signed.Signer {
	return signed.Signer{Name: name, Role: role, Passkey: p.Public()}
}

// Wrong is what an answer has that it should not; zero = nothing.
type Wrong struct {
	Origin, RP, Kind string
	Challenge        []byte // another than the document's
	Cross            bool   // the page is shown in another's frame
	Top              string // whose frame
	Absent, Unproved bool   // nobody is there; its holder is not verified
	Attested         bool   // says that the key is a new one
	Tail             []byte // more authenticator data than there should be
}

// Answer is the assertion over a document.
func (p *Passkey) Answer(doc any, w Wrong) signed.Assertion {
	p.t.Helper()
	challenge, err := signed.Challenge(doc)
	if err != nil {
		p.t.Fatal(err)
	}
	if w.Challenge != nil {
		challenge = w.Challenge
	}
	said := map[string]any{"type": or(w.Kind, "webauthn.get"), "challenge": B64(challenge), "origin": or(w.Origin, Origin), "crossOrigin": w.Cross}
	if w.Top != "" {
		said["topOrigin"] = w.Top
	}
	client, err := json.Marshal(said)
	if err != nil {
		p.t.Fatal(err)
	}
	rp := sha256.Sum256([]byte(or(w.RP, RP)))
	flags := byte(0)
	for bit, on := range map[byte]bool{1: !w.Absent, 4: !w.Unproved, 0x40: w.Attested} {
		if on {
			flags |= bit
		}
	}
	data := append(rp[:], flags)
	data = append(binary.BigEndian.AppendUint32(data, 7), w.Tail...)
	return signed.Assertion{ID: p.ID, AuthenticatorData: data, ClientData: client, Signature: p.sign(data, client)}
}

func (p *Passkey) sign(data, client []byte) []byte {
	hash := sha256.Sum256(client)
	message := append(append([]byte(nil), data...), hash[:]...)
	how := crypto.Hash(0) // Ed25519 takes the message itself
	if _, plain := p.key.(ed25519.PrivateKey); !plain {
		digest := sha256.Sum256(message)
		message, how = digest[:], crypto.SHA256
	}
	signature, err := p.key.Sign(rand.Reader, message, how)
	if err != nil {
		p.t.Fatal(err)
	}
	return signature
}

// Sign is the document with the answer under it.
func (p *Passkey) Sign(doc any, w Wrong) string {
	p.t.Helper()
	text, err := signed.WithPasskey(doc, p.Answer(doc, w))
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// B64 is how WebAuthn writes bytes.
func B64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
