package order

import (
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
)

// Time as it is told: promised dates, notices of delay, warnings before a
// clock runs out, and dates that act by themselves.

const (
	lawDelay  = "förvaltningslagen (2017:900) 11 §"
	lawRuling = "förvaltningslagen (2017:900) 12 §"
)

// Time's events.
type (
	// DatePromised: when the delivery is expected, and what that rests on.
	DatePromised struct {
		From   day.Day      `json:"from"`
		To     day.Day      `json:"to"` // last day
		Reason catalog.Text `json:"reason"`
	}
	// DelayNotified: the party has been told that the case is delayed, and why.
	DelayNotified struct {
		Reason   catalog.Text `json:"reason"`
		Expected day.Day      `json:"expected"`
	}
	// RulingRequested: an individual asks for the case to be decided after six
	// months. It is answered within four weeks.
	RulingRequested struct {
		On   day.Day `json:"on"`
		Due  day.Day `json:"due"`
		Mail int     `json:"mail,omitempty"`
	}
	// RulingRefused: the request is refused in a decision of its own.
	RulingRefused struct {
		Reasons catalog.Text `json:"reasons"`
		Appeal  catalog.Text `json:"appeal"`
	}
	// ClockWarned: a clock will run out soon.
	ClockWarned struct {
		Clock string  `json:"clock"`
		Due   day.Day `json:"due"`
	}
	// KeyReminded: a kept key is looked at once a year.
	KeyReminded struct {
		Until day.Day `json:"until"`
	}
	// Expired: the decision's last day has passed without a delivery.
	Expired struct {
		On day.Day `json:"on"`
	}
)

var timeEvents = map[string]func() Event{
	"date_promised":    func() Event { return &DatePromised{} },
	"delay_notified":   func() Event { return &DelayNotified{} },
	"ruling_requested": func() Event { return &RulingRequested{} },
	"ruling_refused":   func() Event { return &RulingRefused{} },
	"clock_warned":     func() Event { return &ClockWarned{} },
	"key_reminded":     func() Event { return &KeyReminded{} },
	"expired":          func() Event { return &Expired{} },
}

func (*DatePromised) Type() string    { return "date_promised" }
func (*DelayNotified) Type() string   { return "delay_notified" }
func (*RulingRequested) Type() string { return "ruling_requested" }
func (*RulingRefused) Type() string   { return "ruling_refused" }
func (*ClockWarned) Type() string     { return "clock_warned" }
func (*KeyReminded) Type() string     { return "key_reminded" }
func (*Expired) Type() string         { return "expired" }

// Warning is a clock that has been warned of.
type Warning struct {
	Clock string
	Due   day.Day
}

func (ev *DatePromised) apply(s State, _ Entry) State {
	s.Promised = ev
	return s
}

func (*DelayNotified) apply(s State, e Entry) State {
	s.DelayToldOn = civil(e)
	return s
}

func (ev *RulingRequested) apply(s State, _ Entry) State {
	s.RulingDue, s.RulingAsked = ev.Due, true
	return s
}

func (*RulingRefused) apply(s State, _ Entry) State {
	s.RulingDue = 0
	return s
}

func (ev *ClockWarned) apply(s State, _ Entry) State {
	s.Warned = with(s.Warned, Warning{ev.Clock, ev.Due})
	return s
}

func (*KeyReminded) apply(s State, e Entry) State {
	s.KeyRemindedOn = civil(e)
	return s
}

func (*Expired) apply(s State, _ Entry) State {
	s.Ended, s.Running, s.Reopened = PhaseExpired, false, ""
	return s
}

var timeCommands = []Command{
	PromiseDate{},
	NotifyDelay{},
	RequestRuling{},
	RefuseRuling{},
	WarnClock{},
	RemindKey{},
	Expire{},
}

// PromiseDate tells when the delivery is expected. It can be told again; every
// promise stays in the log.
type PromiseDate struct {
	From, To day.Day
	Reason   catalog.Text
}

// Name returns promise_date.
func (PromiseDate) Name() string { return "promise_date" }

// Roles that may promise.
func (PromiseDate) Roles() []Role { return []Role{RoleHandler, RoleStatistician} }

