package sftp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sftplib "github.com/pkg/sftp"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
)

// What the names of a case's files end with.
const (
	parcelEnd   = ".sluss"
	sumEnd      = ".sluss.sha256" // as sha256sum -c reads it
	handoverEnd = ".handover.json"
)

// folder is what the holder of a key sees.
type folder struct {
	*Server
	ctx context.Context
	key canon.Hash

	open atomic.Int64 // files and lists
}

// Fileread opens a file of the folder.
func (f *folder) Fileread(r *sftplib.Request) (at io.ReaderAt, err error) {
	defer f.survive(&err)
	who, err := f.who()
	if err != nil {
		return nil, err
	}
	name := inFolder(r.Filepath)
	id, end := split(name)
	if id == "" {
		return nil, sftplib.ErrSSHFxNoSuchFile
	}
	files, parcel, err := f.files(who, id)
	if err != nil {
		return nil, f.failed("open", err)
	}
	i := slices.IndexFunc(files, func(x file) bool { return x.name == name })
	if i < 0 {
		_ = parcel.Close()
		return nil, sftplib.ErrSSHFxNoSuchFile
	}
	if end != parcelEnd {
		done, err := f.hold()
		if err = errors.Join(err, parcel.Close()); err != nil {
			return nil, f.failed("open", err)
		}
		return small{bytes.NewReader(files[i].content), done}, nil
	}
	if err := f.Cases.LogRead(f.ctx, who.Person, id, access.ViewParcel); err != nil {
		return nil, f.failed("open", errors.Join(err, parcel.Close()))
	}
	done, err := f.hold()
	if err != nil {
		return nil, f.failed("open", errors.Join(err, parcel.Close()))
	}
	f.Log.InfoContext(f.ctx, "sftp: a parcel is read", "case", id, "key", who.ID)
	return &reading{parcel: parcel, done: done, folder: f, id: id, asked: time.Now()}, nil
}

// hold counts what is open; done makes room again.
func (f *folder) hold() (done func(), err error) {
	if f.open.Add(1) > MaxOpen {
		f.open.Add(-1)
		return nil, errTooMany
	}
	return sync.OnceFunc(func() { f.open.Add(-1) }), nil
}

// askAgain is how long an answer holds that a parcel may be read.
const askAgain = 2 * time.Second

// reading is a parcel that somebody reads. Whether it may still be read is asked
// every other second: what is recalled, purged or revoked meanwhile is read no
// further.
type reading struct {
	parcel
	done   func()
	folder *folder
	id     string

	mu    sync.Mutex
	asked time.Time
	shut  bool
}

// ReadAt reads a stretch. What goes wrong here is not told in the system's words.
func (r *reading) ReadAt(b []byte, at int64) (int, error) {
	if err := r.still(); err != nil {
		return 0, err
	}
	if at < 0 {
		return 0, sftplib.ErrSSHFxFailure
	}
	n, err := r.parcel.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, r.folder.failed("read", fmt.Errorf("read parcel: %w", errors.Join(errReading, err)))
	}
	return n, err
}

// still refuses a parcel that the reader may not fetch any more.
func (r *reading) still() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut {
		return sftplib.ErrSSHFxPermissionDenied
	}
	if time.Since(r.asked) < askAgain {
		return nil
	}
	who, err := r.folder.who()
	if err == nil {
		var again parcel
		if _, again, err = r.folder.files(who, r.id); err == nil {
			err = again.Close()
		}
	}
	if err != nil {
		r.shut = true
		return sftplib.ErrSSHFxPermissionDenied
	}
	r.asked = time.Now()
	return nil
}

// Close makes room for another.
func (r *reading) Close() error {
	r.done()
	return r.parcel.Close()
}

// small is a file of a few lines.
type small struct {
	*bytes.Reader
	done func()
}

// Close makes room for another.
func (s small) Close() error {
	s.done()
	return nil
}

// survive makes a panic an answer: it must not end the program.
func (f *folder) survive(err *error) {
	if p := recover(); p != nil {
		f.Log.ErrorContext(f.ctx, "sftp: panic", "at", string(debug.Stack()))
		*err = sftplib.ErrSSHFxFailure
	}
}

// Filelist lists the folder, or tells of one file.
func (f *folder) Filelist(r *sftplib.Request) (_ sftplib.ListerAt, err error) {
	defer f.survive(&err)
	who, err := f.who()
	if err != nil {
		return nil, err
	}
	done := func() {}
	if r.Method == "List" { // which stays open; the answer to Stat is used at once
		if done, err = f.hold(); err != nil {
			return nil, f.failed("list", err)
		}
	}
	files, err := f.listed(who, r)
	if err != nil {
		done()
		return nil, err
	}
	return &lister{files, done}, nil
}

// listed are the files that a request is about.
func (f *folder) listed(who app.Token, r *sftplib.Request) ([]file, error) {
	top := r.Filepath == "/"
	switch {
	case r.Method == "List" && top:
		all, err := f.all(who)
		if err != nil {
			return nil, f.failed("list", err)
		}
		return all, nil
	case r.Method == "Stat" && top:
		return []file{{name: "/", dir: true, at: f.Clock()}}, nil
	case r.Method == "Stat":
		name := inFolder(r.Filepath)
		id, _ := split(name)
		if id == "" {
			return nil, sftplib.ErrSSHFxNoSuchFile
		}
		files, parcel, err := f.files(who, id)
		if err != nil {
			return nil, f.failed("stat", err)
		}
		i := slices.IndexFunc(files, func(x file) bool { return x.name == name })
		if err := parcel.Close(); err != nil {
			return nil, f.failed("stat", err)
		}
		if i >= 0 {
			return files[i : i+1], nil
		}
		return nil, sftplib.ErrSSHFxNoSuchFile
	case r.Method == "List":
		return nil, sftplib.ErrSSHFxNoSuchFile
	}
	return nil, sftplib.ErrSSHFxOpUnsupported
}

