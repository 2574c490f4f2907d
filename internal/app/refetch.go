package app

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"sluss/internal/order"
	"sluss/internal/workorder"
)

// WaitingPopulation reports whether a blob is a sealed population file that the
// vault has still to read. Only then does it belong in a backup: the vault has
// taken over the others, and what was received is to be gone when it is purged.
func (a *App) WaitingPopulation(ctx context.Context, blob string) (bool, error) {
	id, rest, _ := strings.Cut(blob, "/")
	if !strings.HasPrefix(rest, "population/") {
		return false, nil
	}
	s, err := a.State(ctx, id)
	if IsNotFound(err) {
		return false, nil
	}
	p := s.Population
	return err == nil && p != nil && p.Blob == blob && !p.Checked && s.Ended == "" && !s.Purged, err
}

// Sealed reports whether a blob is a file about single persons, sealed to the
// vault or to a recipient: no backup of the counter holds one, but for
// populations that wait ([App.WaitingPopulation]).
func Sealed(blob string) bool {
	_, rest, _ := strings.Cut(blob, "/")
	return strings.HasPrefix(rest, "population/") || strings.HasPrefix(rest, "parcel/") || strings.HasPrefix(blob, "sealed-away/")
}

// Refetch asks the vault once more for every parcel that has been delivered,
// is not to be purged yet, and is not here: a counter that was restored has
// none, since its backup holds none. By is who restored it, as the log will
// name it. It returns the orders.
func (a *App) Refetch(ctx context.Context, by string) ([]string, error) {
	sums, err := a.Log.List(ctx)
	if err != nil {
		return nil, err
	}
	var again []string
	for _, sum := range sums {
		s, err := a.State(ctx, sum.ID)
		if err != nil {
			return again, err
		}
		if lost, err := a.lost(ctx, s); err != nil {
			return again, err
		} else if !lost {
			continue
		}
		job := strings.TrimSuffix(path.Base(s.Delivery.Blob), ".sluss")
		err = a.Queue.Redo(ctx, job, order.Actor{ID: by, Role: RoleOperator}, a.Clock())
		if err != nil && !errors.Is(err, ErrNotFound) { // not found: it waits already
			return again, err
		}
		again = append(again, sum.ID)
	}
	return again, nil
}

// lost reports whether an order's parcel has been delivered and should be here,
// and is not.
func (a *App) lost(ctx context.Context, s order.State) (bool, error) {
	if s.Delivery == nil || s.Purged || s.PurgeOpen || s.Ended != "" || s.Delivery.Blob == "" {
		return false, nil
	}
	r, err := a.Blobs.Get(ctx, s.Delivery.Blob)
	if IsNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, r.Close()
}

// handsOver reports whether a deliver job has something to do: a parcel is on
// its way, or has been lost since.
func (a *App) handsOver(ctx context.Context, job Job, s order.State) (bool, error) {
	if job.Kind != workorder.Deliver && job.Kind != workorder.Reseal || s.Ended != "" {
		return false, nil
	}
	if job.Kind == workorder.Deliver && outgoing(s) || job.Kind == workorder.Reseal && s.Resealing != nil {
		return true, nil
	}
	if s.Delivery == nil || s.Delivery.Blob != parcelBlob(job) {
		return false, nil
	}
	return a.lost(ctx, s)
}

// unpurged are phases in which nothing can have been purged.
var unpurged = []order.Phase{order.PhaseReceived, order.PhaseSupplement, order.PhaseComplete, order.PhaseDraft, order.PhaseReview, order.PhaseDecision}

// Purges returns the signed protocols of all purges, for a vault that was
// restored from a backup and has forgotten those that came after it.
func (a *App) Purges(ctx context.Context) ([]string, error) {
	sums, err := a.Log.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, sum := range sums {
		if slices.Contains(unpurged, sum.Phase) {
			continue
		}
		s, err := a.State(ctx, sum.ID)
		if err != nil {
			return nil, err
		}
		if s.Purged && s.Protocol != "" {
			out = append(out, s.Protocol)
		}
	}
	return out, nil
}
