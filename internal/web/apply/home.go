package apply

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
	"sluss/internal/web/page"
)

type draftLine struct{ Path, Title, Purpose, Saved, Status string }

type draftsBody struct {
	Drafts []draftLine
	Begin  *page.Form
}

// listDrafts are the orders that the visitor has begun or been invited to.
func listDrafts(a *page.Ask) error { return showDrafts(a, beginForm(a)) }

func beginForm(a *page.Ask) *page.Form {
	return a.Form("/drafts/begin", a.Word("apply.begin"), &page.Field{
		ID: "purpose", Kind: page.Radio, Label: a.Word("apply.begin_what"),
		Options: []page.Option{
			{Value: string(intake.Research), Label: a.Word("apply.o_purpose_research"), Hint: a.Word("apply.begin_research"), On: true},
			{Value: string(intake.Statistics), Label: a.Word("apply.o_purpose_statistics"), Hint: a.Word("apply.begin_statistics")},
		},
	})
}

func showDrafts(a *page.Ask, begin *page.Form) error {
	own, err := a.Orders.OwnDrafts(a.R.Context(), a.Visitor.Person)
	if err != nil {
		return err
	}
	b := draftsBody{Begin: begin}
	for _, d := range own {
		t := readAnswers(d.Answers)
		l := draftLine{Path: "/drafts/" + d.ID, Title: t.text("title"), Saved: saved(a, d.Updated)}
		if l.Title == "" {
			l.Title = a.Word("apply.untitled")
		}
		if p := t.text("purpose"); p == string(intake.Research) || p == string(intake.Statistics) {
			l.Purpose = a.Word("apply.o_purpose_" + p)
		}
		b.Drafts = append(b.Drafts, l)
	}
	v := page.View{Title: a.Word("apply.drafts"), Nav: "nav.drafts", Body: b}
	if !begin.OK() {
		return a.Refused("drafts", begin, v)
	}
	return a.Show("drafts", v)
}

// begin begins an order.
func begin(a *page.Ask) error {
	f := beginForm(a).Read(a)
	purpose := intake.Purpose(f.Field("purpose").Value)
	if purpose != intake.Research && purpose != intake.Statistics {
		f.Wrong("purpose", a.Word("apply.choose_purpose"))
		return showDrafts(a, f)
	}
	id, err := create(a, purpose, nil)
	if err != nil {
		return err
	}
	return a.Go("/drafts/"+id, "done.apply_begun")
}

// create begins a draft with what is known of the visitor.
func create(a *page.Ask, purpose intake.Purpose, more func(answers)) (string, error) {
	p := a.Visitor.Person
	t := answers{}
	t.set("form", json.Number(fmt.Sprint(intake.CurrentForm)))
	t.set("purpose", string(purpose))
	t.set("orderer.name", a.Visitor.Name)
	t.set("orderer.email", p.Email)
	t.set("principal.name", p.Organisation)
	t.set("delivery.formats", []any{"csv"})
	t.set("project.deliveries", json.Number("1"))
	if more != nil {
		more(t)
	}
	raw, err := t.raw()
	if err != nil {
		return "", err
	}
	d, err := a.Orders.CreateDraft(a.R.Context(), p, raw)
	return d.ID, err
}

// saved says when a draft was saved last, on the Swedish clock.
func saved(a *page.Ask, t time.Time) string {
	on := swede.CivilDay(t)
	u := t.Unix()
	hour := 1
	if swede.CivilDay(time.Unix((u/86400)*86400+22*3600+1800, 0)) > swede.CivilDay(time.Unix((u/86400)*86400, 0)) {
		hour = 2 // summer time: 22.30 is the next day
	}
	local := t.UTC().Add(time.Duration(hour) * time.Hour)
	if on == a.Today {
		return a.Word("apply.today") + " " + local.Format("15.04")
	}
	return page.LongDay(a.Lang, on)
}

// task is a part of the order on the list.
type task struct {
	No             int
	Name, Status   string
	Class          string
	Path           string // "" while it cannot begin
	Pages          []pageLine
	Note           string
	statusKey      string
	done, notNeeds bool
}

type pageLine struct{ Path, Name, Status, Class string }

type homeBody struct {
	Draft, Title, Saved string
	Done, Of            int
	Tasks               []task
	Panel               panel
	Members             []string
	Invite, Delete      *page.Form
	Own                 bool
	OwnerLine           string
	Notes               []string
	First               page.Link
	HasData             bool
	Check               string
}

// home is the list of tasks of an order.
func home(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	return s.home(inviteForm(s))
}

func inviteForm(s *scene) *page.Form {
	f := s.Form(s.path("invite"), s.Word("apply.invite"), &page.Field{ID: "email", Kind: page.Email, Label: s.Word("apply.invite_email"), Auto: "off", Max: 254})
	f.Small = true
	return f
}

