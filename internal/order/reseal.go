package order

import (
	"sluss/internal/canon"
)

// A recipient who has lost the secret key cannot open what was delivered. They
// register another public key, somebody reads its fingerprint aloud with them
// by a second way, and a releaser who is neither the one who compared it nor
// the one who extracted lets the vault seal the same files to it. Nothing is
// extracted anew, no clock starts again: it is the same disclosure to the same
// recipient. What was sealed to the lost key is destroyed.

type (
	// ResealOrdered: a second person lets the delivered files be sealed to the
	// recipient's new key.
	ResealOrdered struct {
		Manifest    canon.Hash `json:"manifest"` // of the delivery that cannot be opened
		Key         string     `json:"key"`      // the new one
		Fingerprint string     `json:"fingerprint"`
		Note        string     `json:"note"` // signed by the releaser
	}
	// Resealed: the vault has sealed the same files to the new key, and the
	// parcel is ready.
	Resealed struct {
		Manifest    canon.Hash `json:"manifest"` // of the new parcel
		Was         canon.Hash `json:"was"`      // of the one before
		Fingerprint string     `json:"fingerprint"`
		Blob        string     `json:"blob"`
		SHA256      canon.Hash `json:"sha256"`
		Bytes       int64      `json:"bytes"`
	}
)

var resealEvents = map[string]func() Event{
	"reseal_ordered": func() Event { return &ResealOrdered{} },
	"resealed":       func() Event { return &Resealed{} },
}

func (*ResealOrdered) Type() string { return "reseal_ordered" }
func (*Resealed) Type() string      { return "resealed" }

func (ev *ResealOrdered) apply(s State, e Entry) State {
	s.Resealing, s.ResealNote, s.ResealedBy = ev, ev.Note, e.By.ID
	return s
}

func (ev *Resealed) apply(s State, _ Entry) State {
	if s.Resealing == nil || s.Delivery == nil {
		return s
	}
	s.SealedTo, s.Resealing, s.Receipt = s.Resealing.Key, nil, false
	if n := len(s.Incidents); n > 0 && s.Incidents[n-1].Settled && s.Incidents[n-1].Kind == KeyExposed {
		s.Recalled = false // the key that was exposed opens nothing of ours any more
	}
	d := *s.Delivery
	d.Manifest, d.Blob, d.SHA256, d.Bytes = ev.Manifest, ev.Blob, ev.SHA256, ev.Bytes
	s.Delivery = &d
	s = s.stickFate(StickOld)
	if s.Extracted != nil && s.Extracted.Manifest == ev.Was {
		x := *s.Extracted
		x.Manifest = ev.Manifest
		s.Extracted = &x
	}
	return s
}

// RecipientNow is the public key that the recipient's parcels are sealed to: the
// decision's or, when that has been lost after the delivery, the one that took
// its place.
func (s State) RecipientNow() string {
	if s.SealedTo != "" || s.Decision == nil {
		return s.SealedTo
	}
	return s.Decision.Scope.Recipient.Key
}

// KeyToConfirm reports whether a key waits for somebody to compare its
// fingerprint with the recipient.
func (s State) KeyToConfirm() bool {
	waits := s.RecipientKey != nil && !s.RecipientKey.Confirmed && s.Ended == "" && !s.PurgeOpen && !s.Purged
	return waits && (!s.Released || s.Delivery != nil)
}

// TakesKey reports whether the recipient may register another key now.
func (s State) TakesKey() bool {
	onItsWay := s.Released && s.Delivery == nil || s.Replacing || s.Resealing != nil
	return s.Ended == "" && !s.Enquiry && !s.PurgeOpen && !s.Purged && !onItsWay
}

// AwaitsReseal reports whether the recipient has another key than the one that
// the delivery is sealed to, confirmed by a second way, and nobody has let the
// vault seal to it yet.
func (s State) AwaitsReseal() bool {
	return s.Resealable() == nil
}

