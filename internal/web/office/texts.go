package office

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/lix"
	"sluss/internal/web/page"
	"sluss/internal/wording"
)

// The authority's own texts: found by a word or a key, seen beside the original,
// tried before they are used, and taken back when they were no good. What may be
// said is the room wording's to judge; here it is typed.

const (
	textsPath = "/admin/texts"
	mostTexts = 40 // of a search
	mostNews  = 30 // of the history
)

// textsBody is a search, what is said otherwise now, and what has been changed.
type textsBody struct {
	Search string
	All    int
	Found  []textLine
	More   int
	Own    []ownLine
	News   []newsLine
}

// textLine is a text in a list, as it reads now.
type textLine struct {
	Key, Path, Text, Place string
	Own, Locked            bool
}

// ownLine is a text that is, or will be, said otherwise.
type ownLine struct {
	Key, Path, Text, From, Until, By string
	Planned, Gone                    bool
}

type newsLine struct{ At, By, Key, Path, What, Reason string }

func textPath(key string) string { return textsPath + "/" + url.PathEscape(key) }

func texts(a *page.Ask) error {
	book, history, err := a.Orders.TextBook(a.R.Context())
	if err != nil {
		return err
	}
	now := history.On(a.Today, wording.Latest)
	b := textsBody{Search: a.Value("q"), All: len(book.All())}
	if b.Search != "" {
		for _, o := range book.Search(b.Search, now) {
			if len(b.Found) == mostTexts {
				b.More++
				continue
			}
			t, own := now[o.Key]
			if !own {
				t = o.Text
			}
			_, locked := wording.Locked(o)
			b.Found = append(b.Found, textLine{o.Key, textPath(o.Key), t.In(a.Lang), o.Place.In(a.Lang), own, locked})
		}
	}
	for _, key := range history.Keys() {
		_, there := book.Of(key)
		if r, ok := wording.InForce(history.Of(key), a.Today, wording.Latest); ok {
			b.Own = append(b.Own, ownOf(a, r, false, !there))
		}
		for _, r := range history.Planned(key, a.Today) {
			if !r.Back() {
				b.Own = append(b.Own, ownOf(a, r, true, !there))
			}
		}
	}
	all := history.All()
	for i := len(all) - 1; i >= 0 && len(b.News) < mostNews; i-- {
		b.News = append(b.News, newsOf(a, all[i]))
	}
	return a.Show("office-texts", page.View{Title: a.Word("office.texts"), Nav: "office.nav_admin", Body: b})
}

func ownOf(a *page.Ask, r wording.Revision, planned, gone bool) ownLine {
	x := ownLine{Key: r.Key, Path: textPath(r.Key), Text: r.Text.In(a.Lang), From: r.From.String(), By: a.Name(r.By), Planned: planned, Gone: gone}
	if r.Until != 0 {
		x.Until = r.Until.String()
	}
	return x
}

func newsOf(a *page.Ask, r wording.Revision) newsLine {
	x := newsLine{At: r.At.Format("2006-01-02 15:04"), By: a.Name(r.By), Key: r.Key, Path: textPath(r.Key), What: a.Word("office.text_back_from"), Reason: r.Reason}
	if !r.Back() {
		x.What = a.Word("office.text_said_from")
	}
	x.What += " " + r.From.String()
	if r.Until != 0 {
		x.What += " " + a.Word("office.text_to") + " " + r.Until.String()
	}
	return x
}

// textBody is one text: original and own side by side.
type textBody struct {
	Key, Place   string
	Paths        []string
	Locked       string // why it is
	Sides        []textSide
	Own          bool
	From, Until  string
	History      []pastLine
	Preview      []preview
	F, Back      *page.Form
	Placeholders string
}

// textSide is the original and what is said now in one language.
type textSide struct{ Lang, Name, Original, Now string }

// pastLine is a change of the text.
type pastLine struct {
	newsLine
	SV, EN string
}

// preview is how a text would read.
type preview struct {
	Lang, Name, Text string

	LIX string
}

func textOf(a *page.Ask) (*textBody, wording.Original, error) {
	book, history, err := a.Orders.TextBook(a.R.Context())
	if err != nil {
		return nil, wording.Original{}, err
	}
	key := a.R.PathValue("key")
	o, there := book.Of(key)
	if past := history.Of(key); !there && len(past) == 0 {
		return nil, o, app.ErrNotFound
	}
	b := &textBody{Key: key, Place: o.Place.In(a.Lang), Paths: o.Paths, Placeholders: strings.Join(wording.Placeholders(o.Text.SV), ", ")}
	if !there {
		b.Place = a.Word("office.text_gone")
	}
	now := o.Text
	if r, ok := wording.InForce(history.Of(key), a.Today, wording.Latest); ok {
		b.Own, now, b.From = true, r.Text, r.From.String()
		if r.Until != 0 {
			b.Until = r.Until.String()
		}
	}
	b.Sides = []textSide{{"sv", a.Word("lang.sv"), o.Text.SV, now.SV}, {"en", a.Word("lang.en"), o.Text.EN, now.EN}}
	for _, r := range slices.Backward(history.Of(key)) {
		b.History = append(b.History, pastLine{newsOf(a, r), r.Text.SV, r.Text.EN})
	}
	if why, locked := wording.Locked(o); locked {
		b.Locked = why.In(a.Lang)
	}
	if b.Locked == "" && there {
		b.F = textForm(a, key, now)
	}
	if b.Own || len(history.Planned(key, a.Today)) > 0 {
		b.Back = a.Form(textPath(key)+"/back", a.Word("office.text_back"), &page.Field{ID: "why", Kind: page.Text, Label: a.Word("office.f_reason"), Max: 500})
		b.Back.Danger = true
	}
	return b, o, nil
}

