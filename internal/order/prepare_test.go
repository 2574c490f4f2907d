package order

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/plan"
)

// TestPreparedDocumentsAreAccepted: what is prepared from the review and a few
// choices can be signed and decided as it stands, the first time and again; and
// so can a prepared specification.
func TestPreparedDocumentsAreAccepted(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "decide")
	terms := w.terms()
	draft := FromReview(w.s)
	draft.Reasons, draft.Provisions, draft.Expires = catalog.Text{SV: "skäl", EN: "reasons"}, []string{"OSL 24:8"}, start+400
	draft.RecipientKey, draft.VaultSigner, draft.Persons.ID, draft.Terms = "age1xyz", "aaaa", "personnummer", &terms
	d, q, err := PrepareDecision(w.s, w.context(actor(RoleDecider)), draft)
	if err != nil || d.ID != w.s.ID+"-B1" || d.RetentionMonths != 6 {
		t.Fatalf("%+v, %v", d, err)
	}
	w.do(RoleDecider, RecordDecision{Decision: d, Note: "signed", Quote: q})
	w.do(RoleHandler, DispatchDecision{})
	w.do(RoleDecider, Reopen{Kind: KindReconsideration, Ground: "ny uppgift"})
	w.do(RoleReviewer, fullReview())
	draft.Persons.Max--
	d, q, err = PrepareDecision(w.s, w.context(actor(RoleDecider)), draft)
	if err != nil || d.ID != w.s.ID+"-B2" || d.Kind != KindReconsideration {
		t.Fatalf("%+v, %v", d, err)
	}
	w.do(RoleDecider, Redecide{Decision: d, Note: "signed", Quote: q})
	for _, st := range way[7:11] {
		w.do(st.role, st.cmd(w))
	}
	spec, err := PrepareSpec(w.s, catalog.Builtin(), SpecDraft{Snapshot: "s1", Extracts: w.specification().Extracts})
	if err != nil {
		t.Fatal(err)
	}
	w.do(RoleStatistician, OrderExtraction{Spec: spec, Note: "signed"})

	// A refusal has no quote, whatever terms are given.
	w = at(t, research(), "decide")
	draft = FromReview(w.s)
	draft.Terms, draft.Reasons, draft.Provisions, draft.Appeal = &terms, catalog.Text{SV: "skäl"}, []string{"OSL 24:8"}, catalog.Text{SV: "kammarrätten"}
	draft.Rows = []plan.Row{{Register: "midas_sjuk", Table: "midas_sjp", Outcome: plan.OutcomeRefuse, Ground: "OSL 24:8", Reason: catalog.Text{SV: "men"}}}
	d, q, err = PrepareDecision(w.s, w.context(actor(RoleDecider)), draft)
	if err != nil || q != nil || d.Quote != "" {
		t.Fatalf("%v, %v", q, err)
	}
	w.do(RoleDecider, RecordDecision{Decision: d, Note: "signed"})
}
