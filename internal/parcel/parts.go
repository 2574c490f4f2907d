package parcel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// A parcel can be carried in parts, where a medium or a line does not take it
// whole. A part is nothing but a stretch of the parcel's bytes: put one after
// the other, with cat or copy /b, they are the parcel. Beside them lies a list,
// in the form that sha256sum checks:
//
//	# bytes 2345678 in parts of 1000000
//	1f…  FK-2026-00001.sluss.001
//	9c…  FK-2026-00001.sluss.002
//	40…  FK-2026-00001.sluss.003
//
// The list is not signed and proves nothing: what holds is the parcel's own
// signature over the whole. The list only tells which part to fetch again.

// PartList describes the parts of a parcel.
type PartList struct {
	Whole string // name of the parcel's file
	Bytes int64  // of the whole
	Size  int64  // of each part but the last
	Sums  []canon.Hash
}

// MaxParts is how many parts a parcel can have: their names end in three digits.
const MaxParts = 999

// maxList bounds a list of parts that is read, in bytes.
const maxList = 1 << 20

// listSuffix is what a list of parts is called, after the parcel's name.
const listSuffix = ".parts"

// Name is the name of part no, of which 1 is the first.
func (l PartList) Name(no int) string { return partName(l.Whole, no) }

// ListName is the name of the list itself.
func (l PartList) ListName() string { return l.Whole + listSuffix }

func partName(whole string, no int) string { return fmt.Sprintf("%s.%03d", whole, no) }

// Span returns where part no begins and how many bytes it has; 0 when there is
// no such part.
func (l PartList) Span(no int) (from, n int64) {
	if no < 1 || no > len(l.Sums) {
		return 0, 0
	}
	from = int64(no-1) * l.Size
	return from, min(l.Size, l.Bytes-from)
}

// PartCount is how many parts of a size a parcel of so many bytes has. The fault
// parcel.part_size says that they would be none or more than [MaxParts].
func PartCount(total, size int64) (int, error) {
	if size < 1 || total < 1 || (total-1)/size >= MaxParts {
		return 0, fault.New("parcel.part_size", fmt.Sprintf("Delarna blir fler än %d, eller har ingen storlek.", MaxParts), fmt.Sprintf("There would be more than %d parts, or they have no size.", MaxParts)).
			Do("Välj större delar.", "Choose larger parts.")
	}
	return int((total-1)/size) + 1, nil
}

// SumParts reads a parcel of total bytes and describes its parts of size bytes.
func SumParts(ctx context.Context, whole string, r io.Reader, total, size int64) (PartList, error) {
	l := PartList{Whole: whole, Bytes: total, Size: size}
	n, err := PartCount(total, size)
	if err != nil {
		return l, err
	}
	for no := range n {
		want := min(size, total-int64(no)*size)
		got, sum, err := canon.SumReader(io.LimitReader(contextReader{ctx, r}, want))
		if err != nil {
			return l, err
		}
		if got != want {
			return l, io.ErrUnexpectedEOF
		}
		l.Sums = append(l.Sums, sum)
	}
	return l, nil
}

// Text is the list as a file.
func (l PartList) Text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# bytes %d in parts of %d\n", l.Bytes, l.Size)
	for i, sum := range l.Sums {
		fmt.Fprintf(&b, "%s  %s\n", sum, l.Name(i+1))
	}
	return b.Bytes()
}

var (
	listHead = regexp.MustCompile(`^# bytes ([0-9]{1,18}) in parts of ([0-9]{1,18})$`)
	listLine = regexp.MustCompile(`^([0-9a-f]{64})  (.+)\.([0-9]{3})$`)
)

// ParsePartList reads the list of the parts of the parcel called whole.
func ParsePartList(whole string, text []byte) (PartList, error) {
	bad := fault.New("parcel.part_list", "Listan över delarna går inte att läsa.", "The list of the parts cannot be read.").
		At(fault.Where{File: whole + listSuffix}).Do("Hämta listan igen.", "Fetch the list again.")
	l := PartList{Whole: whole}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
	m := listHead.FindStringSubmatch(lines[0])
	if m == nil || len(lines) > MaxParts+1 {
		return l, bad
	}
	var err, err2 error
	l.Bytes, err = strconv.ParseInt(m[1], 10, 64)
	l.Size, err2 = strconv.ParseInt(m[2], 10, 64)
	if err != nil || err2 != nil {
		return l, bad
	}
	for i, line := range lines[1:] {
		m := listLine.FindStringSubmatch(line)
		if m == nil || m[3] != fmt.Sprintf("%03d", i+1) { // the parcel may have been given another name since
			return l, bad
		}
		l.Sums = append(l.Sums, canon.Hash(m[1]))
	}
	if n, err := PartCount(l.Bytes, l.Size); err != nil || n != len(l.Sums) {
		return l, bad
	}
	return l, nil
}

