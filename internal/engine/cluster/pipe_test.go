package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/engine/enginetest"
	"sluss/internal/fault"
	"sluss/internal/plan"
)

// piped is an engine through pipes on the stored snapshot.
func piped(t testing.TB, parts int) (*Engine, *pipes, *embedded.Source) {
	t.Helper()
	s := loaded(t)
	src := embedded.Of(s)
	l := &Layout{Format: layoutFormat, Snapshot: s.ID(), Day: s.LoadedAt(), Persons: s.Persons(), Buckets: 1}
	c := &pipes{tables: map[string]*tableRows{}, seed: 3, sealed: true}
	for _, id := range []string{"midas_sjp", "midas_fp", "tfp", "tandvard", "sjuklonekostnad", "person"} {
		tl, tr := layoutOf(s.Table(id)), &tableRows{}
		table := src.Table(id)
		var at []int32
		for p := range s.Persons() {
			lo, hi := table.Rows(uint32(p))
			for i := lo; i < hi; i++ {
				tr.persons, at = append(tr.persons, int64(p)), append(at, int32(i))
			}
		}
		for _, col := range tl.Columns {
			tr.cols = append(tr.cols, picked(table.Columns[col.Variable], at))
		}
		l.Tables, c.tables[id] = append(l.Tables, tl), tr
	}
	return &Engine{Layout: l, Birth: src.Birth, Runner: c, Partitions: parts}, c, src
}

// TestPromise15SameBytesInPieces: the files are those of the embedded engine,
// into however many pieces the people are divided and in whatever order rows
// come in.
func TestPromise15SameBytesInPieces(t *testing.T) {
	t.Parallel()
	for _, parts := range []int{1, 3} {
		e, c, src := piped(t, parts)
		c.sorted = parts == 1
		want, res := enginetest.Files(t, embedded.New(src), everybody(src))
		got, again := enginetest.Files(t, e, everybody(src))
		same(t, fmt.Sprint(parts, " pieces"), want, got, res, again)
		for _, f := range res.Files {
			if f.Totals.Rows == 0 {
				t.Errorf("%s is empty: the test shows nothing", f.Name)
			}
		}
	}
}

// TestNamesOfOthers: who must get a löpnummer is the same wherever it is found
// out.
func TestNamesOfOthers(t *testing.T) {
	t.Parallel()
	e, _, src := piped(t, 2)
	j := everybody(src)
	want, err := embedded.New(src).Mentioned(t.Context(), j)
	got, err2 := e.Mentioned(t.Context(), j)
	if err != nil || err2 != nil || !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("%d mentioned, want %d; %v %v", len(got), len(want), err, err2)
	}
	if got, err := e.Employers(t.Context(), j); err != nil || len(got) > 0 {
		t.Errorf("no column names employers: %d, %v", len(got), err)
	}
}

// TestOutsiders: rows of people who were not asked for change nothing.
func TestOutsiders(t *testing.T) {
	t.Parallel()
	e, c, src := piped(t, 2)
	j := everybody(src)
	j.Spec.Extracts = j.Spec.Extracts[:3]
	with, _ := enginetest.Files(t, e, j)
	asked := map[int64]bool{}
	for _, p := range j.People {
		asked[int64(p.Index)] = true
	}
	rows := c.tables["midas_sjp"]
	var at []int32
	for i, p := range rows.persons {
		if asked[p] {
			at = append(at, int32(i))
		}
	}
	if len(at) == len(rows.persons) {
		t.Fatal("everybody was asked for: the test shows nothing")
	}
	less := &tableRows{persons: gather(rows.persons, at)}
	for _, col := range rows.cols {
		less.cols = append(less.cols, arranged(col, at))
	}
	c.tables["midas_sjp"] = less
	without, _ := enginetest.Files(t, e, j)
	if !maps.Equal(with, without) {
		t.Error("rows of outsiders show")
	}
}

