package login_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// authenticator is a passkey made of software: what a phone or a security key
// would answer, and what it never should.
type authenticator struct {
	t       testing.TB
	id      []byte
	key     *ecdsa.PrivateKey
	handle  []byte
	counter uint32
	// What it does wrong; zero = nothing.
	origin    string // where the page seems to be
	rp        string // whose key it says it is
	challenge string // another than it was given
	kind      string // of ceremony
	unproved  bool   // the holder is not verified
	absent    bool   // nobody is there
	stays     bool   // the counter does not count
}

const (
	testOrigin = "https://sluss.example"
	testHost   = "sluss.example"
)

func newAuthenticator(t testing.TB) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &authenticator{t: t, id: id, key: key}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// options are what the counter sends the browser.
type options struct {
	PublicKey struct {
		Challenge        string `json:"challenge"`
		UserVerification string `json:"userVerification"`
		User             struct {
			ID string `json:"id"`
		} `json:"user"`
		ExcludeCredentials     []any `json:"excludeCredentials"`
		AuthenticatorSelection struct {
			ResidentKey      string `json:"residentKey"`
			UserVerification string `json:"userVerification"`
		} `json:"authenticatorSelection"`
	} `json:"publicKey"`
}

func read(t testing.TB, sent any) (o options) {
	t.Helper()
	raw, err := json.Marshal(sent)
	if err == nil {
		err = json.Unmarshal(raw, &o)
	}
	if err != nil || o.PublicKey.Challenge == "" {
		t.Fatalf("options: %s, %v", raw, err)
	}
	return o
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (a *authenticator) client(kind, challenge string) []byte {
	raw, err := json.Marshal(map[string]any{"type": or(a.kind, kind), "challenge": or(a.challenge, challenge), "origin": or(a.origin, testOrigin), "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return raw
}

// data is the authenticator data; attested adds the key.
func (a *authenticator) data(attested bool) []byte {
	rp := sha256.Sum256([]byte(or(a.rp, testHost)))
	var b bytes.Buffer
	b.Write(rp[:])
	flags := byte(1 | 4) // present, verified
	if a.unproved {
		flags &^= 4
	}
	if a.absent {
		flags &^= 1
	}
	if attested {
		flags |= 0x40
	}
	b.WriteByte(flags)
	if !a.stays {
		a.counter++
	}
	_ = binary.Write(&b, binary.BigEndian, a.counter)
	if !attested {
		return b.Bytes()
	}
	b.Write(make([]byte, 16)) // no maker
	_ = binary.Write(&b, binary.BigEndian, uint16(len(a.id)))
	b.Write(a.id)
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		a.t.Fatal(err)
	}
	b.Write(cose)
	return b.Bytes()
}

// make answers navigator.credentials.create.
func (a *authenticator) make(sent any) []byte {
	a.t.Helper()
	o := read(a.t, sent)
	handle, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	a.handle = handle
	attestation, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(true)})
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": b64(a.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(attestation), "transports": []string{"internal"}})
}

// sign answers navigator.credentials.get.
func (a *authenticator) sign(sent any) []byte {
	a.t.Helper()
	o := read(a.t, sent)
	data, client := a.data(false), a.client("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(a.handle)})
}

func (a *authenticator) answer(response map[string]any) []byte {
	raw, err := json.Marshal(map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		a.t.Fatal(err)
	}
	return raw
}
