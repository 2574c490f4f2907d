package party

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// What there is to know about a case besides what it waits for: dates,
// documents, people; and the way out of it.

// seen is the case as far as the reader's own events tell it.
func (s *sheet) seen() order.State { return app.AsSeen(s.Role(), s.Relation, s.Entries, s.State) }

func showDates(a *page.Ask) error {
	s, err := open(a, access.ViewClocks)
	if err != nil {
		return err
	}
	return s.dates()
}

// running are the clocks that the reader waits for.
func (s *sheet) running() []clock.Reading {
	return slices.DeleteFunc(s.Orders.ClocksOn(s.seen(), s.Today), func(r clock.Reading) bool {
		return r.Status != clock.Running && r.Status != clock.Paused && (r.Status != clock.Late || r.HasDone)
	})
}

// dates is the page of when things are to happen.
func (s *sheet) dates() error {
	if s.State.Submitted && s.State.Delivery == nil && s.State.Ended == "" {
		r, err := s.Orders.Expected(s.R.Context(), s.seen())
		if err != nil {
			return err
		}
		b := s.add("delivery", "party.expected")
		switch {
		case r.Known && r.Earliest == r.Latest:
			s.Lead = fmt.Sprintf(s.Word("party.expected_on"), s.long(r.Latest))
		case r.Known:
			s.Lead = fmt.Sprintf(s.Word("party.expected_between"), s.long(r.Earliest), s.long(r.Latest))
		default:
			s.Lead = s.Word("party.expected_unknown")
		}
		for _, why := range r.Reasons {
			b.List = append(b.List, capital(why.In(s.Lang)))
		}
		if r.Measured {
			b.say(s.Word("party.expected_measured"))
		} else {
			b.say(s.Word("party.expected_published"))
		}
	}
	for _, e := range s.events() {
		switch ev := e.Event.(type) {
		case *order.DatePromised:
			s.add("", "").note().say(fmt.Sprintf(s.Word("party.promised"), s.long(ev.From), s.long(ev.To)), ev.Reason.In(s.Lang))
		case *order.DelayNotified:
			s.add("", "").warn().say(fmt.Sprintf(s.Word("party.delayed"), s.long(ev.Expected)), ev.Reason.In(s.Lang))
		}
	}
	b := s.add("clocks", "party.clocks")
	t := b.rows(b.Heading, s.Word("party.clock"), s.Word("party.clock_due"), s.Word("party.clock_state"), s.Word("party.basis"))
	for _, r := range s.running() {
		state := "party.clock_" + string(r.Status)
		t.row(r.Def.Name.In(s.Lang), s.long(r.Due), s.Word(state), r.Def.Source)
	}
	if len(t.Rows) == 0 {
		b.Table = nil
		b.say(s.Word("party.no_clocks"))
	} else {
		b.Links = []page.Link{{Path: s.path("dates/calendar"), Text: s.Word("party.calendar")}}
	}
	s.ruling()
	return s.show(s.Word("party.dates"))
}

// ruling is the right to have the case decided, after six months.
func (s *sheet) ruling() {
	st := s.State
	if st.Application.Principal.Kind != intake.PrincipalPrivate || st.Ended != "" || st.Announced || !s.May(s.Case, order.RequestRuling{}) {
		return
	}
	from := st.ReceivedOn.AddMonths(order.RulingMonths)
	b := s.add("ruling", "party.ruling").say(fmt.Sprintf(s.Word("party.ruling_text"), s.long(from)))
	switch {
	case st.RulingAsked:
		b.fact(s.Word("party.ruling_answer"), s.long(st.RulingDue))
	case s.Today >= from:
		s.ask(b, s.rulingForm())
	}
}

func (s *sheet) rulingForm() *page.Form {
	f := s.form("dates", "party.ruling_verb")
	f.Small = true
	return f
}

func requestRuling(a *page.Ask) error {
	s, err := open(a, access.ViewClocks)
	if err != nil {
		return err
	}
	return s.give(s.rulingForm(), order.RequestRuling{}, s.path("dates"), "done.party_ruling", (*sheet).dates)
}

