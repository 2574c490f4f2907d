package cluster

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/engine/enginetest"
)

// ours is the Spark that tools/spark/spark.sh has started for the tests:
// SLUSS_SPARK is its folder, SLUSS_KERNEL the program for the workers.
func ours(t *testing.T) (dir string, command []string) {
	t.Helper()
	dir, program := os.Getenv("SLUSS_SPARK"), os.Getenv("SLUSS_KERNEL")
	if dir == "" || program == "" {
		t.Skip("not run: Spark is not started (make spark installs it, starts it and runs this test)")
	}
	script, err := filepath.Abs("../../../tools/spark/spark.sh")
	if err != nil {
		t.Fatal(err)
	}
	return dir, []string{script, "submit", dir, program}
}

// onSpark starts a script on our Spark.
func onSpark(t *testing.T) *Spark {
	t.Helper()
	_, command := ours(t)
	s := &Spark{Command: command, Scratch: t.TempDir(), Log: t.Output()}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(s.Scratch, "*")); len(left) > 0 {
			t.Errorf("%d works were left behind", len(left))
		}
	})
	return s
}

// among runs the work of many worlds on one Spark, one after the other.
type among struct {
	*Spark
	one    *sync.Mutex
	tables string
}

func (a among) Run(ctx context.Context, w *Work, progress func(done, total int64)) (Results, error) {
	a.one.Lock()
	defer a.one.Unlock()
	a.Spark.Tables = a.tables
	return a.Spark.Run(ctx, w, progress)
}

// TestSparkSuite runs the shared suite on Spark: all examples, and random plans
// and relations of some worlds. Every world lies in several Parquet files, its
// rows in disorder.
func TestSparkSuite(t *testing.T) {
	s := onSpark(t)
	worlds, related := uint64(12), uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("SLUSS_SPARK_WORLDS"), 10, 64); err == nil {
		worlds, related = n, max(1, n/12)
	}
	var one sync.Mutex
	t.Run("suite", func(t *testing.T) {
		enginetest.RunOn(t, func(t testing.TB, w enginetest.World) engine.Engine {
			l, rows := laid(w)
			dir := t.TempDir()
			r := rand.New(rand.NewPCG(uint64(len(w.Births)), 5))
			for id, tr := range rows {
				writeTable(t, filepath.Join(dir, id), l.Table(id), tr, 1+r.IntN(3), r)
			}
			return &Engine{Layout: l, Birth: births(w), Runner: among{s, &one, dir}, Partitions: 2}
		}, worlds, related)
	})
}

