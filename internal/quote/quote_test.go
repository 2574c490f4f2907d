package quote

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
)

var prices = PriceList{
	{From: day.MustParse("2020-01-01"), HourOre: 80_000},
	{From: day.MustParse("2025-06-27"), HourOre: 85_000},
}

func TestMake(t *testing.T) {
	t.Parallel()
	on := day.MustParse("2026-11-02")
	for _, tt := range []struct {
		name            string
		terms           Terms
		net, vat, gross int64
	}{
		{"24 hours at 850 kr", Terms{Form: FormFixed, VAT: VATStandard, Hours: []Hours{{Dialogue, 400}, {Review, 600}, {Extraction, 1400}}}, 2_040_000, 510_000, 2_550_000},
		{"outside VAT", Terms{Form: FormActual, VAT: VATOutside, Hours: []Hours{{Extraction, 1600}}}, 1_360_000, 0, 1_360_000},
		{"a quarter of an hour", Terms{Form: FormFixed, VAT: VATStandard, Hours: []Hours{{Review, 25}}}, 21_250, 5_313, 26_563},
		{"no fee", Terms{Form: FormFixed, VAT: VATOutside, NoFee: &NoFee{"lag"}, Hours: []Hours{{Review, 800}}}, 0, 0, 0},
	} {
		q, err := Make("O", 1, on, prices, tt.terms)
		if err != nil || q.NetOre != tt.net || q.VATOre != tt.vat || q.GrossOre != tt.gross {
			t.Errorf("%s: %d + %d = %d, %v, want %d + %d = %d", tt.name, q.NetOre, q.VATOre, q.GrossOre, err, tt.net, tt.vat, tt.gross)
		}
	}
	for name, terms := range map[string]Terms{
		"no hours":       {Form: FormFixed, VAT: VATStandard},
		"negative hours": {Form: FormFixed, VAT: VATStandard, Hours: []Hours{{Review, -1}}},
		"unknown kind":   {Form: FormFixed, VAT: VATStandard, Hours: []Hours{{"coffee", 1}}},
		"unknown form":   {Form: "", VAT: VATStandard, Hours: []Hours{{Review, 1}}},
		"unknown VAT":    {Form: FormFixed, VAT: "", Hours: []Hours{{Review, 1}}},
	} {
		if _, err := Make("O", 1, on, prices, terms); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}

func TestPriceInForceOnTheDay(t *testing.T) {
	t.Parallel()
	for d, want := range map[string]int64{"2025-06-26": 80_000, "2025-06-27": 85_000, "2030-01-01": 85_000} {
		if p, err := prices.On(day.MustParse(d)); err != nil || p.HourOre != want {
			t.Errorf("%s: %d, %v, want %d", d, p.HourOre, err, want)
		}
	}
	if _, err := prices.On(day.MustParse("2019-12-31")); !errors.Is(err, ErrNoPrice) {
		t.Errorf("before the first price: %v", err)
	}
}

func TestBill(t *testing.T) {
	t.Parallel()
	on := day.MustParse("2026-11-02")
	worked := []Hours{{Extraction, 2000}}
	for _, tt := range []struct {
		form string
		net  int64
	}{{FormFixed, 850_000}, {FormCeiling, 850_000}, {FormActual, 1_700_000}} {
		q, err := Make("O", 1, on, prices, Terms{Form: tt.form, VAT: VATStandard, Hours: []Hours{{Extraction, 1000}}})
		if err != nil {
			t.Fatal(err)
		}
		inv, err := Bill(q, worked, on)
		if err != nil || inv.NetOre != tt.net || inv.GrossOre != tt.net+inv.VATOre {
			t.Errorf("%s: %d, %v, want %d", tt.form, inv.NetOre, err, tt.net)
		}
	}
}

// Whatever the hours, a quote's lines add up and its parts add up.
func TestQuoteAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var hours []Hours
		for range rapid.IntRange(1, 5).Draw(t, "lines") {
			hours = append(hours, Hours{rapid.SampledFrom([]string{Dialogue, Review, Extraction}).Draw(t, "kind"), rapid.Int64Range(1, 1_000_000).Draw(t, "centis")})
		}
		q, err := Make("O", 1, day.MustParse("2026-01-01"), prices, Terms{Form: FormFixed, VAT: VATStandard, Hours: hours})
		if err != nil {
			t.Fatal(err)
		}
		var sum int64
		for _, l := range q.Lines {
			sum += l.Ore
		}
		if sum != q.NetOre || q.NetOre+q.VATOre != q.GrossOre {
			t.Fatalf("lines %d, net %d, VAT %d, gross %d", sum, q.NetOre, q.VATOre, q.GrossOre)
		}
		if d := q.VATOre*4 - q.NetOre; d < -2 || d > 2 {
			t.Fatalf("VAT %d is not a quarter of %d", q.VATOre, q.NetOre)
		}
	})
}

// TestHoursTakenOffAreWorthTheSame: a change that takes hours off takes what
// they cost, to the öre.
func TestHoursTakenOffAreWorthTheSame(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ centis, hour, want int64 }{
		{-100, 85_000, -85_000}, {100, 85_000, 85_000}, {-1, 85_050, -851}, {1, 85_050, 851}, {-3, 33_333, -1_000}, {0, 85_000, 0},
	} {
		if got := Cost(tt.centis, tt.hour); got != tt.want {
			t.Errorf("%d hundredths at %d: %d, want %d", tt.centis, tt.hour, got, tt.want)
		}
	}
}
