package letter

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// The decision and what comes after it.

// Preview is the decision as a letter before it is dispatched: as somebody is
// about to sign it, with the price of the quote that goes with it, nil when none
// does.
func Preview(b Basis, d order.Decision, q *quote.Quote, lang string) Letter {
	b.State.Decision, b.State.Quote = &d, q
	l, _ := Make(Decision, b, lang)
	if q == nil {
		return l
	}
	w := writer{Basis: b, lang: lang, l: l}
	w.priced(*q)
	return w.l.whole()
}

func (w *writer) decision() bool {
	d := w.State.Decision
	if d == nil {
		return false
	}
	principal, orderer := w.parties()
	w.on(d.Date)
	w.title("letter.decision_decision_on_your_order", principal, w.State.Application.Principal.Representative.Name, orderer)
	s := w.part("letter.common_decision").say(map[string]string{
		plan.OutcomeDisclose: w.t("letter.decision_we_disclose_the_data"),
		plan.OutcomePartly:   w.t("letter.decision_we_disclose_part_of"),
		plan.OutcomeRefuse:   w.t("letter.decision_we_do_not_disclose"),
	}[d.Outcome()])
	s.Table = w.rows(d.Scope.Rows)
	w.variables(d.Scope.Rows)
	w.reasons(*d)
	w.conditions(*d)
	if d.Appeal.SV != "" {
		w.part("letter.decision_how_to_appeal").say(d.Appeal.In(w.lang))
	}
	w.part("letter.decision_who_has_decided").
		fact(w.t("letter.decision_the_decision_concerns"), w.State.Application.Title).
		fact(w.t("letter.decision_decided_by"), w.name(d.Decider)).
		fact(w.t("letter.decision_rapporteur"), w.name(d.Rapporteur)).
		fact(w.t("letter.common_number_of_the_decision"), d.ID)
	return true
}

func (w *writer) rows(rows []plan.Row) *Table {
	t := &Table{
		Caption: w.t("letter.rows_the_decision_one_row"),
		Head:    []string{w.t("letter.rows_register"), w.t("letter.rows_table"), w.t("letter.common_decision"), w.t("letter.rows_time"), w.t("letter.rows_form")},
	}
	for _, r := range rows {
		register, table := r.Register, r.Table
		if reg, tab := w.Catalogue.Table(r.Table); tab != nil {
			register, table = reg.Names.In(w.lang), tab.Names.In(w.lang)
		}
		when, shape := "–", "–"
		if r.Gives() {
			if r.Period != nil {
				when = r.Period.From.String() + " – " + (r.Period.To - 1).String() + w.bounds(r)
			}
			if r.Shape != "" {
				shape = shapes[r.Shape].In(w.lang)
			}
		}
		t.Rows = append(t.Rows, []string{register, table, outcomes[r.Outcome].In(w.lang), when, shape})
	}
	return t
}

var outcomes = map[string]catalog.Text{
	plan.OutcomeDisclose: {SV: "lämnas ut", EN: "given out"}, plan.OutcomePartly: {SV: "lämnas ut delvis", EN: "given out in part"},
	plan.OutcomeRefuse: {SV: "avslås", EN: "refused"}, plan.OutcomeWithdrawn: {SV: "återtagen", EN: "withdrawn"},
}

var shapes = map[catalog.Shape]catalog.Text{
	catalog.ShapePayment: {SV: "utbetalningar", EN: "payments"}, catalog.ShapeSubspell: {SV: "delfall", EN: "sub-spells"}, catalog.ShapeSpell: {SV: "fall", EN: "spells"},
	catalog.ShapeCorrection: {SV: "olösta korrigeringar", EN: "unresolved corrections"},
	catalog.ShapeLayout:     {SV: "delfall med luckor, 42 kolumner", EN: "sub-spells with gaps, 42 columns"}, catalog.ShapePanelWeek: {SV: "panel per vecka", EN: "panel by week"}, catalog.ShapePanelQuarter: {SV: "panel per kvartal", EN: "panel by quarter"},
	catalog.ShapePanelDay: {SV: "panel per dag", EN: "panel by day"}, catalog.ShapePanelMonth: {SV: "panel per månad", EN: "panel by month"}, catalog.ShapePanelYear: {SV: "panel per år", EN: "panel by year"},
}

