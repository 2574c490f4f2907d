package app

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"sluss/internal/access"
	"sluss/internal/fault"
)

// What is being written in a form and has not been sent is kept for the one
// who writes it, so that a server that stops, a login that has grown old or a
// window that is closed costs at most the field that was being written. It is
// nobody else's: no page, list, log or search shows it. It is gone when the
// form is sent, when its writer throws it away, and after [unsentDays].
//
// Drafts of applications are no part of this: they are stored as they are
// written (see [Draft]). Here is what has no draft behind it: quotes,
// worksheets, letters, answers to a supplement.

const (
	// unsentDays is how long text that nobody sends is kept.
	unsentDays = 30
	// unsentForms is how many forms are kept for a person; the oldest give way.
	unsentForms = 60
	// MaxUnsent bounds what one form may keep, bytes of its encoded values.
	MaxUnsent = 256 << 10
	// maxFormName bounds the name of a form, which is the address it is sent to.
	maxFormName = 200
)

// UnsentTexts keeps what has not been sent. It is handed names that tell
// nothing and texts that are encrypted.
type UnsentTexts interface {
	// KeepUnsent stores a text of a writer under a name, in the place of what it
	// had, and removes the writer's oldest beyond most.
	KeepUnsent(ctx context.Context, writer, name, text string, at time.Time, most int) error
	// UnsentText returns what a name has; ErrNotFound when there is nothing.
	UnsentText(ctx context.Context, name string) (text string, at time.Time, err error)
	// UnsentOf returns the names that a writer has, in no order.
	UnsentOf(ctx context.Context, writer string) ([]string, error)
	// DropUnsent removes what a name has; dropping nothing changes nothing.
	DropUnsent(ctx context.Context, name string) error
	// PurgeUnsent removes what was written before a time and counts it.
	PurgeUnsent(ctx context.Context, before time.Time) (int, error)
}

// KeepsUnsent reports whether this counter keeps what is not sent.
func (a *App) KeepsUnsent() bool { return a.Unsent != nil && len(a.UnsentKey) == sha256.Size }

// keepsUnsent reports whether there is a place for it, and a writer.
func (a *App) keepsUnsent(p access.Person) bool {
	return a.KeepsUnsent() && p.ID != ""
}

// unsentName is a keyed hash, so that the database tells neither whose a text
// is nor of which case.
func (a *App) unsentName(parts ...string) string {
	h := hmac.New(sha256.New, a.UnsentKey)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// writer names a person in a role: what a handler writes is not shown to the
// same person as an orderer.
func (a *App) writer(p access.Person) string { return a.unsentName("writer", p.ID, string(p.Role)) }

func (a *App) unsentForm(p access.Person, form string) string {
	return a.unsentName("form", p.ID, string(p.Role), form)
}

// unsentCipher is the cipher of a name's text; the name is bound to the text,
// so that one cannot be put in the place of another.
func (a *App) unsentCipher() (cipher.AEAD, error) {
	key := hmac.New(sha256.New, a.UnsentKey)
	key.Write([]byte("text"))
	block, err := aes.NewCipher(key.Sum(nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// KeepUnsent keeps what a person has written in a form, in the place of what
// was kept before, and returns when. kept is false when this counter keeps
// nothing.
func (a *App) KeepUnsent(ctx context.Context, p access.Person, form string, values url.Values) (at time.Time, kept bool, err error) {
	if !a.keepsUnsent(p) {
		return at, false, nil
	}
	plain, err := json.Marshal(values)
	if err != nil {
		return at, false, err
	}
	if len(plain) > MaxUnsent || form == "" || len(form) > maxFormName {
		return at, false, fault.New("unsent.large", "Texten är för lång för att sparas av sig själv.", "The text is too long to be saved by itself.").Do("Skicka formuläret, eller korta ned texten.", "Send the form, or shorten the text.")
	}
	c, err := a.unsentCipher()
	if err != nil {
		return at, false, err
	}
	name := a.unsentForm(p, form)
	text := base64.StdEncoding.EncodeToString(c.Seal(nil, nil, plain, []byte(name)))
	at = a.Clock()
	return at, true, a.Unsent.KeepUnsent(ctx, a.writer(p), name, text, at, unsentForms)
}

// UnsentAmong returns those of some forms that hold something of a person's
// that has not been sent. One question to the database, however many forms.
func (a *App) UnsentAmong(ctx context.Context, p access.Person, forms []string) ([]string, error) {
	if !a.keepsUnsent(p) || len(forms) == 0 {
		return nil, nil
	}
	names, err := a.Unsent.UnsentOf(ctx, a.writer(p))
	if err != nil || len(names) == 0 {
		return nil, err
	}
	has := make(map[string]bool, len(names))
	for _, n := range names {
		has[n] = true
	}
	var out []string
	for _, f := range forms {
		if has[a.unsentForm(p, f)] {
			out = append(out, f)
		}
	}
	return out, nil
}

// ReadUnsent returns what a person has written in a form and not sent, and
// when; ErrNotFound when there is nothing, or nothing that can be read any more.
func (a *App) ReadUnsent(ctx context.Context, p access.Person, form string) (url.Values, time.Time, error) {
	if !a.keepsUnsent(p) {
		return nil, time.Time{}, ErrNotFound
	}
	name := a.unsentForm(p, form)
	text, at, err := a.Unsent.UnsentText(ctx, name)
	if err != nil {
		return nil, at, err
	}
	c, err := a.unsentCipher()
	if err != nil {
		return nil, at, err
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, at, errors.Join(ErrNotFound, errors.New("unsent text is damaged"))
	}
	plain, err := c.Open(nil, nil, sealed, []byte(name))
	if err != nil { // moved, changed, or of another key
		return nil, at, errors.Join(ErrNotFound, errors.New("unsent text is damaged"))
	}
	var values url.Values
	return values, at, json.Unmarshal(plain, &values)
}

// DropUnsent throws away what a person has written in a form. It looks before
// it writes: most forms have nothing.
func (a *App) DropUnsent(ctx context.Context, p access.Person, form string) error {
	found, err := a.UnsentAmong(ctx, p, []string{form})
	if err != nil || len(found) == 0 {
		return err
	}
	return a.Unsent.DropUnsent(ctx, a.unsentForm(p, form))
}

// PurgeUnsent removes what nobody has sent for a while and counts it.
func (a *App) PurgeUnsent(ctx context.Context) (int, error) {
	if a.Unsent == nil {
		return 0, nil
	}
	n, err := a.Unsent.PurgeUnsent(ctx, a.Clock().AddDate(0, 0, -unsentDays))
	if err != nil || a.Blobs == nil {
		return n, err
	}
	return n, a.purgeUnsentFiles(ctx)
}
