package wording

import (
	"regexp"
	"strings"

	"sluss/internal/catalog"
)

// Why a text is not the administrator's to change.
var (
	whySigned = catalog.Text{
		SV: "Texten säger vad någon undertecknar eller frisläpper. Underskriften gäller det som stod där.",
		EN: "The text says what somebody signs or releases. The signature is for what stood there.",
	}
	whyWill = catalog.Text{
		SV: "Texten är vad någon förklarar, godkänner eller tar tillbaka. Den är deras vilja i ärendet.",
		EN: "The text is what somebody declares, accepts or takes back. It is their will in the case.",
	}
	whyDecision = catalog.Text{
		SV: "Texten är en del av ett beslut, ett villkor eller ett protokoll i ärendet.",
		EN: "The text is part of a decision, a term or a protocol of the case.",
	}
	whyLaw = catalog.Text{
		SV: "Texten återger en bestämmelse eller ett villkor som följer av lag.",
		EN: "The text renders a provision, or a condition that follows from law.",
	}
	whyNumbers = catalog.Text{
		SV: "Texten håller personnummer borta från sidor, brev och e-post.",
		EN: "The text keeps identity numbers away from pages, letters and mail.",
	}
	whyDemo = catalog.Text{
		SV: "Texten skiljer påhittade personer och data från riktiga.",
		EN: "The text tells made-up people and data from real ones.",
	}
	whyTexts = catalog.Text{
		SV: "Texten hör till sidan där texter ändras.",
		EN: "The text belongs to the page where texts are changed.",
	}
)

// lockedKeys are texts and beginnings of texts (with a star) that are locked
// whatever they say.
var lockedKeys = []struct {
	key string
	why catalog.Text
}{
	{"sign.*", whySigned},
	{"login.signing*", whySigned},
	{"rulings.what_is_signed", whySigned},
	{"rulings.how_sign", whySigned},
	{"rulings.decide_lead", whySigned},
	{"rulings.n_shown", whySigned},
	{"vaultdesk.what_is_signed", whySigned},
	{"vaultdesk.release_lead", whySigned},
	{"vaultdesk.n_shown", whySigned},
	{"vaultdesk.own", whySigned},
	{"vaultdesk.bound", whyDecision},
	{"rulings.letter_names", whyDecision},

	{"party.mandate", whyWill},
	{"party.restriction_read", whyWill},
	{"party.restriction_verb", whyWill},
	{"party.withdraw_sure", whyWill},
	{"party.appeal_sure", whyWill},
	{"party.accept_verb", whyWill},
	{"party.decline_verb", whyWill},
	{"apply.delete_sure", whyWill},

	{"letter.decision_*", whyDecision},
	{"letter.rows_*", whyDecision},
	{"letter.variables_*", whyDecision},
	{"letter.bounds_*", whyDecision},
	{"letter.call_*", whyDecision},
	{"letter.common_decision", whyDecision},
	{"letter.common_number_of_the_decision", whyDecision},
	{"letter.common_provisions", whyLaw},
	{"letter.reasons_*", whyDecision},
	{"letter.conditions_*", whyDecision},
	{"letter.terms_*", whyDecision},
	{"letter.offer_*", whyDecision},
	{"letter.priced_*", whyDecision},
	{"letter.purge_*", whyDecision},
	{"letter.destruction_*", whyDecision},
	{"letter.delay_you_can*", whyLaw},
	{"letter.delay_when_a_case*", whyLaw},
	{"letter.delay_we_then_answer*", whyLaw},

	{"mail.no_numbers", whyNumbers},
	{"demo.line", whyDemo},
	{"login.personas_text", whyDemo},
	{"login.by_persona", whyDemo},
	{"vaultdesk.made_up", whyDemo},
	{"party.twin_2", whyDemo},

	{"office.text*", whyTexts},
	{"done.office_text*", whyTexts},
}

// provision finds a reference to a provision: (2009:400), 10 kap. 14 §, 12 §.
var provision = regexp.MustCompile(`\b\d{4}:\d+\b|\d+ ?kap\.|§|\b[Aa]rticles? \d|\b[Aa]rtikel \d|\bsection \d`)

// numbersTold finds a text that says what becomes of identity numbers. Labels
// (without a sentence) only name the thing.
var numbersTold = regexp.MustCompile(`(?i)\b(inga personnummer|inte personnummer|utan personnummer|no identity numbers|no personal identity numbers)\b`)

// Locked says why a text may not be replaced; false when it may. It goes by key
// and by what the original says: who cites a provision renders it.
func Locked(o Original) (why catalog.Text, locked bool) {
	for _, l := range lockedKeys {
		begin, all := strings.CutSuffix(l.key, "*")
		if o.Key == l.key || all && strings.HasPrefix(o.Key, begin) {
			return l.why, true
		}
	}
	switch {
	case provision.MatchString(o.Text.SV) || provision.MatchString(o.Text.EN):
		return whyLaw, true
	case numbersTold.MatchString(o.Text.SV) || numbersTold.MatchString(o.Text.EN):
		return whyNumbers, true
	}
	return catalog.Text{}, false
}
