package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/url"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/day"
)

// A file that came with a form that has to be mended is kept with the form, so
// that it need not be chosen again: encrypted among the documents, in a folder
// named by its day, which goes as a whole when the texts of that day do.

// UnsentFile is a file that came with a form and is not taken in yet.
type UnsentFile struct {
	Name  string
	Bytes int64
	blob  string
}

// unsentFolder holds the files of a day, YYYY-MM-DD.
func unsentFolder(day string) string { return "unsent/" + day }

// sweepDays is for how many days past their time folders are looked for: a
// counter may have stood still.
const sweepDays = 60

// fileOf is the name under which a form's file is kept.
func fileOf(form, field string) string { return form + "#" + field }

// KeepUnsentFile keeps the file of a form's field in the place of what it had.
// kept is false when nothing is kept here, and for a document with so many
// personnummer that it would be sealed away: that has to be sent again.
func (a *App) KeepUnsentFile(ctx context.Context, p access.Person, form, field, name string, data []byte) (f UnsentFile, kept bool, err error) {
	if !a.keepsUnsent(p) || len(data) == 0 || len(data) > MaxAttachment {
		return f, false, nil
	}
	if err := a.Scan(ctx, data); err != nil {
		return f, false, err
	}
	name = fileName(name)
	if seen, err := a.inspectOriginal(name, data); err != nil || seen.Numbers > MaxNumbers {
		return f, false, nil // what is wrong with it is told when it is taken in
	}
	if err := a.DropUnsentFile(ctx, p, form, field); err != nil {
		return f, false, err
	}
	c, err := a.unsentCipher()
	if err != nil {
		return f, false, err
	}
	f = UnsentFile{name, int64(len(data)), unsentFolder(a.today().String()) + "/" + rand.Text()}
	if _, _, err := a.Blobs.Put(ctx, f.blob, bytes.NewReader(c.Seal(nil, nil, data, []byte(f.blob)))); err != nil {
		return f, false, err
	}
	_, kept, err = a.KeepUnsent(ctx, p, fileOf(form, field), url.Values{"name": {f.Name}, "bytes": {strconv.FormatInt(f.Bytes, 10)}, "blob": {f.blob}})
	return f, kept, err
}

// OpenUnsentFile returns the file of a form's field; ErrNotFound when none is
// kept, or none that can be read any more.
func (a *App) OpenUnsentFile(ctx context.Context, p access.Person, form, field string) (UnsentFile, []byte, error) {
	values, _, err := a.ReadUnsent(ctx, p, fileOf(form, field))
	if err != nil {
		return UnsentFile{}, nil, err
	}
	f := UnsentFile{Name: values.Get("name"), blob: values.Get("blob")}
	r, err := a.Blobs.Get(ctx, f.blob)
	if err != nil {
		return f, nil, err
	}
	defer r.Close()
	sealed, err := io.ReadAll(io.LimitReader(r, MaxAttachment+1<<10))
	if err != nil {
		return f, nil, err
	}
	c, err := a.unsentCipher()
	if err != nil {
		return f, nil, err
	}
	data, err := c.Open(nil, nil, sealed, []byte(f.blob))
	if err != nil {
		return f, nil, ErrNotFound
	}
	f.Bytes = int64(len(data))
	return f, data, nil
}

// DropUnsentFile throws away the file of a form's field.
func (a *App) DropUnsentFile(ctx context.Context, p access.Person, form, field string) error {
	values, _, err := a.ReadUnsent(ctx, p, fileOf(form, field))
	if IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.Blobs.Delete(ctx, values.Get("blob")); err != nil {
		return err
	}
	return a.DropUnsent(ctx, p, fileOf(form, field))
}

// purgeUnsentFiles removes the folders of the days whose texts are gone.
func (a *App) purgeUnsentFiles(ctx context.Context) error {
	for n := range sweepDays {
		if err := a.Blobs.DeleteUnder(ctx, unsentFolder((a.today() - unsentDays - 1 - day.Day(n)).String())); err != nil {
			return err
		}
	}
	return nil
}
