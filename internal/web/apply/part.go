package apply

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/web/page"
)

// section is a heading with fields, or with rows of fields.
type section struct {
	ID, Heading, Hint string
	Fields            []*page.Field
	Rows              []row
	Group             bool // it has rows, or may get some
	Add, AddText      string
}

type row struct {
	ID, Legend     string
	Fields         []*page.Field
	Drop, DropText string
	File           string // address of a document
	FileText       string
}

// partBody is what a page with fields shows.
type partBody struct {
	Draft, Title string
	Back         string
	Lead         string
	Form         *page.Form
	Seen         string // hash of the answers that the form was made from
	Sections     []section
	Mend         []page.Problem
	Panel        panel
	Conflict     []clash
	Limits       bool // tells what files may be
}

// clash is an answer that somebody else has changed meanwhile.
type clash struct{ Label, Theirs, Yours string }

// show is the form's page.
func (f form) show(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	if !asks(f.only, s.app.Purpose) {
		return app.ErrNotFound
	}
	if back, err := a.Continues(s.path(f.name + "/save")); err != nil || back {
		return s.continued(err, func(t answers) { t.apply(f, s.app.Purpose, a) }, func() (partBody, error) { return s.partBody(f, nil) }, s.Word(f.title))
	}
	return s.part(f, map[string]int{a.Value("add"): 1}, nil)
}

// part shows a form; more is how many empty rows a list gets besides its own,
// and problems are shown on top, as a refusal.
func (s *scene) part(f form, more map[string]int, problems []page.Problem) error {
	b, err := s.partBody(f, more)
	if err != nil {
		return err
	}
	return s.showForm("part", s.Word(f.title), b, problems)
}

// showForm shows a page with fields; problems make it a refusal.
func (s *scene) showForm(name, title string, b partBody, problems []page.Problem) error {
	v := page.View{Title: title, Nav: "nav.drafts", Body: b}
	if len(problems) == 0 && len(b.Conflict) == 0 {
		return s.Show(name, v)
	}
	for _, p := range problems {
		b.Form.Wrong(p.ID, p.Text)
	}
	v.Body = b
	if len(b.Conflict) > 0 {
		v.Status, v.Error = http.StatusConflict, true
		return s.Show(name, v)
	}
	return s.Refused(name, b.Form, v)
}

func (s *scene) partBody(f form, more map[string]int) (partBody, error) {
	b := partBody{Draft: s.ID, Title: s.title(), Back: s.path(""), Seen: s.tree.seen(f.places()), Limits: f.part == partAttachments || f.name == "approvals"}
	if f.lead != "" {
		b.Lead = s.Word(f.lead)
	}
	for _, x := range f.blocks {
		if !asks(x.only, s.app.Purpose) {
			continue
		}
		sec := section{}
		if x.heading != "" {
			sec.Heading, sec.ID = s.Word(x.heading), strings.ReplaceAll(x.heading, ".", "-")
		}
		if x.hint != "" {
			sec.Hint = s.Word(x.hint)
		}
		for _, q := range x.questions {
			if asks(q.only, s.app.Purpose) {
				sec.Fields = append(sec.Fields, s.field(q, q.id))
			}
		}
		if x.group != nil {
			s.rows(&sec, *x.group, more[x.group.list])
		}
		b.Sections = append(b.Sections, sec)
	}
	if f.part == partAttachments {
		b.Sections = append(b.Sections, s.uploads())
	}
	return b, s.finish(&b, f.name)
}

// finish adds what every page with fields has: the form around them, what is
// still to be mended, and the panel.
func (s *scene) finish(b *partBody, name string) error {
	var all []*page.Field
	for _, sec := range b.Sections {
		all = append(all, sec.Fields...)
		for _, r := range sec.Rows {
			all = append(all, r.Fields...)
		}
	}
	b.Form = s.Ask.Form(s.path(name+"/save"), s.Word("apply.save"), all...)
	b.Form.Heading, b.Form.Saves = s.Word("apply.saved_but"), true
	begun := s.begun(name)
	for _, p := range s.problemsOn(name) {
		at := anchor(all, s.tree.fieldOf(p.Field))
		if unstorable(p) {
			if x := b.Form.Field(at); x != nil {
				x.Problem = s.say(p)
			}
		}
		if begun {
			b.Mend = append(b.Mend, page.Problem{ID: at, Text: s.say(p)})
		}
	}
	var err error
	b.Panel, err = s.advise()
	return err
}

