package party

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// The supplement: what is asked for, exactly the unlocked questions as fields
// with the present answers, and what an answer changes, before it is sent and
// afterwards.

func showSupplement(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	if len(s.State.Supplements) == 0 {
		return errGone
	}
	if back, err := a.Continues(s.path("supplement")); err != nil || back {
		return s.continued(err)
	}
	return s.supplement()
}

// continued is the page with what its writer wrote earlier and did not send.
func (s *sheet) continued(err error) error {
	open := answerable(s.State)
	if err != nil || open == nil {
		return orQuestions(s, err)
	}
	x, err := s.read(open)
	if err != nil {
		return err
	}
	x.form.Problems = nil // nothing has been sent yet
	for _, f := range x.form.Fields {
		f.Problem = ""
	}
	s.looked = x.form
	return s.supplement()
}

// base is the application that an answer changes: a copy, with the documents
// that have been sent for it where attachments are unlocked.
func (s *sheet) base(open *order.Supplement) (intake.Application, error) {
	raw, err := json.Marshal(s.State.Application)
	if err != nil {
		return intake.Application{}, err
	}
	var a intake.Application
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, err
	}
	if s.takesFiles(open) {
		sent, err := s.Orders.Documents(s.R.Context(), s.Visitor.Person, s.ID)
		if err != nil && !app.IsNotFound(err) {
			return a, err
		}
		loose(&a, sent)
	}
	return a, nil
}

// takesFiles reports whether documents may be added: an open request unlocks
// the attachments.
func (s *sheet) takesFiles(open *order.Supplement) bool {
	return slices.Contains(open.Parts, "attachments") && s.State.OpenSupplement() != nil
}

// supplementForm has the unlocked questions with the answers of now.
func (s *sheet) supplementForm(open *order.Supplement, now *intake.Application, more bool) *page.Form {
	x := asked{sheet: s, now: now, more: more}
	for _, p := range open.Parts {
		x.part(p)
	}
	f := s.form("supplement", "party.supplement_verb", x.fields...)
	if s.takesFiles(open) {
		kinds := &page.Field{ID: "upload_kind", Kind: page.Select, Label: s.Word("party.upload_kind")}
		for _, k := range attachmentKinds {
			kinds.Options = append(kinds.Options, page.Option{Value: k, Label: s.Word("party.o_attachment_" + k)})
		}
		f.Fields = append(f.Fields, kinds, s.Optional(&page.Field{ID: "upload", Kind: page.File, Label: s.Word("party.upload_file"), Hint: fmt.Sprintf(s.Word("party.upload_hint"), page.Size(s.Lang, app.MaxAttachment))}))
		f.Files = true
	}
	return f
}

// supplement is the page: the open request with its form, and earlier ones with
// what they changed.
func (s *sheet) supplement() error {
	open := answerable(s.State)
	if open != nil {
		s.Lead = fmt.Sprintf(s.Word("party.supplement_due"), s.long(open.Due))
		if open.TimedOut {
			s.Lead = fmt.Sprintf(s.Word("party.supplement_late"), s.long(open.Due))
		}
		s.add("asked", "party.supplement_asked").note().say(open.Text)
		if err := s.answering(open); err != nil {
			return err
		}
	} else {
		s.Lead = s.Word("party.supplement_none")
	}
	s.earlier(open)
	return s.show(s.Word("party.supplement"))
}

// answering is the form, or for those who only read along the questions.
func (s *sheet) answering(open *order.Supplement) error {
	now, err := s.base(open)
	if err != nil {
		return err
	}
	b := s.add("answer", "party.supplement_answer")
	if s.Role() != order.RoleOrderer {
		for _, id := range open.Parts {
			if label, ok := intake.Label(id); ok {
				b.List = append(b.List, label.In(s.Lang))
			}
		}
		b.say(s.Word("party.supplement_orderer"))
		return nil
	}
	b.say(s.Word("party.supplement_only"))
	if !s.takesFiles(open) {
		b.say(s.Word("party.supplement_no_files"))
	}
	s.ask(b, s.supplementForm(open, &now, false))
	b.Extra = []extra{{s.path("supplement/look"), s.Word("party.supplement_look")}}
	if slices.ContainsFunc(b.Form.Fields, func(f *page.Field) bool {
		return strings.Contains(f.ID, ".0.") && !strings.HasPrefix(f.ID, "attachments.")
	}) {
		b.Extra = append(b.Extra, extra{s.path("supplement/look?more=yes"), s.Word("party.more_rows")})
	}
	return nil
}

// earlier is what the supplements so far have changed.
func (s *sheet) earlier(open *order.Supplement) {
	versions := app.Versions(s.Entries)
	n := 0
	for _, x := range s.State.Supplements {
		if open != nil && x.ID == open.ID {
			continue
		}
		b := s.add(fmt.Sprintf("supplement-%d", x.ID), "")
		b.Heading = fmt.Sprintf(s.Word("party.supplement_no"), x.ID)
		b.fact(s.Word("party.supplement_asked"), x.Text)
		if !x.Answered {
			b.say(s.Word("party.supplement_unanswered"))
			continue
		}
		for n++; n < len(versions) && versions[n].Kind != "supplemented"; {
			n++
		}
		if n < len(versions) {
			b.fact(s.Word("party.supplement_came"), s.long(versions[n].On))
			s.differences(b, versions[n-1].Application, versions[n].Application)
		}
	}
}

// differences is a table of what a version changes.
func (s *sheet) differences(b *block, before, after intake.Application) {
	rows, err := intake.Difference(access.NamedOnly(s.Role(), before), access.NamedOnly(s.Role(), after))
	if err != nil || len(rows) == 0 {
		b.say(s.Word("party.no_differences"))
		return
	}
	t := b.rows(b.Heading, s.Word("party.asked_for"), s.Word("party.before"), s.Word("party.after"))
	for _, r := range rows {
		t.row(r.Label.In(s.Lang), orNothing(s, s.Answer(r.Field, r.Old)), orNothing(s, s.Answer(r.Field, r.New)))
	}
}