// TestWorkMissingOrTwice: what a cluster lost, gave twice or damaged makes an
// error, never other files.
func TestWorkMissingOrTwice(t *testing.T) {
	t.Parallel()
	var first []byte
	for name, damage := range map[string]func(part int, b []byte) []byte{
		"a process is missing": func(part int, b []byte) []byte {
			if part == 1 {
				return nil
			}
			return b
		},
		"a process is there twice": func(part int, b []byte) []byte {
			if part == 0 {
				first = b
			}
			if part == 1 {
				return first
			}
			return b
		},
		"a stream ends early": func(part int, b []byte) []byte {
			if part == 1 {
				return b[:len(b)*2/3]
			}
			return b
		},
	} {
		e, c, src := piped(t, 3)
		c.damage = func(_, part int, b []byte) []byte { return damage(part, b) }
		j := everybody(src)
		j.Spec.Extracts = j.Spec.Extracts[:1]
		var d enginetest.Disk
		_, err := e.Run(t.Context(), j, d.Create, nil)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if strings.HasPrefix(name, "a process") && !errors.Is(err, embedded.ErrParts) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRecordsComeBack: what is encoded is decoded, and no shortened or
// lengthened payload is taken for one.
func TestRecordsComeBack(t *testing.T) {
	t.Parallel()
	e, c, src := piped(t, 1)
	j := everybody(src)
	w, err := e.workFor(j)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Kernel(t.Context(), w.Tasks[0], bytes.NewReader(c.stream(w, w.Tasks[0], 0)), &out); err != nil {
		t.Fatal(err)
	}
	l, err := readRecords(out.Bytes(), 0)
	if err != nil || len(l.recs) == 0 {
		t.Fatal(len(l.recs), err)
	}
	p, err := decode(l.recs[0])
	if err != nil || !bytes.Equal(encode(p), l.recs[0].Payload) {
		t.Fatalf("a record does not come back: %v", err)
	}
	for _, b := range [][]byte{nil, l.recs[0].Payload[:40], append(slices.Clone(l.recs[0].Payload), 0), l.recs[0].Payload[:len(l.recs[0].Payload)-8]} {
		if _, err := decode(Record{Payload: b}); err == nil {
			t.Errorf("%d bytes pass for a record", len(b))
		}
	}
}

// workFor is the work of a job.
func (e *Engine) workFor(j engine.Job) (*Work, error) {
	a, err := e.hollow().Assemble(j, nil)
	if err != nil {
		return nil, err
	}
	return e.work(j, a)
}

// TestKernelRefuses: input that a kernel cannot use has a stable code, and what
// is said of it holds nothing of a row.
func TestKernelRefuses(t *testing.T) {
	t.Parallel()
	e, c, src := piped(t, 1)
	j := everybody(src)
	j.Spec.Extracts = j.Spec.Extracts[:1]
	w, err := e.workFor(j)
	if err != nil {
		t.Fatal(err)
	}
	task := w.Tasks[0]
	rows := c.tables[task.Table.ID]
	whole := c.stream(w, task, 0)
	lines := []line{{seat: &w.Seats[0]}, {row: 0}}
	for code, in := range map[string]func() (*Task, io.Reader){
		"cluster.stream": func() (*Task, io.Reader) { return task, bytes.NewReader(whole[:len(whole)/2]) },
		"cluster.stray":  func() (*Task, io.Reader) { return task, bytes.NewReader(stream(task, rows, []line{{row: 0}})) },
		"cluster.seat": func() (*Task, io.Reader) {
			return task, bytes.NewReader(stream(task, rows, append(lines[:1:1], lines[0])))
		},
		"cluster.code": func() (*Task, io.Reader) {
			other := *task
			other.Table.Columns = slices.Clone(task.Table.Columns)
			for i := range other.Table.Columns {
				if c := &other.Table.Columns[i]; c.Type == TypeCode {
					c.Codes = []string{""}
				}
			}
			return &other, bytes.NewReader(whole)
		},
		"cluster.column": func() (*Task, io.Reader) {
			other := *task
			other.Table.Columns = append(slices.Clone(task.Table.Columns), ColumnLayout{Variable: "nytt", Type: TypeDay})
			return &other, bytes.NewReader(whole)
		},
	} {
		task, r := in()
		err := Kernel(t.Context(), task, r, io.Discard)
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok || f.Code != code || f.Class != fault.Input {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := ReadTask([]byte(`{"format":99}`)); err == nil {
		t.Error("a task of another format is taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Kernel(ctx, task, bytes.NewReader(whole), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped kernel: %v", err)
	}
}

// TestFiltersBeforehand: Spark may leave out what no extract of a table wants,
// and nothing else.
func TestFiltersBeforehand(t *testing.T) {
	t.Parallel()
	e, _, src := piped(t, 2)
	only := func(texts ...any) []plan.Filter {
		return []plan.Filter{{Var: "delforman", Stage: plan.StageRow, In: texts}}
	}
	j := everybody(src)
	j.Spec.Extracts = j.Spec.Extracts[:2]
	j.Spec.Extracts[0].Where, j.Spec.Extracts[1].Where = only("SJP"), only("RHP", "FSP")
	want, res := enginetest.Files(t, embedded.New(src), j)
	got, again := enginetest.Files(t, e, j)
	same(t, "two filters", want, got, res, again)
	w, err := e.workFor(j)
	if err != nil {
		t.Fatal(err)
	}
	f := w.Tasks[0].Filters
	if len(f) != 1 || f[0].Variable != "delforman" || f[0].Missing || !slices.Equal(f[0].Texts, []string{"FSP", "RHP", "SJP"}) {
		t.Errorf("filters %+v", f)
	}
	j.Spec.Extracts[1].Where = nil // wants everything
	if w, err = e.workFor(j); err != nil || len(w.Tasks[0].Filters) > 0 {
		t.Errorf("filters %+v, %v", w.Tasks[0].Filters, err)
	}
}
