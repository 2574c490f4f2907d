package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"sluss/internal/catalog"
	"sluss/internal/disclose"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/works"
)

// Checker opens the finished files of a job and has package disclose look at
// them. It implements works.Checker.
type Checker struct{ Catalogue *catalog.Catalogue }

// Check looks at everything that lies in dir. An error means that the check
// could not be made at all; what it finds stands in the results.
func (c Checker) Check(ctx context.Context, dir string, e works.Extracted, j works.Extraction, snapshot works.Snapshot) ([]order.CheckResult, error) {
	in := disclose.Input{
		Spec: j.Plan, Scope: j.Scope, Catalogue: c.Catalogue, Synthetic: snapshot.Synthetic(), Horizon: snapshot.Day(),
	}
	var err error
	if in.People, err = people(j); err != nil {
		return nil, err
	}
	if in.Others, err = others(ctx, j, snapshot); err != nil {
		return nil, err
	}
	if in.Employers, err = employers(ctx, j, snapshot); err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for _, f := range e.Files {
		listed[f.Name] = true
		open, err := openOf(dir, f, j.Plan)
		if err != nil {
			return nil, err
		}
		defer open.Close()
		in.Files = append(in.Files, disclose.File{
			Name: f.Name, Extract: f.Extract, Header: open.Header, Rows: until(ctx, open.Rows()), Stated: open.Stated, Metadata: open.Metadata,
			Totals: disclose.Totals{Rows: f.Totals.Rows, Persons: f.Totals.Persons, Days: f.Totals.Days, Net: f.Totals.Net, Ore: f.Totals.Ore},
		})
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, x := range there {
		if !listed[x.Name()] { // nobody ordered it: the check on headers says so
			in.Files = append(in.Files, disclose.File{Name: x.Name(), Stated: -1, Rows: func(func([]disclose.Cell, error) bool) {}})
		}
	}
	out := disclose.Check(in)
	return out, ctx.Err()
}

func openOf(dir string, f works.File, spec plan.Spec) (*File, error) {
	if filepath.Base(f.Name) != f.Name {
		return nil, errors.New("inspect: a file outside the directory")
	}
	i := slices.IndexFunc(spec.Extracts, func(e plan.Extract) bool { return e.Name == f.Extract })
	if i < 0 {
		return nil, errors.New("inspect: a file of no extract")
	}
	open, err := Open(filepath.Join(dir, f.Name), spec.Extracts[i].Output)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return open, nil
}

// until ends rows with the context.
func until(ctx context.Context, rows iter.Seq2[[]disclose.Cell, error]) iter.Seq2[[]disclose.Cell, error] {
	return func(yield func([]disclose.Cell, error) bool) {
		n := 0
		for cells, err := range rows {
			if n++; n%4096 == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if !yield(cells, err) {
				return
			}
		}
	}
}

// people lists who may be in the files, under the numbers that stand there.
func people(j works.Extraction) ([]disclose.Person, error) {
	out := make([]disclose.Person, len(j.People))
	for i, p := range j.People {
		id, err := number(j, p.Entity, p.Serial)
		if err != nil {
			return nil, err
		}
		out[i] = disclose.Person{ID: id}
		for _, a := range p.Anchors {
			out[i].Anchors = append(out[i].Anchors, disclose.Anchor{Set: a.Set, Day: a.Day})
		}
		for _, v := range p.Passed {
			text := v.Text
			if !v.Set {
				text = ""
			}
			out[i].Groups = append(out[i].Groups, text)
		}
	}
	slices.SortFunc(out, func(a, b disclose.Person) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// others lists the persons besides the population whom the files may name.
func others(ctx context.Context, j works.Extraction, snapshot works.Snapshot) ([]uint64, error) {
	mentioned, err := snapshot.Mentioned(ctx, j)
	if err != nil {
		return nil, fmt.Errorf("list the persons that files name: %w", err)
	}
	var out []uint64
	for _, entity := range mentioned {
		var serial uint64
		if j.Other != nil {
			serial, _ = j.Other(entity)
		}
		id, err := number(j, entity, serial)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// employers lists the löpnummer of the employers whom the files may name.
func employers(ctx context.Context, j works.Extraction, snapshot works.Snapshot) ([]uint64, error) {
	list, err := snapshot.Employers(ctx, j)
	if err != nil {
		return nil, fmt.Errorf("list the employers that files name: %w", err)
	}
	var out []uint64
	for _, entity := range list {
		if j.Employer != nil {
			serial, _ := j.Employer(entity)
			out = append(out, serial)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// number is how a person is named in the files: by löpnummer, or by identity
// number where the job has been given them. The error holds neither.
func number(j works.Extraction, entity, serial uint64) (uint64, error) {
	if j.Number == nil {
		return serial, nil
	}
	n, err := strconv.ParseUint(j.Number(entity), 10, 64)
	if err != nil {
		return 0, errors.New("inspect: a person has no identity number")
	}
	return n, nil
}
