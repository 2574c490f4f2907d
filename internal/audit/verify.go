package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sluss/internal/canon"
)

// Source is a log to be walked. The store implements it.
type Source interface {
	// Inspect calls the visitor's functions, each for everything of its kind,
	// in the order they are declared, on one consistent view. It changes
	// nothing.
	Inspect(ctx context.Context, v Visitor) error
}

// Visitor takes what is stored, as it is stored.
type Visitor struct {
	Leaf       func(StoredLeaf) error                 // by place, then those that wait by arrival
	Loose      func(stream string, version int) error // entries that have no leaf
	Hash       func(index int64, hash string) error   // by index
	Checkpoint func(size int64, text string) error    // by size
}

// StoredLeaf is a leaf with the entry it commits to.
type StoredLeaf struct {
	Seq     int64 // place in the tree from 0; -1 while it waits
	Stream  string
	Version int
	Salt    string // hexadecimal, "" when the content was erased
	Leaf    string // hexadecimal commitment
	Record  *Record
}

// Finding is one thing that is not as it was.
type Finding struct {
	Code    string // stable: changed, gone, loose, order, place, hash, checkpoint, tail, witness, erased
	Stream  string // of the entry, "" when it is not about one
	Version int
	Seq     int64 // place in the tree, -1 when it is not about one
	SV, EN  string
}

// Report is what a walk found.
type Report struct {
	Entries     int64 // with a place in the tree
	Waiting     int64 // stored, not in the tree yet
	Erased      int64 // whose content was erased, with a logged ground
	Checkpoints int64
	Head        Checkpoint // latest; Size 0 when there is none
	HeadText    string
	Findings    []Finding // at most [MaxFindings]
	Found       int       // how many there were
}

// MaxFindings bounds how many findings a report lists; one broken place can
// lead to many.
const MaxFindings = 100

// Verify walks the log: it computes every commitment from the stored entry and
// the whole tree from the commitments, compares them with what is stored, and
// checks every checkpoint against the tree with the log's key. Outside are
// texts of checkpoints that witnesses have kept.
//
// It returns an error only when the log cannot be read; what it finds is in
// the report.
func Verify(ctx context.Context, src Source, v note.Verifier, outside ...string) (Report, error) {
	w := walk{key: v, versions: map[string]int{}, erased: map[place]StoredLeaf{}, grounds: map[place]Erasure{}}
	err := src.Inspect(ctx, Visitor{Leaf: w.leaf, Loose: w.loose, Hash: w.hash, Checkpoint: w.checkpoint})
	if err != nil {
		return w.r, fmt.Errorf("walk the log: %w", err)
	}
	w.end(outside)
	return w.r, nil
}

type place struct {
	stream  string
	version int
}

type walk struct {
	r        Report
	key      note.Verifier
	hashes   []tlog.Hash // of the tree, computed
	next     int64       // index of the next stored hash
	versions map[string]int
	erased   map[place]StoredLeaf
	grounds  map[place]Erasure
}

func (w *walk) find(f Finding) {
	w.r.Found++
	if len(w.r.Findings) < MaxFindings {
		w.r.Findings = append(w.r.Findings, f)
	}
}

func (w *walk) at(l StoredLeaf, code, sv, en string) {
	w.find(Finding{Code: code, Stream: l.Stream, Version: l.Version, Seq: l.Seq, SV: sv, EN: en})
}

func (w *walk) log(code string, seq int64, sv, en string) {
	w.find(Finding{Code: code, Seq: seq, SV: sv, EN: en})
}

func (w *walk) leaf(l StoredLeaf) error {
	if want := w.versions[l.Stream] + 1; l.Version != want {
		w.at(l, "order", fmt.Sprintf("väntade version %d", want), fmt.Sprintf("expected version %d", want))
	}
	w.versions[l.Stream] = l.Version
	c, err := ParseCommitment(l.Leaf)
	if err != nil {
		w.at(l, "changed", "åtagandet går inte att läsa", "the commitment cannot be read")
	}
	w.content(l, c)
	if l.Seq < 0 {
		w.r.Waiting++
		return nil
	}
	if l.Seq != w.r.Entries {
		w.at(l, "place", fmt.Sprintf("plats %d saknas i trädet", w.r.Entries), fmt.Sprintf("place %d is missing in the tree", w.r.Entries))
	}
	w.grow(c)
	return nil
}

// grow adds a commitment to the computed tree. New nodes come in the order of
// tlog's index, so the tree is the list of them.
func (w *walk) grow(c Commitment) {
	n := w.r.Entries
	w.r.Entries++
	h := c.Leaf()
	w.hashes = append(w.hashes, h)
	for level := 0; n&1 == 1; level, n = level+1, n>>1 {
		h = tlog.NodeHash(w.hashes[tlog.StoredHashIndex(level, n-1)], h)
		w.hashes = append(w.hashes, h)
	}
}

