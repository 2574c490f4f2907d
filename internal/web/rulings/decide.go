package rulings

import (
	"cmp"
	"slices"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/review"
	"sluss/internal/web/page"
)

// The law that decisions rest on.
var (
	provisions = []string{"24 kap. 8 § offentlighets- och sekretesslagen (2009:400)"}
	lawSecrecy = "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §"
)

// Defaults of a decision.
const (
	expiresAfter = 365 // days until the decision runs out
	acceptWithin = 90  // days to accept the quote
)

// ruling is a decision being written.
type ruling struct {
	page.Head
	F *page.Form
	// Letter and Hash are the decision as the form makes it now; Hash is "" while
	// something is missing, and Missing says what.
	Letter  letter
	Hash    string
	Missing []string
	// Signs: one button signs here; else the document is fetched and signed
	// elsewhere.
	Signs     bool
	Redecided bool
	// Key is the recipient's key, by its fingerprint; KeyOn the day it was
	// confirmed, "" when it stands in the decision before.
	Key, KeyOn string

	c        *page.Case
	decision order.Decision
	quote    *quote.Quote
}

// keyOf is the recipient's key that the decision names: the one that has been
// confirmed, or in a case without any registered that of the decision before.
// "" when none is confirmed.
func keyOf(s order.State) string {
	switch k := s.RecipientKey; {
	case k != nil && k.Confirmed:
		return k.Key
	case k == nil && s.Decision != nil:
		return s.Decision.Scope.Recipient.Key
	}
	return ""
}

// rulingOf begins a decision: with what the review leads to, or with the
// decision before.
func rulingOf(a *page.Ask) (*ruling, error) {
	c, err := a.Case(access.ViewReview)
	if err != nil {
		return nil, err
	}
	r := &ruling{Head: a.HeadOf(c, "rulings.decide_lead"), c: c, Signs: a.SignsHere(), Redecided: c.State.Reopened != ""}
	if key := keyOf(c.State); key != "" {
		r.Key = order.KeyFingerprint(key)
		if k := c.State.RecipientKey; k != nil {
			r.KeyOn = k.ConfirmedOn.String()
		}
	}
	cmd := order.Command(order.RecordDecision{})
	if r.Redecided {
		cmd = order.Redecide{}
	}
	if err := a.Allowed(c, cmd); err != nil {
		return nil, err
	}
	verb := a.Word("rulings.sign")
	if !r.Signs {
		verb = a.Word("rulings.hand_in")
	}
	r.F = a.Form("/cases/"+c.ID+"/decide", verb, r.fields(a)...)
	r.F.Version = c.Version
	a.SignField(r.F)
	return r, nil
}

func field(a *page.Ask, id, kind, value string) *page.Field {
	x := &page.Field{ID: id, Kind: kind, Label: a.Word("rulings.f_" + id)}
	return x.With(value)
}

func hinted(a *page.Ask, x *page.Field) *page.Field {
	x.Hint = a.Word("rulings.h_" + x.ID)
	return x
}

// fields are the form's, as far as the case needs them.
func (r *ruling) fields(a *page.Ask) []*page.Field {
	s := r.c.State
	d := order.FromReview(s)
	before := order.Decision{Scope: plan.Scope{}}
	if s.Decision != nil {
		before = *s.Decision
	}
	reasons := a.Both("reasons", page.Area, a.Word("rulings.f_reasons"))
	reasons[0].Hint = a.Word("rulings.h_reasons")
	sv, en := r.proposedReasons(a)
	reasons[0].Value, reasons[1].Value = cmp.Or(before.Reasons.SV, sv), cmp.Or(before.Reasons.EN, en)
	law := cmp.Or(join(before.Provisions), join(provisions))
	out := append(reasons, hinted(a, field(a, "provisions", page.Area, law)))
	out = append(out, field(a, "rapporteur", page.Text, cmp.Or(before.Rapporteur, d.Rapporteur)))
	if correcting(s) {
		return append(out, r.appealFields(a, before.Appeal)...)
	}
	outcome := field(a, "outcome", page.Radio, "review")
	outcome.Options = []page.Option{
		{Value: "review", Label: a.Word("rulings.o_outcome_review"), On: true},
		{Value: "refuse", Label: a.Word("rulings.o_outcome_refuse"), Hint: a.Word("rulings.h_outcome_refuse")},
	}
	out = append([]*page.Field{outcome}, out...)
	out = append(out, r.forbehallFields(a, before)...)
	if s.Application.Purpose == intake.Statistics && !s.Application.Privileged() {
		out = append(out, hinted(a, field(a, "presumption", page.Area, before.Presumption)))
	}
	out = append(out, r.boundFields(a, d)...)
	guide := before.Appeal
	if g, ok := r.guide(a, outcomeOf(d.Rows)); ok {
		guide = catalog.Text{SV: cmp.Or(guide.SV, g.SV), EN: cmp.Or(guide.EN, g.EN)}
	}
	return append(out, r.appealFields(a, guide)...)
}

