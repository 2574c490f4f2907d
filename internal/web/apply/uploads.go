package apply

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/web/page"
)

// Files are taken one at a time while the form is read, so that no more than
// one of them is in memory and none is ever written down before it has been
// looked at. What has been taken belongs to the draft from then on, whatever
// becomes of the form's other fields.

const (
	// maxFields bounds what a form with files may send besides them.
	maxFields = 1 << 20
	// filesAtOnce is how many files a page of attachments takes at once.
	filesAtOnce = 3
	// fileMark ends the name of the field that a file is sent in.
	fileMark = "_file"
)

// uploads are the files that came with a form.
type uploads struct {
	taken    []taken
	problems []page.Problem
}

type taken struct {
	field string // the field that names it: ethics.approvals.0.application
	app.Attachment
}

// receive reads a posted form. A form with files is read as it comes; its
// fields stand before its files.
func (s *scene) receive() (*uploads, error) {
	u := &uploads{}
	if typ, _, _ := mime.ParseMediaType(s.R.Header.Get("Content-Type")); typ != "multipart/form-data" {
		return u, nil
	}
	s.R.Body = http.MaxBytesReader(s.W, s.R.Body, 2*filesAtOnce*(app.MaxAttachment+1)+maxFields)
	parts, err := s.R.MultipartReader()
	if err != nil {
		return nil, cut(err)
	}
	s.R.Form = url.Values{}
	room := int64(maxFields)
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return nil, cut(err)
		}
		name := p.FormName()
		if p.FileName() == "" && !strings.HasSuffix(name, fileMark) {
			text, err := io.ReadAll(io.LimitReader(p, room+1))
			if room -= int64(len(text)); err != nil || room < 0 {
				return nil, cut(err)
			}
			s.R.Form.Add(name, string(text))
			continue
		}
		if p.FileName() != "" {
			if err := s.takeFile(u, name, p.FileName(), p); err != nil {
				return nil, err
			}
		}
	}
}

func cut(err error) error {
	return fault.New("page.form", "Formuläret kom inte fram helt.", "The form did not arrive whole.").
		Do("Gå tillbaka, ladda om sidan och skicka igen. Filer får vara högst 25 MB var.", "Go back, reload the page and send again. Files may be at most 25 MB each.").Because(err)
}

// takeFile takes one file in; a refusal is told at its field.
func (s *scene) takeFile(u *uploads, name, file string, r io.Reader) error {
	field := strings.TrimSuffix(name, fileMark)
	at, err := s.Orders.TakeAttachment(s.R.Context(), s.Visitor.Person, s.ID, file, s.kindFor(field), r)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Class != fault.Internal {
		u.problems = append(u.problems, page.Problem{ID: name, Text: told(s.Ask, f)})
		return nil
	}
	if err != nil {
		return err
	}
	u.taken = append(u.taken, taken{field, at})
	return nil
}

// kindFor is the kind of the document sent in a field.
func (s *scene) kindFor(field string) string {
	if row, ok := strings.CutSuffix(field, ".application"); ok {
		switch s.R.Form.Get(row + ".kind") {
		case intake.ApprovalAmendment:
			return intake.AttachEthicsAmendment
		case intake.ApprovalAddition:
			return intake.AttachEthicsSupplement
		}
		return intake.AttachEthicsApplication
	}
	if strings.HasSuffix(field, ".decision") {
		return intake.AttachEthicsDecision
	}
	if k := s.R.Form.Get(field + ".kind"); slices.Contains(attachmentKinds, k) {
		return k
	}
	return intake.AttachOther
}

// attach names the files among the answers, and where they were asked for.
func (u *uploads) attach(s *scene, t answers) {
	u.name(s, t)
	u.link(t)
}

