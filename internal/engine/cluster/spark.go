package cluster

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/parquet-go/parquet-go"

	"sluss/internal/fault"
)

// Spark is a [Runner] that has tools/spark/extract.py do the work. The script
// is started with the first work and kept for the next; one work is carried out
// at a time. The vault and the cluster share a file system.
type Spark struct {
	// Command starts the script with the cluster's settings and the program that
	// the workers get.
	Command []string
	// Tables is the folder that [Export] wrote.
	Tables string
	// Scratch is where works lie while they are carried out.
	Scratch string
	// Log gets what Spark has to say; nil drops it.
	Log io.Writer

	one sync.Mutex
	run *session
}

// session is the script while it runs.
type session struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string // closed when the script ends
}

// order is what the script reads about a work.
type order struct {
	People int         `json:"people"`
	Tasks  []orderTask `json:"tasks"`
}

type orderTask struct {
	Task string `json:"task"` // name of its file
}

// Run implements [Runner]. A stopped context ends the script, and with it what
// it has going in the cluster.
func (s *Spark) Run(ctx context.Context, w *Work, progress func(done, total int64)) (Results, error) {
	s.one.Lock()
	defer s.one.Unlock()
	dir, err := os.MkdirTemp(s.Scratch, "cluster-")
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := s.carryOut(ctx, w, dir, progress); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &written{dir, w}, nil
}

func (s *Spark) carryOut(ctx context.Context, w *Work, dir string, progress func(done, total int64)) error {
	if err := stage(w, dir); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	tables, err := filepath.Abs(s.Tables)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.run.in, "%s\t%s\n", dir, tables); err != nil {
		s.stop()
		return notRunning(err)
	}
	for {
		words, err := s.answer(ctx)
		if err != nil {
			s.stop()
			return err
		}
		var done, total int64
		switch {
		case words[0] == "progress" && len(words) == 3:
			if _, err := fmt.Sscan(words[1]+" "+words[2], &done, &total); err == nil && progress != nil {
				progress(done, total)
			}
		case words[0] == "done":
			return complete(w, dir)
		case words[0] == "failed" && len(words) == 2:
			return failed(words[1])
		}
	}
}

// start starts the script unless it runs.
func (s *Spark) start(ctx context.Context) error {
	if s.run != nil {
		return nil
	}
	if len(s.Command) == 0 {
		return notRunning(errors.New("no command"))
	}
	cmd := exec.Command(s.Command[0], s.Command[1:]...)
	cmd.Stderr = s.Log
	cmd.WaitDelay = time.Second
	own(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return notRunning(err)
	}
	s.run = &session{cmd, in, make(chan string)}
	go func(lines chan<- string) {
		defer close(lines)
		for r := bufio.NewScanner(out); r.Scan(); {
			lines <- r.Text()
		}
	}(s.run.lines)
	for {
		words, err := s.answer(ctx)
		if err != nil {
			s.stop()
			return err
		}
		if words[0] == "ready" {
			return nil
		}
	}
}

// answer is the next line of the script.
func (s *Spark) answer(ctx context.Context) ([]string, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case line, ok := <-s.run.lines:
			if !ok {
				return nil, notRunning(errors.New("the script ended"))
			}
			if words := strings.Fields(line); len(words) > 0 {
				return words, nil
			}
		}
	}
}

// stop ends the script at once.
func (s *Spark) stop() {
	if s.run == nil {
		return
	}
	r := s.run
	s.run = nil
	r.in.Close()
	end(r.cmd)
	for range r.lines { // until the script is gone
	}
	_ = r.cmd.Wait() // it was ended
}

// Close ends the script.
func (s *Spark) Close() error {
	s.one.Lock()
	defer s.one.Unlock()
	if s.run == nil {
		return nil
	}
	s.run.in.Close() // it stops by itself
	select {
	case <-s.run.lines:
	case <-time.After(10 * time.Second):
	}
	s.stop()
	return nil
}

func notRunning(err error) error {
	return fmt.Errorf("cluster: Spark cannot be reached, or ended: %w", err)
}

// failed is the error for work that the cluster could not carry out. Codes of
// input are the kernel's own.
func failed(code string) error {
	f := fault.New(code, "Klustret kunde inte utföra uppgiften.", "The cluster could not carry the task out.").
		Do("Se klustrets logg.", "See the cluster's log.")
	if !strings.HasPrefix(code, "cluster.") || code == "cluster.spark" || code == "cluster.feed" || code == "cluster.kernel" {
		return f.Of(fault.Internal)
	}
	return f
}

