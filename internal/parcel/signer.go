package parcel

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/signed"
)

// Signer is whose signature the reader asks for. The zero value is nobody.
type Signer struct {
	fingerprint string
	anybody     bool
}

// Anybody accepts the signature of the key that the parcel itself names. It
// finds a parcel that has been damaged on its way, but not one that somebody
// else has made: compare [Outer].Signer or [Manifest].Signer with the decision.
func Anybody() Signer { return Signer{anybody: true} }

var fingerprintForm = regexp.MustCompile(`^[0-9a-f]{4}(-[0-9a-f]{4}){7}$`)

// ParseSigner reads a public signing key or its fingerprint. Its fault is
// parcel.signer.
func ParseSigner(text string) (Signer, error) {
	text = strings.TrimSpace(text)
	if f := strings.ToLower(text); fingerprintForm.MatchString(f) {
		return Signer{fingerprint: f}, nil
	}
	if _, err := note.NewVerifier(text); err == nil {
		return Signer{fingerprint: signed.Fingerprint(text)}, nil
	}
	return Signer{}, fault.New("parcel.signer", "Undertecknarens nyckel går inte att läsa.", "The signer's key cannot be read.").
		Do("Ange fingeravtrycket som står i beslutet, åtta grupper om fyra tecken, den publika nyckeln eller en fil med den.",
			"Give the fingerprint that stands in the decision, eight groups of four characters, the public key, or a file with it.")
}

// ReadSigner is [ParseSigner] for what is given on a command line: it may also
// be the name of a file that holds the key or the fingerprint.
func ReadSigner(arg string) (Signer, error) {
	s, err := ParseSigner(arg)
	if err == nil {
		return s, nil
	}
	b, readErr := os.ReadFile(arg)
	if readErr != nil || len(b) > maxReadme {
		return Signer{}, err
	}
	return ParseSigner(string(b))
}

// Is reports whether a public key is the signer's.
func (s Signer) Is(public string) bool {
	return s.anybody || signed.Fingerprint(public) == s.fingerprint
}

// open checks a note whose document states its signer's public key.
func (s Signer) open(text, typ string, v any) error {
	doc, _, _ := strings.Cut(text, "\n")
	var claim struct {
		Signer string `json:"signer"`
	}
	if json.Unmarshal([]byte(doc), &claim) != nil {
		return fetchAgain(changed())
	}
	if !s.Is(claim.Signer) {
		return wrongSigner()
	}
	if _, err := signed.Into(text, typ, v, claim.Signer); err != nil {
		return signature(err)
	}
	return nil
}

// noteSum is the hash of a document as it stands in its note.
func noteSum(text string) canon.Hash {
	doc, _, _ := strings.Cut(text, "\n")
	return canon.Sum([]byte(doc))
}
