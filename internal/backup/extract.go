package backup

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/signed"
)

// Want is what the reader asks for.
type Want struct {
	Kind   Kind
	Signer func(public string) bool // whose backup; nil accepts the key that the backup names itself
	Today  day.Day
}

// maxNote bounds a head or a manifest, bytes.
const maxNote = 256 << 20

// Extract takes a backup out into dir, which must not exist, and returns its
// manifest. Where it fails, dir is gone again.
//
// Faults: those of [sealed.Open]; backup.exists (dir is there), backup.kind
// (of something else), backup.signer (of somebody else), backup.expired (kept
// too long), backup.changed (content that is not what was signed), backup.mixed
// (head and content of two backups) and backup.cut (no end).
func Extract(ctx context.Context, r io.Reader, identity, dir string, want Want) (m Manifest, err error) {
	plain, err := sealed.Open(r, identity)
	if err != nil {
		return m, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return m, fault.New("backup.exists", "Mappen finns redan.", "The folder is there already.").
				At(fault.Where{File: filepath.Base(dir)}).Do("Ange en ny mapp; inget skrivs över.", "Name a new folder; nothing is written over.")
		}
		return m, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	x := extraction{ctx: ctx, tar: tar.NewReader(plain), dir: dir, want: want}
	if m, err = x.run(); err != nil {
		return m, err
	}
	// Only at its end is a sealed file known to be whole.
	if n, err := io.Copy(io.Discard, plain); err != nil || n > 1<<20 {
		return m, errors.Join(changed(), err)
	}
	return m, nil
}

type extraction struct {
	ctx  context.Context
	tar  *tar.Reader
	dir  string
	want Want
	have []File
}

func (x *extraction) run() (m Manifest, err error) {
	text, err := x.note(headName)
	if err != nil {
		return m, err
	}
	var head Head
	if err := x.open(text, typeHead, &head, func() string { return head.Signer }); err != nil {
		return m, err
	}
	if err := x.wanted(head); err != nil {
		return m, err
	}
	for {
		h, err := x.tar.Next()
		if err != nil {
			return m, cut(err)
		}
		if h.Name == manifestName {
			break
		}
		if err := x.take(h); err != nil {
			return m, err
		}
	}
	b, err := io.ReadAll(io.LimitReader(x.tar, maxNote))
	if err != nil {
		return m, cut(err)
	}
	if err := x.open(string(b), typeManifest, &m, func() string { return head.Signer }); err != nil {
		return m, err
	}
	if m.Head != head {
		return m, fault.New("backup.mixed", "Filen är hopsatt av två säkerhetskopior.", "The file is put together from two backups.").
			Do("Använd en annan säkerhetskopia och ta reda på varför.", "Use another backup and find out why.")
	}
	if !slices.Equal(m.Files, x.have) {
		return m, changed()
	}
	if _, err := x.tar.Next(); !errors.Is(err, io.EOF) {
		return m, changed()
	}
	return m, nil
}

// note reads a signed text that must be the next entry.
func (x *extraction) note(name string) (string, error) {
	h, err := x.tar.Next()
	if err != nil {
		return "", notOne(err)
	}
	if h.Name != name {
		return "", notOne(nil)
	}
	b, err := io.ReadAll(io.LimitReader(x.tar, maxNote))
	if err != nil {
		return "", notOne(err)
	}
	return string(b), nil
}

// open checks the signature under a note by the key that its head names.
func (x *extraction) open(text, typ string, v any, signer func() string) error {
	key := signer()
	if key == "" {
		doc, _, _ := strings.Cut(text, "\n")
		var claim struct {
			Signer string `json:"signer"`
		}
		if json.Unmarshal([]byte(doc), &claim) != nil {
			return notOne(nil)
		}
		key = claim.Signer
		if x.want.Signer != nil && !x.want.Signer(key) {
			return otherSigner()
		}
	}
	if _, err := signed.Into(text, typ, v, key); err != nil {
		if errors.Is(err, signed.ErrUnknownSigner) {
			return otherSigner()
		}
		return changed().Because(err)
	}
	return nil
}

func (x *extraction) wanted(head Head) error {
	if head.Kind != x.want.Kind {
		return fault.New("backup.kind", fmt.Sprintf("Det är en säkerhetskopia av ett annat slag (%s).", head.Kind), fmt.Sprintf("This is a backup of another kind (%s).", head.Kind)).
			Do(fmt.Sprintf("Ange en av slaget %s.", x.want.Kind), fmt.Sprintf("Name one of the kind %s.", x.want.Kind))
	}
	if head.Until != 0 && x.want.Today > head.Until {
		f := fault.New("backup.expired", "Säkerhetskopian fick sparas till och med "+head.Until.String()+" och läses inte in.", "The backup could be kept until "+head.Until.String()+" and is not restored.").
			Of(fault.Gate).Do("Använd en nyare, och förstör den här.", "Use a later one, and destroy this one.")
		f.Rule, f.Promise, f.Law = "backup.expired", 10, "arkivlagen (1990:782) 10 §; dataskyddsförordningen (EU) 2016/679 artikel 5.1 e"
		return f
	}
	return nil
}

// take writes one file; it is there whole or the run fails.
func (x *extraction) take(h *tar.Header) error {
	if h.Typeflag != tar.TypeReg || !safe(h.Name) || h.Size < 0 {
		return changed()
	}
	path := filepath.Join(x.dir, filepath.FromSlash(h.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errors.Join(changed(), err)
	}
	n, sum, err := canon.SumReader(io.TeeReader(reader{x.ctx, x.tar}, onDisk{f}))
	if err != nil {
		_ = f.Close()
		if x.ctx.Err() != nil {
			return x.ctx.Err()
		}
		if bad, ok := errors.AsType[*diskError](err); ok {
			return bad.error
		}
		return cut(err)
	}
	x.have = append(x.have, File{h.Name, n, sum})
	return errors.Join(f.Sync(), f.Close())
}

// onDisk tells a disk that is full from a backup that is broken.
type onDisk struct{ f *os.File }

type diskError struct{ error }

func (d onDisk) Write(p []byte) (int, error) {
	n, err := d.f.Write(p)
	if err != nil {
		err = &diskError{err}
	}
	return n, err
}

func cut(err error) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok { // what sealed.Open's reader found
		return f
	}
	return fault.New("backup.cut", "Säkerhetskopian är avkortad.", "The backup has been cut.").Do("Använd en annan.", "Use another one.").Because(err)
}

func changed() *fault.Fault {
	return fault.New("backup.changed", "Säkerhetskopian är ändrad: innehållet är inte det som undertecknades.", "The backup has been changed: its content is not what was signed.").
		Do("Använd en annan, och ta reda på varför.", "Use another one, and find out why.")
}

func otherSigner() error {
	return fault.New("backup.signer", "Säkerhetskopian är undertecknad av någon annan.", "The backup is signed by somebody else.").
		Do("Jämför fingeravtrycket med det som ni har antecknat.", "Compare the fingerprint with the one that you have noted.")
}

func notOne(err error) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	return fault.New("backup.none", "Filen är ingen säkerhetskopia.", "The file is no backup.").Do("Kontrollera att det är rätt fil.", "Check that it is the right file.").Because(err)
}
