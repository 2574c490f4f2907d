package episode

import (
	"slices"
	"strconv"
	"testing"

	"sluss/internal/day"
)

func TestTopUp(t *testing.T) {
	t.Parallel()
	rule := TopUp{MaxPerNetDay: 100}
	from := day.MustParse("2024-03-01")
	for _, tt := range []struct {
		name   string
		ore    int64
		days   day.Day
		extent uint16
		want   bool
	}{
		{"100.99 kronor a day", 10 * 10099, 10, 1000, true},
		{"101 kronor a day", 10 * 10100, 10, 1000, false},
		{"an öre less than 101 kronor a day", 10*10100 - 1, 10, 1000, true},
		{"half days count half: 5 net days", 5*10100 - 1, 10, 500, true},
		{"half days, 101 kronor by net day", 5 * 10100, 10, 500, false},
		{"an eighth of a day, 12.62 kronor", 1262, 1, 125, true},
		{"an eighth of a day, 12.63 kronor", 1263, 1, 125, false},
		{"no amount is no top-up", 0, 10, 1000, false},
		{"no net days", 500, 10, 0, false},
		{"no end", 500, day.Open - from, 1000, false},
		{"the greatest amount", 1<<63 - 1, 3_000_000, 1000, false},
	} {
		if got := rule.Is(tt.ore, from, from+tt.days, tt.extent); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
	if (TopUp{}).Is(1, from, from+10, 1000) {
		t.Error("without a limit there are none")
	}
}

func TestSickPayBefore(t *testing.T) {
	t.Parallel()
	from := day.MustParse("2024-03-15")
	for _, tt := range []struct {
		ill  string
		max  int32
		want uint8
	}{
		{"2024-03-14", 14, 1},
		{"2024-03-01", 14, 14},
		{"2024-02-29", 14, 0}, // the period does not reach the payment
		{"2024-03-15", 14, 0},
		{"2024-04-01", 14, 0},
		{"2024-03-01", 0, 0},
		{"1900-01-01", 14, 0},
	} {
		if got := (SickPay{tt.max}).Before(day.MustParse(tt.ill), from); got != tt.want {
			t.Errorf("ill from %s, %d days: %d, want %d", tt.ill, tt.max, got, tt.want)
		}
	}
}

// lines are the sub-spells of rows and their cells by month, each in a few words.
func lines(t *testing.T, rows []Row, rule Rule) (out []string) {
	t.Helper()
	o := Defaults()
	o.Rule = rule
	k := New(o)
	if err := k.Build(rows); err != nil {
		t.Fatal(err)
	}
	_, subs, err := k.Deliver(Always())
	if err != nil {
		t.Fatal(err)
	}
	for i := range subs {
		b := &subs[i]
		text := string(b.From.AppendTo(nil))[5:] + ".." + string((b.To - 1).AppendTo(nil))[5:]
		out = append(out, text+"@"+[]string{"0", "50", "100"}[b.Extent/500]+" spell "+string(rune('1'+b.Spell)))
	}
	for _, c := range k.Panel(ByMonth, nil) {
		out = append(out, string(ByMonth.Append(nil, c.Period))+" "+strconv.Itoa(int(c.Days))+" days "+strconv.FormatInt(c.Amount, 10))
	}
	return out
}

func TestAssumptions(t *testing.T) {
	t.Parallel()
	d := func(s string) day.Day { return day.MustParse("2024-" + s) }
	pay := func(from, tom string, more func(*Row)) Row {
		r := Row{From: d(from), To: d(tom) + 1, Extent: Full}
		if more != nil {
			more(&r)
		}
		return r
	}
	rule := Rule{MaxGap: 4, FarGap: 19}
	far := func(r *Row) { r.Far = true }
	lead := func(n uint8) func(*Row) { return func(r *Row) { r.Lead = n } }
	for _, tt := range []struct {
		name string
		rows []Row
		want []string
	}{
		// A2, SFB 27:33: a period that starts within 20 days continues the former.
		{"19 free days of the self-employed", []Row{pay("01-01", "01-10", far), pay("01-30", "02-05", far)}, []string{"01-01..01-10@100 spell 1", "01-30..02-05@100 spell 1", "2024-01 12 days 0", "2024-02 5 days 0"}},
		{"20 free days", []Row{pay("01-01", "01-10", far), pay("01-31", "02-05", far)}, []string{"01-01..01-10@100 spell 1", "01-31..02-05@100 spell 2", "2024-01 11 days 0", "2024-02 5 days 0"}},
		{"the period that begins decides", []Row{pay("01-01", "01-10", far), pay("01-20", "01-31", nil)}, []string{"01-01..01-10@100 spell 1", "01-20..01-31@100 spell 2", "2024-01 22 days 0"}},
		{"nobody else's changes", []Row{pay("01-01", "01-10", nil), pay("01-15", "01-31", nil)}, []string{"01-01..01-10@100 spell 1", "01-15..01-31@100 spell 1", "2024-01 27 days 0"}},

		// A3: fourteen days of sick pay come before the benefit.
		{"sick pay", []Row{pay("01-15", "01-31", lead(14))}, []string{"01-01..01-14@0 spell 1", "01-15..01-31@100 spell 1", "2024-01 31 days 0"}},
		{"sick pay from the year before", []Row{pay("01-05", "01-31", lead(6))}, []string{"12-30..01-04@0 spell 1", "01-05..01-31@100 spell 1", "2023-12 2 days 0", "2024-01 31 days 0"}},
		{"as far as nothing else covers", []Row{pay("01-01", "01-10", nil), pay("01-15", "01-31", lead(10))}, []string{"01-01..01-10@100 spell 1", "01-11..01-14@0 spell 1", "01-15..01-31@100 spell 1", "2024-01 31 days 0"}},
		{"later payments of the case add nothing", []Row{pay("01-15", "01-20", lead(14)), pay("01-21", "01-31", lead(14))}, []string{"01-01..01-14@0 spell 1", "01-15..01-31@100 spell 1", "2024-01 31 days 0"}},
		{"a payment taken back has no sick pay", []Row{pay("01-15", "01-31", lead(14)), pay("01-15", "01-31", func(r *Row) { r.Kind, r.Tx, r.Lead = Rev, 1, 14 })}, nil},
		{"nor one whose first days are taken back", []Row{pay("01-15", "01-31", lead(14)), pay("01-15", "01-16", func(r *Row) { r.Kind, r.Tx = Rev, 1 })}, []string{"01-17..01-31@100 spell 1", "2024-01 15 days 0"}},
		{"sick pay joins as days do", []Row{pay("01-01", "01-05", nil), pay("01-24", "01-31", lead(14))}, []string{"01-01..01-05@100 spell 1", "01-10..01-23@0 spell 1", "01-24..01-31@100 spell 1", "2024-01 27 days 0"}},
		{"a payment of extent 0", []Row{pay("01-15", "01-31", func(r *Row) { r.Lead, r.Extent = 14, 0 })}, []string{"01-01..01-31@0 spell 1", "2024-01 31 days 0"}},

		// A5: money without days.
		{"a top-up alone", []Row{pay("01-01", "01-31", func(r *Row) { r.MoneyOnly, r.Amount = true, 3100 })}, []string{"2024-01 0 days 3100"}},
		{"a top-up beside days", []Row{pay("01-01", "01-10", nil), pay("01-06", "02-04", func(r *Row) { r.MoneyOnly, r.Amount, r.Track = true, 3000, 1 })}, []string{"01-01..01-10@100 spell 1", "2024-01 10 days 2600", "2024-02 0 days 400"}},
		{"a later top-up takes no day", []Row{pay("01-01", "01-10", nil), pay("01-01", "01-10", func(r *Row) { r.MoneyOnly, r.Amount, r.Tx, r.Extent = true, 1000, 5, 500 })}, []string{"01-01..01-10@100 spell 1", "2024-01 10 days 1000"}},
		{"a top-up taken back", []Row{pay("01-01", "01-10", func(r *Row) { r.MoneyOnly, r.Amount = true, 1000 }), pay("01-01", "01-10", func(r *Row) { r.MoneyOnly, r.Amount, r.Kind, r.Tx = true, 1000, Rev, 5 })}, nil},
		{"its reversal takes no day back", []Row{pay("01-01", "01-10", nil), pay("01-01", "01-10", func(r *Row) { r.MoneyOnly, r.Amount, r.Kind, r.Tx = true, 1000, Rev, 5 })}, []string{"01-01..01-10@100 spell 1", "2024-01 10 days -1000"}},
		{"equal top-ups count once", []Row{pay("01-01", "01-10", func(r *Row) { r.MoneyOnly, r.Amount = true, 1000 }), pay("01-01", "01-10", func(r *Row) { r.MoneyOnly, r.Amount, r.RowID = true, 1000, 5 })}, []string{"2024-01 0 days 1000"}},
		{"a top-up brings no sick pay", []Row{pay("01-15", "01-24", func(r *Row) { r.MoneyOnly, r.Amount, r.Lead = true, 1000, 14 })}, []string{"2024-01 0 days 1000"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := lines(t, tt.rows, rule); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
