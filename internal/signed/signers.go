package signed

import (
	"encoding/json"
	"errors"

	"sluss/internal/order"
)

// Errors of [Signers.Enrol].
var (
	// ErrFingerprint: what was read aloud is the fingerprint of something else.
	ErrFingerprint = errors.New("another fingerprint")
	// ErrEnrolled: the passkey stands in the list already.
	ErrEnrolled = errors.New("enrolled already")
)

// Signer is a person whose key counts for a role: one of Key and Passkey.
type Signer struct {
	Name    string     `json:"name"`
	Role    order.Role `json:"role"`
	Key     string     `json:"key,omitempty"` // public, of signed notes
	Passkey *Passkey   `json:"passkey,omitempty"`
}

// Signers is a list of people who may sign. Counter and vault each have their
// own; nobody gets into the vault's by way of the counter.
type Signers []Signer

// Open checks a document of the wanted type that a note or a passkey has
// signed against the keys of the role, decodes it into v and returns the
// signer's name. It is a workorder.Opener.
func (l Signers) Open(text, typ string, role order.Role, v any) (name string, err error) {
	if doc, line, ok := byPasskey(text); ok {
		if name, err = l.openPasskey(doc, line, typ, role); err != nil {
			return "", err
		}
		return name, decode(doc, v)
	}
	var keys []string
	names := map[string]string{}
	for _, s := range l {
		if s.Role == role && s.Passkey == nil {
			keys = append(keys, s.Key)
			names[s.Key] = s.Name
		}
	}
	key, err := Into(text, typ, v, keys...)
	return names[key], err
}

// ReadSigners reads a list: each entry names a person, a role and one kind of
// key. A list with a mistake is no list.
func ReadSigners(raw []byte) (Signers, error) {
	var l Signers
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil, err
	}
	for _, s := range l {
		switch {
		case s.Name == "" || s.Role == "" || (s.Key == "") == (s.Passkey == nil):
			return nil, errors.New("a signer has a name, a role and one key")
		case s.Passkey != nil:
			if err := s.Passkey.Valid(); err != nil {
				return nil, err
			}
		default:
			if err := validKey(s.Key); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// EnrolKey is [Signers.Enrol] for a public key that notes are signed with.
func (l Signers) EnrolKey(name string, role order.Role, key, fingerprint string) (Signers, error) {
	if err := validKey(key); err != nil {
		return l, err
	}
	if plainPrint(fingerprint) != plainPrint(Fingerprint(key)) {
		return l, ErrFingerprint
	}
	for _, s := range l {
		if s.Key == key && (s.Name != name || s.Role == role) {
			return l, ErrEnrolled
		}
	}
	return append(l[:len(l):len(l)], Signer{Name: name, Role: role, Key: key}), nil
}
