package swede

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
)

var on = day.MustParse("2026-11-21")

func TestParseTable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, at string
		want     uint64
		err      error
	}{
		{"191212121212", "2026-11-21", 191212121212, nil},
		{"19121212-1212", "2026-11-21", 191212121212, nil},
		{"19121212+1212", "2026-11-21", 191212121212, nil},
		{"121212+1212", "2026-11-21", 191212121212, nil},
		{"121212-1212", "2026-11-21", 201212121212, nil},
		{"1212121212", "2026-11-21", 201212121212, nil},
		{"1212121212", "2012-12-12", 201212121212, nil},
		{"1212121212", "2012-12-11", 191212121212, nil},
		{"121212+1212", "2011-12-31", 181212121212, nil},
		{"121212+1212", "2012-01-01", 191212121212, nil}, // turns 100 later that year
		{"19121212+1212", "2011-12-31", 0, ErrCentury},
		{"19121212+1212", "2012-01-01", 191212121212, nil},
		{" 8112189876\t", "2026-11-21", 198112189876, nil},
		{"\u00a08112189876\u00a0", "2026-11-21", 198112189876, nil},
		{"640883-3231", "2026-11-21", 196408833231, nil}, // the example of SKV 704
		{"196408833231", "2026-11-21", 196408833231, nil},
		{"8112189877", "2026-11-21", 0, ErrCheckDigit},
		{"811218 9876", "2026-11-21", 0, ErrFormat},
		{"811218--9876", "2026-11-21", 0, ErrFormat},
		{"81121-89876", "2026-11-21", 0, ErrFormat},
		{"-8112189876", "2026-11-21", 0, ErrFormat},
		{"81121898760", "2026-11-21", 0, ErrFormat},
		{"1981121898760", "2026-11-21", 0, ErrFormat},
		{"", "2026-11-21", 0, ErrFormat},
		{"8112TF9876", "2026-11-21", 0, ErrFormat},
		{"178112189876", "2026-11-21", 0, ErrCentury},
		{"218112189876", "2026-11-21", 0, ErrCentury},
		{"992004391013", "2026-11-21", 0, ErrCentury},
		{"208112189876", "2026-11-21", 0, ErrDate}, // not born yet
		{"198113189876", "2026-11-21", 0, ErrDate},
		{"198112329876", "2026-11-21", 0, ErrDate},
		{"198112609876", "2026-11-21", 0, ErrDate}, // 60 is day 0
		{"198112929876", "2026-11-21", 0, ErrDate},
		{"178113329877", "2026-11-21", 0, ErrCentury}, // century before date before check digit
		{"198113329877", "2026-11-21", 0, ErrDate},
	} {
		got, err := Parse(tt.text, day.MustParse(tt.at), Real)
		if got.Reveal() != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%q at %s: %d, %v; want %d, %v", tt.text, tt.at, got.Reveal(), err, tt.want, tt.err)
		}
		b, err2 := Parse([]byte(tt.text), day.MustParse(tt.at), Real)
		if b != got || err2 != err {
			t.Errorf("%q: bytes and string differ", tt.text)
		}
	}
}

// The leap day of year 00 exists in 2000 and not in 1900, so its century
// decides.
func TestLeapDayFollowsCentury(t *testing.T) {
	t.Parallel()
	n := Make(day.MustParse("2000-02-29"), 12, false, Real)
	text := fmt.Sprintf("%010d", n.Reveal()%10_000_000_000)
	if p, err := Parse(text, on, Real); err != nil || p != n {
		t.Errorf("without a sign: %v", err)
	}
	if _, err := Parse(text[:6]+"+"+text[6:], on, Real); !errors.Is(err, ErrDate) {
		t.Errorf("with +: %v, want ErrDate", err)
	}
}

