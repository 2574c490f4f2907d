package order

import (
	"testing"

	"sluss/internal/catalog"
	"sluss/internal/clock"
	"sluss/internal/day"
	"sluss/internal/intake"
)

var reason = catalog.Text{SV: "kö", EN: "queue"}

// TestScenario28PromisedDates: told with a reason, as often as needed, until delivery.
func TestScenario28PromisedDates(t *testing.T) {
	t.Parallel()
	w := at(t, statistics(), "draft_quote")
	w.refused(RoleHandler, PromiseDate{From: w.today + 9, To: w.today + 8, Reason: reason}, "order.promise", 0)
	w.refused(RoleHandler, PromiseDate{From: w.today - 9, To: w.today - 8, Reason: reason}, "order.promise", 0)
	w.refused(RoleHandler, PromiseDate{From: w.today, To: w.today + 8}, "order.promise", 0)
	w.do(RoleHandler, PromiseDate{From: w.today + 30, To: w.today + 45, Reason: reason})
	w.do(RoleHandler, PromiseDate{From: w.today + 40, To: w.today + 60, Reason: reason})
	w.do(RoleHandler, NotifyDelay{Reason: reason, Expected: w.today + 60})
	w.refused(RoleHandler, NotifyDelay{Reason: reason, Expected: w.today}, "order.delay", 0)
	if w.s.Promised.To != w.today+60 || w.s.DelayToldOn != w.today {
		t.Errorf("%+v", w.s.Promised)
	}
	for _, r := range Clocks(w.s, w.authority, w.today) {
		if r.ID == "total" || r.ID == "delivery" {
			t.Errorf("statistics has the clock %s", r.ID)
		}
		if r.ID == "promised" && r.Due != w.today+60 {
			t.Errorf("promised %s", r.Due)
		}
	}
	at(t, research(), "issue_invoice").refused(RoleHandler, PromiseDate{From: start + 900, To: start + 900, Reason: reason}, "order.delivered_already", 0)
}

// TestRulingAfterSixMonths: förvaltningslagen 12 §, for individual parties,
// once; answered by a decision or by a refusal with reasons.
func TestRulingAfterSixMonths(t *testing.T) {
	t.Parallel()
	app := research()
	app.Principal.Kind = intake.PrincipalPrivate
	w := at(t, app, "draft_quote")
	w.today = start.AddMonths(6) - 1
	w.refused(RoleOrderer, RequestRuling{}, "order.ruling_early", 0)
	w.today = start.AddMonths(6)
	w.refused(RoleDecider, RefuseRuling{Reasons: reason, Appeal: reason}, "order.no_ruling", 0)
	w.do(RoleOrderer, RequestRuling{})
	if w.s.RulingDue < w.today+28 {
		t.Errorf("due %s", w.s.RulingDue)
	}
	w.refused(RoleDecider, RefuseRuling{Reasons: reason}, "order.reasons", 0)
	w.do(RoleDecider, RefuseRuling{Reasons: reason, Appeal: reason})
	w.refused(RoleOrderer, RequestRuling{}, "order.ruling_twice", 0)
	w = at(t, research(), "draft_quote") // an authority
	w.today = start.AddMonths(7)
	w.refused(RoleOrderer, RequestRuling{}, "order.ruling_party", 0)
}

// TestPromise02DecisionsExpire: nothing is extracted under a decision whose
// time is out; the case ends by itself and what came is purged.
func TestPromise02DecisionsExpire(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "order_extraction")
	last := w.s.Decision.Scope.Expires
	w.today = last - 1
	w.refused(RoleClock, Expire{}, "order.not_expired", 0)
	if n := count(DueActs(w.s, w.authority, last-1), "expire"); n != 0 {
		t.Error("expired a day early")
	}
	w.today = last
	names := map[string]bool{}
	for _, c := range DueActs(w.s, w.authority, last) {
		names[c.Name()] = true
		w.do(RoleClock, c)
	}
	if !names["expire"] || !names["order_purge"] || w.s.Phase() != PhaseExpired || !w.s.PurgeOpen {
		t.Errorf("%v, phase %s", names, w.s.Phase())
	}
	if len(DueActs(w.s, w.authority, last)) != 0 {
		t.Errorf("again: %v", DueActs(w.s, w.authority, last))
	}
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification()}, "order.ended", 0)
	released := at(t, research(), "record_delivery")
	released.today = last
	released.refused(RoleClock, Expire{}, "order.not_expired", 0)
}

