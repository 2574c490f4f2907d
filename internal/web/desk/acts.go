package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/web/page"
)

// acts is every act that is a small form, in the order in which the case's page
// offers them.
var acts = slices.Concat(wayActs, talkActs, mailActs, registerActs, deskActs, afterActs, behalfActs)

// wayActs take the case on.
var wayActs = []act{
	{
		command: order.Acknowledge{}, path: "acknowledge", main: true, post: true,
		when:  func(s order.State) bool { return s.Submitted && !s.Acknowledged && s.Ended == "" },
		build: func(*page.Ask, *page.Case, *page.Form) order.Command { return order.Acknowledge{} },
	},
	{
		command: order.DispatchDecision{}, path: "dispatch", main: true,
		when:  func(s order.State) bool { return s.Decision != nil && !s.Dispatched },
		build: func(*page.Ask, *page.Case, *page.Form) order.Command { return order.DispatchDecision{} },
	},
	{
		command: order.CloseEnquiry{}, path: "close", main: true, post: true,
		when: func(s order.State) bool {
			return s.Phase() == order.PhaseEnquiry && len(open(s.Questions)) == 0
		},
		build: func(*page.Ask, *page.Case, *page.Form) order.Command { return order.CloseEnquiry{} },
	},
	{
		command: order.RemindSupplement{}, path: "remind", post: true,
		when: func(s order.State) bool {
			x := s.OpenSupplement()
			return x != nil && !x.Reminded
		},
		build: func(*page.Ask, *page.Case, *page.Form) order.Command { return order.RemindSupplement{} },
	},
	{
		command: order.ConfirmKey{}, path: "key", main: true,
		when: func(s order.State) bool {
			return s.KeyToConfirm()
		},
		fields: func(a *page.Ask, _ *page.Case) []*page.Field { // as read aloud, and not from this page
			return []*page.Field{hinted(a, field(a, "fingerprint", page.Text)), choice(a, "compared", page.Radio, "compared", order.KeyChannels...), field(a, "read_by", page.Text)}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.ConfirmKey{Fingerprint: needed(a, f, "fingerprint"), Channel: needed(a, f, "compared"), With: needed(a, f, "read_by")}
		},
	},
	{
		command: order.CallPopulation{}, path: "call", main: true,
		when: func(s order.State) bool {
			return s.Phase() == order.PhasePopulation && s.Population == nil && s.Call == nil
		},
		fields: callFields, give: call,
	},
	{
		command: order.SettleMedium{}, path: "medium", main: true,
		when: func(s order.State) bool { return len(unsettled(s)) > 0 },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			which := field(a, "medium", page.Select)
			for _, e := range unsettled(c.State) {
				which.Options = append(which.Options, page.Option{Value: strconv.Itoa(e.ID), Label: a.Word("desk.medium") + " " + strconv.Itoa(e.ID)})
			}
			return []*page.Field{which, choice(a, "how", page.Radio, "how", "returned", "destroyed")}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.SettleMedium{ID: number(f, "medium"), How: needed(a, f, "how")}
		},
	},
}

// unsettled are the media that came too early and lie here.
func unsettled(s order.State) []order.Early {
	return slices.DeleteFunc(slices.Clone(s.Early), func(e order.Early) bool { return e.How != "" })
}

// open are the other side's questions that have no answer.
func open(all []order.Question) []order.Question {
	return slices.DeleteFunc(slices.Clone(all), func(q order.Question) bool { return !q.Outside || q.Answered })
}

func number(f *page.Form, id string) int {
	n, _ := strconv.Atoi(f.Field(id).Value) // 0 is no number of anything
	return n
}

func callFields(a *page.Ask, c *page.Case) []*page.Field {
	supplier := field(a, "supplier", page.Select)
	for _, s := range a.Authority.Suppliers {
		supplier.Options = append(supplier.Options, page.Option{Value: s.ID, Label: s.Name, On: s.Name == c.State.Application.Population.Holder})
	}
	rows := a.Optional(hinted(a, field(a, "rows", page.Number)))
	reference := hinted(a, field(a, "reference", page.Text))
	reference.Max = 40
	return []*page.Field{supplier, reference, rows, field(a, "opens", page.Date).With(a.Today.String()), field(a, "closes", page.Date).With((a.Today + 42).String())}
}

