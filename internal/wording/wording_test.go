package wording_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluss/internal/catalog"
	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/lix"
	"sluss/internal/wording"
)

var (
	first = day.MustParse("2026-11-04")
	noon  = time.Date(2026, 11, 4, 12, 0, 0, 0, time.UTC)
)

func book(t testing.TB) *wording.Book {
	t.Helper()
	b, err := wording.NewBook([]wording.Original{
		{Key: "desk.lead", Text: catalog.Text{SV: "Skriv vad som fattas.", EN: "Write what is missing."}, Bound: lix.Orderer},
		{Key: "desk.label", Text: catalog.Text{SV: "Skäl", EN: "Reason"}, Bound: lix.Orderer},
		{Key: "desk.left", Text: catalog.Text{SV: "Det är %d dagar kvar till %s.", EN: "There are %d days left until %s."}, Bound: lix.Orderer},
		{Key: "desk.day", Text: catalog.Text{SV: "Svara senast den {day}.", EN: "Answer by {day}."}, Bound: lix.Orderer},
		{Key: "desk.law", Text: catalog.Text{SV: "Vi skriver skälet (förvaltningslagen 11 §).", EN: "We write the reason."}, Bound: lix.Orderer},
		{Key: "party.mandate", Text: catalog.Text{SV: "Jag får företräda %s", EN: "I may represent %s"}, Bound: lix.Orderer},
		{Key: "party.lead", Text: catalog.Text{SV: "Utan personnummer.", EN: "Without identity numbers."}, Bound: lix.Orderer},
		{Key: "sign.heading", Text: catalog.Text{SV: "Underteckna", EN: "Sign"}, Bound: lix.Orderer},
		{Key: "desk.hard", Text: catalog.Text{SV: "Sekretessprövningens ställningstaganden dokumenteras fortlöpande av den som handlägger ärendet.", EN: "What the review says is noted."}, Bound: lix.Orderer},
	}, []wording.Original{{Key: "letter.a", Text: catalog.Text{SV: "Hej.", EN: "Hello."}, Bound: lix.Decision}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCheck: each thing that a text may not do is refused under its own code, at
// its own field, with what to do.
func TestCheck(t *testing.T) {
	t.Parallel()
	b := book(t)
	en := "Write what you lack."
	hard := "Kompletteringsbegäran preciseras utförligt innan handläggningen fortsätter genom sekretessprövning eller avvisning."
	for _, tt := range []struct{ key, sv, en, want string }{
		{"desk.lead", "Berätta vad du saknar.", en, ""},
		{"desk.label", "Varför?", "Why?", ""},
		{"desk.left", "Det finns %d dagar kvar, till %s.", "%d days are left, until %s.", ""},
		{"desk.day", "Vi vill ha svaret den {day}.", "We want the answer by {day}.", ""},

		{"desk.nowhere", "a", "b", "key text.unknown"},
		{"desk.law", "Vi skriver skälet.", "We write the reason.", "key text.locked"},
		{"party.mandate", "Jag vill företräda %s", "I want to represent %s", "key text.locked"},
		{"party.lead", "Med det du har.", "With what you have.", "key text.locked"},
		{"sign.heading", "Klart", "Done", "key text.locked"},

		{"desk.lead", " \t", en, "sv text.empty"},
		{"desk.lead", "Skriv.", "", "en text.empty"},
		{"desk.left", "Det finns dagar kvar, till %s.", "%d days are left, until %s.", "sv text.placeholder"},
		{"desk.left", "Till %s är det %d dagar.", "%d days are left, until %s.", "sv text.placeholder"},
		{"desk.lead", "Skriv vad %s saknar.", en, "sv text.placeholder"},
		{"desk.day", "Svara den {dag}.", "Answer by {day}.", "sv text.placeholder"},
		{"desk.left", "100 % på %d dagar till %s.", "%d days are left, until %s.", "sv text.markup"},
		{"desk.lead", "Skriv <b>allt</b>.", en, "sv text.markup"},
		{"desk.lead", "Skriv allt &amp; mer.", en, "sv text.markup"},
		{"desk.lead", "Skriv **allt**.", en, "sv text.markup"},
		{"desk.lead", "Skriv [här](https://x.example).", en, "sv text.markup"},
		{"desk.lead", "Skriv {{.Name}}.", en, "sv text.markup"},
		{"desk.lead", "Skriv\u202eallt.", en, "sv text.markup"},
		{"desk.lead", "Skriv\x00allt.", en, "sv text.markup"},
		{"desk.lead", "Skriv till 19121212-1212.", en, "sv text.identity"},
		{"desk.lead", strings.Repeat("Skriv det. ", 20), en, "sv text.long"},
		{"desk.lead", strings.Repeat("a ", 26) + "b.", en, "sv text.sentence"},
		{"desk.lead", "Skriv.", strings.Repeat("a ", 26) + "b.", "en text.sentence"},
		{"desk.lead", hard, en, "sv text.hard"},
		{"desk.lead", "Kompletteringsbegäran preciseras utförligt.", en, ""}, // too short to measure
		{"letter.a", hard, "Hello.", "sv text.hard"},
		{"desk.lead", "Skriv om mikrodata.", en, "sv text.word"},
		{"desk.lead", "Skriv, t.ex. vad du saknar.", en, "sv text.word"},
		{"desk.lead", "Skriv.", "The value is invalid.", "en text.word"},
		{"desk.label", "OK", "Submit", "sv text.word en text.word"},
		{"desk.lead", "Skriv <b>.", "Invalid %s.", "sv text.markup en text.placeholder en text.word"},
	} {
		var got []string
		for _, f := range b.Check(tt.key, catalog.Text{SV: tt.sv, EN: tt.en}) {
			got = append(got, f.Where.Column+" "+f.Code)
			if f.DoSV == "" || f.DoEN == "" {
				t.Errorf("%s does not say what to do", f.Code)
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s, %q / %q: %q, want %q", tt.key, tt.sv, tt.en, s, tt.want)
		}
	}
}

// TestAsHardAsTheOriginal: a text about the law may be as hard as the one that it
// replaces, not harder.
func TestAsHardAsTheOriginal(t *testing.T) {
	t.Parallel()
	b := book(t)
	if wrong := b.Check("desk.hard", catalog.Text{SV: "Sekretessprövningens ställningstaganden dokumenteras alltid av den som handlägger ärendet.", EN: "It is noted."}); len(wrong) != 0 {
		t.Errorf("%v", wrong)
	}
	if wrong := b.Check("desk.hard", catalog.Text{SV: "Sekretessprövningens ställningstaganden dokumenteras fortlöpande utförligt systematiskt överallt där ärendet handläggs.", EN: "It is noted."}); len(wrong) != 1 || wrong[0].Code != "text.hard" {
		t.Errorf("%v", wrong)
	}
}

func TestCheckChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		r    wording.Revision
		want string
	}{
		{wording.Revision{Reason: "Tydligare", From: first}, ""},
		{wording.Revision{Reason: " ", From: first}, "text.reason"},
		{wording.Revision{Reason: strings.Repeat("å", 501), From: first}, "text.reason"},
		{wording.Revision{Reason: "19121212-1212 ville det", From: first}, "text.reason"},
		{wording.Revision{Reason: "x", From: first - 1}, "text.from"},
		{wording.Revision{Reason: "x", From: first, Until: first}, ""},
		{wording.Revision{Reason: "x", From: first + 1, Until: first}, "text.until"},
	} {
		got := ""
		for _, f := range wording.CheckChange(tt.r, first) {
			got += f.Code
		}
		if got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.r, got, tt.want)
		}
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ was, now, want string }{{" utan moms.", "exklusive moms.", " exklusive moms."}, {"Till ", " Till dig", "Till dig "}, {"a", "b", "b"}, {"", "b", "b"}} {
		if got := wording.Fits(tt.was, tt.now); got != tt.want {
			t.Errorf("%q for %q: %q, want %q", tt.now, tt.was, got, tt.want)
		}
	}
}