// writeTable lays a table out in some files, rows in disorder.
func writeTable(t testing.TB, dir string, l *TableLayout, rows *tableRows, files int, r *rand.Rand) {
	t.Helper()
	order := r.Perm(len(rows.persons))
	for n := range files {
		var at []int32
		for i, k := range order {
			if i%files == n {
				at = append(at, int32(k))
			}
		}
		cols := make([]*embedded.Plain, len(rows.cols))
		for i, c := range rows.cols {
			if cols[i] = arranged(c, at); at == nil {
				cols[i] = l.Columns[i].empty()
			}
		}
		part := filepath.Join(dir, fmt.Sprintf("bucket=%d", n))
		if err := os.MkdirAll(part, 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(part, "rows.parquet"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := newParquet(f, l.schema())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(l.batch(gather(rows.persons, at), cols)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSparkSameBytes: the files of one order, from a snapshot laid out by
// Export, are byte by byte those of the embedded engine, however the people are
// divided, and also after a worker was killed in the middle.
func TestSparkSameBytes(t *testing.T) {
	s := onSpark(t)
	snap := loaded(t)
	s.Tables = filepath.Join(t.TempDir(), "tables")
	l, err := Export(t.Context(), snap, s.Tables, 5, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	src := embedded.Of(snap)
	want, res := enginetest.Files(t, embedded.New(src), everybody(src))
	for _, parts := range []int{1, 7} {
		got, again := enginetest.Files(t, &Engine{Layout: l, Birth: src.Birth, Runner: s, Partitions: parts}, everybody(src))
		same(t, fmt.Sprintf("%d partitions", parts), want, got, res, again)
	}
	sick := everybody(src)
	sick.Spec.Extracts = sick.Spec.Extracts[:3]
	want, res = enginetest.Files(t, embedded.New(src), sick)
	for _, name := range []string{"executor", "worker"} {
		t.Run("a killed "+name, func(t *testing.T) {
			killed := make(chan int, 1)
			e := &Engine{Layout: l, Birth: src.Birth, Partitions: 30, Runner: &killing{Spark: s, t: t, what: name, killed: killed}}
			got, again := enginetest.Files(t, e, sick)
			if len(killed) == 0 {
				t.Fatal("nothing was killed: the test shows nothing")
			}
			same(t, "a killed "+name, want, got, res, again)
		})
	}
}

func same(t *testing.T, what string, want, got map[string]string, res, again engine.Result) {
	t.Helper()
	if !maps.Equal(want, got) {
		t.Errorf("%s: other bytes than the embedded engine", what)
	}
	if !slices.Equal(res.Counts, again.Counts) {
		t.Errorf("%s: counts %v, want %v", what, again.Counts, res.Counts)
	}
	for i := range res.Files {
		if a, b := again.Files[i], res.Files[i]; a.SHA256 != b.SHA256 || a.Totals != b.Totals || !slices.Equal(a.Columns, b.Columns) {
			t.Errorf("%s: %s: %+v, want %+v", what, a.Name, a, b)
		}
	}
}

// killing kills a worker or an executor while kernels work.
type killing struct {
	*Spark
	t      *testing.T
	what   string
	killed chan int
}

func (k *killing) Run(ctx context.Context, w *Work, _ func(done, total int64)) (Results, error) {
	return k.Spark.Run(ctx, w, func(done, total int64) {
		if left := total - done; len(k.killed) > 0 || total < 30 || left < 5 || left > 26 { // the kernels are at work
			return
		}
		pid := k.pid()
		if pid == 0 {
			return
		}
		k.t.Logf("killed %s at %d of %d partitions", k.what, done, total)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			k.t.Error(err)
		}
		k.killed <- pid
	})
}

// pid is the process id of worker 1, or of an executor of one of our workers.
func (k *killing) pid() int {
	dir := os.Getenv("SLUSS_SPARK")
	b, err := os.ReadFile(filepath.Join(dir, "run", "worker1.pid"))
	if err != nil {
		k.t.Error(err)
		return 0
	}
	worker, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	if k.what == "worker" {
		k.t.Cleanup(func() { k.again(dir) })
		return worker
	}
	// Executors are children of a worker.
	b, err = os.ReadFile(filepath.Join(dir, "run", "worker2.pid"))
	if err != nil {
		k.t.Error(err)
		return 0
	}
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%[1]s/task/%[1]s/children", strings.TrimSpace(string(b))))
	if children := strings.Fields(string(list)); len(children) > 0 {
		pid, _ := strconv.Atoi(children[0])
		return pid
	}
	// Children may belong to another thread.
	return executorOf(strings.TrimSpace(string(b)))
}

func executorOf(worker string) int {
	tasks, _ := filepath.Glob("/proc/" + worker + "/task/*/children")
	for _, t := range tasks {
		if b, err := os.ReadFile(t); err == nil {
			if children := strings.Fields(string(b)); len(children) > 0 {
				pid, _ := strconv.Atoi(children[0])
				return pid
			}
		}
	}
	return 0
}

// again starts the killed worker anew, for the tests that come.
func (k *killing) again(dir string) {
	script, _ := filepath.Abs("../../../tools/spark/spark.sh")
	if out, err := exec.Command(script, "worker", dir, "1").CombinedOutput(); err != nil {
		k.t.Errorf("start the worker again: %v %s", err, out)
	}
}

// TestSparkCancel: a job that is stopped ends within two seconds and leaves no
// work behind, and the next one runs.
func TestSparkCancel(t *testing.T) {
	s := onSpark(t)
	snap := loaded(t)
	s.Tables = filepath.Join(t.TempDir(), "tables")
	l, err := Export(t.Context(), snap, s.Tables, 2, []string{"midas_sjp"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	src := embedded.Of(snap)
	j := everybody(src)
	j.Spec.Extracts = j.Spec.Extracts[:3]
	e := &Engine{Layout: l, Birth: src.Birth, Runner: s, Partitions: 8}
	ctx, cancel := context.WithCancel(t.Context())
	var asked time.Time
	var d enginetest.Disk
	_, err = e.Run(ctx, j, d.Create, func(done, _ int64) {
		if asked.IsZero() {
			asked = time.Now()
			cancel()
		}
	})
	if err == nil || asked.IsZero() || time.Since(asked) > 2*time.Second || len(d.Files) > 0 {
		t.Errorf("err = %v %v after the cancel, %d files", err, time.Since(asked), len(d.Files))
	}
	if left, _ := filepath.Glob(filepath.Join(s.Scratch, "*")); len(left) > 0 {
		t.Errorf("%d works were left behind", len(left))
	}
	want, res := enginetest.Files(t, embedded.New(src), j)
	got, again := enginetest.Files(t, e, j)
	same(t, "after a cancel", want, got, res, again)
}
