// Package showcase fills a counter with cases to look at: some fifty, in every
// phase, with late ones, refused ones, amended ones, and what lies beside the
// cases (drafts, letters, staff, an absence, hours, notes, questions).
//
// Begin with [Fill]. [Cast] is who acts, fixed and made up, so that a demo can
// let somebody log in as any of them. What Fill returns names one case for each
// [Situation], for tests of pages and for whoever shows them.
//
// Nothing is written behind the back of the use cases. Every case is a tale:
// acts on days, given by people with the roles that the rules ask for, carried
// out by [app.App] with a clock that goes through the days in order. Decisions,
// specifications and releases are really signed. So every log is lawful and
// every page shows what the program itself has made. Days are relative to
// today, so that what is late today is late in a demo next year, too.
//
// One part is played: the vault. Its reports have the shapes of the real ones
// (population checked, files extracted, parcel delivered, purge protocol), with
// figures that are made up, and its parcels are sealed but hold a note instead
// of data. There is no person in any of it. A demo that wants to open a
// delivery lets the real vault carry one order out (room orderrun).
package showcase

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"sluss/internal/app"
	"sluss/internal/day"
	"sluss/internal/sealed"
	"sluss/internal/signed"
)

// Options say what to fill.
type Options struct {
	// App is the counter as its caller has put it together, with everything
	// that stands beside the cases. It is not changed: the showcase acts through
	// a counter of its own on the same ports, whose clock it moves.
	App *app.App
	// Now is the day on which the demo is shown; everything has happened before
	// it, and what that day itself brings about has.
	Now day.Day
	// Rand gives the signing keys. The same bytes on the same day give the same
	// cases, except for what the counter draws itself: ids of uploads and drafts,
	// names of files, seals.
	Rand io.Reader
	// Sequence puts what has been stored into the signed tree; needed when App
	// has one, as the vault's work waits for that.
	Sequence func(context.Context) error
	// Progress is told after every act how many of all have been done; may be nil.
	Progress func(done, total int)
}

// Shown is what has been filled in.
type Shown struct {
	// Cases is the number of a case, or the id of a draft or letter, for each
	// situation.
	Cases map[Situation]string
	// All are the numbers of all cases, oldest first.
	All []string
	// Signers are the public keys of those who sign, for the counter's list;
	// Keys their private keys, by persona; they sign nothing but the showcase.
	Signers signed.Signers
	Keys    map[string]string
	// Identities are the secret keys that parcels are sealed to, by orderer.
	Identities map[string]string
	// VaultSigner is the public key of the playing vault.
	VaultSigner string
}

// Fill fills the counter. It may be empty or hold other cases, which are left
// alone; no work may wait for the vault.
func Fill(ctx context.Context, o Options) (Shown, error) {
	s, err := newStage(o)
	if err != nil {
		return Shown{}, err
	}
	if n, err := o.App.Queue.Waiting(ctx); err != nil || n > 0 {
		return Shown{}, errors.Join(err, fmt.Errorf("showcase: %d jobs wait for the vault already", n))
	}
	if err := s.hire(ctx); err != nil {
		return Shown{}, err
	}
	if s.app.Outbox != nil {
		if err := s.app.Outbox.UseMail(ctx, time.Unix(0, 0)); err != nil {
			return Shown{}, err
		}
	}
	s.write()
	if err := s.play(ctx); err != nil {
		return Shown{}, err
	}
	if err := s.beside(ctx); err != nil {
		return Shown{}, err
	}
	if err := errors.Join(s.post(ctx), s.say(ctx)); err != nil {
		return Shown{}, err
	}
	return s.shown(), s.sequence(ctx)
}

func (s *stage) shown() Shown {
	out := Shown{Cases: maps.Clone(s.cases), Signers: s.signers, Keys: s.keys, Identities: s.identities, VaultSigner: s.vault.public}
	for _, t := range s.told {
		out.All = append(out.All, t.id)
	}
	for _, t := range s.tales {
		for _, name := range t.shows {
			out.Cases[name] = t.id
		}
	}
	return out
}

// check refuses a counter that lacks what the showcase shows.
func (o Options) check() error {
	a := o.App
	switch {
	case a == nil || a.Log == nil || a.Queue == nil || a.Blobs == nil || a.Authority == nil || a.Catalogue == nil || a.Seal == nil || a.Sign == nil || a.Open == nil:
		return errors.New("showcase: the counter is not whole")
	case a.Drafts == nil || a.Attachments == nil || a.Inspect == nil || a.Staff == nil || a.Incoming == nil:
		return errors.New("showcase: the counter lacks drafts, attachments, staff or incoming letters")
	case a.Tree != nil && o.Sequence == nil:
		return errors.New("showcase: the counter has a signed tree and nothing puts entries into it")
	case o.Rand == nil || o.Now == 0:
		return errors.New("showcase: no day or no randomness")
	}
	if _, err := sealed.ParseRecipient(a.VaultKey); err != nil {
		return fmt.Errorf("showcase: the vault's key: %w", err)
	}
	return nil
}