// Decide refuses a promise backwards, in the past, without a reason, and after
// the delivery.
func (c PromiseDate) Decide(s State, ctx Context) ([]Event, error) {
	switch {
	case s.Delivery != nil:
		return nil, wrongState("delivered_already", "Leveransen är redan gjord.", "The delivery has been made already.")
	case c.From > c.To || c.To < ctx.Day() || c.Reason.SV == "" || c.Reason.EN == "":
		return nil, input("promise", "Ange första och sista dag, inte i det förflutna, och skälet på svenska och engelska.", "Give the first and last day, not in the past, and the reason in Swedish and English.")
	}
	return []Event{&DatePromised{c.From, c.To, c.Reason}}, nil
}

// NotifyDelay tells the party that the case is delayed.
type NotifyDelay struct {
	Reason   catalog.Text
	Expected day.Day
}

// Name returns notify_delay.
func (NotifyDelay) Name() string { return "notify_delay" }

// Roles that may.
func (NotifyDelay) Roles() []Role { return []Role{RoleHandler} }

// Decide refuses without reason and a day ahead, and after the delivery.
func (c NotifyDelay) Decide(s State, ctx Context) ([]Event, error) {
	switch {
	case s.Delivery != nil:
		return nil, wrongState("delivered_already", "Leveransen är redan gjord.", "The delivery has been made already.")
	case c.Reason.SV == "" || c.Expected <= ctx.Day():
		return nil, input("delay", "Ange skälet till förseningen och en ny dag framåt i tiden.", "Give the reason for the delay and a new day ahead.")
	}
	return []Event{&DelayNotified{c.Reason, c.Expected}}, nil
}

// RulingMonths is after how long a party may ask for the case to be decided,
// RulingWeeks how soon that is answered; förvaltningslagen (2017:900) 12 §.
const (
	RulingMonths = 6
	RulingWeeks  = 4
)

// individual reports whether the case was begun by an individual party: an
// authority is none.
func (s State) individual() bool { return s.Application.Principal.Kind == intake.PrincipalPrivate }

// RequestRuling asks for the case to be decided, after six months.
type RequestRuling struct{ Behalf }

// Name returns request_ruling.
func (RequestRuling) Name() string { return "request_ruling" }

// Roles that may ask.
func (RequestRuling) Roles() []Role { return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar} }

// Decide refuses an authority's request, one before six months, a second one,
// and one after the decision.
func (c RequestRuling) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	switch {
	case s.Decision != nil:
		return nil, wrongState("ruling_decided", "Ärendet är redan beslutat.", "The case has been decided already.")
	case !s.individual():
		return nil, refuse("ruling_party", 0, lawRuling, "Rätten gäller ärenden som en enskild part har inlett.", "The right belongs to cases begun by an individual party.")
	case ctx.Day() < s.ReceivedOn.AddMonths(RulingMonths):
		return nil, refuse("ruling_early", 0, lawRuling, "Sex månader har inte gått.", "Six months have not passed.")
	case s.RulingAsked:
		return nil, refuse("ruling_twice", 0, lawRuling, "Begäran kan göras en gång.", "The request can be made once.")
	}
	on := ctx.Day()
	return []Event{&RulingRequested{On: on, Due: ctx.Authority.Calendar.Deadline(on + 7*RulingWeeks), Mail: c.Mail}}, nil
}

// RefuseRuling refuses such a request in a decision of its own.
type RefuseRuling struct{ Reasons, Appeal catalog.Text }

// Name returns refuse_ruling.
func (RefuseRuling) Name() string { return "refuse_ruling" }

// Roles that may.
func (RefuseRuling) Roles() []Role { return []Role{RoleDecider} }

// Decide refuses without a request, reasons or appeal guide.
func (c RefuseRuling) Decide(s State, _ Context) ([]Event, error) {
	switch {
	case s.RulingDue == 0 || s.Decision != nil:
		return nil, wrongState("no_ruling", "Ingen sådan begäran väntar.", "No such request waits.")
	case c.Reasons.SV == "" || c.Appeal.SV == "":
		return nil, refuse("reasons", 0, lawRuling, "Ett avslag på begäran kräver skäl och överklagandehänvisning.", "A refusal of the request needs reasons and an appeal guide.")
	}
	return []Event{&RulingRefused{c.Reasons, c.Appeal}}, nil
}

