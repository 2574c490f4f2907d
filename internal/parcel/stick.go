package parcel

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// A stick is a medium that carries a parcel by registered post: the parcel, or
// its parts where the medium's file system takes no large files, their list, and
// a README. What lies on it is sealed to the recipient's key and tells nobody
// else anything but the number of the case.

// Stick is what [WriteStick] writes.
type Stick struct {
	Parcel string // path of the parcel, or of a part of it
	Dir    string // empty folder: where the medium is mounted, or a new one
	Want   Want   // whose parcel it must be, and of which order
	// PartSize is the largest file that is written, bytes; 0 = [StickPart].
	PartSize int64
}

// StickPart is the largest file that every file system of a stick takes: FAT
// has room for files of less than 2^32 bytes.
const StickPart = 4_000_000_000

// StickReadme is the name of the text on a stick.
const StickReadme = "README.txt"

// halfWritten ends the names of files that are not whole yet.
const halfWritten = ".half"

// fromElsewhere are the folders that systems make on a medium by themselves.
var fromElsewhere = []string{"lost+found", "System Volume Information", ".Trashes", ".fseventsd", ".Spotlight-V100"}

// WriteStick verifies a parcel as far as that goes without its key and writes it
// to a medium. The files have their names when all of them are whole and have
// been read back; what a killed run left half-written is removed. It returns the note of
// the parcel and the SHA-256 of its bytes as they were read from the medium,
// which people compare with the label.
//
// Faults are parcel.* ([Verify]), stick.not_empty where something else lies
// there, stick.full, stick.unwritable, and stick.misread where the medium gives
// back other bytes than were written.
func WriteStick(ctx context.Context, s Stick) (Outer, canon.Hash, error) {
	outer, err := Verify(ctx, s.Parcel, s.Want)
	if err != nil {
		return outer, "", err
	}
	src, err := openSource(s.Parcel)
	if err != nil {
		return outer, "", err
	}
	defer src.Close()
	total, err := src.size()
	if err != nil {
		return outer, "", err
	}
	size := s.PartSize
	if size == 0 {
		size = StickPart
	}
	n, err := PartCount(total, size)
	if err != nil {
		return outer, "", err
	}
	w := stickWriter{ctx: ctx, dir: s.Dir, src: src, whole: outer.Order + ".sluss", total: total, size: size, parts: n}
	if err := w.ready(); err != nil {
		return outer, "", err
	}
	sum, err := w.write(outer.Order)
	if err != nil {
		return outer, "", w.wrong(err)
	}
	return outer, sum, nil
}

// stickWriter writes one stick.
type stickWriter struct {
	ctx         context.Context
	dir         string
	src         *source
	whole       string // name of the parcel
	total, size int64
	parts       int
}

// ready makes the folder where there is none, removes what an earlier run left
// half-written, and refuses one that holds anything else.
func (w stickWriter) ready() error {
	if err := os.Mkdir(w.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return w.wrong(err)
	}
	there, err := os.ReadDir(w.dir)
	if err != nil {
		return w.wrong(err)
	}
	var half []string
	for _, e := range there {
		name := e.Name()
		if slices.Contains(fromElsewhere, name) || strings.HasSuffix(name, halfWritten) && strings.HasPrefix(name, w.whole) && e.Type().IsRegular() {
			if strings.HasSuffix(name, halfWritten) {
				half = append(half, name)
			}
			continue
		}
		return fault.New("stick.not_empty", "Det ligger redan något på minnet.", "There is something on the stick already.").
			At(fault.Where{File: filepath.Base(w.dir)}).Do("Ta ett tomt minne, eller radera det här. Ett minne bär en enda leverans.", "Take an empty stick, or erase this one. A stick carries one delivery only.")
	}
	for _, name := range half {
		if err := os.Remove(filepath.Join(w.dir, name)); err != nil {
			return w.wrong(err)
		}
	}
	return nil
}

// names are the files that hold the parcel, in order.
func (w stickWriter) names() []string {
	if w.parts == 1 {
		return []string{w.whole}
	}
	var out []string
	for no := 1; no <= w.parts; no++ {
		out = append(out, partName(w.whole, no))
	}
	return out
}

