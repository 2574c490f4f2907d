package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"mime"
	"net/mail"
	"strings"
	"time"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/swede"
)

// FetchedMail is a mail that the counter has fetched from its mailbox.
type FetchedMail struct {
	// Key tells two mails apart: it is made of what the sender's program gave the
	// mail (Message-ID, sender, date), so that a mail that lies in the box twice
	// is one.
	Key string
	// At is when it arrived at the mail server: day 0.
	At  time.Time
	Raw []byte // as it came, at most [MaxAttachment]
}

// fetcher is who puts fetched mail in.
const fetcher = "imap"

// letterOf is the id of the letter that a fetched mail becomes. It follows from
// its key: the same mail cannot become two letters, whoever fetches it, and when.
func letterOf(key string) string {
	sum := sha256.Sum256([]byte("mail\x00" + key))
	return "P-" + base32.StdEncoding.EncodeToString(sum[:10])
}

// HasMail reports whether a mail has been taken in.
func (a *App) HasMail(ctx context.Context, key string) (bool, error) {
	if a.Incoming == nil {
		return false, ErrNotFound
	}
	_, err := a.Incoming.Letter(ctx, letterOf(key))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// TakeMail takes a fetched mail into the registrar's list. Mail is not refused:
// it has come in (tryckfrihetsförordningen 2 kap. 9 §). One that holds something
// malicious, or macros, is sealed to the vault's key where nobody here can open
// it, with a note of what was found; one with too many personnummer as well. An
// error means that nothing is stored, and that it can be tried again.
func (a *App) TakeMail(ctx context.Context, m FetchedMail) error {
	if a.Incoming == nil || a.Inspect == nil {
		return ErrNotFound
	}
	select {
	case inspecting <- struct{}{}:
		defer func() { <-inspecting }()
	case <-ctx.Done():
		return ctx.Err()
	}
	l := Letter{
		ID: letterOf(m.Key), At: a.Clock(), By: fetcher, Arrived: min(swede.CivilDay(m.At), a.today()), Channel: order.ChannelMail, State: LetterWaiting, Type: mailType,
	}
	l.Sender, l.Subject = headOf(m.Raw)
	l.Name = l.ID + ".eml"
	harm, numbers, err := a.lookIntoMail(ctx, m.Raw)
	if err != nil {
		return err
	}
	l.Reason, l.Blob = harm, lettersIn+l.ID
	switch {
	case harm != "" && a.VaultKey == "":
		// Nobody could ever open it: that it came stays known, with its hash.
		l.Sealed, l.Name, l.Blob, l.SHA256, l.Bytes = true, "", "", canon.Sum(m.Raw), int64(len(m.Raw))
	case harm != "" || numbers > MaxNumbers:
		l.Sealed, l.Name, l.Type, l.Blob = true, "", "application/age", "sealed-away/"+l.ID+".age"
		if harm == "" {
			l.Subject = ""
		}
		l.Bytes, l.SHA256, err = a.putSealed(ctx, l.Blob, bytes.NewReader(m.Raw))
	default:
		l.Bytes, l.SHA256, err = a.Blobs.Put(ctx, l.Blob, bytes.NewReader(m.Raw))
	}
	if err != nil {
		return err
	}
	if err := a.Incoming.PutLetter(ctx, l); err != nil {
		after := context.WithoutCancel(ctx)
		if there, e := a.HasMail(after, m.Key); e != nil || there { // another counter was faster, and its letter has the same original
			return e
		}
		if l.Blob != "" {
			err = errors.Join(err, a.Blobs.Delete(after, l.Blob))
		}
		return err
	}
	return nil
}

// lookIntoMail says what harm a mail does, as a code with the signature after it, and
// how many different kinds of numbers stand in it. What is of no kind that is
// taken elsewhere is part of the mail and stays in it.
func (a *App) lookIntoMail(ctx context.Context, raw []byte) (harm string, numbers int, err error) {
	look := func(data []byte) error {
		err := a.Scan(ctx, data)
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Code != "scan.found" {
			return err
		}
		harm = f.Code
		if s, ok := errors.AsType[interface {
			error
			Name() string
		}](err); ok {
			harm += " " + s.Name()
		}
		return errHarm
	}
	if err = look(raw); err == nil {
		err = walkMail(raw, func(p MailPart) error {
			if err := look(p.Data); err != nil {
				return err
			}
			seen, err := a.Inspect(p.inspected(), p.Data)
			if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == "attachment.active" {
				harm = f.Code
				return errHarm
			}
			if err != nil {
				seen.Numbers = numbersInBytes(p.Data)
			}
			numbers += seen.Numbers
			return nil
		})
		if f, ok := errors.AsType[*fault.Fault](err); ok && f.Code == "incoming.mail" { // no program reads it whole
			numbers, err = max(numbers, numbersInBytes(raw)), nil
		}
	}
	if errors.Is(err, errHarm) {
		return harm, 0, nil
	}
	return harm, numbers, err
}

var errHarm = errors.New("the mail holds something harmful")

// numbersInBytes counts the personnummer in what is not taken apart, one more
// than [MaxNumbers] at most.
func numbersInBytes(data []byte) int {
	seen := map[string]bool{}
	swede.FindIn(data, swede.Real, func(h swede.Hit) bool {
		if h.Alone {
			seen[string(data[h.Start:h.End])] = true
		}
		return len(seen) <= MaxNumbers
	})
	return len(seen)
}

// headOf are sender and subject of a mail, as far as they can be read; without
// what looks like a personnummer.
func headOf(raw []byte) (sender, subject string) {
	sender = "?"
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return sender, ""
	}
	plain := func(name string, most int) string {
		text := m.Header.Get(name)
		if s, err := new(mime.WordDecoder).DecodeHeader(text); err == nil {
			text = s
		}
		text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool { return r < ' ' || r == ' ' || r == 0x7f }), " ")
		runes := []rune(text)
		text = string(runes[:min(len(runes), most)])
		if swede.Contains(text) {
			text = swede.Mask(text)
		}
		return text
	}
	if from, err := mail.ParseAddress(m.Header.Get("From")); err == nil && len(from.Address) <= 254 && !swede.Contains(from.Address) {
		sender = from.Address
	} else if text := plain("From", 200); text != "" {
		sender = text
	}
	return sender, plain("Subject", 400)
}

// HarmOf is what was found in a letter that is kept apart, "" when nothing was:
// a code and the name of a signature.
func (l Letter) HarmOf() string {
	if l.Sealed && l.State == LetterWaiting && (strings.HasPrefix(l.Reason, "scan.") || strings.HasPrefix(l.Reason, "attachment.")) {
		return l.Reason
	}
	return ""
}
