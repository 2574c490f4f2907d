// Package order holds the rules for one order (beställning), from the first
// application to the last purge.
//
// It is pure: no clock, no database, no network. Callers load the entries of
// an order, [Fold] them into a [State], ask a [Command] what it leads to, and
// store the events it answers with. The same entries always give the same
// state.
//
// What must be true before a command may act is written once, as a [Gate] with
// its legal basis and the promise it keeps; commands only say which gates they
// need open. The list [Gates] is also what pages and documents draw.
package order

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/exposure"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
)

// Role is what somebody is in a case.
type Role string

// Roles. One person can hold several; the access table decides.
const (
	RoleOrderer        Role = "orderer"
	RoleCoApplicant    Role = "co_applicant"   // reads along with the orderer, asks
	RoleRepresentative Role = "representative" // of the principal
	RoleHandler        Role = "handler"        // case handler
	RoleReviewer       Role = "reviewer"       // of confidentiality
	RoleDecider        Role = "decider"        // decision maker by the delegation order
	RoleStatistician   Role = "statistician"   // data statistician: plans and runs extractions
	RoleReleaser       Role = "releaser"
	RoleSupplier       Role = "supplier" // of the population file
	RoleFinance        Role = "finance"
	RoleRegistrar      Role = "registrar"
	RoleEngine         Role = "engine" // the vault
	RoleClock          Role = "clock"  // acts that a date brings about
)

// Actor is who acts, and as what.
type Actor struct {
	ID   string `json:"id"`
	Role Role   `json:"role"`
	// Assurance is how sure the counter was of who it is: 1 reads the mail of an
	// address, 2–4 as Swedish tillitsnivåer, 0 when nobody logged in: a program
	// with a token, the vault, a date.
	Assurance int `json:"assurance,omitempty"`
}

// Event is a fact about an order. Its type name is stored and never renamed.
type Event interface{ Type() string }

// Entry is an event with its place in the order's log.
type Entry struct {
	Version int // 1 for the first entry
	At      time.Time
	By      Actor
	Event   Event
}

