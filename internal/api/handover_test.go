package api

import (
	"crypto/rand"
	"testing"
	"time"

	"sluss/internal/app"
	"sluss/internal/canon"
)

// TestHandover: whoever runs a secure environment reads what comes, fetches it
// and confirms it with a token that can do nothing else; before the delivery, for
// another manifest and after a recall there is no hand-over.
func TestHandover(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	elin := people[0]
	if elin.ID != "elin" {
		t.Fatal(elin.ID)
	}
	early := d.until("release")
	env := d.token(elin, time.Hour, ScopeParcel, ScopeReceipt)
	base := "/api/v1/orders/" + early
	d.want(d.ask(env, "GET", base+"/handover", nil), 404, "api.no_parcel")
	d.want(d.ask(env, "POST", base+"/handover/receipt", object{"manifest": string(theManifest)}), 404, "api.no_parcel")

	id := early
	d.do("karin", id, "choose_route", object{"route": "environment", "environment": "Miljön, Sjölunda universitet"})
	for _, st := range way {
		if st.name == "release" {
			st.do(d, id)
		}
	}
	tied, other := d.token(elin, time.Hour, ScopeParcel, app.CaseScope+id), d.token(elin, time.Hour, ScopeParcel, app.CaseScope+"FK-2026-99999")
	if r := d.ask(tied, "GET", base+"/handover", nil); r.status != 200 {
		t.Errorf("a token for the case: %d", r.status)
	}
	for _, path := range []string{"/handover", "/parcel", "/parcel/parts"} {
		d.want(d.ask(other, "GET", base+path, nil), 404, "api.not_found")
	}
	r := d.ask(env, "GET", base+"/handover", nil)
	parcel, _ := r.body["parcel"].(map[string]any)
	conditions, _ := r.body["conditions"].(map[string]any)
	if r.status != 200 || r.body["environment"] != "Miljön, Sjölunda universitet" || conditions["environment"] != "secure" || parcel["manifest"] != string(theManifest) || parcel["sha256"] != string(canon.Sum([]byte("sealed parcel"))) {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	if p := d.ask(env, "GET", base+"/parcel", nil); p.raw != "sealed parcel" {
		t.Errorf("%d %s", p.status, p.raw)
	}
	for _, path := range []string{"", "/events", "/documents", "/clocks", "/attachments"} {
		d.want(d.ask(env, "GET", base+path, nil), 403, "api.scope")
	}
	d.want(d.ask(env, "POST", base+"/commands/withdraw", object{"reason": "x"}), 403, "api.scope")
	d.want(d.ask(env, "POST", base+"/commands/confirm_receipt", object{"manifest": string(theManifest)}), 403, "api.scope")
	d.want(d.ask(d.token(elin, time.Hour, ScopeParcel), "POST", base+"/handover/receipt", object{"manifest": string(theManifest)}), 403, "api.scope")
	d.want(d.ask(d.token(elin, time.Hour, ScopeRead, ScopeAct), "GET", base+"/handover", nil), 403, "api.scope")
	d.want(d.ask(env, "POST", base+"/handover/receipt", object{"manifest": string(canon.Sum([]byte("x")))}), 409, "order.other_manifest")
	if d.see("elin", id).body["delivery"].(map[string]any)["received"] == true {
		t.Error("confirmed by another manifest")
	}
	if r := d.ask(env, "POST", base+"/handover/receipt", object{"manifest": string(theManifest)}); r.status != 200 || r.body["reference"] != id {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if s, err := d.app.State(t.Context(), id); err != nil || !s.Receipt {
		t.Errorf("no receipt: %v", err)
	}
	d.do("karin", id, "recall", object{"kind": "wrong_content", "text": "Fel."})
	if r := d.ask(env, "GET", base+"/handover", nil); r.status < 400 {
		t.Errorf("a recalled delivery is handed over: %s", r.raw)
	}
}

// TestThreat20SSHKeyIsNoToken: what identifies an SSH key lets nobody in here,
// whatever is sent for a secret.
func TestThreat20SSHKeyIsNoToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const secret = "ssh-ed25519 AAAAC3Nz"
	err := d.db.PutToken(t.Context(), canon.Sum([]byte(secret)), app.Token{ID: app.SSHKeyID + rand.Text()[:8], Person: people[0], Scopes: Scopes, Created: d.now(), Expires: d.now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	d.want(d.ask(secret, "GET", "/api/v1/orders", nil), 401, "api.unknown_token")
}
