package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
	"sluss/internal/wording"
)

// Settings keeps what the administrator sets at the pages, as its changes.
type Settings interface {
	// Changes returns the changes of a kind after a number, oldest first.
	Changes(ctx context.Context, kind string, after int) ([]Change, error)
	// Change notes the next change; ErrConflict when its number is taken.
	Change(ctx context.Context, kind string, c Change) error
}

// Change is one change of what the administrator sets.
type Change struct {
	No  int // 1, 2, … of its kind
	By  order.Actor
	At  time.Time
	Doc json.RawMessage
}

// textChanges is the kind of the changes of texts.
const textChanges = "texts"

// textDoc is a change of a text as the log keeps it.
type textDoc struct {
	Key    string   `json:"key"`
	SV     string   `json:"sv,omitempty"` // both empty: back to the original
	EN     string   `json:"en,omitempty"`
	From   day.Day  `json:"from"`
	Until  *day.Day `json:"until,omitempty"`
	Reason string   `json:"reason"`
}

// spoken is how the authority says its texts: read once and swapped as a whole
// when something has changed, so that a page asks no database for its words.
type spoken struct {
	history *wording.History
	day     day.Day
	now     map[string]catalog.Text
}

// texts holds the latest reading.
type texts struct{ latest atomic.Pointer[spoken] }

// Said is how the authority says a text today; false leaves it as it is.
func (a *App) Said(key string) (catalog.Text, bool) {
	s := a.texts.latest.Load()
	if s == nil {
		return catalog.Text{}, false
	}
	t, ok := s.now[key]
	return t, ok
}

// said is how the authority said texts at a time, as was known then: what has
// been noted since changes no letter that was written.
func (a *App) said(at time.Time) func(key string) (catalog.Text, bool) {
	s := a.texts.latest.Load()
	if s == nil {
		return nil
	}
	d := swede.CivilDay(at)
	return func(key string) (catalog.Text, bool) {
		r, ok := wording.InForce(s.history.Of(key), d, at)
		return r.Text, ok
	}
}

