package desk

import (
	"cmp"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/web/page"
)

// headOf is the head of a page about a case; an enquiry has no title yet.
func headOf(a *page.Ask, c *page.Case, lead string) page.Head {
	h := a.HeadOf(c, lead)
	if c.State.Application.Title == "" {
		h.Case = a.Word("desk.untitled")
	}
	return h
}

// formBody is a page with one form.
type formBody struct {
	page.Head
	F *page.Form
}

// field is a question with the text desk.f_ and its id.
func field(a *page.Ask, id, kind string) *page.Field {
	return &page.Field{ID: id, Kind: kind, Label: a.Word("desk.f_" + id)}
}

// hinted adds the text desk.h_ and the field's id below its label.
func hinted(a *page.Ask, x *page.Field) *page.Field {
	x.Hint = a.Word("desk.h_" + x.ID)
	return x
}

// options are choices with the texts desk.o_, a list's name and the value.
func options(a *page.Ask, list string, values ...string) []page.Option {
	out := make([]page.Option, len(values))
	for i, v := range values {
		out[i] = page.Option{Value: v, Label: a.Word("desk.o_" + list + "_" + v)}
	}
	return out
}

// choice is a question with choices.
func choice(a *page.Ask, id, kind, list string, values ...string) *page.Field {
	x := field(a, id, kind)
	x.Options = options(a, list, values...)
	return x
}

// needed marks a field that is empty and returns what it holds.
func needed(a *page.Ask, f *page.Form, id string) string {
	f.Need(id, a.Word("desk.need")+" "+f.Field(id).Label+".")
	return f.Field(id).Value
}

// maxUpload bounds a form with one file: the file and its fields.
const maxUpload = app.MaxAttachment + 1<<20

// upload is the file of a form. It must be called before a field is read. There
// may be none: file is nil then.
func upload(a *page.Ask, id string) (file multipart.File, name string, err error) {
	a.R.Body = http.MaxBytesReader(a.W, a.R.Body, maxUpload)
	if err := a.R.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, "", fault.New("page.form", "Filen kom inte fram hel, eller är större än 25 MB.", "The file did not arrive whole, or is larger than 25 MB.").
			Do("Gå tillbaka, välj filen igen och skicka.", "Go back, choose the file again and send.").Because(err)
	}
	f, h, err := a.R.FormFile(id)
	if err != nil {
		return nil, "", nil // no file was chosen
	}
	return f, h.Filename, nil
}

// keptFile is the file that came with the form, or the one that came with it
// before, when it had to be mended; nil when there is none. When the form is
// refused again the file is kept, and the field says so.
type keptFile struct {
	Name string
	Data []byte
	a    *page.Ask
	f    *page.Form
	id   string
}

// fileOf reads the file of a form's field, after [upload].
func fileOf(a *page.Ask, f *page.Form, id string, file io.ReadCloser, name string) (*keptFile, error) {
	k := &keptFile{Name: name, a: a, f: f, id: id}
	if file == nil {
		was, data, err := a.Orders.OpenUnsentFile(a.R.Context(), a.Visitor.Person, f.Action, id)
		if app.IsNotFound(err) {
			return nil, nil
		}
		k.Name, k.Data = was.Name, data
		return k, err
	}
	defer file.Close()
	var err error
	k.Data, err = io.ReadAll(file)
	return k, err
}

// keep keeps the file for the next time that the form is sent.
func (k *keptFile) keep() error {
	x := k.f.Field(k.id)
	f, kept, err := k.a.Orders.KeepUnsentFile(k.a.R.Context(), k.a.Visitor.Person, k.f.Action, k.id, k.Name, k.Data)
	switch {
	case err != nil:
		return err
	case kept:
		x.Hint = f.Name + ", " + page.Size(k.a.Lang, f.Bytes) + ", " + k.a.Word("desk.file_kept")
		k.a.Optional(x)
	default:
		k.f.Wrong(k.id, k.a.Word("desk.n_again"))
	}
	return nil
}

// drop forgets the file once it has been taken in.
func (k *keptFile) drop() error {
	return k.a.Orders.DropUnsentFile(k.a.R.Context(), k.a.Visitor.Person, k.f.Action, k.id)
}

// send answers with a file.
func send(a *page.Ask, name, kind string, r io.ReadCloser) error {
	defer r.Close()
	a.Download(name, cmp.Or(kind, "application/octet-stream"))
	_, _ = io.Copy(a.W, r) // the reader is gone when this fails
	return nil
}

// incoming are the documents that came, to act on in somebody's name.
func incoming(a *page.Ask, c *page.Case) []page.Option {
	var out []page.Option
	for _, d := range c.State.Documents {
		if !d.Out {
			out = append(out, page.Option{Value: strconv.Itoa(d.No), Label: strconv.Itoa(d.No) + ". " + d.Name + ", " + d.Party + ", " + d.On.String()})
		}
	}
	slices.Reverse(out)
	if len(out) == 0 {
		out = append(out, page.Option{Value: "", Label: a.Word("desk.no_mail")})
	}
	return out
}