// TestKeptKeyIsLookedAtYearly: each year from the delivery until it must go.
func TestKeptKeyIsLookedAtYearly(t *testing.T) {
	t.Parallel()
	app := research()
	app.Ethics.Coverage = append(app.Ethics.Coverage, intake.Coverage{Item: intake.CoverKeptKey, Met: true})
	w := at(t, app, "decide")
	w.do(RoleDecider, w.decide(func(d *Decision) {
		d.Scope.Identity.KeyPolicy, d.Scope.Identity.KeepUntil, d.Scope.Identity.EthicsRef = KeyKeptUntil, "2029-06-01", "1"
	}))
	for _, st := range way[7:15] {
		w.do(st.role, st.cmd(w))
	}
	on := w.s.Delivery.On
	if w.s.KeyReminderDue() != on.AddMonths(12) {
		t.Errorf("due %s", w.s.KeyReminderDue())
	}
	w.today = on.AddMonths(12) - 1
	w.refused(RoleClock, RemindKey{}, "order.reminder_early", 0)
	w.today++
	w.do(RoleClock, RemindKey{})
	w.refused(RoleClock, RemindKey{}, "order.reminder_early", 0)
	w.today = on.AddMonths(24)
	w.do(RoleClock, RemindKey{})
	if w.s.KeyReminderDue() != 0 { // the next would come after the key is gone
		t.Errorf("due %s", w.s.KeyReminderDue())
	}
	if at(t, research(), "issue_invoice").s.KeyReminderDue() != 0 {
		t.Error("a deleted key is reminded of")
	}
}

// TestClocksOfACase reads the dates of one case, reckoned by hand:
// Monday 2 November 2026 onwards.
func TestClocksOfACase(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "issue_invoice")
	read := map[string]clock.Reading{}
	for _, r := range Clocks(w.s, w.authority, w.today) {
		read[r.ID] = r
		if len(r.Steps) == 0 && r.HasStarted() {
			t.Errorf("%s is not explained", r.ID)
		}
	}
	if r := read["acknowledge"]; r.Due != day.MustParse("2026-11-04") || r.Status != clock.Met {
		t.Errorf("acknowledge: due %s, %s", r.Due, r.Status)
	}
	delivered := w.s.Delivery.On
	if r := read["purge"]; r.Due != delivered.AddMonths(6) || r.Status != clock.Running {
		t.Errorf("purge: due %s, %s", r.Due, r.Status)
	}
	if r := read["invoice"]; r.Due != delivered.AddMonths(3) || r.Least != delivered.AddMonths(1) {
		t.Errorf("invoice: %s–%s", r.Least, r.Due)
	}
	if r := read["delivery"]; r.Started != w.s.Population.On || r.Due != DeliverBy(w.s.Population.On) || r.Status != clock.Met {
		t.Errorf("delivery: from %s, due %s, %s", r.Started, r.Due, r.Status)
	}
	if r := read["total"]; len(r.Pauses) < 2 || r.Status != clock.Met {
		t.Errorf("total: pauses %v, %s", r.Pauses, r.Status)
	}
	if got := NextDue(w.s, w.authority, w.today); got != delivered.AddMonths(3) {
		t.Errorf("next due %s", got)
	}
	// A warning is given once for each date, in time.
	warn := 0
	for d := w.today; d < delivered.AddMonths(6); d++ {
		for _, c := range DueActs(w.s, w.authority, d) {
			w.today = d
			w.do(RoleClock, c)
			warn++
		}
	}
	if warn != 2 { // invoice and purge
		t.Errorf("%d warnings", warn)
	}
}