func textForm(a *page.Ask, key string, now catalog.Text) *page.Form {
	rows := 1 + max(len(now.SV), len(now.EN))/28 // the fields stand side by side
	return a.Form(textPath(key), a.Word("office.text_save"),
		&page.Field{ID: "sv", Kind: page.Area, Rows: min(max(rows, 2), 12), Label: a.Word("lang.sv"), Value: now.SV},
		&page.Field{ID: "en", Kind: page.Area, Rows: min(max(rows, 2), 12), Label: a.Word("lang.en"), Value: now.EN},
		&page.Field{ID: "from", Kind: page.Date, Label: a.Word("office.f_text_from"), Value: a.Today.String()},
		a.Optional(&page.Field{ID: "until", Kind: page.Date, Label: a.Word("office.f_text_until"), Hint: a.Word("office.h_text_until")}),
		&page.Field{ID: "reason", Kind: page.Text, Label: a.Word("office.f_reason"), Hint: a.Word("office.h_reason"), Max: 500})
}

func textView(a *page.Ask, b *textBody) page.View {
	return page.View{Title: a.Word("office.text") + " " + b.Key, Nav: "office.nav_admin", Body: b}
}

func text(a *page.Ask) error {
	b, _, err := textOf(a)
	if err != nil {
		return err
	}
	return a.Show("office-text", textView(a, b))
}

// changeText tries a text, or uses it.
func changeText(a *page.Ask) error {
	b, o, err := textOf(a)
	if err != nil {
		return err
	}
	if b.F == nil { // locked: what was sent is refused with the reason
		b.F = &page.Form{Lang: a.Lang, Heading: a.Word("form.heading")}
		take(b.F, a.Orders.ChangeText(a.R.Context(), a.Visitor.Person, wording.Revision{Key: b.Key, Text: catalog.Text{SV: "–", EN: "–"}, From: a.Today, Reason: "–"}))
		return a.Refused("office-text", b.F, textView(a, b))
	}
	f := b.F.Read(a)
	r := wording.Revision{Key: b.Key, Text: catalog.Text{SV: oneParagraph(f.Field("sv").Value), EN: oneParagraph(f.Field("en").Value)}, Reason: f.Field("reason").Value}
	r.From = f.Day("from", a.Word("office.n_day"))
	if until := f.Field("until"); until.Value != "" {
		r.Until = f.Day("until", a.Word("office.n_day"))
	}
	if trying := a.Value("do") == "try"; trying && f.OK() {
		if r.Reason == "" {
			r.Reason = "–" // a trial needs none
		}
		for _, w := range a.Orders.CheckText(r) {
			f.Take(w)
		}
		if f.OK() {
			b.Preview = previews(a, o, r.Text)
			return a.Show("office-text", textView(a, b))
		}
		return a.Refused("office-text", f, textView(a, b))
	}
	if len(strings.TrimSpace(r.Text.SV)+strings.TrimSpace(r.Text.EN)) == 0 { // empty is no way back
		for _, w := range a.Orders.CheckText(wording.Revision{Key: b.Key, Text: catalog.Text{SV: " "}, From: cmp.Or(r.From, a.Today), Reason: "–"}) {
			f.Take(w)
		}
	}
	if f.OK() {
		err := a.Orders.ChangeText(a.R.Context(), a.Visitor.Person, r)
		if err == nil {
			return a.Go(textPath(b.Key), "done.office_text")
		}
		if !take(f, err) {
			return err
		}
	}
	return a.Refused("office-text", f, textView(a, b))
}

// oneParagraph has a space where a browser sent a line break: a text is one
// paragraph.
func oneParagraph(s string) string { return strings.Join(strings.Fields(s), " ") }

// previews are the texts as they would stand, and how hard they are to read.
func previews(a *page.Ask, o wording.Original, t catalog.Text) []preview {
	out := []preview{{Lang: "sv", Name: a.Word("lang.sv"), Text: wording.Fits(o.Text.SV, t.SV)}, {Lang: "en", Name: a.Word("lang.en"), Text: wording.Fits(o.Text.EN, t.EN)}}
	for i := range out {
		if strings.ContainsAny(out[i].Text, ".?!") {
			out[i].LIX = fmt.Sprintf("%.0f", lix.Of(out[i].Text).LIX())
		}
	}
	return out
}

// backText goes back to the original.
func backText(a *page.Ask) error {
	b, _, err := textOf(a)
	if err != nil {
		return err
	}
	if b.Back == nil {
		return fault.New("text.original", "Texten är redan som originalet.", "The text is the original already.").Do("Ladda om sidan.", "Reload the page.")
	}
	f := b.Back.Read(a)
	if f.Need("why", a.Word("office.n_reason")) {
		err := a.Orders.ChangeText(a.R.Context(), a.Visitor.Person, wording.Revision{Key: b.Key, From: a.Today, Reason: f.Field("why").Value})
		if err == nil {
			return a.Go(textPath(b.Key), "done.office_text_back")
		}
		if !take(f, err) {
			return err
		}
	}
	return a.Refused("office-text", f, textView(a, b))
}

// take puts every refusal of several into the form; false when one of them is
// not for the visitor to mend.
func take(f *page.Form, err error) bool {
	if all, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		for _, e := range all.Unwrap() {
			if !f.Take(e) {
				return false
			}
		}
		return true
	}
	return f.Take(err)
}