// content compares an entry with the commitment to it.
func (w *walk) content(l StoredLeaf, c Commitment) {
	if l.Record == nil {
		w.at(l, "gone", "posten saknas", "the entry is gone")
		return
	}
	if l.Salt == "" {
		w.erased[place{l.Stream, l.Version}] = l
		return
	}
	salt, err := parseHash(l.Salt)
	text, ok := textAsStored(*l.Record)
	if err != nil || !ok || Commit(salt[:], text) != c {
		w.at(l, "changed", "posten är ändrad", "the entry has been changed")
		return
	}
	if l.Record.Type == TypeErased && strings.HasPrefix(l.Stream, ErasedPrefix) {
		var e Erasure
		if json.Unmarshal(l.Record.Data, &e) == nil && ErasedPrefix+e.Stream == l.Stream {
			w.grounds[place{e.Stream, e.Version}] = e // the latest counts
		}
	}
}

// textAsStored is the text of a record, if its data is stored as it was
// committed to: canonical, not a byte of white space more.
func textAsStored(r Record) ([]byte, bool) {
	canonical, err := canon.Normalise(r.Data)
	if err != nil || !bytes.Equal(canonical, r.Data) {
		return nil, false
	}
	text, err := r.Text()
	return text, err == nil
}

func (w *walk) loose(stream string, version int) error {
	w.find(Finding{Code: "loose", Stream: stream, Version: version, Seq: -1, SV: "posten har inget löv", EN: "the entry has no leaf"})
	return nil
}

func (w *walk) hash(index int64, hash string) error {
	if index != w.next {
		w.log("hash", -1, fmt.Sprintf("hash %d saknas", w.next), fmt.Sprintf("hash %d is missing", w.next))
	}
	w.next = index + 1
	h, err := parseHash(hash)
	if err != nil || index >= int64(len(w.hashes)) || w.hashes[index] != h {
		w.log("hash", -1, fmt.Sprintf("hash %d stämmer inte med posterna", index), fmt.Sprintf("hash %d does not follow from the entries", index))
	}
	return nil
}

func (w *walk) checkpoint(size int64, text string) error {
	w.r.Checkpoints++
	cp, err := OpenCheckpoint(text, w.key)
	switch {
	case err != nil || cp.Size != size:
		w.log("checkpoint", size, "kontrollpunkten är ändrad eller har en annan nyckel", "the checkpoint has been changed or has another key")
		return nil
	case !w.holds(cp):
		w.log("checkpoint", size, "kontrollpunkten stämmer inte med posterna", "the checkpoint does not follow from the entries")
	}
	w.r.Head, w.r.HeadText = cp, text
	return nil
}

// holds reports whether the computed tree begins with the checkpoint's.
func (w *walk) holds(cp Checkpoint) bool {
	if cp.Size > w.r.Entries {
		return false
	}
	root, err := tlog.TreeHash(cp.Size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = w.hashes[x]
		}
		return out, nil
	}))
	return err == nil && root == cp.Root
}

func (w *walk) end(outside []string) {
	if w.next < int64(len(w.hashes)) {
		w.log("hash", -1, fmt.Sprintf("hash %d och följande saknas", w.next), fmt.Sprintf("hash %d and those after it are missing", w.next))
	}
	if w.r.Head.Size != w.r.Entries {
		w.log("tail", w.r.Head.Size, fmt.Sprintf("den sista kontrollpunkten gäller %d poster, trädet har %d", w.r.Head.Size, w.r.Entries),
			fmt.Sprintf("the last checkpoint covers %d entries, the tree has %d", w.r.Head.Size, w.r.Entries))
	}
	for p, l := range w.erased {
		e, logged := w.grounds[p]
		text, ok := textAsStored(*l.Record)
		if !ok || !logged || strings.HasPrefix(p.stream, ErasedPrefix) || canon.Sum(text) != e.Left {
			w.at(l, "erased", "innehållet är borta utan loggad grund", "the content is gone without a logged ground")
			continue
		}
		w.r.Erased++
	}
	for _, text := range outside {
		cp, err := OpenCheckpoint(text, w.key)
		switch {
		case err != nil:
			w.log("witness", -1, "vittnets kontrollpunkt är inte undertecknad med loggens nyckel", "the witness's checkpoint is not signed with the log's key")
		case cp.Size > w.r.Entries:
			w.log("witness", cp.Size, fmt.Sprintf("loggen är kapad: vittnet såg %d poster, här finns %d", cp.Size, w.r.Entries),
				fmt.Sprintf("the log has been cut: the witness saw %d entries, here are %d", cp.Size, w.r.Entries))
		case !w.holds(cp):
			w.log("witness", cp.Size, "loggen är en annan än den vittnet såg", "the log is not the one that the witness saw")
		}
	}
}
