package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engineroom"
	"sluss/internal/order"
	"sluss/internal/parcel/inspect"
	"sluss/internal/parcel/pack"
	"sluss/internal/plan"
	"sluss/internal/pseudonym"
	"sluss/internal/register"
	"sluss/internal/sealed"
	"sluss/internal/signed"
	"sluss/internal/works"
)

// orderPeople is how many persons the order of part b is about.
const orderPeople = 10_000

// orderOf10k goes the vault's way from a checked population to a sealed parcel,
// with the vault's own parts: who will be named, löpnummer, files, the check on
// finished files, codebook and parcel. Only the ledger between the steps and
// the vault's own encryption of what it keeps are left out.
func orderOf10k(ctx context.Context, dir string, _ int) (f figures, err error) {
	o, err := prepareOrder(dir)
	if err != nil {
		return f, err
	}
	out, err := os.MkdirTemp(dir, "order-")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(out)
	var steps []string
	stop, last := watch(), time.Now()
	step := func(name string) {
		now := time.Now()
		steps = append(steps, fmt.Sprintf("%s %.0f ms", name, now.Sub(last).Seconds()*1000))
		last = now
	}
	snapshot, err := engineroom.Registers{Store: filepath.Join(dir, "store"), Catalogue: o.catalogue}.Open(ctx, snapshotID)
	if err != nil {
		return f, err
	}
	defer snapshot.Close()
	step("open snapshot")
	j := works.Extraction{Plan: o.spec, Scope: o.decision.Scope}
	for _, e := range o.entities {
		j.People = append(j.People, works.Delivered{Entity: e})
	}
	mentioned, err := snapshot.Mentioned(ctx, j)
	if err != nil {
		return f, err
	}
	step("who is named")
	if err := draw(&j, mentioned); err != nil {
		return f, err
	}
	step("löpnummer")
	done, err := snapshot.Extract(ctx, j, out)
	if err != nil {
		return f, err
	}
	step("files")
	checks, err := inspect.Checker{Catalogue: o.catalogue}.Check(ctx, out, done, j, snapshot)
	if err != nil {
		return f, err
	}
	for _, c := range checks {
		if !c.OK {
			return f, fmt.Errorf("the check on finished files: %s: %s", c.Check, c.EN)
		}
	}
	step("check")
	packed := works.Packing{
		Order: o.spec.Order, Project: "bench", Decision: o.decision, Ref: o.spec.Decision, Plan: o.spec, PlanHash: canon.Sum(nil),
		Snapshot: snapshot, Domains: []string{"bench"}, Files: done.Files, Egress: checks, Counts: done.Counts, Created: snapshot.Day(),
	}
	sealedTo, err := os.Create(filepath.Join(dir, "bench.parcel"))
	if err != nil {
		return f, err
	}
	defer sealedTo.Close()
	if _, _, err := o.packer.Pack(ctx, sealedTo, out, packed); err != nil {
		return f, err
	}
	step("parcel")
	f = stop()
	size, err := sealedTo.Seek(0, io.SeekCurrent)
	f.Rows = map[string]int64{"people": int64(len(o.entities)), "persons": int64(o.persons)}
	var files []string
	for _, d := range done.Files {
		files = append(files, fmt.Sprintf("%s %d rows", d.Name, d.Rows))
	}
	f.Notes = map[string]string{"steps": strings.Join(steps, ", "), "out": fmt.Sprintf("%s; parcel %.1f MB", strings.Join(files, ", "), float64(size)/1e6)}
	return f, err
}

// preparedOrder is what exists when the population has been checked.
type preparedOrder struct {
	catalogue *catalog.Catalogue
	spec      plan.Spec
	decision  order.Decision
	packer    pack.Packer
	entities  []uint64
	persons   int
}

