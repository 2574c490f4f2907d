package episode

import (
	"math/rand/v2"
	"testing"

	"sluss/internal/day"
)

// benchPersons makes persons of about 100 rows in three keys, monthly
// payments from 2005 on with 4 % reversals and 2 % overlaps, sorted by first
// day (or by key and first day).
func benchPersons(n int, byKey bool) ([][]Row, int) {
	rnd := rand.New(rand.NewPCG(1, 2))
	persons := make([][]Row, n)
	total := 0
	for i := range persons {
		var rows []Row
		for key := range uint32(3) {
			d := day.MustParse("2005-01-01") + day.Day(rnd.IntN(2000))
			for range 20 + rnd.IntN(26) {
				length := day.Day(5 + rnd.IntN(26))
				if rnd.IntN(4) == 0 {
					d += day.Day(rnd.IntN(200))
				}
				r := Row{
					From: d, To: d + length, Tx: int64(d + length + 10), RowID: int64(total + len(rows)), Key: key, Track: 1,
					Extent: []uint16{250, 500, 750, 1000, 1000, 1000}[rnd.IntN(6)], Amount: int64(length) * 80000, State: uint32(rnd.IntN(10)) / 9,
				}
				rows = append(rows, r)
				switch rnd.IntN(50) {
				case 0, 1:
					r.Kind, r.Tx, r.RowID = Rev, r.Tx+40, r.RowID+1
					rows = append(rows, r)
				case 2:
					r.Track, r.From, r.RowID = 2, r.From+2, r.RowID+1
					rows = append(rows, r)
				}
				d += length
			}
		}
		if !byKey {
			sortRows(rows)
		}
		persons[i] = rows
		total += len(rows)
	}
	return persons, total
}

func sortRows(rows []Row) {
	for i := 1; i < len(rows); i++ {
		for j := i; j > 0 && rows[j-1].From > rows[j].From; j-- {
			rows[j-1], rows[j] = rows[j], rows[j-1]
		}
	}
}

func benchmark(b *testing.B, byKey bool, work func(*Kernel, []Row)) {
	persons, total := benchPersons(2000, byKey)
	k := New(Defaults())
	for _, p := range persons {
		work(k, p)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range persons {
			work(k, p)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(total), "ns/row")
	b.ReportMetric(float64(total)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkBuild(b *testing.B) {
	benchmark(b, true, func(k *Kernel, rows []Row) { _ = k.Build(rows) })
}

func BenchmarkBuildByDay(b *testing.B) {
	benchmark(b, false, func(k *Kernel, rows []Row) { _ = k.Build(rows) })
}

func BenchmarkSpells(b *testing.B) {
	benchmark(b, true, func(k *Kernel, rows []Row) {
		_ = k.Build(rows)
		_, _, _ = k.Deliver(Always())
	})
}

// BenchmarkEverything is what the engine's benchmark asks for: spells,
// sub-spells, month and year panels with amounts.
func BenchmarkEverything(b *testing.B) {
	var months, years []Cell
	benchmark(b, true, func(k *Kernel, rows []Row) {
		_ = k.Build(rows)
		_, _, _ = k.Deliver(Always())
		months = k.Panel(ByMonth, months[:0])
		years = Coarsen(months, ByMonth, ByYear, years[:0])
	})
}

// BenchmarkHopeless is one key whose 10 000 rows all overlap.
func BenchmarkHopeless(b *testing.B) {
	rnd := rand.New(rand.NewPCG(3, 4))
	rows := make([]Row, 10_000)
	for i := range rows {
		from := day.Day(rnd.IntN(20_000))
		rows[i] = Row{From: from, To: from + 1 + day.Day(rnd.IntN(10_000)), Tx: rnd.Int64N(100), RowID: int64(i), Track: rnd.Uint32N(100), Extent: uint16(rnd.IntN(8)) * 125, Kind: Kind(rnd.IntN(2)), Amount: rnd.Int64N(1e6)}
	}
	k := New(Defaults())
	b.ReportAllocs()
	for b.Loop() {
		_ = k.Build(rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
}
