package apply

import (
	"strconv"

	"sluss/internal/web/page"
	"sluss/internal/wordform"
)

// wordBody is the page where a form in Word is fetched and read in.
type wordBody struct {
	Draft, Title, Back string
	Get                string
	Import             *page.Form
	Panel              panel
}

// wholeOrder are the places of an order: everything that a form may answer.
var wholeOrder = []string{
	"title", "purpose", "principal", "orderer", "co_applicants", "recipient", "project", "sensitive", "sensitive_categories", "ethics", "statistics", "population", "data",
	"identified", "delivery", "invoice", "attachments", "child",
}

func (s *scene) wordForm() *page.Form {
	f := s.Form(s.path("word/import"), s.Word("apply.word_read"), &page.Field{ID: "seen", Kind: page.Hidden, Value: s.tree.seen(wholeOrder)},
		&page.Field{ID: "doc" + fileMark, Kind: page.File, Label: s.Word("apply.word_file"), Hint: s.Word("apply.word_hint"), Accept: ".docx"})
	f.Small = true
	return f
}

// showWord is the page of the form in Word.
func showWord(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	return s.word(s.wordForm())
}

func (s *scene) word(f *page.Form) error {
	b := wordBody{Draft: s.ID, Title: s.title(), Back: s.path(""), Get: s.path("order.docx"), Import: f}
	var err error
	if b.Panel, err = s.advise(); err != nil {
		return err
	}
	v := page.View{Title: s.Word("apply.word"), Nav: "nav.drafts", Body: b}
	if !f.OK() {
		return s.Refused("word", f, v)
	}
	return s.Show("word", v)
}

// exportWord is the order as a form in Word, with what has been answered.
func exportWord(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	doc, err := wordform.Write(s.app, s.Catalogue, s.Lang)
	if err != nil {
		return err
	}
	a.Download("bestallning.docx", wordform.Type)
	a.W.Header().Set("Content-Length", strconv.Itoa(len(doc)))
	_, _ = a.W.Write(doc)
	return nil
}

// importWord reads a filled-in form into the order. What can be read is saved,
// and each answer that cannot is told with the title of its control. An answer
// of the form takes the place of the order's, a list that of the whole list; what
// the form leaves empty stays as it was.
func importWord(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	f := s.wordForm()
	seen, doc, err := readFile(a, wordform.MaxBytes, wordform.TooLarge())
	if err == nil && len(doc) == 0 {
		f.Wrong("doc"+fileMark, a.Word("apply.import_choose"))
		return s.word(f)
	}
	var filled *wordform.Filled
	if err == nil {
		err = s.Orders.Scan(a.R.Context(), doc)
	}
	if err == nil {
		filled, err = wordform.Read(doc, s.Catalogue)
	}
	if err != nil {
		if !f.Take(err) {
			return err
		}
		return s.word(f)
	}
	conflict, err := s.save(wholeOrder, seen, func(t answers) { t.fill("", map[string]any(readAnswers(filled.Answers))) })
	if err != nil {
		return err
	}
	if conflict {
		return changed()
	}
	if len(filled.Wrong) == 0 {
		return a.Go(s.path(""), "done.apply_word")
	}
	f = s.wordForm()
	f.Heading = s.Word("apply.word_but")
	for _, w := range filled.Wrong {
		f.Wrong("doc"+fileMark, a.Say(w.Title)+": "+a.Say(w.Text))
	}
	return s.word(f)
}

// fill puts the answers of a form among those of the order.
func (t answers) fill(at string, v any) {
	m, deeper := v.(map[string]any)
	if !deeper {
		t.set(at, v)
		return
	}
	for name, x := range m {
		if at != "" {
			name = at + "." + name
		}
		if name != "form" { // which form it is, no answer
			t.fill(name, x)
		}
	}
}
