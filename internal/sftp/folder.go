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

// mostCases bounds a listing: the cases that changed last.
const mostCases = 1000

// folder is what the holder of a key sees.
type folder struct {
	*Server
	ctx context.Context
	key canon.Hash

	reading atomic.Int64 // parcels that are open
}

// Fileread opens a file of the folder.
func (f *folder) Fileread(r *sftplib.Request) (io.ReaderAt, error) {
	who, err := f.who()
	if err != nil {
		return nil, err
	}
	name := inFolder(r.Filepath)
	id, end := split(name)
	if id == "" {
		return nil, sftplib.ErrSSHFxNoSuchFile
	}
	files, parcel, err := f.files(who.Person, id)
	if err != nil {
		return nil, f.failed("open", err)
	}
	i := slices.IndexFunc(files, func(x file) bool { return x.name == name })
	if i < 0 {
		_ = parcel.Close()
		return nil, sftplib.ErrSSHFxNoSuchFile
	}
	if end != parcelEnd {
		return bytes.NewReader(files[i].content), parcel.Close()
	}
	if err := f.Cases.LogRead(f.ctx, who.Person, id, access.ViewParcel); err != nil {
		return nil, f.failed("open", errors.Join(err, parcel.Close()))
	}
	if f.reading.Add(1) > MaxOpen {
		f.reading.Add(-1)
		return nil, f.failed("open", errors.Join(errTooMany, parcel.Close()))
	}
	f.Log.InfoContext(f.ctx, "sftp: a parcel is read", "case", id, "key", who.ID)
	return &reading{parcel: parcel, done: sync.OnceFunc(func() { f.reading.Add(-1) })}, nil
}

// reading is a parcel that somebody reads.
type reading struct {
	parcel
	done func()
}

// Close makes room for another.
func (r *reading) Close() error {
	r.done()
	return r.parcel.Close()
}

// Filelist lists the folder, or tells of one file.
func (f *folder) Filelist(r *sftplib.Request) (sftplib.ListerAt, error) {
	who, err := f.who()
	if err != nil {
		return nil, err
	}
	top := r.Filepath == "/"
	switch {
	case r.Method == "List" && top:
		all, err := f.all(who.Person)
		if err != nil {
			return nil, f.failed("list", err)
		}
		return lister(all), nil
	case r.Method == "Stat" && top:
		return lister{file{name: "/", dir: true, at: f.Clock()}}, nil
	case r.Method == "Stat":
		name := inFolder(r.Filepath)
		id, _ := split(name)
		if id == "" {
			return nil, sftplib.ErrSSHFxNoSuchFile
		}
		files, parcel, err := f.files(who.Person, id)
		if err != nil {
			return nil, f.failed("stat", err)
		}
		i := slices.IndexFunc(files, func(x file) bool { return x.name == name })
		if err := parcel.Close(); err != nil {
			return nil, f.failed("stat", err)
		}
		if i >= 0 {
			return lister(files[i : i+1]), nil
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

// errTooMany: a session holds more parcels open than anybody reads at once.
var errTooMany = errors.New("too many parcels are open in one session")

// errNoRandom: what keeps the documents cannot be read from the middle.
var errNoRandom = errors.New("the parcel cannot be read from the middle")

// files are those of a case that the person may fetch now, with the parcel
// opened. The same questions are asked as over HTTPS.
func (f *folder) files(p access.Person, id string) ([]file, parcel, error) {
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

// all are the files of every case, the one that changed last first.
func (f *folder) all(p access.Person) (out []file, err error) {
	var after app.Cursor
	for seen := 0; seen < mostCases; {
		cases, err := f.Lists.Page(f.ctx, app.Viewer{Person: p.ID, Cleared: p.Cleared}, after, 200)
		if err != nil {
			return nil, err
		}
		for _, c := range cases {
			after = app.Cursor{Changed: c.Changed, ID: c.ID}
			files, parcel, err := f.files(p, c.ID)
			if _, told := errors.AsType[*fault.Fault](err); told || app.IsNotFound(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if err := parcel.Close(); err != nil {
				return nil, err
			}
			out = append(out, files...)
		}
		if seen += len(cases); len(cases) < 200 {
			break
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
type lister []file

// ListAt copies files from a place on.
func (l lister) ListAt(to []os.FileInfo, from int64) (n int, err error) {
	if from < int64(len(l)) {
		for _, x := range l[from:] {
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
