package order

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/quote"
	"sluss/internal/review"
	"sluss/internal/swede"
)

// Authority is what differs between authorities, as far as the rules go.
type Authority struct {
	ID   string       `json:"id"`
	Name catalog.Text `json:"name"`
	// CasePrefix begins the case numbers: FK gives FK-2026-00001.
	CasePrefix      string          `json:"case_prefix"`
	Prices          quote.PriceList `json:"prices"`
	RetentionMonths int             `json:"retention_months"` // default 6
	// PurgeRule names the gallringsbeslut that purging rests on (promise 10).
	// Without one nothing may be purged.
	PurgeRule string         `json:"purge_rule"`
	Calendar  swede.Calendar `json:"-"`
	// Clocks are the authority's deadlines; none = those of clock.Definitions.
	Clocks clock.Book `json:"clocks,omitempty"`
	// Deciders may decide; empty = everybody with the role (delegation order).
	Deciders []string `json:"deciders,omitempty"`
	// Clearance is who may see cases with protected personal data; nobody else.
	Clearance []string `json:"clearance,omitempty"`
	// Suppliers may deliver population files digitally, on a call. Empty: no
	// supplier is agreed, and everybody the case concerns may upload.
	Suppliers []Supplier `json:"suppliers,omitempty"`
	// FaultMonths is for how long a faulty delivery is replaced without another
	// review; 0 = 3.
	FaultMonths int `json:"fault_months,omitempty"`
	// SealedDays is how long an attachment that was sealed away is kept; 0 = 30.
	SealedDays int `json:"sealed_days,omitempty"`
	// Disabled are commands that the authority has switched off.
	Disabled []Disabled `json:"disabled,omitempty"`
	// MinAssurance is how sure the counter must be of who gives a command, by its
	// name, 0–4; what is left out has the level of [LevelOfActs].
	MinAssurance map[string]int `json:"min_assurance,omitempty"`
	// Appeals says where each kind of party appeals; none = those of review.
	Appeals []review.AppealRule `json:"appeals,omitempty"`
	// Withdrawal says what is charged when an accepted order is taken back.
	Withdrawal quote.WithdrawalPolicies `json:"withdrawal,omitempty"`
	// DocumentNumber is how documents are numbered: {case} or {year} and {serial},
	// and {no}, the place in the document list; "" = {case}:{no}.
	DocumentNumber string `json:"document_number,omitempty"`
	// Letterhead is how letters say where the authority is reached.
	Letterhead Letterhead `json:"letterhead,omitzero"`
	// AccessBody is the health data access body that the open catalogue of health
	// data names (EHDS article 55); without it there is no such catalogue.
	AccessBody AccessBody `json:"access_body,omitzero"`
	// Seller is how invoices name the authority; without it only their basis is
	// handed over.
	Seller Seller `json:"seller,omitzero"`
	// Officer is the e-mail address of the data protection officer, who is told of
	// incidents (GDPR articles 33, 38 and 39); "" = nobody is.
	Officer string `json:"data_protection_officer,omitempty"`
}

// AccessBody is a health data access body and where it is reached.
type AccessBody struct {
	Name  catalog.Text `json:"name"`
	URL   string       `json:"url,omitempty"`
	Email string       `json:"email,omitempty"`
}

// Letterhead is where letters say that the authority is reached.
type Letterhead struct {
	Unit    catalog.Text `json:"unit,omitzero"`
	Address []string     `json:"address,omitempty"`
	Email   string       `json:"email,omitempty"`
	Phone   string       `json:"phone,omitempty"`
}

// Lines is the letterhead in a language, without what is empty.
func (l Letterhead) Lines(lang string) []string {
	lines := slices.Concat([]string{l.Unit.In(lang)}, l.Address, []string{l.Email, l.Phone})
	return slices.DeleteFunc(lines, func(s string) bool { return s == "" })
}

// Book returns the authority's clocks.
func (a *Authority) Book() clock.Book {
	if a.Clocks == nil {
		return clock.Definitions()
	}
	return a.Clocks
}

// Cleared reports whether the member of staff may see protected data.
func (a *Authority) Cleared(person string) bool { return slices.Contains(a.Clearance, person) }

func (a *Authority) appeals() []review.AppealRule {
	if a.Appeals == nil {
		return review.Appeals()
	}
	return a.Appeals
}

// Disabled switches a command off.
type Disabled struct {
	Command string `json:"command"`
	Role    Role   `json:"role,omitempty"`  // "" = every role of people
	Phase   Phase  `json:"phase,omitempty"` // "" = every phase
}

// SwitchedOff reports whether the authority has switched a command off for a
// role in a phase. What a date, the vault or the counter itself does cannot be.
func (a *Authority) SwitchedOff(command string, role Role, phase Phase) bool {
	if a == nil || role == RoleClock || role == RoleEngine {
		return false
	}
	return slices.ContainsFunc(a.Disabled, func(d Disabled) bool {
		return d.Command == command && (d.Role == "" || d.Role == role) && (d.Phase == "" || d.Phase == phase)
	})
}

// SealedFor is for how many days an attachment that was sealed away is kept,
// unless its case ends before.
func (a *Authority) SealedFor() int {
	if a.SealedDays == 0 {
		return 30
	}
	return a.SealedDays
}

func (a *Authority) faultMonths() int {
	if a.FaultMonths == 0 {
		return 3
	}
	return a.FaultMonths
}

// Context is what a command knows besides the state.
type Context struct {
	At        time.Time
	By        Actor
	Authority *Authority
	Catalogue *catalog.Catalogue
	Measured  intake.Measured // of the registers, nil where nothing has been
}

