package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// engineActor is the vault as an actor in the log.
var engineActor = order.Actor{ID: "sluss-engine", Role: order.RoleEngine}

// lease is how long the vault may be silent about a job before it is handed
// out again. One vault works at a time and asks for the next job only when it
// has reported, so a job that takes longer is not run twice at once.
const lease = 10 * time.Minute

// mediumWait is when a job that waits for a medium of a registered letter is
// handed out again.
const mediumWait = 10 * time.Minute

// NextWork leases the next job for the vault and builds its work order from
// the order as it is now, so that a decision that was changed meanwhile counts.
// A job waits until all of its order stands in the signed tree. It returns
// ErrNotFound when there is nothing to do.
func (a *App) NextWork(ctx context.Context, worker string) (workorder.WorkOrder, error) {
	for {
		job, err := a.Queue.Lease(ctx, worker, a.Clock(), lease)
		if err != nil {
			return workorder.WorkOrder{}, err
		}
		s, err := a.State(ctx, job.Order)
		if err != nil {
			return workorder.WorkOrder{}, err
		}
		if ok, err := a.vouched(ctx, job, s); err != nil {
			return workorder.WorkOrder{}, err
		} else if !ok {
			continue
		}
		w, due, err := a.workOrder(ctx, job, s)
		if err != nil {
			return workorder.WorkOrder{}, err
		}
		if due {
			return w, nil
		}
		if err := a.Queue.Finish(ctx, job.ID); err != nil { // overtaken by later events
			return workorder.WorkOrder{}, err
		}
	}
}

// Abandoned is the vault saying, by asking for work, that it has none: jobs that it
// was given and never reported on, because it was killed or never heard of them,
// are handed out at once.
func (a *App) Abandoned(ctx context.Context, worker string) error {
	return a.Queue.Abandon(ctx, worker)
}

// Alive is the vault saying that it still works on a job: its lease is
// lengthened. ErrNotFound when the job has been handed on or is done.
func (a *App) Alive(ctx context.Context, jobID string) error {
	return a.Queue.Extend(ctx, jobID, a.Clock().Add(lease))
}

// workOrder builds the work order of a job; due is false when the order has
// moved on and the job has no meaning any more.
func (a *App) workOrder(ctx context.Context, job Job, s order.State) (w workorder.WorkOrder, due bool, err error) {
	w = workorder.WorkOrder{
		ID: job.ID, Kind: job.Kind, Order: s.ID, Decision: s.DecisionNote, Today: swede.CivilDay(a.Clock()),
	}
	if s.Population != nil {
		w.Population = &workorder.PopulationFile{ID: s.Population.ID, Blob: s.Population.Blob, SHA256: s.Population.SHA256}
		if w.Population.Blob == "" {
			if w.Population.Tracking, err = a.tracking(ctx, s); err != nil {
				return w, false, err
			}
		}
	}
	if s.Quote != nil && (s.Accepted || s.Quote.NoFee != nil) {
		w.Acceptance = &workorder.Acceptance{Quote: *s.Quote, By: s.AcceptedBy, NoFee: s.Quote.NoFee != nil && !s.Accepted}
		if s.Accepted {
			w.Acceptance.On = swede.CivilDay(s.AcceptedAt)
		}
	}
	ended := s.Ended != ""
	switch job.Kind {
	case workorder.Population:
		return w, !ended && s.Population != nil && !s.Population.Checked, nil
	case workorder.Extract:
		w.Spec = s.SpecNote
		if w.Since, err = a.firstSnapshot(ctx, s); err != nil {
			return w, false, err
		}
		return w, !ended && s.Running, nil
	case workorder.Deliver:
		w.Release = s.ReleaseNote
		due, err = a.handsOver(ctx, job, s)
		return w, due, err
	case workorder.Reseal:
		w.Reseal = s.ResealNote
		due, err = a.handsOver(ctx, job, s)
		return w, due, err
	case workorder.Purge:
		reason := workorder.ReasonDue
		if ended {
			reason = string(s.Ended)
		}
		w.Purge, err = a.Sign(workorder.PurgeOrder{
			Type: workorder.TypePurge, By: a.Name, Order: s.ID, Reason: reason, Rule: a.Authority.PurgeRule, On: w.Today,
		})
		return w, s.PurgeOpen, err
	}
	return w, false, fmt.Errorf("job %s: unknown kind %q", job.ID, job.Kind)
}

// firstSnapshot is the snapshot of the first delivery that the order continues,
// however many orders lie between; "" where nothing has been delivered.
func (a *App) firstSnapshot(ctx context.Context, s order.State) (first string, err error) {
	for range 50 { // a line of orders cannot go round, but a damaged log might say so
		if s.Parent == nil {
			break
		}
		if s, err = a.State(ctx, s.Parent.Case); err != nil {
			return "", err
		}
		if s.Delivery != nil && s.Spec != nil {
			first = s.Spec.AsOf.Snapshot
		}
	}
	return first, nil
}

