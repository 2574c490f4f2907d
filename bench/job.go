package main

import (
	"sluss/internal/canon"
	"sluss/internal/catalog"
	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/plan"
)

// window of the benchmarks: everything the registers hold, so that the peer
// needs no clipping.
var window = plan.Window{From: plan.Bound{Date: day.Of(1990, 1, 1)}, To: plan.Bound{Date: day.Of(2030, 1, 1)}}

// extract is short for a file of sickness benefit.
func extract(name, table string, shape plan.Shape, format string, columns ...string) plan.Extract {
	e := plan.Extract{Name: name, Table: table, Shape: shape, Window: window, Output: plan.Output{File: name, Format: format}}
	for _, c := range columns {
		e.Columns = append(e.Columns, plan.Column{Name: c})
	}
	return e
}

// job is about people first, first+step, … of the snapshot, with löpnummer in
// an order of their own.
func job(src *embedded.Source, step int, extracts ...plan.Extract) engine.Job {
	j := engine.Job{Catalogue: catalog.Builtin()}
	j.Spec = plan.Spec{
		Spec: plan.Version, Order: "BENCH-1", AsOf: plan.AsOf{Snapshot: src.ID}, Identity: plan.Identity{Kind: plan.IdentitySerial},
		Decision: plan.Ref{ID: "D-1", SHA256: canon.Sum([]byte("decision"))}, Catalogue: plan.CatalogueRef(j.Catalogue),
		Population: plan.Population{File: &plan.FilePopulation{ID: "pnr", Intake: plan.Ref{ID: "pop-1", SHA256: canon.Sum([]byte("population"))}}},
		Extracts:   extracts,
	}
	j.Scope = plan.Scope{Scope: plan.ScopeVersion, Order: "BENCH-1", Identity: plan.IdentityBound{Kind: plan.IdentitySerial}}
	for _, e := range extracts {
		if _, there := j.Scope.RowFor(e.Table); !there {
			j.Scope.Rows = append(j.Scope.Rows, plan.Row{
				Table: e.Table, Outcome: plan.OutcomeDisclose, Shape: catalog.ShapePayment, Period: &plan.Period{From: window.From.Date, To: window.To.Date},
			})
		}
	}
	for p := 0; p < src.Persons; p += step {
		j.People = append(j.People, engine.Person{Index: uint32(p), Serial: serial(p, src.Persons)})
	}
	return j
}

// serial gives person p of n a number; the peer computes the same.
func serial(p, n int) int64 { return int64(p)*stride%int64(n) + 1 }

// stride is a prime larger than any number of persons, so serial permutes.
const stride = 1_000_003_273

// everything is spells, sub-spells, and panels by month and year of sickness
// benefit.
func everything(format string) []plan.Extract {
	panel := func(unit string) plan.Shape { return plan.Shape{Panel: &plan.PanelShape{Unit: unit}} }
	return []plan.Extract{
		extract("fall", "midas_sjp", plan.Shape{Spell: &plan.SpellShape{MaxGapDays: 4}}, format, "lopnr", "from_datum", "tom_datum", "bruttodagar", "dagar", "nettodagar"),
		extract("delfall", "midas_sjp", plan.Shape{Simple: "subspell"}, format, "lopnr", "from_datum", "tom_datum", "omfattning", "dagar", "nettodagar"),
		extract("manad", "midas_sjp", panel("month"), format, "lopnr", "manad", "dagar", "nettodagar", "belopp"),
		extract("ar", "midas_sjp", panel("year"), format, "lopnr", "ar", "dagar", "nettodagar", "belopp"),
	}
}