// The events. Days are Swedish civil days.
type (
	// Submitted: a version of the application has arrived.
	Submitted struct {
		Application intake.Application `json:"application"`
		Hash        canon.Hash         `json:"hash"`
		OnBehalf    bool               `json:"on_behalf,omitempty"` // came by mail or post, registered by staff
		Arrival     *Arrival           `json:"arrival,omitempty"`   // how it came, then
		Parent      *Parent            `json:"parent,omitempty"`    // the case that it continues
		Aside       []intake.Moved     `json:"aside,omitempty"`     // answers of an older form that today's does not ask for
	}
	// Acknowledged: the orderer has been told that the order has arrived.
	Acknowledged struct{}
	// SupplementRequested: named parts are unlocked and asked for.
	SupplementRequested struct {
		ID    int      `json:"id"`
		Parts []string `json:"parts"` // question ids; a prefix unlocks what is below it
		Text  string   `json:"text"`
		Due   day.Day  `json:"due"`
		Days  int      `json:"days,omitempty"` // working days, from which Due was counted
		Form  int      `json:"form,omitempty"` // whose questions the parts have; 0 = the application's own
	}
	// Supplemented: the named parts have been answered.
	Supplemented struct {
		ID          int                `json:"id"`
		Application intake.Application `json:"application"`
		Hash        canon.Hash         `json:"hash"`
		Late        bool               `json:"late,omitempty"`
		Mail        int                `json:"mail,omitempty"`    // registered document, when it came by mail or post
		Arrived     day.Day            `json:"arrived,omitempty"` // day of that document
	}
	// Completed: nothing is missing since the day the last item came.
	Completed struct {
		On day.Day `json:"on"`
	}
	// QuoteDrafted: a draft quote has been sent.
	QuoteDrafted struct {
		Quote quote.Quote `json:"quote"`
		Hash  canon.Hash  `json:"hash"`
	}
	// QuoteReturned: the orderer asks for another draft.
	QuoteReturned struct {
		Hash canon.Hash `json:"hash"`
		Text string     `json:"text"`
		Mail int        `json:"mail,omitempty"`
	}
	// DraftAgreed: orderer and authority agree on what shall be done.
	DraftAgreed struct {
		Hash canon.Hash `json:"hash"`
		Mail int        `json:"mail,omitempty"`
	}
	// Reviewed: the confidentiality review (sekretessprövning) is done.
	Reviewed struct {
		Findings []ReviewFinding `json:"findings"`
		Answers  []review.Answer `json:"answers,omitempty"` // of the worksheet
		Scope    *plan.Scope     `json:"scope,omitempty"`   // that it leads to
	}
	// Decided: the decision and its quote, together.
	Decided struct {
		Decision Decision    `json:"decision"`
		Hash     canon.Hash  `json:"hash"`
		Note     string      `json:"note"` // signed by the decision maker
		Quote    quote.Quote `json:"quote,omitzero"`
	}
	// DecisionDispatched: decision and quote have left for the recipients.
	DecisionDispatched struct {
		To []string `json:"to"` // representative | registry, orderer
	}
	// QuoteAccepted: the principal accepts the quote, by hash.
	QuoteAccepted struct {
		Hash canon.Hash `json:"hash"`
		Mail int        `json:"mail,omitempty"`
	}
	// ForbehallAcknowledged: a named researcher is bound by the förbehåll.
	ForbehallAcknowledged struct {
		Name string `json:"name"`
		Mail int    `json:"mail,omitempty"`
	}
	// MediumEarly: a population file came before a disclosing decision. It was
	// not read; nothing of its content is kept here (promise 1).
	MediumEarly struct {
		ID   int    `json:"id"`
		Road string `json:"road"` // upload or post
	}
	// MediumSettled: an early medium has been returned or destroyed.
	MediumSettled struct {
		ID  int    `json:"id"`
		How string `json:"how"` // returned or destroyed
	}
	// PopulationReceived: a population file has arrived, sealed.
	PopulationReceived struct {
		ID     int        `json:"id"`
		Blob   string     `json:"blob"`
		SHA256 canon.Hash `json:"sha256"` // of the sealed file
		Bytes  int64      `json:"bytes"`
		Road   string     `json:"road"`
		// Tracking is the number of the registered letter of a medium that is
		// read at the vault; Blob is "" then.
		Tracking string `json:"tracking,omitempty"`
	}
	// PopulationChecked: the vault has read and checked the file. Of a population
	// of organisations the counts say how many are organisations and how many sole
	// traders ([CountOrganisations], [CountTraders]).
	PopulationChecked struct {
		ID       int            `json:"id"`
		Accepted bool           `json:"accepted"`
		Intake   plan.Ref       `json:"intake"`
		Rows     int            `json:"rows"`
		Persons  int            `json:"persons"`
		Counts   map[string]int `json:"counts,omitempty"` // per reason
		SHA256   canon.Hash     `json:"sha256,omitempty"` // of a medium that was read at the vault
		// Why the file could not be read at all, "" when it could.
		Code string `json:"code,omitempty"`
		SV   string `json:"sv,omitempty"`
		EN   string `json:"en,omitempty"`
	}
	// ExtractionOrdered: the specification is bound and handed to the vault.
	ExtractionOrdered struct {
		Spec plan.Spec  `json:"spec"`
		Hash canon.Hash `json:"hash"`
		Note string     `json:"note"` // signed by the statistician
	}
	// Extracted: files, report and sealed parcel lie ready in the vault.
	Extracted struct {
		Spec     canon.Hash    `json:"spec"`
		Manifest canon.Hash    `json:"manifest"`
		Files    []FileSummary `json:"files"`
		Egress   []CheckResult `json:"egress"`
		Counts   []CountLine   `json:"counts,omitempty"`
		// Exposure is the disclosure report; nil in cases from before there was one.
		Exposure *exposure.Report `json:"exposure,omitempty"`
		// Reach says how far each register reaches in the snapshot.
		Reach []Reach `json:"reach,omitempty"`
		// Compared is what has changed since the first delivery; nil for an order
		// that renews none.
		Compared *Compared `json:"compared,omitempty"`
	}
	// ExtractionFailed: the vault refused or could not; nothing was kept.
	ExtractionFailed struct {
		Spec canon.Hash `json:"spec"`
		Code string     `json:"code"`
		SV   string     `json:"sv"`
		EN   string     `json:"en"`
	}
	// Released: a second person lets exactly this manifest out.
	Released struct {
		Manifest canon.Hash `json:"manifest"`
		Note     string     `json:"note"` // signed by the releaser
		// Why is the reason for releasing what the disclosure report gives a
		// red light.
		Why string `json:"why,omitempty"`
	}
	// Delivered: the sealed parcel has been dispatched or can be fetched.
	Delivered struct {
		Manifest canon.Hash `json:"manifest"`
		Blob     string     `json:"blob"`
		SHA256   canon.Hash `json:"sha256"` // of the sealed parcel
		Bytes    int64      `json:"bytes"`
		Route    string     `json:"route"`
		On       day.Day    `json:"on"`
		PurgeOn  day.Day    `json:"purge_on"`           // first day on which it must be gone
		BillFrom day.Day    `json:"bill_from"`          // invoice between these
		BillTo   day.Day    `json:"bill_until"`         // inclusive
		Replaces bool       `json:"replaces,omitempty"` // an earlier, faulty delivery of the same disclosure
	}
	// SentAgain: the same parcel was dispatched or fetched once more.
	SentAgain struct {
		SHA256 canon.Hash `json:"sha256"`
		Reason string     `json:"reason"`
	}
	// ReceiptConfirmed: the recipient has opened and verified the parcel.
	ReceiptConfirmed struct {
		Manifest canon.Hash `json:"manifest"`
		Mail     int        `json:"mail,omitempty"`
	}
	// Invoiced: the invoice basis has been handed to the finance system.
	Invoiced struct {
		Invoice quote.Invoice `json:"invoice"`
		Hash    canon.Hash    `json:"hash"`
	}
	// PurgeOrdered: what was received and delivered is to be destroyed.
	PurgeOrdered struct {
		Reason string `json:"reason"` // due, refused, dismissed or withdrawn
		Rule   string `json:"rule"`   // gallringsbeslut
	}
	// Purged: it is gone; the vault's signed protocol says what.
	Purged struct {
		Protocol string     `json:"protocol"` // signed note
		Hash     canon.Hash `json:"hash"`
		Objects  int        `json:"objects"`
		// BackupsUntil is the last day on which a backup of the vault's keys may
		// still open what was destroyed; 0 when none does.
		BackupsUntil day.Day `json:"backups_until,omitempty"`
	}
	// Dismissed: the authority does not take the order up (avvisning).
	Dismissed struct {
		Ground string `json:"ground"`
		Reason string `json:"reason"`
	}
	// Withdrawn: the orderer takes the order back (återkallelse).
	Withdrawn struct {
		Reason string `json:"reason"`
		Mail   int    `json:"mail,omitempty"`
	}
)