// Resealable refuses where there is nothing to seal again.
func (s State) Resealable() error {
	switch k := s.RecipientKey; {
	case s.Delivery == nil || s.Decision == nil:
		return wrongState("not_delivered", "Inget är levererat.", "Nothing has been delivered.")
	case s.PurgeOpen || s.Purged:
		return refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case s.Resealing != nil:
		return wrongState("reseal_running", "Leveransen förseglas redan på nytt.", "The delivery is being sealed again already.")
	case s.Replacing:
		return wrongState("replacing", "Leveransen ersätts; den nya förseglas till mottagarens nyckel.", "The delivery is being replaced; the new one will be sealed to the recipient's key.")
	case s.Reopened != "":
		return reopenedNow()
	case k == nil || k.Key == s.RecipientNow():
		return wrongState("no_new_key", "Mottagaren har inte lämnat någon ny nyckel.", "The recipient has given no new key.")
	case !k.Confirmed:
		return refuse("key_unconfirmed", 3, lawKey, "Mottagarens nyckel är inte bekräftad på en andra väg.", "The recipient's key has not been confirmed by a second way.")
	}
	return nil
}

// Reseal lets the vault seal the delivered files to the recipient's new key.
// Note is the releaser's signature over manifest and key.
type Reseal struct {
	Manifest    canon.Hash
	Fingerprint string
	Note        string
}

// Name returns reseal.
func (Reseal) Name() string { return "reseal" }

// Roles that may.
func (Reseal) Roles() []Role { return []Role{RoleReleaser} }

// Decide refuses without a new key that has been confirmed, another delivery or
// key than those of the case now, whoever compared the key, and whoever
// extracted (promise 13).
func (c Reseal) Decide(s State, ctx Context) ([]Event, error) {
	if err := s.Resealable(); err != nil {
		return nil, err
	}
	k := s.RecipientKey
	switch {
	case ctx.Day() >= s.Delivery.PurgeOn:
		return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case ctx.By.ID == s.ExtractedBy:
		return nil, refuse("four_eyes", 13, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Den som har gjort uttaget får inte släppa det.", "Whoever ran the extraction may not release it.")
	case ctx.By.ID == k.ConfirmedBy:
		return nil, refuse("four_eyes_key", 13, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Den som har jämfört nyckelns fingeravtryck får inte också släppa leveransen till den.", "Whoever compared the key's fingerprint may not release the delivery to it as well.")
	case c.Manifest != s.Delivery.Manifest:
		return nil, refuse("other_manifest", 13, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 f", "Godkännandet gäller ett annat innehåll än det levererade.", "The approval is for another content than what was delivered.")
	case plainPrint(c.Fingerprint) != plainPrint(k.Fingerprint):
		return nil, refuse("key_fingerprint", 3, lawKey, "Fingeravtrycket stämmer inte med nyckeln som är bekräftad.", "The fingerprint is not that of the key that has been confirmed.")
	}
	return []Event{&ResealOrdered{Manifest: c.Manifest, Key: k.Key, Fingerprint: k.Fingerprint, Note: c.Note}}, nil
}

// RecordReseal is the vault's report that the same files are sealed to the new
// key and the parcel has been handed over.
type RecordReseal struct{ Resealed }

// Name returns record_reseal.
func (RecordReseal) Name() string { return "record_reseal" }

// Roles: the vault.
func (RecordReseal) Roles() []Role { return []Role{RoleEngine} }

// Decide refuses what nobody ordered, another key, and another delivery.
func (c RecordReseal) Decide(s State, _ Context) ([]Event, error) {
	r := s.Resealing
	if r == nil || s.Delivery == nil || c.Was != r.Manifest || c.Was != s.Delivery.Manifest || c.Fingerprint != r.Fingerprint || c.Manifest == "" || c.Manifest == c.Was {
		return nil, wrongState("no_reseal", "Ingen sådan ny försegling är beställd.", "No such new sealing has been ordered.")
	}
	ev := c.Resealed
	return []Event{&ev}, nil
}

var resealCommands = []Command{Reseal{}, RecordReseal{}}

var resealStory = map[string]Line{
	"reseal_ordered": told("Leveransen ska förseglas till mottagarens nya nyckel", "The delivery is to be sealed to the recipient's new key", "nyckeln är bekräftad på en andra väg, och en annan person släpper", "the key has been confirmed by a second way, and another person releases", "dataskyddsförordningen art. 32"),
	"resealed":       told("Leveransen förseglades till mottagarens nya nyckel", "The delivery was sealed to the recipient's new key", "samma filer; det som var förseglat till den förlorade nyckeln är förstört", "the same files; what was sealed to the lost key has been destroyed", "dataskyddsförordningen art. 32"),
}
