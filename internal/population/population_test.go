package population

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluss/internal/day"
	_ "sluss/internal/drawtest"
	"sluss/internal/fault"
	"sluss/internal/swede"
)

var on = day.MustParse("2026-11-21")

func split(s string) [][]byte {
	var out [][]byte
	for _, c := range strings.Split(s, ";") {
		out = append(out, []byte(c))
	}
	return out
}

// check runs lines given as "a;b" through a check.
func check(o Options, header string, lines ...string) (Result, error) {
	o.At = on
	c, err := New(split(header), o)
	if err != nil {
		return Result{}, err
	}
	for i, l := range lines {
		if err := c.Row(i+2, split(l)); err != nil {
			return Result{}, err
		}
	}
	return c.Result(), nil
}

func code(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Code
	}
	return ""
}

const (
	tolvan = "191212121212"
	other  = "198112189876"
	third  = "196408833231" // samordningsnummer
)

func TestReasons(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, header string
		lines        []string
		want         string // JSON of the contract
	}{
		{"spellings of one person", "personnummer", []string{tolvan, "19121212-1212", "121212+1212", "19121212+1212"}, `{"rows":4,"accepted":1,"duplicates":3,"invalid":{},"lines":{}}`},
		{"without a sign it is another person", "pnr", []string{tolvan, "121212-1212"}, `{"rows":2,"accepted":2,"duplicates":0,"invalid":{},"lines":{}}`},
		{
			"one of each", "Pers nr;kön",
			[]string{"abc;1", "178112189876;1", "198113189876;1", "198112189877;1", ";1", "   ;", other + ";1;x", other + ";1", other, "8112189876;2"},
			`{"rows":10,"accepted":1,"duplicates":2,"invalid":{"century":1,"check_digit":1,"date":1,"empty":2,"format":1,"unknown_column":1},"lines":{"century":[3],"check_digit":[5],"date":[4],"empty":[6,7],"format":[2],"unknown_column":[8]}}`,
		},
		{
			"löpnummer both ways", "LopNr;PersonNr",
			[]string{"1;" + tolvan, "1;" + other, "2;" + tolvan, "2;" + other, "1;" + tolvan, "3;" + third, ";" + third, "1;" + third},
			`{"rows":8,"accepted":3,"duplicates":1,"invalid":{"empty":1,"lopnr_conflict":3},"lines":{"empty":[8],"lopnr_conflict":[3,4,9]}}`,
		},
		{"löpnummer as text", "lopnr;pnr", []string{"a;" + tolvan, "A;" + other, "a;" + third, "007;" + third, "7;" + third}, `{"rows":5,"accepted":3,"duplicates":0,"invalid":{"lopnr_conflict":2},"lines":{"lopnr_conflict":[4,6]}}`},
		{"a faulty line reserves no löpnummer", "lopnr;pnr", []string{"1;198112189877", "1;" + other}, `{"rows":2,"accepted":1,"duplicates":0,"invalid":{"check_digit":1},"lines":{"check_digit":[2]}}`},
		{"one column needs no known name", "deltagare", []string{tolvan}, `{"rows":1,"accepted":1,"duplicates":0,"invalid":{},"lines":{}}`},
		{"no lines", "pnr", nil, `{"rows":0,"accepted":0,"duplicates":0,"invalid":{},"lines":{}}`},
		{"blank trailing cells are nothing", "pnr;;", []string{tolvan + ";;", other + ";;;;", third + ";;x"}, `{"rows":3,"accepted":2,"duplicates":0,"invalid":{"unknown_column":1},"lines":{"unknown_column":[4]}}`},
		{"zero is a löpnummer", "pnr;lopnr", []string{tolvan + ";0", tolvan + ";1", other + ";0"}, `{"rows":3,"accepted":1,"duplicates":0,"invalid":{"lopnr_conflict":2},"lines":{"lopnr_conflict":[3,4]}}`},
	} {
		r, err := check(Options{}, tt.header, tt.lines...)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := json.Marshal(r)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, h := range []string{
		"personnummer", "PERSONNUMMER", " Person nummer ", "person_nummer", "pnr;lopnr", "lopnr;pnr", "Person-ID;x", "id;index", "löpnr;id", "Löpnummer;Personnr", "PNR12",
	} {
		o := Options{At: on}
		c, err := New(split(h), o)
		if err != nil {
			t.Errorf("%s: %v", h, err)
			continue
		}
		if want := strings.Contains(fold(h), "lop"); (c.layout.serial >= 0) != want {
			t.Errorf("%s: löpnummer in column %d", h, c.layout.serial)
		}
	}
	for h, want := range map[string]string{
		tolvan: "population.no_header", "121212-1212;5": "population.no_header", "lopnr;19121212+1212": "population.no_header",
		"198112189877": "population.no_header", "": "population.no_header", ";;": "population.no_header",
		"namn;kön": "population.no_id_column", "pnr;Pnr": "population.column_twice", "pnr;lopnr;löp-nr": "population.column_twice",
	} {
		_, err := New(split(h), Options{At: on})
		if code(err) != want || fault.ClassOf(err) != fault.Input {
			t.Errorf("%s: %v, want %s", h, err, want)
		}
		if err != nil && swede.Contains(err.Error()) {
			t.Error("the fault repeats a number")
		}
	}
	if _, err := check(Options{ID: "min kolumn", Serial: "nyckel"}, "x;Min Kolumn;NYCKEL", "a;"+tolvan+";1"); err != nil {
		t.Error(err)
	}
	if _, err := check(Options{ID: "saknas"}, "pnr"); code(err) != "population.no_id_column" {
		t.Error(err)
	}
	if _, err := check(Options{Serial: "saknas"}, "pnr"); code(err) != "population.missing_column" {
		t.Error(err)
	}
}