// anchor is the field at which a place is mended.
func anchor(fields []*page.Field, name string) string {
	for _, same := range []func(string) bool{
		func(id string) bool { return id == name },
		func(id string) bool { return within(id, name) },
		func(id string) bool { return within(name, id) },
	} {
		if i := slices.IndexFunc(fields, func(f *page.Field) bool { return same(f.ID) }); i >= 0 {
			return fields[i].ID
		}
	}
	return "main"
}

// rows makes the rows of a group, with some empty ones besides.
func (s *scene) rows(sec *section, g group, more int) {
	sec.Group = true
	if sec.ID == "" {
		sec.ID = strings.ReplaceAll(g.list, ".", "-")
	}
	if g.hint != "" {
		sec.Hint = s.Word(g.hint)
	}
	have := s.tree.rows(g.list)
	for i := range min(max(have+more, g.least), maxRows) {
		at := g.list + "." + strconv.Itoa(i)
		r := row{ID: strings.ReplaceAll(at, ".", "-"), Legend: s.Word(g.row) + " " + strconv.Itoa(i+1)}
		if i < have {
			r.Drop, r.DropText = "drop:"+at, s.Word("apply.drop")+" "+strings.ToLower(r.Legend)
		}
		for _, q := range g.questions {
			r.Fields = append(r.Fields, s.field(q, at+"."+strings.TrimPrefix(q.id, ".")))
		}
		s.rowFiles(&r, g, at)
		sec.Rows = append(sec.Rows, r)
	}
	if g.add != "" {
		sec.Add, sec.AddText = "add:"+g.list, s.Word(g.add)
	}
}

// save stores what was posted on the form. It never refuses to store; what is
// no answer yet is told afterwards, with the text as it was typed.
func (f form) save(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	if !asks(f.only, s.app.Purpose) {
		return app.ErrNotFound
	}
	if a.SavesItself() {
		return s.saveItself(f.places(), f.lists(), func(t answers) { t.apply(f, s.app.Purpose, a) })
	}
	sent, err := s.receive()
	if err != nil {
		return err
	}
	conflict, err := s.save(f.places(), a.Value("seen"), func(t answers) {
		t.apply(f, s.app.Purpose, a)
		sent.attach(s, t)
		if row, ok := strings.CutPrefix(a.Value("do"), "drop:"); ok && f.owns(row) {
			t.drop(row)
		}
	})
	if err != nil {
		return err
	}
	if conflict {
		return s.conflict(f, sent)
	}
	if problems := s.refused(f.name, sent.problems); len(problems) > 0 {
		return s.part(f, nil, problems)
	}
	return s.onward(f.name)
}

// owns reports whether a row belongs to one of the form's lists.
func (f form) owns(row string) bool {
	for _, b := range f.blocks {
		if b.group != nil && within(row, b.group.list) {
			return true
		}
	}
	return false
}

// refused are the problems to show at once after saving: answers that are not
// of their field's form, and files that were not taken.
func (s *scene) refused(name string, files []page.Problem) []page.Problem {
	out := slices.Clone(files)
	for _, p := range s.problemsOn(name) {
		if unstorable(p) {
			out = append(out, page.Problem{ID: s.tree.fieldOf(p.Field), Text: s.say(p)})
		}
	}
	return out
}

// onward is where a visitor goes after saving: to the same page when a row was
// added or taken away, else to the next page of the part, else to the list.
func (s *scene) onward(name string) error {
	do := s.Value("do")
	if list, ok := strings.CutPrefix(do, "add:"); ok {
		return s.Go(s.path(name)+"?add="+list, "")
	}
	if strings.HasPrefix(do, "drop:") {
		return s.Go(s.path(name), "done.apply_dropped")
	}
	if do == "stay" {
		return s.Go(s.path(name), "done.apply_saved")
	}
	return s.Go(s.path(s.after(name)), "done.apply_saved")
}

