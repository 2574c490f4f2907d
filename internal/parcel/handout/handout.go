// Package handout carries a sealed parcel over HTTP, from who has it to who
// fetches it.
//
// [Serve] sends the parcel whole or from the byte where a line was cut
// (RFC 9110, Range with If-Range), [ServeList] the list of its parts and
// [ServePart] one of them. The parcel's hash is its ETag: a recipient who goes
// on after a cut gets the rest of the same parcel or, when it has been replaced
// meanwhile, the new one from its first byte, never the end of another.
//
// [Fetch] is the other end: it goes on where it was cut, also in a later run,
// and keeps nothing whose hash is not the one that was promised.
//
// Both see sealed bytes only.
package handout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/parcel"
)

// Parcel is a sealed parcel as it lies.
type Parcel struct {
	Name    string // FK-2026-00001.sluss
	Bytes   int64
	SHA256  canon.Hash
	Content io.Reader // resumed and in parts only if it is an io.Seeker
}

// errShort: what lies there is not what was delivered.
var errShort = errors.New("the parcel has not the size that was delivered")

// Serve sends the parcel, or the stretch of it that is asked for. Headers that
// the caller has set stay. What has begun cannot be told otherwise than by being
// cut: where reading fails it panics with http.ErrAbortHandler, for half a
// parcel must not look like a whole one.
func Serve(w http.ResponseWriter, r *http.Request, p Parcel) error {
	content, ok := p.Content.(io.ReadSeeker)
	if !ok {
		return all(w, p)
	}
	if err := sized(content, p.Bytes); err != nil {
		return err
	}
	send(w, r, p.Name, string(p.SHA256), content)
	return nil
}

// all sends a parcel that cannot be read but from its beginning.
func all(w http.ResponseWriter, p Parcel) error {
	disposition(w, p.Name)
	w.Header().Set("Content-Length", strconv.FormatInt(p.Bytes, 10))
	if _, err := io.Copy(w, p.Content); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

func sized(s io.Seeker, want int64) error {
	n, err := s.Seek(0, io.SeekEnd)
	if err == nil && n != want {
		err = errShort
	}
	return err
}

func disposition(w http.ResponseWriter, name string) {
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	if h.Get("Content-Disposition") == "" {
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
}

func send(w http.ResponseWriter, r *http.Request, name, tag string, content io.ReadSeeker) {
	disposition(w, name)
	w.Header().Set("ETag", `"`+tag+`"`)
	watched := &watch{ReadSeeker: content}
	http.ServeContent(w, r, "", time.Time{}, watched)
	if watched.err != nil {
		panic(http.ErrAbortHandler)
	}
}

// watch remembers why reading failed.
type watch struct {
	io.ReadSeeker
	err error
}

func (x *watch) Read(p []byte) (int, error) {
	n, err := x.ReadSeeker.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		x.err = err
	}
	return n, err
}

// Sizes of parts, in bytes.
const (
	MinPart = 1 << 20
	usual   = 100_000_000
)

// PartSize is the size of the parts that a page offers: 100 MB or, for a parcel
// of more than a hundred of them, ten times as much, and so on.
func PartSize(total int64) int64 {
	size := int64(usual)
	for total > 100*size {
		size *= 10
	}
	return size
}

// partSize is the size that a request asks for, "" being the usual one.
func partSize(r *http.Request, p Parcel) (int64, error) {
	text := r.URL.Query().Get("size")
	if text == "" {
		return PartSize(p.Bytes), nil
	}
	size, err := strconv.ParseInt(text, 10, 64)
	if err != nil || size < MinPart {
		return 0, fault.New("parcel.part_size", "Delarnas storlek är ett antal byte, minst 1 048 576.", "The size of the parts is a number of bytes, at least 1,048,576.").
			Do("Ange size, eller utelämna den.", "Give size, or leave it out.")
	}
	_, err = parcel.PartCount(p.Bytes, size)
	return size, err
}

// ServeList sends the list of the parcel's parts, of the size that the request
// asks for (size=, in bytes). The first time it reads the whole parcel.
func ServeList(w http.ResponseWriter, r *http.Request, p Parcel) error {
	size, err := partSize(r, p)
	if err != nil {
		return err
	}
	l, err := lists.of(r.Context(), p, size)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	disposition(w, l.ListName())
	_, err = w.Write(l.Text())
	return err
}

// errNoPart: there is no such part, or none at all.
var errNoPart = fault.New("parcel.no_part", "Paketet har ingen sådan del.", "The parcel has no such part.").
	Do("Se listan över delarna.", "See the list of the parts.")

// ServePart sends part no of the parcel, 1 being the first.
func ServePart(w http.ResponseWriter, r *http.Request, p Parcel, no int) error {
	size, err := partSize(r, p)
	if err != nil {
		return err
	}
	content, ok := p.Content.(io.ReadSeeker)
	n, err := parcel.PartCount(p.Bytes, size)
	if err != nil {
		return err
	}
	if !ok || no < 1 || no > n {
		return errNoPart
	}
	if err := sized(content, p.Bytes); err != nil {
		return err
	}
	from := int64(no-1) * size
	x := &stretch{r: content, from: from, n: min(size, p.Bytes-from)}
	if _, err := x.Seek(0, io.SeekStart); err != nil {
		return err
	}
	send(w, r, fmt.Sprintf("%s.%03d", p.Name, no), fmt.Sprintf("%s-%d-%d", p.SHA256, size, no), x)
	return nil
}

// stretch is n bytes of r from a byte on, as a file of their own.
type stretch struct {
	r       io.ReadSeeker
	from, n int64
	at      int64
}

func (s *stretch) Read(p []byte) (int, error) {
	if s.at >= s.n {
		return 0, io.EOF
	}
	n, err := s.r.Read(p[:min(int64(len(p)), s.n-s.at)])
	s.at += int64(n)
	if errors.Is(err, io.EOF) && s.at < s.n {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (s *stretch) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.n
	}
	if offset < 0 || offset > s.n {
		return 0, errors.New("outside the part")
	}
	s.at = offset
	_, err := s.r.Seek(s.from+offset, io.SeekStart)
	return offset, err
}

// lists are the lists that have been made, so that asking again reads nothing.
var lists = made{known: map[listKey]parcel.PartList{}}

type listKey struct {
	name string
	sum  canon.Hash
	size int64
}

type made struct {
	mu    sync.Mutex
	known map[listKey]parcel.PartList
}

// maxLists bounds how many are kept: a list has at most 100 kB.
const maxLists = 100

func (m *made) of(ctx context.Context, p Parcel, size int64) (parcel.PartList, error) {
	key := listKey{p.Name, p.SHA256, size}
	m.mu.Lock()
	l, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return l, nil
	}
	l, err := parcel.SumParts(ctx, p.Name, p.Content, p.Bytes, size)
	if err != nil {
		return l, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxLists {
		clear(m.known)
	}
	m.known[key] = l
	return l, nil
}
