package audit

import (
	"errors"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sluss/internal/signed"
)

// ErrProof: a proof does not hold.
var ErrProof = errors.New("the proof does not hold")

// Inclusion shows that the leaf in a place is in the tree of a checkpoint.
type Inclusion struct {
	Seq        int64            `json:"seq"`  // place, from 0
	Commitment string           `json:"leaf"` // hexadecimal
	Path       tlog.RecordProof `json:"path"`
	Checkpoint string           `json:"checkpoint"`
}

// Prove returns the inclusion proof of the commitment in place seq in the tree
// that a checkpoint of size leaves states.
func Prove(c Commitment, seq, size int64, checkpoint string, hashes tlog.HashReader) (Inclusion, error) {
	path, err := tlog.ProveRecord(size, seq, hashes)
	return Inclusion{Seq: seq, Commitment: c.String(), Path: path, Checkpoint: checkpoint}, err
}

// Check checks the proof with the log's key and returns the checkpoint. With
// the record and its salt at hand, compare Commitment with [Commit].
func (i Inclusion) Check(v note.Verifier) (Checkpoint, error) {
	cp, err := OpenCheckpoint(i.Checkpoint, v)
	if err != nil {
		return cp, err
	}
	c, err := ParseCommitment(i.Commitment)
	if err != nil || i.Seq < 0 || i.Seq >= cp.Size || tlog.CheckRecord(i.Path, cp.Size, cp.Root, i.Seq, c.Leaf()) != nil {
		return cp, ErrProof
	}
	return cp, nil
}

// Consistency returns the proof that the tree of newer begins with the tree of
// older. Older must not be empty.
func Consistency(older, newer Checkpoint, hashes tlog.HashReader) (tlog.TreeProof, error) {
	return tlog.ProveTree(newer.Size, older.Size, hashes)
}

// CheckConsistency checks such a proof.
func CheckConsistency(p tlog.TreeProof, older, newer Checkpoint) error {
	if older.Size < 1 || newer.Size < older.Size || tlog.CheckTree(p, newer.Size, newer.Root, older.Size, older.Root) != nil {
		return ErrProof
	}
	return nil
}

func verifierOf(private string) (note.Verifier, error) {
	public, err := signed.Public(private)
	if err != nil {
		return nil, err
	}
	return NewVerifier(public)
}
