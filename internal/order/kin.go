package order

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
)

// Kin: what a case has to do with earlier and later ones, and what happens
// when a delivery was faulty. Each disclosure has its own review, decision and
// quote (promise 8); only a faulty delivery that is replaced from the same
// scope and snapshot is the same disclosure.

const lawSame = "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §"

// Kinds of child case. KinEnquiry is an order that grew out of an enquiry.
const (
	KinEnquiry   = "enquiry"
	KinAmendment = intake.ChildAmendment // something else than was decided
	KinExtension = intake.ChildExtension // more years of the same
	KinRenewal   = intake.ChildRenewed   // the same again from a new snapshot
	KinRetention = intake.ChildRetention // files kept longer
)

// Kins is every kind of child case.
var Kins = []string{KinEnquiry, KinAmendment, KinExtension, KinRenewal, KinRetention}

// Parent is the case that an order continues.
type Parent struct {
	Case string `json:"case"`
	Kind string `json:"kind"`
}

func (p *Parent) check() error {
	if p == nil || p.Case != "" && slices.Contains(Kins, p.Kind) {
		return nil
	}
	list := strings.Join(Kins, ", ")
	return input("parent", "Ange det tidigare ärendet och slag: "+list+".", "Name the earlier case and the kind: "+list+".")
}

// parentOf is the case that an order continues: as the command says, or as
// the application does; they must not say different things.
func parentOf(c Submit) (*Parent, error) {
	said := c.Application.Child
	if said.Kind == "" && said.Parent == "" {
		return c.Parent, c.Parent.check()
	}
	p := &Parent{Case: said.Parent, Kind: said.Kind}
	if c.Parent != nil && *c.Parent != *p {
		return nil, input("parent_two", "Ansökan fortsätter ett annat ärende än det som anges.", "The application continues another case than the one named.")
	}
	return p, p.check()
}

// The events of kin.
type (
	// ChildOpened: another case continues this one.
	ChildOpened struct {
		Case string `json:"case"`
		Kind string `json:"kind"`
	}
	// FaultReported: the recipient says that the delivery is faulty.
	FaultReported struct {
		ID     int     `json:"id"`
		Text   string  `json:"text"`
		On     day.Day `json:"on"`
		Within bool    `json:"within"` // the window of free replacement
		Mail   int     `json:"mail,omitempty"`
	}
	// FaultSettled: what the authority found.
	FaultSettled struct {
		ID      int    `json:"id"`
		Outcome string `json:"outcome"` // replace, none or new_case
		Text    string `json:"text"`
	}
	// RetentionGranted: files may be kept longer; the answer to a case of kind
	// retention, which it ends.
	RetentionGranted struct {
		Until   day.Day      `json:"until"` // first day they must be gone
		Reasons catalog.Text `json:"reasons"`
		Support string       `json:"support"` // what it rests on, as the ethics decision's number
	}
	// RetentionRefused: they may not.
	RetentionRefused struct {
		Reasons catalog.Text `json:"reasons"`
	}
	// RetentionExtended: another case granted that this one's files are kept
	// longer.
	RetentionExtended struct {
		PurgeOn day.Day `json:"purge_on"`
		Child   string  `json:"child"`
	}
)

var kinEvents = map[string]func() Event{
	"child_opened":       func() Event { return &ChildOpened{} },
	"fault_reported":     func() Event { return &FaultReported{} },
	"fault_settled":      func() Event { return &FaultSettled{} },
	"retention_granted":  func() Event { return &RetentionGranted{} },
	"retention_refused":  func() Event { return &RetentionRefused{} },
	"retention_extended": func() Event { return &RetentionExtended{} },
}

func (*ChildOpened) Type() string       { return "child_opened" }
func (*FaultReported) Type() string     { return "fault_reported" }
func (*FaultSettled) Type() string      { return "fault_settled" }
func (*RetentionGranted) Type() string  { return "retention_granted" }
func (*RetentionRefused) Type() string  { return "retention_refused" }
func (*RetentionExtended) Type() string { return "retention_extended" }

// FaultReport is a report on a faulty delivery.
type FaultReport struct {
	ID      int
	Within  bool
	Outcome string // "" while it is looked into
}

func (ev *ChildOpened) apply(s State, _ Entry) State {
	s.Children = with(s.Children, Parent{ev.Case, ev.Kind})
	return s
}

func (ev *FaultReported) apply(s State, _ Entry) State {
	s.Faults = with(s.Faults, FaultReport{ID: ev.ID, Within: ev.Within})
	return s
}

func (ev *FaultSettled) apply(s State, _ Entry) State {
	s.Faults = changed(s.Faults, func(f FaultReport) bool { return f.ID == ev.ID }, func(f *FaultReport) { f.Outcome = ev.Outcome })
	if ev.Outcome == "replace" {
		s.Replacing = true
	}
	return s
}

