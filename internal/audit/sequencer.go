package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Tree is where the log lives. The store implements it.
type Tree interface {
	// Hold takes or renews the lease called name for holder; false when
	// somebody else has it.
	Hold(ctx context.Context, name, holder string, now time.Time, d time.Duration) (bool, error)
	// Sequence hands the commitments that have no place yet, at most limit, in
	// the order they came, to grow, and stores what it returns, all in one
	// transaction. It returns how many got a place. Two that run at once cannot
	// both succeed.
	Sequence(ctx context.Context, limit int, grow func(Edge) (Growth, error)) (int, error)
}

// Edge is the tree as it stands and what waits to be added.
type Edge struct {
	Size    int64           // leaves that have a place
	Last    string          // latest checkpoint, "" for an empty tree
	Waiting []Commitment    // not empty
	Hashes  tlog.HashReader // stored hashes, by tlog's index
}

// Growth is what a step adds: the waiting commitments get the places from
// Edge.Size on.
type Growth struct {
	First      int64       // index of the first new hash
	Hashes     []tlog.Hash // stored hashes, one after the other
	Checkpoint string      // signed, of the new tree
	Size       int64       // of the new tree
}

// Limits of a sequencer.
const (
	// MaxBatch is how many leaves one step adds at most; each step ends with a
	// checkpoint.
	MaxBatch = 512
	// leaseName and leaseTime: one sequencer works at a time, and another takes
	// over when it has been silent for so long.
	leaseName = "sequencer"
	leaseTime = 3 * time.Second
)

// ErrForked: what stands in the database is not the tree that the log's key
// signed last. Nothing more is signed until somebody has looked.
var ErrForked = errors.New("the stored tree is not the one that was signed last")

// Sequencer puts commitments into the tree. Several processes may each run
// one; a lease lets one of them work, and the database refuses a second
// place for a leaf or a second hash for a place even if two should.
type Sequencer struct {
	Tree   Tree
	Key    string // the log's private key
	Holder string // name of this process
	Clock  func() time.Time
	// seen is the latest checkpoint this process knows of: the sequencer is the
	// first witness of its own log.
	seen int64
}

// Once adds everything that waits and returns how many leaves that were. It
// does nothing while another process holds the lease.
func (s *Sequencer) Once(ctx context.Context) (int, error) {
	signer, err := NewSigner(s.Key)
	if err != nil {
		return 0, err
	}
	verifier, err := verifierOf(s.Key)
	if err != nil {
		return 0, err
	}
	total := 0
	for {
		mine, err := s.Tree.Hold(ctx, leaseName, s.Holder, s.Clock(), leaseTime)
		if err != nil || !mine {
			return total, err
		}
		n, err := s.Tree.Sequence(ctx, MaxBatch, func(e Edge) (Growth, error) { return s.grow(e, signer, verifier) })
		total += n
		if err != nil || n < MaxBatch {
			return total, err
		}
	}
}

// Run sequences every so often until ctx ends. Faults are logged and tried
// again; the work that waits for the tree then waits too.
func (s *Sequencer) Run(ctx context.Context, every time.Duration, log *slog.Logger) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if _, err := s.Once(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "sequencer", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (s *Sequencer) grow(e Edge, signer note.Signer, verifier note.Verifier) (Growth, error) {
	if err := s.check(e, verifier); err != nil {
		return Growth{}, err
	}
	first := tlog.StoredHashCount(e.Size)
	g := Growth{First: first, Size: e.Size}
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return overlay(e.Hashes, first, g.Hashes, indexes) })
	for _, c := range e.Waiting {
		more, err := tlog.StoredHashesForRecordHash(g.Size, c.Leaf(), read)
		if err != nil {
			return Growth{}, fmt.Errorf("grow tree at %d: %w", g.Size, err)
		}
		g.Hashes = append(g.Hashes, more...)
		g.Size++
	}
	root, err := tlog.TreeHash(g.Size, read)
	if err != nil {
		return Growth{}, fmt.Errorf("root of %d leaves: %w", g.Size, err)
	}
	if g.Checkpoint, err = (Checkpoint{Size: g.Size, Root: root}).Sign(signer); err == nil {
		s.seen = e.Size // signed before; the new one counts when it is stored
	}
	return g, err
}

// check makes sure that the stored tree is the one that was signed last.
func (s *Sequencer) check(e Edge, verifier note.Verifier) error {
	if e.Size < s.seen {
		return fmt.Errorf("%w: %d leaves, %d were signed", ErrForked, e.Size, s.seen)
	}
	if e.Last == "" && e.Size == 0 {
		return nil
	}
	last, err := OpenCheckpoint(e.Last, verifier)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForked, err)
	}
	root, err := tlog.TreeHash(e.Size, e.Hashes)
	if err != nil {
		return err
	}
	if last.Size != e.Size || last.Root != root {
		return fmt.Errorf("%w: %d leaves, checkpoint of %d", ErrForked, e.Size, last.Size)
	}
	return nil
}

// overlay reads hashes of which those from first on are not stored yet.
func overlay(stored tlog.HashReader, first int64, fresh []tlog.Hash, indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	var old []int64
	for i, x := range indexes {
		switch {
		case x < first:
			old = append(old, x)
		case x-first >= int64(len(fresh)):
			return nil, fmt.Errorf("hash %d is not there", x)
		default:
			out[i] = fresh[x-first]
		}
	}
	if len(old) == 0 {
		return out, nil
	}
	read, err := stored.ReadHashes(old)
	if err != nil {
		return nil, err
	}
	for i, x := range indexes {
		if x < first {
			out[i], read = read[0], read[1:]
		}
	}
	return out, nil
}
