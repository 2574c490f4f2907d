package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluss/internal/canon"
	"sluss/internal/engine"
	"sluss/internal/engine/enginetest"
	"sluss/internal/episode"
	"sluss/internal/parcel/format"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/rig"
)

// stored is a snapshot of made-up registers, loaded once for all tests.
var stored = sync.OnceValues(func() (*register.Snapshot, error) {
	dir, err := tempDir()
	if err != nil {
		return nil, err
	}
	c := rig.Config{Persons: 1500, Seed: 3}
	if _, err := rig.New(c).Write(context.Background(), filepath.Join(dir, "src"), nil); err != nil {
		return nil, err
	}
	o := register.Options{From: filepath.Join(dir, "src"), Store: filepath.Join(dir, "store"), ID: enginetest.Snapshot, At: c.At()}
	if _, err := register.Load(context.Background(), o); err != nil {
		return nil, err
	}
	return register.Open(o.Store, o.ID)
})

func storedSource(t testing.TB) *Source {
	t.Helper()
	s, err := stored()
	if err != nil {
		t.Fatal(err)
	}
	return Of(s)
}

// everybody is a job about all persons of src, with löpnummer in another order
// than the snapshot's.
func everybody(src *Source, extracts ...enginetest.Extract) engine.Job {
	j := enginetest.Job(enginetest.World{}, extracts...)
	for p := range src.Persons {
		j.People = append(j.People, engine.Person{Index: uint32(p), Serial: int64((p*7919)%src.Persons) + 1})
	}
	return j
}

var orders = []enginetest.Extract{
	{Name: "sjukfall", Shape: "spell", Gap: 4, From: "2020-01-01", To: "2026-01-01", Columns: []string{"lopnr", "fall_nr", "from_datum", "tom_datum", "dagar", "nettodagar", "diagnos|icd_3"}},
	{Name: "delfall", Shape: "subspell", From: "2020-01-01", To: "2026-01-01", Columns: []string{"lopnr", "from_datum", "omfattning", "niva", "delforman"}},
	{Name: "rader", Shape: "payment", From: "2020-01-01", To: "2026-01-01", Columns: []string{"lopnr", "from_datum", "tom_datum", "belopp", "utbetalningsdatum"}, Output: plan.Output{Format: "parquet"}},
	{Name: "fp", Table: "midas_fp", Shape: "panel_month", From: "2020-01-01", To: "2026-01-01", Columns: []string{"lopnr", "barn_lopnr", "manad", "dagar", "belopp"}, Output: plan.Output{Format: "parquet"}},
	{Name: "sa", Table: "midas_sa", Shape: "spell", Gap: 4, Columns: []string{"lopnr", "from_datum", "tom_datum", "pagaende"}},
	{Name: "vab", Table: "tfp", Shape: "panel_year", Columns: []string{"lopnr", "barn_lopnr", "ar", "dagar", "nettodagar", "belopp"}},
	{Name: "tand", Table: "tandvard", Shape: "payment", From: "2024-01-01", To: "2025-01-01", Columns: []string{"lopnr", "behandlingsdatum|month=manad", "atgard", "belopp"}},
	{Name: "person", Table: "person", Shape: "payment", Columns: []string{"lopnr", "fodelsear", "kon", "lan", "dodsmanad", "alder|age_10y"}},
}

// TestPromise15SameBytes: one specification, snapshot and key file give one
// set of files, whatever the number of goroutines and the order of the people.
func TestPromise15SameBytes(t *testing.T) {
	t.Parallel()
	src := storedSource(t)
	want, res := enginetest.Files(t, &Engine{src: src, workers: 1}, everybody(src, orders...))
	for _, f := range res.Files {
		if f.Totals.Rows == 0 {
			t.Errorf("%s is empty: the test shows nothing", f.Name)
		}
	}
	for _, workers := range []int{2, 3, 8} {
		j := everybody(src, orders...)
		slices.Reverse(j.People)
		got, again := enginetest.Files(t, &Engine{src: src, workers: workers}, j)
		if !maps.Equal(got, want) {
			t.Errorf("%d goroutines give other bytes than one", workers)
		}
		for i := range res.Files {
			if a, b := again.Files[i], res.Files[i]; a.SHA256 != b.SHA256 || a.Totals != b.Totals || a.Bytes != b.Bytes {
				t.Errorf("%s: %+v, was %+v", a.Name, a, b)
			}
		}
		if !slices.Equal(again.Counts, res.Counts) {
			t.Errorf("counts %v, were %v", again.Counts, res.Counts)
		}
	}
}

