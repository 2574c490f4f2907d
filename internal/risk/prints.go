package risk

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"sluss/internal/exposure"
)

// Prints are what is remembered of a delivered extract, to be compared with
// later ones: a hash of each class of traits and how many persons it has.
// There is no person in it, no löpnummer and no value; the hash is keyed with a
// secret of the project, so that classes cannot be tried out by who sees it.
type Prints struct {
	Extract string   `json:"extract"`
	Kind    string   `json:"kind"` // table, shape and traits: only the same are compared
	Persons int64    `json:"persons"`
	Top     uint64   `json:"top"` // classes with greater hashes were left out
	Hashes  []uint64 `json:"hashes"`
	Counts  []uint32 `json:"counts"`
}

// maxPrints bounds the classes that are kept of an extract.
const maxPrints = 100_000

// Prints returns the classes of the extract under a project's key, and false
// for one without traits.
func (g *Gather) Prints(key []byte) (Prints, bool) {
	var names []string
	var frames []*frame
	for i, f := range g.fields {
		if f.Trait {
			names, frames = append(names, f.Name), append(frames, &g.frames[i])
		}
	}
	if names == nil {
		return Prints{}, false
	}
	p := Prints{Extract: g.Extract, Kind: strings.Join(append([]string{g.Table, g.Shape}, names...), " ")}
	counts := map[uint64]uint32{}
	buf := slices.Clone(key)
	for person, rows := range g.rows {
		if rows == 0 {
			continue
		}
		p.Persons++
		buf = append(buf[:len(key)], p.Kind...)
		for _, f := range frames {
			text := f.values[f.codes[person]]
			buf = binary.LittleEndian.AppendUint32(buf, uint32(len(text)))
			buf = append(buf, text...)
		}
		sum := sha256.Sum256(buf)
		counts[binary.LittleEndian.Uint64(sum[:])]++
	}
	for h := range counts {
		p.Hashes = append(p.Hashes, h)
	}
	slices.Sort(p.Hashes)
	p.Top = ^uint64(0)
	if len(p.Hashes) > maxPrints {
		p.Hashes = slices.Clone(p.Hashes[:maxPrints])
		p.Top = p.Hashes[maxPrints-1]
	}
	for _, h := range p.Hashes {
		p.Counts = append(p.Counts, counts[h])
	}
	return p, true
}

// Against compares with an earlier delivery. ok is false for another kind of
// extract.
func (p Prints) Against(before Prints, order string, policy exposure.Policy) (m exposure.Match, ok bool) {
	if p.Kind != before.Kind || len(before.Hashes) != len(before.Counts) {
		return m, false
	}
	top := min(p.Top, before.Top)
	var unique, changed int64
	i, j := 0, 0
	within := func(hs []uint64, i int) bool { return i < len(hs) && hs[i] <= top }
	for within(p.Hashes, i) || within(before.Hashes, j) {
		var now, then int64
		switch {
		case !within(before.Hashes, j) || within(p.Hashes, i) && p.Hashes[i] < before.Hashes[j]:
			now, i = int64(p.Counts[i]), i+1
		case !within(p.Hashes, i) || before.Hashes[j] < p.Hashes[i]:
			then, j = int64(before.Counts[j]), j+1
		default:
			now, then, i, j = int64(p.Counts[i]), int64(before.Counts[j]), i+1, j+1
		}
		if now == 1 && then == 1 {
			unique++
		}
		if d := max(now-then, then-now); d > 0 && d < exposure.Cell {
			changed++
		}
	}
	sampled := top != ^uint64(0)
	if sampled { // hashes are even over their range
		scale := float64(^uint64(0)) / float64(top)
		unique, changed = int64(float64(unique)*scale), int64(float64(changed)*scale)
	}
	return exposure.Match{Order: order, Extract: p.Extract, Unique: policy.Match.Grade(unique, p.Persons), Changed: exposure.Protect(changed), Sampled: sampled}, true
}
