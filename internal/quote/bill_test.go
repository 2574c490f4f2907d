package quote

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

var billDay = day.MustParse("2026-11-30")

func agreed(t testing.TB, form string, hours ...Hours) Quote {
	t.Helper()
	q, err := Make("O", 1, day.MustParse("2026-11-02"), prices, Terms{Form: form, VAT: VATStandard, Hours: hours, ValidTo: day.MustParse("2026-12-31")})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func approved(id string, on string, hours ...Hours) Amendment {
	return Amendment{ID: id, Hours: hours, ApprovedOn: day.MustParse(on), ApprovedBy: "representative"}
}

// 850 kr an hour: 10 hours are 8 500 kr, 850 000 öre.
func TestBillWith(t *testing.T) {
	t.Parallel()
	more := approved("1", "2026-11-20", Hours{Extraction, 400})
	less := approved("2", "2026-11-20", Hours{Review, -100})
	waiting := Amendment{ID: "3", Hours: []Hours{{Extraction, 400}}, ApprovedOn: day.MustParse("2026-11-20")}
	tooLate := approved("4", "2026-12-01", Hours{Extraction, 400})
	for _, tt := range []struct {
		name     string
		form     string
		changes  []Amendment
		worked   []Hours
		net, cap int64
		listed   int
	}{
		{"fixed: as quoted, whatever was worked", FormFixed, nil, []Hours{{Extraction, 9000}}, 850_000, 0, 0},
		{"fixed: plus an approved change", FormFixed, []Amendment{more}, nil, 1_190_000, 0, 1},
		{"fixed: minus an approved change", FormFixed, []Amendment{more, less}, nil, 1_105_000, 0, 2},
		{"fixed: what is not approved does not count", FormFixed, []Amendment{waiting}, nil, 850_000, 0, 0},
		{"fixed: approved after the invoice does not count", FormFixed, []Amendment{tooLate}, nil, 850_000, 0, 0},
		{"ceiling: less than quoted", FormCeiling, nil, []Hours{{Extraction, 700}}, 595_000, 0, 0},
		{"ceiling: more than quoted", FormCeiling, nil, []Hours{{Extraction, 1200}}, 850_000, 170_000, 0},
		{"ceiling raised by a change", FormCeiling, []Amendment{more}, []Hours{{Extraction, 1200}}, 1_020_000, 0, 1},
		{"ceiling raised, still reached", FormCeiling, []Amendment{more}, []Hours{{Extraction, 1200}, {Review, 300}}, 1_190_000, 85_000, 1},
		{"actual: as worked", FormActual, []Amendment{more}, []Hours{{Extraction, 1200}}, 1_020_000, 0, 0},
	} {
		inv, err := BillWith(agreed(t, tt.form, Hours{Extraction, 1000}), tt.changes, tt.worked, billDay)
		if err != nil || inv.NetOre != tt.net || inv.CapOre != tt.cap || len(inv.Changes) != tt.listed || inv.GrossOre != tt.net+tt.net/4 {
			t.Errorf("%s: %+v, %v", tt.name, inv, err)
		}
	}
	if _, err := BillWith(agreed(t, FormFixed, Hours{Review, 100}), []Amendment{approved("1", "2026-11-20", Hours{Review, -101})}, nil, billDay); !errors.Is(err, ErrBelowZero) {
		t.Errorf("below nothing: %v", err)
	}
	for name, worked := range map[string][]Hours{"unknown kind": {{"coffee", 1}}, "negative": {{Review, -1}}, "zero": {{Review, 0}}} {
		if _, err := BillWith(agreed(t, FormActual, Hours{Review, 100}), nil, worked, billDay); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	free, err := Zero("O", 1, billDay, prices, NoFee{"förordning"}, Terms{Form: FormFixed, VAT: VATOutside, Hours: []Hours{{Review, 800}}})
	if err != nil {
		t.Fatal(err)
	}
	if inv, err := BillWith(free, []Amendment{more}, nil, billDay); err != nil || inv.GrossOre != 0 {
		t.Errorf("no fee: %+v, %v", inv, err)
	}
	if _, err := Zero("O", 1, billDay, prices, NoFee{}, Terms{Form: FormFixed, VAT: VATOutside, Hours: []Hours{{Review, 800}}}); err == nil {
		t.Error("no fee without a ground accepted")
	}
}

// To the öre: the invoice is the accepted quote plus the approved changes,
// reckoned here in another way.
func TestInvoiceEqualsQuoteAndChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.SampledFrom([]string{FormFixed, FormCeiling, FormActual}).Draw(t, "form")
		price := rapid.Int64Range(1, 200_000).Draw(t, "price")
		hours := rapid.Custom(func(t *rapid.T) Hours {
			return Hours{rapid.SampledFrom(kinds).Draw(t, "kind"), rapid.Int64Range(1, 5_000).Draw(t, "centis")}
		})
		q, err := Make("O", 1, billDay, PriceList{{From: day.Min, HourOre: price}}, Terms{Form: form, VAT: VATStandard, Hours: rapid.SliceOfN(hours, 1, 4).Draw(t, "quoted")})
		if err != nil {
			t.Fatal(err)
		}
		worked := rapid.SliceOfN(hours, 1, 5).Draw(t, "worked")
		var changes []Amendment
		want, sum := q.NetOre, int64(0)
		for i := range rapid.IntRange(0, 4).Draw(t, "changes") {
			h := hours.Draw(t, "change")
			a := Amendment{ID: string(rune('a' + i)), Hours: []Hours{h}, ApprovedOn: billDay - day.Day(rapid.IntRange(-1, 1).Draw(t, "approved"))}
			if rapid.Bool().Draw(t, "yes") {
				a.ApprovedBy = "x"
			}
			if a.ApprovedBy != "" && a.ApprovedOn <= billDay {
				want += roundHalfUp(h.Centis*price, 100)
			}
			changes = append(changes, a)
		}
		for _, h := range worked {
			sum += roundHalfUp(h.Centis*price, 100)
		}
		switch form {
		case FormCeiling:
			want = min(want, sum)
		case FormActual:
			want = sum
		}
		inv, err := BillWith(q, changes, worked, billDay)
		if err != nil || inv.NetOre != want || inv.VATOre != roundHalfUp(want, 4) || inv.GrossOre != inv.NetOre+inv.VATOre {
			t.Fatalf("%s: %+v, %v, want net %d", form, inv, err, want)
		}
		lines := -inv.CapOre
		for _, l := range inv.Lines {
			lines += l.Ore
		}
		if form == FormFixed {
			for _, l := range inv.Changes {
				lines += l.Ore
			}
		}
		if lines != inv.NetOre || inv.CapOre < 0 {
			t.Fatalf("lines %d, net %d", lines, inv.NetOre)
		}
		plain, err := Bill(q, worked, billDay)
		bare, err2 := BillWith(q, nil, worked, billDay)
		if err != nil || err2 != nil || plain.NetOre != bare.NetOre || plain.GrossOre != bare.GrossOre {
			t.Fatalf("without changes %d, Bill says %d", bare.NetOre, plain.NetOre)
		}
		undo := slices.Clone(changes)
		for _, a := range changes {
			undo = append(undo, Amendment{ID: a.ID + "-", Hours: []Hours{{a.Hours[0].Kind, -a.Hours[0].Centis}}, ApprovedOn: a.ApprovedOn, ApprovedBy: a.ApprovedBy})
		}
		if back, err := BillWith(q, undo, worked, billDay); err != nil || back.NetOre != bare.NetOre {
			t.Fatalf("changes taken back leave %d, %v, want %d", back.NetOre, err, bare.NetOre)
		}
	})
}

