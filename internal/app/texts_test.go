package app_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/config"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/lix"
	"sluss/internal/order"
	"sluss/internal/store"
	"sluss/internal/wording"
)

// speaking are two processes of a counter on one database.
func speaking(t *testing.T) (a, b *app.App, now *time.Time) {
	t.Helper()
	book, err := wording.NewBook([]wording.Original{
		{Key: "desk.lead", Text: catalog.Text{SV: "Skriv vad som fattas.", EN: "Write what is missing."}, Bound: lix.Orderer},
		{Key: "desk.left", Text: catalog.Text{SV: "%d dagar kvar", EN: "%d days left"}, Bound: lix.Orderer},
		{Key: "party.mandate", Text: catalog.Text{SV: "Jag får företräda", EN: "I may represent"}, Bound: lix.Orderer},
	})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 4, 12, 0, 0, 0, time.UTC)
	now = &at
	file := t.TempDir() + "/sluss.db"
	open := func() *app.App {
		db, err := store.OpenSQLite(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return &app.App{Log: db, Authority: config.Authority(), Clock: func() time.Time { return *now }, Beside: app.Beside{Settings: db, Book: book, Office: app.Office{Staff: db}}}
	}
	return open(), open(), now
}

var administrator = access.Person{ID: "tomas", Role: access.RoleAdministrator}

func lead(sv string) wording.Revision {
	return wording.Revision{Key: "desk.lead", Text: catalog.Text{SV: sv, EN: "Say it."}, Reason: "Tydligare"}
}

// TestTextsAreSaidEverywhere: what one process notes another says when it has
// looked, on its day, also after a restart; and nobody but the administrator
// notes anything.
func TestTextsAreSaidEverywhere(t *testing.T) {
	t.Parallel()
	a, b, now := speaking(t)
	ctx := t.Context()
	if _, own := a.Said("desk.lead"); own {
		t.Error("said otherwise from the beginning")
	}
	for _, role := range access.Roles {
		if err := a.ChangeText(ctx, access.Person{ID: "x", Role: role}, lead("Berätta.")); (err == nil) != (role == access.RoleAdministrator) {
			t.Errorf("%s: %v", role, err)
		}
	}
	says := func(x *app.App, want string) {
		t.Helper()
		if err := x.ReadTexts(ctx); err != nil {
			t.Fatal(err)
		}
		if got, _ := x.Said("desk.lead"); got.SV != want {
			t.Errorf("says %q, want %q", got.SV, want)
		}
	}
	if got, _ := a.Said("desk.lead"); got.SV != "Berätta." { // at once, here
		t.Errorf("%q", got.SV)
	}
	says(b, "Berätta.")
	planned := lead("Säg vad du saknar.")
	planned.From = day.MustParse("2026-11-03")
	if err := b.ChangeText(ctx, administrator, planned); err == nil {
		t.Error("a text of a day that has been is taken")
	}
	planned.From = day.MustParse("2026-11-06")
	if err := b.ChangeText(ctx, administrator, planned); err != nil {
		t.Fatal(err)
	}
	says(a, "Berätta.")
	*now = now.Add(48 * time.Hour)
	says(a, "Säg vad du saknar.")
	if err := a.ChangeText(ctx, administrator, wording.Revision{Key: "desk.lead", Reason: "Ångrat"}); err != nil {
		t.Fatal(err)
	}
	says(a, "")
	says(b, "")
	err := a.ChangeText(ctx, administrator, wording.Revision{Key: "desk.lead", Reason: "Igen"})
	if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Code != "text.original" {
		t.Errorf("back from the original: %v", err)
	}
	_, h, err := b.TextBook(ctx)
	if err != nil || h.Len() != 3 || h.All()[2].By != "tomas" || h.All()[2].Reason != "Ångrat" {
		t.Errorf("%+v %v", h.All(), err)
	}
}

// TestTextsToldAllAtOnce: everything that is wrong comes back together, and
// nothing is noted.
func TestTextsToldAllAtOnce(t *testing.T) {
	t.Parallel()
	a, _, _ := speaking(t)
	err := a.ChangeText(t.Context(), administrator, wording.Revision{Key: "desk.left", Text: catalog.Text{SV: "Kvar <b>", EN: " "}})
	for _, code := range []string{"text.placeholder", "text.markup", "text.empty", "text.reason"} {
		if err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s is not told: %v", code, err)
		}
	}
	if err := a.OperatorChangesText(t.Context(), "drift", wording.Revision{Key: "party.mandate", Text: catalog.Text{SV: "Ja", EN: "Yes"}, Reason: "x"}); err == nil || !strings.Contains(err.Error(), "text.locked") {
		t.Errorf("%v", err)
	}
	if _, h, _ := a.TextBook(t.Context()); h.Len() != 0 {
		t.Errorf("%d changes", h.Len())
	}
}

// TestTextsTogether: changes by two processes at once are all noted, and both say
// the same in the end.
func TestTextsTogether(t *testing.T) {
	t.Parallel()
	a, b, _ := speaking(t)
	var g sync.WaitGroup
	for i := range 20 {
		x := []*app.App{a, b}[i%2]
		g.Go(func() {
			if err := x.ChangeText(t.Context(), administrator, lead(fmt.Sprintf("Text nummer %d.", i))); err != nil {
				t.Error(err)
			}
			_, _ = x.Said("desk.lead")
		})
	}
	g.Wait()
	for _, x := range []*app.App{a, b} {
		if err := x.ReadTexts(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	_, h, err := a.TextBook(t.Context())
	if err != nil || h.Len() != 20 {
		t.Fatalf("%d changes, %v", h.Len(), err)
	}
	one, _ := a.Said("desk.lead")
	other, _ := b.Said("desk.lead")
	if one != other || one != h.All()[19].Text {
		t.Errorf("%v, %v, last noted %v", one, other, h.All()[19].Text)
	}
}

// BenchmarkSaid: a page asks no database for its words.
func BenchmarkSaid(b *testing.B) {
	a := &app.App{Clock: time.Now, Authority: &order.Authority{}}
	for b.Loop() {
		a.Said("desk.lead")
	}
}