var levels = map[string]catalog.Text{
	"month": {SV: "månad", EN: "month"}, "quarter": {SV: "kvartal", EN: "quarter"}, "year": {SV: "år", EN: "year"}, "icd_3": {SV: "tre tecken", EN: "three characters"},
	"icd_block": {SV: "avsnitt", EN: "block"}, "icd_chapter": {SV: "kapitel", EN: "chapter"}, "age_5y": {SV: "femårsklasser", EN: "five-year classes"},
	"age_10y": {SV: "tioårsklasser", EN: "ten-year classes"}, "county": {SV: "län", EN: "county"}, "amount_1000": {SV: "hela tusental kronor", EN: "whole thousands of kronor"},
}

// variables lists what is given out of each table.
func (w *writer) variables(rows []plan.Row) {
	if !slices.ContainsFunc(rows, plan.Row.Gives) {
		return
	}
	s := w.part("letter.variables_what_we_give_out")
	for _, r := range rows {
		if !r.Gives() {
			continue
		}
		_, tab := w.Catalogue.Table(r.Table)
		name := r.Table
		if tab != nil {
			name = tab.Names.In(w.lang)
		}
		var list []string
		for _, v := range r.Variables {
			text := v.ID
			if tab != nil {
				if x := tab.Variable(v.ID); x != nil {
					text = x.Names.In(w.lang)
				}
			}
			if v.Level != "" {
				text += " (" + levels[v.Level].In(w.lang) + ")"
			}
			list = append(list, text)
		}
		s.fact(name, strings.Join(list, ", "))
	}
}

// bounds says what bounds a row besides its period, or opens it.
func (w *writer) bounds(r plan.Row) string {
	text := ""
	if a := r.Around; a != nil {
		text += "; " + a.From.Anchor + " " + a.From.Offset.String() + " – " + a.To.Offset.String()
	}
	if r.Reveal {
		text += "; " + w.t("letter.bounds_whole_spells_also_outside")
	}
	return text
}

func (w *writer) reasons(d order.Decision) {
	s := w.part("letter.reasons_reasons").say(d.Reasons.In(w.lang))
	for _, r := range d.Scope.Rows {
		if reason := r.Reason.In(w.lang); reason != "" {
			name := r.Table
			if _, tab := w.Catalogue.Table(r.Table); tab != nil {
				name = tab.Names.In(w.lang)
			}
			s.list(name + ": " + reason)
			s.fact(name, r.Ground)
		}
	}
	s.say(d.Presumption)
	s.fact(w.t("letter.common_provisions"), strings.Join(d.Provisions, "; "))
}

// conditions are what binds the disclosure.
func (w *writer) conditions(d order.Decision) {
	sc := d.Scope
	if !sc.Discloses() {
		return
	}
	s := w.part("letter.conditions_conditions").
		fact(w.t("letter.conditions_recipient"), sc.Recipient.Name).
		fact(w.t("letter.conditions_largest_number_of_persons"), w.count(int64(sc.Persons.Max))).
		fact(w.t("letter.conditions_deliveries"), w.count(int64(sc.Deliveries))).
		fact(w.t("letter.conditions_extracted_before"), w.day(sc.Expires)).
		fact(w.t("letter.conditions_we_keep_the_files"), w.count(int64(d.RetentionMonths))+" "+w.t("letter.conditions_months"))
	for _, t := range sc.Persons.Words() {
		s.list(t.In(w.lang))
	}
	if c := sc.Persons.Criteria; c != nil {
		for _, t := range c.Words(w.Catalogue) {
			s.list(t.In(w.lang))
		}
	}
	if sc.Identity.Kind == plan.IdentitySerial {
		s.say(w.t("letter.conditions_persons_have_serial_numbers"))
	} else {
		s.say(w.t("letter.conditions_the_files_have_identity"))
	}
	if sc.Identity.KeyPolicy == order.KeyKeptUntil {
		s.say(w.f("letter.conditions_we_keep_the_key", w.isoDay(sc.Identity.KeepUntil)))
	} else {
		s.say(w.t("letter.conditions_the_key_of_the"))
	}
	switch {
	case d.Forbehall != nil:
		s.say(w.t("letter.conditions_the_decision_has_terms"))
	case d.NoForbehall != "":
		s.say(w.t("letter.conditions_we_set_no_terms") + " " + d.NoForbehall)
	}
}

// isoDay writes a day that is kept as text; what is no day stays as it is.
func (w *writer) isoDay(text string) string {
	if d, err := day.Parse(text); err == nil {
		return w.day(d)
	}
	return text
}