// Split writes the parcel in path as parts of size bytes, and their list, into
// the new directory dir. Where it fails there is no such directory.
func Split(ctx context.Context, path, dir string, size int64) (l PartList, err error) {
	f, err := openFile(path)
	if err != nil {
		return l, err
	}
	defer f.Close()
	s, err := f.Stat()
	if err != nil {
		return l, err
	}
	if _, err := PartCount(s.Size(), size); err != nil {
		return l, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return l, fault.New("parcel.out_exists", "Mappen finns redan och skrivs inte över.", "The directory exists already and is not written over.").
				At(fault.Where{File: filepath.Base(dir)}).Do("Välj en ny mapp.", "Choose a new directory.")
		}
		return l, fault.New("parcel.out_unwritable", "Det går inte att skriva där mappen ska ligga.", "The place of the new directory cannot be written to.").
			At(fault.Where{File: filepath.Base(dir)}).Because(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	l = PartList{Whole: filepath.Base(path), Bytes: s.Size(), Size: size}
	for no := 1; int64(no-1)*size < l.Bytes; no++ {
		h := canon.NewHasher()
		n := min(size, l.Bytes-int64(no-1)*size)
		err := writeNew(filepath.Join(dir, l.Name(no)), func(w io.Writer) error {
			_, err := io.CopyN(io.MultiWriter(w, h), contextReader{ctx, f}, n)
			return err
		})
		if err != nil {
			return l, fmt.Errorf("split parcel: %w", err)
		}
		l.Sums = append(l.Sums, h.Hash())
	}
	return l, writeNew(filepath.Join(dir, l.ListName()), func(w io.Writer) error { _, err := w.Write(l.Text()); return err })
}

// source is a parcel to be read: one file, or parts as if they were one.
type source struct {
	paths []string
	list  *PartList // nil: whole, or parts without a list
	next  int       // of paths, to be opened
	open  *os.File
}

var partSuffix = regexp.MustCompile(`\.[0-9]{3}$`)

// openSource opens the parcel that path names: the parcel itself, its list of
// parts, or any part of it. Parts that are missing or have the wrong size are
// named before anything is read.
func openSource(path string) (*source, error) {
	whole := ""
	switch _, err := os.Stat(path); {
	case strings.HasSuffix(path, listSuffix):
		whole = strings.TrimSuffix(path, listSuffix)
	case partSuffix.MatchString(path):
		whole = path[:len(path)-4]
	case errors.Is(err, fs.ErrNotExist) && (there(path+listSuffix) || there(partName(path, 1))):
		whole = path
	}
	s := &source{paths: []string{path}}
	if whole != "" {
		var err error
		if s, err = partsOf(whole); err != nil {
			return nil, err
		}
	}
	return s, s.rewind()
}

func there(path string) bool {
	s, err := os.Stat(path)
	return err == nil && s.Mode().IsRegular()
}

// partsOf finds the parts of a parcel in its folder.
func partsOf(whole string) (*source, error) {
	dir, base := filepath.Split(whole)
	s := &source{}
	text, err := readSmall(whole + listSuffix)
	switch {
	case err == nil:
		l, err := ParsePartList(base, text)
		if err != nil {
			return nil, err
		}
		s.list = &l
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fault.New("parcel.part_list", "Listan över delarna går inte att läsa.", "The list of the parts cannot be read.").
			At(fault.Where{File: base + listSuffix}).Because(err)
	}
	last := 0
	if s.list != nil {
		last = len(s.list.Sums)
	} else {
		for no := 1; no <= MaxParts; no++ {
			if there(partName(whole, no)) {
				last = no
			}
		}
	}
	var size int64 // of the first part, which all others but the last have
	for no := 1; no <= max(last, 1); no++ {
		name := partName(base, no)
		f, err := os.Stat(filepath.Join(dir, name))
		if err != nil || !f.Mode().IsRegular() {
			return nil, partFault("part_missing", name, "Delen saknas.", "The part is missing.")
		}
		if no == 1 {
			size = f.Size()
		}
		want := size
		switch {
		case s.list != nil:
			_, want = s.list.Span(no)
		case no == last:
			want = min(size, f.Size())
		}
		switch {
		case f.Size() < want:
			return nil, partFault("part_cut", name, "Delen är avkortad: slutet saknas.", "The part has been cut: its end is missing.")
		case f.Size() > want:
			return nil, partFault("part_size", name, "Delen är större än den ska vara.", "The part is larger than it should be.")
		}
		s.paths = append(s.paths, filepath.Join(dir, name))
	}
	return s, nil
}

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxList+1))
	if err == nil && len(b) > maxList {
		err = errFormat
	}
	return b, err
}