func call(a *page.Ask, c *page.Case, f *page.Form) error {
	f.Read(a)
	reference := needed(a, f, "reference")
	rows := 0
	if f.Field("rows").Value != "" {
		rows = f.Whole("rows", 1, 100_000_000, a.Word("desk.n_rows"))
	}
	opens, closes := f.Day("opens", a.Word("desk.n_day")), f.Day("closes", a.Word("desk.n_day"))
	if !f.OK() {
		return nil
	}
	_, err := a.Orders.CallPopulation(a.R.Context(), a.Visitor.Person.Actor(), c.ID, f.Field("supplier").Value, reference, rows, opens, closes)
	return err
}

// talkActs are the dialogue and the notes.
var talkActs = []act{
	{
		command: order.AnswerQuestion{}, path: "answer", in: "talk", behalf: true,
		when: func(s order.State) bool { return len(open(s.Questions)) > 0 },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			which := field(a, "asked", page.Select)
			for _, q := range c.State.Questions {
				if !q.Answered {
					which.Options = append(which.Options, page.Option{Value: strconv.Itoa(q.ID), Label: a.Word("desk.question") + " " + strconv.Itoa(q.ID) + ", " + q.On.String()})
				}
			}
			return []*page.Field{which, field(a, "answer", page.Area)}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.AnswerQuestion{ID: number(f, "asked"), Text: needed(a, f, "answer"), Behalf: behalf(a, f)}
		},
	},
	{
		command: order.AskQuestion{}, path: "ask", in: "talk", behalf: true,
		fields: func(a *page.Ask, _ *page.Case) []*page.Field { return []*page.Field{field(a, "question", page.Area)} },
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.AskQuestion{Text: needed(a, f, "question"), Behalf: behalf(a, f)}
		},
	},
	{
		command: order.WriteNote{}, path: "note", in: "talk",
		fields: func(a *page.Ask, _ *page.Case) []*page.Field { return []*page.Field{field(a, "note", page.Area)} },
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.WriteNote{Text: needed(a, f, "note")}
		},
	},
}

// mailActs put right where mail goes.
var mailActs = []act{
	{
		command: order.CorrectAddress{}, path: "address", in: "mail",
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			email := field(a, "new_address", page.Text)
			email.Max = 254
			why := hinted(a, field(a, "known_by", page.Text))
			why.Max = 500
			return []*page.Field{choice(a, "mail_of", page.Radio, "mail_of", order.MailRecipients...).With(order.MailRecipients[0]), email, why}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.CorrectAddress{Of: needed(a, f, "mail_of"), Email: needed(a, f, "new_address"), Why: needed(a, f, "known_by")}
		},
	},
}

// registerActs keep secrets out of the register that everybody reads.
var registerActs = []act{
	{
		command: order.WithholdEntry{}, path: "diarium", when: func(s order.State) bool { return s.Submitted && !s.Protected },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			now := c.State.Withheld
			by := hinted(a, field(a, "secret_by", page.Text))
			by.Max, by.Value = 200, now.Provision
			why := field(a, "secret_why", page.Text)
			why.Max = 500
			return []*page.Field{a.Optional(choice(a, "left_out", page.Checks, "left_out", order.EntryParts...).With(strings.Join(now.Parts, ","))), a.Optional(by), why}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.WithholdEntry{Parts: f.Field("left_out").Chosen(), Provision: f.Field("secret_by").Value, Why: needed(a, f, "secret_why")}
		},
	},
}