func (ev *RetentionGranted) apply(s State, _ Entry) State {
	s.Granted, s.Ended = ev.Until, PhaseAnswered
	return s
}

func (*RetentionRefused) apply(s State, _ Entry) State {
	s.Ended = PhaseRefused
	return s
}

func (ev *RetentionExtended) apply(s State, _ Entry) State {
	if s.Delivery != nil {
		d := *s.Delivery
		d.PurgeOn = ev.PurgeOn
		s.Delivery = &d
	}
	return s
}

// Continued reports whether the case knows that the other one continues it.
func (s State) Continued(other string) bool {
	return slices.ContainsFunc(s.Children, func(p Parent) bool { return p.Case == other })
}

var kinCommands = []Command{
	LinkChild{},
	ReportFault{},
	SettleFault{},
	GrantRetention{},
	RefuseRetention{},
	ExtendRetention{},
}

// LinkChild notes in a case that another one continues it.
type LinkChild struct{ Case, Kind string }

// Name returns link_child.
func (LinkChild) Name() string { return "link_child" }

// Roles: the counter itself, when the other case is opened.
func (LinkChild) Roles() []Role { return []Role{RoleClock} }

// Decide does nothing for a case that is noted already.
func (c LinkChild) Decide(s State, _ Context) ([]Event, error) {
	p := Parent(c)
	if err := p.check(); err != nil || c.Case == s.ID {
		return nil, input("parent", "Ange det andra ärendet och slag.", "Name the other case and the kind.")
	}
	if slices.Contains(s.Children, p) {
		return nil, nil
	}
	return []Event{&ChildOpened{c.Case, c.Kind}}, nil
}

func (LinkChild) endures() bool { return true }

// ReportFault says that a delivery is faulty.
type ReportFault struct {
	Text string
	Behalf
}

// Name returns report_fault.
func (ReportFault) Name() string { return "report_fault" }

// Roles that may report.
func (ReportFault) Roles() []Role { return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar} }

// Decide refuses before delivery, after the purge, and a second report while
// one is looked into.
func (c ReportFault) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	switch {
	case s.Delivery == nil:
		return nil, wrongState("not_delivered", "Inget är levererat.", "Nothing has been delivered.")
	case s.PurgeOpen:
		return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case c.Text == "":
		return nil, input("fault_empty", "Beskriv felet, utan personuppgifter.", "Describe the fault, without personal data.")
	case slices.ContainsFunc(s.Faults, func(f FaultReport) bool { return f.Outcome == "" }) || s.Replacing:
		return nil, wrongState("fault_open", "En felanmälan utreds redan.", "A fault is being looked into already.")
	}
	within := ctx.Day() <= s.Delivery.On.AddMonths(ctx.Authority.faultMonths())
	return []Event{&FaultReported{ID: len(s.Faults) + 1, Text: c.Text, On: ctx.Day(), Within: within, Mail: c.Mail}}, nil
}

// SettleFault says what the report leads to.
type SettleFault struct {
	ID      int
	Outcome string
	Text    string
}

// Name returns settle_fault.
func (SettleFault) Name() string { return "settle_fault" }

// Roles that may settle it.
func (SettleFault) Roles() []Role { return []Role{RoleHandler, RoleStatistician} }

// Decide refuses without an open report, without a text, and a free
// replacement outside the window or once the purge date has come.
func (c SettleFault) Decide(s State, ctx Context) ([]Event, error) {
	for _, f := range s.Faults {
		if f.ID != c.ID || f.Outcome != "" {
			continue
		}
		switch {
		case !slices.Contains([]string{"replace", "none", "new_case"}, c.Outcome) || c.Text == "":
			return nil, input("fault_outcome", "Ange replace, none eller new_case, och vad som framkom.", "Give replace, none or new_case, and what was found.")
		case c.Outcome == "replace" && !f.Within:
			return nil, refuse("fault_window", 8, lawSame, "Felet anmäldes efter den tid då en leverans ersätts utan ny prövning.", "The fault was reported after the time in which a delivery is replaced without another review.")
		case c.Outcome == "replace" && (s.Resealing != nil || s.AwaitsReseal()):
			return nil, wrongState("key_waits", "Mottagaren har en ny nyckel: försegla leveransen till den först.", "The recipient has a new key: seal the delivery to it first.")
		case c.Outcome == "replace" && (s.PurgeOpen || ctx.Day() >= s.Delivery.PurgeOn):
			return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
		}
		return []Event{&FaultSettled{c.ID, c.Outcome, c.Text}}, nil
	}
	return nil, wrongState("no_fault", "Ingen sådan felanmälan utreds.", "No such fault is being looked into.")
}