// ReviewFinding is the answer to one question of the confidentiality review.
type ReviewFinding struct {
	Question   string `json:"question"`
	Assessment string `json:"assessment"`
	Holds      bool   `json:"holds"` // the answer speaks for disclosure
}

// FileSummary is a delivered file as everybody in the case may see it.
type FileSummary struct {
	Name    string     `json:"name"`
	Rows    int64      `json:"rows"`
	Persons int64      `json:"persons"`
	Bytes   int64      `json:"bytes"`
	SHA256  canon.Hash `json:"sha256"`
}

// CheckResult is one check on the finished files.
type CheckResult struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	SV    string `json:"sv,omitempty"`
	EN    string `json:"en,omitempty"`
}

// Reach is how far a register reaches in a snapshot, as the vault has measured
// it: the last day that can be ordered, of a register with a coverage rule, and
// the last date of payment. 0 is not known.
type Reach struct {
	Register   string  `json:"register"`
	Until      day.Day `json:"orderable_until,omitzero"`
	PaymentsTo day.Day `json:"payments_to,omitzero"`
}

// Compared counts what has become of the registers' rows since the first
// delivery of a renewed extraction. Lines is nil where that is not known.
type Compared struct {
	Since string       `json:"since"` // snapshot of the first delivery
	Lines []ChangeLine `json:"lines"`
}

// ChangeLine counts the rows of the population in the period of an extract,
// before its filters and shape.
type ChangeLine struct {
	Extract   string         `json:"extract"`
	Added     exposure.Count `json:"added"`     // come since
	Corrected exposure.Count `json:"corrected"` // known then, with another content
	Deleted   exposure.Count `json:"deleted"`   // known then and gone
}

// CountLine is a figure of the delivery note, such as persons not found.
type CountLine struct {
	Code  string `json:"code"`
	Count int64  `json:"count"`
}

// makers has one constructor for each event; a test compares it with the
// types of this package.
var makers = merged(wayEvents, dialogueEvents, documentEvents, deskEvents, moneyEvents, rulingEvents, timeEvents, kinEvents, callEvents, keyEvents, resealEvents, recallEvents, creditEvents, routeEvents)

