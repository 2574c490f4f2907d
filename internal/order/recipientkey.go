package order

import (
	"regexp"
	"slices"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/day"
)

// The recipient's key: the delivery is sealed to it, so that nobody else can
// open it. The orderer registers the public half; somebody at the authority
// reads its fingerprint aloud with the recipient, by another way than the one
// it came by, and confirms it. Only then can a decision name it. A recipient
// who has lost the secret half registers another: what is not released yet then
// waits for a decision that names the new one; what has been delivered can be
// sealed again ([Reseal]).

const lawKey = "dataskyddsförordningen (EU) 2016/679 artikel 32"

// KeyChannels are the ways by which a fingerprint can be compared: none of them
// is the one by which the key came.
var KeyChannels = []string{"phone", "video", "visit"}

type (
	// KeyRegistered: the recipient's public key, instead of any before.
	KeyRegistered struct {
		Key         string `json:"key"`         // age1… or crypt4gh:…
		Fingerprint string `json:"fingerprint"` // that people compare
	}
	// KeyConfirmed: the fingerprint has been compared with the recipient.
	KeyConfirmed struct {
		Fingerprint string `json:"fingerprint"`
		Channel     string `json:"channel"` // one of KeyChannels
		With        string `json:"with"`    // who read it aloud
	}
)

var keyEvents = map[string]func() Event{
	"recipient_key_registered": func() Event { return &KeyRegistered{} },
	"recipient_key_confirmed":  func() Event { return &KeyConfirmed{} },
}

func (*KeyRegistered) Type() string { return "recipient_key_registered" }
func (*KeyConfirmed) Type() string  { return "recipient_key_confirmed" }

// RecipientKey is the key that a case's delivery is to be sealed to.
type RecipientKey struct {
	Key, Fingerprint string
	On               day.Day
	// Confirmed is empty until somebody has compared the fingerprint.
	Confirmed   bool
	ConfirmedBy string
	ConfirmedOn day.Day
	Channel     string
}

func (ev *KeyRegistered) apply(s State, e Entry) State {
	s.RecipientKey = &RecipientKey{Key: ev.Key, Fingerprint: ev.Fingerprint, On: civil(e)}
	return s
}

func (ev *KeyConfirmed) apply(s State, e Entry) State {
	if s.RecipientKey == nil {
		return s
	}
	k := *s.RecipientKey
	k.Confirmed, k.ConfirmedBy, k.ConfirmedOn, k.Channel = true, e.By.ID, civil(e), ev.Channel
	s.RecipientKey = &k
	return s
}

// KeyFingerprint is what people compare of a public key: 32 hexadecimal digits
// of its SHA-256 in groups of four.
func KeyFingerprint(key string) string {
	h := string(canon.Sum([]byte(key)))[:32]
	var groups []string
	for ; h != ""; h = h[4:] {
		groups = append(groups, h[:4])
	}
	return strings.Join(groups, "-")
}

// recipientKey is a public key (X25519) of age, a prefix and 58 characters of
// bech32, or of Crypt4GH, a prefix and 32 bytes in base64. Whether it is more
// than its form is for whoever takes it in to look at.
var recipientKey = regexp.MustCompile(`^(age1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}|crypt4gh:[A-Za-z0-9+/]{43}=)$`)

// IsRecipientKey reports whether a text has the form of a public key.
func IsRecipientKey(text string) bool { return recipientKey.MatchString(text) }

// RegisterKey registers the recipient's public key, or another when it has been
// lost.
type RegisterKey struct{ Key string }

// Name returns register_recipient_key.
func (RegisterKey) Name() string { return "register_recipient_key" }

// Roles that may register it.
func (RegisterKey) Roles() []Role { return []Role{RoleOrderer} }

