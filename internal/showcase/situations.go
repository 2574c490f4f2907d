package showcase

// Situation names what a case shows. Pages and tests ask for a case by it; a
// test sees that each is true of its case.
type Situation string

// Before a decision.
const (
	New               Situation = "new"                 // handed in, nobody has looked
	Late              Situation = "late"                // a clock has run out
	Soon              Situation = "soon"                // one runs out within days
	WaitingForOrderer Situation = "waiting_for_orderer" // a supplement has been asked for
	TimedOut          Situation = "timed_out"           // and did not come
	Foreign           Situation = "foreign"             // a foreign principal
	Conflict          Situation = "conflict"            // jäv was declared
	Protected         Situation = "protected"           // somebody has a protected identity
	Paused            Situation = "paused"              // the clock waits for the orderer
	DraftReturned     Situation = "draft_returned"      // a second draft quote is out
	DataProposed      Situation = "data_proposed"       // words have become tables, to be agreed to
	ToReview          Situation = "to_review"
	EarlyPopulation   Situation = "early_population" // came too early, lies unread
	ToDecide          Situation = "to_decide"
	DrawnToDecide     Situation = "drawn_to_decide"     // its population is drawn from the registers
	EmployersToDecide Situation = "employers_to_decide" // its population is organisations
	RulingRequested   Situation = "ruling_requested"    // the party asks for a decision after six months
	Child             Situation = "child"               // asks for something else than an earlier case
	Extension         Situation = "extension"           // more years of the same
	Renewal           Situation = "renewal"             // the same again, a year later
)

// After it.
const (
	ToDispatch         Situation = "to_dispatch"
	NotAccepted        Situation = "not_accepted" // the representative has not answered
	PartlyRefused      Situation = "partly_refused"
	Appealed           Situation = "appealed"
	Reopened           Situation = "reopened"     // is to be reviewed anew
	Reconsidered       Situation = "reconsidered" // has its second decision
	PopulationCalled   Situation = "population_called"
	PopulationRejected Situation = "population_rejected"
	PopulationWaiting  Situation = "population_waiting" // a medium is on its way to the vault
	ToExtract          Situation = "to_extract"
	Extracting         Situation = "extracting"
	ExtractionFailed   Situation = "extraction_failed"
	ChangeProposed     Situation = "change_proposed" // of the accepted quote
	ToRelease          Situation = "to_release"
	ForbehallOpen      Situation = "forbehall_open"  // somebody has not acknowledged it
	ForbehallBound     Situation = "forbehall_bound" // everybody has, and the data have left
	ToReceive          Situation = "to_receive"      // delivered, not opened
	ToInvoice          Situation = "to_invoice"
	InvoiceIssued      Situation = "invoiced"
	CreditIssued       Situation = "credited" // a wrong invoice was taken back, and another follows
	FaultReported      Situation = "fault_reported"
	Replaced           Situation = "replaced"    // a faulty delivery has been replaced
	Recalled           Situation = "recalled"    // a delivery that went wrong, looked into
	ToPost             Situation = "to_post"     // a delivery that goes on a stick
	OnItsWay           Situation = "posted"      // one that has been posted
	ToEnvironment      Situation = "handed_over" // one that a secure processing environment fetches
	KeyLost            Situation = "key_lost"    // a new key is confirmed, to be sealed to
	KeptKey            Situation = "kept_key"
	LongerRetention    Situation = "longer_retention" // files are kept longer, by another case
	NoFee              Situation = "no_fee"           // statistics with a duty to supply
	PurgeSoon          Situation = "purge_soon"
	PurgeOrdered       Situation = "purge_ordered"
	Purged             Situation = "purged"
	InvoiceForgotten   Situation = "invoice_forgotten" // purged and never invoiced
	Closed             Situation = "closed"
)

// Ended early, or no order.
const (
	Refused          Situation = "refused"
	Presumed         Situation = "presumed" // statistics for somebody else than an authority
	Dismissed        Situation = "dismissed"
	Withdrawn        Situation = "withdrawn"
	Expired          Situation = "expired"
	Enquiry          Situation = "enquiry"
	Answered         Situation = "answered"
	RetentionGranted Situation = "retention_granted"
)

// Beside the cases.
const (
	DraftBegun      Situation = "draft_begun"      // hardly anything is answered
	DraftShared     Situation = "draft_shared"     // with a co-applicant
	DraftComplete   Situation = "draft_complete"   // can be handed in
	DraftStatistics Situation = "draft_statistics" //
	LetterMatching  Situation = "letter_matching"  // a case's number stands in its subject
	LetterNew       Situation = "letter_new"       // belongs to no case
)
