package cluster

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"sluss/internal/engine/embedded"
	"sluss/internal/engine/enginetest"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// BenchmarkKernel measures one process of a cluster on one core, from the Arrow
// stream of a partition of sickness benefit (about 100 rows a person) to
// records: spells, sub-spells and payments, or a month panel alone. The figures
// of docs/scale.md are from here.
func BenchmarkKernel(b *testing.B) {
	dir := b.TempDir()
	c := rig.Config{Persons: 10_000, Seed: 5, SickRows: 100, Tables: []string{"midas_sjp"}}
	if _, err := rig.New(c).Write(b.Context(), filepath.Join(dir, "src"), nil); err != nil {
		b.Fatal(err)
	}
	o := register.Options{From: filepath.Join(dir, "src"), Store: filepath.Join(dir, "store"), ID: enginetest.Snapshot, At: c.At()}
	if _, err := register.Load(b.Context(), o); err != nil {
		b.Fatal(err)
	}
	s, err := register.Open(o.Store, o.ID)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	src := embedded.Of(s)
	l := &Layout{Format: layoutFormat, Snapshot: s.ID(), Day: s.LoadedAt(), Persons: s.Persons(), Buckets: 1, Tables: []TableLayout{layoutOf(s.Table("midas_sjp"))}}
	e := &Engine{Layout: l, Birth: src.Birth, Partitions: 1}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, take := range map[string]func(*enginetest.Extract) bool{
		"three": func(x *enginetest.Extract) bool { return x.Shape != "panel_month" },
		"panel": func(x *enginetest.Extract) bool { return x.Shape == "panel_month" },
	} {
		j := everybody(src)
		j.Spec.Extracts = nil
		for _, x := range []enginetest.Extract{
			{Name: "sjukfall", Shape: "spell", Gap: 4, Columns: []string{"lopnr", "fall_nr", "from_datum", "tom_datum", "dagar", "nettodagar", "diagnos"}},
			{Name: "delfall", Shape: "subspell", Columns: []string{"lopnr", "from_datum", "tom_datum", "omfattning", "niva", "delforman"}},
			{Name: "rader", Shape: "payment", Columns: []string{"lopnr", "from_datum", "tom_datum", "belopp"}},
			{Name: "manad", Shape: "panel_month", Columns: []string{"lopnr", "manad", "dagar", "belopp"}},
		} {
			if take(&x) {
				j.Spec.Extracts = append(j.Spec.Extracts, x.Plan())
			}
		}
		j.Scope = enginetest.Job(enginetest.World{}, enginetest.Extract{}).Scope
		w, err := e.workFor(j)
		if err != nil {
			b.Fatal(err)
		}
		in, rows := wholeTable(b, w, src.Table("midas_sjp"), l)
		b.Run(name, func(b *testing.B) {
			var out counting
			for b.Loop() {
				if err := Kernel(b.Context(), w.Tasks[0], bytes.NewReader(in), &out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(len(in))/float64(rows), "bytes-in/row")
			b.ReportMetric(float64(out)/float64(rows)/float64(b.N), "bytes-out/row")
		})
		if path := os.Getenv("SLUSS_STREAM"); path != "" && name == "three" { // for measuring the program itself
			task, err := w.Tasks[0].seal()
			if err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(path, in, 0o600); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(path+".json", task, 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
}

type counting int64

func (c *counting) Write(p []byte) (int, error) {
	*c += counting(len(p))
	return len(p), nil
}

var _ io.Writer = (*counting)(nil)

// wholeTable is the stream of everybody: seats first, then rows, 50 000 to a batch.
func wholeTable(b *testing.B, w *Work, table *embedded.Table, l *Layout) ([]byte, int) {
	t := w.Tasks[0]
	var out bytes.Buffer
	fields := []arrow.Field{
		{Name: columnPlace, Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: columnBorn, Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	}
	fields = append(fields, t.Table.schema().Fields()...)
	schema := arrow.NewSchema(fields, nil)
	p := ipc.NewWriter(&out, ipc.WithSchema(schema))
	seats := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range w.Seats {
		s := &w.Seats[i]
		seats.Field(0).(*array.Int64Builder).Append(s.Place)
		appendDay(seats.Field(1), int32(s.Born), s.HasBorn)
		seats.Field(2).(*array.Int64Builder).Append(int64(s.Person))
		for k := 3; k < len(fields); k++ {
			seats.Field(k).AppendNull()
		}
	}
	if err := p.Write(seats.NewRecordBatch()); err != nil {
		b.Fatal(err)
	}
	rows := 0
	var persons []int64
	var at []int32
	flush := func() {
		cols := []arrow.Array{array.MakeArrayOfNull(memory.DefaultAllocator, fields[0].Type, len(at)), array.MakeArrayOfNull(memory.DefaultAllocator, fields[1].Type, len(at))}
		some := make([]*embedded.Plain, len(t.Table.Columns))
		for i := range some {
			some[i] = picked(table.Columns[t.Table.Columns[i].Variable], at)
		}
		rec := t.Table.batch(persons, some)
		if err := p.Write(array.NewRecordBatch(schema, append(cols, rec.Columns()...), int64(len(at)))); err != nil {
			b.Fatal(err)
		}
		rows += len(at)
		persons, at = persons[:0], at[:0]
	}
	seated := map[uint32]bool{}
	for i := range w.Seats {
		seated[w.Seats[i].Person] = true
	}
	for person := range uint32(l.Persons) {
		if !seated[person] {
			continue
		}
		lo, hi := table.Rows(person)
		for i := lo; i < hi; i++ {
			persons, at = append(persons, int64(person)), append(at, int32(i))
		}
		if len(at) > 50_000 {
			flush()
		}
	}
	flush()
	if err := p.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes(), rows
}