func spec(extra ...Column) *Spec { return &Spec{ID: "personnummer", Serial: "", Extra: extra} }

func TestDecisionBoundsColumns(t *testing.T) {
	t.Parallel()
	index := Column{"indexdatum", TypeDate, UseSteer}
	group := Column{"grupp", TypeCode, UsePass}
	count := Column{"antal", TypeInt, UsePass}
	drop := Column{"namn", TypeCode, UseDrop}
	s := spec(index, group, count, drop)
	var got []string
	o := Options{Spec: s, Accept: func(p Person) error {
		got = append(got, fmt.Sprint(p.Line, p.Extra))
		return nil
	}}
	r, err := check(o, "Grupp;personnummer;index datum;antal;Namn",
		"fall;"+tolvan+";2024-01-05;-3;Någon Med Åäö",
		"a b;"+other+";2024-01-05;1;x",
		"fall;"+other+";2024-02-30;1;x",
		"fall;"+other+";2024-02-28;1,5;x",
		"19121212-1212;"+other+";20240228;1;x",
		"kontroll;"+other+";20240228;;",
		"fall;"+other+";20240228;;",
		"kontroll;"+other+";20240228;;annan")
	if err != nil {
		t.Fatal(err)
	}
	j, _ := json.Marshal(r)
	if want := `{"rows":8,"accepted":2,"duplicates":2,"invalid":{"format":4},"lines":{"format":[3,4,5,6]}}`; string(j) != want {
		t.Errorf("%s", j)
	}
	want := []string{
		fmt.Sprint(2, []Value{{true, int64(day.MustParse("2024-01-05")), ""}, {true, 0, "fall"}, {true, -3, ""}}),
		fmt.Sprint(7, []Value{{true, int64(day.MustParse("2024-02-28")), ""}, {true, 0, "kontroll"}, {}}),
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if r.Differing != 1 || r.WrongValues["grupp"] != 2 || r.WrongValues["indexdatum"] != 1 || r.WrongValues["antal"] != 1 || r.BlankValues["antal"] != 1 {
		t.Errorf("%+v", r)
	}
	for header, want := range map[string]string{
		"personnummer;indexdatum;grupp;antal;namn;inkomst": "population.unknown_column",
		"personnummer;indexdatum;grupp;antal;lopnr":        "population.unknown_column",
		"personnummer;grupp;antal":                         "population.missing_column",
		"pnr;indexdatum;grupp;antal":                       "population.missing_column",
		"personnummer;indexdatum;grupp;antal;Grupp":        "population.column_twice",
		"personnummer;indexdatum;grupp;antal":              "",
	} {
		_, err := check(Options{Spec: s}, header)
		if code(err) != want {
			t.Errorf("%s: %v, want %s", header, err, want)
		}
	}
	_, err = check(Options{Spec: spec()}, "personnummer;inkomst")
	if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Where.Column != "inkomst" {
		t.Errorf("the column is not named: %v", err)
	}
}

func TestParseSpec(t *testing.T) {
	t.Parallel()
	want := Spec{ID: "pnr", Serial: "lopnr", Extra: []Column{{"index", TypeDate, UseSteer}}}
	bare := `{"id":"pnr","serial":"lopnr","extra":[{"name":"index","type":"date","use":"steer"}]}`
	for _, text := range []string{bare, `{"decision":"B1","population":` + bare + `}`} {
		if got, err := ParseSpec([]byte(text)); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%+v %v", got, err)
		}
	}
	for _, text := range []string{
		``, `{}`, `[]`, `{"id":"pnr","persons":1}`, `{"id":"pnr","extra":[{"name":"x","type":"float","use":"pass"}]}`,
		`{"id":"pnr","extra":[{"name":"x","type":"int"}]}`, `{"id":"pnr","serial":"PNR"}`,
		`{"id":"pnr","extra":[{"name":" ","type":"int","use":"pass"}]}`,
	} {
		if _, err := ParseSpec([]byte(text)); code(err) != "population.decision" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSyntheticMode(t *testing.T) {
	t.Parallel()
	fake := fmt.Sprint(swede.Make(day.MustParse("1970-05-05"), 7, false, swede.Synthetic).Reveal())
	for mode, want := range map[swede.Mode]string{swede.Real: "[3]", swede.Synthetic: "[2]"} {
		r, err := check(Options{Mode: mode}, "pnr", other, fake)
		if err != nil || r.Accepted != 1 || fmt.Sprint(r.Lines[CheckDigit]) != want {
			t.Errorf("mode %d: %+v %v", mode, r, err)
		}
	}
}

func TestAcceptStops(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	_, err := check(Options{Accept: func(Person) error { return full }}, "pnr", other)
	if !errors.Is(err, full) {
		t.Error(err)
	}
}

// The sums agree, every line is in one class, the first line of a person is
// the accepted one, and accepted persons and löpnummer are one to one, by a
// slow check of its own.
func TestClassesPartitionTheFile(t *testing.T) {
	t.Parallel()
	pool := []string{tolvan, "121212+1212", other, "811218-9876", third, "198112189877", "", "x", "178112189876", "198199189876"}
	person := map[string]string{tolvan: "t", "121212+1212": "t", other: "o", "811218-9876": "o", third: "s"}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 30).Draw(t, "lines")
		var lines []string
		accepted := map[string]string{}
		owner := map[string]string{}
		var first []int
		duplicates := 0
		for i := range n {
			id := rapid.SampledFrom(pool).Draw(t, "id")
			serial := rapid.SampledFrom([]string{"1", "2", "x", "001"}).Draw(t, "serial")
			lines = append(lines, id+";"+serial)
			who := person[id]
			switch {
			case who == "":
			case accepted[who] == serial:
				duplicates++
			case accepted[who] == "" && owner[serial] == "":
				accepted[who], owner[serial] = serial, who
				first = append(first, i+2)
			}
		}
		var got []int
		r, err := check(Options{Accept: func(p Person) error { got = append(got, p.Line); return nil }}, "pnr;lopnr", lines...)
		if err != nil {
			t.Fatal(err)
		}
		sum := r.Accepted + r.Duplicates
		seen := map[int]bool{}
		for reason, count := range r.Invalid {
			sum += count
			if len(r.Lines[reason]) != count || !slices.IsSorted(r.Lines[reason]) {
				t.Fatalf("%s: %d lines, count %d", reason, len(r.Lines[reason]), count)
			}
			for _, l := range r.Lines[reason] {
				if seen[l] {
					t.Fatal("a line in two classes")
				}
				seen[l] = true
			}
		}
		if r.Rows != n || sum != n || r.Duplicates != duplicates || !slices.Equal(got, first) || len(r.Lines) != len(r.Invalid) {
			t.Fatalf("%+v, accepted %v, want %v and %d duplicates", r, got, first, duplicates)
		}
	})
}