func (s *scene) home(invite *page.Form) error {
	b := homeBody{Draft: s.ID, Title: s.title(), Saved: saved(s.Ask, s.Updated), Own: s.own, Members: s.Members, Invite: invite, HasData: len(s.app.Data) > 0, Check: s.path("check")}
	b.Tasks = s.tasks()
	for _, t := range b.Tasks {
		if t.statusKey == "apply.status_done" || t.notNeeds {
			b.Done++
		}
		if b.First.Path == "" && t.Path != "" && !t.done {
			b.First = page.Link{Path: t.Path, Text: s.Word("apply.go_on") + ": " + t.Name}
		}
	}
	b.Of = len(b.Tasks)
	if !s.own {
		b.OwnerLine = s.Word("apply.not_owner")
	} else {
		b.Delete = s.Form(s.path("delete"), s.Word("apply.delete"), &page.Field{ID: "sure", Kind: page.Check, Label: s.Word("apply.delete_sure")})
		b.Delete.Danger, b.Delete.Small = true, true
	}
	for _, n := range s.Notes {
		b.Notes = append(b.Notes, s.say(n))
	}
	var err error
	if b.Panel, err = s.advise(); err != nil {
		return err
	}
	v := page.View{Title: b.Title, Nav: "nav.drafts", Body: b}
	if !invite.OK() {
		return s.Refused("home", invite, v)
	}
	return s.Show("home", v)
}

// tasks are the six parts with how far each has come.
func (s *scene) tasks() []task {
	var out []task
	all, ready := s.pages(), true
	for i, p := range parts {
		t := task{No: i + 1, Name: s.Word("apply.part_" + p)}
		switch p {
		case partSend:
			if ready {
				t.Path, t.statusKey = s.path("check"), "apply.status_new"
			} else {
				t.statusKey = "apply.status_cannot"
			}
		case partEthics:
			if s.app.Purpose == intake.Statistics {
				t.statusKey, t.notNeeds = "apply.status_not_needed", true
				break
			}
			s.fill(&t, all[p])
			t.Note = s.Word("apply.ethics_after")
			if len(s.app.Data) > 0 {
				t.Note = ""
			}
		default:
			s.fill(&t, all[p])
		}
		t.done = t.notNeeds || t.statusKey == "apply.status_done"
		ready = ready && t.done
		t.Status, t.Class = s.Word(t.statusKey), statusClass(t.statusKey)
		out = append(out, t)
	}
	return out
}

func statusClass(key string) string {
	switch key {
	case "apply.status_done", "apply.status_not_needed", "apply.status_optional":
		return "status-done"
	case "apply.status_mend":
		return "status-mend"
	}
	return ""
}

// fill counts a part's pages.
func (s *scene) fill(t *task, names []string) {
	begun, mend, first := 0, 0, ""
	for _, n := range names {
		l := pageLine{Path: s.path(n), Name: s.Word(titleOf(n))}
		key := s.state(n)
		switch key {
		case "apply.status_new":
			if first == "" && n != "earlier" {
				first = l.Path
			}
		case "apply.status_mend":
			mend++
			begun++
			if first == "" {
				first = l.Path
			}
		default:
			begun++
		}
		if n == "earlier" && key == "apply.status_new" {
			key = "apply.status_optional"
		}
		l.Status, l.Class = s.Word(key), statusClass(key)
		t.Pages = append(t.Pages, l)
	}
	t.Path = first
	if t.Path == "" {
		t.Path = s.path(names[0])
	}
	missing := s.missing(names)
	switch {
	case begun == 0 && missing:
		t.statusKey = "apply.status_new"
	case !missing && mend == 0:
		t.statusKey = "apply.status_done"
		if names[0] == partAttachments && s.tree.rows(partAttachments) == 0 {
			t.statusKey, t.notNeeds = "apply.status_optional", true
		}
	case mend > 0:
		t.statusKey = "apply.status_mend"
	default:
		t.statusKey = "apply.status_begun"
	}
}

// titleOf is the key of a page's name.
func titleOf(name string) string {
	i := slices.IndexFunc(forms, func(f form) bool { return f.name == name })
	switch {
	case i >= 0:
		return forms[i].title
	case name == "matrix":
		return "apply.matrix"
	}
	return "apply.data"
}

// missing reports whether a problem belongs to one of the pages.
func (s *scene) missing(names []string) bool {
	for _, n := range names {
		if len(s.problemsOn(n)) > 0 {
			return true
		}
	}
	if names[0] == partData {
		for _, p := range s.Problems {
			if strings.HasPrefix(s.pageOf(nameOf(p.Field)), "data") {
				return true
			}
		}
	}
	return false
}

// state is how far a page has come.
func (s *scene) state(name string) string {
	wrong := len(s.problemsOn(name)) > 0
	if name == partData {
		wrong = s.missing([]string{partData})
	}
	switch {
	case !s.begun(name) && (wrong || name == "earlier"):
		return "apply.status_new"
	case wrong:
		return "apply.status_mend"
	}
	return "apply.status_done"
}

// given are the places that are filled in for the orderer from the start, so
// that they do not count as begun.
var given = map[string]bool{"purpose": true, "orderer": true, "principal.name": true, "delivery.formats": true, "project.deliveries": true}