func join(lines []string) string {
	text := ""
	for i, l := range lines {
		if i > 0 {
			text += "\n"
		}
		text += l
	}
	return text
}

// proposedReasons begin with what the reviewer found in the end.
func (r *ruling) proposedReasons(a *page.Ask) (sv, en string) {
	if !r.c.State.Reviewed {
		return "", ""
	}
	for _, y := range r.c.State.Worksheet {
		if y.Question == review.Assessment {
			sv = y.Finding
		}
	}
	gives := slices.ContainsFunc(order.FromReview(r.c.State).Rows, plan.Row.Gives)
	if !gives {
		return sv, ""
	}
	if sv != "" {
		sv += " "
	}
	return sv + wordIn(a, "sv", "rulings.reasons_disclose"), wordIn(a, "en", "rulings.reasons_disclose")
}

// wordIn is a text in a language that need not be the visitor's.
func wordIn(a *page.Ask, lang, key string) string {
	b := *a
	b.Lang = lang
	return b.Word(key)
}

func (r *ruling) forbehallFields(a *page.Ask, before order.Decision) []*page.Field {
	s := r.c.State
	if !needsForbehall(s) {
		return nil
	}
	f := before.Forbehall
	if f == nil {
		f = &order.Forbehall{Names: s.Application.Project.Named}
		if before.ID == "" {
			f.Text = catalog.Text{SV: wordIn(a, "sv", "rulings.forbehall"), EN: wordIn(a, "en", "rulings.forbehall")}
		}
	}
	texts := a.Both("forbehall", page.Area, a.Word("rulings.f_forbehall"))
	texts[0].Hint = a.Word("rulings.h_forbehall")
	texts[0].Value, texts[1].Value = f.Text.SV, f.Text.EN
	return []*page.Field{a.Optional(texts[0]), a.Optional(texts[1]), a.Optional(hinted(a, field(a, "forbehall_names", page.Area, join(f.Names)))), a.Optional(hinted(a, field(a, "no_forbehall", page.Text, before.NoForbehall)))}
}

