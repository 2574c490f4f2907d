package order

import (
	"slices"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/intake"
	"sluss/internal/plan"
	"sluss/internal/quote"
)

// Key policies of a scope.
const (
	KeyDeleted   = plan.KeyDeleted
	KeyKeptUntil = plan.KeyKeptUntil
)

const lawScope = "offentlighets- och sekretesslagen (2009:400) 24 kap. 8 §"

// disclosing checks a decision that lets something out.
func disclosing(d Decision, s State, ctx Context) error {
	for _, check := range []func(Decision, State, Context) error{bounded, covered, reviewed, identified, keyed, received, privileged, restricted, ethical} {
		if err := check(d, s, ctx); err != nil {
			return err
		}
	}
	return nil
}

// bounded: every element of the scope has one bound (promise 3).
func bounded(d Decision, _ State, ctx Context) error {
	sc := d.Scope
	for _, r := range sc.Rows {
		if !r.Gives() {
			continue
		}
		reg, table := ctx.Catalogue.Table(r.Table)
		if table == nil || reg.ID != r.Register {
			return refuse("row_table", 3, lawScope, "En rad gäller en tabell som inte finns i katalogen.", "A row is for a table that is not in the catalogue.")
		}
		if r.Period == nil || r.Period.Span().Empty() || !slices.Contains(table.Shapes, r.Shape) || len(r.Variables) == 0 {
			return refuse("row_bounds", 3, lawScope, "En rad som lämnas ut ska ange period, form och variabler.", "A row that is disclosed must state period, shape and variables.")
		}
	}
	if sc.Persons.Max < 1 || sc.Deliveries < 1 || sc.Expires <= ctx.Day() {
		return refuse("scope_bounds", 3, lawScope, "Beslutet ska ange högsta antal personer, antal leveranser och sista dag.", "The decision must state the largest number of persons, the number of deliveries and the last day.")
	}
	if ps := sc.Problems(ctx.Catalogue); len(ps) > 0 {
		return refuse("scope_invalid", 3, lawScope, ps[0].SV, ps[0].EN).At(fault.Where{Column: ps[0].Path})
	}
	return nil
}

// covered: data of MiDAS that are not complete yet are not let out without an
// exception that says why (promise 12).
func covered(d Decision, _ State, ctx Context) error {
	for _, r := range d.Scope.Rows {
		if !r.Gives() {
			continue
		}
		reg, table := ctx.Catalogue.Table(r.Table)
		reach := ctx.Measured.Of(reg, ctx.Day())
		until, by := reach.Until.String(), reach.Words()
		excepted := slices.ContainsFunc(d.Scope.Exceptions, func(e plan.CoverageLeave) bool { return e.Table == table.ID && e.Reason != "" })
		if reach.Limited && r.Period.To-1 > reach.Until && !excepted {
			return refuse("coverage", 12, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 d",
				"Uppgifterna är inte fullständiga längre än till "+until+" ("+by.SV+"): korta perioden eller ange ett undantag med skäl.",
				"The data are not complete beyond "+until+" ("+by.EN+"): shorten the period or state an exception with reasons.").At(fault.Where{Column: "rows." + r.Table + ".period"})
		}
	}
	return nil
}