// replacement refuses a specification that is not the same disclosure as the
// delivery it replaces: same decision, same snapshot.
func replacement(c OrderExtraction, s State) error {
	if s.Spec == nil || c.Spec.AsOf != s.Spec.AsOf {
		return refuse("replacement_snapshot", 8, lawSame, "En ersättning görs ur samma ögonblicksbild; en ny är en ny beställning.", "A replacement is made from the same snapshot; another one is another order.")
	}
	return nil
}

// GrantRetention grants, in a case of kind retention, that the earlier case's
// files are kept longer.
type GrantRetention struct {
	Until   day.Day
	Reasons catalog.Text
	Support string
}

// Name returns grant_retention.
func (GrantRetention) Name() string { return "grant_retention" }

// Roles that may.
func (GrantRetention) Roles() []Role { return []Role{RoleDecider} }

// Decide refuses in another kind of case, without a day ahead, reasons and
// what they rest on. Keeping the files is no disclosure: nothing leaves.
func (c GrantRetention) Decide(s State, ctx Context) ([]Event, error) {
	if err := retentionCase(s); err != nil {
		return nil, err
	}
	if c.Until <= ctx.Day() || c.Until > ctx.Day().AddMonths(120) || c.Reasons.SV == "" || c.Support == "" {
		return nil, refuse("retention_reasons", 10, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 e", "Ange till vilken dag, skälen och vad de stöder sig på.", "State until which day, the reasons and what they rest on.")
	}
	return []Event{&RetentionGranted{c.Until, c.Reasons, c.Support}}, nil
}

func retentionCase(s State) error {
	if s.Parent == nil || s.Parent.Kind != KinRetention {
		return wrongState("no_retention", "Ärendet gäller inte längre bevarande.", "The case is not about keeping files longer.")
	}
	return nil
}

// RefuseRetention refuses it.
type RefuseRetention struct{ Reasons catalog.Text }

// Name returns refuse_retention.
func (RefuseRetention) Name() string { return "refuse_retention" }

// Roles that may.
func (RefuseRetention) Roles() []Role { return []Role{RoleDecider} }

// Decide refuses in another kind of case, and without reasons.
func (c RefuseRetention) Decide(s State, _ Context) ([]Event, error) {
	if err := retentionCase(s); err != nil {
		return nil, err
	}
	if c.Reasons.SV == "" {
		return nil, refuse("reasons", 0, "förvaltningslagen (2017:900) 32 §", "Ett avslag kräver skäl.", "A refusal needs reasons.")
	}
	return []Event{&RetentionRefused{c.Reasons}}, nil
}

// ExtendRetention moves the purge date of a case after another case has
// granted it.
type ExtendRetention struct {
	Until day.Day
	Child string
}

// Name returns extend_retention.
func (ExtendRetention) Name() string { return "extend_retention" }

// Roles: the counter itself, when the other case is decided.
func (ExtendRetention) Roles() []Role { return []Role{RoleClock} }

// Decide refuses a case that is not a child about retention, before delivery,
// and once the purge has been ordered; a date that is not later changes
// nothing.
func (c ExtendRetention) Decide(s State, _ Context) ([]Event, error) {
	switch {
	case !slices.Contains(s.Children, Parent{c.Child, KinRetention}):
		return nil, refuse("retention_child", 10, "arkivlagen (1990:782) 10 §", "Inget ärende om längre bevarande hör till beställningen.", "No case about keeping files longer belongs to the order.")
	case s.Delivery == nil || s.PurgeOpen:
		return nil, wrongState("not_delivered", "Inget levererat finns att bevara.", "Nothing delivered is there to keep.")
	case c.Until <= s.Delivery.PurgeOn:
		return nil, nil
	}
	return []Event{&RetentionExtended{c.Until, c.Child}}, nil
}

var kinStory = map[string]Line{
	"child_opened":       told("Ett nytt ärende fortsätter det här", "Another case continues this one", "", "", "OSL 24 kap. 8 §"),
	"fault_reported":     told("Ett fel i leveransen anmäldes", "A fault in the delivery was reported", "", "", "förvaltningslagen 6 §"),
	"fault_settled":      told("Felanmälan utreddes", "The fault was looked into", "ersätts utan ny prövning bara ur samma omfattning och ögonblicksbild, inom tiden", "replaced without another review only from the same scope and snapshot, within the time", "OSL 24 kap. 8 §"),
	"retention_granted":  told("Längre bevarande medgavs", "Keeping the files longer was granted", "skäl, dag och stöd", "reasons, day and support", "arkivlagen 10 §; dataskyddsförordningen art. 5.1 e"),
	"retention_refused":  told("Längre bevarande avslogs", "Keeping the files longer was refused", "skäl", "reasons", "dataskyddsförordningen art. 5.1 e"),
	"retention_extended": told("Gallringsdagen flyttades", "The purge date was moved", "ett annat ärende har medgett det", "another case has granted it", "arkivlagen 10 §"),
}
