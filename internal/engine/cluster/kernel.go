package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/fault"
)

// recordSchema is what a process writes.
var recordSchema = arrow.NewSchema([]arrow.Field{
	{Name: "extract", Type: arrow.PrimitiveTypes.Int32},
	{Name: "first", Type: arrow.PrimitiveTypes.Int64},
	{Name: "payload", Type: arrow.BinaryTypes.Binary},
}, nil)

// Kernel is one process of the cluster: it reads the seats and rows of some
// people, whole, from an Arrow stream and writes records to another.
//
// The stream in has the columns _person and _place (int64), _born and _anchor0,
// _anchor1 … (date32), and one per variable of the table. A line with a _place
// is a seat and its variables are not looked at; any other is a row. Lines come
// in any order. The stream out has the columns extract (int32), first (int64)
// and payload (binary); the last record holds the counts.
//
// Input that cannot be used is a *fault.Fault of class Input and tells of
// columns and counts, never of what stands in a cell.
func Kernel(ctx context.Context, t *Task, in io.Reader, out io.Writer) error {
	rows := newRows(t)
	if err := rows.read(ctx, in); err != nil {
		return err
	}
	src, people, err := rows.source()
	if err != nil {
		return err
	}
	w := newRecords(out)
	tallies, err := embedded.New(src).Task(ctx, engine.Job{Spec: t.Spec, Scope: t.Scope, Catalogue: t.Catalogue, People: people}, func(p *embedded.Part) error {
		if p.Made.N == 0 {
			return nil
		}
		return w.add(Record{int32(p.Extract), p.Places[0], encode(p)})
	})
	if err != nil {
		return err
	}
	b, err := json.Marshal(counted{t.hash, int64(len(rows.person)), tallies})
	if err != nil {
		return err
	}
	if err := w.add(Record{Tallies, 0, b}); err != nil {
		return err
	}
	return w.close()
}

// records writes an Arrow stream of records.
type records struct {
	w     *ipc.Writer
	build *array.RecordBuilder
	bytes int
}

// batchBytes is about how much is sent at a time.
const batchBytes = 1 << 20

func newRecords(out io.Writer) *records {
	return &records{
		w: ipc.NewWriter(out, ipc.WithSchema(recordSchema), ipc.WithAllocator(memory.DefaultAllocator)), build: array.NewRecordBuilder(memory.DefaultAllocator, recordSchema),
	}
}

func (w *records) add(r Record) error {
	w.build.Field(0).(*array.Int32Builder).Append(r.Extract)
	w.build.Field(1).(*array.Int64Builder).Append(r.First)
	w.build.Field(2).(*array.BinaryBuilder).Append(r.Payload)
	if w.bytes += len(r.Payload); w.bytes < batchBytes {
		return nil
	}
	return w.flush()
}

func (w *records) flush() error {
	w.bytes = 0
	b := w.build.NewRecordBatch()
	defer b.Release()
	return w.w.Write(b)
}

func (w *records) close() error { return errors.Join(w.flush(), w.w.Close()) }

// wrongInput is the fault for a stream that does not hold what the task says.
func wrongInput(code, column, sv, en string) *fault.Fault {
	return fault.New("cluster."+code, sv, en).At(fault.Where{Column: column})
}
