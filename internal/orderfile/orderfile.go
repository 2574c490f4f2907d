// Package orderfile reads a whole order written down as a file: who acts, what
// is asked for, and what everybody does on which day. docs/orderfile.md
// describes it; examples/ holds three.
//
// A file says what people do, never what the system answers: the rules, the
// store, the vault and the sealing that carry it out are the ones of every
// other order.
package orderfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
)

// Version is the format this package reads.
const Version = "sluss/order/v1"

// File is an order from the first application to the last purge.
type File struct {
	Order       string             `json:"order"` // Version
	Authority   Authority          `json:"authority,omitzero"`
	People      []Person           `json:"people"`
	Application intake.Application `json:"application"`
	Files       map[string]string  `json:"files"` // attachment id -> path
	Acts        []Act              `json:"acts"`
}

// Authority overrides parts of the built-in authority.
type Authority struct {
	PurgeRule *string  `json:"purge_rule,omitempty"` // gallringsbeslut; "" takes it away
	Deciders  []string `json:"deciders,omitempty"`
}

// Person acts in one or several roles.
type Person struct {
	ID    string       `json:"id"`
	Name  string       `json:"name"`
	Roles []order.Role `json:"roles"`
	line  int
}

// Act is what somebody does on a day. Which fields it takes depends on Do.
type Act struct {
	On   day.Day    `json:"on"`
	By   string     `json:"by"`
	As   order.Role `json:"as,omitempty"` // when By has several roles
	Do   string     `json:"do"`
	Line int        `json:"-"` // of the file

	Text     string            `json:"text,omitempty"`
	Parts    []string          `json:"parts,omitempty"`
	DueDays  int               `json:"due_days,omitempty"`
	Change   json.RawMessage   `json:"change,omitempty"` // JSON merge patch of the application
	Quote    *Quote            `json:"quote,omitempty"`
	Findings map[string]string `json:"findings,omitempty"` // question -> assessment
	Decision *Decision         `json:"decision,omitempty"`
	File     string            `json:"file,omitempty"`
	Road     string            `json:"road,omitempty"`
	Seal     bool              `json:"seal,omitempty"` // the supplier seals before sending
	Spec     *Spec             `json:"spec,omitempty"`
	Person   string            `json:"person,omitempty"`
	Medium   int               `json:"medium,omitempty"`
	How      string            `json:"how,omitempty"`
	Hash     string            `json:"hash,omitempty"` // of quote or manifest; default the one at hand
	Ground   string            `json:"ground,omitempty"`

	Data      []intake.Wish `json:"data,omitempty"`      // propose_data
	Supplier  string        `json:"supplier,omitempty"`  // call_population: id of an agreed supplier
	Reference string        `json:"reference,omitempty"` // and its own reference
	Closes    day.Day       `json:"closes,omitzero"`     // and the last day of the window
}

// Quote is what a handler enters; hours in hundredths are written 4 or 2.25.
type Quote struct {
	Form      string             `json:"form"`
	Hours     map[string]float64 `json:"hours"`
	VAT       string             `json:"vat"`
	VATReason string             `json:"vat_reason,omitempty"`
	NoFee     string             `json:"no_fee,omitempty"` // the provision
	Text      catalog.Text       `json:"text,omitzero"`
	ValidTo   day.Day            `json:"valid_to,omitzero"`
}

// Decision is what the decision maker decides. Order, catalogue, recipient's
// key, hashes and signature are added where it is carried out.
type Decision struct {
	ID              string             `json:"id"`
	Rapporteur      string             `json:"rapporteur"`
	Rows            []plan.Row         `json:"rows"`
	Persons         plan.Persons       `json:"persons"`
	Identity        plan.IdentityBound `json:"identity"`
	Formats         []string           `json:"formats"`
	Deliveries      int                `json:"deliveries"`
	Expires         day.Day            `json:"expires"`
	Reasons         catalog.Text       `json:"reasons"`
	Provisions      []string           `json:"provisions"`
	Forbehall       *order.Forbehall   `json:"forbehall,omitempty"`
	NoForbehall     string             `json:"no_forbehall,omitempty"`
	Presumption     string             `json:"presumption,omitempty"` // why a statistics order from anybody is granted
	RetentionMonths int                `json:"retention_months"`
	Appeal          catalog.Text       `json:"appeal,omitzero"`
	Quote           *Quote             `json:"quote,omitempty"`
}

// Spec is what the statistician plans. Order, decision, catalogue, snapshot
// and population are bound where it is carried out.
type Spec struct {
	Anchors  []string       `json:"anchors,omitempty"`
	Groups   []string       `json:"groups,omitempty"`
	Snapshot string         `json:"snapshot,omitempty"` // short for as_of with a snapshot; default the newest
	AsOf     *plan.AsOf     `json:"as_of,omitempty"`    // a snapshot, or an instant: the newest snapshot by then
	Identity string         `json:"identity,omitempty"` // default project_serial
	Extracts []plan.Extract `json:"extracts"`
}

// maxSize bounds an order file.
const maxSize = 1 << 20

