package letter

import (
	"strconv"
	"strings"

	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/quote"
	"sluss/internal/swede"
)

// The letters up to the decision.

func (w *writer) receipt() bool {
	s := w.State
	if !s.Submitted {
		return false
	}
	principal, orderer := w.parties()
	w.title("letter.receipt_we_have_received_your", orderer, principal)
	w.part("").say(w.t("letter.receipt_thank_you_for_your"))
	w.part("letter.receipt_the_case").
		fact(w.t("letter.receipt_number"), s.ID).
		fact(w.t("letter.receipt_title"), s.Application.Title).
		fact(w.t("letter.receipt_applicant"), principal).
		fact(w.t("letter.receipt_received"), w.day(s.ReceivedOn))
	w.part("letter.receipt_what_happens_now").list(
		w.t("letter.receipt_we_see_whether_all"),
		w.t("letter.receipt_we_give_you_a"),
		w.t("letter.receipt_we_test_whether_we"),
		w.t("letter.receipt_send_us_no_identity"))
	w.contact()
	return true
}

// asked is the request for supplement of a number, nil when there is none.
func (w *writer) asked(id int) *order.Supplement {
	for i := range w.State.Supplements {
		if w.State.Supplements[i].ID == id {
			return &w.State.Supplements[i]
		}
	}
	return nil
}

func (w *writer) supplement() bool {
	ev, ok := w.Entry.Event.(*order.SupplementRequested)
	if !ok {
		return false
	}
	_, orderer := w.parties()
	w.title("letter.supplement_we_need_more_from", orderer)
	w.part("").say(w.t("letter.supplement_something_is_missing_in"), ev.Text)
	w.missing(order.Supplement{ID: ev.ID, Parts: ev.Parts, Due: ev.Due})
	w.part("letter.supplement_if_you_do_not").say(w.t("letter.supplement_if_no_answer_comes"))
	w.contact()
	return true
}

func (w *writer) missing(x order.Supplement) {
	s := w.part("letter.missing_this_is_what_we")
	for _, p := range x.Parts {
		name := p
		if l, ok := intake.Label(p); ok {
			name = l.In(w.lang)
		} else if p == "attachments" {
			name = w.t("letter.missing_attachments")
		}
		s.list(name)
	}
	w.part("letter.missing_answer_by").say(w.f("letter.missing_we_need_the_answer", w.day(x.Due)))
}

func (w *writer) reminder() bool {
	ev, ok := w.Entry.Event.(*order.SupplementReminded)
	if !ok {
		return false
	}
	x := w.asked(ev.ID)
	if x == nil {
		return false
	}
	_, orderer := w.parties()
	w.title("letter.reminder_we_are_waiting_for", orderer)
	w.part("").say(w.t("letter.reminder_we_have_asked_you"))
	w.missing(*x)
	w.contact()
	return true
}

func (w *writer) draftQuote() bool {
	ev, ok := w.Entry.Event.(*order.QuoteDrafted)
	if !ok {
		return false
	}
	principal, orderer := w.parties()
	w.title("letter.draft_draft_quote", orderer, principal)
	w.part("").say(w.t("letter.draft_this_is_how_we"), ev.Quote.Text.In(w.lang))
	w.priced(ev.Quote)
	w.part("letter.draft_what_do_you_do").list(
		w.t("letter.draft_agree_to_the_draft"),
		w.t("letter.draft_send_it_back_if"))
	w.part("letter.draft_good_to_know").say(w.t("letter.draft_a_draft_binds_nobody"))
	w.contact()
	return true
}

func (w *writer) quote() bool {
	q := w.State.Quote
	if q == nil {
		return false
	}
	w.offer(*q)
	return true
}

func (w *writer) offer(q quote.Quote) {
	principal, _ := w.parties()
	w.on(q.Date)
	w.title("letter.offer_quote", principal, w.State.Application.Principal.Representative.Name)
	w.part("").say(w.t("letter.offer_here_is_the_price"), q.Text.In(w.lang))
	w.priced(q)
	s := w.part("letter.offer_accept_the_quote")
	if q.ValidTo != 0 {
		s.say(w.f("letter.offer_the_quote_holds_until", w.day(q.ValidTo)))
	}
	s.say(w.t("letter.offer_we_begin_the_work"))
	w.contact()
}