func TestOfficialTestNumbers(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../shared/testdata/testpersonnummer.csv")
	if err != nil {
		t.Skip("skipped: the official test numbers are not in this checkout")
	}
	lines := strings.Fields(string(raw))[1:]
	reserve := 0
	for i, l := range lines {
		p, err := Parse(l, on, Real)
		if strings.HasPrefix(l, "99") { // reserve numbers of a region: no personnummer
			if reserve++; !errors.Is(err, ErrCentury) {
				t.Errorf("line %d: %v, want ErrCentury", i+2, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("line %d: %v", i+2, err)
		}
		if _, err := Parse(l, on, Synthetic); !errors.Is(err, ErrCheckDigit) {
			t.Errorf("line %d: accepted as synthetic", i+2)
		}
		if q, err := FromNumber(p.Reveal()); err != nil || q != p {
			t.Errorf("line %d does not come back", i+2)
		}
	}
	if len(lines) != 60 || reserve != 3 {
		t.Errorf("%d numbers, %d reserve numbers", len(lines), reserve)
	}
}

// Of the ten check digits exactly one is right in each mode, and never the
// same.
func TestCheckDigitModes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := day.Day(rapid.Int32Range(int32(day.Of(1890, 1, 1)), int32(on)).Draw(t, "day"))
		p := Make(d, rapid.IntRange(0, 999).Draw(t, "serial"), rapid.Bool().Draw(t, "coordination"), Synthetic)
		base := p.Reveal() / 10 * 10
		var real, synthetic []uint64
		for c := range uint64(10) {
			text := fmt.Sprintf("%012d", base+c)
			if _, err := Parse(text, on, Real); err == nil {
				real = append(real, c)
			}
			if _, err := Parse(text, on, Synthetic); err == nil {
				synthetic = append(synthetic, c)
			}
		}
		if len(real) != 1 || len(synthetic) != 1 || synthetic[0] != (real[0]+1)%10 || base+synthetic[0] != p.Reveal() {
			t.Fatalf("right %v, synthetic %v", real, synthetic)
		}
	})
}

// Every spelling of a number is the same number, and its facts survive.
func TestSpellings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := day.Day(rapid.Int32Range(int32(day.Of(2000, 1, 1)), int32(day.Of(2099, 12, 31))).Draw(t, "at"))
		y, _, _ := at.YMD()
		d := day.Day(rapid.Int32Range(int32(day.Of(y-199, 1, 1)), int32(at)).Draw(t, "day"))
		coordination := rapid.Bool().Draw(t, "coordination")
		serial := rapid.IntRange(0, 999).Draw(t, "serial")
		p := Make(d, serial, coordination, Real)
		twelve := fmt.Sprintf("%012d", p.Reveal())
		spellings := []string{twelve, twelve[:8] + "-" + twelve[8:]}
		by, bm, bd := d.YMD()
		_, am, ad := at.YMD()
		if by+100 <= y {
			spellings = append(spellings, twelve[2:8]+"+"+twelve[8:], twelve[:8]+"+"+twelve[8:])
		}
		if under := by+100 > y || by+100 == y && (bm > am || bm == am && bd > ad); under {
			spellings = append(spellings, twelve[2:], twelve[2:8]+"-"+twelve[8:])
		}
		for _, s := range spellings {
			q, err := Parse(s, at, Real)
			if by < 1800 {
				if !errors.Is(err, ErrCentury) {
					t.Fatalf("born before 1800: %v", err)
				}
			} else if err != nil || q != p {
				t.Fatalf("a spelling of %d characters gave %v", len(s), err)
			}
		}
		if p.DayInNumber() != d || p.Coordination() != coordination || p.Woman() != (serial%2 == 0) {
			t.Fatal("facts differ")
		}
	})
}