func partFault(code, name, sv, en string) *fault.Fault {
	return fault.New("parcel."+code, sv, en).At(fault.Where{File: name}).
		Do("Hämta delen igen och lägg den bredvid de andra.", "Fetch the part again and put it beside the others.")
}

// rewind starts from the first byte again.
func (s *source) rewind() error {
	if err := s.Close(); err != nil {
		return err
	}
	s.next = 0
	return s.advance()
}

// advance opens the next part.
func (s *source) advance() error {
	f, err := openFile(s.paths[s.next])
	if err != nil {
		return err
	}
	s.open = f
	s.next++
	return nil
}

// Read reads on, across the borders of parts.
func (s *source) Read(p []byte) (int, error) {
	for {
		n, err := s.open.Read(p)
		if n > 0 || err == nil {
			return n, nil
		}
		if !errors.Is(err, io.EOF) || s.next == len(s.paths) {
			return 0, err
		}
		if err := errors.Join(s.Close(), s.advance()); err != nil {
			return 0, err
		}
	}
}

// Close closes what is open.
func (s *source) Close() error {
	if s.open == nil {
		return nil
	}
	err := s.open.Close()
	s.open = nil
	return err
}

// blame looks for the part that a refusal of the whole is due to. What it finds
// takes the place of the refusal; without a list only an early end can be laid
// to the last part.
func (s *source) blame(ctx context.Context, refusal error) error {
	f, ok := errors.AsType[*fault.Fault](refusal)
	if !ok || len(s.paths) == 1 && s.list == nil {
		return refusal
	}
	switch f.Code {
	case "parcel.cut", "parcel.changed", "parcel.sealed_part", "parcel.signature", "parcel.not_parcel", "parcel.swapped":
	default:
		return refusal
	}
	if s.list == nil {
		if f.Code == "parcel.cut" {
			name := partName(strings.TrimSuffix(filepath.Base(s.paths[0]), ".001"), len(s.paths)+1)
			return partFault("part_missing", name, "Paketet fortsätter efter den sista delen: den är avkortad, eller så saknas delar från och med den här.",
				"The parcel goes on after the last part: that one has been cut, or parts are missing from this one on.")
		}
		return f.Do("Hämta också listan över delarna ("+listSuffix+"): med den kan programmet säga vilken del det är.", "Fetch the list of the parts, too ("+listSuffix+"): with it the program can tell which part it is.")
	}
	for i, path := range s.paths {
		sum, err := sumFile(ctx, path)
		if err != nil {
			return err
		}
		if sum == s.list.Sums[i] {
			continue
		}
		for other, want := range s.list.Sums {
			if sum == want {
				no := strconv.Itoa(other + 1)
				return partFault("part_swapped", filepath.Base(path), "Delen har innehållet av del "+no+".", "The part has the content of part "+no+".")
			}
		}
		return partFault("part_changed", filepath.Base(path), "Delen är inte den som listan anger: den har ändrats eller hör till ett annat paket.",
			"The part is not the one that the list names: it has been changed or belongs to another parcel.")
	}
	return refusal
}

func sumFile(ctx context.Context, path string) (canon.Hash, error) {
	f, err := openFile(path)
	if err != nil {
		return "", err
	}
	_, sum, err := canon.SumReader(contextReader{ctx, f})
	return sum, errors.Join(err, f.Close())
}
