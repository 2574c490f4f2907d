package works

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/plan"
	"sluss/internal/population"
	"sluss/internal/workorder"
)

// extract runs the specification, checks the finished files with other code,
// and seals the parcel. Nothing leaves the vault yet: a second person must
// release exactly this content.
func (s *Service) extract(ctx context.Context, m workorder.Mandate, today day.Day) (workorder.Report, error) {
	// A parcel that has been handed over is no answer: this one is to replace it.
	if done, err := s.Records.Parcel(ctx, m.Order); err == nil && done.Report.Spec == m.PlanHash && !done.Delivered {
		return workorder.Report{Extracted: &done.Report}, nil // the report was lost on the way
	}
	if m.Plan.AsOf.Snapshot == "" {
		return workorder.Report{}, workorder.Refused("as_of", 15, "Specifikationen pekar inte ut någon ögonblicksbild; ur en tidpunkt kan valvet inte göra om samma uttag.",
			"The specification names no snapshot; from a point in time the vault could not make the same extraction again.")
	}
	if err := s.Records.SavePin(ctx, m.Order, m.Plan.AsOf.Snapshot); err != nil {
		return workorder.Report{}, err
	}
	snapshot, err := s.Registers.Open(ctx, m.Plan.AsOf.Snapshot)
	if err != nil {
		return workorder.Report{}, fault.New("works.snapshot", "Ögonblicksbilden finns inte i valvet.", "The vault does not hold the snapshot.").Because(err)
	}
	defer snapshot.Close()
	if err := s.fits(snapshot); err != nil {
		return workorder.Report{}, err
	}
	if err := s.sameSnapshot(ctx, m, snapshot); err != nil {
		return workorder.Report{}, err
	}
	reach, err := s.covered(ctx, m, snapshot)
	if err != nil {
		return workorder.Report{}, err
	}
	if err := s.Vault.Wipe(m.Order); err != nil {
		return workorder.Report{}, err
	}
	dir, err := s.Vault.Scratch(m.Order)
	if err != nil {
		return workorder.Report{}, err
	}
	report, err := s.extractInto(ctx, m, snapshot, dir, today, reach)
	if e := s.Vault.Wipe(m.Order); e != nil && err == nil {
		err = e
	}
	return report, err
}

// sameSnapshot refuses to replace a delivery from a snapshot that bears the same
// name as the one it was made from, but is another one (promise 8).
func (s *Service) sameSnapshot(ctx context.Context, m workorder.Mandate, snapshot Snapshot) error {
	if !m.Replaces {
		return nil
	}
	d, err := s.Records.Delivery(ctx, m.Order)
	if err != nil {
		return err
	}
	if d.Snapshot != snapshot.Hash() {
		return workorder.Refused("delivered", 8, "Ögonblicksbilden är inte längre den som leveransen gjordes ur; ett nytt uttag är en ny beställning.",
			"The snapshot is no longer the one that the delivery was made from; another extraction is another order.")
	}
	return nil
}