// wayEvents are the events of the way that every order goes.
var wayEvents = map[string]func() Event{
	"submitted":              func() Event { return &Submitted{} },
	"acknowledged":           func() Event { return &Acknowledged{} },
	"supplement_requested":   func() Event { return &SupplementRequested{} },
	"supplemented":           func() Event { return &Supplemented{} },
	"completed":              func() Event { return &Completed{} },
	"quote_drafted":          func() Event { return &QuoteDrafted{} },
	"quote_returned":         func() Event { return &QuoteReturned{} },
	"draft_agreed":           func() Event { return &DraftAgreed{} },
	"reviewed":               func() Event { return &Reviewed{} },
	"decided":                func() Event { return &Decided{} },
	"decision_dispatched":    func() Event { return &DecisionDispatched{} },
	"quote_accepted":         func() Event { return &QuoteAccepted{} },
	"forbehall_acknowledged": func() Event { return &ForbehallAcknowledged{} },
	"medium_early":           func() Event { return &MediumEarly{} },
	"medium_settled":         func() Event { return &MediumSettled{} },
	"population_received":    func() Event { return &PopulationReceived{} },
	"population_checked":     func() Event { return &PopulationChecked{} },
	"extraction_ordered":     func() Event { return &ExtractionOrdered{} },
	"extracted":              func() Event { return &Extracted{} },
	"extraction_failed":      func() Event { return &ExtractionFailed{} },
	"released":               func() Event { return &Released{} },
	"delivered":              func() Event { return &Delivered{} },
	"sent_again":             func() Event { return &SentAgain{} },
	"receipt_confirmed":      func() Event { return &ReceiptConfirmed{} },
	"invoiced":               func() Event { return &Invoiced{} },
	"purge_ordered":          func() Event { return &PurgeOrdered{} },
	"purged":                 func() Event { return &Purged{} },
	"dismissed":              func() Event { return &Dismissed{} },
	"withdrawn":              func() Event { return &Withdrawn{} },
}

// EventTypes returns the stored names of all events, sorted.
func EventTypes() []string { return slices.Sorted(maps.Keys(makers)) }

func (*Submitted) Type() string             { return "submitted" }
func (*Acknowledged) Type() string          { return "acknowledged" }
func (*SupplementRequested) Type() string   { return "supplement_requested" }
func (*Supplemented) Type() string          { return "supplemented" }
func (*Completed) Type() string             { return "completed" }
func (*QuoteDrafted) Type() string          { return "quote_drafted" }
func (*QuoteReturned) Type() string         { return "quote_returned" }
func (*DraftAgreed) Type() string           { return "draft_agreed" }
func (*Reviewed) Type() string              { return "reviewed" }
func (*Decided) Type() string               { return "decided" }
func (*DecisionDispatched) Type() string    { return "decision_dispatched" }
func (*QuoteAccepted) Type() string         { return "quote_accepted" }
func (*ForbehallAcknowledged) Type() string { return "forbehall_acknowledged" }
func (*MediumEarly) Type() string           { return "medium_early" }
func (*MediumSettled) Type() string         { return "medium_settled" }
func (*PopulationReceived) Type() string    { return "population_received" }
func (*PopulationChecked) Type() string     { return "population_checked" }
func (*ExtractionOrdered) Type() string     { return "extraction_ordered" }
func (*Extracted) Type() string             { return "extracted" }
func (*ExtractionFailed) Type() string      { return "extraction_failed" }
func (*Released) Type() string              { return "released" }
func (*Delivered) Type() string             { return "delivered" }
func (*SentAgain) Type() string             { return "sent_again" }
func (*ReceiptConfirmed) Type() string      { return "receipt_confirmed" }
func (*Invoiced) Type() string              { return "invoiced" }
func (*PurgeOrdered) Type() string          { return "purge_ordered" }
func (*Purged) Type() string                { return "purged" }
func (*Dismissed) Type() string             { return "dismissed" }
func (*Withdrawn) Type() string             { return "withdrawn" }

// Encode returns the stored form of e: its type name and JSON.
func Encode(e Event) (name string, data []byte, err error) {
	data, err = json.Marshal(e)
	return e.Type(), data, err
}

// Decode is the reverse of [Encode]. An unknown type is an error: an old
// program must not act on a log it does not understand.
func Decode(name string, data []byte) (Event, error) {
	mk, ok := makers[name]
	if !ok {
		return nil, fmt.Errorf("event type %q is not known to this version", name)
	}
	e := mk()
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("event %s: %w", name, err)
	}
	return e, nil
}