func roundHalfUp(n, by int64) int64 { return (2*n + by) / (2 * by) }

func TestBillEnded(t *testing.T) {
	t.Parallel()
	policies := WithdrawalPolicies{{From: day.MustParse("2020-01-01"), Rule: WithdrawalFree}, {From: day.MustParse("2026-11-10"), Rule: WithdrawalWorked}}
	before, after := &Acceptance{day.MustParse("2026-11-09")}, &Acceptance{day.MustParse("2026-11-10")}
	worked := []Hours{{Extraction, 300}}
	for _, tt := range []struct {
		name     string
		accepted *Acceptance
		worked   []Hours
		due      bool
		net      int64
	}{
		{"not accepted", nil, worked, false, 0},
		{"accepted while nothing was taken", before, worked, false, 0},
		{"accepted under the new policy", after, worked, true, 255_000},
		{"never more than agreed", after, []Hours{{Extraction, 3000}}, true, 850_000},
		{"nothing worked", after, nil, false, 0},
	} {
		for _, form := range []string{FormFixed, FormCeiling, FormActual} {
			inv, due, err := BillEnded(agreed(t, form, Hours{Extraction, 1000}), tt.accepted, policies, nil, tt.worked, billDay)
			if err != nil || due != tt.due || inv.NetOre != tt.net {
				t.Errorf("%s, %s: %v %+v, %v", tt.name, form, due, inv, err)
			}
		}
	}
	if _, due, _ := BillEnded(agreed(t, FormFixed, Hours{Extraction, 1000}), after, nil, nil, worked, billDay); due {
		t.Error("billed without a policy")
	}
	if _, _, err := BillEnded(agreed(t, FormFixed, Hours{Extraction, 1000}), after, WithdrawalPolicies{{From: day.Min, Rule: "half"}}, nil, worked, billDay); err == nil {
		t.Error("unknown policy accepted")
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	a := agreed(t, FormFixed, Hours{Dialogue, 200}, Hours{Extraction, 600}, Hours{Extraction, 200})
	if d := Diff(a, a); len(d) != 0 {
		t.Errorf("no difference: %v", d)
	}
	regrouped := agreed(t, FormFixed, Hours{Dialogue, 200}, Hours{Extraction, 800})
	if d := Diff(a, regrouped); len(d) != 0 {
		t.Errorf("the same hours on fewer lines: %v", d)
	}
	b := agreed(t, FormCeiling, Hours{Review, 425}, Hours{Extraction, 800})
	b.ValidTo, b.Text = b.ValidTo+1, catalog.Text{SV: "x", EN: "y"}
	want := map[string]string{
		"form":           "Avtalsform: från fast pris till löpande med tak.",
		"hours.dialogue": "Timmar, dialog: från 2\u00a0tim till 0\u00a0tim.",
		"hours.review":   "Timmar, sekretessprövning: från 0\u00a0tim till 4,25\u00a0tim.",
		"net_ore":        "Summa utan moms: från 8\u00a0500\u00a0kr till 10\u00a0412,50\u00a0kr.",
		"gross_ore":      "Att betala: från 10\u00a0625\u00a0kr till 13\u00a0015,63\u00a0kr.",
		"text":           "Beskrivning: från inget till ”x”.",
		"valid_to":       "Gäller till och med: från 2026-12-31 till 2027-01-01.",
	}
	got := Diff(a, b)
	for _, c := range got {
		if want[c.Field] != c.SV || c.EN == "" || c.EN == c.SV {
			t.Errorf("%s: %q, want %q (%q)", c.Field, c.SV, want[c.Field], c.EN)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d differences, want %d", len(got), len(want))
	}
	spoil := map[string]func(*Quote){
		"hour_ore": func(q *Quote) { q.HourOre++ }, "basis": func(q *Quote) { q.Basis = "z" }, "vat": func(q *Quote) { q.VAT = VATOutside },
		"vat_reason": func(q *Quote) { q.VATReason = "z" }, "no_fee": func(q *Quote) { q.NoFee = &NoFee{"z"} }, "scope": func(q *Quote) { q.Scope = "z" },
	}
	for field, f := range spoil {
		c := a
		f(&c)
		if d := Diff(a, c); len(d) != 1 || d[0].Field != field {
			t.Errorf("%s: %v", field, d)
		}
	}
}

func TestTotalsAndUsage(t *testing.T) {
	t.Parallel()
	log := []Logged{{Kind: Extraction, Centis: 250}, {Kind: Dialogue, Centis: 100}, {Kind: Extraction, Centis: 50}}
	if got := Totals(log); !slices.Equal(got, []Hours{{Dialogue, 100}, {Extraction, 300}}) {
		t.Errorf("%v", got)
	}
	q := agreed(t, FormFixed, Hours{Review, 400}, Hours{Extraction, 200})
	got := Used(q, []Amendment{approved("1", "2026-11-20", Hours{Extraction, 150}), {Hours: []Hours{{Review, 900}}}}, log)
	if want := []Usage{{Dialogue, 0, 100}, {Review, 400, 0}, {Extraction, 350, 300}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestPriceListsAreChecked(t *testing.T) {
	t.Parallel()
	good := PriceList{{From: 1, HourOre: 1, Basis: "x"}, {From: 2, HourOre: 1, Basis: "x"}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, l := range map[string]PriceList{
		"empty": {}, "no price": {{From: 1, Basis: "x"}}, "no basis": {{From: 1, HourOre: 1}},
		"same day": {good[0], good[0]}, "backwards": {good[1], good[0]},
	} {
		if l.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCentis(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 tim", 1600: "16 tim", 25: "0,25 tim", 150: "1,5 tim", 1605: "16,05 tim", -50: "−0,5 tim"} {
		if got := strings.ReplaceAll(Centis(n, "sv"), "\u00a0", " "); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
