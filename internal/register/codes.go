package register

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"sluss/internal/catalog"
)

// Codes that are none.
const (
	codeUnknown uint16 = 1<<16 - 1 // not in a closed value set
	codeText    uint16 = 1<<16 - 2 // a text that no code is
	codeFull    uint16 = 1<<16 - 3 // the dictionary is full
	// maxCodes bounds the texts of a dictionary, the empty one among them.
	maxCodes = int(codeFull)
)

// codeBook gives the texts of one column numbers, in the order in which they
// come; [codeBook.final] puts them in an order that does not depend on it.
type codeBook struct {
	closed map[string]bool // nil: every text is accepted
	mu     sync.Mutex
	texts  []string // texts[0] is ""
	number map[string]uint16
	full   bool
}

func newCodeBook(closed map[string]bool) *codeBook {
	return &codeBook{closed: closed, texts: []string{""}, number: map[string]uint16{"": 0}}
}

func (b *codeBook) code(text string) uint16 {
	if b.closed != nil && !b.closed[text] {
		return codeUnknown
	}
	if len(text) > catalog.MaxCodeBytes || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return codeText
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n, ok := b.number[text]
	if !ok {
		if len(b.texts) >= maxCodes {
			b.full = true
			return codeFull
		}
		n = uint16(len(b.texts))
		b.texts = append(b.texts, text)
		b.number[text] = n
	}
	return n
}

// final returns the dictionary of this load and the parent's together in
// bytewise order, and for both the way from old numbers to new; ok is false where
// they are too many together.
func (b *codeBook) final(parent []string) (dict []string, fromBook, fromParent []uint16, ok bool) {
	dict = append(append([]string{""}, b.texts...), parent...)
	slices.Sort(dict)
	if dict = slices.Compact(dict); len(dict) > maxCodes {
		return nil, nil, nil, false
	}
	way := func(texts []string) []uint16 {
		out := make([]uint16, len(texts))
		for i, t := range texts {
			k, _ := slices.BinarySearch(dict, t)
			out[i] = uint16(k)
		}
		return out
	}
	return dict, way(b.texts), way(parent), true
}

// codeCache is one worker's memory of a codeBook.
type codeCache struct {
	book *codeBook
	seen map[string]uint16
}

func newCodeCache(b *codeBook) *codeCache { return &codeCache{b, map[string]uint16{"": 0}} }

func (c *codeCache) code(text []byte) uint16 {
	n, ok := c.seen[string(text)]
	if !ok {
		if len(c.seen) > 1<<17 { // junk in the source must not fill the memory
			clear(c.seen)
		}
		n = c.book.code(string(text))
		c.seen[string(text)] = n
	}
	return n
}
