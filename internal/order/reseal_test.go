package order

import (
	"strings"
	"testing"
	"time"

	"sluss/internal/canon"
	"sluss/internal/day"
)

// TestNoExtractionAfterThePurge: a replacement that was being made when the purge
// was ordered is neither extracted again nor released.
func TestNoExtractionAfterThePurge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, research())
	w.until("send_again")
	w.do(RoleOrderer, ReportFault{Text: "x"})
	w.do(RoleHandler, SettleFault{ID: 1, Outcome: "replace", Text: "x"})
	w.do(RoleStatistician, OrderExtraction{Spec: w.specification(), Note: "x"})
	w.do(RoleEngine, RecordExtraction{w.extracted()})
	w.today = w.s.Delivery.PurgeOn
	w.do(RoleRegistrar, OrderPurge{})
	w.refused(RoleStatistician, OrderExtraction{Spec: w.specification(), Note: "x"}, "order.extraction_released", 0)
	w.refused(RoleReleaser, Release{}, "order.purge_due", 10)
}

// TestPromise13KeyLostAfterDelivery: a delivery is sealed to another key only
// when that has been confirmed by a second way, by somebody who neither compared
// it nor extracted, for exactly this delivery and key; the clocks go on.
func TestPromise13KeyLostAfterDelivery(t *testing.T) {
	t.Parallel()
	one, two := keyNo(1), keyNo(2)
	d := Decision{}
	d.Scope.Recipient.Key = one
	on := day.MustParse("2026-11-02")
	base := State{
		Submitted: true, Released: true, Decision: &d, ExtractedBy: "sten", Receipt: true,
		RecipientKey: &RecipientKey{Key: one, Fingerprint: KeyFingerprint(one), Confirmed: true, ConfirmedBy: "karin"},
		Extracted:    &Extracted{Manifest: "m1"}, Delivery: &Delivered{Manifest: "m1", Blob: "b1", On: on, PurgeOn: on.AddMonths(6)},
	}
	at := func(who string, d day.Day) Context {
		return Context{At: time.Unix(int64(d)*86400+9*3600, 0), By: Actor{ID: who, Role: RoleReleaser}}
	}
	do := func(s State, who string, d day.Day, cmd Command) (State, error) {
		c := at(who, d)
		events, err := cmd.Decide(s, c)
		for _, ev := range events {
			s = Apply(s, Entry{Version: s.Version + 1, At: c.At, By: c.By, Event: ev})
		}
		return s, err
	}
	must := func(s State, who string, cmd Command) State {
		t.Helper()
		s, err := do(s, who, on+1, cmd)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	refused := func(s State, who string, d day.Day, cmd Command, code string) {
		t.Helper()
		if _, err := do(s, who, d, cmd); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s by %s: %v, want %s", cmd.Name(), who, err, code)
		}
	}
	ok := Reseal{Manifest: "m1", Fingerprint: KeyFingerprint(two)}
	refused(base, "ylva", on+1, ok, "no_new_key")
	s := must(base, "anna", RegisterKey{Key: two})
	if s.AwaitsReseal() || !s.KeyToConfirm() {
		t.Error("sealed to a key that nobody has confirmed")
	}
	refused(s, "ylva", on+1, ok, "key_unconfirmed")
	s = must(s, "karin", ConfirmKey{Fingerprint: KeyFingerprint(two), Channel: "phone", With: "Anna"})
	if !s.AwaitsReseal() || s.KeyToConfirm() {
		t.Error("the new key is not waited for")
	}
	refused(s, "karin", on+1, ok, "four_eyes_key")
	refused(s, "sten", on+1, ok, "four_eyes")
	refused(s, "ylva", on+1, Reseal{Manifest: "m2", Fingerprint: KeyFingerprint(two)}, "other_manifest")
	refused(s, "ylva", on+1, Reseal{Manifest: "m1", Fingerprint: KeyFingerprint(one)}, "key_fingerprint")
	refused(s, "ylva", on.AddMonths(6), ok, "purge_due")
	for code, change := range map[string]func(*State){
		"not_delivered": func(s *State) { s.Delivery = nil },
		"purge_due":     func(s *State) { s.PurgeOpen = true },
		"replacing":     func(s *State) { s.Replacing = true },
		"reopened":      func(s *State) { s.Reopened = KindCorrection },
	} {
		x := s
		change(&x)
		refused(x, "ylva", on+1, ok, code)
	}
	refused(s, "engine", on+1, RecordReseal{Resealed{Manifest: "m2", Was: "m1", Fingerprint: KeyFingerprint(two)}}, "no_reseal")

	s = must(s, "ylva", ok)
	refused(s, "ylva", on+1, ok, "reseal_running")
	refused(s, "anna", on+1, RegisterKey{Key: keyNo(3)}, "key_late")
	for _, wrong := range []Resealed{
		{Manifest: "m2", Was: "m0", Fingerprint: KeyFingerprint(two)},
		{Manifest: "m2", Was: "m1", Fingerprint: KeyFingerprint(one)},
		{Manifest: "m1", Was: "m1", Fingerprint: KeyFingerprint(two)},
		{Was: "m1", Fingerprint: KeyFingerprint(two)},
	} {
		refused(s, "engine", on+1, RecordReseal{wrong}, "no_reseal")
	}
	s = must(s, "engine", RecordReseal{Resealed{Manifest: "m2", Was: "m1", Fingerprint: KeyFingerprint(two), Blob: "b2", SHA256: canon.Sum(nil), Bytes: 9}})
	if s.RecipientNow() != two || s.Receipt || s.Delivery.Manifest != "m2" || s.Delivery.Blob != "b2" || s.Delivery.PurgeOn != on.AddMonths(6) || s.Extracted.Manifest != "m2" || s.AwaitsReseal() {
		t.Errorf("sealed again: %+v", s.Delivery)
	}
	if base.Delivery.Manifest != "m1" || base.Extracted.Manifest != "m1" {
		t.Error("the state before was written into")
	}
	if s.keyConfirmed(one) != nil || s.keyConfirmed(two) != nil || s.keyConfirmed(keyNo(3)) == nil {
		t.Error("a correction of the decision cannot keep the scope, or can name any key")
	}
	refused(s, "engine", on+1, RecordReseal{Resealed{Manifest: "m3", Was: "m2", Fingerprint: KeyFingerprint(two)}}, "no_reseal")
	waits := must(s, "anna", RegisterKey{Key: keyNo(3)})
	waits = must(waits, "karin", ConfirmKey{Fingerprint: KeyFingerprint(keyNo(3)), Channel: "visit", With: "Anna"})
	waits.Faults = []FaultReport{{ID: 1, Within: true}}
	refused(waits, "karin", on+1, SettleFault{ID: 1, Outcome: "replace", Text: "x"}, "key_waits")
}
