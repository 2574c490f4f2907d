package letter_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	_ "sluss/internal/drawtest"
	"sluss/internal/intake"
	"sluss/internal/letter"
	"sluss/internal/order"
)

func basis(ev order.Event) letter.Basis {
	return letter.Basis{
		State: order.State{ID: "FK-2026-00017", Application: intake.Application{Principal: intake.Principal{Name: "Ett universitet"}, Orderer: intake.Person{Name: "Elin", Email: "elin@u.example"}}},
		Entry: order.Entry{Version: 9, At: time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC), By: order.Actor{ID: "rut"}, Event: ev},
		Authority: &order.Authority{
			Name: catalog.Text{SV: "Myndigheten", EN: "The Authority"}, Letterhead: order.Letterhead{Unit: catalog.Text{SV: "Statistik", EN: "Statistics"}, Address: []string{"", "103 51 Stockholm"}, Phone: "010-000"},
		},
		Number: "FK-2026-00017:5", Names: func(id string) string { return map[string]string{"rut": "Rut Ek"}[id] },
	}
}

// TestDestruction: the certificate says what was destroyed, when (the civil day
// in Sweden) and by whom; a returned medium gives none.
func TestDestruction(t *testing.T) {
	t.Parallel()
	ev := &order.MediumSettled{ID: 2, How: "destroyed"}
	if got := fmt.Sprint(letter.Of(order.State{}, ev), letter.Of(order.State{}, &order.MediumSettled{ID: 2, How: "returned"})); got != "[destruction_certificate] []" {
		t.Errorf("%s", got)
	}
	l, ok := letter.Make(letter.Destruction, basis(ev), "sv")
	text := l.Text()
	for _, want := range []string{"Myndigheten", "Förstöringsintyg", "Medium nummer: 2", "22\u00a0november 2026", "Av: Rut Ek", "Handling FK-2026-00017:5", "Ett universitet"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if l.Date != "22\u00a0november 2026" || l.Day != "2026-11-22" {
		t.Errorf("dated %s, %s", l.Date, l.Day)
	}
	if !ok || l.Score().LIX() > letter.Destruction.Bound() || strings.Contains(text, "elin@") || fmt.Sprint(l.Sender) != "[Statistik 103 51 Stockholm 010-000]" {
		t.Errorf("%v %.0f %v", ok, l.Score().LIX(), l.Sender)
	}
	if en, _ := letter.Make(letter.Destruction, basis(ev), "en"); en.Title != "Certificate of destruction" || en.From != "The Authority" {
		t.Errorf("%+v", en)
	}
}

// TestNoSuchLetter: a letter is only made of the event that gives it.
func TestNoSuchLetter(t *testing.T) {
	t.Parallel()
	for _, k := range append(letter.Kinds, "other") {
		if _, ok := letter.Make(k, basis(&order.Withdrawn{}), "sv"); ok {
			t.Errorf("%s of a withdrawal", k)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ pattern, want string }{
		{"", "FK-2026-00017:4"},
		{"{case}/{no}", "FK-2026-00017/4"},
		{"{serial}-{year}-{no}", "00017-2026-4"},
		{"{prefix} {serial}-{year}.{no}", ""},
		{"{no}", ""},
		{"{case}", ""},
		{"{case}{no}", ""},
		{"{serial}:{no}", ""},
		{"{case}1{no}", ""},
		{"{case}:{no}:{no}", ""},
		{"{case}:{nr}", ""},
	} {
		if holds := letter.PatternHolds(tt.pattern); holds != (tt.want != "") {
			t.Errorf("%q holds: %v", tt.pattern, holds)
		} else if got := letter.Numbered(tt.pattern, "FK-2026-00017", 4); holds && got != tt.want {
			t.Errorf("%q gives %q", tt.pattern, got)
		}
	}
}

// TestNumbersAreNeverShared: two documents of one authority have the same number
// only when they are the same, by any pattern that holds.
func TestNumbersAreNeverShared(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		mark := rapid.SampledFrom([]string{":", "/", "-", ".", "#"})
		parts := rapid.SampledFrom([][]string{{"{case}", "{no}"}, {"{no}", "{case}"}, {"{year}", "{serial}", "{no}"}, {"{no}", "{serial}", "{year}"}, {"{prefix}", "{serial}", "{no}", "{year}"}}).Draw(r, "parts")
		pattern := parts[0]
		for _, p := range parts[1:] {
			pattern += mark.Draw(r, "mark") + p
		}
		document := func(name string) (string, int) {
			return fmt.Sprintf("FK-%d-%05d", rapid.IntRange(2025, 2027).Draw(r, name+" year"), rapid.IntRange(1, 120_000).Draw(r, name)), rapid.IntRange(1, 300).Draw(r, name+" no")
		}
		a, i := document("a")
		b, j := document("b")
		if !letter.PatternHolds(pattern) {
			r.Fatalf("%q does not hold", pattern)
		}
		if letter.Numbered(pattern, a, i) == letter.Numbered(pattern, b, j) && (a != b || i != j) {
			r.Fatalf("%q numbers %s %d and %s %d the same", pattern, a, i, b, j)
		}
	})
}