// boundFields bound what is disclosed.
func (r *ruling) boundFields(a *page.Ask, d order.DecisionDraft) []*page.Field {
	s := r.c.State
	whole := func(id string, n int) *page.Field { return field(a, id, page.Number, strconv.Itoa(n)) }
	out := []*page.Field{whole("persons", d.Persons.Max)}
	if d.Persons.Source == plan.SourceFile {
		column := "personnummer"
		if d.Persons.Organisations() {
			column = "organisationsnummer"
		}
		out = append(out, hinted(a, field(a, "identity_column", page.Text, column)))
	} else {
		out = append(out, r.criteriaFields(a, d)...)
	}
	if d.Persons.Organisations() {
		traders := &page.Field{ID: "traders", Kind: page.Select, Label: a.Word("rulings.f_traders"), Options: []page.Option{
			{Value: "exclude", Label: a.Word("rulings.traders_exclude")}, {Value: "include", Label: a.Word("rulings.traders_include")},
		}}
		out = append(out, hinted(a, traders.With(d.Persons.Traders)))
	}
	if d.Identity.KeyPolicy == order.KeyKeptUntil {
		ref := ""
		if x := s.Application.Ethics.Approvals; len(x) > 0 {
			ref = x[0].Number
		}
		out = append(out, field(a, "keep_until", page.Date, d.Identity.KeepUntil), hinted(a, field(a, "ethics_ref", page.Text, ref)))
	}
	out = append(out, whole("deliveries", d.Deliveries), field(a, "expires", page.Date, (a.Today+expiresAfter).String()), whole("retention", cmp.Or(d.RetentionMonths, a.Authority.RetentionMonths)))
	// Periods can lie around a date that the population has, or that criteria give.
	dated := d.Persons.Source == plan.SourceCriteria || slices.ContainsFunc(d.Persons.Columns, func(c plan.PopulationExtra) bool { return c.Use == "steer" })
	for _, x := range d.Rows {
		reg, table := a.Catalogue.Table(x.Table)
		if table == nil || !x.Gives() || x.Period == nil {
			continue
		}
		if reach := a.Measured().Of(reg, a.Today); reach.Limited && x.Period.To-1 > reach.Until {
			why := field(a, "exception", page.Text, "")
			why.ID, why.Label = "exception."+x.Table, why.Label+" "+table.Names.In(a.Lang)
			why.Hint = a.Word("rulings.h_exception") + " " + reach.Until.String() + " (" + reach.Words().In(a.Lang) + ")."
			out = append(out, a.Optional(why))
		}
		if s.Decision != nil {
			if old, ok := s.Decision.Scope.RowFor(x.Table); ok {
				x.Around, x.Reveal = old.Around, old.Reveal
			}
		}
		out = append(out, windowFields(a, x, table, dated)...)
	}
	signer := a.VaultSigner
	if s.Decision != nil {
		signer = cmp.Or(s.Decision.Scope.Recipient.Signer, signer)
	}
	out = append(out, a.Optional(hinted(a, field(a, "vault_signer", page.Text, signer))))
	return append(out, field(a, "accept_until", page.Date, (a.Today+acceptWithin).String()))
}

func (r *ruling) appealFields(a *page.Ask, t catalog.Text) []*page.Field {
	texts := a.Both("appeal", page.Area, a.Word("rulings.f_appeal"))
	texts[0].Hint = a.Word("rulings.h_appeal")
	texts[0].Value, texts[1].Value = t.SV, t.EN
	return page.Folded(a.Word("rulings.fold_appeal"), a.Optional(texts[0]), a.Optional(texts[1]))
}

func outcomeOf(rows []plan.Row) string {
	return order.Decision{Scope: plan.Scope{Rows: rows}}.Outcome()
}

// guide is how the party appeals a decision with this outcome; ok is false
// where there is nothing to appeal, or no rule.
func (r *ruling) guide(a *page.Ask, outcome string) (catalog.Text, bool) {
	kind := map[string]string{plan.OutcomeRefuse: review.Refusal, plan.OutcomePartly: review.Partial, plan.OutcomeDisclose: review.Forbehall}[outcome]
	if kind == review.Forbehall && !needsForbehall(r.c.State) {
		return catalog.Text{}, false
	}
	rules := a.Authority.Appeals
	if rules == nil {
		rules = review.Appeals()
	}
	g, ok := review.AppealGuide(rules, kind, r.c.State.Application.Principal.Kind, a.Today, nil)
	return g.Text, ok
}

// prepare makes the decision of the filled form, or marks what to mend.
func (r *ruling) prepare(a *page.Ask) error {
	f, s := r.F, r.c.State
	value := func(id string) string {
		if x := f.Field(id); x != nil {
			return x.Value
		}
		return ""
	}
	f.Need("reasons", a.Word("rulings.n_reasons"))
	f.Need("provisions", a.Word("rulings.n_provisions"))
	f.Need("rapporteur", a.Word("rulings.n_rapporteur"))
	reasons := catalog.Text{SV: value("reasons"), EN: cmp.Or(value("reasons_en"), value("reasons"))}
	guide := catalog.Text{SV: value("appeal"), EN: cmp.Or(value("appeal_en"), value("appeal"))}
	if correcting(s) {
		r.correct(reasons, page.Lines(value("provisions")), value("rapporteur"), guide, a)
		return nil
	}
	in := order.FromReview(s)
	in.Rows = slices.Clone(in.Rows) // the case's own are only read
	in.Reasons, in.Provisions, in.Rapporteur, in.Appeal = reasons, page.Lines(value("provisions")), value("rapporteur"), guide
	in.Presumption = value("presumption")
	in.RetentionMonths = f.Whole("retention", 1, 120, a.Word("rulings.n_retention"))
	if value("outcome") == "refuse" {
		refuse(in.Rows, reasons)
	}
	if outcomeOf(in.Rows) != plan.OutcomeRefuse {
		r.bound(a, &in)
		in.Terms = r.terms(a)
	} else if guide.SV == "" {
		if g, ok := r.guide(a, plan.OutcomeRefuse); ok {
			in.Appeal = g
			f.Field("appeal").Value, f.Field("appeal_en").Value = g.SV, g.EN
		}
	}
	d, q, err := a.Orders.PrepareDecision(a.R.Context(), a.Visitor.Person.Actor(), s, in)
	if err != nil {
		if f.Take(err) {
			return nil
		}
		return err
	}
	r.decision, r.quote = d, q
	return r.shown(a)
}

