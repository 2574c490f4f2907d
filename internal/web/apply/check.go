package apply

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

type answerLine struct{ Label, Text, Path string }

type answerGroup struct {
	ID, Heading, Path string
	Lines             []answerLine
}

type checkBody struct {
	Draft, Title, Back string
	Groups             []answerGroup
	Mend               []answerLine
	Form               *page.Form
	At                 int
	Own, Ready         bool
	Panel              panel
	Changed            bool
	Yaml, Twin         string
}

// check shows every answer once more before the order is sent.
func check(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	return s.check(s.sendForm(), false)
}

// sendForm is the button.
func (s *scene) sendForm() *page.Form {
	return s.Form(s.path("check/send"), s.Word("apply.send"), &page.Field{ID: "at", Kind: page.Hidden, Value: strconv.Itoa(s.Version)})
}

func (s *scene) check(f *page.Form, stale bool) error {
	b := checkBody{Draft: s.ID, Title: s.title(), Back: s.path(""), Form: f, At: s.Version, Own: s.own, Ready: len(s.Problems) == 0, Changed: stale, Yaml: s.path("order.yaml"), Twin: s.twinPath()}
	for _, p := range s.Problems {
		name := nameOf(p.Field)
		at := s.pageOf(name)
		l := answerLine{Text: s.say(p)}
		if at != "" {
			l.Path = s.path(at)
		}
		b.Mend = append(b.Mend, l)
	}
	b.Groups = s.answered()
	var err error
	if b.Panel, err = s.advise(); err != nil {
		return err
	}
	v := page.View{Title: s.Word("apply.check"), Nav: "nav.drafts", Body: b}
	switch {
	case stale:
		v.Status, v.Error = 409, true
	case !f.OK():
		return s.Refused("check", f, v)
	}
	return s.Show("check", v)
}

// answered is every answer by page, in the order of the pages.
func (s *scene) answered() []answerGroup {
	var out []answerGroup
	for _, p := range parts {
		for _, name := range s.pages()[p] {
			g := answerGroup{ID: "g-" + name, Path: s.path(name)}
			switch name {
			case "check":
				continue
			case partData:
				g.Heading = s.Word("apply.data")
				for i := range s.tree.rows("data") {
					at := "data." + strconv.Itoa(i)
					for _, q := range basketQuestions {
						s.line(&g, q, at+"."+q.id, s.path("data/"+strconv.Itoa(i)))
					}
				}
			case "matrix":
				g.Heading = s.Word("apply.matrix")
				s.matrixLines(&g)
			default:
				f, _ := formNamed(name, s.app.Purpose)
				g.Heading = s.Word(f.title)
				s.formLines(&g, f)
			}
			if len(g.Lines) > 0 {
				out = append(out, g)
			}
		}
	}
	return out
}

func (s *scene) formLines(g *answerGroup, f form) {
	for _, b := range f.blocks {
		for _, q := range b.questions {
			s.line(g, q, q.id, s.path(f.name))
		}
		if b.group == nil {
			continue
		}
		for i := range s.tree.rows(b.group.list) {
			at := b.group.list + "." + strconv.Itoa(i)
			for _, q := range b.group.questions {
				s.line(g, q, at+"."+strings.TrimPrefix(q.id, "."), s.path(f.name))
			}
		}
	}
}

// line adds an answer in words.
func (s *scene) line(g *answerGroup, q question, name, path string) {
	if s.tree.text(name) == "" {
		return
	}
	f := s.field(q, name)
	text := s.or(s.tree.text(name))
	if d, err := day.Parse(text); err == nil {
		text = page.LongDay(s.Lang, d)
	}
	if len(f.Options) > 0 {
		var on []string
		for _, o := range f.Options {
			if o.On {
				on = append(on, o.Label)
			}
		}
		text = strings.Join(on, ", ")
	}
	label, ok := intake.Label(page.FieldOf(name))
	if !ok {
		label.SV, label.EN = f.Label, f.Label
	}
	g.Lines = append(g.Lines, answerLine{Label: label.In(s.Lang), Text: text, Path: path + "#" + page.ID(name)})
}

func (s *scene) matrixLines(g *answerGroup) {
	for _, item := range intake.Items(s.app, s.Catalogue) {
		at := matrix + "." + item.ID
		text := s.Word("apply.not_supported")
		if s.tree.text(at+".met") == "yes" {
			text = s.Word("apply.supported")
			if p := s.tree.text(at + ".page"); p != "" {
				text += ", " + s.Word("apply.page_small") + " " + p
			}
			if q := s.tree.text(at + ".quote"); q != "" {
				text += ": ”" + q + "”"
			}
		}
		g.Lines = append(g.Lines, answerLine{Label: item.Names.In(s.Lang), Text: text, Path: s.path("matrix") + "#row-" + strings.ReplaceAll(item.ID, ":", "-")})
	}
}

// send hands the order in. Sent twice it is one case: the draft has become it.
func send(a *page.Ask) error {
	at, err := strconv.Atoi(a.Value("at"))
	if err != nil {
		return changed()
	}
	s, err := open(a)
	if errors.Is(err, app.ErrNotFound) { // it may have become a case already
		return sent(a, a.R.PathValue("draft"), at)
	}
	if err != nil {
		return err
	}
	if !s.own {
		return s.refuseSend(fault.New("draft.owner_only", "Bara den som började beställningen kan skicka den.", "Only who began the order can send it.").Do("Be den personen.", "Ask that person."))
	}
	if at != s.Version {
		return s.check(s.sendForm(), true)
	}
	err = sent(a, s.ID, at)
	if _, stale := errors.AsType[*app.StaleDraft](err); stale {
		if s, err = open(a); err != nil {
			return err
		}
		return s.check(s.sendForm(), true)
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Class != fault.Internal {
		return s.refuseSend(f)
	}
	return err
}

// refuseSend shows the answers again with what keeps them from being sent.
func (s *scene) refuseSend(f *fault.Fault) error {
	form := s.sendForm()
	form.Wrong("", told(s.Ask, f))
	return s.check(form, false)
}

func sent(a *page.Ask, draft string, at int) error {
	id, _, err := a.Orders.SubmitDraft(a.R.Context(), a.Visitor.Person, draft, at)
	if err != nil {
		return err
	}
	return a.Go("/cases/"+id+"/receipt", "done.apply_sent")
}

type receiptBody struct {
	ID, Title string
	Confirm   string // the last day on which it is acknowledged
	When      string
	Reasons   []string
	Path      string
}

// receipt is what who ordered gets at once: the number, what happens next, and
// by when.
func receipt(a *page.Ask) error {
	c, err := a.Case(access.ViewCase)
	if err != nil {
		return err
	}
	b := receiptBody{ID: c.ID, Title: c.State.Application.Title, Path: "/cases/" + c.ID}
	for _, k := range order.Clocks(app.AsSeen(a.Role(), c.Relation, c.Entries, c.State), a.Authority, a.Today) {
		if k.Def.ID == "acknowledge" && k.Status == clock.Running {
			b.Confirm = page.LongDay(a.Lang, k.Due)
		}
	}
	r, err := a.Orders.Expected(a.R.Context(), c.State)
	if err != nil {
		return err
	}
	if r.Known {
		b.When = span(a.Lang, r.Earliest, r.Latest)
	}
	for _, t := range r.Reasons {
		b.Reasons = append(b.Reasons, t.In(a.Lang))
	}
	return a.Show("receipt", page.View{Title: fmt.Sprintf("%s %s", a.Word("apply.receipt"), c.ID), Nav: "nav.cases", Body: b})
}
