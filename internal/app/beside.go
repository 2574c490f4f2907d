package app

import (
	"context"
	"encoding/json"

	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/wording"
)

// Beside is what stands beside the cases at the counter. Each part may be left
// out; what needs it is then refused.
type Beside struct {
	// Drafts keeps applications that have not been handed in, and Upgrade
	// carries the answers of an older form over to Form, the one in use.
	Drafts  Drafts
	Upgrade UpgradeFunc
	Form    int
	// DraftDays is how many days an untouched draft is kept; 0 = 30.
	DraftDays int

	// Unsent keeps what is being written in forms that have no draft behind them,
	// encrypted with UnsentKey (32 bytes); nil keeps nothing.
	Unsent    UnsentTexts
	UnsentKey []byte

	// Attachments keeps what is known of uploaded documents, and Inspect looks
	// at one before it is kept.
	Attachments Attachments
	Inspect     InspectFunc
	// Malware looks for malicious content in a document before it is kept; nil
	// looks for nothing.
	Malware MalwareFunc

	// Reads is the log of who has read which case; nil logs nothing, which only
	// a test does.
	Reads *ReadLog

	// Hooks keeps subscriptions and what is to be sent to them, and HookSecret
	// gives the secret that a subscription's messages are signed with.
	Hooks      Hooks
	HookSecret func(subscription string) []byte

	// Press makes letters into files; nil where they are only read as text. Kept
	// keeps those that have been made; nil lets each be made anew.
	Press Press
	Kept  KeptLetters

	// Outbox keeps mail until it has been sent; nil where no mail is sent. Origin
	// is the address that its links begin with, and HasAccount tells whether
	// somebody with an address can log in.
	Outbox     Outbox
	Origin     string
	HasAccount func(ctx context.Context, email string) (bool, error)

	// Settings keeps what the administrator sets at the pages, and Book is every
	// text that may be said otherwise; nil: nothing is set here.
	Settings Settings
	Book     *wording.Book

	// Board keeps what the vault has told of its registers; nil: nothing.
	Board Board

	// Office is what staff ask the counter: digests of all cases, who works
	// here, mail that has no case yet.
	Office
}

// UpgradeFunc carries the answers of a draft from an older form over to the
// one in use, and tells what became of every answer that does not stand where
// it stood. [UpgradeAnswers] is the one.
type UpgradeFunc func(raw json.RawMessage, from int) (upgraded json.RawMessage, moved []intake.Moved, err error)

// UpgradeAnswers is [intake.Upgrade] for answers as a draft keeps them.
func UpgradeAnswers(raw json.RawMessage, from int) (json.RawMessage, []intake.Moved, error) {
	a, moved, err := intake.Upgrade(raw, from)
	if err != nil {
		return nil, nil, err
	}
	upgraded, err := json.Marshal(a)
	return upgraded, moved, err
}

// MalwareFunc looks for malicious content; a fault says what was found.
type MalwareFunc func(ctx context.Context, data []byte) error

// Scan looks for malicious content in a file, before anything else is done with
// it. Every way in for files asks it; only population files do not, which are
// sealed while they stream through.
func (a *App) Scan(ctx context.Context, data []byte) error {
	if a.Malware == nil {
		return nil
	}
	return a.Malware(ctx, data)
}

// vet looks at what the rules of room order cannot: whether a signed act is
// signed by who acts, and whether the documents that an application names are
// there, and the originals that a registration does.
func (a *App) vet(ctx context.Context, by order.Actor, s order.State, cmd order.Command) error {
	switch c := cmd.(type) {
	case order.AnswerSupplement:
		if err := a.checkAttachments(ctx, s.ID, c.Application, s.Application); err != nil {
			return err
		}
	case order.RegisterDocument:
		if err := a.checkOriginal(ctx, s.ID, c.Document.Blob, c.Document.SHA256); err != nil {
			return err
		}
	}
	return a.checkSignature(by, cmd)
}
