package cluster

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"sluss/internal/engine"
	"sluss/internal/engine/embedded"
	"sluss/internal/engine/enginetest"
	"sluss/internal/plan"
	"sluss/internal/register"
	"sluss/internal/rig"
)

var temporary string

// TestMain removes the stored snapshot in the end.
func TestMain(m *testing.M) {
	code := m.Run()
	if temporary != "" {
		os.RemoveAll(temporary)
	}
	os.Exit(code)
}

var stored = sync.OnceValues(func() (*register.Snapshot, error) {
	var err error
	if temporary, err = os.MkdirTemp("", "cluster-test-"); err != nil {
		return nil, err
	}
	c := rig.Config{Persons: 900, Seed: 5}
	if _, err := rig.New(c).Write(context.Background(), filepath.Join(temporary, "src"), nil); err != nil {
		return nil, err
	}
	o := register.Options{From: filepath.Join(temporary, "src"), Store: filepath.Join(temporary, "store"), ID: enginetest.Snapshot, At: c.At()}
	if _, err := register.Load(context.Background(), o); err != nil {
		return nil, err
	}
	return register.Open(o.Store, o.ID)
})

// loaded is a snapshot of made-up registers.
func loaded(t testing.TB) *register.Snapshot {
	t.Helper()
	s, err := stored()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// everybody is a job about all persons of src but every seventh, with löpnummer
// in another order than the snapshot's, organisations among them. It has every
// shape, tables with children and employers, several formats and a file that is split.
func everybody(src *embedded.Source) engine.Job {
	j := enginetest.Job(enginetest.World{}, []enginetest.Extract{
		{Name: "sjukfall", Shape: "spell", Gap: 4, From: "2020-01-01", To: "2026-01-01", Columns: []string{"lopnr", "fall_nr", "from_datum", "tom_datum", "dagar", "nettodagar", "diagnos|icd_3"}},
		{Name: "delfall", Shape: "subspell", From: "2020-01-01", To: "2026-01-01", Columns: []string{"lopnr", "from_datum", "omfattning", "niva", "delforman"}, Output: plan.Output{SplitRows: 1000}},
		{Name: "rader", Shape: "payment", From: "2020-01-01", To: "2026-01-01", Columns: []string{"lopnr", "from_datum", "tom_datum", "belopp", "utbetalningsdatum"}, Output: plan.Output{Format: "parquet"}},
		{Name: "olosta", Table: "midas_fp", Shape: "correction", Columns: []string{"lopnr", "barn_lopnr", "from_datum", "tom_datum", "delforman", "belopp", "utbetalningsdatum"}},
		{Name: "fp", Table: "midas_fp", Shape: "panel_month", From: "2020-01-01", To: "2026-01-01", Columns: []string{"lopnr", "barn_lopnr", "manad", "dagar", "belopp"}, Output: plan.Output{Format: "parquet"}},
		{Name: "vab", Table: "tfp", Shape: "panel_year", Columns: []string{"lopnr", "barn_lopnr", "ar", "dagar", "nettodagar", "belopp"}},
		{Name: "tand", Table: "tandvard", Shape: "payment", From: "2024-01-01", To: "2025-01-01", Columns: []string{"lopnr", "behandlingsdatum|month=manad", "atgard", "belopp"}},
		{Name: "hsk", Table: "sjuklonekostnad", Shape: "payment", Columns: []string{"lopnr", "from_datum|year=ar", "sjuklon|amount_1000", "belopp"}},
		{Name: "person", Table: "person", Shape: "payment", Columns: []string{"lopnr", "fodelsear", "kon", "lan", "dodsmanad", "alder|age_10y"}},
	}...)
	for p := range src.Persons {
		if p%7 > 0 {
			j.People = append(j.People, engine.Person{Index: uint32(p), Serial: int64((p*7919)%src.Persons) + 1})
		}
	}
	j.Other = func(person uint32) (int64, bool) { return 1_000_000 + int64(person), true }
	return j
}