// said makes revisions of one key: from, until, text; "" goes back.
func said(xs ...[3]any) []wording.Revision {
	var out []wording.Revision
	for i, x := range xs {
		r := wording.Revision{No: i + 1, Key: "k", From: first + day.Day(x[0].(int)), At: noon.Add(time.Duration(i) * time.Hour)}
		if until := x[1].(int); until != 0 {
			r.Until = first + day.Day(until)
		}
		r.Text.SV = x[2].(string)
		out = append(out, r)
	}
	return out
}

// TestInForce by hand: what begins last holds; a while ends; going back takes
// back what was planned; and what was noted later changes nothing before it.
func TestInForce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		revs []wording.Revision
		want string // of days 0, 1, …
	}{
		{"none", nil, "----"},
		{"from a day", said([3]any{1, 0, "a"}), "-aaa"},
		{"for a while", said([3]any{0, 0, "a"}, [3]any{1, 2, "b"}), "abba"},
		{"planned stays when the present changes", said([3]any{2, 0, "n"}, [3]any{0, 0, "a"}), "aann"},
		{"the same day again", said([3]any{1, 0, "a"}, [3]any{1, 0, "b"}), "-bbb"},
		{"back", said([3]any{0, 0, "a"}, [3]any{2, 0, ""}), "aa--"},
		{"back takes the planned", said([3]any{0, 0, "a"}, [3]any{3, 0, "n"}, [3]any{1, 0, ""}), "a---"},
		{"said again after going back", said([3]any{0, 0, "a"}, [3]any{1, 0, ""}, [3]any{2, 0, "b"}), "a-bb"},
	} {
		got := ""
		for d := range 4 {
			if r, ok := wording.InForce(tt.revs, first+day.Day(d), wording.Latest); ok {
				got += r.Text.SV
			} else {
				got += "-"
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	revs := said([3]any{0, 0, "a"}, [3]any{0, 0, "b"})
	for hours, want := range map[int]string{-1: "", 0: "a", 1: "b"} {
		if r, _ := wording.InForce(revs, first, noon.Add(time.Duration(hours)*time.Hour)); r.Text.SV != want {
			t.Errorf("known after %d hours: %q, want %q", hours, r.Text.SV, want)
		}
	}
}

// TestWhatWasSaidStays: whatever is noted later, for whatever day, a day as it
// was known at a time reads as it did.
func TestWhatWasSaidStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var revs []wording.Revision
		draw := func(n int) {
			for range rapid.IntRange(0, n).Draw(r, "changes") {
				i := len(revs)
				x := wording.Revision{No: i + 1, Key: "k", From: first + day.Day(rapid.IntRange(0, 9).Draw(r, "from")), At: noon.Add(time.Duration(i) * time.Minute)}
				if rapid.Bool().Draw(r, "ends") {
					x.Until = x.From + day.Day(rapid.IntRange(0, 5).Draw(r, "days"))
				}
				if rapid.IntRange(0, 3).Draw(r, "what") > 0 {
					x.Text.SV = fmt.Sprint("text ", i)
				}
				revs = append(revs, x)
			}
		}
		draw(6)
		known := noon.Add(time.Duration(len(revs))*time.Minute - time.Second)
		before := wording.NewHistory(append([]wording.Revision(nil), revs...))
		draw(6)
		after := wording.NewHistory(revs)
		for d := first; d < first+16; d++ {
			was, now := before.On(d, wording.Latest), after.On(d, known)
			if was["k"] != now["k"] {
				r.Fatalf("on %s: %v, then %v", d, was["k"], now["k"])
			}
		}
	})
}

func TestPlanned(t *testing.T) {
	t.Parallel()
	h := wording.NewHistory(said([3]any{0, 0, "a"}, [3]any{2, 0, "n"}, [3]any{2, 0, "m"}))
	if p := h.Planned("k", first); len(p) != 1 || p[0].Text.SV != "m" {
		t.Errorf("%+v", p)
	}
	h = wording.NewHistory(said([3]any{2, 0, "n"}, [3]any{0, 0, ""}))
	if p := h.Planned("k", first); len(p) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	b := book(t)
	keys := func(q string) (out string) {
		for _, o := range b.Search(q, map[string]catalog.Text{"desk.label": {SV: "Varför", EN: "Why"}}) {
			out += o.Key + " "
		}
		return out
	}
	for q, want := range map[string]string{"MISSING": "desk.lead ", "vad fattas": "desk.lead ", "varför": "desk.label ", "letter.": "letter.a ", "nothing of it": ""} {
		if got := keys(q); got != want {
			t.Errorf("%q: %q, want %q", q, got, want)
		}
	}
	if _, err := wording.NewBook([]wording.Original{{Key: "a"}}, []wording.Original{{Key: "a"}}); err == nil {
		t.Error("a key that comes twice is taken")
	}
}
