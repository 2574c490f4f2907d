package signed

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

type doc struct {
	Type string `json:"type"`
	N    int    `json:"n"`
}

func pair(t *testing.T, name string) (private, public string) {
	t.Helper()
	private, public, err := Generate(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

func TestSignAndOpen(t *testing.T) {
	t.Parallel()
	private, public := pair(t, "beslut")
	_, other := pair(t, "beslut")
	text, err := Sign(doc{"sluss/test/v1", 7}, private)
	if err != nil {
		t.Fatal(err)
	}
	var got doc
	key, err := Into(text, "sluss/test/v1", &got, other, public)
	if err != nil || got.N != 7 || key != public {
		t.Fatalf("%+v, key %q, %v", got, key, err)
	}
	if p, err := Public(private); err != nil || p != public {
		t.Errorf("public key %q, %v, want %q", p, err, public)
	}
	for name, tt := range map[string]struct {
		text, typ string
		keys      []string
		want      error
	}{
		"another key of the same name": {text, "sluss/test/v1", []string{other}, ErrUnknownSigner},
		"no keys":                      {text, "sluss/test/v1", nil, ErrUnknownSigner},
		"another type":                 {text, "sluss/other/v1", []string{public}, ErrType},
		"one digit changed":            {strings.Replace(text, `"n":7`, `"n":8`, 1), "sluss/test/v1", []string{public}, ErrBroken},
		"cut":                          {text[:len(text)-20], "sluss/test/v1", []string{public}, ErrBroken},
		"signature gone":               {text[:strings.Index(text, "\n")+1], "sluss/test/v1", []string{public}, ErrBroken},
		"empty":                        {"", "sluss/test/v1", []string{public}, ErrBroken},
	} {
		if _, _, err := Open(tt.text, tt.typ, tt.keys...); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	private, public := pair(t, "x")
	if _, err := Sign(map[string]int{"n": 1}, private); err == nil {
		t.Error("a document without type was signed")
	}
	if _, err := Sign(doc{"t", 1}, public); err == nil {
		t.Error("signed with a public key")
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	_, public := pair(t, "x")
	f := Fingerprint(public)
	if len(f) != 39 || strings.Count(f, "-") != 7 || f != Fingerprint(public+"\n") {
		t.Errorf("fingerprint %q", f)
	}
}
