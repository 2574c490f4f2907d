package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"sluss/internal/letter"
	"sluss/internal/notice"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// States of a mail.
const (
	MailQueued  = "queued"
	MailSent    = "sent"     // a server has taken it
	MailRefused = "refused"  // the server will not take it: the address is wrong, say
	MailGivenUp = "given_up" // the server could not be reached for too long
)

// Mail is one notice to one recipient. Its address is kept until it has been
// settled and then removed: what stays is who it was for, in the words of the
// case.
type Mail struct {
	ID       int64
	Case     string
	Version  int    // of the entry that it tells of
	Event    string // its type
	Audience string
	Address  string
	Lang     string
	Page     string
	Letters  []letter.Kind
	Digest   bool
	Made     time.Time
	State    string
	Attempts int
	RunAt    time.Time // tried again then, while it is queued
	Fault    string    // code of the last fault
	Settled  time.Time
}

// Outbox keeps mail. A mail is made from a row that [Log.Append] writes in the
// same transaction as the entries, so none can be lost, and none can tell of
// what was not stored.
type Outbox interface {
	// UseMail begins to note what happens, from a time on; the first call counts.
	UseMail(ctx context.Context, from time.Time) error
	// SpreadMail takes a case in which something has happened, and hands it to
	// make with the version that mail has been made up to and the time from which
	// mail is sent; false when nothing has happened.
	SpreadMail(ctx context.Context, make func(id string, last int, since time.Time) (mails []Mail, upTo int, err error)) (bool, error)
	// LeaseMail gives what is to be sent next as one mail, for the time of the
	// lease: one notice, or all due ones to the same address in the same language
	// that can wait for each other. ErrNotFound when there is none.
	LeaseMail(ctx context.Context, now time.Time, lease time.Duration) ([]Mail, error)
	// SettleMail stores how an attempt went: a state that ends it, or queued
	// until a time.
	SettleMail(ctx context.Context, ids []int64, state, code string, at time.Time) error
	// MailOf lists the mail of a case, oldest first.
	MailOf(ctx context.Context, id string) ([]Mail, error)
	// MailInTrouble lists at most so many that were refused, given up or wait
	// after an attempt that failed, and Mail returns one; ErrNotFound.
	MailInTrouble(ctx context.Context, most int) ([]Mail, error)
	Mail(ctx context.Context, id int64) (Mail, error)
	// ResendMail puts one of them back to be sent now, to an address; ErrNotFound
	// when it is not in trouble any more.
	ResendMail(ctx context.Context, id int64, address string, now time.Time) error
}

// Waiting times of mail: one minute, doubled each time, at most four hours; an
// hour's stop of the server costs an hour, three days' end it.
const (
	mailLease     = 2 * time.Minute
	mailFirstWait = time.Minute
	mailLongest   = 4 * time.Hour
	mailPatience  = 72 * time.Hour
	mailMorning   = 7 // Swedish hour of digests
)

// SpreadMail makes the mail of one case in which something has happened.
func (a *App) SpreadMail(ctx context.Context) (bool, error) {
	if a.Outbox == nil {
		return false, nil
	}
	return a.Outbox.SpreadMail(ctx, func(id string, last int, since time.Time) ([]Mail, int, error) {
		entries, err := a.Log.Load(ctx, id)
		if err != nil {
			return nil, 0, err
		}
		var out []Mail
		s := order.State{ID: id}
		for _, e := range entries {
			s = order.Apply(s, e)
			if e.Version <= last || e.At.Before(since) {
				continue
			}
			for _, n := range notice.Of(s, e, a.Authority.Officer) {
				m := Mail{
					Case: id, Version: e.Version, Event: n.Event, Audience: string(n.Audience), Address: n.Address, Lang: n.Lang, Page: n.Page, Digest: n.Digest,
					Made: a.Clock(), State: MailQueued, RunAt: a.Clock(),
				}
				if n.Digest {
					m.RunAt = morning(a.Clock())
				}
				if n.Audience == notice.Representative {
					m.Letters = n.Letters
				}
				out = append(out, m)
			}
		}
		return out, s.Version, nil
	})
}

// morning is the next seven o'clock in Sweden.
func morning(now time.Time) time.Time {
	for t := now.Truncate(time.Hour).Add(time.Hour); ; t = t.Add(time.Hour) {
		if swedishHour(t) == mailMorning {
			return t
		}
	}
}

