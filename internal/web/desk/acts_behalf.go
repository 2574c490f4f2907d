package desk

import (
	"slices"

	"sluss/internal/order"
	"sluss/internal/web/page"
)

// behalfActs are what the registrar does for somebody who wrote.
var behalfActs = []act{
	{
		command: order.TakeMedium{}, path: "registered-letter",
		when: func(s order.State) bool { return s.Submitted && s.Ended == "" && s.Delivery == nil },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{hinted(a, field(a, "tracking", page.Text))}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.TakeMedium{Road: "post", Tracking: needed(a, f, "tracking")}
		},
	},
	simple(order.AgreeDraft{}, "agree-draft", func(s order.State) bool { return s.DraftOpen }, func(c *page.Case, _ string, b order.Behalf) order.Command {
		return order.AgreeDraft{Hash: c.State.DraftHash, Behalf: b}
	}, ""),
	simple(order.ReturnDraft{}, "return-draft", func(s order.State) bool { return s.DraftOpen }, func(_ *page.Case, text string, b order.Behalf) order.Command {
		return order.ReturnDraft{Text: text, Behalf: b}
	}, "said"),
	simple(order.AgreeData{}, "agree-data", func(s order.State) bool { return s.Proposal != nil && s.Ended == "" }, func(c *page.Case, _ string, b order.Behalf) order.Command {
		cmd := order.AgreeData{Behalf: b}
		if c.State.Proposal != nil {
			cmd.Hash = c.State.Proposal.Hash
		}
		return cmd
	}, ""),
	simple(order.AcceptQuote{}, "accept-quote", func(s order.State) bool { return s.Dispatched && s.Quote != nil && !s.Accepted && s.Ended == "" }, func(c *page.Case, _ string, b order.Behalf) order.Command {
		return order.AcceptQuote{Hash: c.State.QuoteHash, Behalf: b}
	}, ""),
	{
		command: order.AcknowledgeForbehall{}, path: "bind", behalf: true,
		when: func(s order.State) bool { return s.Dispatched && len(unbound(s)) > 0 },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			who := field(a, "bound", page.Select)
			for _, n := range unbound(c.State) {
				who.Options = append(who.Options, page.Option{Value: n, Label: n})
			}
			return []*page.Field{who}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.AcknowledgeForbehall{Person: f.Field("bound").Value, Behalf: behalf(a, f)}
		},
	},
	{
		command: order.AnswerChange{}, path: "answer-change", behalf: true,
		when: func(s order.State) bool { return waitingChange(s) != nil },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{choice(a, "approve", page.Radio, "approve", "yes", "no")}
		},
		build: func(a *page.Ask, c *page.Case, f *page.Form) order.Command {
			cmd := order.AnswerChange{Approve: needed(a, f, "approve") == "yes", Behalf: behalf(a, f)}
			if x := waitingChange(c.State); x != nil {
				cmd.Hash = x.Hash
			}
			return cmd
		},
	},
	simple(order.ConfirmReceipt{}, "receipt", func(s order.State) bool { return s.Delivery != nil && !s.Receipt }, func(c *page.Case, _ string, b order.Behalf) order.Command {
		cmd := order.ConfirmReceipt{Behalf: b}
		if c.State.Delivery != nil {
			cmd.Manifest = c.State.Delivery.Manifest
		}
		return cmd
	}, ""),
	simple(order.ReportFault{}, "report-fault", func(s order.State) bool { return s.Delivery != nil && !s.PurgeOpen && !s.Purged }, func(_ *page.Case, text string, b order.Behalf) order.Command {
		return order.ReportFault{Text: text, Behalf: b}
	}, "said"),
	{
		command: order.AnswerRecall{}, path: "recall-answer", behalf: true,
		when: func(s order.State) bool { return s.OpenIncident() != nil },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{choice(a, "opened", page.Radio, "opened", "yes", "no"), choice(a, "all_destroyed", page.Radio, "destroyed", "yes", "no"), a.Optional(field(a, "where_copies", page.Area))}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.AnswerRecall{Opened: needed(a, f, "opened") == "yes", Destroyed: needed(a, f, "all_destroyed") == "yes", Text: f.Field("where_copies").Value, Behalf: behalf(a, f)}
		},
	},
	{
		command: order.RegisterAppeal{}, path: "appeal", behalf: true,
		when: func(s order.State) bool { return s.Dispatched || s.Ended == order.PhaseDismissed },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{field(a, "on", page.Date).With(a.Today.String())}
		},
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.RegisterAppeal{On: f.Day("on", a.Word("desk.n_day")), Behalf: behalf(a, f)}
		},
	},
	simple(order.RequestRuling{}, "ruling", func(s order.State) bool { return s.Submitted && s.Decision == nil && s.Ended == "" && !s.RulingAsked }, func(_ *page.Case, _ string, b order.Behalf) order.Command {
		return order.RequestRuling{Behalf: b}
	}, ""),
	{
		command: order.Withdraw{}, path: "withdraw", behalf: true, danger: true,
		when:   func(s order.State) bool { return s.Ended == "" && s.Delivery == nil },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field { return []*page.Field{field(a, "said", page.Area)} },
		build: func(a *page.Ask, _ *page.Case, f *page.Form) order.Command {
			return order.Withdraw{Reason: needed(a, f, "said"), Behalf: behalf(a, f)}
		},
	},
}

// simple is an act on behalf of somebody, with one text or none.
func simple(cmd order.Command, path string, when func(order.State) bool, mk func(*page.Case, string, order.Behalf) order.Command, text string) act {
	x := act{command: cmd, path: path, behalf: true, when: when}
	if text != "" {
		x.fields = func(a *page.Ask, _ *page.Case) []*page.Field { return []*page.Field{field(a, text, page.Area)} }
	}
	x.build = func(a *page.Ask, c *page.Case, f *page.Form) order.Command {
		written := ""
		if text != "" {
			written = needed(a, f, text)
		}
		return mk(c, written, behalf(a, f))
	}
	return x
}

// unbound are the researchers who have not acknowledged the förbehåll.
func unbound(s order.State) []string {
	if s.Decision == nil || s.Decision.Forbehall == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.Decision.Forbehall.Names), func(n string) bool { return s.Bound[n] })
}

func waitingChange(s order.State) *order.Change {
	for i := range s.Changes {
		if !s.Changes[i].Answered {
			return &s.Changes[i]
		}
	}
	return nil
}