// tracking is the number of the letter whose medium is the order's population.
func (a *App) tracking(ctx context.Context, s order.State) (string, error) {
	entries, err := a.Log.Load(ctx, s.ID)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(entries) {
		if ev, ok := e.Event.(*order.PopulationReceived); ok && ev.ID == s.Population.ID {
			return ev.Tracking, nil
		}
	}
	return "", nil
}

// Take stores the vault's report on a job. Reporting a finished job again
// changes nothing.
func (a *App) Take(ctx context.Context, jobID string, r workorder.Report) error {
	job, err := a.Queue.Job(ctx, jobID)
	if err != nil || job.State == "done" {
		return err
	}
	if r.Retry != "" {
		wait := time.Duration(1<<min(job.Attempts, 10)) * time.Second
		return a.Queue.Retry(ctx, jobID, a.Clock().Add(wait), r.Retry)
	}
	if r.Waiting != "" {
		if r.Waiting != workorder.WaitingMedium || job.Kind != workorder.Population {
			return misplaced()
		}
		return a.Queue.Postpone(ctx, jobID, a.Clock().Add(mediumWait))
	}
	if r.Refused != nil {
		return a.Queue.Bury(ctx, jobID, r.Refused.Code)
	}
	cmd, err := a.command(ctx, job, r)
	if err != nil {
		return err
	}
	if job.Kind == workorder.Purge { // before the log says so: a crash here only repeats it
		if err := a.purgeBlobs(ctx, job.Order); err != nil {
			return err
		}
	}
	before, err := a.State(ctx, job.Order)
	if err != nil {
		return err
	}
	after, err := a.Do(ctx, engineActor, job.Order, cmd)
	if err != nil {
		if overtaken, e := a.overtaken(ctx, job); e != nil || !overtaken {
			return errors.Join(err, e)
		}
	} else if err := a.dropReplaced(ctx, before, after); err != nil {
		return err
	}
	return a.Queue.Finish(ctx, jobID)
}

// outgoing reports whether a released parcel is on its way: the first one, or
// the replacement of a faulty delivery.
func outgoing(s order.State) bool { return s.Released && (s.Delivery == nil || s.Replacing) }

// dropReplaced removes the parcel that another has taken the place of. One that
// a crash leaves behind goes with the purge.
func (a *App) dropReplaced(ctx context.Context, before, after order.State) error {
	if before.Delivery == nil || after.Delivery == nil || before.Delivery.Blob == after.Delivery.Blob {
		return nil
	}
	return a.Blobs.Delete(ctx, before.Delivery.Blob)
}

// overtaken reports whether a job has no meaning any more: the order was
// withdrawn while the vault worked, or the report has been stored before.
func (a *App) overtaken(ctx context.Context, job Job) (bool, error) {
	s, err := a.State(ctx, job.Order)
	if err != nil {
		return false, err
	}
	_, due, err := a.workOrder(ctx, job, s)
	return err == nil && !due, err
}

func (a *App) command(ctx context.Context, job Job, r workorder.Report) (order.Command, error) {
	switch {
	case r.Population != nil && job.Kind == workorder.Population:
		return order.RecordPopulationCheck{PopulationChecked: *r.Population}, nil
	case r.Extracted != nil && job.Kind == workorder.Extract:
		return order.RecordExtraction{Extracted: *r.Extracted}, nil
	case r.Failed != nil && job.Kind == workorder.Extract:
		return order.RecordFailure{ExtractionFailed: *r.Failed}, nil
	case r.Purged != nil && job.Kind == workorder.Purge:
		return order.RecordPurge{Purged: *r.Purged}, nil
	case r.Resealed != nil && job.Kind == workorder.Reseal:
		size, err := a.arrived(ctx, job, r.Resealed.SHA256)
		return order.RecordReseal{Resealed: order.Resealed{
			Manifest: r.Resealed.Manifest, Was: r.Resealed.Was, Fingerprint: r.Resealed.Fingerprint, Blob: parcelBlob(job), SHA256: r.Resealed.SHA256, Bytes: size,
		}}, err
	case r.Delivered != nil && job.Kind == workorder.Deliver:
		size, err := a.arrived(ctx, job, r.Delivered.SHA256)
		if err != nil {
			return nil, err
		}
		return order.RecordDelivery{Manifest: r.Delivered.Manifest, Blob: parcelBlob(job), SHA256: r.Delivered.SHA256, Bytes: size}, nil
	}
	return nil, misplaced()
}