// Decide refuses what is no public key, the same key again, a key while a
// delivery is on its way, and one after the purge.
func (c RegisterKey) Decide(s State, _ Context) ([]Event, error) {
	if s.Enquiry {
		return nil, wrongState("key_enquiry", "En förfrågan lämnar inget ut.", "An enquiry discloses nothing.")
	}
	if !IsRecipientKey(c.Key) {
		return nil, input("key", "Det är ingen publik nyckel: den börjar med age1 och har 62 tecken, eller med crypt4gh: och har 53.", "This is no public key: it begins with age1 and has 62 characters, or with crypt4gh: and has 53.")
	}
	if s.RecipientKey != nil && s.RecipientKey.Key == c.Key {
		return nil, wrongState("key_same", "Nyckeln är redan registrerad.", "The key has been registered already.")
	}
	switch {
	case s.Purged || s.PurgeOpen:
		return nil, refuse("purge_due", 10, "arkivlagen (1990:782) 10 §", "Gallringsdagen har kommit; leveransen kan inte göras om.", "The purge date has come; the delivery cannot be repeated.")
	case s.Released && s.Delivery == nil || s.Replacing || s.Resealing != nil:
		return nil, wrongState("key_late", "Leveransen är på väg, förseglad till den tidigare nyckeln. Lämna den nya när den har kommit.", "The delivery is on its way, sealed to the earlier key. Give the new one when it has arrived.")
	}
	return []Event{&KeyRegistered{Key: c.Key, Fingerprint: KeyFingerprint(c.Key)}}, nil
}

// ConfirmKey confirms that the recipient has read the fingerprint aloud, by
// another way than the key came by.
type ConfirmKey struct {
	Fingerprint string
	Channel     string
	With        string
}

// Name returns confirm_recipient_key.
func (ConfirmKey) Name() string { return "confirm_recipient_key" }

// Roles that may confirm it.
func (ConfirmKey) Roles() []Role { return []Role{RoleHandler, RoleRegistrar} }

// Decide refuses another fingerprint than that of the key that is registered
// now, a way that is none of KeyChannels.
func (c ConfirmKey) Decide(s State, _ Context) ([]Event, error) {
	switch k := s.RecipientKey; {
	case k == nil:
		return nil, wrongState("no_key", "Ingen nyckel är registrerad.", "No key has been registered.")
	case k.Confirmed:
		return nil, wrongState("key_confirmed", "Nyckeln är redan bekräftad.", "The key has been confirmed already.")
	case !slices.Contains(KeyChannels, c.Channel) || strings.TrimSpace(c.With) == "":
		return nil, input("key_channel", "Ange hur fingeravtrycket jämfördes (phone, video eller visit) och med vem.", "Say how the fingerprint was compared (phone, video or visit) and with whom.")
	case plainPrint(c.Fingerprint) != plainPrint(k.Fingerprint):
		return nil, refuse("key_fingerprint", 3, lawKey, "Fingeravtrycket stämmer inte med nyckeln som är registrerad.", "The fingerprint is not that of the key that is registered.")
	}
	return []Event{&KeyConfirmed{Fingerprint: s.RecipientKey.Fingerprint, Channel: c.Channel, With: c.With}}, nil
}

// plainPrint is a fingerprint as it was read, whatever stands between its
// groups.
func plainPrint(s string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "", "\u00a0", "").Replace(s))
}

// keyConfirmed: a decision names the key that has been confirmed,
// where one is registered.
func (s State) keyConfirmed(key string) error {
	k := s.RecipientKey
	switch {
	case k == nil || k.Confirmed && k.Key == key:
		return nil
	case s.SealedTo != "" && s.Decision != nil && key == s.Decision.Scope.Recipient.Key:
		return nil // what has been delivered is sealed to the key that took its place
	case !k.Confirmed:
		return refuse("key_unconfirmed", 3, lawKey, "Mottagarens nyckel är inte bekräftad på en andra väg.", "The recipient's key has not been confirmed by a second way.")
	}
	return refuse("key_other", 3, lawKey, "Beslutet anger en annan nyckel än den som mottagaren har bekräftat.", "The decision names another key than the one that the recipient has confirmed.")
}

var keyCommands = []Command{RegisterKey{}, ConfirmKey{}}

var keyStory = map[string]Line{
	"recipient_key_registered": told("Mottagarens nyckel registrerades", "The recipient's key was registered", "det är en publik nyckel", "it is a public key", "dataskyddsförordningen art. 32"),
	"recipient_key_confirmed":  told("Mottagarens nyckel bekräftades", "The recipient's key was confirmed", "fingeravtrycket har lästs upp på en andra väg", "the fingerprint has been read aloud by a second way", "dataskyddsförordningen art. 32"),
}