// calendar sends the dates as a file for the reader's own calendar (RFC 5545).
// It names the case by its number only.
func calendar(a *page.Ask) error {
	s, err := open(a, access.ViewClocks)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	line := func(text string) { b.WriteString(fold(text)) }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Sluss//Sluss//SV")
	stamp := a.Clock().UTC().Format("20060102T150405Z")
	for _, r := range s.running() {
		line("BEGIN:VEVENT")
		line("UID:" + strings.Join([]string{s.ID, r.ID, r.Key}, "-") + "@sluss")
		line("DTSTAMP:" + stamp)
		line("DTSTART;VALUE=DATE:" + basic(r.Due))
		line("DTEND;VALUE=DATE:" + basic(r.Due+1))
		line("SUMMARY:" + strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s.ID+": "+r.Def.Name.In(s.Lang)))
		line("TRANSP:TRANSPARENT")
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	a.Download(s.ID+".ics", "text/calendar; charset=utf-8")
	_, err = a.W.Write(b.Bytes())
	return err
}

// fold writes a line of a calendar file: at most 75 bytes, the rest on lines
// that begin with a space, no letter cut in two (RFC 5545 section 3.1).
func fold(text string) string {
	var b strings.Builder
	for limit := 75; len(text) > limit; limit = 74 {
		n := limit
		for n > 0 && text[n]&0xC0 == 0x80 {
			n--
		}
		b.WriteString(text[:n] + "\r\n ")
		text = text[n:]
	}
	return b.String() + text + "\r\n"
}

func basic(d day.Day) string {
	return time.Unix(int64(d)*86400, 0).UTC().Format("20060102")
}

func showDocuments(a *page.Ask) error {
	s, err := open(a, access.ViewDocuments)
	if err != nil {
		return err
	}
	s.Lead = s.Word("party.documents_lead")
	b := s.add("list", "party.documents_list")
	t := b.rows(b.Heading, s.Word("party.document"), s.Word("party.document_way"), s.Word("party.document_day"), s.Word("party.document_file"))
	for _, d := range app.DocumentsFor(a.Role(), s.Relation, s.Entries, s.State) {
		n := strconv.Itoa(d.No)
		t.row(n+". "+d.Name.In(a.Lang), s.Word("party.way_"+d.Direction), s.long(d.On), fmt.Sprintf(s.Word("party.fetch_document"), d.No)).link(3, s.path("documents/"+n))
		if p := pageOf[d.Kind]; p != "" {
			t.link(0, s.path(p))
		}
		if d.IsLetter() {
			t.Rows[len(t.Rows)-1][3].Text = fmt.Sprintf(s.Word("party.read_letter"), d.No)
			t.link(3, s.path("letters/"+n))
		}
	}
	if len(t.Rows) == 0 {
		b.Table = nil
		b.say(s.Word("party.no_documents"))
	}
	if s.Sees(s.Case, access.ViewApplication) {
		sent, err := a.Orders.Documents(a.R.Context(), a.Visitor.Person, s.ID)
		if err != nil && !app.IsNotFound(err) {
			return err
		}
		x := s.add("sent", "party.sent")
		for _, at := range sent {
			if at.Sealed {
				x.List = append(x.List, s.Word("party.sealed_away"))
				continue
			}
			x.Links = append(x.Links, page.Link{Path: s.path("documents/sent/" + at.ID), Text: at.Name + " (" + page.Size(a.Lang, at.Bytes) + ")"})
		}
		if len(sent) == 0 {
			x.say(s.Word("party.none_sent"))
		}
	}
	return s.show(s.Word("party.documents"))
}

// pageOf is the page of a document that has one to be read on.
var pageOf = map[string]string{
	"supplement_request": "supplement", "supplement": "supplement", "draft_quote": "draft", "decision": "outcome", "quote": "outcome", "dismissal": "outcome",
	"call": "population", "delivery_note": "parcel", "appeal": "appeal",
}