func orNothing(s *sheet, text string) string {
	if text == "" {
		return s.Word("party.nothing")
	}
	return text
}

// filled is what was sent: the application with the answers, and the form that
// shows them again.
type filled struct {
	before, after intake.Application
	form          *page.Form
}

// read reads the posted form, taking a file in on the way.
func (s *sheet) read(open *order.Supplement) (filled, error) {
	problem, took, err := s.receive(s.takesFiles(open))
	if err != nil {
		return filled{}, err
	}
	x := filled{before: s.State.Application}
	if x.after, err = s.base(open); err != nil {
		return x, err
	}
	marks := &page.Form{Lang: s.Lang}
	reader := asked{sheet: s, now: &x.after, form: marks}
	for _, p := range open.Parts {
		reader.part(p)
	}
	x.form = s.supplementForm(open, &x.after, s.Value("more") == "yes")
	s.typed(x.form, marks)
	if problem != "" {
		x.form.Wrong("upload", problem)
	}
	if took {
		x.form.Field("upload").Hint = s.Word("party.upload_took")
	}
	return x, nil
}

// typed puts what could not be read back into the form as it was typed.
func (s *sheet) typed(f, marks *page.Form) {
	for _, p := range marks.Problems {
		if x := f.Field(p.ID); x != nil {
			x.Value = s.Value(p.ID)
		}
		f.Wrong(p.ID, p.Text)
	}
	if k := f.Field("upload_kind"); k != nil {
		k.With(s.Value("upload_kind"))
	}
}

// lookSupplement shows what an answer would change, and what would still be
// missing; nothing is sent but the file.
func lookSupplement(a *page.Ask) error {
	s, open, x, err := sent(a)
	if err != nil || open == nil {
		return orQuestions(s, err)
	}
	if !x.form.OK() {
		s.refused = x.form
		return s.supplement()
	}
	b := s.add("differences", "party.differences")
	s.differences(b, x.before, x.after)
	for _, p := range s.Measured().ProblemsAsked(x.after, open.Parts, s.Today, s.Catalogue) {
		if slices.ContainsFunc(open.Parts, func(part string) bool { return intake.Below(p.Field, part) }) {
			b.List = append(b.List, map[string]string{"sv": p.SV + " " + p.DoSV, "en": p.EN + " " + p.DoEN}[a.Lang])
		}
	}
	if len(b.List) > 0 {
		b.say(a.Word("party.still_missing"))
	}
	s.looked = x.form
	return s.supplement()
}

// sent reads what was sent to an open request; open is nil when none waits any
// more.
func sent(a *page.Ask) (*sheet, *order.Supplement, filled, error) {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return nil, nil, filled{}, err
	}
	open := answerable(s.State)
	if open == nil {
		return s, nil, filled{}, nil
	}
	x, err := s.read(open)
	return s, open, x, err
}

// orQuestions shows the page of a case in which no supplement waits any more.
func orQuestions(s *sheet, err error) error {
	if err != nil {
		return err
	}
	if len(s.State.Supplements) == 0 {
		return errGone
	}
	return s.supplement()
}

func answerSupplement(a *page.Ask) error {
	s, open, x, err := sent(a)
	if err != nil || open == nil {
		return orQuestions(s, err)
	}
	if x.form.OK() {
		if rows, err := intake.Difference(x.before, x.after); err == nil && len(rows) == 0 {
			x.form.Wrong("", a.Word("party.need_change_made"))
		}
	}
	return s.give(x.form, order.AnswerSupplement{Application: x.after}, s.path("supplement"), "done.party_supplemented", (*sheet).supplement)
}

// maxFields bounds what the form sends besides a file, bytes.
const maxFields = 1 << 20

// receive reads a posted form that may bring a file, which stands last in it.
// What is wrong with the file comes back in words.
func (s *sheet) receive(takes bool) (problem string, took bool, err error) {
	if typ, _, _ := mime.ParseMediaType(s.R.Header.Get("Content-Type")); typ != "multipart/form-data" {
		return "", false, nil
	}
	s.R.Body = http.MaxBytesReader(s.W, s.R.Body, app.MaxAttachment+2*maxFields)
	form, err := s.R.MultipartReader()
	if err != nil {
		return "", false, cut(err)
	}
	s.R.Form = s.R.URL.Query()
	room := int64(maxFields)
	for {
		p, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return problem, took, nil
		}
		if err != nil {
			return "", false, cut(err)
		}
		if p.FormName() != "upload" {
			text, err := io.ReadAll(io.LimitReader(p, room+1))
			if room -= int64(len(text)); err != nil || room < 0 {
				return "", false, cut(err)
			}
			s.R.Form.Add(p.FormName(), string(text))
			continue
		}
		if p.FileName() == "" || !takes {
			continue
		}
		_, err = s.Orders.TakeAttachment(s.R.Context(), s.Visitor.Person, s.ID, p.FileName(), kindOf(s.R.Form.Get("upload_kind")), p)
		if x, ok := errors.AsType[*fault.Fault](err); ok && x.Class != fault.Internal && x.Rule != "access" {
			problem = map[string]string{"sv": x.SV + " " + x.DoSV, "en": x.EN + " " + x.DoEN}[s.Lang]
			continue
		}
		if err != nil {
			return "", false, err
		}
		took = true
	}
}

func kindOf(kind string) string {
	if slices.Contains(attachmentKinds, kind) {
		return kind
	}
	return intake.AttachOther
}
