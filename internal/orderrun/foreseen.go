package orderrun

import (
	"sluss/internal/catalog"
	"sluss/internal/intake"
	"sluss/internal/order"
	"sluss/internal/orderfile"
	"sluss/internal/plan"
)

// Foreseen is an order file's order as the file tells it, without carrying
// anything out: the application with the changes and the data agreed on, the
// scope of the decision, and the specification. No gate has looked at it.
//
// The error is a *fault.Fault of class Input for a change that does not fit the
// questions of the order.
func Foreseen(f *orderfile.File, cat *catalog.Catalogue) (order.State, error) {
	s := order.State{Application: f.Application}
	for _, a := range f.Acts {
		switch {
		case a.Do == "answer_supplement" && len(a.Change) > 0:
			var changed intake.Application
			if err := mergePatch(s.Application, a.Change, &changed); err != nil {
				return s, (&run{}).bad(a, "change", "Ändringen passar inte beställningens frågor.", "The change does not fit the questions of the order.")
			}
			s.Application = changed
		case a.Do == "propose_data" && len(a.Data) > 0:
			s.Application.Data = a.Data
		case a.Do == "decide" && a.Decision != nil:
			d := a.Decision
			s.Decision = &order.Decision{ID: d.ID, Scope: plan.Scope{
				Scope: plan.ScopeVersion, Catalogue: plan.CatalogueRef(cat), Persons: d.Persons, Identity: d.Identity, Rows: d.Rows, Formats: d.Formats,
				Deliveries: d.Deliveries, Expires: d.Expires,
			}}
		case a.Do == "order_extraction" && a.Spec != nil:
			spec, err := order.PrepareSpec(s, cat, order.SpecDraft{Snapshot: a.Spec.Snapshot, Identity: a.Spec.Identity, Anchors: a.Spec.Anchors, Groups: a.Spec.Groups, Extracts: a.Spec.Extracts})
			if err != nil {
				return s, err
			}
			s.Spec = &spec
		}
	}
	return s, nil
}