func (w *writer) terms() bool {
	d := w.State.Decision
	if d == nil || d.Forbehall == nil {
		return false
	}
	principal, _ := w.parties()
	w.on(d.Date)
	w.title("letter.terms_terms_of_use", append([]string{principal}, d.Forbehall.Names...)...)
	w.part("").say(w.t("letter.terms_you_may_have_the"))
	w.part("letter.terms_the_terms").say(d.Forbehall.Text.In(w.lang))
	w.part("letter.terms_who_is_bound").say(w.t("letter.terms_each_of_these_acknowledges")).list(d.Forbehall.Names...)
	w.part("letter.terms_if_you_break_the").say(w.t("letter.terms_whoever_breaks_the_terms")).
		fact(w.t("letter.common_provisions"), "offentlighets- och sekretesslagen (2009:400) 10 kap. 14 §; brottsbalken 20 kap. 3 §").
		fact(w.t("letter.common_number_of_the_decision"), d.ID)
	return true
}

func (w *writer) delivery() bool {
	ev, ok := w.Entry.Event.(*order.Delivered)
	if !ok {
		return false
	}
	a := w.State.Application
	recipient := a.Principal.Name
	if a.Recipient != nil {
		recipient = a.Recipient.Name
	}
	w.on(ev.On)
	w.title("letter.delivery_your_data_are_ready", recipient, a.Orderer.Name)
	s := w.part("").say(w.t("letter.delivery_we_have_made_the"))
	if ev.Replaces {
		s.say(w.t("letter.delivery_the_parcel_replaces_an"))
	}
	first := "letter.delivery_fetch_the_parcel_in"
	switch ev.Route {
	case order.RouteUSB:
		first = "letter.delivery_the_stick_comes_by"
	case order.RouteEnvironment:
		first = "letter.delivery_the_environment_fetches"
	}
	w.part("letter.delivery_do_this").list(
		w.t(first),
		w.t("letter.delivery_see_that_the_hash"),
		w.t("letter.delivery_open_it_with_the"),
		w.t("letter.delivery_confirm_in_the_case"))
	if x := w.State.Extracted; x != nil && len(x.Files) > 0 {
		t := &Table{Caption: w.t("letter.delivery_the_files_of_the"), Head: []string{w.t("letter.delivery_file"), w.t("letter.delivery_rows"), w.t("letter.delivery_persons"), "SHA-256"}, Numbers: []int{1, 2}}
		for _, f := range x.Files {
			t.Rows = append(t.Rows, []string{f.Name, w.count(f.Rows), w.count(f.Persons), short(string(f.SHA256)) + "…"})
		}
		w.part("letter.delivery_files").Table = t
	}
	w.part("letter.delivery_the_parcel").
		fact(w.t("letter.delivery_size_in_bytes"), w.count(ev.Bytes)).
		fact(w.t("letter.delivery_hash_of_the_sealed"), string(ev.SHA256)).
		fact(w.t("letter.delivery_hash_of_the_manifest"), string(ev.Manifest))
	w.part("letter.delivery_after_that").say(
		w.t("letter.delivery_is_something_wrong_tell"),
		w.f("letter.delivery_we_keep_the_files", w.day(ev.PurgeOn)))
	w.contact()
	return true
}

func (w *writer) purge() bool {
	ev, ok := w.Entry.Event.(*order.Purged)
	if !ok {
		return false
	}
	w.title("letter.purge_purge_protocol")
	w.part("").say(
		w.t("letter.purge_what_we_received_and"),
		w.t("letter.purge_each_file_lay_sealed"))
	s := w.part("letter.purge_the_purge").
		fact(w.t("letter.common_case"), w.State.ID).
		fact(w.t("letter.purge_rule"), w.Authority.PurgeRule).
		fact(w.t("letter.purge_objects_destroyed"), w.count(int64(ev.Objects))).
		fact(w.t("letter.purge_hash_of_the_protocol"), string(ev.Hash))
	if ev.BackupsUntil != 0 {
		s.fact(w.t("letter.purge_a_backup_of_the"), w.day(ev.BackupsUntil))
	}
	if d := w.State.Delivery; d != nil {
		s.fact(w.t("letter.purge_delivered_on"), w.day(d.On))
	}
	w.part("letter.purge_what_remains").say(w.t("letter.purge_application_decision_quote_letters"))
	return true
}
