package office_test

import (
	"strings"
	"testing"

	"sluss/internal/showcase"
	"sluss/internal/web/webtest"
)

// TestPrices: the administrator sets a price for a later day, sees it planned,
// and takes it back; what is wrong is told at its field and what was typed stays.
func TestPrices(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Administrator)
	const page = "/admin/prices"
	p := b.Get(page).Is(t, 200).Has(t, "850\u00a0kr")
	for name, bad := range map[string]struct {
		field, value, want string
	}{
		"no number":      {"hour_ore", "åtta", "Skriv priset i kronor"},
		"too much":       {"hour_ore", "85000", "högst 10 000 kr"},
		"nothing":        {"hour_ore", "0", "mer än 0"},
		"three decimals": {"hour_ore", "850,505", "Skriv priset i kronor"},
		"today":          {"from", "2026-11-04", "tidigast i morgon"},
		"no day":         {"from", "snart", "Skriv en dag"},
		"no basis":       {"basis", "", "vad avgiften stöder sig på"},
		"no decision":    {"source_en", "", "på båda språken"},
		"no reason":      {"reason", "", "Skäl saknas"},
	} {
		typed := webtest.Values{"hour_ore": "925,50", "from": "2027-01-01", "basis": "avgiftsförordningen (1992:191) 4 §", "source_sv": "beslut 2026-11-04", "source_en": "decision 2026-11-04", "reason": "Högre löner"}
		typed[bad.field] = bad.value
		p := b.Send(b.Get(page), page, typed).Is(t, 422).Has(t, bad.want)
		for f, v := range typed {
			if p.Field(page, f) != v {
				t.Errorf("%s: %s is %q, want %q", name, f, p.Field(page, f), v)
			}
		}
	}
	p = b.Send(p, page, webtest.Values{"hour_ore": "1 925,50 kr", "from": "2027-01-01", "basis": "avgiftsförordningen (1992:191) 4 §", "source_sv": "beslut 2026-11-04", "source_en": "decision 2026-11-04", "reason": "Högre löner"}).
		Is(t, 200).Has(t, "Priset är satt", "1\u00a0925,50\u00a0kr", "2027-01-01", "Högre löner", "Tomas Åströmsäter", "850\u00a0kr")
	p = b.Send(p, page+"/back", webtest.Values{}).Is(t, 422).Has(t, "Skriv varför")
	p = b.Send(p, page+"/back", webtest.Values{"price-2027-01-01": "För högt"}).Is(t, 200).Has(t, "tillbakataget", "För högt", "tog tillbaka priset från 2027-01-01")
	if strings.Contains(p.HTML, page+"/back") {
		t.Error("it can be taken back twice")
	}
	c.As(showcase.Handler).Get(page).Is(t, 403)
	c.As(showcase.Finance).Get(page).Is(t, 403)
}

// TestDays: a day is closed, is passed over when working days are counted, and
// is opened again.
func TestDays(t *testing.T) {
	t.Parallel()
	c := webtest.New(t, rooms)
	b := c.As(showcase.Administrator)
	const page = "/admin/days"
	p := b.Get(page).Is(t, 200).Has(t, "juldagen", "nyårsafton")
	for day, want := range map[string]string{"2026-11-04": "redan börjat", "2026-12-25": "redan ledig", "2026-12-05": "redan ledig", "": "Skriv en dag", "2036-01-01": "mer än tre år"} {
		if p := b.Send(b.Get(page), page, webtest.Values{"day": day, "reason": "klämdag"}).Is(t, 422).Has(t, want); p.Field(page, "reason") != "klämdag" {
			t.Errorf("%s: %q", day, p.Field(page, "reason"))
		}
	}
	p = b.Send(p, page, webtest.Values{"day": "2026-11-05", "reason": "Flytt av kontor"}).Is(t, 200).Has(t, "Dagen är stängd", "stängd av myndigheten", "Flytt av kontor")
	if c.App.House().Calendar.IsWorkingDay(20762) { // 2026-11-05
		t.Error("it is still a working day")
	}
	b.Send(p, page+"/open", webtest.Values{}).Is(t, 422).Has(t, "Skriv varför")
	b.Send(b.Get(page), page+"/open", webtest.Values{"day-2026-11-05": "Flytten är inställd"}).Is(t, 200).Has(t, "arbetsdag igen", "öppnade 2026-11-05").Lacks(t, "stängd av myndigheten")
	if !c.App.House().Calendar.IsWorkingDay(20762) {
		t.Error("it is not open again")
	}
	c.As(showcase.Registrar).Get(page).Is(t, 403)
	b.Get("/admin/rules").Is(t, 200).Has(t, page, "/admin/prices")
}
