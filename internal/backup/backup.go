// Package backup is the form of a backup: how files of the counter or of the
// vault are put into one sealed, signed file, and how they are taken out again.
//
// A backup is a tar archive sealed with age to a key that neither program
// holds, so that whoever finds it reads nothing:
//
//	HEAD        signed note: what it is a backup of, when, how long it may be kept
//	…           the files
//	MANIFEST    signed note: the head once more, every file with size and hash, facts
//
// The signature is that of the side the backup is of (the counter's or the
// vault's signing key): sealing alone would let anybody who knows the public
// backup key make one. [New] writes, [Extract] takes out and refuses what has
// been cut, changed, put together from two backups, made by somebody else, of
// another kind, or kept too long. Nothing is left behind by a refusal.
//
// What belongs in the backup of which side, and what must stay out of it, is
// decided by who calls (docs/operations.md, ADR 17).
package backup

import (
	"archive/tar"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/sealed"
)

// Kind is what a backup is of.
type Kind string

// Kinds of backups. The vault has two, so that what is kept for long opens
// nothing: see ADR 17.
const (
	Counter Kind = "counter"       // database, documents, the counter's key
	Objects Kind = "vault-objects" // the vault's ciphertexts, ledger, list of what was destroyed
	Keys    Kind = "vault-keys"    // the vault's keys, which alone open nothing that is not there
)

// Head says what a backup is before anything of it is read.
type Head struct {
	Type   string  `json:"type"`
	Kind   Kind    `json:"kind"`
	ID     string  `json:"id"`     // drawn for this backup
	Made   string  `json:"made"`   // UTC, RFC 3339, whole seconds
	Until  day.Day `json:"until"`  // last day on which it may be kept and restored
	Signer string  `json:"signer"` // public key of the side that it is of
}

// File is one file of a backup.
type File struct {
	Name   string     `json:"name"` // slash-separated, below the folder it is restored to
	Bytes  int64      `json:"bytes"`
	SHA256 canon.Hash `json:"sha256"`
}

// Manifest ends a backup.
type Manifest struct {
	Type  string            `json:"type"`
	Head  Head              `json:"head"`
	Files []File            `json:"files"`
	Facts map[string]string `json:"facts"` // such as the last checkpoint of the log
}

const (
	typeHead     = "sluss/backup/v1"
	typeManifest = "sluss/backup-manifest/v1"
	headName     = "HEAD"
	manifestName = "MANIFEST"
)

// Sign puts a signature under a document; see package signed.
type Sign func(doc any) (string, error)

// Writer makes a backup.
type Writer struct {
	head  Head
	sign  Sign
	age   io.WriteCloser
	tar   *tar.Writer
	files []File
}

// New begins a backup into w, sealed to an age recipient. Of the head, Kind,
// Until and Signer are given; id and time are filled in.
func New(w io.Writer, recipient string, head Head, made time.Time, sign Sign) (*Writer, error) {
	c, err := sealed.Seal(w, recipient)
	if err != nil {
		return nil, err
	}
	head.Type, head.ID, head.Made = typeHead, rand.Text(), made.UTC().Format(time.RFC3339)
	b := &Writer{head: head, sign: sign, age: c, tar: tar.NewWriter(c), files: []File{}}
	return b, b.note(headName, head)
}

// Head returns the backup's head.
func (b *Writer) Head() Head { return b.head }

func (b *Writer) note(name string, doc any) error {
	text, err := b.sign(doc)
	if err != nil {
		return fmt.Errorf("sign %s: %w", name, err)
	}
	if err := b.tar.WriteHeader(header(name, int64(len(text)))); err != nil {
		return err
	}
	_, err = io.WriteString(b.tar, text)
	return err
}

// header is a tar header that tells nothing of the machine.
func header(name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, Format: tar.FormatPAX}
}

// Add puts a file of a known size in.
func (b *Writer) Add(ctx context.Context, name string, size int64, r io.Reader) error {
	if !safe(name) {
		return fmt.Errorf("backup: %q cannot be a name", name)
	}
	if err := b.tar.WriteHeader(header(name, size)); err != nil {
		return err
	}
	n, sum, err := canon.SumReader(io.TeeReader(io.LimitReader(reader{ctx, r}, size), b.tar))
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if n != size {
		return errors.New("backup: a file became shorter while it was read")
	}
	b.files = append(b.files, File{name, n, sum})
	return nil
}

// AddFile puts a file of the disk in. One that is gone is fs.ErrNotExist, and
// nothing has been written then.
func (b *Writer) AddFile(ctx context.Context, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("backup: not a regular file")
	}
	return b.Add(ctx, name, info.Size(), f)
}

// Close writes the manifest and ends the file; w itself stays open.
func (b *Writer) Close(facts map[string]string) (Manifest, error) {
	if facts == nil {
		facts = map[string]string{}
	}
	m := Manifest{Type: typeManifest, Head: b.head, Files: b.files, Facts: facts}
	if err := b.note(manifestName, m); err != nil {
		return m, err
	}
	return m, errors.Join(b.tar.Close(), b.age.Close())
}

// safe accepts names that stay below a folder on every system.
func safe(name string) bool {
	if name == headName || name == manifestName || len(name) > 400 {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || strings.ContainsAny(part, "\\:\x00\n") {
			return false
		}
	}
	return true
}

// reader ends a long copy when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
