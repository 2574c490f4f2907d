package engineroom

import (
	"bufio"
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
	"sluss/internal/fault"
	"sluss/internal/sealed"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// Mailroom is a directory where media that came by registered post lie sealed
// to the vault's key until the vault reads them. It implements works.Mailroom,
// and [Mailroom.Put] is what puts a medium in. Another process may put media in
// while the vault works.
//
//	ORDER/TRACKING.age    a sealed medium, mode 0600
//	ORDER/TRACKING.gone   that it was there: its number and hash, no content
//	ORDER/closed          the order has been purged; nothing more is taken in
//
// No content lies here in clear, not even while it is written. A file is there
// whole or not at all.
type Mailroom struct{ dir string }

// NewMailroom returns the mailroom of the vault in a folder.
func NewMailroom(vault string) Mailroom { return Mailroom{filepath.Join(vault, "mailroom")} }

const (
	waitingSuffix = ".age"
	goneSuffix    = ".gone"
	closedFile    = "closed"
	partPrefix    = ".part-"
)

// Put seals what r gives to the recipient and keeps it as the medium of a
// letter. R is copied and never looked into; a file that its supplier has
// sealed is kept as it is. It returns size and hash of the sealed file.
//
// Faults: mailroom.order, mailroom.tracking (names that cannot be used),
// mailroom.empty, mailroom.twice (there is, or has been, a medium under that
// number) and the gate mailroom.closed (the order has been purged).
func (m Mailroom) Put(ctx context.Context, order, tracking, recipient string, r io.Reader) (n int64, sum canon.Hash, err error) {
	folder, number, err := m.place(order, tracking)
	if err != nil {
		return 0, "", err
	}
	if err := m.free(folder, number); err != nil {
		return 0, "", err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return 0, "", fmt.Errorf("mailroom: %w", err)
	}
	f, err := os.CreateTemp(folder, partPrefix+"*") // mode 0600
	if err != nil {
		return 0, "", fmt.Errorf("mailroom: %w", err)
	}
	defer func() { // what was linked to its place stays there
		_ = f.Close()
		if e := os.Remove(f.Name()); e != nil && !errors.Is(e, fs.ErrNotExist) { // Clear may have been here
			err = errors.Join(err, e)
		}
	}()
	h := canon.NewHasher()
	n, err = seal(ctx, io.MultiWriter(f, h), recipient, r)
	if err != nil {
		return 0, "", err
	}
	if err := f.Sync(); err != nil {
		return 0, "", fmt.Errorf("mailroom: %w", err)
	}
	return n, h.Hash(), m.post(folder, number, f.Name())
}

// post gives a finished file its name, unless the name is taken.
func (m Mailroom) post(folder, number, part string) error {
	name := filepath.Join(folder, number+waitingSuffix)
	err := os.Link(part, name)
	switch {
	case errors.Is(err, fs.ErrExist):
		return twice()
	case errors.Is(err, fs.ErrNotExist) && there(filepath.Join(folder, closedFile)): // Clear removed the part
		return m.free(folder, number)
	case err != nil:
		return fmt.Errorf("mailroom: %w", err)
	}
	// Since we looked, the order may have been purged, or another medium of this
	// number read.
	if there(filepath.Join(folder, closedFile)) || there(filepath.Join(folder, number+goneSuffix)) {
		return errors.Join(m.free(folder, number), os.Remove(name))
	}
	return m.syncUp(folder)
}

// syncUp makes a new name in an order's folder last, and the folders above it.
func (m Mailroom) syncUp(folder string) error {
	return errors.Join(syncDir(folder), syncDir(m.dir), syncDir(filepath.Dir(m.dir)))
}

// free refuses a number that has been used, and a purged order.
func (m Mailroom) free(folder, number string) error {
	switch {
	case there(filepath.Join(folder, closedFile)):
		f := fault.New("mailroom.closed", "Beställningen är gallrad; inget nytt medium tas emot.", "The order has been purged; no medium is taken in any more.").
			Do("Återsänd eller förstör mediet och anteckna det i ärendet.", "Return or destroy the medium and note it in the case.").Of(fault.Gate)
		f.Rule, f.Promise, f.Law = "mailroom.closed", 10, "arkivlagen (1990:782) 10 §"
		return f
	case there(filepath.Join(folder, number+waitingSuffix)), there(filepath.Join(folder, number+goneSuffix)):
		return twice()
	}
	return nil
}

func twice() error {
	return fault.New("mailroom.twice", "Ett medium med det brevnumret är redan inlagt.", "A medium under that letter number has been put in already.").
		Do("Lägg till ett streck och en siffra om brevet innehöll flera medier, även i ärendet.", "Add a hyphen and a digit if the letter held several media, in the case as well.")
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist) // in doubt it is
}