// stage writes what the script reads.
func stage(w *Work, dir string) error {
	if err := writeSeats(filepath.Join(dir, "people.parquet"), w.Seats); err != nil {
		return fmt.Errorf("cluster: write the people: %w", err)
	}
	o := order{People: len(w.Seats)}
	for _, t := range w.Tasks {
		b, err := t.seal()
		if err != nil {
			return err
		}
		name := fmt.Sprintf("task-%s-%s.json", t.Table.ID, filepath.Base(dir)) // Spark wants a new name every time
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
		o.Tasks = append(o.Tasks, orderTask{name})
	}
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "order.json"), b, 0o600)
}

// writeSeats writes the people as Parquet.
func writeSeats(path string, seats []Seat) (err error) {
	fields := []arrow.Field{
		{Name: columnPerson, Type: arrow.PrimitiveTypes.Int64},
		{Name: columnPlace, Type: arrow.PrimitiveTypes.Int64},
		{Name: columnBorn, Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	}
	if len(seats) > 0 {
		for k := range seats[0].Anchors {
			fields = append(fields, arrow.Field{Name: fmt.Sprint(columnAnchor, k), Type: arrow.FixedWidthTypes.Date32, Nullable: true})
		}
	}
	schema := arrow.NewSchema(fields, nil)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w, err := newParquet(f, schema)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := range seats {
		s := &seats[i]
		b.Field(0).(*array.Int64Builder).Append(int64(s.Person))
		b.Field(1).(*array.Int64Builder).Append(s.Place)
		appendDay(b.Field(2), int32(s.Born), s.HasBorn)
		for k, a := range s.Anchors {
			appendDay(b.Field(3+k), int32(a.Day), a.Set)
		}
		if (i+1)%exportRows == 0 || i == len(seats)-1 {
			rec := b.NewRecordBatch()
			if err := w.Write(rec); err != nil {
				return err
			}
			rec.Release()
		}
	}
	return nil
}

func appendDay(b array.Builder, d int32, set bool) {
	if set {
		b.(*array.Date32Builder).Append(arrow.Date32(d))
	} else {
		b.AppendNull()
	}
}

// complete checks that Spark has marked every table's results as whole.
func complete(w *Work, dir string) error {
	for _, t := range w.Tasks {
		if _, err := os.Stat(filepath.Join(dir, "out", t.Table.ID, "_SUCCESS")); err != nil {
			return fmt.Errorf("cluster: the results of %s are not whole: %w", t.Table.ID, err)
		}
	}
	return nil
}

// written is results in a folder.
type written struct {
	dir string
	w   *Work
}

// Close removes the work.
func (r *written) Close() error { return os.RemoveAll(r.dir) }

// Streams implements [Results].
func (r *written) Streams(task, extract int) ([]Stream, error) {
	dir := filepath.Join(r.dir, "out", r.w.Tasks[task].Table.ID, fmt.Sprintf("extract=%d", extract))
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nobody has lines
	}
	if err != nil {
		return nil, err
	}
	var out []Stream
	for _, e := range list {
		if !strings.HasSuffix(e.Name(), ".parquet") {
			continue
		}
		s, err := openRecords(filepath.Join(dir, e.Name()), int32(extract))
		if err != nil {
			for _, o := range out {
				o.Close()
			}
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// parquetRecords reads the records of a file.
type parquetRecords struct {
	f       *os.File
	r       *parquet.GenericReader[parquetRecord]
	extract int32
	row     [1]parquetRecord
}

type parquetRecord struct {
	First   int64  `parquet:"first,optional"`
	Payload []byte `parquet:"payload,optional"`
}

func openRecords(path string, extract int32) (*parquetRecords, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &parquetRecords{f: f, r: parquet.NewGenericReader[parquetRecord](f), extract: extract}, nil
}

// Next implements [Stream].
func (p *parquetRecords) Next() (Record, error) {
	n, err := p.r.Read(p.row[:])
	if n == 0 {
		if err == nil {
			err = io.ErrNoProgress
		}
		return Record{}, err
	}
	return Record{p.extract, p.row[0].First, p.row[0].Payload}, nil
}

// Close implements [Stream].
func (p *parquetRecords) Close() error {
	if p.r == nil {
		return nil
	}
	err := errors.Join(p.r.Close(), p.f.Close())
	p.r = nil
	return err
}