// deskActs say who works on the case, and for how long.
var deskActs = []act{
	{
		command: order.LogHours{}, path: "hours", in: "hours",
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			kind := field(a, "kind", page.Radio)
			for _, k := range kinds {
				kind.Options = append(kind.Options, page.Option{Value: k, Label: quote.KindName(k).In(a.Lang), On: k == usual[a.Role()]})
			}
			kind.Value = usual[a.Role()]
			amount := hinted(a, field(a, "amount", page.Text))
			amount.Narrow = true
			return []*page.Field{kind, amount, field(a, "on", page.Date).With(a.Today.String()), a.Optional(field(a, "work", page.Text))}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.LogHours{Kind: needed(a, f, "kind"), Centis: centis(a, f, "amount"), On: f.Day("on", a.Word("desk.n_day")), Text: f.Field("work").Value}
		},
	},
	{
		command: order.Assign{}, path: "assign",
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			role := field(a, "role", page.Select)
			for _, r := range takers {
				role.Options = append(role.Options, page.Option{Value: string(r), Label: page.Role(a.Lang, r), On: r == a.Role()})
			}
			return []*page.Field{
				role, colleagues(a, c, "to"), hinted(a, field(a, "reason", page.Text)), a.Optional(hinted(a, field(a, "for", page.Text))), a.Optional(field(a, "until", page.Date)),
			}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.Assign{Role: order.Role(f.Field("role").Value), To: needed(a, f, "to"), Why: needed(a, f, "reason"), For: f.Field("for").Value, Until: maybe(a, f, "until")}
		},
	},
	{
		command: order.Unassign{}, path: "unassign",
		when: func(s order.State) bool { return len(s.Assignments) > 0 },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			role := field(a, "role", page.Select)
			for _, x := range c.State.Assignments {
				role.Options = append(role.Options, page.Option{Value: string(x.Role), Label: page.Role(a.Lang, x.Role) + ": " + x.To, On: x.Role == a.Role()})
			}
			return []*page.Field{role, hinted(a, field(a, "reason", page.Text))}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.Unassign{Role: order.Role(f.Field("role").Value), Why: needed(a, f, "reason")}
		},
	},
	{
		command: order.DeclareConflict{}, path: "conflict", danger: true,
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			return []*page.Field{colleagues(a, c, "to"), hinted(a, field(a, "ground", page.Area))}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.DeclareConflict{Person: needed(a, f, "to"), Ground: needed(a, f, "ground")}
		},
	},
	{
		command: order.MarkProtected{}, path: "protect", danger: true,
		when: func(s order.State) bool { return !s.Protected },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{hinted(a, field(a, "ground", page.Area))}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.MarkProtected{Ground: needed(a, f, "ground")}
		},
	},
	{command: order.RegisterDocument{}, path: "document", in: "papers", fields: documentFields, give: registerDocument},
	{
		command: order.RequestDocuments{}, path: "request",
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{hinted(a, field(a, "wanted", page.Area)), field(a, "on", page.Date).With(a.Today.String())}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.RequestDocuments{Text: needed(a, f, "wanted"), On: f.Day("on", a.Word("desk.n_day"))}
		},
	},
	{
		command: order.DecideRequest{}, path: "give-out", main: true,
		when:   func(s order.State) bool { return len(waiting(s)) > 0 },
		fields: giveOutFields,
		build:  giveOut,
	},
}

// kinds of hours, and which of them each role mostly works.
var (
	kinds = []string{quote.Dialogue, quote.Review, quote.Extraction}
	usual = map[order.Role]string{
		order.RoleHandler: quote.Dialogue, order.RoleReviewer: quote.Review, order.RoleDecider: quote.Review, order.RoleStatistician: quote.Extraction, order.RoleReleaser: quote.Extraction,
	}
)

// centis reads hours as people write them, 7,5 or 7.5, as hundredths; less than
// nothing takes back.
func centis(a *page.Ask, f *page.Form, id string) int64 {
	text := strings.NewReplacer(",", ".", " ", "", "\u00a0", "", "−", "-").Replace(f.Field(id).Value)
	whole, part, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if err != nil || len(part) > 2 || len(whole) == 0 || len(whole) > 4 || n == 0 {
		f.Wrong(id, a.Word("desk.n_hours"))
		return 0
	}
	if strings.HasPrefix(text, "-") {
		n = -n
	}
	return n
}

// maybe is a day that may be left out.
func maybe(a *page.Ask, f *page.Form, id string) day.Day {
	if f.Field(id).Value == "" {
		return 0
	}
	return f.Day(id, a.Word("desk.n_day"))
}

