package order

import (
	"slices"
	"strconv"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/quote"
)

// Money beside quote and invoice: hours as they are worked, and changes of the
// accepted quote that the principal approves.

const lawFees = "avgiftsförordningen (1992:191) 4–5 §§"

// The events of money.
type (
	// HoursLogged: work was done on the order.
	HoursLogged struct {
		Kind   string  `json:"kind"`
		Centis int64   `json:"centihours"`
		On     day.Day `json:"on"`
		Note   string  `json:"note,omitempty"`
	}
	// ChangeProposed: what was accepted is not enough, or too much.
	ChangeProposed struct {
		ID     int           `json:"id"`
		Hours  []quote.Hours `json:"hours"` // added; negative takes away
		NetOre int64         `json:"net_ore"`
		Reason string        `json:"reason"`
		Hash   canon.Hash    `json:"hash"`
	}
	// ChangeAnswered: the principal approves or declines it, by hash.
	ChangeAnswered struct {
		ID       int        `json:"id"`
		Approved bool       `json:"approved"`
		Hash     canon.Hash `json:"hash"`
		Mail     int        `json:"mail,omitempty"`
	}
)

var moneyEvents = map[string]func() Event{
	"hours_logged":    func() Event { return &HoursLogged{} },
	"change_proposed": func() Event { return &ChangeProposed{} },
	"change_answered": func() Event { return &ChangeAnswered{} },
}

func (*HoursLogged) Type() string    { return "hours_logged" }
func (*ChangeProposed) Type() string { return "change_proposed" }
func (*ChangeAnswered) Type() string { return "change_answered" }

// Change is a proposed change of the accepted quote.
type Change struct {
	ID       int
	Hours    []quote.Hours
	NetOre   int64
	Reason   string
	Hash     canon.Hash
	Answered bool
	Approved bool
	By       string
	On       day.Day
}

func (ev *HoursLogged) apply(s State, _ Entry) State {
	s.Hours = slices.Clone(s.Hours)
	for i := range s.Hours {
		if s.Hours[i].Kind == ev.Kind {
			s.Hours[i].Centis += ev.Centis
			return s
		}
	}
	s.Hours = append(s.Hours, quote.Hours{Kind: ev.Kind, Centis: ev.Centis})
	slices.SortFunc(s.Hours, func(a, b quote.Hours) int { return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind) })
	return s
}

func (ev *ChangeProposed) apply(s State, _ Entry) State {
	s.Changes = with(s.Changes, Change{ID: ev.ID, Hours: ev.Hours, NetOre: ev.NetOre, Reason: ev.Reason, Hash: ev.Hash})
	return s
}

func (ev *ChangeAnswered) apply(s State, e Entry) State {
	s.Changes = changed(s.Changes, func(c Change) bool { return c.ID == ev.ID }, func(c *Change) {
		c.Answered, c.Approved, c.By, c.On = true, ev.Approved, e.By.ID, civil(e)
	})
	return s
}

// kinds of hours in the order they are shown.
var kinds = []string{quote.Dialogue, quote.Review, quote.Extraction}

// Amendments are the approved changes of the accepted quote.
func (s State) Amendments() []quote.Amendment {
	var out []quote.Amendment
	for _, c := range s.Changes {
		if c.Approved {
			out = append(out, quote.Amendment{
				ID: strconv.Itoa(c.ID), Hours: c.Hours, Reason: catalog.Text{SV: c.Reason}, ApprovedOn: c.On, ApprovedBy: c.By,
			})
		}
	}
	return out
}

// approved is what the approved changes add to the quote's net sum.
func (s State) approved() int64 {
	sum := int64(0)
	for _, c := range s.Changes {
		if c.Approved {
			sum += c.NetOre
		}
	}
	return sum
}

// Worked returns the hours logged on the order, those below nothing left out.
func (s State) Worked() []quote.Hours {
	return slices.DeleteFunc(slices.Clone(s.Hours), func(h quote.Hours) bool { return h.Centis <= 0 })
}

var moneyCommands = []Command{
	LogHours{},
	ProposeChange{},
	AnswerChange{},
}

// LogHours notes work done on the order; a negative amount takes back what was
// noted by mistake.
type LogHours struct {
	Kind   string
	Centis int64
	On     day.Day // 0 = today
	Text   string
}

// Name returns log_hours.
func (LogHours) Name() string { return "log_hours" }

// Roles that may note hours.
func (LogHours) Roles() []Role {
	return []Role{RoleHandler, RoleReviewer, RoleDecider, RoleStatistician, RoleReleaser}
}

