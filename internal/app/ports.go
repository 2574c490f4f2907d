// Package app is what the counter does: it loads an order, asks the rules,
// stores what they answer and queues what follows from it, all in one
// transaction.
//
// Begin with [App.Do]. Everything that touches the outside (database, files,
// clock, keys) comes in through the small interfaces of this file, which the
// adapters implement.
//
// The counter never holds data about single persons in clear: a population
// file is sealed to the vault's key while it streams through
// ([App.TakePopulation]), and a parcel comes back sealed to its recipient.
package app

import (
	"context"
	"errors"
	"io"
	"time"

	"sluss/internal/canon"
	"sluss/internal/order"
	"sluss/internal/workorder"
)

// Errors of the ports.
var (
	// ErrConflict: somebody else changed the order first. Load and decide again.
	ErrConflict = errors.New("the order changed since it was read")
	// ErrNotFound: there is no such order, job or blob.
	ErrNotFound = errors.New("not found")
)

// Log stores the entries of orders and the jobs that follow from them.
type Log interface {
	// Load returns all entries of an order, oldest first; ErrNotFound when
	// there are none.
	Load(ctx context.Context, id string) ([]order.Entry, error)
	// Append adds entries, whose versions follow on the stored ones, together
	// with the summary and jobs: all or nothing. ErrConflict when a version is
	// taken already.
	Append(ctx context.Context, id string, entries []order.Entry, sum Summary, jobs []Job) error
	// List returns all orders, latest change first.
	List(ctx context.Context) ([]Summary, error)
	// NextNumber draws the next serial number of the year; numbers are never
	// used twice.
	NextNumber(ctx context.Context, year int) (int, error)
}

// Queue hands out jobs.
type Queue interface {
	// Lease gives the oldest job that is due, for the time of the lease, and
	// counts the attempt; ErrNotFound when there is none.
	Lease(ctx context.Context, worker string, now time.Time, lease time.Duration) (Job, error)
	// Abandon ends the leases of a worker that asks for more work and so has none:
	// what it was given and never reported on can be handed out at once.
	Abandon(ctx context.Context, worker string) error
	// Job returns a job by id.
	Job(ctx context.Context, id string) (Job, error)
	// Finish marks a job done. Finishing it again changes nothing.
	Finish(ctx context.Context, id string) error
	// Retry puts a job back until a time; after too many attempts it is dead
	// and stays for an operator to see.
	Retry(ctx context.Context, id string, at time.Time, code string) error
	// Postpone puts a leased job back until a time without counting the attempt:
	// nothing failed, its time has not come.
	Postpone(ctx context.Context, id string, at time.Time) error
	// Extend lengthens the lease of a leased job until a time; ErrNotFound when
	// the job is not leased any more.
	Extend(ctx context.Context, id string, until time.Time) error
	// Bury marks a job dead: the vault refuses it, and trying again would not
	// help.
	Bury(ctx context.Context, id, code string) error
	// Dead lists jobs that need an operator, with the code of their fault.
	Dead(ctx context.Context) ([]Job, error)
	// Requeue puts a dead job back, with all its attempts, and logs in the log
	// of orders who did; ErrNotFound when no such job is dead.
	Requeue(ctx context.Context, id string, by order.Actor, at time.Time) error
	// Redo puts a job that is done back, in the same way; ErrNotFound when no
	// such job is done.
	Redo(ctx context.Context, id string, by order.Actor, at time.Time) error
	// Failing lists jobs whose last attempt failed and that wait to be tried
	// again.
	Failing(ctx context.Context) ([]Job, error)
	// Waiting counts jobs that are queued or leased.
	Waiting(ctx context.Context) (int, error)
}

// Blobs keeps documents and sealed files.
type Blobs interface {
	// Put stores r under name, all or nothing, and returns size and hash.
	Put(ctx context.Context, name string, r io.Reader) (int64, canon.Hash, error)
	// Get opens a blob; ErrNotFound when it is not there.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete removes a blob; removing what is not there changes nothing.
	Delete(ctx context.Context, name string) error
	// DeleteUnder removes every blob whose name begins with folder and a slash,
	// and what an interrupted Put may have left there.
	DeleteUnder(ctx context.Context, folder string) error
}

// Job is work that follows from an event.
type Job struct {
	ID       string
	Order    string
	Kind     workorder.Kind
	Attempts int
	State    string // queued, leased, done or dead
	Fault    string // code of the last fault, "" when there was none
}

// Summary is an order in a list.
type Summary struct {
	ID        string
	Title     string
	Principal string
	Purpose   string
	Phase     order.Phase
	Version   int
	Changed   time.Time
	PurgeOn   string // YYYY-MM-DD or ""
	// AssignedTo is who works on the case, "" when nobody does.
	AssignedTo string
	// NextDue is the next day on which something must have happened,
	// YYYY-MM-DD or "".
	NextDue string
	// Protected: somebody in the case has a protected identity; the title and
	// the names are not for everybody.
	Protected bool
	// Digest is written with the summary when there is one (it may be empty: then
	// nobody has anything to do), and never listed with it.
	Digest    Digest
	HasDigest bool
}

// WorkFilter chooses among cases; its zero value lets every open case through
// that is not protected.
type WorkFilter struct {
	// Viewer is who looks: cases that they must not know of are left out.
	Viewer Viewer
	// Phases lets only these through; empty = every open phase.
	Phases []order.Phase
	// Assigned lets only the cases of this person through; Unassigned only
	// those of nobody.
	Assigned   string
	Unassigned bool
	// Number lets only cases through whose number holds this text, such as
	// 2026-00017 or 17, or is it when it is a whole number, FK-2026-00017; closed
	// cases too.
	Number string
	// ByDue lists what is due first, and cases without a date last; otherwise
	// the newest number comes first.
	ByDue bool
}

// WorkCursor is a place in a work list: the last case before it. The zero
// value is the beginning.
type WorkCursor struct {
	ID  string
	Due string // its NextDue; only for a list by due date
}