func (w *writer) call() bool {
	ev, ok := w.Entry.Event.(*order.PopulationCalled)
	if !ok {
		return false
	}
	c := ev.Call
	w.on(c.Date)
	w.title("letter.call_call_for_the_population", c.Supplier.Name, c.Supplier.Contact)
	w.part("").say(w.t("letter.call_we_have_decided_to"))
	w.part("letter.call_the_file").
		fact(w.t("letter.call_our_number"), c.Order).
		fact(w.t("letter.call_your_reference"), c.Reference).
		fact(w.t("letter.call_expected_rows"), w.count(int64(c.Rows))).
		fact(w.t("letter.call_sent_from"), w.day(c.Opens)).
		fact(w.t("letter.call_sent_at_the_latest"), w.day(c.Closes))
	t := &Table{Caption: w.t("letter.call_columns_of_the_file"), Head: []string{w.t("letter.call_column"), w.t("letter.call_content")}}
	t.Rows = append(t.Rows, []string{c.ID, w.t("letter.call_identity_number_twelve_digits")})
	if c.Serial != "" {
		t.Rows = append(t.Rows, []string{c.Serial, w.t("letter.call_your_serial_number_of")})
	}
	for _, x := range c.Columns {
		t.Rows = append(t.Rows, []string{x.Name, map[string]string{"date": w.t("letter.call_date"), "int": w.t("letter.call_whole_number"), "code": w.t("letter.call_code")}[x.Type]})
	}
	w.part("letter.call_columns").say(w.t("letter.call_send_these_columns_only")).Table = t
	w.part("letter.call_how_the_file_is").list(
		w.t("letter.call_seal_the_file_with"),
		w.t("letter.call_put_it_into_the")).
		fact(w.t("letter.call_key"), c.SealingKey).
		fact(w.t("letter.call_hash_of_the_decision"), string(c.Decision.SHA256)).
		fact(w.t("letter.call_hash_of_the_call"), string(ev.Hash))
	w.contact()
	return true
}

func (w *writer) delay() bool {
	ev, ok := w.Entry.Event.(*order.DelayNotified)
	if !ok {
		return false
	}
	principal, orderer := w.parties()
	w.title("letter.delay_your_case_is_delayed", orderer, principal)
	s := w.part("").say(w.t("letter.delay_your_case_takes_longer"))
	if ev.Expected != 0 {
		s.say(w.f("letter.delay_we_now_expect_to", w.day(ev.Expected)))
	}
	w.part("letter.delay_why").say(ev.Reason.In(w.lang))
	if w.State.Application.Principal.Kind == intake.PrincipalPrivate {
		from := w.State.ReceivedOn.AddMonths(order.RulingMonths)
		w.part("letter.delay_you_can_ask_for").say(
			w.f("letter.delay_when_a_case_has", w.day(from)),
			w.t("letter.delay_we_then_answer_within")).
			fact(w.t("letter.delay_provision"), "förvaltningslagen (2017:900) 11–12 §§")
	}
	w.contact()
	return true
}

func (w *writer) credit() bool {
	ev, ok := w.Entry.Event.(*order.Credited)
	if !ok || ev.No < 1 || ev.No > len(w.State.Credits) {
		return false
	}
	principal, orderer := w.parties()
	w.title("letter.credit_we_take_the_invoice", principal, orderer)
	w.part("").say(w.t("letter.credit_the_whole_invoice"))
	inv := w.State.Credits[ev.No-1].Invoice.Invoice
	no := strconv.Itoa(ev.No)
	w.part("letter.credit_note").
		fact(w.t("letter.credit_number"), w.State.ID+"-K"+no).
		fact(w.t("letter.credit_of_invoice"), w.State.ID+"-F"+no).
		fact(w.t("letter.credit_invoice_of"), w.day(inv.Date)).
		fact(w.t("letter.credit_sum"), w.kronor(inv.GrossOre)).
		fact(w.t("letter.credit_why"), ev.Reason)
	if ev.Final {
		w.part("letter.credit_what_now").say(w.t("letter.credit_nothing_more"))
	} else {
		w.part("letter.credit_what_now").say(w.t("letter.credit_a_new_invoice"))
	}
	w.contact()
	return true
}

// short is a hash as it is read aloud: its first sixteen characters.
func short(h string) string {
	h = strings.TrimPrefix(h, "sha256:")
	return h[:min(16, len(h))]
}

func (w *writer) destruction() bool {
	ev, ok := w.Entry.Event.(*order.MediumSettled)
	if !ok || ev.How != "destroyed" {
		return false
	}
	principal, orderer := w.parties()
	w.title("letter.destruction_certificate_of_destruction", orderer, principal)
	w.part("").say(
		w.t("letter.destruction_a_file_of_persons"),
		w.t("letter.destruction_we_certify_that_the"))
	w.part("letter.destruction_what_has_been_destroyed").
		fact(w.t("letter.common_case"), w.State.ID).
		fact(w.t("letter.destruction_medium_number"), w.count(int64(ev.ID))).
		fact(w.t("letter.destruction_destroyed_on"), w.day(swede.CivilDay(w.Entry.At))).
		fact(w.t("letter.destruction_by"), w.name(w.Entry.By.ID))
	w.contact()
	return true
}