// WarnClock warns that a clock will run out, once for each date.
type WarnClock struct {
	Clock string
	Due   day.Day
}

// Name returns warn_clock.
func (WarnClock) Name() string { return "warn_clock" }

// Roles: a date.
func (WarnClock) Roles() []Role { return []Role{RoleClock} }

// Decide does nothing for a warning that has been given.
func (c WarnClock) Decide(s State, _ Context) ([]Event, error) {
	if c.Clock == "" || c.Due == 0 {
		return nil, input("clock", "Ange klocka och dag.", "Name the clock and the day.")
	}
	for _, w := range s.Warned {
		if w.Clock == c.Clock && w.Due == c.Due {
			return nil, nil
		}
	}
	return []Event{&ClockWarned{c.Clock, c.Due}}, nil
}

func (WarnClock) endures() bool { return true }

// RemindKey reminds the parties once a year of a key that is kept, and until
// when.
type RemindKey struct{}

// Name returns remind_key.
func (RemindKey) Name() string { return "remind_key" }

// Roles: a date.
func (RemindKey) Roles() []Role { return []Role{RoleClock} }

// KeyReminderDue returns the day of the next reminder of a kept key, 0 when
// there is none.
func (s State) KeyReminderDue() day.Day {
	if s.Delivery == nil || s.Decision == nil || s.Decision.Scope.Identity.KeyPolicy != KeyKeptUntil {
		return 0
	}
	last := s.Delivery.On
	if s.KeyRemindedOn > last {
		last = s.KeyRemindedOn
	}
	next := last.AddMonths(12)
	if until, err := day.Parse(s.Decision.Scope.Identity.KeepUntil); err != nil || next >= until {
		return 0
	}
	return next
}

// Decide refuses before a year has passed.
func (RemindKey) Decide(s State, ctx Context) ([]Event, error) {
	due := s.KeyReminderDue()
	if due == 0 || ctx.Day() < due {
		return nil, wrongState("reminder_early", "Det är för tidigt att påminna.", "It is too early for a reminder.")
	}
	until, err := day.Parse(s.Decision.Scope.Identity.KeepUntil)
	return []Event{&KeyReminded{until}}, err
}

func (RemindKey) endures() bool { return true }

// Expire ends a case whose decision ran out before anything was released.
type Expire struct{}

// Name returns expire.
func (Expire) Name() string { return "expire" }

// Roles: a date.
func (Expire) Roles() []Role { return []Role{RoleClock} }

// Expires reports whether the decision has run out on the day with nothing
// released.
func (s State) Expires(on day.Day) bool {
	return s.Discloses() && s.Ended == "" && !s.Released && s.Delivery == nil && on >= s.Decision.Scope.Expires
}

// Decide refuses while the decision holds, and once the data are on their way.
func (Expire) Decide(s State, ctx Context) ([]Event, error) {
	if !s.Expires(ctx.Day()) {
		return nil, wrongState("not_expired", "Beslutet gäller fortfarande.", "The decision still holds.")
	}
	return []Event{&Expired{ctx.Day()}}, nil
}

var timeStory = map[string]Line{
	"date_promised":    told("En leveranstid lovades", "A time of delivery was promised", "", "", "förvaltningslagen 9 §"),
	"delay_notified":   told("Parten underrättades om försening", "The party was told of a delay", "skälet och en ny dag", "the reason and a new day", "förvaltningslagen 11 §"),
	"ruling_requested": told("Parten begärde att ärendet avgörs", "The party asked for the case to be decided", "sex månader har gått; en enskild part", "six months have passed; an individual party", "förvaltningslagen 12 §"),
	"ruling_refused":   told("Begäran om avgörande avslogs", "The request for a ruling was refused", "skäl och överklagandehänvisning", "reasons and appeal guide", "förvaltningslagen 12 §"),
	"clock_warned":     told("En klocka går snart ut", "A clock will soon run out", "", "", "förvaltningslagen 9 §"),
	"key_reminded":     told("Påminnelse om den sparade kodnyckeln", "A reminder of the kept key", "", "", "dataskyddsförordningen art. 5.1 e"),
	"expired":          told("Beslutets tid gick ut", "The decision ran out", "inget är frisläppt", "nothing has been released", "OSL 24 kap. 8 §"),
}