// colleagues is a choice among those whom the visitor works with.
func colleagues(a *page.Ask, c *page.Case, id string) *page.Field {
	x := field(a, id, page.Select)
	me := a.Visitor.Person.ID
	x.Options = []page.Option{{Value: me, Label: a.Visitor.Name + " (" + a.Word("desk.me") + ")"}}
	members, _, err := a.Orders.Colleagues(a.R.Context(), a.Visitor.Person)
	if err != nil {
		return x // alone, then
	}
	for _, m := range members {
		var roles []string
		for _, r := range m.Roles {
			roles = append(roles, strings.ToLower(page.Role(a.Lang, r)))
		}
		if m.ID != me && !c.State.Barred(m.ID) {
			x.Options = append(x.Options, page.Option{Value: m.ID, Label: m.ID + " (" + strings.Join(roles, ", ") + ")"})
		}
	}
	return x
}

// afterActs are about time, money, faults and appeals.
var afterActs = []act{
	{
		command: order.PromiseDate{}, path: "promise",
		when: underWay,
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return append([]*page.Field{field(a, "from", page.Date), field(a, "last", page.Date)}, both(a, "because")...)
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.PromiseDate{From: f.Day("from", a.Word("desk.n_day")), To: f.Day("last", a.Word("desk.n_day")), Reason: said(a, f, "because")}
		},
	},
	{
		command: order.NotifyDelay{}, path: "delay",
		when: underWay,
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return append([]*page.Field{field(a, "expected", page.Date)}, both(a, "because")...)
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.NotifyDelay{Expected: f.Day("expected", a.Word("desk.n_day")), Reason: said(a, f, "because")}
		},
	},
	{
		command: order.ProposeChange{}, path: "change",
		when: func(s order.State) bool { return s.Accepted && s.Invoice == nil && s.Ended == "" },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			var out []*page.Field
			for _, k := range kinds {
				x := a.Optional(&page.Field{ID: "hours_" + k, Kind: page.Text, Label: a.Word("desk.f_hours") + ", " + quote.KindName(k).In(a.Lang), Narrow: true})
				out = append(out, x)
			}
			out[0].Hint = a.Word("desk.h_hours_change")
			return append(out, field(a, "reason", page.Area))
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.ProposeChange{Hours: hoursIn(a, f), Reason: needed(a, f, "reason")}
		},
	},
	{
		command: order.SettleFault{}, path: "fault", main: true,
		when: func(s order.State) bool { return len(faults(s)) > 0 },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			which := field(a, "fault", page.Select)
			for _, x := range faults(c.State) {
				which.Options = append(which.Options, page.Option{Value: strconv.Itoa(x.ID), Label: a.Word("desk.fault") + " " + strconv.Itoa(x.ID) + ": " + faultText(c, x.ID)})
			}
			return []*page.Field{which, choice(a, "fault_outcome", page.Radio, "fault", "replace", "none", "new_case"), field(a, "found", page.Area)}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.SettleFault{ID: number(f, "fault"), Outcome: needed(a, f, "fault_outcome"), Text: needed(a, f, "found")}
		},
	},
	{
		command: order.SettleIncident{}, path: "incident", main: true,
		when: func(s order.State) bool { return s.OpenIncident() != nil },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			reference := hinted(a, field(a, "incident_reference", page.Text))
			if i := c.State.OpenIncident(); i != nil {
				reference.Hint += " " + fmt.Sprintf(a.Word("desk.incident_by"), page.LongDay(a.Lang, i.ReportBy))
			}
			return []*page.Field{
				choice(a, "incident_outcome", page.Radio, "incident", order.IncidentOutcomes...), field(a, "incident_text", page.Area),
				a.Optional(reference), choice(a, "incident_then", page.Radio, "then", order.Thens...),
			}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			ref := f.Field("incident_reference").Value
			return order.SettleIncident{Outcome: needed(a, f, "incident_outcome"), Text: needed(a, f, "incident_text"), Reported: ref != "", Reference: ref, Then: needed(a, f, "incident_then")}
		},
	},
	{
		command: order.Recall{}, path: "recall",
		when: func(s order.State) bool { return s.Delivery != nil && !s.Recalled },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{choice(a, "recall_kind", page.Radio, "recall", order.IncidentKinds...), field(a, "recall_text", page.Area)}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.Recall{Kind: needed(a, f, "recall_kind"), Text: needed(a, f, "recall_text")}
		},
	},
	{
		command: order.ChooseRoute{}, path: "route",
		when: func(s order.State) bool {
			return s.Submitted && !s.Enquiry && s.Ended == "" && !s.PurgeOpen && !s.Purged && s.StickUnderway() == nil
		},
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			return []*page.Field{choice(a, "route", page.Radio, "route", order.Routes...).With(c.State.Route()), a.Optional(hinted(a, field(a, "environment", page.Text))).With(c.State.Environment), a.Optional(field(a, "route_why", page.Text))}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.ChooseRoute{Route: needed(a, f, "route"), Environment: f.Field("environment").Value, Why: f.Field("route_why").Value}
		},
	},
	{
		command: order.SendAgain{}, path: "send-again",
		when:   func(s order.State) bool { return s.Fetchable() == nil && !s.PurgeOpen && !s.Purged },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field { return []*page.Field{field(a, "reason", page.Text)} },
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.SendAgain{Reason: needed(a, f, "reason")}
		},
	},
	{
		command: order.ForwardAppeal{}, path: "forward", main: true,
		when: func(s order.State) bool { return len(appeals(s, false)) > 0 },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			return []*page.Field{appealField(a, appeals(c.State, false))}
		},
		build: func(_ *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.ForwardAppeal{ID: number(f, "appeal")}
		},
	},
	{
		command: order.SettleAppeal{}, path: "appeal-outcome",
		when: func(s order.State) bool { return len(appeals(s, true)) > 0 },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			return []*page.Field{appealField(a, appeals(c.State, true)), choice(a, "ruling", page.Radio, "ruling", "upheld", "changed", "returned"), field(a, "case_number", page.Text)}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.SettleAppeal{ID: number(f, "appeal"), Outcome: needed(a, f, "ruling"), Reference: needed(a, f, "case_number")}
		},
	},
}