// refuse lets none of the rows out.
func refuse(rows []plan.Row, why catalog.Text) {
	for i := range rows {
		r := &rows[i]
		if r.Outcome != plan.OutcomeWithdrawn {
			*r = plan.Row{Register: r.Register, Table: r.Table, Outcome: plan.OutcomeRefuse, Ground: lawSecrecy, Reason: why}
		}
	}
}

// bound reads what bounds a disclosure.
func (r *ruling) bound(a *page.Ask, in *order.DecisionDraft) {
	f := r.F
	in.Persons.Max = f.Whole("persons", 1, 20_000_000, a.Word("rulings.n_persons"))
	if x := f.Field("identity_column"); x != nil {
		f.Need("identity_column", a.Word("rulings.n_identity_column"))
		in.Persons.ID = x.Value
	} else {
		in.Persons.Criteria = criteriaOf(f, r.c.ID, a.Catalogue, a.Word)
	}
	if x := f.Field("traders"); x != nil {
		in.Persons.Traders = x.Value
	}
	if x := f.Field("keep_until"); x != nil {
		in.Identity.KeepUntil, in.Identity.EthicsRef = f.Day("keep_until", a.Word("rulings.n_day")).String(), f.Field("ethics_ref").Value
		f.Need("ethics_ref", a.Word("rulings.n_ethics_ref"))
	}
	in.Deliveries = f.Whole("deliveries", 1, 50, a.Word("rulings.n_deliveries"))
	in.Expires = f.Day("expires", a.Word("rulings.n_day"))
	if in.RecipientKey, in.VaultSigner = keyOf(r.c.State), f.Field("vault_signer").Value; in.RecipientKey == "" {
		f.Wrong("", a.Word("rulings.n_recipient_key"))
	}
	for i := range in.Rows {
		r.window(a, &in.Rows[i])
	}
	for _, x := range in.Rows {
		if y := f.Field("exception." + x.Table); y != nil && y.Value != "" {
			in.Exceptions = append(in.Exceptions, plan.CoverageLeave{Table: x.Table, Reason: y.Value})
		}
	}
	x := f.Field("forbehall")
	if x == nil {
		return
	}
	in.NoForbehall = f.Field("no_forbehall").Value
	if in.NoForbehall == "" {
		in.Forbehall = &order.Forbehall{Text: catalog.Text{SV: x.Value, EN: cmp.Or(f.Field("forbehall_en").Value, x.Value)}, Names: page.Lines(f.Field("forbehall_names").Value)}
		f.Need("forbehall", a.Word("rulings.n_forbehall"))
		f.Need("forbehall_names", a.Word("rulings.n_forbehall_names"))
	}
}

// terms are those of the agreed draft quote, with a new last day.
func (r *ruling) terms(a *page.Ask) *quote.Terms {
	until := r.F.Day("accept_until", a.Word("rulings.n_day"))
	q := quoteOf(r.c.State)
	if q == nil {
		r.F.Wrong("", a.Word("rulings.n_quote"))
		return nil
	}
	t := &quote.Terms{Form: q.Form, VAT: q.VAT, VATReason: q.VATReason, NoFee: q.NoFee, Text: q.Text, ValidTo: until}
	for _, l := range q.Lines {
		t.Hours = append(t.Hours, quote.Hours{Kind: l.Kind, Centis: l.Centis})
	}
	return t
}

