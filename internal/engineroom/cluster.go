package engineroom

import (
	"context"
	"path/filepath"

	"sluss/internal/day"
	"sluss/internal/engine"
	"sluss/internal/engine/cluster"
	"sluss/internal/engine/embedded"
	"sluss/internal/fault"
	"sluss/internal/register"
)

// Cluster says where extractions are carried out that do not run on this
// machine. The snapshot's identity register stays here; its tables may, too,
// but are not read.
type Cluster struct {
	// Tables is a folder with one layout per snapshot, by its name (docs/scale.md).
	Tables string
	// Runner returns who takes work to the cluster for a layout's folder.
	Runner     func(tables string) cluster.Runner
	Partitions int
}

// engine returns the engine for the snapshot: on this machine, or the cluster's.
func (s *snapshot) engine() (engine.Engine, error) {
	if s.cluster == nil {
		return embedded.New(embedded.Of(s.Snapshot)), nil
	}
	dir := filepath.Join(s.cluster.Tables, s.ID())
	l, err := cluster.ReadLayout(dir)
	if err != nil {
		return nil, err
	}
	if l.Snapshot != s.ID() || l.Hash != s.Snapshot.Hash() || l.Persons != s.Persons() {
		return nil, fault.New("cluster.other_snapshot", "Klustrets tabeller är inte lagda ur den ögonblicksbild som valvet har.", "The cluster's tables were not laid out from the snapshot that the vault holds.").
			Of(fault.Gate).Do("Lägg ut ögonblicksbilden på nytt med sluss-engine cluster export.", "Lay the snapshot out again with sluss-engine cluster export.")
	}
	ids := s.Identity()
	return &cluster.Engine{
		Layout: l, Runner: s.cluster.Runner(dir), Partitions: s.cluster.Partitions,
		Birth: func(p uint32) (day.Day, bool) { d := ids.Birth(p); return d, d != register.NoDay },
	}, nil
}

// named asks the engine of a job who stands in columns of others.
func (s *snapshot) named(ctx context.Context, j engine.Job, employers bool) ([]uint64, error) {
	e, err := s.engine()
	if err != nil {
		return nil, err
	}
	ask := e.Mentioned
	if employers {
		ask = e.Employers
	}
	list, err := ask(ctx, j)
	return s.entities(list), err
}
