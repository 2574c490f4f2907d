package order

import (
	"slices"

	"sluss/internal/catalog"
	"sluss/internal/fault"
	"sluss/internal/plan"
	"sluss/internal/review"
)

// Subject is what the confidentiality review is about, as far as the case
// tells it; figures is from a disclosure report, nil when there is none.
func (s State) Subject(cat *catalog.Catalogue, figures *review.Figures) review.Subject {
	a := s.Application
	out := review.Subject{
		Purpose: string(a.Purpose), Principal: a.Principal.Name, Party: a.Principal.Kind, Privileged: a.Privileged(),
		Researchers: len(a.Project.Named), Persons: a.Population.Size, Source: a.Population.Source, Linked: a.Project.Linkage,
		Identified: a.Identified, Report: figures,
	}
	if a.Recipient != nil {
		out.Recipient, out.Processor = a.Recipient.Name, a.Processed(a.Recipient.OrgNo)
	}
	for _, x := range a.Ethics.Approvals {
		if x.Decision != "" {
			out.Approvals++
		}
	}
	for _, c := range a.Ethics.Coverage {
		out.Covered = append(out.Covered, review.Cover{Item: c.Item, Met: c.Met, Page: c.Page})
	}
	if s.Population != nil && s.Population.Accepted {
		out.Persons = s.Population.Persons
	}
	for _, w := range a.Data {
		if _, table := cat.Table(w.Table); table != nil {
			out.Wanted = append(out.Wanted, review.Want{Table: w.Table, Variables: w.Variables, Period: &plan.Period{From: w.From, To: w.To + 1}})
		}
	}
	return out
}

// Wished is the scope that the review starts from: every table asked for, as
// it was asked for.
func (s State) Wished() plan.Scope {
	sc := plan.Scope{Scope: plan.ScopeVersion, Order: s.ID, Persons: plan.Persons{Source: s.Application.Population.Source, Max: s.Application.Population.Size}}
	if s.Application.Population.Organisations() {
		sc.Persons.Kind, sc.Persons.Traders = plan.KindOrganisations, s.Application.Population.Traders
	}
	sc.Identity.Kind = plan.IdentitySerial
	if s.Application.Identified {
		sc.Identity.Kind = plan.IdentityPersonalNumber
	}
	for _, w := range s.Application.Data {
		r := plan.Row{Register: w.Register, Table: w.Table, Outcome: plan.OutcomeDisclose, Benefits: w.Benefits, Shape: w.Shape, Period: &plan.Period{From: w.From, To: w.To + 1}}
		for _, v := range w.Variables {
			r.Variables = append(r.Variables, plan.VariableBound{ID: v})
		}
		sc.Rows = append(sc.Rows, r)
	}
	return sc
}

// worksheet refuses a worksheet in which something is unanswered, or that
// contradicts the scope it is to lead to.
func worksheet(s State, sc plan.Scope, answers []review.Answer, ctx Context) error {
	ps := review.Problems(s.Subject(ctx.Catalogue, nil), sc, ctx.Catalogue, answers)
	if len(ps) == 0 {
		return nil
	}
	p := ps[0]
	return &fault.Fault{
		Code: p.Code, Class: fault.Gate, Rule: p.Code, Promise: p.Promise, Law: p.Law, SV: p.SV, EN: p.EN, Where: fault.Where{Column: p.Question},
	}
}

// answered checks that the six questions of a short review have an answer.
func answered(findings []ReviewFinding) error {
	for _, q := range ReviewQuestions {
		if !slices.ContainsFunc(findings, func(f ReviewFinding) bool { return f.Question == q && f.Assessment != "" }) {
			return refuse("review_unanswered", 8, lawSame,
				"Frågan "+q+" i sekretessprövningen är inte besvarad.", "The question "+q+" of the confidentiality review is not answered.")
		}
	}
	return nil
}

// reviewed compares a disclosing decision with the worksheet of the review,
// where there is one: what the review dropped, coarsened or found not clear is
// not let out (promise 3).
func reviewed(d Decision, s State, ctx Context) error {
	if len(s.Worksheet) == 0 {
		return nil
	}
	return worksheet(s, d.Scope, s.Worksheet, ctx)
}