// seal copies r to w, sealed to the recipient.
func seal(ctx context.Context, w io.Writer, recipient string, r io.Reader) (int64, error) {
	count := &counter{w: w}
	in := bufio.NewReaderSize(contextReader{ctx, r}, 1<<16)
	head, err := in.Peek(sealed.HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read the medium: %w", err)
	}
	if len(head) == 0 {
		return 0, fault.New("mailroom.empty", "Filen är tom.", "The file is empty.").Do("Kontrollera mediet.", "Check the medium.")
	}
	if sealed.IsSealed(head) {
		_, err := io.Copy(count, in)
		return count.n, err
	}
	c, err := sealed.Seal(count, recipient)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(c, in); err != nil {
		return 0, fmt.Errorf("read the medium: %w", err)
	}
	return count.n, c.Close()
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// contextReader ends a long copy when the context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Medium opens the sealed medium of a letter.
func (m Mailroom) Medium(_ context.Context, order, tracking string) (io.ReadCloser, error) {
	folder, number, err := m.place(order, tracking)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(folder, number+waitingSuffix))
	switch {
	case err == nil:
		return f, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("mailroom: %w", err)
	case there(filepath.Join(folder, number+goneSuffix)):
		return nil, works.ErrTaken
	}
	return nil, works.ErrNotFound
}

// Done removes a medium and remembers that it was there.
func (m Mailroom) Done(ctx context.Context, order, tracking string) error {
	_, err := m.Remove(ctx, order, tracking)
	if errors.Is(err, works.ErrNotFound) {
		return nil
	}
	return err
}

// Remove does the same and says what it removed; ErrNotFound where there was
// never such a medium.
func (m Mailroom) Remove(_ context.Context, order, tracking string) (works.Medium, error) {
	folder, number, err := m.place(order, tracking)
	if err != nil {
		return works.Medium{}, err
	}
	return remove(folder, number)
}

// remove writes the note first: a run that is cut short can be finished.
func remove(folder, number string) (works.Medium, error) {
	path, note := filepath.Join(folder, number+waitingSuffix), filepath.Join(folder, number+goneSuffix)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return readNote(note)
	}
	if err != nil {
		return works.Medium{}, fmt.Errorf("mailroom: %w", err)
	}
	_, sum, err := canon.SumReader(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return works.Medium{}, fmt.Errorf("mailroom: %w", err)
	}
	medium := works.Medium{Tracking: number, SHA256: sum}
	if err := writeNote(note, medium); err != nil {
		return medium, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return medium, fmt.Errorf("mailroom: %w", err)
	}
	return medium, syncDir(folder)
}

func readNote(path string) (medium works.Medium, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return medium, works.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(b, &medium)
	}
	if err != nil {
		err = fmt.Errorf("mailroom: note of a medium: %w", err)
	}
	return medium, err
}

func writeNote(path string, medium works.Medium) error {
	b, err := canon.JSON(medium)
	if err != nil {
		return err
	}
	return writeWhole(path, b)
}

// Clear closes an order, removes its media and returns all that ever lay here.
func (m Mailroom) Clear(_ context.Context, order string) ([]works.Medium, error) {
	folder, _, err := m.place(order, "X")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("mailroom: %w", err)
	}
	if err := writeWhole(filepath.Join(folder, closedFile), nil); err != nil { // first: from now on Put refuses
		return nil, err
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("mailroom: %w", err)
	}
	var numbers []string
	for _, e := range files {
		number, suffix := strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), filepath.Ext(e.Name())
		switch {
		case strings.HasPrefix(e.Name(), partPrefix): // left by a program that was killed
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("mailroom: %w", err)
			}
		case (suffix == waitingSuffix || suffix == goneSuffix) && !slices.Contains(numbers, number):
			numbers = append(numbers, number)
		}
	}
	var out []works.Medium
	for _, n := range numbers { // sorted, as the directory was
		medium, err := remove(folder, n)
		if err != nil {
			return nil, err
		}
		out = append(out, medium)
	}
	return out, m.syncUp(folder)
}

// Waiting is a medium that nobody has read yet.
type Waiting struct {
	Order, Tracking string
	Bytes           int64
}

// Waiting lists the media that lie here, by order and number.
func (m Mailroom) Waiting() ([]Waiting, error) {
	paths, err := filepath.Glob(filepath.Join(m.dir, "*", "*"+waitingSuffix)) // sorted
	if err != nil {
		return nil, err
	}
	var out []Waiting
	for _, p := range paths {
		s, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) { // read meanwhile
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("mailroom: %w", err)
		}
		out = append(out, Waiting{filepath.Base(filepath.Dir(p)), strings.TrimSuffix(filepath.Base(p), waitingSuffix), s.Size()})
	}
	return out, nil
}

// place returns an order's folder and the number as files are named by it.
// Neither can name anything outside the mailroom.
func (m Mailroom) place(order, tracking string) (folder, number string, err error) {
	if order == "" || order[0] == '.' || strings.ContainsFunc(order, odd) {
		return "", "", fault.New("mailroom.order", "Ärendenumret går inte att läsa.", "The case number cannot be read.").
			Do("Skriv det som i ärendet: FK-2026-00001.", "Write it as in the case: FK-2026-00001.")
	}
	number, ok := workorder.TrackingNumber(tracking)
	if !ok {
		return "", "", fault.New("mailroom.tracking", "Brevets nummer går inte att läsa.", "The letter's number cannot be read.").
			Do("Skriv bokstäver A–Z, siffror och streck, högst 40: RR123456789SE.", "Write letters A–Z, digits and hyphens, at most 40: RR123456789SE.")
	}
	return filepath.Join(m.dir, order), number, nil
}

// odd finds what cannot stand in a case number; the same letters as the vault
// takes.
func odd(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// writeWhole writes a file that is there whole or not at all, mode 0600.
func writeWhole(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), partPrefix+"*")
	if err != nil {
		return fmt.Errorf("mailroom: %w", err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("mailroom: %w", err), os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes names in a directory last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("mailroom: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