// Decide refuses an unknown kind, more than a day and night, the future, less
// than nothing in sum, and hours on an order that has been invoiced.
func (c LogHours) Decide(s State, ctx Context) ([]Event, error) {
	on := c.On
	if on == 0 {
		on = ctx.Day()
	}
	sum := c.Centis
	for _, h := range s.Hours {
		if h.Kind == c.Kind {
			sum += h.Centis
		}
	}
	switch {
	case !slices.Contains(kinds, c.Kind) || c.Centis == 0 || c.Centis > 2400 || c.Centis < -2400 || sum < 0:
		return nil, input("hours", "Ange slag (dialogue, review eller extraction) och högst 24 timmar åt gången; summan får inte bli negativ.", "Give the kind (dialogue, review or extraction) and at most 24 hours at a time; the sum must not become negative.")
	case on > ctx.Day():
		return nil, input("hours_day", "Tiden ligger i framtiden.", "The day lies in the future.")
	case s.Invoice != nil:
		return nil, wrongState("hours_invoiced", "Beställningen är redan fakturerad.", "The order has been invoiced already.")
	}
	return []Event{&HoursLogged{c.Kind, c.Centis, on, c.Text}}, nil
}

func (LogHours) endures() bool { return true }

// ProposeChange proposes a change of the accepted quote.
type ProposeChange struct {
	Hours  []quote.Hours
	Reason string
}

// Name returns propose_change.
func (ProposeChange) Name() string { return "propose_change" }

// Roles that may propose.
func (ProposeChange) Roles() []Role { return []Role{RoleHandler} }

// Decide refuses before a quote has been accepted, after the invoice, without
// reason, a second proposal while one waits, and a change to below nothing.
func (c ProposeChange) Decide(s State, _ Context) ([]Event, error) {
	switch {
	case !s.Accepted:
		return nil, wrongState("change_unaccepted", "Ingen offert är accepterad.", "No quote has been accepted.")
	case s.Invoice != nil:
		return nil, wrongState("invoiced_twice", "Beställningen är redan fakturerad.", "The order has been invoiced already.")
	case slices.ContainsFunc(s.Changes, func(c Change) bool { return !c.Answered }):
		return nil, wrongState("change_open", "En ändring väntar redan på svar.", "A change is waiting for an answer already.")
	case c.Reason == "" || len(c.Hours) == 0 || slices.ContainsFunc(c.Hours, func(h quote.Hours) bool {
		return !slices.Contains(kinds, h.Kind) || h.Centis == 0 || h.Centis > 100_000 || h.Centis < -100_000
	}):
		return nil, input("change", "Ange timmar per slag och skälet.", "Give hours of each kind and the reason.")
	}
	ev := &ChangeProposed{ID: len(s.Changes) + 1, Hours: c.Hours, Reason: c.Reason}
	net := s.Quote.NetOre + s.approved()
	for _, h := range c.Hours {
		ev.NetOre += quote.Cost(h.Centis, s.Quote.HourOre)
	}
	if net+ev.NetOre < 0 {
		return nil, input("change_negative", "Ändringen gör priset negativt.", "The change makes the price negative.")
	}
	h, err := canon.Of(struct {
		Quote  canon.Hash    `json:"quote"`
		ID     int           `json:"id"`
		Hours  []quote.Hours `json:"hours"`
		Reason string        `json:"reason"`
	}{s.QuoteHash, ev.ID, c.Hours, c.Reason})
	ev.Hash = h
	return []Event{ev}, err
}

// AnswerChange approves or declines the proposed change with this hash.
type AnswerChange struct {
	Hash    canon.Hash
	Approve bool
	Behalf
}

// Name returns answer_change.
func (AnswerChange) Name() string { return "answer_change" }

// Roles that may answer.
func (AnswerChange) Roles() []Role { return []Role{RoleRepresentative, RoleRegistrar} }

// Decide refuses an answer to anything else than the change that waits.
func (c AnswerChange) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	for _, ch := range s.Changes {
		if ch.Hash == c.Hash && !ch.Answered {
			return []Event{&ChangeAnswered{ID: ch.ID, Approved: c.Approve, Hash: c.Hash, Mail: c.Mail}}, nil
		}
	}
	return nil, refuse("other_change", 0, lawFees, "Ingen sådan ändring väntar på svar.", "No such change waits for an answer.")
}

var moneyStory = map[string]Line{
	"hours_logged":    told("Arbetstid noterades", "Hours were noted", "", "", "avgiftsförordningen 5 §"),
	"change_proposed": told("En ändring av offerten föreslogs", "A change of the quote was proposed", "offerten är accepterad", "the quote is accepted", "avgiftsförordningen 4–5 §§"),
	"change_answered": told("Ändringen av offerten besvarades", "The change of the quote was answered", "svaret gäller ändringen som väntar", "the answer is to the change that waits", "avgiftsförordningen 4–5 §§"),
}
