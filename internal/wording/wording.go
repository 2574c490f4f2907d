// Package wording says what an authority may say in its own words: which texts
// of pages, letters and mail may be replaced, by what, and which of them holds
// on a day.
//
// A text has a key, an original in both languages and a place where it is read.
// The administrator replaces both languages at once ([Book.Check] says what is
// wrong with a replacement) from a day on, for a while or for good, and gives a
// reason. Nothing is ever overwritten: what was said on a day follows from the
// list of [Revision]s ([InForce]), so that a letter reads tomorrow as it read
// when it was written.
//
// Some texts are not the administrator's to change ([Locked]): those that say
// what somebody signs, binds themselves to or is decided, those that cite a
// provision, and those that keep identity numbers out. Who changes such a text
// changes the law's conditions or somebody's will, and does so in the program,
// where a second person reads it.
//
// Sources: språklagen (2009:600) 11 § (vårdat, enkelt och begripligt);
// förvaltningslagen (2017:900) 33 § (what a decision's notice says).
package wording

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Original is a text as the program has it.
type Original struct {
	Key  string
	Text catalog.Text
	// Place is where it is read, in words, and Paths are pages that it stands on,
	// as far as that is known.
	Place catalog.Text
	Paths []string
	// Bound is how hard its sentences may be to read (LIX).
	Bound float64
}

// Book is every text that there is, by key.
type Book struct {
	all []Original
	at  map[string]int
}

// NewBook puts texts together; a key that comes twice is an error.
func NewBook(parts ...[]Original) (*Book, error) {
	b := &Book{all: slices.Concat(parts...), at: map[string]int{}}
	slices.SortStableFunc(b.all, func(x, y Original) int { return cmp.Compare(x.Key, y.Key) })
	for i, o := range b.all {
		if _, twice := b.at[o.Key]; twice {
			return nil, fmt.Errorf("two texts have the key %s", o.Key)
		}
		b.at[o.Key] = i
	}
	return b, nil
}

// All is every text, by key; not to be changed.
func (b *Book) All() []Original { return b.all }

// Of is the text with a key.
func (b *Book) Of(key string) (Original, bool) {
	i, ok := b.at[key]
	if !ok {
		return Original{}, false
	}
	return b.all[i], true
}

// Search finds texts in whose key, original or replacement every word of the
// question stands, in either language and either case.
func (b *Book) Search(question string, now map[string]catalog.Text) []Original {
	words := strings.Fields(strings.ToLower(question))
	var out []Original
	for _, o := range b.all {
		t := now[o.Key]
		in := strings.ToLower(strings.Join([]string{o.Key, o.Text.SV, o.Text.EN, t.SV, t.EN}, "\n"))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, w) }) {
			out = append(out, o)
		}
	}
	return out
}

// Revision is one change of one text: what it says instead of its original from
// a day on, or, with an empty text, that the original holds again.
type Revision struct {
	No     int // 1, 2, … among all changes of texts
	Key    string
	Text   catalog.Text
	From   day.Day
	Until  day.Day // last day; 0 = until something else is said
	Reason string
	By     string
	At     time.Time // when it was noted
}

// Back reports whether the revision goes back to the original.
func (r Revision) Back() bool { return r.Text == catalog.Text{} }

// holds reports whether a day lies in the revision's time.
func (r Revision) holds(d day.Day) bool { return d >= r.From && (r.Until == 0 || d <= r.Until) }

// Latest is a time after every change: what is known now, whatever the clocks of
// two processes say.
var Latest = time.Unix(1<<40, 0)

// InForce is what holds for a text on a day, as was known at a time; false when
// that is its original. revisions are those of one key in the order of their
// numbers.
//
// Of several that hold, the one that began last does, and of those the one that
// was noted last. Going back ends what runs and takes back what had been planned
// for its day and later.
func InForce(revisions []Revision, d day.Day, at time.Time) (Revision, bool) {
	var best *Revision
	for i := range revisions {
		r := &revisions[i]
		switch {
		case r.At.After(at) || d < r.From:
		case r.Back():
			best = nil
		case r.holds(d) && (best == nil || r.From >= best.From):
			best = r
		}
	}
	if best == nil {
		return Revision{}, false
	}
	return *best, true
}

// History is every change of texts, ready to be asked.
type History struct {
	all []Revision
	by  map[string][]Revision
}

// NewHistory takes the changes in the order of their numbers.
func NewHistory(all []Revision) *History {
	h := &History{all: all, by: map[string][]Revision{}}
	for _, r := range all {
		h.by[r.Key] = append(h.by[r.Key], r)
	}
	return h
}

// All is every change, oldest first; not to be changed.
func (h *History) All() []Revision { return h.all }

// Len is how many changes there have been.
func (h *History) Len() int { return len(h.all) }

// Of is what has happened to a text, oldest first.
func (h *History) Of(key string) []Revision { return h.by[key] }

// Keys are the texts that have been changed ever, sorted.
func (h *History) Keys() []string {
	var out []string
	for k := range h.by {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// On is every text that is not its original on a day, as was known at a time.
func (h *History) On(d day.Day, at time.Time) map[string]catalog.Text {
	out := map[string]catalog.Text{}
	for k, revs := range h.by {
		if r, ok := InForce(revs, d, at); ok {
			out[k] = r.Text
		}
	}
	return out
}

// Planned are the changes of a text that begin after a day and that nothing has
// taken back.
func (h *History) Planned(key string, after day.Day) []Revision {
	var out []Revision
	for _, r := range h.by[key] {
		if r.From > after {
			if now, ok := InForce(h.by[key], r.From, Latest); ok && now.No == r.No {
				out = append(out, r)
			}
		}
	}
	return out
}