// swedishHour is the hour of the day in Sweden; the civil day changes at its
// midnight.
func swedishHour(t time.Time) int {
	for h := range 24 {
		if swede.CivilDay(t.Add(-time.Duration(h+1)*time.Hour)) != swede.CivilDay(t) {
			return h
		}
	}
	return 23
}

// Outgoing is a mail as it leaves.
type Outgoing struct {
	IDs      []int64
	Address  string
	Subject  string
	Text     string
	Files    []Printed
	Attempts int
	Made     time.Time
}

// NextMail leases what is to be sent next; ErrNotFound when there is nothing.
func (a *App) NextMail(ctx context.Context) (Outgoing, error) {
	if a.Outbox == nil {
		return Outgoing{}, ErrNotFound
	}
	all, err := a.Outbox.LeaseMail(ctx, a.Clock(), mailLease)
	if err != nil {
		return Outgoing{}, err
	}
	out := Outgoing{Address: all[0].Address, Attempts: all[0].Attempts, Made: all[0].Made}
	var pieces []notice.Piece
	for _, m := range all {
		out.IDs = append(out.IDs, m.ID)
		pieces = append(pieces, notice.Piece{Case: m.Case, Event: m.Event, Audience: notice.Audience(m.Audience), Page: m.Page})
	}
	lang := all[0].Lang
	if len(all[0].Letters) > 0 {
		if out.Files, err = a.enclosed(ctx, all[0]); err != nil {
			return out, errors.Join(err, a.MailSettled(ctx, out, "mail.letters", false))
		}
	}
	authority := a.Authority.Name.In(lang)
	out.Subject = notice.Subject(a.Said, authority, lang, pieces)
	out.Text = notice.Body(a.Said, authority, lang, notice.Link(a.Origin, lang, pieces), pieces, len(out.Files) > 0)
	return out, nil
}

// enclosed are the letters that go with a mail to somebody who has no account;
// none where letters cannot be made as PDF, as the case is then read by post or
// after a login.
func (a *App) enclosed(ctx context.Context, m Mail) ([]Printed, error) {
	if !a.Prints(LetterPDF) || a.HasAccount == nil {
		return nil, nil
	}
	if has, err := a.HasAccount(ctx, m.Address); err != nil || has {
		return nil, err
	}
	entries, err := a.Log.Load(ctx, m.Case)
	if err != nil {
		return nil, err
	}
	var out []Printed
	for _, d := range DocumentList(m.Case, entries) {
		if d.Version != m.Version || !slices.Contains(m.Letters, letter.Kind(d.Kind)) {
			continue
		}
		l, err := a.Letter(ctx, m.Case, entries, d, m.Lang)
		if err != nil {
			return nil, err
		}
		if swede.Contains(l.Text()) {
			return nil, errors.New("mail: a letter holds something like an identity number")
		}
		p, err := a.IssueLetter(ctx, m.Case, entries, d, m.Lang, LetterPDF)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// MailSettled stores how sending went: code is "" when a server has taken it,
// final when trying again is of no use. What failed is tried again, later each
// time, and given up after three days.
func (a *App) MailSettled(ctx context.Context, m Outgoing, code string, final bool) error {
	now := a.Clock()
	switch {
	case code == "":
		return a.Outbox.SettleMail(ctx, m.IDs, MailSent, "", now)
	case final:
		return a.Outbox.SettleMail(ctx, m.IDs, MailRefused, code, now)
	case now.Sub(m.Made) > mailPatience:
		return a.Outbox.SettleMail(ctx, m.IDs, MailGivenUp, code, now)
	}
	wait := min(mailFirstWait<<min(max(m.Attempts-1, 0), 20), mailLongest)
	return a.Outbox.SettleMail(ctx, m.IDs, MailQueued, code, now.Add(wait))
}

// MailOf lists what has been sent, or waits to be, in a case, oldest first.
func (a *App) MailOf(ctx context.Context, id string) ([]Mail, error) {
	if a.Outbox == nil {
		return nil, nil
	}
	all, err := a.Outbox.MailOf(ctx, id)
	for i := range all {
		all[i].Address = "" // the case says who is reached where
	}
	return all, err
}
