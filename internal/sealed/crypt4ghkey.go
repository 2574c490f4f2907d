package sealed

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"

	"sluss/internal/fault"
)

// Keys of Crypt4GH: 32 bytes each half. Here the public half is written on one
// line, crypt4gh: and base64, so that it can be read, compared and stored like
// an age key; its file (BEGIN CRYPT4GH PUBLIC KEY) is taken as well. The secret
// half stands in a file of the form c4gh-v1.

// Kinds of keys, and of what is sealed to them.
const (
	KindAge      = "age"
	KindCrypt4GH = "crypt4gh"
)

const (
	c4ghRecipient = "crypt4gh:"
	c4ghSecret    = "CRYPT4GH-SECRET-KEY:" // an identity as we hold it
	c4ghPublicPEM = "CRYPT4GH PUBLIC KEY"
	c4ghSecretPEM = "CRYPT4GH PRIVATE KEY"
	c4ghKeyMagic  = "c4gh-v1"
)

// KindOf is the kind of a recipient's key, or of an identity.
func KindOf(key string) string {
	if key = strings.TrimSpace(key); strings.HasPrefix(key, c4ghRecipient) || strings.HasPrefix(key, c4ghSecret) || strings.Contains(key, "CRYPT4GH ") {
		return KindCrypt4GH
	}
	return KindAge
}

// body is what stands between the BEGIN and END of a file's text; line breaks
// may have been lost on the way. "" where it is another file.
func body(text, name string) string {
	_, rest, begins := strings.Cut(text, "-----BEGIN "+name+"-----")
	inner, _, ends := strings.Cut(rest, "-----END "+name+"-----")
	if !begins || !ends {
		return ""
	}
	return strings.Join(strings.Fields(inner), "")
}

// c4ghPublic reads a public key in either form.
func c4ghPublic(text string) (*ecdh.PublicKey, error) {
	text = strings.TrimSpace(text)
	if b := body(text, c4ghPublicPEM); b != "" {
		text = c4ghRecipient + b
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(text, c4ghRecipient))
	var key *ecdh.PublicKey
	if err == nil && len(raw) == 32 && strings.HasPrefix(text, c4ghRecipient) {
		key, err = ecdh.X25519().NewPublicKey(raw)
	} else {
		err = errors.New("not a public key of 32 bytes")
	}
	if err == nil { // a point that gives every sender the same secret is no key
		var probe *ecdh.PrivateKey
		if probe, err = ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{9}, 32)); err == nil {
			_, err = probe.ECDH(key)
		}
	}
	if err != nil {
		f := fault.New("sealed.recipient", "Mottagarens nyckel går inte att läsa.", "The recipient's key cannot be read.")
		if strings.Contains(text, "PRIVATE KEY") || strings.HasPrefix(text, c4ghSecret) {
			return nil, f.Do("Det här är den hemliga nyckeln. Använd den publika, och byt nyckel om den hemliga har skickats någonstans.",
				"This is the secret key. Use the public one, and change keys if the secret one has been sent anywhere.")
		}
		return nil, f.Do("En publik Crypt4GH-nyckel är filen som börjar på BEGIN CRYPT4GH PUBLIC KEY, eller raden crypt4gh: med 44 tecken.",
			"A public Crypt4GH key is the file that begins BEGIN CRYPT4GH PUBLIC KEY, or the line crypt4gh: with 44 characters.")
	}
	return key, nil
}

func c4ghText(key *ecdh.PublicKey) string {
	return c4ghRecipient + base64.StdEncoding.EncodeToString(key.Bytes())
}

// c4ghIdentity reads an identity as we hold it.
func c4ghIdentity(identity string) (*ecdh.PrivateKey, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(strings.TrimSpace(identity), c4ghSecret))
	if err != nil || len(raw) != 32 {
		return nil, badIdentity()
	}
	key, err := ecdh.X25519().NewPrivateKey(raw)
	if err != nil {
		return nil, badIdentity()
	}
	return key, nil
}

// GenerateCrypt4GH makes a new key pair of the kind Crypt4GH.
func GenerateCrypt4GH() (identity, recipient string, err error) {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return "", "", err
	}
	return c4ghSecret + base64.StdEncoding.EncodeToString(key.Bytes()), c4ghText(key.PublicKey()), nil
}

// c4ghFile is the file of a secret key that is not locked with a passphrase.
func c4ghFile(key *ecdh.PrivateKey) string {
	b := []byte(c4ghKeyMagic)
	for _, s := range []string{"none", "none", string(key.Bytes())} {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
	}
	return "-----BEGIN " + c4ghSecretPEM + "-----\n" + base64.StdEncoding.EncodeToString(b) + "\n-----END " + c4ghSecretPEM + "-----\n"
}

// c4ghFromFile reads the text of a secret key's file. Its faults are
// sealed.identity and sealed.identity_locked.
func c4ghFromFile(text string) (identity string, err error) {
	b, err := base64.StdEncoding.DecodeString(body(text, c4ghSecretPEM))
	if err != nil {
		return "", badIdentity()
	}
	rest, ours := bytes.CutPrefix(b, []byte(c4ghKeyMagic))
	if !ours {
		return "", badIdentity()
	}
	field := func() string {
		if len(rest) < 2 {
			return ""
		}
		n := int(binary.BigEndian.Uint16(rest))
		if len(rest) < 2+n {
			return ""
		}
		s := string(rest[2 : 2+n])
		rest = rest[2+n:]
		return s
	}
	if kdf := field(); kdf == "scrypt" || kdf == "bcrypt" || kdf == "pbkdf2_hmac_sha256" {
		return "", fault.New("sealed.identity_locked", "Den hemliga nyckeln är låst med en lösenfras, och sluss läser bara olåsta.", "The secret key is locked with a passphrase, and sluss reads unlocked ones only.").
			Do("Öppna med tar och crypt4gh decrypt som README.txt i paketet visar, eller lås upp nyckeln med crypt4gh-keygen --relock.",
				"Open with tar and crypt4gh decrypt as README.txt in the parcel shows, or unlock the key with crypt4gh-keygen --relock.")
	} else if kdf != "none" || field() != "none" {
		return "", badIdentity()
	}
	secret := field()
	if len(secret) != 32 {
		return "", badIdentity()
	}
	return c4ghSecret + base64.StdEncoding.EncodeToString([]byte(secret)), nil
}
