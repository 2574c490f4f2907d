package order

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/intake"
	"sluss/internal/plan"
)

// TestPromise08Replacement: a faulty delivery is replaced free of another
// review only from the same scope and snapshot, within the window, before the
// purge; its clocks go on, and two persons are needed again.
func TestPromise08Replacement(t *testing.T) {
	t.Parallel()
	at(t, research(), "record_delivery").refused(RoleOrderer, ReportFault{Text: "x"}, "order.not_delivered", 0)
	w := at(t, research(), "send_again")
	w.refused(RoleOrderer, ReportFault{}, "order.fault_empty", 0)
	w.do(RoleOrderer, ReportFault{Text: "Kolumnen dagar är tom"})
	w.refused(RoleOrderer, ReportFault{Text: "igen"}, "order.fault_open", 0)
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "order.extraction_released", 0)
	w.refused(RoleHandler, SettleFault{ID: 1, Outcome: "shrug", Text: "x"}, "order.fault_outcome", 0)
	w.refused(RoleHandler, SettleFault{ID: 2, Outcome: "none", Text: "x"}, "order.no_fault", 0)
	w.do(RoleHandler, SettleFault{ID: 1, Outcome: "replace", Text: "fel i uttaget"})
	first := *w.s.Delivery
	other := w.specification()
	other.AsOf = plan.AsOf{Snapshot: "s2"}
	w.refused(RoleStatistician, OrderExtraction{Spec: other}, "order.replacement_snapshot", 8)
	wider := w.specification()
	wider.Extracts[0].Window.To.Date += 30
	w.refused(RoleStatistician, OrderExtraction{Spec: wider}, "order.outside_decision", 3)
	w.today += 3
	w.do(RoleStatistician, OrderExtraction{Spec: w.specification(), Note: "signed"})
	w.refused(RoleReleaser, Release{Manifest: hash("manifest")}, "gate.egress_checked", 3)
	report := w.extracted()
	report.Manifest = hash("mended")
	w.do(RoleEngine, RecordExtraction{report})
	w.refused(RoleEngine, RecordDelivery{Manifest: hash("mended")}, "gate.released_by_second_person", 13)
	w.refusedBy(Actor{ID: "statistician.1", Role: RoleReleaser}, Release{Manifest: hash("mended")}, "order.four_eyes", 13)
	w.do(RoleReleaser, Release{Manifest: hash("mended"), Note: "signed"})
	w.do(RoleEngine, RecordDelivery{Manifest: hash("mended"), Blob: "b/2", SHA256: hash("parcel 2")})
	if d := w.s.Delivery; !d.Replaces || d.PurgeOn != first.PurgeOn || d.BillFrom != first.BillFrom || d.Manifest != hash("mended") || w.s.Replacing {
		t.Errorf("%+v", d)
	}
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "order.extraction_released", 0)
	w.refused(RoleOrderer, ConfirmReceipt{Manifest: hash("manifest")}, "order.other_manifest", 13)
	w.do(RoleOrderer, ConfirmReceipt{Manifest: hash("mended")})

	// The window: three months unless the authority says otherwise, and to its
	// last day.
	for _, tt := range []struct {
		months int
		after  day.Day // the last day of the window
		code   string
	}{{0, 0, ""}, {0, 1, "order.fault_window"}, {1, 0, ""}, {1, 1, "order.fault_window"}} {
		w := at(t, research(), "send_again")
		w.authority.FaultMonths = tt.months
		months := tt.months
		if months == 0 {
			months = 3
		}
		w.today = w.s.Delivery.On.AddMonths(months) + tt.after
		w.do(RoleOrderer, ReportFault{Text: "fel"})
		if cmd := (SettleFault{ID: 1, Outcome: "replace", Text: "x"}); tt.code == "" {
			w.do(RoleHandler, cmd)
		} else {
			w.refused(RoleHandler, cmd, tt.code, 8)
			w.do(RoleHandler, SettleFault{ID: 1, Outcome: "new_case", Text: "ny beställning"})
		}
	}
	// A purge ends what was begun.
	w = at(t, research(), "send_again")
	w.do(RoleOrderer, ReportFault{Text: "fel"})
	w.do(RoleHandler, SettleFault{ID: 1, Outcome: "replace", Text: "x"})
	w.do(RoleStatistician, OrderExtraction{Spec: w.specification(), Note: "signed"})
	w.today = w.s.Delivery.PurgeOn
	w.do(RoleClock, OrderPurge{})
	w.refused(RoleEngine, RecordExtraction{w.extracted()}, "order.no_extraction", 0)
	w.refused(RoleOrderer, ReportFault{Text: "fel"}, "order.purge_due", 10)
}