func (s *Service) extractInto(ctx context.Context, m workorder.Mandate, snapshot Snapshot, dir string, today day.Day, reach []order.Reach) (workorder.Report, error) {
	whole, err := s.whose(ctx, m, snapshot)
	if err != nil {
		return workorder.Report{}, err
	}
	job, keys, err := s.prepare(ctx, m, snapshot, whole, today)
	if err != nil {
		return workorder.Report{}, err
	}
	s.tell("files", m.Order)
	out, err := snapshot.Extract(ctx, job, dir)
	if err != nil {
		return workorder.Report{}, err
	}
	out.Counts = append(whole.counts, out.Counts...)
	s.tell("egress", m.Order)
	checks, err := s.Checker.Check(ctx, dir, out, job, snapshot)
	if err != nil {
		return workorder.Report{}, err
	}
	for _, c := range checks {
		if !c.OK {
			return workorder.Report{}, workorder.Refused("egress."+c.Check, 3, "De färdiga filerna stoppades: "+c.SV, "The finished files were stopped: "+c.EN)
		}
	}
	if len(checks) == 0 {
		return workorder.Report{}, errors.New("the check on finished files made no check")
	}
	s.tell("exposure", m.Order)
	exposed, prints, err := s.expose(ctx, m, job, snapshot, dir, out)
	if err != nil {
		return workorder.Report{}, err
	}
	changes, err := s.compared(ctx, m, job, snapshot)
	if err != nil {
		return workorder.Report{}, err
	}
	s.tell("parcel", m.Order)
	if ctx, err = unbound(ctx); err != nil {
		return workorder.Report{}, err
	}
	earlier, err := s.Records.Delivery(ctx, m.Order)
	if err := absent(err); err != nil {
		return workorder.Report{}, err
	}
	number := earlier.Parcels + 1
	before, err := s.Records.Parcel(ctx, m.Order) // whose key may have taken the place of the decision's
	if err := absent(err); err != nil {
		return workorder.Report{}, err
	}
	manifest, files, sum, err := s.pack(ctx, m.Order, number, dir, Packing{
		Recipient: before.Key,
		Order:     m.Order, Project: m.Project, Decision: m.Ruling, Ref: m.Ref, Plan: m.Plan, PlanHash: m.PlanHash,
		Snapshot: snapshot, Domains: keys.names(), Files: out.Files, Egress: checks, Counts: out.Counts, Reach: reach, Compared: changes, Created: today,
	})
	if err != nil {
		return workorder.Report{}, err
	}
	// Only now are the löpnummer worth keeping: they are those of a parcel.
	if err := s.saveKeys(ctx, m.Order, keys); err != nil {
		return workorder.Report{}, err
	}
	if err := s.Records.SavePrints(ctx, prints); err != nil {
		return workorder.Report{}, err
	}
	report := order.Extracted{Spec: m.PlanHash, Manifest: manifest, Files: files, Egress: checks, Counts: out.Counts, Exposure: exposed, Reach: reach, Compared: changes}
	err = s.Records.SaveParcel(ctx, m.Order, Parcel{
		Manifest: manifest, SHA256: sum, RanBy: m.ExtractBy, Decision: m.Ref, Report: report, Number: number,
		From: workorder.Delivery{Scope: m.Ruling.ScopeHash, AsOf: m.Plan.AsOf}, Snapshot: snapshot.Hash(), Key: before.Key,
	})
	return workorder.Report{Extracted: &report}, err
}

// whose is the population of an extraction.
type whose struct {
	people          []Person
	anchors, passed []int             // places of a person's values that the specification names
	counts          []order.CountLine // of the stages of a drawing
}

