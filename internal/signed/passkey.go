package signed

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/order"
)

// A passkey signs a document by answering a challenge that is the document's
// hash (WebAuthn assertion, https://www.w3.org/TR/webauthn-3/ §7.2). The answer
// stands under the document in one text, so that whoever keeps the document
// keeps what proves it:
//
//	{"type":"sluss/decision/v4",…}
//
//	— passkey <credential id> <authenticator data> <client data> <signature>
//
// The four are base64url without padding. [Signers.Open] takes such a text and
// a signed note alike.

// Passkey is the public half of a passkey that somebody signs with, as it was
// enrolled. Which address it was made for goes with it: an answer that was
// given to another page counts for nothing.
type Passkey struct {
	ID     string `json:"id"`     // credential id, base64url
	Key    string `json:"key"`    // public key: SubjectPublicKeyInfo (RFC 5280), base64url
	RP     string `json:"rp"`     // relying party id, such as sluss.example
	Origin string `json:"origin"` // of the page, such as https://sluss.example
}

// Fingerprint is what people compare when a passkey is enrolled: of everything
// that stands in it.
func (p Passkey) Fingerprint() string {
	return Fingerprint(strings.Join([]string{p.ID, p.Key, p.RP, p.Origin}, "\n"))
}

// Valid returns [FlawKey] when the passkey could never sign anything.
func (p Passkey) Valid() error {
	_, err := p.public()
	if id, e := unb64(p.ID); err == nil && (e != nil || len(id) < 16 || p.RP == "" || p.Origin == "") { // 16 octets: WebAuthn §4, "Credential ID"
		err = FlawKey
	}
	return err
}

// Flaw is why the answer of a passkey does not count. Its text is a code that
// does not change.
type Flaw string

// Error returns the code.
func (f Flaw) Error() string { return string(f) }

// What can be wrong with the answer of a passkey.
const (
	FlawShape     Flaw = "passkey.shape"     // the text is cut, or no such text
	FlawUnknown   Flaw = "passkey.unknown"   // no passkey of the list
	FlawRole      Flaw = "passkey.role"      // its holder does not sign in this role
	FlawKey       Flaw = "passkey.key"       // what was enrolled cannot be used
	FlawCeremony  Flaw = "passkey.ceremony"  // made for something else than signing in a page of its own
	FlawOrigin    Flaw = "passkey.origin"    // given to another page
	FlawChallenge Flaw = "passkey.challenge" // another document was signed
	FlawRP        Flaw = "passkey.rp"        // made for another site
	FlawPresent   Flaw = "passkey.present"   // nobody was there
	FlawVerified  Flaw = "passkey.verified"  // its holder was not verified
	FlawSignature Flaw = "passkey.signature" // does not hold
)

// Assertion is what a browser answers: navigator.credentials.get.
type Assertion struct {
	ID                string // credential id
	AuthenticatorData []byte
	ClientData        []byte // JSON, as the browser wrote it
	Signature         []byte
}

// Challenge is what a passkey is asked to sign for a document: it binds the
// document's type and every byte of it, and cannot be a challenge for logging
// in, which is drawn at random.
func Challenge(doc any) ([]byte, error) {
	text, err := canon.JSON(doc)
	if err != nil {
		return nil, err
	}
	return challengeOf(text)
}

func challengeOf(text []byte) ([]byte, error) {
	typ := typeOf(text)
	if typ == "" {
		return nil, ErrType
	}
	h := sha256.Sum256(append([]byte("sluss signature v1\n"+typ+"\n"), text...))
	return h[:], nil
}

const passkeyLine = "\n\n— passkey "

// WithPasskey puts the answer of a passkey under a document. Nothing is checked.
func WithPasskey(doc any, a Assertion) (string, error) {
	text, err := canon.JSON(doc)
	if err != nil {
		return "", err
	}
	parts := []string{a.ID, b64(a.AuthenticatorData), b64(a.ClientData), b64(a.Signature)}
	return string(text) + passkeyLine + strings.Join(parts, " ") + "\n", nil
}

// ReadAssertion reads what the script of the pages sends: the JSON of a
// PublicKeyCredential with its buffers as base64url. Nothing is checked.
func ReadAssertion(answer []byte) (Assertion, error) {
	var c struct {
		ID       string `json:"id"`
		Response struct {
			AuthenticatorData string `json:"authenticatorData"`
			ClientData        string `json:"clientDataJSON"`
			Signature         string `json:"signature"`
		} `json:"response"`
	}
	if len(answer) > maxAssertion || json.Unmarshal(answer, &c) != nil {
		return Assertion{}, FlawShape
	}
	return fromParts([]string{c.ID, c.Response.AuthenticatorData, c.Response.ClientData, c.Response.Signature})
}

// maxAssertion is how long an answer may be, in bytes; real ones have some
// hundreds.
const maxAssertion = 16 << 10

func fromParts(parts []string) (a Assertion, err error) {
	a.ID = parts[0]
	for i, to := range []*[]byte{&a.AuthenticatorData, &a.ClientData, &a.Signature} {
		if *to, err = unb64(parts[i+1]); err != nil || len(*to) == 0 {
			return Assertion{}, FlawShape
		}
	}
	if id, err := unb64(a.ID); err != nil || len(id) == 0 {
		return Assertion{}, FlawShape
	}
	return a, nil
}

// byPasskey reports whether a text is signed by a passkey, and cuts it. The
// document of a note is one line too, but its signature line has three words.
func byPasskey(text string) (doc []byte, line string, ok bool) {
	d, line, ok := strings.Cut(text, passkeyLine)
	if !ok || strings.Contains(d, "\n") || strings.Count(line, " ") == 0 {
		return nil, "", false
	}
	return []byte(d), line, true
}