// ReadTexts takes in what has been changed since the last reading, here or by
// another process, and what a new day brings.
func (a *App) ReadTexts(ctx context.Context) error {
	if a.Settings == nil {
		return nil
	}
	last, today := a.texts.latest.Load(), a.today()
	var all []wording.Revision
	if last != nil {
		all = last.history.All()
	}
	news, err := a.Settings.Changes(ctx, textChanges, len(all))
	if err != nil {
		return err
	}
	if last != nil && len(news) == 0 && last.day == today {
		return nil
	}
	all = append([]wording.Revision(nil), all...)
	for _, c := range news {
		r, err := revision(c)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	s := &spoken{history: wording.NewHistory(all), day: today}
	s.now = s.history.On(today, wording.Latest)
	// A reading that began before ours must not replace it.
	for {
		have := a.texts.latest.Load()
		if have != nil && (have.history.Len() > len(all) || have.history.Len() == len(all) && have.day > today) {
			return nil
		}
		if a.texts.latest.CompareAndSwap(have, s) {
			return nil
		}
	}
}

func revision(c Change) (wording.Revision, error) {
	var d textDoc
	if err := json.Unmarshal(c.Doc, &d); err != nil {
		return wording.Revision{}, fmt.Errorf("texts, change %d: %w", c.No, err)
	}
	r := wording.Revision{No: c.No, Key: d.Key, Text: catalog.Text{SV: d.SV, EN: d.EN}, From: d.From, Reason: d.Reason, By: c.By.ID, At: c.At}
	if d.Until != nil {
		r.Until = *d.Until
	}
	return r, nil
}

// ReadSettings takes in what administrators have changed since the last reading,
// here or by another process: texts, prices, closed days.
func (a *App) ReadSettings(ctx context.Context) error {
	if a.Settings == nil {
		return nil
	}
	return errors.Join(a.ReadTexts(ctx), a.readHouse(ctx))
}

// WatchSettings reads what has been changed, every so often, until ctx ends:
// what one process of the counter has noted the others go by within that time.
func (a *App) WatchSettings(ctx context.Context, every time.Duration, log *slog.Logger) {
	t := time.NewTicker(every)
	defer t.Stop()
	for failed := false; ; {
		err := a.ReadSettings(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			log.ErrorContext(ctx, "what administrators set", "err", err)
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// TextBook is every text that there is, and what has been changed in them; nil
// where texts cannot be changed.
func (a *App) TextBook(ctx context.Context) (*wording.Book, *wording.History, error) {
	if a.Settings == nil || a.Book == nil {
		return nil, nil, ErrNotFound
	}
	if err := a.ReadTexts(ctx); err != nil {
		return nil, nil, err
	}
	return a.Book, a.texts.latest.Load().history, nil
}

// ChangeText notes what the administrator wants a text to say, or, with an
// empty text, that the original holds again. Everything that is wrong comes back
// at once, joined.
func (a *App) ChangeText(ctx context.Context, p access.Person, r wording.Revision) error {
	if p.Role != access.RoleAdministrator {
		return officeDenied(p.Role, "change_text")
	}
	if _, err := a.Known(ctx, p); err != nil {
		return err
	}
	return a.changeText(ctx, p.Actor(), r)
}

// OperatorChangesText is ChangeText by whoever runs the counter's machine, under
// the name by.
func (a *App) OperatorChangesText(ctx context.Context, by string, r wording.Revision) error {
	return a.changeText(ctx, order.Actor{ID: by, Role: access.RoleAdministrator}, r)
}

// CheckText says everything that is wrong with a change, without making it.
func (a *App) CheckText(r wording.Revision) []*fault.Fault {
	wrong := wording.CheckChange(r, a.today())
	if r.Back() {
		if _, ok := a.Book.Of(r.Key); !ok { // its key may have gone with a new version of the program
			if a.texts.latest.Load() == nil || len(a.texts.latest.Load().history.Of(r.Key)) == 0 {
				return append(a.Book.Check(r.Key, r.Text), wrong...)
			}
		}
		return wrong
	}
	return append(a.Book.Check(r.Key, r.Text), wrong...)
}

func (a *App) changeText(ctx context.Context, by order.Actor, r wording.Revision) error {
	if r.From == 0 {
		r.From = a.today()
	}
	r.Reason = strings.TrimSpace(r.Reason)
	if t := (catalog.Text{SV: strings.TrimSpace(r.Text.SV), EN: strings.TrimSpace(r.Text.EN)}); t != (catalog.Text{}) {
		r.Text = t // nothing but space is refused; empty goes back
	}
	for range attempts {
		_, history, err := a.TextBook(ctx)
		if err != nil {
			return err
		}
		if wrong := a.CheckText(r); len(wrong) > 0 {
			all := make([]error, len(wrong))
			for i, w := range wrong {
				all[i] = w
			}
			return errors.Join(all...)
		}
		if r.Back() && !a.changed(history, r) {
			return fault.New("text.original", "Texten är redan som originalet, och inget annat är planerat.", "The text is the original already, and nothing else is planned.").
				At(fault.Where{Column: "key"}).Do("Det finns inget att ta tillbaka.", "There is nothing to take back.")
		}
		d := textDoc{Key: r.Key, SV: r.Text.SV, EN: r.Text.EN, From: r.From, Reason: r.Reason}
		if r.Until != 0 {
			d.Until = &r.Until
		}
		doc, err := json.Marshal(d)
		if err != nil {
			return err
		}
		err = a.Settings.Change(ctx, textChanges, Change{No: history.Len() + 1, By: by, At: a.Clock(), Doc: doc})
		if errors.Is(err, ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		return a.ReadTexts(ctx)
	}
	return ErrConflict
}

// changed reports whether going back would change anything.
func (a *App) changed(h *wording.History, r wording.Revision) bool {
	if _, ok := wording.InForce(h.Of(r.Key), r.From, wording.Latest); ok {
		return true
	}
	return len(h.Planned(r.Key, r.From-1)) > 0
}
