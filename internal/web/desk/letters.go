package desk

import (
	"bytes"
	"cmp"
	"io"
	"path"
	"strconv"
	"strings"

	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// lettersBody is mail and post without a case.
type lettersBody struct {
	Letters []letterLine
	State   string
	States  []page.Option
	F       *page.Form
}

type letterLine struct {
	ID, Arrived, Channel, Sender, Subject, State, Case string
	Sealed                                             bool
}

func lineOfLetter(a *page.Ask, l app.Letter) letterLine {
	x := letterLine{l.ID, l.Arrived.String(), a.Word("desk.o_channel_" + l.Channel), l.Sender, l.Subject, a.Word("letters.state_" + l.State), l.Case, l.Sealed}
	if x.Subject == "" {
		x.Subject = a.Word("letters.no_subject")
	}
	return x
}

var letterStates = []string{app.LetterWaiting, app.LetterRegistered, app.LetterReturned}

// letterForm registers what came.
func letterForm(a *page.Ask) *page.Form {
	subject := a.Optional(hinted(a, field(a, "subject", page.Text)))
	subject.Max = 500
	sender := hinted(a, field(a, "sender", page.Text))
	sender.Max = 254
	return a.Form("/letters", a.Word("letters.take"),
		choice(a, "channel", page.Radio, "channel", order.ChannelMail, order.ChannelPost).With(order.ChannelMail), field(a, "arrived", page.Date).With(a.Today.String()), sender, subject, hinted(a, field(a, "original", page.File)))
}

func lettersOf(a *page.Ask) (*lettersBody, error) {
	b := &lettersBody{State: app.LetterWaiting, F: letterForm(a)}
	for _, s := range letterStates {
		if a.R.URL.Query().Get("state") == s {
			b.State = s
		}
	}
	for _, s := range letterStates {
		b.States = append(b.States, page.Option{Value: "/letters?state=" + s, Label: a.Word("letters.list_" + s), On: s == b.State})
	}
	if err := a.Orders.LogList(a.R.Context(), a.Visitor.Person, "letters", "state="+b.State); err != nil {
		return nil, err
	}
	all, err := a.Orders.Letters(a.R.Context(), a.Visitor.Person, b.State)
	for _, l := range all {
		b.Letters = append(b.Letters, lineOfLetter(a, l))
	}
	return b, err
}

func letters(a *page.Ask) error {
	b, err := lettersOf(a)
	if err != nil {
		return err
	}
	return a.Show("letters", page.View{Title: a.Word("letters.title"), Nav: "letters.nav", Body: b})
}

// takeLetter registers what came by mail or post.
func takeLetter(a *page.Ask) error {
	file, name, err := upload(a, "original")
	if err != nil {
		return err
	}
	b, err := lettersOf(a)
	if err != nil {
		return err
	}
	f := b.F.Read(a)
	var opened io.ReadCloser
	if file != nil {
		opened = file
	}
	k, err := fileOf(a, f, "original", opened, name)
	if err != nil {
		return err
	}
	l := app.Letter{Channel: needed(a, f, "channel"), Arrived: f.Day("arrived", a.Word("desk.n_day")), Sender: needed(a, f, "sender"), Subject: f.Field("subject").Value}
	switch {
	case k == nil:
		f.Wrong("original", a.Word("desk.n_original"))
	case !f.OK():
		if err := k.keep(); err != nil {
			return err
		}
	default:
		l.Name = k.Name
		taken, err := a.Orders.TakeLetter(a.R.Context(), a.Visitor.Person, l, bytes.NewReader(k.Data))
		if err == nil {
			if err := k.drop(); err != nil {
				return err
			}
			return a.Go("/letters/"+taken.ID, "done.desk_letter")
		}
		if !f.Take(err) {
			return err
		}
	}
	return a.Refused("letters", f, page.View{Title: a.Word("letters.title"), Nav: "letters.nav", Body: b})
}

// letterBody is one letter with the cases that it may belong to.
type letterBody struct {
	letterLine
	Name, Size, Hash, Reason, By string
	Waiting                      bool
	Matches                      []match
	Harm                         string // what keeps it apart
	Text                         string // of a mail, as far as it is plain
	Parts                        []mailPart
	File, Open, Ask, Return      *page.Form
}

// mailPart is a file that came with a mail.
type mailPart struct{ No, Name, Size string }

// harm says why a letter is kept apart.
func harm(a *page.Ask, l app.Letter) string {
	code, signature, _ := strings.Cut(l.HarmOf(), " ")
	switch {
	case code == "":
		return ""
	case code == "attachment.active":
		return a.Word("letters.harm_active")
	case signature == "":
		return a.Word("letters.harm")
	}
	return a.Word("letters.harm") + " " + signature + "."
}

// unpacked adds what stands in a mail.
func (b *letterBody) unpacked(a *page.Ask) error {
	if b.Sealed {
		return nil
	}
	text, files, err := a.Orders.LetterParts(a.R.Context(), a.Visitor.Person, b.ID)
	b.Text = text
	for i, f := range files {
		b.Parts = append(b.Parts, mailPart{strconv.Itoa(i + 1), cmp.Or(f.Name, a.Word("letters.part")+" "+strconv.Itoa(i+1)), page.Size(a.Lang, int64(len(f.Data)))})
	}
	return err
}

// letterPart sends a file of a mail, never to be shown by the browser.
func letterPart(a *page.Ask) error {
	_, files, err := a.Orders.LetterParts(a.R.Context(), a.Visitor.Person, a.R.PathValue("letter"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(a.R.PathValue("no"))
	if err != nil || n < 1 || n > len(files) {
		return app.ErrNotFound
	}
	f := files[n-1]
	return send(a, cmp.Or(f.Name, "part-"+strconv.Itoa(n)), "application/octet-stream", io.NopCloser(bytes.NewReader(f.Data)))
}

type match struct {
	Case, Title, Phase string
	Points             int
	Why                []string
}

func letterOf(a *page.Ask) (*letterBody, error) {
	l, matches, err := a.Orders.LetterWith(a.R.Context(), a.Visitor.Person, a.R.PathValue("letter"))
	if err != nil {
		return nil, err
	}
	b := &letterBody{letterLine: lineOfLetter(a, l), Name: l.Name, Size: page.Size(a.Lang, l.Bytes), Hash: string(l.SHA256), Reason: l.Reason, By: l.SettledBy, Waiting: l.State == app.LetterWaiting, Harm: harm(a, l)}
	if err := b.unpacked(a); err != nil {
		return nil, err
	}
	if b.Harm != "" {
		b.Reason = "" // it is said in words
	}
	best := ""
	for _, m := range matches {
		x := match{Case: m.Case, Title: cmp.Or(m.Title, a.Word("desk.untitled")), Phase: page.Phase(a.Lang, m.Phase), Points: m.Points}
		for _, r := range m.Reasons {
			x.Why = append(x.Why, r.In(a.Lang))
		}
		b.Matches = append(b.Matches, x)
		best = cmp.Or(best, m.Case)
	}
	if !b.Waiting {
		return b, nil
	}
	at := "/letters/" + l.ID
	reason := hinted(a, field(a, "reason_back", page.Text))
	reason.Max = 1000
	b.Return = a.Form(at+"/return", a.Word("letters.return"), reason)
	b.Return.Danger = true
	if b.Sealed {
		return b, nil
	}
	to := hinted(a, field(a, "case", page.Text)).With(best)
	to.Narrow = true
	what := hinted(a, field(a, "what", page.Text)).With(a.Word("letters.kind_letter"))
	what.Max = 40
	b.File = a.Form(at+"/file", a.Word("letters.file"), to, what, a.Optional(hinted(a, field(a, "secrecy", page.Text))))
	b.Open = openForm(a, l)
	email := hinted(a, field(a, "ask_email", page.Email))
	if strings.Contains(l.Sender, "@") {
		email.Value = l.Sender
	}
	b.Ask = a.Form(at+"/ask", a.Word("letters.ask"), choice(a, "topic", page.Select, "topic", order.EnquiryTopics...), field(a, "ask_text", page.Area), a.Optional(email))
	b.Ask.Small, b.Open.Small, b.Return.Small = true, true, true
	return b, nil
}

// openForm writes an application off as far as a case needs it: the rest is
// asked for in the case.
func openForm(a *page.Ask, l app.Letter) *page.Form {
	email := field(a, "orderer_email", page.Email)
	if strings.Contains(l.Sender, "@") {
		email.Value = l.Sender
	}
	return a.Form("/letters/"+l.ID+"/open", a.Word("letters.open"),
		choice(a, "purpose", page.Radio, "purpose", string(intake.Research), string(intake.Statistics)).With(string(intake.Research)),
		field(a, "order_title", page.Text), field(a, "principal", page.Text), a.Optional(hinted(a, field(a, "org_no", page.Text))),
		choice(a, "principal_kind", page.Radio, "principal", intake.PrincipalAuthority, intake.PrincipalEquated, intake.PrincipalPrivate).With(intake.PrincipalAuthority),
		field(a, "orderer", page.Text), email, a.Optional(field(a, "representative", page.Text)), a.Optional(field(a, "representative_email", page.Email)), a.Optional(field(a, "questions", page.Area)))
}

func letter(a *page.Ask) error {
	b, err := letterOf(a)
	if err != nil {
		return err
	}
	return a.Show("letter", page.View{Title: b.Subject, Nav: "letters.nav", Body: b})
}

func original(a *page.Ask) error {
	l, r, err := a.Orders.OpenLetter(a.R.Context(), a.Visitor.Person, a.R.PathValue("letter"))
	if err != nil {
		return err
	}
	return send(a, l.ID+path.Ext(l.Name), l.Type, r)
}

// settle does something with a letter by one of its forms.
func settle(a *page.Ask, pick func(*letterBody) *page.Form, do func(*page.Form) (to string, err error), done string) error {
	b, err := letterOf(a)
	if err != nil {
		return err
	}
	f := pick(b)
	if f == nil { // somebody else was faster, or it is sealed
		return a.Go("/letters/"+b.ID, "done.desk_letter_settled")
	}
	f.Read(a)
	to, err := do(f)
	if err == nil && f.OK() {
		return a.Go(to, done)
	}
	if app.IsNotFound(err) {
		f.Wrong("case", a.Word("desk.n_case"))
	} else if err != nil && !f.Take(err) {
		return err
	}
	return a.Refused("letter", f, page.View{Title: b.Subject, Nav: "letters.nav", Body: b})
}

// fileLetter registers the letter to a case.
func fileLetter(a *page.Ask) error {
	return settle(a, func(b *letterBody) *page.Form { return b.File }, func(f *page.Form) (string, error) {
		to, what := strings.ToUpper(needed(a, f, "case")), needed(a, f, "what")
		if !f.OK() {
			return "", nil
		}
		_, err := a.Orders.RegisterLetter(a.R.Context(), a.Visitor.Person, a.R.PathValue("letter"), to, what, f.Field("secrecy").Value)
		return "/cases/" + to, err
	}, "done.desk_filed")
}

// openWithLetter opens a case with the letter as its application.
func openWithLetter(a *page.Ask) error {
	return settle(a, func(b *letterBody) *page.Form { return b.Open }, func(f *page.Form) (string, error) {
		x := intake.Application{
			Form: intake.CurrentForm, Purpose: intake.Purpose(needed(a, f, "purpose")), Title: needed(a, f, "order_title"),
			Principal: intake.Principal{
				Name: needed(a, f, "principal"), OrgNo: f.Field("org_no").Value, Kind: needed(a, f, "principal_kind"),
				Representative: intake.Person{Name: f.Field("representative").Value, Email: f.Field("representative_email").Value},
			},
			Orderer: intake.Person{Name: needed(a, f, "orderer"), Email: needed(a, f, "orderer_email")},
			Project: intake.Project{Questions: f.Field("questions").Value},
		}
		if !f.OK() {
			return "", nil
		}
		l, err := a.Orders.OpenCase(a.R.Context(), a.Visitor.Person, a.R.PathValue("letter"), func(came *order.Arrival) order.Command {
			return order.Submit{Application: x, OnBehalf: true, Arrival: came}
		})
		return "/cases/" + l.Case, err
	}, "done.desk_opened")
}

// askWithLetter opens a case with the letter as a question.
func askWithLetter(a *page.Ask) error {
	return settle(a, func(b *letterBody) *page.Form { return b.Ask }, func(f *page.Form) (string, error) {
		topic, text := needed(a, f, "topic"), needed(a, f, "ask_text")
		if !f.OK() {
			return "", nil
		}
		l, err := a.Orders.OpenCase(a.R.Context(), a.Visitor.Person, a.R.PathValue("letter"), func(came *order.Arrival) order.Command {
			return order.Enquire{Topic: topic, Text: text, Email: f.Field("ask_email").Value, Arrival: came}
		})
		return "/cases/" + l.Case, err
	}, "done.desk_opened")
}

// returnLetter notes that the letter was sent back.
func returnLetter(a *page.Ask) error {
	return settle(a, func(b *letterBody) *page.Form { return b.Return }, func(f *page.Form) (string, error) {
		reason := needed(a, f, "reason_back")
		if !f.OK() {
			return "", nil
		}
		_, err := a.Orders.ReturnLetter(a.R.Context(), a.Visitor.Person, a.R.PathValue("letter"), reason)
		return "/letters", err
	}, "done.desk_returned")
}