// after is the page after another in the same part; "" is the list of tasks.
func (s *scene) after(name string) string {
	all := s.pages()
	for _, p := range parts {
		i := slices.Index(all[p], name)
		if i >= 0 && i+1 < len(all[p]) && all[p][i+1] != "earlier" {
			return all[p][i+1]
		}
	}
	return ""
}

// pages are the pages of each part for the order's purpose.
func (s *scene) pages() map[string][]string {
	out := map[string][]string{partData: {partData}, partSend: {"check"}}
	for _, f := range forms {
		if asks(f.only, s.app.Purpose) {
			out[f.part] = append(out[f.part], f.name)
		}
	}
	if s.app.Purpose != intake.Statistics {
		out[partEthics] = append(out[partEthics], "matrix")
	}
	return out
}

// apply reads a posted form into the answers.
func (t answers) apply(f form, purpose intake.Purpose, a *page.Ask) {
	for _, b := range f.blocks {
		if !asks(b.only, purpose) {
			continue
		}
		for _, q := range b.questions {
			if asks(q.only, purpose) {
				t.set(q.id, q.answer(a.Values(q.id)))
			}
		}
		if b.group == nil {
			continue
		}
		for i := range posted(a, b.group.list) {
			for _, q := range b.group.questions {
				name := b.group.list + "." + strconv.Itoa(i) + "." + strings.TrimPrefix(q.id, ".")
				t.set(name, q.answer(a.Values(name)))
			}
			t.unlessEmpty(b.group.list + "." + strconv.Itoa(i))
		}
	}
}

// unlessEmpty empties a row of which nothing but a choice that a form makes by
// itself is answered.
func (t answers) unlessEmpty(row string) {
	m, _ := t.get(row).(map[string]any)
	for k, v := range m {
		if tidy(v) != nil && k != "kind" {
			return
		}
	}
	t.set(row, nil)
}

// posted is how many rows of a list a form has sent.
func posted(a *page.Ask, list string) int {
	n := 0
	for name := range a.R.Form {
		if rest, ok := strings.CutPrefix(name, list+"."); ok {
			place, _, _ := strings.Cut(rest, ".")
			if i, err := strconv.Atoi(place); err == nil && i < maxRows {
				n = max(n, i+1)
			}
		}
	}
	return n
}

// conflict shows both texts: what the visitor wrote in the fields, what
// somebody else has saved beside them. Saving again keeps the fields.
func (s *scene) conflict(f form, sent *uploads) error {
	if len(sent.taken) > 0 { // what was sent is kept, whatever becomes of the fields
		if _, err := s.save(nil, "", func(t answers) { sent.name(s, t) }); err != nil {
			return err
		}
	}
	theirs := s.tree.clone()
	b, err := s.yours(func(t answers) { t.apply(f, s.app.Purpose, s.Ask); sent.link(t) }, func() (partBody, error) { return s.partBody(f, nil) })
	if err != nil {
		return err
	}
	b.Seen = theirs.seen(f.places())
	b.Conflict = s.clashes(b.Form.Fields, theirs)
	return s.showForm("part", s.Word(f.title), b, nil)
}

// yours makes a page from the draft as it would be with what was posted.
func (s *scene) yours(change func(answers), body func() (partBody, error)) (partBody, error) {
	mine := s.tree.clone()
	change(mine)
	raw, err := mine.raw()
	if err != nil {
		return partBody{}, err
	}
	s.tree = mine // with its empty rows, so that each row is posted again under its number
	s.app, _ = app.Fit(raw)
	return body()
}

// clashes are the fields in which two texts differ.
func (s *scene) clashes(fields []*page.Field, theirs answers) []clash {
	var out []clash
	for _, f := range fields {
		x, y := theirs.text(f.ID), s.tree.text(f.ID)
		if x != y {
			out = append(out, clash{f.Label, s.or(x), s.or(y)})
		}
	}
	if len(out) == 0 { // the same was written twice, or rows that are gone
		out = append(out, clash{Label: s.Word("apply.same"), Theirs: s.Word("apply.nothing"), Yours: s.Word("apply.nothing")})
	}
	return out
}

func (s *scene) or(text string) string {
	switch text {
	case "":
		return s.Word("apply.nothing")
	case "yes":
		return s.Word("apply.yes")
	case "no":
		return s.Word("apply.no")
	}
	return text
}