func TestTable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := map[uint64]int{}
		tab := table{low: indexBits}
		step := rapid.Uint64Range(1, 1<<40).Draw(t, "step")
		for i := range rapid.SampledFrom([]int{0, 10, 5000, 50_000}).Draw(t, "n") {
			k := 1 + uint64(i)*step%(1<<35-1)
			if _, ok := want[k]; ok {
				continue
			}
			want[k] = i
			if place, there := tab.find(k); !there {
				tab.fill(place, k, i)
			}
		}
		for k, v := range want {
			if place, there := tab.find(k); !there || tab.index(place) != v {
				t.Fatalf("%d is lost", k)
			}
			_, in := want[k+1]
			if _, there := tab.find(k + 1); there != in {
				t.Fatal("a key that is not there")
			}
		}
	})
}

func TestKeySet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := map[uint64]bool{}
		var set keySet
		for range rapid.IntRange(0, 200).Draw(t, "n") {
			k := rapid.OneOf(rapid.Uint64Range(1, 300), rapid.Uint64Range(smallKeys-2, smallKeys+2), rapid.Uint64Range(1<<63, 1<<63+9)).Draw(t, "key")
			if set.add(k) == want[k] {
				t.Fatalf("%d", k)
			}
			want[k] = true
		}
	})
}

