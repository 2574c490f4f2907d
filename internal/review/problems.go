package review

import (
	"fmt"
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/plan"
)

// Problem is what keeps the review from being done.
type Problem struct {
	Code     string
	Question string // id, "" = the scope as a whole
	SV, EN   string
	Law      string
	Promise  int // of docs/promises.md, 0 = none
}

// Problems compares the answers with the worksheet and the proposed scope.
// Nothing is left when every question is answered once, every variable is
// treated as the scope has it, and what must be said before a disclosure has
// been said.
func Problems(s Subject, scope plan.Scope, cat *catalog.Catalogue, answers []Answer) []Problem {
	c := check{s: s, scope: scope, cat: cat, by: map[string]Answer{}}
	for _, a := range answers {
		if _, twice := c.by[a.Question]; twice {
			c.add("review.twice", a.Question, 0, lawSecrecy, "Frågan är besvarad två gånger.", "The question is answered twice.")
		}
		c.by[a.Question] = a
	}
	asked := map[string]bool{}
	for _, q := range Questions(s, scope, cat) {
		asked[q.ID] = true
		a, ok := c.by[q.ID]
		switch {
		case !ok || a.Finding == "" && (q.Section != Minimisation || a.Treat != Keep):
			c.add("review.unanswered", q.ID, q.Promise, q.Law, "Frågan är inte besvarad.", "The question is not answered.")
		case q.Section == Minimisation && !slices.Contains([]string{Keep, Coarsen, Shorten, Drop}, a.Treat):
			c.add("review.untreated", q.ID, q.Promise, q.Law, "Ange om variabeln behålls, görs grövre, kortas eller stryks.", "Say whether the variable is kept, made coarser, shortened or dropped.")
		}
	}
	for _, a := range answers {
		if !asked[a.Question] {
			c.add("review.not_asked", a.Question, 0, lawSecrecy, "Svaret hör inte till någon fråga i arbetsbladet.", "The answer belongs to no question of the worksheet.")
		}
	}
	c.variables()
	if scope.Discloses() {
		c.disclosing()
	}
	return c.out
}

type check struct {
	s     Subject
	scope plan.Scope
	cat   *catalog.Catalogue
	by    map[string]Answer
	out   []Problem
}

func (c *check) add(code, question string, promise int, law, sv, en string) {
	c.out = append(c.out, Problem{code, question, sv, en, law, promise})
}

// variables finds treatments that the scope contradicts.
func (c *check) variables() {
	for _, r := range c.scope.Rows {
		if !r.Gives() {
			continue
		}
		_, table := c.cat.Table(r.Table)
		if table == nil {
			c.add("review.unknown_table", "", 3, lawMinimise, fmt.Sprintf("Tabellen %s finns inte i katalogen.", r.Table), fmt.Sprintf("The table %s is not in the catalogue.", r.Table))
			continue
		}
		for _, b := range r.Variables {
			v := table.Variable(b.ID)
			if v == nil {
				c.add("review.unknown_variable", "", 3, lawMinimise, fmt.Sprintf("Variabeln %s finns inte i %s.", b.ID, r.Table), fmt.Sprintf("The variable %s is not in %s.", b.ID, r.Table))
				continue
			}
			c.variable(r, v, b)
		}
	}
}

func (c *check) variable(r plan.Row, v *catalog.Variable, b plan.VariableBound) {
	id := VariableQuestion(r.Table, v.ID)
	switch a := c.by[id]; a.Treat {
	case Drop:
		c.add("review.dropped_in_scope", id, 3, lawMinimise, "Variabeln ska strykas men står kvar i förslaget.", "The variable is to be dropped but still stands in the proposal.")
	case Coarsen:
		want, has := slices.Index(v.Coarsen, a.Level), slices.Index(v.Coarsen, b.Level)
		if want < 0 {
			c.add("review.unknown_level", id, 0, lawMinimise, "Variabeln kan inte lämnas på den nivån.", "The variable cannot be given at that level.")
		} else if has < want {
			c.add("review.finer_in_scope", id, 3, lawMinimise, "Förslaget lämnar variabeln finare än prövningen kom fram till.", "The proposal gives the variable finer than the review found.")
		}
	case Shorten:
		if a.Period == nil || a.Period.Span().Empty() {
			c.add("review.no_period", id, 0, lawMinimise, "Ange vilken tid variabeln kortas till.", "Say to which period the variable is shortened.")
		} else if r.Period == nil || !a.Period.Span().Contains(r.Period.Span()) {
			c.add("review.longer_in_scope", id, 3, lawMinimise, "Förslaget lämnar en längre tid än prövningen kom fram till.", "The proposal gives a longer period than the review found.")
		}
	}
}