// TestChildren: what an earlier case must have come to before another
// continues it, and what both know.
func TestChildren(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		step string
		can  map[string]bool
	}{
		{"draft_quote", map[string]bool{}},
		{"accept_quote", map[string]bool{KinAmendment: true, KinExtension: true}},
		{"issue_invoice", map[string]bool{KinAmendment: true, KinExtension: true, KinRenewal: true, KinRetention: true}},
		{"the end", map[string]bool{KinAmendment: true, KinExtension: true, KinRenewal: true}},
	} {
		s := at(t, research(), tt.step).s
		for _, kind := range Kins {
			if err := Continues(s, kind); (err == nil) != tt.can[kind] {
				t.Errorf("%s before %s: %v", kind, tt.step, err)
			}
		}
	}
	w := newWorld(t, research())
	w.refused(RoleOrderer, Submit{Application: w.app, Parent: &Parent{Case: "FK-2025-00001", Kind: "copy"}}, "order.parent", 0)
	w.refused(RoleOrderer, Submit{Application: w.app, Parent: &Parent{Kind: KinRenewal}}, "order.parent", 0)
	w.do(RoleOrderer, Submit{Application: w.app, Parent: &Parent{Case: "FK-2025-00001", Kind: KinRenewal}})
	// It goes the whole way of its own: review, decision, quote (promise 8).
	w.do(RoleHandler, ConfirmComplete{})
	w.refused(RoleDecider, w.decide(nil), "gate.draft_agreed", 16)
	p := at(t, research(), "issue_invoice")
	p.do(RoleClock, LinkChild{Case: "FK-2026-00009", Kind: KinRenewal})
	n := len(p.log)
	p.do(RoleClock, LinkChild{Case: "FK-2026-00009", Kind: KinRenewal})
	if len(p.log) != n || !p.s.Continued("FK-2026-00009") || p.s.Continued("FK-2026-00010") {
		t.Errorf("children %v", p.s.Children)
	}
	p.refused(RoleClock, LinkChild{Case: p.s.ID, Kind: KinRenewal}, "order.parent", 0)
	w = newWorld(t, intake.Inherit(p.s.Application, "FK-2025-00001", KinRenewal)) // as the form says it
	yes := true
	w.app.Form, w.app.Child.Reason = 0, "ett år till" // the answers below are form 1's
	w.app.Sensitive, w.app.Invoice.Reference, w.app.Population.Ready = &yes, "SU-2", p.s.Application.Population.Ready
	w.refused(RoleOrderer, Submit{Application: w.app, Parent: &Parent{Case: "FK-2025-00002", Kind: KinRenewal}}, "order.parent_two", 0)
	w.do(RoleOrderer, Submit{Application: w.app})
	if *w.s.Parent != (Parent{"FK-2025-00001", KinRenewal}) {
		t.Errorf("parent %+v", w.s.Parent)
	}
}

// TestPromise10LongerRetention: files are kept longer only when a case about
// it grants it, with reasons; nothing is disclosed in such a case.
func TestPromise10LongerRetention(t *testing.T) {
	t.Parallel()
	c := newWorld(t, research())
	c.do(RoleOrderer, Submit{Application: c.app, Parent: &Parent{Case: "FK-2026-00001", Kind: KinRetention}})
	until := start + 900
	grant := GrantRetention{Until: until, Reasons: catalog.Text{SV: "projektet förlängt"}, Support: "dnr 2026-1"}
	for _, change := range []func(*GrantRetention){
		func(g *GrantRetention) { g.Until = start },
		func(g *GrantRetention) { g.Until = start.AddMonths(121) },
		func(g *GrantRetention) { g.Reasons = catalog.Text{} },
		func(g *GrantRetention) { g.Support = "" },
	} {
		g := grant
		change(&g)
		c.refused(RoleDecider, g, "order.retention_reasons", 10)
	}
	c.refused(RoleDecider, c.decide(nil), "order.retention_disclosure", 0)
	c.refused(RoleDecider, RefuseRetention{}, "order.reasons", 0)
	c.do(RoleDecider, grant)
	if c.s.Phase() != PhaseAnswered || c.s.Granted != until {
		t.Errorf("phase %s, granted %s", c.s.Phase(), c.s.Granted)
	}
	at(t, research(), "decide").refused(RoleDecider, grant, "order.no_retention", 0)
	at(t, research(), "decide").refused(RoleDecider, RefuseRetention{Reasons: catalog.Text{SV: "x"}}, "order.no_retention", 0)

	w := at(t, research(), "issue_invoice")
	w.refused(RoleClock, ExtendRetention{Until: until, Child: "FK-2026-00002"}, "order.retention_child", 10)
	w.do(RoleClock, LinkChild{Case: "FK-2026-00002", Kind: KinRetention})
	before := w.s.Delivery.PurgeOn
	w.do(RoleClock, ExtendRetention{Until: before, Child: "FK-2026-00002"}) // no later: nothing happens
	w.do(RoleClock, ExtendRetention{Until: until, Child: "FK-2026-00002"})
	w.today = before
	w.refused(RoleClock, OrderPurge{}, "order.purge_early", 10)
	w.do(RoleOrderer, SendAgain{Reason: "ny disk"})
	w.today = until
	w.do(RoleClock, OrderPurge{})
	w.refused(RoleClock, ExtendRetention{Until: until + 9, Child: "FK-2026-00002"}, "order.not_delivered", 0)
}
