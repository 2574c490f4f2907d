package order

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/plan"
)

// The call (avrop) for a population file: with the decision, a supplier that
// the authority has agreed digital delivery with is told what file to make and
// how to seal it. The call is signed; whoever has the counter's public key can
// check it without asking.

// CallVersion is the format of calls.
const CallVersion = "sluss/avrop/v1"

// Supplier is an organisation that may deliver population files digitally.
type Supplier struct {
	ID      string `json:"id"`
	Name    string `json:"name"` // as applications name it
	Contact string `json:"contact"`
	Email   string `json:"email"`
}

// Call is the avrop.
type Call struct {
	Type      string     `json:"type"` // CallVersion
	Authority string     `json:"authority"`
	Order     string     `json:"order"`     // our reference
	Reference string     `json:"reference"` // the supplier's
	Supplier  Supplier   `json:"supplier"`
	Decision  plan.Ref   `json:"decision"`
	Scope     canon.Hash `json:"scope"`
	// The file: identity column, column of foreign löpnummer when there is one,
	// and the others with their types.
	ID         string                 `json:"id"`
	Serial     string                 `json:"serial,omitempty"`
	Columns    []plan.PopulationExtra `json:"columns,omitempty"`
	Rows       int                    `json:"rows"` // expected, at most what is decided
	Opens      day.Day                `json:"opens"`
	Closes     day.Day                `json:"closes"`      // last day
	SealingKey string                 `json:"sealing_key"` // age recipient of the vault
	Date       day.Day                `json:"date"`
}

// Hash identifies the call.
func (c Call) Hash() (canon.Hash, error) { return canon.Of(c) }

// PopulationCalled: the supplier has been asked for the file.
type PopulationCalled struct {
	Call Call       `json:"call"`
	Hash canon.Hash `json:"hash"`
	Note string     `json:"note"` // signed by the counter
}

// Type returns population_called.
func (*PopulationCalled) Type() string { return "population_called" }

func (ev *PopulationCalled) apply(s State, _ Entry) State {
	s.Call = &ev.Call
	return s
}

var callEvents = map[string]func() Event{"population_called": func() Event { return &PopulationCalled{} }}

// MakeCall writes the call for the decided population. Rows 0 means what is
// decided at most.
func MakeCall(s State, a *Authority, supplier, reference string, rows int, opens, closes, on day.Day, sealingKey string) (Call, error) {
	i := slices.IndexFunc(a.Suppliers, func(x Supplier) bool { return x.ID == supplier })
	switch {
	case MediumGate(s) != nil:
		return Call{}, MediumGate(s)
	case !s.PopulationDue():
		return Call{}, refuse("population_not_due", 3, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 c", "Beslutet väntar ingen populationsfil.", "The decision expects no population file.")
	case i < 0 || a.Suppliers[i].Name != s.Application.Population.Holder:
		return Call{}, refuse("supplier", 1, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Bara en avtalad leverantör som har populationen kan leverera digitalt; andra skickar med rekommenderad post.", "Only an agreed supplier that holds the population can deliver digitally; others send by registered post.")
	}
	p := s.Decision.Scope.Persons
	if rows == 0 {
		rows = p.Max
	}
	ref, err := s.Decision.Ref()
	return Call{
		Type: CallVersion, Authority: a.ID, Order: s.ID, Reference: reference, Supplier: a.Suppliers[i], Decision: ref, Scope: s.Decision.ScopeHash,
		ID: p.ID, Serial: p.Serial, Columns: p.Columns, Rows: rows, Opens: opens, Closes: closes, SealingKey: sealingKey, Date: on,
	}, err
}

// CallPopulation sends the call. Signature is the counter's: it says what the
// decision says, and no person's judgement.
type CallPopulation struct {
	Call      Call
	Signature string
}

// Name returns call_population.
func (CallPopulation) Name() string { return "call_population" }

// Roles that may call.
func (CallPopulation) Roles() []Role { return []Role{RoleHandler, RoleRegistrar} }

// Decide refuses a call that is not what the decision gives, one without
// window, reference or sealing key, and one after a file has been accepted.
func (c CallPopulation) Decide(s State, ctx Context) ([]Event, error) {
	k := c.Call
	want, err := MakeCall(s, ctx.Authority, k.Supplier.ID, k.Reference, k.Rows, k.Opens, k.Closes, ctx.Day(), k.SealingKey)
	if err != nil {
		return nil, err
	}
	h, err := k.Hash()
	if err != nil {
		return nil, err
	}
	again, err := want.Hash()
	switch {
	case err != nil:
		return nil, err
	case h != again:
		return nil, refuse("call_content", 3, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 c", "Avropet är inte det som beslutet ger.", "The call is not what the decision gives.")
	case k.Reference == "" || k.SealingKey == "" || k.Opens < ctx.Day() || k.Closes < k.Opens || k.Rows < 1 || k.Rows > s.Decision.Scope.Persons.Max:
		return nil, input("call", "Ange leverantörens referens, ett fönster framåt i tiden, väntat antal rader inom beslutet och valvets nyckel.", "Give the supplier's reference, a window ahead, the expected number of rows within the decision and the vault's key.")
	case s.Population != nil && s.Population.Accepted:
		return nil, wrongState("population_twice", "En godkänd populationsfil finns redan.", "An accepted population file is there already.")
	}
	return []Event{&PopulationCalled{Call: k, Hash: h, Note: c.Signature}}, nil
}

// byUpload refuses an upload by anybody but an agreed supplier that has been
// called, within the window of the call. Others send by registered post. An
// authority that has agreed with nobody takes uploads from everybody.
func byUpload(s State, ctx Context) error {
	if len(ctx.Authority.Suppliers) == 0 {
		return nil
	}
	if ctx.By.Role != RoleSupplier || !slices.ContainsFunc(ctx.Authority.Suppliers, func(x Supplier) bool { return x.Name == s.Application.Population.Holder }) {
		f := refuse("upload_road", 1, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Filen tas inte emot den här vägen.", "The file is not taken in by this road.")
		return f.Do("Skicka den med rekommenderad post, eller låt en avtalad leverantör leverera.", "Send it by registered post, or let an agreed supplier deliver.")
	}
	if s.Call == nil {
		return refuse("not_called", 1, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Inget avrop är gjort för filen.", "The file has not been called for.")
	}
	if d := ctx.Day(); d < s.Call.Opens || d > s.Call.Closes {
		return refuse("call_window", 1, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Avropets tid är inte inne eller har gått ut.", "The time of the call has not come or is over.").Do("Be om ett nytt avrop.", "Ask for another call.")
	}
	return nil
}

var callCommands = []Command{CallPopulation{}}

var callStory = map[string]Line{
	"population_called": told("Populationsfilen avropades", "The population file was called for", "beslutet är expedierat; avtalad leverantör; avropet är undertecknat", "the decision has been dispatched; an agreed supplier; the call is signed", "OSL 24 kap. 8 §; dataskyddsförordningen art. 32"),
}

// told is a line of the story.
func told(sv, en, checkedSV, checkedEN, law string) Line {
	return Line{catalog.Text{SV: sv, EN: en}, catalog.Text{SV: checkedSV, EN: checkedEN}, law}
}