// TestSplit: parts hold the rows of the whole file, in order, and their totals
// add up to its.
func TestSplit(t *testing.T) {
	t.Parallel()
	src := storedSource(t)
	do := enginetest.Extract{Shape: "panel_day", From: "2022-01-01", To: "2026-01-01", Columns: []string{"lopnr", "dag", "dagar", "belopp"}}
	whole, res := enginetest.Files(t, New(src), everybody(src, do))
	do.Output.SplitRows = 1000
	parts, split := enginetest.Files(t, New(src), everybody(src, do))
	head, body, _ := strings.Cut(whole["sjukfall.csv"], "\n")
	var joined strings.Builder
	var sum engine.Totals
	persons := map[string]bool{}
	for i, f := range split.Files {
		if f.Name != fmt.Sprintf("sjukfall-%03d.csv", i+1) {
			t.Errorf("part %d is called %s", i+1, f.Name)
		}
		h, b, _ := strings.Cut(parts[f.Name], "\n")
		if h != head {
			t.Errorf("%s has another header", f.Name)
		}
		joined.WriteString(b)
		in := map[string]bool{}
		for line := range strings.Lines(b) {
			serial, _, _ := strings.Cut(line, ";")
			in[serial], persons[serial] = true, true
		}
		if f.Totals.Persons != int64(len(in)) || f.Totals.Rows != int64(strings.Count(b, "\n")) {
			t.Errorf("%s: totals %+v, it holds %d persons and %d rows", f.Name, f.Totals, len(in), strings.Count(b, "\n"))
		}
		if last := i == len(split.Files)-1; f.Totals.Rows != 1000 && !last {
			t.Errorf("%s has %d rows", f.Name, f.Totals.Rows)
		}
		sum.Rows, sum.Days, sum.Net, sum.Ore = sum.Rows+f.Totals.Rows, sum.Days+f.Totals.Days, sum.Net+f.Totals.Net, sum.Ore+f.Totals.Ore
	}
	if joined.String() != body {
		t.Error("the parts are not the whole")
	}
	sum.Persons = int64(len(persons))
	if sum != res.Files[0].Totals {
		t.Errorf("totals %+v, of the whole %+v", sum, res.Files[0].Totals)
	}
}

// TestLaterLoads: a snapshot that holds versions of rows that have been closed
// gives what one without any history gives (S22, S23).
func TestLaterLoads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	load := func(store string, waves ...int) *register.Snapshot {
		for i, wave := range waves {
			src := filepath.Join(dir, fmt.Sprintf("src%d", wave))
			c := rig.Config{Persons: 500, Seed: 9, Wave: wave}
			if _, err := os.Stat(src); err != nil {
				if _, err := rig.New(c).Write(context.Background(), src, nil); err != nil {
					t.Fatal(err)
				}
			}
			id := enginetest.Snapshot
			if i+1 < len(waves) {
				id = fmt.Sprintf("wave-%d", wave)
			}
			if _, err := register.Load(context.Background(), register.Options{From: src, Store: filepath.Join(dir, store), ID: id, At: c.At()}); err != nil {
				t.Fatal(err)
			}
		}
		s, err := register.Open(filepath.Join(dir, store), enginetest.Snapshot)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	with, without := load("with", 1, 2), load("without", 2)
	if with.Table("midas_sjp").Visible(with.Load()).All() {
		t.Fatal("no version was closed: the test shows nothing")
	}
	run := func(s *register.Snapshot) map[string]string {
		src := Of(s)
		j := everybody(src, orders...)
		for i := range j.People {
			j.People[i].Serial = s.Identity().Entity(j.People[i].Index)
		}
		files, _ := enginetest.Files(t, New(src), j)
		return files
	}
	if !maps.Equal(run(with), run(without)) {
		t.Error("closed versions show")
	}
}

// TestMentioned: whoever a file names outside the population was announced,
// and nobody else.
func TestMentioned(t *testing.T) {
	t.Parallel()
	src := storedSource(t)
	j := everybody(src, orders...)
	j.People = slices.DeleteFunc(j.People, func(p engine.Person) bool { return p.Index%3 != 0 })
	announced, err := New(src).Mentioned(context.Background(), j)
	if err != nil || len(announced) == 0 {
		t.Fatalf("mentioned %d persons, %v", len(announced), err)
	}
	asked := map[uint32]bool{}
	j.Other = func(p uint32) (int64, bool) {
		asked[p] = true
		return 1_000_000 + int64(p), slices.Contains(announced, p)
	}
	enginetest.Files(t, &Engine{src: src, workers: 1}, j)
	if got := slices.Sorted(maps.Keys(asked)); !slices.Equal(got, announced) {
		t.Errorf("asked for %d persons, announced %d", len(got), len(announced))
	}
}