func TestPromise14PersonnummerNeverPrints(t *testing.T) {
	t.Parallel()
	p, err := Parse("191212121212", on, Real)
	if err != nil {
		t.Fatal(err)
	}
	type box struct {
		Open   Personnummer
		hidden Personnummer
	}
	b := box{p, p}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q", "%T", "%o", "%e", "%12d"} {
		fmt.Fprintf(&out, verb+"\n", p)
		fmt.Fprintf(&out, verb+"\n", &p)
		fmt.Fprintf(&out, verb+"\n", b)
		fmt.Fprintf(&out, verb+"\n", []Personnummer{p})
		fmt.Fprintf(&out, verb+"\n", map[Personnummer]int{p: 1})
	}
	fmt.Fprintln(&out, fmt.Errorf("wrapped: %v", p), b.hidden)
	out.WriteString(p.String() + p.GoString() + p.LogValue().String()) // called by hand, past fmt and slog
	if err := json.NewEncoder(&out).Encode(map[string]any{"p": p, "m": map[Personnummer]int{p: 1}, "b": b}); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "p", p, "b", b)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "p", p, "b", b)
	o, err := ParseOrganisation("19121212-1212", on, Real)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "%v %d %#v %s", o, o, o, o)
	for _, secret := range []string{"1212121212", "121212-1212", fmt.Sprintf("%x", 191212121212), fmt.Sprintf("%o", 191212121212)} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the output holds %q", secret)
		}
	}
	if Contains(out.Bytes()) {
		t.Error("the output holds an identity number")
	}
	if !strings.Contains(out.String(), masked) {
		t.Error("nothing was printed")
	}
}

func TestOrganisation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, want string
		err        error
		person     bool
	}{
		{"202100-5521", "202100-5521", nil, false},
		{"2021005521", "202100-5521", nil, false},
		{"162021005521", "202100-5521", nil, false},
		{"16202100-5521", "202100-5521", nil, false},
		{"202100-5522", "", ErrCheckDigit, false},
		{"20210-05521", "", ErrFormat, false},
		{"811218-9876", masked, nil, true},
		{"19811218-9876", masked, nil, true},
		{"121212+1212", masked, nil, true},
		{"811318-9876", "", ErrDate, false},
		{"abc", "", ErrFormat, false},
	} {
		o, err := ParseOrganisation(tt.text, on, Real)
		_, person := o.Person()
		if !errors.Is(err, tt.err) || o.String() != tt.want || person != tt.person {
			t.Errorf("%s: %v %v person=%v", tt.text, o, err, person)
		}
	}
}

func TestFindIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		want  int // places
		alone bool
	}{
		{"kontakt 19121212-1212 i går", 1, true},
		{"kontakt 191212121212", 1, true},
		{"121212 1212", 1, true},
		{"121212\u20131212", 1, true},
		{"x121212-1212x", 1, true},
		{"ref:77191212121212", 2, false}, // twelve and, two digits in, ten
		{"121212-1213", 0, false},
		{"202100-5521", 0, false},
		{"a 191212121212 b 19811218-9876", 2, true},
		{"12121212", 0, false},
	} {
		n, alone := 0, true
		FindIn(tt.text, Real, func(h Hit) bool {
			n++
			alone = alone && h.Alone
			return true
		})
		if n != tt.want || n > 0 && alone != tt.alone {
			t.Errorf("%q: %d places, alone %v", tt.text, n, alone)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := day.Day(rapid.Int32Range(int32(day.Of(1900, 1, 1)), int32(on)).Draw(t, "day"))
		p := Make(d, rapid.IntRange(0, 999).Draw(t, "serial"), rapid.Bool().Draw(t, "c"), Synthetic)
		twelve := fmt.Sprintf("%012d", p.Reveal())
		s := rapid.SampledFrom([]string{twelve, twelve[2:], twelve[:8] + "-" + twelve[8:], twelve[2:8] + "+" + twelve[8:]}).Draw(t, "form")
		before := rapid.StringMatching(`[a-zå0-9 ]{0,8}`).Draw(t, "before")
		after := rapid.StringMatching(`[a-zå0-9 ]{0,8}`).Draw(t, "after")
		hit := false
		FindIn(before+s+after, Synthetic, func(h Hit) bool {
			hit = hit || h.Start <= len(before) && h.End >= len(before)+len(s)-2 ||
				h.Start <= len(before)+2 && h.End >= len(before)+len(s)
			return !hit
		})
		if !hit {
			t.Fatal("a number in a longer string was not found")
		}
	})
}

func TestMask(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"index1": "index1", "pop_2026.csv": "pop_2026.csv", "19121212-1212.csv": "••••••••-••••.csv",
	} {
		if got := Mask(text); got != want {
			t.Errorf("%q", got)
		}
	}
}

