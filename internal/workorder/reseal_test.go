package workorder_test

import (
	"errors"
	"strings"
	"testing"

	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/workorder"
)

// TestThreat24NewKeyIsSigned: the counter cannot have a delivery sealed to a key
// of its own: a releaser who did not extract signs delivery and key, under the
// decision that it was made under.
func TestThreat24NewKeyIsSigned(t *testing.T) {
	t.Parallel()
	key := "age1" + strings.Repeat("q", 58)
	for name, tt := range map[string]struct {
		change func(h *house, o *workorder.ResealOrder, by *string, role *order.Role)
		code   string
	}{
		"honest": {func(*house, *workorder.ResealOrder, *string, *order.Role) {}, ""},
		"asked for again": {func(h *house, _ *workorder.ResealOrder, _ *string, _ *order.Role) {
			h.known.Manifest, h.known.Was, h.known.SealedTo = hash("m2"), hash("manifest"), key
		}, ""},
		"decision expired": {func(h *house, _ *workorder.ResealOrder, _ *string, _ *order.Role) { h.known.Today += 1000 }, ""},
		"other key again": {func(h *house, _ *workorder.ResealOrder, _ *string, _ *order.Role) {
			h.known.Manifest, h.known.Was, h.known.SealedTo = hash("m2"), hash("manifest"), "age1"+strings.Repeat("p", 58)
		}, "vault.other_manifest"},
		"by the registrar": {func(_ *house, o *workorder.ResealOrder, by *string, role *order.Role) {
			*by, *role, o.By = "sluss", order.RoleRegistrar, "sluss"
		}, "vault.reseal_signature"},
		"in another's name": {func(_ *house, o *workorder.ResealOrder, _ *string, _ *order.Role) { o.By = "bo" }, "vault.reseal_signature"},
		"who extracted":     {func(_ *house, o *workorder.ResealOrder, by *string, _ *order.Role) { *by, o.By = "sten", "sten" }, "vault.four_eyes"},
		"another delivery":  {func(_ *house, o *workorder.ResealOrder, _ *string, _ *order.Role) { o.Manifest = hash("x") }, "vault.other_manifest"},
		"no delivery named": {func(h *house, o *workorder.ResealOrder, _ *string, _ *order.Role) {
			o.Manifest, h.known.Manifest = "", ""
		}, "vault.other_manifest"},
		"another order": {func(_ *house, o *workorder.ResealOrder, _ *string, _ *order.Role) { o.Order = "FK-2026-00002" }, "vault.other_manifest"},
		"another print": {func(_ *house, o *workorder.ResealOrder, _ *string, _ *order.Role) {
			o.Fingerprint = order.KeyFingerprint("x")
		}, "vault.reseal_key"},
		"no key": {func(_ *house, o *workorder.ResealOrder, _ *string, _ *order.Role) {
			o.Key, o.Fingerprint = "x", order.KeyFingerprint("x")
		}, "vault.reseal_key"},
		"not delivered": {func(h *house, _ *workorder.ResealOrder, _ *string, _ *order.Role) { h.known.Delivered = nil }, "vault.not_delivered"},
		"another scope": {func(h *house, _ *workorder.ResealOrder, _ *string, _ *order.Role) {
			h.known.Delivered = &workorder.Delivery{Scope: hash("x")}
		}, "vault.other_decision"},
		"purged": {func(h *house, _ *workorder.ResealOrder, _ *string, _ *order.Role) { h.known.Purged = true }, "vault.purged"},
	} {
		h := newHouse(t)
		h.known.Manifest, h.known.RanBy = hash("manifest"), "sten"
		h.known.Delivered = &workorder.Delivery{Scope: h.d.ScopeHash, AsOf: plan.AsOf{Snapshot: "s"}}
		o, by, role := workorder.ResealOrder{Type: workorder.TypeReseal, By: "ylva", Order: "FK-2026-00001", Manifest: hash("manifest"), Key: key, Fingerprint: order.KeyFingerprint(key)}, "ylva", order.RoleReleaser
		tt.change(h, &o, &by, &role)
		w := workorder.WorkOrder{ID: "j", Kind: workorder.Reseal, Order: "FK-2026-00001", Decision: h.sign("bo", order.RoleDecider, h.d), Reseal: h.sign(by, role, o)}
		_, err := h.check(w)
		f, _ := errors.AsType[*fault.Fault](err)
		if code := codeOf(f); code != tt.code {
			t.Errorf("%s: %v, want %q", name, err, tt.code)
		}
	}
}

func codeOf(f *fault.Fault) string {
	if f == nil {
		return ""
	}
	return f.Code
}
