package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a signed statement: the first Size leaves of the log have this
// root. Who keeps one is a witness: a log that was cut or rewritten behind it
// cannot match it any more.
//
// Its text is the checkpoint of C2SP (c2sp.org/tlog-checkpoint): origin, size
// and root in base64 on a line each, as a signed note. The origin is the name
// of the log's key.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Errors of [OpenCheckpoint].
var (
	ErrCheckpoint = errors.New("not a checkpoint")
	ErrSignature  = errors.New("the checkpoint is not signed by the log's key")
)

// Text returns the text that is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Sign returns the checkpoint as a signed note. The origin becomes the
// signer's name.
func (c Checkpoint) Sign(s note.Signer) (string, error) {
	c.Origin = s.Name()
	b, err := note.Sign(&note.Note{Text: c.Text()}, s)
	return string(b), err
}

// maxCheckpoint bounds the text of a checkpoint in bytes.
const maxCheckpoint = 4096

// OpenCheckpoint checks the signature under a checkpoint and reads it. Lines
// after the third are other people's extensions and are passed over; the
// signature covers them.
func OpenCheckpoint(text string, v note.Verifier) (Checkpoint, error) {
	if len(text) > maxCheckpoint {
		return Checkpoint{}, ErrCheckpoint
	}
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, ErrSignature
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != v.Name() {
		return Checkpoint{}, ErrCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, ErrCheckpoint
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, ErrCheckpoint
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: tlog.Hash(root)}, nil
}

// NewVerifier reads the log's public key, text name+hash+base64.
func NewVerifier(public string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, errors.New("not a public signing key")
	}
	return v, nil
}

// NewSigner reads the log's private key, text that begins PRIVATE+KEY+.
func NewSigner(private string) (note.Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(private))
	if err != nil {
		return nil, errors.New("not a private signing key")
	}
	return s, nil
}
