package desk

import (
	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
	"sluss/internal/web/page"
)

// talkBody is what has been asked, answered and noted in a case.
type talkBody struct {
	page.Head
	Said  []utterance
	Forms []titled
	Links []page.Link
}

// titled is a form under a heading.
type titled struct {
	Title string
	F     *page.Form
}

// utterance is a question with its answer, a note, or what the decision maker
// wants to know.
type utterance struct {
	Kind, Who, On, Text string
	Inside, Open        bool
	Answers             []utterance
}

// talk shows the dialogue with the parties and what is noted inside.
func talk(a *page.Ask) error {
	c, err := a.Case(access.ViewDesk)
	if err != nil {
		return err
	}
	b := talkBody{Head: headOf(a, c, "desk.talk_lead")}
	asked := map[int]int{} // question: its place in b.Said
	for _, v := range access.Read(a.Role(), c.Relation, c.Entries, c.State) {
		if v.Depth != access.Full {
			continue
		}
		e := v.Entry
		u := utterance{Who: page.Role(a.Lang, e.By.Role), On: swede.CivilDay(e.At).String()}
		switch ev := e.Event.(type) {
		case *order.Enquired:
			u.Kind, u.Text, u.Open = a.Word("desk.said_enquiry"), ev.Text, true
			asked[1] = len(b.Said)
		case *order.QuestionAsked:
			u.Kind, u.Text, u.Open = a.Word("desk.said_question"), ev.Text, true
			asked[ev.ID] = len(b.Said)
		case *order.QuestionAnswered:
			if i, known := asked[ev.ID]; known {
				u.Kind, u.Text = a.Word("desk.said_answer"), ev.Text
				b.Said[i].Answers, b.Said[i].Open = append(b.Said[i].Answers, u), false
			}
			continue
		case *order.NoteWritten:
			u.Kind, u.Text, u.Inside = a.Word("desk.said_note"), ev.Text, true
		case *order.ReviewReturned:
			u.Kind, u.Text, u.Inside = a.Word("desk.said_returned"), ev.Text, true
		default:
			continue
		}
		b.Said = append(b.Said, u)
	}
	for _, x := range talkActs {
		if !a.May(c, x.command) || x.when != nil && !x.when(c.State) {
			continue
		}
		title := a.Word("desk.act_" + x.path)
		if x.behalf && a.Role() == order.RoleRegistrar { // each asks on which letter: not twice on a page
			b.Links = append(b.Links, page.Link{Path: "/cases/" + c.ID + "/act/" + x.path, Text: title})
			continue
		}
		f := x.form(a, c)
		f.Small = true
		b.Forms = append(b.Forms, titled{title, f})
	}
	return a.Show("desk-talk", page.View{Title: a.Word("desk.part_talk"), Nav: "nav.cases", Body: b})
}

// hoursBody are the hours of a case.
type hoursBody struct {
	page.Head
	Kinds []worked
	Log   []logged
	F     *page.Form
}

type worked struct {
	Name, Quoted, Worked, Left string
	Over                       bool
}

type logged struct{ On, Kind, Hours, Note string }

// hours shows what has been worked beside what is quoted.
func hours(a *page.Ask) error {
	c, err := a.Case(access.ViewDesk)
	if err != nil {
		return err
	}
	b := hoursBody{Head: headOf(a, c, "desk.hours_lead")}
	used, log := app.Hours(c.Entries, c.State)
	for _, u := range used {
		b.Kinds = append(b.Kinds, worked{
			quote.KindName(u.Kind).In(a.Lang), page.HoursText(a.Lang, u.Quoted), page.HoursText(a.Lang, u.Worked), page.HoursText(a.Lang, max(u.Quoted-u.Worked, 0)), u.Worked > u.Quoted && u.Quoted > 0,
		})
	}
	for _, l := range log {
		b.Log = append(b.Log, logged{l.Day.String(), quote.KindName(l.Kind).In(a.Lang), page.HoursText(a.Lang, l.Centis), l.Note})
	}
	if x, _ := actAt("hours"); a.May(c, x.command) && c.State.Invoice == nil {
		b.F = x.form(a, c)
	}
	return a.Show("desk-hours", page.View{Title: a.Word("desk.part_hours"), Nav: "nav.cases", Body: b})
}
