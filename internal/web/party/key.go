package party

import (
	"strings"

	"sluss/internal/access"
	"sluss/internal/order"
	"sluss/internal/sealed"
	"sluss/internal/swede"
	"sluss/internal/web/page"
)

// The recipient's key. The decision names the key that the delivery is sealed
// to; until then the recipient tells it in the dialogue of the case.

func showKey(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	return s.key()
}

func (s *sheet) keyForm() *page.Form {
	return s.form("key", "party.key_verb", &page.Field{ID: "key", Kind: page.Text, Label: s.Word("party.key_field"), Hint: s.Word("party.key_hint"), Max: 100})
}

// told is the key that has been told last in the dialogue, and when.
func (s *sheet) told() (key, on string) {
	for _, e := range s.events() {
		ev, ok := e.Event.(*order.QuestionAsked)
		if !ok || !order.Outside(e.By.Role) {
			continue
		}
		for _, w := range strings.Fields(ev.Text) {
			if r, err := sealed.ParseRecipient(w); err == nil {
				key, on = r, s.long(swede.CivilDay(e.At))
			}
		}
	}
	return key, on
}

// key is the page that explains the key pair and shows which key is used.
func (s *sheet) key() error {
	s.Lead = s.Word("party.key_lead")
	told, on := s.told()
	decided := ""
	if s.Sees(s.Case, access.ViewDecision) && s.State.Decision != nil {
		decided = s.State.Decision.Scope.Recipient.Key
	}
	b := s.add("now", "party.key_now")
	switch {
	case decided != "":
		b.say(s.Word("party.key_decided")).fact(s.Word("party.recipient"), s.State.Decision.Scope.Recipient.Name).
			code(s.Word("party.key_public"), decided).code(s.Word("party.fingerprint"), fingerprint(decided))
	case told != "":
		b.say(s.Word("party.key_told")).fact(s.Word("party.key_told_on"), on).code(s.Word("party.key_public"), told).code(s.Word("party.fingerprint"), fingerprint(told))
	default:
		b.warn().say(s.Word("party.key_none"))
	}
	how := s.add("how", "party.key_how")
	how.List = []string{s.Word("party.key_1"), s.Word("party.key_2"), s.Word("party.key_3")}
	how.Commands = []string{"sluss keygen --out " + s.Word("party.key_file")}
	switch {
	case s.State.Ended != "" || s.State.Delivery != nil:
	case decided != "":
		s.add("change", "party.key_change").say(s.Word("party.key_change_text")).Links = []page.Link{{Path: s.path("questions#ask"), Text: s.Word("party.go_ask")}}
	case s.May(s.Case, order.AskQuestion{}):
		s.ask(s.add("send", "party.key_send").say(s.Word("party.key_send_text")), s.keyForm())
	}
	return s.show(s.Word("party.key"))
}

// sendKey tells the authority the public key, as a message in the case.
func sendKey(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	f := s.keyForm().Read(a)
	key, err := sealed.ParseRecipient(strings.TrimSpace(strings.TrimPrefix(a.Value("key"), "recipient")))
	switch {
	case strings.Contains(strings.ToUpper(a.Value("key")), "SECRET"):
		f.Field("key").Value = "" // must not come back in a page
		f.Wrong("key", a.Word("party.key_secret"))
	case err != nil:
		f.Wrong("key", a.Word("party.need_key"))
	}
	text := a.Word("party.key_message") + " " + key + " (" + fingerprint(key) + ")"
	return s.give(f, order.AskQuestion{Part: "delivery", Text: text}, s.path("key"), "done.party_key", (*sheet).key)
}
