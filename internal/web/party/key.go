package party

import (
	"strings"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/web/page"
)

// The recipient's key: registered here, confirmed by the authority when its
// fingerprint has been read aloud, and named in the decision.

func showKey(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	return s.key()
}

func (s *sheet) keyForm() *page.Form {
	return s.form("key", "party.key_verb", &page.Field{ID: "key", Kind: page.Text, Label: s.Word("party.key_field"), Hint: s.Word("party.key_hint"), Max: 200})
}

// key is the page that explains the key pair and shows which key is used.
func (s *sheet) key() error {
	s.Lead = s.Word("party.key_lead")
	key := s.State.RecipientKey
	decided := ""
	if s.Sees(s.Case, access.ViewDecision) && s.State.Decision != nil {
		decided = s.State.Decision.Scope.Recipient.Key
	}
	b := s.add("now", "party.key_now")
	switch {
	case key != nil && s.State.Delivery != nil && key.Key == s.State.RecipientNow():
		b.say(s.Word("party.key_sealed")).fact(s.Word("party.recipient"), s.State.Decision.Scope.Recipient.Name).
			code(s.Word("party.key_public"), key.Key).code(s.Word("party.fingerprint"), key.Fingerprint)
	case key != nil && key.Key != decided:
		state := s.Word("party.key_waits")
		if key.Confirmed {
			state = s.Word("party.key_confirmed") + " " + s.long(key.ConfirmedOn)
		}
		told := s.Word("party.key_told")
		if s.State.Delivery != nil {
			told = s.Word("party.key_told_late")
		}
		b.say(told).fact(s.Word("party.key_told_on"), s.long(key.On)).fact(s.Word("party.key_state"), state).
			code(s.Word("party.key_public"), key.Key).code(s.Word("party.fingerprint"), key.Fingerprint)
	case decided != "":
		b.say(s.Word("party.key_decided")).fact(s.Word("party.recipient"), s.State.Decision.Scope.Recipient.Name).
			code(s.Word("party.key_public"), decided).code(s.Word("party.fingerprint"), fingerprint(decided))
	default:
		b.warn().say(s.Word("party.key_none"))
	}
	how := s.add("how", "party.key_how")
	how.List = []string{s.Word("party.key_1"), s.Word("party.key_2"), s.Word("party.key_3")}
	how.Commands = []string{"sluss keygen --out " + s.Word("party.key_file")}
	how.say(s.Word("party.key_crypt4gh"))
	switch {
	case !s.State.TakesKey() || !s.May(s.Case, order.RegisterKey{}):
	case s.State.Delivery != nil:
		s.ask(s.add("send", "party.key_lost").say(s.Word("party.key_lost_text")), s.keyForm())
	case decided != "":
		s.ask(s.add("send", "party.key_change").say(s.Word("party.key_change_text")), s.keyForm())
	default:
		s.ask(s.add("send", "party.key_send").say(s.Word("party.key_send_text")), s.keyForm())
	}
	s.routed()
	return s.show(s.Word("party.key"))
}

// secret reports whether what has been pasted is a secret key.
func secret(text string) bool {
	text = strings.ToUpper(text)
	return strings.Contains(text, "SECRET") || strings.Contains(text, "PRIVATE KEY")
}

// sendKey registers the public key.
func sendKey(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	f := s.keyForm().Read(a)
	key, err := sealed.ParseRecipient(strings.TrimSpace(strings.TrimPrefix(a.Value("key"), "recipient")))
	switch {
	case secret(a.Value("key")):
		f.Field("key").Value = "" // must not come back in a page
		f.Wrong("key", a.Word("party.key_secret"))
	case err != nil:
		f.Wrong("key", a.Word("party.need_key"))
	}
	return s.give(f, order.RegisterKey{Key: key}, s.path("key"), "done.party_key", (*sheet).key)
}