// whose finds the population: the file that was taken in, or the people that
// the decided criteria draw from the pinned snapshot.
func (s *Service) whose(ctx context.Context, m workorder.Mandate, snapshot Snapshot) (whose, error) {
	var w whose
	var err error
	if c := m.Plan.Population.Criteria; c != nil {
		if err := s.coveredDrawing(ctx, c, m.Ruling.Scope, snapshot); err != nil {
			return w, err
		}
		s.tell("drawing", m.Order)
		if w.people, w.counts, err = snapshot.Draw(ctx, *c, m.Ruling.Scope.Persons); err != nil {
			return w, err
		}
		w.anchors, w.passed = upTo(len(m.Plan.Population.AnchorNames())), upTo(len(m.Plan.Population.GroupNames()))
		switch most := m.Ruling.Scope.Persons.Max; {
		case len(w.people) == 0:
			return w, workorder.Refused("nobody", 2, "Ingen i registren uppfyller beslutets villkor.", "Nobody in the registers meets the decision's criteria.")
		case len(w.people) > most:
			return w, workorder.Refused("persons_max", 3, "Villkoren väljer ut fler personer än beslutet medger.", "The criteria select more persons than the decision allows.")
		}
		return w, nil
	}
	if w.people, err = s.people(ctx, m.Order); err != nil {
		return w, fmt.Errorf("read population: %w", err)
	}
	under, err := s.under(ctx, m)
	if err != nil {
		return w, err
	}
	w.anchors, w.passed = places(under, population.UseSteer, m.Plan.Population.AnchorNames()), places(under, population.UsePass, m.Plan.Population.GroupNames())
	return w, nil
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// prepare gathers under which löpnummer the population is extracted.
func (s *Service) prepare(ctx context.Context, m workorder.Mandate, snapshot Snapshot, w whose, today day.Day) (Extraction, *keys, error) {
	job := Extraction{Plan: m.Plan, Scope: m.Ruling.Scope, Register: snapshot.Size(m.Ruling.Scope.Persons)}
	for _, p := range w.people {
		d := Delivered{Entity: p.Entity}
		for _, i := range w.anchors {
			d.Anchors = append(d.Anchors, p.Anchors[i])
		}
		for _, i := range w.passed {
			d.Passed = append(d.Passed, p.Passed[i])
		}
		job.People = append(job.People, d)
	}
	mentioned, err := snapshot.Mentioned(ctx, job)
	if err != nil {
		return job, nil, err
	}
	employers, err := snapshot.Employers(ctx, job)
	if err != nil {
		return job, nil, err
	}
	k, err := s.drawKeys(ctx, m, w.people, mentioned, employers, snapshot, today)
	if err != nil {
		return job, nil, err
	}
	for i := range job.People {
		n, ok := k.population(job.People[i].Entity)
		if !ok {
			return job, nil, errors.New("a person of the population has no löpnummer")
		}
		job.People[i].Serial = n
	}
	slices.SortFunc(job.People, func(a, b Delivered) int { return cmpUint(a.Serial, b.Serial) })
	job.Other, job.Employer = k.other, k.employer
	if m.Ruling.Scope.Identity.Kind == plan.IdentityPersonalNumber {
		job.Number = snapshot.Number
	}
	return job, k, nil
}

func cmpUint(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// under is what the population's columns were when it was taken in: the kept
// persons have their values in that order, whatever a later decision says.
func (s *Service) under(ctx context.Context, m workorder.Mandate) (plan.Persons, error) {
	in, err := s.Records.Intake(ctx, m.Order)
	if err != nil || in.Under == nil {
		return m.Ruling.Scope.Persons, err
	}
	return *in.Under, nil
}

// places returns, for each named column, its place among those of the use.
func places(p plan.Persons, use population.Use, names []string) []int {
	var all []string
	for _, c := range p.Columns {
		if c.Use == string(use) {
			all = append(all, c.Name)
		}
	}
	var out []int
	for _, n := range names {
		out = append(out, slices.Index(all, n)) // plan.Within and workorder.Check have seen that it is there
	}
	return out
}

// pack seals the nth parcel into the vault while it is written, and keeps the
// key of it beside it, under a key of its own as everything here: if the
// recipient loses theirs, the vault can seal the same files again.
func (s *Service) pack(ctx context.Context, id string, n int, dir string, p Packing) (manifest canon.Hash, files []order.FileSummary, sum canon.Hash, err error) {
	var key []byte
	p.Keep = func(k []byte) { key = k }
	sum, err = s.store(ctx, parcelObject(id, n), func(w io.Writer) (err error) {
		manifest, files, err = s.Packer.Pack(ctx, w, dir, p)
		return err
	})
	if err != nil {
		return "", nil, "", err
	}
	_, _, err = s.Vault.Put(ctx, parcelKeyObject(id, n), bytes.NewReader(key))
	return manifest, files, sum, err
}

// store puts what write writes into the vault, and returns its hash.
func (s *Service) store(ctx context.Context, o Object, write func(io.Writer) error) (canon.Hash, error) {
	pr, pw := io.Pipe()
	var writeErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		writeErr = write(pw)
		pw.CloseWithError(writeErr)
	}()
	// The hash is of the parcel as the counter will get it; the vault's own
	// hash is of its ciphertext.
	h := canon.NewHasher()
	_, _, err := s.Vault.Put(ctx, o, io.TeeReader(pr, h))
	pr.CloseWithError(err)
	<-done
	return h.Hash(), errors.Join(writeErr, err)
}
