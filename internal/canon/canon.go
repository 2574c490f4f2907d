// Package canon writes a value as canonical JSON and hashes it.
//
// Decisions, plans and manifests are bound to each other by hash. That only
// works if the same content always gives the same bytes, so this package
// follows RFC 8785: objects with sorted keys, no white space, numbers in the
// shortest form that ECMAScript gives. Whole numbers beyond 53 bits, which two
// readers could round differently, are refused. (Money is öre and net days are
// thousandths by their types; a decimal number only stands in a specification
// that a person wrote, such as a coverage of 0.95.)
package canon

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrNumber is returned for a number that a reader with 64-bit floating point
// would not read back exactly.
var ErrNumber = errors.New("number of more than 53 bits")

// Hash is a SHA-256 sum written as 64 lower-case hexadecimal digits.
type Hash string

// Short returns the first 12 digits, for people to compare.
func (h Hash) Short() string { return string(h[:min(12, len(h))]) }

// Sum returns the hash of b.
func Sum(b []byte) Hash {
	s := sha256.Sum256(b)
	return Hash(hex.EncodeToString(s[:]))
}

// JSON returns v, which encoding/json must be able to marshal, as canonical
// JSON.
func JSON(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	return Normalise(raw)
}

// Hasher takes bytes as they stream by.
type Hasher struct{ h hash.Hash }

// NewHasher returns an empty Hasher.
func NewHasher() Hasher { return Hasher{sha256.New()} }

// Write never fails.
func (h Hasher) Write(p []byte) (int, error) { return h.h.Write(p) }

// Hash returns the hash of what has been written.
func (h Hasher) Hash() Hash { return Hash(hex.EncodeToString(h.h.Sum(nil))) }

// SumReader returns size and hash of everything r holds.
func SumReader(r io.Reader) (int64, Hash, error) {
	h := NewHasher()
	n, err := io.Copy(h, r)
	return n, h.Hash(), err
}

// Of returns the hash of v's canonical JSON.
func Of(v any) (Hash, error) {
	b, err := JSON(v)
	if err != nil {
		return "", err
	}
	return Sum(b), nil
}

// Normalise rewrites one JSON document canonically. Duplicate keys and
// anything after the document are refused.
func Normalise(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out bytes.Buffer
	if err := value(dec, &out, 0); err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("canonical JSON: text after the document")
	}
	return out.Bytes(), nil
}

const maxDepth = 64

func number(out *bytes.Buffer, t string) error {
	if n, err := strconv.ParseInt(t, 10, 64); err == nil {
		if n > 1<<53 || n < -(1<<53) {
			return ErrNumber
		}
		out.WriteString(strconv.FormatInt(n, 10))
		return nil
	}
	f, err := strconv.ParseFloat(t, 64)
	if err != nil || (math.Trunc(f) == f && math.Abs(f) > 1<<53) {
		return ErrNumber
	}
	if f == 0 {
		f = 0 // minus zero is written 0
	}
	b, err := json.Marshal(f) // encoding/json writes numbers as ECMAScript does
	if err != nil {
		return err
	}
	out.Write(b)
	return nil
}

func value(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	if depth > maxDepth {
		return errors.New("nested too deeply")
	}
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	switch t := tok.(type) {
	case json.Delim:
		if t == '{' {
			return object(dec, out, depth)
		}
		return array(dec, out, depth)
	case string:
		quote(out, t)
	case json.Number:
		return number(out, t.String())
	case bool:
		out.WriteString(strconv.FormatBool(t))
	case nil:
		out.WriteString("null")
	}
	return nil
}

func array(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	out.WriteByte('[')
	for i := 0; dec.More(); i++ {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := value(dec, out, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	out.WriteByte(']')
	return err
}

func object(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	type member struct {
		key  string
		text []byte
	}
	var all []member
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		var v bytes.Buffer
		if err := value(dec, &v, depth+1); err != nil {
			return err
		}
		all = append(all, member{tok.(string), v.Bytes()})
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b member) int {
		return slices.Compare(utf16.Encode([]rune(a.key)), utf16.Encode([]rune(b.key)))
	})
	out.WriteByte('{')
	for i, m := range all {
		if i > 0 {
			if m.key == all[i-1].key {
				return fmt.Errorf("key %q stands twice", m.key)
			}
			out.WriteByte(',')
		}
		quote(out, m.key)
		out.WriteByte(':')
		out.Write(m.text)
	}
	out.WriteByte('}')
	return nil
}

func quote(out *bytes.Buffer, s string) {
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\b':
			out.WriteString(`\b`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\f':
			out.WriteString(`\f`)
		case r == '\r':
			out.WriteString(`\r`)
		case r < 0x20:
			fmt.Fprintf(out, `\u%04x`, r)
		case r == utf8.RuneError:
			out.WriteString("\ufffd")
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
}
