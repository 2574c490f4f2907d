package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sluss/internal/app"
	"sluss/internal/canon"
)

// Inbox is where fetched mail goes; app.App has it.
type Inbox interface {
	HasMail(ctx context.Context, key string) (bool, error)
	TakeMail(ctx context.Context, m app.FetchedMail) error
}

// Fetcher takes mail from a mailbox into the registrar's list, until its context
// ends. The mailbox is left as it is. What has been taken is known by the list
// itself: a mail is taken once, whoever fetches it, however often, and after a
// restart as well. A server that is down costs nothing but time.
type Fetcher struct {
	Box   *Box
	Inbox Inbox
	Clock func() time.Time
	Log   *slog.Logger
	// Every is how often to look; 0 = one minute. Days is how far back mail is
	// looked for; 0 = 30: a counter that stands still for longer misses mail.
	Every time.Duration
	Days  int

	known    map[uint32]bool // mails that the list has, by their numbers
	validity uint32
	failing  bool
}

// Run fetches until ctx ends.
func (f *Fetcher) Run(ctx context.Context) {
	every := f.Every
	if every == 0 {
		every = time.Minute
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		n, err := f.Fetch(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !f.failing: // once, and when it is well again
			f.Log.ErrorContext(ctx, "incoming mail cannot be fetched; it lies where it is", "err", err)
		case err == nil && f.failing:
			f.Log.InfoContext(ctx, "incoming mail is fetched again")
		}
		if f.failing = err != nil; n > 0 {
			f.Log.InfoContext(ctx, "incoming mail", "letters", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Fetch takes what is new, and returns how many mails that were. One that cannot
// be taken now does not keep the others waiting; it is tried again the next
// time.
func (f *Fetcher) Fetch(ctx context.Context) (taken int, err error) {
	s, err := f.Box.Open(ctx)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if f.known == nil || f.validity != s.Validity {
		f.known, f.validity = map[uint32]bool{}, s.Validity
	}
	days := f.Days
	if days == 0 {
		days = 30
	}
	all, err := s.Since(f.Clock().AddDate(0, 0, -days))
	if err != nil {
		return 0, err
	}
	still, failed := map[uint32]bool{}, error(nil)
	for _, uid := range all {
		if f.known[uid] {
			still[uid] = true
			continue
		}
		isNew, err := f.take(ctx, s, uid)
		if errors.Is(err, ErrBox) || ctx.Err() != nil {
			failed = errors.Join(err, ctx.Err())
			break
		}
		if err != nil {
			failed = err
			continue
		}
		still[uid] = true
		if isNew {
			taken++
		}
	}
	if failed == nil { // what is gone from the box needs not be remembered
		f.known = still
	} else {
		for uid := range still {
			f.known[uid] = true
		}
	}
	return taken, failed
}

// take takes one mail, unless the list has it.
func (f *Fetcher) take(ctx context.Context, s *Session, uid uint32) (isNew bool, err error) {
	n, found, err := s.Note(uid)
	if err != nil || !found {
		return false, err
	}
	if n.Key != "" {
		if has, err := f.Inbox.HasMail(ctx, n.Key); err != nil || has {
			return false, err
		}
	}
	var raw []byte
	if n.Size > app.MaxAttachment {
		if raw, found, err = s.Head(uid); err == nil && found {
			raw = append(raw, fmt.Sprintf("The mail has %d bytes, more than is taken in. It lies in the mailbox.\r\nMejlet har %d byte, mer än vad som tas emot. Det ligger kvar i brevlådan.\r\n", n.Size, n.Size)...)
			raw = withoutParts(raw)
		}
	} else {
		raw, found, err = s.Whole(uid)
	}
	if err != nil || !found {
		return false, err
	}
	if n.Key == "" { // a program that gives mail no name: its content is its name
		n.Key = string(canon.Sum(raw))
		if has, err := f.Inbox.HasMail(ctx, n.Key); err != nil || has {
			return false, err
		}
	}
	return true, f.Inbox.TakeMail(ctx, app.FetchedMail{Key: n.Key, At: n.At, Raw: raw})
}

// withoutParts makes a head whose parts were not fetched one of plain text.
func withoutParts(raw []byte) []byte {
	return append([]byte("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nX-Sluss-Original: head\r\n"), raw...)
}