// Read reads an order file called name (for messages).
//
// It returns a *fault.Fault of class Input that names line and field for
// anything that is not an order file: broken YAML, an unknown or misspelt
// field, a value of the wrong type, an act by an unknown person.
func Read(r io.Reader, name string) (*File, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return nil, unreadable(name, 0, "", err)
	}
	if len(raw) > maxSize {
		return nil, unreadable(name, 0, "", errors.New("larger than 1 MiB"))
	}
	t, err := parse(raw)
	if err == nil {
		err = t.fits(reflect.TypeFor[File](), "")
	}
	if err != nil {
		return nil, located(name, err)
	}
	asJSON, err := json.Marshal(t.plain())
	if err != nil {
		return nil, unreadable(name, 0, "", err)
	}
	var f File
	if err := decode(asJSON, &f); err != nil {
		return nil, unreadable(name, 0, "", err)
	}
	if acts := t.at("acts"); acts != nil {
		for i := range f.Acts {
			f.Acts[i].Line = acts.items[i].line
		}
	}
	if people := t.at("people"); people != nil {
		for i := range f.People {
			f.People[i].line = people.items[i].line
		}
	}
	return &f, f.check(name)
}

// located tells a failure of the reader.
func located(name string, err error) error {
	if f, ok := errors.AsType[*fail](err); ok {
		return unreadable(name, f.line, f.path, f.err)
	}
	return unreadable(name, 0, "", err)
}

func decode(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

func (f *File) check(name string) error {
	if f.Order != Version {
		return unreadable(name, 1, "order", fmt.Errorf("want %s", Version))
	}
	people := map[string]Person{}
	for _, p := range f.People {
		if p.ID == "" || p.ID == calendar || strings.ContainsAny(p.ID, " +\n") || people[p.ID].ID != "" || len(p.Roles) == 0 {
			return unreadable(name, p.line, "people", errors.New("every person has an id of its own, without space or +, and a role"))
		}
		for _, r := range p.Roles {
			if !slices.Contains(roles, r) {
				return unreadable(name, p.line, "people.roles", errors.New("not a role of people"))
			}
		}
		people[p.ID] = p
	}
	if len(f.Acts) == 0 {
		return unreadable(name, 0, "acts", errors.New("no acts"))
	}
	before := day.Day(0)
	for i := range f.Acts {
		a := &f.Acts[i]
		p, ok := people[a.By]
		switch {
		case !ok && a.By != calendar:
			return unreadable(name, a.Line, "acts.by", errors.New("not one of the people"))
		case a.On == 0:
			return unreadable(name, a.Line, "acts.on", errors.New("missing"))
		case a.On < before:
			return unreadable(name, a.Line, "acts.on", errors.New("before the act above it"))
		case a.Do == "":
			return unreadable(name, a.Line, "acts.do", errors.New("missing"))
		}
		if a.Spec != nil && !a.Spec.pinsOne() {
			return unreadable(name, a.Line, "acts.spec.as_of", errors.New("one of snapshot and instant, an instant as 2026-11-01T00:00:00Z, and nothing beside it in spec.snapshot"))
		}
		if a.As == "" && len(p.Roles) > 0 {
			a.As = p.Roles[0]
		}
		if a.As != "" && !slices.Contains(p.Roles, a.As) {
			return unreadable(name, a.Line, "acts.as", errors.New("not a role of who acts"))
		}
		before = a.On
	}
	return nil
}

// pinsOne reports whether the specification says at most once what the
// registers knew.
func (s *Spec) pinsOne() bool {
	if s.AsOf == nil {
		return true
	}
	_, err := time.Parse(time.RFC3339, s.AsOf.Instant)
	return s.Snapshot == "" && (s.AsOf.Snapshot == "") != (s.AsOf.Instant == "") && (s.AsOf.Instant == "" || err == nil)
}

// calendar acts when a date comes.
const calendar = "calendar"

// roles are those that people have; vault and calendar are nobody.
var roles = []order.Role{
	order.RoleOrderer, order.RoleRepresentative, order.RoleHandler, order.RoleReviewer, order.RoleDecider, order.RoleStatistician,
	order.RoleReleaser, order.RoleSupplier, order.RoleFinance, order.RoleRegistrar,
}

func unreadable(name string, line int, field string, err error) error {
	f := fault.New("orderfile.unreadable", "Beställningsfilen går inte att läsa här.", "The order file cannot be read here.")
	if err != nil {
		if text := plain(err); text != "" {
			f.SV, f.EN = "Beställningsfilen går inte att läsa här: "+text+".", "The order file cannot be read here: "+text+"."
		}
	}
	return f.Do("Rätta filen; docs/orderfile.md beskriver den.", "Mend the file; docs/orderfile.md describes it.").
		At(fault.Where{File: name, Line: line, Column: field}).Because(err)
}

// plain keeps the first line of a message.
func plain(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(strings.TrimPrefix(text, "json: "), ".")
}

func lineOf(err error) int {
	var line, col int
	if _, e := fmt.Sscanf(err.Error(), "[%d:%d]", &line, &col); e == nil {
		return line
	}
	return 0
}
