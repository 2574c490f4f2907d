package register

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// buckets divide the rows of a table by ranges of persons, so that each range
// can be sorted on its own. They lie in memory, or in files where all rows
// together would not fit.
type buckets struct {
	l     *layout // of a record
	per   uint32  // persons per bucket
	spill string  // folder for files; "" keeps everything in memory
	list  []bucket
	check func(op string) error
	spare sync.Pool // of *[]byte that take has made
	read  sync.Pool // of *[]byte that files have been read into
}

type bucket struct {
	mu    sync.Mutex
	parts [][]byte
	file  *os.File
	bytes int64 // of records
	held  int64 // in the file, packed
}

const (
	rowsPerBucket = 400_000 // unless a test wants smaller ones
	maxBuckets    = 1024
	pocketBytes   = 32 << 10 // what a worker gathers before it hands over
)

// newBuckets plans buckets for about rows records of a layout, at most about most in
// each. Above budget bytes they go to files in spill.
func newBuckets(persons int, rows, most int64, l *layout, budget int64, spill string, check func(op string) error) *buckets {
	n := int(min(rows/most+1, maxBuckets))
	b := &buckets{l: l, per: uint32((persons+n-1)/n + 1), check: check}
	b.list = make([]bucket, persons/int(b.per)+1)
	if rows*int64(l.size) > budget {
		b.spill = spill
	}
	return b
}

// pocket is one worker's way into the buckets. Not safe for concurrent use.
type pocket struct {
	to   *buckets
	bufs [][]byte
	pack packer
}

func (b *buckets) pocket() *pocket {
	return &pocket{b, make([][]byte, len(b.list)), newPacker(b.l)}
}

// add copies r into its bucket.
func (p *pocket) add(r record) error {
	k := r.person() / p.to.per
	if len(p.bufs[k])+len(r) > pocketBytes {
		if err := p.flush(int(k)); err != nil {
			return err
		}
	}
	if p.bufs[k] == nil {
		p.bufs[k] = make([]byte, 0, max(pocketBytes, len(r)))
	}
	p.bufs[k] = append(p.bufs[k], r...)
	return nil
}

func (p *pocket) flush(k int) error {
	buf, b := p.bufs[k], &p.to.list[k]
	if len(buf) == 0 {
		return nil
	}
	var block []byte
	if p.to.spill != "" {
		block = p.pack.pack(buf)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes += int64(len(buf))
	if p.to.spill == "" {
		b.parts = append(b.parts, buf)
		p.bufs[k] = nil
		return nil
	}
	if err := p.to.check("spill"); err != nil {
		return err
	}
	if b.file == nil {
		f, err := os.OpenFile(filepath.Join(p.to.spill, fmt.Sprintf("bucket-%04d", k)), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		b.file = f
	}
	p.bufs[k] = buf[:0]
	n, err := b.file.Write(block)
	b.held += int64(n)
	return err
}

// close hands over what is left.
func (p *pocket) close() error {
	for k := range p.bufs {
		if err := p.flush(k); err != nil {
			return err
		}
	}
	return nil
}

// take returns the records of bucket k, and forgets them. Who has no more use
// for them gives the memory back.
func (b *buckets) take(k int) ([]byte, error) {
	u := &b.list[k]
	var out []byte
	if had, ok := b.spare.Get().(*[]byte); ok {
		out = (*had)[:0]
	}
	out = slices.Grow(out, int(u.bytes))
	if u.file == nil {
		for i, p := range u.parts {
			out = append(out, p...)
			u.parts[i] = nil
		}
		u.parts = nil
		return out, nil
	}
	out, err := b.fromDisk(u, out)
	if err != nil {
		return nil, err
	}
	name := u.file.Name()
	u.file.Close()
	u.file = nil
	return out, os.Remove(name)
}

// fromDisk appends the records of a bucket's file to out.
func (b *buckets) fromDisk(u *bucket, out []byte) ([]byte, error) {
	var blocks []byte
	if had, ok := b.read.Get().(*[]byte); ok {
		blocks = *had
	}
	blocks = slices.Grow(blocks[:0], int(u.held)+spare)[:u.held]
	defer b.read.Put(&blocks)
	if _, err := u.file.ReadAt(blocks, 0); err != nil {
		return nil, err
	}
	p := newPacker(b.l)
	out, err := p.unpack(out, blocks)
	if err == nil && int64(len(out)) != u.bytes {
		err = errSpill
	}
	return out, err
}

// give takes back memory from take.
func (b *buckets) give(recs []byte) { b.spare.Put(&recs) }

// persons returns the range [lo, hi) of persons of bucket k.
func (b *buckets) persons(k, all int) (lo, hi uint32) {
	return uint32(min(k*int(b.per), all)), uint32(min((k+1)*int(b.per), all))
}

// discard closes files that are still open.
func (b *buckets) discard() {
	for i := range b.list {
		if b.list[i].file != nil {
			b.list[i].file.Close()
		}
	}
}
