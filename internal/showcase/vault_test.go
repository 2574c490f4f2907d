package showcase_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"sluss/internal/disclose"
	"sluss/internal/engine"
	"sluss/internal/ethicsdoc"
	"sluss/internal/exposure"
	"sluss/internal/order"
	"sluss/internal/population"
	"sluss/internal/sealed"
	"sluss/internal/showcase"
	"sluss/internal/signed"
	"sluss/internal/swede"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// signatures: what was signed opens with the public keys that Fill returns, as
// what the log holds; and the private keys belong to them.
func signatures(t *testing.T, c *counter, shown showcase.Shown, cases map[string]seen) {
	decisions, specs, releases, protocols := 0, 0, 0, 0
	for id, s := range cases {
		if s.Decision != nil {
			var d order.Decision
			if who, err := shown.Signers.Open(s.DecisionNote, workorder.TypeDecision, order.RoleDecider, &d); err != nil || who != s.DecidedBy || d.ID != s.Decision.ID {
				t.Errorf("%s: decision by %q, %v", id, who, err)
			}
			decisions++
		}
		if s.Spec != nil {
			var o workorder.SpecOrder
			if who, err := shown.Signers.Open(s.SpecNote, workorder.TypeSpec, order.RoleStatistician, &o); err != nil || who != s.ExtractedBy {
				t.Errorf("%s: specification by %q, %v", id, who, err)
			}
			specs++
		}
		if s.Released {
			var o workorder.ReleaseOrder
			if who, err := shown.Signers.Open(s.ReleaseNote, workorder.TypeRelease, order.RoleReleaser, &o); err != nil || who != s.ReleasedBy || o.Manifest != s.Extracted.Manifest {
				t.Errorf("%s: release by %q, %v", id, who, err)
			}
			releases++
		}
		if s.State.Purged {
			doc, _, err := signed.Open(s.Protocol, workorder.TypeProtocol, shown.VaultSigner)
			dec := json.NewDecoder(bytes.NewReader(doc))
			dec.DisallowUnknownFields()
			var p works.PurgeProtocol
			if err != nil || dec.Decode(&p) != nil || p.Order != id || len(p.Objects) == 0 || p.Backups == "" {
				t.Errorf("%s: protocol %s, %v", id, doc, err)
			}
			protocols++
		}
	}
	if decisions < 25 || specs < 15 || releases < 12 || protocols < 4 {
		t.Errorf("%d decisions, %d specifications, %d releases, %d protocols", decisions, specs, releases, protocols)
	}
	for _, s := range shown.Signers {
		if public, err := signed.Public(shown.Keys[s.Name]); err != nil || public != s.Key {
			t.Errorf("%s: another private key, %v", s.Name, err)
		}
	}
	if _, err := c.app.Open(cases[shown.Cases[showcase.ToDispatch]].DecisionNote, workorder.TypeDecision, order.RoleDecider, &order.Decision{}); err == nil {
		t.Error("the caller's own counter was changed")
	}
}

// files: documents are PDF files that can be read and hold no identity number,
// and a delivered parcel opens with its recipient's key.
func files(t *testing.T, c *counter, shown showcase.Shown, cases map[string]seen) {
	documents := 0
	for id := range cases {
		all, err := c.db.AttachmentsOf(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range all {
			r, err := c.app.Blobs.Get(t.Context(), at.Blob)
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			r.Close()
			if err != nil {
				t.Fatal(err)
			}
			pages, err := ethicsdoc.Pages(t.Context(), data)
			text := strings.Join(strings.Fields(strings.Join(pages, " ")), " ")
			if err != nil || at.Sealed || !at.Filed || swede.Contains(text) || len(text) < 100 {
				t.Errorf("%s: %s: %v, %q", id, at.Name, err, text)
			}
			if title := cases[id].Application.Title; at.Kind == "ethics_application" && !strings.Contains(text, title) {
				t.Errorf("%s: the title %q cannot be read in %q", id, title, text[:200])
			}
			documents++
		}
	}
	if documents < 80 {
		t.Errorf("%d documents", documents)
	}
	id := shown.Cases[showcase.ToReceive]
	s := cases[id]
	r, err := c.app.Blobs.Get(t.Context(), s.Delivery.Blob)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	recipient, err := sealed.RecipientOf(shown.Identities[showcase.OtherOrderer])
	if err != nil || recipient != s.Decision.Scope.Recipient.Key {
		t.Fatalf("the decision names another key, %v", err)
	}
	plain, err := sealed.Open(r, shown.Identities[showcase.OtherOrderer])
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(plain); err != nil || !strings.HasPrefix(string(text), id) {
		t.Errorf("%q, %v", text, err)
	}
}

// playedVault compares the words of the played vault's reports with those of the
// rooms that write the real ones; the showcase itself does not link them.
func playedVault(t *testing.T, c *counter, shown showcase.Shown, cases map[string]seen) {
	s := cases[shown.Cases[showcase.ToRelease]]
	var want []string
	for _, k := range disclose.Check(disclose.Input{}) {
		want = append(want, k.Check)
	}
	var got []string
	for _, k := range s.Extracted.Egress {
		got = append(got, k.Check)
	}
	if !slices.Equal(got, want) {
		t.Errorf("checks %v, want %v", got, want)
	}
	report := s.Extracted.Exposure
	if report == nil || report.Type != exposure.Version || report.Light == exposure.Red || len(report.Parts) != len(s.Spec.Extracts) || report.Parts[0].Persons.N == 0 {
		t.Errorf("disclosure report %+v", report)
	}
	codes := []string{engine.CountPersons, engine.CountNoRows, engine.CountRejected + "open_amount"}
	for i, line := range s.Extracted.Counts {
		if want := s.Spec.Extracts[0].Name + "." + codes[i]; line.Code != want || line.Count <= 0 {
			t.Errorf("count %+v, want %s", line, want)
		}
	}
	for id, s := range cases {
		for _, e := range s.log {
			ev, ok := e.Event.(*order.PopulationChecked)
			if !ok {
				continue
			}
			left := ev.Rows
			for reason, n := range ev.Counts {
				if reason != "over_decided_maximum" {
					left -= n
				}
				if !slices.Contains([]string{string(population.CheckDigit), "duplicates", "not_found", "over_decided_maximum"}, reason) || n <= 0 {
					t.Errorf("%s: %d for reason %q", id, n, reason)
				}
			}
			if left != ev.Persons {
				t.Errorf("%s: %d rows give %d persons, not %d", id, ev.Rows, left, ev.Persons)
			}
		}
	}
	// What waits for the vault would be in the way of another showcase.
	_, err := showcase.Fill(t.Context(), showcase.Options{App: c.app, Now: today, Rand: rand.Reader, Sequence: c.sequence})
	if err == nil || !strings.Contains(err.Error(), "3 jobs wait") {
		t.Errorf("filled twice: %v", err)
	}
}
