package orderrun

import (
	"context"
	"os"
	"path/filepath"

	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/orderfile"
	"sluss/internal/plan"
	"sluss/internal/quote"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// decide completes the decision of the file with what only the house knows,
// signs it as the decision maker, and hands it to the rules.
func decide(ctx context.Context, r *run, a orderfile.Act) error {
	if a.Decision == nil {
		return r.bad(a, "decision", "Beslutet saknas.", "The decision is missing.")
	}
	d, q, err := r.decision(a)
	if err != nil {
		return err
	}
	note, err := r.sign(a, order.RoleDecider, d)
	if err != nil {
		return err
	}
	return r.do(ctx, a, order.RecordDecision{Decision: d, Note: note, Quote: q})
}

func (r *run) decision(a orderfile.Act) (order.Decision, *quote.Quote, error) {
	in, app := a.Decision, r.state.Application
	recipient := app.Principal
	if app.Recipient != nil {
		recipient = *app.Recipient
	}
	key, err := r.recipientKey()
	if err != nil {
		return order.Decision{}, nil, err
	}
	d := order.Decision{
		Type: order.DecisionVersion, Order: r.id, ID: r.id + "-" + in.ID, Version: 1, Date: a.On, Decider: a.By, Rapporteur: in.Rapporteur,
		Principal: app.Principal.Name, Purpose: string(app.Purpose), Reasons: in.Reasons, Provisions: in.Provisions,
		Forbehall: in.Forbehall, NoForbehall: in.NoForbehall, Presumption: in.Presumption, RetentionMonths: in.RetentionMonths, Appeal: in.Appeal,
		Scope: plan.Scope{
			Scope: plan.ScopeVersion, Order: r.id, Catalogue: r.catalogue(), Persons: in.Persons, Identity: in.Identity, Rows: in.Rows,
			Formats: in.Formats, Deliveries: in.Deliveries, Expires: in.Expires,
			Recipient: plan.Recipient{Name: recipient.Name, OrgNo: recipient.OrgNo, Key: key, Signer: signed.Fingerprint(r.vault.Signer)},
		},
	}
	if d.ScopeHash, err = d.Scope.Hash(); err != nil || in.Quote == nil {
		return d, nil, err
	}
	version := 1
	if r.state.Draft != nil {
		version = r.state.Draft.Version + 1
	}
	q, err := quote.Make(r.id, version, swede.CivilDay(r.clock.Now()), r.app.Authority.Prices, terms(in.Quote))
	if err != nil {
		return d, nil, r.bad(a, "decision.quote", "Offerten går inte att räkna ut: kontrollera timmar, form och moms.", "The quote cannot be worked out: check hours, form and VAT.")
	}
	q.Final, q.Scope = true, d.ScopeHash
	d.Quote, err = q.Hash()
	return d, &q, err
}

func (r *run) catalogue() plan.Ref {
	c := r.app.Catalogue
	return plan.Ref{ID: c.ID, Version: c.Version, SHA256: c.Hash()}
}

// recipientKey makes the recipient's key pair, as `sluss keygen` does, once.
func (r *run) recipientKey() (string, error) {
	if r.recipient != "" {
		return r.recipient, nil
	}
	identity, recipient, err := sealed.GenerateIdentity()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(r.staging, "recipient")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	r.recipient = recipient
	return recipient, sealed.WriteIdentity(filepath.Join(dir, "identity.txt"), identity)
}

// orderExtraction completes the specification with decision, catalogue,
// snapshot and population, and signs it as the statistician.
func orderExtraction(ctx context.Context, r *run, a orderfile.Act) error {
	if err := r.refresh(ctx); err != nil {
		return err
	}
	if a.Spec == nil {
		return r.bad(a, "spec", "Specifikationen saknas.", "The specification is missing.")
	}
	spec, err := r.spec(ctx, a)
	if err != nil {
		return err
	}
	note, err := r.sign(a, order.RoleStatistician, workorder.SpecOrder{Type: workorder.TypeSpec, By: a.By, Spec: spec})
	if err != nil {
		return err
	}
	return r.do(ctx, a, order.OrderExtraction{Spec: spec, Note: note})
}

func (r *run) spec(ctx context.Context, a orderfile.Act) (plan.Spec, error) {
	in := a.Spec
	spec := plan.Spec{Spec: plan.Version, Order: r.id, Catalogue: r.catalogue(), Identity: plan.Identity{Kind: plan.IdentitySerial}, Extracts: in.Extracts}
	if in.Identity != "" {
		spec.Identity.Kind = in.Identity
	}
	spec.AsOf.Snapshot = in.Snapshot
	if in.Snapshot == "" {
		var list []snapshotInfo
		if err := r.engineJSON(ctx, &list, "snapshots", "list", "--store", r.store, "--json"); err != nil {
			return spec, err
		}
		if len(list) == 0 {
			return spec, fault.New("orderrun.data", "Valvet har inga ögonblicksbilder.", "The vault has no snapshots.")
		}
		spec.AsOf.Snapshot = list[len(list)-1].ID
	}
	if r.state.Decision == nil {
		return spec, nil // the gate refuses it
	}
	ref, err := r.state.Decision.Ref()
	spec.Decision = ref
	p := r.state.Decision.Scope.Persons
	if p.Source == "file" {
		file := &plan.FilePopulation{ID: p.ID, Serial: p.Serial, Anchors: in.Anchors, Groups: in.Groups}
		if r.state.Population != nil {
			file.Intake = r.state.Population.Intake
		}
		spec.Population.File = file
	} else {
		spec.Population.Criteria = p.Criteria
	}
	return spec, err
}

// release approves exactly the manifest that lies ready, or the one the act
// names.
func release(ctx context.Context, r *run, a orderfile.Act) error {
	if err := r.refresh(ctx); err != nil {
		return err
	}
	o := workorder.ReleaseOrder{Type: workorder.TypeRelease, By: a.By, Order: r.id}
	if r.state.Extracted != nil {
		o.Manifest = hashOr(a.Hash, r.state.Extracted.Manifest)
	}
	note, err := r.sign(a, order.RoleReleaser, o)
	if err != nil {
		return err
	}
	return r.do(ctx, a, order.Release{Manifest: o.Manifest, Note: note})
}