// identified: personnummer leave only where the decision says so, in research
// only where the ethics approval does too (promise 4).
func identified(d Decision, s State, _ Context) error {
	switch kind := d.Scope.Identity.Kind; {
	case kind == plan.IdentityPersonalNumber && s.Application.Purpose == intake.Research && !s.Application.Covered(intake.CoverIdentified):
		return refuse("identified_unsupported", 4, "etikprövningslagen (2003:460) 6 §",
			"Personnummer får lämnas ut till forskning bara när etikgodkännandet säger det.", "Personal identity numbers leave for research only where the ethics approval says so.")
	case kind != plan.IdentityPersonalNumber && kind != plan.IdentitySerial:
		return refuse("identity", 4, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 c", "Beslutet ska ange löpnummer eller personnummer.", "The decision must say löpnummer or personal identity numbers.")
	}
	return nil
}

// keyed: the decision says how long the key lives, and a key is only kept, or
// an earlier one used again, with the ethics approval's support (promise 9).
func keyed(d Decision, s State, ctx Context) error {
	i := d.Scope.Identity
	switch {
	case i.KeyPolicy != KeyKeptUntil && i.KeyPolicy != KeyDeleted:
		return refuse("key_policy", 9, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 e", "Beslutet ska ange om kodnyckeln förstörs eller sparas.", "The decision must say whether the key is destroyed or kept.")
	case i.Project != "" && (i.KeyPolicy != KeyKeptUntil || i.Project != s.Application.Project.Earlier):
		return refuse("key_project", 9, "dataskyddsförordningen (EU) 2016/679 artikel 5.1 b", "Ett tidigare ärendes nyckel kan bara användas av samma projekt, och bara medan den får sparas.",
			"The key of an earlier case can only be used by the same project, and only while it may be kept.")
	case i.KeyPolicy == KeyDeleted:
		return nil
	}
	until, err := day.Parse(i.KeepUntil)
	if err != nil || until <= ctx.Day() || i.EthicsRef == "" || !s.Application.Covered(intake.CoverKeptKey) {
		return refuse("key_unsupported", 9, "etikprövningslagen (2003:460) 6 §; dataskyddsförordningen (EU) 2016/679 artikel 5.1 e",
			"Kodnyckeln får sparas bara när etikgodkännandet stödjer det och till ett angivet datum.", "The key may be kept only with the ethics approval's support and until a stated date.")
	}
	return nil
}

// received: the decision names who may open the parcel; another than the
// principal only with a processing agreement (promise 6).
func received(d Decision, s State, _ Context) error {
	r := d.Scope.Recipient
	switch {
	case r.Key == "":
		return refuse("recipient_key", 3, "dataskyddsförordningen (EU) 2016/679 artikel 32", "Beslutet ska ange mottagarens nyckel.", "The decision must state the recipient's key.")
	case s.keyConfirmed(r.Key) != nil:
		return s.keyConfirmed(r.Key)
	case !s.Application.Processed(r.OrgNo):
		return refuse("processing_agreement", 6, "dataskyddsförordningen (EU) 2016/679 artikel 28", "Mottagaren är en annan än huvudmannen och biträdesavtal saknas.", "The recipient is not the principal, and there is no processing agreement.")
	}
	return nil
}

// privileged: a statistics order from anyone else than an authority
// responsible for statistics is presumed to be refused (promise 11).
func privileged(d Decision, s State, _ Context) error {
	if s.Application.Purpose == intake.Statistics && !s.Application.Privileged() && d.Presumption == "" {
		return refuse("presumption", 11, lawScope, "Beställaren är inte en statistikansvarig myndighet med motsvarande sekretess: ange skälen för att ändå lämna ut.",
			"The orderer is not an authority responsible for statistics under equal secrecy: state the reasons for disclosing all the same.")
	}
	return nil
}

// restricted: a principal that is no authority gets a förbehåll that binds
// named persons, or the reason why none is needed (promise 7).
func restricted(d Decision, s State, _ Context) error {
	kind := s.Application.Principal.Kind
	public := kind == intake.PrincipalAuthority || kind == intake.PrincipalEquated
	if f := d.Forbehall; f != nil {
		if f.Text.SV == "" || len(f.Names) == 0 || slices.Contains(f.Names, "") {
			return refuse("forbehall_empty", 7, "offentlighets- och sekretesslagen (2009:400) 10 kap. 14 §", "Förbehållet ska ha en text och namnge dem som det binder.", "The restriction needs a text and the names of those it binds.")
		}
		return nil
	}
	if !public && d.NoForbehall == "" {
		return refuse("forbehall", 7, "offentlighets- och sekretesslagen (2009:400) 10 kap. 14 §",
			"Huvudmannen är inte en myndighet: sätt förbehåll eller ange varför det inte behövs.", "The principal is not an authority: set a restriction or say why none is needed.")
	}
	return nil
}

// ethical: the ethics documents cover what is decided, also where the
// application named only a need (promise 5).
func ethical(d Decision, s State, ctx Context) error {
	var given []intake.Wish
	for _, r := range d.Scope.Rows {
		if !r.Gives() {
			continue
		}
		w := intake.Wish{Register: r.Register, Table: r.Table, Benefits: r.Benefits}
		if len(w.Benefits) == 0 { // all of them
			for _, b := range ctx.Catalogue.Register(r.Register).Benefits {
				w.Benefits = append(w.Benefits, b.ID)
			}
		}
		for _, v := range r.Variables {
			w.Variables = append(w.Variables, v.ID)
		}
		given = append(given, w)
	}
	ps := intake.EthicsProblems(s.Application, given, ctx.Day(), ctx.Catalogue)
	if len(ps) == 0 {
		return nil
	}
	return refuse("decided_uncovered", 5, ps[0].Law, ps[0].SV, ps[0].EN).At(fault.Where{Column: ps[0].Field})
}

// priced checks that the final quote stands with the decision (promise 16) and
// is what the price list gives.
func priced(c RecordDecision, s State, ctx Context) error {
	const law = "avgiftsförordningen (1992:191) 4 §"
	if c.Quote == nil || c.Decision.Quote == "" {
		return refuse("decision_without_quote", 16, law, "Ett beslut om utlämnande går ut tillsammans med sin offert.", "A decision to disclose goes out together with its quote.")
	}
	h, err := c.Quote.Hash()
	if err != nil {
		return err
	}
	if h != c.Decision.Quote || !c.Quote.Final || c.Quote.Scope != c.Decision.ScopeHash || c.Quote.Order != s.ID {
		return refuse("quote_mismatch", 16, law, "Offerten är inte den som beslutet anger, eller gäller en annan omfattning.", "The quote is not the one the decision states, or is for another scope.")
	}
	if err := noFee(c.Quote.NoFee, s.Application); err != nil {
		return err
	}
	if again, err := reckoned(*c.Quote, ctx); err != nil || again != h {
		return refuse("quote_reckoning", 16, law, "Offerten är inte räknad efter prislistan som gäller i dag.", "The quote is not reckoned by the price list in force today.").Because(err)
	}
	return nil
}

// reckoned returns the hash of the quote as the price list gives it today.
func reckoned(q quote.Quote, ctx Context) (canon.Hash, error) {
	t := quote.Terms{Form: q.Form, VAT: q.VAT, VATReason: q.VATReason, NoFee: q.NoFee, Text: q.Text, ValidTo: q.ValidTo}
	for _, l := range q.Lines {
		t.Hours = append(t.Hours, quote.Hours{Kind: l.Kind, Centis: l.Centis})
	}
	again, err := quote.Make(q.Order, q.Version, ctx.Day(), ctx.Authority.Prices, t)
	if err != nil {
		return "", err
	}
	again.Final, again.Scope = q.Final, q.Scope
	return again.Hash()
}

// noFee refuses to take no fee without a duty to supply (promise 11).
func noFee(n *quote.NoFee, a intake.Application) error {
	if n == nil || a.Purpose == intake.Statistics && a.Statistics.Duty != "" && n.Ground != "" {
		return nil
	}
	return refuse("no_fee_ground", 11, "avgiftsförordningen (1992:191) 4 §",
		"Avgiftsfrihet kräver en särskilt beslutad uppgiftslämnarskyldighet.", "No fee needs a specially decided duty to supply data.")
}
