package engineroom

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"sluss/internal/engine"
	"sluss/internal/order"
	"sluss/internal/works"
)

// job translates an extraction to the engine's terms: stable keys become
// places in the snapshot.
func (s *snapshot) job(j works.Extraction) (engine.Job, error) {
	out := engine.Job{Spec: j.Plan, Scope: j.Scope, Catalogue: s.catalogue, People: make([]engine.Person, len(j.People))}
	for i, p := range j.People {
		index, ok := s.person(p.Entity)
		if !ok {
			return out, errors.New("a person of the population is not in the snapshot's identity register")
		}
		q := engine.Person{Index: index, Serial: int64(p.Serial)}
		for _, a := range p.Anchors {
			q.Anchors = append(q.Anchors, engine.Anchor(a))
		}
		for _, v := range p.Passed {
			q.Groups = append(q.Groups, v.Text)
		}
		out.People[i] = q
	}
	if j.Other != nil {
		out.Other = func(person uint32) (int64, bool) {
			n, ok := j.Other(uint64(s.Identity().Entity(person)))
			return int64(n), ok
		}
	}
	if j.Employer != nil {
		out.Employer = func(entity uint32) (int64, bool) {
			n, ok := j.Employer(uint64(s.Identity().Entity(entity)))
			return int64(n), ok
		}
	}
	if j.Number != nil {
		out.Number = func(person uint32) string { return j.Number(uint64(s.Identity().Entity(person))) }
	}
	return out, nil
}

// Mentioned returns the persons besides the population whom the files name.
func (s *snapshot) Mentioned(ctx context.Context, j works.Extraction) ([]uint64, error) {
	job, err := s.job(j)
	if err != nil {
		return nil, err
	}
	return s.named(ctx, job, false)
}

// Employers returns the employers whom the files name.
func (s *snapshot) Employers(ctx context.Context, j works.Extraction) ([]uint64, error) {
	job, err := s.job(j)
	if err != nil {
		return nil, err
	}
	return s.named(ctx, job, true)
}

// entities returns the stable keys of places in the snapshot.
func (s *snapshot) entities(people []uint32) []uint64 {
	out := make([]uint64, len(people))
	for i, p := range people {
		out[i] = uint64(s.Identity().Entity(p))
	}
	return out
}

// Extract writes the files into dir.
func (s *snapshot) Extract(ctx context.Context, j works.Extraction, dir string) (works.Extracted, error) {
	job, err := s.job(j)
	if err != nil {
		return works.Extracted{}, err
	}
	create := func(name string) (io.WriteCloser, error) {
		return os.OpenFile(filepath.Join(dir, filepath.Base(name)), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	}
	e, err := s.engine()
	if err != nil {
		return works.Extracted{}, err
	}
	res, err := e.Run(ctx, job, create, s.progress)
	if err != nil {
		return works.Extracted{}, err
	}
	out := works.Extracted{Counts: res.Counts}
	for _, f := range res.Files {
		w := works.File{
			FileSummary: order.FileSummary{Name: f.Name, Rows: f.Totals.Rows, Persons: f.Totals.Persons, Bytes: f.Bytes, SHA256: f.SHA256},
			Extract:     f.Extract, Table: f.Table, Shape: string(f.Shape), Format: f.Format, Totals: works.Totals(f.Totals),
		}
		for _, c := range f.Columns {
			w.Columns = append(w.Columns, works.Column(c))
		}
		out.Files = append(out.Files, w)
	}
	return out, nil
}