func prepareOrder(dir string) (*preparedOrder, error) {
	s, err := register.Open(filepath.Join(dir, "store"), snapshotID)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	cat := catalog.Builtin()
	o := &preparedOrder{catalogue: cat, persons: s.Persons()}
	step := max(s.Persons()/orderPeople, 1)
	for p := 0; p < s.Persons() && len(o.entities) < orderPeople; p += step {
		o.entities = append(o.entities, uint64(s.Identity().Entity(uint32(p))))
	}
	_, recipient, err := sealed.GenerateIdentity()
	if err != nil {
		return nil, err
	}
	private, public, err := signed.Generate(rand.Reader, "bench")
	if err != nil {
		return nil, err
	}
	o.packer = pack.Packer{
		Catalogue: cat, Signer: public, Sign: func(doc any) (string, error) { return signed.Sign(doc, private) }, Engine: "bench", Kernel: "bench",
	}
	o.spec = plan.Spec{
		Spec: plan.Version, Order: "BENCH-2", AsOf: plan.AsOf{Snapshot: snapshotID}, Identity: plan.Identity{Kind: plan.IdentitySerial},
		Decision: plan.Ref{ID: "D-2", Version: 1, SHA256: canon.Sum([]byte("decision"))}, Catalogue: plan.CatalogueRef(cat),
		Population: plan.Population{File: &plan.FilePopulation{ID: "pnr", Intake: plan.Ref{ID: "pop-2", SHA256: canon.Sum([]byte("population"))}}},
		Extracts:   fiveYears(),
	}
	scope := plan.Scope{
		Scope: plan.ScopeVersion, Order: "BENCH-2", Catalogue: o.spec.Catalogue, Formats: []string{"csv", "parquet"}, Deliveries: 1,
		Identity:  plan.IdentityBound{Kind: plan.IdentitySerial, KeyPolicy: string(pseudonym.DeleteAfterDelivery)},
		Recipient: plan.Recipient{Name: "bench", Key: recipient, Signer: signed.Fingerprint(public)},
		Persons:   plan.Persons{Source: "file", ID: "pnr", Max: orderPeople, Protected: "include"},
	}
	for _, e := range o.spec.Extracts {
		if _, there := scope.RowFor(e.Table); there {
			continue
		}
		_, table := cat.Table(e.Table)
		row := plan.Row{
			Table: e.Table, Outcome: plan.OutcomeDisclose, Shape: catalog.ShapePayment,
			Period: &plan.Period{From: e.Window.From.Date, To: e.Window.To.Date},
		}
		for _, v := range table.Variables {
			if v.Deliverable() {
				row.Variables = append(row.Variables, plan.VariableBound{ID: v.ID})
			}
		}
		scope.Rows = append(scope.Rows, row)
	}
	o.decision = order.Decision{Type: order.DecisionVersion, Order: "BENCH-2", ID: "D-2", Version: 1, Scope: scope}
	return o, nil
}

// fiveYears is a usual order: sick spells, their payments, and parental benefit
// by month and child.
func fiveYears() []plan.Extract {
	spell := plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}}
	out := []plan.Extract{
		extract("sjukfall", "midas_sjp", spell, "csv", "lopnr", "fall_nr", "from_datum", "tom_datum", "bruttodagar", "dagar", "nettodagar", "vanstercensur", "hogercensur", "delforman", "diagnos"),
		extract("sjukrader", "midas_sjp", plan.Shape{Simple: "payment"}, "parquet", "lopnr", "delforman", "from_datum", "tom_datum", "omfattning", "niva", "forsakradtyp", "diagnos", "belopp", "utbetalningsdatum", "dagar", "nettodagar"),
		extract("fp_manad", "midas_fp", plan.Shape{Panel: &plan.PanelShape{Unit: "month"}}, "parquet", "lopnr", "barn_lopnr", "manad", "dagar", "nettodagar", "belopp"),
		extract("sers", "midas_sa", spell, "csv", "lopnr", "fall_nr", "from_datum", "tom_datum", "pagaende", "dagar", "nettodagar", "delforman"),
	}
	for i := range out {
		out[i].Window = plan.Window{From: plan.Bound{Date: day.Of(2021, 1, 1)}, To: plan.Bound{Date: day.Of(2026, 1, 1)}}
	}
	return out
}

// draw gives löpnummer to the population and to whoever else is named.
func draw(j *works.Extraction, mentioned []uint64) error {
	table := &pseudonym.Table{Domain: pseudonym.Domain{Origin: pseudonym.Own, State: pseudonym.Open, Type: pseudonym.Person}}
	seed, err := pseudonym.Seed(rand.Reader)
	if err != nil {
		return err
	}
	all := append([]uint64{}, mentioned...)
	for _, p := range j.People {
		all = append(all, p.Entity)
	}
	if _, err := table.Draw(all, seed, ""); err != nil {
		return err
	}
	index := table.Index()
	for i := range j.People {
		j.People[i].Serial, _ = index.Lopnr(j.People[i].Entity)
	}
	j.Other = index.Lopnr
	return nil
}
