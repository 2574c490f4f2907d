// Package works is what the vault does: it pulls a work order, checks it by
// itself, carries it out and reports.
//
// Begin with [Service.Step]. Keys, registers, extraction, packing and the
// counter come in through the small interfaces of this file.
//
// Everything about single persons stays behind these interfaces; what goes
// back to the counter is counts, hashes and sealed parcels.
package works

import (
	"context"
	"errors"
	"io"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/population"
	"sluss/internal/pseudonym"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// Errors of the ports.
var (
	// ErrNothing: the counter has no work.
	ErrNothing = errors.New("no work")
	// ErrNotFound: there is no such record or object.
	ErrNotFound = errors.New("not found")
	// ErrTaken: the medium has been in the mailroom and is not there any more.
	ErrTaken = errors.New("the medium has been taken away")
)

// Counter is the other side of the wall.
type Counter interface {
	// Next leases a work order; ErrNothing when there is none.
	Next(ctx context.Context) (workorder.WorkOrder, error)
	// Population streams the sealed population file of a job.
	Population(ctx context.Context, job string) (io.ReadCloser, error)
	// PutParcel hands a sealed parcel over.
	PutParcel(ctx context.Context, job string, r io.Reader) error
	// Alive says that the job is still being worked on, so that it is not
	// handed out again.
	Alive(ctx context.Context, job string) error
	// Report ends a job.
	Report(ctx context.Context, job string, r workorder.Report) error
}

// Mailroom keeps media that came by registered post, each sealed to the vault's
// key under the number of its letter, until the vault has read it. Nobody opens
// one there.
type Mailroom interface {
	// Medium opens the sealed medium of a letter; ErrNotFound while nobody has
	// put it in, ErrTaken when it has been there and is gone.
	Medium(ctx context.Context, order, tracking string) (io.ReadCloser, error)
	// Done removes a medium that the vault has taken over and remembers that it
	// was there; doing it again changes nothing.
	Done(ctx context.Context, order, tracking string) error
	// Clear removes all media of an order and takes none for it from then on. It
	// returns all that ever lay there, so that a second run can tell the same.
	Clear(ctx context.Context, order string) ([]Medium, error)
}

// Medium is a sealed medium that lay in the mailroom.
type Medium struct {
	Tracking string     `json:"tracking"`
	SHA256   canon.Hash `json:"sha256"` // of the sealed file
}

// Object kinds in the vault.
const (
	ObjectPopulation = "population" // sealed file as it was received
	ObjectIntake     = "intake"     // resolved persons of an order
	ObjectParcel     = "parcel"     // sealed parcel
	ObjectDomain     = "domain"     // löpnummer of a domain
)

// Object names something the vault keeps under a key of its own. Owner is the
// order, or the project for a key that outlives orders.
type Object struct{ Owner, Kind, Name string }

// Destroyed is one object whose key and ciphertext are gone.
type Destroyed struct {
	Object string     `json:"object"`
	SHA256 canon.Hash `json:"sha256"` // of the ciphertext
	Key    string     `json:"key"`    // id of the destroyed key
}

// Vault keeps objects and keys.
type Vault interface {
	Put(ctx context.Context, o Object, r io.Reader) (int64, canon.Hash, error)
	// Get opens an object; ErrNotFound when it is not there.
	Get(ctx context.Context, o Object) (io.ReadCloser, error)
	// Destroy removes the keys and then the ciphertext of everything an owner
	// has, and proves that it cannot be read any more. It returns all that was
	// ever destroyed of the owner, so that a second run can tell the same.
	Destroy(ctx context.Context, owner string) ([]Destroyed, error)
	// Remove destroys one object; one that is not there changes nothing.
	Remove(ctx context.Context, o Object) error
	// Unseal opens what was sealed to the vault.
	Unseal(r io.Reader) (io.Reader, error)
	// Scratch is an empty directory for the order; Wipe removes it.
	Scratch(owner string) (string, error)
	Wipe(owner string) error
	// Sign signs a document with the vault's own key.
	Sign(doc any) (string, error)
}

// Person is a resolved person of a population.
type Person struct {
	Entity  uint64        // stable key of the identity register
	Serial  string        // foreign löpnummer, "" where we draw
	Number  string        // identity number as supplied: kept only inside the vault
	Anchors []AnchorDay   // by the decision's steering columns, in order
	Passed  []PassedValue // by the decision's passing columns, in order
}

// AnchorDay is a date that steers windows; Set is false where it is missing.
type AnchorDay struct {
	Set bool
	Day day.Day
}

// PassedValue is a value that follows into the delivery, as text.
type PassedValue struct {
	Set  bool
	Text string
}

// Matches of an identity number.
type Match int

// How a number resolves.
const (
	Found Match = iota
	NotFound
	Ambiguous // used by more than one person, and the day does not tell
)

// Registers is the data.
type Registers interface {
	// Snapshots and their persons.
	Open(ctx context.Context, snapshot string) (Snapshot, error)
	// Latest is the id of the newest snapshot; ErrNotFound without one.
	Latest(ctx context.Context) (string, error)
}

// Snapshot is the registers as they were known at one time.
type Snapshot interface {
	ID() string
	Hash() canon.Hash
	Day() day.Day
	Synthetic() bool
	Resolve(n swede.Personnummer, on day.Day) (entity uint64, m Match)
	// ResolveOrganisation finds an organisation, or the person who is a sole
	// trader under that number.
	ResolveOrganisation(n swede.Organisationsnummer, on day.Day) (entity uint64, m Match)
	// Organisation reports whether an entity is an organisation; who is not is a
	// person.
	Organisation(entity uint64) bool
	// Size is how many persons the register has, or organisations where the
	// decision is about them.
	Size(of plan.Persons) int
	Protected(entity uint64) bool
	// Alike counts the persons of the register by what a table that has one row for
	// each of them says in some columns. of returns how many have the same as a
	// person, the person too, and 0 for one without a row; ok is false where the
	// snapshot lacks a column.
	Alike(table string, by []Lasting) (of func(entity uint64) int, persons int, ok bool)
	Birth(entity uint64) day.Day
	// Number is the entity's present identity number with twelve digits, for
	// deliveries that the decision identifies; an organisation's is 16 and ten.
	Number(entity uint64) string
	// Draw draws the population that criteria describe, of the kind that the
	// decision says and with or without persons with protected identity and sole
	// traders. Passed values are those of
	// plan.Population.GroupNames. Counts are of the stages, rounded.
	Draw(ctx context.Context, c plan.Criteria, of plan.Persons) (people []Person, counts []order.CountLine, err error)
	// Mentioned returns the persons besides the population that a delivery
	// will name, such as children.
	Mentioned(ctx context.Context, j Extraction) ([]uint64, error)
	// Employers returns the employers that a delivery will name: organisations
	// and sole traders.
	Employers(ctx context.Context, j Extraction) ([]uint64, error)
	// Reach is how far a register reaches, by how complete it is in the
	// snapshot: nothing is known of a register that the snapshot does not hold,
	// and Until is of those with a coverage rule only.
	Reach(ctx context.Context, register string) (order.Reach, error)
	// Complete returns the last day up to which all months of a register are
	// known to at least the given share; ok is false where that cannot be
	// measured.
	Complete(ctx context.Context, register string, share float64) (until day.Day, ok bool, err error)
	// Changes counts what has become of the extracts' rows since an earlier
	// snapshot, in protected numbers; none where that snapshot is not known.
	Changes(ctx context.Context, j Extraction, since string) ([]order.ChangeLine, error)
	// Extract writes the files of the specification into dir.
	Extract(ctx context.Context, j Extraction, dir string) (Extracted, error)
	Close() error
}

// Extraction is a job for the engine.
type Extraction struct {
	Plan   plan.Spec
	Scope  plan.Scope
	People []Delivered
	// Register is how many there are in the register of whom the population is:
	// persons or organisations.
	Register int
	// Other gives the löpnummer of persons besides the population.
	Other func(entity uint64) (uint64, bool)
	// Employer gives the löpnummer of employers, from a domain of their own.
	Employer func(entity uint64) (uint64, bool)
	// Number names persons by identity number; nil unless the decision says so.
	Number func(entity uint64) string
}

// Lasting is a column of a table with one row for each person: a variable, at a level
// of [catalog.Variable.Coarsen], "" for as it is.
type Lasting struct{ Variable, Level string }

// Delivered is a person with the number it is delivered under.
type Delivered struct {
	Entity  uint64
	Serial  uint64
	Anchors []AnchorDay
	Passed  []PassedValue
}

// Extracted is what lies in the directory.
type Extracted struct {
	Files  []File
	Counts []order.CountLine
}

// File is a finished data file.
type File struct {
	order.FileSummary
	Extract string // name of the extract in the specification
	Table   string
	Shape   string
	Format  string // as in plan.Output
	Columns []Column
	Totals  Totals
}

// Column is one column of a data file.
type Column struct {
	Name     string
	Type     string // as the engine writes it
	Variable string // of the catalogue, "" for a column of the population file
	Derive   string
	Coarsen  string
}

// Totals are the job's own control sums of a file, which the check on the
// finished file must find again.
type Totals struct {
	Rows, Persons int64
	Days          int64
	Net           int64 // thousandths of a day
	Ore           int64
}

// Tables reads population files.
type Tables interface {
	// Read checks a table file line by line and returns the counts.
	Read(ctx context.Context, r io.Reader, o population.Options) (population.Result, error)
}

// Checker looks at finished files with code that extraction does not share.
type Checker interface {
	Check(ctx context.Context, dir string, e Extracted, j Extraction, snapshot Snapshot) ([]order.CheckResult, error)
}

// Packer makes the parcel.
type Packer interface {
	// Pack adds codebook, starter code and signed manifest to the files in dir,
	// seals everything to the recipient and writes the parcel. It returns the
	// manifest's hash and all files.
	Pack(ctx context.Context, w io.Writer, dir string, p Packing) (canon.Hash, []order.FileSummary, error)
	// Reseal writes the same files as a parcel that Pack wrote, sealed to another
	// key, and returns the new manifest's hash.
	Reseal(ctx context.Context, w io.Writer, parcel io.Reader, r Resealing) (canon.Hash, error)
}

// Resealing is how a parcel is sealed again.
type Resealing struct {
	Manifest  canon.Hash // of the parcel that is read
	FileKey   []byte     // that was kept when it was written
	Recipient string     // the new key
	Scratch   string     // empty directory
	Keep      func(fileKey []byte)
}

// Packing is what goes into a parcel besides the files.
type Packing struct {
	Order    string
	Project  string
	Decision order.Decision
	Ref      plan.Ref
	Plan     plan.Spec
	PlanHash canon.Hash
	Snapshot Snapshot
	Domains  []string
	Files    []File
	Egress   []order.CheckResult
	Counts   []order.CountLine
	Reach    []order.Reach // of each register in the snapshot
	Compared *order.Compared
	Created  day.Day
	// Recipient is the key that took the place of the decision's; "" is the
	// decision's.
	Recipient string
	// Keep is given the key that opens this parcel and nothing else.
	Keep func(fileKey []byte)
}

// Records is the vault's own small database.
type Records interface {
	Intake(ctx context.Context, order string) (Intake, error) // ErrNotFound
	SaveIntake(ctx context.Context, order string, i Intake) error
	Parcel(ctx context.Context, order string) (Parcel, error) // ErrNotFound
	SaveParcel(ctx context.Context, order string, p Parcel) error
	// Delivery is what has been handed over; ErrNotFound before.
	Delivery(ctx context.Context, order string) (Delivery, error)
	// SaveDelivery stores it together with the parcel that was handed over.
	SaveDelivery(ctx context.Context, order string, d Delivery, p Parcel) error
	// Ruling is the latest decision that the vault has heard of; ErrNotFound.
	Ruling(ctx context.Context, order string) (workorder.Ruling, error)
	SaveRuling(ctx context.Context, order string, r workorder.Ruling) error
	// SavePin notes that an order is extracted from a snapshot, which must then
	// stay until the order has been purged.
	SavePin(ctx context.Context, order, snapshot string) error
	Domains(ctx context.Context, project string) ([]pseudonym.Domain, error)
	SaveDomain(ctx context.Context, order string, d pseudonym.Domain) error
	// Kept returns every domain, of whatever project, whose key outlives its
	// order and has not been destroyed.
	Kept(ctx context.Context) ([]pseudonym.Domain, error)
	// Prints are what is remembered of the orders of a project, oldest first.
	Prints(ctx context.Context, project string) ([]Prints, error)
	SavePrints(ctx context.Context, p Prints) error
	// Protocol is the signed protocol of an order that has been purged.
	Protocol(ctx context.Context, order string) (Protocol, error) // ErrNotFound
	// Purge removes everything about the order but the protocol.
	Purge(ctx context.Context, order string, p Protocol) error
}

// Intake is an accepted population.
type Intake struct {
	Ref     plan.Ref
	Persons int
	// Under is what the decision said about the population: the kept persons
	// have their values in the order of its columns. Nil in records from before
	// this was written down.
	Under *plan.Persons `json:",omitempty"`
}

// Parcel is the parcel that was made last: it lies ready, or has been handed
// over.
type Parcel struct {
	Manifest  canon.Hash
	SHA256    canon.Hash
	RanBy     string
	Decision  plan.Ref // that it was made under
	Delivered bool
	// Report is what was told to the counter, to be told again if it was lost.
	Report order.Extracted
	// Number is 1 for the first delivery, 2 for its replacement, and so on; 0
	// in old records is 1.
	Number int `json:",omitempty"`
	// From is what the parcel was made from, to be compared when somebody asks
	// for a replacement.
	From workorder.Delivery
	// Snapshot is the hash of that snapshot's manifest.
	Snapshot canon.Hash
	// Key is the recipient's key where it took the place of the decision's, and
	// Was the manifest of the parcel before, when this one was made by sealing
	// that again.
	Key string     `json:",omitempty"`
	Was canon.Hash `json:",omitempty"`
}

// Delivery is what has been handed over. The clocks run from the first parcel;
// a replacement changes what was delivered, not when it must be gone.
type Delivery struct {
	From     workorder.Delivery
	Snapshot canon.Hash // "" in records from before this was written down
	On       day.Day    // of the first parcel; 0 in such records
	PurgeOn  day.Day
	Parcels  int // handed over so far, the replaced ones too
}

// Protocol is a signed gallringsprotokoll.
type Protocol struct {
	Note    string
	Hash    canon.Hash
	Objects int
	// BackupsUntil as in [PurgeProtocol]
	BackupsUntil day.Day `json:",omitempty"`
}
