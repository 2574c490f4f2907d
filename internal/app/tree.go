package app

import (
	"context"
	"time"

	"sluss/internal/order"
)

// Tree is the log that outsiders can verify (room audit).
type Tree interface {
	// Included reports whether the entries 1..version of an order all stand in
	// the signed tree.
	Included(ctx context.Context, id string, version int) (bool, error)
}

// treeWait is when a job that waits for the tree is looked at again. The
// sequencer is at most a second behind.
const treeWait = 20 * time.Millisecond

// vouched reports whether everything that a work order would be built from
// stands in the signed tree. Decision, release and purge have then left a
// trace that nobody can remove before anything follows from them. A job whose
// order is not there yet is put back.
func (a *App) vouched(ctx context.Context, job Job, s order.State) (bool, error) {
	if a.Tree == nil {
		return true, nil
	}
	ok, err := a.Tree.Included(ctx, s.ID, s.Version)
	if err != nil || ok {
		return ok, err
	}
	return false, a.Queue.Postpone(ctx, job.ID, a.Clock().Add(treeWait))
}

// Stale returns the orders whose row in the list, or whose digest, is not what
// their entries say. Both are only copies of the log; this is how they are
// checked.
func (a *App) Stale(ctx context.Context) ([]string, error) {
	sums, err := a.Log.List(ctx)
	if err != nil {
		return nil, err
	}
	digests, err := a.digestSums(ctx)
	if err != nil {
		return nil, err
	}
	var stale []string
	for _, sum := range sums {
		entries, err := a.Log.Load(ctx, sum.ID)
		if err != nil && !IsNotFound(err) {
			return stale, err
		}
		if len(entries) == 0 {
			stale = append(stale, sum.ID)
			continue
		}
		want := a.summary(order.Fold(sum.ID, entries), entries[len(entries)-1].At)
		copied, has := digests[sum.ID]
		digested := !has || copied == want.Digest.sum() // what has none gets one at the next start
		if want.Digest, want.HasDigest = (Digest{}), false; want != sum || !digested {
			stale = append(stale, sum.ID)
		}
	}
	return stale, nil
}