// Day is the Swedish civil day of the act; the rules in force that day apply.
func (c Context) Day() day.Day { return swede.CivilDay(c.At) }

// Command is something a person, the vault or a date wants to do with an
// order.
type Command interface {
	// Name is the stable name of the command, as in the access table.
	Name() string
	// Roles may give the command; everybody else is refused.
	Roles() []Role
	// Decide returns the events that the command leads to, or the refusal
	// that stops it. It changes nothing itself.
	Decide(s State, c Context) ([]Event, error)
}

// Commands is every command once, by its zero value. A command is given by
// value: what is not in the list, a pointer to a command included, is never
// carried out, so that no check by type can be slipped past.
var Commands = slices.Concat(wayCommands, dialogueCommands, documentCommands, deskCommands, moneyCommands, rulingCommands, timeCommands, kinCommands, callCommands, keyCommands, resealCommands, recallCommands, creditCommands, routeCommands)

// wayCommands are the steps of the way that every order goes.
var wayCommands = []Command{
	Submit{},
	Acknowledge{},
	RequestSupplement{},
	AnswerSupplement{},
	ConfirmComplete{},
	DraftQuote{},
	ReturnDraft{},
	AgreeDraft{},
	RecordReview{},
	RecordDecision{},
	DispatchDecision{},
	AcceptQuote{},
	AcknowledgeForbehall{},
	TakeMedium{},
	SettleMedium{},
	RecordPopulationCheck{},
	OrderExtraction{},
	RecordExtraction{},
	RecordFailure{},
	Release{},
	RecordDelivery{},
	ConfirmReceipt{},
	SendAgain{},
	IssueInvoice{},
	OrderPurge{},
	RecordPurge{},
	Dismiss{},
	Withdraw{},
}

// Decide checks role and life of the order and then asks the command.
//
// It returns a *fault.Fault of class Gate when a rule refuses and of class
// Input when the content cannot be used.
func Decide(s State, cmd Command, c Context) ([]Event, error) {
	if !slices.ContainsFunc(Commands, func(k Command) bool { return reflect.TypeOf(k) == reflect.TypeOf(cmd) }) {
		return nil, fmt.Errorf("command of type %T is not one of order.Commands", cmd)
	}
	allowed := false
	for _, r := range cmd.Roles() {
		allowed = allowed || r == c.By.Role
	}
	if !allowed {
		return nil, &fault.Fault{
			Code: "access.denied", Class: fault.Gate, Rule: "access", Law: "offentlighets- och sekretesslagen (2009:400) 10 kap. 2 §",
			SV: "Rollen " + string(c.By.Role) + " får inte göra det här (" + cmd.Name() + ").", EN: "The role " + string(c.By.Role) + " may not do this (" + cmd.Name() + ").",
			DoSV: "Be någon med rätt roll.", DoEN: "Ask somebody with the right role.",
		}
	}
	if err := sure(cmd, c); err != nil {
		return nil, err
	}
	if c.Authority.SwitchedOff(cmd.Name(), c.By.Role, s.Phase()) {
		return nil, wrongState("disabled", "Myndigheten har stängt av åtgärden i det här läget ("+cmd.Name()+").", "The authority has switched the act off at this stage ("+cmd.Name()+").")
	}
	if err := atDesk(s, c); err != nil {
		return nil, err
	}
	if !s.Submitted && !opens(cmd, s) {
		return nil, wrongState("not_submitted", "Beställningen är inte inkommen.", "The order has not been submitted.")
	}
	if s.Ended != "" && !survives(cmd, s) {
		return nil, wrongState("ended", "Ärendet är avslutat.", "The case has ended.")
	}
	if s.Purged && !afterPurge(cmd) {
		return nil, refuse("purged", 10, "arkivlagen (1990:782) 10 §", "Filerna är gallrade.", "The files have been purged.")
	}
	return cmd.Decide(s, c)
}

// opens reports whether the command may act where there is no order yet: it
// opens a case, or is part of the dialogue about an enquiry.
func opens(cmd Command, s State) bool {
	switch cmd.(type) {
	case Submit, Enquire:
		return true
	case AskQuestion, AnswerQuestion, WriteNote, CorrectAddress, CloseEnquiry, Withdraw, RegisterDocument, RequestDocuments, DecideRequest, Assign, Unassign,
		DeclareConflict, MarkProtected, LinkChild, LogHours, SealAway, DestroySealed, WarnClock:
		return s.Enquiry
	}
	return false
}

// enduring is a command that may act on a case that has ended or been purged:
// it touches the papers, not the data.
type enduring interface{ endures() bool }

func endures(cmd Command) bool {
	e, ok := cmd.(enduring)
	return ok && e.endures()
}

// survives reports whether the command may act on a case that has ended: what
// was received is purged then too.
func survives(cmd Command, s State) bool {
	switch cmd.(type) {
	case OrderPurge, RecordPurge, SettleMedium, TakeMedium:
		return true
	case IssueInvoice: // of what was worked before the withdrawal
		return s.Ended == PhaseWithdrawn && s.Accepted
	case Reopen:
		return s.Ended == PhaseRefused
	case Redecide, DispatchDecision: // a correction of a refusal
		return s.Ended == PhaseRefused && (s.Reopened != "" || !s.Dispatched)
	}
	return endures(cmd)
}

func afterPurge(cmd Command) bool {
	switch cmd.(type) {
	case IssueInvoice, SettleMedium, TakeMedium, OrderPurge, RecordPurge:
		return true
	}
	return endures(cmd)
}

func input(code, sv, en string) *fault.Fault { return fault.New("order."+code, sv, en) }
