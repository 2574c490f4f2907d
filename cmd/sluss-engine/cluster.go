package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"sluss/internal/engine/cluster"
	"sluss/internal/fault"
	"sluss/internal/register"
)

// clusterCmd is for registers that lie in a cluster.
type clusterCmd struct {
	Export clusterExportCmd `cmd:"" help:"Lay a snapshot out as Parquet for a cluster to read."`
	Kernel clusterKernelCmd `cmd:"" help:"Carry a task out on the rows that come in: what the cluster's processes run."`
}

type clusterExportCmd struct {
	Store    string   `required:"" placeholder:"DIR" help:"Folder of snapshots."`
	Snapshot string   `required:"" placeholder:"ID" help:"The snapshot."`
	To       string   `required:"" placeholder:"DIR" help:"Folder to write to; it must be empty or not exist."`
	Buckets  int      `default:"16" help:"Folders per table, by person."`
	Tables   []string `help:"Only these tables (default: all)."`
}

// Run lays the snapshot out.
func (c *clusterExportCmd) Run(ctx context.Context) error {
	s, err := register.Open(c.Store, c.Snapshot)
	if err != nil {
		return err
	}
	defer s.Close()
	meter := newMeter()
	l, err := cluster.Export(ctx, s, c.To, c.Buckets, c.Tables, func(table string, rows int64, part float64) {
		meter.show(reading{table, "rows", rows, 0, part})
	})
	if err != nil {
		return err
	}
	total := int64(0)
	for _, t := range l.Tables {
		total += t.Rows
	}
	fmt.Printf("%s: %d tables, %d rows in %d folders each\n", l.Snapshot, len(l.Tables), total, l.Buckets)
	return nil
}

// clusterKernelCmd is a filter: rows in, records out. Exit codes are those of
// every command; on standard error stands one line that begins with the code of
// what is wrong and tells no cell.
type clusterKernelCmd struct {
	Task string `arg:"" help:"Task file that the vault has written."`
}

// Run reads standard input to its end and writes standard output.
func (c *clusterKernelCmd) Run(ctx context.Context) error {
	b, err := os.ReadFile(c.Task)
	if err != nil {
		return fault.New("cluster.task", "Uppgiftsfilen går inte att läsa.", "The task file cannot be read.").Because(err)
	}
	t, err := cluster.ReadTask(b)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	return errors.Join(cluster.Kernel(ctx, t, bufio.NewReaderSize(os.Stdin, 1<<18), out), out.Flush())
}