// openPasskey checks a text that a passkey has signed and returns the document
// and whose passkey it is.
func (l Signers) openPasskey(doc []byte, line, typ string, role order.Role) (name string, err error) {
	parts := strings.Split(strings.TrimSuffix(line, "\n"), " ")
	if len(parts) != 4 || !strings.HasSuffix(line, "\n") || len(line) > maxAssertion {
		return "", FlawShape
	}
	a, err := fromParts(parts)
	if err != nil {
		return "", err
	}
	who, err := l.holder(a.ID, role)
	if err != nil {
		return "", err
	}
	if canonical, err := canon.Normalise(doc); err != nil || !bytes.Equal(canonical, doc) {
		return "", ErrBroken
	}
	challenge, err := challengeOf(doc)
	if err != nil {
		return "", err
	}
	if err := who.Passkey.check(a, challenge); err != nil {
		return "", err
	}
	if typeOf(doc) != typ {
		return "", ErrType
	}
	return who.Name, nil
}

// holder is whose passkey it is, in the role.
func (l Signers) holder(id string, role order.Role) (Signer, error) {
	err := error(FlawUnknown)
	for _, s := range l {
		if s.Passkey == nil || s.Passkey.ID != id {
			continue
		}
		if s.Role == role {
			return s, nil
		}
		err = FlawRole
	}
	return Signer{}, err
}

// Flags of authenticator data (WebAuthn §6.1).
const (
	flagPresent  = 1 << 0
	flagVerified = 1 << 2
	flagKey      = 1 << 6 // attested credential data follow: only when one is made
	flagMore     = 1 << 7 // extension data follow
	headSize     = 37     // hash of the relying party id, flags, counter
)

// check goes through an answer in the order of WebAuthn §7.2. The counter of the
// authenticator is not looked at: passkeys that are kept in several devices have
// none, and a document is signed once.
func (p Passkey) check(a Assertion, challenge []byte) error {
	var client struct {
		Type        string  `json:"type"`
		Challenge   string  `json:"challenge"`
		Origin      string  `json:"origin"`
		CrossOrigin bool    `json:"crossOrigin"`
		TopOrigin   *string `json:"topOrigin"`
	}
	if json.Unmarshal(a.ClientData, &client) != nil || len(a.AuthenticatorData) < headSize {
		return FlawShape
	}
	given, err := unb64(client.Challenge)
	flags := a.AuthenticatorData[32]
	rp := sha256.Sum256([]byte(p.RP))
	switch {
	case client.Type != "webauthn.get" || client.CrossOrigin || client.TopOrigin != nil || flags&flagKey != 0:
		return FlawCeremony
	case client.Origin != p.Origin:
		return FlawOrigin
	case err != nil || subtle.ConstantTimeCompare(given, challenge) != 1:
		return FlawChallenge
	case !bytes.Equal(a.AuthenticatorData[:32], rp[:]):
		return FlawRP
	case flags&flagPresent == 0:
		return FlawPresent
	case flags&flagVerified == 0:
		return FlawVerified
	case len(a.AuthenticatorData) > headSize != (flags&flagMore != 0):
		return FlawShape
	}
	hash := sha256.Sum256(a.ClientData)
	return p.verify(append(bytes.Clone(a.AuthenticatorData), hash[:]...), a.Signature)
}

// verify checks a signature by ES256, EdDSA or RS256: what the public key is
// decides, nothing in the answer does.
func (p Passkey) verify(message, signature []byte) error {
	key, err := p.public()
	if err != nil {
		return err
	}
	digest := sha256.Sum256(message)
	holds := false
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		holds = ecdsa.VerifyASN1(k, digest[:], signature)
	case ed25519.PublicKey:
		holds = ed25519.Verify(k, message, signature)
	case *rsa.PublicKey:
		holds = rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], signature) == nil
	}
	if !holds {
		return FlawSignature
	}
	return nil
}

// public is the key: P-256, Ed25519, or RSA of at least 2048 bits.
func (p Passkey) public() (crypto.PublicKey, error) {
	der, err := unb64(p.Key)
	if err != nil {
		return nil, FlawKey
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, FlawKey
	}
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return k, nil
		}
	case ed25519.PublicKey:
		return k, nil
	case *rsa.PublicKey:
		if k.N.BitLen() >= 2048 {
			return k, nil
		}
	}
	return nil, FlawKey
}

// PasskeysOf are the ids of the passkeys that somebody signs with in a role.
func (l Signers) PasskeysOf(name string, role order.Role) []string {
	var out []string
	for _, s := range l {
		if s.Passkey != nil && s.Name == name && s.Role == role {
			out = append(out, s.Passkey.ID)
		}
	}
	return out
}

// plainPrint is a fingerprint as it was read, whatever stands between its
// groups.
func plainPrint(s string) string {
	return strings.NewReplacer("-", "", " ", "", "\u00a0", "").Replace(strings.ToLower(s))
}

// Enrol returns the list with a passkey for somebody in a role, when the
// fingerprint is the one that was read aloud. A passkey belongs to one person.
func (l Signers) Enrol(name string, role order.Role, p Passkey, fingerprint string) (Signers, error) {
	if err := p.Valid(); err != nil {
		return l, err
	}
	if plainPrint(fingerprint) != plainPrint(p.Fingerprint()) {
		return l, ErrFingerprint
	}
	for _, s := range l {
		if s.Passkey != nil && s.Passkey.ID == p.ID && (s.Name != name || s.Role == role || *s.Passkey != p) {
			return l, ErrEnrolled
		}
	}
	return append(l[:len(l):len(l)], Signer{Name: name, Role: role, Passkey: &p}), nil
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err == nil && strings.ContainsAny(s, "\r\n") { // which the decoder skips
		err = FlawShape
	}
	return b, err
}