// Filewrite refuses: nothing is written here.
func (f *folder) Filewrite(*sftplib.Request) (io.WriterAt, error) {
	return nil, sftplib.ErrSSHFxPermissionDenied
}

// Filecmd refuses: nothing is changed here.
func (f *folder) Filecmd(*sftplib.Request) error { return sftplib.ErrSSHFxPermissionDenied }

// who is who holds the key of the session, if it still counts.
func (f *folder) who() (app.Token, error) {
	t, err := f.holder(f.ctx, f.key)
	switch _, told := errors.AsType[*fault.Fault](err); {
	case err == nil:
		return t, nil
	case app.IsNotFound(err), errors.Is(err, errStranger), told:
		return t, sftplib.ErrSSHFxPermissionDenied
	}
	return t, f.failed("key", err)
}

// failed is what the other end hears of an error: that there is no such file,
// or that something went wrong here. A case that is not the asker's is answered
// like one that does not exist.
func (f *folder) failed(what string, err error) error {
	if _, told := errors.AsType[*fault.Fault](err); told || app.IsNotFound(err) || errors.Is(err, fs.ErrNotExist) {
		return sftplib.ErrSSHFxNoSuchFile
	}
	if f.ctx.Err() == nil {
		f.Log.ErrorContext(f.ctx, "sftp: "+what, "err", err)
	}
	return sftplib.ErrSSHFxFailure
}

// parcel is an opened parcel.
type parcel interface {
	io.ReaderAt
	io.Closer
}

// errTooMany: a session holds more open than anybody reads at once.
var errTooMany = errors.New("too much is open in one session")

// errReading keeps an error of the disk from looking like a file that is gone.
var errReading = errors.New("the parcel cannot be read")

// errNoRandom: what keeps the documents cannot be read from the middle.
var errNoRandom = errors.New("the parcel cannot be read from the middle")

// files are those of a case that the holder of a key may fetch now, with the
// parcel opened. The same questions are asked as over HTTPS.
func (f *folder) files(who app.Token, id string) ([]file, parcel, error) {
	p := who.Person
	if only := who.Case(); only != "" && only != id {
		return nil, nil, app.ErrNotFound
	}
	entries, err := f.Cases.Entries(f.ctx, id)
	if err != nil {
		return nil, nil, err
	}
	rel := access.Relate(p, entries)
	s := order.Fold(id, entries)
	if rel == access.None || !access.MaySee(p.Role, access.ViewParcel, rel, s) {
		return nil, nil, app.ErrNotFound
	}
	opened, err := f.Cases.FetchParcel(f.ctx, id, p.Role)
	if err != nil {
		return nil, nil, err
	}
	content, ok := opened.(parcel)
	if !ok {
		return nil, nil, errors.Join(errNoRandom, opened.Close())
	}
	d := s.Delivery
	at := time.Unix(int64(d.On)*86400, 0).UTC()
	sum := fmt.Appendf(nil, "%s  %s\n", d.SHA256, id+parcelEnd)
	out := []file{
		{name: id + parcelEnd, size: d.Bytes, at: at},
		{name: id + sumEnd, size: int64(len(sum)), content: sum, at: at},
	}
	if doc, ok := f.Handover(s); ok {
		out = append(out, file{name: id + handoverEnd, size: int64(len(doc)), content: doc, at: at})
	}
	return out, content, nil
}

// all are the files of every case that the person is tied to, the newest number
// first.
func (f *folder) all(who app.Token) (out []file, err error) {
	ids, err := f.Lists.Tied(f.ctx, access.Keys(who.Person))
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		files, parcel, err := f.files(who, id)
		if _, told := errors.AsType[*fault.Fault](err); told || app.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := parcel.Close(); err != nil {
			return nil, err
		}
		for _, x := range files {
			x.content = nil // it is written again when it is read
			out = append(out, x)
		}
	}
	return out, nil
}

// inFolder is the name of a file in the folder, "" for what lies deeper.
func inFolder(p string) string {
	name := strings.TrimPrefix(path.Clean("/"+p), "/")
	if strings.Contains(name, "/") {
		return ""
	}
	return name
}

// split parts a name into the case's number and what it ends with.
func split(name string) (id, end string) {
	for _, end := range []string{sumEnd, handoverEnd, parcelEnd} {
		if id, ok := strings.CutSuffix(name, end); ok {
			return id, end
		}
	}
	return "", ""
}

// file is an entry of the folder.
type file struct {
	name    string
	size    int64
	at      time.Time
	dir     bool
	content []byte // of a small one
}

// Name returns the file's name.
func (x file) Name() string { return x.name }

// Size returns its bytes.
func (x file) Size() int64 { return x.size }

// Mode says that only its owner reads it.
func (x file) Mode() os.FileMode {
	if x.dir {
		return os.ModeDir | 0o500
	}
	return 0o400
}

// ModTime returns the day of the delivery.
func (x file) ModTime() time.Time { return x.at }

// IsDir reports whether it is the folder itself.
func (x file) IsDir() bool { return x.dir }

// Sys returns nothing.
func (x file) Sys() any { return nil }

// lister lists files.
type lister struct {
	files []file
	done  func()
}

// ListAt copies files from a place on.
func (l *lister) ListAt(to []os.FileInfo, from int64) (n int, err error) {
	if from < int64(len(l.files)) {
		for _, x := range l.files[from:] {
			if n == len(to) {
				break
			}
			to[n] = x
			n++
		}
	}
	if n < len(to) {
		err = io.EOF
	}
	return n, err
}

// Close makes room for another.
func (l *lister) Close() error {
	l.done()
	return nil
}