// arrived measures the parcel that a job has handed over, and compares it with
// what the vault says it sent.
func (a *App) arrived(ctx context.Context, job Job, want canon.Hash) (int64, error) {
	size, sum, err := a.measure(ctx, parcelBlob(job))
	if err == nil && sum != want {
		err = fault.New("app.parcel_hash", "Paketet kom inte fram oförändrat.", "The parcel did not arrive unchanged.").Do("Skicka det igen.", "Send it again.")
	}
	return size, err
}

func misplaced() error {
	return fault.New("app.report", "Rapporten hör inte till uppdraget.", "The report does not belong to the work order.")
}

func (a *App) measure(ctx context.Context, blob string) (int64, canon.Hash, error) {
	r, err := a.Blobs.Get(ctx, blob)
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	return canon.SumReader(r)
}

func parcelFolder(id string) string { return id + "/parcel" }

// parcelBlob is where the parcel of a job lies. Each delivery has a name of its
// own: while a replacement comes in, the parcel that it replaces is still whole.
func parcelBlob(job Job) string { return parcelFolder(job.Order) + "/" + job.ID + ".sluss" }

// PutParcel stores the sealed parcel that the vault hands over for a job.
func (a *App) PutParcel(ctx context.Context, jobID string, r io.Reader) error {
	job, err := a.Queue.Job(ctx, jobID)
	if err != nil {
		return err
	}
	s, err := a.State(ctx, job.Order)
	if err != nil {
		return err
	}
	if due, err := a.handsOver(ctx, job, s); err != nil {
		return err
	} else if !due || job.State != "leased" {
		return order.GateByID(order.GateRelease).Shut()
	}
	_, _, err = a.Blobs.Put(ctx, parcelBlob(job), r)
	return err
}

// OpenPopulation gives the vault the sealed population file of a leased job.
func (a *App) OpenPopulation(ctx context.Context, jobID string) (io.ReadCloser, error) {
	job, err := a.Queue.Job(ctx, jobID)
	if err != nil {
		return nil, err
	}
	s, err := a.State(ctx, job.Order)
	if err != nil {
		return nil, err
	}
	if job.Kind != workorder.Population || job.State != "leased" || s.Population == nil || s.Population.Blob == "" || !s.Discloses() || s.Ended != "" {
		return nil, ErrNotFound
	}
	return a.Blobs.Get(ctx, s.Population.Blob)
}

// FetchParcel gives the sealed parcel to the recipient or, where it goes by post,
// to whoever writes the stick, until the purge date.
func (a *App) FetchParcel(ctx context.Context, id string, by order.Role) (io.ReadCloser, error) {
	s, err := a.State(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.Delivery == nil || s.Purged {
		return nil, ErrNotFound
	}
	if err := s.FetchableBy(by); err != nil {
		return nil, err
	}
	if s.PurgeOpen || swede.CivilDay(a.Clock()) >= s.Delivery.PurgeOn {
		_, err := order.SendAgain{}.Decide(s, a.context(engineActor, a.Clock()))
		return nil, err
	}
	return a.Blobs.Get(ctx, s.Delivery.Blob)
}

// purgeBlobs removes the counter's own sealed copies, those of an upload or a
// hand-over that was cut short among them.
func (a *App) purgeBlobs(ctx context.Context, id string) error {
	return errors.Join(a.Blobs.DeleteUnder(ctx, populationFolder(id)), a.Blobs.DeleteUnder(ctx, parcelFolder(id)))
}

// RoleOperator is who runs the counter's program; it has no part in any case.
const RoleOperator order.Role = "operator"

// Requeue hands a dead job to the vault once more: the vault refused it, or it
// failed too often, and the cause has been mended. The work order is built from
// the order as it is then, and the vault checks it anew. The log says who did
// it. ErrNotFound for an unknown job, app.job_alive for one that is not dead.
func (a *App) Requeue(ctx context.Context, by, jobID string) error {
	if _, err := a.Queue.Job(ctx, jobID); err != nil {
		return err
	}
	err := a.Queue.Requeue(ctx, jobID, order.Actor{ID: by, Role: RoleOperator}, a.Clock())
	if errors.Is(err, ErrNotFound) {
		return fault.New("app.job_alive", "Uppdraget väntar, pågår eller är klart; det behöver inte köas om.", "The job waits, runs or is done; it needs no queuing again.").
			Do("Se sluss jobs list.", "See sluss jobs list.")
	}
	return err
}

// Idle reports whether no job waits or runs.
func (a *App) Idle(ctx context.Context) (bool, error) {
	n, err := a.Queue.Waiting(ctx)
	return n == 0, err
}

// IsNotFound reports whether err says that something is not there.
func IsNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
