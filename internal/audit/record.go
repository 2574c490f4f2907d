// Package audit makes the log of orders one that nobody can rewrite unseen,
// not even who runs the database.
//
// Each entry of an order is a [Record]. When it is stored, a commitment to it
// is stored beside it in the same transaction: SHA-256 of a random salt and
// the record's canonical JSON ([Commit]). Within a second a [Sequencer] gives
// the commitments that have come since last time their places in one Merkle
// tree over all orders (RFC 6962, golang.org/x/mod/sumdb/tlog) and signs the
// tree's size and root: a [Checkpoint]. No lock is shared with those who store
// entries.
//
// What that gives:
//
//   - [Verify] walks everything from stored entries to signatures and finds a
//     changed byte, a dropped or added entry, a changed order, a broken
//     signature. With a checkpoint that somebody outside has kept, it also
//     finds a log that was cut or forked and signed anew.
//   - An outsider with a checkpoint can be shown that one entry is in the tree
//     ([Inclusion]) and that a later tree only adds to an earlier one
//     ([Consistency]), a dozen hashes each.
//   - The tree holds only salted commitments. When content is erased together
//     with its salt, every proof still holds, and what was erased cannot be
//     found again by guessing.
//
// An erasure is itself an entry ([TypeErased]) that names what went and on
// which ground, with the hash of what was left in its place; otherwise blanking
// a salt would be a way to change an entry unseen.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sluss/internal/canon"
)

// Record is all of an entry that the log vouches for.
type Record struct {
	Stream  string `json:"stream"`
	Version int    `json:"version"`
	At      int64  `json:"at"` // milliseconds since 1970 UTC
	Actor   string `json:"actor"`
	Role    string `json:"role"`
	// Assurance is how sure the counter was of who acted; left out where nobody
	// logged in, so that entries from before it was kept have the hash they had.
	Assurance int             `json:"assurance,omitempty"`
	Type      string          `json:"type"`
	Schema    int             `json:"schema"`
	Data      json.RawMessage `json:"data"` // canonical JSON
}

// Text returns the record's canonical JSON, the bytes that are committed to.
func (r Record) Text() ([]byte, error) { return canon.JSON(r) }

// SaltSize is the length of a salt in bytes.
const SaltSize = 32

// NewSalt draws a salt.
func NewSalt(random io.Reader) ([]byte, error) {
	salt := make([]byte, SaltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("draw salt: %w", err)
	}
	return salt, nil
}

// Commitment is SHA-256(salt ‖ canonical JSON): it tells nothing about the
// record to who does not have the salt.
type Commitment [sha256.Size]byte

// Commit returns the commitment to a record's text.
func Commit(salt, text []byte) (c Commitment) {
	h := sha256.New()
	h.Write(salt)
	h.Write(text)
	h.Sum(c[:0])
	return c
}

// String is the commitment in hexadecimal.
func (c Commitment) String() string { return hex.EncodeToString(c[:]) }

// Leaf is the hash of the commitment as a leaf of the tree (RFC 6962 section
// 2.1: SHA-256(0x00 ‖ commitment)).
func (c Commitment) Leaf() tlog.Hash { return tlog.RecordHash(c[:]) }

// ParseCommitment is the reverse of String.
func ParseCommitment(s string) (c Commitment, err error) {
	h, err := parseHash(s)
	return Commitment(h), err
}

var errHex = errors.New("not 64 lower-case hexadecimal digits")

func parseHash(s string) (h tlog.Hash, err error) {
	if len(s) != 2*len(h) || strings.ToLower(s) != s {
		return h, errHex
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return h, errHex
	}
	return h, nil
}

// ErasedPrefix begins the stream that the erasures of an order are logged in:
// erasures/FK-2026-00001.
const ErasedPrefix = "erasures/"

// TypeErased is the type of a record that says that content was erased.
const TypeErased = "content_erased"

// Erasure is the data of such a record.
type Erasure struct {
	Stream  string     `json:"stream"`
	Version int        `json:"version"`
	Ground  string     `json:"ground"` // law or decision
	Left    canon.Hash `json:"left"`   // of the text of the record that stands in its place
}

// NewErasure returns the record of an erasure: the next, version n, in the
// order's stream of erasures.
func NewErasure(n int, at time.Time, actor, role string, e Erasure) (Record, error) {
	data, err := canon.JSON(e)
	return Record{Stream: ErasedPrefix + e.Stream, Version: n, At: at.UnixMilli(), Actor: actor, Role: role, Type: TypeErased, Schema: 1, Data: data}, err
}