func TestPromise14ReportHoldsNoNumber(t *testing.T) {
	t.Parallel()
	r, err := check(Options{Spec: &Spec{ID: "pnr", Serial: "lopnr", Extra: []Column{{"grupp", TypeCode, UsePass}, {tolvan, TypeCode, UseDrop}}}},
		"pnr;lopnr;grupp", tolvan+";1;a", tolvan+";1;b", other+";"+other+";"+tolvan, "198112189877;3;x", third+";"+third+";")
	if err != nil {
		t.Fatal(err)
	}
	j, _ := json.Marshal(r)
	text := r.Text("sv") + r.Text("en") + string(j) + fmt.Sprintf("%+v", r)
	for _, s := range []string{tolvan, other, third, "198112189877", "1212121212"} {
		if strings.Contains(text, s) {
			t.Error("the report holds a number")
		}
	}
	for _, want := range []string{"fel kontrollsiffra", "wrong check digit", "Dubbletter vars", "line 5"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
}

func TestReportNamesEveryReason(t *testing.T) {
	t.Parallel()
	named := map[Reason]bool{}
	for _, x := range reasons {
		named[x.r] = true
	}
	for _, r := range []Reason{Format, Century, Date, CheckDigit, LopnrConflict, Empty, UnknownColumn} {
		if !named[r] {
			t.Errorf("%s has no text", r)
		}
	}
	if len(slices.Collect(maps.Keys(named))) != 7 {
		t.Error("a reason too many")
	}
}

func BenchmarkCheck(b *testing.B) {
	lines := make([][][]byte, 1_000_000)
	for i := range lines {
		p := swede.Make(day.Of(1930, 1, 1)+day.Day(i%25_000), i/25_000, false, swede.Real)
		lines[i] = [][]byte{fmt.Append(nil, p.Reveal()), fmt.Append(nil, i)}
	}
	for b.Loop() {
		c, err := New(split("pnr;lopnr"), Options{At: on})
		if err != nil {
			b.Fatal(err)
		}
		for i, l := range lines {
			_ = c.Row(i+2, l)
		}
		if c.Result().Accepted != len(lines) {
			b.Fatal(c.Result().Invalid)
		}
	}
}

// TestOrganisations: legal persons, however they are written, and sole traders,
// whose number is a person's. Whoever stands twice is one.
func TestOrganisations(t *testing.T) {
	t.Parallel()
	var got []string
	o := Options{Organisations: true, Accept: func(p Person) error {
		trader, is := p.Organisation.Person()
		if is != !p.Number.IsZero() || is && trader != p.Number {
			t.Errorf("line %d: the trader is not the person", p.Line)
		}
		got = append(got, fmt.Sprint(p.Organisation.Whole(), is))
		return nil
	}}
	r, err := check(o, "orgnr", "556036-0793", "165560360793", "2021005521", tolvan, "19121212-1212", "121212+1212", "5560360794", "556036", "", "162021005521")
	want := Result{
		Rows: 10, Accepted: 3, Duplicates: 4, Organisations: 2, Invalid: map[Reason]int{CheckDigit: 1, Format: 1, Empty: 1},
		Lines: map[Reason][]int{CheckDigit: {8}, Format: {9}, Empty: {10}}, WrongValues: map[string]int{}, BlankValues: map[string]int{},
	}
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Error(d)
	}
	if !slices.Equal(got, []string{"165560360793 false", "162021005521 false", "191212121212 true"}) {
		t.Errorf("%v", got)
	}
	// A file of persons takes none of them.
	if r, _ := check(Options{}, "pnr", "556036-0793", "2021005521"); r.Accepted != 0 {
		t.Error("an organisation is taken for a person")
	}
	if _, err := check(Options{Organisations: true}, "pnr;namn", tolvan+";x"); code(err) != "population.no_id_column" {
		t.Errorf("a column of persons: %v", err)
	}
	if text := r.Text("sv"); !strings.Contains(text, "godkända organisationer") || !strings.Contains(text, "enskilda näringsidkare") {
		t.Error(text)
	}
}
