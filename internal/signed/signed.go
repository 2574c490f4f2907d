// Package signed puts signatures under documents and checks them.
//
// A document is canonical JSON on one line; its first field "type" says what it
// is, so that a signature under one kind of document can never be taken for
// one under another. Document and signature together are a signed note
// (golang.org/x/mod/sumdb/note): readable text that anybody can check with the
// signer's public key and no secret.
//
// Keys are Ed25519. A private key is text that begins PRIVATE+KEY+, a public
// key is text name+hash+base64.
//
// People may sign with a passkey instead ([Passkey]). Both kinds are checked
// without asking anybody: [Signers.Open] needs its own list and nothing else.
package signed

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sluss/internal/canon"
)

// Errors of [Open]; the rest is wrapped text.
var (
	// ErrUnknownSigner: no signature is by a key of the list.
	ErrUnknownSigner = errors.New("not signed by a known key")
	// ErrBroken: document or signature has been changed or cut.
	ErrBroken = errors.New("signature does not hold")
	// ErrType: the document is of another type than the caller wants.
	ErrType = errors.New("document of another type")
)

// Generate makes a key pair. The name says whose it is; it holds no space or +.
func Generate(random io.Reader, name string) (private, public string, err error) {
	return note.GenerateKey(random, name)
}

// Fingerprint is what people compare: the first 32 hexadecimal digits of the
// public key's SHA-256, in groups of four.
func Fingerprint(public string) string {
	h := string(canon.Sum([]byte(strings.TrimSpace(public))))[:32]
	var groups []string
	for ; len(h) > 0; h = h[4:] {
		groups = append(groups, h[:4])
	}
	return strings.Join(groups, "-")
}

// Public returns the public key that belongs to a private one.
func Public(private string) (string, error) {
	bad := errors.New("not a private signing key")
	private = strings.TrimSpace(private)
	if _, err := note.NewSigner(private); err != nil {
		return "", bad
	}
	part := strings.SplitN(private, "+", 5) // PRIVATE KEY name hash key; NewSigner has checked them
	raw, err := base64.StdEncoding.DecodeString(part[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", bad
	}
	return note.NewEd25519VerifierKey(part[2], ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey))
}

// Sign returns doc, canonically written, with a signature under it. Doc must
// have a field "type".
func Sign(doc any, private string) (string, error) {
	text, err := canon.JSON(doc)
	if err != nil {
		return "", err
	}
	if typeOf(text) == "" {
		return "", errors.New("a signed document states its type")
	}
	signer, err := note.NewSigner(strings.TrimSpace(private))
	if err != nil {
		return "", errors.New("not a private signing key")
	}
	b, err := note.Sign(&note.Note{Text: string(text) + "\n"}, signer)
	return string(b), err
}

// Open checks a signed note against the list of public keys and returns the
// document of the wanted type and the key that signed it.
func Open(text, wantType string, keys ...string) (doc []byte, key string, err error) {
	var vs []note.Verifier
	byName := map[string]string{}
	for _, k := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return nil, "", errors.New("not a public signing key")
		}
		vs = append(vs, v)
		byName[fmt.Sprintf("%s+%08x", v.Name(), v.KeyHash())] = strings.TrimSpace(k)
	}
	n, err := note.Open([]byte(text), note.VerifierList(vs...))
	if _, unknown := errors.AsType[*note.UnverifiedNoteError](err); unknown {
		return nil, "", ErrUnknownSigner
	}
	if err != nil {
		return nil, "", ErrBroken
	}
	doc = bytes.TrimSuffix([]byte(n.Text), []byte("\n"))
	if canonical, err := canon.Normalise(doc); err != nil || !bytes.Equal(canonical, doc) {
		return nil, "", ErrBroken
	}
	if typeOf(doc) != wantType {
		return nil, "", ErrType
	}
	return doc, byName[fmt.Sprintf("%s+%08x", n.Sigs[0].Name, n.Sigs[0].Hash)], nil
}

// Into is [Open] with the document decoded strictly into v.
func Into(text, wantType string, v any, keys ...string) (key string, err error) {
	doc, key, err := Open(text, wantType, keys...)
	if err != nil {
		return "", err
	}
	return key, decode(doc, v)
}

// decode reads a document strictly.
func decode(doc []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// validKey reports whether a text is a public key that notes are signed with.
func validKey(key string) error {
	_, err := note.NewVerifier(strings.TrimSpace(key))
	return err
}

func typeOf(doc []byte) string {
	var t struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(doc, &t) != nil {
		return ""
	}
	return t.Type
}