func TestWorkingDays(t *testing.T) {
	t.Parallel()
	c := NewCalendar()
	for y, want := range map[int]int{2026: 251, 2027: 253, 2028: 251} {
		if got := c.WorkingDays(day.Span{From: day.Of(y, 1, 1), To: day.Of(y+1, 1, 1)}); got != want {
			t.Errorf("%d: %d working days, want %d", y, got, want)
		}
	}
	for y, want := range map[int]string{
		2026: "1/1 6/1 3/4 6/4 1/5 14/5 19/6 24/12 25/12 31/12",
		2027: "1/1 6/1 26/3 29/3 6/5 25/6 24/12 31/12",
	} {
		var got []string
		for d := day.Of(y, 1, 1); d < day.Of(y+1, 1, 1); d++ {
			if Weekday(d) <= 5 && !c.IsWorkingDay(d) {
				_, m, dd := d.YMD()
				got = append(got, fmt.Sprintf("%d/%d", dd, m))
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%d closed on %s, want %s", y, s, want)
		}
	}
	for d, want := range map[string]bool{"2003-06-06": true, "2008-06-06": false, "2004-05-31": false, "2005-05-16": true, "2026-06-19": false} {
		if got := c.IsWorkingDay(day.MustParse(d)); got != want {
			t.Errorf("%s: working day %v", d, got)
		}
	}
	for y, want := range map[int]string{1961: "1961-04-02", 1981: "1981-04-19", 2000: "2000-04-23", 2024: "2024-03-31", 2038: "2038-04-25", 2049: "2049-04-18"} {
		if got := Easter(y).String(); got != want {
			t.Errorf("Easter %d: %s, want %s", y, got, want)
		}
	}
}

func TestAddWorkingDays(t *testing.T) {
	t.Parallel()
	bridge := NewCalendar(day.MustParse("2026-05-15"))
	for _, tt := range []struct {
		c    Calendar
		from string
		n    int
		want string
	}{
		{NewCalendar(), "2026-11-20", 2, "2026-11-24"}, // Friday + 2 = Tuesday
		{NewCalendar(), "2026-11-21", 2, "2026-11-24"}, // from a Saturday, too
		{NewCalendar(), "2026-12-23", 2, "2026-12-29"},
		{NewCalendar(), "2026-12-30", 1, "2027-01-04"},
		{NewCalendar(), "2026-11-21", 0, "2026-11-23"},
		{NewCalendar(), "2026-11-23", -1, "2026-11-20"},
		{NewCalendar(), "2026-05-13", 1, "2026-05-15"},
		{bridge, "2026-05-13", 1, "2026-05-18"},
	} {
		if got := tt.c.AddWorkingDays(day.MustParse(tt.from), tt.n).String(); got != tt.want {
			t.Errorf("%s + %d = %s, want %s", tt.from, tt.n, got, tt.want)
		}
	}
}

func TestKronor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o      Ore
		sv, en string
	}{
		{Kronor(20400), "20\u00a0400\u00a0kr", "SEK\u00a020,400"},
		{2040050, "20\u00a0400,50\u00a0kr", "SEK\u00a020,400.50"},
		{5, "0,05\u00a0kr", "SEK\u00a00.05"},
		{0, "0\u00a0kr", "SEK\u00a00"},
		{-123456789, "\u22121\u00a0234\u00a0567,89\u00a0kr", "\u2212SEK\u00a01,234,567.89"},
		{-1 << 63, "\u221292\u00a0233\u00a0720\u00a0368\u00a0547\u00a0758,08\u00a0kr", "\u2212SEK\u00a092,233,720,368,547,758.08"},
	} {
		if got := tt.o.Text("sv"); got != tt.sv {
			t.Errorf("sv %q, want %q", got, tt.sv)
		}
		if got := tt.o.Text("en"); got != tt.en {
			t.Errorf("en %q, want %q", got, tt.en)
		}
	}
	if got := Count(-1234, "en"); got != "\u22121,234" {
		t.Errorf("%q", got)
	}
}

func BenchmarkParse(b *testing.B) {
	text := []byte("19121212-1212")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text, on, Real); err != nil {
			b.Fatal(err)
		}
	}
}