// disclosing asks for what must be said before anything is disclosed.
func (c *check) disclosing() {
	need := func(question, code string, promise int, law, sv, en string) {
		if a, ok := c.by[question]; ok && a.Finding != "" && !a.Holds {
			c.add(code, question, promise, law, sv, en)
		}
	}
	need("assessment", "review.harm", 0, lawSecrecy, "Prövningen säger att det inte står klart att utlämnandet är utan skada; då kan ingenting lämnas ut.", "The review says that it is not clear that disclosure does no harm; then nothing can be disclosed.")
	need("purpose", "review.not_needed", 0, lawSecrecy, "Prövningen säger att uppgifterna inte behövs för ändamålet.", "The review says that the data are not needed for the purpose.")
	need("presumption", "review.presumption", 11, lawSecrecy, "Utgångspunkten är avslag och prövningen bryter den inte.", "The presumption is refusal and the review does not rebut it.")
	if c.s.Recipient != "" {
		if !c.s.Processor {
			c.add("review.no_agreement", "processor", 6, lawProcessor, "Mottagaren är en annan än huvudmannen och det finns inget biträdesavtal.", "The recipient is not the principal and there is no processing agreement.")
		}
		need("processor", "review.agreement_short", 6, lawProcessor, "Prövningen säger att biträdesavtalet inte täcker mottagaren.", "The review says that the processing agreement does not cover the recipient.")
	}
	for _, item := range uncovered(c.s, c.scope, c.cat) {
		c.add("review.uncovered", "coverage", 5, lawEthics, fmt.Sprintf("Känsliga uppgifter utan stöd i etikgodkännandet: %s.", item), fmt.Sprintf("Sensitive data without support in the ethics approval: %s.", item))
	}
	if len(c.s.Covered) > 0 || c.s.Purpose == Research {
		need("coverage", "review.not_covered", 5, lawEthics, "Prövningen säger att etikgodkännandet inte räcker.", "The review says that the ethics approval is not enough.")
	}
	if c.s.Identified && c.scope.Identity.Kind == plan.IdentityPersonalNumber {
		need("identified", "review.numbers_not_needed", 4, lawMinimise, "Prövningen säger att löpnummer räcker, men förslaget lämnar ut personnummer.", "The review says that löpnummer are enough, but the proposal discloses personnummer.")
	}
	if !c.s.Identified && c.scope.Identity.Kind == plan.IdentityPersonalNumber {
		c.add("review.numbers_not_asked", "", 4, lawMinimise, "Förslaget lämnar ut personnummer som ingen har begärt.", "The proposal discloses personnummer that nobody has asked for.")
	}
}

// Proposal is a decision row with what the reader must be told.
type Proposal struct {
	plan.Row
	Withdrawn  bool     // the orderer has taken the table back: neither given nor refused
	Dropped    []string // variables that were asked for and are not given
	Appealable bool     // something asked for is not given
}

// Propose turns answers into decision rows, one for each table asked for, in
// order: disclose when every variable is kept, refuse when none is left, partly
// otherwise. A shortening cuts the whole row to the time that all its shortened
// variables allow. withdrawn names the tables that the orderer has taken back.
// Ground is the law of refusals and reductions, the reasons are the findings.
//
// The rows say nothing of shape, filters and windows: those are settled in the
// dialogue and stand in base, the rows agreed so far, by table.
func Propose(s Subject, base []plan.Row, cat *catalog.Catalogue, answers []Answer, withdrawn []string) []Proposal {
	by := map[string]Answer{}
	for _, a := range answers {
		by[a.Question] = a
	}
	var out []Proposal
	for _, w := range wants(s, plan.Scope{Rows: base}) {
		reg, table := cat.Table(w.Table)
		if table == nil {
			continue
		}
		p := Proposal{Row: plan.Row{Table: w.Table, Register: reg.ID, Period: w.Period}}
		if i := slices.IndexFunc(base, func(r plan.Row) bool { return r.Table == w.Table }); i >= 0 {
			p.Row = base[i]
		}
		p.Variables, p.Reason, p.Ground = nil, catalog.Text{}, ""
		if slices.Contains(withdrawn, w.Table) {
			p.Withdrawn, p.Outcome = true, ""
			out = append(out, p)
			continue
		}
		p.fill(w, base, by)
		out = append(out, p)
	}
	return out
}

func (p *Proposal) fill(w Want, base []plan.Row, by map[string]Answer) {
	less := false
	for _, id := range w.Variables {
		a := by[VariableQuestion(w.Table, id)]
		b, _ := bound(plan.Scope{Rows: base}, w.Table, id)
		b.ID = id
		switch a.Treat {
		case Keep:
		case Coarsen:
			b.Level, less = a.Level, true
		case Shorten:
			less = true
			if a.Period != nil && p.Period != nil {
				cut := plan.Period(p.Period.Span().Intersect(a.Period.Span()))
				p.Period = &cut
			} else if a.Period != nil {
				p.Period = a.Period
			}
		default: // dropped, or not treated yet: nothing leaves without an answer
			p.Dropped, less = append(p.Dropped, id), true
			p.because(a)
			continue
		}
		if a.Treat != Keep {
			p.because(a)
		}
		p.Variables = append(p.Variables, b)
	}
	p.Appealable = less
	switch {
	case len(p.Variables) == 0 || p.Period != nil && p.Period.Span().Empty():
		p.Outcome, p.Ground, p.Variables, p.Appealable = plan.OutcomeRefuse, lawSecrecy, nil, true
	case less:
		p.Outcome, p.Ground = plan.OutcomePartly, lawSecrecy
	default:
		p.Outcome, p.Ground = plan.OutcomeDisclose, ""
	}
}

// because adds a finding to the reasons, once.
func (p *Proposal) because(a Answer) {
	if a.Finding != "" {
		if p.Reason.SV != "" {
			p.Reason.SV, p.Reason.EN = p.Reason.SV+" ", p.Reason.EN+" "
		}
		p.Reason.SV += a.Finding
		p.Reason.EN += a.Finding
	}
}
