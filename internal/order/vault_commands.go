package order

import (
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// TakeMedium says that a population or key file has come. Before a disclosing
// decision the answer is a [MediumEarly]: it is logged and not read, and the
// caller keeps nothing of it (promise 1). Afterwards Blob, SHA256 and Bytes
// describe the sealed file.
type TakeMedium struct {
	Blob   string
	SHA256 canon.Hash
	Bytes  int64
	Road   string
	// Tracking is the number of the registered letter of a medium that is read
	// at the vault: it never passes the counter, and Blob is "".
	Tracking string
}

// Name returns take_medium.
func (TakeMedium) Name() string { return "take_medium" }

// Roles that may hand a file in.
func (TakeMedium) Roles() []Role { return []Role{RoleSupplier, RoleRegistrar, RoleOrderer} }

// MediumGate returns nil when a population file may be taken in, else the
// refusal. Callers ask before they read the first byte.
func MediumGate(s State) error {
	if s.Ended != "" || s.Purged {
		return wrongState("ended", "Ärendet är avslutat.", "The case has ended.")
	}
	if err := need(s, GateDecision); err != nil {
		return err
	}
	if !s.Dispatched || s.Reopened != "" && s.Reopened != KindCorrection {
		return GateByID(GateDecision).Shut()
	}
	return nil
}

// Decide logs an early medium, refuses one that is not due or comes by another
// road than upload or post, and otherwise takes it.
func (c TakeMedium) Decide(s State, ctx Context) ([]Event, error) {
	id := s.Arrivals + 1
	if c.Road != "upload" && c.Road != "post" {
		return nil, input("road", "Filen kommer som uppladdning (upload) eller med post (post).", "The file comes as an upload or by post.")
	}
	if MediumGate(s) != nil {
		return []Event{&MediumEarly{ID: id, Road: c.Road}}, nil
	}
	switch {
	case !s.PopulationDue():
		return nil, refuse("population_not_due", 3, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 c", "Beslutet väntar ingen populationsfil.", "The decision expects no population file.")
	case s.Population != nil && s.Population.Accepted:
		return nil, wrongState("population_twice", "En godkänd populationsfil finns redan.", "An accepted population file is there already.")
	case s.Population != nil && !s.Population.Checked:
		return nil, wrongState("population_waiting", "En populationsfil väntar redan på kontroll.", "A population file is waiting for its check already.")
	}
	if c.Road == "upload" {
		if err := byUpload(s, ctx); err != nil {
			return nil, err
		}
	}
	number, valid := TrackingNumber(c.Tracking)
	byLetter := c.Road == "post" && ctx.By.Role == RoleRegistrar && c.Blob == ""
	if byLetter && !valid {
		return nil, input("tracking", "Skriv brevets nummer: bokstäver A–Z, siffror och bindestreck, högst 40 tecken.", "Write the number of the letter: letters A–Z, digits and hyphens, at most 40 characters.")
	}
	if !byLetter && (c.Blob == "" || c.SHA256 == "") {
		return nil, input("medium_empty", "Filen är inte mottagen. Ett medium som läses i valvet registreras av registratorn med brevets nummer.", "The file has not been received. A medium that is read at the vault is registered by the registrar with the number of its letter.")
	}
	return []Event{&PopulationReceived{ID: id, Blob: c.Blob, SHA256: c.SHA256, Bytes: c.Bytes, Road: c.Road, Tracking: number}}, nil
}

// SettleMedium says that an early medium was returned or destroyed.
type SettleMedium struct {
	ID  int
	How string
}

// Name returns settle_medium.
func (SettleMedium) Name() string { return "settle_medium" }

// Roles that may settle.
func (SettleMedium) Roles() []Role { return []Role{RoleRegistrar, RoleHandler} }

// Decide refuses an unknown medium, one that is settled, and other ways.
func (c SettleMedium) Decide(s State, _ Context) ([]Event, error) {
	if c.How != "returned" && c.How != "destroyed" {
		return nil, input("settle", "Mediet återsänds (returned) eller förstörs (destroyed).", "The medium is returned or destroyed.")
	}
	for _, e := range s.Early {
		if e.ID == c.ID && e.How == "" {
			return []Event{&MediumSettled{ID: c.ID, How: c.How}}, nil
		}
	}
	return nil, wrongState("no_medium", "Det finns inget sådant medium att ta hand om.", "There is no such medium to settle.")
}

// Counts of a checked population of organisations: who they are, and whom the
// decision leaves out.
const (
	CountOrganisations   = "organisations"
	CountTraders         = "traders"
	CountTradersExcluded = "traders_excluded"
)

// RecordPopulationCheck is the vault's report on a population file.
type RecordPopulationCheck struct{ PopulationChecked }

// Name returns record_population_check.
func (RecordPopulationCheck) Name() string { return "record_population_check" }

// Roles: the vault.
func (RecordPopulationCheck) Roles() []Role { return []Role{RoleEngine} }

// Decide refuses a report on another file than the one that waits, and one
// that accepts more persons than the decision does (promise 3).
func (c RecordPopulationCheck) Decide(s State, _ Context) ([]Event, error) {
	if s.Population == nil || s.Population.ID != c.ID || s.Population.Checked {
		return nil, wrongState("no_population", "Ingen populationsfil väntar på kontroll.", "No population file is waiting for a check.")
	}
	if c.Accepted && (c.Persons < 1 || !s.Discloses() || c.Persons > s.Decision.Scope.Persons.Max || c.Intake.SHA256 == "") {
		return nil, refuse("population_bounds", 3, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 c", "Populationen är tom eller större än beslutet medger.", "The population is empty or larger than the decision allows.")
	}
	ev := c.PopulationChecked
	return []Event{&ev}, nil
}

// OrderExtraction binds a specification and hands it to the vault. Note is the
// statistician's signature over it.
type OrderExtraction struct {
	Spec plan.Spec
	Note string
}

// Name returns order_extraction.
func (OrderExtraction) Name() string { return "order_extraction" }

// Roles that may order extraction.
func (OrderExtraction) Roles() []Role { return []Role{RoleStatistician} }

// Decide refuses before decision, accepted quote and checked population
// (promise 2), and a specification that is wrong or wider than the decision
// (promise 3).
func (c OrderExtraction) Decide(s State, ctx Context) ([]Event, error) {
	if s.Reopened != "" {
		return nil, reopenedNow()
	}
	if err := need(s, GateDecision, GateQuote, GatePopulation); err != nil {
		if f, ok := err.(*fault.Fault); ok && f.Rule == string(GateDecision) {
			f.Promise = 2
		}
		return nil, err
	}
	switch {
	case s.Running:
		return nil, wrongState("extraction_running", "Ett uttag pågår redan.", "An extraction is running already.")
	case s.Replacing:
		if err := replacement(c, s); err != nil {
			return nil, err
		}
	case s.Released || s.Delivery != nil: // delivered, and nothing of it is replaced (any more)
		return nil, wrongState("extraction_released", "Ett uttag är redan frisläppt.", "An extraction has been released already.")
	}
	if ps := c.Spec.Problems(ctx.Catalogue); len(ps) > 0 {
		f := input("spec_invalid", "Specifikationen går inte att köra: "+ps[0].SV, "The specification cannot be run: "+ps[0].EN)
		return nil, f.At(fault.Where{Column: ps[0].Path})
	}
	ref, err := s.Decision.Ref()
	if err != nil {
		return nil, err
	}
	facts := plan.Facts{Decision: ref, Today: ctx.Day()}
	if s.Population != nil {
		facts.Intake, facts.Persons = s.Population.Intake, s.Population.Persons
	}
	if vs := plan.Within(c.Spec, s.Decision.Scope, facts, ctx.Catalogue); len(vs) > 0 {
		f := refuse("outside_decision", 3, "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §", vs[0].SV, vs[0].EN)
		return nil, f.At(fault.Where{Column: vs[0].Path})
	}
	h, err := c.Spec.Hash()
	if err != nil {
		return nil, err
	}
	return []Event{&ExtractionOrdered{Spec: c.Spec, Hash: h, Note: c.Note}}, nil
}

// reopenedNow refuses what rests on a decision that is being made anew.
func reopenedNow() error {
	return wrongState("reopened", "Ärendet är upptaget till nytt beslut: invänta det.", "The case is open for a new decision: wait for it.")
}

// RecordExtraction is the vault's report on finished files.
type RecordExtraction struct{ Extracted }

// Name returns record_extraction.
func (RecordExtraction) Name() string { return "record_extraction" }

// Roles: the vault.
func (RecordExtraction) Roles() []Role { return []Role{RoleEngine} }

// Decide refuses a report on another specification than the one that runs, and
// one without a manifest to release.
func (c RecordExtraction) Decide(s State, _ Context) ([]Event, error) {
	if !s.Running || c.Spec != s.SpecHash || c.Manifest == "" {
		return nil, wrongState("no_extraction", "Inget sådant uttag pågår.", "No such extraction is running.")
	}
	ev := c.Extracted
	return []Event{&ev}, nil
}

// RecordFailure is the vault's report that an extraction could not be made.
type RecordFailure struct{ ExtractionFailed }

// Name returns record_failure.
func (RecordFailure) Name() string { return "record_failure" }

// Roles: the vault.
func (RecordFailure) Roles() []Role { return []Role{RoleEngine} }

// Decide refuses a report on another specification than the one that runs.
func (c RecordFailure) Decide(s State, _ Context) ([]Event, error) {
	if !s.Running || c.Spec != s.SpecHash {
		return nil, wrongState("no_extraction", "Inget sådant uttag pågår.", "No such extraction is running.")
	}
	ev := c.ExtractionFailed
	return []Event{&ev}, nil
}

// Release lets exactly one manifest out. Note is the releaser's signature over
// it. Why is needed where the disclosure report is red, and is written in the
// case.
type Release struct {
	Manifest canon.Hash
	Note     string
	Why      string
}

// Name returns release.
func (Release) Name() string { return "release" }

// Roles that may release.
func (Release) Roles() []Role { return []Role{RoleReleaser} }

// Decide refuses a red disclosure report without a reason, files that have not passed the check, the person who ran the
// extraction (promise 13), another manifest, and a förbehåll that is not
// acknowledged (promise 7).
func (c Release) Decide(s State, ctx Context) ([]Event, error) {
	if s.Reopened != "" {
		return nil, reopenedNow()
	}
	if err := need(s, GateDecision, GateQuote, GatePopulation, GateEgress, GateForbehall); err != nil {
		return nil, err
	}
	switch {
	case s.PurgeOpen || s.Purged:
		return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case s.Released:
		return nil, wrongState("released_twice", "Leveransen är redan frisläppt.", "The delivery has been released already.")
	case ctx.By.ID == s.ExtractedBy:
		return nil, refuse("four_eyes", 13, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Den som har gjort uttaget får inte släppa det.", "Whoever ran the extraction may not release it.")
	case s.keyConfirmed(s.RecipientNow()) != nil:
		return nil, s.keyConfirmed(s.RecipientNow())
	case c.Manifest != s.Extracted.Manifest:
		return nil, refuse("other_manifest", 13, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 f", "Godkännandet gäller ett annat innehåll än det som ligger klart.", "The approval is for another content than what lies ready.")
	}
	why := strings.TrimSpace(c.Why)
	if s.Exposed() && why == "" {
		return nil, refuse("red_without_reason", 13, "dataskyddsförordningen (EU) 2016/679 artikel 89.1", "Röjanderapporten är röd. Skriv varför filerna ändå kan lämnas ut.", "The disclosure report is red. Write why the files can be let out all the same.")
	}
	return []Event{&Released{Manifest: c.Manifest, Note: c.Note, Why: why}}, nil
}

// RecordDelivery says that the sealed parcel has been dispatched or lies ready
// to be fetched; it starts the clocks of invoice and purge.
type RecordDelivery struct {
	Manifest canon.Hash
	Blob     string
	SHA256   canon.Hash
	Bytes    int64
}

// Name returns record_delivery.
func (RecordDelivery) Name() string { return "record_delivery" }

// Roles: the vault.
func (RecordDelivery) Roles() []Role { return []Role{RoleEngine} }

// Decide refuses before release and another manifest.
func (c RecordDelivery) Decide(s State, ctx Context) ([]Event, error) {
	if err := need(s, GateRelease); err != nil {
		return nil, err
	}
	if s.Delivery != nil && !s.Replacing || c.Manifest != s.Extracted.Manifest {
		return nil, wrongState("delivered_twice", "Leveransen är redan gjord eller gäller annat innehåll.", "The delivery has been made already or has other content.")
	}
	on := ctx.Day()
	first, last := InvoiceWindow(on)
	if d := s.Delivery; d != nil { // the same disclosure: its clocks go on
		return []Event{&Delivered{
			Manifest: c.Manifest, Blob: c.Blob, SHA256: c.SHA256, Bytes: c.Bytes, Route: s.Route(),
			On: on, PurgeOn: d.PurgeOn, BillFrom: d.BillFrom, BillTo: d.BillTo, Replaces: true,
		}}, nil
	}
	return []Event{&Delivered{
		Manifest: c.Manifest, Blob: c.Blob, SHA256: c.SHA256, Bytes: c.Bytes, Route: s.Route(),
		On: on, PurgeOn: PurgeDate(on, s.Decision.RetentionMonths), BillFrom: first, BillTo: last,
	}}, nil
}

// ConfirmReceipt says that the recipient has opened and verified the parcel.
type ConfirmReceipt struct {
	Manifest canon.Hash
	Behalf
}

// Name returns confirm_receipt.
func (ConfirmReceipt) Name() string { return "confirm_receipt" }

// Roles that may confirm.
func (ConfirmReceipt) Roles() []Role { return []Role{RoleOrderer, RoleRepresentative, RoleRegistrar} }

// Decide refuses a receipt for something else than what was delivered.
func (c ConfirmReceipt) Decide(s State, ctx Context) ([]Event, error) {
	if err := c.check(s, ctx); err != nil {
		return nil, err
	}
	if s.Delivery == nil {
		return nil, wrongState("not_delivered", "Inget är levererat.", "Nothing has been delivered.")
	}
	if err := s.recalledNow(); err != nil {
		return nil, err
	}
	if err := s.posted(); err != nil {
		return nil, err
	}
	if c.Manifest != s.Delivery.Manifest {
		return nil, refuse("other_manifest", 13, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 f", "Kvittot gäller ett annat innehåll än det levererade.", "The receipt is for another content than what was delivered.")
	}
	return []Event{&ReceiptConfirmed{Manifest: c.Manifest, Mail: c.Mail}}, nil
}

// SendAgain dispatches the same parcel once more; a faulty or lost delivery
// replaced from the same scope and snapshot is the same disclosure.
type SendAgain struct{ Reason string }

// Name returns send_again.
func (SendAgain) Name() string { return "send_again" }

// Roles that may send again.
func (SendAgain) Roles() []Role { return []Role{RoleHandler, RoleOrderer} }

// Decide refuses before delivery and from the purge date on (promise 10).
func (c SendAgain) Decide(s State, ctx Context) ([]Event, error) {
	switch {
	case s.Delivery == nil:
		return nil, wrongState("not_delivered", "Inget är levererat.", "Nothing has been delivered.")
	case s.PurgeOpen || ctx.Day() >= s.Delivery.PurgeOn:
		return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	}
	if err := s.recalledNow(); err != nil {
		return nil, err
	}
	if s.ByPost() {
		if err := s.postable(); err != nil {
			return nil, err
		}
		if s.AwaitsPosting() {
			return nil, wrongState("stick_due", "Ett minne ska redan postas.", "A stick is to be posted already.")
		}
	}
	return []Event{&SentAgain{SHA256: s.Delivery.SHA256, Reason: c.Reason}}, nil
}

// IssueInvoice hands the invoice basis to the finance system: the accepted
// quote plus the changes that the principal has approved, for the hours that
// are noted on the order. Worked, when it is given, is what was worked instead
// of what is noted.
type IssueInvoice struct{ Worked []quote.Hours }

// Name returns issue_invoice.
func (IssueInvoice) Name() string { return "issue_invoice" }

// Roles that may invoice.
func (IssueInvoice) Roles() []Role { return []Role{RoleFinance} }

// Decide refuses before delivery, before the first day of the window, twice,
// and where nothing is to be paid. An order that was taken back after its
// quote had been accepted is invoiced by the authority's policy.
func (c IssueInvoice) Decide(s State, ctx Context) ([]Event, error) {
	hours := c.Worked
	if len(hours) == 0 {
		hours = s.Worked()
	}
	switch {
	case s.Invoice != nil:
		return nil, wrongState("invoiced_twice", "Beställningen är redan fakturerad.", "The order has been invoiced already.")
	case s.Ended == PhaseWithdrawn && s.Accepted:
		return c.ended(s, hours, ctx)
	case s.Delivery == nil || s.Quote == nil:
		return nil, wrongState("not_delivered", "Inget är levererat.", "Nothing has been delivered.")
	case s.Quote.NoFee != nil:
		return nil, wrongState("no_fee", "Beställningen är avgiftsfri.", "The order has no fee.")
	case s.Recalled:
		return nil, s.recalledNow()
	case ctx.Day() < s.Delivery.BillFrom:
		return nil, wrongState("invoice_early", "Fakturan skickas tidigast en månad efter leveransen.", "The invoice is sent one month after delivery at the earliest.")
	}
	if err := worked(s.Quote.Form, hours); err != nil {
		return nil, err
	}
	inv, err := quote.BillWith(*s.Quote, s.Amendments(), hours, ctx.Day())
	return invoiced(inv, err)
}

// ended invoices an order that was taken back.
func (c IssueInvoice) ended(s State, hours []quote.Hours, ctx Context) ([]Event, error) {
	inv, due, err := quote.BillEnded(*s.Quote, &quote.Acceptance{On: swede.CivilDay(s.AcceptedAt)}, ctx.Authority.Withdrawal, s.Amendments(), hours, ctx.Day())
	if err == nil && !due {
		return nil, wrongState("nothing_due", "Inget ska betalas för den återkallade beställningen.", "Nothing is to be paid for the withdrawn order.")
	}
	return invoiced(inv, err)
}

func invoiced(inv quote.Invoice, err error) ([]Event, error) {
	if err != nil {
		return nil, input("invoice", "Fakturan går inte att räkna ut.", "The invoice cannot be worked out.").Because(err)
	}
	h, err := canon.Of(inv)
	if err != nil {
		return nil, err
	}
	return []Event{&Invoiced{Invoice: inv, Hash: h}}, nil
}

// worked checks the hours of an invoice; a fixed quote is billed as it stands.
func worked(form string, hours []quote.Hours) error {
	if form == quote.FormFixed {
		return nil
	}
	bad := len(hours) == 0 || slices.ContainsFunc(hours, func(h quote.Hours) bool {
		return h.Centis <= 0 || h.Centis > 1_000_000 || !slices.Contains([]string{quote.Dialogue, quote.Review, quote.Extraction}, h.Kind)
	})
	if bad {
		return input("invoice_hours", "Ange nedlagda timmar per slag: dialogue, review och extraction.", "Give the hours worked of each kind: dialogue, review and extraction.")
	}
	return nil
}

// OrderPurge tells the vault to destroy everything it holds for the order.
type OrderPurge struct{}

// Name returns order_purge.
func (OrderPurge) Name() string { return "order_purge" }

// Roles that may order it.
func (OrderPurge) Roles() []Role { return []Role{RoleRegistrar, RoleClock} }

// Decide refuses before the purge date, without a named gallringsbeslut
// (promise 10), and twice. A case that ended early is purged at once.
func (OrderPurge) Decide(s State, ctx Context) ([]Event, error) {
	const law = "arkivlagen (1990:782) 10 §"
	reason := "due"
	switch {
	case s.Purged || s.PurgeOpen:
		return nil, nil // a second run changes nothing
	case ctx.Authority.PurgeRule == "":
		return nil, refuse("no_purge_rule", 10, law, "Gallringen saknar stöd: ange gallringsbeslut.", "The purge has no basis: name the gallringsbeslut.")
	case s.Ended != "":
		reason = string(s.Ended)
	case s.Delivery == nil:
		return nil, wrongState("nothing_to_purge", "Inget är levererat.", "Nothing has been delivered.")
	case ctx.Day() < s.Delivery.PurgeOn:
		return nil, refuse("purge_early", 10, law, "Gallringsdagen har inte kommit: filerna ska kunna levereras igen till dess.", "The purge date has not come: the files must be deliverable again until then.")
	}
	return []Event{&PurgeOrdered{Reason: reason, Rule: ctx.Authority.PurgeRule}}, nil
}

// RecordPurge is the vault's signed protocol.
type RecordPurge struct{ Purged }

// Name returns record_purge.
func (RecordPurge) Name() string { return "record_purge" }

// Roles: the vault.
func (RecordPurge) Roles() []Role { return []Role{RoleEngine} }

// Decide refuses a protocol that nobody ordered.
func (c RecordPurge) Decide(s State, _ Context) ([]Event, error) {
	if !s.PurgeOpen {
		return nil, wrongState("no_purge", "Ingen gallring är beställd.", "No purge has been ordered.")
	}
	ev := c.Purged
	return []Event{&ev}, nil
}