func underWay(s order.State) bool { return s.Submitted && s.Ended == "" && s.Delivery == nil }

func faults(s order.State) []order.FaultReport {
	return slices.DeleteFunc(slices.Clone(s.Faults), func(x order.FaultReport) bool { return x.Outcome != "" })
}

// faultText is what the recipient wrote of a fault.
func faultText(c *page.Case, id int) string {
	for _, e := range c.Entries {
		if ev, ok := e.Event.(*order.FaultReported); ok && ev.ID == id {
			return ev.Text
		}
	}
	return ""
}

// appeals are those that wait here, or with the forum.
func appeals(s order.State, forwarded bool) []order.Appeal {
	return slices.DeleteFunc(slices.Clone(s.Appeals), func(x order.Appeal) bool { return x.Settled || x.Forwarded != forwarded })
}

func appealField(a *page.Ask, all []order.Appeal) *page.Field {
	x := field(a, "appeal", page.Select)
	for _, p := range all {
		when := a.Word("desk.appeal_late")
		if p.InTime {
			when = a.Word("desk.appeal_in_time")
		}
		x.Options = append(x.Options, page.Option{Value: strconv.Itoa(p.ID), Label: a.Word("desk.appeal") + " " + strconv.Itoa(p.ID) + ", " + when})
	}
	return x
}

// both asks for a text in both languages: Swedish is needed, English asked for.
func both(a *page.Ask, id string) []*page.Field {
	sv, en := field(a, id, page.Area), field(a, id+"_en", page.Area)
	sv.Rows, en.Rows = 3, 3
	return []*page.Field{sv, en}
}

func said(a *page.Ask, f *page.Form, id string) catalog.Text {
	return catalog.Text{SV: needed(a, f, id), EN: needed(a, f, id+"_en")}
}

// hoursIn are the hours of each kind in a form's fields hours_<kind>, those left
// out left out.
func hoursIn(a *page.Ask, f *page.Form) []quote.Hours {
	var out []quote.Hours
	for _, k := range kinds {
		if f.Field("hours_"+k).Value != "" {
			out = append(out, quote.Hours{Kind: k, Centis: centis(a, f, "hours_"+k)})
		}
	}
	if len(out) == 0 {
		f.Wrong("hours_"+kinds[0], a.Word("desk.n_hours"))
	}
	return out
}
