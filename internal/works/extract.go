package works

import (
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
	"sluss/internal/workorder"
)

// extract runs the specification, checks the finished files with other code,
// and seals the parcel. Nothing leaves the vault yet: a second person must
// release exactly this content.
func (s *Service) extract(ctx context.Context, m workorder.Mandate, today day.Day) (workorder.Report, error) {
	if done, err := s.Records.Parcel(ctx, m.Order); err == nil && done.Report.Spec == m.PlanHash {
		return workorder.Report{Extracted: &done.Report}, nil // the report was lost on the way
	}
	snapshot, err := s.Registers.Open(ctx, m.Plan.AsOf.Snapshot)
	if err != nil {
		return workorder.Report{}, fault.New("works.snapshot", "Ögonblicksbilden finns inte i valvet.", "The vault does not hold the snapshot.").Because(err)
	}
	defer snapshot.Close()
	if err := s.fits(snapshot); err != nil {
		return workorder.Report{}, err
	}
	if m.Plan.Population.File == nil {
		return workorder.Report{}, workorder.Refused("criteria", 3, "Valvet väljer inte ut populationer ur registren i den här versionen.", "The vault does not draw populations from the registers in this version.")
	}
	if err := s.Vault.Wipe(m.Order); err != nil {
		return workorder.Report{}, err
	}
	dir, err := s.Vault.Scratch(m.Order)
	if err != nil {
		return workorder.Report{}, err
	}
	report, err := s.extractInto(ctx, m, snapshot, dir, today)
	if e := s.Vault.Wipe(m.Order); e != nil && err == nil {
		err = e
	}
	return report, err
}

func (s *Service) extractInto(ctx context.Context, m workorder.Mandate, snapshot Snapshot, dir string, today day.Day) (workorder.Report, error) {
	job, keys, err := s.prepare(ctx, m, snapshot, today)
	if err != nil {
		return workorder.Report{}, err
	}
	s.tell("files", m.Order)
	out, err := snapshot.Extract(ctx, job, dir)
	if err != nil {
		return workorder.Report{}, err
	}
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
	s.tell("parcel", m.Order)
	manifest, files, sum, err := s.pack(ctx, dir, Packing{
		Order: m.Order, Project: m.Project, Decision: m.Ruling, Ref: m.Ref, Plan: m.Plan, PlanHash: m.PlanHash,
		Snapshot: snapshot, Domains: keys.names(), Files: out.Files, Egress: checks, Counts: out.Counts, Created: today,
	})
	if err != nil {
		return workorder.Report{}, err
	}
	// Only now are the löpnummer worth keeping: they are those of a parcel.
	if err := s.saveKeys(ctx, m.Order, keys); err != nil {
		return workorder.Report{}, err
	}
	report := order.Extracted{Spec: m.PlanHash, Manifest: manifest, Files: files, Egress: checks, Counts: out.Counts}
	err = s.Records.SaveParcel(ctx, m.Order, Parcel{Manifest: manifest, SHA256: sum, RanBy: m.ExtractBy, Decision: m.Ref, Report: report})
	return workorder.Report{Extracted: &report}, err
}

// prepare gathers who is extracted under which löpnummer.
func (s *Service) prepare(ctx context.Context, m workorder.Mandate, snapshot Snapshot, today day.Day) (Extraction, *keys, error) {
	job := Extraction{Plan: m.Plan, Scope: m.Ruling.Scope}
	people, err := s.people(ctx, m.Order)
	if err != nil {
		return job, nil, fmt.Errorf("read population: %w", err)
	}
	anchors := anchorOrder(m.Ruling.Scope.Persons, m.Plan)
	passed := passedOrder(m.Ruling.Scope.Persons, m.Plan)
	for _, p := range people {
		d := Delivered{Entity: p.Entity}
		for _, i := range anchors {
			d.Anchors = append(d.Anchors, p.Anchors[i])
		}
		for _, i := range passed {
			d.Passed = append(d.Passed, p.Passed[i])
		}
		job.People = append(job.People, d)
	}
	mentioned, err := snapshot.Mentioned(ctx, job)
	if err != nil {
		return job, nil, err
	}
	k, err := s.keys(ctx, m, people, mentioned, snapshot, today)
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
	job.Other = k.other
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

// anchorOrder returns, for each anchor of the specification, its place among
// the steering columns of the decision.
func anchorOrder(p plan.Persons, s plan.Spec) []int {
	if s.Population.File == nil {
		return nil
	}
	return places(p, "steer", s.Population.File.Anchors)
}

func passedOrder(p plan.Persons, s plan.Spec) []int {
	if s.Population.File == nil {
		return nil
	}
	return places(p, "pass", s.Population.File.Groups)
}

func places(p plan.Persons, use string, names []string) []int {
	var all []string
	for _, c := range p.Columns {
		if c.Use == use {
			all = append(all, c.Name)
		}
	}
	var out []int
	for _, n := range names {
		out = append(out, slices.Index(all, n)) // plan.Within has checked that it is there
	}
	return out
}

// pack seals the parcel into the vault while it is written.
func (s *Service) pack(ctx context.Context, dir string, p Packing) (manifest canon.Hash, files []order.FileSummary, sum canon.Hash, err error) {
	pr, pw := io.Pipe()
	var packErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		manifest, files, packErr = s.Packer.Pack(ctx, pw, dir, p)
		pw.CloseWithError(packErr)
	}()
	// The hash is of the parcel as the counter will get it; the vault's own
	// hash is of its ciphertext.
	h := canon.NewHasher()
	_, _, err = s.Vault.Put(ctx, Object{p.Order, ObjectParcel, "parcel.sluss"}, io.TeeReader(pr, h))
	pr.CloseWithError(err)
	<-done
	return manifest, files, h.Hash(), errors.Join(packErr, err)
}