// correct makes the correction: the decision before, with its slips mended.
func (r *ruling) correct(reasons catalog.Text, law []string, rapporteur string, guide catalog.Text, a *page.Ask) {
	d := *r.c.State.Decision
	d.Kind, d.Replaces, d.Version, d.Date, d.Decider = order.KindCorrection, r.c.State.DecisionHash, d.Version+1, a.Today, a.Visitor.Person.ID
	d.ID = r.c.ID + "-B" + strconv.Itoa(d.Version)
	d.Reasons, d.Provisions, d.Rapporteur, d.Appeal = reasons, law, rapporteur, guide
	r.decision = d
	if err := r.shown(a); err != nil {
		r.F.Take(err)
	}
}

// shown is the decision as the page shows it: its rows, its letter, its hash.
func (r *ruling) shown(a *page.Ask) error {
	h, err := r.decision.Hash()
	if err != nil {
		return err
	}
	if r.Hash = string(h); !r.F.OK() {
		r.Hash = ""
	} else if err := a.OfferPasskey(r.F, r.decision); err != nil {
		return err
	}
	for _, x := range r.F.Problems {
		r.Missing = append(r.Missing, x.Text)
	}
	q := r.quote
	if q == nil && r.decision.Quote != "" {
		q = r.c.State.Quote
	}
	r.Letter = letterOf(a, r.c.State, r.decision, q)
	return nil
}

func (r *ruling) view(a *page.Ask) page.View {
	return page.View{Title: a.Word("rulings.decide"), Nav: "rulings.nav", Body: r}
}

// showDecide is the decision as it would be, to be completed and signed.
func showDecide(a *page.Ask) error {
	r, err := rulingOf(a)
	if err != nil {
		return err
	}
	if !toDecide(r.c.State) {
		return a.Go("/cases/"+r.c.ID+"/decision", "")
	}
	back, err := a.Continues(r.F.Action)
	if err != nil {
		return err
	}
	if back { // so that the letter is that of what was written
		r.F.Read(a)
	}
	if err := r.prepare(a); err != nil {
		return err
	}
	r.F.Problems = nil // nothing has been sent yet
	for _, x := range r.F.Fields {
		x.Problem = ""
	}
	return a.Show("rulings-decide", r.view(a))
}

// read fills the form in and makes the decision of it.
func read(a *page.Ask) (*ruling, error) {
	r, err := rulingOf(a)
	if err != nil {
		return nil, err
	}
	r.F.Read(a)
	return r, r.prepare(a)
}

// lookDecide shows the decision that the form makes; nothing is stored.
func lookDecide(a *page.Ask) error {
	r, err := read(a)
	if err != nil {
		return err
	}
	if !r.F.OK() {
		return a.Refused("rulings-decide", r.F, r.view(a))
	}
	return a.Show("rulings-decide", r.view(a))
}

// document hands out the decision to be signed elsewhere.
func document(a *page.Ask) error {
	r, err := read(a)
	if err != nil {
		return err
	}
	if !r.F.OK() {
		return a.Refused("rulings-decide", r.F, r.view(a))
	}
	return a.Document(r.decision.ID+".json", r.decision)
}

// decide signs the decision that was shown, and gives it. When the form makes
// another decision than the one that was shown, it is shown first.
func decide(a *page.Ask) error {
	r, err := read(a)
	if err != nil {
		return err
	}
	if r.F.OK() && a.Value("shown") != r.Hash {
		r.F.Wrong("", a.Word("rulings.n_shown"))
	}
	if !r.F.OK() {
		return a.Refused("rulings-decide", r.F, r.view(a))
	}
	if note, ok := a.Signed(r.decision, r.F); ok {
		err := a.Do(r.c, r.command(note))
		if err == nil {
			return a.Go("/cases/"+r.c.ID+"/decision", "done.rulings_decided")
		}
		if err := r.Taken(a, r.c, r.F, err); err != nil {
			return err
		}
	}
	return a.Refused("rulings-decide", r.F, r.view(a))
}

func (r *ruling) command(note string) order.Command {
	if r.Redecided {
		return order.Redecide{Decision: r.decision, Note: note, Quote: r.quote}
	}
	return order.RecordDecision{Decision: r.decision, Note: note, Quote: r.quote}
}
