package order

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// Authority is what differs between authorities, as far as the rules go.
type Authority struct {
	ID              string          `json:"id"`
	Name            catalog.Text    `json:"name"`
	Prices          quote.PriceList `json:"prices"`
	RetentionMonths int             `json:"retention_months"` // default 6
	// PurgeRule names the gallringsbeslut that purging rests on (promise 10).
	// Without one nothing may be purged.
	PurgeRule string         `json:"purge_rule"`
	Calendar  swede.Calendar `json:"-"`
	// Deciders may decide; empty = everybody with the role (delegation order).
	Deciders []string `json:"deciders,omitempty"`
}

// Context is what a command knows besides the state.
type Context struct {
	At        time.Time
	By        Actor
	Authority *Authority
	Catalogue *catalog.Catalogue
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
var Commands = []Command{
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
	_, first := cmd.(Submit)
	if !s.Submitted && !first {
		return nil, wrongState("not_submitted", "Beställningen är inte inkommen.", "The order has not been submitted.")
	}
	if s.Ended != "" && !survives(cmd) {
		return nil, wrongState("ended", "Ärendet är avslutat.", "The case has ended.")
	}
	if s.Purged && !afterPurge(cmd) {
		return nil, refuse("purged", 10, "arkivlagen (1990:782) 10 §", "Filerna är gallrade.", "The files have been purged.")
	}
	return cmd.Decide(s, c)
}

// survives reports whether the command may act on a case that has ended: what
// was received is purged then too.
func survives(cmd Command) bool {
	switch cmd.(type) {
	case OrderPurge, RecordPurge, SettleMedium, TakeMedium:
		return true
	}
	return false
}

func afterPurge(cmd Command) bool {
	switch cmd.(type) {
	case IssueInvoice, SettleMedium, TakeMedium, OrderPurge, RecordPurge:
		return true
	}
	return false
}

func input(code, sv, en string) *fault.Fault { return fault.New("order."+code, sv, en) }