// write writes every file under another name, reads all of them back, and then
// gives them their own, the README last: where it stands the stick is whole.
func (w stickWriter) write(order string) (canon.Hash, error) {
	l := PartList{Whole: w.whole, Bytes: w.total, Size: w.size}
	written, read := canon.NewHasher(), canon.NewHasher()
	names := w.names()
	for i, name := range names {
		n := min(w.size, w.total-int64(i)*w.size)
		h := canon.NewHasher()
		err := w.half(name, func(f io.Writer) error {
			_, err := io.CopyN(io.MultiWriter(f, h, written), contextReader{w.ctx, w.src}, n)
			return err
		})
		if err != nil {
			return "", err
		}
		l.Sums = append(l.Sums, h.Hash())
	}
	for i, name := range names {
		sum, err := w.readBack(name, read)
		if err != nil {
			return "", err
		}
		if sum != l.Sums[i] {
			return "", misread(name)
		}
	}
	if read.Hash() != written.Hash() {
		return "", misread(w.whole)
	}
	if w.parts > 1 {
		names = append(names, l.ListName())
		if err := w.half(l.ListName(), func(f io.Writer) error { _, err := f.Write(l.Text()); return err }); err != nil {
			return "", err
		}
	}
	text := strings.NewReplacer("ORDER", order, "PARCEL", names[0], "SHA256", string(read.Hash())).Replace(stickText)
	if err := w.half(StickReadme, func(f io.Writer) error { _, err := io.WriteString(f, text); return err }); err != nil {
		return "", err
	}
	for _, name := range append(names, StickReadme) {
		if err := os.Rename(w.halfPath(name), filepath.Join(w.dir, name)); err != nil {
			return "", err
		}
	}
	return read.Hash(), syncDir(w.dir)
}

func (w stickWriter) halfPath(name string) string {
	if !strings.HasPrefix(name, w.whole) {
		name = w.whole + "." + name
	}
	return filepath.Join(w.dir, name+halfWritten)
}

// half writes a file under its other name, to the medium and not only to memory.
// Where that fails it is removed.
func (w stickWriter) half(name string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(w.halfPath(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 1<<20)
	err = fill(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(w.halfPath(name)))
	}
	return nil
}

// syncDir writes the names in a folder to the medium, where the system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // not every file system can; the bytes have been written
	return d.Close()
}

func (w stickWriter) readBack(name string, whole io.Writer) (canon.Hash, error) {
	f, err := os.Open(w.halfPath(name))
	if err != nil {
		return "", err
	}
	h := canon.NewHasher()
	_, err = io.CopyBuffer(io.MultiWriter(h, whole), contextReader{w.ctx, f}, make([]byte, 1<<20))
	return h.Hash(), errors.Join(err, f.Close())
}

func misread(name string) error {
	return fault.New("stick.misread", "Minnet ger tillbaka något annat än det som skrevs.", "The stick gives back something else than what was written.").
		At(fault.Where{File: name}).Do("Kassera minnet och ta ett annat.", "Discard the stick and take another.")
}

// wrong tells what is the matter with the medium.
func (w stickWriter) wrong(err error) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	at := fault.Where{File: filepath.Base(w.dir)}
	switch {
	case w.ctx.Err() != nil:
		return err
	case errors.Is(err, syscall.ENOSPC):
		return fault.New("stick.full", fmt.Sprintf("Paketet får inte plats på minnet: det är %d byte.", w.total), fmt.Sprintf("The stick has no room for the parcel: it has %d bytes.", w.total)).At(at).
			Do("Radera minnet och ta ett större.", "Erase the stick and take a larger one.").Because(err)
	}
	return fault.New("stick.unwritable", "Det går inte att skriva på minnet.", "The stick cannot be written to.").At(at).
		Do("Kontrollera att minnet sitter i, inte är skrivskyddat och inte är trasigt.", "See that the stick is in, is not write-protected and not broken.").Because(err)
}

// size is how many bytes the whole has.
func (s *source) size() (n int64, err error) {
	for _, path := range s.paths {
		f, err := os.Stat(path)
		if err != nil {
			return 0, err
		}
		n += f.Size()
	}
	return n, nil
}

// stickText is the README.txt of a stick, for whoever holds it.
const stickText = `Leverans ORDER
==============

Minnet bär ett förseglat paket. Bara mottagaren kan öppna det, med sin hemliga
nyckel. Är det inte du: lämna minnet till myndigheten på etiketten.

    sluss open PARCEL --identity NYCKELFIL --signer FINGERAVTRYCK --order ORDER --out MAPP

FINGERAVTRYCK står i beslutet. Bekräfta i ärendet när paketet är öppnat, och
radera sedan minnet. Paketets SHA-256:

    SHA256


Delivery ORDER
==============

The stick carries a sealed parcel. Only the recipient can open it, with their
secret key. If that is not you, hand the stick to the authority on its label.

    sluss open PARCEL --identity KEYFILE --signer FINGERPRINT --order ORDER --out FOLDER

FINGERPRINT stands in the decision. Confirm in the case when the parcel has been
opened, and then erase the stick. SHA-256 of the parcel:

    SHA256
`
