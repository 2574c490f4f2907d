package orderrun

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sluss/internal/day"
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

// decision is what follows from the act, as the counter prepares it for
// whoever decides.
func (r *run) decision(a orderfile.Act) (order.Decision, *quote.Quote, error) {
	in := a.Decision
	key, err := r.recipientKey()
	if err != nil {
		return order.Decision{}, nil, err
	}
	draft := order.DecisionDraft{
		Suffix: in.ID, Rapporteur: in.Rapporteur, Rows: in.Rows, Persons: in.Persons, Identity: in.Identity, Formats: in.Formats, Deliveries: in.Deliveries,
		Expires: in.Expires, RecipientKey: key, VaultSigner: signed.Fingerprint(r.vault.Signer), Reasons: in.Reasons, Provisions: in.Provisions,
		Forbehall: in.Forbehall, NoForbehall: in.NoForbehall, Presumption: in.Presumption, RetentionMonths: in.RetentionMonths, Appeal: in.Appeal,
	}
	if in.Quote != nil {
		t := terms(in.Quote)
		draft.Terms = &t
	}
	c := order.Context{At: r.clock.Now(), By: r.actor(a), Authority: r.app.Authority, Catalogue: r.app.Catalogue}
	d, q, err := order.PrepareDecision(r.state, c, draft)
	if err != nil {
		return d, nil, r.bad(a, "decision.quote", "Offerten går inte att räkna ut: kontrollera timmar, form och moms.", "The quote cannot be worked out: check hours, form and VAT.")
	}
	return d, q, nil
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
	snapshot, err := r.pin(ctx, a)
	if err != nil {
		return plan.Spec{}, err
	}
	return order.PrepareSpec(r.state, r.app.Catalogue, order.SpecDraft{
		Snapshot: snapshot, Identity: in.Identity, Anchors: in.Anchors, Groups: in.Groups, Extracts: in.Extracts,
	})
}

// pin names the snapshot that the specification is extracted from: the one
// asked for, the newest that there was at the instant asked for, or the newest.
// A snapshot of a day holds what was known before it began.
func (r *run) pin(ctx context.Context, a orderfile.Act) (string, error) {
	asOf := plan.AsOf{Snapshot: a.Spec.Snapshot}
	if a.Spec.AsOf != nil {
		asOf = *a.Spec.AsOf
	}
	if asOf.Snapshot != "" {
		return asOf.Snapshot, nil
	}
	last := day.Open
	if asOf.Instant != "" {
		at, err := time.Parse(time.RFC3339, asOf.Instant)
		if err != nil {
			return "", r.bad(a, "spec.as_of", "Tidpunkten ska skrivas som 2026-11-01T00:00:00Z.", "The instant is written as 2026-11-01T00:00:00Z.")
		}
		last = swede.CivilDay(at)
	}
	var list []snapshotInfo
	if err := r.engineJSON(ctx, &list, "snapshots", "list", "--store", r.store, "--json"); err != nil {
		return "", err
	}
	for _, s := range slices.Backward(list) {
		if s.LoadedAt <= last {
			return s.ID, nil
		}
	}
	if len(list) > 0 {
		return "", r.bad(a, "spec.as_of", "Valvet har ingen ögonblicksbild från den tiden; den äldsta är från "+list[0].LoadedAt.String()+".",
			"The vault has no snapshot from that time; the oldest is from "+list[0].LoadedAt.String()+".")
	}
	return "", fault.New("orderrun.data", "Valvet har inga ögonblicksbilder.", "The vault has no snapshots.")
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
	return r.do(ctx, a, order.Release{Manifest: o.Manifest, Note: note, Why: a.Text})
}