// begun reports whether somebody has answered anything on a page.
func (s *scene) begun(name string) bool {
	switch {
	case name == partData:
		return s.tree.rows("data") > 0
	case strings.HasPrefix(name, "data/"):
		at := "data." + strings.TrimPrefix(name, "data/")
		return s.tree.text(at+".from") != "" || s.tree.text(at+".motive") != ""
	case name == "matrix":
		return s.tree.rows(matrix) > 0
	}
	f, ok := formNamed(name, s.app.Purpose)
	if !ok {
		return false
	}
	for _, b := range f.blocks {
		for _, q := range b.questions {
			if !given[q.id] && !given[strings.Split(q.id, ".")[0]] && s.tree.text(q.id) != "" {
				return true
			}
		}
		if b.group != nil && s.tree.rows(b.group.list) > 0 {
			return true
		}
	}
	return name == "people" && len(s.problemsOn(name)) == 0 && s.tree.text("title") != ""
}

// panel says what the order is likely to cost and when it can be delivered.
type panel struct {
	Hours, Price, Why string
	When              string
	Reasons           []string
	None              string
	// Counted is what the hours are counted on; Choices what each choice costs,
	// Waits what moves the dates.
	Counted string
	Choices []choiceLine
	Waits   []string
}

// choiceLine is a choice and what the order would take without it.
type choiceLine struct{ Name, Saves, Rule string }

// advise reckons with the order as it is now.
func (s *scene) advise() (panel, error) {
	var p panel
	if len(s.app.Data) == 0 {
		p.None = s.Word("apply.panel_none")
		return p, nil
	}
	st := order.State{Application: s.app}
	c, err := s.Orders.Choices(s.R.Context(), st)
	if err != nil {
		return p, err
	}
	v := c.Interval
	p.Why = v.Text.In(s.Lang)
	price, err := s.Authority.Prices.On(s.Today)
	if v.Basis != quote.FromNothing && err == nil {
		p.Hours = page.HoursText(s.Lang, v.Low) + "–" + page.HoursText(s.Lang, v.High)
		p.Price = strings.TrimRight(strings.TrimSuffix(page.Kronor(quote.Cost(v.Low, price.HourOre)), "kr"), " \u00a0") + "–" + page.Kronor(quote.Cost(v.High, price.HourOre))
	}
	p.Counted = c.Counted.In(s.Lang)
	for _, x := range c.Savings {
		l := choiceLine{Name: x.Name.In(s.Lang), Saves: s.Word("apply.choice_same"), Rule: x.Rule.In(s.Lang)}
		if x.Centis > 0 {
			l.Saves = fmt.Sprintf(s.Word("apply.choice_saves"), page.HoursText(s.Lang, x.Centis))
		}
		p.Choices = append(p.Choices, l)
	}
	for _, w := range c.Waits {
		if w.From == 0 {
			p.Waits = append(p.Waits, fmt.Sprintf(s.Word("apply.choice_waits_late"), w.Name.In(s.Lang), page.LongDay(s.Lang, w.To), page.LongDay(s.Lang, w.Until)))
			continue
		}
		p.Waits = append(p.Waits, fmt.Sprintf(s.Word("apply.choice_waits"), w.Name.In(s.Lang), page.LongDay(s.Lang, w.To), page.LongDay(s.Lang, w.From), page.LongDay(s.Lang, w.Until)))
	}
	if c.When.Known {
		p.When = span(s.Lang, c.When.Earliest, c.When.Latest)
	}
	for _, t := range c.When.Reasons {
		p.Reasons = append(p.Reasons, t.In(s.Lang))
	}
	return p, nil
}

// span writes two days, or one when they are the same.
func span(lang string, first, last day.Day) string {
	if first == last {
		return page.LongDay(lang, first)
	}
	return page.LongDay(lang, first) + " – " + page.LongDay(lang, last)
}

// invite lets a co-applicant in.
func invite(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	f := inviteForm(s).Read(a)
	if _, err := a.Orders.Invite(a.R.Context(), a.Visitor.Person, s.ID, f.Field("email").Value); err != nil {
		if x, ok := errors.AsType[*fault.Fault](err); ok {
			f.Wrong("email", told(a, x))
			return s.home(f)
		}
		return err
	}
	return a.Go(s.path(""), "done.apply_invited")
}

// uninvite takes a co-applicant's access away.
func uninvite(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	if _, err := a.Orders.Uninvite(a.R.Context(), a.Visitor.Person, s.ID, a.Value("email")); err != nil {
		return err
	}
	return a.Go(s.path(""), "done.apply_uninvited")
}

// remove deletes a draft with everything in it.
func remove(a *page.Ask) error {
	s, err := open(a)
	if err != nil {
		return err
	}
	if a.Value("sure") != "yes" {
		return fault.New("apply.sure", "Rutan är inte ikryssad, så utkastet finns kvar.", "The box is not ticked, so the draft is still there.").
			Do("Gå tillbaka och kryssa i rutan om du vill radera utkastet.", "Go back and tick the box if you want to delete the draft.")
	}
	if err := a.Orders.DeleteDraft(a.R.Context(), a.Visitor.Person, s.ID); err != nil {
		return err
	}
	return a.Go("/drafts", "done.apply_deleted")
}