// documentFile sends a document of the list that stands in the log.
func documentFile(a *page.Ask) error {
	s, err := open(a, access.ViewDocuments)
	if err != nil {
		return err
	}
	list := app.DocumentsFor(a.Role(), s.Relation, s.Entries, s.State)
	i := slices.IndexFunc(list, func(d app.CaseDocument) bool { return strconv.Itoa(d.No) == a.R.PathValue("no") })
	if i < 0 {
		return errGone
	}
	raw, err := list[i].JSON()
	if err != nil {
		return err
	}
	if raw == nil {
		return errGone
	}
	a.Download(s.ID+"-"+strconv.Itoa(list[i].No)+".json", "application/json")
	_, err = a.W.Write(raw)
	return err
}

// sentFile sends an attachment back.
func sentFile(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	at, f, err := a.Orders.OpenDocument(a.R.Context(), a.Visitor.Person, s.ID, a.R.PathValue("file"))
	if err != nil {
		return err
	}
	defer f.Close()
	a.Download(at.Name, at.Type)
	send(a, f)
	return nil
}

func showPeople(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	x := access.NamedOnly(a.Role(), s.State.Application)
	s.Lead = s.Word("party.people_lead")
	b := s.add("outside", "party.people_yours")
	person := func(key string, p intake.Person) {
		b.fact(s.Word(key), strings.Trim(p.Name+"\n"+p.Email, "\n"))
	}
	b.fact(s.Word("party.principal"), x.Principal.Name)
	person("party.representative", x.Principal.Representative)
	person("party.orderer", x.Orderer)
	for _, p := range x.CoOrderers {
		person("party.co_applicant", p)
	}
	b.fact(s.Word("party.researchers"), strings.Join(x.Project.Named, "\n"))
	if x.Recipient != nil {
		b.fact(s.Word("party.recipient"), x.Recipient.Name)
	}
	if x.Population.Source == "file" {
		b.fact(s.Word("party.supplier"), x.Population.Holder)
	}
	s.add("us", "party.people_us").say(s.Word("party.people_us_text"))
	return s.show(s.Word("party.people"))
}

func showWithdraw(a *page.Ask) error {
	s, err := open(a, access.ViewCase)
	if err != nil {
		return err
	}
	return s.withdrawal()
}

func (s *sheet) withdrawForm() *page.Form {
	f := s.form("withdraw", "party.withdraw_verb",
		s.Optional(&page.Field{ID: "reason", Kind: page.Area, Label: s.Word("party.withdraw_why"), Hint: s.Word("party.withdraw_hint"), Max: 2000}),
		&page.Field{ID: "sure", Kind: page.Check, Label: s.Word("party.withdraw_sure")})
	f.Danger = true
	return f
}

// withdrawal says what happens when the order is taken back.
func (s *sheet) withdrawal() error {
	if !withdrawable(s.State) {
		s.Lead = s.Word("party.withdraw_late")
		return s.show(s.Word("party.withdraw"))
	}
	s.Lead = s.Word("party.withdraw_lead")
	b := s.add("what", "party.withdraw_what")
	b.List = []string{s.Word("party.withdraw_1"), s.Word("party.withdraw_2")}
	if s.State.Accepted {
		b.List = append(b.List, s.Word("party.withdraw_paid"))
	} else {
		b.List = append(b.List, s.Word("party.withdraw_free"))
	}
	b.List = append(b.List, s.Word("party.withdraw_3"))
	s.ask(s.add("withdraw", "party.withdraw_do"), s.withdrawForm())
	return s.show(s.Word("party.withdraw"))
}

func withdraw(a *page.Ask) error {
	s, err := open(a, access.ViewCase)
	if err != nil {
		return err
	}
	f := s.withdrawForm().Read(a)
	if f.Field("sure").Value != "yes" {
		f.Wrong("sure", a.Word("party.need_withdraw"))
	}
	return s.give(f, order.Withdraw{Reason: a.Value("reason")}, "/cases/"+s.ID, "done.party_withdrawn", (*sheet).withdrawal)
}
