package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/intake"
	"sluss/internal/order"
)

// oldDraft is a draft as the first form had it, with answers that today's form
// has moved, divided, put together, forgotten or never had.
func oldDraft(i int) json.RawMessage {
	years := []string{`"2019–2025"`, `"någon gång"`}[i%2]
	return json.RawMessage(fmt.Sprintf(`{
		"purpose": "research", "title": "Sjukfrånvaro %[1]d", "contact": {"name": "Elin %[1]d", "email": "e%[1]d@x.example"},
		"principal": {"name": "Sjölunda", "signatory_first_name": "Ragnar", "signatory_last_name": "nummer %[1]d"},
		"project": {"questions": "Varför %[1]d?", "time": "2026-09-01–2029-12-31", "deliveries": 1},
		"data": [{"register": "midas_sjuk", "benefits": ["SJP"], "years": %[2]s, "need": "Fall %[1]d"}],
		"delivery": {"formats": ["csv"], "password_phone": "070-%[1]d"}, "invoice": {"reference": "SU-%[1]d", "marking": "gul %[1]d"},
		"favourite_colour": "blue %[1]d", "sensitive": "kanske %[1]d"}`, i, years))
}

// memory keeps drafts without a disk.
type memory struct {
	app.Drafts
	all map[string]app.Draft
}

func (m *memory) Draft(_ context.Context, id string) (app.Draft, error) { return m.all[id], nil }

func (m *memory) SaveDraft(_ context.Context, d app.Draft) error {
	m.all[d.ID] = d
	return nil
}

// TestManyDraftsAreUpgraded: 3 000 drafts of the first form are opened on
// today's, and some saved. Every answer is in its place, in the place it moved to, or
// beside.
func TestManyDraftsAreUpgraded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	elin := access.Person{ID: "elin", Role: order.RoleOrderer, Email: "elin@x.example"}
	m := &memory{all: map[string]app.Draft{}}
	h.app.Beside = app.Beside{Drafts: m, Form: intake.CurrentForm, Upgrade: app.UpgradeAnswers}
	for i := range 3000 {
		id := fmt.Sprint("U-", i)
		m.all[id] = app.Draft{ID: id, Owner: elin.ID, Email: elin.Email, Version: 1, Form: 1, Answers: oldDraft(i)}
	}
	began := time.Now()
	lost := 0
	for i := range len(m.all) {
		id := fmt.Sprint("U-", i)
		d, err := h.app.ReadDraft(t.Context(), elin, id)
		if err != nil || d.Form != intake.CurrentForm {
			t.Fatalf("form %d, %v", d.Form, err)
		}
		if i%10 == 0 {
			if d, err = h.app.SaveDraft(t.Context(), elin, id, d.Version, d.Answers); err != nil {
				t.Fatal(err)
			}
		}
		beside, err := json.Marshal(d.Aside)
		if err != nil {
			t.Fatal(err)
		}
		text := string(d.Answers) + string(beside)
		for _, answer := range []string{
			"Sjukfrånvaro %d", "Elin %d", "e%d@x.example", "Ragnar nummer %d", "Varför %d?", "Fall %d", "070-%d", "SU-%d", "gul %d", "blue %d", "kanske %d", "2026-09-01", "2029-12-31",
		} {
			if answer = strings.ReplaceAll(answer, "%d", fmt.Sprint(i)); !strings.Contains(text, `"`+answer+`"`) {
				lost++
			}
		}
		if i%2 == 0 && !strings.Contains(text, `"2019-01-01"`) || i%2 == 1 && !strings.Contains(text, "någon gång") {
			lost++
		}
	}
	t.Logf("3 000 drafts opened in %v", time.Since(began).Round(time.Millisecond))
	if lost > 0 {
		t.Errorf("%d answers lost", lost)
	}
}

// TestWhatLiesBesideStays: notes name the question, saving and handing in keep
// what lies beside the answers.
func TestWhatLiesBesideStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	elin := access.Person{ID: "elin", Role: order.RoleOrderer, Email: "elin@x.example"}
	h.app.Beside = app.Beside{Drafts: h.db, Form: 1}
	d, err := h.app.CreateDraft(t.Context(), elin, json.RawMessage(`{"title": "T", "delivery": {"password_phone": "070"}, "data": [{"years": "någon gång", "need": "x"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	h.app.Form, h.app.Upgrade = intake.CurrentForm, app.UpgradeAnswers
	for range 2 { // reading changes nothing
		if d, err = h.app.ReadDraft(t.Context(), elin, d.ID); err != nil || len(d.Aside) != 2 || len(d.Notes) != 2 || d.Version != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	if n := d.Notes[0]; n.Field != "data[0].from" || !strings.Contains(n.EN, ": ") || n.SV == "" || n.DoSV == "" {
		t.Errorf("note %+v", n)
	}
	answers, err := json.Marshal(complete())
	if err != nil {
		t.Fatal(err)
	}
	for v := 1; v < 4; v++ { // also with answers that say nothing of it
		if d, err = h.app.SaveDraft(t.Context(), elin, d.ID, v, answers); err != nil || len(d.Aside) != 2 || d.Form != intake.CurrentForm {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	_, s, err := h.app.SubmitDraft(t.Context(), elin, d.ID, 4)
	if err != nil || s.Application.Form != intake.CurrentForm || len(s.Aside) != 2 || !strings.Contains(string(s.Aside[1].Kept), "070") {
		t.Fatalf("form %d, %d beside, %v", s.Application.Form, len(s.Aside), err)
	}
	// Answers that say they are of the old form are carried over again.
	old, err := h.app.CreateDraft(t.Context(), elin, json.RawMessage(`{"form": 1, "invoice": {"marking": "gul"}}`))
	if err != nil || old.Form != intake.CurrentForm || len(old.Aside) != 1 {
		t.Errorf("%+v, %v", old, err)
	}
}

// complete is a complete statistics application whose answers do not say which
// form they are on.
func complete() intake.Application {
	a := application()
	a.Purpose, a.Sensitive, a.Ethics, a.Attachments = intake.Statistics, nil, intake.Ethics{}, nil
	a.Statistics = intake.Authority{Responsible: true, Secrecy: true, Delimited: true}
	a.Data[0].Motive = "Tabellerna redovisar sjukfrånvaro."
	return a
}