// name writes the files down among the attachments.
func (u *uploads) name(s *scene, t answers) {
	for _, x := range u.taken {
		list, _ := t.get("attachments").([]any)
		name := strings.TrimSpace(s.R.Form.Get(x.field + ".name"))
		if name == "" {
			name = s.Word("apply.o_attachment_"+x.Kind) + " (" + strings.TrimSuffix(x.Name, path.Ext(x.Name)) + ")"
		}
		at := "attachments." + strconv.Itoa(len(list))
		t.set(at+".id", x.ID)
		t.set(at+".kind", x.Kind)
		t.set(at+".name", name)
		t.set(at+".sha256", string(x.SHA256))
		if of := s.R.Form.Get(x.field + ".of"); of != "" {
			t.set(at+".of", of)
		}
	}
}

// link names the files of ethics decisions in their rows.
func (u *uploads) link(t answers) {
	for _, x := range u.taken {
		if strings.HasPrefix(x.field, "ethics.approvals.") {
			row := strings.TrimSuffix(strings.TrimSuffix(x.field, ".application"), ".decision")
			if t.text(row+".kind") == "" {
				t.set(row+".kind", intake.ApprovalFirst)
			}
			t.set(x.field, x.ID)
		}
	}
}

// rowFiles adds the fields for files to a row: an ethics decision can be sent
// where it is described, and an attachment be opened.
func (s *scene) rowFiles(r *row, g group, at string) {
	switch g.list {
	case "ethics.approvals":
		for _, what := range []string{"application", "decision"} {
			r.Fields = append(r.Fields, s.Optional(&page.Field{ID: at + "." + what + fileMark, Kind: page.File, Label: s.Word("apply.send_" + what), Accept: ".pdf"}))
		}
	case "attachments":
		if id := s.tree.text(at + ".id"); id != "" {
			r.File, r.FileText = s.path("files/"+id), s.Word("apply.open")
		}
	}
}

// uploads is the section where new files are sent.
func (s *scene) uploads() section {
	sec := section{ID: "apply-new", Heading: s.Word("apply.new"), Hint: s.Word("apply.new_hint"), Group: true}
	for i := range filesAtOnce {
		at := "new." + strconv.Itoa(i)
		name, kind := &page.Field{ID: at + ".name", Kind: page.Text, Label: s.Word("apply.new_name"), Max: 150}, &page.Field{ID: at + ".kind", Kind: page.Select, Label: s.Word("apply.new_kind"), Options: choices("attachment", attachmentKinds...)(s, "")}
		of := &page.Field{ID: at + ".of", Kind: page.Select, Label: s.Word("apply.new_of"), Options: attached()(s, "")}
		file := &page.Field{ID: at + fileMark, Kind: page.File, Label: s.Word("apply.new_file"), Accept: ".pdf,.docx,.xlsx,.txt,.csv,.png,.jpg,.jpeg"}
		kind.With(intake.AttachProjectPlan)
		fields := []*page.Field{kind, s.Optional(name), s.Optional(file)}
		if len(s.app.Attachments) > 0 {
			fields = slices.Insert(fields, 2, s.Optional(of))
		}
		sec.Rows = append(sec.Rows, row{ID: "new-" + strconv.Itoa(i), Legend: s.Word("apply.file_row") + " " + strconv.Itoa(i+1), Fields: fields})
	}
	return sec
}

// openFile lets an orderer read a document of the draft again.
func openFile(a *page.Ask) error {
	at, r, err := a.Orders.OpenDocument(a.R.Context(), a.Visitor.Person, a.R.PathValue("draft"), a.R.PathValue("file"))
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	a.Download(at.Name, at.Type)
	a.W.Header().Set("Content-Length", strconv.FormatInt(at.Bytes, 10))
	_, _ = io.Copy(a.W, r) // a reader who goes away is none of ours
	return nil
}

// told is a refusal in the visitor's language, with what to do.
func told(a *page.Ask, f *fault.Fault) string {
	if a.Lang == "en" {
		return strings.TrimSpace(f.EN + " " + f.DoEN)
	}
	return strings.TrimSpace(f.SV + " " + f.DoSV)
}
