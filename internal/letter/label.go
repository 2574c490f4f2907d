package letter

import "sluss/internal/order"

// Label is the label of a stick that a delivery travels on: the number of the
// case, that of its delivery note and the parcel's fingerprint. It is no letter
// of the case, is sent to nobody and names nobody.
func Label(b Basis, lang string) Letter {
	w := writer{Basis: b, lang: lang}
	w.l = Letter{Kind: "label", Lang: lang, From: b.Authority.Name.In(lang), Sender: b.Authority.Letterhead.Lines(lang), Case: b.State.ID, Number: b.Number}
	w.l.Labels = Labels{w.t("letter.common_case"), w.t("letter.head_document"), w.t("letter.head_date"), w.t("letter.head_to"), w.t("letter.head_page")}
	if d := b.State.Delivery; d != nil {
		w.on(d.On)
		w.title("letter.label_title")
		w.part("").say(w.t("letter.label_holds"), w.t("letter.label_found"))
		w.part("letter.label_marked").
			fact(w.t("letter.common_case"), b.State.ID).
			fact(w.t("letter.head_document"), b.Number).
			fact(w.t("letter.label_parcel"), order.ParcelPrint(d.SHA256))
	}
	return w.l.whole()
}