// TestCancel: a job that is stopped ends within a second, with the reason.
func TestCancel(t *testing.T) {
	t.Parallel()
	src := storedSource(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var d enginetest.Disk
	began := time.Now()
	_, err := New(src).Run(ctx, everybody(src, orders...), d.Create, func(done, _ int64) {
		if done > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || time.Since(began) > 5*time.Second {
		t.Errorf("err = %v after %v", err, time.Since(began))
	}
}

// TestProgress: progress only grows and ends at the total.
func TestProgress(t *testing.T) {
	t.Parallel()
	src := storedSource(t)
	var last, total int64
	_, err := New(src).Run(context.Background(), everybody(src, orders...), (&enginetest.Disk{}).Create, func(done, of int64) {
		if done < last {
			t.Errorf("progress went back from %d to %d", last, done)
		}
		last, total = done, of
	})
	if err != nil || last != total || total == 0 {
		t.Errorf("ended at %d of %d, %v", last, total, err)
	}
}

// TestStream: rows that are kept and rows that are let go add up to the same as
// the files, and those that are kept are the files' to the last byte.
func TestStream(t *testing.T) {
	t.Parallel()
	src := storedSource(t)
	files, err := New(src).Run(context.Background(), everybody(src, orders...), (&enginetest.Disk{}).Create, nil)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := New(src).Collect(context.Background(), everybody(src, orders...))
	if err != nil {
		t.Fatal(err)
	}
	passed, err := New(src).Stream(context.Background(), everybody(src, orders...))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files.Files {
		rows := 0
		for range passed[i].Rows() {
			rows++
		}
		if kept[i].Totals != f.Totals || passed[i].Totals != f.Totals || rows > 0 {
			t.Errorf("%s: kept %+v, streamed %+v and %d batches, in the file %+v", f.Name, kept[i].Totals, passed[i].Totals, rows, f.Totals)
		}
		if sum := writtenAgain(t, &kept[i], f.Format); sum != f.SHA256 {
			t.Errorf("%s: what is kept is not what is in the file", f.Name)
		}
	}
}

// writtenAgain is the hash of a file of the kept rows.
func writtenAgain(t *testing.T, k *Kept, name string) canon.Hash {
	t.Helper()
	o, err := format.OptionsOf(plan.Output{Format: name})
	if err != nil {
		t.Fatal(err)
	}
	out, err := format.NewStream(t.Context(), io.Discard, k.Schema, o, 1)
	if err != nil {
		t.Fatal(err)
	}
	for b := range k.Rows() {
		if err := out.Write(b, 0, b.N); err != nil {
			t.Fatal(err)
		}
	}
	_, sum, err := out.Close()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

type brokenDisk struct{}

var errDisk = errors.New("disk full")

func (brokenDisk) Write([]byte) (int, error) { return 0, errDisk }
func (brokenDisk) Close() error              { return nil }

// TestBrokenDisk: an error of the disk ends the job, wherever it comes.
func TestBrokenDisk(t *testing.T) {
	t.Parallel()
	src := storedSource(t)
	var d enginetest.Disk
	for _, bad := range []string{"sjukfall.csv", "rader.parquet", "person.csv"} {
		_, err := New(src).Run(context.Background(), everybody(src, orders...), func(name string) (io.WriteCloser, error) {
			if name == bad {
				return brokenDisk{}, nil
			}
			return d.Create(name)
		}, nil)
		if !errors.Is(err, errDisk) {
			t.Errorf("%s: err = %v, want the disk's", bad, err)
		}
		_, err = New(src).Run(context.Background(), everybody(src, orders...), func(name string) (io.WriteCloser, error) {
			if name == bad {
				return nil, errDisk
			}
			return d.Create(name)
		}, nil)
		if !errors.Is(err, errDisk) {
			t.Errorf("%s cannot be created: err = %v", bad, err)
		}
	}
}

// What memory held of the person before shows in nobody's rows.
func TestRowsBeginEmpty(t *testing.T) {
	t.Parallel()
	src := storedSource(t)
	job := everybody(src, orders...)
	p, err := compile(src, &job, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.arrange(nil); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, ps := range p.passes {
		if ps.feed == nil {
			continue
		}
		clean, used := newWorker(p, ps), newWorker(p, ps)
		for person := range uint32(src.Persons) {
			used.rows = slices.Repeat([]episode.Row{{Tx: 1, State: 1<<31 | 1, Rest: 9, Extent: 1, Rank: 1, Kind: episode.Rev}}, 100)
			clean.rows = make([]episode.Row, 100)
			if err := errors.Join(ps.feed.load(clean, ps, person), ps.feed.load(used, ps, person)); err != nil {
				t.Fatal(err)
			}
			compared += len(used.rows)
			if !slices.Equal(clean.rows, used.rows) {
				t.Fatalf("person %d: got %v, want %v", person, used.rows, clean.rows)
			}
		}
	}
	if compared == 0 {
		t.Fatal("no rows to compare")
	}
}
